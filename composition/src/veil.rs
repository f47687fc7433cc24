//! Veils: a box of the picture that is blurred or masked for some frames, and may move.
//!
//! Invariants:
//! - An area is not empty and lies inside the picture.
//! - A path has at least one key frame, and its key frames stand in order. Between two of them every
//!   edge moves evenly, and is rounded outward to a whole thousandth, so that the box covers what the
//!   exact box covers; before the first and after the last it stands still.

use media::{Error, Result};

/// A box in thousandths of the picture's width and height, counted from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area {
    x: u16,
    y: u16,
    w: u16,
    h: u16,
}

/// Thousandths in the whole picture.
const WHOLE: u16 = 1000;

impl Area {
    /// Fails when the box is empty or reaches outside the picture.
    pub fn new(x: u16, y: u16, w: u16, h: u16) -> Result<Area> {
        let inside = |at: u16, size: u16| size > 0 && at.checked_add(size).is_some_and(|end| end <= WHOLE);
        if inside(x, w) && inside(y, h) {
            return Ok(Area { x, y, w, h });
        }
        Err(Error::invalid(format!("the area {x},{y},{w},{h} is empty or reaches outside the picture"))
            .remedy(
                "Give left, top, width and height in thousandths of the picture; 0,0,1000,1000 is all of it",
            ))
    }
    pub fn x(self) -> u16 {
        self.x
    }
    pub fn y(self) -> u16 {
        self.y
    }
    pub fn w(self) -> u16 {
        self.w
    }
    pub fn h(self) -> u16 {
        self.h
    }
    /// Whether every point of `other` lies in this area.
    pub fn covers(self, other: Area) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && self.x + self.w >= other.x + other.w
            && self.y + self.h >= other.y + other.h
    }
}

/// Where a box stands, frame by frame.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<(u32, Area)>);

/// Key frames of one path at most.
pub const MAX_KEYS: usize = 10_000;

impl Path {
    /// A box that stands still.
    pub fn still(area: Area) -> Path {
        Path(vec![(0, area)])
    }
    /// Fails when there is no key frame, too many, or they do not stand in order.
    pub fn new(keys: Vec<(u32, Area)>) -> Result<Path> {
        if keys.is_empty() || keys.len() > MAX_KEYS {
            return Err(Error::invalid(format!(
                "a path of {} key frames; expected 1 to {MAX_KEYS}",
                keys.len()
            )));
        }
        if let Some(pair) = keys.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return Err(Error::invalid(format!("key frame {} follows key frame {}", pair[1].0, pair[0].0))
                .remedy("Give the key frames in the order of time, each frame once"));
        }
        Ok(Path(keys))
    }
    pub fn keys(&self) -> &[(u32, Area)] {
        &self.0
    }
    /// The area when it is the same in all frames.
    pub fn area(&self) -> Option<Area> {
        if let [(_, area)] = self.0[..] { Some(area) } else { None }
    }
    /// Where the box stands in `frame`.
    pub fn at(&self, frame: u32) -> Area {
        let next = self.0.partition_point(|(key, _)| *key <= frame);
        let Some((to, b)) = self.0.get(next).copied() else { return self.0[self.0.len() - 1].1 };
        let Some((from, a)) = next.checked_sub(1).map(|n| self.0[n]) else { return b };
        let (done, length) = (u64::from(frame - from), u64::from(to - from));
        let weighed = |a: u16, b: u16| u64::from(a) * (length - done) + u64::from(b) * done;
        let low = |a: u16, b: u16| (weighed(a, b) / length) as u16;
        let high = |a: u16, b: u16| weighed(a, b).div_ceil(length) as u16;
        let (x, y) = (low(a.x, b.x), low(a.y, b.y));
        let (right, bottom) = (high(a.x + a.w, b.x + b.w), high(a.y + a.h, b.y + b.h));
        Area { x, y, w: right - x, h: bottom - y }
    }
    /// The same path in as few key frames as `from..to` needs. A box that stands still has one, `from`.
    pub(crate) fn clipped(&self, from: u32, to: u32) -> Path {
        let first = self.0.partition_point(|(key, _)| *key <= from).saturating_sub(1);
        let last = self.0.partition_point(|(key, _)| key.saturating_add(1) < to).min(self.0.len() - 1);
        let used = &self.0[first..=last.max(first)];
        // A key frame between two of its own area says nothing, nor does one at the end beside its equal.
        let says = |n: usize| {
            let same =
                |m: Option<usize>| m.and_then(|m| used.get(m)).is_none_or(|(_, area)| *area == used[n].1);
            !(same(n.checked_sub(1)) && same(Some(n + 1)))
        };
        let keys: Vec<(u32, Area)> = (0..used.len()).filter(|n| says(*n)).map(|n| used[n]).collect();
        if keys.is_empty() { Path(vec![(from, used[0].1)]) } else { Path(keys) }
    }
}

/// What is done to the box. What stands first is done first, so that a mask covers a blur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VeilKind {
    Blur,
    Mask,
}

impl VeilKind {
    pub const ALL: [VeilKind; 2] = [VeilKind::Blur, VeilKind::Mask];

    /// The word of the text form.
    pub fn word(self) -> &'static str {
        match self {
            VeilKind::Blur => "blur",
            VeilKind::Mask => "mask",
        }
    }
}

/// A veil over frames `from` to `to`, end-exclusive, of a source's stored tracks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Veil {
    pub kind: VeilKind,
    pub from: u32,
    pub to: u32,
    /// Counted in the same frames.
    pub path: Path,
}

impl Veil {
    /// The part of the veil that lies in `from..to`; none when they do not meet.
    pub(crate) fn clipped(&self, from: u32, to: u32) -> Option<Veil> {
        let (from, to) = (self.from.max(from), self.to.min(to));
        (from < to).then(|| Veil { kind: self.kind, from, to, path: self.path.clipped(from, to) })
    }
    /// The line of the text form, behind the name of what it lies over: `FROM TO` and, for each key
    /// frame, `FRAME X Y W H`.
    pub(crate) fn text(&self) -> String {
        let mut out = format!("{} {}", self.from, self.to);
        for (frame, area) in self.path.keys() {
            out.push_str(&format!(" {frame} {} {} {} {}", area.x, area.y, area.w, area.h));
        }
        out
    }
}

#[cfg(test)]
pub(crate) mod tests;
