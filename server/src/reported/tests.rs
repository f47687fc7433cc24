use super::*;

fn asked(json: &str) -> Result<String> {
    letter(&serde_json::from_str(json).map_err(|e| Error::invalid(e.to_string()))?)
}

#[test]
fn what_the_case_shows() {
    let json = r#"{"title": "a", "at": 3725.9, "kind": "unlawful", "words": " Bản đồ sai\n "}"#;
    assert_eq!(asked(json).unwrap(), "[unlawful] 01:02:05 Bản đồ sai");
    assert_eq!(asked(r#"{"title": "a", "kind": "other"}"#).unwrap(), "[other]");
    let long = format!(r#"{{"title": "a", "kind": "other", "words": "{}"}}"#, "ă".repeat(MOST_WORDS + 1));
    for wrong in [
        &long,
        r#"{"title": "a", "kind": "dull"}"#,
        r#"{"title": "a", "kind": "other", "at": -1}"#,
        r#"{"title": "a", "kind": "other", "at": 1e9}"#,
        r#"{"title": "a", "kind": "other", "words": "\u0007"}"#,
        r#"{"title": "a", "kind": "other", "name": "me"}"#,
    ] {
        assert!(asked(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn only_so_many() {
    let (reports, now) = (Reports::default(), Instant::now());
    let address = |n: u8| Some(IpAddr::from([192, 0, 2, n]));
    assert!((0..OF_ONE).all(|_| reports.enter(address(1), now)));
    assert!(!reports.enter(address(1), now));
    assert!(reports.enter(address(2), now));
    assert!(reports.enter(address(1), now + WINDOW), "they are forgotten");
    let many = (0..=OF_ALL).filter(|n| reports.enter(address(*n as u8), now + WINDOW)).count();
    assert!(many < OF_ALL, "{many}");
}
