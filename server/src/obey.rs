//! The frame-accurate step: compositions that obey the orders of a territory, made and kept beside the
//! versions that they come from.
//!
//! Such a composition is entered as a version of its own, under a name that nobody can type: `@`, the
//! beginning of the digest that it was made from, and of its own. It depends on the base and the edits
//! alone, so territories under the same orders share it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use archive::{Claim, JobState};
use composition::{Composition, Edit, evaluate_bound};
use jiff::Timestamp;
use media::Digest;
use media::error::{Error, Result};
use policy::{Act, OrderId, Territory};
use serde_json::{Value, json};

use crate::burn::by_people;
use crate::house::{House, Playable, Snapshot, now};
use crate::ruling::films;
use crate::version;

/// Kind of the jobs that make these versions.
pub const JOB: &str = "obey";
/// Times that a job is tried before the safe step is left to stand.
const ATTEMPTS: i64 = 3;
const LEASE: i64 = i64::MAX / 4;

/// The composition that a version with this name was made from by orders; none for those of people.
pub fn made_from(name: &str) -> Option<Digest> {
    name.strip_prefix('@')?.split_once('-')?.0.parse().ok()
}

fn name_of(base: Digest, own: Digest) -> String {
    format!("@{base}-{own}")
}

/// What the orders of a territory make of a composition; none when they leave it as it is or leave
/// nothing of it.
pub fn obeying(
    snapshot: &Snapshot,
    territory: Territory,
    playable: &Playable,
    at: Timestamp,
) -> Option<Composition> {
    let edits = edits(snapshot, territory, playable, at)?;
    evaluate_bound(&playable.composition, &edits).ok().filter(|made| *made != playable.composition)
}

/// The edits that bind a composition; none when there are none, or when it is withdrawn whole.
fn edits(snapshot: &Snapshot, territory: Territory, playable: &Playable, at: Timestamp) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    for film in films(snapshot, &playable.title, &playable.composition) {
        let bites = snapshot.state.live(territory, at).of(&film).ok()?;
        edits.extend(bites.edits());
    }
    Some(edits).filter(|edits| !edits.is_empty())
}

/// What stands in the place of a composition in a territory: the one that obeys, where it is made.
pub fn standing<'s>(
    snapshot: &'s Snapshot,
    territory: Territory,
    playable: &'s Arc<Playable>,
) -> &'s Arc<Playable> {
    let made = obeying(snapshot, territory, playable, snapshot.now());
    made.and_then(|made| snapshot.compositions.get(&made.digest())).unwrap_or(playable)
}

/// A proposal for this version's title that is open in a territory although the whole is withdrawn.
pub fn opened<'s>(
    snapshot: &'s Snapshot,
    territory: Territory,
    asked: &Playable,
) -> Option<&'s Arc<Playable>> {
    let row = &snapshot.titles.get(&asked.title)?.row;
    let bites = snapshot.state.live(territory, snapshot.now()).of(&crate::ruling::film(row)).ok()?;
    bites.open().into_iter().find_map(|offered| snapshot.compositions.get(&offered.composition))
}

/// The key of the job that makes what an order asks for.
pub fn job_key(order: &OrderId) -> String {
    format!("{JOB} {order}")
}

pub fn job_input(order: &OrderId) -> Value {
    json!({ "authority": order.authority, "number": order.number })
}

/// Starts every job that waits, e.g. those that a killed process left.
pub async fn resume(house: &Arc<House>) -> Result<()> {
    let jobs = house.archive().catalogue().jobs().await?;
    for job in jobs.into_iter().filter(|job| job.kind == JOB && job.state == JobState::Waiting) {
        let text = |name: &str| job.input[name].as_str().unwrap_or_default().to_string();
        start(house, OrderId { authority: text("authority"), number: text("number") });
    }
    Ok(())
}

/// Makes what an order asks for, beside everything else. Where that is under way already, it is looked at
/// once more afterwards: what it asks for, or of which versions, may have changed meanwhile.
pub fn start(house: &Arc<House>, order: OrderId) {
    if under_way(house).insert(order.clone(), true).is_some() {
        return;
    }
    let here = house.clone();
    house.work(async move {
        while goes_on(&here, &order) {
            if let Err(error) = obey(&here, &order).await {
                tracing::error!(%error, %order, "the frame-accurate versions are not made; the safe step stands");
            }
        }
    });
}

