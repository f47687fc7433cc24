//! The vectors of the format's own authors, where they stand, and documents of our own.

use std::path::Path;

use expect_test::expect;
use media::Kind;
use proptest::prelude::*;
use rsa::rand_core::{TryCryptoRng, TryRng};

use super::*;
use crate::content::ContentKey;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/cpix");

fn case(name: &str) -> Option<String> {
    let text = std::fs::read_to_string(Path::new(CASES).join(name));
    if text.is_err() {
        println!("skipped: there are no cases in {CASES}");
    }
    text.ok()
}

fn labelled(label: &str) -> TrackFacts {
    TrackFacts { labels: vec![label.into()], ..TrackFacts::default() }
}

fn id(document: &Document, track: &TrackFacts) -> Option<String> {
    document.key_for(track).unwrap().map(|id| crate::key_id_text(&id))
}

#[test]
fn clear_keys() {
    let Some(text) = case("ClearContentKeysOnly.xml") else { return };
    let document = read(&text).unwrap();
    assert_eq!(document.keys.len(), 4);
    assert_eq!(crate::key_id_text(&document.keys[0].id), "40d02dd1-61a3-4787-a155-572325d47b80");
    let value =
        [0x80, 0xfc, 0x6d, 0xd0, 0xf3, 0x30, 0xac, 0x73, 0x38, 0x4d, 0xd8, 0xf0, 0x75, 0x09, 0xa1, 0x85];
    assert_eq!(document.keys[0].value, Value::Clear(value));
    assert!(document.keys.iter().all(|key| matches!(key.value, Value::Clear(_))));
}

#[test]
fn encrypted_keys_are_read_and_stay_shut() {
    for (name, keys) in [("EncryptedContentKeys.xml", 4), ("Invalid_WrongMac.xml", 1)] {
        let Some(text) = case(name) else { return };
        let document = read(&text).unwrap();
        assert_eq!((document.recipients.len(), document.keys.len()), (1, keys), "{name}");
        for key in &document.keys {
            let Value::Encrypted { cipher, mac } = &key.value else { panic!("{name}") };
            assert_eq!((cipher.len(), mac.as_ref().map(Vec::len)), (48, Some(64)), "{name}");
        }
        assert_eq!(document.recipients[0].document_key.len(), 512);
        let error = document.opened(&private_key()).unwrap_err();
        assert_eq!(error.kind, Kind::NotFound, "{name}: it is for somebody else");
    }
}

#[test]
fn rules_by_label() {
    let Some(text) = case("UsageRulesBasedOnLabels.xml") else { return };
    let document = read(&text).unwrap();
    let key = |label: &str| id(&document, &labelled(label));
    for label in ["Audio", "Stereo", "Commentary", "Speech"] {
        assert_eq!(key(label).unwrap(), "ba6c62d6-4a49-4aa4-8869-ce4d2727a2b5", "{label}");
    }
    assert_eq!(key("HD-Video").unwrap(), "53abdba2-f210-43cb-bc90-f18f9a890a02");
    assert_eq!(key("HDR-Video").unwrap(), "7ae8e96f-309e-42c3-a510-24023d923373");
    assert_eq!(key("Other"), None);
    let both = TrackFacts { labels: vec!["Audio".into(), "HD-Video".into()], ..TrackFacts::default() };
    assert!(document.key_for(&both).is_err(), "two keys for one track");
}

#[test]
fn rules_by_period_and_kind() {
    let Some(text) = case("KeyRotationMultiKeySinglePeriod.xml") else { return };
    let document = read(&text).unwrap();
    assert!(document.keys.iter().all(|key| key.iv.is_some()));
    let now = TrackFacts { period: Some("now".into()), ..TrackFacts::default() };
    let video = TrackFacts { pixels: Some(921_600), fps: 24, ..now.clone() };
    let sound = TrackFacts { channels: Some(2), ..now };
    assert_eq!(id(&document, &video).unwrap(), "7ce7f10d-a91b-41b9-b331-7999fd1abf4c");
    assert_eq!(id(&document, &sound).unwrap(), "988395ce-667a-443a-b9cc-58ad7875a687");
    assert_eq!(id(&document, &TrackFacts { period: Some("then".into()), ..video }), None);
}

