//! Keys, each for exactly one algorithm.
//!
//! Invariant: the algorithm is a property of the key. What a token says of its algorithm is compared with
//! it and never followed, so a public key cannot be used as a shared secret.

use std::fmt;

use ed25519_dalek as ed25519;
use ed25519_dalek::Signer as _;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa;
use p256::ecdsa::signature::Verifier as _;
use sha2::Sha256;

/// The algorithms of COSE (RFC 9053) that a key may be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256 and a whole tag (`HMAC 256/256`, 5): the house's own edges.
    Hs256,
    /// ECDSA on P-256 with SHA-256 (-7): CDNs that must not be able to issue.
    Es256,
    /// Ed25519 (-8).
    EdDsa,
}

impl Algorithm {
    /// Whether its tokens are `COSE_Mac0`; else they are `COSE_Sign1`.
    pub fn is_mac(self) -> bool {
        self == Algorithm::Hs256
    }
    pub(crate) fn iana(self) -> coset::iana::Algorithm {
        match self {
            Algorithm::Hs256 => coset::iana::Algorithm::HMAC_256_256,
            Algorithm::Es256 => coset::iana::Algorithm::ES256,
            Algorithm::EdDsa => coset::iana::Algorithm::EdDSA,
        }
    }
}

/// Bytes of a key's id at most.
const MAX_ID: usize = 64;
/// Bytes of a shared secret at least: those of its hash (RFC 9053 §3.1).
const MIN_SECRET: usize = 32;

/// What checks a token.
#[derive(Clone)]
pub struct Key {
    id: Vec<u8>,
    check: Check,
    retired: Option<i64>,
}

#[derive(Clone)]
enum Check {
    Hs256(Vec<u8>),
    Es256(ecdsa::VerifyingKey),
    EdDsa(ed25519::VerifyingKey),
}

impl Key {
    /// A shared secret of at least 32 bytes. `None` when it or the id is of the wrong length.
    pub fn hs256(id: &[u8], secret: &[u8]) -> Option<Key> {
        (secret.len() >= MIN_SECRET).then(|| Key::new(id, Check::Hs256(secret.to_vec())))?
    }
    /// A public point of P-256 as SEC 1 writes it, compressed or not.
    pub fn es256(id: &[u8], public: &[u8]) -> Option<Key> {
        Key::new(id, Check::Es256(ecdsa::VerifyingKey::from_sec1_bytes(public).ok()?))
    }
    /// A public key of Ed25519.
    pub fn eddsa(id: &[u8], public: &[u8; 32]) -> Option<Key> {
        let key = ed25519::VerifyingKey::from_bytes(public).ok().filter(|key| !key.is_weak())?;
        Key::new(id, Check::EdDsa(key))
    }
    fn new(id: &[u8], check: Check) -> Option<Key> {
        (1..=MAX_ID).contains(&id.len()).then(|| Key { id: id.to_vec(), check, retired: None })
    }
    /// Nothing that is issued at or after this instant is accepted under this key; nothing at all
    /// once the longest token issued before it has ended.
    pub fn retired(self, at: i64) -> Key {
        Key { retired: Some(at), ..self }
    }
    pub fn id(&self) -> &[u8] {
        &self.id
    }
    pub fn algorithm(&self) -> Algorithm {
        match self.check {
            Check::Hs256(_) => Algorithm::Hs256,
            Check::Es256(_) => Algorithm::Es256,
            Check::EdDsa(_) => Algorithm::EdDsa,
        }
    }
    /// What others check its tokens with: the shared secret itself, the point of P-256 (SEC 1, compressed),
    /// the public key of Ed25519.
    pub fn material(&self) -> Vec<u8> {
        match &self.check {
            Check::Hs256(secret) => secret.clone(),
            Check::Es256(key) => key.to_sec1_point(true).as_bytes().to_vec(),
            Check::EdDsa(key) => key.to_bytes().to_vec(),
        }
    }
    pub(crate) fn vouches(&self, issued: i64) -> bool {
        self.retired.is_none_or(|at| issued < at)
    }
    /// Whether `seal` is this key's over `message`.
    pub(crate) fn sealed(&self, message: &[u8], seal: &[u8]) -> bool {
        match &self.check {
            Check::Hs256(secret) => mac(secret, message).verify_slice(seal).is_ok(),
            Check::Es256(key) => {
                ecdsa::Signature::from_slice(seal).is_ok_and(|seal| key.verify(message, &seal).is_ok())
            }
            Check::EdDsa(key) => ed25519::Signature::from_slice(seal)
                .is_ok_and(|seal| key.verify_strict(message, &seal).is_ok()),
        }
    }
}

