//! A case as the desk and programs see it.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use media::Digest;
use media::error::Result;
use policy::clocks::Clock;
use policy::state::{Case, EntryKind};
use policy::{Party, Territory};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::waits::{Wait, Waited, waits};
use super::{document_of, find, touched};
use crate::house::{House, Snapshot};

/// One case in a list.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = CaseLine)]
pub struct Line {
    pub case: String,
    pub authority: String,
    #[schema(value_type = Vec<String>)]
    pub territories: Vec<Territory>,
    /// The time zone that all its territories share (IANA), where they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub opened: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed: Option<Timestamp>,
    /// When anything last happened in it.
    #[schema(value_type = String, format = DateTime)]
    pub touched: Timestamp,
    /// Numbers of its orders.
    pub orders: Vec<String>,
    /// Who waits for whom; what runs out first stands first.
    pub waits: Vec<Wait>,
    /// For how long each side was waited for so far, in seconds.
    pub waited: Waited,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Cases {
    pub cases: Vec<Line>,
}

/// A case with everything that happened in it.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Case)]
pub struct CaseView {
    #[serde(flatten)]
    pub line: Line,
    /// Oldest first.
    pub timeline: Vec<Turn>,
}

/// One thing that happened.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Turn {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who recorded it, as a pseudonym.
    pub by: String,
    /// The decision's word: `order-placed`, `case-question`…
    pub what: String,
    /// Whose letter or question it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub from: Option<Party>,
    /// Number of the order that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The corrected version that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub composition: Option<String>,
    /// The commitment of the question that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
    /// By when a question must be answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
    /// The licence or recognition that was asked for, as the pack calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// Whether the authority granted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Paper>,
    /// Files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
}

/// A letter, a reason or a report.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Paper {
    /// What the record holds of it.
    pub commitment: String,
    /// Its words; empty where it is a file, or was erased.
    pub text: String,
    pub erased: bool,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Enclosure)]
pub struct File {
    pub digest: String,
    /// Empty where only the digest is known.
    pub name: String,
    pub bytes: u64,
}

/// Every case: those that wait for the house first, then by what happened last.
pub fn list(house: &House) -> Cases {
    let snapshot = house.snapshot();
    let mut clocks: HashMap<String, Vec<Clock>> = HashMap::new();
    for clock in snapshot.state.clocks() {
        clocks.entry(clock.case.clone()).or_default().push(clock);
    }
    let of = |case: &Case| clocks.get(&case.id).map(Vec::as_slice).unwrap_or_default();
    let cases = snapshot.state.cases().map(|case| line(house, &snapshot, case, of(case)));
    let mut cases: Vec<Line> = cases.collect();
    let due = |line: &Line| line.waits.iter().find(|wait| wait.on == Party::House).and_then(|wait| wait.due);
    cases.sort_by_key(|line| (due(line).is_none(), due(line), std::cmp::Reverse(line.touched)));
    Cases { cases }
}

/// The cases about a territory.
pub fn about(house: &House, territory: Territory) -> Vec<Line> {
    list(house).cases.into_iter().filter(|line| line.territories.contains(&territory)).collect()
}

fn line(house: &House, snapshot: &Snapshot, case: &Case, clocks: &[Clock]) -> Line {
    Line {
        case: case.id.clone(),
        authority: case.authority.clone(),
        territories: case.territories.clone(),
        zone: house.packs.zone(&case.territories).map(str::to_string),
        opened: case.opened,
        closed: case.closed,
        touched: touched(snapshot, case),
        orders: case.orders.iter().map(|id| id.number.clone()).collect(),
        waits: waits(&snapshot.state, case, clocks),
        waited: Waited::of(&snapshot.state, case, Timestamp::now()),
    }
}

/// One case in full. The words of its letters are read from the archive.
pub async fn show(house: &Arc<House>, id: &str) -> Result<CaseView> {
    let snapshot = house.snapshot();
    let case = find(&snapshot, id)?;
    let mut timeline = Vec::new();
    for id in &case.orders {
        let Some(standing) = snapshot.state.order(id) else { continue };
        for happened in &standing.history {
            let mut turn = turn(happened.at, happened.by.id(), &happened.what);
            turn.order = Some(id.number.clone());
            turn.composition = happened.composition.map(|composition| composition.to_string());
            if happened.what == "order-placed" {
                turn.files = enclosed(house, &standing.placed)?;
            }
            if let Some(document) = happened.document {
                open(house, &mut turn, document.0).await?;
            }
            timeline.push(turn);
        }
    }
    for entry in &case.entries {
        let mut turn = turn(entry.at, entry.by.id(), "");
        describe(&mut turn, &entry.kind);
        open(house, &mut turn, document_of(&entry.kind)).await?;
        timeline.push(turn);
    }
    timeline.sort_by_key(|turn| turn.at);
    Ok(CaseView { line: line(house, &snapshot, case, &snapshot.state.clocks()), timeline })
}

