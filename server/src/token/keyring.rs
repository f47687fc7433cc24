//! The keys that seal a house's tokens: made, replaced, told to others that check.
//!
//! `token-keys.json` in the archive names them; it holds no secret. The key itself comes from the house's
//! own secret and its id, so whoever has one of them learns nothing of another. A key is for one algorithm
//! for all its life. A new one takes over at once; what the old one sealed before stays good to its end.
//!
//! Invariant: an id is never used twice, so a key that was retired stays so.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use media::Digest;
use media::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use tokens::{Algorithm, Issuer, MAX_LIFE, Ring};
use utoipa::ToSchema;

use crate::house::House;
use crate::ledgers::{Keys, random};

const FILE: &str = "token-keys.json";
/// Keys in the file at most: those of which a token may still be under way.
const MAX_KEYS: usize = 64;

/// What checks tokens, and what makes them.
pub struct Keyring {
    pub ring: Ring,
    pub issuer: Issuer,
}

/// A key as the file names it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
    algorithm: Kept,
    /// Seconds since 1970-01-01 UTC.
    made: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retired: Option<i64>,
}

/// The algorithms by their names in JOSE and on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = TokenAlgorithm)]
pub enum Kept {
    /// HMAC 256/256: for the house's own edges, which share the secret
    Hs256,
    /// ECDSA on P-256: for others, who can check and not issue
    Es256,
    /// Ed25519: the same
    Eddsa,
}

/// A key as it is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct Told {
    pub id: String,
    pub algorithm: Kept,
    pub made: String,
    /// Nothing that was issued from then on is accepted under it; none: it seals.
    pub retired: Option<String>,
    /// What others check its tokens with, base64url: the shared secret (`hs256`) or the public key.
    pub checks_with: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct ToldKeys {
    /// What `iss` is in this house's tokens.
    pub issuer: String,
    pub keys: Vec<Told>,
}

/// What `iss` is in the tokens of a house.
pub fn issuer_name(keys: &Keys) -> String {
    keys.origin("tokens")
}

fn issuer(keys: &Keys, key: &Named) -> Result<Issuer> {
    let (id, secret) = (key.id.as_bytes(), keys.token(&key.id));
    let issuer = match key.algorithm {
        Kept::Hs256 => Issuer::hs256(id, &secret),
        Kept::Es256 => Issuer::es256(id, &secret),
        Kept::Eddsa => Issuer::eddsa(id, &secret),
    };
    issuer.ok_or_else(|| Error::internal(format!("no key can be made of the id {}", key.id)))
}

fn file(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

fn read(dir: &Path) -> Result<Vec<Named>> {
    let path = file(dir);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(archive::from_io(&path, e)),
    };
    serde_json::from_slice(&bytes).map_err(|e| {
        Error::new(Kind::DataLoss, format!("the names of the token keys cannot be read: {e}"))
            .at(path.display().to_string())
            .remedy("Put the file back from a backup, or remove it: every token under way is refused then")
    })
}

/// Adds a key that seals from now on, retires the one before (from the next second on: it may have sealed
/// within this one), and forgets those of which nothing can be
/// under way any more.
fn add(dir: &Path, algorithm: Kept) -> Result<Vec<Named>> {
    let now = Timestamp::now().as_second();
    let mut names = read(dir)?;
    names.retain(|key| key.retired.is_none_or(|at| now < at + MAX_LIFE));
    names.iter_mut().for_each(|key| key.retired = key.retired.or(Some(now + 1)));
    if names.len() >= MAX_KEYS {
        return Err(Error::new(Kind::Conflict, format!("{MAX_KEYS} keys were made within four hours"))
            .remedy("Wait until the tokens of the oldest have ended"));
    }
    let id = Digest(random()?).to_string()[..16].to_string();
    names.push(Named { id, algorithm, made: now, retired: None });
    let text = serde_json::to_vec_pretty(&names).map_err(|e| Error::internal(e.to_string()))?;
    archive::write_durably(&file(dir), &text)?;
    Ok(names)
}

fn ring(keys: &Keys, names: &[Named]) -> Result<Keyring> {
    let issuers = names.iter().map(|key| issuer(keys, key)).collect::<Result<Vec<_>>>()?;
    let checks = names.iter().zip(&issuers).map(|(named, issuer)| match named.retired {
        Some(at) => issuer.key().retired(at),
        None => issuer.key(),
    });
    let ring = Ring { issuer: issuer_name(keys), audience: issuer_name(keys), keys: checks.collect() };
    let sealing = names.iter().zip(&issuers).rfind(|(named, _)| named.retired.is_none());
    let (_, issuer) = sealing.ok_or_else(|| Error::internal("no key seals tokens"))?;
    Ok(Keyring { ring, issuer: issuer.clone() })
}

/// The keys of the archive in `dir`; the first is made where there is none.
pub fn open(dir: &Path, keys: &Keys) -> Result<Keyring> {
    let names = read(dir)?;
    let names = if names.iter().any(|key| key.retired.is_none()) { names } else { add(dir, Kept::Hs256)? };
    ring(keys, &names)
}

/// Seals under a new key from now on.
pub fn rotate(house: &House, algorithm: Kept) -> Result<ToldKeys> {
    let names = add(house.archive().dir(), algorithm)?;
    if let Some(tokens) = house.tokens() {
        tokens.turn(ring(&house.keys, &names)?);
    }
    tell(&house.keys, &names)
}

/// The keys, and what others check with.
pub fn list(house: &House) -> Result<ToldKeys> {
    tell(&house.keys, &read(house.archive().dir())?)
}

fn tell(keys: &Keys, names: &[Named]) -> Result<ToldKeys> {
    let instant = |at: i64| Timestamp::from_second(at).map(|at| at.to_string()).unwrap_or_default();
    let told = names.iter().map(|key| {
        let checks_with = URL_SAFE_NO_PAD.encode(issuer(keys, key)?.key().material());
        Ok(Told {
            id: key.id.clone(),
            algorithm: key.algorithm,
            made: instant(key.made),
            retired: key.retired.map(instant),
            checks_with,
        })
    });
    Ok(ToldKeys { issuer: issuer_name(keys), keys: told.collect::<Result<_>>()? })
}

impl From<Kept> for Algorithm {
    fn from(kept: Kept) -> Algorithm {
        match kept {
            Kept::Hs256 => Algorithm::Hs256,
            Kept::Es256 => Algorithm::Es256,
            Kept::Eddsa => Algorithm::EdDsa,
        }
    }
}

pub fn print(told: &ToldKeys) {
    println!("iss {}", told.issuer);
    for key in &told.keys {
        let algorithm: Algorithm = key.algorithm.into();
        let stands = key.retired.as_ref().map_or("seals".to_string(), |at| format!("retired {at}"));
        println!("  {}  {algorithm:?}  made {}  {stands}\n    {}", key.id, key.made, key.checks_with);
    }
}

#[cfg(test)]
mod tests;
