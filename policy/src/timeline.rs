//! What was decided about a film in a territory, in the order of time: where a look back at it stops.

use jiff::Timestamp;
use media::{Digest, Result};

use crate::avail::consent::{self, ConsentGiven, ConsentWithdrawn, NoticeGiven};
use crate::decision::{Act, Decision};
use crate::film::Film;
use crate::order::{Order, OrderId};
use crate::state::{Applied, Standing, State};
use crate::territory::Territory;

/// A record that may change what viewers there see of the film.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub at: Timestamp,
    /// The word of the act: `order-placed`, `label-decided`…
    pub kind: &'static str,
    pub order: Option<OrderId>,
    /// The composition that it is about.
    pub composition: Option<Digest>,
    /// What it says, in the words of the record: an order's scope, a label, a contract's name. May be empty.
    pub says: String,
    /// Whether it is told even where it changed nothing that is seen.
    pub told: bool,
}

/// The records about a film in a territory, each with the state that it left. Fails where one of the
/// decisions does not follow from those before.
pub fn timeline<'a>(
    decisions: impl IntoIterator<Item = &'a Decision>,
    film: &Film,
    territory: Territory,
) -> Result<Vec<(Event, State)>> {
    let (mut events, mut state) = (Vec::new(), State::default());
    for decision in decisions {
        let before = state.clone();
        if state.apply(decision)? == Applied::Same {
            continue;
        }
        if let Some(about) = about(&decision.act, &before, &state, film, territory) {
            let (at, kind) = (decision.at, decision.kind());
            let event = Event {
                at,
                kind,
                order: decision.act.order(),
                composition: about.composition,
                says: about.says,
                told: about.told,
            };
            events.push((event, state.clone()));
        }
    }
    Ok(events)
}

#[derive(Default)]
struct About {
    composition: Option<Digest>,
    says: String,
    told: bool,
}

impl About {
    fn told(says: impl Into<String>) -> About {
        About { says: says.into(), told: true, composition: None }
    }
    fn of(self, composition: Digest) -> About {
        About { composition: Some(composition), ..self }
    }
}

/// What an act says about the film there; none: nothing.
fn about(act: &Act, before: &State, after: &State, film: &Film, territory: Territory) -> Option<About> {
    if let Some(id) = act.order() {
        let known = [before, after].into_iter().filter_map(|state| state.order(&id));
        let mut own = known.filter(|standing| is_about(standing, film, territory));
        return own.next_back().map(|standing| of_order(act, standing));
    }
    if let Some(there) = act.territory() {
        let told = matches!(
            act,
            Act::TerritoryDeclared(_)
                | Act::TerritoryOpened(_)
                | Act::TerritoryClosed(_)
                | Act::TerritorySuspended(_)
                | Act::TerritoryResumed(_)
        );
        return (there == territory).then_some(About { told, ..About::default() });
    }
    if act.labelled().is_some_and(|there| there != territory) {
        return None;
    }
    match act {
        Act::TrialBegan(_) | Act::TrialEnded { .. } => {
            (!after.is_governed(territory)).then(|| About::told(""))
        }
        Act::AvailsEntered { .. } | Act::AvailsRemoved { .. } | Act::TitleNamed { .. } => {
            let slots = |state: &State| -> Vec<_> { state.rights().slots(&film.title).cloned().collect() };
            let (was, is) = (slots(before), slots(after));
            let new =
                is.iter().find(|slot| !was.contains(slot)).or_else(|| was.iter().find(|s| !is.contains(s)));
            new.map(|slot| About::told(slot.avail().id.to_string()))
        }
        Act::ConsentGiven(ConsentGiven { about, .. })
        | Act::NoticeGiven(NoticeGiven { about, .. })
        | Act::ConsentWithdrawn(ConsentWithdrawn { about, .. }) => {
            let here = about.title == film.title && about.is_for(territory);
            here.then(|| of_consent(about))
        }
        Act::LabelDecided(it) => of_label(&it.given, film),
        Act::LabelOfRegulator(it) => of_label(&it.given, film),
        Act::LabelRevoked(it) => (it.title == film.title).then(|| About::told("").of(it.composition)),
        Act::TitlesNotified(it) => {
            let named = it.titles.iter().find(|named| named.title == film.title)?;
            Some(About::told(&it.to).of(named.composition))
        }
        Act::CompositionChanged(it) => (it.title == film.title).then(|| About::default().of(it.composition)),
        Act::ScenesMarked(it) => (it.title == film.title).then(About::default),
        Act::MarkWithdrawn { title, .. } => (*title == film.title).then(About::default),
        _ => None,
    }
}

fn of_consent(about: &consent::About) -> About {
    let told = About::told(about.avail.to_string());
    match about.edit {
        consent::Edit::Composition(digest) => told.of(digest),
        consent::Edit::OnOrder => told,
    }
}

fn of_label(given: &crate::rating::Given, film: &Film) -> Option<About> {
    (given.title == film.title).then(|| About::told(&given.label).of(given.composition))
}

/// Of an order, everything is told but what only counts.
fn of_order(act: &Act, standing: &Standing) -> About {
    let told = !matches!(act, Act::TookEffect { .. } | Act::Reported { .. } | Act::OrderResolved { .. });
    let composition = match act {
        Act::FrameAccurate { composition, .. } => Some(*composition),
        _ => act.proposal().map(|proposal| proposal.composition),
    };
    About { composition, says: standing.order.scope.written.clone(), told }
}

/// Whether an order is about the film in a territory, as it names it or by media that it was found in.
fn is_about(standing: &Standing, film: &Film, territory: Territory) -> bool {
    let order: &Order = &standing.order;
    let named = || order.scope.parts.iter().any(|part| film.is_named(&order.work, part));
    let found = || standing.resolved.iter().any(|range| range.source == film.source);
    order.territories.contains(&territory) && (named() || found() || film.is_derived(&order.work))
}
