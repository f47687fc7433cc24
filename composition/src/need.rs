//! What must be encoded before a composition can play, or can be held: patches, cards, holds, each with
//! a name.

use std::collections::HashSet;
use std::sync::Arc;

use media::{Digest, Index, Result};

use crate::card::Card;
use crate::pieces::{Slot, What, slots};
use crate::sign::Sign;
use crate::source::{Media, Source, Sources};
use crate::span::{Composition, Span};
use crate::veil::Veil;

/// Version of the holds and cards that the workshop makes; a new one gives every one a new name.
pub const MADE_VERSION: u32 = 1;
/// The same of patches: 2 has coarser blurs, and patches without the deblocking filter.
pub const PATCH_VERSION: u32 = 2;

/// Something that the workshop makes once and the archive keeps under [`Need::key`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Frames `from` to `to`, end-exclusive, of the stored track `track` (named by its blob), encoded
    /// again as one closed group whose first picture has `idr_pic_id` `idr` (0 or 1). `veils` are put
    /// over the pictures first, then `signs`, in their order; each lies within the patch. A seam has none.
    Patch { track: Digest, from: u32, to: u32, idr: u16, veils: Vec<Veil>, signs: Vec<Sign> },
    /// `units` frames of a card that looks like rendition `track`: same size, rate and settings. Its
    /// first picture has `idr_pic_id` 0.
    Card { track: Digest, card: Card, units: u32 },
    /// `units` black pictures that look like rendition `track`, one closed group without reordering, so
    /// that the first so many of them may stand in place of any group. See [`holds`].
    Hold { track: Digest, units: u32, idr: u16 },
}

impl Need {
    pub fn units(&self) -> u32 {
        match self {
            Need::Patch { from, to, .. } => to - from,
            Need::Card { units, .. } | Need::Hold { units, .. } => *units,
        }
    }
    pub fn track(&self) -> Digest {
        match self {
            Need::Patch { track, .. } | Need::Card { track, .. } | Need::Hold { track, .. } => *track,
        }
    }
    /// The name under which the archive keeps what is made now.
    pub fn key(&self) -> Digest {
        self.key_of(PATCH_VERSION)
    }
    /// The names under which it may stand in an archive, the newest first: what an older Phim made for a
    /// version was verified then, and that version goes on with it.
    pub fn keys(&self) -> impl Iterator<Item = Digest> {
        let oldest = if matches!(self, Need::Patch { .. }) { 1 } else { PATCH_VERSION };
        (oldest..=PATCH_VERSION).rev().map(|version| self.key_of(version))
    }
    /// The name; `patch` is the version of a patch.
    fn key_of(&self, patch: u32) -> Digest {
        let text = match self {
            Need::Patch { track, from, to, idr, veils, signs } => {
                let mut text = format!("phim patch {patch}\n{track} {from} {to} {idr}\n");
                for veil in veils {
                    text.push_str(&format!("{} {}\n", veil.kind.word(), veil.text()));
                }
                for sign in signs {
                    text.push_str(&format!("sign {}", sign.text()));
                }
                text
            }
            Need::Hold { track, units, idr } => format!("phim hold {MADE_VERSION}\n{track} {units} {idr}\n"),
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
    let (mut all, mut names) = (Vec::new(), HashSet::new());
    for rendition in 0..renditions(composition, sources)? {
        for slot in slots(composition, sources, rendition)?.into_iter().flatten() {
            if let Slot { what: What::Made(need), .. } = slot
                && names.insert(need.key())
            {
                all.push(need);
            }
        }
    }
    Ok(all)
}

/// The hold of each rendition of a source: as long as its longest group of pictures. Made when the
/// title is added, so that an order need not wait for it.
pub fn holds(source: &Source) -> Vec<Need> {
    let hold =
        |media: &Arc<Media>| Need::Hold { track: media.blob, units: longest_group(&media.index), idr: 0 };
    source.video.iter().map(hold).collect()
}

/// Frames in the longest group of pictures of a track.
pub fn longest_group(index: &Index) -> u32 {
    let starts = (0..=index.blocks()).map(|n| index.block_first(n)).collect::<Vec<_>>();
    starts.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(1)
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

#[cfg(test)]
mod tests;
