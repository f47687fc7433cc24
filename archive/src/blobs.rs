//! Blobs: immutable files named by the SHA-256 of their bytes, under `blobs/ab/cdef…`.
//!
//! Invariants:
//! - Create-only: a file under a blob's name is never written to or replaced, only removed when
//!   nothing refers to it.
//! - A name appears only after the bytes are on the disk, and [`BlobWriter::commit`] returns only
//!   after the name is. So a power cut leaves either the whole blob or none.
//! - `tmp/` is emptied when the archive is opened; a killed process leaves nothing.
//!
//! A file system makes promises about bytes, names and errors apart from each other, and the order
//! used here (sync the file, give it its name, sync the folder; never try a failed sync again) is
//! the one that the literature finds to hold:
//! Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014,
//! <https://www.usenix.org/conference/osdi14/technical-sessions/presentation/pillai>;
//! Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020,
//! <https://www.usenix.org/conference/atc20/presentation/rebello>;
//! Corbet, "PostgreSQL's fsync() surprise", LWN 2018, <https://lwn.net/Articles/752063/>.
//! One blob makes these calls (strace): `openat(tmp/N, O_CREAT|O_EXCL)`, `write`…, `fsync`,
//! `renameat2(RENAME_NOREPLACE)`, `fsync(blobs/ab)`.

mod blob;
mod guard;
mod writer;

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use media::{Digest, Index, Result};

use crate::error::{from_io, lost};

pub use blob::Blob;
pub use writer::BlobWriter;

/// Blobs kept open at most, beside those that somebody holds, until [`Blobs::keep_open`] says more.
const KEPT_OPEN: usize = 256;
/// Blobs of this length at most are read into memory whole by [`Blobs::read`].
pub const MAX_READ: u64 = 64 << 20;

/// The blobs of one archive. Cheap to clone; all functions block on the disk.
#[derive(Clone)]
pub struct Blobs(Arc<Store>);

struct Store {
    blobs: PathBuf,
    temp: PathBuf,
    next_temp: AtomicU64,
    opened: Mutex<Opened>,
    /// Blobs that were stored, or found stored, for somebody who has not named them in the
    /// catalogue yet. A sweep leaves them alone.
    fresh: Mutex<HashSet<Digest>>,
}

/// The open blobs. Whoever is in `recent` stays open though nobody holds it.
struct Opened {
    known: HashMap<Digest, Weak<Blob>>,
    recent: VecDeque<Arc<Blob>>,
    limit: usize,
}

impl Blobs {
    /// Opens the store in `dir` and empties `tmp/`; only the archive's owner may call this.
    pub(crate) fn open(dir: &Path) -> Result<Blobs> {
        let (blobs, temp) = (dir.join("blobs"), dir.join("tmp"));
        make_dir(&temp)?;
        for left in list_dir(&temp)? {
            std::fs::remove_file(&left).map_err(|e| from_io(&left, e))?;
        }
        make_dir(&blobs)?;
        // Every folder exists before the first blob, so that a commit has one folder to sync and
        // never returns before another thread's new folder is durable.
        for n in 0..=255u8 {
            make_dir(&blobs.join(format!("{n:02x}")))?;
        }
        sync_dir(&blobs)?;
        let opened = Opened { known: HashMap::new(), recent: VecDeque::new(), limit: KEPT_OPEN };
        Ok(Blobs(Arc::new(Store {
            blobs,
            temp,
            next_temp: AtomicU64::new(0),
            opened: Mutex::new(opened),
            fresh: Mutex::new(HashSet::new()),
        })))
    }

    /// Starts a blob. Nothing is stored until [`BlobWriter::commit`].
    pub fn writer(&self) -> Result<BlobWriter> {
        let n = self.0.next_temp.fetch_add(1, Ordering::Relaxed);
        BlobWriter::new(self.clone(), self.0.temp.join(n.to_string()))
    }

