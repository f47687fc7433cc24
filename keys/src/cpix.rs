//! Documents of the Content Protection Information Exchange format (DASH-IF CPIX 2.x, here §).
//!
//! A document carries content keys, in the clear or encrypted for recipients, what DRM systems want in
//! manifests and init segments, and rules that say which tracks use which key.
//!
//! Invariants:
//! - Reading needs no secret: encrypted keys stay as they came until a recipient opens them, and a value
//!   whose MAC is wrong or missing is never decrypted.
//! - A rule with a filter that is not understood is refused: passing it over would apply it to more.

mod read;
mod rule;
mod secret;
mod signature;
#[cfg(test)]
mod tests;
mod write;

pub use read::read;
pub use rule::{Filter, TrackFacts, UsageRule};
pub use secret::Recipient;
pub use write::{Seal, Told, write};

use media::{Error, Result};

/// Bytes of a document at most.
pub const MAX_DOCUMENT: usize = 4 << 20;

/// A document as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// For whom the encrypted values are.
    pub recipients: Vec<Recipient>,
    pub keys: Vec<Key>,
    pub systems: Vec<System>,
    pub rules: Vec<UsageRule>,
    /// The certificates (DER) of those who signed the document or parts of it; every signature is valid.
    /// Whether a signer is to be trusted is the caller's to decide.
    pub signers: Vec<Vec<u8>>,
}

/// One content key (§ContentKey).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub id: [u8; 16],
    pub value: Value,
    /// `explicitIV`.
    pub iv: Option<[u8; 16]>,
    /// `commonEncryptionScheme`: `cenc`, `cbcs`…; empty when the document does not say.
    pub scheme: String,
}

/// The value of a key.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// The document asks for a key, or only names it.
    Absent,
    Clear([u8; 16]),
    Encrypted {
        /// IV and cipher text of AES-256-CBC under the document key.
        cipher: Vec<u8>,
        mac: Option<Vec<u8>>,
    },
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Value::Absent => "Absent",
            Value::Clear(_) => "Clear",
            Value::Encrypted { .. } => "Encrypted",
        })
    }
}

/// What a DRM system wants said of a key (§DRMSystem).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    pub id: [u8; 16],
    pub key_id: [u8; 16],
    /// A whole `pssh` box, when there is one.
    pub pssh: Option<Vec<u8>>,
}

impl Document {
    /// The key that the rules give a track, `None` when no rule applies. Fails when rules for different
    /// keys apply, which §ContentKeyUsageRule forbids.
    pub fn key_for(&self, track: &TrackFacts) -> Result<Option<[u8; 16]>> {
        let mut found = None;
        for rule in self.rules.iter().filter(|rule| rule.applies(track)) {
            if found.is_some_and(|id| id != rule.key_id) {
                return Err(Error::invalid(format!(
                    "two keys have rules that apply to track {:?}",
                    track.labels
                )));
            }
            found = Some(rule.key_id);
        }
        Ok(found)
    }

    /// The same document with every encrypted value opened by the recipient whose private key this is
    /// (PKCS#8, DER). Fails when none of the values is for that key, and when a MAC is wrong.
    pub fn opened(&self, private_key: &[u8]) -> Result<Document> {
        let secrets = secret::open(&self.recipients, private_key)?;
        let mut document = self.clone();
        for key in &mut document.keys {
            if let Value::Encrypted { cipher, mac } = &key.value {
                let place = || format!("key {}", crate::key_id_text(&key.id));
                key.value = Value::Clear(secrets.decrypt(cipher, mac.as_deref()).map_err(|e| e.at(place()))?);
            }
        }
        Ok(document)
    }
}
