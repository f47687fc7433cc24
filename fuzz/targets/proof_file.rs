//! Proves: any bytes read as a proof file without a panic, and what reads is written again byte for byte;
//! verifying it ends, whatever index, size and path it names.
#![no_main]

use ledger::{Checkpoint, ProofFile, leaf_hash, merkle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(proof) = ProofFile::parse(bytes) else { return };
    assert_eq!(proof.to_string().as_bytes(), bytes);
    let Ok(checkpoint) = Checkpoint::parse(proof.checkpoint.text()) else { return };
    let leaf = leaf_hash(b"a record");
    let _ = merkle::verify_inclusion(&proof.path, proof.index, &leaf, checkpoint.size, &checkpoint.root);
});
