//! The state that decisions fold to: orders, proposals, cases, rights, dossiers of territories.
//!
//! Invariants:
//! - It is a function of the decisions alone. Folding the same records again gives an equal state.
//! - Orders are named by authority and number. The same order placed again changes nothing; another text
//!   under the same name is refused, and the refusal says what differs.
//! - A decision that does not follow from what was decided before is refused and changes nothing.
//! - Cloning is cheap and shares everything: one order does not copy the house.

use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use imbl::shared_ptr::DefaultSharedPtr;
use imbl::{GenericHashMap, OrdMap, OrdSet};
use jiff::Timestamp;
use media::{Error, Kind, Result};

use crate::decision::{Act, Decision, Resolved};
use crate::film::Film;
use crate::order::{Due, Operation, Order, OrderId};
use crate::readiness::{ApplicationAnswered, ApplicationSent};
use crate::territory::Territory;

mod bound;
mod case;
mod dossier;
mod openness;
pub mod ratings;
pub mod rights;
mod standing;

pub use case::{Case, Entry, EntryKind};
pub use dossier::{Checked, Declaration, Door, Dossier, Held, Override, Register, Span, Turned};
pub use openness::{Gap, Item, Missing, Openness, Shut, Stands};
pub use ratings::Ratings;
pub use rights::Rights;
pub use standing::{Appeal, Cause, Effect, Happened, Offer, Proposal, Standing, Status};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    orders: OrdMap<OrderId, Arc<Standing>>,
    bound: bound::Bound,
    /// When an order begins or ends to bind.
    changes: OrdSet<(Timestamp, OrderId)>,
    cases: OrdMap<String, Arc<Case>>,
    rights: Rights,
    dossiers: OrdMap<Territory, Arc<Dossier>>,
    /// When anything in a dossier begins or ends to hold.
    turns: OrdSet<(Timestamp, Option<Territory>)>,
    ratings: Ratings,
    trial: Option<Trial>,
}

/// A trial, since when and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    pub since: Timestamp,
    /// None: until it is ended.
    pub until: Option<Timestamp>,
}

/// Looked up at every play, and the same in every process: the hasher has fixed keys.
type Named<K, V> = GenericHashMap<K, V, BuildHasherDefault<DefaultHasher>, DefaultSharedPtr>;

/// Whether a decision changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    Changed,
    /// It was decided before; nothing is different.
    Same,
}

