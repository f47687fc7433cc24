use super::*;

fn film(title: &str, at: u32, from: u32, units: u32) -> SpanView {
    SpanView {
        kind: "film".to_string(),
        at: at as f64,
        seconds: units as f64,
        at_unit: at as u64,
        units,
        title: Some(title.to_string()),
        from: Some(from as f64),
        from_unit: Some(from),
    }
}

fn told(spans: &[SpanView], units: u32) -> Vec<String> {
    edits(spans, units).iter().map(|e| format!("{} {} {:?}", e.at, e.kind, e.removed_seconds)).collect()
}

#[test]
fn edits_are_told_at_their_places() {
    assert_eq!(told(&[film("a", 0, 0, 100)], 100), Vec::<String>::new());
    assert_eq!(
        told(&[film("a", 0, 10, 20), film("a", 20, 40, 50)], 100),
        ["0 cut Some(10.0)", "20 cut Some(10.0)", "70 cut Some(10.0)"]
    );
    let card =
        SpanView { kind: "card".to_string(), title: None, from: None, from_unit: None, ..film("a", 0, 0, 4) };
    assert_eq!(told(&[card, film("a", 4, 0, 100)], 100), ["0 card None"]);
    let reel = [film("a", 0, 0, 100), film("b", 100, 5, 10), film("a", 110, 0, 100)];
    assert_eq!(told(&reel, 100), ["100 join None", "110 join None"]);
}
