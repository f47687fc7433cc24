//! `catu`: which addresses a token opens (CTA-5007, claim 312).
//!
//! Invariant: a path that a cache might read in two ways (dot segments, escapes, backslashes) is outside
//! every address.

use coset::cbor::value::Value;

use crate::claims::{entries, integer, text};
use crate::refusal::Refusal;

/// Labels of the parts of an address.
const SCHEME: i64 = 0;
const HOST: i64 = 1;
const PATH: i64 = 3;

/// How a part of an address is compared. Regular expressions and hashes are not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    Exact(String),
    Prefix(String),
    Suffix(String),
    Contains(String),
}

impl Match {
    fn label(&self) -> (i64, &str) {
        match self {
            Match::Exact(text) => (0, text),
            Match::Prefix(text) => (1, text),
            Match::Suffix(text) => (2, text),
            Match::Contains(text) => (3, text),
        }
    }
    fn accepts(&self, value: &str) -> bool {
        match self {
            Match::Exact(text) => value == text,
            Match::Prefix(text) => value.starts_with(text.as_str()),
            Match::Suffix(text) => value.ends_with(text.as_str()),
            Match::Contains(text) => value.contains(text.as_str()),
        }
    }
}

/// What the parts of a request's address must be. Phim's own tokens name a prefix of the path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    pub scheme: Vec<Match>,
    pub host: Vec<Match>,
    /// Never empty in an accepted token.
    pub path: Vec<Match>,
}

impl Address {
    /// Everything below a path, such as `/vn/c/C/` for one composition in Vietnam. `None` when the path
    /// does not end with a slash, because `/vn/c/C` would open `/vn/c/CD` as well.
    pub fn below(path: &str) -> Option<Address> {
        let whole = path.ends_with('/') && plain(path);
        whole.then(|| Address { path: vec![Match::Prefix(path.into())], ..Address::default() })
    }

    /// Whether a request stands inside.
    pub(crate) fn holds(&self, scheme: &str, host: &str, path: &str) -> bool {
        let all = |matches: &[Match], value: &str| matches.iter().all(|m| m.accepts(value));
        plain(path) && all(&self.scheme, scheme) && all(&self.host, host) && all(&self.path, path)
    }

    pub(crate) fn write(&self) -> Value {
        let parts = [(SCHEME, &self.scheme), (HOST, &self.host), (PATH, &self.path)];
        Value::Map(
            parts
                .into_iter()
                .filter(|(_, matches)| !matches.is_empty())
                .map(|(label, matches)| (label.into(), write_matches(matches)))
                .collect(),
        )
    }

    pub(crate) fn read(value: Value) -> Result<Address, Refusal> {
        let mut address = Address::default();
        for (label, value) in entries(value)? {
            let part = match label {
                SCHEME => &mut address.scheme,
                HOST => &mut address.host,
                PATH => &mut address.path,
                _ => {
                    return Err(Refusal::Malformed(
                        "catu names a part of the address that is not checked here",
                    ));
                }
            };
            *part = read_matches(value)?;
        }
        if address.path.is_empty() {
            return Err(Refusal::Missing("which path it opens (catu)"));
        }
        Ok(address)
    }
}

/// In deterministic order: each way of matching once, by its label.
fn write_matches(matches: &[Match]) -> Value {
    let mut all: Vec<(i64, &str)> = matches.iter().map(Match::label).collect();
    all.sort_unstable();
    all.dedup_by_key(|(label, _)| *label);
    Value::Map(all.into_iter().map(|(label, text)| (label.into(), text.into())).collect())
}

fn read_matches(value: Value) -> Result<Vec<Match>, Refusal> {
    let mut out = Vec::new();
    for (label, value) in entries(value)? {
        let kind = match label {
            0 => Match::Exact,
            1 => Match::Prefix,
            2 => Match::Suffix,
            3 => Match::Contains,
            _ => return Err(Refusal::Malformed("catu matches in a way that is not checked here")),
        };
        out.push(kind(text(value, "catu")?));
    }
    if out.is_empty() {
        return Err(Refusal::Malformed("catu names a part without saying what it must be"));
    }
    Ok(out)
}

/// Whether every reader takes the path for the same.
fn plain(path: &str) -> bool {
    path.starts_with('/')
        && !path.contains(['%', '\\', '?', '#'])
        && !path.contains("//")
        && path.split('/').all(|segment| segment != "." && segment != "..")
}

/// A label of a map inside a claim.
pub(crate) fn label(value: &Value) -> Result<i64, Refusal> {
    integer(value, "a label")
}
