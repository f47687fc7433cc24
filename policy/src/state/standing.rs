//! One order with all that was decided about it.

use std::sync::Arc;

use jiff::Timestamp;
use media::{Digest, Error, Kind, Result};

use super::{Applied, leaves_nothing};
use crate::decision::{Act, Decision, Edited, Outcome, Proposed, Resolved, Sealed, Staff};
use crate::film::Film;
use crate::order::{Due, Order};
use crate::scope::Part;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The text that holds now.
    pub order: Arc<Order>,
    /// The text as it was placed.
    pub placed: Arc<Order>,
    pub placed_at: Timestamp,
    pub placed_by: Staff,
    pub due: Due,
    pub status: Status,
    /// The source frames that its ranges came to, over all media that the house had so far.
    pub resolved: Vec<Resolved>,
    pub proposals: Vec<Proposal>,
    pub appeals: Vec<Appeal>,
    /// When the authority was given a report, and which.
    pub reported: Vec<Timestamp>,
    pub reports: Vec<Sealed>,
    pub took_effect: Vec<Effect>,
    /// Titles and the compositions that obey it frame by frame.
    pub frame_accurate: Vec<Proposed>,
    /// Titles of which no such composition could be made, and why.
    pub failed: Vec<(String, String)>,
    /// When it was lifted.
    pub lifted_at: Option<Timestamp>,
    pub history: Vec<Happened>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// A second person has not approved it yet; it does not bind.
    Waiting,
    /// It binds from its start instant on.
    Standing,
    /// The house does not obey.
    Refused,
    /// It binds no more, for good.
    Lifted,
}

/// A version offered in answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub offered: Proposed,
    pub edits: Vec<Edited>,
    pub status: Offer,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    Made,
    Sent {
        letter: Sealed,
    },
    /// It is open.
    Accepted {
        letter: Sealed,
    },
    /// It is open on the word of `who`.
    Overridden {
        who: Staff,
        reason: Sealed,
    },
    Refused {
        letter: Sealed,
    },
    /// The order was changed after this was accepted or overridden.
    Stale,
}

impl Offer {
    pub fn is_open(&self) -> bool {
        matches!(self, Offer::Accepted { .. } | Offer::Overridden { .. })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal {
    pub at: Timestamp,
    pub letter: Sealed,
    pub answer: Option<(Timestamp, Outcome, Sealed)>,
}

/// When one node had the order in force: as it was first, and as it was last changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    pub node: String,
    pub first: Timestamp,
    pub latest: Timestamp,
}

/// One line of an order's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    pub at: Timestamp,
    pub by: Staff,
    /// The decision's word: `order-placed`, `order-lifted`…
    pub what: String,
    /// What it commits to: a letter, a reason, a report.
    pub document: Option<Sealed>,
    /// The corrected version that it is about.
    pub composition: Option<Digest>,
}

/// What decides whether, where and when an order binds.
#[derive(PartialEq, Eq)]
pub(super) struct Binding<'a> {
    pub order: &'a Order,
    pub start: Timestamp,
    resolved: &'a [Resolved],
}

impl Standing {
    pub(super) fn new(
        decision: &Decision,
        order: &Order,
        due: &Due,
        second_person: bool,
        resolved: &[Resolved],
    ) -> Standing {
        let order = Arc::new(order.clone());
        let mut standing = Standing {
            placed: order.clone(),
            order,
            placed_at: decision.at,
            placed_by: decision.by.clone(),
            due: due.clone(),
            status: if second_person { Status::Waiting } else { Status::Standing },
            resolved: resolved.to_vec(),
            proposals: Vec::new(),
            appeals: Vec::new(),
            reported: Vec::new(),
            reports: Vec::new(),
            took_effect: Vec::new(),
            frame_accurate: Vec::new(),
            failed: Vec::new(),
            lifted_at: None,
            history: Vec::new(),
        };
        standing.remember(decision);
        standing
    }

    /// From when it binds.
    pub fn start(&self) -> Timestamp {
        self.order.starts(self.placed_at)
    }

    /// Whether it binds at `now`.
    pub fn binds(&self, now: Timestamp) -> bool {
        self.status == Status::Standing && self.start() <= now && self.order.until.is_none_or(|end| now < end)
    }

