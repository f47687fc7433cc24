//! Orders: entering them, and every act about one that follows.
//!
//! An order is read as it was written, resolved to frames of stored tracks on the composition that the
//! authority looked at, and decided. `order place` answers when it is in force here; the frame-accurate
//! versions follow (`obey`).

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use composition::Timeline;
use jiff::Timestamp;
use media::Digest;
use media::error::{Error, Kind, Result};
use policy::state::{Cause, Standing, Status};
use policy::{Act, Film, Order, OrderId, Outcome, Proposed, Resolved, Sealed, Territory, resolve};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::decide::{Proposal, Taken, sealed};
use crate::house::{House, Snapshot, WHOLE, blocking};
use crate::obey;
use crate::ruling::film;

mod ask;
mod effect;
mod list;
mod offer;
mod view;

pub use ask::Ask;
pub use effect::{Effect, imagined};
pub use list::{Orders, Which, list};
pub use offer::{Offer, Verdict, answer_offer, propose};
pub use view::{OrderView, ProposalView, of_standing, print_list, print_order, print_placed, view};

/// What was placed, and what it did.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Placed {
    #[serde(flatten)]
    pub order: OrderView,
    /// None in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
    /// What changes in every version that it touches.
    pub effects: Vec<Effect>,
}

/// How an order is to be entered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Place {
    /// The order as JSON (docs/ref/orders.md).
    pub order: Value,
    /// The version that the authority looked at; the whole title when left out.
    #[serde(default)]
    pub version: Option<String>,
    /// Files that came with it.
    #[serde(default)]
    pub attach: Vec<PathBuf>,
    /// Say what would change, and change nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// Who enters it.
    pub by: String,
}

/// Enters an order. In a dry run nothing is recorded.
pub async fn place(house: &Arc<House>, place: Place) -> Result<Placed> {
    let mut documents = Vec::new();
    let mut json = place.order;
    attach(house, &place.attach, &mut json, &mut documents)?;
    let order = Order::read(&json.to_string(), &house.packs)?;
    tracing::debug!("order read");
    let resolved = located(house, &order, place.version.clone()).await?;
    tracing::debug!("order located");
    let due = order.due(&house.packs, Timestamp::now())?;
    let second_person = order.needs_second_person(&house.packs);
    let act = Act::OrderPlaced { order: Box::new(order.clone()), due, second_person, resolved };
    let effects = {
        let (here, act) = (house.clone(), act.clone());
        blocking(move || effect::foreseen(&here, &act)).await?
    };
    if place.dry_run {
        let state = effect::imagined(house, &act)?;
        return Ok(Placed { order: view::of(&state, &order.id())?, taken: None, effects });
    }
    let jobs = vec![archive::NewJob {
        key: obey::job_key(&order.id()),
        kind: obey::JOB.to_string(),
        input: obey::job_input(&order.id()),
    }];
    // The same order sent again finds its job; only a new one enters one.
    let known = house.snapshot().state.order(&order.id()).is_some();
    let proposal = Proposal { act, documents, jobs: if known { Vec::new() } else { jobs } };
    let taken = house.decide(&place.by, proposal).await?;
    took_effect(house, &order.id(), &taken).await?;
    obey::start(house, order.id());
    Ok(Placed { order: view(house, &order.id())?, taken: Some(taken), effects })
}

/// Records when this node had the decision in force.
async fn took_effect(house: &Arc<House>, order: &OrderId, taken: &Taken) -> Result<()> {
    if !taken.changed {
        return Ok(());
    }
    let act = Act::TookEffect { order: order.clone(), node: house.node(), took: taken.in_force_here };
    house.decide("phim", act.into()).await.map(drop)
}

/// Stores the files that came with an order and names them in it.
fn attach(
    house: &House,
    files: &[PathBuf],
    order: &mut Value,
    documents: &mut Vec<archive::Document>,
) -> Result<()> {
    for path in files {
        let bytes = std::fs::read(path).map_err(|e| archive::from_io(path, e))?;
        let digest = house.archive().blobs().put(&bytes)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let attached = json!({ "digest": digest.to_string(), "name": name });
        let (_, document) = sealed(&attached, Some(digest))?;
        documents.push(document);
        match order["attachments"].as_array_mut() {
            Some(all) => all.push(attached),
            None => order["attachments"] = json!([attached]),
        }
    }
    Ok(())
}

