//! Which titles a decision is about.

use std::sync::Arc;

use super::{Plate, Shelf};
use crate::avail::Avail;
use crate::avail::consent::{ConsentGiven, ConsentWithdrawn, NoticeGiven};
use crate::decision::{Act, Decision};
use crate::gate::Day;
use crate::order::{Order, Work};
use crate::rating::{
    CompositionChanged, Given, LabelDecided, LabelOfRegulator, LabelRevoked, LabelVoted, ScenesMarked,
};
use crate::state::{Applied, State};
use crate::territory::Territory;

/// What a decision may change.
enum Touched {
    Nothing,
    /// Titles that have any of these names, in one territory; none: in each.
    Named(Vec<String>, Option<Territory>),
    /// The rules of a territory; none: of each.
    Rules(Option<Territory>),
}

impl Shelf {
    /// Goes on with the state after a decision. `after` must be the shelf's state with just this applied.
    pub fn follow(&mut self, decision: &Decision, after: &State, applied: Applied) {
        if applied == Applied::Same {
            return;
        }
        self.advance(decision.at);
        let touched = self.touched(&decision.act, after);
        self.state = after.clone();
        match touched {
            Touched::Nothing => {}
            Touched::Named(names, territory) => {
                let offers = self.offers_named(&names);
                offers.iter().for_each(|n| self.rename(*n));
                self.rows_of(territory).for_each(|row| self.judge(row, &offers));
            }
            Touched::Rules(territory) => {
                for at in self.rows_of(territory) {
                    let row = &mut self.rows[at];
                    row.day = Day::of(&self.state, &self.packs, Some(row.territory), self.at);
                    self.judge_all(at);
                }
            }
        }
    }

    /// The rows of a territory; none: all.
    fn rows_of(&self, territory: Option<Territory>) -> std::ops::Range<usize> {
        let Some(territory) = territory else { return 0..self.rows.len() };
        match self.rows.binary_search_by_key(&territory, |row| row.territory) {
            Ok(at) => at..at + 1,
            Err(_) => 0..0,
        }
    }

    fn offers_named(&self, names: &[String]) -> Vec<u32> {
        let mut found: Vec<u32> =
            names.iter().filter_map(|name| self.named.get(name)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn touched(&self, act: &Act, after: &State) -> Touched {
        if let Some(id) = act.order() {
            // What the order was about, and what it is about now.
            let known = [self.state.order(&id), after.order(&id)].into_iter().flatten();
            let mut names = Vec::new();
            for standing in known {
                match names_of(&standing.order) {
                    Some(name) => names.push(name),
                    None => return Touched::Rules(None),
                }
                names.extend(standing.resolved.iter().map(|range| source_name(&range.source)));
            }
            return Touched::Named(names, None);
        }
        match act {
            Act::AvailsEntered { avails, .. } => {
                let before = avails.iter().filter_map(|avail| self.state.rights().avail(&avail.id));
                let names = avails.iter().chain(before.map(|avail| &**avail)).flat_map(names_in);
                Touched::Named(names.collect(), None)
            }
            Act::AvailsRemoved { avails, .. } => {
                let before = avails.iter().filter_map(|id| self.state.rights().avail(id));
                Touched::Named(before.flat_map(|avail| names_in(avail)).collect(), None)
            }
            Act::TitleNamed { title, .. } => Touched::Named(vec![title.clone()], None),
            Act::ScenesMarked(ScenesMarked { title, .. })
            | Act::MarkWithdrawn { title, .. }
            | Act::LabelVoted(LabelVoted { given: Given { title, .. }, .. })
            | Act::LabelDecided(LabelDecided { given: Given { title, .. }, .. })
            | Act::LabelOfRegulator(LabelOfRegulator { given: Given { title, .. }, .. })
            | Act::LabelRevoked(LabelRevoked { title, .. })
            | Act::CompositionChanged(CompositionChanged { title, .. }) => {
                Touched::Named(vec![title.clone()], act.labelled())
            }
            Act::TitlesNotified(told) => {
                Touched::Named(told.titles.iter().map(|line| line.title.clone()).collect(), act.labelled())
            }
            Act::ConsentGiven(ConsentGiven { about, .. })
            | Act::NoticeGiven(NoticeGiven { about, .. })
            | Act::ConsentWithdrawn(ConsentWithdrawn { about, .. }) => {
                Touched::Named(vec![about.title.clone()], None)
            }
            Act::CaseOpened { .. }
            | Act::CaseLetter { .. }
            | Act::CaseQuestion { .. }
            | Act::CaseAnswer { .. }
            | Act::CaseClosed { .. } => Touched::Nothing,
            act => Touched::Rules(act.territory()),
        }
    }

    /// Enters the names and the windows that an offer has now.
    pub(super) fn rename(&mut self, at: u32) {
        let subject = Arc::new(self.offers[at as usize].subject(&self.state));
        self.subjects[at as usize] = subject.clone();
        self.plates.replace(Plate { number: at, subject });
        let names = self.names_now(at as usize);
        let before = std::mem::replace(&mut self.names[at as usize], names);
        for name in &before {
            if let Some(offers) = self.named.get_mut(name) {
                offers.remove(&at);
                if offers.is_empty() {
                    self.named.remove(name);
                }
            }
        }
        for name in &self.names[at as usize] {
            self.named.entry(name.clone()).or_default().insert(at);
        }
    }

    /// Every name by which an order, a contract or a label may be about an offer.
    fn names_now(&self, at: usize) -> Vec<String> {
        let offer = &self.offers[at];
        let rights = self.state.rights();
        let mut names: Vec<String> = vec![offer.title.clone()];
        for film in &offer.films {
            names.extend(film.names().map(String::from));
            names.push(source_name(&film.source));
        }
        names.extend(rights.names_of(&offer.title).iter().cloned());
        for slot in rights.slots(&offer.title) {
            names.push(slot.avail().id.alid.clone());
            names.extend(slot.avail().parents.iter().cloned());
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The title that an order names; none: it names everything.
fn names_of(order: &Order) -> Option<String> {
    match &order.work {
        Work::Service => None,
        Work::Title(id) => Some(id.clone()),
    }
}

/// Every name by which an avail is found, or finds what holds its work.
fn names_in(avail: &Avail) -> impl Iterator<Item = String> {
    let own = avail.names.iter().chain(&avail.parents).chain(&avail.bundle);
    own.chain([&avail.id.alid]).cloned()
}

/// Media by their digest. No title, series or contract has such a name.
fn source_name(source: &media::Digest) -> String {
    format!("source {source}")
}
