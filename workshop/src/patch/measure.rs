//! How near the frames of patches are to what they must show, measured on raw frames.
//!
//! Outside its veils a patch must show the rendition's own frames; what it must show inside is computed
//! here a second time, from the same frames and apart from the filters that made it ([`mosaic`]). What
//! is near such a picture cannot hold what the picture has lost, so nearness proves destruction too. A sign
//! must be what was drawn.

use composition::VeilKind;
use media::{Error, Result};

use super::feed::Originals;
use super::sign::Board;
use super::veil::{Rectangle, grid};
use crate::encoder::{Look, Profile};

/// PSNR of the worst frame, in hundredths of a decibel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Worst {
    /// Luma outside veils and signs, [`AROUND`] pixels away from them.
    pub outside: u32,
    /// The worst plane inside them against what they must show; none where there are none.
    pub inside: Option<u32>,
}

/// Pixels around a veil that are not measured: a codec smears its edges.
const AROUND: u32 = 16;

/// A decoded frame: which frame of the track it must show, whose patch it is (none for a copy, which must
/// be equal), which veils lie over it, in their order, and which signs: places in the list of boards.
pub(super) struct Judged {
    pub frame: u32,
    pub patch: Option<usize>,
    pub veils: Vec<(VeilKind, Rectangle)>,
    pub signs: Vec<usize>,
}

/// A sign as it must be seen.
struct Drawn {
    place: Rectangle,
    /// Plane after plane.
    samples: Vec<u16>,
}

/// Raw frames as ffmpeg writes them, three planes one after the other, beside those of the rendition.
pub(super) struct Measure<'a> {
    shape: Shape,
    frames: Vec<Judged>,
    drawn: Vec<Drawn>,
    originals: &'a Originals<'a>,
    at: usize,
    pending: Vec<u8>,
    original: Vec<u8>,
    worst: Vec<Worst>,
}

/// Size and samples of a picture.
#[derive(Clone, Copy)]
struct Shape {
    width: usize,
    height: usize,
    /// How often chroma is halved downward; across it always is, once.
    halved_down: u32,
    depth: u32,
    black: [i32; 3],
}

impl Shape {
    fn of(look: &Look) -> Shape {
        let (black, middle) = look.black();
        Shape {
            width: look.width as usize,
            height: look.height as usize,
            halved_down: u32::from(look.profile != Profile::High422),
            depth: look.depth(),
            black: [black, middle, middle].map(|v| v as i32),
        }
    }
    /// Halvings of a plane across and down.
    fn halved(&self, plane: usize) -> (u32, u32) {
        if plane == 0 { (0, 0) } else { (1, self.halved_down) }
    }
    fn size(&self, plane: usize) -> (usize, usize) {
        let (across, down) = self.halved(plane);
        (self.width >> across, self.height >> down)
    }
    fn frame_bytes(&self) -> usize {
        let samples: usize = (0..3).map(|plane| self.size(plane)).map(|(w, h)| w * h).sum();
        samples * if self.depth > 8 { 2 } else { 1 }
    }
    fn peak(&self) -> u64 {
        (1 << self.depth) - 1
    }
}

