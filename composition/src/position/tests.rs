use proptest::prelude::*;

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

#[test]
fn drop_frame_timecode_is_read_at_its_own_rates_only() {
    let at = |text: &str, rate: Rate| Position::parse(text)?.unit(rate);
    let ntsc = rate(30000, 1001);
    assert_eq!(at("00:00:59;29", ntsc).unwrap(), 1799);
    assert_eq!(at("00:01:00;02", ntsc).unwrap(), 1800);
    assert_eq!(at("00:10:00;00", ntsc).unwrap(), 17982);
    assert_eq!(at("01;00;00;00", ntsc).unwrap(), 107_892);
    assert_eq!(at("00:01:00;04", rate(60000, 1001)).unwrap(), 3600);
    expect_test::expect![
        "frame 1 is left out of minute 1 in drop-frame timecode. The minute starts with frame 2"
    ]
    .assert_eq(&at("00:01:00;01", ntsc).unwrap_err().to_string());
    expect_test::expect!["a drop-frame timecode for 24/1 frames a second. Drop-frame (;) counts at 29.97 and 59.94 only: write hh:mm:ss:ff at the title's rate, or h:mm:ss.mmm"]
        .assert_eq(&at("01:02:03;12", rate(24, 1)).unwrap_err().to_string());
    for text in ["1;2", "41;18", "00;00:10:00", "00;00;10:00"] {
        assert!(Position::parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_last_second_of_an_order_is_included() {
    let read = |text: &str, margin| {
        let (from, to) = order_range(text, rate(24, 1), Ratio::from_integer(3000), margin).unwrap();
        format!("{}..{}", decimal(from), decimal(to))
    };
    let check = |text: &str, expect: expect_test::Expect| expect.assert_eq(&read(text, 0));
    check("41:18-41:55", expect_test::expect!["2478.000..2516.000"]);
    check("41:18 – 41:55", expect_test::expect!["2478.000..2516.000"]);
    check("0:41:18~0:41:55", expect_test::expect!["2478.000..2516.000"]);
    check("43:02", expect_test::expect!["2582.000..2583.000"]);
    check("41:18.5-41:55.25", expect_test::expect!["2478.500..2515.291"]);
    check("00:41:18:12-00:41:18:12", expect_test::expect!["2478.500..2478.541"]);
    check("48f-49f", expect_test::expect!["2.000..2.083"]);
    assert_eq!(read("41:18-41:55", 12), "2477.500..2516.500");
    assert_eq!(read("0:00-49:59", 48), "0.000..3000.000");
}

#[test]
fn ranges_of_orders_that_cannot_be_are_refused() {
    let refuse = |text: &str, expect: expect_test::Expect| {
        expect
            .assert_eq(&order_range(text, rate(24, 1), Ratio::from_integer(3000), 0).unwrap_err().to_string())
    };
    refuse(
        "41:55-41:18",
        expect_test::expect!["the range 41:55-41:18 ends before it starts. Write the earlier position first"],
    );
    refuse(
        "41:18-50:00",
        expect_test::expect![
            "the range 41:18-50:00 reaches beyond the version. The version ends at 3000.000 s"
        ],
    );
    refuse(
        "00:41:18:24-42:00",
        expect_test::expect![
            "frame 24 in a timecode of 24 frames a second. The title has 24/1 frames a second; convert the timecode, or write h:mm:ss.mmm"
        ],
    );
    for text in ["", "-", "a-b", "1:60-2:00", "41:18-", "-41:55", "00:41:18;02-42:00", "1-2-3"] {
        assert!(order_range(text, rate(24, 1), Ratio::from_integer(3000), 0).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_read_lies_in_the_version(
        text in "[0-9]{1,9}([:;][0-9]{1,2}){0,3}([.][0-9]{1,9})?f?( ?[-–~] ?[0-9]{1,9}([:;][0-9]{1,2}){0,3}([.][0-9]{1,9})?f?)?",
        num in 1u32..1_000_001, den in 1u32..1_000_001, units in any::<u32>(), margin in 0u32..1000,
    ) {
        let Ok(rate) = Rate::new(num, den) else { return Ok(()) };
        let duration = rate.seconds(units.into());
        if let Ok((from, to)) = order_range(&text, rate, duration, margin) {
            prop_assert!(from < to && to <= duration && from >= Ratio::from_integer(0));
        }
    }
}
