//! Browse: what a viewer may see now, over all titles, by the answers of the gate.
//!
//! The gate judges a title in two steps: what holds for every viewer (orders, contracts, the label), and
//! what hangs on the viewer. A [`Shelf`] keeps what the first step came to: titles for which it left the
//! same windows and the same label stand in one group, and the second step is asked once for each group.
//!
//! Invariants:
//! - What a shelf answers is what [`crate::gate::decide`] answers for every title on it.
//! - A title whose first step may come out otherwise, by a decision or by the clock, is judged again
//!   before anything is answered. Where it is not known which titles those are, all of them are.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use composition::Composition;
use jiff::Timestamp;

use crate::avail::Languages;
use crate::avail::licensed::Slot;
use crate::film::Film;
use crate::gate::{Gate, Paid, Question, Viewer, Who};
use crate::pack::Packs;
use crate::state::State;
use crate::territory::Territory;

mod seen;
mod touch;

pub use seen::Seen;

/// What the house would serve of one title in a territory.
#[derive(Clone, Debug)]
pub struct Offer {
    pub title: String,
    pub composition: Arc<Composition>,
    /// The composition that it was made from by the edits of orders, where it was.
    pub made_from: Option<Arc<Composition>>,
    /// The title and every title whose media the composition shows.
    pub films: Vec<Film>,
}

/// Every title that the house offers in one territory, sorted by what holds for all viewers.
pub struct Shelf {
    territory: Territory,
    state: State,
    packs: Arc<Packs>,
    /// Sorted by title, each once.
    offers: Vec<Offer>,
    groups: Groups,
    /// The group of each offer; [`NOBODY`]: nobody may see it.
    of: Vec<u32>,
    /// Titles whose first step may come out otherwise at an instant.
    turns: BTreeSet<(Timestamp, u32)>,
    turn: Vec<Option<Timestamp>>,
    /// The offers that each name is about: of titles, series, media that others show, and contracts.
    named: BTreeMap<String, BTreeSet<u32>>,
    names: Vec<Vec<String>>,
    /// From when on the rules of the territory may be others.
    law: Option<Timestamp>,
}

/// The group of what nobody may see.
const NOBODY: u32 = u32::MAX;

/// What the first step left of a title: a label with or without descriptors, and windows, by what a
/// viewer is asked about them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Key {
    label: Option<(String, bool)>,
    windows: Vec<(String, Languages)>,
}

#[derive(Default)]
struct Groups {
    all: Vec<Group>,
    by_key: HashMap<Key, u32>,
}

/// What the second step is asked with.
struct Group {
    label: Option<String>,
    descriptors: Vec<String>,
    slots: Vec<Slot>,
}

impl Shelf {
    /// Judges every offer. `offers` may stand in any order; of two of one title the later counts.
    pub fn new(
        state: State,
        packs: Arc<Packs>,
        territory: Territory,
        offers: Vec<Offer>,
        now: Timestamp,
    ) -> Shelf {
        let offers: BTreeMap<String, Offer> =
            offers.into_iter().map(|offer| (offer.title.clone(), offer)).collect();
        let offers: Vec<Offer> = offers.into_values().collect();
        let count = offers.len();
        let mut shelf = Shelf {
            territory,
            state,
            packs,
            offers,
            groups: Groups::default(),
            of: vec![NOBODY; count],
            turns: BTreeSet::new(),
            turn: vec![None; count],
            named: BTreeMap::new(),
            names: vec![Vec::new(); count],
            law: None,
        };
        shelf.judge_all(now);
        shelf
    }

    pub fn len(&self) -> usize {
        self.offers.len()
    }
    pub fn is_empty(&self) -> bool {
        self.offers.is_empty()
    }