/// What makes a token.
#[derive(Clone)]
pub struct Issuer {
    id: Vec<u8>,
    secret: Secret,
}

#[derive(Clone)]
enum Secret {
    Hs256(Vec<u8>),
    Es256(ecdsa::SigningKey),
    EdDsa(ed25519::SigningKey),
}

impl Issuer {
    /// A shared secret of at least 32 bytes.
    pub fn hs256(id: &[u8], secret: &[u8]) -> Option<Issuer> {
        Key::hs256(id, secret)?;
        Some(Issuer { id: id.to_vec(), secret: Secret::Hs256(secret.to_vec()) })
    }
    /// A secret number of P-256, big-endian. `None` when it is none, or the id is of the wrong length.
    pub fn es256(id: &[u8], secret: &[u8; 32]) -> Option<Issuer> {
        let key = ecdsa::SigningKey::from_slice(secret).ok()?;
        (1..=MAX_ID).contains(&id.len()).then(|| Issuer { id: id.to_vec(), secret: Secret::Es256(key) })
    }
    /// A seed of Ed25519.
    pub fn eddsa(id: &[u8], seed: &[u8; 32]) -> Option<Issuer> {
        let secret = Secret::EdDsa(ed25519::SigningKey::from_bytes(seed));
        (1..=MAX_ID).contains(&id.len()).then(|| Issuer { id: id.to_vec(), secret })
    }
    pub fn id(&self) -> &[u8] {
        &self.id
    }
    /// The key that checks what this makes. For a shared secret that is the secret itself.
    pub fn key(&self) -> Key {
        let check = match &self.secret {
            Secret::Hs256(secret) => Check::Hs256(secret.clone()),
            Secret::Es256(key) => Check::Es256(*key.verifying_key()),
            Secret::EdDsa(key) => Check::EdDsa(key.verifying_key()),
        };
        Key { id: self.id.clone(), check, retired: None }
    }
    pub(crate) fn seal(&self, message: &[u8]) -> Vec<u8> {
        match &self.secret {
            Secret::Hs256(secret) => mac(secret, message).finalize().into_bytes().to_vec(),
            Secret::Es256(key) => {
                let seal: ecdsa::Signature = ecdsa::signature::Signer::sign(key, message);
                seal.to_bytes().to_vec()
            }
            Secret::EdDsa(key) => key.sign(message).to_bytes().to_vec(),
        }
    }
}

fn mac(secret: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of every length");
    mac.update(message);
    mac
}

/// The keys whose tokens a house accepts. While keys rotate it holds the old and the new.
#[derive(Clone, Debug)]
pub struct Ring {
    /// What `iss` must be.
    pub issuer: String,
    /// What `aud` must name, where a token has it.
    pub audience: String,
    pub keys: Vec<Key>,
}

impl Ring {
    pub(crate) fn key(&self, id: &[u8]) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = String::from_utf8_lossy(&self.id);
        write!(f, "Key({id}, {:?}, retired {:?})", self.algorithm(), self.retired)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({}, {:?})", String::from_utf8_lossy(&self.id), self.key().algorithm())
    }
}
