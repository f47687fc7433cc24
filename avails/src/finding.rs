//! What is wrong with a line, where, and what to do.

use serde::{Deserialize, Serialize};

use crate::MAX_FINDINGS;

/// Something about one cell or element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: Severity,
    /// `sheet Movies, cell D4 (Territory)`, or `line 41, Territory`.
    pub place: String,
    /// What was found and what was expected.
    pub says: String,
    /// What to do; may be empty.
    pub remedy: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The line gives a window all the same.
    Warning,
    /// The line gives no window.
    Error,
}

/// Findings as they come, with a limit on how many are kept.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub kept: Vec<Finding>,
    pub errors: u32,
    pub warnings: u32,
}

/// What is wrong with one value, before its place is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub says: String,
    pub remedy: String,
}

impl Wrong {
    pub fn new(says: impl Into<String>, remedy: impl Into<String>) -> Wrong {
        Wrong { says: says.into(), remedy: remedy.into() }
    }
}

impl From<media::Error> for Wrong {
    fn from(error: media::Error) -> Wrong {
        let places: String = error.places.iter().map(|place| format!("{place}: ")).collect();
        Wrong { says: places + &error.message, remedy: error.remedy }
    }
}

impl From<Wrong> for media::Error {
    fn from(wrong: Wrong) -> media::Error {
        media::Error::invalid(wrong.says).remedy(wrong.remedy)
    }
}

impl Findings {
    pub fn error(&mut self, place: impl std::fmt::Display, wrong: Wrong) {
        self.errors += 1;
        self.keep(Severity::Error, place.to_string(), wrong);
    }
    pub fn warn(&mut self, place: impl std::fmt::Display, wrong: Wrong) {
        self.warnings += 1;
        self.keep(Severity::Warning, place.to_string(), wrong);
    }
    /// An error takes the place of a warning where there is no room for both.
    fn keep(&mut self, severity: Severity, place: String, Wrong { says, remedy }: Wrong) {
        if self.kept.len() == MAX_FINDINGS
            && severity == Severity::Error
            && let Some(at) = self.kept.iter().rposition(|f| f.severity == Severity::Warning)
        {
            self.kept.remove(at);
        }
        if self.kept.len() < MAX_FINDINGS {
            self.kept.push(Finding { severity, place, says, remedy });
        }
    }
}

/// A value as it is shown: its beginning, quoted.
pub(crate) fn shown(text: &str) -> String {
    format!("{:?}", text.chars().take(40).collect::<String>())
}
