//! How old is old enough: by the birthday, or by the year.
//!
//! Everything is asked of one day, the first on which somebody is old enough. It is counted from the day
//! of birth and never the other way round, so there is no age that could be off by one.

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// When a year of age is complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// On the birthday. Who was born on 29 February has it on 1 March where the year has no such day:
    /// no source says, and this is the later of the two.
    #[default]
    Birthday,
    /// On 1 January of the year in which the birthday lies (Korea's rule for 19).
    Year,
}

impl Counted {
    pub(crate) fn is_birthday(&self) -> bool {
        *self == Counted::Birthday
    }
}

/// The first day on which somebody born on `born` has this age; none where the calendar ends before.
pub fn first_day(born: Date, age: u8, counted: Counted) -> Option<Date> {
    let year = born.year().checked_add(age.into()).filter(|year| *year <= 9999)?;
    match counted {
        Counted::Year => Some(date(year, 1, 1)),
        Counted::Birthday => {
            Date::new(year, born.month(), born.day()).or_else(|_| Date::new(year, 3, 1)).ok()
        }
    }
}

/// Whether somebody born on `born` has this age on `day`. Nobody has any age before being born.
pub fn reached(born: Date, age: u8, counted: Counted, day: Date) -> bool {
    born <= day && first_day(born, age, counted).is_some_and(|first| first <= day)
}

#[cfg(test)]
mod tests;
