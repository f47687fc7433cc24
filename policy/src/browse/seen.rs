//! What a viewer may see, as one bit a title.

use jiff::Timestamp;

use super::Offer;

/// The titles that a viewer may see.
pub struct Seen<'a> {
    offers: &'a [Offer],
    bits: Vec<u64>,
    until: Option<Timestamp>,
}

impl<'a> Seen<'a> {
    pub(super) fn nothing(offers: &'a [Offer], until: Option<Timestamp>) -> Seen<'a> {
        Seen { offers, bits: vec![0; offers.len().div_ceil(64)], until }
    }

    /// Sees every offer whose group is admitted. A group that is none of these admits nobody.
    pub(super) fn fill(&mut self, of: &[u32], admitted: &[bool]) {
        for (bits, groups) in self.bits.iter_mut().zip(of.chunks(64)) {
            let admits = |group: &u32| u64::from(admitted.get(*group as usize).is_some_and(|admits| *admits));
            *bits = groups.iter().enumerate().fold(0, |bits, (n, group)| bits | admits(group) << n);
        }
    }

    pub(super) fn set(&mut self, at: usize, seen: bool) {
        let bit = 1 << (at % 64);
        match seen {
            true => self.bits[at / 64] |= bit,
            false => self.bits[at / 64] &= !bit,
        }
    }

    pub(super) fn until(&mut self, at: Option<Timestamp>) {
        self.until = self.until.into_iter().chain(at).min();
    }

    /// The titles, in their order.
    pub fn titles(&self) -> impl Iterator<Item = &'a str> {
        self.numbers().map(|at| self.offers[at].title.as_str())
    }

    /// The places of these titles among all that the shelf holds, in order.
    pub fn numbers(&self) -> impl Iterator<Item = usize> {
        self.bits.iter().enumerate().flat_map(|(word, bits)| {
            let mut left = *bits;
            std::iter::from_fn(move || {
                let at = (left != 0).then(|| word * 64 + left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(at)
            })
        })
    }

    pub fn has(&self, title: &str) -> bool {
        let at = self.offers.binary_search_by(|offer| offer.title.as_str().cmp(title));
        at.is_ok_and(|at| self.bits[at / 64] >> (at % 64) & 1 == 1)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.bits.iter().map(|bits| bits.count_ones() as usize).sum()
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When it must be asked again, unless something is decided before; none: no such instant is known.
    pub fn expires(&self) -> Option<Timestamp> {
        self.until
    }
}
