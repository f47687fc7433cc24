//! Checkpoints: how large a log was, and its root, signed by the log (C2SP tlog-checkpoint).

use crate::decimal;
use crate::digest::Digest32;
use crate::error::{Error, Result};
use crate::key::{LogKey, VerifierKey};
use crate::note::Note;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log, the same as that of its key.
    pub origin: String,
    /// Entries in the tree.
    pub size: u64,
    pub root: Digest32,
    /// Further lines, read and signed but without a meaning here. Ours have none.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    pub fn new(origin: &str, size: u64, root: Digest32) -> Checkpoint {
        Checkpoint { origin: origin.to_string(), size, root, extensions: Vec::new() }
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root.base64());
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Reads the text of a checkpoint. Errors name the line.
    pub fn parse(text: &str) -> Result<Checkpoint> {
        let body =
            text.strip_suffix('\n').ok_or_else(|| Error::invalid("a checkpoint ends in a line feed"))?;
        let lines: Vec<&str> = body.split('\n').collect();
        if let Some(empty) = lines.iter().position(|line| line.is_empty()) {
            return Err(Error::invalid("a checkpoint has no empty line").at(format!("line {}", empty + 1)));
        }
        let [origin, size, root, extensions @ ..] = lines.as_slice() else {
            return Err(Error::invalid("a checkpoint has at least three lines: origin, size, root"));
        };
        Ok(Checkpoint {
            origin: origin.to_string(),
            size: decimal::read(size).map_err(|e| e.at("line 2"))?,
            root: Digest32::from_base64(root).map_err(|e| e.at("line 3"))?,
            extensions: extensions.iter().map(|line| line.to_string()).collect(),
        })
    }

    /// The note that a log publishes. Fails unless the key is named as the log.
    pub fn sign(&self, key: &LogKey) -> Result<Note> {
        let text = self.text();
        if Checkpoint::parse(&text)? != *self {
            return Err(Error::invalid("an extension of a checkpoint is one line"));
        }
        let name = key.verifier().name().to_string();
        if name != self.origin {
            return Err(Error::invalid(format!("the key of {name} does not sign for {}", self.origin)));
        }
        Note::new(&text, key.sign(&text))
    }

    /// The checkpoint in a note that its own log signed, by one of `keys`. A log's key signs for the log
    /// of its own name only. Fails with `NotFound` when there is no key of that name, with `Unsigned`
    /// when none of them signed or a signature is wrong.
    pub fn open(note: &Note, keys: &[VerifierKey]) -> Result<Checkpoint> {
        let checkpoint = Checkpoint::parse(note.text())?;
        let own = |key: &&VerifierKey| key.is_log() && key.name() == checkpoint.origin;
        let own: Vec<VerifierKey> = keys.iter().filter(own).cloned().collect();
        if own.is_empty() {
            return Err(Error::not_found(format!("no key is known for the log {:?}", checkpoint.origin)));
        }
        note.verify(&own)?;
        Ok(checkpoint)
    }
}

#[cfg(test)]
mod tests;
