use super::*;

fn read(text: &str, side: Side) -> String {
    match moment(text, side, Lag::NONE) {
        Ok(moment) => moment.to_string(),
        Err(wrong) => wrong.says,
    }
}

#[test]
fn a_day_is_all_of_it() {
    assert_eq!(read("2017-12-11", Side::Start), "2017-12-11T00:00:00");
    assert_eq!(read("2017-12-11", Side::End), "2017-12-12T00:00:00");
    assert_eq!(read("2017-12-11T23:59:59", Side::End), "2017-12-12T00:00:00");
    assert_eq!(read("2017-12-11T23:59:59.999", Side::End), "2017-12-12T00:00:00");
    assert_eq!(read("2017-12-11T23:59:59", Side::Start), "2017-12-11T23:59:59");
    assert_eq!(read("2025-03-31T00:00:00.000", Side::End), "2025-03-31T00:00:00");
}

#[test]
fn an_offset_makes_one_instant() {
    assert_eq!(read("2019-10-25T00:00:00-07:00", Side::Start), "2019-10-25T07:00:00Z");
    assert_eq!(read("2019-10-31T23:59:59Z", Side::End), "2019-11-01T00:00:00Z");
}

#[test]
fn what_is_no_date() {
    for text in ["6/14/2013", "2013-02-30", "41439", "2013", "20130614T", "1-1-1", "9999-01-01", "next week"]
    {
        assert!(read(text, Side::End).ends_with("is not a date"), "{text}: {}", read(text, Side::End));
    }
    assert_eq!(read("Theatrical", Side::Start), "Theatrical");
    let lag = Lag::read("-PT12H").unwrap();
    assert_eq!(moment("Theatrical", Side::Start, lag).unwrap().to_string(), "Theatrical-PT43200S");
    assert!(moment("2013-01-01", Side::Start, lag).is_err());
}
