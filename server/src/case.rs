//! Cases: the thread of letters, questions, answers and clocks with one authority on one matter.
//!
//! Orders, proposals and what is said of them join their case by themselves, so a case is never behind
//! what was decided: it is put together anew from the state whenever it is shown.

use std::sync::Arc;

use jiff::Timestamp;
use media::Digest;
use media::error::{Error, Kind, Result};
use policy::readiness::{ApplicationAnswered, ApplicationSent};
use policy::state::{Case, EntryKind};
use policy::{Act, Party, Sealed, Territory};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::decide::Proposal;
use crate::house::{House, Snapshot};
use crate::order::Letter;

pub mod door;
mod show;
mod waits;

pub use show::{CaseView, Cases, Line as CaseLine, about, list, print, print_list, show};

/// A case that begins without an order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// What the case is called from now on.
    pub case: String,
    pub authority: String,
    #[schema(value_type = Vec<String>)]
    pub territories: Vec<Territory>,
    #[serde(default = "crate::case::desk")]
    pub by: String,
}

fn desk() -> String {
    crate::desk::DESK.to_string()
}

/// What can be entered into a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entering {
    Letter {
        #[serde(default)]
        from: Party,
        letter: Letter,
    },
    /// One side asks the other.
    Question {
        #[serde(default)]
        from: Party,
        letter: Letter,
        /// By when the other must answer; a local time counts in the territories' zone.
        #[serde(default)]
        due: Option<String>,
    },
    Answer {
        /// The beginning of the question's commitment, where several are open.
        #[serde(default)]
        question: Option<String>,
        letter: Letter,
    },
    /// The matter is settled.
    Close { letter: Letter },
    /// The house asks for a licence or recognition, as the pack calls it.
    Apply { grant: String, letter: Letter },
    /// What the authority decided about that.
    Decide { grant: String, granted: bool, letter: Letter },
}

impl Entering {
    fn letter(&self) -> &Letter {
        match self {
            Entering::Letter { letter, .. }
            | Entering::Question { letter, .. }
            | Entering::Answer { letter, .. }
            | Entering::Close { letter }
            | Entering::Apply { letter, .. }
            | Entering::Decide { letter, .. } => letter,
        }
    }
    /// Whether it names a file of this machine.
    pub fn names_file(&self) -> bool {
        self.letter().file.is_some()
    }
}

/// Opens a case. The same opened again changes nothing.
pub async fn open(house: &Arc<House>, opening: Opening) -> Result<CaseView> {
    let Opening { case, authority, mut territories, by } = opening;
    if territories.is_empty() {
        return Err(Error::invalid("a case is about one territory at least").at("territories"));
    }
    territories.sort_unstable();
    territories.dedup();
    let act = Act::CaseOpened { case: case.clone(), authority, territories };
    house.decide(&by, act.into()).await?;
    show(house, &case).await
}

/// Enters a letter, a question, an answer, or that the matter is settled.
pub async fn enter(house: &Arc<House>, id: &str, entering: Entering, by: &str) -> Result<CaseView> {
    let snapshot = house.snapshot();
    let known = find(&snapshot, id)?;
    let case = known.id.clone();
    let (sealed, document) = entering.letter().seal(house)?;
    let act = match entering {
        Entering::Letter { from, .. } => Act::CaseLetter { case, from, letter: sealed },
        Entering::Question { from, due, .. } => {
            let zone = house.packs.zone(&known.territories);
            let due =
                due.map(|due| policy::instant::read(&due, zone).map_err(|e| e.at("due"))).transpose()?;
            Act::CaseQuestion { case, from, question: sealed, due }
        }
        Entering::Answer { question, .. } => {
            Act::CaseAnswer { case, question: asked(known, question.as_deref())?, answer: sealed }
        }
        Entering::Close { .. } => Act::CaseClosed { case, reason: sealed },
        Entering::Apply { grant, .. } => {
            Act::ApplicationSent(ApplicationSent { case, grant, letter: sealed })
        }
        Entering::Decide { grant, granted, .. } => {
            Act::ApplicationAnswered(ApplicationAnswered { case, grant, granted, letter: sealed })
        }
    };
    house.decide(by, Proposal { act, documents: vec![document], jobs: Vec::new() }).await?;
    show(house, id).await
}

pub fn find<'s>(snapshot: &'s Snapshot, id: &str) -> Result<&'s Arc<Case>> {
    snapshot.state.case(id).ok_or_else(|| {
        let shown: String = id.chars().take(100).collect();
        Error::not_found(format!("there is no case {shown:?}")).remedy("phim case list shows the cases")
    })
}

/// The open question that is meant.
fn asked(case: &Case, beginning: Option<&str>) -> Result<Sealed> {
    let fits = |question: &Sealed| beginning.is_none_or(|b| question.0.to_string().starts_with(b));
    let mut open = case.open_questions().map(|(_, question, _)| question).filter(fits);
    match (open.next(), open.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err(Error::new(Kind::Conflict, "several questions are open")
            .remedy("Name one with --question, as phim case show lists them")),
        _ => Err(Error::not_found("no such question is open").remedy("phim case show lists what is open")),
    }
}

/// What an entry of a case commits to.
fn document_of(kind: &EntryKind) -> Digest {
    match kind {
        EntryKind::Letter { letter, .. } => letter.0,
        EntryKind::Question { question, .. } => question.0,
        EntryKind::Answer { answer, .. } => answer.0,
        EntryKind::Closed { reason } => reason.0,
        EntryKind::Application { letter, .. } | EntryKind::Decision { letter, .. } => letter.0,
    }
}

/// The instant of the last thing that happened in a case, its orders included.
fn touched(snapshot: &Snapshot, case: &Case) -> Timestamp {
    let orders = case.orders.iter().filter_map(|id| snapshot.state.order(id)?.history.last());
    let instants = orders.map(|h| h.at).chain(case.entries.last().map(|entry| entry.at));
    instants.max().unwrap_or(case.opened).max(case.opened)
}
