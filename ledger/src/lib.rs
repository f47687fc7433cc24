//! Records as bytes in append-only logs that outsiders verify. Pure: no disk, clock, network or
//! randomness; knows nothing of films.
//!
//! A log is what C2SP calls a tiled transparency log: `record` is what an entry says, `tree` and `tile`
//! are the hashes over the entries, `bundle` the entries themselves, `merkle` the proofs, `note`, `key`
//! and `checkpoint` what is signed, `proof` the file that proves one record offline, `witness` the
//! outsider who co-signs and refuses a fork, `audit` the check of a whole log. `commitment` keeps
//! documents and names out of the log and yet bound by it.
//!
//! Sources: RFC 6962 section 2.1; C2SP tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature,
//! tlog-witness and tlog-proof.

mod audit;
mod bundle;
mod checkpoint;
mod commitment;
mod decimal;
mod digest;
mod error;
mod key;
pub mod merkle;
mod note;
mod proof;
mod record;
mod tile;
mod tree;
pub mod witness;

pub use audit::{Verified, verify};
pub use bundle::{MAX_ENTRY, read_bundle, write_bundle};
pub use checkpoint::Checkpoint;
pub use commitment::{commit, derive_key, opens, pseudonym};
pub use digest::{Digest32, EMPTY_ROOT, leaf_hash, node_hash};
pub use error::{Error, Kind, Result};
pub use key::{LogKey, VerifierKey, WitnessKey};
pub use merkle::Nodes;
pub use note::{Endorsement, Note, Signature};
pub use proof::ProofFile;
pub use record::Record;
pub use tile::{Level, Tile, Tiles};
pub use tree::Tree;
pub use witness::{AddCheckpoint, Refusal, Witness};
