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
    fault.map_or(Ok(entries), Err)
}

/// Splits a bundle as far as it can be split, and says what is wrong with the rest.
pub(crate) fn split_bundle(bytes: &[u8], width: u16) -> (Vec<&[u8]>, Option<Error>) {
    let mut entries = Vec::with_capacity(width.into());
    let mut rest = bytes;
    for i in 0..width {
        let place = || format!("entry {i} of the bundle, byte {}", bytes.len() - rest.len());
        let Some((length, behind)) = rest.split_first_chunk::<2>() else {
            return (
                entries,
                Some(Error::lost(format!("the bundle ends; expected {width} entries")).at(place())),
            );
        };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some((entry, behind)) = behind.split_at_checked(length) else {
            let fault = Error::lost(format!("{length} bytes announced, {} are left", behind.len()));
            return (entries, Some(fault.at(place())));
        };
        entries.push(entry);
        rest = behind;
    }
    let fault = (!rest.is_empty()).then(|| {
        Error::lost(format!("{} bytes too many behind {width} entries", rest.len()))
            .at(format!("byte {}", bytes.len() - rest.len()))
    });
    (entries, fault)
}

#[cfg(test)]
mod tests;
