//! What the records of an order tell, and nothing that they do not: the order as it was placed and as it
//! stands, its case, what was done when.
//!
//! Invariant: a function of the records alone. Whoever has the records computes the same again, and so
//! `order.json`, `case.json` and `timeline.json` of an evidence file are verified.

use std::sync::Arc;

use media::error::{Error, Result};
use policy::state::{Case, EntryKind, Standing};
use policy::{Act, Decision, OrderId, Resolved, State};
use serde_json::{Value, json};

/// One record about an order.
#[derive(Clone)]
pub struct Entry {
    pub log: String,
    pub number: u64,
    /// The bytes that stand in the log.
    pub bytes: Vec<u8>,
    pub decision: Decision,
}

/// An order with its case, folded from their records.
pub struct Account {
    pub standing: Arc<Standing>,
    pub case: Arc<Case>,
    /// In the order in which they were taken.
    pub entries: Vec<Entry>,
}

/// Whether a decision belongs to the account of an order in the case `case`.
pub fn belongs(decision: &Decision, order: &OrderId, case: &str) -> bool {
    match &decision.act {
        // Whichever order of a case came first opened it.
        Act::OrderPlaced { order: placed, .. } => placed.id() == *order || placed.case_id() == case,
        act => match act.case() {
            Some(of) => of == case,
            None => act.order().as_ref() == Some(order),
        },
    }
}

impl Account {
    /// Fails where the records do not follow from each other.
    pub fn of(order: &OrderId, mut entries: Vec<Entry>) -> Result<Account> {
        entries.sort_by_key(|entry| entry.decision.at);
        let state = State::fold(entries.iter().map(|entry| &entry.decision))?;
        let standing = state
            .order(order)
            .cloned()
            .ok_or_else(|| Error::not_found(format!("none of the records places the order {order}")))?;
        let case = state.case(&standing.placed.case_id()).cloned();
        let case = case.ok_or_else(|| Error::internal("an order without a case"))?;
        Ok(Account { standing, case, entries })
    }

    /// `order.json`
    pub fn order(&self) -> Value {
        let standing = &*self.standing;
        json!({
            "placed": &*standing.placed,
            "stands": &*standing.order,
            "status": status(standing),
            "placed_at": standing.placed_at,
            "placed_by": standing.placed_by.id(),
            "binds_from": standing.start(),
            "due": standing.due,
            "frames": standing.resolved.iter().map(frames).collect::<Vec<_>>(),
        })
    }

    /// `case.json`: letters and answers by the commitments that the documents open.
    pub fn case(&self) -> Value {
        let entry = |entry: &policy::state::Entry| {
            let said = match &entry.kind {
                EntryKind::Letter { from, letter } => json!({ "letter": letter, "from": from }),
                EntryKind::Question { from, question, due } => {
                    json!({ "question": question, "from": from, "due": due })
                }
                EntryKind::Answer { question, answer } => json!({ "answer": answer, "to": question }),
                EntryKind::Closed { reason } => json!({ "closed": reason }),
                EntryKind::Application { grant, letter } => json!({ "application": letter, "for": grant }),
                EntryKind::Decision { grant, granted, letter } => {
                    json!({ "decision": letter, "for": grant, "granted": granted })
                }
            };
            json!({ "at": entry.at, "by": entry.by.id(), "said": said })
        };
        let asked = self
            .case
            .open_questions()
            .map(|(from, question, due)| json!({ "question": question, "from": from, "due": due }));
        json!({
            "case": self.case.id,
            "authority": self.case.authority,
            "territories": self.case.territories,
            "opened": self.case.opened,
            "orders": self.case.orders,
            "entries": self.case.entries.iter().map(entry).collect::<Vec<_>>(),
            "open_questions": asked.collect::<Vec<_>>(),
        })
    }

    /// `timeline.json`
    pub fn timeline(&self) -> Value {
        let standing = &*self.standing;
        let record = |entry: &Entry| {
            json!({
                "at": entry.decision.at,
                "what": entry.decision.kind(),
                "by": entry.decision.by.id(),
                "log": entry.log,
                "number": entry.number,
            })
        };
        let effects = standing.took_effect.iter();
        let effects = effects.map(|e| json!({ "node": e.node, "first": e.first, "latest": e.latest }));
        let accurate = self.entries.iter().filter_map(|entry| match &entry.decision.act {
            Act::FrameAccurate { title, composition, .. } => Some(json!({
                "title": title, "composition": composition.to_string(), "at": entry.decision.at,
            })),
            _ => None,
        });
        json!({
            "recorded": standing.placed_at,
            "in_force": effects.collect::<Vec<_>>(),
            "frame_accurate": accurate.collect::<Vec<_>>(),
            "reported": standing.reported,
            "lifted": standing.lifted_at,
            "records": self.entries.iter().map(record).collect::<Vec<_>>(),
        })
    }
}

/// `waiting`, `standing`, `refused` or `lifted`.
pub fn status(standing: &Standing) -> String {
    format!("{:?}", standing.status).to_lowercase()
}

fn frames(range: &Resolved) -> Value {
    json!({
        "title": range.title,
        "source": range.source.to_string(),
        "from": range.from,
        "to": range.to,
        "path": range.path,
        "read_on": range.read_on.to_string(),
    })
}
