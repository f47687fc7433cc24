use proptest::prelude::*;

use super::{Irregular, recognise};
use crate::time::Rate;

fn rate(num: u32, den: u32) -> Rate {
    Rate::new(num, den).expect("a rate")
}

/// Times of `count` frames, rounded down or to the nearest tick, as multiples of `grain` ticks.
fn times(rate: Rate, count: usize, timescale: u32, grain: i64, nearest: bool, start: i64) -> Vec<i64> {
    let (num, den) = (rate.num() as i128, rate.den() as i128);
    let one = |n: usize| {
        let ticks = n as i128 * timescale as i128 * den;
        let unit = num * grain as i128;
        let rounded = if nearest { (2 * ticks + unit) / (2 * unit) } else { ticks / unit };
        start + rounded as i64 * grain
    };
    (0..count).map(one).collect()
}

#[test]
fn exact_ticks_need_no_guess() {
    assert_eq!(
        recognise(&times(rate(24000, 1001), 3, 24000, 1, false, 7), 1001, 24000),
        Ok(rate(24000, 1001))
    );
    assert_eq!(recognise(&times(rate(25, 2), 4, 90000, 1, false, 0), 7200, 90000), Ok(rate(25, 2)));
    assert_eq!(recognise(&times(rate(8, 1), 9, 8, 1, false, 2), 1, 8), Ok(rate(8, 1)));
    assert_eq!(recognise(&[0, 1000, 2000], 1000, 29917), Ok(rate(29917, 1000)));
}

#[test]
fn clocks_of_cameras_become_the_rate_they_mean() {
    let times: Vec<i64> = (0..17).map(|n| n * 767_849).collect();
    assert_eq!(recognise(&times, 767_849, 23_040_000), Ok(rate(30, 1)));
}

#[test]
fn one_frame_lasts_as_long_as_it_says() {
    assert_eq!(recognise(&[500], 512, 12800), Ok(rate(25, 1)));
    assert_eq!(recognise(&[500], 0, 12800), Err(Irregular(1)));
}

#[test]
fn a_missing_frame_in_coarse_ticks_is_not_jitter() {
    assert_eq!(recognise(&[0, 1, 2, 4, 5], 1, 30), Err(Irregular(3)));
    // Film on a 60 Hz clock: two and three ticks by turns are not 24 frames a second.
    assert_eq!(recognise(&[0, 2, 5, 7, 10], 2, 60), Err(Irregular(2)));
}

#[test]
fn two_frames_at_one_time_are_refused() {
    assert_eq!(recognise(&[0, 40, 40, 80], 40, 1000), Err(Irregular(2)));
}

const RATES: [(u32, u32); 9] =
    [(24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (48, 1), (50, 1), (60000, 1001), (60, 1)];

proptest! {
    #[test]
    fn rounded_times_give_their_rate(
        which in 0..RATES.len(), count in 250usize..2000, nearest: bool, start in -5000i64..5000,
        clock in prop::sample::select(vec![(1000, 1), (16000, 16), (90000, 90), (90000, 1), (600, 1), (12800, 1)]),
    ) {
        let wanted = rate(RATES[which].0, RATES[which].1);
        let times = times(wanted, count, clock.0, clock.1, nearest, start);
        prop_assert_eq!(recognise(&times, 1, clock.0), Ok(wanted));
    }

    #[test]
    fn a_missing_frame_is_named(which in 0..RATES.len(), count in 10usize..500, gap in 2usize..9) {
        let wanted = rate(RATES[which].0, RATES[which].1);
        let mut times = times(wanted, count, 1000, 1, true, 0);
        times.remove(gap);
        prop_assert_eq!(recognise(&times, 1, 1000), Err(Irregular(gap)));
    }

    #[test]
    fn any_times_are_answered(mut times in prop::collection::vec(any::<i32>(), 1..50), duration: u32, timescale in 1u32..) {
        times.sort();
        let times: Vec<i64> = times.into_iter().map(i64::from).collect();
        if let Err(Irregular(n)) = recognise(&times, duration, timescale) {
            prop_assert!(n <= times.len());
        }
    }
}
