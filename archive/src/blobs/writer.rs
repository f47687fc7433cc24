//! A blob being written.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use media::digest::Hasher;
use media::{Digest, Error, Result};

use super::Blobs;
use crate::error::from_io;

/// Bytes hashed and written at a time.
const BUFFER: usize = 1 << 20;
/// Bytes after which the kernel is asked to begin writing to the disk.
const BEHIND: u64 = 8 << 20;

/// Writes one blob: bytes are hashed as they go to a file in `tmp/`, which gets its name at
/// [`BlobWriter::commit`]. Dropped before that, it leaves nothing.
///
/// Through [`Write`] a failure arrives as an [`io::Error`] that carries Phim's own error; turn it
/// back with [`crate::from_io`]. After a failure nothing more is written and `commit` fails.
pub struct BlobWriter {
    blobs: Blobs,
    path: PathBuf,
    file: File,
    hasher: Hasher,
    buffer: Vec<u8>,
    len: u64,
    /// Bytes handed to the kernel, and how many of them it was asked to write to the disk.
    written: u64,
    begun: u64,
    failed: Option<Error>,
}

impl BlobWriter {
    pub(super) fn new(blobs: Blobs, path: PathBuf) -> Result<BlobWriter> {
        let mut options = File::options();
        // Read-only for everyone once it is closed: a blob never changes.
        let file =
            options.write(true).create_new(true).mode(0o444).open(&path).map_err(|e| from_io(&path, e))?;
        Ok(BlobWriter {
            blobs,
            path,
            file,
            hasher: Hasher::default(),
            buffer: Vec::new(),
            len: 0,
            written: 0,
            begun: 0,
            failed: None,
        })
    }

    /// Bytes given so far.
    pub fn len(&self) -> u64 {
        self.len
    }
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds `bytes`.
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.usable()?;
        self.len += bytes.len() as u64;
        if self.buffer.len() + bytes.len() > BUFFER {
            self.flush_buffer()?;
        }
        if bytes.len() >= BUFFER {
            return self.put(bytes);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// Adds `len` bytes of `file` from `offset` on. Fails with `DataLoss` when the file is shorter.
    pub fn copy_range(&mut self, file: &File, offset: u64, len: u64) -> Result<()> {
        self.usable()?;
        let (mut at, end) = (offset, offset.saturating_add(len));
        while at < end {
            if self.buffer.len() == BUFFER {
                self.flush_buffer()?;
            }
            let start = self.buffer.len();
            let wanted = ((end - at) as usize).min(BUFFER - start);
            self.buffer.resize(start + wanted, 0);
            let read = file.read_exact_at(&mut self.buffer[start..], at);
            read.map_err(|e| {
                self.fail(from_io(Path::new("the file to copy from"), e).at(format!("byte {at}")))
            })?;
            at += wanted as u64;
            self.len += wanted as u64;
        }
        Ok(())
    }

    /// Stores the blob under its digest. When this returns, it is durable: bytes and name have
    /// reached the disk. An identical blob that is there already is kept and this one dropped.
    pub fn commit(mut self) -> Result<Digest> {
        self.usable()?;
        self.flush_buffer()?;
        let digest = std::mem::take(&mut self.hasher).finish();
        self.blobs.admit(&self.file, &self.path, digest, self.len)?;
        Ok(digest)
    }

    fn flush_buffer(&mut self) -> Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let result = self.put(&buffer);
        buffer.clear();
        self.buffer = buffer;
        result
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.hasher.update(bytes);
        self.file.write_all(bytes).map_err(|e| self.fail(from_io(&self.path, e)))?;
        self.written += bytes.len() as u64;
        if self.written - self.begun >= BEHIND {
            self.begin_writeback();
        }
        Ok(())
    }

    /// Asks the kernel to begin writing, so that the disk works while we hash, and the sync at the
    /// end finds little left to do. Only a hint: whether it worked is for that sync to say, and
    /// without a flag to wait this call does not use up an error that the sync should report.
    fn begin_writeback(&mut self) {
        begin_writeback(&self.file, self.begun, self.written);
        self.begun = self.written;
    }

    fn fail(&mut self, error: Error) -> Error {
        self.failed = Some(error.clone());
        error
    }

    fn usable(&self) -> Result<()> {
        self.failed.clone().map_or(Ok(()), Err)
    }
}

fn begin_writeback(file: &File, from: u64, to: u64) {
    let (from, len) = (from as libc::off64_t, (to - from) as libc::off64_t);
    // SAFETY: a plain system call on a descriptor that is open.
    unsafe { libc::sync_file_range(file.as_raw_fd(), from, len, libc::SYNC_FILE_RANGE_WRITE) };
}

/// Digest and length of a file that is written already. The disk begins to write it meanwhile.
pub(super) fn digest_of(file: &File) -> io::Result<(Digest, u64)> {
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; BUFFER];
    let (mut at, mut begun) = (0, 0);
    begin_writeback(file, 0, BEHIND);
    loop {
        let read = file.read_at(&mut buffer, at)?;
        if read == 0 {
            return Ok((hasher.finish(), at));
        }
        hasher.update(&buffer[..read]);
        at += read as u64;
        if at - begun >= BEHIND {
            begin_writeback(file, at, at + BEHIND);
            begun = at;
        }
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }
    /// Hands the bytes to the kernel; only [`BlobWriter::commit`] makes them durable.
    fn flush(&mut self) -> io::Result<()> {
        self.usable().and_then(|()| self.flush_buffer()).map_err(io::Error::other)
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        // After a commit the name is gone, unless the blob was there before.
        let _ = std::fs::remove_file(&self.path);
    }
}
