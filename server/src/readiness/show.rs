//! A territory's readiness as the desk and programs see it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use media::error::{Error, Result};
use policy::Sealed;
use policy::pack::duty::{Check, Evidence, Kind};
use policy::pack::{Pack, Position, Reading};
use policy::readiness::{Area, Risk};
use policy::state::{Dossier, Gap, Held, Item, Openness, Override, Shut, Stands, Turned};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::trial::TrialView;
use crate::case::{self, CaseLine};
use crate::house::House;

/// Whether a territory is open.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Stand {
    /// `undeclared`, `open`, `never-opened`, `closed`, `missing` (opened, but a mandatory item is missing) or
    /// `suspended`.
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Who closed or suspended it, as a pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One territory in a list.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = TerritoryLine)]
pub struct Line {
    pub territory: String,
    pub stand: Stand,
    /// Mandatory items that are missing and that nobody answers for.
    pub missing: usize,
    pub overridden: usize,
    /// The first instant at which an item that is missing closes it, or one that is met ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next: Option<Timestamp>,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Territories {
    pub territories: Vec<Line>,
    /// Whether what the house has not declared is served without asking law and contracts.
    #[serde(default)]
    pub trial: TrialView,
}

/// What the pack asks for, and how it stands.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Readiness)]
pub struct ReadinessView {
    pub territory: String,
    /// Its time zone (IANA).
    pub zone: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub stand: Stand,
    pub domestic: bool,
    /// Kinds of works that the house offers there: `film`, `programme`, `news`.
    #[schema(value_type = Vec<String>)]
    pub kinds: Vec<Kind>,
    /// In the order of the pack.
    pub items: Vec<ItemView>,
    pub positions: Vec<PositionView>,
    /// Rules of today that can be read in more than one way.
    #[serde(default)]
    pub unclear: Vec<UnclearView>,
    pub licences: Vec<LicenceView>,
    pub evidence: Vec<EvidenceView>,
    pub checks: Vec<CheckView>,
    pub register: RegisterView,
    /// Cases with authorities about this territory: who waits for whom, and for how long each side was
    /// waited for.
    pub cases: Vec<CaseLine>,
    /// The next instant at which any of this may be another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_change: Option<Timestamp>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ReadinessItem)]
pub struct ItemView {
    pub rule: String,
    pub says: String,
    pub law: String,
    /// By language.
    pub names: BTreeMap<String, String>,
    pub mandatory: bool,
    /// Any one of these meets it.
    pub met_by: Vec<Satisfier>,
    /// How old that may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh: Option<String>,
    /// `met`, `missing`, `overridden` or `not-asked` (as the house reads the rule).
    pub state: String,
    /// What meets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Satisfier>,
    /// Since when it is met or missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// When what meets it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// When the territory closes because it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deadline: Option<Timestamp>,
    /// What a check found that is not as it should be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<OverrideView>,
    /// The reading that the house takes of the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
}

/// What can meet an item.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Satisfier {
    /// `grant`, `document` or `check`.
    pub kind: String,
    pub name: String,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Override)]
pub struct OverrideView {
    /// The person who answers for it, as a pseudonym.
    pub by: String,
    pub reason: String,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Position)]
pub struct PositionView {
    pub rule: String,
    pub reading: String,
    /// Who reads it so; empty when it was erased.
    pub said_by: String,
    pub basis: String,
    pub from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether the house reads the rule so today.
    pub holds: bool,
}

/// A rule that is not clear, as the pack reads it and as it may be read.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = UnclearRule)]
pub struct UnclearView {
    pub rule: String,
    pub says: String,
    pub law: String,
    /// What is not clear about it; may be empty.
    pub doubt: String,
    pub readings: Vec<ReadingView>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Reading)]
pub struct ReadingView {
    pub name: String,
    pub says: String,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Licence)]
