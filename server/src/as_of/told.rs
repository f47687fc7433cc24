//! What a viewer in a territory would have seen of a title at an instant, and why.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use media::error::{Error, Result};
use policy::gate::{Concern, Source, Step};
use policy::{Answer, Device, Question, Territory, Who, decide, explain};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::address::{LIFE, Moment, of_asset};
use super::words;
use crate::house::{House, Playable, Snapshot, WHOLE, blocking};
use crate::paths::Asset;
use crate::play::{self, Play, PlayRequest, Reason, WordsView};
use crate::ruling::films;
use crate::territory::Place;
use crate::viewer;

/// What is asked about.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AskedThen)]
pub struct Asked {
    /// Id of the title.
    pub title: String,
    /// Name of the version; the whole title when left out.
    #[serde(default)]
    pub version: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(value_type = String)]
    pub territory: Territory,
    /// An instant, at most a year from now: RFC 3339, or a local time of the territory.
    pub at: String,
}

/// What a viewer would have seen.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Then)]
pub struct Told {
    pub title: String,
    pub version: String,
    pub territory: String,
    /// RFC 3339.
    pub at: String,
    /// The same by the clocks of the territory (RFC 9557).
    pub local: String,
    /// Whether it is still to come: then all this is what is planned, if nothing more is decided.
    pub planned: bool,
    /// Whether it played for those who may see films with its label.
    pub playable: bool,
    /// Why it did not.
    pub reasons: Vec<Reason>,
    /// The label that it bore; none: nothing asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What played: `asked`, the version itself; `obeying`, what orders made of it; `accepted`, what was
    /// opened in answer to an order. None: nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<What>,
    /// The answer that a player got, with addresses for the staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub play: Option<Play>,
    /// Why what played cannot be shown any more: the version was removed since, and with it what was made
    /// for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
    /// Every rule that was asked, and what it said.
    pub why: Vec<Why>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = WhatPlayed)]
pub enum What {
    Asked,
    Obeying,
    Accepted,
}

/// One rule that was asked.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Why {
    /// `territory`, `order`, `window` or `label`.
    pub concern: String,
    pub title: String,
    /// The record, or the rule of the pack, that says so; empty: none does.
    pub source: String,
    /// The law behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// What it said, as the gate writes it down (English).
    pub says: String,
    pub allows: bool,
    pub words: WordsView,
    /// When it was to say something else, as far as was known then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Tells what a viewer would have seen; `base` stands before the addresses. Fails with `NotFound` for what
/// the house did not have then, with `Invalid` for an instant that is more than a year away.
pub async fn tell(house: &Arc<House>, asked: &Asked, base: &str) -> Result<Told> {
    let instant = policy::instant::read(&asked.at, house.packs.zone(&[asked.territory]))?;
    // As records count, so that the address says exactly this instant.
    let instant = Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant);
    let ends = Timestamp::now().checked_add(LIFE).map_err(|e| Error::internal(e.to_string()))?;
    let moment = Moment {
        instant,
        territory: asked.territory,
        title: asked.title.clone(),
        version: asked.version.clone().unwrap_or_else(|| WHOLE.into()),
        ends,
    };
    let then = house.as_of(instant).await?;
    stood(&house.snapshot(), &then, &moment)?;
    let (house, base) = (house.clone(), base.trim_end_matches('/').to_string());
    blocking(move || told(&house, &then, &moment, &base)).await
}

/// Fails where the house did not have the version then, and says when it came.
fn stood(present: &Snapshot, then: &Snapshot, moment: &Moment) -> Result<()> {
    if !composition::span::is_title_id(&moment.version) {
        return Err(Error::not_found(format!("{:?} is no version's name", moment.version)));
    }
    let Err(error) = then.version(&moment.title, &moment.version) else { return Ok(()) };
    let Ok(version) = present.version(&moment.title, &moment.version) else { return Err(error) };
    let came = Timestamp::from_microsecond(version.row.created).unwrap_or_default();
    let name = format!("{}/{}", moment.title, moment.version);
    Err(Error::not_found(format!("there was no {name} at {}: it came at {came}", moment.instant))
        .remedy("Choose a later instant"))
}

fn told(house: &House, then: &Snapshot, moment: &Moment, base: &str) -> Result<Told> {
    let version = then.version(&moment.title, &moment.version)?;
    let ruled = moment.ruled(house, then)?;
    let playable = ruled.as_ref().map_or(&version.plays, |(playable, _)| playable);
    let (why, label) = derivation(house, then, moment.territory, playable);
    let mut told = Told {
        title: moment.title.clone(),
        version: moment.version.clone(),
        territory: moment.territory.to_string(),
        at: moment.instant.to_string(),
        local: local(house, moment),
        planned: moment.instant > Timestamp::now(),
        playable: ruled.is_ok(),
        reasons: Vec::new(),
        label,
        what: None,
        play: None,
        lost: None,
        why,
    };
    match &ruled {
        Ok((playable, _)) => {
            told.what = Some(what(then, &version.plays, playable));
            match house.lay_out(then, playable) {
                Ok(_) => told.play = Some(addressed(house, then, moment, playable, base)?),
                Err(error) => told.lost = Some(error.message),
            }
        }
        Err(refusals) => told.reasons = play::reasons(refusals),
    }
    Ok(told)
}

