use proptest::prelude::*;

use super::*;

#[test]
fn one_spelling() {
    for text in
        ["2026-01-03T14:00:00Z", "2026-01-03T00:00:00", "ESTStart", "ESTStart-PT43200S", "Theatrical+P90D"]
    {
        assert_eq!(text.parse::<Moment>().unwrap().to_string(), text);
    }
    for text in ["open", "+P180D", "+P1M2DT3S", "2026-01-03T00:00:00", "ESTStart"] {
        assert_eq!(text.parse::<End>().unwrap().to_string(), text);
    }
}

#[test]
fn what_is_no_moment() {
    for text in [
        "",
        "2026-01-03",
        "soon!",
        "2026-02-30T00:00:00",
        "9999-01-01T00:00:00",
        "1700-01-01T00:00:00Z",
        "+P1D",
    ] {
        assert!(text.parse::<Moment>().is_err(), "{text}");
    }
    for text in ["", "+", "+P1000Y", "+PT0.5S", "P1D"] {
        assert!(text.parse::<End>().is_err(), "{text}");
    }
}

#[test]
fn months_are_months_of_the_calendar() {
    let start: Moment = "2024-01-31T00:00:00".parse().unwrap();
    let lag = Lag::read("P1M").unwrap();
    assert_eq!(start.later(lag).unwrap().to_string(), "2024-02-29T00:00:00");
    let ten: Moment = "2018-01-20T00:00:00".parse().unwrap();
    assert_eq!(ten.later(Lag::read("-P5DT10H").unwrap()).unwrap().to_string(), "2018-01-14T14:00:00");
}

#[test]
fn a_bare_day_ends_with_it() {
    assert_eq!(end_of_day(date(2019, 10, 31)).to_string(), "2019-11-01T00:00:00");
}

proptest! {
    #[test]
    fn lags_are_read_as_written(months in 0i32..1200, days in 0i32..MAX_DAYS, seconds in 0i64..1_000_000, minus: bool) {
        let sign = if minus { -1 } else { 1 };
        let lag = Lag { months: months * sign, days: days * sign, seconds: seconds * i64::from(sign) };
        prop_assert_eq!(Lag::read(&lag.to_string()).unwrap(), lag);
    }

    #[test]
    fn nothing_panics(text in ".{0,40}") {
        let _ = text.parse::<Moment>();
        let _ = text.parse::<End>();
    }
}
