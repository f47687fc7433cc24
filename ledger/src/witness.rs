//! A witness: keeps, for each log it knows, the last checkpoint that it co-signed, and co-signs the next
//! only when it continues that one (C2SP tlog-witness). So a log cannot show two histories to two people
//! who ask for the witness's signature.
//!
//! Invariants:
//! - What was co-signed for one log is a chain: each head is the beginning of the next.
//! - The caller makes the new head durable before it hands out the signature, and gives one request at a
//!   time; see [`Witness::add_checkpoint`].

use std::collections::BTreeMap;
use std::fmt;

use crate::checkpoint::Checkpoint;
use crate::decimal;
use crate::digest::{Digest32, EMPTY_ROOT};
use crate::error::{Error, Kind, Result};
use crate::key::{VerifierKey, WitnessKey};
use crate::merkle;
use crate::note::{MAX_NOTE, Note, Signature};
use crate::proof::read_path;

/// Bytes in one request at most.
pub const MAX_REQUEST: usize = MAX_NOTE + 8 * 1024;

/// The body of a request to co-sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Entries in the tree that the witness co-signed last, zero when it co-signed none.
    pub old_size: u64,
    /// Proves that tree to be the beginning of the new one. Empty when `old_size` is zero.
    pub proof: Vec<Digest32>,
    /// The new checkpoint, signed by its log.
    pub checkpoint: Note,
}

impl AddCheckpoint {
    /// Reads the body of a request. Errors name the part.
    pub fn parse(bytes: &[u8]) -> Result<AddCheckpoint> {
        if bytes.len() > MAX_REQUEST {
            return Err(Error::invalid(format!(
                "{} bytes; a request has at most {MAX_REQUEST}",
                bytes.len()
            )));
        }
        let text = std::str::from_utf8(bytes).map_err(|e| {
            Error::invalid("a request is UTF-8, and this is not").at(format!("byte {}", e.valid_up_to()))
        })?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or_else(|| Error::invalid("a request has an empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old = old.ok_or_else(|| Error::invalid("a request begins with the old size").at("line 1"))?;
        Ok(AddCheckpoint {
            old_size: decimal::read(old).map_err(|e| e.at("line 1"))?,
            proof: read_path(lines).map_err(|e| e.at("proof"))?,
            checkpoint: Note::parse(note.as_bytes()).map_err(|e| e.at("checkpoint"))?,
        })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", hash.base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// How large a log was and its root: what a witness keeps of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub size: u64,
    pub root: Digest32,
}

impl Head {
    /// Of a log that was never co-signed.
    pub const EMPTY: Head = Head { size: 0, root: EMPTY_ROOT };
}

/// What a witness answers when it does not co-sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 400: the request cannot be read, or its old size is above the new one.
    Malformed(Error),
    /// 403: no trusted key of the log signed the checkpoint.
    Unsigned(Error),
    /// 404: the log is not one that this witness follows.
    UnknownLog(Error),
    /// 409: the last co-signed size is another one; the client asks again from there.
    Stale { size: u64 },
    /// 409: the log signed another root for the size that was co-signed: a fork.
    Fork { size: u64, signed: Digest32, offered: Digest32 },
    /// 422: the proof does not show that the tree continues the co-signed one.
    Inconsistent(Error),
}

impl Refusal {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Refusal::Malformed(_) => 400,
            Refusal::Unsigned(_) => 403,
            Refusal::UnknownLog(_) => 404,
            Refusal::Stale { .. } | Refusal::Fork { .. } => 409,
            Refusal::Inconsistent(_) => 422,
        }
    }
    pub fn content_type(&self) -> &'static str {
        match self {
            Refusal::Stale { .. } | Refusal::Fork { .. } => "text/x.tlog.size",
            _ => "text/plain; charset=utf-8",
        }
    }
    /// The body of the answer: the co-signed size where that is what was asked wrongly, else a sentence.
    pub fn body(&self) -> String {
        match self {
            Refusal::Stale { size } | Refusal::Fork { size, .. } => format!("{size}\n"),
            other => format!("{other}\n"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Malformed(e)
            | Refusal::Unsigned(e)
            | Refusal::UnknownLog(e)
            | Refusal::Inconsistent(e) => write!(f, "{e}"),
            Refusal::Stale { size } => write!(f, "the checkpoint co-signed last has {size} entries"),
            Refusal::Fork { size, signed, offered } => {
                write!(f, "a fork: at {size} entries the root was {signed}, and now {offered}")
            }
        }
    }
}

