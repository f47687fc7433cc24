//! Browse: what viewers may see now, over all titles, by the answers of the gate.
//!
//! The gate judges a title in two steps: what holds for every viewer (orders, contracts, the label), and
//! what hangs on the viewer. A [`Shelf`] keeps what the first step came to, a [`row`] a territory: titles
//! for which it left the same windows and the same label stand in one group, and to see what a viewer may
//! see the second step is asked once for each group. A decision about one title asks only the second step.
//!
//! Invariants:
//! - What a shelf answers is what [`crate::gate::decide`] answers for every title on it.
//! - A title whose first step may come out otherwise, by a decision or by the clock, is judged again
//!   before anything is answered. Where it is not known which titles those are, all of them are.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use composition::Composition;
use jiff::Timestamp;

use crate::avail::licensed::Slot;
use crate::film::Film;
use crate::gate::{Day, Gate, Leave, OfLabel, Paid, Question, Subject, Viewer, Who};
use crate::pack::Packs;
use crate::state::State;
use crate::territory::Territory;

mod decide;
mod row;
mod seen;
mod touch;

pub use decide::Wish;
pub use seen::Seen;

use row::{Kinds, Row};

/// What the house would serve of one title.
#[derive(Clone, Debug)]
pub struct Offer {
    pub title: String,
    pub composition: Arc<Composition>,
    /// The composition that it was made from by the edits of orders, where it was.
    pub made_from: Option<Arc<Composition>>,
    /// The title and every title whose media the composition shows.
    pub films: Vec<Film>,
}

/// Every title that the house offers, and in each territory what holds for all viewers.
pub struct Shelf {
    state: State,
    packs: Arc<Packs>,
    /// Sorted by title, each once.
    offers: Vec<Offer>,
    /// What passes of each share, with every window that covers it.
    subjects: Vec<Arc<Subject>>,
    /// The same by their titles.
    plates: HashSet<Plate>,
    /// Sorted by territory, each once.
    rows: Vec<Row>,
    kinds: Kinds,
    /// The offers that each name is about: of titles, series, media that others show, and contracts.
    named: BTreeMap<String, BTreeSet<u32>>,
    names: Vec<Vec<String>>,
    /// The latest instant at which anything was judged.
    at: Timestamp,
}

/// Where an offer stands, and what it is. It is found by its title.
struct Plate {
    number: u32,
    subject: Arc<Subject>,
}

impl Borrow<str> for Plate {
    fn borrow(&self) -> &str {
        &self.subject.title
    }
}

impl Hash for Plate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.subject.title.hash(state);
    }
}

impl PartialEq for Plate {
    fn eq(&self, other: &Plate) -> bool {
        self.subject.title == other.subject.title
    }
}

impl Eq for Plate {}

impl Shelf {
    /// Judges every offer in each of these territories. `offers` may stand in any order; of two of one
    /// title the later counts.
    pub fn new(
        state: State,
        packs: Arc<Packs>,
        territories: impl IntoIterator<Item = Territory>,
        offers: Vec<Offer>,
        now: Timestamp,
    ) -> Shelf {
        let offers: BTreeMap<String, Offer> =
            offers.into_iter().map(|offer| (offer.title.clone(), offer)).collect();
        let offers: Vec<Offer> = offers.into_values().collect();
        let subjects = offers.iter().map(|offer| Arc::new(offer.subject(&state))).collect();
        let territories: BTreeSet<Territory> = territories.into_iter().collect();
        let row =
            |territory| Row::new(territory, Day::of(&state, &packs, Some(territory), now), offers.len());
        let rows = territories.into_iter().map(row).collect();
        let names = vec![Vec::new(); offers.len()];
        let (plates, kinds, named) = (HashSet::new(), Kinds::default(), BTreeMap::new());
        let mut shelf = Shelf { state, packs, offers, subjects, plates, rows, kinds, named, names, at: now };
        let all = shelf.all();
        all.iter().for_each(|n| shelf.rename(*n));
        (0..shelf.rows.len()).for_each(|row| shelf.judge(row, &all));
        shelf
    }

    pub fn len(&self) -> usize {
        self.offers.len()
    }
    pub fn is_empty(&self) -> bool {
        self.offers.is_empty()
    }

