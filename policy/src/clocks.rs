//! The clocks that run: what somebody must do, and by when.

use jiff::Timestamp;
use serde::Serialize;

use crate::decision::Party;
use crate::order::OrderId;
use crate::state::{Standing, State, Status};

/// One thing that is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Clock {
    pub due: Timestamp,
    pub what: What,
    /// The order that it belongs to; none for a question of a case.
    pub order: Option<OrderId>,
    pub case: String,
    /// What gives the deadline: `order`, `question`, or a provision.
    pub basis: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// What is ordered must be gone. Over once a node has it in force.
    Removal,
    /// The authority must have its report.
    Report,
    /// A question of the authority must be answered.
    Answer,
}

impl State {
    /// Everything that is due and not done, the earliest first. What is overdue stands before that.
    pub fn clocks(&self) -> Vec<Clock> {
        let mut clocks: Vec<Clock> = self.orders().flat_map(|standing| of_order(standing)).collect();
        for case in self.cases() {
            let to_us = case.open_questions().filter(|(from, ..)| *from == Party::Authority);
            clocks.extend(to_us.filter_map(|(_, _, due)| {
                let (order, case) = (None, case.id.clone());
                Some(Clock { due: due?, what: What::Answer, order, case, basis: "question".into() })
            }));
        }
        clocks.sort_unstable();
        clocks
    }
}

/// An order that is lifted or refused asks for nothing more, except the report, which a refusal owes too.
fn of_order(standing: &Standing) -> Vec<Clock> {
    let clock = |what, deadline: &crate::pack::Deadline| Clock {
        due: deadline.at,
        what,
        order: Some(standing.order.id()),
        case: standing.order.case_id(),
        basis: deadline.basis.clone(),
    };
    let open = matches!(standing.status, Status::Standing | Status::Waiting);
    let to_remove = open && standing.took_effect.is_empty();
    let to_report = standing.status != Status::Lifted && standing.reported.is_empty();
    let removal = standing.due.removal.as_ref().filter(|_| to_remove).map(|d| clock(What::Removal, d));
    let report = standing.due.report.as_ref().filter(|_| to_report).map(|d| clock(What::Report, d));
    removal.into_iter().chain(report).collect()
}
