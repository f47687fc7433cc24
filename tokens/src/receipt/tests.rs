use super::*;
use crate::key::Key;

const NOW: i64 = 1_790_000_000;

fn billing() -> Issuer {
    Issuer::eddsa(b"billing-1", &[7; 32]).unwrap()
}

fn ring(issuer: &str, keys: Vec<Key>) -> Ring {
    Ring { issuer: issuer.into(), audience: String::new(), keys }
}

fn receipt() -> Receipt {
    let right = |licence: &str, title: Option<&str>, until| Right {
        licence: licence.into(),
        title: title.map(String::from),
        until,
    };
    let rights = vec![right("SVOD", None, Some(NOW + 60)), right("EST", Some("phim"), None)];
    Receipt { issuer: "billing".into(), issued: NOW - 10, expires: NOW + 600, rights }
}

#[test]
fn a_receipt_is_read_as_it_was_sealed() {
    let ring = ring("billing", vec![billing().key()]);
    let sealed = receipt().seal(&billing()).unwrap();
    assert_eq!(Receipt::read(&ring, &sealed, NOW), Ok(receipt()));
    assert_eq!(Receipt::read(&ring, &sealed, NOW + 600), Err(Refusal::Expired));
    assert_eq!(Receipt::read(&ring, &sealed, NOW - 11), Err(Refusal::NotYet));
}

#[test]
fn what_nobody_vouches_for_is_refused() {
    let sealed = receipt().seal(&billing()).unwrap();
    let own = || vec![billing().key()];
    let read = |ring: &Ring, text: &str| Receipt::read(ring, text, NOW).unwrap_err();
    assert_eq!(read(&ring("other", own()), &sealed), Refusal::OtherHouse);
    assert_eq!(read(&ring("billing", Vec::new()), &sealed), Refusal::UnknownKey);
    let retired = own().into_iter().map(|key| key.retired(NOW - 10)).collect();
    assert_eq!(read(&ring("billing", retired), &sealed), Refusal::UnknownKey);
    let stranger = Issuer::eddsa(b"billing-1", &[8; 32]).unwrap();
    assert_eq!(read(&ring("billing", vec![stranger.key()]), &sealed), Refusal::Altered);
    for n in [0, 10, 60, sealed.len() - 3] {
        let mut altered = sealed.clone().into_bytes();
        altered[n] = if altered[n] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        assert!(Receipt::read(&ring("billing", own()), &altered, NOW).is_err(), "{n}");
    }
    // A secret that the house itself holds proves nothing about billing.
    let shared = Issuer::hs256(b"billing-1", &[7; 32]).unwrap();
    assert_eq!(receipt().seal(&shared), Err(Refusal::Algorithm));
}

#[test]
fn rights_have_one_form() {
    let null = Value::Null;
    let good = Value::Array(vec!["SVOD".into(), null.clone(), null.clone()]);
    assert!(read_rights(Value::Array(vec![good.clone(); MOST_RIGHTS])).is_ok());
    assert_eq!(read_rights(Value::Array(vec![good; MOST_RIGHTS + 1])), Err(Refusal::TooLarge));
    let wrong = [
        Value::Array(vec!["SVOD".into(), null.clone()]),
        Value::Array(vec![1.into(), null.clone(), null.clone()]),
        Value::Array(vec!["SVOD".into(), null.clone(), "soon".into()]),
        null,
    ];
    assert!(wrong.into_iter().all(|value| read_right(value).is_err()));
}
