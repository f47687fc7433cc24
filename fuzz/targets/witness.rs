//! Proves: any bytes read as a request to a witness without a panic, and what reads is written again byte
//! for byte; a witness that follows another log refuses it and keeps its head.
#![no_main]

use ledger::witness::Head;
use ledger::{AddCheckpoint, LogKey, Witness, WitnessKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(request) = AddCheckpoint::parse(bytes) else { return };
    assert_eq!(request.to_string().as_bytes(), bytes);
    let mut witness = Witness::new(WitnessKey::new("w.example", &[1; 32]).expect("a name"));
    let log = LogKey::new("example.org/vn", &[2; 32]).expect("a name").verifier();
    witness.follow(log, Head::EMPTY).expect("a log's key");
    assert!(witness.add_checkpoint(&request, 1).is_err(), "signed for a stranger");
    assert_eq!(witness.head("example.org/vn"), Some(Head::EMPTY));
});
