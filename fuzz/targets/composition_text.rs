//! Proves: any text reads as a composition without a panic, and its canonical text reads back the
//! same: the digest that names a version means one list only.
//! Proves not: that the composition can be laid out; that needs its sources.
#![no_main]

use composition::Composition;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(read) = Composition::parse(text) else { return };
    let canonical = read.text();
    let again = Composition::parse(&canonical).expect("canonical text reads");
    assert_eq!(again.text(), canonical);
    assert_eq!(again, read);
});
