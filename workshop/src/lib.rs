//! ffmpeg as a sandboxed child: probe, ladder, patches, cards, thumbnails; verifies what it made.
//! The only place where foreign media is parsed.

use std::path::Path;

use media::{Error, Kind, Result};

pub mod card;
pub mod child;
mod decoded;
mod draft;
pub mod encoded;
pub mod encoder;
pub mod hold;
pub mod ladder;
mod parallel;
pub mod patch;
pub mod pictures;
pub mod probe;
pub mod read;
pub mod sandbox;
pub mod silence;
pub mod sound;
mod stored;
pub mod subtitles;
pub mod tiles;
mod turn;

pub use child::child_main;
pub use encoded::Encoded;
pub use sandbox::{Child, Job, Limits, Sandbox};
pub use stored::Stored;

/// How far a long step has come, in frames or things made. A `total` of 0 is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub step: &'static str,
    pub done: u64,
    pub total: u64,
}

/// A failure of the disk as an error that names the file.
fn disk(path: &Path, error: std::io::Error) -> Error {
    let full = error.kind() == std::io::ErrorKind::StorageFull;
    let error = Error::new(Kind::Unavailable, format!("{error}")).at(path.display().to_string());
    if full { error.remedy("Free some space, then run it again; finished steps are kept") } else { error }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(|e| disk(path, e))
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| disk(path, e))
}
