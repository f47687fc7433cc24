//! An order: what an authority demands, as it was written and as it is understood.
//!
//! Invariants:
//! - An order is what was written. What the house adds (deadlines that the law gives, source frames)
//!   stands in the record that places it, so that the same order sent again is equal to itself.
//! - Authority and number name it; both are in Unicode's composed form without double spaces.
//! - A region belongs to blur or mask, a card to a replacement; a withdrawal takes whole parts.

use std::fmt;

use composition::span::is_title_id;
use jiff::Timestamp;
use jiff::civil::Date;
use media::{Digest, Error, Result};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::pack::{Deadline, Packs, Step};
use crate::scope::Scope;
use crate::territory::Territory;
use crate::text;

mod read;

pub(crate) use read::parse;

/// Frames that a range may be widened by at each end, at most.
pub const MAX_MARGIN: u32 = 1_000;
pub const MAX_ATTACHMENTS: usize = 100;
/// Bytes of an order as JSON at most.
pub const MAX_JSON: usize = 1 << 18;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    pub authority: String,
    pub number: String,
    /// The day it bears.
    pub date: Date,
    pub legal_basis: String,
    /// The reason that the authority states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Which of the pack's clocks it goes by; none: the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// In order, each once, never none.
    pub territories: Vec<Territory>,
    pub work: Work,
    /// What is to be treated.
    pub scope: Scope,
    pub operation: Operation,
    /// What stands in the place of what is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardText>,
    /// The places that the order quotes as its grounds; nothing is done to them for that alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cited: Option<Scope>,
    /// When the authority looked: times are read on the composition that was live then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked: Option<Timestamp>,
    /// From when it binds, which may lie ahead; none: from when it is placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// Until when it binds; none: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// By when what is ordered must be done, where the order says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removal_due: Option<Timestamp>,
    /// By when the authority must have its report, where the order says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_due: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Frames that every range is widened by at each end.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub margin: u32,
    /// The case that it belongs to; none: one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Work {
    /// Everything that the house shows.
    Service,
    /// A title by its id: a film, or a series with all its episodes.
    Title(String),
}

/// What is done, strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    Withdraw,
    Cut,
    /// A card in place of what is cut.
    Replace,
    Mask,
    Blur,
    Mute,
    DropText,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CardText {
    /// How long it stands: 1 to 600.
    pub seconds: u32,
    /// From top to bottom.
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// BCP 47.
    pub language: String,
    pub text: String,
}

/// A document that came with the order, by its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    #[serde(with = "text::digest")]
    #[cfg_attr(test, schemars(with = "String", regex(pattern = "^[0-9a-f]{64}$")))]
    pub digest: Digest,
    pub name: String,
}

/// Authority and number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderId {
    pub authority: String,
    pub number: String,
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.authority, self.number)
    }
}

impl OrderId {
    /// The id in the form in which it is stored.
    pub fn new(authority: &str, number: &str) -> OrderId {
        OrderId { authority: settled(authority), number: settled(number) }
    }
}

/// When an order's clocks run out, and on what basis.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removal: Option<Deadline>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Deadline>,
}

impl Order {
    pub fn id(&self) -> OrderId {
        OrderId { authority: self.authority.clone(), number: self.number.clone() }
    }

    /// The case that it belongs to.
    pub fn case_id(&self) -> String {
        self.case.clone().unwrap_or_else(|| self.id().to_string())
    }

    /// From when it binds when it is placed at `placed`.
    pub fn starts(&self, placed: Timestamp) -> Timestamp {
        self.start.unwrap_or(placed)
    }

    /// Its deadlines: what it says, or else the earliest that the packs of its territories gave on the day
    /// on which it was placed.
    ///
    /// Fails on a route that a pack did not have on that day.
    pub fn due(&self, packs: &Packs, placed: Timestamp) -> Result<Due> {
        let start = self.starts(placed);
        let stated = |at: Option<Timestamp>| at.map(|at| Deadline { at, basis: "order".into() });
        let mut due = Due { removal: stated(self.removal_due), report: stated(self.report_due) };
        for pack in self.territories.iter().filter_map(|t| packs.get(*t)) {
            let rules = pack.at(pack.day(placed));
            let by_law =
                |step| rules.order_due(self.route.as_deref(), step, start, placed).map_err(|e| e.at("route"));
            let (removal, report) = (by_law(Step::Removal)?, by_law(Step::Report)?);
            if self.removal_due.is_none() {
                due.removal = earlier(due.removal, removal);
            }
            if self.report_due.is_none() {
                due.report = earlier(due.report, report);
            }
        }
        Ok(due)
    }

