//! Proves: any bytes split into entries or are refused without a panic, and entries are written again to
//! the same bytes.
#![no_main]

use ledger::{read_bundle, write_bundle};
use libfuzzer_sys::fuzz_target;

// The first two bytes are how many entries are expected.
fuzz_target!(|input: &[u8]| {
    let Some((width, bytes)) = input.split_first_chunk::<2>() else { return };
    let width = u16::from_be_bytes(*width);
    let Ok(entries) = read_bundle(bytes, width) else { return };
    assert_eq!(entries.len(), usize::from(width));
    assert_eq!(write_bundle(entries).expect("entries that were read"), bytes);
});
