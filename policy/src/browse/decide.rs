//! One decision: may this viewer see this title? The first step stands on the shelf already.

use jiff::Timestamp;

use super::row::Row;
use super::{Left, Plate, Shelf};
use crate::gate::{Answer, Gate, Question, Viewer, Who};
use crate::territory::Territory;

/// A viewer in a territory who asks for a title.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    pub territory: Territory,
    pub title: &'a str,
    pub viewer: &'a Viewer,
    pub now: Timestamp,
}

impl Shelf {
    /// The gate's answer about what the house offers of a title: a pass, or every refusal that there is.
    ///
    /// Reads what stands on the shelf. Where the clock has turned it since, where nobody may see the
    /// title, and where something must be held back of it, the whole gate is asked.
    pub fn decide(&self, wish: &Wish) -> Answer {
        let known = self.row(wish.territory).zip(self.plates.get(wish.title));
        let answer = known.and_then(|(row, plate)| self.admit(row, plate, wish));
        answer.unwrap_or_else(|| self.ask(wish))
    }

    fn admit(&self, row: &Row, plate: &Plate, wish: &Wish) -> Option<Answer> {
        let (cell, group) = row.cell(plate.number)?;
        let stands = self.at <= wish.now && wish.now < cell.until && row.day.holds_at(wish.now);
        if !stands || !row.day.is_open() {
            return None;
        }
        let left = Left {
            subject: &plate.subject,
            label: group.label.as_ref(),
            descriptors: &group.descriptors,
            slots: &group.kind,
            places: &cell.places,
            until: cell.turns(),
        };
        self.gate(row).answer(left, wish.viewer, wish.now)
    }

    /// Asks the whole gate.
    fn ask(&self, wish: &Wish) -> Answer {
        let offer = self.plates.get(wish.title).map(|plate| &self.offers[plate.number as usize]);
        let unknown = Question {
            territory: Some(wish.territory),
            title: wish.title,
            composition: None,
            made_from: None,
            films: &[],
            now: wish.now,
            who: Who::Viewer,
            viewer: None,
        };
        let question = offer.map_or(unknown, |offer| offer.question(wish.territory, wish.now));
        let question = Question { viewer: Some(wish.viewer), ..question };
        match self.row(wish.territory).filter(|row| row.day.holds_at(wish.now)) {
            Some(row) => self.gate(row).decide(&question),
            None => Gate::new(&self.state, &self.packs, Some(wish.territory), wish.now).decide(&question),
        }
    }
}
