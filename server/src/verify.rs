//! `phim ledger verify`: checks a proof without the archive, as an outsider would.

use ledger::{ProofFile, VerifierKey};
use media::error::Result;

use crate::ledgers::understood;
use crate::verbs::LedgerVerify;

/// Verifies that a record stands in the log of a key, and says what it is.
pub fn verify(asked: &LedgerVerify, json: bool) -> Result<()> {
    let read = |path: &std::path::Path| std::fs::read(path).map_err(|e| archive::from_io(path, e));
    let file = |path: &std::path::Path| path.display().to_string();
    let proof = ProofFile::parse(&read(&asked.file)?).map_err(|e| understood(e).at(file(&asked.file)))?;
    let record = read(&asked.record)?;
    let key: VerifierKey = asked.key.trim().parse().map_err(|e| understood(e).at("--key"))?;
    let verified = proof.verify(&record, &[key], &[]);
    let (checkpoint, _) = verified.map_err(|e| understood(e).at(file(&asked.file)))?;
    let decision = crate::decide::read(&record).map_err(|e| e.at(file(&asked.record)))?;
    if json {
        let answer = serde_json::json!({
            "log": checkpoint.origin,
            "index": proof.index,
            "size": checkpoint.size,
            "at": decision.at,
            "kind": decision.kind(),
        });
        println!("{answer:#}");
    } else {
        println!(
            "record {} of {} ({}, {}) is in the log as signed at {} records",
            proof.index,
            checkpoint.origin,
            decision.kind(),
            decision.at,
            checkpoint.size
        );
    }
    Ok(())
}
