//! Proves: no text panics the check of tokens, none that was not sealed passes, and claims that pass are
//! sealed again to a token that passes with the same claims.
#![no_main]

use coset::{CoseMac0Builder, HeaderBuilder, TaggedCborSerializable as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use libfuzzer_sys::fuzz_target;
use sha2::Sha256;
use tokens::{Issuer, Request, Ring, issue, verify};

const SECRET: [u8; 32] = [1; 32];

/// The bytes as claims that the house sealed, so that what lies behind the seal is tried too.
fn sealed(claims: &[u8]) -> Option<String> {
    let algorithm = coset::iana::Algorithm::HMAC_256_256;
    let protected = HeaderBuilder::new().algorithm(algorithm).key_id(b"1".to_vec()).build();
    let seal = |bytes: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&SECRET).expect("any length");
        mac.update(bytes);
        mac.finalize().into_bytes().to_vec()
    };
    let message = CoseMac0Builder::new().protected(protected).payload(claims.to_vec());
    Some(base64_url(&message.create_tag(&[], seal).build().to_tagged_vec().ok()?))
}

fn base64_url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for part in bytes.chunks(3) {
        let bits = part.iter().fold(0u32, |all, b| all << 8 | u32::from(*b)) << (8 * (3 - part.len()));
        (0..=part.len()).for_each(|n| out.push(DIGITS[(bits >> (18 - 6 * n) & 63) as usize] as char));
    }
    out
}

fuzz_target!(|bytes: &[u8]| {
    let house = Issuer::hs256(b"1", &SECRET).expect("a key");
    let ring = Ring { issuer: "phim".into(), audience: "edge".into(), keys: vec![house.key()] };
    let request = Request {
        scheme: "https",
        host: "phim.example",
        path: "/vn/c/C/v0/1.m4s",
        method: "GET",
        territory: "VN",
        used_before: false,
    };
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(verify(&ring, text, &request, 1_790_000_005).is_err(), "nobody sealed it");
    }
    let Some(token) = sealed(bytes) else { return };
    if let Ok(claims) = verify(&ring, &token, &request, 1_790_000_005) {
        let again = issue(&house, &claims).expect("claims that passed");
        assert_eq!(verify(&ring, &again, &request, 1_790_000_005), Ok(claims));
    }
});
