//! Keys: who signs a note, and how (C2SP signed-note, tlog-cosignature).
//!
//! A key has a name. A log's key is named as the log (its *origin*) and signs the text of the note; a
//! witness's key signs the text and the second in which it was seen. Private keys come in as the 32
//! bytes of RFC 8032 and are never shown.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::note::Signature;

/// Bytes in a key's name at most.
const MAX_NAME: usize = 255;
/// The last second that a cosignature may name (C2SP tlog-cosignature, "Format").
const MAX_TIME: u64 = i64::MAX as u64;

/// Type bytes of C2SP signed-note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    /// Ed25519 over the text: a log.
    Note = 0x01,
    /// Ed25519 over the text and a second: a witness.
    Cosignature = 0x04,
}

/// The key with which a log signs its checkpoints.
pub struct LogKey(Named);

/// The key with which a witness co-signs them. It must belong to this one witness: the signed bytes do
/// not name it.
pub struct WitnessKey(Named);

struct Named {
    name: String,
    key: SigningKey,
}

impl LogKey {
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<LogKey> {
        Ok(LogKey(Named::new(name, seed)?))
    }
    pub fn verifier(&self) -> VerifierKey {
        self.0.verifier(Type::Note)
    }
    /// Signs the text of a note, which ends in a line feed.
    pub fn sign(&self, text: &str) -> Signature {
        self.0.signature(Type::Note, self.0.key.sign(text.as_bytes()).to_bytes().to_vec())
    }
}

impl WitnessKey {
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<WitnessKey> {
        Ok(WitnessKey(Named::new(name, seed)?))
    }
    pub fn verifier(&self) -> VerifierKey {
        self.0.verifier(Type::Cosignature)
    }
    /// Co-signs the text of a checkpoint at `now`, in seconds since 1970-01-01T00:00Z.
    pub fn cosign(&self, text: &str, now: u64) -> Signature {
        let mut bytes = now.to_be_bytes().to_vec();
        bytes.extend(self.0.key.sign(cosigned(text, now).as_bytes()).to_bytes());
        self.0.signature(Type::Cosignature, bytes)
    }
}

impl Named {
    fn new(name: &str, seed: &[u8; 32]) -> Result<Named> {
        check_name(name)?;
        Ok(Named { name: name.to_string(), key: SigningKey::from_bytes(seed) })
    }
    fn verifier(&self, kind: Type) -> VerifierKey {
        VerifierKey { name: self.name.clone(), kind, key: self.key.verifying_key() }
    }
    fn signature(&self, kind: Type, bytes: Vec<u8>) -> Signature {
        Signature { name: self.name.clone(), id: self.verifier(kind).id(), bytes }
    }
}

/// What somebody needs to verify a key's signatures. Its text form is `name+id+base64`, as Go's
/// `sumdb/note` and C2SP write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: Type,
    key: VerifyingKey,
}

impl VerifierKey {
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Whether it is a log's key, not a witness's.
    pub fn is_log(&self) -> bool {
        self.kind == Type::Note
    }
    /// The 32 bytes of the public key (RFC 8032).
    pub fn public_key(&self) -> [u8; 32] {
        self.key.to_bytes()
    }
    /// The first four bytes of the SHA-256 of name, line feed, type and public key.
    pub fn id(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name).chain_update([b'\n', self.kind as u8]);
        let hash: [u8; 32] = hash.chain_update(self.key.as_bytes()).finalize().into();
        [hash[0], hash[1], hash[2], hash[3]]
    }
    /// Whether a signature says to be of this key.
    pub(crate) fn claims(&self, signature: &Signature) -> bool {
        self.name == signature.name && self.id() == signature.id
    }
    /// Fails unless the signature is of this key over `text`. Answers with the second of a
    /// cosignature; a log's signature has none.
    pub(crate) fn check(&self, text: &str, signature: &Signature) -> Result<Option<u64>> {
        let wrong = || Error::unsigned(format!("the signature of {} is wrong", self.name));
        let (time, bytes) = match self.kind {
            Type::Note => (None, signature.bytes.as_slice()),
            Type::Cosignature => {
                let (time, bytes) = signature.bytes.split_first_chunk::<8>().ok_or_else(wrong)?;
                (Some(u64::from_be_bytes(*time)), bytes)
            }
        };
        if time.is_some_and(|time| time > MAX_TIME) {
            return Err(wrong());
        }
        let message = time.map_or_else(|| text.to_string(), |time| cosigned(text, time));
        let bytes = ed25519_dalek::Signature::from_slice(bytes).map_err(|_| wrong())?;
        self.key.verify_strict(message.as_bytes(), &bytes).map_err(|_| wrong())?;
        Ok(time)
    }
}

/// What a witness signs (C2SP tlog-cosignature, "Ed25519 signed message").
fn cosigned(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}+", self.name, u32::from_be_bytes(self.id()))?;
        let mut bytes = vec![self.kind as u8];
        bytes.extend(self.key.as_bytes());
        f.write_str(&BASE64_STANDARD.encode(bytes))
    }
}

impl FromStr for VerifierKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<VerifierKey> {
        let wrong = |what: &str| {
            Error::invalid(format!("{text:?} is not a verifier key: {what}"))
                .remedy("Expected name+id+base64, with an Ed25519 key of type 1 (log) or 4 (witness)")
        };
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("it does not have three parts"));
        };
        check_name(name)?;
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| wrong("the key is not base64"))?;
        let (kind, key) = match bytes.split_first() {
            Some((0x01, key)) => (Type::Note, key),
            Some((0x04, key)) => (Type::Cosignature, key),
            _ => return Err(wrong("the type is not known here")),
        };
        let key = key.try_into().ok().and_then(|key| VerifyingKey::from_bytes(key).ok());
        let key = key.ok_or_else(|| wrong("the key is not an Ed25519 key"))?;
        let read = VerifierKey { name: name.to_string(), kind, key };
        if read.to_string() == text { Ok(read) } else { Err(wrong("the id is not that of the key")) }
    }
}

/// Fails unless `name` may name a key.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let fits = !name.is_empty() && name.len() <= MAX_NAME;
    if fits && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
        return Ok(());
    }
    Err(Error::invalid(format!("{name:?} cannot name a key"))
        .remedy(format!("A name has 1 to {MAX_NAME} bytes and neither spaces nor +, e.g. example.org/vn")))
}

#[cfg(test)]
mod tests;
