//! The list of films and the results of their rating, as an authority is sent it (in Vietnam by Article
//! 21(2)(c) of Law on Cinema 05/2022/QH15), and the record that it was sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use media::error::{Error, Result};
use policy::rating::{MAX_NOTIFIED, Notified, TitlesNotified};
use policy::state::ratings::{By, Labelled, Rated, What};
use policy::{Act, Territory};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{kind, rules};
use crate::decide::{Proposal, Taken, sealed};
use crate::house::{House, Snapshot, Version};

/// Titles with a label in a territory, and who was told of them when.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = NotificationList)]
pub struct Listing {
    pub territory: String,
    #[schema(value_type = String, format = DateTime)]
    pub made: Timestamp,
    pub lines: Vec<Line>,
}

/// One line: a composition of a title, and the result of its rating.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = NotificationLine)]
pub struct Line {
    pub title: String,
    pub version: String,
    pub composition: String,
    pub names: BTreeMap<String, String>,
    pub year: Option<u16>,
    /// `film`, `programme` or `news`.
    pub kind: String,
    pub label: String,
    /// What the territory calls what it is rated for, in its language: its criteria.
    pub criteria: Vec<String>,
    /// `house` or `regulator`.
    pub rated_by: String,
    pub certificate: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub rated: Timestamp,
    /// Whom the pack wants told and who was not.
    pub untold: Vec<String>,
    /// By when they must be.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
    /// Who was told of this label, when, and under which receipt.
    pub told: Vec<Told>,
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = NotificationTold)]
pub struct Told {
    pub to: String,
    #[schema(value_type = String, format = DateTime)]
    pub sent: Timestamp,
    pub receipt: Option<String>,
}

/// A list that was sent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotificationSaid)]
pub struct Notifying {
    #[schema(value_type = String)]
    pub territory: Territory,
    /// Whom, as the pack names it: `MCST`.
    pub to: String,
    /// Titles on the list; all that `to` was not told of when left out.
    #[serde(default)]
    pub titles: Vec<String>,
    /// When; now when left out. A local time counts in the territory's zone.
    #[serde(default)]
    pub sent: Option<String>,
    /// Under which it was received.
    #[serde(default)]
    pub receipt: Option<String>,
    #[serde(default = "desk")]
    pub by: String,
}

fn desk() -> String {
    crate::desk::DESK.into()
}

/// That a list was sent is recorded.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = NotificationSent)]
pub struct Sent {
    /// Lines of the list.
    pub titles: usize,
    pub taken: Taken,
}

/// The list of a territory: everything that is rated there, or only what somebody must still be told.
pub fn list(house: &House, territory: Territory, due_only: bool) -> Result<Listing> {
    let (snapshot, now) = (house.snapshot(), Timestamp::now());
    let rules = rules(house, &snapshot, territory, now)?;
    let versions = snapshot.titles.keys().flat_map(|title| snapshot.all_versions_of(title));
    let line = |version: &Arc<Version>| match snapshot.state.ratings().standing(
        &rules,
        &version.row.title,
        &version.row.composition,
    ) {
        Rated::Label(labelled) => Some(line(&snapshot, &rules, version, &labelled)),
        Rated::Not(_) => None,
    };
    let lines = versions.filter_map(line).collect::<Result<Vec<_>>>()?;
    let lines = lines.into_iter().filter(|line| !due_only || !line.untold.is_empty()).collect();
    Ok(Listing { territory: territory.to_string(), made: now, lines })
}

fn line(
    snapshot: &Snapshot,
    rules: &policy::pack::Rules,
    version: &Version,
    labelled: &Labelled,
) -> Result<Line> {
    let row = &snapshot.title(&version.row.title)?.row;
    let language = crate::burn::language_of(rules.territory);
    let criteria = labelled.descriptors.iter().map(|code| {
        let descriptor = rules.descriptor(code)?;
        let name = descriptor.names.get(language).or_else(|| descriptor.names.get("en"));
        Ok(name.cloned().unwrap_or_else(|| code.clone()))
    });
    let (rated_by, certificate) = match &labelled.by {
        By::House { .. } => ("house", None),
        By::Regulator { number, .. } => ("regulator", Some(number.to_string())),
    };
    let told = snapshot.state.ratings().entries(&row.id, rules.territory).iter().filter_map(|entry| {
        let What::Told { to, label, sent, receipt, .. } = &entry.what else { return None };
        let same = entry.composition == version.row.composition && labelled.label.is_spelt(label);
        same.then(|| Told { to: to.clone(), sent: *sent, receipt: receipt.clone() })
    });
    Ok(Line {
        title: row.id.clone(),
        version: named(&version.row),
        composition: version.row.composition.to_string(),
        names: row.names.clone(),
        year: row.year,
        kind: json!(kind(row)).as_str().unwrap_or_default().into(),
        label: labelled.label.code.clone(),
        criteria: criteria.collect::<Result<_>>()?,
        rated_by: rated_by.into(),
        certificate,
        rated: labelled.since,
        untold: labelled.untold.iter().map(|untold| untold.to.clone()).collect(),
        due: labelled.untold.iter().filter_map(|untold| untold.due).min(),
        told: told.collect(),
    })
}

