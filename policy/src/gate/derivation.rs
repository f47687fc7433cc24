//! How an answer came about: every rule that was asked, and what it said.

use jiff::Timestamp;
use serde::Serialize;

use crate::pack;

/// One rule that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    pub concern: Concern,
    /// The title that it is about; empty: none.
    pub title: String,
    pub from: Source,
    /// What it said, in English.
    pub says: String,
    /// Whether it lets the film play.
    pub allows: bool,
    /// When it may say something else; none: no such instant is known.
    pub until: Option<Timestamp>,
}

/// What is asked, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concern {
    Territory,
    Order,
    Window,
    Label,
    Age,
    Lock,
    Payment,
    Language,
    Device,
}

/// Where a rule stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A record: an order, an avail, a label, by its name.
    Record(String),
    /// A rule of a pack.
    Pack { rule: String, law: String },
    /// What the question says of the viewer.
    Viewer,
    /// The gate's own: what is not known is refused.
    House,
}

impl Source {
    pub(super) fn pack(rule: &pack::Rule) -> Source {
        Source::Pack { rule: rule.id.clone(), law: rule.law.clone() }
    }
}

/// Who listens while the gate decides. A decision that nobody wants explained pays nothing for it.
pub(super) trait Notes {
    fn note(&mut self, step: impl FnOnce() -> Step);
}

impl Notes for () {
    fn note(&mut self, _: impl FnOnce() -> Step) {}
}

impl Notes for Vec<Step> {
    fn note(&mut self, step: impl FnOnce() -> Step) {
        self.push(step());
    }
}

impl Step {
    pub(super) fn new(
        concern: Concern,
        title: &str,
        from: Source,
        says: impl Into<String>,
        allows: bool,
    ) -> Step {
        Step { concern, title: title.into(), from, says: says.into(), allows, until: None }
    }
    pub(super) fn until(self, until: Option<Timestamp>) -> Step {
        Step { until, ..self }
    }
}
