use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use coset::{CborSerializable as _, CoseMac0Builder, HeaderBuilder, TaggedCborSerializable as _};
use proptest::prelude::*;

use super::{MAX_TOKEN, Request, issue, verify};
use crate::claims::{Claims, MAX_LIFE, Replay};
use crate::key::{Algorithm, Issuer, Key, Ring};
use crate::{Address, Refusal};

pub const NOW: i64 = 1_790_000_000;
pub const REQUEST: Request = Request {
    scheme: "https",
    host: "phim.example",
    path: "/vn/c/C/v0/1.m4s",
    method: "GET",
    territory: "VN",
    used_before: false,
};

fn issuers() -> [Issuer; 3] {
    [
        Issuer::hs256(b"house-1", &[1; 32]).unwrap(),
        Issuer::es256(b"edge-1", &[2; 32]).unwrap(),
        Issuer::eddsa(b"edge-2", &[3; 32]).unwrap(),
    ]
}

fn ring() -> Ring {
    Ring { issuer: "phim".into(), audience: "edge".into(), keys: issuers().iter().map(Issuer::key).collect() }
}

pub fn claims() -> Claims {
    Claims {
        issuer: "phim".into(),
        subject: Some("session-1".into()),
        audience: vec!["edge".into()],
        id: (0..16).collect(),
        issued: NOW,
        not_before: Some(NOW),
        expires: NOW + 600,
        territories: vec!["VN".into(), "KR-11".into()],
        address: Address::below("/vn/c/C/").unwrap(),
        methods: vec!["GET".into(), "HEAD".into()],
        replay: Replay::Forbidden,
        renewal: None,
        home: None,
        began: None,
    }
}

#[test]
fn every_algorithm_is_accepted_as_issued() {
    for issuer in issuers() {
        let token = issue(&issuer, &claims()).unwrap();
        assert!(token.len() < 420, "{}", token.len());
        assert_eq!(verify(&ring(), &token, &REQUEST, NOW), Ok(claims()));
        // Equal claims have equal bytes; ECDSA here takes its nonce from the message (RFC 6979).
        assert_eq!(issue(&issuer, &claims()).unwrap(), token);
    }
}

#[test]
fn the_facts_of_the_request_decide() {
    let token = issue(&issuers()[0], &claims()).unwrap();
    let at = |request: Request, now: i64| verify(&ring(), &token, &request, now).map(drop);
    let path = |path| at(Request { path, ..REQUEST }, NOW);
    let territory = |territory| at(Request { territory, ..REQUEST }, NOW);
    assert_eq!(at(REQUEST, NOW - 1), Err(Refusal::NotYet));
    assert_eq!(at(REQUEST, NOW + 599), Ok(()));
    assert_eq!(at(REQUEST, NOW + 600), Err(Refusal::Expired));
    assert_eq!(territory("VN-SG"), Ok(()));
    assert_eq!(territory("KR-11"), Ok(()));
    for other in ["KR", "KR-1", "KR-110", "", "V", "VNX", "vn"] {
        assert_eq!(territory(other), Err(Refusal::OtherTerritory), "{other}");
    }
    for other in [
        "/vn/c/D/v0/1.m4s",
        "/vn/c/C",
        "/vn/c/CC/v0/1.m4s",
        "/kr/c/C/v0/1.m4s",
        "/vn/c/C/../D/v0/1.m4s",
        "/vn/c/C/./v0",
        "/vn/c/C/%2e%2e/D",
        "/vn/c/C/..\\D",
        "/vn/c/C//v0",
        "vn/c/C/v0",
        "",
    ] {
        assert_eq!(path(other), Err(Refusal::OtherAddress), "{other}");
    }
    assert_eq!(at(Request { method: "POST", ..REQUEST }, NOW), Err(Refusal::OtherMethod));
    assert_eq!(at(Request { used_before: true, ..REQUEST }, NOW), Err(Refusal::Replayed));
}