impl<'a> Measure<'a> {
    pub fn new(
        (look, boards): (&Look, &[Board]),
        frames: Vec<Judged>,
        patches: usize,
        originals: &'a Originals<'a>,
    ) -> Measure<'a> {
        let best = Worst { outside: u32::MAX, inside: None };
        let shape = Shape::of(look);
        let (pending, original) = (Vec::with_capacity(shape.frame_bytes()), vec![0; shape.frame_bytes()]);
        let samples = |board: &Board| Drawn { place: board.place, samples: board.samples(shape.depth) };
        let drawn = boards.iter().map(samples).collect();
        Measure { shape, frames, drawn, originals, at: 0, pending, original, worst: vec![best; patches] }
    }

    /// Bytes of a raw frame.
    pub fn frame_bytes(look: &Look) -> usize {
        Shape::of(look).frame_bytes()
    }

    /// Bytes that [`Measure::take`] expects in all.
    pub fn bytes(&self) -> u64 {
        self.shape.frame_bytes() as u64 * self.frames.len() as u64
    }

    /// Takes in what ffmpeg wrote next. Fails on a copy that is not what it is a copy of.
    pub fn take(&mut self, mut bytes: &[u8]) -> Result<()> {
        let whole = self.shape.frame_bytes();
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(whole - self.pending.len()));
            self.pending.extend_from_slice(now);
            bytes = later;
            if self.pending.len() == whole {
                self.judge()?;
                self.pending.clear();
            }
        }
        Ok(())
    }

    pub fn finish(self) -> Result<Vec<Worst>> {
        if self.at != self.frames.len() || !self.pending.is_empty() {
            return Err(Error::internal(format!(
                "{} frames and {} bytes decode; expected {} frames",
                self.at,
                self.pending.len(),
                self.frames.len()
            )));
        }
        Ok(self.worst)
    }

    fn judge(&mut self) -> Result<()> {
        let judged = self.frames.get(self.at).ok_or_else(|| Error::internal("too many frames decode"))?;
        self.originals.read(judged.frame, &mut self.original)?;
        let Some(patch) = judged.patch else {
            if self.pending != self.original {
                return Err(Error::internal(format!(
                    "frame {}, a copy, decodes to another picture",
                    self.at
                )));
            }
            self.at += 1;
            return Ok(());
        };
        let signs: Vec<&Drawn> = judged.signs.iter().filter_map(|n| self.drawn.get(*n)).collect();
        let over = Over { veils: &judged.veils, signs: &signs };
        let found = if self.shape.depth > 8 {
            compare(self.shape, &wide(&self.pending), &wide(&self.original), &over)
        } else {
            compare(self.shape, &self.pending, &self.original, &over)
        };
        let worst = &mut self.worst[patch];
        worst.outside = worst.outside.min(found.outside);
        worst.inside = worst.inside.into_iter().chain(found.inside).min();
        self.at += 1;
        Ok(())
    }
}

fn wide(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect()
}

/// A sample of a plane, of one byte or two.
trait Level: Copy + Into<i32> + TryFrom<i32> {}
impl Level for u8 {}
impl Level for u16 {}

/// What lies over a frame.
struct Over<'a> {
    veils: &'a [(VeilKind, Rectangle)],
    signs: &'a [&'a Drawn],
}

impl Over<'_> {
    fn places(&self) -> Vec<Rectangle> {
        let veils = self.veils.iter().map(|(_, place)| *place);
        veils.chain(self.signs.iter().map(|sign| sign.place)).collect()
    }
}

fn compare<T: Level>(shape: Shape, ours: &[T], theirs: &[T], over: &Over) -> Worst {
    let all = over.places();
    let mut worst = Worst { outside: u32::MAX, inside: None };
    let mut rest = (ours, theirs);
    for plane in 0..3 {
        let (width, height) = shape.size(plane);
        let (ours, our_tail) = rest.0.split_at(width * height);
        let (theirs, their_tail) = rest.1.split_at(width * height);
        rest = (our_tail, their_tail);
        if plane == 0 {
            let around: Vec<Rectangle> = all.iter().map(|place| grown(*place, AROUND)).collect();
            worst.outside = psnr(shape, ours, theirs, width, |row| uncovered(&around, row, width));
        }
        if all.is_empty() {
            continue;
        }
        let (across, down) = shape.halved(plane);
        let small = |place: &Rectangle| Rectangle {
            x: place.x >> across,
            y: place.y >> down,
            w: place.w >> across,
            h: place.h >> down,
        };
        // Only the rows that are covered somewhere are computed.
        let top = all.iter().map(|place| small(place).y).min().unwrap_or(0);
        let bottom = all.iter().map(|place| small(place).y + small(place).h).max().unwrap_or(0);
        let rows = top as usize * width..(bottom as usize).min(height) * width;
        let mut expected = theirs[rows.clone()].to_vec();
        let below = |place: &Rectangle| Rectangle { y: small(place).y - top, ..small(place) };
        let places: Vec<Rectangle> = all.iter().map(below).collect();
        for (kind, place) in over.veils {
            let small = below(place);
            match kind {
                VeilKind::Mask => fill(&mut expected, width, small, shape.black[plane]),
                VeilKind::Blur => mosaic(&mut expected, width, small, grid(place.w, place.h)),
            }
        }
        for Drawn { place, samples } in over.signs {
            let own = |plane: usize| {
                let (across, down) = shape.halved(plane);
                ((place.w >> across) * (place.h >> down)) as usize
            };
            let first: usize = (0..plane).map(own).sum();
            paint(
                &mut expected,
                width,
                below(place),
                samples.get(first..first + own(plane)).unwrap_or_default(),
            );
        }
        let found = psnr(shape, &ours[rows], &expected, width, |row| covered(&places, row, width));
        worst.inside = worst.inside.into_iter().chain([found]).min();
    }
    worst
}

