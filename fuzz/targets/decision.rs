//! Proves: no record panics the reader of decisions, what is read is written the same again, and folding it
//! twice into a state changes nothing the second time or is refused.
//! Proves not: that the decision was right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use policy::{Applied, Decision, State};
use serde_json::{Map, Value};

// A kind on the first line, the body behind it.
fuzz_target!(|text: &str| {
    let Some((kind, body)) = text.split_once('\n') else { return };
    let Ok(body) = serde_json::from_str::<Map<String, Value>>(body) else { return };
    let Ok(decision) = Decision::read(kind, 1, 0, &body) else { return };
    assert_eq!(decision.body().expect("what was read is written"), body);
    assert_eq!(decision.kind(), kind);
    let mut state = State::default();
    if state.apply(&decision).is_ok() {
        let once = state.clone();
        assert_eq!(state.apply(&decision).expect("the same again"), Applied::Same);
        assert_eq!(state, once);
    }
});
