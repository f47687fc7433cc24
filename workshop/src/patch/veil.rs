//! Veils in pixels: which rectangle of a rendition a veil covers in each frame of a patch, and the
//! filters that blur or fill it.
//!
//! Invariants:
//! - A rectangle covers the veil's area rounded outward and a little more, and has even edges, so that
//!   whole chroma samples lie in it.
//! - What a blurred rectangle shows is computed from a coarse [`grid`] of means and from nothing else of
//!   the picture, so what is finer than the grid is gone for good.
//! - However a veil moves, its filters are of bounded number and length.

use composition::{Area, Veil, VeilKind};
use media::Track;

use super::Wish;
use crate::encoder::{Look, Profile};
use crate::turn::Turn;

/// Pixels, counted from the top left corner of the coded picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rectangle {
    pub x: u32,
    pub y: u32,
    pub w: u32,
    pub h: u32,
}

/// A veil over some frames of one patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cover {
    pub kind: VeilKind,
    /// The first frame under it, counted from the start of the patch.
    from: u32,
    /// Where it lies, frame by frame.
    rectangles: Vec<Rectangle>,
}

/// Frames one after the other in which a rectangle keeps its size: `from` to `to`, end-exclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    from: u32,
    to: u32,
    size: (u32, u32),
    /// Since when it stands where, frames and pixels.
    across: Vec<(u32, u32)>,
    down: Vec<(u32, u32)>,
}

/// Pixels around the area that are covered too: scaling to a small rung smears that far.
const MARGIN: u32 = 2;
/// A rectangle's sides are multiples of this as a rule, so that one that grows does so in steps. It keeps
/// its size while it is less than two steps too large.
const STEP: u32 = 8;
/// Sizes that one veil has within a patch at most; with more, it grows in larger steps.
const MOST_SIZES: usize = 32;
/// Places where one veil stands within a patch at most; with more, it covers several frames' areas at once.
const MOST_PLACES: usize = 250;

/// Cells across the shorter side of a blurred rectangle. A line of text may fill it from top to bottom, and
/// was still read by a machine (tesseract 5.3) at five cells, now and then at four, never at three.
const CELLS: u32 = 2;
/// Cells larger than this, in pixels, are averaged in two steps: ffmpeg's scaler takes in 256 at most.
const MOST_CELL: u32 = 128;
/// Parts of a cell's side that the first step leaves.
const PARTS: u32 = 16;

/// Cells across and down of a blurred rectangle of this size, in luma and in chroma.
pub(super) fn grid(w: u32, h: u32) -> (u32, u32) {
    let short = w.min(h).max(1);
    (w * CELLS / short, h * CELLS / short)
}

/// The filters that blur pictures of this size. Chroma has as many cells as luma: ffmpeg's scaler leaves
/// out the edges when it makes one of all.
fn blur(w: u32, h: u32, look: &Look) -> String {
    let (across, down) = grid(w, h);
    let whole_chroma = if look.depth() == 8 { "yuv444p" } else { "yuv444p10le" };
    let first = match w.min(h) > MOST_CELL * CELLS {
        true => format!("scale={}:{}:flags=area,", across * PARTS, down * PARTS),
        false => String::new(),
    };
    format!(
        "{first}scale={across}:{down}:flags=area,format={whole_chroma},scale={w}:{h}:flags=area,{}",
        look.format_filter()
    )
}

/// The veils of a patch, in the order in which they are laid.
pub(super) fn covers(wish: &Wish, track: &Track, look: &Look) -> Vec<Cover> {
    let turn = Turn::of(track);
    wish.veils.iter().filter_map(|veil| Cover::of(veil, wish, turn, (look.width, look.height))).collect()
}

/// Edges in pixels: left, top, right, bottom.
type Edges = [u32; 4];

fn edges(area: Area, turn: Turn, (width, height): (u32, u32)) -> Edges {
    let [x, y, w, h] = turn.lay_down([area.x(), area.y(), area.w(), area.h()].map(u32::from), 1000);
    let low = |at: u32, whole: u32| (at * whole / 1000).saturating_sub(MARGIN);
    let high = |at: u32, whole: u32| ((at * whole).div_ceil(1000) + MARGIN).min(whole);
    [low(x, width), low(y, height), high(x + w, width), high(y + h, height)]
}

/// Rectangles around edges, frame by frame, with even edges inside the picture, whose sides are even.
fn around(all: &[Edges], step: u32, whole: (u32, u32)) -> Vec<Rectangle> {
    let mut size = (0, 0);
    let mut place = |[left, top, right, bottom]: &Edges| {
        let x = side(*left, *right, &mut size.0, step, whole.0);
        let y = side(*top, *bottom, &mut size.1, step, whole.1);
        Rectangle { x, y, w: size.0, h: size.1 }
    };
    all.iter().map(&mut place).collect()
}

