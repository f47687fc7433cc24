//! What binds documents and names to records without showing them.
//!
//! A record holds a *commitment* to a document: SHA-256 over a random salt and the document. Whoever is
//! given both can verify that this was the document; nobody else learns it, and when the salt is erased
//! nobody can link the two again. Names of people stand in records as *pseudonyms*.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::digest::Digest32;

/// Commits to a document. The salt is random, secret, and used for this one document.
pub fn commit(salt: &[u8; 32], document: &[u8]) -> Digest32 {
    // The salt has one length, so where it ends and the document begins is never in doubt.
    Digest32(Sha256::new().chain_update(salt).chain_update(document).finalize().into())
}

/// Whether salt and document are those that were committed to.
pub fn opens(commitment: &Digest32, salt: &[u8; 32], document: &[u8]) -> bool {
    commit(salt, document) == *commitment
}

/// An opaque name for a person, the same each time under one key: 128 bits of HMAC-SHA-256 (RFC 2104)
/// over the name, in 32 hexadecimal digits. When the key is erased, nobody can link the two again.
pub fn pseudonym(key: &[u8; 32], name: &str) -> String {
    hmac(key, name)[..16].iter().map(|b| format!("{b:02x}")).collect()
}

/// A key for one purpose out of a house's one secret: HMAC-SHA-256 of the purpose, so that no key tells
/// anything about another or about the secret.
pub fn derive_key(secret: &[u8; 32], purpose: &str) -> [u8; 32] {
    hmac(secret, purpose)
}

fn hmac(key: &[u8; 32], text: &str) -> [u8; 32] {
    // HMAC takes a key of any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { unreachable!("HMAC takes any key") };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
