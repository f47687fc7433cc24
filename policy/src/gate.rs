//! The gate: whether a composition may be served, to whom, where, now. So far as orders go.
//!
//! Invariants:
//! - Nothing but [`decide`] constructs a [`Pass`], and whatever serves film takes one.
//! - It fails closed: an unknown territory, title or composition, or a state that cannot be read, is
//!   refused.
//! - Refusals are values with reasons, never errors.

use composition::{Composition, Edit, Held, evaluate_bound};
use jiff::Timestamp;
use media::Digest;

use crate::bites::{Bound, Live, bound};
use crate::decision::Proposed;
use crate::film::Film;
use crate::order::OrderId;
use crate::refusal::{Refusal, Rule};
use crate::state::{Cause, Offer, Standing, State, Status};
use crate::territory::Territory;

/// May this be played?
pub struct Question<'a> {
    /// Where the viewer is; none: not known.
    pub territory: Option<Territory>,
    /// The title that was asked for.
    pub title: &'a str,
    /// What would be served; none: the house has no such composition.
    pub composition: Option<&'a Composition>,
    /// The composition that it was made from by the edits of orders, where it was.
    pub made_from: Option<&'a Composition>,
    /// The title asked for and every title whose media the composition shows.
    pub films: &'a [Film],
    pub now: Timestamp,
    pub who: Who,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Viewer,
    /// The operator's staff: sees proposals before they are open.
    Desk,
    /// An authority by its private link: sees the proposals of this order and nothing else.
    Authority(OrderId),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Pass(Pass),
    Refused(Vec<Refusal>),
}

/// Leave to serve one composition. Only the gate makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    composition: Digest,
    territory: Territory,
    title: String,
    expires: Option<Timestamp>,
    held: Held,
    obligations: Vec<Obligation>,
}

/// What must be shown or done while it plays. So far nothing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obligation {}

impl Pass {
    pub fn composition(&self) -> Digest {
        self.composition
    }
    pub fn territory(&self) -> Territory {
        self.territory
    }
    pub fn title(&self) -> &str {
        &self.title
    }
    /// When the question must be asked again, because an order begins or ends to bind then; none: no
    /// such instant is known. Any change of the state ends a pass before that.
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }
    /// What must be held back while this composition is served: the safe step. Empty when the composition
    /// obeys every order.
    pub fn held(&self) -> &Held {
        &self.held
    }
    pub fn obligations(&self) -> &[Obligation] {
        &self.obligations
    }
}

/// Answers the question with a pass, or with every refusal that there is.
pub fn decide(state: &State, question: &Question) -> Answer {
    let known = match Known::of(question) {
        Ok(known) => known,
        Err(refusals) => return Answer::Refused(refusals),
    };
    let held = match (&question.who, is_previewed(state, question, &known)) {
        (Who::Viewer | Who::Desk, false) => judge(state, question, &known),
        (Who::Authority(id), false) => Err(vec![Refusal::of_link(id)]),
        (_, true) => Ok(Held::default()),
    };
    match held {
        Ok(held) => Answer::Pass(Pass {
            composition: known.digest,
            territory: known.territory,
            title: question.title.into(),
            expires: state.next_change(question.now),
            held,
            obligations: Vec::new(),
        }),
        Err(refusals) => Answer::Refused(refusals),
    }
}

/// What the question is about, once all of it is known.
struct Known<'a> {
    territory: Territory,
    composition: &'a Composition,
    digest: Digest,
}

impl<'a> Known<'a> {
    fn of(question: &Question<'a>) -> Result<Known<'a>, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let film = |title: &str, source: Option<Digest>| {
            question.films.iter().any(|f| f.title == title && source.is_none_or(|s| f.source == s))
        };
        if question.territory.is_none() {
            refusals.push(Refusal::plain(Rule::UnknownTerritory, ""));
        }
        if !film(question.title, None) {
            refusals.push(Refusal::plain(Rule::UnknownTitle, question.title));
        }
        let spans = question.composition.map_or(&[][..], |c| c.spans()).iter();
        let unknown = spans.map(|span| span.source()).filter(|(title, source)| !film(title, Some(*source)));
        refusals.extend(unknown.map(|(title, _)| Refusal::plain(Rule::UnknownTitle, title)));
        match (question.territory, question.composition) {
            (Some(territory), Some(composition)) if refusals.is_empty() => {
                Ok(Known { territory, composition, digest: composition.digest() })
            }
            (_, Some(_)) => Err(distinct(refusals)),
            (_, None) => {
                refusals.push(Refusal::plain(Rule::UnknownComposition, question.title));
                Err(distinct(refusals))
            }
        }
    }
}

/// Whether somebody who may asks for a version that is only offered.
fn is_previewed(state: &State, question: &Question, known: &Known) -> bool {
    let offered = Proposed { title: question.title.into(), composition: known.digest };
    match &question.who {
        Who::Viewer => false,
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

/// What must be held, or why it is refused.
fn judge(state: &State, question: &Question, known: &Known) -> Result<Held, Vec<Refusal>> {
    let live = state.live(known.territory, question.now);
    let base = question.made_from.filter(|base| is_under(live, question, known, base));
    // A version that was accepted stays so where another order would have made the very same of its base.
    let digests = base.map(Composition::digest).into_iter().chain([known.digest]);
    let (refusals, binding) = weigh(live, question, &digests.collect::<Vec<_>>());
    if refusals.is_empty() { Ok(held(known.composition, &binding)) } else { Err(distinct(refusals)) }
}

/// Every refusal of a composition of these names, and every range that binds it.
fn weigh(live: Live, question: &Question, digests: &[Digest]) -> (Vec<Refusal>, Vec<Bound>) {
    let offered = |digest: &Digest| Proposed { title: question.title.into(), composition: *digest };
    let opened = |s: &Standing, digest| s.proposal(&offered(digest)).is_some_and(|p| p.status.is_open());
    let answered = |s: &Standing| digests.iter().any(|digest| opened(s, digest));
    let (mut refusals, mut binding) = (Vec::new(), Vec::new());
    for film in question.films {
        for standing in live.standing(film).filter(|s| !answered(s)) {
            let rule = standing.withdraws(film).map(|cause| match cause {
                Cause::Demanded => Rule::Withdrawn,
                Cause::NotLocated => Rule::NotLocated,
            });
            refusals.extend(rule.map(|rule| Refusal::of(rule, standing, &film.title)));
            match bound(standing, film.source) {
                Ok(ranges) => binding.extend(ranges),
                Err(_) => refusals.push(Refusal::of(Rule::Unreadable, standing, &film.title)),
            }
        }
    }
    (refusals, binding)
}

/// Whether the composition is `base` under what else is ordered: then what was accepted of `base` holds
/// for it too, because it shows less and nothing else.
fn is_under(live: Live, question: &Question, known: &Known, base: &Composition) -> bool {
    let (_, binding) = weigh(live, question, &[base.digest()]);
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
    let obeys = |edits: &[Edit]| evaluate_bound(composition, edits).is_ok_and(|same| same == *composition);
    if obeys(&edits(binding)) {
        return Held::default();
    }
    let each = edits(binding).into_iter().filter(|edit| !obeys(std::slice::from_ref(edit)));
    Held::of(&each.collect::<Vec<_>>())
}

/// Each refusal once: two titles of one composition may be under one order.
fn distinct(mut refusals: Vec<Refusal>) -> Vec<Refusal> {
    let mut seen = Vec::new();
    refusals.retain(|refusal| {
        let new = !seen.contains(refusal);
        seen.push(refusal.clone());
        new
    });
    refusals
}
