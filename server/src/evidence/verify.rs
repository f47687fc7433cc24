//! Verifies an evidence file without the archive, as an outsider would.
//!
//! Nothing in the file is believed because the file says so: records are believed for their proofs,
//! documents for the commitments in the records, the order's account because it follows from the
//! records, everything else for the house's signature over the manifest.

use std::collections::BTreeSet;

use ledger::{Note, ProofFile, VerifierKey};
use media::Digest;
use media::error::{Error, Kind, Result};
use policy::OrderId;
use serde::Serialize;
use serde_json::Value;

use super::account::{Account, Entry, belongs};
use super::container::{self, Files};
use super::records::{ATTACHMENTS, DOCUMENTS, RECORDS};
use super::{file, key, manifest};
use crate::ledgers::understood;

/// What an evidence file was verified to be.
#[derive(Debug, Serialize)]
pub struct Verified {
    pub order: OrderId,
    pub files: usize,
    /// SHA-256 of the evidence file.
    pub sha256: String,
    pub records: usize,
    /// Entries of the log that the records are proven to stand in.
    pub log_size: u64,
    pub log: String,
    pub commitments_opened: usize,
    pub attachments: usize,
    /// Witnesses, of those named, who saw the log, and the second in which they did.
    pub witnesses: Vec<(String, u64)>,
    /// The keys that it was verified with.
    pub keys: Vec<String>,
    /// Those that were taken from the file itself, because none of that name was given.
    pub keys_from_file: Vec<String>,
}

/// Verifies everything in an evidence file. `keys` are the verifier keys that the caller trusts; where
/// none of a name is given, that of the file is taken and the answer says so. Errors name the file in it.
pub fn verify(bytes: &[u8], keys: &[VerifierKey], witnesses: &[VerifierKey]) -> Result<Verified> {
    let files = container::read(bytes)?;
    let (manifest, evidence_key) = manifest::check(&files, keys)?;
    let entries = entries(&files)?;
    let log = entries.first().map(|entry| entry.log.clone());
    let log = log.ok_or_else(|| lost("it holds no record").at(RECORDS))?;
    let inside = key(&files, &format!("{RECORDS}/{log}.key"))?;
    let log_key = trusted(keys, inside)?;
    let (size, seen) = check_proofs(&files, &entries, &log_key, witnesses)?;
    let commitments_opened = check_openings(&files, &entries)?;
    let account = Account::of(&manifest.order, entries)?;
    let case = account.standing.placed.case_id();
    if let Some(other) = account.entries.iter().find(|e| !belongs(&e.decision, &manifest.order, &case)) {
        return Err(lost("the record is about something else").at(super::records::name_of(other)));
    }
    for (name, told) in [
        ("order.json", account.order()),
        ("case.json", account.case()),
        ("timeline.json", account.timeline()),
    ] {
        let found: Value =
            serde_json::from_slice(file(&files, name)?).map_err(|e| lost(e.to_string()).at(name))?;
        if found != told {
            return Err(lost("it does not follow from the records").at(name));
        }
    }
    let attachments = check_attachments(&files)?;
    let used = [&log_key, &evidence_key];
    let foreign = |key: &&&VerifierKey| !keys.contains(key);
    Ok(Verified {
        order: manifest.order,
        files: files.len(),
        sha256: Digest::of(bytes).to_string(),
        records: account.entries.len(),
        log_size: size,
        log: log_key.name().to_string(),
        commitments_opened,
        attachments,
        witnesses: seen,
        keys: used.iter().map(|key| key.to_string()).collect(),
        keys_from_file: used.iter().filter(foreign).map(|key| key.to_string()).collect(),
    })
}

/// The key of the log: the one that the caller trusts, or that of the file where the caller names none.
fn trusted(keys: &[VerifierKey], inside: VerifierKey) -> Result<VerifierKey> {
    if keys.is_empty() {
        return Ok(inside);
    }
    let known = keys.iter().find(|key| key.name() == inside.name()).cloned();
    known.ok_or_else(|| {
        Error::new(
            Kind::Invalid,
            format!("the records are of the log {}, of which no key was given", inside.name()),
        )
        .remedy("Ask the operator for the log's key, and give it with --key")
        .at(RECORDS)
    })
}

/// The records in the file, each with its log and number from its name.
fn entries(files: &Files) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (name, bytes) in files {
        let Some(stem) = name.strip_prefix(RECORDS).and_then(|n| n.strip_prefix('/')?.strip_suffix(".json"))
        else {
            continue;
        };
        let place = stem.rsplit_once('-').and_then(|(log, number)| Some((log, number.parse().ok()?)));
        let (log, number) = place.ok_or_else(|| lost("it is not named as a record").at(name.clone()))?;
        let decision = crate::decide::read(bytes).map_err(|e| e.at(name.clone()))?;
        entries.push(Entry { log: log.to_string(), number, bytes: bytes.clone(), decision });
    }
    Ok(entries)
}

