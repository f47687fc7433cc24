//! `phim ledger verify`: checks an evidence file, or the proof of one record, without the archive, as an
//! outsider would.

use std::path::Path;

use ledger::{ProofFile, VerifierKey};
use media::error::{Error, Result};

use crate::evidence;
use crate::ledgers::understood;
use crate::verbs::LedgerVerify;

/// Verifies a file, and says what it is.
pub fn verify(asked: &LedgerVerify, json: bool) -> Result<()> {
    let keys = read_keys(&asked.key, "--key")?;
    let witnesses = read_keys(&asked.witness, "--witness")?;
    let place = asked.file.display().to_string();
    let bytes = read(&asked.file)?;
    if !evidence::is_one(&bytes) {
        return verify_proof(asked, &bytes, &keys, &witnesses, json);
    }
    let verified = evidence::verify(&bytes, &keys, &witnesses).map_err(|e| e.at(place))?;
    if json {
        let text = serde_json::to_string_pretty(&verified).map_err(|e| Error::internal(e.to_string()))?;
        println!("{text}");
    } else {
        evidence::print_verified(&verified);
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let wrong = |e| archive::from_io(path, e);
    let len = std::fs::metadata(path).map_err(wrong)?.len();
    if len > evidence::MAX_BYTES {
        return Err(Error::invalid(format!("{len} bytes; expected at most {}", evidence::MAX_BYTES))
            .at(path.display().to_string()));
    }
    std::fs::read(path).map_err(wrong)
}

fn read_keys(texts: &[String], option: &str) -> Result<Vec<VerifierKey>> {
    texts.iter().map(|text| text.trim().parse().map_err(|e| understood(e).at(option))).collect()
}

/// Verifies that a record stands in the log of a key.
fn verify_proof(
    asked: &LedgerVerify,
    proof: &[u8],
    keys: &[VerifierKey],
    witnesses: &[VerifierKey],
    json: bool,
) -> Result<()> {
    let place = asked.file.display().to_string();
    let proof = ProofFile::parse(proof).map_err(|e| understood(e).at(place.clone()))?;
    let path = asked.record.as_deref().ok_or_else(|| {
        Error::invalid("a proof does not hold its record").remedy("Name the record's file with --record")
    })?;
    if keys.is_empty() {
        return Err(
            Error::invalid("a proof is verified with the key of its log").remedy("Give it with --key")
        );
    }
    let record = read(path)?;
    let (checkpoint, seen) = proof.verify(&record, keys, witnesses).map_err(|e| understood(e).at(place))?;
    let decision = crate::decide::read(&record).map_err(|e| e.at(path.display().to_string()))?;
    let seen: Vec<_> = seen.iter().map(|seen| (seen.key.name(), seen.time.unwrap_or_default())).collect();
    if json {
        let answer = serde_json::json!({
            "log": checkpoint.origin,
            "index": proof.index,
            "size": checkpoint.size,
            "at": decision.at,
            "kind": decision.kind(),
            "witnesses": seen,
        });
        println!("{answer:#}");
        return Ok(());
    }
    println!(
        "record {} of {} ({}, {}) is in the log as signed at {} records",
        proof.index,
        checkpoint.origin,
        decision.kind(),
        decision.at,
        checkpoint.size
    );
    for (witness, second) in seen {
        println!("seen by {witness} at second {second} since 1970-01-01T00:00Z");
    }
    Ok(())
}