#[test]
fn every_signature_of_a_large_document_verifies() {
    let Some(text) = case("Complex.xml") else { return };
    let document = read(&text).unwrap();
    assert_eq!((document.signers.len(), document.recipients.len()), (9, 2));
    assert_eq!((document.keys.len(), document.systems.len(), document.rules.len()), (4, 12, 2));
    let track = TrackFacts {
        labels: vec!["CencStream".into()],
        pixels: Some(2_000_000),
        hdr: true,
        fps: 25,
        bitrate: Some(4_000_000),
        ..TrackFacts::default()
    };
    assert_eq!(id(&document, &track).unwrap(), "a466cdfd-e556-4b1d-8098-c1a4aa78997a");
    assert_eq!(
        id(&document, &TrackFacts { bitrate: Some(6_000_000), ..track.clone() }),
        None,
        "between two bounds"
    );
    assert_eq!(
        id(&document, &TrackFacts { hdr: false, fps: 30, ..track }).unwrap(),
        "a466cdfd-e556-4b1d-8098-c1a4aa78997a"
    );
}

#[test]
fn what_a_signature_covers_cannot_be_altered() {
    let Some(text) = case("Complex.xml") else { return };
    let altered = |from: &str, to: &str| {
        assert!(text.contains(from));
        read(&text.replacen(from, to, 1)).unwrap_err().to_string()
    };
    expect!["signature 3: what it signs was altered"].assert_eq(&altered("SOixu", "SOixv"));
    expect!["signature 7: what it signs was altered"]
        .assert_eq(&altered("maxChannels=\"10\"", "maxChannels=\"11\""));
    expect!["signature 1: it does not fit its certificate"]
        .assert_eq(&altered("<SignatureValue>", "<SignatureValue>AAAA"));
    let unsigned = text.replacen("<DRMSystemList id", "<Other/><DRMSystemList id", 1);
    expect!["signature 9: what it signs was altered"].assert_eq(&read(&unsigned).unwrap_err().to_string());
    expect!["signature 1: it cannot be checked: invalid XML structure: duplicate ID: ContentKeyList"]
        .assert_eq(&altered("id=\"DRMSystemList\"", "id=\"ContentKeyList\""));
}

/// Numbers that look random and are the same every time.
struct Counting(u64);

impl TryRng for Counting {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.try_next_u64().map(|n| n as u32)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Ok(self.0 ^ self.0 >> 29)
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.iter_mut().try_for_each(|byte| self.try_next_u64().map(|n| *byte = (n >> 32) as u8))
    }
}

impl TryCryptoRng for Counting {}

use std::result::Result;

/// A key pair made for these tests: `openssl req -x509 -newkey rsa:2048`.
fn private_key() -> Vec<u8> {
    include_bytes!("tests/key.der").to_vec()
}

fn certificate() -> Vec<u8> {
    include_bytes!("tests/certificate.der").to_vec()
}

fn ours() -> Vec<ContentKey> {
    let key = |n: u8, track: &str| ContentKey {
        id: [n; 16],
        key: [n + 1; 16],
        iv: [n + 2; 16],
        track: track.into(),
    };
    vec![key(1, "v0"), key(9, "a0")]
}

fn written(seal: Seal<Counting>) -> String {
    let keys = ours();
    let told = [Told { key: &keys[0], track_type: "HD" }, Told { key: &keys[1], track_type: "AUDIO" }];
    write(&told, seal).unwrap()
}

