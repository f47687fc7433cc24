//! Proof files: what proves one record offline (C2SP tlog-proof, `c2sp.org/tlog-proof@v1`).
//!
//! The file holds where the record stands, the path to the root, and a checkpoint with its signatures.
//! It does not hold the record itself: the verifier brings the record's bytes.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use std::fmt;

use crate::checkpoint::Checkpoint;
use crate::decimal;
use crate::digest::{Digest32, leaf_hash};
use crate::error::{Error, Result};
use crate::key::VerifierKey;
use crate::merkle;
use crate::note::{Endorsement, MAX_NOTE, Note};

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// Bytes in one file at most.
pub const MAX_PROOF: usize = MAX_NOTE + 128 * 1024;
/// Hashes in one path at most: the height of the largest tree, and what C2SP tlog-witness allows.
pub(crate) const MAX_PATH: usize = 63;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    /// Data beside the proof. It is not authenticated.
    pub extra: Option<Vec<u8>>,
    /// The record's place in the log, from zero.
    pub index: u64,
    /// From the record's sibling to the root's child.
    pub path: Vec<Digest32>,
    pub checkpoint: Note,
}

impl ProofFile {
    /// Reads a file. Errors name the part.
    pub fn parse(bytes: &[u8]) -> Result<ProofFile> {
        if bytes.len() > MAX_PROOF {
            return Err(Error::invalid(format!("{} bytes; a proof has at most {MAX_PROOF}", bytes.len())));
        }
        let text = std::str::from_utf8(bytes).map_err(|e| {
            Error::invalid("a proof is UTF-8, and this is not").at(format!("byte {}", e.valid_up_to()))
        })?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or_else(|| Error::invalid("a proof has an empty line before its checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(Error::unsupported(format!("the first line is not {HEADER}")).at("line 1"));
        }
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra.and_then(|line| line.strip_prefix("extra ")).map(read_extra).transpose()?;
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.ok_or_else(|| Error::invalid("the index is missing"))?;
        Ok(ProofFile {
            extra,
            index: decimal::read(index).map_err(|e| e.at("index"))?,
            path: read_path(lines)?,
            checkpoint: Note::parse(note.as_bytes()).map_err(|e| e.at("checkpoint"))?,
        })
    }

    /// Fails unless this proves that `entry` stands in the log of one of `keys`. Answers with the
    /// checkpoint and with the witnesses, of those given, who co-signed it: how many are enough is the
    /// caller's to say.
    pub fn verify<'k>(
        &self,
        entry: &[u8],
        keys: &[VerifierKey],
        witnesses: &'k [VerifierKey],
    ) -> Result<(Checkpoint, Vec<Endorsement<'k>>)> {
        let checkpoint = Checkpoint::open(&self.checkpoint, keys).map_err(|e| e.at("checkpoint"))?;
        let (size, root) = (checkpoint.size, checkpoint.root);
        merkle::verify_inclusion(&self.path, self.index, &leaf_hash(entry), size, &root)?;
        let witnesses = cosigners(&self.checkpoint, witnesses).map_err(|e| e.at("checkpoint"))?;
        Ok((checkpoint, witnesses))
    }
}

/// The witnesses, of those given, who co-signed a checkpoint: none is no failure, a wrong signature is.
pub(crate) fn cosigners<'k>(note: &Note, witnesses: &'k [VerifierKey]) -> Result<Vec<Endorsement<'k>>> {
    let known = |key: &VerifierKey| note.signatures().iter().any(|signature| key.claims(signature));
    if !witnesses.iter().any(known) {
        return Ok(Vec::new());
    }
    let mut found = note.verify(witnesses)?;
    found.retain(|endorsement| !endorsement.key.is_log());
    Ok(found)
}

fn read_extra(base64: &str) -> Result<Vec<u8>> {
    BASE64_STANDARD.decode(base64).map_err(|_| Error::invalid("the data is not base64").at("extra"))
}

/// Reads the lines of a path, one hash each.
pub(crate) fn read_path<'l>(lines: impl Iterator<Item = &'l str>) -> Result<Vec<Digest32>> {
    let mut path = Vec::new();
    for line in lines {
        if path.len() == MAX_PATH {
            return Err(Error::invalid(format!("a path has at most {MAX_PATH} hashes")));
        }
        path.push(Digest32::from_base64(line).map_err(|e| e.at(format!("hash {}", path.len() + 1)))?);
    }
    Ok(path)
}

impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64_STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", hash.base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests;
