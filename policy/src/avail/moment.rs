//! When a window opens and shuts, as contracts write it: an instant, a local time of each territory, or
//! a time that hangs on an event.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{DateTime, date};
use jiff::{Span, Timestamp};
use media::{Error, Result};
use serde::{Deserialize, Serialize};

use super::zones::{Side, earliest, latest, reached};
use crate::territory::Territory;

/// One side of a window.
///
/// Its text is an instant with an offset (`2026-01-03T14:00:00Z`), a local date and time
/// (`2026-01-03T00:00:00`), or an event with a lag (`ESTStart-PT12H`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Moment {
    /// The same everywhere.
    Instant(Timestamp),
    /// Reached in each territory by its own clocks ([`super::zones`]).
    Local(DateTime),
    /// So long before or after something that has no date in the avail. `ESTStart` is the start of the
    /// same avail's windows of licence `EST`; other words (`Theatrical`) are only known to people.
    Event { event: String, lag: Lag },
}

/// When a window shuts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum End {
    /// Not before it is said.
    Open,
    At(Moment),
    /// So long after it opened.
    After(Lag),
}

/// A signed length of months, days and seconds (ISO 8601: `P180D`, `-P5DT10H`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lag {
    months: i32,
    days: i32,
    seconds: i64,
}

/// Days and months in a lag at most: a century.
const MAX_DAYS: i32 = 36_600;

/// Seconds since 1970 between which a side lies for certain, whatever the territory's clocks show.
pub(crate) type Bounds = (i64, i64);

impl Lag {
    pub const NONE: Lag = Lag { months: 0, days: 0, seconds: 0 };

    /// Reads ISO 8601. Fails on what is longer than a century.
    pub fn read(text: &str) -> Result<Lag> {
        let wrong = || {
            let shown: String = text.chars().take(40).collect();
            Error::invalid(format!("{shown:?} is not a length of time"))
                .remedy("Write it as ISO 8601, for example P180D or -PT12H")
        };
        let span: Span = text.parse().map_err(|_| wrong())?;
        let months = i32::from(span.get_years()) * 12 + span.get_months();
        let days = span.get_weeks() * 7 + span.get_days();
        let seconds = i64::from(span.get_hours()) * 3600 + span.get_minutes() * 60 + span.get_seconds();
        let small = span.get_milliseconds() == 0
            && span.get_microseconds() == 0
            && span.get_nanoseconds() == 0
            && months.abs() <= 1200
            && days.abs() <= MAX_DAYS
            && seconds.abs() <= i64::from(MAX_DAYS) * 86_400;
        if small { Ok(Lag { months, days, seconds }) } else { Err(wrong()) }
    }

    /// What a local time becomes by it.
    fn after(self, time: DateTime) -> Option<DateTime> {
        let span = Span::new()
            .try_months(self.months)
            .and_then(|s| s.try_days(self.days))
            .and_then(|s| s.try_seconds(self.seconds));
        time.checked_add(span.ok()?).ok()
    }

    /// The instant that lies so long after another; none: there is no such instant.
    pub fn after_instant(self, at: Timestamp) -> Option<Timestamp> {
        let utc = self.after(jiff::tz::Offset::UTC.to_datetime(at))?;
        jiff::tz::Offset::UTC.to_timestamp(utc).ok()
    }

    /// The same length the other way.
    pub fn reversed(self) -> Lag {
        Lag { months: -self.months, days: -self.days, seconds: -self.seconds }
    }

    pub fn is_none(self) -> bool {
        self == Lag::NONE
    }
    pub fn is_negative(self) -> bool {
        self.months < 0 || self.days < 0 || self.seconds < 0
    }
}

impl fmt::Display for Lag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative() { "-" } else { "" };
        write!(f, "{sign}P")?;
        for (number, unit) in [(self.months.abs(), 'M'), (self.days.abs(), 'D')] {
            if number != 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        if self.seconds != 0 || (self.months == 0 && self.days == 0) {
            write!(f, "T{}S", self.seconds.abs())?;
        }
        Ok(())
    }
}

