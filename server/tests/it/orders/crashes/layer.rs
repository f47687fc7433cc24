//! A file layer that drops what was not synced: a power cut, told from what `layer.c` kept.
//!
//! Invariants:
//! - What stands when a layer is laid over a folder is durable; after that only what was synced is.
//! - Of what was not synced, any part may have reached the disk: [`Keep`] says which.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

/// Numbers that look like chance, the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    /// Below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }
    pub fn coin(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// What is left of bytes and names that were not synced.
pub enum Keep {
    /// All of it: the process was killed, and the system went on.
    All,
    /// Nothing.
    Nothing,
    /// Each sector of 512 bytes and each name by itself, as the dice fall.
    Some(Dice),
}

impl Keep {
    /// Whether one part of it is left.
    fn coin(&mut self) -> bool {
        match self {
            Keep::All => true,
            Keep::Nothing => false,
            Keep::Some(dice) => dice.coin(),
        }
    }
}

/// A name in a folder: what it stands for, and which file that is.
type Names = BTreeMap<String, (char, String)>;

/// Bytes that a disk writes or does not write.
const SECTOR: usize = 512;

pub struct Layer {
    root: PathBuf,
    kept: tempfile::TempDir,
    /// The names in each folder when the layer was laid over it.
    before: BTreeMap<PathBuf, Names>,
    lies: Option<&'static str>,
    step: Option<String>,
}

impl Layer {
    /// Over a folder that no process uses now.
    pub fn over(root: &Path) -> Layer {
        let kept = tempfile::tempdir().expect("a folder");
        for folder in ["files", "folders"] {
            fs::create_dir(kept.path().join(folder)).expect("a folder");
        }
        fs::write(kept.path().join("clock"), [0; 16]).expect("a clock");
        let built = Command::new("cc")
            .args(["-O1", "-shared", "-fPIC", "-o"])
            .arg(library(kept.path()))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/orders/crashes/layer.c"))
            .status();
        assert!(built.expect("cc runs").success());
        let root = root.canonicalize().expect("the folder");
        let mut layer = Layer { root, kept, before: BTreeMap::new(), lies: None, step: None };
        layer.look(Path::new(""));
        layer
    }

    /// Syncs of what has `part` in its path do nothing, though they say that they did.
    pub fn lying(self, part: Option<&'static str>) -> Layer {
        Layer { lies: part, ..self }
    }
    /// The process dies when it says this in its log for the `nth` time.
    pub fn dying_at(self, nth: u32, line: &str) -> Layer {
        Layer { step: Some(format!("{nth}:{line}")), ..self }
    }

    /// What a process must be started with.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let mut all = vec![
            ("LD_PRELOAD", library(self.kept.path()).into()),
            ("PHIM_LAYER", self.kept.path().into()),
            ("PHIM_LAYER_ROOT", self.root.clone().into()),
        ];
        all.extend(self.lies.map(|part| ("PHIM_LAYER_LIES", part.into())));
        all.extend(self.step.clone().map(|step| ("PHIM_LAYER_STEP", step.into())));
        all
    }

    /// Calls that the process has made so far.
    pub fn calls(&self) -> u64 {
        let mut bytes = [0; 8];
        File::open(self.kept.path().join("clock"))
            .expect("a clock")
            .read_exact_at(&mut bytes, 0)
            .expect("read");
        u64::from_le_bytes(bytes)
    }
    /// Lets the process die in the middle of its call of this number.
    pub fn die_at(&self, call: u64) {
        let clock = File::options().write(true).open(self.kept.path().join("clock")).expect("a clock");
        clock.write_all_at(&call.to_le_bytes(), 8).expect("written");
    }

    /// Notes what stands in a folder, and copies what may be written to.
    fn look(&mut self, folder: &Path) {
        let names = listed(&self.root.join(folder));
        for (name, (kind, key)) in &names {
            let path = folder.join(name);
            match kind {
                'd' => self.look(&path),
                'f' => {
                    let (from, to) = (self.root.join(&path), self.file(key));
                    // Nobody writes to a blob: another name keeps it.
                    let blob = path.starts_with("blobs");
                    let kept = if blob { fs::hard_link(from, to) } else { fs::copy(from, to).map(drop) };
                    kept.expect("kept");
                }
                _ => {}
            }
        }
        self.before.insert(folder.into(), names);
    }

    fn file(&self, key: &str) -> PathBuf {
        self.kept.path().join("files").join(key)
    }

    /// Makes of the folder what a power cut leaves of it. The process is dead.
    pub fn cut_power(&self, keep: &mut Keep) {
        if !matches!(keep, Keep::All) {
            self.cut(Path::new(""), keep);
        }
    }

    fn cut(&self, folder: &Path, keep: &mut Keep) {
        let (durable, now) = (self.durable(folder), listed(&self.root.join(folder)));
        let names: BTreeSet<&String> = durable.keys().chain(now.keys()).collect();
        for name in names {
            let path = folder.join(name);
            let (was, is) = (durable.get(name), now.get(name));
            let stays = was == is || keep.coin();
            if !stays {
                remove(&self.root.join(&path));
            }
            match if stays { is } else { was } {
                Some(('d', _)) => {
                    fs::create_dir_all(self.root.join(&path)).expect("a folder");
                    self.cut(&path, keep);
                }
                Some(('f', key)) => self.cut_file(&path, key, keep),
                _ => {}
            }
        }
    }

    /// The names in a folder as they were synced last.
    fn durable(&self, folder: &Path) -> Names {
        let escaped = format!("%{}", folder.display().to_string().replace('/', "%"));
        let Ok(text) = fs::read_to_string(self.kept.path().join("folders").join(escaped)) else {
            return self.before.get(folder).cloned().unwrap_or_default();
        };
        let name = |line: &str| {
            let mut words = line.splitn(3, ' ').map(str::to_string);
            let kind = words.next()?.chars().next()?;
            let key = words.next()?;
            Some((words.next()?, (kind, key)))
        };
        text.lines().filter_map(name).collect()
    }

    fn cut_file(&self, path: &Path, key: &str, keep: &mut Keep) {
        let (path, kept) = (self.root.join(path), self.file(key));
        let inode = |path: &Path| fs::metadata(path).map(|is| is.ino()).ok();
        if inode(&path).is_some() && inode(&path) == inode(&kept) {
            return;
        }
        let durable = fs::read(kept).unwrap_or_default();
        let now = fs::read(&path).ok();
        if now.as_ref() == Some(&durable) {
            return;
        }
        let bytes = match (keep, now) {
            (Keep::Some(dice), Some(now)) => torn(&durable, &now, dice),
            _ => durable,
        };
        // A file of its own: the old one may have another name among what is kept.
        remove(&path);
        fs::write(&path, bytes).expect("written");
    }
}

