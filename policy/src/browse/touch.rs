//! Which titles a decision is about.

use super::Shelf;
use crate::avail::Avail;
use crate::avail::consent::{ConsentGiven, ConsentWithdrawn, NoticeGiven};
use crate::decision::{Act, Decision};
use crate::order::{Order, Work};
use crate::state::{Applied, State};

/// What a decision may change.
enum Touched {
    Nothing,
    /// Titles that have any of these names.
    Named(Vec<String>),
    All,
}

impl Shelf {
    /// Goes on with the state after a decision. `after` must be the shelf's state with just this applied.
    pub fn follow(&mut self, decision: &Decision, after: &State, applied: Applied) {
        if applied == Applied::Same {
            return;
        }
        let touched = self.touched(&decision.act, after);
        self.state = after.clone();
        match touched {
            Touched::Nothing => {}
            Touched::Named(names) => self.judge(&self.offers_named(&names), decision.at),
            Touched::All => self.judge_all(decision.at),
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
                    None => return Touched::All,
                }
                names.extend(standing.resolved.iter().map(|range| source_name(&range.source)));
            }
            return Touched::Named(names);
        }
        match act {
            Act::AvailsEntered { avails, .. } => {
                let before = avails.iter().filter_map(|avail| self.state.rights().avail(&avail.id));
                Touched::Named(avails.iter().chain(before.map(|avail| &**avail)).flat_map(names_in).collect())
            }
            Act::AvailsRemoved { avails, .. } => {
                let before = avails.iter().filter_map(|id| self.state.rights().avail(id));
                Touched::Named(before.flat_map(|avail| names_in(avail)).collect())
            }
            Act::TitleNamed { title, .. } => Touched::Named(vec![title.clone()]),
            Act::ConsentGiven(ConsentGiven { about, .. })
            | Act::NoticeGiven(NoticeGiven { about, .. })
            | Act::ConsentWithdrawn(ConsentWithdrawn { about, .. }) => {
                Touched::Named(vec![about.title.clone()])
            }
            Act::CaseOpened { .. }
            | Act::CaseLetter { .. }
            | Act::CaseQuestion { .. }
            | Act::CaseAnswer { .. }
            | Act::CaseClosed { .. } => Touched::Nothing,
            _ => Touched::All,
        }
    }

    /// Enters the names that an offer has now.
    pub(super) fn rename(&mut self, at: u32) {
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
