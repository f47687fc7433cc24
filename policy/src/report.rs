//! The transparency report: counts of orders, refusals and appeals, and how long things took.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::decision::Outcome;
use crate::order::Operation;
use crate::state::{Offer, Standing, State, Status};
use crate::territory::Territory;

/// What happened to the orders that were placed for one territory in a span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Transparency {
    pub orders: usize,
    pub by_authority: BTreeMap<String, usize>,
    pub by_operation: BTreeMap<Operation, usize>,
    /// Orders as they stand now.
    pub standing: usize,
    pub waiting: usize,
    pub refused: usize,
    pub lifted: usize,
    /// Orders that were changed after they were placed.
    pub amended: usize,
    pub escalated: usize,
    pub appeals: Appeals,
    pub proposals: Proposals,
    /// Orders whose report was given.
    pub reported: usize,
    /// Orders that took effect, or were reported, after their deadline.
    pub removal_late: usize,
    pub report_late: usize,
    /// From the instant at which the order was to bind to the last node's having it in force.
    pub to_effect: Durations,
    /// From placing to the first report.
    pub to_report: Durations,
    /// From placing to lifting.
    pub to_lifting: Durations,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Appeals {
    pub made: usize,
    pub upheld: usize,
    pub overturned: usize,
    pub partly: usize,
}

/// Versions offered, by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proposals {
    pub made: usize,
    pub accepted: usize,
    pub overridden: usize,
    pub refused: usize,
}

/// Milliseconds, over `count` orders that have the figure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Durations {
    pub count: usize,
    pub median: i64,
    /// Nine of ten are not longer.
    pub most: i64,
    pub longest: i64,
}

/// Counts the orders for `territory` that were placed from `from` to before `to`.
pub fn transparency(state: &State, territory: Territory, from: Timestamp, to: Timestamp) -> Transparency {
    let counted =
        |s: &&Standing| s.order.territories.contains(&territory) && (from..to).contains(&s.placed_at);
    let orders: Vec<&Standing> = state.orders().map(|s| &**s).filter(counted).collect();
    let mut report = Transparency::default();
    for standing in &orders {
        report.count(standing);
    }
    report.to_effect = Durations::of(orders.iter().filter_map(|s| to_effect(s)));
    report.to_report =
        Durations::of(orders.iter().filter_map(|s| Some(since(s.placed_at, *s.reported.first()?))));
    report.to_lifting = Durations::of(orders.iter().filter_map(|s| Some(since(s.placed_at, s.lifted_at?))));
    report
}

impl Transparency {
    fn count(&mut self, standing: &Standing) {
        self.orders += 1;
        *self.by_authority.entry(standing.order.authority.clone()).or_default() += 1;
        *self.by_operation.entry(standing.placed.operation).or_default() += 1;
        *match standing.status {
            Status::Standing => &mut self.standing,
            Status::Waiting => &mut self.waiting,
            Status::Refused => &mut self.refused,
            Status::Lifted => &mut self.lifted,
        } += 1;
        let happened = |what: &str| usize::from(standing.history.iter().any(|h| h.what == what));
        self.amended += happened("order-amended");
        self.escalated += happened("order-escalated");
        self.count_appeals(standing);
        self.count_proposals(standing);
        self.reported += usize::from(!standing.reported.is_empty());
        let due = &standing.due;
        let last = standing.took_effect.iter().map(|e| e.first).max();
        let late = |done: Option<Timestamp>, due: Option<Timestamp>| {
            usize::from(matches!((done, due), (Some(done), Some(due)) if done > due))
        };
        self.removal_late += late(last, due.removal.as_ref().map(|d| d.at));
        self.report_late += late(standing.reported.first().copied(), due.report.as_ref().map(|d| d.at));
    }

    fn count_appeals(&mut self, standing: &Standing) {
        self.appeals.made += standing.appeals.len();
        for (_, outcome, _) in standing.appeals.iter().filter_map(|a| a.answer) {
            *match outcome {
                Outcome::Upheld => &mut self.appeals.upheld,
                Outcome::Overturned => &mut self.appeals.overturned,
                Outcome::Partly => &mut self.appeals.partly,
            } += 1;
        }
    }

    fn count_proposals(&mut self, standing: &Standing) {
        self.proposals.made += standing.proposals.len();
        for proposal in &standing.proposals {
            match proposal.status {
                Offer::Accepted { .. } => self.proposals.accepted += 1,
                Offer::Overridden { .. } => self.proposals.overridden += 1,
                Offer::Refused { .. } => self.proposals.refused += 1,
                Offer::Made | Offer::Sent { .. } | Offer::Stale => {}
            }
        }
    }
}

fn to_effect(standing: &Standing) -> Option<i64> {
    let last = standing.took_effect.iter().map(|e| e.first).max()?;
    Some(since(standing.start().max(standing.placed_at), last).max(0))
}

fn since(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millisecond() - from.as_millisecond()
}

impl Durations {
    fn of(values: impl Iterator<Item = i64>) -> Durations {
        let mut sorted: Vec<i64> = values.collect();
        sorted.sort_unstable();
        // The nearest rank: the least value that so many hundredths do not exceed.
        let rank = |percent: usize| {
            let n = (sorted.len() * percent).div_ceil(100).max(1) - 1;
            sorted.get(n).copied().unwrap_or_default()
        };
        Durations { count: sorted.len(), median: rank(50), most: rank(90), longest: rank(100) }
    }
}

#[cfg(test)]
mod tests;