    /// Stores `bytes`. They are durable when this returns.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest> {
        let mut writer = self.writer()?;
        writer.append(bytes)?;
        writer.commit()
    }

    /// Stores a copy of `file` from its start. It is durable when this returns.
    pub fn put_file(&self, file: &File) -> Result<Digest> {
        let mut writer = self.writer()?;
        let len = file.metadata().map_err(|e| from_io(Path::new("the file to store"), e))?.len();
        writer.copy_range(file, 0, len)?;
        writer.commit()
    }

    /// Stores a finished file without copying it: the file itself becomes the blob, and is gone from
    /// `path` when this returns. It must lie in the archive's own folder, and nobody may have it open
    /// for writing. It is durable when this returns; after a failure the file may be anywhere but
    /// under a blob's name.
    pub fn adopt(&self, path: &Path) -> Result<Digest> {
        let at = |e| from_io(path, e);
        let file = File::open(path).map_err(at)?;
        file.set_permissions(Permissions::from_mode(0o444)).map_err(at)?;
        let (digest, len) = writer::digest_of(&file).map_err(at)?;
        self.admit(&file, path, digest, len)?;
        match std::fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(at(e)),
            _ => Ok(digest),
        }
    }

    /// Where the blob lies, or would lie.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        let name = digest.to_string();
        self.0.blobs.join(&name[..2]).join(&name[2..])
    }

    /// Bytes of the blob, or nothing when it is not stored.
    pub fn len_of(&self, digest: &Digest) -> Result<Option<u64>> {
        let path = self.path(digest);
        match std::fs::metadata(&path) {
            Ok(found) => Ok(Some(found.len())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(from_io(&path, e)),
        }
    }

    /// Opens a blob for reading. Fails with `DataLoss` when it is not there.
    pub fn open_blob(&self, digest: &Digest) -> Result<Arc<Blob>> {
        if let Some(blob) = self.opened().known.get(digest).and_then(Weak::upgrade) {
            return Ok(blob);
        }
        let blob = Arc::new(Blob::open(*digest, self.path(digest))?);
        self.opened().keep(blob.clone());
        Ok(blob)
    }

    /// Opens a blob whose length is known, e.g. from its index. Fails with `DataLoss` when it is
    /// not there or has another length.
    pub fn open_sized(&self, digest: &Digest, len: u64) -> Result<Arc<Blob>> {
        let blob = self.open_blob(digest)?;
        if blob.len() == len {
            return Ok(blob);
        }
        let message = format!("the blob has {} bytes; {len} were stored", blob.len());
        Err(lost(message).at(self.path(digest).display().to_string()).remedy(RUN_CHECK))
    }

    /// Opens the index in blob `digest`, memory-mapped. It keeps no file open.
    pub fn open_index(&self, digest: &Digest) -> Result<Index> {
        let path = self.path(digest);
        let map = Blob::open(*digest, path.clone())?.into_map()?;
        Index::open(Arc::new(map)).map_err(|e| e.at(path.display().to_string()))
    }

    /// Reads a small blob (at most [`MAX_READ`] bytes) and checks its digest. Fails with
    /// `DataLoss` when it is not there or is not what was stored.
    pub fn read(&self, digest: &Digest) -> Result<Vec<u8>> {
        let blob = Blob::open(*digest, self.path(digest))?;
        let place = || self.path(digest).display().to_string();
        if blob.len() > MAX_READ {
            let message = format!("a blob of {} bytes; at most {MAX_READ} are read at once", blob.len());
            return Err(media::Error::internal(message).at(place()));
        }
        let mut bytes = vec![0; blob.len() as usize];
        blob.read_at(0, &mut bytes)?;
        match Digest::of(&bytes) {
            found if found == *digest => Ok(bytes),
            found => Err(lost(format!("the bytes of the blob now have the digest {found}"))
                .at(place())
                .remedy(RUN_CHECK)),
        }
    }

    /// Sets how many blobs stay open though nobody holds them. The server raises this together
    /// with its limit on open files.
    pub fn keep_open(&self, limit: usize) {
        let mut opened = self.opened();
        opened.limit = limit.max(1);
        opened.shrink();
    }

    /// Lets go of every open blob, so that files put back in the place of damaged ones are found.
    /// Whoever holds one keeps it.
    pub fn let_go(&self) {
        let mut opened = self.opened();
        opened.known.clear();
        opened.recent.clear();
    }

    /// Every stored blob with its length, in no order.
    pub fn list(&self) -> Result<Vec<(Digest, u64)>> {
        let mut found = Vec::new();
        for folder in list_dir(&self.0.blobs)? {
            for path in list_dir(&folder)? {
                let name =
                    |p: &Path| p.file_name().and_then(|n| n.to_str()).map(str::to_owned).unwrap_or_default();
                // Other names are not ours and none of our business.
                if let Ok(digest) = (name(&folder) + &name(&path)).parse::<Digest>() {
                    let len = std::fs::metadata(&path).map_err(|e| from_io(&path, e))?.len();
                    found.push((digest, len));
                }
            }
        }
        Ok(found)
    }

    /// The digest of the bytes that now stand under the name `digest`.
    pub(crate) fn rehash(&self, digest: &Digest) -> Result<Digest> {
        let blob = Blob::open(*digest, self.path(digest))?;
        let mut hasher = media::digest::Hasher::default();
        let mut buffer = vec![0; 1 << 20];
        let mut at = 0;
        while at < blob.len() {
            let wanted = (blob.len() - at).min(buffer.len() as u64) as usize;
            blob.read_at(at, &mut buffer[..wanted])?;
            hasher.update(&buffer[..wanted]);
            at += wanted as u64;
        }
        Ok(hasher.finish())
    }

    /// The catalogue names the blob now, durably: a later sweep decides by the catalogue alone.
    pub(crate) fn settle(&self, digest: &Digest) {
        self.fresh().remove(digest);
    }

    /// Removes a blob that nothing in the catalogue names, unless somebody has just stored it.
    /// Says whether it did. Whoever has it open can go on reading.
    pub(crate) fn remove_unless_fresh(&self, digest: &Digest) -> Result<bool> {
        let fresh = self.fresh();
        if fresh.contains(digest) {
            return Ok(false);
        }
        let path = self.path(digest);
        std::fs::remove_file(&path).map_err(|e| from_io(&path, e))?;
        let mut opened = self.opened();
        opened.known.remove(digest);
        opened.recent.retain(|blob| blob.digest() != *digest);
        Ok(true)
    }

    /// Gives the finished file `temp` its name; `file` is that file. Durable when this returns.
    fn admit(&self, file: &File, temp: &Path, digest: Digest, len: u64) -> Result<()> {
        // From here on no sweep removes the blob, whether it is ours or was there before.
        self.fresh().insert(digest);
        let path = self.path(&digest);
        if !self.already_stored(&digest, len)? {
            // A failed sync may have dropped the pages and would succeed if it were tried again,
            // so the file is given up instead.
            file.sync_all().map_err(|e| from_io(temp, e))?;
            if !rename_new(temp, &path)? {
                self.already_stored(&digest, len)?;
            }
        }
        // Also for a blob that was there before: its name may be younger than the last sync.
        sync_dir(path.parent().expect("a blob lies in a folder"))
    }

    /// Whether an identical blob is there. Fails when what is there cannot be it.
    fn already_stored(&self, digest: &Digest, len: u64) -> Result<bool> {
        match self.len_of(digest)? {
            None => Ok(false),
            Some(found) if found == len => Ok(true),
            Some(found) => Err(lost(format!("the stored blob has {found} bytes instead of {len}"))
                .at(self.path(digest).display().to_string())
                .remedy("Remove that damaged file, then try again: it will be stored anew")),
        }
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        self.0.opened.lock().expect("nobody panics while holding the open blobs")
    }
    fn fresh(&self) -> MutexGuard<'_, HashSet<Digest>> {
        self.0.fresh.lock().expect("nobody panics while holding the fresh blobs")
    }
}