    /// What a viewer in a territory may see, of whom this is known. Judges first whatever the clock has
    /// turned since. In a territory for which the shelf was not made nobody sees anything.
    pub fn browse(&mut self, territory: Territory, viewer: &Viewer, now: Timestamp) -> Seen<'_> {
        self.advance(now);
        let Some(row) = self.row(territory) else { return Seen::nothing(&self.offers, None) };
        let mut seen = Seen::nothing(&self.offers, row.until());
        if !row.day.is_open() {
            return seen;
        }
        let gate = self.gate(row);
        // What is said of single titles is asked of these titles, below.
        let of_all = viewer.of_all_titles();
        let admitted: Vec<bool> = row
            .groups()
            .map(|group| {
                let (admits, until) = gate.admits(&group.part(""), &of_all, now);
                seen.until(until);
                admits
            })
            .collect();
        seen.fill(row.of(), &admitted);
        for title in single(viewer) {
            if let Some(n) = self.plates.get(title).map(|plate| plate.number) {
                let group = row.group(n);
                let (admits, until) =
                    group.map_or((false, None), |group| gate.admits(&group.part(title), viewer, now));
                seen.until(until);
                seen.set(n as usize, admits);
            }
        }
        seen
    }

    /// Judges again what the clock has turned.
    pub fn advance(&mut self, now: Timestamp) {
        self.at = self.at.max(now);
        for at in 0..self.rows.len() {
            let row = &mut self.rows[at];
            let due = row.due(self.at);
            if !row.day.holds_at(self.at) {
                row.day = Day::of(&self.state, &self.packs, Some(row.territory), self.at);
            }
            match due {
                row::Due::All => self.judge_all(at),
                row::Due::These(due) => self.judge(at, &due),
            }
        }
    }

    fn row(&self, territory: Territory) -> Option<&Row> {
        let at = self.rows.binary_search_by_key(&territory, |row| row.territory).ok()?;
        self.rows.get(at)
    }

    fn gate(&self, row: &Row) -> Gate<'_> {
        Gate::on(&self.state, &self.packs, Some(row.territory), row.day.clone())
    }

    fn all(&self) -> Vec<u32> {
        (0..self.offers.len() as u32).collect()
    }

    /// Judges a whole row, by the rules of the day.
    fn judge_all(&mut self, row: usize) {
        self.rows[row].clear();
        self.judge(row, &self.all());
    }

    /// The first step for some offers.
    fn judge(&mut self, row: usize, offers: &[u32]) {
        let Shelf { state, packs, rows, kinds, at, .. } = self;
        let Some(row) = rows.get_mut(row) else { return };
        let gate = Gate::on(state, packs, Some(row.territory), row.day.clone());
        for n in offers {
            let (offer, subject) = (&self.offers[*n as usize], &self.subjects[*n as usize]);
            let (standing, until) = gate.standing(&offer.question(row.territory, *at));
            row.put(*n, standing, until, (kinds, subject));
        }
    }
}

impl Offer {
    fn subject(&self, state: &State) -> Subject {
        let mut windows = Vec::new();
        for leave in state.rights().slots(&self.title).map(Leave::of) {
            if !windows.contains(&leave) {
                windows.push(leave);
            }
        }
        Subject { title: self.title.as_str().into(), composition: self.composition.digest(), windows }
    }

    /// What the gate is asked of it where nothing is known of the viewer.
    fn question(&self, territory: Territory, now: Timestamp) -> Question<'_> {
        Question {
            territory: Some(territory),
            title: &self.title,
            composition: Some(&self.composition),
            made_from: self.made_from.as_deref(),
            films: &self.films,
            now,
            who: Who::Viewer,
            viewer: None,
        }
    }
}

/// What the gate's first step left of a title, and what its second is asked with.
pub(crate) struct Standing<'a, S> {
    pub title: &'a str,
    /// None: the territory's law was not asked.
    pub label: Option<&'a Arc<OfLabel>>,
    pub descriptors: &'a [String],
    pub slots: S,
    /// Whether something must be held back of it.
    pub held: bool,
}

/// The same for an answer about one title.
pub(crate) struct Left<'a> {
    pub subject: &'a Arc<Subject>,
    pub label: Option<&'a Arc<OfLabel>>,
    pub descriptors: &'a Arc<[String]>,
    /// Windows that ask the same of a viewer as its own, in the same order.
    pub slots: &'a [Slot],
    /// Its own windows, by their places among all that cover it.
    pub places: &'a [u8],
    pub until: Option<Timestamp>,
}

impl Left<'_> {
    /// Some of the windows by their places among all that cover the title.
    pub fn windows(&self, mut some: Vec<u32>) -> Vec<u32> {
        some.iter_mut().for_each(|at| *at = self.places[*at as usize].into());
        some
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
