//! What is live: which orders bite which titles in a territory at an instant, and what they ask for.
//!
//! Invariant: overlapping orders add up. Where two are about one frame, the strictest wins in what is
//! seen, heard and read (`composition::evaluate_bound`, `Held::of`); each order stands on its own, so
//! lifting one leaves the others.

use composition::span::MAX_CARD_UNITS;
use composition::{Edit, Held};
use jiff::Timestamp;
use media::{Digest, Error, Result};

use crate::decision::{Proposed, Resolved};
use crate::film::Film;
use crate::order::{Operation, Order, OrderId};
use crate::state::{Cause, Proposal, Standing, State};
use crate::territory::Territory;

/// The orders of a territory at an instant.
#[derive(Clone, Copy)]
pub struct Live<'a> {
    state: &'a State,
    territory: Territory,
    now: Timestamp,
}

/// What bites one title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bites {
    /// The orders that withdraw it, and why.
    pub withdrawn: Vec<(OrderId, Cause)>,
    /// The ranges of its media that orders are about, order by order.
    pub bound: Vec<Bound>,
    /// Versions offered for it, with the order that each answers.
    pub proposals: Vec<(OrderId, Proposal)>,
}

/// A range of source frames under an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub order: OrderId,
    pub operation: Operation,
    pub title: String,
    pub source: Digest,
    pub from: u32,
    pub to: u32,
    /// What makes a composition obey, with `composition::evaluate_bound`; none for a withdrawal, whose
    /// ranges only say where its grounds are.
    pub edit: Option<Edit>,
}

impl State {
    pub fn live(&self, territory: Territory, now: Timestamp) -> Live<'_> {
        Live { state: self, territory, now }
    }
}

impl<'a> Live<'a> {
    /// The orders that bite this film now.
    pub(crate) fn standing(self, film: &Film) -> impl Iterator<Item = &'a Standing> + use<'a> {
        let now = self.now;
        self.state.binding(self.territory, film).map(|s| &**s).filter(move |s| s.binds(now))
    }

    /// All that bites this film.
    pub fn of(self, film: &Film) -> Result<Bites> {
        let mut bites = Bites::default();
        for standing in self.standing(film) {
            let id = standing.order.id();
            bites.withdrawn.extend(standing.withdraws(film).map(|cause| (id.clone(), cause)));
            bites.bound.extend(bound(standing, film.source)?);
            let own = standing.proposals.iter().filter(|p| p.offered.title == film.title);
            bites.proposals.extend(own.map(|p| (id.clone(), p.clone())));
        }
        Ok(bites)
    }
}

impl Bites {
    pub fn is_free(&self) -> bool {
        self.withdrawn.is_empty() && self.bound.is_empty()
    }
    /// The edits that obey every order, for `composition::evaluate_bound`.
    pub fn edits(&self) -> Vec<Edit> {
        self.bound.iter().filter_map(|b| b.edit.clone()).collect()
    }
    /// What to hold of its media until then: the safe step.
    pub fn held(&self) -> Held {
        Held::of(&self.edits())
    }
    /// The versions of it that are open although it is withdrawn: those that every withdrawing order
    /// has an acceptance of.
    pub fn open(&self) -> Vec<&Proposed> {
        let opened = |order: &OrderId, offered: &Proposed| {
            self.proposals.iter().any(|(id, p)| id == order && p.offered == *offered && p.status.is_open())
        };
        let mut open: Vec<&Proposed> = self.proposals.iter().map(|(_, p)| &p.offered).collect();
        open.retain(|offered| self.withdrawn.iter().all(|(order, _)| opened(order, offered)));
        open.sort_unstable();
        open.dedup();
        open
    }
}

/// The ranges of these media that an order is about.
pub(crate) fn bound(standing: &Standing, source: Digest) -> Result<Vec<Bound>> {
    let one = |range: &Resolved| {
        Ok(Bound {
            order: standing.order.id(),
            operation: standing.order.operation,
            title: range.title.clone(),
            source: range.source,
            from: range.from,
            to: range.to,
            edit: edit(&standing.order, range)?,
        })
    };
    standing.resolved_in(source).map(one).collect()
}

/// What obeys an order over one range.
fn edit(order: &Order, range: &Resolved) -> Result<Option<Edit>> {
    let (source, from, to) = (range.source, range.from, range.to);
    Ok(Some(match order.operation {
        Operation::Withdraw => return Ok(None),
        Operation::Cut => Edit::Cut { source, from, to },
        Operation::Replace => {
            let text = order.card.as_ref().ok_or_else(|| Error::internal("a replacement without a card"))?;
            let units = range.card.unwrap_or(to - from).min(MAX_CARD_UNITS);
            Edit::Replace { source, from, to, card: text.card(), units }
        }
        Operation::Mask => Edit::Mask { source, from, to, path: range.path()? },
        Operation::Blur => Edit::Blur { source, from, to, path: range.path()? },
        Operation::Mute => Edit::Mute { source, from, to },
        Operation::DropText => Edit::DropText { source, from, to },
    }))
}
