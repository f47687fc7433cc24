//! Bytes of formats. Sans-IO: no disk, clock, network, async.

mod aac;
mod av1;
mod bits;
pub mod cmaf;
pub mod codec_string;
pub mod dash;
pub mod digest;
mod dolby;
pub mod entry;
pub mod error;
pub mod foreign;
pub mod h264;
mod hevc;
pub mod hls;
pub mod index;
mod opus;
pub mod picture;
pub mod protect;
pub mod sheet;
pub mod text;
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
