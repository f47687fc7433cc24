//! Proves: any bytes read as a signed note and its checkpoint without a panic; what reads is written
//! again byte for byte, so a note has one spelling; and nothing that is read is believed to be signed.
//! Proves not: that signatures hold; that is arithmetic of another crate.
#![no_main]

use ledger::{Checkpoint, LogKey, Note};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(note) = Note::parse(bytes) else { return };
    assert_eq!(note.to_string().as_bytes(), bytes);
    let Ok(checkpoint) = Checkpoint::parse(note.text()) else { return };
    assert_eq!(checkpoint.text(), note.text());
    let stranger = LogKey::new("stranger.example", &[1; 32]).expect("a name");
    assert!(Checkpoint::open(&note, &[stranger.verifier()]).is_err());
});
