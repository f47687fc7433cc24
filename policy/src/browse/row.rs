//! One territory's part of a shelf: what holds of each title there for all viewers, and until when.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::Standing;
use crate::avail::Languages;
use crate::avail::licensed::Slot;
use crate::gate::{Day, Leave, OfLabel, Subject};
use crate::territory::Territory;

/// The group of what nobody may see.
const NOBODY: u32 = u32::MAX;

pub(super) struct Row {
    pub territory: Territory,
    /// The rules there; whoever turns the clock or follows a decision keeps them of the day.
    pub day: Day,
    groups: Groups,
    /// The group of each offer; [`NOBODY`]: nobody may see it.
    of: Vec<u32>,
    cells: Vec<Cell>,
    /// Offers whose first step may come out otherwise at an instant.
    turns: BTreeMap<Timestamp, BTreeSet<u32>>,
    /// From when on the rules of the territory may be others, whatever the day.
    law: Option<Timestamp>,
}

/// What the first step left of an offer. One decision reads one cell, which lies in one line of the cache.
#[derive(Clone)]
#[repr(align(32))]
pub(super) struct Cell {
    /// [`Timestamp::MAX`]: no such instant is known.
    pub until: Timestamp,
    /// Its group, so that a decision need not look elsewhere; [`NOBODY`]: the whole gate must be asked,
    /// because nobody may see it, something must be held back of it, or its windows have no room here.
    group: u32,
    /// Its windows in force, in the order of those of its group, by their places among all that cover it.
    pub places: [u8; WINDOWS],
}

/// Windows in force for one title of which a decision is read off the shelf.
const WINDOWS: usize = 12;

/// What the clock has turned.
pub(super) enum Due {
    All,
    These(Vec<u32>),
}

/// Windows by what a viewer is asked about them; the rows of a shelf share them.
pub(super) type Kinds = HashMap<Vec<(String, Languages)>, Arc<[Slot]>>;

/// What the first step left of a title: label, descriptors, and the kind of its windows by its address.
type Key = (Option<String>, Vec<String>, usize);

#[derive(Default)]
struct Groups {
    all: Vec<Group>,
    by_key: HashMap<Key, u32>,
}

/// What the second step is asked with.
pub(super) struct Group {
    pub label: Option<Arc<OfLabel>>,
    pub descriptors: Arc<[String]>,
    pub kind: Arc<[Slot]>,
}

impl Row {
    pub(super) fn new(territory: Territory, day: Day, offers: usize) -> Row {
        let (of, cells) = (vec![NOBODY; offers], vec![Cell::nothing(Timestamp::MAX); offers]);
        let law = day.law_until();
        Row { territory, day, groups: Groups::default(), of, cells, turns: BTreeMap::new(), law }
    }

    /// What must be judged again at an instant.
    pub(super) fn due(&self, now: Timestamp) -> Due {
        match self.law.is_some_and(|law| law <= now) {
            true => Due::All,
            false => Due::These(self.turns.range(..=now).flat_map(|(_, offers)| offers).copied().collect()),
        }
    }

    /// When anything there may come out otherwise.
    pub(super) fn until(&self) -> Option<Timestamp> {
        let turn = self.turns.first_key_value().map(|(at, _)| *at);
        self.day.until().into_iter().chain(turn).min()
    }

    /// Forgets every group, so that all may be judged by the rules of the day.
    pub(super) fn clear(&mut self) {
        self.law = self.day.law_until();
        self.groups = Groups::default();
        self.of.fill(NOBODY);
        self.cells.iter_mut().for_each(|cell| cell.group = NOBODY);
    }

    /// Enters what the first step left of an offer; none: nobody may see it.
    pub(super) fn put(
        &mut self,
        n: u32,
        standing: Option<Standing<Vec<&Slot>>>,
        until: Option<Timestamp>,
        (kinds, subject): (&mut Kinds, &Subject),
    ) {
        let at = n as usize;
        let until = until.unwrap_or(Timestamp::MAX);
        self.turn(n, until);
        let Some(standing) = standing else {
            self.of[at] = NOBODY;
            self.cells[at] = Cell::nothing(until);
            return;
        };
        self.of[at] = self.groups.of(&standing, kinds);
        self.cells[at] = match places(&standing.slots, subject) {
            Some(places) if !standing.held => Cell { until, group: self.of[at], places },
            _ => Cell::nothing(until),
        };
    }

    /// Enters when an offer must be judged again, in the place of what was entered before.
    fn turn(&mut self, n: u32, until: Timestamp) {
        let before = self.cells[n as usize].until;
        if before == until {
            return;
        }
        if let Some(offers) = self.turns.get_mut(&before) {
            offers.remove(&n);
            if offers.is_empty() {
                self.turns.remove(&before);
            }
        }
        if until < Timestamp::MAX {
            self.turns.entry(until).or_default().insert(n);
        }
    }

    pub(super) fn of(&self) -> &[u32] {
        &self.of
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.all.iter()
    }

    /// The group of an offer; none: nobody may see it.
    pub(super) fn group(&self, n: u32) -> Option<&Group> {
        self.groups.all.get(*self.of.get(n as usize)? as usize)
    }

    /// What the first step left of an offer; none: the whole gate must be asked.
    pub(super) fn cell(&self, n: u32) -> Option<(&Cell, &Group)> {
        let cell = self.cells.get(n as usize)?;
        Some((cell, self.groups.all.get(cell.group as usize)?))
    }
}

/// Where these windows stand among all that cover a title; none where a cell has no room for them.
fn places(slots: &[&Slot], subject: &Subject) -> Option<[u8; WINDOWS]> {
    let mut places = [0; WINDOWS];
    if slots.len() > WINDOWS {
        return None;
    }
    for (place, slot) in places.iter_mut().zip(slots) {
        let leave = Leave::of(slot);
        let at = subject.windows.iter().position(|window| *window == leave)?;
        *place = u8::try_from(at).ok()?;
    }
    Some(places)
}

impl Cell {
    fn nothing(until: Timestamp) -> Cell {
        Cell { until, group: NOBODY, places: [0; WINDOWS] }
    }

    /// When it must be judged again; none: no such instant is known.
    pub(super) fn turns(&self) -> Option<Timestamp> {
        (self.until < Timestamp::MAX).then_some(self.until)
    }
}

impl Groups {
    /// The group of what the first step left, made where there is none yet.
    fn of(&mut self, standing: &Standing<Vec<&Slot>>, kinds: &mut Kinds) -> u32 {
        let windows = standing.slots.iter().map(|slot| slot.window());
        let windows = windows.map(|w| (w.licence.clone(), w.languages.clone())).collect();
        let kind =
            kinds.entry(windows).or_insert_with(|| standing.slots.iter().map(|s| (*s).clone()).collect());
        let label = standing.label.map(|of| of.label.code.clone());
        let next = self.all.len() as u32;
        let key = (label, standing.descriptors.to_vec(), Arc::as_ptr(kind).addr());
        let number = *self.by_key.entry(key).or_insert(next);
        if number == next {
            let (label, descriptors) = (standing.label.cloned(), standing.descriptors.into());
            self.all.push(Group { label, descriptors, kind: kind.clone() });
        }
        number
    }
}

impl Group {
    pub(super) fn part<'a>(&'a self, title: &'a str) -> Standing<'a, &'a [Slot]> {
        Standing {
            title,
            label: self.label.as_ref(),
            descriptors: &self.descriptors,
            slots: &self.kind,
            held: false,
        }
    }
}