fn grown(place: Rectangle, by: u32) -> Rectangle {
    let (x, y) = (place.x.saturating_sub(by), place.y.saturating_sub(by));
    Rectangle { x, y, w: place.x - x + place.w + by, h: place.y - y + place.h + by }
}

/// Where a row is not covered: ranges from left to right.
fn uncovered(places: &[Rectangle], row: usize, width: usize) -> Vec<(usize, usize)> {
    let mut hit: Vec<(usize, usize)> = places
        .iter()
        .filter(|p| (p.y as usize..(p.y + p.h) as usize).contains(&row))
        .map(|p| (p.x as usize, ((p.x + p.w) as usize).min(width)))
        .collect();
    hit.sort_unstable();
    let mut free = Vec::with_capacity(hit.len() + 1);
    let mut at = 0;
    for (from, to) in hit {
        if from > at {
            free.push((at, from));
        }
        at = at.max(to);
    }
    if at < width {
        free.push((at, width));
    }
    free
}

/// Where a row is covered.
fn covered(places: &[Rectangle], row: usize, width: usize) -> Vec<(usize, usize)> {
    let free = uncovered(places, row, width);
    let ends = free.iter().map(|(from, _)| *from).chain([width]);
    let starts = std::iter::once(0).chain(free.iter().map(|(_, to)| *to));
    starts.zip(ends).filter(|(from, to)| from < to).collect()
}

/// Samples whose squared errors are summed in 32 bits, so that a processor sums several at once: those of
/// twelve bits fit.
const AT_ONCE: usize = 256;

fn square(difference: i32) -> u32 {
    difference.unsigned_abs() * difference.unsigned_abs()
}

/// PSNR over the given ranges of every row, in hundredths of a decibel; the most when they are equal or
/// there is nothing to compare.
fn psnr<T: Level>(
    shape: Shape,
    ours: &[T],
    theirs: &[T],
    width: usize,
    ranges: impl Fn(usize) -> Vec<(usize, usize)>,
) -> u32 {
    let (mut error, mut count) = (0u64, 0u64);
    for (row, (ours, theirs)) in ours.chunks_exact(width).zip(theirs.chunks_exact(width)).enumerate() {
        for (from, to) in ranges(row) {
            for (ours, theirs) in ours[from..to].chunks(AT_ONCE).zip(theirs[from..to].chunks(AT_ONCE)) {
                let squares = ours.iter().zip(theirs).map(|(a, b)| square((*a).into() - (*b).into()));
                error += u64::from(squares.sum::<u32>());
            }
            count += (to - from) as u64;
        }
    }
    if error == 0 {
        return u32::MAX;
    }
    let ratio = (shape.peak() * shape.peak() * count) as f64 / error as f64;
    // A negative value is none; the conversion saturates.
    (1000.0 * ratio.log10()) as u32
}

fn fill<T: Level>(plane: &mut [T], width: usize, place: Rectangle, value: i32) {
    for_rows(plane, width, place, |_, row| row.iter_mut().for_each(|sample| set(sample, value)));
}

