//! Proves: no JSON panics the reader of orders, and an order that is read has a stored form that is read as
//! the same order.
//! Proves not: that the order says what its authority meant.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use policy::{Order, Packs};

static PACKS: LazyLock<Packs> = LazyLock::new(|| Packs::built_in().expect("the packs are sound"));

fuzz_target!(|json: &str| {
    let Ok(order) = Order::read(json, &PACKS) else { return };
    let stored = serde_json::to_string(&order).expect("an order is JSON");
    assert_eq!(Order::read(&stored, &PACKS).expect("what was stored is read"), order);
});
