//! What the gate says of a composition in a place, remembered until something changes.
//!
//! A ruling is made when it is first asked for and then only read. After every change of the snapshot the
//! gate is asked again, and a ruling ends by itself at the instant at which an order begins or ends to bind.
//!
//! Invariant: where the gate says the same as before of media that are laid out as before, it is the same
//! ruling, by address. So an order costs nothing for connections that carry what it is not about, however
//! many orders there were.
//!
//! A viewer whose territory is not known is refused, but in a trial: then under the rules of all
//! territories at once, refused where any refuses, and nothing is shown that any holds back.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use composition::{Composition, Held, Layout};
use imbl::HashMap;
use jiff::{SignedDuration, Timestamp};
use media::Digest;
use media::error::Result;
use policy::{Answer, Day, Film, Gate, OrderId, Packs, Question, Refusal, Rule, Territory, Viewer, Who};

use crate::burn;
use crate::house::{House, Playable, Snapshot};
use crate::territory::Place;

/// The gate's answer to one question.
pub struct Ruling {
    /// Why it may not be played; empty when it may.
    pub refusals: Vec<Refusal>,
    /// What is kept back of it, by each territory that counts; empty when nothing is.
    pub held: Vec<Held>,
    /// The layout that keeps that back.
    pub layout: Option<Arc<Layout>>,
    /// From then on the question must be asked again.
    pub until: Option<Timestamp>,
    /// The order whose private link it was asked for by; none: nobody's.
    pub link: Option<OrderId>,
    /// What it is about, as it stood in the house then.
    about: Weak<Playable>,
}

impl Ruling {
    /// Of what is shown as it is to the authority that gave `order`, by its private link.
    pub fn of_link(order: OrderId) -> Ruling {
        Ruling { link: Some(order), ..Ruling::free() }
    }
    /// Of what is shown as it is.
    pub fn free() -> Ruling {
        Ruling {
            refusals: Vec::new(),
            held: Vec::new(),
            layout: None,
            until: None,
            link: None,
            about: Weak::new(),
        }
    }
    fn stands(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
    /// Whether this says what the gate now says, of the same media.
    fn says(&self, now: &Ruling) -> bool {
        Weak::ptr_eq(&self.about, &now.about)
            && (self.until, &self.refusals, &self.held) == (now.until, &now.refusals, &now.held)
    }
}

/// Instants that are looked at for the end of a session.
const MOST_TURNS: usize = 16;

/// What one ruling is about.
pub type Matter = (Place, Digest);

/// Rulings by what they are about.
pub type Rulings = HashMap<Matter, Arc<Ruling>>;

impl House {
    /// The ruling on a composition for a viewer in `place`. Reads memory once it was made.
    pub async fn ruling(
        self: &Arc<House>,
        snapshot: &Arc<Snapshot>,
        place: Place,
        playable: &Arc<Playable>,
    ) -> Result<Arc<Ruling>> {
        let matter = (place, playable.digest);
        if let Some(ruling) =
            snapshot.rulings.load().get(&matter).filter(|ruling| ruling.stands(snapshot.now()))
        {
            return Ok(ruling.clone());
        }
        let (house, snapshot, playable) = (self.clone(), snapshot.clone(), playable.clone());
        crate::house::blocking(move || house.rule(&snapshot, place, &playable)).await
    }

    /// The same for a thread that may wait for the disk.
    pub fn rule(&self, snapshot: &Snapshot, place: Place, playable: &Arc<Playable>) -> Result<Arc<Ruling>> {
        let matter = (place, playable.digest);
        if let Some(ruling) =
            snapshot.rulings.load().get(&matter).filter(|ruling| ruling.stands(snapshot.now()))
        {
            return Ok(ruling.clone());
        }
        let mut ruling = ask_gate(self, snapshot, place, playable, None);
        let ruling = match snapshot.earlier.get(&matter).filter(|before| before.says(&ruling)) {
            Some(before) => before.clone(),
            None => {
                self.hold(snapshot, place, playable, &mut ruling)?;
                Arc::new(ruling)
            }
        };
        snapshot.rulings.rcu(|all| all.update(matter, ruling.clone()));
        Ok(ruling)
    }

