use super::*;

fn reach(local: &str, territory: &str, side: Side) -> String {
    let territory = Territory::parse(territory).unwrap();
    reached(local.parse().unwrap(), territory, side).unwrap().to_string()
}

#[test]
fn midnight_of_a_territory_with_one_zone() {
    assert_eq!(reach("2026-12-24T00:00:00", "VN", Side::Start), "2026-12-23T17:00:00Z");
    assert_eq!(reach("2026-12-24T00:00:00", "KR", Side::Start), "2026-12-23T15:00:00Z");
    assert_eq!(reach("2026-12-24T00:00:00", "KR", Side::End), "2026-12-23T15:00:00Z");
}

#[test]
fn several_zones_open_with_the_last_and_shut_with_the_first() {
    // Honolulu opens last, New York shuts first.
    assert_eq!(reach("2026-07-01T00:00:00", "US", Side::Start), "2026-07-01T10:00:00Z");
    assert_eq!(reach("2026-07-01T00:00:00", "US", Side::End), "2026-07-01T04:00:00Z");
}

#[test]
fn a_skipped_time_is_the_change_itself() {
    // In Lebanon midnight itself was skipped on 2024-03-31: its clocks went from 0:00 to 1:00.
    for side in [Side::Start, Side::End] {
        assert_eq!(reach("2024-03-31T00:00:00", "LB", side), "2024-03-30T22:00:00Z");
        assert_eq!(reach("2024-03-31T00:30:00", "LB", side), "2024-03-30T22:00:00Z");
        // In Germany 2:30 was, on the same day.
        assert_eq!(reach("2024-03-31T02:30:00", "DE", side), "2024-03-31T01:00:00Z");
    }
}

#[test]
fn a_time_that_comes_twice_opens_late_and_shuts_early() {
    assert_eq!(reach("2026-10-25T02:30:00", "DE", Side::Start), "2026-10-25T01:30:00Z");
    assert_eq!(reach("2026-10-25T02:30:00", "DE", Side::End), "2026-10-25T00:30:00Z");
}

#[test]
fn every_territory_lies_between_the_outermost_clocks() {
    let local: DateTime = "2026-06-01T00:00:00".parse().unwrap();
    for territory in Territory::all() {
        for side in [Side::Start, Side::End] {
            let at = reached(local, territory, side).unwrap();
            assert!(earliest(local).unwrap() <= at && at <= latest(local).unwrap(), "{territory}");
        }
        assert!(reached(local, territory, Side::End) <= reached(local, territory, Side::Start));
    }
}

#[test]
fn all_but_uninhabited_islands_have_clocks() {
    let without: Vec<_> = Territory::all().filter(|t| !BY_TERRITORY.contains_key(t)).collect();
    assert_eq!(format!("{without:?}"), "[BV, HM]");
}
