//! Proves: no position or range that somebody types panics or overflows, at any rate, and a range
//! that is taken lies inside the title.
//! Proves not: that it means what was meant.
#![no_main]

use composition::position::parse_range;
use libfuzzer_sys::fuzz_target;
use media::Rate;

fuzz_target!(|input: (u32, u32, u32, &str)| {
    let (num, den, units, text) = input;
    let Ok(rate) = Rate::new(num, den) else { return };
    if let Ok((from, to)) = parse_range(text, rate, units) {
        assert!(from < to && to <= units);
    }
});
