//! Signs: boxes of words that stand in the picture for some frames, such as the symbol of a label, for
//! players that can draw none over it.
//!
//! Invariant: signs of one frame are laid in their order, over all veils.

use std::collections::BTreeMap;

use crate::card::Card;
use crate::ranges::Ranges;
use crate::span;
use crate::veil::Area;

/// A box over frames `from` to `to`, end-exclusive, of a source's stored tracks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sign {
    pub from: u32,
    pub to: u32,
    /// Of the picture as it is shown.
    pub area: Area,
    /// Colour of its edge: red, green, blue.
    pub edge: [u8; 3],
    /// What fills the box: its colours, and its lines, which are set as large as the box holds them.
    pub card: Card,
}

impl Sign {
    /// The part of the sign that lies in `from..to`; none when they do not meet.
    pub(crate) fn clipped(&self, from: u32, to: u32) -> Option<Sign> {
        let (from, to) = (self.from.max(from), self.to.min(to));
        (from < to).then(|| Sign { from, to, ..self.clone() })
    }
    /// The lines of the text form, behind the name of what it lies over: `FROM TO X Y W H`, the edge's
    /// colour and the card's, then the card's own lines.
    pub(crate) fn text(&self) -> String {
        let Sign { from, to, area, edge, card } = self;
        let place = format!("{from} {to} {} {} {} {}", area.x(), area.y(), area.w(), area.h());
        format!("{place} {} {}\n{}", span::colour(*edge), span::colours(card), span::card_lines(card))
    }
}

/// What signs have that look alike: place, edge, and what fills them.
type Look = (Area, [u8; 3], Card);

/// The one spelling of what signs over the frames `shown` say together.
pub(crate) fn merged(signs: Vec<Sign>, shown: &Ranges) -> Vec<Sign> {
    let mut alike: BTreeMap<Look, Vec<(u32, u32)>> = BTreeMap::new();
    for Sign { from, to, area, edge, card } in signs {
        alike.entry((area, edge, card)).or_default().extend(shown.within(from, to));
    }
    let mut out = Vec::new();
    for ((area, edge, card), ranges) in alike {
        let sign = |(from, to)| Sign { from, to, area, edge, card: card.clone() };
        out.extend(Ranges::new(ranges).iter().map(sign));
    }
    out.sort();
    out
}

#[cfg(test)]
mod tests;
