use media::Kind;
use proptest::prelude::*;

use super::*;

fn keys() -> TitleKeys {
    let key = |n: u8, track: &str| ContentKey {
        id: [n; 16],
        key: [n + 1; 16],
        iv: [n + 2; 16],
        track: track.into(),
    };
    TitleKeys { keys: vec![key(1, "v0"), key(9, "a0")], systems: vec![([1; 16], vec![7; 40])] }
}

#[test]
fn keys_come_back_only_under_the_house_s_own() {
    let text = keys().store(&[5; 32]).unwrap();
    assert_eq!(TitleKeys::open(&text, &[5; 32]).unwrap(), keys());
    assert_eq!(TitleKeys::open(&text, &[6; 32]).unwrap_err().kind, Kind::DataLoss);
    assert!(!text.contains(&STANDARD.encode([2; 16])), "no key stands in the clear");
    assert!(!format!("{:?}", keys()).contains("[2, 2"), "nor is one printed");
    let newer = text.replace("\"format\": 1", "\"format\": 2");
    assert_eq!(TitleKeys::open(&newer, &[5; 32]).unwrap_err().kind, Kind::Unsupported);
    assert_eq!(keys().of("a0").unwrap().id, [9; 16]);
    assert_eq!(keys().systems_of(&[1; 16]), [vec![7; 40]]);
}

proptest! {
    #[test]
    fn ids_are_read_as_written(id: [u8; 16]) {
        prop_assert_eq!(parse_key_id(&key_id_text(&id)).unwrap(), id);
        prop_assert_eq!(parse_key_id(&key_id_text(&id).to_uppercase()).unwrap(), id);
    }

    #[test]
    fn any_text_is_answered(text in ".{0,60}") {
        let _ = (parse_key_id(&text), TitleKeys::open(&text, &[0; 32]));
    }

    #[test]
    fn what_was_altered_is_not_opened(at in 0usize..2000, byte in 32u8..127) {
        let text = keys().store(&[5; 32]).unwrap();
        let mut altered = text.clone().into_bytes();
        let at = at % altered.len();
        altered[at] = byte;
        let altered = String::from_utf8(altered).unwrap();
        if let Ok(found) = TitleKeys::open(&altered, &[5; 32]) {
            prop_assert!(found.keys.iter().zip(&keys().keys).all(|(a, b)| a.key == b.key));
        }
    }
}