/// What people call a version; one that orders made by the beginning of its digest.
pub(super) fn named(row: &archive::Version) -> String {
    match crate::obey::made_from(&row.name) {
        None => row.name.clone(),
        Some(_) => row.composition.to_string().chars().take(12).collect(),
    }
}

/// Records that a list was sent. The list itself is kept, and the record commits to it.
pub async fn notify(house: &Arc<House>, notifying: Notifying) -> Result<Sent> {
    let Notifying { territory, to, titles, sent, receipt, by } = notifying;
    let listing = list(house, territory, false)?;
    let asked = |line: &Line| match titles.is_empty() {
        true => line.untold.contains(&to),
        false => titles.contains(&line.title),
    };
    let lines: Vec<Line> = listing.lines.into_iter().filter(asked).collect();
    if let Some(missing) = titles.iter().find(|id| lines.iter().all(|line| line.title != **id)) {
        return Err(Error::not_found(format!("{missing} has no label in {territory}"))
            .remedy("phim classify show says what is missing"));
    }
    if lines.is_empty() {
        return Err(Error::not_found(format!("there is nothing in {territory} that {to} was not told of"))
            .remedy("Name titles to tell of them again"));
    }
    let zone = house.packs.zone(&[territory]);
    let sent = sent.map(|text| policy::instant::read(&text, zone).map_err(|e| e.at("sent"))).transpose()?;
    let sent = sent.unwrap_or(listing.made);
    let mut proposals = Vec::new();
    for some in lines.chunks(MAX_NOTIFIED) {
        let notified = some.iter().map(notified).collect::<Result<_>>()?;
        let (list, document) = sealed(&json!({ "list": csv(some) }), None)?;
        let (to, receipt) = (to.clone(), receipt.clone());
        let act = TitlesNotified { territory, to, sent, list, receipt, titles: notified };
        let act = Act::TitlesNotified(act);
        proposals.push(Proposal { act, documents: vec![document], jobs: Vec::new() });
    }
    let taken = house.decide_all(&by, proposals).await?;
    Ok(Sent { titles: lines.len(), taken })
}

fn notified(line: &Line) -> Result<Notified> {
    let composition = line.composition.parse()?;
    Ok(Notified { title: line.title.clone(), composition, label: line.label.clone() })
}

const COLUMNS: &str = "no,title,version,name_vi,name_ko,name_en,year,kind,label,criteria,rated_by,certificate,\
                       rated,notified_to,notified,receipt,composition";

/// The list as CSV (RFC 4180), with a line of names.
pub fn csv(lines: &[Line]) -> String {
    let mut text = format!("{COLUMNS}\r\n");
    for (at, line) in lines.iter().enumerate() {
        let name = |tag: &str| line.names.get(tag).cloned().unwrap_or_default();
        let last = line.told.last();
        let cells = [
            (at + 1).to_string(),
            line.title.clone(),
            line.version.clone(),
            name("vi"),
            name("ko"),
            name("en"),
            line.year.map_or(String::new(), |year| year.to_string()),
            line.kind.clone(),
            line.label.clone(),
            line.criteria.join("; "),
            line.rated_by.clone(),
            line.certificate.clone().unwrap_or_default(),
            line.rated.to_string(),
            last.map_or(String::new(), |told| told.to.clone()),
            last.map_or(String::new(), |told| told.sent.to_string()),
            last.and_then(|told| told.receipt.clone()).unwrap_or_default(),
            line.composition.clone(),
        ];
        text.push_str(&cells.map(|cell| quoted(&cell)).join(","));
        text.push_str("\r\n");
    }
    text
}

/// A cell that no programme for tables takes for a formula.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula { "'" } else { "" };
    match formula || cell.contains([',', '"', '\r', '\n']) {
        true => format!("\"{guard}{}\"", cell.replace('"', "\"\"")),
        false => cell.to_string(),
    }
}

#[cfg(test)]
mod tests;
