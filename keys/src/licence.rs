//! Licences of ClearKey: JSON of the W3C's Encrypted Media Extensions, §9.1.3 (request) and §9.1.4 (answer).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use media::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::content::{ContentKey, TitleKeys};

/// Bytes of a request at most.
pub const MAX_REQUEST: usize = 16 * 1024;
/// Keys asked for at once at most.
const MAX_IDS: usize = 64;

#[derive(Deserialize)]
struct Request {
    kids: Vec<String>,
    #[serde(rename = "type", default = "temporary")]
    kind: String,
}

fn temporary() -> String {
    "temporary".into()
}

#[derive(Serialize)]
struct Answer<'a> {
    keys: Vec<Key>,
    #[serde(rename = "type")]
    kind: &'a str,
}

/// A symmetric key as a JSON Web Key (RFC 7518 §6.4).
#[derive(Serialize)]
struct Key {
    kty: &'static str,
    kid: String,
    k: String,
}

/// The key ids that a request asks for. Only `temporary` sessions are answered: a persistent one would
/// outlive the pass.
pub fn asked(request: &[u8]) -> Result<Vec<[u8; 16]>> {
    if request.len() > MAX_REQUEST {
        return Err(Error::invalid(format!("a licence request of more than {MAX_REQUEST} bytes")));
    }
    let request: Request = serde_json::from_slice(request)
        .map_err(|e| Error::invalid(format!("not a licence request of ClearKey: {e}")))?;
    if request.kind != "temporary" {
        return Err(Error::unsupported(format!(
            "licences of type {:?}; only temporary ones are given",
            request.kind
        )));
    }
    if request.kids.is_empty() || request.kids.len() > MAX_IDS {
        return Err(Error::invalid(format!("{} key ids; expected 1 to {MAX_IDS}", request.kids.len())));
    }
    let id = |text: &String| {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| Error::invalid("a key id is not sixteen bytes in base64url"))
    };
    request.kids.iter().map(id).collect()
}

/// The licence with those of the keys that belong to the title. `NotFound` when none does.
pub fn answer(keys: &TitleKeys, asked: &[[u8; 16]]) -> Result<String> {
    let known = keys.keys.iter().filter(|key| asked.contains(&key.id));
    let keys: Vec<Key> = known.map(web_key).collect();
    if keys.is_empty() {
        return Err(Error::not_found("none of the keys asked for belongs to this title"));
    }
    serde_json::to_string(&Answer { keys, kind: "temporary" }).map_err(|e| Error::internal(e.to_string()))
}

fn web_key(key: &ContentKey) -> Key {
    Key { kty: "oct", kid: URL_SAFE_NO_PAD.encode(key.id), k: URL_SAFE_NO_PAD.encode(key.key) }
}

#[cfg(test)]
mod tests;
