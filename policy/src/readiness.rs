//! What the house enters about a territory that it wants to open: positions, licences, evidence, checks
//! that Phim ran, the register of risks, overrides, and that it opens, closes or is suspended.
//!
//! Invariants:
//! - An item of readiness is met by something dated, or by a check that Phim ran; nothing here is a tick.
//! - Instants end what they bound: at `until` it holds no longer. Whoever enters a day enters the instant
//!   at which the day after it begins in the territory.
//! - What a person wrote, and who said it, stands in the sealed document and not in the record.

use jiff::Timestamp;
use media::{Digest, Error, Result};
use serde::{Deserialize, Serialize};

use crate::decision::{Sealed, Staff};
use crate::pack::Position;
use crate::pack::duty::{Check, Kind};
use crate::territory::Territory;
use crate::text;

/// The house wants to offer works of these kinds there, and from now on the territory's pack judges it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    pub territory: Territory,
    /// Whether the house is established there.
    pub domestic: bool,
    /// In order, each once.
    pub kinds: Vec<Kind>,
}

/// The territory opens, as far as nothing is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    pub territory: Territory,
}

/// Something about a whole territory, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasoned {
    pub territory: Territory,
    pub reason: Sealed,
}

/// How an unclear rule is read from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionTaken {
    pub territory: Territory,
    pub position: Position,
}

/// Something about one rule of the pack, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfRule {
    pub territory: Territory,
    pub rule: String,
    pub reason: Sealed,
}

/// A person lets the territory be open without this item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overridden {
    pub territory: Territory,
    pub rule: String,
    pub reason: Sealed,
    /// When it ends; none: when it is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A licence, recognition or designation by an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    pub territory: Territory,
    /// What the pack calls it: `vod-licence`.
    pub grant: String,
    pub number: String,
    pub authority: String,
    /// The kinds of works that it covers; in order, each once.
    pub kinds: Vec<Kind>,
    pub from: Timestamp,
    /// When it expires; none: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The paper itself.
    pub document: Sealed,
}

/// A licence is taken back or given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenceEnded {
    pub territory: Territory,
    pub grant: String,
    pub number: String,
    pub reason: Sealed,
}

/// A dated document of the house that meets an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceEntered {
    pub territory: Territory,
    /// What the pack calls it: `rating-mechanism`.
    pub name: String,
    pub from: Timestamp,
    /// When it holds no longer; none: when it is taken back, or as the pack says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    pub document: Sealed,
}

/// The documents of this name count no longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceWithdrawn {
    pub territory: Territory,
    pub name: String,
    pub reason: Sealed,
}

/// Phim looked by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckRan {
    pub territory: Territory,
    pub check: Check,
    pub passed: bool,
    /// When it must look again; what it found holds no longer then.
    pub until: Timestamp,
    /// What it found.
    pub report: Sealed,
}

/// The removal of a title was rehearsed from end to end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillHeld {
    pub territory: Territory,
    pub title: String,
    pub passed: bool,
    /// From the order to the moment from which nothing forbidden would have left this node.
    pub milliseconds: u32,
    pub report: Sealed,
}

/// One line of the register of risks. The newer stands in the place of the earlier with its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    pub territory: Territory,
    /// A short name: `maps-in-the-background`.
    pub id: String,
    pub area: Area,
    /// 1 to 5.
    pub likelihood: u8,
    /// 1 to 5.
    pub impact: u8,
    pub owner: Staff,
    /// When somebody must have looked at it again.
    pub review: Timestamp,
    /// What the risk is and what is done against it.
    pub mitigation: Sealed,
}

impl Risk {
    /// Likelihood times impact: 1 to 25.
    pub fn score(&self) -> u8 {
        self.likelihood.saturating_mul(self.impact)
    }
}

/// What a risk is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    Security,
    Political,
    UserData,
    SensitiveContent,
}

impl Area {
    pub const ALL: [Area; 4] = [Area::Security, Area::Political, Area::UserData, Area::SensitiveContent];
}

/// A risk is none any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskDropped {
    pub territory: Territory,
    pub id: String,
    pub reason: Sealed,
}

/// Whoever decides this signs the register as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RisksSigned {
    pub territory: Territory,
    /// What is signed: the register's digest. See [`register_digest`].
    #[serde(with = "text::digest")]
    pub register: Digest,
}

/// The house asks an authority for a grant, within a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationSent {
    pub case: String,
    /// What the pack calls it: `self-rating-recognition`.
    pub grant: String,
    pub letter: Sealed,
}