    /// Whether any of its territories wants a second person before it takes effect.
    pub fn needs_second_person(&self, packs: &Packs) -> bool {
        self.territories.iter().filter_map(|t| packs.get(*t)).any(|pack| pack.second_person)
    }

    /// The fields in which this order and `other` differ, each as `field: this, not that`.
    pub fn differences(&self, other: &Order) -> Vec<String> {
        let fields = |order: &Order| serde_json::to_value(order).unwrap_or_default();
        let (mine, theirs) = (fields(self), fields(other));
        let names = [&mine, &theirs].into_iter().filter_map(|v| v.as_object()).flat_map(|o| o.keys());
        let names: std::collections::BTreeSet<&String> = names.collect();
        let differing = names.into_iter().filter(|name| mine.get(*name) != theirs.get(*name));
        differing
            .map(|name| format!("{name}: {}, not {}", brief(mine.get(name)), brief(theirs.get(name))))
            .collect()
    }

    /// What every order must keep to, whether it was read from JSON or from a record.
    pub fn check(&self) -> Result<()> {
        for (field, value, most) in [
            ("authority", Some(&self.authority), 200),
            ("number", Some(&self.number), 100),
            ("legal_basis", Some(&self.legal_basis), 2_000),
            ("reason", self.reason.as_ref(), 5_000),
            ("route", self.route.as_ref(), 100),
            ("case", self.case.as_ref(), 350),
        ] {
            value.map_or(Ok(()), |v| check_text(v, most)).map_err(|e| e.at(field))?;
        }
        for (field, value) in [("authority", &self.authority), ("number", &self.number)] {
            if *value != settled(value) {
                return Err(Error::invalid("is not in composed form without double spaces").at(field));
            }
        }
        self.check_territories().map_err(|e| e.at("territories"))?;
        self.scope.check().map_err(|e| e.at("scope"))?;
        self.cited.as_ref().map_or(Ok(()), Scope::check).map_err(|e| e.at("cited"))?;
        self.check_work().map_err(|e| e.at("work"))?;
        self.check_operation()?;
        self.check_instants()?;
        if self.margin > MAX_MARGIN {
            return Err(Error::invalid(format!("{} frames; expected at most {MAX_MARGIN}", self.margin))
                .remedy("Widen the ranges themselves")
                .at("margin"));
        }
        self.check_attachments().map_err(|e| e.at("attachments"))
    }

    fn check_territories(&self) -> Result<()> {
        if self.territories.is_empty() {
            return Err(Error::invalid("none is named").remedy("Name at least one, such as VN"));
        }
        match self.territories.windows(2).find(|pair| pair[0] >= pair[1]) {
            Some(pair) if pair[0] == pair[1] => Err(Error::invalid(format!("{} is named twice", pair[0]))),
            Some(pair) => Err(Error::invalid(format!("{} stands before {}", pair[0], pair[1]))),
            None => Ok(()),
        }
    }

    fn check_work(&self) -> Result<()> {
        match &self.work {
            Work::Title(id) if !is_title_id(id) => Err(Error::invalid(format!("{id:?} is not a title id"))
                .remedy("Use 1 to 64 of a-z, 0-9, `-`, `_` and `.`")),
            Work::Service
                if self.operation != Operation::Withdraw || self.scope.parts != Scope::whole().parts =>
            {
                Err(Error::unsupported("a service can only be withdrawn as a whole")
                    .remedy("Name the titles, or use withdraw with the scope `whole`"))
            }
            _ => Ok(()),
        }
    }

