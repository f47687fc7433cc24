//! `phim check`: what is stored against what the catalogue says, at three costs.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use media::{Digest, Error, Kind, Result};

use crate::{Blobs, Reference};

/// How closely to look. Each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Every blob that is named is there. Cost: one look at the folders.
    Present,
    /// It has the length that it had, and its index opens and tells the same. Cost: the indexes.
    Sized,
    /// Its bytes have the digest that is its name. Cost: everything is read.
    Hashed,
}

/// How far a check has come, in blobs and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub blobs: u64,
    pub bytes: u64,
    pub blobs_total: u64,
    pub bytes_total: u64,
}

/// What is wrong with a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Missing,
    /// It has `bytes` instead of `expected`.
    Length {
        bytes: u64,
        expected: u64,
    },
    /// It has the right length, but other bytes.
    Content {
        digest: Digest,
    },
    /// Its index does not open, or does not fit its track.
    Index(Error),
    /// The disk refused to say.
    Unreadable(Error),
}

/// A blob that is lost, and everything that needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    pub blob: Digest,
    pub found: Found,
    pub references: Vec<Reference>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub level: Level,
    /// Blobs that the catalogue names, and their bytes.
    pub blobs: u64,
    pub bytes: u64,
    /// By digest.
    pub losses: Vec<Loss>,
    /// Stored blobs that nothing names, with their lengths, by digest: left by a crash or a
    /// removal, and free to be swept.
    pub unreferenced: Vec<(Digest, u64)>,
}

type Referenced<'r> = BTreeMap<Digest, Vec<&'r Reference>>;

/// Compares the blobs with the references. Fails only when the folders cannot be read; all other
/// findings are in the report. `progress` is called on this thread, after each blob.
pub(crate) fn check(
    blobs: &Blobs,
    references: &[Reference],
    level: Level,
    mut progress: impl FnMut(Progress),
) -> Result<Report> {
    let stored: HashMap<Digest, u64> = blobs.list()?.into_iter().collect();
    let mut named = Referenced::new();
    for reference in references {
        named.entry(reference.blob).or_default().push(reference);
    }
    let bytes_total = named.values().map(|r| r[0].bytes).sum();
    let mut state = Progress { blobs_total: named.len() as u64, bytes_total, ..Progress::default() };
    let mut losses = Vec::new();
    let look = |blob: &Digest, references: &[&Reference]| look(blobs, &stored, level, blob, references);
    each(&named, look, |blob, found| {
        state.blobs += 1;
        state.bytes += named[&blob][0].bytes;
        progress(state);
        if let Some(found) = found {
            let references = named[&blob].iter().map(|r| (*r).clone()).collect();
            losses.push(Loss { blob, found, references });
        }
    });
    losses.sort_by_key(|loss| loss.blob);
    let mut unreferenced: Vec<_> = stored.into_iter().filter(|(blob, _)| !named.contains_key(blob)).collect();
    unreferenced.sort();
    Ok(Report { level, blobs: state.blobs_total, bytes: bytes_total, losses, unreferenced })
}

/// Looks at every blob, on as many threads as there are cores, and hands on what was found.
fn each(
    named: &Referenced,
    look: impl Fn(&Digest, &[&Reference]) -> Option<Found> + Sync,
    mut done: impl FnMut(Digest, Option<Found>),
) {
    let work: Vec<_> = named.iter().collect();
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get()).min(work.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let send = send.clone();
            let (work, next, look) = (&work, &next, &look);
            scope.spawn(move || {
                while let Some((blob, references)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // The receiver lives until every thread has ended.
                    let _ = send.send((**blob, look(blob, references)));
                }
            });
        }
        drop(send);
        receive.iter().for_each(|(blob, found)| done(blob, found));
    });
}

fn look(
    blobs: &Blobs,
    stored: &HashMap<Digest, u64>,
    level: Level,
    blob: &Digest,
    references: &[&Reference],
) -> Option<Found> {
    let Some(bytes) = stored.get(blob).copied() else {
        return Some(Found::Missing);
    };
    if level == Level::Present {
        return None;
    }
    if let Some(wrong) = references.iter().find(|r| r.bytes != bytes) {
        return Some(Found::Length { bytes, expected: wrong.bytes });
    }
    if let Some(error) = references.iter().filter_map(|r| index_fault(blobs, stored, r)).next() {
        return Some(Found::Index(error));
    }
    if level == Level::Sized {
        return None;
    }
    match blobs.rehash(blob) {
        Ok(digest) if digest == *blob => None,
        Ok(digest) => Some(Found::Content { digest }),
        Err(error) => Some(Found::Unreadable(error)),
    }
}

/// What is wrong with an index as an index, if the reference is to one.
fn index_fault(blobs: &Blobs, stored: &HashMap<Digest, u64>, reference: &Reference) -> Option<Error> {
    let track = reference.index_of?;
    let index = match blobs.open_index(&reference.blob) {
        Ok(index) => index,
        Err(error) => return Some(error),
    };
    match stored.get(&track) {
        Some(bytes) if *bytes != index.blob_len() => {
            let message = format!("the index tells of {} bytes; its track has {bytes}", index.blob_len());
            Some(Error::new(Kind::DataLoss, message))
        }
        // A missing track is a loss of its own.
        _ => None,
    }
}