#[test]
fn what_is_written_in_the_clear_reads_the_same() {
    let text = written(Seal::Clear);
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <CPIX xmlns="urn:dashif:org:cpix" xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc" xmlns:enc="http://www.w3.org/2001/04/xmlenc#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
          <ContentKeyList>
            <ContentKey kid="01010101-0101-0101-0101-010101010101" explicitIV="AwMDAwMDAwMDAwMDAwMDAw==" commonEncryptionScheme="cbcs">
              <Data>
                <pskc:Secret>
                  <pskc:PlainValue>AgICAgICAgICAgICAgICAg==</pskc:PlainValue>
                </pskc:Secret>
              </Data>
            </ContentKey>
            <ContentKey kid="09090909-0909-0909-0909-090909090909" explicitIV="CwsLCwsLCwsLCwsLCwsLCw==" commonEncryptionScheme="cbcs">
              <Data>
                <pskc:Secret>
                  <pskc:PlainValue>CgoKCgoKCgoKCgoKCgoKCg==</pskc:PlainValue>
                </pskc:Secret>
              </Data>
            </ContentKey>
          </ContentKeyList>
          <ContentKeyUsageRuleList>
            <ContentKeyUsageRule kid="01010101-0101-0101-0101-010101010101" intendedTrackType="HD">
              <LabelFilter label="v0"/>
            </ContentKeyUsageRule>
            <ContentKeyUsageRule kid="09090909-0909-0909-0909-090909090909" intendedTrackType="AUDIO">
              <LabelFilter label="a0"/>
            </ContentKeyUsageRule>
          </ContentKeyUsageRuleList>
        </CPIX>
    "#]].assert_eq(&text);
    let document = read(&text).unwrap();
    for (key, ours) in document.keys.iter().zip(ours()) {
        assert_eq!((key.id, &key.value, key.iv), (ours.id, &Value::Clear(ours.key), Some(ours.iv)));
        let track = TrackFacts {
            labels: vec![ours.track, if ours.id == [1; 16] { "HD" } else { "AUDIO" }.into()],
            ..TrackFacts::default()
        };
        assert_eq!(document.key_for(&track).unwrap(), Some(ours.id));
    }
}

#[test]
fn only_the_recipient_opens_what_is_written_for_it() {
    let text = written(Seal::For(&[certificate()], &mut Counting(1)));
    assert!(!text.contains("PlainValue"));
    let document = read(&text).unwrap();
    assert!(document.keys.iter().all(|key| matches!(key.value, Value::Encrypted { .. })));
    let opened = document.opened(&private_key()).unwrap();
    for (key, ours) in opened.keys.iter().zip(ours()) {
        assert_eq!(key.value, Value::Clear(ours.key));
    }
    assert!(document.opened(b"no key").is_err());
    let mut other = document.clone();
    let Value::Encrypted { mac: Some(mac), .. } = &mut other.keys[1].value else { panic!() };
    mac[0] ^= 1;
    expect!["key 09090909-0909-0909-0909-090909090909: the MAC of the encrypted value is wrong: it was altered on its way"]
        .assert_eq(&other.opened(&private_key()).unwrap_err().to_string());
    let Value::Encrypted { mac, .. } = &mut other.keys[1].value else { panic!() };
    *mac = None;
    expect!["key 09090909-0909-0909-0909-090909090909: the encrypted value has no MAC"]
        .assert_eq(&other.opened(&private_key()).unwrap_err().to_string());
}

#[test]
fn what_is_not_read_here_is_refused() {
    let text = written(Seal::Clear);
    let kind = |from: &str, to: &str| {
        assert!(text.contains(from));
        read(&text.replacen(from, to, 1)).unwrap_err().kind
    };
    assert_eq!(kind("<LabelFilter label=\"v0\"/>", "<OtherFilter/>"), Kind::Unsupported);
    assert_eq!(kind("<CPIX", "<CPUX"), Kind::Invalid);
    assert_eq!(kind("ContentKeyUsageRule kid=\"01", "ContentKeyUsageRule kid=\"02"), Kind::Invalid);
    assert_eq!(
        kind(
            "ContentKey kid=\"01010101-0101-0101-0101-010101010101",
            "ContentKey kid=\"09090909-0909-0909-0909-090909090909"
        ),
        Kind::Invalid
    );
    assert_eq!(kind("AgICAgICAgICAgICAgICAg==", "AgICAgICAgICAgICAgICAgIC"), Kind::Invalid);
    assert_eq!(read("<!DOCTYPE x [<!ENTITY a \"aa\">]><CPIX>&a;</CPIX>").unwrap_err().kind, Kind::Invalid);
    assert_eq!(read(&" ".repeat(MAX_DOCUMENT + 1)).unwrap_err().kind, Kind::Invalid);
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn damage_is_answered(at in 0usize..4000, byte in 32u8..127) {
        let mut bytes = written(Seal::Clear).into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = read(&String::from_utf8(bytes).unwrap());
    }
}
