//! Proves: any text reads as the path of a tile, a verifier key and signature lines without a panic, and
//! what reads is written again letter for letter.
#![no_main]

use ledger::{Signature, Tile, VerifierKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(tile) = text.parse::<Tile>() {
        assert_eq!(tile.to_string(), text);
        assert!(tile.first() <= ledger::merkle::MAX_SIZE);
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(lines) = Signature::parse_lines(text) {
        assert_eq!(lines.iter().map(Signature::to_string).collect::<String>(), text);
    }
});