/// What a witness co-signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    pub origin: String,
    /// The head to keep before the signature is handed out.
    pub head: Head,
    /// The body of the answer 200 is this signature's line.
    pub signature: Signature,
}

pub struct Witness {
    key: WitnessKey,
    /// The logs it follows, by origin.
    logs: BTreeMap<String, Log>,
}

struct Log {
    keys: Vec<VerifierKey>,
    head: Head,
}

impl Witness {
    /// A witness that follows no log yet.
    pub fn new(key: WitnessKey) -> Witness {
        Witness { key, logs: BTreeMap::new() }
    }

    /// Follows the log of `key`, from the head kept for it ([`Head::EMPTY`] for a new one). A further
    /// key of the same name is trusted beside the first; the head stays that of the first call.
    pub fn follow(&mut self, key: VerifierKey, head: Head) -> Result<()> {
        if !key.is_log() {
            return Err(Error::invalid(format!("the key of {} is a witness's", key.name())));
        }
        let log = self.logs.entry(key.name().to_string()).or_insert(Log { keys: Vec::new(), head });
        log.keys.push(key);
        Ok(())
    }

    /// The head co-signed last for a log.
    pub fn head(&self, origin: &str) -> Option<Head> {
        self.logs.get(origin).map(|log| log.head)
    }

    /// Answers one request at `now`, in seconds since 1970-01-01T00:00Z.
    ///
    /// The caller must make `Cosigned::head` durable before it hands out the signature; when it cannot,
    /// it hands out nothing, and this witness must not answer again before it is made anew from what
    /// was kept.
    pub fn add_checkpoint(
        &mut self,
        request: &AddCheckpoint,
        now: u64,
    ) -> std::result::Result<Cosigned, Refusal> {
        let text = request.checkpoint.text();
        let parsed = Checkpoint::parse(text).map_err(Refusal::Malformed)?;
        let log = self.logs.get_mut(&parsed.origin).ok_or_else(|| {
            Refusal::UnknownLog(Error::not_found(format!("{:?} is not followed here", parsed.origin)))
        })?;
        let checkpoint = Checkpoint::open(&request.checkpoint, &log.keys).map_err(refusal)?;
        let head = Head { size: checkpoint.size, root: checkpoint.root };
        check_step(log.head, request, head)?;
        log.head = head;
        Ok(Cosigned { origin: checkpoint.origin, head, signature: self.key.cosign(text, now) })
    }
}

/// What a witness answers when a checkpoint cannot be opened.
fn refusal(error: Error) -> Refusal {
    match error.kind {
        Kind::NotFound => Refusal::UnknownLog(error),
        Kind::Unsigned => Refusal::Unsigned(error),
        _ => Refusal::Malformed(error),
    }
}

/// Refuses unless the new head continues the kept one, as the request claims.
fn check_step(kept: Head, request: &AddCheckpoint, new: Head) -> std::result::Result<(), Refusal> {
    if request.old_size > new.size {
        let message = format!("old size {} is above the new size {}", request.old_size, new.size);
        return Err(Refusal::Malformed(Error::invalid(message)));
    }
    if request.old_size != kept.size {
        return Err(Refusal::Stale { size: kept.size });
    }
    if new.size == kept.size && new.root != kept.root {
        return Err(Refusal::Fork { size: kept.size, signed: kept.root, offered: new.root });
    }
    let proven = if kept.size == 0 {
        let empty = Error::invalid("from an empty tree the proof is empty");
        if request.proof.is_empty() { Ok(()) } else { Err(empty) }
    } else {
        merkle::verify_consistency(&request.proof, kept.size, &kept.root, new.size, &new.root)
    };
    proven.map_err(Refusal::Inconsistent)
}

#[cfg(test)]
mod tests;
