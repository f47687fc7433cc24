//! Where a look back at a title in a territory stops: everything that was decided about it there, every
//! version that came or went, and every instant in between from which viewers got another answer. Between
//! two stops they got the same. After now it stops where viewers will get another answer if nothing more is
//! decided.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use media::error::{Error, Result};
use policy::timeline::{Event, timeline};
use policy::{Decision, OrderId, Rule, State, Territory};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::address::{LIFE, Moment};
use super::told::{What, what};
use crate::burn::{burnt_from, by_people};
use crate::decide::in_time;
use crate::house::{House, Snapshot, WHOLE, blocking};
use crate::obey::made_from;
use crate::readiness::checks::gone_on;
use crate::ruling::film;
use crate::territory::Place;

/// What is looked back at.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    title: String,
    /// Name of the version; the whole title when left out.
    version: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[param(value_type = String)]
    territory: Territory,
}

/// A look back.
#[derive(Serialize, ToSchema)]
#[schema(as = LookBack)]
pub struct LookBack {
    pub title: String,
    pub version: String,
    pub territory: String,
    /// The zone whose clocks count there, where the territory's pack names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The versions that people made and that stand or stood.
    pub versions: Vec<String>,
    /// Stops after this instant are planned.
    pub now: String,
    /// In the order of time; never empty.
    pub stops: Vec<Stop>,
    /// Stops that came before these and are left out.
    pub left_out: usize,
}

/// One instant, and what viewers got from then on.
#[derive(Clone, Serialize, ToSchema)]
pub struct Stop {
    pub at: String,
    /// The word of the record, or `version-made`, `version-removed`, `frame-accurate`, `order-began`,
    /// `order-ended`, `window-opened`, `window-shut`, `turned`.
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderName>,
    /// What the record says: an order's scope, a label, the name of a contract or version. May be empty.
    pub says: String,
    pub stands: Stands,
}

/// Authority and number name an order.
#[derive(Clone, Serialize, ToSchema)]
pub struct OrderName {
    pub authority: String,
    pub number: String,
}

impl From<OrderId> for OrderName {
    fn from(id: OrderId) -> OrderName {
        OrderName { authority: id.authority, number: id.number }
    }
}

/// What viewers got.
#[derive(Clone, PartialEq, Serialize, ToSchema)]
pub struct Stands {
    pub playable: bool,
    /// Something of it was held back: black and silent.
    pub held: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<What>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub composition: Option<String>,
    /// Why it was refused.
    #[schema(value_type = Vec<String>)]
    pub rules: Vec<Rule>,
}

/// Stops that are told at most: the latest.
const MAX_STOPS: usize = 500;
/// Instants that are asked about at most.
const MAX_ASKED: usize = 5_000;
/// How far it looks ahead: a removal drill is good for 90 days, and premieres are planned within weeks.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 100);

/// Looks back at a title, and ahead. Fails with `NotFound` where the house has none of that name.
pub async fn look_back(house: &Arc<House>, which: Which) -> Result<LookBack> {
    let records = house.archive().catalogue().all_records().await?;
    let (house, present) = (house.clone(), house.snapshot());
    blocking(move || {
        let decisions = in_time(&records)?;
        Walk::new(&house, &present, &which, &decisions)?.told(&present)
    })
    .await
}

/// Something that happened, before what it came to is known.
#[derive(Clone)]
struct Happened {
    at: Timestamp,
    kind: String,
    order: Option<OrderId>,
    says: String,
    /// Whether it is told even where nothing changed for viewers.
    told: bool,
}

struct Walk<'a> {
    house: &'a House,
    /// The house with this title alone, so that each look at it is cheap.
    narrow: Snapshot,
    moment: Moment,
    events: Vec<(Event, State)>,
    now: Timestamp,
    /// Until when it looks ahead, and by which state.
    ahead: (Timestamp, State),
}

