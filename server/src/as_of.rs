//! As of: the house as it was at an instant, for the staff.
//!
//! A snapshot of then holds the state that the records up to then fold to, and the titles and versions
//! that stood then. It knows its instant, so the code that answers viewers answers of it what it answered
//! then. Versions count from when they were entered to when they were removed, as the catalogue keeps it.
//!
//! Invariants:
//! - No viewer's address reaches a snapshot of then. Addresses of the past stand under a path of their own,
//!   are made for the staff only, are sealed, name their instant, and end within the hour ([`address`]).
//! - Of an instant that is still to come it tells what is planned: what will be if nothing more is decided,
//!   nothing is added or removed, and the house goes on finding what its own checks find now. Whatever tells
//!   of it says so.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use archive::Removed;
use jiff::{SignedDuration, Timestamp};
use media::error::{Error, Result};
use policy::State;

use crate::decide::in_time;
use crate::house::{House, Playable, Snapshot, Version, blocking};
use crate::readiness::checks::gone_on;
use crate::ruling::Rulings;

pub mod address;
pub mod door;
pub mod events;
pub mod told;
mod words;

/// How far ahead anybody may look. Beyond that, law and contracts are not known well enough.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 366);

/// What was looked at of the past, the latest last.
#[derive(Default)]
pub struct Past {
    states: Mutex<VecDeque<(Timestamp, State)>>,
    /// With the snapshot of the present that each was made from.
    snapshots: Mutex<VecDeque<(Weak<Snapshot>, Arc<Snapshot>)>>,
}

/// States, and snapshots, that are remembered. States share what they have in common.
const KEPT: usize = 8;

impl Past {
    fn state(&self, instant: Timestamp) -> Option<State> {
        lock(&self.states).iter().find(|(at, _)| *at == instant).map(|(_, state)| state.clone())
    }
    fn keep_state(&self, instant: Timestamp, state: &State) {
        keep(&mut lock(&self.states), (instant, state.clone()));
    }
    fn snapshot(&self, instant: Timestamp, present: &Arc<Snapshot>) -> Option<Arc<Snapshot>> {
        let mut kept = lock(&self.snapshots);
        // What was made from an earlier present may name what is no longer stored.
        kept.retain(|(from, _)| Weak::as_ptr(from) == Arc::as_ptr(present));
        kept.iter().map(|(_, then)| then).find(|then| then.instant == Some(instant)).cloned()
    }
    fn keep_snapshot(&self, present: &Arc<Snapshot>, then: &Arc<Snapshot>) {
        keep(&mut lock(&self.snapshots), (Arc::downgrade(present), then.clone()));
    }
}

fn keep<T>(kept: &mut VecDeque<T>, new: T) {
    if kept.len() >= KEPT {
        kept.pop_front();
    }
    kept.push_back(new);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that runs under these locks can leave them half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl House {
    /// The state as it was at an instant, folded again from the records.
    pub async fn state_at(&self, instant: Timestamp) -> Result<State> {
        if let Some(state) = self.past.state(instant) {
            return Ok(state);
        }
        let records = self.archive().catalogue().all_records().await?;
        let (state, is_past) = blocking(move || {
            let decisions = in_time(&records)?;
            let state = State::fold(decisions.iter().take_while(|decision| decision.at <= instant))?;
            Ok((state, decisions.last().is_some_and(|last| instant <= last.at)))
        })
        .await?;
        // Decisions follow each other in time, so none can be added before the last one.
        if is_past {
            self.past.keep_state(instant, &state);
        }
        Ok(state)
    }

    /// The house as it was at an instant, or as it is planned to be. Fails with `Invalid` for one that is
    /// more than a year away.
    pub async fn as_of(&self, instant: Timestamp) -> Result<Arc<Snapshot>> {
        let (now, present) = (Timestamp::now(), self.snapshot());
        if instant.duration_since(now) > AHEAD {
            return Err(Error::invalid(format!("{instant} is more than a year away"))
                .remedy("Choose an earlier instant: what is planned is told for a year"));
        }
        if let Some(then) = self.past.snapshot(instant, &present) {
            return Ok(then);
        }
        let state = match instant > now {
            true => gone_on(&present.state, now, instant)?,
            false => self.state_at(instant).await?,
        };
        let then = Arc::new(present.as_of(instant, state));
        self.past.keep_snapshot(&present, &then);
        Ok(then)
    }
}

/// A version that was removed, as far as it is known still.
fn row_of(gone: &Removed) -> archive::Version {
    archive::Version {
        title: gone.title.clone(),
        name: gone.name.clone(),
        labels: BTreeMap::new(),
        spans: gone.spans.clone(),
        composition: gone.composition,
        shows: Vec::new(),
        made: Vec::new(),
        created: gone.created,
    }
}

impl Snapshot {
    /// Keeps that a version stood, before it is dropped.
    pub fn remember(&mut self, title: &str, name: &str, removed: i64) {
        if let Some(version) = self.versions.get(&(title.to_string(), name.to_string())) {
            let row = &version.row;
            self.removed.push_back(Arc::new(Removed {
                title: row.title.clone(),
                name: row.name.clone(),
                spans: row.spans.clone(),
                composition: row.composition,
                created: row.created,
                removed,
            }));
        }
    }
    /// The same for all versions of a title.
    pub fn remember_all(&mut self, title: &str, removed: i64) {
        let names: Vec<String> = self.all_versions_of(title).map(|v| v.row.name.clone()).collect();
        names.iter().for_each(|name| self.remember(title, name, removed));
    }

    /// The instant at which it is asked.
    pub fn now(&self) -> Timestamp {
        self.instant.unwrap_or_else(Timestamp::now)
    }

    /// The same house at an instant where this is its state. What it holds of titles and
    /// versions is what of today's stood then.
    fn as_of(&self, instant: Timestamp, state: State) -> Snapshot {
        let at = instant.as_microsecond();
        let mut then = self.under(state);
        then.instant = Some(instant);
        then.earlier = Rulings::default();
        then.titles = then.titles.into_iter().filter(|(_, title)| title.row.created <= at).collect();
        then.versions = then.versions.into_iter().filter(|(_, version)| version.row.created <= at).collect();
        let gone: Vec<_> =
            self.removed.iter().filter(|gone| gone.created <= at && at < gone.removed).collect();
        for gone in gone {
            let row = row_of(gone);
            // What cannot be read any more is not told of as if it had played.
            if let (true, Ok(plays)) = (then.titles.contains_key(&gone.title), Playable::new(&row)) {
                let key = (row.title.clone(), row.name.clone());
                then.versions.insert(key, Arc::new(Version { row, plays }));
            }
        }
        let plays = then.versions.values().map(|version| (version.plays.digest, version.plays.clone()));
        then.compositions = plays.collect();
        then
    }
}
