//! What a title offers to compositions: its stored tracks and what goes with them.
//!
//! Invariants:
//! - Every video rendition has the same frames: equal rate, equal sample count, blocks that start at
//!   the same frames (checked when the title is added).
//! - Positions on the source timeline are frames of the stored tracks. Frames before `from` are kept
//!   because others refer to them; they are never presented.

use std::sync::Arc;

use media::text::Cue;
use media::{Digest, Index, Rate, Result, Seconds};

/// A stored track that can be cut from: the name of its samples' blob and its index.
#[derive(Clone, Debug)]
pub struct Media {
    pub blob: Digest,
    pub index: Index,
}

/// One sound track of a title.
#[derive(Clone, Debug)]
pub struct Sound {
    /// BCP-47.
    pub language: String,
    /// What a person reads in the menu; may be empty.
    pub label: String,
    pub media: Arc<Media>,
    /// When its first heard tick sounds, in seconds after frame `from` of the picture.
    pub offset: Seconds,
    /// One silent sample of the same configuration.
    pub silence: Arc<Media>,
}

/// One subtitle track of a title. Times count from frame `from` of the picture.
#[derive(Clone, Debug)]
pub struct Text {
    pub language: String,
    pub label: String,
    pub forced: bool,
    pub cues: Arc<Vec<Cue>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// Seconds after frame `from` of the picture.
    pub at: Seconds,
    pub name: String,
}

/// Small pictures of the film, one JPEG after the other in one blob.
#[derive(Clone, Debug)]
pub struct Thumbnails {
    pub blob: Digest,
    /// Pixels; multiples of 16, so that tiles can be joined without decoding.
    pub width: u16,
    pub height: u16,
    pub tiles: Vec<Tile>,
}

/// One small picture: the frame it shows and where its JPEG file lies in the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    pub frame: u32,
    pub offset: u64,
    pub len: u32,
}

/// A title as compositions see it. `digest` names this very media: a title stored anew gets another.
#[derive(Clone, Debug)]
pub struct Source {
    pub title: String,
    pub digest: Digest,
    pub rate: Rate,
    /// The first frame that is presented.
    pub from: u32,
    /// One past the last frame that is presented.
    pub to: u32,
    /// Renditions, highest first. Never empty.
    pub video: Vec<Arc<Media>>,
    /// For each rendition, what [`crate::need::holds`] asks for: black pictures that stand in place of a
    /// held group. None where they could not be made; such a title is withdrawn instead of held.
    pub holds: Vec<Option<Arc<Media>>>,
    pub sounds: Vec<Sound>,
    pub texts: Vec<Text>,
    pub chapters: Vec<Chapter>,
    pub thumbnails: Option<Thumbnails>,
}

impl Source {
    /// When `frame` is shown, in seconds after the first presented frame.
    pub fn seconds(&self, frame: u32) -> Seconds {
        self.rate.seconds(frame as i64 - self.from as i64)
    }
    /// The frames that are shown between two instants, rounded outward. Seconds count as in
    /// [`Source::seconds`].
    pub fn frames(&self, from: Seconds, to: Seconds) -> (u32, u32) {
        let frame = |unit: i64| (i64::from(self.from) + unit).clamp(0, u32::MAX.into()) as u32;
        (frame(self.rate.unit_at(from)), frame(self.rate.unit_from(to)))
    }
    pub fn duration(&self) -> Seconds {
        self.seconds(self.to)
    }
}

/// Finds the source that a span names. Fails with `NotFound` when the house does not hold it.
pub type Sources<'a> = dyn Fn(&str, Digest) -> Result<Arc<Source>> + 'a;
