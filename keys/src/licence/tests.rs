use expect_test::expect;
use media::Kind;

use super::{answer, asked};
use crate::content::{ContentKey, TitleKeys};

fn keys() -> TitleKeys {
    let key = |n: u8, track: &str| ContentKey {
        id: [n; 16],
        key: [n + 1; 16],
        iv: [n + 2; 16],
        track: track.into(),
    };
    TitleKeys { keys: vec![key(1, "v0"), key(9, "a0")], systems: vec![] }
}

#[test]
fn a_licence_holds_what_was_asked_for_and_belongs_to_the_title() {
    let ids =
        asked(br#"{"kids":["AQEBAQEBAQEBAQEBAQEBAQ","BwcHBwcHBwcHBwcHBwcHBw"],"type":"temporary"}"#).unwrap();
    assert_eq!(ids, [[1; 16], [7; 16]]);
    expect![[r#"{"keys":[{"kty":"oct","kid":"AQEBAQEBAQEBAQEBAQEBAQ","k":"AgICAgICAgICAgICAgICAg"}],"type":"temporary"}"#]]
        .assert_eq(&answer(&keys(), &ids).unwrap());
    assert_eq!(answer(&keys(), &[[7; 16]]).unwrap_err().kind, Kind::NotFound);
}

#[test]
fn other_requests_are_refused() {
    let kind = |request: &str| asked(request.as_bytes()).unwrap_err().kind;
    assert_eq!(kind(r#"{"kids":["AQEBAQEBAQEBAQEBAQEBAQ"],"type":"persistent-license"}"#), Kind::Unsupported);
    for request in
        ["", "{}", r#"{"kids":[]}"#, r#"{"kids":["AQ"]}"#, r#"{"kids":["AQEBAQEBAQEBAQEBAQEBAQ=="]}"#]
    {
        assert_eq!(kind(request), Kind::Invalid, "{request}");
    }
    assert!(
        asked(r#"{"kids":["AQEBAQEBAQEBAQEBAQEBAQ"]}"#.as_bytes()).is_ok(),
        "temporary when it does not say"
    );
    assert_eq!(
        kind(&format!(
            r#"{{"kids":[{}"AQEBAQEBAQEBAQEBAQEBAQ"]}}"#,
            r#""AQEBAQEBAQEBAQEBAQEBAQ","#.repeat(64)
        )),
        Kind::Invalid
    );
}