pub struct LicenceView {
    pub grant: String,
    pub number: String,
    pub authority: String,
    #[schema(value_type = Vec<String>)]
    pub kinds: Vec<Kind>,
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// When it was taken back or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended: Option<Timestamp>,
    pub document: String,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ReadinessEvidence)]
pub struct EvidenceView {
    pub name: String,
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended: Option<Timestamp>,
    /// Who entered it, as a pseudonym.
    pub by: String,
    /// The commitment to it.
    pub document: String,
    /// Its words; empty where it is a file.
    pub text: String,
}

/// What Phim found by itself, or rehearsed.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ReadinessCheck)]
pub struct CheckView {
    pub check: String,
    pub passed: bool,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// What it found, in sentences and figures.
    #[schema(value_type = Object)]
    pub report: Value,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = RiskRegister)]
pub struct RegisterView {
    /// What a signature is about.
    pub digest: String,
    /// The highest score first.
    pub risks: Vec<RiskView>,
    /// Who signed it as it stands, as pseudonyms, and when.
    #[schema(value_type = Vec<Vec<String>>)]
    pub signed: Vec<(String, Timestamp)>,
    pub gaps: Vec<String>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Risk)]
pub struct RiskView {
    pub id: String,
    /// `security`, `political`, `user-data` or `sensitive-content`.
    #[schema(value_type = String)]
    pub area: Area,
    pub likelihood: u8,
    pub impact: u8,
    pub score: u8,
    /// A pseudonym.
    pub owner: String,
    pub mitigation: String,
    /// When somebody must have looked at it again.
    #[schema(value_type = String, format = DateTime)]
    pub review: Timestamp,
}

/// Every territory that has a pack.
pub fn list(house: &House) -> Territories {
    let (snapshot, now) = (house.snapshot(), Timestamp::now());
    let line = |pack: &Pack| {
        let openness = snapshot.state.openness(pack, now);
        let items = snapshot.state.readiness(pack, now);
        let missing = |item: &&Item| matches!(item.stands, Stands::Missing { .. }) && item.mandatory;
        Line {
            territory: pack.territory.to_string(),
            stand: stand(&openness),
            missing: items.iter().filter(missing).filter(|item| item.overridden.is_none()).count(),
            overridden: items.iter().filter(missing).filter(|item| item.overridden.is_some()).count(),
            next: snapshot.state.dossier(pack.territory).and(snapshot.state.next_change_in(pack, now)),
        }
    };
    let trial = super::trial::view(&snapshot.state);
    Territories { territories: house.packs.iter().map(line).collect(), trial }
}

fn stand(openness: &Openness) -> Stand {
    let turned = |state: &str, turned: &Turned| Stand {
        state: state.into(),
        since: Some(turned.since),
        by: Some(turned.by.id().into()),
        reason: Some(turned.reason.0.to_string()),
    };
    let plain = |state: &str, since| Stand { state: state.into(), since, ..Stand::default() };
    match openness {
        Openness::Undeclared => plain("undeclared", None),
        Openness::Open { since, .. } => plain("open", Some(*since)),
        Openness::Closed { why: Shut::NeverOpened, .. } => plain("never-opened", None),
        Openness::Closed { why: Shut::Missing, .. } => plain("missing", None),
        Openness::Closed { why: Shut::ByHouse(by), .. } => turned("closed", by),
        Openness::Suspended(by) => turned("suspended", by),
    }
}

