//! Which windows of a work are in force in a territory at an instant, and why the others are not.
//!
//! The whole house asks this at every play, so a window is judged by whole seconds first: only within
//! the day in which clocks of the world differ the territory's own zone is asked.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::{Avail, AvailId, Dealing, End, Expiry, MayEdit, Times, Undated, Window};
use crate::territory::Territory;

/// The avails of one work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Licensed {
    windows: Vec<Slot>,
}

/// A window, and between which seconds its sides lie anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    avail: Arc<Avail>,
    number: u32,
    /// Shut before the first, open from the second on, as far as its start goes.
    opens: (i64, i64),
    /// Open before the first, shut from the second on.
    shuts: (i64, i64),
}

/// A window in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    pub avail: Arc<Avail>,
    number: u32,
    pub times: Times,
}

/// What a window says about an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    pub avail: AvailId,
    /// Where it stands in its document; empty: entered by hand.
    pub place: String,
    pub licence: String,
    pub format: String,
    /// What its contract says of edits, and whom to tell.
    pub dealing: Dealing,
    pub why: Why,
    /// Its times in the territory; none where it hangs on an event or is not for it.
    pub times: Option<Times>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    InForce,
    OtherTerritory,
    NotYet,
    Over,
    /// It hangs on this event, and nobody has said when that is.
    Undated(Undated),
}

impl Slot {
    pub(crate) fn all(avail: &Arc<Avail>) -> impl Iterator<Item = Slot> + use<'_> {
        let slot = |(number, window): (usize, &Window)| {
            let unknown = (i64::MIN, i64::MAX);
            let opens = window.start.bounds().unwrap_or(unknown);
            let shuts = match (&window.end, &window.latest_end) {
                (End::Open, None) => (i64::MAX, i64::MAX),
                (End::At(end), None) => end.bounds().unwrap_or(unknown),
                _ => unknown,
            };
            Slot { avail: avail.clone(), number: number as u32, opens, shuts }
        };
        avail.windows.iter().enumerate().map(slot)
    }

    pub(crate) fn window(&self) -> &Window {
        &self.avail.windows[self.number as usize]
    }

    pub(crate) fn avail(&self) -> &Arc<Avail> {
        &self.avail
    }

    /// Its place among the windows of its avail.
    pub(crate) fn number(&self) -> usize {
        self.number as usize
    }

    /// The window with its exact times; none where it is not for the territory or hangs on an event.
    pub(crate) fn timed(&self, territory: Territory) -> Option<InForce> {
        if !self.window().territories.contains(territory) {
            return None;
        }
        let times = self.avail.times(self.window(), territory).ok()?;
        Some(InForce { avail: self.avail.clone(), number: self.number, times })
    }

    /// The next instant after `now` at which it opens or shuts there, where that is before `limit`. It is
    /// looked up exactly only where the seconds do not rule it out.
    pub(crate) fn next_before(
        &self,
        limit: Option<Timestamp>,
        territory: Territory,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let second = now.as_second();
        let at_least = match second {
            _ if second >= self.shuts.1 => return None,
            _ if second < self.opens.0 => self.opens.0,
            _ if second >= self.opens.1 => self.shuts.0,
            _ => i64::MIN,
        };
        if limit.is_some_and(|limit| limit.as_second() < at_least) || at_least == i64::MAX {
            return None;
        }
        let times = self.timed(territory)?.times;
        let next = [Some(times.open), times.end].into_iter().flatten().filter(|at| *at > now).min();
        next.filter(|next| limit.is_none_or(|limit| *next < limit))
    }

    /// Whether it is in force, without asking for its exact times where the seconds suffice.
    pub(crate) fn is_in_force(&self, territory: Territory, now: Timestamp) -> bool {
        let second = now.as_second();
        if second < self.opens.0 || second >= self.shuts.1 || !self.window().territories.contains(territory) {
            return false;
        }
        (second >= self.opens.1 && second < self.shuts.0)
            || self.avail.times(self.window(), territory).is_ok_and(|times| times.contains(now))
    }
}

impl Licensed {
    pub fn new<'a>(avails: impl IntoIterator<Item = &'a Arc<Avail>>) -> Licensed {
        Licensed { windows: avails.into_iter().flat_map(Slot::all).collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// Whether any window is in force. Under a microsecond.
    pub fn is_open(&self, territory: Territory, now: Timestamp) -> bool {
        self.windows.iter().any(|slot| slot.is_in_force(territory, now))
    }

    /// The windows in force, in the order of their avails.
    pub fn in_force(&self, territory: Territory, now: Timestamp) -> Vec<InForce> {
        let open = self.windows.iter().filter(|slot| slot.is_in_force(territory, now));
        let timed = |slot: &Slot| {
            let times = slot.avail.times(slot.window(), territory).ok()?;
            Some(InForce { avail: slot.avail.clone(), number: slot.number, times })
        };
        open.filter_map(timed).collect()
    }

    /// What every window says about this instant: those in force first.
    pub fn explain(&self, territory: Territory, now: Timestamp) -> Vec<Explained> {
        let mut all: Vec<Explained> = self.windows.iter().map(|slot| slot.explain(territory, now)).collect();
        all.sort_by_key(|explained| explained.why != Why::InForce);
        all
    }

    /// The next instant after `now` at which a window opens or shuts there.
    pub fn next_change(&self, territory: Territory, now: Timestamp) -> Option<Timestamp> {
        let here = self.windows.iter().filter(|slot| slot.window().territories.contains(territory));
        let times = here.filter_map(|slot| slot.avail.times(slot.window(), territory).ok());
        times.flat_map(|t| [Some(t.open), t.end]).flatten().filter(|at| *at > now).min()
    }
}

impl Slot {
    fn explain(&self, territory: Territory, now: Timestamp) -> Explained {
        let window = self.window();
        let (why, times) = if window.territories.contains(territory) {
            match self.avail.times(window, territory) {
                Ok(times) if times.contains(now) => (Why::InForce, Some(times)),
                Ok(times) if now < times.open => (Why::NotYet, Some(times)),
                Ok(times) => (Why::Over, Some(times)),
                Err(undated) => (Why::Undated(undated), None),
            }
        } else {
            (Why::OtherTerritory, None)
        };
        Explained {
            avail: self.avail.id.clone(),
            place: window.place.clone(),
            licence: window.licence.clone(),
            format: window.format.clone(),
            dealing: window.dealing.clone(),
            why,
            times,
        }
    }
}

impl InForce {
    pub fn window(&self) -> &Window {
        &self.avail.windows[self.number as usize]
    }
}

/// What may be edited under windows that are in force together: the most that one of them allows, because
/// each is a leave of its own.
pub fn may_edit(in_force: &[InForce]) -> MayEdit {
    in_force.iter().map(|one| one.window().dealing.may_edit).max().unwrap_or_default()
}

/// Until when the last of them lasts, and what becomes of those who watch then; none: no end is said.
pub fn shuts(in_force: &[InForce]) -> Option<(Timestamp, Expiry)> {
    let ends = in_force.iter().map(|one| Some((one.times.end?, one.window().dealing.expiry)));
    ends.collect::<Option<Vec<_>>>()?.into_iter().max_by_key(|(end, _)| *end)
}
