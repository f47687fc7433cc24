//! Why a token is not accepted. Refusals are values: a request with a bad token is nothing unusual.

use std::fmt;

/// The first reason found. Checks run from the outside inward: size, form, key, seal, and only then what
/// the claims say, so nothing is told about claims that nobody vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Longer than a cookie or a path should carry.
    TooLarge,
    /// Not base64url, not CBOR, not CWT in COSE, or not of the shapes that CTA-5007 gives its claims.
    Malformed(&'static str),
    /// No key of this house has that id, or it was retired.
    UnknownKey,
    /// The token names another algorithm than the one its key is for, or wears another kind of seal.
    Algorithm,
    /// The seal does not fit the bytes.
    Altered,
    /// Issued by or for somebody else.
    OtherHouse,
    /// A claim that Phim demands of every token is not there.
    Missing(&'static str),
    /// A claim that restricts in a way that Phim does not check (its CWT label); ignoring it would widen it.
    Unchecked(i64),
    /// Past its end.
    Expired,
    /// Before its beginning.
    NotYet,
    /// Good for longer than [`crate::MAX_LIFE`].
    TooLong,
    /// Another territory than that of the request.
    OtherTerritory,
    /// An address outside what the token opens, such as that of another composition.
    OtherAddress,
    /// A method that the token does not name.
    OtherMethod,
    /// Used a second time although its claims forbid it.
    Replayed,
}

impl Refusal {
    /// A short name for logs, metrics and answers.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::TooLarge => "token-too-large",
            Refusal::Malformed(_) => "token-malformed",
            Refusal::UnknownKey => "token-unknown-key",
            Refusal::Algorithm => "token-algorithm",
            Refusal::Altered => "token-altered",
            Refusal::OtherHouse => "token-other-house",
            Refusal::Missing(_) => "token-missing-claim",
            Refusal::Unchecked(_) => "token-unchecked-claim",
            Refusal::Expired => "token-expired",
            Refusal::NotYet => "token-not-yet",
            Refusal::TooLong => "token-too-long",
            Refusal::OtherTerritory => "token-other-territory",
            Refusal::OtherAddress => "token-other-address",
            Refusal::OtherMethod => "token-other-method",
            Refusal::Replayed => "token-replayed",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::TooLarge => f.write_str("the token is too large"),
            Refusal::Malformed(what) => write!(f, "the token is malformed: {what}"),
            Refusal::UnknownKey => f.write_str("no key of this house has sealed the token"),
            Refusal::Algorithm => f.write_str("the token names another algorithm than its key is for"),
            Refusal::Altered => f.write_str("the token was altered"),
            Refusal::OtherHouse => f.write_str("the token was issued by or for somebody else"),
            Refusal::Missing(claim) => write!(f, "the token does not say {claim}"),
            Refusal::Unchecked(label) => write!(f, "the token has claim {label}, which is not checked here"),
            Refusal::Expired => f.write_str("the token has expired"),
            Refusal::NotYet => f.write_str("the token is not valid yet"),
            Refusal::TooLong => f.write_str("the token is good for longer than four hours"),
            Refusal::OtherTerritory => f.write_str("the token is for another territory"),
            Refusal::OtherAddress => f.write_str("the token is for another address"),
            Refusal::OtherMethod => f.write_str("the token is for another method"),
            Refusal::Replayed => f.write_str("the token was used before"),
        }
    }
}