fn library(kept: &Path) -> PathBuf {
    kept.join("layer.so")
}

fn remove(path: &Path) {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    assert!(removed.is_ok() || !path.exists(), "{}: {removed:?}", path.display());
}

/// Some sectors as they were synced and some as they were written since.
fn torn(durable: &[u8], now: &[u8], dice: &mut Dice) -> Vec<u8> {
    let len = if dice.coin() { durable.len() } else { now.len() };
    let mut out = vec![0; len];
    for (n, sector) in out.chunks_mut(SECTOR).enumerate() {
        let from = if dice.coin() { durable } else { now };
        let from = from.get(n * SECTOR..).unwrap_or_default();
        let len = sector.len().min(from.len());
        sector[..len].copy_from_slice(&from[..len]);
    }
    out
}

fn listed(folder: &Path) -> Names {
    let Ok(entries) = fs::read_dir(folder) else { return Names::new() };
    let name = |entry: fs::DirEntry| {
        let is = entry.metadata().ok()?;
        let kind = if is.is_dir() { 'd' } else { if is.is_file() { 'f' } else { 'o' } };
        let born = is.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let key = format!("{}-{}.{:09}", is.ino(), born.as_secs(), born.subsec_nanos());
        Some((entry.file_name().into_string().ok()?, (kind, key)))
    };
    entries.filter_map(|entry| name(entry.ok()?)).collect()
}

/// The layer does what it is for: bytes and names that were not synced are gone, the others are not.
#[test]
fn what_was_not_synced_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let layer = Layer::over(folder.path());
    let script = "echo one > a; sync a; echo two >> a; echo three > b; sync .; mv a c; kill -9 $$";
    let mut shell = Command::new("sh");
    let ended = shell.args(["-c", script]).current_dir(folder.path()).envs(layer.environment()).status();
    assert!(!ended.expect("sh runs").success());
    let left = |name: &str| fs::read_to_string(folder.path().join(name)).ok();
    assert_eq!([left("a"), left("b"), left("c")], [None, Some("three\n".into()), Some("one\ntwo\n".into())]);
    layer.cut_power(&mut Keep::Nothing);
    assert_eq!([left("a"), left("b"), left("c")], [Some("one\n".into()), Some(String::new()), None]);
}
