//! SHA-256 digests and the two ways in which a Merkle tree hashes (RFC 6962 section 2.1).

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest as _, Sha256};
use std::fmt;

use crate::error::{Error, Result};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest32(pub [u8; 32]);

/// The root of a tree without entries: SHA-256 of nothing.
pub const EMPTY_ROOT: Digest32 = Digest32([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

impl Digest32 {
    pub fn of(bytes: &[u8]) -> Digest32 {
        Digest32(Sha256::digest(bytes).into())
    }
    /// Standard base64 with padding, as notes and proofs spell hashes.
    pub fn base64(&self) -> String {
        BASE64_STANDARD.encode(self.0)
    }
    /// Reads what `base64` writes, and no other spelling.
    pub fn from_base64(text: &str) -> Result<Digest32> {
        let bytes = BASE64_STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Digest32).ok_or_else(|| Error::invalid(format!("{text:?} is not a SHA-256 hash in base64")))
    }
}

/// The hash of an entry, told apart from that of a node by its first byte.
pub fn leaf_hash(entry: &[u8]) -> Digest32 {
    Digest32(Sha256::new().chain_update([0x00]).chain_update(entry).finalize().into())
}

/// The hash of two subtrees side by side.
pub fn node_hash(left: &Digest32, right: &Digest32) -> Digest32 {
    let mut bytes = [0x01; 65];
    bytes[1..33].copy_from_slice(&left.0);
    bytes[33..].copy_from_slice(&right.0);
    Digest32::of(&bytes)
}

impl fmt::Display for Digest32 {
    /// 64 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Digest32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
