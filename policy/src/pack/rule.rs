//! A rule of a pack: what holds, where that is written, from when to when, and how sure that is.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::advisory::Display;
use crate::criteria::Criteria;
use crate::label::{Descriptor, Label, Lock};
use crate::pack::clock::Clock;
use crate::pack::duty::{
    AgeProof, Children, Clearance, Keep, Notify, Readiness, SelfRating, Stale, Store, Travel,
};

/// One revision of a rule. Several with the same id follow one another in time and never overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `vn.label.t16`: the territory in small letters, then words with hyphens, joined by full stops.
    pub id: String,
    /// What it says, in a sentence.
    pub says: String,
    /// The provision: law and article, or the document that is not law.
    pub law: String,
    /// Where that was read.
    pub source: String,
    pub certainty: Certainty,
    /// The first day on which it holds, where the territory is; none: it was so when it was first read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub from: Option<Date>,
    /// The last day on which it holds; none: no end is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub until: Option<Date>,
    /// What is not clear about it. `is` is then the stricter reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    /// The other readings that there are, for a position to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// It decides nothing: it is there to be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub information_only: bool,
    pub is: Body,
}

/// Another way to read a rule that is not clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reading {
    pub name: String,
    pub says: String,
    /// What the rule is when read so; none: it does not hold at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Body>,
}

/// How a rule was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// In a page that quotes or reports the provision.
    Cited,
    /// In pages that are cut short, weak, or conflict.
    Partly,
    /// Nowhere: from memory.
    Recalled,
    /// Concluded from other rules.
    Inferred,
    /// No law says it: the house asks it of itself.
    House,
}

/// What a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    Label(Label),
    Descriptor(Descriptor),
    Criteria(Criteria),
    Display(Display),
    Lock(Lock),
    Clock(Clock),
    SelfRating(SelfRating),
    Stale(Stale),
    Keep(Keep),
    Store(Store),
    Readiness(Readiness),
    Notify(Notify),
    Clearance(Clearance),
    Children(Children),
    AgeProof(AgeProof),
    Travel(Travel),
    /// Only its sentence.
    Note,
}

impl Body {
    /// Its kind, as it is written in a pack.
    pub fn kind(&self) -> &'static str {
        match self {
            Body::Label(_) => "label",
            Body::Descriptor(_) => "descriptor",
            Body::Criteria(_) => "criteria",
            Body::Display(_) => "display",
            Body::Lock(_) => "lock",
            Body::Clock(_) => "clock",
            Body::SelfRating(_) => "self-rating",
            Body::Stale(_) => "stale",
            Body::Keep(_) => "keep",
            Body::Store(_) => "store",
            Body::Readiness(_) => "readiness",
            Body::Notify(_) => "notify",
            Body::Clearance(_) => "clearance",
            Body::Children(_) => "children",
            Body::AgeProof(_) => "age-proof",
            Body::Travel(_) => "travel",
            Body::Note => "note",
        }
    }
}

impl Rule {
    /// Whether it holds on this day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
    /// Whether somebody should ask a lawyer before relying on it.
    pub fn is_uncertain(&self) -> bool {
        self.certainty != Certainty::Cited || self.doubt.is_some()
    }
}
