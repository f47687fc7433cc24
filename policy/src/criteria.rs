//! Criteria: from what a film shows to the lowest label that allows it.

use serde::{Deserialize, Serialize};

/// What each label allows of one descriptor, from the lowest label to the highest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    pub descriptor: String,
    pub levels: Vec<Level>,
}

/// What one label allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Level {
    pub label: String,
    /// The strongest that it allows.
    pub most: Strength,
    /// In which manner it does not allow even that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub never: Vec<Manner>,
    /// In which manner it must be shown; not asked where nothing is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<Manner>,
}

/// How strongly it works on a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    None,
    Mild,
    Medium,
    Strong,
    /// Beyond what any label for the public allows.
    Excessive,
}

/// How something is shown, where that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    Detailed,
    Frequent,
    Long,
    /// Tension that does not let go.
    Continuous,
    CloseUp,
    /// Nudity as part of sex.
    Sexual,
    /// How drugs are made or traded.
    Trade,
    /// It harms or harasses people.
    Harassing,
    /// Shown in order to condemn it or to teach against it.
    Condemned,
    /// It ends well.
    Reassuring,
}

/// What somebody who watched the film noted, of a scene or of the whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    pub descriptor: String,
    pub strength: Strength,
    #[serde(default)]
    pub manner: Vec<Manner>,
}

impl Level {
    pub fn allows(&self, mark: &Mark) -> bool {
        let shows = |manner: &Manner| mark.manner.contains(manner);
        mark.strength == Strength::None
            || mark.strength <= self.most && !self.never.iter().any(shows) && self.only.iter().all(shows)
    }
}

impl Criteria {
    /// The lowest level that allows the mark; none where even the last does not.
    pub fn lowest(&self, mark: &Mark) -> Option<&Level> {
        self.levels.iter().find(|level| level.allows(mark))
    }
}

#[cfg(test)]
mod tests;
