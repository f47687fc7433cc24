use expect_test::expect;

use super::*;

#[test]
fn instants_as_orders_state_them() {
    let at = |text: &str| read(text, Some("Asia/Ho_Chi_Minh")).unwrap().to_string();
    for text in [
        "2026-01-03T21:00:00+07:00",
        "2026-01-03 21:00",
        "2026-01-03T14:00:00Z",
        "2026-01-03T23:00:00[Asia/Seoul]",
        "2026-01-03T23:00:00+09:00[Asia/Seoul]",
    ] {
        assert_eq!(at(text), "2026-01-03T14:00:00Z", "{text}");
    }
    assert_eq!(at("2023-07-10 00:00"), "2023-07-09T17:00:00Z");
}

#[test]
fn what_names_no_instant_is_refused() {
    let said = |text: &str, zone| read(text, zone).unwrap_err().to_string();
    expect![[r#""2026-01-03T21:00" does not say in which time zone. Add the offset, for example 2026-01-03T21:00:00+07:00"#]]
        .assert_eq(&said("2026-01-03T21:00", None));
    expect![[r#""2026-01-03" is a day, not an instant. Add the time of day and the offset, for example 2026-01-03T21:00:00+07:00"#]]
        .assert_eq(&said("2026-01-03", None));
    expect![[
        r#""2026-03-29T02:30" does not name one instant: a clock is put forward or back then. Add the offset"#
    ]]
    .assert_eq(&said("2026-03-29T02:30", Some("Europe/Berlin")));
    for text in [
        "",
        "tomorrow",
        "2026-13-01T00:00Z",
        "2026-01-03T25:00Z",
        "1999-12-31T23:59:59Z",
        "9999-01-01T00:00Z",
    ] {
        assert!(read(text, None).is_err(), "{text:?}");
    }
    assert!(read("2026-01-03T21:00:00+07:00[Asia/Seoul]", None).is_err());
}
