//! The safe step of an order: a layout that was handed out already, with what is ordered held back.
//!
//! Invariants:
//! - The timeline does not change: segments, durations, init segments and manifests are those of the
//!   plain layout, byte for byte, and so is every segment without a held sample.
//! - Every group of pictures with an ordered frame is black, as far as a span shows it, in every
//!   rendition. Sound whose window touches such a group is silent, subtitles that touch it are gone.
//! - Nothing is encoded: the black groups were made when the title was added.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use media::{Digest, Error, Result};

use crate::edit::Edit;
use crate::forbidden::Forbidden;
use crate::layout::{Lane, Layout, Piece, hold, merge};
use crate::overlay::{Overlay, REACH};
use crate::ranges::Ranges;
use crate::sound::{self, Grid};
use crate::source::{Media, Source};
use crate::span::{Composition, Span};
use crate::timeline::{Stretch, Timeline};

/// What of one source is not seen, heard or read: frames of its stored tracks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Withheld {
    /// Frames whose stored picture is not shown.
    pub picture: Ranges,
    /// Frames whose sound is not heard.
    pub sound: Ranges,
    /// Frames with which no subtitle is shown.
    pub text: Ranges,
}

impl Withheld {
    fn and(&self, other: &Withheld) -> Withheld {
        Withheld {
            picture: self.picture.union(&other.picture),
            sound: self.sound.union(&other.sound),
            text: self.text.union(&other.text),
        }
    }
}

impl From<&Overlay> for Withheld {
    fn from(overlay: &Overlay) -> Withheld {
        Withheld {
            picture: overlay.veils.iter().map(|veil| (veil.from, veil.to)).collect(),
            sound: overlay.mutes.clone(),
            text: overlay.mutes.union(&overlay.text_drops),
        }
    }
}

/// What is held of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// Picture, sound and subtitles.
    All,
    /// Picture.
    Picture,
    /// Sound and subtitles.
    Sound,
    /// Subtitles.
    Text,
}

/// What orders hold, by source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    sources: BTreeMap<Digest, Withheld>,
}

impl Held {
    /// Ranges of frames of sources, end-exclusive, in any order; overlaps merge.
    pub fn new(ranges: impl IntoIterator<Item = (Digest, u32, u32, Holding)>) -> Held {
        let mut by_source: BTreeMap<Digest, [Vec<(u32, u32)>; 3]> = BTreeMap::new();
        for (source, from, to, holding) in ranges {
            let [picture, sound, text] = by_source.entry(source).or_default();
            if matches!(holding, Holding::All | Holding::Picture) {
                picture.push((from, to));
            }
            if matches!(holding, Holding::All | Holding::Sound) {
                sound.push((from, to));
            }
            if holding != Holding::Picture {
                text.push((from, to));
            }
        }
        let withheld = |[picture, sound, text]: [Vec<(u32, u32)>; 3]| Withheld {
            picture: Ranges::new(picture),
            sound: Ranges::new(sound),
            text: Ranges::new(text),
        };
        let all = by_source.into_iter().map(|(source, ranges)| (source, withheld(ranges)));
        Held { sources: all.filter(|(_, withheld)| *withheld != Withheld::default()).collect() }
    }
    /// What is held until the version that `edits` give is made: a mute needs no picture held, a text
    /// drop no sound; all else needs everything.
    pub fn of(edits: &[Edit]) -> Held {
        Held::by(edits, Holding::All)
    }
    /// What the version that `edits` give keeps back itself, once it is made: under a veil, the picture as
    /// it was. Nothing that such a version plays touches [`Forbidden::stored`] of it.
    pub fn once_made(edits: &[Edit]) -> Held {
        Held::by(edits, Holding::Picture)
    }
    fn by(edits: &[Edit], of_veil: Holding) -> Held {
        Held::new(edits.iter().map(|edit| {
            let (from, to) = edit.range();
            let holding = match edit {
                Edit::Cut { .. } | Edit::Replace { .. } => Holding::All,
                Edit::Blur { .. } | Edit::Mask { .. } => of_veil,
                Edit::Mute { .. } => Holding::Sound,
                Edit::DropText { .. } => Holding::Text,
            };
            (edit.source(), from, to, holding)
        }))
    }
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }
    pub fn source(&self, source: Digest) -> Option<&Withheld> {
        self.sources.get(&source)
    }
    /// Whether anything of it can be seen, heard or read in a composition. Errs towards yes.
    pub fn bites(&self, composition: &Composition) -> bool {
        composition.spans().iter().any(|span| match (span, self.source(span.source().1)) {
            (Span::Film { from, to, .. }, Some(withheld)) => {
                let (low, high) = (from.saturating_sub(REACH), to.saturating_add(REACH));
                withheld.picture.touches(*from, *to)
                    || withheld.sound.touches(low, high)
                    || withheld.text.touches(low, high)
            }
            _ => false,
        })
    }
}

/// The pieces of a rendition that show film, each with its stretch and the source's frame it starts with.
pub(crate) fn shown_pieces<'a>(
    lane: &'a Lane,
    stretches: &'a [Stretch],
) -> impl Iterator<Item = (&'a Piece, &'a Stretch, u32)> {
    let starts = stretches.iter().scan(0, |next, stretch| {
        let start = *next;
        *next += stretch.span.units();
        Some((stretch, start))
    });
    starts.flat_map(|(stretch, start)| {
        let begin = lane.pieces.partition_point(|p| p.at < start);
        let end = start + stretch.span.units();
        let here = lane.pieces[begin..].iter().take_while(move |p| p.at < end);
        here.filter_map(move |piece| match stretch.span {
            Span::Film { from, .. } => Some((piece, stretch, from + piece.at - start)),
            Span::Card { .. } => None,
        })
    })
}

