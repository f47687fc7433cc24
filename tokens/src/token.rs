//! The bytes of a token: claims in `COSE_Mac0` or `COSE_Sign1`, tagged as CWT, in base64url.
//!
//! Invariants:
//! - No claim is read before the seal was checked.
//! - The algorithm is the key's; the key is found by the id in the token.
//! - Time and work are bounded by [`MAX_TOKEN`], whatever the bytes are.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use coset::{CoseMac0, CoseMac0Builder, CoseSign1, CoseSign1Builder, Header};
use coset::{HeaderBuilder, RegisteredLabelWithPrivate, TaggedCborSerializable as _};

use crate::claims::{Claims, Replay};
use crate::key::{Issuer, Key, Ring};
use crate::refusal::Refusal;

/// Characters of a token at most: it must fit a cookie beside others, and a path.
pub const MAX_TOKEN: usize = 2048;

/// The tag of a CWT (61), before that of its COSE message (RFC 8392 §6).
const CWT_TAG: [u8; 2] = [0xd8, 0x3d];
/// The tags of `COSE_Mac0` (17) and `COSE_Sign1` (18).
const MAC0_TAG: u8 = 0xd1;
const SIGN1_TAG: u8 = 0xd2;

const NO_CLAIMS: Refusal = Refusal::Malformed("a message without claims");

/// The facts of a request that a token is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `https` or `http`.
    pub scheme: &'a str,
    /// Without the port.
    pub host: &'a str,
    /// As it is served, without the query and without the token.
    pub path: &'a str,
    pub method: &'a str,
    /// Where the request comes from: ISO 3166-1 or 3166-2. Empty when unknown, which no token covers.
    pub territory: &'a str,
    /// Whether the token's id was used before, for those that forbid it; see [`crate::Seen`].
    pub used_before: bool,
}

/// Seals claims. Refuses claims that no reader would accept.
pub fn issue(issuer: &Issuer, claims: &Claims) -> Result<String, Refusal> {
    claims.check()?;
    seal(issuer, claims.write())
}

/// Seals a payload.
pub(crate) fn seal(issuer: &Issuer, payload: Vec<u8>) -> Result<String, Refusal> {
    let algorithm = issuer.key().algorithm();
    let protected = HeaderBuilder::new().algorithm(algorithm.iana()).key_id(issuer.id().to_vec()).build();
    let message = if algorithm.is_mac() {
        let message = CoseMac0Builder::new().protected(protected).payload(payload);
        message.create_tag(&[], |bytes| issuer.seal(bytes)).build().to_tagged_vec()
    } else {
        let message = CoseSign1Builder::new().protected(protected).payload(payload);
        message.create_signature(&[], |bytes| issuer.seal(bytes)).build().to_tagged_vec()
    };
    let message = message.map_err(|_| Refusal::Malformed("the claims cannot be written"))?;
    let token = URL_SAFE_NO_PAD.encode([&CWT_TAG[..], &message].concat());
    if token.len() > MAX_TOKEN {
        return Err(Refusal::TooLarge);
    }
    Ok(token)
}

/// Checks a token for a request at `now` (seconds since 1970-01-01 UTC), and answers with its claims.
pub fn verify(ring: &Ring, token: &str, request: &Request, now: i64) -> Result<Claims, Refusal> {
    let (payload, key) = unseal(ring, token)?;
    let claims = Claims::read(&payload)?;
    if claims.issuer != ring.issuer || !for_us(&claims, ring) {
        return Err(Refusal::OtherHouse);
    }
    if !key.vouches(claims.issued) {
        return Err(Refusal::UnknownKey);
    }
    if now >= claims.expires {
        return Err(Refusal::Expired);
    }
    if now < claims.not_before.unwrap_or(claims.issued) {
        return Err(Refusal::NotYet);
    }
    if !claims.territories.iter().any(|t| covers(t, request.territory)) {
        return Err(Refusal::OtherTerritory);
    }
    if !claims.address.holds(request.scheme, request.host, request.path) {
        return Err(Refusal::OtherAddress);
    }
    if !claims.methods.is_empty() && !claims.methods.iter().any(|m| m == request.method) {
        return Err(Refusal::OtherMethod);
    }
    if claims.replay == Replay::Forbidden && request.used_before {
        return Err(Refusal::Replayed);
    }
    Ok(claims)
}

fn for_us(claims: &Claims, ring: &Ring) -> bool {
    claims.audience.is_empty() || claims.audience.contains(&ring.audience)
}

/// A country covers its parts; a part covers only itself.
fn covers(code: &str, territory: &str) -> bool {
    territory == code || territory.strip_prefix(code).is_some_and(|rest| rest.starts_with('-'))
}

/// Checks the seal; what it vouches for, and the key.
pub(crate) fn unseal<'a>(ring: &'a Ring, token: &str) -> Result<(Vec<u8>, &'a Key), Refusal> {
    if token.len() > MAX_TOKEN {
        return Err(Refusal::TooLarge);
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Refusal::Malformed("not base64url"))?;
    let message = bytes.strip_prefix(&CWT_TAG).unwrap_or(&bytes);
    let not_cose = |_| Refusal::Malformed("not a COSE message");
    let (payload, key) = match message.first() {
        Some(&MAC0_TAG) => {
            let message = CoseMac0::from_tagged_slice(message).map_err(not_cose)?;
            let key = key_of(ring, &message.protected.header, &message.unprotected, true)?;
            message.verify_payload_tag(&[], || NO_CLAIMS, |seal, bytes| sealed(key, bytes, seal))?;
            (message.payload, key)
        }
        Some(&SIGN1_TAG) => {
            let message = CoseSign1::from_tagged_slice(message).map_err(not_cose)?;
            let key = key_of(ring, &message.protected.header, &message.unprotected, false)?;
            message.verify_signature(&[], |seal, bytes| sealed(key, bytes, seal))?;
            (message.payload, key)
        }
        _ => return Err(Refusal::Malformed("neither COSE_Mac0 nor COSE_Sign1")),
    };
    Ok((payload.ok_or(NO_CLAIMS)?, key))
}

fn sealed(key: &Key, bytes: &[u8], seal: &[u8]) -> Result<(), Refusal> {
    if key.sealed(bytes, seal) { Ok(()) } else { Err(Refusal::Altered) }
}

/// The key that the headers name, when its algorithm is the one that they name.
fn key_of<'a>(ring: &'a Ring, protected: &Header, open: &Header, mac: bool) -> Result<&'a Key, Refusal> {
    if !protected.crit.is_empty() || !open.crit.is_empty() || open.alg.is_some() {
        return Err(Refusal::Malformed("a COSE header that is not checked here"));
    }
    let id = if protected.key_id.is_empty() { &open.key_id } else { &protected.key_id };
    let key = ring.key(id).ok_or(Refusal::UnknownKey)?;
    let named = protected.alg == Some(RegisteredLabelWithPrivate::Assigned(key.algorithm().iana()));
    if !named || key.algorithm().is_mac() != mac {
        return Err(Refusal::Algorithm);
    }
    Ok(key)
}

#[cfg(test)]
mod interop;
#[cfg(test)]
mod tests;
