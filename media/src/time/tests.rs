use super::*;

#[test]
fn ticks_divide_every_unit_and_fit() {
    for (num, den) in
        [(24, 1), (24_000, 1001), (1_000_000, 33_367), (1, 100), (10_001, 999_983), (1_000_000, 999_999)]
    {
        let rate = Rate::new(num, den).unwrap();
        let (timescale, ticks) = (u64::from(rate.timescale()), u64::from(rate.ticks_per_unit()));
        assert_eq!(timescale * u64::from(rate.den()), ticks * u64::from(rate.num()), "{rate}");
        assert!((10_000..=1_000_000).contains(&timescale), "{rate}");
    }
}

#[test]
fn rates_beyond_the_limits_are_refused() {
    for (num, den) in [(0, 1), (1, 0), (1001, 1), (1, 101), (1_000_001, 1_000_000), (7, 1_000_003)] {
        assert!(Rate::new(num, den).is_err(), "{num}/{den}");
    }
}

#[test]
fn an_instant_to_the_nanosecond_does_not_overflow() {
    let at = Seconds::new(359_999_999_999_999, 1_000_000_000);
    let rate = Rate::new(1_000_000, 1001).unwrap();
    assert_eq!((rate.unit_at(at), rate.unit_from(at)), (359_640_359, 359_640_360));
    assert_eq!(ticks(at, u32::MAX), 1_546_188_226_199_996);
}