impl Layout {
    /// This layout with what is `held` kept back. Fails with `Unsupported` when a rendition has no hold
    /// that fits: withdraw the title then.
    pub fn held(self: &Arc<Layout>, held: &Held) -> Result<Layout> {
        let timeline = held_timeline(&self.timeline, held);
        let mut parts = self.parts.clone();
        for part in &mut parts {
            let stretches = &timeline.stretches[part.stretches.clone()];
            for (rendition, lane) in part.video.iter_mut().enumerate() {
                lane.pieces = held_pieces(lane, stretches, held, rendition)?;
            }
            for (wanted, lane) in self.main.sounds.iter().zip(&mut part.audio) {
                let grid = Grid { track: &lane.track };
                lane.pieces = sound::pieces(stretches, wanted, &grid, lane.first, lane.end);
            }
        }
        Ok(Layout {
            digest: self.digest,
            timeline,
            parts,
            segments: self.segments.clone(),
            sounds: self.sounds.clone(),
            main: self.main.clone(),
            plain: Some(self.plain.clone().unwrap_or_else(|| self.clone())),
            forbidden: Forbidden::of(self, held)?,
            peaks: OnceLock::new(),
        })
    }

    /// Bytes that this layout must not send; nothing when it is not a held one. No plan of it touches
    /// them: whoever sends may check that once more.
    pub fn forbidden(&self) -> &Forbidden {
        &self.forbidden
    }
}

fn held_timeline(timeline: &Timeline, held: &Held) -> Timeline {
    let stretches = timeline.stretches.iter().map(|stretch| {
        let (Span::Film { from, to, .. }, Some(ordered)) =
            (&stretch.span, held.source(stretch.source.digest))
        else {
            return stretch.clone();
        };
        let groups = groups(&stretch.source, &ordered.picture, *from, *to);
        let shown = Withheld { picture: groups.clone(), sound: groups.clone(), text: groups };
        Stretch { withheld: Arc::new(stretch.withheld.and(ordered).and(&shown)), ..stretch.clone() }
    });
    Timeline { stretches: stretches.collect(), duration: timeline.duration }
}

/// The groups of pictures that hold any of `frames`, as far as a span from `from` to `to` shows them.
/// Every rendition has the same.
fn groups(source: &Source, frames: &Ranges, from: u32, to: u32) -> Ranges {
    let index = &source.video[0].index;
    let group = |(a, b): (u32, u32)| {
        let (first, end) =
            (index.block_first(index.block_of(a)), index.block_first(index.block_of(b - 1) + 1));
        (first.max(from), end.min(to))
    };
    frames.within(from, to.min(index.samples())).map(group).collect()
}

/// The pieces of a rendition with black in place of what is held.
fn held_pieces(lane: &Lane, stretches: &[Stretch], held: &Held, rendition: usize) -> Result<Vec<Piece>> {
    let mut out = lane.pieces.clone();
    let shown: Vec<_> = shown_pieces(lane, stretches).collect();
    for (piece, stretch, first) in shown.into_iter().rev() {
        let (Span::Film { from, to, .. }, Some(ordered)) =
            (&stretch.span, held.source(stretch.source.digest))
        else {
            continue;
        };
        let black = groups(&stretch.source, &ordered.picture, *from, *to);
        let end = first + piece.count;
        if black.touches(first, end) {
            let hold = usable_hold(lane, &stretch.source, rendition)?;
            let at = out.partition_point(|p| p.at < piece.at);
            let split = split(piece, first, &black, &stretch.source, hold)?;
            out.splice(at..=at, split);
        }
    }
    Ok(out)
}

/// The piece, which starts with frame `first`, in parts: as it is outside `black`, and one run of the
/// hold for each group inside, so that there is a sync sample wherever there was one.
fn split(
    piece: &Piece,
    first: u32,
    black: &Ranges,
    source: &Source,
    hold: &Arc<Media>,
) -> Result<Vec<Piece>> {
    let index = &source.video[0].index;
    let end = first + piece.count;
    let mut out = Vec::new();
    let kept = |from: u32, to: u32, out: &mut Vec<Piece>| {
        if from < to {
            let skipped = from - first;
            out.push(Piece {
                first: piece.first + skipped,
                count: to - from,
                at: piece.at + skipped,
                ..piece.clone()
            });
        }
    };
    let mut at = first;
    for (from, to) in black.within(first, end) {
        kept(at, from, &mut out);
        at = from;
        while at < to {
            let next = to.min(index.block_first(index.block_of(at) + 1));
            if next - at > hold.index.samples() {
                return Err(no_hold(source, "it is shorter than a group of pictures"));
            }
            out.push(Piece {
                media: hold.clone(),
                first: 0,
                count: next - at,
                at: piece.at + at - first,
                repeated: false,
            });
            at = next;
        }
    }
    kept(at, end, &mut out);
    Ok(out)
}

/// The hold of a rendition, where the init segment that was handed out has its parameter sets.
fn usable_hold<'a>(lane: &Lane, source: &'a Source, rendition: usize) -> Result<&'a Arc<Media>> {
    let hold = hold(source, rendition).ok_or_else(|| no_hold(source, "none was made"))?;
    let fits = merge(&lane.track, hold.index.track()).is_ok_and(|merged| merged == lane.track);
    if fits { Ok(hold) } else { Err(no_hold(source, "its parameter sets are not those of the version")) }
}

fn no_hold(source: &Source, why: &str) -> Error {
    Error::unsupported(format!("a scene of {} cannot be held: of its black pictures, {why}", source.title))
        .remedy("Withdraw the title until its versions are made without the scene")
}

#[cfg(test)]
mod tests;