#[test]
fn only_our_house_and_only_our_keys() {
    let token = issue(&issuers()[0], &claims()).unwrap();
    let under = |ring: Ring| verify(&ring, &token, &REQUEST, NOW).map(drop);
    assert_eq!(under(Ring { issuer: "other".into(), ..ring() }), Err(Refusal::OtherHouse));
    assert_eq!(under(Ring { audience: "other".into(), ..ring() }), Err(Refusal::OtherHouse));
    assert_eq!(under(Ring { keys: vec![], ..ring() }), Err(Refusal::UnknownKey));
    let other = Key::hs256(b"house-1", &[9; 32]).unwrap();
    assert_eq!(under(Ring { keys: vec![other], ..ring() }), Err(Refusal::Altered));
}

#[test]
fn keys_rotate() {
    let (old, new) = (Issuer::hs256(b"1", &[1; 32]).unwrap(), Issuer::hs256(b"2", &[2; 32]).unwrap());
    let keys = vec![old.key().retired(NOW), new.key()];
    let ring = Ring { keys, ..ring() };
    let before = Claims { issued: NOW - 10, ..claims() };
    let accepted =
        |issuer: &Issuer, claims: &Claims| verify(&ring, &issue(issuer, claims).unwrap(), &REQUEST, NOW + 5);
    assert!(accepted(&old, &before).is_ok(), "tokens under way stay good");
    assert_eq!(accepted(&old, &claims()), Err(Refusal::UnknownKey), "no new ones under the old key");
    assert!(accepted(&new, &claims()).is_ok());
}

/// The hole of libraries that take the algorithm from the token: a public key used as a shared secret.
#[test]
fn an_algorithm_cannot_be_swapped() {
    let [_, es256, eddsa] = issuers();
    for public in [es256, eddsa] {
        let known = public.key();
        let forged_secret: Vec<u8> = match known.algorithm() {
            Algorithm::EdDsa => {
                ed25519_dalek::SigningKey::from_bytes(&[3; 32]).verifying_key().to_bytes().to_vec()
            }
            _ => {
                let key = p256::ecdsa::SigningKey::from_slice(&[2; 32]).unwrap();
                key.verifying_key().to_sec1_point(true).as_bytes().to_vec()
            }
        };
        let forger = Issuer::hs256(public.id(), &forged_secret).unwrap();
        let token = issue(&forger, &claims()).unwrap();
        assert_eq!(verify(&ring(), &token, &REQUEST, NOW), Err(Refusal::Algorithm));
    }
}

#[test]
fn headers_that_are_not_checked_refuse() {
    let house = &issuers()[0];
    let hs256 = coset::iana::Algorithm::HMAC_256_256;
    let protected = || HeaderBuilder::new().algorithm(hs256).key_id(b"house-1".to_vec());
    let verdict = |protected: coset::Header, open: coset::Header| {
        let message = CoseMac0Builder::new().protected(protected).unprotected(open).payload(claims().write());
        let message = message.create_tag(&[], |bytes| house.seal(bytes)).build().to_tagged_vec().unwrap();
        verify(&ring(), &BASE64.encode(message), &REQUEST, NOW).map(drop)
    };
    let plain = coset::Header::default;
    assert_eq!(verdict(protected().build(), plain()), Ok(()), "without the tag of a CWT");
    let open_id = HeaderBuilder::new().key_id(b"house-1".to_vec()).build();
    assert_eq!(
        verdict(HeaderBuilder::new().algorithm(hs256).build(), open_id),
        Ok(()),
        "the id outside the seal"
    );
    let critical = protected().add_critical(coset::iana::HeaderParameter::Alg).build();
    assert!(matches!(verdict(critical, plain()), Err(Refusal::Malformed(_))));
    let open_algorithm = HeaderBuilder::new().algorithm(hs256).build();
    assert!(matches!(verdict(protected().build(), open_algorithm), Err(Refusal::Malformed(_))));
    let shorter =
        HeaderBuilder::new().algorithm(coset::iana::Algorithm::HMAC_256_64).key_id(b"house-1".to_vec());
    assert_eq!(verdict(shorter.build(), plain()), Err(Refusal::Algorithm));
    let none = HeaderBuilder::new().key_id(b"house-1".to_vec()).build();
    assert_eq!(verdict(none, plain()), Err(Refusal::Algorithm));
}

