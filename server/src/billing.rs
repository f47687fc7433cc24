//! What viewers have paid for, by the word of the operator's billing. Phim takes no money: it reads what
//! billing signed, and believes nothing else.

use std::path::Path;

use jiff::Timestamp;
use media::Digest;
use media::error::{Error, Result};
use policy::gate::{Entitlement, Paid};
use serde::Deserialize;
use tokens::{Key, Receipt, Refusal, Right, Ring};

/// Who signs receipts, as a file says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Billing {
    /// What receipts name as their issuer.
    issuer: String,
    keys: Vec<PublicKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicKey {
    id: String,
    /// A public key of Ed25519, hexadecimal.
    ed25519: String,
}

/// Reads the keys of billing. Fails when the file is not what is expected.
pub fn open(path: &Path) -> Result<Ring> {
    let wrong = |what: String| {
        Error::invalid(format!("the keys of billing cannot be read: {what}"))
            .at(path.display().to_string())
            .remedy(r#"Write {"issuer": "NAME", "keys": [{"id": "ID", "ed25519": "64 HEX DIGITS"}]}"#)
    };
    let text = std::fs::read(path).map_err(|e| archive::from_io(path, e))?;
    let billing: Billing = serde_json::from_slice(&text).map_err(|e| wrong(e.to_string()))?;
    let key = |key: &PublicKey| {
        // The digits of a digest and of such a key are the same.
        let bytes = key.ed25519.parse::<Digest>().ok();
        bytes
            .and_then(|bytes| Key::eddsa(key.id.as_bytes(), &bytes.0))
            .ok_or_else(|| wrong(format!("the key {:?} is no public key of Ed25519", key.id)))
    };
    let keys = billing.keys.iter().map(key).collect::<Result<Vec<_>>>()?;
    Ok(Ring { issuer: billing.issuer, audience: String::new(), keys })
}

/// What a viewer holds who shows this receipt, where `ring` are the keys of billing; without keys, the house
/// asks nobody for money. A receipt that ended, or none, is worth nothing; one that is not billing's is a
/// mistake of whoever sent it.
pub fn paid(ring: Option<&Ring>, receipt: Option<&str>, now: Timestamp) -> Result<Paid> {
    let Some(ring) = ring else { return Ok(Paid::NotAsked) };
    let Some(text) = receipt else { return Ok(Paid::Holds(Vec::new())) };
    match Receipt::read(ring, text, now.as_second()) {
        Ok(receipt) => {
            Ok(Paid::Holds(receipt.rights.iter().map(|right| entitlement(right, receipt.expires)).collect()))
        }
        Err(Refusal::Expired | Refusal::NotYet) => Ok(Paid::Holds(Vec::new())),
        Err(refusal) => Err(Error::invalid(format!("the receipt is not accepted: {refusal}")).at("receipt")),
    }
}

/// No right outlives the receipt that says so.
fn entitlement(right: &Right, expires: i64) -> Entitlement {
    let until = right.until.map_or(expires, |until| until.min(expires));
    Entitlement {
        licence: right.licence.clone(),
        title: right.title.clone(),
        until: Some(Timestamp::from_second(until).unwrap_or(Timestamp::MIN)),
    }
}

#[cfg(test)]
mod tests;
