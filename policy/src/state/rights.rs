//! What contracts license, by every name of a work.
//!
//! Invariants:
//! - An avail has one text at a time: what is entered under its name stands in the place of the earlier.
//! - A work is covered by the avails that name it, by bundles that hold one of these, and by avails of
//!   the season or series that these name as holding it. It goes no further than one step.
//! - Nothing here depends on which titles the house has: avails of unknown works wait under their names.

use std::sync::Arc;

use imbl::OrdMap;
use jiff::Timestamp;
use media::{Error, Result};

use super::{Applied, Named};
use crate::avail::licensed::Slot;
use crate::avail::{Avail, AvailId, Conflict, Licensed, conflict};
use crate::territory::Territory;

mod consents;

pub use consents::{MAX_SAID, Said, What};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    avails: OrdMap<AvailId, Arc<Avail>>,
    /// The avails under each name of a work, and bundles under each ALID that they hold.
    named: Named<String, Arc<Covering>>,
    /// Names that contracts use for titles of the house.
    names: OrdMap<String, Arc<[String]>>,
    said: OrdMap<AvailId, Arc<[Arc<Said>]>>,
}

/// What covers a work by one of its names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Covering {
    avails: Vec<Arc<Avail>>,
    slots: Vec<Slot>,
}

impl Covering {
    fn of(avails: Vec<Arc<Avail>>) -> Arc<Covering> {
        let slots = avails.iter().flat_map(Slot::all).collect();
        Arc::new(Covering { avails, slots })
    }
}

impl Rights {
    pub(super) fn enter(&mut self, avails: &[Avail]) -> Applied {
        let mut applied = Applied::Same;
        for avail in avails {
            if self.avails.get(&avail.id).is_some_and(|known| **known == *avail) {
                continue;
            }
            self.forget(&avail.id);
            let avail = Arc::new(avail.clone());
            for name in found_by(&avail) {
                let mut avails = self.named.get(name).map_or(Vec::new(), |c| c.avails.clone());
                let at = avails.partition_point(|known| known.id < avail.id);
                avails.insert(at, avail.clone());
                self.named.insert(name.clone(), Covering::of(avails));
            }
            self.avails.insert(avail.id.clone(), avail);
            applied = Applied::Changed;
        }
        applied
    }

    pub(super) fn remove(&mut self, avails: &[AvailId]) -> Result<Applied> {
        if let Some(unknown) = avails.iter().find(|id| !self.avails.contains_key(*id)) {
            return Err(Error::not_found(format!("there is no avail {unknown}"))
                .remedy("phim window list shows the avails"));
        }
        for id in avails {
            self.forget(id);
            self.said.remove(id);
        }
        Ok(Applied::Changed)
    }

    pub(super) fn name(&mut self, title: &str, names: &[String]) -> Applied {
        if self.names_of(title) == names {
            return Applied::Same;
        }
        match names {
            [] => self.names.remove(title),
            names => self.names.insert(title.into(), names.into()),
        };
        Applied::Changed
    }

    fn forget(&mut self, id: &AvailId) {
        let Some(avail) = self.avails.remove(id) else { return };
        for name in found_by(&avail) {
            let known = self.named.get(name).map_or(Vec::new(), |c| c.avails.clone());
            let left: Vec<_> = known.into_iter().filter(|other| other.id != *id).collect();
            match left.is_empty() {
                true => self.named.remove(name),
                false => self.named.insert(name.clone(), Covering::of(left)),
            };
        }
    }

    pub fn avail(&self, id: &AvailId) -> Option<&Arc<Avail>> {
        self.avails.get(id)
    }
    /// Every avail, by licensor and ALID.
    pub fn avails(&self) -> impl Iterator<Item = &Arc<Avail>> {
        self.avails.values()
    }
    pub fn is_empty(&self) -> bool {
        self.avails.is_empty()
    }
    /// The names that contracts use for a title, besides its own id.
    pub fn names_of(&self, title: &str) -> &[String] {
        self.names.get(title).map_or(&[], |names| names)
    }
    /// Every title that has such names, with them.
    pub fn named_titles(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.names.iter().map(|(title, names)| (title.as_str(), &**names))
    }

    /// Every window that covers a title, of itself and of what holds it. One that is found by two names
    /// comes twice.
    pub(crate) fn slots<'a>(&'a self, title: &'a str) -> impl Iterator<Item = &'a Slot> {
        let wider =
            self.direct(title).flat_map(|covering| &covering.avails).flat_map(|avail| self.wider(avail));
        self.direct(title).chain(wider).flat_map(|covering| &covering.slots)
    }

    /// Whether any window covers a title in a territory now.
    ///
    /// Under a microsecond where the title's own avails answer; it looks at bundles and wholes only where
    /// these do not.
    pub fn is_open(&self, title: &str, territory: Territory, now: Timestamp) -> bool {
        let open = |covering: &Covering| covering.slots.iter().any(|slot| slot.is_in_force(territory, now));
        self.direct(title).any(open)
            || self
                .direct(title)
                .flat_map(|covering| &covering.avails)
                .any(|avail| self.wider(avail).any(open))
    }

    /// Everything that covers a title.
    pub fn licensed(&self, title: &str) -> Licensed {
        Licensed::new(&self.covering(title))
    }

    /// The avails that name a work, then those that cover it by holding it; each once.
    pub fn covering(&self, title: &str) -> Vec<Arc<Avail>> {
        let (mut own, wholes) = self.parts(title);
        own.extend(wholes);
        own
    }

    /// Where the avails of a title contradict each other or what holds it.
    pub fn conflicts(&self, title: &str) -> Vec<Conflict> {
        let (own, wholes) = self.parts(title);
        conflict::conflicts(&own, &wholes)
    }

    /// The avails that name a work, and those that cover it by holding it; each once.
    fn parts(&self, title: &str) -> (Vec<Arc<Avail>>, Vec<Arc<Avail>>) {
        let own = distinct(self.direct(title).flat_map(|covering| &covering.avails));
        let wider = own.iter().flat_map(|avail| self.wider(avail)).flat_map(|covering| &covering.avails);
        let wholes = distinct(wider).into_iter().filter(|whole| !own.contains(whole)).collect();
        (own, wholes)
    }

    fn direct<'a>(&'a self, title: &'a str) -> impl Iterator<Item = &'a Covering> {
        let names = self.names_of(title).iter().map(String::as_str);
        std::iter::once(title).chain(names).filter_map(|name| self.named.get(name)).map(|c| &**c)
    }

    fn wider<'a>(&'a self, avail: &'a Avail) -> impl Iterator<Item = &'a Covering> {
        let bundles = std::iter::once(&avail.id.alid);
        bundles.chain(&avail.parents).filter_map(|name| self.named.get(name)).map(|c| &**c)
    }
}

/// Every name under which an avail is found.
fn found_by(avail: &Avail) -> impl Iterator<Item = &String> {
    let bundled = avail.bundle.iter().filter(|alid| avail.names.binary_search(alid).is_err());
    avail.names.iter().chain(bundled)
}

fn distinct<'a>(avails: impl Iterator<Item = &'a Arc<Avail>>) -> Vec<Arc<Avail>> {
    let mut all: Vec<Arc<Avail>> = avails.cloned().collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all.dedup();
    all
}

#[cfg(test)]
mod tests;