fn paint<T: Level>(plane: &mut [T], width: usize, place: Rectangle, samples: &[u16]) {
    for_rows(plane, width, place, |y, row| {
        let own = samples.chunks_exact(place.w.max(1) as usize).nth(y).unwrap_or_default();
        row.iter_mut().zip(own).for_each(|(sample, value)| set(sample, i32::from(*value)));
    });
}

fn set<T: Level>(sample: &mut T, value: i32) {
    if let Ok(value) = T::try_from(value) {
        *sample = value;
    }
}

fn for_rows<T>(plane: &mut [T], width: usize, place: Rectangle, mut work: impl FnMut(usize, &mut [T])) {
    let (x, w) = (place.x as usize, place.w as usize);
    let rows = plane.chunks_exact_mut(width).skip(place.y as usize).take(place.h as usize);
    rows.enumerate().for_each(|(y, row)| work(y, &mut row[x..x + w]));
}

/// Fixed point of means and weights.
const ONE: i64 = 256;

/// Replaces a rectangle by the means of a grid's cells, shaded evenly from the middle of each cell to the
/// middle of the next.
fn mosaic<T: Level>(plane: &mut [T], width: usize, place: Rectangle, (across, down): (u32, u32)) {
    let (w, h, across, down) = (place.w as usize, place.h as usize, across as usize, down as usize);
    let columns = shares(w, across);
    let rows = shares(h, down);
    let mut sums = vec![0i64; across * down];
    let mut line = vec![0i64; across];
    for_rows(plane, width, place, |y, row| {
        line.fill(0);
        for (sample, (cell, first, second)) in row.iter().zip(&columns) {
            let value = i64::from((*sample).into());
            line[*cell] += value * first;
            // The second share is none in the last cell.
            if *second > 0 {
                line[cell + 1] += value * second;
            }
        }
        let (cell, first, second) = rows[y];
        for (n, sum) in line.iter().enumerate() {
            sums[cell * across + n] += sum * first;
            if second > 0 {
                sums[(cell + 1) * across + n] += sum * second;
            }
        }
    });
    let means: Vec<i64> = sums.iter().map(|sum| sum * ONE / (w * h) as i64).collect();
    let (columns, rows) = (blends(w, across), blends(h, down));
    for_rows(plane, width, place, |y, row| {
        let (above, below, far) = rows[y];
        let shade = |n: usize| means[above * across + n] * (ONE - far) + means[below * across + n] * far;
        let line: Vec<i64> = (0..across).map(shade).collect();
        for (sample, (left, right, far)) in row.iter_mut().zip(&columns) {
            let value = line[*left] * (ONE - far) + line[*right] * far;
            set(sample, ((value + ONE * ONE * ONE / 2) / (ONE * ONE * ONE)) as i32);
        }
    });
}

/// For each of `length` samples: the cell that it lies in, of `cells`, and how much of it counts there and
/// in the next cell. A sample counts `cells` in all, a cell `length`.
fn shares(length: usize, cells: usize) -> Vec<(usize, i64, i64)> {
    let share = |n: usize| {
        let cell = n * cells / length;
        let after = ((n + 1) * cells).saturating_sub((cell + 1) * length);
        (cell, (cells - after) as i64, after as i64)
    };
    (0..length).map(share).collect()
}

/// For each of `length` samples: the cells whose middles it lies between, and how far it is from the first,
/// of [`ONE`].
fn blends(length: usize, cells: usize) -> Vec<(usize, usize, i64)> {
    let (length, cells) = (length as i64, cells as i64);
    let blend = |n: i64| {
        // Twice the position in cells, times the length, counted from the middle of the first cell.
        let at = ((2 * n + 1) * cells - length).clamp(0, 2 * length * (cells - 1));
        let left = at / (2 * length);
        let far = (at % (2 * length)) * ONE / (2 * length);
        (left as usize, (left + 1).min(cells - 1) as usize, far)
    };
    (0..length).map(blend).collect()
}

#[cfg(test)]
mod tests;