    fn check_operation(&self) -> Result<()> {
        let op = self.operation;
        let veils = matches!(op, Operation::Blur | Operation::Mask);
        let boxed = self.scope.parts.iter().flat_map(|p| &p.ranges).any(|r| !r.path.is_empty());
        if op == Operation::Withdraw && self.scope.has_ranges() {
            return Err(Error::invalid("a withdrawal takes whole titles, seasons or episodes")
                .remedy(
                    "Put the places that the order quotes into `cited`, or cut where only scenes are demanded",
                )
                .at("scope"));
        }
        if boxed && !veils {
            return Err(Error::invalid("a region belongs to blur or mask")
                .remedy("Leave the region out, or blur or mask it")
                .at("scope"));
        }
        match (&self.card, op == Operation::Replace) {
            (None, true) => Err(Error::invalid("a replacement needs a card")
                .remedy("Give `card` with its seconds and lines")
                .at("card")),
            (Some(_), false) => {
                Err(Error::invalid("a card belongs to a replacement").remedy("Leave `card` out").at("card"))
            }
            (Some(card), true) => card.check().map_err(|e| e.at("card")),
            (None, false) => Ok(()),
        }
    }

    fn check_instants(&self) -> Result<()> {
        for (field, instant) in [
            ("looked", self.looked),
            ("start", self.start),
            ("until", self.until),
            ("removal_due", self.removal_due),
            ("report_due", self.report_due),
        ] {
            if instant.is_some_and(|at| !crate::instant::within(at)) {
                return Err(Error::invalid("expected a year from 2000 to 2199").at(field));
            }
        }
        if let (Some(start), Some(until)) = (self.start, self.until)
            && until <= start
        {
            return Err(Error::invalid(format!("{until} is not after the start, {start}"))
                .remedy("Leave it out for an order without end")
                .at("until"));
        }
        Ok(())
    }

    fn check_attachments(&self) -> Result<()> {
        if self.attachments.len() > MAX_ATTACHMENTS {
            return Err(Error::unsupported(format!("{} of them", self.attachments.len()))
                .remedy(format!("Give at most {MAX_ATTACHMENTS}")));
        }
        self.attachments
            .iter()
            .enumerate()
            .try_for_each(|(n, a)| check_text(&a.name, 200).map_err(|e| e.at(format!("[{n}].name"))))
    }
}

impl CardText {
    /// The card: white on black, every line at normal size.
    pub fn card(&self) -> composition::Card {
        composition::Card::plain(self.lines.iter().map(|l| (l.language.clone(), l.text.clone())))
    }
    fn check(&self) -> Result<()> {
        if !(1..=600).contains(&self.seconds) {
            return Err(Error::invalid(format!("{}; expected 1 to 600", self.seconds)).at("seconds"));
        }
        if self.lines.is_empty() || self.lines.len() > composition::card::MAX_CARD_LINES {
            return Err(Error::invalid(format!(
                "{} of them; expected 1 to {}",
                self.lines.len(),
                composition::card::MAX_CARD_LINES
            ))
            .at("lines"));
        }
        for (n, line) in self.lines.iter().enumerate() {
            let place = |e: Error, field: &str| e.at(format!("lines[{n}].{field}"));
            media::text::language_tag(&line.language).map_err(|e| place(e, "language"))?;
            check_text(&line.text, composition::card::MAX_CARD_TEXT).map_err(|e| place(e, "text"))?;
        }
        Ok(())
    }
}

fn earlier(a: Option<Deadline>, b: Option<Deadline>) -> Option<Deadline> {
    [a, b].into_iter().flatten().min_by_key(|deadline| deadline.at)
}

/// A name in the one form in which it is stored: Unicode NFC, single spaces.
fn settled(text: &str) -> String {
    let composed: String = text.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check_text(text: &str, most: usize) -> Result<()> {
    let count = text.chars().count();
    if text.trim().is_empty() || count > most {
        return Err(Error::invalid(format!("{count} characters; expected 1 to {most}")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Error::invalid("control characters are not accepted"));
    }
    Ok(())
}

fn brief(value: Option<&serde_json::Value>) -> String {
    let Some(value) = value else { return "nothing".into() };
    // Of a scope, what was written says it best.
    let text = value.get("written").unwrap_or(value).to_string();
    if text.chars().count() <= 80 { text } else { text.chars().take(77).chain("...".chars()).collect() }
}

#[cfg(test)]
mod tests;
