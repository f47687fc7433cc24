//! Proves: no text panics the reader of CPIX documents or its signatures, and the same text reads the same.
//! Proves not: that a signer is to be trusted.
#![no_main]

use keys::cpix::{TrackFacts, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(document) = read(text) else { return };
    assert_eq!(read(text).expect("it was read"), document);
    let _ = document.key_for(&TrackFacts::default());
    let _ = document.opened(text.as_bytes());
});
