use jiff::civil::date;

use super::*;

fn within(text: &str) -> Within {
    Within::try_from(text.to_string()).unwrap()
}

#[test]
fn lengths_of_time_are_read() {
    for text in ["at once", "1 h", "24 h", "15 days", "2 working days", "24 months", "5 years", "8784 h"] {
        assert_eq!(within(text).to_string(), text);
    }
    for wrong in ["", "0 h", "8785 h", "24", "24h", "1 day", "a h", "-1 h", "24  h", "2 workingdays"] {
        assert!(Within::try_from(wrong.to_string()).is_err(), "{wrong}");
    }
}

#[test]
fn when_they_are_over() {
    let after = |text: &str, from: &str, zone: &str| {
        within(text).after(from.parse().unwrap(), zone).unwrap().to_string()
    };
    assert_eq!(after("24 h", "2026-01-03T14:00:00Z", "Asia/Ho_Chi_Minh"), "2026-01-04T14:00:00Z");
    assert_eq!(after("at once", "2026-01-03T14:00:00Z", "Asia/Ho_Chi_Minh"), "2026-01-03T14:00:00Z");
    // A day is to the same time of day: an hour less where clocks go forward in between.
    assert_eq!(after("1 days", "2026-03-28T12:00:00Z", "Europe/Berlin"), "2026-03-29T11:00:00Z");
    assert_eq!(after("24 h", "2026-03-28T12:00:00Z", "Europe/Berlin"), "2026-03-29T12:00:00Z");
    assert_eq!(after("12 months", "2028-02-29T00:00:00Z", "Asia/Seoul"), "2029-02-28T00:00:00Z");
    assert_eq!(within("9 days").after("2026-01-01T00:00:00Z".parse().unwrap(), "No/Where"), None);
    assert_eq!(within("24 h").after(Timestamp::MAX, "Asia/Seoul"), None);
}

#[test]
fn working_days_leave_out_weekends() {
    let after = |text: &str, day| within(text).after_day(day).unwrap();
    let friday = date(2026, 11, 20);
    assert_eq!(after("2 working days", friday), date(2026, 11, 24));
    assert_eq!(after("2 working days", date(2026, 11, 21)), date(2026, 11, 24), "from a Saturday");
    assert_eq!(after("5 working days", friday), date(2026, 11, 27));
    assert_eq!(after("1 working days", date(2026, 11, 23)), date(2026, 11, 24));
    assert_eq!(after("2 days", friday), date(2026, 11, 22));
    assert_eq!(after("25 h", friday), date(2026, 11, 22));
    assert_eq!(within("5 years").after_day(Date::MAX), None);
}
