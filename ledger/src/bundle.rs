//! Bundles: up to 256 entries in one file, each behind its length in two bytes, big-endian
//! (C2SP tlog-tiles).

use crate::error::{Error, Result};

/// Bytes in one entry at most, because its length is written in 16 bits.
pub const MAX_ENTRY: usize = 65_535;

/// Writes entries behind each other.
pub fn write_bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for (i, entry) in entries.into_iter().enumerate() {
        let length = u16::try_from(entry.len()).map_err(|_| {
            Error::invalid(format!("{} bytes; an entry has at most {MAX_ENTRY}", entry.len()))
                .at(format!("entry {i} of the bundle"))
        })?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// Splits a bundle of `width` entries. Errors name the entry within the bundle and its byte.
pub fn read_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>> {
    let (entries, fault) = split_bundle(bytes, width);
    let i = entries.len();
    fault.map_or(Ok(entries), |fault| Err(fault.error().at(format!("entry {i} of the bundle"))))
}

/// What is wrong behind the entries that a bundle could be split into.
pub(crate) struct Fault {
    byte: usize,
    message: String,
}

impl Fault {
    pub fn error(self) -> Error {
        Error::lost(self.message).at(format!("byte {}", self.byte))
    }
}

/// Splits a bundle as far as it can be split, and says what is wrong with the rest.
pub(crate) fn split_bundle(bytes: &[u8], width: u16) -> (Vec<&[u8]>, Option<Fault>) {
    let mut entries = Vec::with_capacity(width.into());
    let mut rest = bytes;
    let fault = loop {
        if entries.len() == usize::from(width) {
            match rest.len() {
                0 => return (entries, None),
                more => break format!("{more} bytes too many behind {width} entries"),
            }
        }
        let Some((length, behind)) = rest.split_first_chunk::<2>() else {
            break format!("the bundle ends; expected {width} entries");
        };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some((entry, behind)) = behind.split_at_checked(length) else {
            break format!("{length} bytes announced, {} are left", behind.len());
        };
        entries.push(entry);
        rest = behind;
    };
    (entries, Some(Fault { byte: bytes.len() - rest.len(), message: fault }))
}

#[cfg(test)]
mod tests;
