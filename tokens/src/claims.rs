//! What a token says, and its CBOR.
//!
//! Invariants:
//! - Equal claims have equal bytes: maps are ordered by label, numbers and lengths take their shortest
//!   form (RFC 8949 §4.2.1).
//! - What is not understood is refused, never passed over: a claim restricts.

use std::collections::BTreeMap;

use coset::cbor::value::Value;

use crate::address::{Address, label};
use crate::refusal::Refusal;

/// Seconds from issue to end at most: the longest session that a path can carry.
pub const MAX_LIFE: i64 = 4 * 3600;

/// CWT labels (RFC 8392 §4; CTA-5007 for those above 300).
const ISS: i64 = 1;
const SUB: i64 = 2;
const AUD: i64 = 3;
const EXP: i64 = 4;
const NBF: i64 = 5;
const IAT: i64 = 6;
const CTI: i64 = 7;
const CATREPLAY: i64 = 308;
const CATV: i64 = 310;
const CATU: i64 = 312;
const CATM: i64 = 313;
const CATGEOISO3166: i64 = 316;
const CATR: i64 = 323;
/// Of Phim's own: private use (RFC 8392 §9.1: labels below -65536).
const HOME: i64 = -65_537;
const BEGAN: i64 = -65_538;

/// Entries of a list in a claim at most.
const MAX_LIST: usize = 32;
/// Bytes of a token's id.
const ID_BYTES: std::ops::RangeInclusive<usize> = 8..=64;

/// What a token says. Instants are seconds since 1970-01-01 UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// `iss`: the house.
    pub issuer: String,
    /// `sub`: the session, never a name of a person.
    pub subject: Option<String>,
    /// `aud`: for whom; empty for whoever serves this house.
    pub audience: Vec<String>,
    /// `cti`: fresh random bytes, 8 to 64.
    pub id: Vec<u8>,
    /// `iat`.
    pub issued: i64,
    /// `nbf`: the first second at which it is good.
    pub not_before: Option<i64>,
    /// `exp`: the first second at which it is no longer good.
    pub expires: i64,
    /// `catgeoiso3166`: ISO 3166-1 countries or 3166-2 parts of them. At least one.
    pub territories: Vec<String>,
    /// `catu`: what it opens.
    pub address: Address,
    /// `catm`: the methods; empty for any.
    pub methods: Vec<String>,
    /// `catreplay`.
    pub replay: Replay,
    /// `catr`: how it is renewed, if at all.
    pub renewal: Option<Renewal>,
    /// Claim -65537, Phim's own: the country that keeps the viewer's account (ISO 3166-1 alpha-2). It
    /// restricts: who travels is under the rules that their pack names.
    pub home: Option<String>,
    /// Claim -65538, Phim's own: when the session began, where this is not its first token. Who began
    /// before a licence's window shut may see the film to its end, where the contract says so.
    pub began: Option<i64>,
}

/// `catreplay` (claim 308).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replay {
    /// 0: segments.
    #[default]
    Allowed,
    /// 1: play and licence requests.
    Forbidden,
    /// 2: the caller looks out for shared tokens in its own way.
    Watched,
}

/// `catr` (claim 323): who checks the token may hand out a fresh one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    pub kind: RenewalKind,
    /// Seconds from the renewal to the end of the new token.
    pub add: i64,
    /// Seconds before its end from which it may be renewed; 60 when not said.
    pub deadline: Option<i64>,
    /// The cookie that carries it.
    pub cookie: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenewalKind {
    /// As it came.
    Automatic,
    Cookie,
    Header,
    Redirect,
}

impl RenewalKind {
    const ALL: [RenewalKind; 4] =
        [RenewalKind::Automatic, RenewalKind::Cookie, RenewalKind::Header, RenewalKind::Redirect];
}