/// Everything about a territory, now or at an instant.
pub async fn view(house: &Arc<House>, pack: &Pack, at: Option<Timestamp>) -> Result<ReadinessView> {
    let snapshot = house.snapshot();
    let (state, now) = (&snapshot.state, at.unwrap_or_else(Timestamp::now));
    let none = Dossier::default();
    let dossier = state.dossier(pack.territory).unwrap_or(&none);
    let mut stand = stand(&state.openness(pack, now));
    if let Openness::Suspended(turned) | Openness::Closed { why: Shut::ByHouse(turned), .. } =
        state.openness(pack, now)
    {
        stand.reason = Some(words(house, turned.reason).await?);
    }
    let mut items = Vec::new();
    for item in state.readiness(pack, now) {
        let reason = match &item.overridden {
            Some(overridden) => words(house, overridden.reason).await?,
            None => String::new(),
        };
        items.push(item_view(item, reason));
    }
    let declared = dossier.declared.as_ref();
    Ok(ReadinessView {
        territory: pack.territory.to_string(),
        zone: pack.zone.to_string(),
        at: now,
        stand,
        domestic: declared.is_some_and(|d| d.domestic),
        kinds: declared.map(|d| d.kinds.clone()).unwrap_or_default(),
        items,
        positions: positions(house, pack, dossier, now).await?,
        unclear: unclear(pack, now),
        licences: dossier.licences.iter().map(licence_view).collect(),
        evidence: evidence(house, dossier).await?,
        checks: checks(house, dossier).await?,
        register: register(house, dossier, now).await?,
        cases: case::about(house, pack.territory),
        next_change: state.next_change_in(pack, now),
    })
}

fn item_view(item: Item, reason: String) -> ItemView {
    let overridden = item.overridden.as_ref().map(|Override { by, since, until, .. }| OverrideView {
        by: by.id().into(),
        reason,
        since: *since,
        until: *until,
    });
    let (state, by, since, until, deadline, gaps) = match item.stands {
        Stands::Met { by, since, until } => {
            ("met", Some(satisfier(&by)), Some(since), until, None, Vec::new())
        }
        Stands::NotAsked => ("not-asked", None, None, None, None, Vec::new()),
        Stands::Missing { since, deadline, gaps } => {
            let state = if overridden.is_some() { "overridden" } else { "missing" };
            (state, None, since, None, deadline, gaps.iter().map(gap).collect())
        }
    };
    ItemView {
        rule: item.rule,
        says: item.says,
        law: item.law,
        names: item.names.into_iter().collect(),
        mandatory: item.mandatory,
        met_by: item.met_by.iter().map(satisfier).collect(),
        fresh: item.fresh.map(|fresh| fresh.to_string()),
        state: state.into(),
        by,
        since,
        until,
        deadline,
        gaps,
        overridden,
        reading: item.position.map(|position| position.reading),
    }
}

fn satisfier(evidence: &Evidence) -> Satisfier {
    let (kind, name) = match evidence {
        Evidence::Grant(name) => ("grant", name.clone()),
        Evidence::Document(name) => ("document", name.clone()),
        Evidence::Check(check) => ("check", name_of(*check)),
    };
    Satisfier { kind: kind.into(), name }
}

/// A check as packs write it.
pub fn name_of(check: Check) -> String {
    serde_json::to_value(check).ok().and_then(|name| name.as_str().map(str::to_string)).unwrap_or_default()
}

/// `area:political`, `overdue:ID`, `unsigned:WHO` or `one-signature`.
fn gap(gap: &Gap) -> String {
    match gap {
        Gap::Area(area) => {
            let name = serde_json::to_value(area).unwrap_or_default();
            format!("area:{}", name.as_str().unwrap_or_default())
        }
        Gap::Overdue(id) => format!("overdue:{id}"),
        Gap::Unsigned(owner) => format!("unsigned:{}", owner.id()),
        Gap::OneSignature => "one-signature".into(),
    }
}

async fn positions(
    house: &House,
    pack: &Pack,
    dossier: &Dossier,
    now: Timestamp,
) -> Result<Vec<PositionView>> {
    let day = pack.day(now);
    let mut all = Vec::new();
    for (n, position) in dossier.positions.iter().enumerate() {
        let Position { rule, reading, basis, from, until } = position;
        let later = dossier.positions[n + 1..].iter().any(|p| p.rule == *rule && p.holds_on(day));
        let content = content(house, *basis).await?;
        all.push(PositionView {
            rule: rule.clone(),
            reading: reading.clone(),
            said_by: content["said_by"].as_str().unwrap_or_default().to_string(),
            basis: content["text"].as_str().unwrap_or_default().to_string(),
            from: from.to_string(),
            until: until.map(|until| until.to_string()),
            holds: position.holds_on(day) && !later,
        });
    }
    Ok(all)
}