/// The frames that an order's times mean, in every title that the house holds and it names.
///
/// They are read on the version that was live in each of its territories when the authority looked; of a
/// title or version that came later, on what stands now.
pub async fn located(house: &Arc<House>, order: &Order, version: Option<String>) -> Result<Vec<Resolved>> {
    let mut snapshots = vec![house.snapshot()];
    if let Some(looked) = order.looked.map(|looked| looked.min(Timestamp::now())) {
        let since = snapshots[0].under(house.state_at(looked).await?);
        snapshots = vec![house.as_of(looked).await?, Arc::new(since)];
    }
    let (house, order) = (house.clone(), order.clone());
    blocking(move || resolve_all(&house, &snapshots, &order, version.as_deref())).await
}

fn resolve_all(
    house: &House,
    snapshots: &[Arc<Snapshot>],
    order: &Order,
    version: Option<&str>,
) -> Result<Vec<Resolved>> {
    let mut all: Vec<Resolved> = Vec::new();
    let Some(latest) = snapshots.last() else { return Ok(all) };
    for title in latest.titles.values() {
        let film = film(&title.row);
        if !order.scope.parts.iter().any(|part| film.is_named(&order.work, part)) {
            continue;
        }
        let looked_at = version.unwrap_or(WHOLE);
        let stood = snapshots.iter().find(|then| then.version(&film.title, looked_at).is_ok());
        let snapshot = stood.unwrap_or(latest);
        for territory in &order.territories {
            for range in resolve_in(house, snapshot, order, &film, *territory, version)? {
                if !all.contains(&range) {
                    all.push(range);
                }
            }
        }
    }
    Ok(all)
}

/// The same for one title in one territory.
fn resolve_in(
    house: &House,
    snapshot: &Snapshot,
    order: &Order,
    film: &Film,
    territory: Territory,
    version: Option<&str>,
) -> Result<Vec<Resolved>> {
    let looked_at = snapshot.version(&film.title, version.unwrap_or(WHOLE))?;
    let live = obey::standing(snapshot, territory, &looked_at.plays);
    let axis = Timeline::new(&live.composition, &|title, digest| house.source(snapshot, title, digest))?;
    resolve(order, film, live.digest, &axis).map_err(|e| e.at(format!("title {}", film.title)))
}

/// Finds in a title that was just entered what standing orders are about; until then they withdraw it.
pub async fn meet(house: &Arc<House>, title: &str) -> Result<()> {
    let snapshot = house.snapshot();
    let film = film(&snapshot.title(title)?.row);
    let waits = |s: &&Arc<Standing>| {
        s.status != Status::Lifted
            && s.parts_of(&film).next().is_some()
            && s.withdraws(&film) == Some(Cause::NotLocated)
    };
    for standing in snapshot.state.orders().filter(waits) {
        let mut found: Vec<Resolved> = Vec::new();
        for territory in &standing.order.territories {
            let (here, order, film, territory) =
                (house.clone(), standing.order.clone(), film.clone(), *territory);
            let read =
                blocking(move || resolve_in(&here, &here.snapshot(), &order, &film, territory, None)).await;
            match read {
                Ok(ranges) => found.extend(ranges.into_iter().filter(|r| !standing.resolved.contains(r))),
                // The order stands, and the gate refuses the title until its places are found.
                Err(error) => tracing::warn!(%error, order = %standing.order.id(), title, "not located"),
            }
        }
        if !found.is_empty() {
            let order = standing.order.id();
            house.decide("phim", Act::OrderResolved { order: order.clone(), resolved: found }.into()).await?;
            obey::start(house, order);
        }
    }
    Ok(())
}

/// The same for every title, so that what a killed process left undone is done.
pub async fn meet_all(house: &Arc<House>) -> Result<()> {
    for title in house.snapshot().titles.keys() {
        meet(house, title).await?;
    }
    Ok(())
}

/// What can be done about an order that stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A second person lets it bind; also how a refused order is obeyed after all.
    Approve,
    /// The house does not obey.
    Refuse {
        reason: String,
    },
    Lift {
        reason: String,
    },
    Appeal {
        letter: Letter,
    },
    /// What became of the appeal: `upheld`, `overturned` or `partly`.
    Answer {
        outcome: Outcome,
        letter: Letter,
    },
    /// Another text in its place.
    Amend {
        order: Value,
        reason: String,
    },
    /// The same, and it demands more.
    Escalate {
        order: Value,
        reason: String,
    },
}

/// Words, or a file, or both.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Letter {
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub file: Option<PathBuf>,
}

impl Letter {
    /// Commits to the letter. Fails when it says nothing.
    pub fn seal(&self, house: &House) -> Result<(Sealed, archive::Document)> {
        if self.text.trim().is_empty() && self.file.is_none() {
            return Err(Error::invalid("the letter is empty").remedy("Give --letter FILE or --reason TEXT"));
        }
        let blob = match &self.file {
            Some(path) => {
                let bytes = std::fs::read(path).map_err(|e| archive::from_io(path, e))?;
                Some(house.archive().blobs().put(&bytes)?)
            }
            None => None,
        };
        let file = blob.map(|digest: Digest| digest.to_string());
        sealed(&json!({ "text": self.text, "file": file }), blob)
    }
}