fn turn(at: Timestamp, by: &str, what: &str) -> Turn {
    Turn {
        at,
        by: by.to_string(),
        what: what.to_string(),
        from: None,
        order: None,
        composition: None,
        answers: None,
        due: None,
        grant: None,
        granted: None,
        document: None,
        files: Vec::new(),
    }
}

fn describe(turn: &mut Turn, kind: &EntryKind) {
    let what = match kind {
        EntryKind::Letter { from, .. } => {
            turn.from = Some(*from);
            "case-letter"
        }
        EntryKind::Question { from, due, .. } => {
            (turn.from, turn.due) = (Some(*from), *due);
            "case-question"
        }
        EntryKind::Answer { question, .. } => {
            turn.answers = Some(question.0.to_string());
            "case-answer"
        }
        EntryKind::Closed { .. } => "case-closed",
        EntryKind::Application { grant, .. } => {
            (turn.from, turn.grant) = (Some(Party::House), Some(grant.clone()));
            "application-sent"
        }
        EntryKind::Decision { grant, granted, .. } => {
            (turn.from, turn.grant) = (Some(Party::Authority), Some(grant.clone()));
            turn.granted = Some(*granted);
            "application-answered"
        }
    };
    turn.what = what.to_string();
}

/// The files that the order names, as it was placed.
fn enclosed(house: &House, order: &policy::Order) -> Result<Vec<File>> {
    let file = |attachment: &policy::Attachment| {
        Ok(File {
            digest: attachment.digest.to_string(),
            name: attachment.name.clone(),
            bytes: house.archive().blobs().len_of(&attachment.digest)?.unwrap_or(0),
        })
    };
    order.attachments.iter().map(file).collect()
}

/// Adds what a record commits to, where it was not erased.
async fn open(house: &House, turn: &mut Turn, commitment: Digest) -> Result<()> {
    let document = house.archive().catalogue().document(&commitment).await?;
    let content: Value =
        document.as_ref().and_then(|d| serde_json::from_str(&d.content).ok()).unwrap_or_default();
    turn.document = Some(Paper {
        commitment: commitment.to_string(),
        text: content["text"].as_str().unwrap_or_default().to_string(),
        erased: document.is_none(),
    });
    if let Some(blob) = document.and_then(|d| d.blob) {
        let bytes = house.archive().blobs().len_of(&blob)?.unwrap_or(0);
        turn.files.push(File { digest: blob.to_string(), name: String::new(), bytes });
    }
    Ok(())
}

pub fn print_list(cases: &Cases) {
    for case in &cases.cases {
        print_line(case);
    }
}

fn print_line(line: &Line) {
    let territories: Vec<&str> = line.territories.iter().map(Territory::code).collect();
    let status = if line.closed.is_some() { "closed" } else { "open" };
    println!(
        "{:<32} {:<24} {:<6} {:<6} {}",
        line.case,
        line.authority,
        territories.join(","),
        status,
        line.orders.join(", ")
    );
}

pub fn print(case: &CaseView) {
    print_line(&case.line);
    for wait in &case.line.waits {
        let side = if wait.on == Party::House { "the house owes" } else { "the authority owes" };
        let due = wait.due.map_or(String::new(), |due| format!(", due {due}"));
        let about = wait.order.as_deref().or(wait.about.as_deref()).unwrap_or_default();
        println!(
            "  {side} {} {} since {}{due}",
            wait.what,
            &about.chars().take(24).collect::<String>(),
            wait.since
        );
    }
    for turn in &case.timeline {
        let order = turn.order.as_deref().unwrap_or_default();
        println!("  {}  {:<20} {order}", turn.at, turn.what);
        if let Some(paper) = &turn.document {
            let words: String = paper.text.chars().filter(|c| !c.is_control()).take(200).collect();
            println!("    {} {words}", &paper.commitment[..12]);
        }
        for file in &turn.files {
            println!("    {} {} bytes {}", &file.digest[..12], file.bytes, file.name);
        }
    }
}