    pub(super) fn binding(&self) -> Option<Binding<'_>> {
        (self.status == Status::Standing).then(|| Binding {
            order: &self.order,
            start: self.start(),
            resolved: &self.resolved,
        })
    }

    /// The parts of its scope that name this film.
    pub fn parts_of<'a>(&'a self, film: &'a Film) -> impl Iterator<Item = &'a Part> {
        self.order.scope.parts.iter().filter(|part| film.is_named(&self.order.work, part))
    }

    /// The frames of these media that it is about.
    pub fn resolved_in(&self, source: Digest) -> impl Iterator<Item = &Resolved> {
        self.resolved.iter().filter(move |r| r.source == source)
    }

    /// Whether this film is to be gone as a whole: demanded so, or not known where in it the demanded
    /// places are.
    pub fn withdraws(&self, film: &Film) -> Option<Cause> {
        let nothing_left = leaves_nothing(self.order.operation);
        let whole = |part: &Part| part.is_whole() && nothing_left;
        let derived = film.is_derived(&self.order.work);
        if self.parts_of(film).any(whole) || (derived && self.order.scope.parts.iter().any(whole)) {
            return Some(Cause::Demanded);
        }
        let named = derived || self.parts_of(film).next().is_some();
        let located = self.resolved.iter().any(|r| r.named == film.source);
        (named && !located).then_some(Cause::NotLocated)
    }

    pub fn proposal(&self, offered: &Proposed) -> Option<&Proposal> {
        self.proposals.iter().find(|p| p.offered == *offered)
    }

    pub(super) fn apply(&mut self, decision: &Decision) -> Result<Applied> {
        let applied = match &decision.act {
            Act::OrderResolved { resolved, .. } => self.resolve(resolved),
            Act::OrderAmended { order, due, resolved, .. } => self.amend(order, due, resolved),
            Act::OrderEscalated { order, due, resolved, .. } => {
                stricter(&self.order, order)?;
                self.amend(order, due, resolved)
            }
            Act::OrderApproved { .. } => self.approve(&decision.by),
            Act::OrderRefused { .. } => self.turn(Status::Refused),
            Act::OrderLifted { .. } => self.lift(decision.at),
            Act::OrderAppealed { letter, .. } => self.appeal(decision.at, *letter),
            Act::AppealAnswered { outcome, letter, .. } => self.answer(decision.at, *outcome, *letter),
            Act::Reported { report, .. } => {
                let applied = once(&mut self.reports, *report)?;
                self.reported.extend((applied == Applied::Changed).then_some(decision.at));
                Ok(applied)
            }
            Act::ProposalMade { proposal, edits, .. } => self.propose(proposal, edits),
            Act::ProposalSent { proposal, letter, .. } => {
                self.offer(proposal, Offer::Sent { letter: *letter })
            }
            Act::ProposalAccepted { proposal, letter, .. } => {
                self.offer(proposal, Offer::Accepted { letter: *letter })
            }
            Act::ProposalOverridden { proposal, reason, .. } => {
                self.offer(proposal, Offer::Overridden { who: decision.by.clone(), reason: *reason })
            }
            Act::ProposalRefused { proposal, letter, .. } => {
                self.offer(proposal, Offer::Refused { letter: *letter })
            }
            Act::TookEffect { node, took, .. } => self.take_effect(node, *took),
            Act::FrameAccurate { title, composition, .. } => {
                self.failed.retain(|(of, _)| of != title);
                once(&mut self.frame_accurate, Proposed { title: title.clone(), composition: *composition })
            }
            Act::PatchFailed { title, why, .. } => once(&mut self.failed, (title.clone(), why.clone())),
            _ => Err(Error::internal("not a decision about a standing order")),
        }?;
        if applied == Applied::Changed {
            self.remember(decision);
        }
        Ok(applied)
    }

    fn remember(&mut self, decision: &Decision) {
        self.history.push(Happened {
            at: decision.at,
            by: decision.by.clone(),
            what: decision.kind().to_string(),
            document: decision.act.document(),
            composition: decision.act.proposal().map(|proposal| proposal.composition),
        });
    }

    fn not_lifted(&self) -> Result<()> {
        if self.status != Status::Lifted {
            return Ok(());
        }
        Err(conflict(format!("{} was lifted", self.order.id()))
            .remedy("Place a new order under its own number"))
    }

    fn resolve(&mut self, resolved: &[Resolved]) -> Result<Applied> {
        self.not_lifted()?;
        let before = self.resolved.len();
        for range in resolved {
            if !self.resolved.contains(range) {
                self.resolved.push(range.clone());
            }
        }
        Ok(if self.resolved.len() > before { Applied::Changed } else { Applied::Same })
    }

    fn amend(&mut self, order: &Order, due: &Due, resolved: &[Resolved]) -> Result<Applied> {
        if self.status == Status::Lifted && *self.order == *order {
            return Ok(Applied::Same);
        }
        self.not_lifted()?;
        if order.territories != self.order.territories {
            return Err(conflict("an amendment keeps the territories")
                .remedy("Place an order of its own for another territory"));
        }
        if *self.order == *order && self.resolved == resolved {
            return Ok(Applied::Same);
        }
        self.order = Arc::new(order.clone());
        self.due = due.clone();
        self.resolved = resolved.to_vec();
        self.frame_accurate.clear();
        self.failed.clear();
        for proposal in self.proposals.iter_mut().filter(|p| p.status.is_open()) {
            proposal.status = Offer::Stale;
        }
        Ok(Applied::Changed)
    }

    fn approve(&mut self, by: &Staff) -> Result<Applied> {
        self.not_lifted()?;
        if self.status == Status::Waiting && *by == self.placed_by {
            return Err(conflict("who placed an order cannot approve it").remedy("Ask a second person"));
        }
        self.turn(Status::Standing)
    }

    fn turn(&mut self, status: Status) -> Result<Applied> {
        self.not_lifted()?;
        if self.status == status {
            return Ok(Applied::Same);
        }
        self.status = status;
        Ok(Applied::Changed)
    }

    fn lift(&mut self, at: Timestamp) -> Result<Applied> {
        if self.status == Status::Lifted {
            return Ok(Applied::Same);
        }
        self.lifted_at = Some(at);
        self.turn(Status::Lifted)
    }

    fn appeal(&mut self, at: Timestamp, letter: Sealed) -> Result<Applied> {
        if self.appeals.iter().any(|a| a.letter == letter) {
            return Ok(Applied::Same);
        }
        if self.appeals.iter().any(|a| a.answer.is_none()) {
            return Err(conflict("an appeal is open already").remedy("Record its answer first"));
        }
        self.appeals.push(Appeal { at, letter, answer: None });
        Ok(Applied::Changed)
    }

    fn answer(&mut self, at: Timestamp, outcome: Outcome, letter: Sealed) -> Result<Applied> {
        let same = |a: &Appeal| a.answer.is_some_and(|(_, o, l)| (o, l) == (outcome, letter));
        if self.appeals.iter().any(same) {
            return Ok(Applied::Same);
        }
        let open = self.appeals.iter_mut().find(|a| a.answer.is_none());
        let open = open.ok_or_else(|| conflict("no appeal is open").remedy("Record the appeal first"))?;
        open.answer = Some((at, outcome, letter));
        Ok(Applied::Changed)
    }

    fn propose(&mut self, offered: &Proposed, edits: &[Edited]) -> Result<Applied> {
        self.not_lifted()?;
        match self.proposals.iter_mut().find(|p| p.offered == *offered) {
            Some(known) if known.status != Offer::Stale => Ok(Applied::Same),
            Some(known) => {
                *known = Proposal { offered: offered.clone(), edits: edits.to_vec(), status: Offer::Made };
                Ok(Applied::Changed)
            }
            None => {
                let status = Offer::Made;
                self.proposals.push(Proposal { offered: offered.clone(), edits: edits.to_vec(), status });
                Ok(Applied::Changed)
            }
        }
    }

    fn offer(&mut self, offered: &Proposed, status: Offer) -> Result<Applied> {
        self.not_lifted()?;
        let name = format!("{} {}", offered.title, offered.composition);
        let known = self.proposals.iter_mut().find(|p| p.offered == *offered);
        let known = known.ok_or_else(|| {
            Error::not_found(format!("{name} was not proposed")).remedy("phim order propose makes a proposal")
        })?;
        if known.status == status {
            return Ok(Applied::Same);
        }
        if known.status == Offer::Stale {
            return Err(
                conflict(format!("{name} answered an earlier text of the order")).remedy("Propose it again")
            );
        }
        if matches!(status, Offer::Sent { .. }) && known.status.is_open() {
            return Err(conflict(format!("{name} is open already")));
        }
        known.status = status;
        Ok(Applied::Changed)
    }

    fn take_effect(&mut self, node: &str, took: Timestamp) -> Result<Applied> {
        match self.took_effect.iter_mut().find(|e| e.node == node) {
            Some(known) if known.latest >= took => Ok(Applied::Same),
            Some(known) => {
                known.latest = took;
                Ok(Applied::Changed)
            }
            None => {
                self.took_effect.push(Effect { node: node.to_string(), first: took, latest: took });
                Ok(Applied::Changed)
            }
        }
    }
}

