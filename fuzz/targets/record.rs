//! Proves: any bytes read as a record without a panic, and what reads is written again byte for byte: a
//! record has one spelling and one hash.
#![no_main]

use ledger::Record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(record) = Record::parse(bytes) else { return };
    assert_eq!(record.bytes().expect("a record that was read"), bytes);
});