/// Checks that every record stands in the one log of `key`; answers how large that log was, and who
/// saw it.
fn check_proofs(
    files: &Files,
    entries: &[Entry],
    log_key: &VerifierKey,
    witnesses: &[VerifierKey],
) -> Result<(u64, Vec<(String, u64)>)> {
    let name = format!("{RECORDS}/{}.checkpoint", entries[0].log);
    let checkpoint = Note::parse(file(files, &name)?).map_err(|e| understood(e).at(name.clone()))?;
    let mut size = 0;
    let mut seen = BTreeSet::new();
    for entry in entries {
        let name = format!("{}.tlog-proof", super::records::name_of(entry));
        let wrong = |e: ledger::Error| understood(e).at(name.clone());
        let proof = ProofFile::parse(file(files, &name)?).map_err(wrong)?;
        let keys = std::slice::from_ref(log_key);
        let (proven, cosigners) = proof.verify(&entry.bytes, keys, witnesses).map_err(wrong)?;
        if proof.index != entry.number || proof.checkpoint != checkpoint || entry.log != entries[0].log {
            return Err(lost("it proves another place than its name says").at(name));
        }
        size = proven.size;
        seen.extend(cosigners.iter().filter_map(|c| Some((c.key.name().to_string(), c.time?))));
    }
    let name_of_log = entries[0].log.as_str();
    if log_key.name().rsplit('/').next() != Some(name_of_log) {
        return Err(lost(format!("the records are named for another log than {}", log_key.name())));
    }
    Ok((size, seen.into_iter().collect()))
}

/// Checks that every document is one that a record commits to; answers how many.
fn check_openings(files: &Files, entries: &[Entry]) -> Result<usize> {
    let mut opened = 0;
    let committed: Vec<String> =
        entries.iter().map(|entry| String::from_utf8_lossy(&entry.bytes).into_owned()).collect();
    for (name, document) in files {
        let Some(commitment) =
            name.strip_prefix(DOCUMENTS).and_then(|n| n.strip_prefix('/')?.strip_suffix(".document"))
        else {
            continue;
        };
        let salt_name = format!("{DOCUMENTS}/{commitment}.salt");
        let salt: [u8; 32] = file(files, &salt_name)?
            .as_slice()
            .try_into()
            .map_err(|_| lost("a salt has 32 bytes").at(salt_name.clone()))?;
        let digest: Digest = commitment.parse().map_err(|e: Error| e.at(name.clone()))?;
        if !ledger::opens(&ledger::Digest32(digest.0), &salt, document) {
            return Err(lost("salt and document are not what was committed to").at(name.clone()));
        }
        if !committed.iter().any(|text| text.contains(&format!("\"{commitment}\""))) {
            return Err(lost("no record commits to it").at(name.clone()));
        }
        opened += 1;
    }
    Ok(opened)
}

/// Checks that every attachment has the digest that it is named by, and that a record or a document that
/// was committed to names it; answers how many.
fn check_attachments(files: &Files) -> Result<usize> {
    let mut found = 0;
    for (name, bytes) in files {
        let Some(digest) = name.strip_prefix(ATTACHMENTS).and_then(|n| n.strip_prefix('/')) else { continue };
        if Digest::of(bytes).to_string() != digest {
            return Err(lost("it does not have the digest that it is named by").at(name.clone()));
        }
        let names = |(holder, text): (&String, &Vec<u8>)| {
            let binds =
                holder.starts_with(RECORDS) && holder.ends_with(".json") || holder.ends_with(".document");
            binds && String::from_utf8_lossy(text).contains(digest)
        };
        if !files.iter().any(names) {
            return Err(lost("no record or letter names it").at(name.clone()));
        }
        found += 1;
    }
    Ok(found)
}

fn lost(message: impl Into<String>) -> Error {
    Error::new(Kind::DataLoss, message)
}

/// Says what was verified.
pub fn print(verified: &Verified) {
    let Verified { order, records, log, log_size, .. } = verified;
    println!("evidence about {order}");
    println!("  {records} records stand in the log {log}, as signed at {log_size} records");
    println!(
        "  {} commitments of theirs are opened, {} attachments",
        verified.commitments_opened, verified.attachments
    );
    println!("  order, case and timeline follow from the records");
    println!("  {} files are as the house signed them; SHA-256 of all: {}", verified.files, verified.sha256);
    for (witness, second) in &verified.witnesses {
        let at = jiff::Timestamp::from_second(i64::try_from(*second).unwrap_or_default()).unwrap_or_default();
        println!("  the log was seen by the witness {witness} at {at}");
    }
    for key in &verified.keys_from_file {
        println!(
            "  the key {key} was taken from the file: compare it with the one that the operator publishes"
        );
    }
}
