//! Packs: a territory's rules as data. So far the clocks of orders.
//!
//! Every row says where it was read and how sure that is, because a deadline that nobody can trace is
//! a deadline that nobody can correct.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use media::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::territory::Territory;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    pub territory: Territory,
    /// IANA name; local times in orders count in it.
    pub zone: String,
    /// Whether an order takes effect only when a second person has approved it.
    pub second_person: bool,
    /// The first is for orders that state no route.
    pub clocks: Vec<Clock>,
}

/// How long the law gives where an order does not say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Which kind of order it is for.
    pub route: String,
    pub removal_hours: Option<u32>,
    pub report_hours: Option<u32>,
    pub from: RunsFrom,
    /// The provision.
    pub basis: String,
    /// Where that was read.
    pub source: String,
    pub certainty: Certainty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunsFrom {
    /// The start instant that the order states.
    Start,
    /// The instant at which the order was placed.
    Placed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    Cited,
    Partly,
    Recalled,
}

/// A deadline and where it comes from: `order`, or the provision that gives the hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    pub at: Timestamp,
    pub basis: String,
}

/// Hours that a clock may give at most: a year.
const MAX_HOURS: u32 = 8784;

impl Pack {
    /// Reads a pack. Errors name the line.
    pub fn read(text: &str) -> Result<Pack> {
        let pack: Pack = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(0, |s| text[..s.start].matches('\n').count() + 1);
            Error::invalid(e.message().to_string()).at(format!("line {line}"))
        })?;
        pack.check().map_err(|e| e.at(format!("pack {}", pack.territory)))?;
        Ok(pack)
    }

    fn check(&self) -> Result<()> {
        crate::instant::read("2026-06-01T00:00", Some(&self.zone)).map_err(|e| e.at("zone"))?;
        let hours = self.clocks.iter().flat_map(|c| [c.removal_hours, c.report_hours]).flatten();
        match hours.into_iter().find(|h| *h == 0 || *h > MAX_HOURS) {
            Some(wrong) => Err(Error::invalid(format!("{wrong} hours; expected 1 to {MAX_HOURS}"))),
            None => Ok(()),
        }
    }

    /// The clock of a route; of the first where none is stated. Fails on a route that the pack lacks.
    pub fn clock(&self, route: Option<&str>) -> Result<Option<&Clock>> {
        let Some(route) = route else { return Ok(self.clocks.first()) };
        let found = self.clocks.iter().find(|c| c.route == route);
        let known: Vec<&str> = self.clocks.iter().map(|c| c.route.as_str()).collect();
        found.map(Some).ok_or_else(|| {
            Error::invalid(format!("{} has no route {route:?}", self.territory)).remedy(if known.is_empty() {
                "Leave the route out and state the deadlines".to_string()
            } else {
                format!("Use one of {}", known.join(", "))
            })
        })
    }
}

impl Clock {
    /// Until when what is ordered must be gone, by this clock.
    pub fn removal(&self, start: Timestamp, placed: Timestamp) -> Option<Deadline> {
        self.deadline(self.removal_hours?, start, placed)
    }
    /// Until when the authority must have its report, by this clock.
    pub fn report(&self, start: Timestamp, placed: Timestamp) -> Option<Deadline> {
        self.deadline(self.report_hours?, start, placed)
    }
    fn deadline(&self, hours: u32, start: Timestamp, placed: Timestamp) -> Option<Deadline> {
        let from = match self.from {
            RunsFrom::Start => start,
            RunsFrom::Placed => placed,
        };
        let at = from.checked_add(SignedDuration::from_hours(hours.into())).ok()?;
        Some(Deadline { at, basis: self.basis.clone() })
    }
}

/// The packs that the house has.
#[derive(Clone, Debug, Default)]
pub struct Packs(BTreeMap<Territory, Pack>);

impl Packs {
    /// The packs that come with Phim.
    pub fn built_in() -> Result<Packs> {
        Packs::new([include_str!("../../packs/VN.toml"), include_str!("../../packs/KR.toml")])
    }
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Packs> {
        let mut packs = Packs::default();
        for text in texts {
            let pack = Pack::read(text)?;
            packs.0.insert(pack.territory, pack);
        }
        Ok(packs)
    }
    pub fn get(&self, territory: Territory) -> Option<&Pack> {
        self.0.get(&territory)
    }
    /// The one zone of all these territories; none when one has no pack or they differ.
    pub fn zone(&self, territories: &[Territory]) -> Option<&str> {
        let mut zones = territories.iter().map(|t| Some(self.get(*t)?.zone.as_str()));
        let first = zones.next()??;
        zones.all(|z| z == Some(first)).then_some(first)
    }
}

#[cfg(test)]
mod tests;
