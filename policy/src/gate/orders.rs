//! Orders: what they withdraw, what must be held back, and which versions answer them.

use composition::{Composition, Edit, Held, evaluate_bound};
use jiff::Timestamp;
use media::Digest;

use super::derivation::{Concern, Notes, Source, Step};
use super::{Found, Known, Question, Who};
use crate::bites::{Bound, Live, bound};
use crate::decision::Proposed;
use crate::refusal::{Refusal, Rule};
use crate::state::{Cause, Offer, Standing, State, Status};

/// Whether somebody who may asks for a version that is only offered.
pub(super) fn is_previewed(state: &State, question: &Question, known: &Known) -> bool {
    let offered = Proposed { title: question.title.into(), composition: known.digest };
    match &question.who {
        Who::Viewer | Who::Bearer => false,
        Who::Desk => question
            .films
            .iter()
            .flat_map(|film| state.binding(known.territory, film))
            .any(|standing| standing.proposal(&offered).is_some()),
        Who::Authority(id) => state.order(id).is_some_and(|standing| {
            let handed = standing.proposal(&offered).is_some_and(|p| !matches!(p.status, Offer::Made));
            handed
                && standing.status != Status::Lifted
                && standing.order.territories.contains(&known.territory)
        }),
    }
}

/// What orders make of a version.
#[derive(Default)]
pub(super) struct Ordered {
    /// What must be held back of it.
    pub held: Held,
    /// Whether it was edited in answer to an order, or is held back for one.
    pub edited: bool,
    /// Whether it was accepted as the answer to an order: nothing tells its edits from the house's own.
    pub answered: bool,
    /// When the first of those orders began to bind.
    pub since: Option<Timestamp>,
}

/// Refuses what is withdrawn; else what must be held.
pub(super) fn ask(
    state: &State,
    question: &Question,
    known: &Known,
    found: &mut Found,
    notes: &mut impl Notes,
) -> Ordered {
    note(state, question, known, found, notes);
    let live = state.live(known.territory, question.now);
    let base = question.made_from.filter(|base| is_under(live, question, known, base));
    // A version that was accepted stays so where another order would have made the very same of its base.
    let digests = base.map(Composition::digest).into_iter().chain([known.digest]);
    let weighed = weigh(live, question, &digests.collect::<Vec<_>>());
    if !weighed.refusals.is_empty() {
        weighed.refusals.into_iter().for_each(|refusal| found.refuse(refusal));
        return Ordered::default();
    }
    let held = held(known.composition, &weighed.binding);
    let Weighed { answered, since, .. } = weighed;
    let edited = answered || question.made_from.is_some() || !held.is_empty();
    Ordered { held, edited, answered, since }
}

/// When an order about these titles begins or ends to bind, and what each says.
fn note(state: &State, question: &Question, known: &Known, found: &mut Found, notes: &mut impl Notes) {
    for film in question.films {
        for standing in state.binding(known.territory, film) {
            let instants = [Some(standing.start()), standing.order.until];
            let next = instants.into_iter().flatten().filter(|at| *at > question.now).min();
            found.until(next);
            notes.note(|| {
                let order = &standing.order;
                let said = match standing.binds(question.now) {
                    true => format!("{:?}: {}", order.operation, order.scope.written),
                    false => "does not bind now".into(),
                };
                let allows = !standing.binds(question.now) || standing.withdraws(film).is_none();
                let source = Source::Record(order.id().to_string());
                Step::new(Concern::Order, &film.title, source, said, allows).until(next)
            });
        }
    }
}

/// What the orders about a version say of it.
struct Weighed {
    refusals: Vec<Refusal>,
    /// Every range that binds it.
    binding: Vec<Bound>,
    /// Whether it was accepted as the answer to one of them.
    answered: bool,
    /// When the first of them began to bind.
    since: Option<Timestamp>,
}

/// What the orders say of a composition of these names.
fn weigh(live: Live, question: &Question, digests: &[Digest]) -> Weighed {
    let offered = |digest: &Digest| Proposed { title: question.title.into(), composition: *digest };
    let opened = |s: &Standing, digest| s.proposal(&offered(digest)).is_some_and(|p| p.status.is_open());
    let answered = |s: &Standing| digests.iter().any(|digest| opened(s, digest));
    let mut weighed = Weighed { refusals: Vec::new(), binding: Vec::new(), answered: false, since: None };
    for film in question.films {
        for standing in live.standing(film) {
            weighed.since = weighed.since.into_iter().chain([standing.start()]).min();
            if answered(standing) {
                weighed.answered = true;
                continue;
            }
            let rule = standing.withdraws(film).map(|cause| match cause {
                Cause::Demanded => Rule::Withdrawn,
                Cause::NotLocated => Rule::NotLocated,
            });
            weighed.refusals.extend(rule.map(|rule| Refusal::of(rule, standing, &film.title)));
            match bound(standing, film.source) {
                Ok(ranges) => weighed.binding.extend(ranges),
                Err(_) => weighed.refusals.push(Refusal::of(Rule::Unreadable, standing, &film.title)),
            }
        }
    }
    weighed
}

/// Whether the composition is `base` under what else is ordered: then what was accepted of `base` holds
/// for it too, because it shows less and nothing else.
fn is_under(live: Live, question: &Question, known: &Known, base: &Composition) -> bool {
    let binding = weigh(live, question, &[base.digest()]).binding;
    evaluate_bound(base, &edits(&binding)).is_ok_and(|under| under == *known.composition)
}

fn edits(binding: &[Bound]) -> Vec<Edit> {
    binding.iter().filter_map(|b| b.edit.clone()).collect()
}

/// What the composition still shows against an order.
///
/// A composition obeys an edit when making the edit again changes nothing. What cannot be evaluated is
/// not obeyed.
fn held(composition: &Composition, binding: &[Bound]) -> Held {
    if binding.is_empty() {
        return Held::default();
    }
    let obeys = |edits: &[Edit]| evaluate_bound(composition, edits).is_ok_and(|same| same == *composition);
    if obeys(&edits(binding)) {
        return Held::default();
    }
    let each = edits(binding).into_iter().filter(|edit| !obeys(std::slice::from_ref(edit)));
    Held::of(&each.collect::<Vec<_>>())
}
