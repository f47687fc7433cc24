//! One process owns an archive.
//!
//! Invariant: the lock is the kernel's (flock) and goes with the process, however it ends; the
//! number in the file only tells people whom to ask.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use media::{Error, Result};
use rustix::fs::{FlockOperation, flock};

use crate::error::{conflict, from_io};

pub(crate) struct Owner {
    _file: File,
}

/// Where the owner of the archive in `dir` listens for verbs (a UNIX socket).
pub fn socket_path(dir: &Path) -> PathBuf {
    dir.join("phim.sock")
}

impl Owner {
    /// Fails with `Conflict`, naming the owner's process and its socket, when there is an owner.
    pub(crate) fn take(dir: &Path) -> Result<Owner> {
        let path = dir.join("phim.lock");
        let at = |e| from_io(&path, e);
        let mut options = File::options();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(&path).map_err(at)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(owned(dir, &mut file)),
            Err(e) => return Err(at(e.into())),
        }
        file.set_len(0).map_err(at)?;
        file.rewind().map_err(at)?;
        file.write_all(format!("{}\n", std::process::id()).as_bytes()).map_err(at)?;
        Ok(Owner { _file: file })
    }
}

fn owned(dir: &Path, lock: &mut File) -> Error {
    let mut text = String::new();
    let owner = match lock.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => format!("process {}", text.trim()),
        _ => "another process".to_string(),
    };
    conflict(format!("{owner} owns this archive"))
        .at(dir.display().to_string())
        .remedy(format!("Send the verb to its socket {}, or end that process", socket_path(dir).display()))
}
