//! What an order changes: for every version that it touches, what is held at once and what it becomes.

use std::collections::BTreeSet;

use composition::evaluate_bound;
use jiff::Timestamp;
use media::Digest;
use media::error::Result;
use policy::{Act, Decision, Staff, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::browse::float;
use crate::house::{House, Snapshot};
use crate::ruling::films;
use crate::{burn, obey};

/// One version in one territory.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Effect {
    pub territory: String,
    pub title: String,
    pub version: String,
    pub composition: String,
    /// Whether all of it goes.
    pub withdrawn: bool,
    /// Seconds of the title that the order is about.
    #[schema(value_type = Vec<Vec<f64>>)]
    pub ordered: Vec<(f64, f64)>,
    /// The composition that takes its place once it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub becomes: Option<String>,
    /// Its length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// The state as if an act were decided now.
pub fn imagined(house: &House, act: &Act) -> Result<State> {
    let mut state = house.snapshot().state.clone();
    state.apply(&Decision::new(Timestamp::now(), Staff::new("nobody")?, act.clone()))?;
    Ok(state)
}

/// What an act about an order would change.
pub fn foreseen(house: &House, act: &Act) -> Result<Vec<Effect>> {
    let Some(id) = act.order() else { return Ok(Vec::new()) };
    let state = imagined(house, act)?;
    let snapshot = house.snapshot().under(state);
    let Some(standing) = snapshot.state.order(&id).cloned() else { return Ok(Vec::new()) };
    let at = standing.start().max(Timestamp::now());
    let sources: BTreeSet<Digest> = standing.resolved.iter().map(|r| r.source).collect();
    let mut effects = Vec::new();
    for version in snapshot.versions.values().filter(|v| burn::by_people(&v.row.name)) {
        let films = films(&snapshot, &version.row.title, &version.plays.composition);
        let withdrawn = films.iter().any(|film| standing.withdraws(film).is_some());
        let touched = version.plays.composition.spans().iter().any(|s| sources.contains(&s.source().1));
        if !withdrawn && !touched {
            continue;
        }
        let title = snapshot.title(&version.row.title)?;
        let ordered = standing.resolved_in(title.row.source).map(|range| {
            let at = |frame: u32| float(title.row.rate.seconds(i64::from(frame) - i64::from(title.row.from)));
            (at(range.from), at(range.to))
        });
        let ordered: Vec<(f64, f64)> = ordered.collect();
        for territory in &standing.order.territories {
            let made = obey::obeying(&snapshot, *territory, &version.plays, at)
                .filter(|made| evaluate_bound(made, &[]).is_ok());
            let seconds = made.as_ref().map(|made| length(house, &snapshot, made)).transpose()?;
            effects.push(Effect {
                territory: territory.to_string(),
                title: version.row.title.clone(),
                version: version.row.name.clone(),
                composition: version.row.composition.to_string(),
                withdrawn,
                ordered: ordered.clone(),
                becomes: made.as_ref().map(|made| made.digest().to_string()),
                seconds,
            });
        }
    }
    Ok(effects)
}

fn length(house: &House, snapshot: &Snapshot, composition: &composition::Composition) -> Result<f64> {
    let source = |title: &str, digest| house.source(snapshot, title, digest);
    Ok(float(composition::Timeline::new(composition, &source)?.duration))
}
