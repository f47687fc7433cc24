//! The house's logs: what was decided, as entries of Merkle trees with signed checkpoints.
//!
//! One log per territory and one for the house. An entry is the one spelling of a decision
//! ([`crate::decide::read`]). Entries lie in the catalogue, durable before anybody is told; trees
//! and checkpoints are made of them and can be made again.
//!
//! Invariants:
//! - What is published never runs ahead of what is durable, and a published size never shrinks.
//! - The key is written durably before anything is signed with it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use archive::{Record, from_io, write_durably};
use jiff::Timestamp;
use ledger::{Checkpoint, LogKey, Note, Signature, Tree, derive_key, leaf_hash};
use media::Digest;
use media::error::{Error, Kind, Result};

/// The house's own log; territories have theirs under their code in lower case.
pub const HOUSE: &str = "house";
/// Names the key that signs evidence; no log has this name.
pub const EVIDENCE: &str = "evidence";
const KEY_FILE: &str = "ledger.key";
const CHECKPOINTS_FILE: &str = "checkpoints.json";

/// One log as everybody may see it.
#[derive(Clone)]
pub struct Log {
    pub name: String,
    pub tree: Arc<Tree>,
    /// The signed checkpoint over all of `tree`, as text.
    pub checkpoint: Arc<str>,
}

/// All logs at one instant.
#[derive(Clone, Default)]
pub struct Published {
    logs: BTreeMap<String, Log>,
}

impl Published {
    pub fn log(&self, name: &str) -> Option<&Log> {
        self.logs.get(name)
    }
    pub fn all(&self) -> impl Iterator<Item = &Log> {
        self.logs.values()
    }
    /// The same with the witnesses' signatures that were kept, where they are on the checkpoints shown.
    fn with_kept(&self, kept: &BTreeMap<String, String>) -> Result<Published> {
        let mut published = self.clone();
        for log in published.logs.values_mut() {
            let Some(kept) = kept.get(&log.name).and_then(|text| Note::parse(text.as_bytes()).ok()) else {
                continue;
            };
            let mut note = Note::parse(log.checkpoint.as_bytes()).map_err(understood)?;
            if kept.text() != note.text() {
                continue;
            }
            for signature in kept.signatures() {
                if !note.signatures().contains(signature) {
                    note.add(signature.clone()).map_err(understood)?;
                }
            }
            log.checkpoint = note.to_string().into();
        }
        Ok(published)
    }

    /// Keeps the checkpoints as they are signed, so that a new start shows what witnesses signed before.
    pub fn keep(&self, dir: &Path) -> Result<()> {
        let kept: BTreeMap<&str, &str> =
            self.logs.values().map(|log| (log.name.as_str(), &*log.checkpoint)).collect();
        let text = serde_json::to_vec_pretty(&kept).map_err(|e| Error::internal(e.to_string()))?;
        write_durably(&dir.join(CHECKPOINTS_FILE), &text)
    }

    /// The same with what was kept. Where that cannot be read, the witnesses are asked again.
    pub fn restored(&self, dir: &Path) -> Result<Published> {
        let path = dir.join(CHECKPOINTS_FILE);
        let kept = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(self.clone()),
            Err(e) => return Err(from_io(&path, e)),
        };
        self.with_kept(&kept)
    }

    /// The same with a witness's signature on the checkpoint of `log`, if that is still the one shown.
    pub fn cosigned(&self, log: &Log, signature: Signature) -> Result<Published> {
        let mut published = self.clone();
        let same = |now: &&mut Log| now.tree.size() == log.tree.size();
        if let Some(now) = published.logs.get_mut(&log.name).filter(same) {
            let mut note = Note::parse(now.checkpoint.as_bytes()).map_err(understood)?;
            note.add(signature).map_err(understood)?;
            now.checkpoint = note.to_string().into();
        }
        Ok(published)
    }
}

/// The secret of this house: 32 bytes that sign its logs and hide its people's names.
pub struct Keys {
    seed: [u8; 32],
    /// Names the house in the names of its logs.
    house: String,
}

impl Keys {
    /// Reads the key of the archive in `dir`, and makes one when there is none.
    pub fn open(dir: &Path) -> Result<Keys> {
        let seed = secret(&dir.join(KEY_FILE))?;
        let house = hexadecimal(&derive_key(&seed, "the name of the house"), 16);
        Ok(Keys { seed, house })
    }

