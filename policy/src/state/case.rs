//! A case: the thread of letters, questions and answers with one authority on one matter.

use std::sync::Arc;

use jiff::Timestamp;
use media::{Error, Kind, Result};

use super::{Applied, State};
use crate::decision::{Act, Decision, Party, Sealed, Staff};
use crate::order::{Order, OrderId};
use crate::readiness::ApplicationAnswered;
use crate::territory::Territory;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub id: String,
    pub authority: String,
    pub territories: Vec<Territory>,
    pub opened: Timestamp,
    pub orders: Vec<OrderId>,
    pub entries: Vec<Entry>,
    /// Since when the matter is settled.
    pub closed: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub at: Timestamp,
    pub by: Staff,
    pub kind: EntryKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    Letter {
        from: Party,
        letter: Sealed,
    },
    Question {
        from: Party,
        question: Sealed,
        due: Option<Timestamp>,
    },
    Answer {
        question: Sealed,
        answer: Sealed,
    },
    Closed {
        reason: Sealed,
    },
    /// The house asks for a licence or recognition.
    Application {
        grant: String,
        letter: Sealed,
    },
    Decision {
        grant: String,
        granted: bool,
        letter: Sealed,
    },
}

impl Case {
    /// Questions that nobody has answered yet: who asked, and by when the other side must answer.
    pub fn open_questions(&self) -> impl Iterator<Item = (Party, Sealed, Option<Timestamp>)> {
        let answered = |asked: Sealed| {
            self.entries
                .iter()
                .any(|e| matches!(e.kind, EntryKind::Answer { question, .. } if question == asked))
        };
        self.entries.iter().filter_map(move |e| match e.kind {
            EntryKind::Question { from, question, due } if !answered(question) => Some((from, question, due)),
            _ => None,
        })
    }

    /// Grants that were asked for and not decided yet: which, by which letter, since when.
    pub fn open_applications(&self) -> impl Iterator<Item = (&str, Sealed, Timestamp)> {
        let decided = |sent: usize, asked: &str| {
            let later = &self.entries[sent..];
            later.iter().any(|e| matches!(&e.kind, EntryKind::Decision { grant, .. } if grant == asked))
        };
        self.entries.iter().enumerate().filter_map(move |(n, e)| match &e.kind {
            EntryKind::Application { grant, letter } if !decided(n, grant) => {
                Some((grant.as_str(), *letter, e.at))
            }
            _ => None,
        })
    }

    fn add(&mut self, decision: &Decision) -> Result<Applied> {
        let kind = match &decision.act {
            Act::CaseLetter { from, letter, .. } => EntryKind::Letter { from: *from, letter: *letter },
            Act::CaseQuestion { from, question, due, .. } => {
                EntryKind::Question { from: *from, question: *question, due: *due }
            }
            Act::CaseAnswer { question, answer, .. } => {
                let asked =
                    |e: &Entry| matches!(e.kind, EntryKind::Question { question: q, .. } if q == *question);
                if !self.entries.iter().any(asked) {
                    return Err(Error::not_found("the case has no such question"));
                }
                EntryKind::Answer { question: *question, answer: *answer }
            }
            Act::CaseClosed { reason, .. } => {
                if let Some(at) = self.closed {
                    return Err(Error::new(Kind::Conflict, format!("the case is closed since {at}")));
                }
                if self.open_questions().next().is_some() {
                    return Err(Error::new(Kind::Conflict, "a question of the case is open")
                        .remedy("Record its answer first"));
                }
                if let Some((grant, ..)) = self.open_applications().next() {
                    return Err(Error::new(Kind::Conflict, format!("the application for {grant} is open"))
                        .remedy("Record what the authority decided first"));
                }
                EntryKind::Closed { reason: *reason }
            }
            Act::ApplicationSent(sent) => {
                EntryKind::Application { grant: sent.grant.clone(), letter: sent.letter }
            }
            Act::ApplicationAnswered(ApplicationAnswered { grant, granted, letter, .. }) => {
                let kind = EntryKind::Decision { grant: grant.clone(), granted: *granted, letter: *letter };
                let known = self.entries.iter().any(|e| e.kind == kind);
                if !known && !self.open_applications().any(|(asked, ..)| asked == grant) {
                    return Err(Error::not_found(format!("the case has no open application for {grant}")));
                }
                kind
            }
            _ => return Err(Error::internal("not a decision about a case")),
        };
        if self.entries.iter().any(|e| e.kind == kind) {
            return Ok(Applied::Same);
        }
        self.closed = matches!(kind, EntryKind::Closed { .. }).then_some(decision.at);
        self.entries.push(Entry { at: decision.at, by: decision.by.clone(), kind });
        Ok(Applied::Changed)
    }
}

impl State {
    pub(super) fn open_case(
        &mut self,
        id: &str,
        authority: &str,
        territories: &[Territory],
        decision: &Decision,
    ) -> Result<Applied> {
        if let Some(known) = self.cases.get(id) {
            known.is_with(authority, territories)?;
            return Ok(Applied::Same);
        }
        let case = Case {
            id: id.into(),
            authority: authority.into(),
            territories: territories.to_vec(),
            opened: decision.at,
            orders: Vec::new(),
            entries: Vec::new(),
            closed: None,
        };
        self.cases.insert(id.into(), Arc::new(case));
        Ok(Applied::Changed)
    }

    /// Puts a new order into its case, which may begin with it.
    pub(super) fn join_case(&mut self, order: &Order, decision: &Decision) -> Result<()> {
        let id = order.case_id();
        self.open_case(&id, &order.authority, &order.territories, decision)?;
        if let Some(case) = self.cases.get_mut(&id) {
            let case = Arc::make_mut(case);
            case.orders.push(order.id());
            case.closed = None;
        }
        Ok(())
    }

    pub(super) fn enter(&mut self, id: &str, decision: &Decision) -> Result<Applied> {
        let known = self.cases.get(id).ok_or_else(|| {
            Error::not_found(format!("there is no case {id:?}"))
                .remedy("Open the case, or place its order first")
        })?;
        let mut case = (**known).clone();
        let applied = case.add(decision)?;
        self.cases.insert(id.into(), Arc::new(case));
        Ok(applied)
    }
}

impl Case {
    fn is_with(&self, authority: &str, territories: &[Territory]) -> Result<()> {
        if self.authority == authority && self.territories == territories {
            return Ok(());
        }
        Err(Error::new(
            Kind::Conflict,
            format!(
                "the case {:?} is with {}, for other territories or another authority",
                self.id, self.authority
            ),
        )
        .remedy("Name another case"))
    }
}
