//! What an evidence file holds, file by file, and the house's signature over that.
//!
//! The manifest names every file with its SHA-256; a note (C2SP signed-note) signs the manifest's. The
//! key is for evidence alone, so that what it signs is never taken for a checkpoint.

use std::collections::BTreeMap;

use ledger::{Note, VerifierKey};
use media::Digest;
use media::error::{Error, Kind, Result};
use policy::OrderId;
use serde::{Deserialize, Serialize};

use super::container::Files;
use crate::ledgers::{Keys, understood};

pub const MANIFEST: &str = "manifest.json";
/// The signed note over the manifest, and the key that it is verified with.
pub const NOTE: &str = "manifest.note";
pub const KEY: &str = "manifest.key";
/// Names the form of evidence files.
pub const FORMAT: &str = "phim evidence 1";

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: String,
    pub order: OrderId,
    /// SHA-256 of every file but the manifest and its note.
    pub files: BTreeMap<String, String>,
}

/// Adds manifest, note and key to the files of an order's evidence.
pub fn seal(keys: &Keys, order: &OrderId, files: &mut Files) -> Result<()> {
    files.insert(KEY.to_string(), format!("{}\n", keys.verifier(crate::ledgers::EVIDENCE)?).into_bytes());
    let digests = files.iter().map(|(name, bytes)| (name.clone(), Digest::of(bytes).to_string()));
    let manifest = Manifest { format: FORMAT.to_string(), order: order.clone(), files: digests.collect() };
    let bytes = super::json(&manifest)?;
    let note = keys.sign_evidence(&signed(keys.origin(crate::ledgers::EVIDENCE), &bytes))?;
    files.insert(MANIFEST.to_string(), bytes);
    files.insert(NOTE.to_string(), note.to_string().into_bytes());
    Ok(())
}

/// The text that is signed: who, what, its digest.
fn signed(name: impl std::fmt::Display, manifest: &[u8]) -> String {
    format!("{name}\n{MANIFEST}\n{}\n", Digest::of(manifest))
}

/// Fails unless every file is as the manifest says, no other is there, and the key of evidence among
/// `keys` signed it; without one, the key in the file. Answers with that key.
pub fn check(files: &Files, keys: &[VerifierKey]) -> Result<(Manifest, VerifierKey)> {
    let bytes = super::file(files, MANIFEST)?;
    let inside = super::key(files, KEY)?;
    let named = keys.iter().find(|key| key.name() == inside.name());
    let key = named.cloned().unwrap_or(inside);
    let note = Note::parse(super::file(files, NOTE)?).map_err(|e| understood(e).at(NOTE))?;
    note.verify(std::slice::from_ref(&key)).map_err(|e| understood(e).at(NOTE))?;
    if note.text() != signed(key.name(), bytes) {
        return Err(lost("it is not the manifest that was signed".to_string(), MANIFEST));
    }
    let manifest: Manifest =
        serde_json::from_slice(bytes).map_err(|e| lost(format!("it is not a manifest: {e}"), MANIFEST))?;
    if manifest.format != FORMAT {
        return Err(Error::unsupported(format!("{:?}; this Phim reads {FORMAT:?}", manifest.format))
            .remedy("Use the newer Phim that wrote it")
            .at(MANIFEST));
    }
    for (name, digest) in &manifest.files {
        let found = Digest::of(super::file(files, name)?).to_string();
        if found != *digest {
            return Err(lost(format!("its SHA-256 is {found}; the manifest says {digest}"), name));
        }
    }
    let own = [MANIFEST, NOTE];
    if let Some(other) = files.keys().find(|n| !manifest.files.contains_key(*n) && !own.contains(&n.as_str()))
    {
        return Err(lost("the manifest does not name it".to_string(), other));
    }
    Ok((manifest, key))
}

fn lost(message: String, name: &str) -> Error {
    Error::new(Kind::DataLoss, message).at(name)
}