    /// What a viewer may see, of whom this is known. Judges first whatever the clock has turned since.
    pub fn browse(&mut self, viewer: &Viewer, now: Timestamp) -> Seen<'_> {
        self.turn_to(now);
        let (state, packs) = (self.state.clone(), self.packs.clone());
        let gate = Gate::new(&state, &packs, Some(self.territory), now);
        let until = gate.until().into_iter().chain(self.turns.first().map(|(at, _)| *at)).min();
        let mut seen = Seen::nothing(&self.offers, until);
        if !gate.is_open() {
            return seen;
        }
        // What is said of single titles is asked of these titles, below.
        let of_all = viewer.of_all_titles();
        let admitted: Vec<bool> = self
            .groups
            .all
            .iter()
            .map(|group| {
                let (admits, until) = gate.admits(&group.part(""), &of_all, now);
                seen.until(until);
                admits
            })
            .collect();
        seen.fill(&self.of, &admitted);
        for title in single(viewer) {
            if let Ok(at) = self.offers.binary_search_by(|offer| offer.title.as_str().cmp(title)) {
                let group = self.groups.all.get(self.of[at] as usize);
                let (admits, until) =
                    group.map_or((false, None), |group| gate.admits(&group.part(title), viewer, now));
                seen.until(until);
                seen.set(at, admits);
            }
        }
        seen
    }

    /// Judges again what the clock has turned.
    fn turn_to(&mut self, now: Timestamp) {
        if self.law.is_some_and(|law| law <= now) {
            return self.judge_all(now);
        }
        let due: Vec<u32> =
            self.turns.iter().take_while(|(at, _)| *at <= now).map(|(_, offer)| *offer).collect();
        self.judge(&due, now);
    }

    fn judge_all(&mut self, now: Timestamp) {
        let all: Vec<u32> = (0..self.offers.len() as u32).collect();
        self.groups = Groups::default();
        self.judge(&all, now);
    }

    /// The first step for some offers.
    fn judge(&mut self, offers: &[u32], now: Timestamp) {
        if offers.is_empty() {
            return;
        }
        let (state, packs) = (self.state.clone(), self.packs.clone());
        let gate = Gate::new(&state, &packs, Some(self.territory), now);
        self.law = gate.law_until();
        for at in offers {
            let n = *at as usize;
            let offer = &self.offers[n];
            let question = Question {
                territory: Some(self.territory),
                title: &offer.title,
                composition: Some(&offer.composition),
                made_from: offer.made_from.as_deref(),
                films: &offer.films,
                now,
                who: Who::Viewer,
                viewer: None,
            };
            let (standing, until) = gate.standing(&question);
            let group = standing.map_or(NOBODY, |standing| self.groups.of(&standing));
            self.of[n] = group;
            if let Some(before) = std::mem::replace(&mut self.turn[n], until) {
                self.turns.remove(&(before, *at));
            }
            self.turns.extend(until.map(|until| (until, *at)));
            self.rename(*at);
        }
    }
}

impl Groups {
    /// The group of what the first step left, made where there is none yet.
    fn of(&mut self, standing: &Standing) -> u32 {
        let label = standing.label.map(|label| (label.to_string(), !standing.descriptors.is_empty()));
        let windows = standing.slots.iter().map(|slot| slot.window());
        let mut windows: Vec<_> = windows.map(|w| (w.licence.clone(), w.languages.clone())).collect();
        windows.sort_unstable();
        windows.dedup();
        let next = self.all.len() as u32;
        let number = *self.by_key.entry(Key { label, windows }).or_insert(next);
        if number == next {
            self.all.push(Group {
                label: standing.label.map(String::from),
                descriptors: standing.descriptors.to_vec(),
                slots: standing.slots.iter().map(|slot| (*slot).clone()).collect(),
            });
        }
        number
    }
}

/// What the gate's first step left of a title, and what its second is asked with.
pub(crate) struct Standing<'a> {
    pub title: &'a str,
    /// None: the territory's law was not asked.
    pub label: Option<&'a str>,
    pub descriptors: &'a [String],
    pub slots: Vec<&'a Slot>,
}

impl Group {
    fn part<'a>(&'a self, title: &'a str) -> Standing<'a> {
        Standing {
            title,
            label: self.label.as_deref(),
            descriptors: &self.descriptors,
            slots: self.slots.iter().collect(),
        }
    }
}

impl Viewer {
    /// The same without what is said of single titles.
    fn of_all_titles(&self) -> Viewer {
        let mut viewer = self.clone();
        viewer.parent.hidden.clear();
        if let Paid::Holds(held) = &mut viewer.paid {
            held.retain(|one| one.title.is_none());
        }
        viewer
    }
}

/// The titles of which something is said of this viewer alone.
fn single(viewer: &Viewer) -> impl Iterator<Item = &str> {
    let held = match &viewer.paid {
        Paid::Holds(held) => held.as_slice(),
        Paid::NotAsked => &[],
    };
    held.iter().filter_map(|one| one.title.as_deref()).chain(viewer.parent.hidden.iter().map(String::as_str))
}
