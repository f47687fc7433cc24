use expect_test::expect;

use super::*;

#[test]
fn the_assigned_codes() {
    assert_eq!(Territory::all().count(), 249);
    assert!(Territory::all().is_sorted());
    assert_eq!(Territory::parse("VN").unwrap().code(), "VN");
    assert!(serde_json::from_str::<Territory>("\"KR\"").is_ok());
}

#[test]
fn what_is_no_territory_is_refused_with_what_was_meant() {
    let said = |text: &str| Territory::parse(text).unwrap_err().to_string();
    expect![[r#""vi" is not a territory. Vietnam is VN"#]].assert_eq(&said("vi"));
    expect![[r#""kr" is not a territory. Write it in capitals: KR"#]].assert_eq(&said("kr"));
    expect![[
        r#""ZZ" is not a territory. Use a code of ISO 3166-1 with two capital letters, such as VN or KR"#
    ]]
    .assert_eq(&said("ZZ"));
    for text in ["", "V", "VNM", "704", "V N", "Ký", "EU", "XK"] {
        assert!(Territory::parse(text).is_err(), "{text:?}");
    }
}