/// What the authority decided about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationAnswered {
    pub case: String,
    pub grant: String,
    pub granted: bool,
    pub letter: Sealed,
}

/// What a signature under a register is about: SHA-256 of its risks as JSON, by their ids.
pub fn register_digest<'a>(risks: impl IntoIterator<Item = &'a Risk>) -> Digest {
    let mut risks: Vec<&Risk> = risks.into_iter().collect();
    risks.sort_by(|a, b| a.id.cmp(&b.id));
    Digest::of(serde_json::to_string(&risks).unwrap_or_default().as_bytes())
}

fn check_kinds(kinds: &[Kind]) -> Result<()> {
    let sorted = kinds.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
    if kinds.is_empty() || !sorted {
        return Err(Error::invalid("expected kinds of works in order, each once").at("kinds"));
    }
    Ok(())
}

/// A name as packs give them: small letters, digits and hyphens.
fn check_name(field: &str, name: &str) -> Result<()> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (1..=64).contains(&name.len()) && name.bytes().all(fits) {
        return Ok(());
    }
    Err(Error::invalid("expected 1 to 64 of a-z, 0-9 and `-`").at(field))
}

fn check_rule(rule: &str) -> Result<()> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    if (1..=100).contains(&rule.len()) && rule.bytes().all(fits) {
        return Ok(());
    }
    Err(Error::invalid("not the id of a rule").at("rule"))
}

fn check_text(field: &str, value: &str, most: usize) -> Result<()> {
    let count = value.chars().count();
    if count == 0 || count > most || value.chars().any(char::is_control) {
        return Err(Error::invalid(format!("expected 1 to {most} characters")).at(field));
    }
    Ok(())
}

fn check_order(from: Timestamp, until: Option<Timestamp>) -> Result<()> {
    if until.is_some_and(|until| until <= from) {
        return Err(Error::invalid(format!("ends before it begins at {from}")).at("until"));
    }
    Ok(())
}

impl Declared {
    pub(crate) fn check(&self) -> Result<()> {
        check_kinds(&self.kinds)
    }
}

impl PositionTaken {
    pub(crate) fn check(&self) -> Result<()> {
        let Position { rule, reading, from, until, .. } = &self.position;
        check_rule(rule)?;
        check_name("reading", reading)?;
        if until.is_some_and(|until| until < *from) {
            return Err(Error::invalid(format!("ends before it begins on {from}")).at("until"));
        }
        Ok(())
    }
}

impl OfRule {
    pub(crate) fn check(&self) -> Result<()> {
        check_rule(&self.rule)
    }
}

impl Overridden {
    pub(crate) fn check(&self) -> Result<()> {
        check_rule(&self.rule)
    }
}

impl Licence {
    pub(crate) fn check(&self) -> Result<()> {
        check_name("grant", &self.grant)?;
        check_text("number", &self.number, 100)?;
        check_text("authority", &self.authority, 200)?;
        check_kinds(&self.kinds)?;
        check_order(self.from, self.until)
    }
}

impl LicenceEnded {
    pub(crate) fn check(&self) -> Result<()> {
        check_name("grant", &self.grant)?;
        check_text("number", &self.number, 100)
    }
}

impl EvidenceEntered {
    pub(crate) fn check(&self) -> Result<()> {
        check_name("name", &self.name)?;
        check_order(self.from, self.until)
    }
}

impl EvidenceWithdrawn {
    pub(crate) fn check(&self) -> Result<()> {
        check_name("name", &self.name)
    }
}

impl DrillHeld {
    pub(crate) fn check(&self) -> Result<()> {
        if composition::span::is_title_id(&self.title) {
            return Ok(());
        }
        Err(Error::invalid(format!("{:?} is not a title id", self.title)).at("title"))
    }
}

impl Risk {
    pub(crate) fn check(&self) -> Result<()> {
        check_name("id", &self.id)?;
        for (field, value) in [("likelihood", self.likelihood), ("impact", self.impact)] {
            if !(1..=5).contains(&value) {
                return Err(Error::invalid("expected 1 to 5").at(field));
            }
        }
        Ok(())
    }
}

impl RiskDropped {
    pub(crate) fn check(&self) -> Result<()> {
        check_name("id", &self.id)
    }
}

impl ApplicationSent {
    pub(crate) fn check(&self) -> Result<()> {
        check_text("case", &self.case, 350)?;
        check_name("grant", &self.grant)
    }
}

impl ApplicationAnswered {
    pub(crate) fn check(&self) -> Result<()> {
        check_text("case", &self.case, 350)?;
        check_name("grant", &self.grant)
    }
}
