//! Takes the tracks of a file into the archive: read in the sandbox, stored as they are.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use archive::{Original, StoredTrack, from_io};
use media::digest::Hasher;
use media::error::{Error, Result};
use media::{Digest, Index, Seconds, TrackKind};
use serde::{Deserialize, Serialize};
use workshop::read::{ReadTrack, read};

use super::inputs::file_name;
use crate::house::House;
use crate::patches::Scratch;

/// A file whose tracks are stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Taken {
    pub name: String,
    /// Digest of the whole file.
    original: String,
    tracks: Vec<TakenTrack>,
    /// Chapters: seconds as a fraction, and a name.
    pub chapters: Vec<((i64, i64), String)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct TakenTrack {
    blob: String,
    index: String,
    start: (i64, i64),
    hidden: u32,
    shown: u32,
    language: String,
    interlaced: bool,
}

/// A stored track, opened.
pub struct Opened {
    pub stored: StoredTrack,
    pub index: Index,
    /// When its first presented sample is presented, on the file's own axis.
    pub start: Seconds,
    pub hidden: u32,
    pub shown: u32,
    /// BCP-47.
    pub language: String,
    pub interlaced: bool,
    pub original: Original,
}

impl Taken {
    /// Every blob that was stored for it.
    pub fn blobs(&self) -> Result<Vec<Digest>> {
        self.tracks.iter().flat_map(|t| [t.blob.parse(), t.index.parse()]).collect()
    }

    /// The tracks of one kind, in the order of the file.
    pub fn open(&self, house: &House, kind: TrackKind) -> Result<Vec<Opened>> {
        let mut all = Vec::new();
        for track in &self.tracks {
            let stored = StoredTrack { blob: track.blob.parse()?, index: track.index.parse()? };
            let index = house.archive().blobs().open_index(&stored.index)?;
            if index.track().kind() == kind {
                all.push(Opened {
                    stored,
                    index,
                    start: Seconds::new(track.start.0, track.start.1),
                    hidden: track.hidden,
                    shown: track.shown,
                    language: track.language.clone(),
                    interlaced: track.interlaced,
                    original: Original { digest: self.original.parse()?, name: self.name.clone() },
                });
            }
        }
        Ok(all)
    }
}

/// Reads `file` in the sandbox and stores its tracks. `original` is the file that it was made from,
/// where it is not itself the original. Fails when any of its tracks cannot be stored, naming it.
pub fn take(house: &House, file: &Path, original: Option<&Original>) -> Result<Taken> {
    let folder = Scratch::new(house.archive().dir())?;
    // The digest of the original costs a reading of its own, beside the sandbox's.
    let (reading, digest) = std::thread::scope(|scope| {
        let hashing = original.is_none().then(|| scope.spawn(|| digest_of(file)));
        let reading = read(&house.sandbox, file, &folder.0);
        let digest =
            hashing.map(|thread| thread.join().map_err(|_| Error::internal("the hashing thread panicked")));
        (reading, digest)
    });
    let reading = reading?;
    let original = match (original, digest) {
        (Some(original), _) => original.clone(),
        (None, Some(digest)) => Original { digest: digest??, name: file_name(file) },
        (None, None) => return Err(Error::internal("a file without a digest")),
    };
    let mut tracks = Vec::new();
    for track in reading.tracks {
        tracks.push(store(house, track?)?);
    }
    Ok(Taken {
        name: original.name.clone(),
        original: original.digest.to_string(),
        tracks,
        chapters: reading
            .chapters
            .into_iter()
            .map(|c| ((*c.start.numer(), *c.start.denom()), c.name))
            .collect(),
    })
}

fn store(house: &House, track: ReadTrack) -> Result<TakenTrack> {
    let samples = File::open(&track.samples).map_err(|e| from_io(&track.samples, e))?;
    let blobs = house.archive().blobs();
    Ok(TakenTrack {
        blob: blobs.put_file(&samples)?.to_string(),
        index: blobs.put(&track.index_bytes)?.to_string(),
        start: (*track.start.numer(), *track.start.denom()),
        hidden: track.hidden,
        shown: track.shown,
        language: media::text::from_mp4(&track.language),
        interlaced: track.interlaced,
    })
}

/// The digest of a whole file.
pub fn digest_of(path: &Path) -> Result<Digest> {
    let mut file = File::open(path).map_err(|e| from_io(path, e))?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(|e| from_io(path, e))? {
            0 => return Ok(hasher.finish()),
            n => hasher.update(&buffer[..n]),
        }
    }
}
