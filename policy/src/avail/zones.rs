//! What a local time in a territory means, where the territory has one zone or several.
//!
//! Invariants:
//! - A territory with several zones counts as one place whose clocks differ: a start is reached when
//!   all its zones have reached it, an end when the first of them has. So nothing plays outside a window
//!   anywhere in the territory.
//! - A local time that a zone skips means the instant at which its clock is put forward. Of a local
//!   time that it has twice, a start means the second and an end the first.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use crate::territory::Territory;

/// Zones by territory, one for each set of offsets that the territory has known since 2015: from the
/// `zone.tab` of the time zone database (public domain).
const ZONES: &str = include_str!("zones.txt");

/// Which side of a window a local time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Start,
    End,
}

/// The instant at which a local time is reached in a territory, as that side of a window.
///
/// A territory without a clock of its own (an uninhabited island) has every offset at once.
pub fn reached(local: DateTime, territory: Territory, side: Side) -> Option<Timestamp> {
    let all = match BY_TERRITORY.get(&territory) {
        Some(zones) => zones.iter().map(|zone| in_zone(local, zone, side)).collect::<Option<Vec<_>>>()?,
        None => vec![earliest(local)?, latest(local)?],
    };
    match side {
        Side::Start => all.into_iter().max(),
        Side::End => all.into_iter().min(),
    }
}

/// The instant that a local time names in one zone.
pub fn in_zone(local: DateTime, zone: &TimeZone, side: Side) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    match (ambiguous.offset(), side) {
        (AmbiguousOffset::Gap { .. }, _) => {
            let after = ambiguous.later().ok()?;
            zone.preceding(after.checked_add(jiff::SignedDuration::from_secs(1)).ok()?)
                .next()
                .map(|t| t.timestamp())
        }
        (_, Side::Start) => ambiguous.later().ok(),
        (_, Side::End) => ambiguous.earlier().ok(),
    }
}

/// No clock anywhere shows this time before.
pub fn earliest(local: DateTime) -> Option<Timestamp> {
    shifted(local, -14)
}

/// Every clock has shown it by then.
pub fn latest(local: DateTime) -> Option<Timestamp> {
    shifted(local, 12)
}

fn shifted(local: DateTime, hours: i64) -> Option<Timestamp> {
    let utc = TimeZone::UTC.to_timestamp(local).ok()?;
    utc.checked_add(jiff::SignedDuration::from_hours(hours)).ok()
}

static BY_TERRITORY: LazyLock<BTreeMap<Territory, Vec<TimeZone>>> = LazyLock::new(|| {
    let database = TimeZoneDatabase::bundled();
    let line = |line: &str| {
        let (code, names) = line.split_once(' ')?;
        let zones: Vec<TimeZone> = names.split(' ').filter_map(|name| database.get(name).ok()).collect();
        Some((Territory::parse(code).ok()?, zones)).filter(|(_, zones)| !zones.is_empty())
    };
    ZONES.lines().filter_map(line).collect()
});

#[cfg(test)]
mod tests;