/// The answer that a player got, with the addresses of the staff.
fn addressed(
    house: &House,
    then: &Snapshot,
    moment: &Moment,
    playable: &Arc<Playable>,
    base: &str,
) -> Result<Play> {
    let request = PlayRequest {
        title: moment.title.clone(),
        version: Some(moment.version.clone()),
        playing: None,
        at: None,
        carry: None,
        device: Vec::new(),
        viewer: None,
        receipt: None,
    };
    let place = Place::In(moment.territory);
    // Labels and warnings as our own player showed them.
    let passes = viewer::admit(then, &house.packs, place, playable, &viewer::anybody(Device::FULL))
        .unwrap_or_default();
    let play = play::answer(house, then, place, &request, playable, &passes)?;
    let sealed = moment.sealed(&house.keys);
    let address = |asset| format!("{base}{}", of_asset(&sealed, &playable.digest, asset));
    Ok(Play {
        hls: address(Asset::Hls),
        dash: address(Asset::Dash),
        poster: address(Asset::Poster),
        thumbnails: address(Asset::Thumbnails),
        chapters: address(Asset::Chapters),
        licence: None,
        expires: moment.ends.to_string(),
        ..play
    })
}

/// What played where a version was asked for.
pub fn what(then: &Snapshot, asked: &Playable, playable: &Playable) -> What {
    let opened = |standing: &Arc<policy::state::Standing>| {
        let own = |p: &&policy::state::Proposal| {
            p.offered.composition == playable.digest || Some(p.offered.composition) == playable.made_from
        };
        standing.proposals.iter().find(own).is_some_and(|p| p.status.is_open())
    };
    match playable.digest == asked.digest {
        true => What::Asked,
        false if then.state.orders().any(opened) => What::Accepted,
        false => What::Obeying,
    }
}

/// Every rule that was asked about it for everybody, and the label that it bore.
fn derivation(
    house: &House,
    then: &Snapshot,
    territory: Territory,
    playable: &Playable,
) -> (Vec<Why>, Option<String>) {
    let films = films(then, &playable.title, &playable.composition);
    let base = playable.made_from.as_ref().and_then(|digest| then.compositions.get(digest));
    let anybody = viewer::anybody(Device::FULL);
    let question = Question {
        territory: Some(territory),
        title: &playable.title,
        composition: Some(&playable.composition),
        made_from: base.map(|base| &base.composition),
        films: &films,
        now: then.now(),
        who: Who::Bearer,
        viewer: None,
    };
    let (_, steps) = explain(&then.state, &house.packs, &question);
    let viewed = Question { who: Who::Viewer, viewer: Some(&anybody), ..question.clone() };
    let label = match decide(&then.state, &house.packs, &viewed) {
        Answer::Pass(pass) => pass.label().map(String::from),
        Answer::Refused(_) => None,
    };
    (steps.iter().map(why).collect(), label)
}

fn why(step: &Step) -> Why {
    let (source, law) = match &step.from {
        Source::Record(name) => (name.clone(), None),
        Source::Pack { rule, law } => (rule.clone(), Some(law.clone())),
        Source::Viewer | Source::House => (String::new(), None),
    };
    Why {
        concern: concern(step.concern).into(),
        title: step.title.clone(),
        words: words::of(step.concern, step.allows, &source),
        source,
        law,
        says: step.says.clone(),
        allows: step.allows,
        until: step.until.map(|until| until.to_string()),
    }
}

fn concern(concern: Concern) -> &'static str {
    match concern {
        Concern::Territory => "territory",
        Concern::Order => "order",
        Concern::Window => "window",
        Concern::Label => "label",
        Concern::Age => "age",
        Concern::Lock => "lock",
        Concern::Payment => "payment",
        Concern::Language => "language",
        Concern::Device => "device",
    }
}

/// The instant by the clocks of the territory, where its pack names its zone; else in UTC.
fn local(house: &House, moment: &Moment) -> String {
    let zone = house.packs.zone(&[moment.territory]);
    let zone = zone.and_then(|zone| TimeZoneDatabase::bundled().get(zone).ok()).unwrap_or(TimeZone::UTC);
    moment.instant.to_zoned(zone).to_string()
}

pub fn print(told: &Told) {
    println!("{}/{} in {} at {}", told.title, told.version, told.territory, told.local);
    if told.planned {
        println!("  planned   this instant is still to come: it will be so if nothing more is decided");
    }
    if let Some(lost) = &told.lost {
        println!("  played    and is no longer stored: {lost}");
    }
    if let (Some(play), Some(what)) = (&told.play, told.what) {
        let what = match what {
            What::Asked => "the version as it is",
            What::Obeying => "what orders made of it",
            What::Accepted => "what was opened in answer to an order",
        };
        let label = told.label.as_ref().map(|label| format!(", label {label}")).unwrap_or_default();
        println!("  played    {what}: {}{label}", &play.composition[..12]);
        for held in &play.held {
            println!("  held back {:.3} to {:.3} s", held.from, held.to);
        }
        for edit in &play.edits {
            let removed = edit.removed_seconds.map(|s| format!(", {s:.3} s left out")).unwrap_or_default();
            println!("  {:<9} at {:.3} s{removed}", edit.kind, edit.at);
        }
    }
    for reason in &told.reasons {
        println!("  refused   {}", reason.says.en);
    }
    println!("because");
    for why in &told.why {
        let sign = if why.allows { "+" } else { "-" };
        println!("  {sign} {} ({})", why.words.en, why.says);
    }
    if let Some(play) = &told.play {
        println!("until {}\n{}\n{}", play.expires, play.hls, play.dash);
    }
}
