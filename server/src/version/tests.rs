use super::*;

fn span(from: u32, to: u32) -> SpanView {
    SpanView {
        kind: "film".to_string(),
        at: 0.0,
        seconds: (to - from) as f64 / 24.0,
        at_unit: 0,
        units: to - from,
        title: Some("film".to_string()),
        from: Some(from as f64 / 24.0),
        from_unit: Some(from),
    }
}

#[test]
fn a_difference_is_what_only_one_shows() {
    let runs = |these: &[SpanView], those: &[SpanView]| -> Vec<(u32, u32)> {
        only(these, those).iter().map(|run| (run.from_unit, run.to_unit)).collect()
    };
    let whole = [span(0, 100)];
    let cut = [span(0, 20), span(30, 90)];
    assert_eq!(runs(&whole, &cut), [(20, 30), (90, 100)]);
    assert_eq!(runs(&cut, &whole), []);
    assert_eq!(runs(&cut, &[span(10, 40)]), [(0, 10), (40, 90)]);
}
