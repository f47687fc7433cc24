//! Bytes that must not be sent: the last check of whoever sends.
//!
//! Invariant: it is found from the indexes alone, sample by sample, and not from what a layout plans, so
//! that a mistake there does not repeat itself here.

use std::collections::BTreeMap;

use media::{Digest, Result};

use crate::held::{Held, Withheld, shown_pieces};
use crate::layout::Layout;
use crate::plan::{Range, SegmentPlan};
use crate::ranges::Ranges;
use crate::sound::touched;
use crate::source::{Media, Source};
use crate::timeline::Timeline;

/// Bytes of stored blobs that must not be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forbidden {
    /// Sorted, end-exclusive, apart.
    blobs: BTreeMap<Digest, Vec<(u64, u64)>>,
}

impl Forbidden {
    /// What `held` forbids of everything that is stored of the timeline's sources: the samples of its
    /// frames in every rendition, every sound sample that carries anything of them, their thumbnails.
    pub fn stored(timeline: &Timeline, held: &Held) -> Result<Forbidden> {
        let mut out = Forbidden::default();
        let mut seen: Vec<Digest> = Vec::new();
        for stretch in &timeline.stretches {
            let source = &stretch.source;
            if let Some(withheld) = held.source(source.digest).filter(|_| !seen.contains(&source.digest)) {
                seen.push(source.digest);
                out.add_source(source, withheld)?;
            }
        }
        Ok(out)
    }

    /// The same, with what was forbidden to `layout` before, and with every patch that shows an ordered
    /// frame: of the plain layout, since a response begun before an earlier order may still carry a
    /// patch that `layout` itself no longer shows.
    pub(crate) fn of(layout: &Layout, held: &Held) -> Result<Forbidden> {
        let mut out = Forbidden::stored(&layout.timeline, held)?;
        for (blob, ranges) in &layout.forbidden.blobs {
            out.add(*blob, ranges.iter().copied());
        }
        let plain = layout.plain.as_deref().unwrap_or(layout);
        for part in &plain.parts {
            let stretches = &plain.timeline.stretches[part.stretches.clone()];
            for (piece, stretch, first) in part.video.iter().flat_map(|lane| shown_pieces(lane, stretches)) {
                let source = &stretch.source;
                let mut stored = source.video.iter().chain(source.holds.iter().flatten());
                if held.source(source.digest).is_some_and(|w| w.picture.touches(first, first + piece.count))
                    && stored.all(|media| media.blob != piece.media.blob)
                {
                    out.add(piece.media.blob, [(0, piece.media.index.blob_len())]);
                }
            }
        }
        Ok(out)
    }

    fn add_source(&mut self, source: &Source, withheld: &Withheld) -> Result<()> {
        for media in &source.video {
            self.add(media.blob, ordered_pictures(media, &withheld.picture)?);
        }
        for sound in &source.sounds {
            let index = &sound.media.index;
            let samples = touched(sound, source, &withheld.sound);
            let place = |(from, to)| Ok((index.offset_of(from)?, index.offset_of(to)?));
            self.add(sound.media.blob, samples.iter().map(place).collect::<Result<Vec<_>>>()?);
        }
        if let Some(thumbnails) = &source.thumbnails {
            let ordered = thumbnails.tiles.iter().filter(|tile| withheld.picture.contains(tile.frame));
            self.add(thumbnails.blob, ordered.map(|tile| (tile.offset, tile.offset + u64::from(tile.len))));
        }
        Ok(())
    }

    fn add(&mut self, blob: Digest, ranges: impl IntoIterator<Item = (u64, u64)>) {
        let mut all = self.blobs.remove(&blob).unwrap_or_default();
        all.extend(ranges);
        all.sort_unstable();
        all.dedup_by(|next, last| {
            let joins = next.0 <= last.1;
            if joins {
                last.1 = last.1.max(next.1);
            }
            joins
        });
        if !all.is_empty() {
            self.blobs.insert(blob, all);
        }
    }

    /// Whether a plan would send any of it.
    pub fn touches(&self, plan: &SegmentPlan) -> bool {
        plan.ranges.iter().any(|range| self.touches_range(range))
    }
    /// Whether any of it lies in a range of a blob, for example what is left of a response under way.
    pub fn touches_range(&self, range: &Range) -> bool {
        let Some(all) = self.blobs.get(&range.blob) else { return false };
        let next = all.partition_point(|r| r.1 <= range.from);
        all.get(next).is_some_and(|r| r.0 < range.from.saturating_add(range.len))
    }
    pub fn is_empty(&self) -> bool {
        self.blobs.is_empty()
    }
}

/// Where the samples of the frames `ordered` lie.
fn ordered_pictures(media: &Media, ordered: &Ranges) -> Result<Vec<(u64, u64)>> {
    let index = &media.index;
    let mut out = Vec::new();
    for (from, to) in ordered.within(0, index.samples()) {
        for n in index.block_of(from)..=index.block_of(to - 1) {
            let block = index.block(n)?;
            let mut at = block.offset;
            for (n, sample) in block.samples.iter().enumerate() {
                let end = at + u64::from(sample.size);
                if ordered.contains((i64::from(block.first) + n as i64 + i64::from(sample.shift)) as u32) {
                    out.push((at, end));
                }
                at = end;
            }
        }
    }
    Ok(out)
}
