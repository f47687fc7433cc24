use super::*;

fn said(json: &str) -> Result<Viewer> {
    let said: Said = serde_json::from_str(json).map_err(|e| Error::invalid(e.to_string()))?;
    read(Some(&said), &[], Paid::NotAsked)
}

#[test]
fn nothing_said_opens_least() {
    let viewer = read(None, &[], Paid::NotAsked).unwrap();
    assert_eq!(viewer, Viewer { paid: Paid::NotAsked, ..Viewer::default() });
    assert_eq!(viewer.device, Device::default());
}

#[test]
fn what_is_said_is_read() {
    let json = r#"{"born": "2008-02-29", "guardian": true, "pin": true, "up_to": 13, "hidden": ["a"],
        "sound": "ko-KR", "text": "vi"}"#;
    let viewer = said(json).unwrap();
    assert_eq!(viewer.watcher.born, Some(jiff::civil::date(2008, 2, 29)));
    assert_eq!((viewer.watcher.with_guardian, viewer.pin, viewer.age_shown), (true, true, false));
    assert_eq!((viewer.parent.up_to, viewer.parent.hidden.contains("a")), (Some(13), true));
    assert_eq!((viewer.sound.as_deref(), viewer.text.as_deref()), (Some("ko-KR"), Some("vi")));
    let all =
        [Ability::Catalogue, Ability::Card, Ability::Overlay, Ability::ForcedText, Ability::ParentalControl];
    assert_eq!(read(None, &all, Paid::NotAsked).unwrap().device, Device::FULL);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let long = format!(r#"{{"hidden": ["{}"]}}"#, "x".repeat(LONGEST_ID + 1));
    let many = format!(r#"{{"hidden": [{}]}}"#, vec![r#""x""#; MOST_HIDDEN + 1].join(","));
    for wrong in [
        r#"{"born": "2009-02-29"}"#,
        r#"{"born": "29.2.2008"}"#,
        r#"{"born": "2008-02-29T00:00:00"}"#,
        r#"{"up_to": 300}"#,
        r#"{"sound": "v"}"#,
        r#"{"sound": "vi\n"}"#,
        r#"{"age_shown": true}"#,
        &long,
        &many,
    ] {
        assert!(said(wrong).is_err(), "{wrong}");
    }
    assert!(read(None, &[Ability::Card; MOST_ABILITIES + 1], Paid::NotAsked).is_err());
}
