//! Sets of frames (or samples) as ranges.
//!
//! Invariant: ranges are sorted, not empty, and neither overlap nor touch, so that equal sets have
//! one spelling.

/// A set of whole numbers as end-exclusive ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    /// Every number that one of `ranges` holds; they may overlap and come in any order.
    pub fn new(ranges: impl IntoIterator<Item = (u32, u32)>) -> Ranges {
        let mut all: Vec<(u32, u32)> = ranges.into_iter().filter(|(from, to)| from < to).collect();
        all.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match out.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => out.push((from, to)),
            }
        }
        Ranges(out)
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The number of ranges.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.0.iter().copied()
    }
    pub fn contains(&self, n: u32) -> bool {
        self.touches(n, n.saturating_add(1))
    }
    /// Whether any number of `from..to` is in the set.
    pub fn touches(&self, from: u32, to: u32) -> bool {
        self.within(from, to).next().is_some()
    }
    /// The parts of the set that lie in `from..to`.
    pub fn within(&self, from: u32, to: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let begin = self.0.partition_point(|r| r.1 <= from);
        let inside = self.0[begin..].iter().take_while(move |r| r.0 < to && from < to);
        inside.map(move |r| (r.0.max(from), r.1.min(to)))
    }
    /// The parts of `from..to` that do not lie in the set.
    pub fn outside(&self, from: u32, to: u32) -> Vec<(u32, u32)> {
        let mut out = Vec::new();
        let mut at = from;
        for (a, b) in self.within(from, to) {
            if at < a {
                out.push((at, a));
            }
            at = b;
        }
        if at < to {
            out.push((at, to));
        }
        out
    }
    pub fn union(&self, other: &Ranges) -> Ranges {
        Ranges::new(self.iter().chain(other.iter()))
    }
    /// What is in both.
    pub fn both(&self, other: &Ranges) -> Ranges {
        Ranges::new(self.iter().flat_map(|(from, to)| other.within(from, to)))
    }
    /// What is in this set and not in `other`.
    pub fn minus(&self, other: &Ranges) -> Ranges {
        Ranges::new(self.iter().flat_map(|(from, to)| other.outside(from, to)))
    }
    /// Every range longer by `by` at both ends.
    pub fn grown(&self, by: u32) -> Ranges {
        Ranges::new(self.iter().map(|(from, to)| (from.saturating_sub(by), to.saturating_add(by))))
    }
}

impl FromIterator<(u32, u32)> for Ranges {
    fn from_iter<T: IntoIterator<Item = (u32, u32)>>(ranges: T) -> Ranges {
        Ranges::new(ranges)
    }
}

#[cfg(test)]
mod tests;
