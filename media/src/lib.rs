//! Bytes of formats. Sans-IO: no disk, clock, network, async.

pub mod cmaf;
pub mod dash;
pub mod digest;
pub mod error;
pub mod hls;
pub mod index;
pub mod picture;
pub mod sheet;
pub mod time;
pub mod track;

pub use digest::Digest;
pub use error::{Error, Kind, Result};
pub use index::{Index, IndexWriter};
pub use time::{Rate, Seconds};
pub use track::{Codec, Track, TrackKind};

/// Version of the bytes that Phim generates around stored samples: init segments, segment headers,
/// playlists. It is part of every entity tag, so a change of these bytes changes the tags.
pub const FORMAT_VERSION: u32 = 1;
