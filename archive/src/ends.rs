//! Where each log ends, said a second time outside the catalogue.
//!
//! A damaged byte in SQLite's write-ahead log makes SQLite take everything after it for a write that was
//! never finished, and pass over it in silence: orders that were answered would be gone. So every record
//! that is durable is also named by a line of the file `log-ends`, and a catalogue that lacks one of them
//! is not opened.
//!
//! Invariants:
//! - A line is written after its record is durable, so no line is ahead of a sound catalogue.
//! - Lines are not synced: a power cut may lose the last ones or tear them, which only makes the file
//!   say less. A line that is not whole says nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use media::{Digest, Result};

use crate::Record;
use crate::blobs::write_durably;
use crate::error::{from_io, lost};

/// Beside the catalogue.
const NAME: &str = "log-ends";
/// Bytes after which the file is written anew when it is opened, with one line a log.
const LONG: usize = 64 << 10;

/// The ends of the logs of one archive. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ends(Arc<Store>);

struct Store {
    path: PathBuf,
    file: Mutex<File>,
    /// By log: the number of the last record that a line named when the file was opened, and its digest.
    found: BTreeMap<String, (u64, Digest)>,
}

impl Ends {
    /// Reads what is there; a file is made where there is none. `folder` is the archive's.
    pub(crate) fn open(folder: &Path) -> Result<Ends> {
        let path = folder.join(NAME);
        let wrong = |e| from_io(&path, e);
        let bytes = match std::fs::read(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(wrong)?,
        };
        let found = ends(&bytes);
        if bytes.len() > LONG {
            let lines: String =
                found.iter().map(|(log, (number, digest))| line(log, *number, digest)).collect();
            write_durably(&path, lines.as_bytes())?;
        }
        let mut file = File::options().append(true).create(true).open(&path).map_err(wrong)?;
        // What a torn last line left must not spoil the next one.
        if bytes.last().is_some_and(|last| *last != b'\n') {
            file.write_all(b"\n").map_err(wrong)?;
        }
        Ok(Ends(Arc::new(Store { path, file: Mutex::new(file), found })))
    }

    /// Names the last of each log among records that are durable, given in their order.
    ///
    /// A disk that refuses the lines is a warning: the records stand, and are only not watched over.
    pub(crate) fn note<'r>(&self, records: impl Iterator<Item = &'r Record>) {
        let last: BTreeMap<&str, &Record> = records.map(|record| (record.log.as_str(), record)).collect();
        let line = |r: &&Record| line(&r.log, r.number, &Digest::of(r.text.as_bytes()));
        let lines: String = last.values().map(line).collect();
        let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(lines.as_bytes()) {
            tracing::warn!(%error, path = %self.0.path.display(), "where a log ends cannot be noted");
        }
    }

    /// Fails with `DataLoss` when `records`, in order of log and number, lack one that was durable.
    pub(crate) fn verify(&self, records: &[Record]) -> Result<()> {
        for (log, (number, digest)) in &self.0.found {
            let found = records
                .binary_search_by(|record| (&record.log, record.number).cmp(&(log, *number)))
                .map(|at| Digest::of(records[at].text.as_bytes()));
            let what = match found {
                Ok(found) if found == *digest => continue,
                Ok(_) => "is another one than it was",
                Err(_) => "was durable and is gone",
            };
            return Err(lost(format!("record {number} of log {log:?} {what}")).at("catalogue").remedy(
                format!(
                    "Put back the last copy of catalogue.sqlite with its -wal. Where there is none, what was \
                     decided since is lost: enter it again after removing {}",
                    self.0.path.display()
                ),
            ));
        }
        Ok(())
    }
}

/// The last record of each log that a whole line names.
fn ends(bytes: &[u8]) -> BTreeMap<String, (u64, Digest)> {
    let mut found: BTreeMap<String, (u64, Digest)> = BTreeMap::new();
    for text in bytes.split(|byte| *byte == b'\n') {
        let Some((log, number, digest)) = std::str::from_utf8(text).ok().and_then(read) else { continue };
        let end = found.entry(log).or_insert((number, digest));
        if end.0 < number {
            *end = (number, digest);
        }
    }
    found
}

/// `LOG NUMBER DIGEST CHECK`, where the check is the beginning of the digest of what stands before it.
fn line(log: &str, number: u64, digest: &Digest) -> String {
    let said = format!("{log} {number} {digest}");
    format!("{said} {}\n", check(&said))
}

fn check(said: &str) -> String {
    Digest::of(said.as_bytes()).to_string()[..16].to_string()
}

fn read(line: &str) -> Option<(String, u64, Digest)> {
    let (said, check_of) = line.rsplit_once(' ')?;
    let mut words = said.split(' ');
    let end = (words.next()?.to_string(), words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (check(said) == check_of).then_some(end)
}

#[cfg(test)]
mod tests;
