//! The pieces of one rendition: which samples are copied and which are made anew.
//!
//! At an in-point off a sync sample, the frames up to the next sync sample are made anew. At an
//! out-point, the longest run of samples that is closed in decode and in presentation order is
//! copied, and only what is left is made anew. So a cut costs less than one group of pictures and,
//! at its out-point, at most the frames that are shown before a reference picture after the cut.
//! A group that a veil or a sign touches is copied likewise as long as its frames are closed and come before
//! it; the rest of it, as far as the span shows it, is made anew as one patch with the veil over it.
//!
//! Invariant: two IDR pictures that follow each other directly in decode order have different
//! `idr_pic_id` (ITU-T H.264 §7.4.3). This can only go wrong next to a slot of one picture.

use std::sync::Arc;

use media::{Error, Result};

use crate::need::Need;
use crate::overlay::Overlay;
use crate::source::{Media, Source, Sources};
use crate::span::{Composition, Span};

/// A run of frames of one rendition that comes from one place.
#[derive(Clone, Debug)]
pub struct Slot {
    pub what: What,
    /// Frames.
    pub count: u32,
}

#[derive(Clone, Debug)]
pub enum What {
    /// Samples of the stored track, from `first` on, which is also a frame number.
    Copy {
        media: Arc<Media>,
        first: u32,
    },
    Made(Need),
}

/// The slots of one rendition, span by span.
pub fn slots(composition: &Composition, sources: &Sources, rendition: usize) -> Result<Vec<Vec<Slot>>> {
    let mut all = Vec::with_capacity(composition.spans().len());
    for span in composition.spans() {
        let (title, digest) = span.source();
        let source = sources(title, digest)?;
        let media = rung(&source, rendition)?;
        all.push(match span {
            Span::Film { from, to, .. } => {
                if *from < source.from || *to > source.to {
                    return Err(Error::invalid(format!(
                        "the span from frame {from} to {to} reaches outside {title}, which has frames {} to {}",
                        source.from, source.to
                    )));
                }
                let nothing = Overlay::default();
                film_slots(media, *from, *to, composition.overlay(digest).unwrap_or(&nothing))?
            }
            Span::Card { card, units, .. } => {
                let need = Need::Card { track: media.blob, card: card.clone(), units: *units };
                vec![Slot { what: What::Made(need), count: *units }]
            }
        });
    }
    choose_idr_ids(&mut all)?;
    Ok(all)
}

/// The rendition of `source` that plays in place `rendition` of a composition.
pub fn rung(source: &Source, rendition: usize) -> Result<&Arc<Media>> {
    source
        .video
        .get(rendition.min(source.video.len().saturating_sub(1)))
        .ok_or_else(|| Error::internal(format!("{} has no picture", source.title)))
}

fn film_slots(media: &Arc<Media>, from: u32, to: u32, over: &Overlay) -> Result<Vec<Slot>> {
    let index = &media.index;
    if from >= to || to > index.samples() {
        return Err(Error::invalid(format!("frames {from} to {to} of a track that has {}", index.samples())));
    }
    let mut slots = Slots { media, over, out: Vec::new() };
    let mut at = from;
    if !index.is_sync(from) {
        at = to.min(index.block_first(index.block_of(from) + 1));
        slots.make(from, at);
    }
    while at < to {
        // Whole groups are copied up to the group that holds the next veil or sign, or the out-point.
        let change = first_covered(over, at, to).unwrap_or(to);
        let whole =
            if change == index.samples() { change } else { index.block_first(index.block_of(change)) };
        slots.copy(at, whole);
        at = at.max(whole);
        if at < to {
            let block = index.block(index.block_of(at))?;
            let end = to.min(at + block.samples.len() as u32);
            // A lone IDR picture is not worth copying: its id is fixed and may equal its neighbour's.
            let closed = match block.closed_prefix((change - at) as usize) as u32 {
                1 => 0,
                n => n,
            };
            slots.copy(at, at + closed);
            slots.make(at + closed, end);
            at = end;
        }
    }
    Ok(slots.out)
}

/// The first frame of `from..to` under a veil or a sign.
fn first_covered(over: &Overlay, from: u32, to: u32) -> Option<u32> {
    let veils = over.veils.iter().map(|veil| (veil.from, veil.to));
    let all = veils.chain(over.signs.iter().map(|sign| (sign.from, sign.to)));
    all.filter(|(first, end)| *first < to && from < *end).map(|(first, _)| first.max(from)).min()
}

/// The slots of one span as they come.
struct Slots<'a> {
    media: &'a Arc<Media>,
    over: &'a Overlay,
    out: Vec<Slot>,
}

impl Slots<'_> {
    fn copy(&mut self, from: u32, to: u32) {
        if from < to {
            let what = What::Copy { media: self.media.clone(), first: from };
            self.out.push(Slot { what, count: to - from });
        }
    }
    fn make(&mut self, from: u32, to: u32) {
        if from < to {
            let veils = self.over.veils.iter().filter_map(|veil| veil.clipped(from, to)).collect();
            let signs = self.over.signs.iter().filter_map(|sign| sign.clipped(from, to)).collect();
            let need = Need::Patch { track: self.media.blob, from, to, idr: 0, veils, signs };
            self.out.push(Slot { what: What::Made(need), count: to - from });
        }
    }
}

/// Chooses the `idr_pic_id` of every patch, from the end to the start.
fn choose_idr_ids(spans: &mut [Vec<Slot>]) -> Result<()> {
    let mut order: Vec<&mut Slot> = spans.iter_mut().flatten().collect();
    let mut next: Option<u16> = None;
    for n in (0..order.len()).rev() {
        let before = match n.checked_sub(1).map(|p| &*order[p]) {
            Some(Slot { what: What::Copy { media, first }, count }) => lone_picture_id(media, first + count)?,
            _ => None,
        };
        let slot = &mut *order[n];
        next = match &mut slot.what {
            What::Copy { media, first } => Some(media.index.block(media.index.block_of(*first))?.idr_pic_id),
            What::Made(Need::Card { .. } | Need::Hold { .. }) => Some(0),
            What::Made(Need::Patch { idr, .. }) => {
                let after = if slot.count == 1 { next } else { None };
                *idr = (0..=1).find(|id| Some(*id) != before && Some(*id) != after).unwrap_or(0);
                Some(*idr)
            }
        };
    }
    Ok(())
}

/// The `idr_pic_id` of the group that ends before sample `end`, when that group is one picture.
fn lone_picture_id(media: &Media, end: u32) -> Result<Option<u16>> {
    let block = media.index.block(media.index.block_of(end - 1))?;
    Ok((block.first + 1 == end).then_some(block.idr_pic_id))
}

#[cfg(test)]
mod tests;
