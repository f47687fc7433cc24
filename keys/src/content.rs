//! The content keys of one title, and the text in which the archive keeps them.

use std::fmt;

use aes_kw::{KeyInit as _, KwAes256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use media::{Error, Kind, Result};
use serde::{Deserialize, Serialize};

/// Version of the stored text.
const FORMAT: u32 = 1;
/// Keys of one title at most: renditions and sounds, old and new.
pub const MAX_KEYS: usize = 1024;

/// The key of one track.
#[derive(Clone, PartialEq, Eq)]
pub struct ContentKey {
    /// Names it everywhere; random.
    pub id: [u8; 16],
    pub key: [u8; 16],
    /// The constant IV of scheme `cbcs`.
    pub iv: [u8; 16],
    /// The track: `v0`, `a1`.
    pub track: String,
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentKey({} for {})", key_id_text(&self.id), self.track)
    }
}

/// The keys of one title, one a track.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TitleKeys {
    pub keys: Vec<ContentKey>,
    /// `pssh` boxes of DRM systems by key id, as a vendor sent them.
    pub systems: Vec<([u8; 16], Vec<u8>)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u32,
    keys: Vec<StoredKey>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    systems: Vec<StoredSystem>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    kid: String,
    track: String,
    iv: String,
    /// Base64 of the key wrapped by the house's (RFC 3394).
    wrapped: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSystem {
    kid: String,
    pssh: String,
}

impl TitleKeys {
    /// The key of a track.
    pub fn of(&self, track: &str) -> Option<&ContentKey> {
        self.keys.iter().find(|key| key.track == track)
    }
    /// The `pssh` boxes that go with a key.
    pub fn systems_of(&self, id: &[u8; 16]) -> Vec<Vec<u8>> {
        self.systems.iter().filter(|(of, _)| of == id).map(|(_, pssh)| pssh.clone()).collect()
    }

    /// The text that the archive keeps, every key wrapped under the house's.
    pub fn store(&self, house: &[u8; 32]) -> Result<String> {
        let wrapper = KwAes256::new(house.into());
        let mut keys = Vec::with_capacity(self.keys.len());
        for ContentKey { id, key, iv, track } in &self.keys {
            let mut wrapped = [0; 24];
            wrapper
                .wrap_key(key, &mut wrapped)
                .map_err(|e| Error::internal(format!("a key cannot be wrapped: {e}")))?;
            keys.push(StoredKey {
                kid: key_id_text(id),
                track: track.clone(),
                iv: STANDARD.encode(iv),
                wrapped: STANDARD.encode(wrapped),
            });
        }
        let systems = self.systems.iter();
        let systems =
            systems.map(|(id, pssh)| StoredSystem { kid: key_id_text(id), pssh: STANDARD.encode(pssh) });
        let stored = Stored { format: FORMAT, keys, systems: systems.collect() };
        let text = serde_json::to_string_pretty(&stored).map_err(|e| Error::internal(e.to_string()))?;
        Ok(text + "\n")
    }

    /// Reads what [`TitleKeys::store`] wrote. Fails with `DataLoss` when the house's key is another, or
    /// anything was altered.
    pub fn open(text: &str, house: &[u8; 32]) -> Result<TitleKeys> {
        let stored: Stored = serde_json::from_str(text).map_err(|e| lost(&e.to_string()))?;
        if stored.format > FORMAT {
            return Err(Error::unsupported(format!(
                "content keys of format {}; this Phim reads {FORMAT}",
                stored.format
            ))
            .remedy("Use the newer Phim that wrote them"));
        }
        let wrapper = KwAes256::new(house.into());
        let mut keys = Vec::with_capacity(stored.keys.len().min(MAX_KEYS));
        for StoredKey { kid, track, iv, wrapped } in stored.keys {
            let mut key = [0; 16];
            let unwrapped = wrapper.unwrap_key(&bytes::<24>(&wrapped)?, &mut key);
            unwrapped.map_err(|_| lost("a key was not wrapped under this house's key, or was altered"))?;
            keys.push(ContentKey { id: parse_key_id(&kid)?, key, iv: bytes(&iv)?, track });
        }
        let mut systems = Vec::new();
        for StoredSystem { kid, pssh } in stored.systems {
            let pssh = STANDARD.decode(pssh).map_err(|_| lost("a pssh is not base64"))?;
            systems.push((parse_key_id(&kid)?, pssh));
        }
        Ok(TitleKeys { keys, systems })
    }
}

fn lost(what: &str) -> Error {
    Error::new(Kind::DataLoss, format!("the content keys cannot be read: {what}"))
        .remedy("Put the folder of content keys, with the house's key in it, back from a backup")
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N]> {
    let bytes = STANDARD.decode(text).map_err(|_| lost("a field is not base64"))?;
    bytes.try_into().map_err(|_| lost("a field has the wrong length"))
}

/// A key id as everybody writes it: a UUID (RFC 9562 §4).
pub fn key_id_text(id: &[u8; 16]) -> String {
    let hex: String = id.iter().map(|b| format!("{b:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Reads a UUID, in either case.
pub fn parse_key_id(text: &str) -> Result<[u8; 16]> {
    let wrong = || Error::invalid(format!("{:?} is not a key id", text.chars().take(40).collect::<String>()));
    let lengths = text.split('-').map(str::len);
    if !lengths.eq([8, 4, 4, 4, 12]) || !text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let digits = text.replace('-', "");
    let mut id = [0; 16];
    for (n, byte) in id.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[n * 2..n * 2 + 2], 16).map_err(|_| wrong())?;
    }
    Ok(id)
}

#[cfg(test)]
mod tests;
