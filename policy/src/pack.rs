//! Packs: a territory's rules as data, each with its source, its dates and how sure it is.
//!
//! Invariants:
//! - Every rule says where it was read and how sure that is, because a rule that nobody can trace is a
//!   rule that nobody can correct.
//! - Of the revisions of a rule at most one holds on a day. Days are those of the territory's zone.
//! - What is not clear is read strictly, until the house takes a position that the pack allows.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use media::{Error, Result};

use crate::territory::Territory;

pub mod clock;
pub mod diff;
pub mod duty;
pub mod position;
mod read;
pub mod rule;
pub mod rules;

pub use clock::{Clock, Deadline, Matter, RunsFrom, Step, Within};
pub use diff::{Difference, diff};
pub use position::Position;
pub use read::Written;
pub use rule::{Body, Certainty, Reading, Rule};
pub use rules::{InForce, Rules};

/// All rules of a territory, past, present and announced.
#[derive(Clone, Debug)]
pub struct Pack {
    pub territory: Territory,
    /// IANA name; local times in orders count in it.
    pub zone: Arc<str>,
    /// Whether an order takes effect only when a second person has approved it.
    pub second_person: bool,
    rules: Vec<Arc<Rule>>,
    time_zone: TimeZone,
}

impl Pack {
    /// Reads a pack from TOML. Errors name the line, or the rule and its key.
    pub fn read(text: &str) -> Result<Pack> {
        Pack::new(read::read(text)?)
    }

    /// A pack of these rules. Errors name the rule and its key.
    pub fn new(written: Written) -> Result<Pack> {
        read::check(&written).map_err(|e| e.at(format!("pack {}", written.territory)))?;
        let unknown = |_| Error::invalid(format!("{:?} is not a time zone", written.zone)).at("zone");
        Ok(Pack {
            territory: written.territory,
            time_zone: TimeZoneDatabase::bundled().get(&written.zone).map_err(unknown)?,
            zone: written.zone.into(),
            second_person: written.second_person,
            rules: written.rules.into_iter().map(Arc::new).collect(),
        })
    }

    /// Every revision of every rule, in the order of the file.
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// Which day it is in the territory.
    pub fn day(&self, instant: Timestamp) -> Date {
        self.time_zone.to_datetime(instant).date()
    }

    /// An instant as people there read it: day, time to the minute, zone.
    pub fn clock(&self, instant: Timestamp) -> String {
        let there = self.time_zone.to_datetime(instant);
        format!("{} ({})", there.strftime("%Y-%m-%d %H:%M"), self.zone)
    }

    /// The instant at which a day begins there.
    pub fn begins(&self, day: Date) -> Option<Timestamp> {
        self.time_zone.to_ambiguous_zoned(day.at(0, 0, 0, 0)).compatible().ok().map(|at| at.timestamp())
    }

    /// The rules of a day, in the pack's own reading.
    pub fn at(&self, day: Date) -> Rules {
        self.at_with(day, &[])
    }

    /// The rules of a day, as these positions read them. A position that has ended, or that the revision
    /// of the day does not know, changes nothing.
    pub fn at_with(&self, day: Date, positions: &[Position]) -> Rules {
        let taken = |rule: &Rule| {
            positions.iter().rfind(|p| p.rule == rule.id && p.holds_on(day) && p.reading(rule).is_some())
        };
        let holding = self.rules.iter().filter(|rule| rule.holds_on(day));
        let in_force = holding.map(|rule| InForce { rule: rule.clone(), position: taken(rule).cloned() });
        Rules::new(self.territory, self.zone.clone(), day, in_force.collect())
    }

    /// The first day after `day` on which a rule begins, or no longer holds.
    pub fn next_change(&self, day: Date) -> Option<Date> {
        let days = self.rules.iter().flat_map(|rule| [rule.from, rule.until.and_then(|u| u.tomorrow().ok())]);
        days.flatten().filter(|change| *change > day).min()
    }

    /// Every revision of a rule, the earliest first.
    pub fn revisions(&self, id: &str) -> Vec<&Rule> {
        let mut found: Vec<&Rule> = self.rules.iter().map(Arc::as_ref).filter(|rule| rule.id == id).collect();
        found.sort_by_key(|rule| rule.from);
        found
    }
}

/// The packs that the house has.
#[derive(Clone, Debug, Default)]
pub struct Packs(BTreeMap<Territory, Arc<Pack>>);

/// The packs that come with Phim, by their files.
const BUILT_IN: [(&str, &str); 12] = [
    ("packs/VN.toml", include_str!("../../packs/VN.toml")),
    ("packs/KR.toml", include_str!("../../packs/KR.toml")),
    ("packs/SG.toml", include_str!("../../packs/SG.toml")),
    ("packs/ID.toml", include_str!("../../packs/ID.toml")),
    ("packs/TH.toml", include_str!("../../packs/TH.toml")),
    ("packs/PH.toml", include_str!("../../packs/PH.toml")),
    ("packs/MY.toml", include_str!("../../packs/MY.toml")),
    ("packs/IN.toml", include_str!("../../packs/IN.toml")),
    ("packs/DE.toml", include_str!("../../packs/DE.toml")),
    ("packs/GB.toml", include_str!("../../packs/GB.toml")),
    ("packs/US.toml", include_str!("../../packs/US.toml")),
    ("packs/JP.toml", include_str!("../../packs/JP.toml")),
];

impl Packs {
    /// The packs that come with Phim.
    pub fn built_in() -> Result<Packs> {
        Packs::read(BUILT_IN)
    }
    /// Packs of these files, each with its name and its text. Errors name the file.
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Packs> {
        let mut packs = Packs::default();
        for (file, text) in files {
            let pack = Pack::read(text).map_err(|e| e.at(file))?;
            let territory = pack.territory;
            if packs.0.insert(territory, Arc::new(pack)).is_some() {
                return Err(Error::invalid(format!("{territory} has a pack already")).at(file));
            }
        }
        Ok(packs)
    }
    pub fn get(&self, territory: Territory) -> Option<&Pack> {
        self.0.get(&territory).map(Arc::as_ref)
    }
    /// The same for whoever keeps it.
    pub(crate) fn shared(&self, territory: Territory) -> Option<&Arc<Pack>> {
        self.0.get(&territory)
    }
    pub fn iter(&self) -> impl Iterator<Item = &Pack> {
        self.0.values().map(Arc::as_ref)
    }
    /// The pack that has this rule, and its revisions. Fails on an id that no pack has.
    pub fn explain(&self, rule: &str) -> Result<(&Pack, Vec<&Rule>)> {
        let found = self.iter().map(|pack| (pack, pack.revisions(rule))).find(|(_, found)| !found.is_empty());
        found.ok_or_else(|| {
            let shown: String = rule.chars().take(60).collect();
            Error::not_found(format!("no pack has a rule {shown:?}"))
                .remedy("phim territory show TERRITORY lists the rules")
        })
    }
    /// The one zone of all these territories; none when one has no pack or they differ.
    pub fn zone(&self, territories: &[Territory]) -> Option<&str> {
        let mut zones = territories.iter().map(|t| Some(&*self.get(*t)?.zone));
        let first = zones.next()??;
        zones.all(|z| z == Some(first)).then_some(first)
    }
}

#[cfg(test)]
mod tests;
