//! Labels: age ratings, whom they admit, and under which names they are known.
//!
//! Invariants:
//! - A label that admits no one admits no one, whatever anybody's age: it has no age that could be
//!   compared.
//! - An unknown day of birth is refused wherever the label asks for an age.
//! - A spelling that no label has is refused, never guessed.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::age::{Counted, first_day, reached};

/// Texts by language, as BCP 47 tags.
pub type Names = BTreeMap<String, String>;

/// One age rating of a territory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// As it is shown: `T16`.
    pub code: String,
    /// Whose labels these are: `MCST`. A rank compares within one system only.
    pub system: String,
    /// Rises with strictness.
    pub rank: u8,
    pub admits: Admits,
    /// An age that is only advised: told, never asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advised: Option<u8>,
    /// What it is called for people: `From 16`.
    pub names: Names,
    /// Other spellings that mean it in lists and tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Letters that may follow the code behind a hyphen, in this order, and say why: `TV-14-LV`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    /// The colour of its symbol, `#rrggbb`; none: no source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// Its name in MovieLabs' Common Ratings, behind `http://www.movielabs.com/md/ratings/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cmr: Option<String>,
}

/// Whom a label lets watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Admits {
    Everyone,
    From(From),
    /// Banned, restricted to special cinemas, not for the public.
    NoOne,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct From {
    /// Completed years.
    pub age: u8,
    #[serde(default, skip_serializing_if = "Counted::is_birthday")]
    pub counted: Counted,
    /// The age from which it is enough that a parent or guardian watches too; none: it never is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_guardian: Option<u8>,
}

impl fmt::Display for Admits {
    /// In English, for those who ask how an answer came about.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Admits::Everyone => f.write_str("everybody"),
            Admits::NoOne => f.write_str("no one"),
            Admits::From(from) => {
                write!(f, "from {} on", from.age)?;
                if from.counted == Counted::Year {
                    f.write_str(", counted by the year")?;
                }
                match from.with_guardian {
                    Some(0) => f.write_str(", younger with a guardian"),
                    Some(age) => write!(f, ", from {age} with a guardian"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// What is known of who watches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watcher {
    /// Day of birth; none: not known.
    pub born: Option<Date>,
    /// Whether a parent or guardian watches too.
    pub with_guardian: bool,
}

/// Whether somebody may watch, as far as the label goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Admission {
    Admitted,
    /// Only because a parent or guardian watches too.
    Accompanied,
    /// Not old enough. `from`: the first day on which that changes. `guardian_helps`: whether it would be
    /// enough that a parent or guardian watches too.
    TooYoung {
        from: Option<Date>,
        guardian_helps: bool,
    },
    /// The label asks for an age, and none is known.
    AgeUnknown {
        guardian_helps: bool,
    },
    /// The label admits no one.
    Never,
}

impl Admission {
    pub fn is_admitted(&self) -> bool {
        matches!(self, Admission::Admitted | Admission::Accompanied)
    }
}

impl Admits {
    /// Whether `watcher` may watch on `day`, a day where the territory is.
    pub fn judge(&self, watcher: &Watcher, day: Date) -> Admission {
        match self {
            Admits::Everyone => Admission::Admitted,
            Admits::NoOne => Admission::Never,
            Admits::From(from) => from.judge(watcher, day),
        }
    }
    /// The age that it asks of somebody who watches alone; none where it asks for none or admits no one.
    pub fn age(&self) -> Option<u8> {
        match self {
            Admits::From(from) => Some(from.age),
            Admits::Everyone | Admits::NoOne => None,
        }
    }
}

impl From {
    fn judge(&self, watcher: &Watcher, day: Date) -> Admission {
        let Some(born) = watcher.born.filter(|born| *born <= day) else {
            return match (self.with_guardian, watcher.with_guardian) {
                (Some(0), true) => Admission::Accompanied,
                (Some(0), false) => Admission::AgeUnknown { guardian_helps: true },
                _ => Admission::AgeUnknown { guardian_helps: false },
            };
        };
        // The age that a guardian's company asks for is counted by the birthday.
        let company = self.with_guardian.is_some_and(|age| reached(born, age, Counted::Birthday, day));
        match (reached(born, self.age, self.counted, day), company, watcher.with_guardian) {
            (true, ..) => Admission::Admitted,
            (false, true, true) => Admission::Accompanied,
            (false, guardian_helps, _) => {
                Admission::TooYoung { from: first_day(born, self.age, self.counted), guardian_helps }
            }
        }
    }
}

impl Label {
    /// Whether a list or table means this label by `text`.
    pub fn is_spelt(&self, text: &str) -> bool {
        let marked = |tail: &str| !self.marks.is_empty() && are_marks(&self.marks, tail);
        text == self.code
            || self.also.iter().any(|other| other == text)
            || text.strip_prefix(&self.code).and_then(|rest| rest.strip_prefix('-')).is_some_and(marked)
    }
    /// In the language of a tag such as `vi` or `ko-KR`; English where there is none.
    pub fn name(&self, language: &str) -> &str {
        name(&self.names, language)
    }
}

/// Whether `tail` is some of the marks, each at most once and in their order.
fn are_marks(marks: &[String], tail: &str) -> bool {
    let rest = marks.iter().fold(tail, |rest, mark| rest.strip_prefix(mark.as_str()).unwrap_or(rest));
    !tail.is_empty() && rest.is_empty()
}

pub(crate) fn name<'a>(names: &'a Names, language: &str) -> &'a str {
    let language = language.split('-').next().unwrap_or_default();
    names.get(language).or_else(|| names.get("en")).map_or("", String::as_str)
}

/// Why a label is given: what a viewer is warned of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Descriptor {
    /// The same in every pack for the same thing: `violence`.
    pub code: String,
    pub names: Names,
    /// The territory's own code for it in lists and forms: `VI`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trade: Option<String>,
}

/// What must stand between a viewer and titles of these labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lock {
    pub labels: Vec<String>,
    pub needs: Vec<Need>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// Parents can hide or lock the title.
    ParentalControl,
    /// A number that only the holder of the account knows, asked before it plays.
    Pin,
    /// The age was shown by more than saying so.
    AgeProof,
}

#[cfg(test)]
mod tests;
