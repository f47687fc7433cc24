use super::*;

fn rate(num: u32, den: u32) -> Rate {
    Rate::new(num, den).unwrap()
}

#[test]
fn positions_as_people_type_them() {
    let at = |text: &str| Position::parse(text).unwrap().unit(rate(24, 1)).unwrap();
    assert_eq!(at("250f"), 250);
    assert_eq!(at("12.5"), 300);
    assert_eq!(at("41:18"), 2478 * 24);
    assert_eq!(at("1:02:03.250"), 3723 * 24 + 6);
    assert_eq!(at("01:02:03:12"), 3723 * 24 + 12);
    assert_eq!(at("90"), 2160);
    let film = |text: &str| Position::parse(text).unwrap().unit(rate(24000, 1001)).unwrap();
    assert_eq!(film("10"), 239);
    assert_eq!(film("00:00:10:00"), 240);
}

#[test]
fn ranges_are_rounded_outward() {
    assert_eq!(parse_range("10-10.001", rate(24000, 1001), 1000).unwrap(), (239, 240));
    assert_eq!(parse_range("10.41-17.38", rate(24, 1), 1253).unwrap(), (249, 418));
    assert_eq!(parse_range("250f-417f", rate(24, 1), 1253).unwrap(), (250, 417));
    assert_eq!(parse_range("50-", rate(24, 1), 1253).unwrap(), (1200, 1253));
}

#[test]
fn what_is_not_a_range_is_refused() {
    for text in [
        "",
        "-",
        "5",
        "5-5",
        "9-5",
        "a-b",
        "1:60-2:00",
        "1:2:3:4:5-9",
        "5--9",
        "1e3-2e3",
        "٣-٤",
        "0x1f-20",
        "10-99:99",
    ] {
        let error = parse_range(text, rate(24, 1), 1253).unwrap_err();
        assert!(!error.message.is_empty(), "{text}");
    }
    let error = parse_range("50-53", rate(24, 1), 1253).unwrap_err().to_string();
    expect_test::expect!["the range 50-53 ends at frame 1272; the title has 1253 frames. It ends at 52.208 s; leave the end out to mean the end"].assert_eq(&error);
    assert!(parse_range("00:00:01:24-3", rate(24, 1), 1253).is_err(), "there is no frame 24 at 24 a second");
}
