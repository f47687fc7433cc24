//! What Phim finds out by itself about a territory, as dated records.
//!
//! A result holds for a week. A house that serves looks again every hour, and records what it found when
//! that is another result, or when half of the week is over. A check never says that a law is kept: it says
//! what Phim saw.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use media::error::{Error, Result};
use policy::pack::duty::{Check, Evidence};
use policy::readiness::CheckRan;
use policy::state::ratings::Rated;
use policy::{Act, Decision, State, Territory};
use serde_json::json;

use super::show::name_of;
use super::shown;
use crate::decide::{Proposal, sealed};
use crate::house::{House, Snapshot, blocking};
use crate::territory::Place;

/// How long a result holds.
const HOLDS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often a house that serves looks.
const EVERY: Duration = Duration::from_secs(3600);

/// What a check found, in sentences.
pub(super) struct Found {
    pub passed: bool,
    pub says: Vec<String>,
}

/// Looks at everything that the territory's pack asks Phim to look at. Records what is new, or everything
/// where `all` is set.
pub async fn run(house: &Arc<House>, territory: Territory, all: bool) -> Result<()> {
    let mut proposals = Vec::new();
    let (snapshot, now) = (house.snapshot(), Timestamp::now());
    let (here, seen) = (house.clone(), snapshot.clone());
    for (check, found) in blocking(move || look(&here, &seen, territory)).await? {
        let known = snapshot.state.dossier(territory).and_then(|dossier| dossier.checks.get(&check));
        let fresh = known.is_some_and(|known| {
            known.passed == found.passed
                && known.until.is_some_and(|until| until.duration_since(now) > HOLDS / 2)
        });
        if fresh && !all {
            continue;
        }
        let report = json!({ "text": found.says.join(" "), "check": name_of(check), "passed": found.passed });
        let (report, document) = sealed(&report, None)?;
        let until = Timestamp::from_second((now + HOLDS).as_second()).unwrap_or(now);
        let act = Act::CheckRan(CheckRan { territory, check, passed: found.passed, until, report });
        proposals.push(Proposal { act, documents: vec![document], jobs: Vec::new() });
    }
    if proposals.is_empty() {
        return Ok(());
    }
    house.decide_all("phim", proposals).await.map(drop)
}

/// Looks at every territory that the house has declared, for as long as it stands.
pub async fn keep_looking(house: Arc<House>) {
    loop {
        let declared: Vec<Territory> = {
            let snapshot = house.snapshot();
            let dossiers = snapshot.state.dossiers();
            dossiers
                .filter(|(_, dossier)| dossier.declared.is_some())
                .map(|(territory, _)| territory)
                .collect()
        };
        for territory in declared {
            if let Err(error) = run(&house, territory, false).await {
                tracing::error!(%error, %territory, "the checks of readiness could not be recorded");
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// The state for looking ahead: a house that serves goes on looking, and it is taken that what holds now is
/// found until then.
pub fn gone_on(state: &State, now: Timestamp, until: Timestamp) -> Result<State> {
    let mut ahead = state.clone();
    for (territory, dossier) in state.dossiers() {
        for (check, found) in &dossier.checks {
            if !found.passed || !found.until.is_some_and(|ends| now < ends && ends <= until) {
                continue;
            }
            let until = until.checked_add(HOLDS).unwrap_or(until);
            let (check, report) = (*check, found.report);
            let ran = CheckRan { territory, check, passed: true, until, report };
            ahead.apply(&Decision::new(now, found.by.clone(), Act::CheckRan(ran)))?;
        }
    }
    Ok(ahead)
}

/// What every check of the pack finds.
fn look(house: &House, snapshot: &Snapshot, territory: Territory) -> Result<Vec<(Check, Found)>> {
    let mut all = Vec::new();
    for check in asked(house, territory) {
        if let Some(found) = find(house, snapshot, territory, check)? {
            all.push((check, found));
        }
    }
    Ok(all)
}

/// The checks that the pack names. Those that follow from other records are not run.
fn asked(house: &House, territory: Territory) -> Vec<Check> {
    let Some(pack) = house.packs.get(territory) else { return Vec::new() };
    let items = super::items(pack).flat_map(|(_, item)| &item.met_by);
    let mut checks: Vec<Check> = items
        .filter_map(|by| match by {
            Evidence::Check(check) => Some(*check),
            _ => None,
        })
        .collect();
    checks.sort_unstable();
    checks.dedup();
    checks
}

/// What Phim sees; none where the answer follows from other records.
fn find(house: &House, snapshot: &Snapshot, territory: Territory, check: Check) -> Result<Option<Found>> {
    Ok(Some(match check {
        Check::RiskAssessment | Check::RemovalDrill => return Ok(None),
        Check::ParentalControl => shown::parents(house, snapshot, territory)?,
        Check::ReportButton => shown::report(),
        Check::LabelsShown => shown::labels(house, snapshot, territory)?,
        Check::TitlesRated => {
            without(house, snapshot, territory, "a label", |rated| matches!(rated, Rated::Label(_)))?
        }
        Check::TitlesNotified => without(
            house,
            snapshot,
            territory,
            "a notification",
            |rated| matches!(rated, Rated::Label(label) if !label.untold.iter().any(|u| u.before_first_play)),
        )?,
        Check::ViewerStore => Found {
            passed: true,
            says: vec![format!(
                "This house keeps no accounts, profiles or history of viewers, here or anywhere; {} titles play without any.",
                snapshot.titles.len()
            )],
        },
    }))
}

/// Whether everything that lacks something is kept back: it passes when the gate lets nothing play without.
/// So a title that is entered today, and rated tomorrow, does not close the territory meanwhile.
fn without(
    house: &House,
    snapshot: &Snapshot,
    territory: Territory,
    what: &str,
    has: impl Fn(&Rated) -> bool,
) -> Result<Found> {
    let Some(pack) = house.packs.get(territory) else {
        return Err(Error::internal("a check without a pack"));
    };
    let positions = snapshot.state.dossier(territory).map_or(&[][..], |dossier| dossier.positions.as_slice());
    let rules = pack.at_with(pack.day(Timestamp::now()), positions);
    let (mut with, mut back, mut plays) = (0, 0, Vec::new());
    // What has a label in its pictures plays where what it was burnt from does.
    for playable in snapshot.compositions.values().filter(|playable| playable.burnt_from.is_none()) {
        if has(&snapshot.state.ratings().standing(&rules, &playable.title, &playable.digest)) {
            with += 1;
        } else if house.rule(snapshot, Place::In(territory), playable)?.refusals.is_empty() {
            plays.push(playable.title.as_str());
        } else {
            back += 1;
        }
    }
    plays.sort_unstable();
    plays.dedup();
    let mut says = vec![format!("{with} versions have {what}; {back} are kept back because they have none.")];
    if !plays.is_empty() {
        let shown = plays.iter().take(20).copied().collect::<Vec<_>>().join(", ");
        says.push(format!("Versions of {} titles play without: {shown}.", plays.len()));
    }
    Ok(Found { passed: plays.is_empty(), says })
}
