//! Bytes of formats. Sans-IO: no disk, clock, network, async.

pub mod digest;
pub mod error;
pub mod index;
pub mod time;
pub mod track;

pub use digest::Digest;
pub use error::{Error, Kind, Result};
pub use index::{Index, IndexWriter};
pub use time::{Rate, Seconds};
pub use track::{Codec, Track, TrackKind};