impl Claims {
    /// What can be wrong with claims whoever makes them.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let long = |from: i64| self.expires.checked_sub(from).is_none_or(|life| life > MAX_LIFE);
        if self.territories.is_empty() {
            return Err(Refusal::Missing("for which territory it is (catgeoiso3166)"));
        }
        if !self.territories.iter().all(|t| is_territory(t)) {
            return Err(Refusal::Malformed("catgeoiso3166 names no ISO 3166 code"));
        }
        if !self.home.iter().all(|home| home.len() == 2 && is_territory(home)) {
            return Err(Refusal::Malformed("the home is no ISO 3166-1 code"));
        }
        if self.address.path.is_empty() {
            return Err(Refusal::Missing("which path it opens (catu)"));
        }
        if !ID_BYTES.contains(&self.id.len()) {
            return Err(Refusal::Malformed("cti must have 8 to 64 bytes"));
        }
        let renewed = self.renewal.as_ref().is_some_and(|r| r.add > MAX_LIFE);
        if long(self.issued) || renewed {
            return Err(Refusal::TooLong);
        }
        if self.renewal.as_ref().is_some_and(|r| r.add < 1 || r.deadline.is_some_and(|d| d < 0)) {
            return Err(Refusal::Malformed("catr counts backwards"));
        }
        Ok(())
    }

    /// The claims of the token that follows this one, when it may be renewed at `now`; `id` is fresh.
    /// Whoever renews asks the gate again first.
    pub fn renewed(&self, now: i64, id: Vec<u8>) -> Option<Claims> {
        let renewal = self.renewal.as_ref()?;
        let from = self.expires.saturating_sub(renewal.deadline.unwrap_or(60));
        let due = (from..self.expires).contains(&now);
        due.then(|| Claims {
            id,
            issued: now,
            not_before: None,
            expires: now.saturating_add(renewal.add),
            began: Some(self.began()),
            ..self.clone()
        })
    }

    /// When the session began.
    pub fn began(&self) -> i64 {
        self.began.unwrap_or(self.issued)
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut map: BTreeMap<i64, Value> = BTreeMap::new();
        map.insert(ISS, self.issuer.as_str().into());
        if let Some(subject) = &self.subject {
            map.insert(SUB, subject.as_str().into());
        }
        match self.audience.as_slice() {
            [] => {}
            [one] => drop(map.insert(AUD, one.as_str().into())),
            many => drop(map.insert(AUD, list(many))),
        }
        map.insert(EXP, self.expires.into());
        if let Some(instant) = self.not_before {
            map.insert(NBF, instant.into());
        }
        map.insert(IAT, self.issued.into());
        map.insert(CTI, Value::Bytes(self.id.clone()));
        map.insert(CATREPLAY, (self.replay as i64).into());
        map.insert(CATV, 1.into());
        map.insert(CATU, self.address.write());
        if !self.methods.is_empty() {
            map.insert(CATM, list(&self.methods));
        }
        map.insert(CATGEOISO3166, list(&self.territories));
        if let Some(renewal) = &self.renewal {
            map.insert(CATR, renewal.write());
        }
        let mut map: Vec<(Value, Value)> =
            map.into_iter().map(|(label, value)| (label.into(), value)).collect();
        // Negative labels come behind the others (RFC 8949 §4.2.1: in the order of their bytes).
        if let Some(home) = &self.home {
            map.push((HOME.into(), home.as_str().into()));
        }
        if let Some(began) = self.began {
            map.push((BEGAN.into(), began.into()));
        }
        let mut out = Vec::new();
        coset::cbor::ser::into_writer(&Value::Map(map), &mut out).expect("memory takes every byte");
        out
    }

    /// Reads claims that somebody vouched for.
    pub(crate) fn read(bytes: &[u8]) -> Result<Claims, Refusal> {
        let mut rest = bytes;
        let value: Value = coset::cbor::de::from_reader(&mut rest)
            .map_err(|_| Refusal::Malformed("the claims are not CBOR"))?;
        if !rest.is_empty() {
            return Err(Refusal::Malformed("bytes after the claims"));
        }
        let mut map = entries(value)?;
        let mut take = |label: i64| map.remove(&label);
        match take(CATV).map(|v| integer(&v, "catv")).transpose()? {
            None | Some(1) => {}
            Some(_) => return Err(Refusal::Malformed("catv is of another version")),
        }
        let claims = Claims {
            issuer: text(take(ISS).ok_or(Refusal::OtherHouse)?, "iss")?,
            subject: take(SUB).map(|v| text(v, "sub")).transpose()?,
            audience: take(AUD).map(|v| texts(v, "aud")).transpose()?.unwrap_or_default(),
            id: bytes_of(take(CTI).ok_or(Refusal::Missing("its id (cti)"))?)?,
            issued: instant(take(IAT).ok_or(Refusal::Missing("when it was issued (iat)"))?, "iat")?,
            not_before: take(NBF).map(|v| instant(v, "nbf")).transpose()?,
            expires: instant(take(EXP).ok_or(Refusal::Missing("when it ends (exp)"))?, "exp")?,
            territories: take(CATGEOISO3166)
                .map(|v| texts(v, "catgeoiso3166"))
                .transpose()?
                .unwrap_or_default(),
            address: Address::read(take(CATU).ok_or(Refusal::Missing("which path it opens (catu)"))?)?,
            methods: take(CATM).map(|v| texts(v, "catm")).transpose()?.unwrap_or_default(),
            replay: take(CATREPLAY).map(replay).transpose()?.unwrap_or_default(),
            renewal: take(CATR).map(Renewal::read).transpose()?,
            home: take(HOME).map(|v| text(v, "home")).transpose()?,
            began: take(BEGAN).map(|v| instant(v, "began")).transpose()?,
        };
        match map.keys().next() {
            Some(label) => Err(Refusal::Unchecked(*label)),
            None => claims.check().map(|()| claims),
        }
    }
}