impl Moment {
    /// Reads an instant with its offset, or a local date and time. Fails on what lies before 1800 or
    /// after 2199, and on a bare day, because only the caller knows which end of the day is meant.
    pub fn read(text: &str) -> Result<Moment> {
        let wrong = || {
            let shown: String = text.chars().take(60).collect();
            Error::invalid(format!("{shown:?} is not a time"))
                .remedy("Write 2026-01-03T00:00:00 for the territory's own clocks, or add an offset")
        };
        if let Ok(instant) = text.parse::<Timestamp>() {
            let within = (-5_364_662_400..7_258_118_400).contains(&instant.as_second());
            return if within { Ok(Moment::Instant(instant)) } else { Err(wrong()) };
        }
        let local: DateTime = text.parse().map_err(|_| wrong())?;
        let plain = text.contains('T') && !text.contains(['[', 'Z']);
        if plain && (1800..2200).contains(&local.year()) { Ok(Moment::Local(local)) } else { Err(wrong()) }
    }

    /// An event by its word: letters only.
    pub fn event(word: &str, lag: Lag) -> Result<Moment> {
        if (1..=40).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Ok(Moment::Event { event: word.into(), lag });
        }
        let shown: String = word.chars().take(40).collect();
        Err(Error::invalid(format!("{shown:?} is neither a date nor an event")))
    }

    /// The instant in a territory; none: it hangs on an event.
    pub fn reached(&self, territory: Territory, side: Side) -> Option<Timestamp> {
        match self {
            Moment::Instant(instant) => Some(*instant),
            Moment::Local(local) => reached(*local, territory, side),
            Moment::Event { .. } => None,
        }
    }

    /// Between which instants it lies, anywhere. What hangs on an event lies nowhere.
    pub(crate) fn bounds(&self) -> Option<Bounds> {
        match self {
            Moment::Instant(instant) => Some((instant.as_second(), instant.as_second())),
            Moment::Local(local) => Some((earliest(*local)?.as_second(), latest(*local)?.as_second())),
            Moment::Event { .. } => None,
        }
    }

    /// What it is a while later.
    pub(crate) fn later(&self, lag: Lag) -> Option<Moment> {
        Some(match self {
            Moment::Local(local) => Moment::Local(lag.after(*local)?),
            Moment::Instant(instant) => Moment::Instant(lag.after_instant(*instant)?),
            Moment::Event { event, lag: Lag::NONE } => Moment::Event { event: event.clone(), lag },
            Moment::Event { .. } => return None,
        })
    }
}

/// The local end of a day: what a contract means by a bare day as an end.
pub fn end_of_day(day: jiff::civil::Date) -> DateTime {
    day.tomorrow().unwrap_or(date(2199, 12, 31)).at(0, 0, 0, 0)
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::Instant(instant) => write!(f, "{instant}"),
            Moment::Local(local) => write!(f, "{local}"),
            Moment::Event { event, lag } if lag.is_none() => f.write_str(event),
            Moment::Event { event, lag } if lag.is_negative() => write!(f, "{event}{lag}"),
            Moment::Event { event, lag } => write!(f, "{event}+{lag}"),
        }
    }
}

impl FromStr for Moment {
    type Err = Error;
    /// Reads every text that [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Moment> {
        if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Moment::read(text);
        }
        match text.find(['+', '-']) {
            Some(at) => Moment::event(&text[..at], Lag::read(text[at..].trim_start_matches('+'))?),
            None => Moment::event(text, Lag::NONE),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Open => f.write_str("open"),
            End::At(moment) => write!(f, "{moment}"),
            End::After(lag) => write!(f, "+{lag}"),
        }
    }
}

impl FromStr for End {
    type Err = Error;
    fn from_str(text: &str) -> Result<End> {
        match text.strip_prefix('+') {
            Some(lag) => Lag::read(lag).map(End::After),
            None if text == "open" => Ok(End::Open),
            None => text.parse().map(End::At),
        }
    }
}

macro_rules! as_text {
    ($($value:ty),*) => {$(
        impl TryFrom<String> for $value {
            type Error = Error;
            fn try_from(text: String) -> Result<$value> {
                text.parse()
            }
        }
        impl From<$value> for String {
            fn from(value: $value) -> String {
                value.to_string()
            }
        }
    )*};
}
as_text!(Moment, End);

#[cfg(test)]
mod tests;
