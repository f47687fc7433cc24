//! The container of an evidence file: a ZIP archive (APPNOTE 6.3) in one spelling.
//!
//! Invariants:
//! - The same files give the same bytes: sorted by name, stored without compression, all dated with
//!   the first instant that ZIP can tell, nothing beside them.
//! - Reading accepts exactly what writing makes, so that a changed byte anywhere in the file is found.
//! - Nothing in the file decides how much memory is taken: a stored file is as long as it says or is
//!   refused.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use media::error::{Error, Kind, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// Names of files, with `/` between folders, and their bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Bytes of an evidence file at most.
pub const MAX_BYTES: u64 = 512 << 20;
/// Files in it at most.
pub const MAX_FILES: usize = 60_000;
/// Bytes of a name at most.
const MAX_NAME: usize = 200;
/// The first bytes of a ZIP archive that is not empty.
const SIGNATURE: &[u8] = b"PK\x03\x04";

/// Whether these are the first bytes of a ZIP archive.
pub fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// Writes the files into one archive. Fails when a limit is broken.
pub fn write(files: &Files) -> Result<Vec<u8>> {
    let total: u64 = files.values().map(|bytes| bytes.len() as u64).sum();
    if total > MAX_BYTES || files.len() > MAX_FILES {
        return Err(Error::unsupported(format!(
            "{} files of {total} bytes; an evidence file holds {MAX_FILES} files and {MAX_BYTES} bytes",
            files.len()
        )));
    }
    let wrong = |e: &dyn std::fmt::Display| Error::internal(format!("the archive cannot be written: {e}"));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(total as usize + files.len() * 200)));
    for (name, bytes) in files {
        writer.start_file(name.as_str(), options).map_err(|e| wrong(&e))?;
        writer.write_all(bytes).map_err(|e| wrong(&e))?;
    }
    Ok(writer.finish().map_err(|e| wrong(&e))?.into_inner())
}

/// Reads an archive. Fails with `DataLoss` at whatever [`write`] would not have written.
pub fn read(bytes: &[u8]) -> Result<Files> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Error::invalid(format!(
            "{} bytes; an evidence file has at most {MAX_BYTES}",
            bytes.len()
        )));
    }
    let lost = |e: &dyn std::fmt::Display| Error::new(Kind::DataLoss, format!("the archive is damaged: {e}"));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| lost(&e))?;
    if archive.len() > MAX_FILES {
        return Err(Error::invalid(format!("{} files; expected at most {MAX_FILES}", archive.len())));
    }
    let mut files = Files::new();
    for n in 0..archive.len() {
        let mut file = archive.by_index(n).map_err(|e| lost(&e))?;
        let name = file.name().map_err(|e| lost(&e))?.into_owned();
        if file.compression() != CompressionMethod::Stored || file.size() > bytes.len() as u64 {
            return Err(lost(&"it is not stored as it is written").at(name));
        }
        if name.len() > MAX_NAME {
            return Err(lost(&"a name is too long"));
        }
        let mut content = Vec::with_capacity(file.size() as usize);
        file.read_to_end(&mut content).map_err(|e| lost(&e).at(name.clone()))?;
        if files.insert(name.clone(), content).is_some() {
            return Err(lost(&"it stands twice in the archive").at(name));
        }
    }
    let again = write(&files)?;
    match again.iter().zip(bytes).position(|(a, b)| a != b) {
        None if again.len() == bytes.len() => Ok(files),
        None => Err(lost(&format!("{} bytes, not {}", bytes.len(), again.len()))),
        Some(at) => Err(lost(&"the frame around the files was changed").at(format!("byte {at}"))),
    }
}

#[cfg(test)]
mod tests;