impl Renewal {
    fn write(&self) -> Value {
        let mut map: Vec<(Value, Value)> =
            vec![(0.into(), (self.kind as i64).into()), (1.into(), self.add.into())];
        if let Some(deadline) = self.deadline {
            map.push((2.into(), deadline.into()));
        }
        if let Some(cookie) = &self.cookie {
            map.push((3.into(), cookie.as_str().into()));
        }
        Value::Map(map)
    }

    /// Parameters of cookies, headers and redirects restrict nothing; whoever renews here has its own.
    fn read(value: Value) -> Result<Renewal, Refusal> {
        let mut map = entries(value)?;
        let mut number = |label: i64| map.remove(&label).map(|v| integer(&v, "catr")).transpose();
        let (kind, add, deadline) = (number(0)?, number(1)?, number(2)?);
        let kind = kind.and_then(|n| RenewalKind::ALL.into_iter().find(|k| *k as i64 == n));
        let (Some(kind), Some(add)) = (kind, add) else {
            return Err(Refusal::Malformed("catr without its kind or its seconds"));
        };
        let cookie = map.remove(&3).map(|v| text(v, "catr")).transpose()?;
        Ok(Renewal { kind, add, deadline, cookie })
    }
}

fn replay(value: Value) -> Result<Replay, Refusal> {
    match integer(&value, "catreplay")? {
        0 => Ok(Replay::Allowed),
        1 => Ok(Replay::Forbidden),
        2 => Ok(Replay::Watched),
        _ => Err(Refusal::Malformed("catreplay is none of 0, 1, 2")),
    }
}

/// `VN` or `VN-SG` (ISO 3166-1 alpha-2, ISO 3166-2).
fn is_territory(code: &str) -> bool {
    let (country, part) = code.split_once('-').unwrap_or((code, "0"));
    let upper = |c: u8| c.is_ascii_uppercase();
    country.len() == 2
        && country.bytes().all(upper)
        && (1..=3).contains(&part.len())
        && part.bytes().all(|c| upper(c) || c.is_ascii_digit())
}

fn list(texts: &[String]) -> Value {
    Value::Array(texts.iter().map(|t| t.as_str().into()).collect())
}

/// The entries of a map with numbers as labels, each once.
pub(crate) fn entries(value: Value) -> Result<BTreeMap<i64, Value>, Refusal> {
    let map = value.into_map().map_err(|_| Refusal::Malformed("a map was expected"))?;
    let mut out = BTreeMap::new();
    for (key, value) in map {
        if out.insert(label(&key)?, value).is_some() {
            return Err(Refusal::Malformed("a label stands twice"));
        }
    }
    Ok(out)
}

pub(crate) fn integer(value: &Value, claim: &'static str) -> Result<i64, Refusal> {
    value.as_integer().and_then(|n| i64::try_from(n).ok()).ok_or(Refusal::Malformed(claim))
}

/// A numeric date (RFC 8392 §2): whole, or with a fraction that is cut off.
fn instant(value: Value, claim: &'static str) -> Result<i64, Refusal> {
    match value.as_float() {
        Some(seconds) if seconds.is_finite() && seconds.abs() < 1e15 => Ok(seconds.floor() as i64),
        Some(_) => Err(Refusal::Malformed(claim)),
        None => integer(&value, claim),
    }
}

pub(crate) fn text(value: Value, claim: &'static str) -> Result<String, Refusal> {
    value.into_text().map_err(|_| Refusal::Malformed(claim))
}

/// One text, or a list of them.
fn texts(value: Value, claim: &'static str) -> Result<Vec<String>, Refusal> {
    match value {
        Value::Text(one) => Ok(vec![one]),
        Value::Array(many) if (1..=MAX_LIST).contains(&many.len()) => {
            many.into_iter().map(|v| text(v, claim)).collect()
        }
        _ => Err(Refusal::Malformed(claim)),
    }
}

fn bytes_of(value: Value) -> Result<Vec<u8>, Refusal> {
    value.into_bytes().map_err(|_| Refusal::Malformed("cti"))
}

#[cfg(test)]
mod tests;
