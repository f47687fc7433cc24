//! What a viewer has paid for, as the operator's billing signs it: a CWT in COSE like a token, with one claim
//! of Phim's own. It names no person.

use coset::cbor::Value;

use crate::claims::{entries, integer, text};
use crate::key::{Issuer, Ring};
use crate::refusal::Refusal;
use crate::token::{seal, unseal};

const ISS: i64 = 1;
const EXP: i64 = 4;
const IAT: i64 = 6;
/// Private use (RFC 8392 §9.1): a list of `[licence, title or null, until or null]`.
const RIGHTS: i64 = -65_600;
/// Rights of one receipt; what has more is another receipt.
pub const MOST_RIGHTS: usize = 100;

/// Signed facts of billing about one viewer, whoever it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Who signed it.
    pub issuer: String,
    /// Seconds since 1970-01-01 UTC.
    pub issued: i64,
    pub expires: i64,
    pub rights: Vec<Right>,
}

/// A right to watch what is offered in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// As MovieLabs writes it: SVOD, EST, VOD…
    pub licence: String,
    /// Of this title; none: of every title that is offered so.
    pub title: Option<String>,
    /// Until when; none: for as long as the receipt says so.
    pub until: Option<i64>,
}

impl Receipt {
    /// Refuses what no reader would accept.
    pub fn seal(&self, issuer: &Issuer) -> Result<String, Refusal> {
        if issuer.key().algorithm().is_mac() {
            return Err(Refusal::Algorithm);
        }
        let right = |right: &Right| {
            let title = right.title.as_deref().map_or(Value::Null, Value::from);
            Value::Array(vec![
                right.licence.as_str().into(),
                title,
                right.until.map_or(Value::Null, Value::from),
            ])
        };
        let claims = vec![
            (ISS.into(), self.issuer.as_str().into()),
            (EXP.into(), self.expires.into()),
            (IAT.into(), self.issued.into()),
            (RIGHTS.into(), Value::Array(self.rights.iter().map(right).collect())),
        ];
        let mut payload = Vec::new();
        coset::cbor::ser::into_writer(&Value::Map(claims), &mut payload).expect("memory takes every byte");
        seal(issuer, payload)
    }

    /// What billing vouches for at `now`. A secret that the house shares is no signature of billing's.
    pub fn read(ring: &Ring, text: &str, now: i64) -> Result<Receipt, Refusal> {
        let (payload, key) = unseal(ring, text)?;
        if key.algorithm().is_mac() {
            return Err(Refusal::Algorithm);
        }
        let receipt = Receipt::of(&payload)?;
        match () {
            () if receipt.issuer != ring.issuer => Err(Refusal::OtherHouse),
            () if !key.vouches(receipt.issued) => Err(Refusal::UnknownKey),
            () if now >= receipt.expires => Err(Refusal::Expired),
            () if now < receipt.issued => Err(Refusal::NotYet),
            () => Ok(receipt),
        }
    }

    fn of(payload: &[u8]) -> Result<Receipt, Refusal> {
        let mut rest = payload;
        let value: Value = coset::cbor::de::from_reader(&mut rest)
            .map_err(|_| Refusal::Malformed("the claims are not CBOR"))?;
        if !rest.is_empty() {
            return Err(Refusal::Malformed("bytes after the claims"));
        }
        let mut map = entries(value)?;
        let mut take = |label: i64, name| map.remove(&label).ok_or(Refusal::Missing(name));
        let rights = take(RIGHTS, "what was paid for")?;
        let receipt = Receipt {
            issuer: text(take(ISS, "who issued it (iss)")?, "iss")?,
            issued: integer(&take(IAT, "when it was issued (iat)")?, "iat")?,
            expires: integer(&take(EXP, "when it ends (exp)")?, "exp")?,
            rights: read_rights(rights)?,
        };
        match map.keys().next() {
            Some(label) => Err(Refusal::Unchecked(*label)),
            None => Ok(receipt),
        }
    }
}

fn read_rights(value: Value) -> Result<Vec<Right>, Refusal> {
    let list = value.into_array().map_err(|_| Refusal::Malformed("rights are no list"))?;
    if list.len() > MOST_RIGHTS {
        return Err(Refusal::TooLarge);
    }
    list.into_iter().map(read_right).collect()
}

fn read_right(value: Value) -> Result<Right, Refusal> {
    let wrong = Refusal::Malformed("a right is not [licence, title, until]");
    let Ok([licence, title, until]) =
        value.into_array().and_then(|list| <[Value; 3]>::try_from(list).map_err(Value::Array))
    else {
        return Err(wrong);
    };
    Ok(Right {
        licence: text(licence, "licence")?,
        title: if title.is_null() { None } else { Some(text(title, "title")?) },
        until: if until.is_null() { None } else { Some(integer(&until, "until")?) },
    })
}

#[cfg(test)]
mod tests;