fn under_way(house: &House) -> std::sync::MutexGuard<'_, HashMap<OrderId, bool>> {
    // Nothing that runs under this lock can leave it half done.
    house.obeying.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Whether somebody asked since the last look; if not, the order is no longer under way.
fn goes_on(house: &House, order: &OrderId) -> bool {
    let mut under_way = under_way(house);
    let asked = under_way.get_mut(order).is_some_and(std::mem::take);
    if !asked {
        under_way.remove(order);
    }
    asked
}

/// Looks at every order that is about film which a new version shows.
pub fn start_for(house: &Arc<House>, composition: &Composition) {
    let sources: BTreeSet<Digest> = composition.spans().iter().map(|span| span.source().1).collect();
    for standing in house.snapshot().state.orders() {
        let bites = standing.resolved.iter().any(|range| sources.contains(&range.source));
        if bites && standing.status == policy::state::Status::Standing {
            start(house, standing.order.id());
        }
    }
}

/// Makes the versions that obey an order and records what came of it. The safe step stands meanwhile.
pub async fn obey(house: &Arc<House>, order: &OrderId) -> Result<()> {
    let catalogue = house.archive().catalogue();
    let key = job_key(order);
    catalogue.enter_job(&key, JOB, &job_input(order), now()).await?;
    loop {
        let Some(claim) = catalogue.claim_job(&key, now(), LEASE).await? else { return Ok(()) };
        tracing::debug!("job taken");
        match make_all(house, order).await {
            Ok(()) => {
                catalogue.finish_job(&claim, now()).await?;
                tracing::debug!("job finished");
                return Ok(());
            }
            Err(error) if claim.attempt < ATTEMPTS => {
                tracing::warn!(%error, %order, attempt = claim.attempt, "tried again");
                catalogue.release_job(&claim, now()).await?;
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
            Err(error) => return give_up(house, order, &claim, error).await,
        }
    }
}

async fn give_up(house: &Arc<House>, order: &OrderId, claim: &Claim, error: Error) -> Result<()> {
    let title = title_of(house, order);
    let mut why = error.to_string();
    why.retain(|c| !c.is_control());
    let why = why.chars().take(2_000).collect();
    let act = Act::PatchFailed { order: order.clone(), title, why };
    house.decide("phim", act.into()).await?;
    house.archive().catalogue().fail_job(claim, &error, now()).await?;
    Err(error)
}

fn title_of(house: &House, order: &OrderId) -> String {
    let snapshot = house.snapshot();
    let standing = snapshot.state.order(order);
    let title = standing.and_then(|s| s.resolved.first()).map(|range| range.title.clone());
    title.unwrap_or_else(|| "unknown".to_string())
}

/// For every version of people's that the order bites, in every territory that it names.
async fn make_all(house: &Arc<House>, order: &OrderId) -> Result<()> {
    let (sources, territories) = {
        let snapshot = house.snapshot();
        let Some(standing) = snapshot.state.order(order) else { return Ok(()) };
        let sources: BTreeSet<Digest> = standing.resolved.iter().map(|range| range.source).collect();
        // What begins later is made now, so that it is there when it begins.
        let at = standing.start().max(Timestamp::now());
        (sources, standing.order.territories.iter().map(|t| (*t, at)).collect::<Vec<_>>())
    };
    let snapshot = house.snapshot();
    let mut made = BTreeSet::new();
    for version in snapshot.versions.values().filter(|v| by_people(&v.row.name)) {
        let bitten = version.plays.composition.spans().iter().any(|s| sources.contains(&s.source().1));
        if !bitten {
            continue;
        }
        for (territory, at) in &territories {
            let Some(composition) = obeying(&snapshot, *territory, &version.plays, *at) else { continue };
            let digest = composition.digest();
            if made.insert((version.row.title.clone(), digest)) {
                make_one(house, version, composition).await?;
                let title = version.row.title.clone();
                house
                    .decide(
                        "phim",
                        Act::FrameAccurate { order: order.clone(), title, composition: digest }.into(),
                    )
                    .await?;
            }
        }
    }
    Ok(())
}

/// Makes a composition of a version and enters it beside it.
pub async fn make_one(
    house: &Arc<House>,
    base: &crate::house::Version,
    composition: Composition,
) -> Result<()> {
    let name = name_of(base.row.composition, composition.digest());
    let _changing = house.changing.lock().await;
    let silent = crate::progress::silent();
    version::enter(house, &base.row.title, &name, base.row.labels.clone(), composition, silent).await
}