#[test]
fn a_seal_is_whole_and_a_message_has_claims() {
    let token = issue(&issuers()[0], &claims()).unwrap();
    let bytes = BASE64.decode(&token).unwrap();
    let mut message = coset::CoseMac0::from_tagged_slice(&bytes[2..]).unwrap();
    let verdict = |message: &coset::CoseMac0| {
        let token = BASE64.encode(message.clone().to_tagged_vec().unwrap());
        verify(&ring(), &token, &REQUEST, NOW).map(drop)
    };
    assert_eq!(verdict(&message), Ok(()));
    message.tag.truncate(8);
    assert_eq!(verdict(&message), Err(Refusal::Altered));
    message.tag.clear();
    assert_eq!(verdict(&message), Err(Refusal::Altered));
    message.payload = None;
    assert!(matches!(verdict(&message), Err(Refusal::Malformed(_))));
    let untagged = BASE64.encode(message.to_vec().unwrap());
    assert!(matches!(verify(&ring(), &untagged, &REQUEST, NOW), Err(Refusal::Malformed(_))));
}

#[test]
fn limits() {
    let house = &issuers()[0];
    let long = Claims { expires: NOW + MAX_LIFE + 1, ..claims() };
    assert_eq!(issue(house, &long), Err(Refusal::TooLong));
    let far = Claims { issued: i64::MIN, expires: i64::MAX, ..claims() };
    assert_eq!(issue(house, &far), Err(Refusal::TooLong));
    let large = Claims { subject: Some("s".repeat(MAX_TOKEN)), ..claims() };
    assert_eq!(issue(house, &large), Err(Refusal::TooLarge));
    assert_eq!(verify(&ring(), &"A".repeat(MAX_TOKEN + 1), &REQUEST, NOW), Err(Refusal::TooLarge));
    // A thousand lists inside each other.
    let deep = BASE64.encode([vec![0xd1], vec![0x81; 1_500]].concat());
    assert!(matches!(verify(&ring(), &deep, &REQUEST, NOW), Err(Refusal::Malformed(_))));
    // A list that says it has 2^62 entries.
    let wide = BASE64.encode([0xd1, 0x9b, 0x40, 0, 0, 0, 0, 0, 0, 0]);
    assert!(matches!(verify(&ring(), &wide, &REQUEST, NOW), Err(Refusal::Malformed(_))));
    assert_eq!(Address::below("/vn/c/C"), None);
    assert_eq!(Address::below("/vn/../c/"), None);
    assert!(Key::hs256(b"k", &[0; 31]).is_none());
    assert!(Key::hs256(b"", &[0; 32]).is_none());
    assert!(Key::eddsa(b"k", &[0; 32]).is_none(), "a weak point");
    assert!(Issuer::es256(b"k", &[0; 32]).is_none());
}

proptest! {
    /// No change of a token, however small, leaves it accepted with other claims; and apart from bytes
    /// outside the seal that say nothing, with the same.
    #[test]
    fn every_change_is_refused(which in 0usize..3, at in 0usize..400, bit in 0u8..8) {
        let token = issue(&issuers()[which], &claims()).unwrap();
        let mut bytes = BASE64.decode(&token).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let verdict = verify(&ring(), &BASE64.encode(&bytes), &REQUEST, NOW);
        prop_assert!(verdict.is_err(), "{:?}", verdict);
    }

    #[test]
    fn any_text_is_refused(text in ".{0,300}") {
        prop_assert!(verify(&ring(), &text, &REQUEST, NOW).is_err());
    }

    #[test]
    fn any_message_is_refused(head in prop::sample::select(vec![0xd1u8, 0xd2]), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let token = BASE64.encode([vec![head, 0x84], bytes].concat());
        prop_assert!(verify(&ring(), &token, &REQUEST, NOW).is_err());
    }
}
