//! Who waits for whom in a case, since when, and by when.

use jiff::Timestamp;
use policy::clocks::{Clock, What};
use policy::state::{Case, EntryKind, Offer, Standing, State, Status};
use policy::{OrderId, Party};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that one side owes the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Wait {
    /// Whose turn it is: `house` or `authority`.
    #[schema(value_type = String)]
    pub on: Party,
    /// `approval`, `removal`, `report`, `answer`, `verdict`, `ruling` or `decision`.
    pub what: String,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
    /// What gives the deadline: `order`, `question`, or a provision; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
    /// Number of the order that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The corrected version, the commitment of the question, or the licence that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// Everything that is owed in a case; what runs out first stands first, what has no deadline last.
///
/// `clocks`: those of this case, and maybe of others.
pub fn waits<'c>(state: &State, case: &Case, clocks: impl IntoIterator<Item = &'c Clock>) -> Vec<Wait> {
    let mut waits = Vec::new();
    for id in &case.orders {
        if let Some(standing) = state.order(id) {
            of_order(standing, &mut waits);
        }
    }
    for (from, question, due) in case.open_questions() {
        let since = case.entries.iter().find(|entry| super::document_of(&entry.kind) == question.0);
        waits.push(Wait {
            on: from.other(),
            what: "answer".to_string(),
            since: since.map_or(case.opened, |entry| entry.at),
            due,
            basis: due.map_or(String::new(), |_| "question".to_string()),
            order: None,
            about: Some(question.0.to_string()),
        });
    }
    for (grant, _, since) in case.open_applications() {
        waits.push(Wait {
            on: Party::Authority,
            what: "decision".to_string(),
            since,
            due: None,
            basis: String::new(),
            order: None,
            about: Some(grant.to_string()),
        });
    }
    let mine = |id: &OrderId| state.order(id).map_or(case.opened, |standing| standing.placed_at);
    for clock in clocks.into_iter().filter(|clock| clock.case == case.id) {
        let Some(order) = &clock.order else { continue };
        waits.push(Wait {
            on: Party::House,
            what: if clock.what == What::Removal { "removal" } else { "report" }.to_string(),
            since: mine(order),
            due: Some(clock.due),
            basis: clock.basis.clone(),
            order: Some(order.number.clone()),
            about: None,
        });
    }
    waits.sort_by_key(|wait| (wait.due.is_none(), wait.due, wait.since));
    waits
}

/// For how long each side was waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Waited {
    pub house: i64,
    pub authority: i64,
}

impl Waited {
    /// Of questions, applications, proposals that were sent, and appeals: from each to its answer, or to
    /// now. Where several waits of a side overlap, the time counts once.
    pub fn of(state: &State, case: &Case, now: Timestamp) -> Waited {
        let mut all: Vec<(Party, Timestamp, Timestamp)> = Vec::new();
        let end = case.closed.unwrap_or(now);
        for (n, entry) in case.entries.iter().enumerate() {
            let later = &case.entries[n + 1..];
            let (on, answer) = match &entry.kind {
                EntryKind::Question { from, question, .. } => (
                    from.other(),
                    later
                        .iter()
                        .find(|e| matches!(e.kind, EntryKind::Answer { question: q, .. } if q == *question)),
                ),
                EntryKind::Application { grant, .. } => (
                    Party::Authority,
                    later
                        .iter()
                        .find(|e| matches!(&e.kind, EntryKind::Decision { grant: g, .. } if g == grant)),
                ),
                _ => continue,
            };
            all.push((on, entry.at, answer.map_or(end, |answer| answer.at)));
        }
        for standing in case.orders.iter().filter_map(|id| state.order(id)) {
            of_history(standing, end, &mut all);
        }
        let seconds =
            |side: Party| union(all.iter().filter(|(on, ..)| *on == side).map(|(_, a, b)| (*a, *b)));
        Waited { house: seconds(Party::House), authority: seconds(Party::Authority) }
    }
}

/// Verdicts on proposals and rulings on appeals that the authority was waited for.
fn of_history(standing: &Standing, end: Timestamp, all: &mut Vec<(Party, Timestamp, Timestamp)>) {
    let ends = |what: &str| -> &[&str] {
        match what {
            "proposal-sent" => {
                &["proposal-accepted", "proposal-refused", "proposal-overridden", "order-lifted"]
            }
            "order-appealed" => &["appeal-answered", "order-lifted"],
            _ => &[],
        }
    };
    for (n, happened) in standing.history.iter().enumerate() {
        let ends = ends(&happened.what);
        if ends.is_empty() {
            continue;
        }
        let answers = |h: &&policy::state::Happened| {
            ends.contains(&&*h.what) && (h.composition.is_none() || h.composition == happened.composition)
        };
        let answer = standing.history[n + 1..].iter().find(answers);
        all.push((Party::Authority, happened.at, answer.map_or(end, |answer| answer.at)));
    }
}

/// Seconds that are in any of these times.
fn union(times: impl Iterator<Item = (Timestamp, Timestamp)>) -> i64 {
    let mut times: Vec<_> = times.collect();
    times.sort();
    let (mut seconds, mut until) = (0, Timestamp::MIN);
    for (from, to) in times {
        let from = from.max(until);
        if to > from {
            seconds += to.duration_since(from).as_secs();
            until = to;
        }
    }
    seconds
}

/// What has no clock of its own: an approval, a verdict on a proposal, a ruling on an appeal.
fn of_order(standing: &Standing, waits: &mut Vec<Wait>) {
    let mut wait = |on, what: &str, since, about| {
        waits.push(Wait {
            on,
            what: what.to_string(),
            since,
            due: None,
            basis: String::new(),
            order: Some(standing.order.number.clone()),
            about,
        });
    };
    if standing.status == Status::Waiting {
        wait(Party::House, "approval", standing.placed_at, None);
    }
    let sent = standing.proposals.iter().filter(|p| matches!(p.status, Offer::Sent { .. }));
    for proposal in sent.filter(|_| standing.status != Status::Lifted) {
        let composition = proposal.offered.composition;
        let told =
            |h: &&policy::state::Happened| h.what == "proposal-sent" && h.composition == Some(composition);
        let since = standing.history.iter().rev().find(told).map_or(standing.placed_at, |h| h.at);
        wait(Party::Authority, "verdict", since, Some(composition.to_string()));
    }
    for appeal in standing.appeals.iter().filter(|appeal| appeal.answer.is_none()) {
        wait(Party::Authority, "ruling", appeal.at, None);
    }
}

#[cfg(test)]
mod tests;
