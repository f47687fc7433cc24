//! Proves: no position or range that somebody types, and none of an order, panics or overflows, at any
//! rate, and a range that is taken lies inside the title.
//! Proves not: that it means what was meant.
#![no_main]

use composition::position::{order_range, parse_range};
use libfuzzer_sys::fuzz_target;
use media::Rate;

fuzz_target!(|input: (u32, u32, u32, &str)| {
    let (num, den, units, text) = input;
    let Ok(rate) = Rate::new(num, den) else { return };
    if let Ok((from, to)) = parse_range(text, rate, units) {
        assert!(from < to && to <= units);
    }
    let duration = rate.seconds(units.into());
    if let Ok((from, to)) = order_range(text, rate, duration, num % 100) {
        assert!(from < to && to <= duration);
    }
});
