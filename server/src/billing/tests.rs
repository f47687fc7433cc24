use super::*;
use tokens::Issuer;

const NOW: i64 = 1_790_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn who_has_paid_for_what() {
    let billing = Issuer::eddsa(b"b-1", &[7; 32]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("billing.json");
    let public = Digest(billing.key().material().try_into().unwrap());
    std::fs::write(
        &file,
        format!(r#"{{"issuer": "shop", "keys": [{{"id": "b-1", "ed25519": "{public}"}}]}}"#),
    )
    .unwrap();
    let ring = open(&file).unwrap();
    let right = |until| Right { licence: "SVOD".into(), title: None, until };
    let receipt = Receipt {
        issuer: "shop".into(),
        issued: NOW,
        expires: NOW + 100,
        rights: vec![right(None), right(Some(NOW + 50)), right(Some(NOW + 500))],
    };
    let sealed = receipt.seal(&billing).unwrap();
    let holds = |now| match paid(Some(&ring), Some(&sealed), at(now)).unwrap() {
        Paid::Holds(held) => {
            held.into_iter().map(|one| one.until.unwrap().as_second() - NOW).collect::<Vec<_>>()
        }
        Paid::NotAsked => panic!("it is asked"),
    };
    assert_eq!(holds(NOW), [100, 50, 100], "no right outlives its receipt");
    assert_eq!((holds(NOW - 1), holds(NOW + 100)), (vec![], vec![]));
    assert_eq!(paid(Some(&ring), None, at(NOW)).unwrap(), Paid::Holds(Vec::new()));
    assert_eq!(paid(None, Some("whatever"), at(NOW)).unwrap(), Paid::NotAsked);
    assert!(paid(Some(&ring), Some("whatever"), at(NOW)).is_err());
    for wrong in ["", "{}", r#"{"issuer": "shop", "keys": [{"id": "b", "ed25519": "00"}]}"#] {
        std::fs::write(&file, wrong).unwrap();
        assert!(open(&file).is_err(), "{wrong}");
    }
}
