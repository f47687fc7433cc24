//! Clocks of a pack: how long the law gives, and until when that is.

use std::fmt;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZoneDatabase;
use jiff::{SignedDuration, Span, Timestamp};
use media::{Error, Result};
use serde::{Deserialize, Serialize};

/// How long the law gives for one step of one matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Clock {
    pub matter: Matter,
    /// Which kind of the matter it is for, where a territory has several: `film`, `cybersecurity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Whether it is for an order that states no route.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    pub step: Step,
    pub within: Within,
    pub from: RunsFrom,
    /// By how much the answer may be put off, once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Within>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Matter {
    /// An order about what is shown.
    Order,
    /// A demand of an authority for data of users.
    UserData,
    /// A person asks about or for their own data.
    DataRequest,
    /// Data of people got out, was changed or lost.
    Breach,
    /// A viewer complains.
    Complaint,
    /// A label was decided or changed.
    Label,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// What is ordered must be gone.
    Removal,
    /// The authority must have its report.
    Report,
    /// Somebody who asked must be told that they were heard.
    Acknowledge,
    /// Somebody who asked must have an answer.
    Answer,
    /// What was asked for must be done.
    Finish,
    /// An authority must know.
    TellAuthority,
    /// The people concerned must know.
    TellPeople,
    /// Viewers must see it.
    Show,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RunsFrom {
    /// The start instant that an order states.
    Start,
    /// The instant at which it arrived: an order was placed, a request received, a breach noticed.
    Placed,
}

/// A length of time as laws state it: `24 h`, `15 days`, `2 working days`, `24 months`, `at once`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Within {
    AtOnce,
    Hours(u16),
    /// To the same time of day, where the territory is.
    Days(u16),
    /// Monday to Friday. Public holidays are not known and count, so the deadline is never too late.
    WorkingDays(u16),
    Months(u16),
    Years(u16),
}

/// The most of any unit: a year in hours.
const MOST: u16 = 8784;

impl Within {
    /// When it is over, if it began at `from`; days count in `zone`. None where the calendar ends before.
    pub fn after(self, from: Timestamp, zone: &str) -> Option<Timestamp> {
        let days = |days: &dyn Fn(Date) -> Option<Date>| {
            let from = from.to_zoned(TimeZoneDatabase::bundled().get(zone).ok()?);
            let at = days(from.date())?.to_datetime(from.time());
            Some(at.to_zoned(from.time_zone().clone()).ok()?.timestamp())
        };
        match self {
            Within::AtOnce => Some(from),
            Within::Hours(n) => from.checked_add(SignedDuration::from_hours(n.into())).ok(),
            _ => days(&|day| self.after_day(day)),
        }
    }

    /// The day on which it is over, if it began on `from`. Hours are whole days, rounded up.
    pub fn after_day(self, from: Date) -> Option<Date> {
        let add = |span: Span| from.checked_add(span).ok();
        match self {
            Within::AtOnce => Some(from),
            Within::Hours(n) => add(Span::new().days(n.div_ceil(24))),
            Within::Days(n) => add(Span::new().days(n)),
            Within::WorkingDays(n) => working_days(from, n),
            Within::Months(n) => add(Span::new().months(n)),
            Within::Years(n) => add(Span::new().years(n)),
        }
    }
}

fn working_days(from: Date, n: u16) -> Option<Date> {
    let is_working = |day: &Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let mut days = std::iter::successors(Some(from), |day| day.tomorrow().ok());
    match n {
        0 => Some(from),
        _ => days.by_ref().skip(1).filter(is_working).nth(usize::from(n) - 1),
    }
}

/// A unit's name, and a length of so many.
type Unit = (&'static str, fn(u16) -> Within);

const UNITS: [Unit; 5] = [
    ("h", Within::Hours),
    ("days", Within::Days),
    ("working days", Within::WorkingDays),
    ("months", Within::Months),
    ("years", Within::Years),
];

impl TryFrom<String> for Within {
    type Error = Error;
    fn try_from(text: String) -> Result<Within> {
        if text == "at once" {
            return Ok(Within::AtOnce);
        }
        let read = |text: &str| {
            let (number, unit) = text.split_once(' ')?;
            let number = number.parse::<u16>().ok().filter(|n| (1..=MOST).contains(n))?;
            UNITS.iter().find(|(name, _)| *name == unit).map(|(_, make)| make(number))
        };
        read(&text).ok_or_else(|| {
            Error::invalid(format!("{text:?} is not a length of time")).remedy(format!(
                "Write \"24 h\", \"15 days\", \"2 working days\", \"24 months\", \"5 years\" (1 to {MOST}) or \"at once\""
            ))
        })
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Within::AtOnce => f.write_str("at once"),
            Within::Hours(n) => write!(f, "{n} h"),
            Within::Days(n) => write!(f, "{n} days"),
            Within::WorkingDays(n) => write!(f, "{n} working days"),
            Within::Months(n) => write!(f, "{n} months"),
            Within::Years(n) => write!(f, "{n} years"),
        }
    }
}

impl From<Within> for String {
    fn from(within: Within) -> String {
        within.to_string()
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Within {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Within".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let pattern = r"^(at once|[1-9]\d{0,3} (h|days|working days|months|years))$";
        schemars::json_schema!({ "type": "string", "pattern": pattern })
    }
}

/// A deadline and where it comes from: `order`, or the provision that gives the hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    pub at: Timestamp,
    pub basis: String,
}

impl Clock {
    /// When it runs out. `start`: what the order states as its start; `placed`: when it arrived.
    pub fn due(&self, start: Timestamp, placed: Timestamp, zone: &str) -> Option<Timestamp> {
        let from = match self.from {
            RunsFrom::Start => start,
            RunsFrom::Placed => placed,
        };
        self.within.after(from, zone)
    }
}

#[cfg(test)]
mod tests;
