//! Duties of a pack that are neither label nor clock: who may rate, what makes a label stale, what is
//! kept and where, what must exist before a territory opens.

use serde::{Deserialize, Serialize};

use crate::pack::clock::Within;

/// Who may decide a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SelfRating {
    /// What an operator needs before its own label counts; none: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// For how long that holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Within>,
    /// Which kinds of work it is about.
    pub kinds: Vec<Kind>,
    /// How it may be done: any one of these is enough. Empty: no source says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub how: Vec<String>,
    /// Labels that an operator may not give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not: Vec<String>,
    /// Who rates what the operator may not.
    pub otherwise: String,
}

/// What a work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Film,
    Programme,
    News,
}

/// What belongs to one composition, and no longer counts when an edit made another of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stale {
    pub what: Vec<Paper>,
    /// Edits of these kinds make it stale. Every kind that is not named leaves it as it was.
    pub by: Vec<Change>,
    /// How long rating it again takes; none: no source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_within: Option<Within>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Paper {
    Label,
    Certificate,
    Notification,
}

/// What an edit does to a composition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    Cut,
    Blur,
    Mask,
    Mute,
    Card,
    TextDrop,
    /// More sound or subtitles.
    Track,
}

impl Change {
    pub const ALL: [Change; 7] = [
        Change::Cut,
        Change::Blur,
        Change::Mask,
        Change::Mute,
        Change::Card,
        Change::TextDrop,
        Change::Track,
    ];
}

/// For how long something is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Keep {
    pub what: Vec<String>,
    /// How long at least; none: no source says, so it is not thrown away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Within>,
    pub of: Operator,
}

/// Where data of people is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Store {
    pub what: Vec<String>,
    pub of: Operator,
    /// Whether it binds only once an authority has decided so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_decision: bool,
    /// How long the operator then has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
}

/// Whom a duty binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Operator {
    /// Established in the territory.
    Domestic,
    Foreign,
    Any,
}

impl Operator {
    /// Whether a duty of `self` binds an operator of this sort.
    pub fn binds(self, domestic: bool) -> bool {
        match self {
            Operator::Any => true,
            Operator::Domestic => domestic,
            Operator::Foreign => !domestic,
        }
    }
}

/// What must exist before a territory opens, and for as long as it is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Readiness {
    /// What it is called for people, by language.
    pub names: crate::label::Names,
    pub of: Operator,
    /// It is asked of houses that offer a work of one of these kinds.
    pub kinds: Vec<Kind>,
    /// Any one of these meets it.
    pub met_by: Vec<Evidence>,
    /// How old that evidence may be; none: until its own expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh: Option<Within>,
    /// Whether the territory stays closed without it.
    pub mandatory: bool,
    /// How long an open territory may stay open once it is missing; none: not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<Within>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// A licence, recognition or designation by an authority, with number, scope and expiry.
    Grant(String),
    /// A dated document of the house.
    Document(String),
    /// Something that Phim finds out by itself.
    Check(Check),
}

/// What Phim finds out by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Parents can hide titles by label, and viewers can read how.
    ParentalControl,
    /// Viewers can report a title.
    ReportButton,
    /// Every title on offer was notified.
    TitlesNotified,
    /// Every title on offer has a label.
    TitlesRated,
    /// The store of viewers of this territory stands in it.
    ViewerStore,
    /// The register of risks is complete and signed.
    RiskAssessment,
    /// An order was rehearsed from end to end.
    RemovalDrill,
    /// Labels and warnings are shown as the pack says.
    LabelsShown,
}

/// Who must know of what before it plays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Notify {
    pub what: Vec<String>,
    pub to: String,
    pub kinds: Vec<Kind>,
    /// Whether it must be done before the first play; else a clock of the pack says by when.
    pub before_first_play: bool,
}

/// What needs an authority's look beside the film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Clearance {
    pub what: Vec<String>,
    pub by: String,
}

/// What a parent or other representative does for a child.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Children {
    /// Completed years below which it is asked.
    pub under: u8,
    pub acts: Vec<ChildAct>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ChildAct {
    /// Opening an account.
    Account,
    /// Agreeing that data about the child is used.
    DataConsent,
}

/// By what nobody may be made to show their age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AgeProof {
    pub not_by: Vec<String>,
}

/// Which rules hold for a viewer who is away from home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Travel {
    /// Those of the place where the viewer is.
    Place,
    /// Those of the account's home.
    Home,
    /// Those of both.
    Both,
}