    /// The same for a session that began at an instant which this house signed: where the windows have shut
    /// since then and the contract lets who watches finish, the film goes on.
    pub fn going_on(
        &self,
        snapshot: &Snapshot,
        place: Place,
        playable: &Arc<Playable>,
        began: Option<Timestamp>,
        ruling: Arc<Ruling>,
    ) -> Result<Arc<Ruling>> {
        let shut = |refusal: &Refusal| matches!(refusal.rule, Rule::LicenceOver | Rule::NotYetLicensed);
        if began.is_none() || ruling.refusals.is_empty() || !ruling.refusals.iter().all(shut) {
            return Ok(ruling);
        }
        let mut now = ask_gate(self, snapshot, place, playable, began);
        if !now.refusals.is_empty() {
            return Ok(ruling);
        }
        self.hold(snapshot, place, playable, &mut now)?;
        Ok(Arc::new(now))
    }

    /// Until when a session that plays under a ruling may go on, as far as that is known: beyond each
    /// instant at which the gate would then say the same of it. Ends that are more than `life` seconds
    /// away are left as they are.
    pub fn session_ends(
        &self,
        snapshot: &Snapshot,
        place: Place,
        playable: &Arc<Playable>,
        began: Option<Timestamp>,
        ruling: &Ruling,
        life: i64,
    ) -> Option<Timestamp> {
        let far = snapshot.now().checked_add(SignedDuration::from_secs(life)).ok()?;
        let mut until = ruling.until;
        for _ in 0..MOST_TURNS {
            let Some(at) = until.filter(|at| began.is_some() && *at <= far) else { break };
            let mut then = snapshot.clone();
            then.instant = Some(at);
            let later = ask_gate(self, &then, place, playable, began);
            if !later.refusals.is_empty() || later.held != ruling.held || later.until <= until {
                break;
            }
            until = later.until;
        }
        until
    }

    /// Lays out what the ruling keeps back; refuses all of it where that cannot be done.
    fn hold(
        &self,
        snapshot: &Snapshot,
        place: Place,
        playable: &Playable,
        ruling: &mut Ruling,
    ) -> Result<()> {
        if ruling.held.is_empty() || !ruling.refusals.is_empty() {
            return Ok(());
        }
        let plain = self.lay_out(snapshot, playable)?;
        match ruling.held.iter().try_fold(plain, |layout, held| layout.held(held).map(Arc::new)) {
            Ok(layout) => ruling.layout = Some(layout),
            Err(error) => {
                // Black pictures cannot be made for every rendition; then all of it is kept back.
                tracing::warn!(%error, title = playable.title, "withdrawn because it cannot be held");
                let films = films(snapshot, &playable.title, &playable.composition);
                ruling.refusals.extend(not_holdable(snapshot, place, &films));
            }
        }
        Ok(())
    }
}

/// What the gate says at the instant of the snapshot, before anything is laid out.
fn ask_gate(
    house: &House,
    snapshot: &Snapshot,
    place: Place,
    playable: &Arc<Playable>,
    began: Option<Timestamp>,
) -> Ruling {
    let session = Viewer { began, ..Viewer::default() };
    let now = snapshot.now();
    let until = snapshot.state.next_change(now);
    let mut ruling = Ruling { until, about: Arc::downgrade(playable), ..Ruling::free() };
    let law = burn::law(snapshot, playable);
    let asked_of = law.unwrap_or(playable);
    let films = films(snapshot, &asked_of.title, &asked_of.composition);
    let base = asked_of.made_from.as_ref().and_then(|digest| snapshot.compositions.get(digest));
    for territory in asked(snapshot, place, now) {
        let question = Question {
            territory,
            title: &asked_of.title,
            composition: law.map(|law| &law.composition),
            made_from: base.map(|base| &base.composition),
            films: &films,
            now,
            // What hangs on the viewer is asked when a title is played, not for every segment.
            who: Who::Bearer,
            viewer: began.map(|_| &session),
        };
        ruling.refusals.extend(burn::stale(house, snapshot, territory, playable));
        let gate = snapshot.gate(&house.packs, question.territory, now);
        ruling.until = ruling.until.into_iter().chain(gate.until()).min();
        match gate.decide(&question) {
            Answer::Pass(pass) => {
                ruling.until = ruling.until.into_iter().chain(pass.expires()).min();
                ruling.held.extend(Some(pass.held().clone()).filter(|held| !held.is_empty()));
            }
            Answer::Refused(refusals) => {
                let until = refusals.iter().filter_map(|refusal| refusal.until).filter(|until| *until > now);
                ruling.until = ruling.until.into_iter().chain(until).min();
                ruling.refusals.extend(refusals);
            }
        }
    }
    ruling
}

impl Snapshot {
    /// Begins anew with what the gate says; what it said stays known, for what it says again.
    pub fn put_rulings_aside(&mut self) {
        self.days = Arc::default();
        let said = std::mem::take(&mut self.rulings);
        self.earlier = Rulings::clone(&said.load()).union(std::mem::take(&mut self.earlier));
    }