    /// The name of a log, as its checkpoints spell it.
    pub fn origin(&self, log: &str) -> String {
        format!("phim/{}/{log}", self.house)
    }
    fn log_key(&self, log: &str) -> Result<LogKey> {
        // Each log signs with a key of its own.
        let seed = derive_key(&self.seed, &format!("the log {log}"));
        LogKey::new(&self.origin(log), &seed).map_err(understood)
    }
    /// What outsiders verify the checkpoints of a log with, in one line.
    pub fn verifier(&self, log: &str) -> Result<String> {
        Ok(self.log_key(log)?.verifier().to_string())
    }
    /// Signs the manifest of evidence, with a key that signs nothing else.
    pub fn sign_evidence(&self, text: &str) -> Result<Note> {
        Note::new(text, self.log_key(EVIDENCE)?.sign(text)).map_err(understood)
    }
    /// Somebody's id in the records: opaque, and the same each time.
    pub fn pseudonym(&self, name: &str) -> String {
        ledger::pseudonym(&derive_key(&self.seed, "people"), name)
    }
    /// What a person must show who asks for staff matters over HTTP.
    pub fn desk_token(&self) -> String {
        hexadecimal(&derive_key(&self.seed, "the desk"), 40)
    }
    /// Signs what is sent to webhooks, with a key that signs nothing else.
    pub fn webhooks(&self) -> [u8; 32] {
        derive_key(&self.seed, "messages to webhooks")
    }
    /// What one webhook and this house share.
    pub fn webhook(&self, id: &str) -> [u8; 32] {
        derive_key(&self.seed, &format!("the secret of webhook {id}"))
    }
    /// The key that seals tokens under an id.
    pub fn token(&self, id: &str) -> [u8; 32] {
        derive_key(&self.seed, &format!("the token key {id}"))
    }
    /// The private link of an authority to what is offered in answer to its order.
    pub fn link(&self, order: &policy::OrderId) -> String {
        let purpose = format!("the link of {}\n{}", order.authority, order.number);
        hexadecimal(&derive_key(&self.seed, &purpose), 40)
    }
    /// The seal on an address of the past.
    pub fn past(&self, says: &str) -> String {
        hexadecimal(&derive_key(&self.seed, &format!("an address of the past\n{says}")), 40)
    }
}

/// The first `digits` hexadecimal digits of a key.
fn hexadecimal(key: &[u8; 32], digits: usize) -> String {
    Digest(*key).to_string()[..digits].to_string()
}

/// Bytes by which a changed key is known; keys that an older Phim made have none.
const SUM_BYTES: usize = 8;

/// Reads the 32 bytes of a secret key, and makes them, durably, when there are none.
pub fn secret(path: &Path) -> Result<[u8; 32]> {
    let lost = |what: &str| {
        Error::new(Kind::DataLoss, what)
            .at(path.display().to_string())
            .remedy("Put the key back from a backup")
    };
    match std::fs::read(path) {
        Ok(bytes) => match bytes.split_first_chunk::<32>() {
            Some((seed, sum)) if sum.is_empty() || *sum == sum_of(seed) => Ok(*seed),
            Some((_, sum)) if sum.len() == SUM_BYTES => Err(lost("the key is not as it was written")),
            _ => Err(lost("the key does not have 32 bytes and their checksum")),
        },
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => make_key(path),
        Err(e) => Err(from_io(path, e)),
    }
}

fn sum_of(seed: &[u8; 32]) -> [u8; SUM_BYTES] {
    let digest = derive_key(seed, "the checksum of the key");
    std::array::from_fn(|n| digest[n])
}

fn make_key(path: &Path) -> Result<[u8; 32]> {
    let seed = random()?;
    let wrong = |e| from_io(path, e);
    let partial = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    let mut file =
        options.write(true).create(true).truncate(true).mode(0o600).open(&partial).map_err(wrong)?;
    file.write_all(&[&seed[..], &sum_of(&seed)].concat()).and_then(|()| file.sync_all()).map_err(wrong)?;
    std::fs::rename(&partial, path).map_err(wrong)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(|e| from_io(folder, e))?;
    Ok(seed)
}

/// 32 bytes from the system's source of randomness.
pub fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|e| Error::new(Kind::Unavailable, format!("the system gives no random bytes: {e}")))?;
    Ok(bytes)
}

/// The logs as the one who writes them holds them.
pub struct Ledgers {
    pub keys: Arc<Keys>,
    trees: BTreeMap<String, Tree>,
    /// The instant of the last decision.
    pub last: Timestamp,
}

impl Ledgers {
    /// Builds the trees from records in order of log and number.
    pub fn new(keys: Arc<Keys>, records: &[Record], last: Timestamp) -> Ledgers {
        let mut trees: BTreeMap<String, Tree> = BTreeMap::new();
        for record in records {
            trees.entry(record.log.clone()).or_default().append(leaf_hash(record.text.as_bytes()));
        }
        Ledgers { keys, trees, last }
    }

    /// The number that the next record of a log will have.
    pub fn next(&self, log: &str) -> u64 {
        self.trees.get(log).map_or(0, Tree::size)
    }

    /// Takes a record that is durable.
    pub fn append(&mut self, record: &Record) {
        self.trees.entry(record.log.clone()).or_default().append(leaf_hash(record.text.as_bytes()));
    }

    /// Signs a checkpoint over every log named that `before` does not show as it is now.
    pub fn publish(&self, before: &Published) -> Result<Published> {
        let mut published = before.clone();
        for (name, tree) in &self.trees {
            if before.log(name).is_some_and(|log| log.tree.size() == tree.size()) {
                continue;
            }
            let root = tree.root(tree.size()).map_err(understood)?;
            let note = Checkpoint::new(&self.keys.origin(name), tree.size(), root)
                .sign(&self.keys.log_key(name)?)
                .map_err(understood)?;
            let log =
                Log { name: name.clone(), tree: Arc::new(tree.clone()), checkpoint: note.to_string().into() };
            published.logs.insert(name.clone(), log);
        }
        Ok(published)
    }
}

/// A ledger's error in the house's words.
pub fn understood(error: ledger::Error) -> Error {
    let kind = match error.kind {
        ledger::Kind::Invalid | ledger::Kind::Unsigned => Kind::Invalid,
        ledger::Kind::Unsupported => Kind::Unsupported,
        ledger::Kind::NotFound => Kind::NotFound,
        ledger::Kind::DataLoss => Kind::DataLoss,
    };
    Error { kind, message: error.message, places: error.places, remedy: error.remedy }
}

#[cfg(test)]
mod tests;
