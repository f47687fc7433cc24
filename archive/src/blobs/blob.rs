//! One blob, opened.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::OnceLock;

use media::{Digest, Kind, Result};

use super::RUN_CHECK;
use super::guard::Mapped;
use crate::error::{from_io, lost};

/// A blob opened for reading: its file, its length when it was opened, and a memory map that is
/// made when it is first asked for.
///
/// The file may be cut off by somebody while it is open. [`Blob::read_at`] then fails; the map
/// reads as zeros from there on (see [`super::guard`]), so what is read through it must carry a
/// checksum, as an index does, or be read from the file instead, as samples are.
#[derive(Debug)]
pub struct Blob {
    digest: Digest,
    path: PathBuf,
    file: File,
    len: u64,
    map: OnceLock<Mapped>,
}

impl Blob {
    pub(super) fn open(digest: Digest, path: PathBuf) -> Result<Blob> {
        let at = |e| {
            let error = from_io(&path, e);
            if error.kind != Kind::NotFound {
                return error;
            }
            lost("the stored blob is missing").at(path.display().to_string()).remedy(RUN_CHECK)
        };
        let file = File::open(&path).map_err(at)?;
        let len = file.metadata().map_err(at)?.len();
        Ok(Blob { digest, path, file, len, map: OnceLock::new() })
    }

    pub fn digest(&self) -> Digest {
        self.digest
    }
    /// Bytes, when it was opened.
    pub fn len(&self) -> u64 {
        self.len
    }
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// The file, for `sendfile` and its like; only positional reads, please: it is shared.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Fills `buffer` from `offset` on. Fails with `DataLoss` when the file ends before that.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.file.read_exact_at(buffer, offset).map_err(|e| self.damaged(offset, e))
    }

    /// The whole blob as memory. See the type about files that are cut off.
    pub fn map(&self) -> Result<&[u8]> {
        if self.map.get().is_none() {
            let map = Mapped::new(&self.file, self.len).map_err(|e| from_io(&self.path, e))?;
            // Whoever came first wins; the other map is dropped.
            let _ = self.map.set(map);
        }
        Ok(self.map.get().map(Mapped::bytes).unwrap_or_default())
    }

    /// Whether the file is as long as when it was opened, and its map, if there is one, whole.
    pub fn is_intact(&self) -> bool {
        let len = self.file.metadata().map(|found| found.len());
        len.is_ok_and(|len| len == self.len) && !self.map.get().is_some_and(Mapped::is_torn)
    }

    /// The memory of the blob without its file.
    pub(super) fn into_map(self) -> Result<Mapped> {
        Mapped::new(&self.file, self.len).map_err(|e| from_io(&self.path, e))
    }

    fn damaged(&self, offset: u64, error: std::io::Error) -> media::Error {
        from_io(&self.path, error).at(format!("byte {offset} of blob {}", self.digest)).remedy(RUN_CHECK)
    }
}