    /// The gate of a territory at an instant. Its rules are laid out once for a day.
    pub fn gate<'a>(&'a self, packs: &'a Packs, territory: Option<Territory>, now: Timestamp) -> Gate<'a> {
        let Some(there) = territory else { return Gate::new(&self.state, packs, None, now) };
        let known = self.days.load().get(&there).filter(|day| day.holds_at(now)).cloned();
        let day = known.unwrap_or_else(|| {
            let day = Day::of(&self.state, packs, territory, now);
            self.days.rcu(|days| days.update(there, day.clone()));
            day
        });
        Gate::on(&self.state, packs, territory, day)
    }
}

/// The territories of which the gate is asked for a place. Whoever cannot be placed may be where the house
/// has declared nothing: then the gate is asked of nowhere, which it refuses, but in a trial.
fn asked(snapshot: &Snapshot, place: Place, now: Timestamp) -> Vec<Option<Territory>> {
    match place {
        Place::Unknown if snapshot.state.trial(now).is_none() => vec![None],
        place => territories(snapshot, place).into_iter().map(Some).collect(),
    }
}

/// The territories whose rules count in a place. For one that is not known these are all that have an order
/// or were declared; of the others, only whether there is a trial is asked.
pub fn territories(snapshot: &Snapshot, place: Place) -> BTreeSet<Territory> {
    match place {
        Place::In(_) | Place::Away { .. } => place.territories().collect(),
        Place::Unknown => {
            let ordered = snapshot.state.orders().flat_map(|standing| standing.order.territories.clone());
            let governed = snapshot.state.dossiers().map(|(territory, _)| territory);
            ordered.chain(governed.filter(|territory| snapshot.state.is_governed(*territory))).collect()
        }
    }
}

/// What the gate must know of the title asked for and of those whose media a composition shows.
pub fn films(snapshot: &Snapshot, title: &str, composition: &Composition) -> Vec<Film> {
    let shown = composition.spans().iter().map(|span| span.source().0);
    let ids: BTreeSet<&str> = shown.chain([title]).collect();
    ids.into_iter().filter_map(|id| Some(film(&snapshot.titles.get(id)?.row))).collect()
}

pub fn film(row: &archive::Title) -> Film {
    let place = row.place.as_ref().map(|place| policy::Place {
        series: place.series.clone(),
        season: place.season,
        episode: place.episode,
    });
    Film { place, shows: row.derived_from.clone(), ..Film::single(&row.id, row.source) }
}

/// The orders that hold a composition back, as refusals of all of it.
fn not_holdable(snapshot: &Snapshot, place: Place, films: &[Film]) -> Vec<Refusal> {
    let now = snapshot.now();
    let mut refusals = Vec::new();
    for territory in territories(snapshot, place) {
        for film in films {
            let Ok(bites) = snapshot.state.live(territory, now).of(film) else { continue };
            let orders: BTreeSet<_> = bites.bound.iter().map(|bound| bound.order.clone()).collect();
            let standing = orders.iter().filter_map(|id| snapshot.state.order(id));
            refusals
                .extend(standing.map(|standing| Refusal::of(policy::Rule::Withdrawn, standing, &film.title)));
        }
    }
    refusals
}