/// The remedy where stored bytes are missing or changed.
const RUN_CHECK: &str = "Run phim check to see what else is damaged, then add the title again";

impl Opened {
    fn keep(&mut self, blob: Arc<Blob>) {
        self.known.insert(blob.digest(), Arc::downgrade(&blob));
        self.recent.push_back(blob);
        self.shrink();
    }
    fn shrink(&mut self) {
        while self.recent.len() > self.limit {
            self.recent.pop_front();
        }
        if self.known.len() > 2 * self.limit {
            self.known.retain(|_, blob| blob.strong_count() > 0);
        }
    }
}

/// Renames `from` to `to` unless `to` exists; says whether it did.
fn rename_new(from: &Path, to: &Path) -> Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        // Some file systems (NFS, older FUSE) do not know the flag; a hard link never replaces.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => match std::fs::hard_link(from, to) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(from_io(to, e)),
        },
        Err(e) => Err(from_io(to, e.into())),
    }
}

fn make_dir(path: &Path) -> Result<()> {
    match std::fs::create_dir(path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(from_io(path, e)),
        _ => Ok(()),
    }
}

fn list_dir(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(path).map_err(|e| from_io(path, e))?;
    entries.map(|entry| entry.map(|e| e.path()).map_err(|e| from_io(path, e))).collect()
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(path: &Path) -> Result<()> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(|e| from_io(path, e))
}

/// Writes a small file durably, also in the place of another: it appears whole or not at all.
pub fn write_durably(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write;
    let half = path.with_extension("new");
    let write = || -> io::Result<()> {
        let mut file = File::create(&half)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&half, path)
    };
    write().map_err(|e| from_io(path, e))?;
    path.parent().map_or(Ok(()), sync_dir)
}

#[cfg(test)]
mod tests;
