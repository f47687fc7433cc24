//! What must be encoded before a composition can play: patches and cards, each with a name.

use media::{Digest, Result};

use crate::card::Card;
use crate::pieces::{Slot, What, slots};
use crate::source::Sources;
use crate::span::{Composition, Span};

/// Version of what the workshop makes for a need; a new one gives every made thing a new name.
pub const MADE_VERSION: u32 = 1;

/// Something that the workshop makes once and the archive keeps under [`Need::key`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Frames `from` to `to`, end-exclusive, of the stored track `track` (named by its blob), encoded
    /// again as one closed group whose first picture has `idr_pic_id` `idr` (0 or 1).
    Patch { track: Digest, from: u32, to: u32, idr: u16 },
    /// `units` frames of a card that looks like rendition `track`: same size, rate and settings. Its
    /// first picture has `idr_pic_id` 0.
    Card { track: Digest, card: Card, units: u32 },
}

impl Need {
    pub fn units(&self) -> u32 {
        match self {
            Need::Patch { from, to, .. } => to - from,
            Need::Card { units, .. } => *units,
        }
    }
    pub fn track(&self) -> Digest {
        match self {
            Need::Patch { track, .. } | Need::Card { track, .. } => *track,
        }
    }
    /// The name under which the archive keeps what was made.
    pub fn key(&self) -> Digest {
        let text = match self {
            Need::Patch { track, from, to, idr } => {
                format!("phim patch {MADE_VERSION}\n{track} {from} {to} {idr}\n")
            }
            Need::Card { track, card, units } => {
                // The source and title of the composition's text say nothing about the picture.
                let span =
                    Span::Card { card: card.clone(), title: "card".into(), source: *track, units: *units };
                format!(
                    "phim card {MADE_VERSION}\n{}",
                    Composition::new([span]).map(|c| c.text()).unwrap_or_default()
                )
            }
        };
        Digest::of(text.as_bytes())
    }
}

/// Everything that must be made for `composition`, each thing once, in order of the renditions.
/// Fails when a source is unknown or its index is damaged.
pub fn needs(composition: &Composition, sources: &Sources) -> Result<Vec<Need>> {
    let mut all: Vec<Need> = Vec::new();
    for rendition in 0..renditions(composition, sources)? {
        for slot in slots(composition, sources, rendition)?.into_iter().flatten() {
            if let Slot { what: What::Made(need), .. } = slot
                && !all.contains(&need)
            {
                all.push(need);
            }
        }
    }
    Ok(all)
}

/// The number of renditions that a composition has: the most that any of its sources has.
pub fn renditions(composition: &Composition, sources: &Sources) -> Result<usize> {
    let mut most = 0;
    for span in composition.spans() {
        let (title, source) = span.source();
        most = most.max(sources(title, source)?.video.len());
    }
    Ok(most)
}