/// Why a film is gone as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Demanded,
    /// Only places in it were demanded, and where they are in these media is not known yet.
    NotLocated,
}

/// Fails when `after` demands less than `before`, or only something else.
fn stricter(before: &Order, after: &Order) -> Result<()> {
    let harder = after.operation < before.operation;
    let wider = breadth(after) > breadth(before);
    if (harder && breadth(after) >= breadth(before)) || (wider && after.operation <= before.operation) {
        return Ok(());
    }
    Err(conflict("an escalation demands more: a stricter operation or a wider scope")
        .remedy("Amend the order instead"))
}

/// From ranges over episodes and seasons to the whole work, and how many of them.
fn breadth(order: &Order) -> (u8, usize) {
    let of = |part: &Part| match part {
        Part { ranges, .. } if !ranges.is_empty() => 0,
        Part { episode: Some(_), .. } => 1,
        Part { season: Some(_), .. } => 2,
        _ => 3,
    };
    let service = u8::from(matches!(order.work, crate::order::Work::Service));
    let widest = order.scope.parts.iter().map(of).max().unwrap_or(0) + service;
    (widest, order.scope.parts.len())
}

fn once<T: PartialEq>(list: &mut Vec<T>, item: T) -> Result<Applied> {
    if list.contains(&item) {
        return Ok(Applied::Same);
    }
    list.push(item);
    Ok(Applied::Changed)
}

fn conflict(message: impl Into<String>) -> Error {
    Error::new(Kind::Conflict, message)
}
