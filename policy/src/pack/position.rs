//! Positions: how the house reads a rule that is not clear, who said so, and on what basis.
//!
//! A pack gives the stricter reading and names the others. A position chooses one of those; it cannot
//! say anything that the pack does not, and it cannot touch a rule that is clear. When it ends, the
//! stricter reading is back.

use jiff::civil::Date;
use media::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::decision::Sealed;
use crate::pack::Packs;
use crate::pack::rule::{Reading, Rule};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The rule, by its id.
    pub rule: String,
    /// The name of the reading that is taken.
    pub reading: String,
    /// The document that says who reads it so, an authority's officer or a lawyer, and how that was said:
    /// a letter with its number, an opinion, a talk.
    pub basis: Sealed,
    /// The first day on which the house reads it so.
    pub from: Date,
    /// The last; none: until it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Position {
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// The reading that it takes of this revision; none where the revision does not know it.
    pub fn reading<'a>(&self, rule: &'a Rule) -> Option<&'a Reading> {
        rule.readings.iter().find(|reading| reading.name == self.reading)
    }

    /// Fails unless it can be taken on a rule of these packs.
    pub fn check(&self, packs: &Packs) -> Result<()> {
        if self.until.is_some_and(|until| until < self.from) {
            return Err(Error::invalid(format!("ends before it begins on {}", self.from)).at("until"));
        }
        let (_, revisions) = packs.explain(&self.rule).map_err(|e| e.at("rule"))?;
        let names: Vec<&str> =
            revisions.iter().flat_map(|rule| &rule.readings).map(|reading| reading.name.as_str()).collect();
        if names.contains(&self.reading.as_str()) {
            return Ok(());
        }
        let wrong =
            Error::invalid(format!("{:?} has no reading {:?}", self.rule, self.reading)).at("reading");
        Err(wrong.remedy(match names.is_empty() {
            true => "The pack names no doubt about this rule, so there is nothing to choose".into(),
            false => format!("Use one of {}", names.join(", ")),
        }))
    }
}
