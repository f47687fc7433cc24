//! Instants as people write them.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZoneDatabase;
use media::{Error, Result};

static PARSER: DateTimeParser = DateTimeParser::new();

/// Reads an instant: RFC 3339 with an offset, RFC 9557 with a zone in brackets, or a local date and
/// time, which counts in `zone` (an IANA name) where one is given.
///
/// Fails on a date without a time, on a local time that its zone skips or has twice, and on years
/// before 2000 or after 2199.
pub fn read(text: &str, zone: Option<&str>) -> Result<Timestamp> {
    let wrong = || {
        let shown: String = text.chars().take(60).collect();
        Error::invalid(format!("{shown:?} is not an instant"))
            .remedy("Write date, time and offset, for example 2026-01-03T21:00:00+07:00")
    };
    let zones = TimeZoneDatabase::bundled();
    let pieces = PARSER.parse_pieces(text).map_err(|_| wrong())?;
    let time = pieces.time().ok_or_else(|| {
        Error::invalid(format!("{text:?} is a day, not an instant"))
            .remedy("Add the time of day and the offset, for example 2026-01-03T21:00:00+07:00")
    })?;
    let instant = if pieces.time_zone_annotation().is_some() {
        PARSER.parse_zoned_with(&zones, text).map_err(|_| wrong())?.timestamp()
    } else if pieces.offset().is_some() {
        PARSER.parse_timestamp(text).map_err(|_| wrong())?
    } else {
        let zone = zone.ok_or_else(|| {
            Error::invalid(format!("{text:?} does not say in which time zone"))
                .remedy("Add the offset, for example 2026-01-03T21:00:00+07:00")
        })?;
        let zone = zones.get(zone).map_err(|_| Error::invalid(format!("{zone:?} is not a time zone")))?;
        zone.to_ambiguous_timestamp(pieces.date().to_datetime(time)).unambiguous().map_err(|_| {
            Error::invalid(format!("{text:?} does not name one instant: a clock is put forward or back then"))
                .remedy("Add the offset")
        })?
    };
    within(instant).then_some(instant).ok_or_else(wrong)
}

/// Whether an instant lies where orders can: in the years 2000 to 2199, UTC.
pub(crate) fn within(instant: Timestamp) -> bool {
    (946_684_800..7_258_118_400).contains(&instant.as_second())
}

#[cfg(test)]
mod tests;