impl Step {
    /// Whether it names a file of this machine.
    pub fn names_file(&self) -> bool {
        matches!(self, Step::Appeal { letter } | Step::Answer { letter, .. } if letter.file.is_some())
    }
}

/// What a step did.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Stepped {
    #[serde(flatten)]
    pub order: OrderView,
    pub taken: Taken,
}

/// Takes a step with an order.
pub async fn step(house: &Arc<House>, id: &OrderId, step: Step, by: &str) -> Result<Stepped> {
    let id = find(&house.snapshot(), id)?;
    let order = id.clone();
    let reason_of = |reason: String| Letter { text: reason, file: None }.seal(house);
    let (act, document) = match step {
        Step::Approve => (Act::OrderApproved { order }, None),
        Step::Refuse { reason } => {
            let (reason, document) = reason_of(reason)?;
            (Act::OrderRefused { order, reason }, Some(document))
        }
        Step::Lift { reason } => {
            let (reason, document) = reason_of(reason)?;
            (Act::OrderLifted { order, letter: None, reason }, Some(document))
        }
        Step::Appeal { letter } => {
            let (letter, document) = letter.seal(house)?;
            (Act::OrderAppealed { order, letter }, Some(document))
        }
        Step::Answer { outcome, letter } => {
            let (letter, document) = letter.seal(house)?;
            (Act::AppealAnswered { order, outcome, letter }, Some(document))
        }
        Step::Amend { order, reason } => {
            let (order, due, resolved) = another(house, order).await?;
            let (reason, document) = reason_of(reason)?;
            (Act::OrderAmended { order, due, resolved, reason }, Some(document))
        }
        Step::Escalate { order, reason } => {
            let (order, due, resolved) = another(house, order).await?;
            let (reason, document) = reason_of(reason)?;
            (Act::OrderEscalated { order, due, resolved, reason }, Some(document))
        }
    };
    let proposal = Proposal { act, documents: document.into_iter().collect(), jobs: Vec::new() };
    let taken = house.decide(by, proposal).await?;
    took_effect(house, &id, &taken).await?;
    obey::start(house, id.clone());
    Ok(Stepped { order: view(house, &id)?, taken })
}

/// The text that is to stand in an order's place, understood.
async fn another(house: &Arc<House>, json: Value) -> Result<(Box<Order>, policy::Due, Vec<Resolved>)> {
    let order = Order::read(&json.to_string(), &house.packs)?;
    let resolved = located(house, &order, None).await?;
    let due = order.due(&house.packs, Timestamp::now())?;
    Ok((Box::new(order), due, resolved))
}

/// The order of this number; its authority may be left out where only one has such a number.
pub fn find(snapshot: &Snapshot, id: &OrderId) -> Result<OrderId> {
    let exact = OrderId::new(&id.authority, &id.number);
    if snapshot.state.order(&exact).is_some() {
        return Ok(exact);
    }
    let same: BTreeSet<OrderId> = snapshot
        .state
        .orders()
        .map(|standing| standing.order.id())
        .filter(|known| id.authority.is_empty() && known.number == exact.number)
        .collect();
    let mut same = same.into_iter();
    match (same.next(), same.next()) {
        (Some(one), None) => Ok(one),
        (Some(a), Some(b)) => Err(Error::new(
            Kind::Conflict,
            format!("{} and {} have orders with the number {}", a.authority, b.authority, a.number),
        )
        .remedy("Name the authority with --authority")),
        _ => Err(Error::not_found(format!("there is no order {}", exact.number))
            .remedy("phim order list shows the orders")),
    }
}

/// A proposal of an order, by its composition, or the only one.
fn proposed(snapshot: &Snapshot, id: &OrderId, composition: Option<&str>) -> Result<Proposed> {
    let standing =
        snapshot.state.order(id).ok_or_else(|| Error::not_found(format!("there is no order {id}")))?;
    let mut fitting = standing.proposals.iter().map(|p| &p.offered).filter(|offered| {
        composition.is_none_or(|wanted| offered.composition.to_string().starts_with(wanted))
    });
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(one.clone()),
        (Some(_), Some(_)) => Err(Error::new(Kind::Conflict, format!("{id} has several proposals"))
            .remedy("Name one with --composition, as phim order show lists them")),
        _ => {
            Err(Error::not_found(format!("{id} has no such proposal")).remedy("phim order propose makes one"))
        }
    }
}