fn unclear(pack: &Pack, now: Timestamp) -> Vec<UnclearView> {
    let day = pack.day(now);
    let today = pack.rules().iter().filter(|rule| rule.holds_on(day) && !rule.readings.is_empty());
    let reading = |reading: &Reading| ReadingView { name: reading.name.clone(), says: reading.says.clone() };
    today
        .map(|rule| UnclearView {
            rule: rule.id.clone(),
            says: rule.says.clone(),
            law: rule.law.clone(),
            doubt: rule.doubt.clone().unwrap_or_default(),
            readings: rule.readings.iter().map(reading).collect(),
        })
        .collect()
}

fn licence_view(held: &Held<policy::readiness::Licence>) -> LicenceView {
    let licence = &held.paper;
    LicenceView {
        grant: licence.grant.clone(),
        number: licence.number.clone(),
        authority: licence.authority.clone(),
        kinds: licence.kinds.clone(),
        from: licence.from,
        until: licence.until,
        ended: held.ended,
        document: licence.document.0.to_string(),
    }
}

async fn evidence(house: &House, dossier: &Dossier) -> Result<Vec<EvidenceView>> {
    let mut all = Vec::new();
    for held in &dossier.evidence {
        all.push(EvidenceView {
            name: held.paper.name.clone(),
            from: held.paper.from,
            until: held.paper.until,
            ended: held.ended,
            by: held.by.id().into(),
            document: held.paper.document.0.to_string(),
            text: words(house, held.paper.document).await?,
        });
    }
    Ok(all)
}

async fn checks(house: &House, dossier: &Dossier) -> Result<Vec<CheckView>> {
    let mut all = Vec::new();
    for (check, checked) in &dossier.checks {
        all.push(CheckView {
            check: name_of(*check),
            passed: checked.passed,
            at: checked.at,
            until: checked.until,
            report: content(house, checked.report).await?,
        });
    }
    Ok(all)
}

async fn register(house: &House, dossier: &Dossier, now: Timestamp) -> Result<RegisterView> {
    let register = &dossier.register;
    let mut risks = Vec::new();
    for held in register.risks.values() {
        let risk = &held.paper;
        let Risk { id, area, likelihood, impact, owner, review, mitigation, .. } = risk;
        risks.push(RiskView {
            id: id.clone(),
            area: *area,
            likelihood: *likelihood,
            impact: *impact,
            score: risk.score(),
            owner: owner.id().into(),
            mitigation: words(house, *mitigation).await?,
            review: *review,
        });
    }
    risks.sort_by_key(|risk| std::cmp::Reverse(risk.score));
    Ok(RegisterView {
        digest: register.digest().to_string(),
        risks,
        signed: register.signed.iter().map(|(who, at)| (who.id().to_string(), *at)).collect(),
        gaps: register.gaps(now).iter().map(gap).collect(),
    })
}

/// What a record commits to; null where it was erased.
async fn content(house: &House, sealed: Sealed) -> Result<Value> {
    let document = house.archive().catalogue().document(&sealed.0).await?;
    let read = |text: &str| serde_json::from_str(text).map_err(|e| Error::internal(e.to_string()));
    document.map_or(Ok(Value::Null), |document| read(&document.content))
}

/// Its words; empty where it is a file or was erased.
async fn words(house: &House, sealed: Sealed) -> Result<String> {
    Ok(content(house, sealed).await?["text"].as_str().unwrap_or_default().to_string())
}
