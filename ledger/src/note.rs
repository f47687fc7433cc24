//! Notes: text with signatures under it (C2SP signed-note).

use base64::prelude::{BASE64_STANDARD, Engine as _};
use std::fmt;

use crate::error::{Error, Result};
use crate::key::{VerifierKey, check_name};

/// Bytes in one note at most: a hundred witnesses, some with post-quantum signatures.
pub const MAX_NOTE: usize = 256 * 1024;
/// Signatures on one note at most.
pub const MAX_SIGNATURES: usize = 100;

/// A signature line, verified or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Name of the key.
    pub name: String,
    /// Which of the keys of that name.
    pub id: [u8; 4],
    /// What the key's algorithm made.
    pub bytes: Vec<u8>,
}

/// A text and the signatures on it. That a note can be read says nothing about its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// That a known key signed a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorsement<'k> {
    pub key: &'k VerifierKey,
    /// The second in which a witness saw the checkpoint, since 1970-01-01T00:00Z; none for a log's key.
    pub time: Option<u64>,
}

impl Note {
    /// A note with its first signature.
    pub fn new(text: &str, signature: Signature) -> Result<Note> {
        check_text(text)?;
        let mut note = Note { text: text.to_string(), signatures: Vec::new() };
        note.add(signature)?;
        Ok(note)
    }

    /// The text, with the line feed at its end.
    pub fn text(&self) -> &str {
        &self.text
    }
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature; in place of an older one of the same key.
    pub fn add(&mut self, signature: Signature) -> Result<()> {
        check_name(&signature.name)?;
        self.signatures.retain(|old| (&old.name, old.id) != (&signature.name, signature.id));
        if self.signatures.len() == MAX_SIGNATURES {
            return Err(Error::invalid(format!("a note has at most {MAX_SIGNATURES} signatures")));
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Reads a note. Errors name the line. A key that signed twice is read as it stands.
    pub fn parse(bytes: &[u8]) -> Result<Note> {
        if bytes.len() > MAX_NOTE {
            return Err(Error::invalid(format!("{} bytes; a note has at most {MAX_NOTE}", bytes.len())));
        }
        let whole = std::str::from_utf8(bytes).map_err(|e| {
            Error::invalid("a note is UTF-8, and this is not").at(format!("byte {}", e.valid_up_to()))
        })?;
        let parts = whole.rfind("\n\n").map(|at| (&whole[..at + 1], &whole[at + 2..]));
        let (text, lines) =
            parts.ok_or_else(|| Error::invalid("a note has an empty line before its signatures"))?;
        check_text(text)?;
        let before = text.lines().count() + 1;
        let signatures = parse_lines(lines).map_err(|(line, e)| e.at(format!("line {}", before + line)))?;
        Ok(Note { text: text.to_string(), signatures })
    }

    /// The known keys that signed this note, each once, in the order of `keys`. Signatures of unknown
    /// keys are ignored; fails when one of a known key is wrong, or none is of a known key.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Endorsement<'k>>> {
        let mut found = Vec::new();
        for key in keys {
            let mut times = Vec::new();
            for signature in self.signatures.iter().filter(|signature| key.claims(signature)) {
                times.push(key.check(&self.text, signature)?);
            }
            found.extend(times.into_iter().max().map(|time| Endorsement { key, time }));
        }
        if found.is_empty() {
            return Err(Error::unsigned("no known key signed this note")
                .remedy("Compare the names in its signature lines with the verifier keys given"));
        }
        Ok(found)
    }
}

impl Signature {
    /// Reads the lines with which a witness answers, one signature each.
    pub fn parse_lines(text: &str) -> Result<Vec<Signature>> {
        if text.len() > MAX_NOTE {
            return Err(Error::invalid(format!("{} bytes; signatures have at most {MAX_NOTE}", text.len())));
        }
        parse_lines(text).map_err(|(line, e)| e.at(format!("line {line}")))
    }
}

/// Reads signature lines; an error comes with the number of its line, from 1.
fn parse_lines(text: &str) -> std::result::Result<Vec<Signature>, (usize, Error)> {
    let mut signatures = Vec::new();
    for (i, line) in text.split_inclusive('\n').enumerate() {
        if i == MAX_SIGNATURES {
            return Err((i + 1, Error::invalid(format!("a note has at most {MAX_SIGNATURES} signatures"))));
        }
        signatures.push(parse_line(line).map_err(|e| (i + 1, e))?);
    }
    if signatures.is_empty() { Err((1, Error::invalid("there is no signature"))) } else { Ok(signatures) }
}

fn parse_line(line: &str) -> Result<Signature> {
    let wrong =
        || Error::invalid("not a signature: expected an em dash, a name and base64, between single spaces");
    let body = line.strip_prefix("— ").and_then(|line| line.strip_suffix('\n')).ok_or_else(wrong)?;
    let (name, base64) = body.split_once(' ').ok_or_else(wrong)?;
    check_name(name)?;
    let bytes = BASE64_STANDARD.decode(base64).map_err(|_| wrong())?;
    let (id, bytes) =
        bytes.split_first_chunk::<4>().filter(|(_, rest)| !rest.is_empty()).ok_or_else(wrong)?;
    Ok(Signature { name: name.to_string(), id: *id, bytes: bytes.to_vec() })
}

fn check_text(text: &str) -> Result<()> {
    if !text.ends_with('\n') {
        return Err(Error::invalid("the text of a note ends in a line feed"));
    }
    match text.find(|c: char| c < ' ' && c != '\n') {
        Some(at) => Err(Error::invalid("a note has no control characters").at(format!("byte {at}"))),
        None => Ok(()),
    }
}

impl fmt::Display for Signature {
    /// The line, with its line feed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_slice(), &self.bytes].concat();
        writeln!(f, "— {} {}", self.name, BASE64_STANDARD.encode(bytes))
    }
}

impl fmt::Display for Note {
    /// The note as it is served and stored.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| write!(f, "{signature}"))
    }
}

#[cfg(test)]
mod tests;