impl State {
    /// The state after these decisions. An error says which of them, counted from 0, does not follow.
    pub fn fold<'a>(decisions: impl IntoIterator<Item = &'a Decision>) -> Result<State> {
        let mut state = State::default();
        for (n, decision) in decisions.into_iter().enumerate() {
            state.apply(decision).map_err(|e| e.at(format!("decision {n}")))?;
        }
        Ok(state)
    }

    /// Applies a decision. Where it does not follow from the state, nothing changes.
    pub fn apply(&mut self, decision: &Decision) -> Result<Applied> {
        match &decision.act {
            Act::OrderPlaced { order, due, second_person, resolved } => {
                self.place(decision, order, due, *second_person, resolved)
            }
            Act::CaseOpened { case, authority, territories } => {
                self.open_case(case, authority, territories, decision)
            }
            Act::CaseLetter { case, .. }
            | Act::CaseQuestion { case, .. }
            | Act::CaseAnswer { case, .. }
            | Act::CaseClosed { case, .. }
            | Act::ApplicationSent(ApplicationSent { case, .. })
            | Act::ApplicationAnswered(ApplicationAnswered { case, .. }) => self.enter(case, decision),
            Act::AvailsEntered { avails, .. } => Ok(self.rights.enter(avails)),
            Act::AvailsRemoved { avails, .. } => self.rights.remove(avails),
            Act::TitleNamed { title, names } => Ok(self.rights.name(title, names)),
            Act::ConsentGiven(_) | Act::NoticeGiven(_) | Act::ConsentWithdrawn(_) => {
                self.rights.say(decision)
            }
            Act::TrialBegan(trial) => Ok(self.try_until(decision.at, trial.until)),
            Act::TrialEnded { .. } => self.end_trial(decision.at),
            act if act.territory().is_some() => self.enter_dossier(decision),
            Act::ScenesMarked(_)
            | Act::MarkWithdrawn { .. }
            | Act::LabelVoted(_)
            | Act::LabelDecided(_)
            | Act::LabelOfRegulator(_)
            | Act::LabelRevoked(_)
            | Act::CompositionChanged(_)
            | Act::TitlesNotified(_) => self.ratings.apply(decision),
            act => {
                let id = act.order().ok_or_else(|| Error::internal("a decision about nothing"))?;
                self.change(&id, decision)
            }
        }
    }

    fn place(
        &mut self,
        decision: &Decision,
        order: &Order,
        due: &Due,
        second_person: bool,
        resolved: &[Resolved],
    ) -> Result<Applied> {
        let id = order.id();
        if let Some(known) = self.orders.get(&id) {
            if *known.placed == *order || *known.order == *order {
                return Ok(Applied::Same);
            }
            let differences = order.differences(&known.placed).join("; ");
            return Err(Error::new(Kind::Conflict, format!("{id} is another order already: {differences}"))
                .remedy("Amend the order, or check its number"));
        }
        self.join_case(order, decision)?;
        let standing = Standing::new(decision, order, due, second_person, resolved);
        self.put(standing);
        Ok(Applied::Changed)
    }

    fn change(&mut self, id: &OrderId, decision: &Decision) -> Result<Applied> {
        let known = self.orders.get(id).ok_or_else(|| {
            Error::not_found(format!("there is no order {id}")).remedy("phim order list shows the orders")
        })?;
        let mut standing = (**known).clone();
        let applied = standing.apply(decision)?;
        if applied == Applied::Changed {
            self.put(standing);
        }
        Ok(applied)
    }

    fn put(&mut self, standing: Standing) {
        let id = standing.order.id();
        if let Some(before) = self.orders.get(&id).cloned() {
            if before.binding() == standing.binding() {
                self.orders.insert(id, Arc::new(standing));
                return;
            }
            self.unbind(&before);
        }
        self.bind(&standing);
        self.orders.insert(id, Arc::new(standing));
    }

    fn bind(&mut self, standing: &Standing) {
        let id = standing.order.id();
        self.bound.bind(standing);
        for at in instants(standing) {
            self.changes.insert((at, id.clone()));
        }
    }

    fn unbind(&mut self, standing: &Standing) {
        let id = standing.order.id();
        self.bound.unbind(standing);
        for at in instants(standing) {
            self.changes.remove(&(at, id.clone()));
        }
    }

    /// The orders that bind `film` in `territory`, now or at their instants, each once.
    pub(crate) fn binding<'a>(
        &'a self,
        territory: Territory,
        film: &Film,
    ) -> impl Iterator<Item = &'a Arc<Standing>> + use<'a> {
        let here = self.bound.here(territory);
        let ids = here.map_or(Vec::new(), |here| here.of(film.names(), &film.source.0));
        ids.into_iter().filter_map(|id| self.orders.get(id))
    }

    /// Enters a decision into the dossier of its territory.
    fn enter_dossier(&mut self, decision: &Decision) -> Result<Applied> {
        let none = || Error::internal("a decision about no territory");
        let territory = decision.act.territory().ok_or_else(none)?;
        let known = self.dossiers.get(&territory).cloned().unwrap_or_default();
        let mut dossier = (*known).clone();
        let applied = dossier.apply(decision)?;
        if applied == Applied::Changed {
            for at in known.instants() {
                self.turns.remove(&(at, Some(territory)));
            }
            self.turns.extend(dossier.instants().into_iter().map(|at| (at, Some(territory))));
            self.dossiers.insert(territory, Arc::new(dossier));
        }
        Ok(applied)
    }

    /// Begins a trial, or gives the one that stands another end.
    fn try_until(&mut self, at: Timestamp, until: Option<Timestamp>) -> Applied {
        let stands = self.trial(at);
        if stands.is_some_and(|stands| stands.until == until) {
            return Applied::Same;
        }
        self.forget_trial();
        self.turns.extend(until.map(|until| (until, None)));
        self.trial = Some(Trial { since: stands.map_or(at, |stands| stands.since), until });
        Applied::Changed
    }

    fn end_trial(&mut self, at: Timestamp) -> Result<Applied> {
        if self.trial(at).is_none() {
            return Err(Error::new(Kind::Conflict, "there is no trial to end"));
        }
        self.forget_trial();
        Ok(Applied::Changed)
    }

    fn forget_trial(&mut self) {
        if let Some(until) = self.trial.take().and_then(|trial| trial.until) {
            self.turns.remove(&(until, None));
        }
    }

    /// The trial that stands at an instant. Where it does, a territory that the house has not declared is
    /// judged by orders alone.
    pub fn trial(&self, now: Timestamp) -> Option<Trial> {
        self.trial.filter(|trial| trial.since <= now && trial.until.is_none_or(|until| now < until))
    }

    /// The next instant after `now` at which an order begins or ends to bind anywhere, or something in a
    /// dossier to hold. What a pack bounds, [`State::next_change_in`] knows.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let least = OrderId { authority: String::new(), number: String::new() };
        let after = now.checked_add(jiff::SignedDuration::from_nanos(1)).ok()?;
        let bound = self.changes.range((after, least)..).next().map(|(at, _)| *at);
        let turn = self.turns.range((after, None)..).next().map(|(at, _)| *at);
        bound.into_iter().chain(turn).min()
    }

    /// What the house has entered about a territory.
    pub fn dossier(&self, territory: Territory) -> Option<&Dossier> {
        self.dossiers.get(&territory).map(Arc::as_ref)
    }
    /// Every territory about which the house has entered anything.
    pub fn dossiers(&self) -> impl Iterator<Item = (Territory, &Dossier)> {
        self.dossiers.iter().map(|(territory, dossier)| (*territory, dossier.as_ref()))
    }

    pub fn order(&self, id: &OrderId) -> Option<&Arc<Standing>> {
        self.orders.get(id)
    }
    /// Every order that was ever placed, by authority and number.
    pub fn orders(&self) -> impl Iterator<Item = &Arc<Standing>> {
        self.orders.values()
    }
    pub fn case(&self, id: &str) -> Option<&Arc<Case>> {
        self.cases.get(id)
    }
    pub fn cases(&self) -> impl Iterator<Item = &Arc<Case>> {
        self.cases.values()
    }

    /// What contracts license.
    pub fn rights(&self) -> &Rights {
        &self.rights
    }

    /// How titles are labelled.
    pub fn ratings(&self) -> &Ratings {
        &self.ratings
    }

    /// The territory in whose log a decision belongs; none: the house's, because it is about several.
    pub fn log_of(&self, act: &Act) -> Option<Territory> {
        if let Some(territory) = act.labelled() {
            return Some(territory);
        }
        let territories = match act {
            Act::OrderPlaced { order, .. } => order.territories.clone(),
            Act::CaseOpened { territories, .. } => territories.clone(),
            Act::CaseLetter { case, .. }
            | Act::CaseQuestion { case, .. }
            | Act::CaseAnswer { case, .. }
            | Act::CaseClosed { case, .. }
            | Act::ApplicationSent(ApplicationSent { case, .. })
            | Act::ApplicationAnswered(ApplicationAnswered { case, .. }) => {
                self.cases.get(case)?.territories.clone()
            }
            act if act.territory().is_some() => act.territory().into_iter().collect(),
            act => self.orders.get(&act.order()?)?.order.territories.clone(),
        };
        if let [one] = territories[..] { Some(one) } else { None }
    }
}

/// When it begins and ends to bind.
fn instants(standing: &Standing) -> Vec<Timestamp> {
    let bound = standing.binding();
    bound.map_or(Vec::new(), |b| std::iter::once(b.start).chain(b.order.until).collect())
}

/// Whether an operation leaves nothing of what it is applied to as a whole.
pub(crate) fn leaves_nothing(operation: Operation) -> bool {
    matches!(operation, Operation::Withdraw | Operation::Cut | Operation::Replace)
}