/// Where a side of a rectangle begins; `length` is how long it was in the frame before, and becomes how
/// long it is. What sticks out of the picture is pushed back into it.
fn side(low: u32, high: u32, length: &mut u32, step: u32, whole: u32) -> u32 {
    let low = low & !1;
    let needed = high - low;
    if *length < needed || *length >= needed + 2 * step {
        *length = needed.next_multiple_of(step).min(whole);
    }
    low.min(whole - *length)
}

impl Cover {
    fn of(veil: &Veil, wish: &Wish, turn: Turn, whole: (u32, u32)) -> Option<Cover> {
        let (from, to) = (veil.from.max(wish.from), veil.to.min(wish.to));
        if from >= to {
            return None;
        }
        let mut all: Vec<Edges> = (from..to).map(|frame| edges(veil.path.at(frame), turn, whole)).collect();
        for together in all.chunks_mut(((to - from) as usize).div_ceil(MOST_PLACES)) {
            let union = together
                .iter()
                .copied()
                .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
            together.fill(union.unwrap_or_default());
        }
        let mut step = STEP;
        loop {
            let rectangles = around(&all, step, whole);
            let cover = Cover { kind: veil.kind, from: from - wish.from, rectangles };
            if cover.runs().len() <= MOST_SIZES {
                return Some(cover);
            }
            step *= 2;
        }
    }

    /// Where it lies in a frame, counted from the start of the patch.
    pub fn at(&self, frame: u32) -> Option<Rectangle> {
        self.rectangles.get(frame.checked_sub(self.from)? as usize).copied()
    }

    fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (frame, place) in (self.from..).zip(&self.rectangles) {
            let size = (place.w, place.h);
            if runs.last().is_none_or(|run| run.size != size) {
                runs.push(Run { from: frame, to: frame, size, across: Vec::new(), down: Vec::new() });
            }
            if let Some(run) = runs.last_mut() {
                run.to = frame + 1;
                for (moves, at) in [(&mut run.across, place.x), (&mut run.down, place.y)] {
                    if moves.last().is_none_or(|(_, before)| *before != at) {
                        moves.push((frame, at));
                    }
                }
            }
        }
        runs
    }

    /// Filters to be appended to a chain of the patch's frames, timed in ticks of which `scale` last a second,
    /// and each `unit` ticks, from 0 on. `name` makes the labels of pads differ from all others of the
    /// graph.
    pub fn filters(&self, name: &str, (scale, unit): (u32, u32), look: &Look) -> String {
        let mut out = String::new();
        // Frames are told by their time: overlay counts those it has taken in, not the one it shows.
        let frame = format!("st(0,floor(t*{scale}/{unit}+0.5))");
        for (k, Run { from, to, size: (w, h), across, down }) in self.runs().into_iter().enumerate() {
            let (x, y, last) = (steps(&across), steps(&down), to - 1);
            let fill = match self.kind {
                VeilKind::Blur => blur(w, h, look),
                VeilKind::Mask => look.black_filter(),
            };
            out.push_str(&format!(
                ",split[{name}m{k}][{name}c{k}];\
                 [{name}c{k}]select='between(n,{from},{last})',crop={w}:{h}:'{frame};{x}':'{frame};{y}',{fill}[{name}o{k}];\
                 [{name}m{k}][{name}o{k}]overlay=x='{frame};if(between(ld(0),{from},{last}),{x},W)':y='{frame};{y}'\
                 :format={format}:eof_action=pass",
                format = overlay_format(look.profile),
            ));
        }
        out
    }
}

/// An expression that steps through values; frame numbers stand in variable 0.
fn steps(moves: &[(u32, u32)]) -> String {
    match moves {
        [] => "0".to_string(),
        [(_, at)] => at.to_string(),
        _ => {
            let (before, after) = moves.split_at(moves.len() / 2);
            format!("if(lt(ld(0),{}),{},{})", after[0].0, steps(before), steps(after))
        }
    }
}

/// The name by which ffmpeg's overlay knows the encoder's pixel format.
pub(super) fn overlay_format(profile: Profile) -> &'static str {
    match profile {
        Profile::Baseline | Profile::Main | Profile::High => "yuv420",
        Profile::High10 => "yuv420p10",
        Profile::High422 => "yuv422p10",
    }
}

#[cfg(test)]
mod tests;