impl<'a> Walk<'a> {
    fn new(house: &'a House, present: &Snapshot, which: &Which, decisions: &[Decision]) -> Result<Walk<'a>> {
        let film = film(&present.title(&which.title)?.row);
        let now = Timestamp::now();
        let ahead = now.checked_add(AHEAD).map_err(|e| Error::internal(e.to_string()))?;
        let events = timeline(decisions, &film, which.territory)?;
        let last = events.last().map_or_else(State::default, |(_, state)| state.clone());
        Ok(Walk {
            house,
            narrow: narrowed(present, &which.title),
            moment: Moment {
                instant: now,
                territory: which.territory,
                title: which.title.clone(),
                version: which.version.clone().unwrap_or_else(|| WHOLE.into()),
                ends: now.checked_add(LIFE).map_err(|e| Error::internal(e.to_string()))?,
            },
            events,
            now,
            ahead: (ahead, gone_on(&last, now, ahead)?),
        })
    }

    fn told(&self, present: &Snapshot) -> Result<LookBack> {
        let mut stops = self.stops()?;
        let left_out = stops.len().saturating_sub(MAX_STOPS);
        let Moment { title, version, territory, .. } = &self.moment;
        let own = present.versions_of(title).map(|version| version.row.name.clone());
        let gone = present.removed.iter().filter(|gone| gone.title == *title);
        let gone = gone.map(|gone| gone.name.clone()).filter(|name| by_people(name));
        let mut versions: Vec<String> = Vec::new();
        for name in own.chain(gone) {
            if !versions.contains(&name) {
                versions.push(name);
            }
        }
        Ok(LookBack {
            title: title.clone(),
            version: version.clone(),
            territory: territory.to_string(),
            zone: self.house.packs.zone(&[*territory]).map(String::from),
            versions,
            now: self.now.to_string(),
            stops: stops.split_off(left_out),
            left_out,
        })
    }

    /// Everything that happened, oldest first.
    fn happened(&self) -> Vec<Happened> {
        let of = |(event, _): &(Event, State)| Happened {
            at: event.at,
            kind: event.kind.into(),
            order: event.order.clone(),
            says: event.says.clone(),
            // The version itself is told of, at the instant from which it played.
            told: event.told && event.kind != "frame-accurate",
        };
        let mut all: Vec<Happened> = self.events.iter().map(of).collect();
        let own = |name: &str| name == self.moment.version;
        let mut version = |at: i64, kind: &str, name: &str| {
            let kind = if made_from(name).is_some() { "frame-accurate" } else { kind };
            let says = if made_from(name).is_some() { String::new() } else { name.to_string() };
            let at = Timestamp::from_microsecond(at).unwrap_or_default();
            all.push(Happened { at, kind: kind.into(), order: None, says, told: own(name) });
        };
        for known in self.narrow.versions.values().filter(|known| burnt_from(&known.row.name).is_none()) {
            version(known.row.created, "version-made", &known.row.name);
        }
        for gone in self.narrow.removed.iter().filter(|gone| burnt_from(&gone.name).is_none()) {
            version(gone.created, "version-made", &gone.name);
            version(gone.removed, "version-removed", &gone.name);
        }
        all.sort_by_key(|happened| happened.at);
        all
    }

    /// Every stop from when the version was first there.
    fn stops(&self) -> Result<Vec<Stop>> {
        let happened = self.happened();
        let first = happened.iter().find(|one| one.told && one.kind == "version-made").map(|one| one.at);
        let first = first.ok_or_else(|| {
            Error::not_found(format!("there never was {}/{}", self.moment.title, self.moment.version))
        })?;
        let (mut stops, mut before) = (Vec::new(), None);
        let mut asked = 0;
        for (n, one) in happened.iter().enumerate().filter(|(_, one)| one.at >= first) {
            let until = happened.get(n + 1).map_or(self.ahead.0, |next| next.at);
            let mut at = one.at;
            let mut cause = Some(one.clone());
            // What the passing of time changed until the next thing happened.
            while asked < MAX_ASKED {
                asked += 1;
                let (stands, next) = self.ask(at)?;
                let happened = cause.take().unwrap_or_else(|| self.turned(at));
                if happened.told || before.as_ref() != Some(&stands) {
                    let Happened { at, kind, order, says, .. } = happened;
                    let (at, order) = (at.to_string(), order.map(OrderName::from));
                    stops.push(Stop { at, kind, order, says, stands: stands.clone() });
                }
                before = Some(stands);
                match next.filter(|next| *next < until) {
                    Some(next) => at = next,
                    None => break,
                }
            }
        }
        Ok(stops)
    }

    /// What viewers got at an instant, and when they were to be asked again.
    fn ask(&self, at: Timestamp) -> Result<(Stands, Option<Timestamp>)> {
        let known = self.events.partition_point(|(event, _)| event.at <= at);
        let state = match known.checked_sub(1) {
            _ if at > self.now => self.ahead.1.clone(),
            Some(last) => self.events[last].1.clone(),
            None => State::default(),
        };
        let then = self.narrow.as_of(at, state);
        let Ok(version) = then.version(&self.moment.title, &self.moment.version) else {
            let rules = vec![Rule::UnknownComposition];
            return Ok((Stands { playable: false, held: false, what: None, composition: None, rules }, None));
        };
        let own = self.house.rule(&then, Place::In(self.moment.territory), &version.plays)?.until;
        Ok(match self.moment.ruled(self.house, &then)? {
            Ok((playable, ruling)) => {
                let stands = Stands {
                    playable: true,
                    held: !ruling.held.is_empty(),
                    what: Some(what(&then, &version.plays, &playable)),
                    composition: Some(playable.digest.to_string()),
                    rules: Vec::new(),
                };
                (stands, own.into_iter().chain(ruling.until).min())
            }
            Err(refusals) => {
                let mut rules: Vec<Rule> = refusals.iter().map(|refusal| refusal.rule).collect();
                rules.dedup();
                (Stands { playable: false, held: false, what: None, composition: None, rules }, own)
            }
        })
    }

    /// What turned at an instant at which nobody did anything.
    fn turned(&self, at: Timestamp) -> Happened {
        let known = self.events.partition_point(|(event, _)| event.at <= at);
        let nothing = State::default();
        let state = known.checked_sub(1).map_or(&nothing, |last| &self.events[last].1);
        let turned = |kind: &str, order: Option<OrderId>, says: String| Happened {
            at,
            kind: kind.into(),
            order,
            says,
            told: false,
        };
        for standing in state.orders() {
            let (order, id) = (&standing.order, standing.order.id());
            if standing.start() == at {
                return turned("order-began", Some(id), order.scope.written.clone());
            }
            if order.until == Some(at) {
                return turned("order-ended", Some(id), order.scope.written.clone());
            }
        }
        let licensed = state.rights().licensed(&self.moment.title);
        for window in licensed.explain(self.moment.territory, at) {
            let Some(times) = window.times else { continue };
            if times.open == at {
                return turned("window-opened", None, window.avail.to_string());
            }
            if times.end == Some(at) {
                return turned("window-shut", None, window.avail.to_string());
            }
        }
        let rights = state.rights();
        for avail in rights.covering(&self.moment.title) {
            for said in rights.said(&avail.id).iter().filter(|said| said.about.title == self.moment.title) {
                let policy::state::rights::What::Consent { from, until } = said.what else { continue };
                let kind = if from == at { "consent-began" } else { "consent-ended" };
                if from == at || until == Some(at) {
                    return turned(kind, None, avail.id.to_string());
                }
            }
        }
        turned("turned", None, String::new())
    }
}

/// The house with nothing but a title, what its versions show, and what orders made of them.
fn narrowed(present: &Snapshot, title: &str) -> Snapshot {
    let mut narrow = present.clone();
    let own: Vec<_> = present.all_versions_of(title).cloned().collect();
    let gone = present.removed.iter().filter(|gone| gone.title == title).cloned();
    narrow.removed = gone.collect();
    let shown: std::collections::BTreeSet<&str> =
        own.iter().flat_map(|version| version.plays.shows()).chain([title]).collect();
    let shown = shown.into_iter().filter_map(|id| Some((id.to_string(), present.titles.get(id)?.clone())));
    narrow.titles = shown.collect();
    narrow.versions = own.iter().map(|v| ((v.row.title.clone(), v.row.name.clone()), v.clone())).collect();
    narrow
}
