//! Durable things: blobs by content hash, the catalogue in SQL, one owner per archive.
//!
//! The data folder holds `archive-format` (version of this layout), `phim.lock` and `phim.sock`
//! (who owns it, where verbs are sent), `blobs/` (ground state), `catalogue.sqlite` (what the blobs
//! are), `log-ends` (the last record of each log once more) and `tmp/` (blobs being written; emptied at
//! open).
//!
//! Invariants:
//! - A blob that stands under its name is whole and durable, and never changes.
//! - The catalogue names no blob that was not durable before; so a crash at any instant leaves
//!   blobs that nobody names, never names without blobs.
//! - Nothing here reads a clock: instants are arguments, in microseconds since 1970-01-01T00:00Z.

mod blobs;
mod catalogue;
mod check;
mod ends;
mod error;
mod owner;

use std::path::{Path, PathBuf};

use media::{Error, Result};

pub use blobs::{Blob, BlobWriter, Blobs, write_durably};
pub use catalogue::{
    Catalogue, Chapter, Claim, Contents, Document, Job, JobState, Loudness, Made, NewJob, Original, Place,
    Record, Reference, Removed, Rendition, Sound, StoredTrack, Swept, Text, Thumbnails, Tile, Title,
    TitleKind, Version,
};
pub use check::{Found, Level, Loss, Progress, Report};
pub use error::from_io;
pub use owner::socket_path;

/// Version of the layout of the data folder, kept in the file `archive-format`.
pub const LAYOUT_VERSION: u32 = 1;

/// An archive that this process owns until the value is dropped.
pub struct Archive {
    dir: PathBuf,
    blobs: Blobs,
    catalogue: Catalogue,
    // Declared last: the lock is let go after everything else is closed.
    _owner: owner::Owner,
}

impl Archive {
    /// Opens the archive in `dir`, and makes it when there is none.
    ///
    /// What a killed process left half is removed, and jobs that it was running wait again. Fails
    /// with `Conflict` when another process owns the archive, and with `Unsupported` when a newer
    /// Phim wrote it. When this returns, the folders and an empty catalogue are durable.
    pub async fn open(dir: &Path) -> Result<Archive> {
        let new = !dir.exists();
        std::fs::create_dir_all(dir).map_err(|e| from_io(dir, e))?;
        let dir = dir.canonicalize().map_err(|e| from_io(dir, e))?;
        if new && let Some(parent) = dir.parent() {
            blobs::sync_dir(parent)?;
        }
        let owner = owner::Owner::take(&dir)?;
        check_layout(&dir)?;
        let blobs = Blobs::open(&dir)?;
        let catalogue = Catalogue::open(&dir.join("catalogue.sqlite"), blobs.clone()).await?;
        blobs::sync_dir(&dir)?;
        Ok(Archive { dir, blobs, catalogue, _owner: owner })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }
    /// Where the owner listens for verbs.
    pub fn socket(&self) -> PathBuf {
        socket_path(&self.dir)
    }
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Compares what is stored with what the catalogue says; see [`check::check`]. Blocks a thread
    /// of its own for as long as hashing takes; `progress` is called on that thread.
    pub async fn check(
        &self,
        level: Level,
        progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Report> {
        let references = self.catalogue.references().await?;
        let blobs = self.blobs.clone();
        let work = move || check::check(&blobs, &references, level, progress);
        let joined = tokio::task::spawn_blocking(work).await;
        joined.map_err(|e| Error::internal(format!("the check ended early: {e}")))?
    }

    /// Closes the catalogue in good order. Dropping the archive is as safe, but leaves the
    /// write-ahead log to the next open.
    pub async fn close(self) {
        self.catalogue.close().await;
    }
}

/// Refuses a folder that a newer Phim laid out, and marks a new one.
fn check_layout(dir: &Path) -> Result<()> {
    let path = dir.join("archive-format");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return blobs::write_durably(&path, format!("{LAYOUT_VERSION}\n").as_bytes());
        }
        Err(e) => return Err(from_io(&path, e)),
    };
    match text.trim().parse::<u32>() {
        Ok(LAYOUT_VERSION) => Ok(()),
        Ok(newer) if newer > LAYOUT_VERSION => {
            Err(error::newer("an archive", newer.into(), LAYOUT_VERSION.into())
                .at(path.display().to_string()))
        }
        _ => {
            Err(error::lost(format!("{text:?} is not the version of an archive"))
                .at(path.display().to_string()))
        }
    }
}
