use jiff::ToSpan;
use proptest::prelude::*;

use super::*;

#[test]
fn birthdays_begin_on_their_day() {
    let born = date(2010, 7, 15);
    assert!(!reached(born, 16, Counted::Birthday, date(2026, 7, 14)));
    assert!(reached(born, 16, Counted::Birthday, date(2026, 7, 15)));
    assert!(reached(born, 0, Counted::Birthday, born));
    assert!(!reached(born, 0, Counted::Birthday, date(2010, 7, 14)), "nobody watches before being born");
}

#[test]
fn a_leap_day_has_its_birthday_on_the_first_of_march() {
    let born = date(2008, 2, 29);
    assert_eq!(first_day(born, 18, Counted::Birthday), Some(date(2026, 3, 1)));
    assert!(!reached(born, 18, Counted::Birthday, date(2026, 2, 28)));
    assert!(reached(born, 18, Counted::Birthday, date(2026, 3, 1)));
    assert_eq!(first_day(born, 16, Counted::Birthday), Some(date(2024, 2, 29)));
    // 1900 and 2100 are no leap years, 2000 is.
    assert_eq!(first_day(date(2096, 2, 29), 4, Counted::Birthday), Some(date(2100, 3, 1)));
    assert_eq!(first_day(date(1996, 2, 29), 4, Counted::Birthday), Some(date(2000, 2, 29)));
}

#[test]
fn the_year_rule_begins_on_new_years_day() {
    for born in [date(2007, 1, 1), date(2007, 6, 30), date(2007, 12, 31)] {
        assert!(!reached(born, 19, Counted::Year, date(2025, 12, 31)));
        assert!(reached(born, 19, Counted::Year, date(2026, 1, 1)));
    }
    assert!(!reached(date(2008, 1, 1), 19, Counted::Year, date(2026, 12, 31)));
}

#[test]
fn the_calendar_ends() {
    assert_eq!(first_day(date(9990, 1, 1), 18, Counted::Birthday), None);
    assert!(!reached(date(9990, 1, 1), 18, Counted::Birthday, Date::MAX));
}

/// Any day of two centuries.
fn day() -> impl Strategy<Value = Date> {
    (0..73_000).prop_map(|n: i32| date(1900, 1, 1).checked_add(n.days()).unwrap())
}

proptest! {
    /// Against counting years the other way round: the difference of the years, less one before the day.
    #[test]
    fn as_people_count(born in day(), on in day(), age in 0u8..120) {
        let passed = (on.month(), on.day()) >= (born.month(), born.day());
        let years = i32::from(on.year()) - i32::from(born.year()) - i32::from(!passed);
        let birthday = reached(born, age, Counted::Birthday, on);
        prop_assert_eq!(birthday, born <= on && years >= i32::from(age));
        let years = i32::from(on.year()) - i32::from(born.year());
        prop_assert_eq!(reached(born, age, Counted::Year, on), born <= on && years >= i32::from(age));
        // By the year nobody is younger than by the birthday.
        prop_assert!(!birthday || reached(born, age, Counted::Year, on));
    }
}
