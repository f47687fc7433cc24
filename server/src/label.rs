//! Labels of versions, and what must be shown with them, as the API tells them.

use std::collections::BTreeMap;

use composition::Composition;
use jiff::Timestamp;
use media::Digest;
use media::error::Result;
use policy::advisory::{self, When};
use policy::gate::{Obligation, Way};
use policy::label::Admits;
use policy::pack::Rules;
use policy::state::ratings::Rated;
use policy::{Packs, Pass, Territory};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::house::Snapshot;
use crate::territory::Place;

/// The label of a version in a territory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = VersionLabel)]
pub struct LabelView {
    /// ISO 3166-1 alpha-2.
    pub territory: String,
    /// As it is shown: `T16`.
    pub code: String,
    /// What it is called, by BCP-47 tag.
    pub name: BTreeMap<String, String>,
    /// The colour of its symbol, `#rrggbb`; none: no source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// The age that it asks for or advises, in years; none: no age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<u8>,
    /// The age from which it is enough that a parent or guardian watches too; none: it never is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_guardian: Option<u8>,
    /// Names of why it was given, what drove it first.
    #[serde(default)]
    pub descriptors: Vec<BTreeMap<String, String>>,
    /// What must be said before the viewer chooses, by language; empty: nothing.
    #[serde(default)]
    pub says: BTreeMap<String, String>,
}

/// What must be done while it plays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Obligation)]
pub struct ObligationView {
    pub territory: String,
    /// `show`: what the showing of this rule says. `company`: a parent or guardian watches too.
    pub does: String,
    /// Id of the pack's rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// By what it is shown: `catalogue`, `card`, `overlay`, `forced-text` or `burnt-in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
}

/// Where, when, how long and in which words a label or its warnings are shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Showing)]
pub struct ShowingView {
    pub territory: String,
    /// Id of the pack's rule.
    pub rule: String,
    /// `label`, `descriptors`.
    pub shows: Vec<String>,
    /// `catalogue`, `top-corner`, `below-label`, `first-screen` or `anywhere`.
    pub place: String,
    /// `before-choice`, `before-film`, `at-start`, `whole-film` or `during-film`.
    pub when: String,
    /// Milliseconds on the timeline of what plays, in order. Empty where it is shown before the film.
    pub spans: Vec<MomentView>,
    /// How long it stands before the film, in milliseconds.
    pub before: u64,
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// Codes of the descriptors that are shown.
    pub descriptors: Vec<String>,
    /// The diagonal of its box as a share of the screen's, at least: `[1, 20]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<u16>>)]
    pub min_diagonal: Option<(u16, u16)>,
    /// The words, by BCP-47 tag.
    pub text: BTreeMap<String, String>,
}

/// Milliseconds, the end not included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Moment)]
pub struct MomentView {
    pub from: u64,
    pub to: u64,
}

/// The labels that count for a viewer somewhere, with the rules of the day laid out once.
pub struct Labels {
    rules: Vec<Rules>,
}

impl Labels {
    /// Of the territories of a place that the house has declared: nowhere else does it give labels.
    pub fn of(snapshot: &Snapshot, packs: &Packs, place: Place, now: Timestamp) -> Labels {
        let rules = |territory: Territory| {
            let dossier = snapshot.state.dossier(territory).filter(|dossier| dossier.declared.is_some())?;
            let pack = packs.get(territory)?;
            Some(pack.at_with(pack.day(now), &dossier.positions))
        };
        Labels { rules: place.territories().filter_map(rules).collect() }
    }

    /// Those of one composition of a title.
    pub fn told(&self, snapshot: &Snapshot, title: &str, composition: &Digest) -> Vec<LabelView> {
        let of = |rules: &Rules| match snapshot.state.ratings().standing(rules, title, composition) {
            Rated::Label(labelled) => Some(told(rules, labelled.label, labelled.descriptors)),
            Rated::Not(_) => None,
        };
        self.rules.iter().filter_map(of).collect()
    }
}

fn told(rules: &Rules, label: &policy::label::Label, descriptors: &[String]) -> LabelView {
    let codes: Vec<&str> = descriptors.iter().map(String::as_str).collect();
    // A label holds only with descriptors that the rules know; those of an unknown one say nothing.
    let showings = rules.showings(&label.code, &codes, 0).unwrap_or_default();
    let says = showings.into_iter().find(|showing| showing.when == When::BeforeChoice);
    let names = |code: &&str| rules.descriptor(code).ok().map(|descriptor| descriptor.names.clone());
    LabelView {
        territory: rules.territory.to_string(),
        code: label.code.clone(),
        name: label.names.clone(),
        colour: label.colour.clone(),
        age: label.admits.age().max(label.advised),
        with_guardian: match &label.admits {
            Admits::From(from) => from.with_guardian,
            Admits::Everyone | Admits::NoOne => None,
        },
        descriptors: codes.iter().filter_map(names).collect(),
        says: says.map(|showing| showing.text).unwrap_or_default(),
    }
}

/// What these passes oblige whoever plays to do.
pub fn obligations(passes: &[Pass]) -> Vec<ObligationView> {
    let of = |pass: &Pass| {
        let territory = pass.territory().to_string();
        pass.obligations().into_iter().map(move |obligation| obligation_told(territory.clone(), obligation))
    };
    passes.iter().flat_map(of).collect()
}

fn obligation_told(territory: String, obligation: Obligation) -> ObligationView {
    match obligation {
        Obligation::Company => {
            ObligationView { territory, does: "company".into(), rule: None, way: None, law: None }
        }
        Obligation::Show { rule, way } => ObligationView {
            territory,
            does: "show".into(),
            rule: Some(rule.id.clone()),
            way: Some(way_told(way).into()),
            law: Some(rule.law.clone()),
        },
    }
}

fn way_told(way: Way) -> &'static str {
    match way {
        Way::Catalogue => "catalogue",
        Way::Card => "card",
        Way::Overlay => "overlay",
        Way::ForcedText => "forced-text",
        Way::BurntIn => "burnt-in",
    }
}

/// The length of a composition; a begun millisecond counts.
pub fn milliseconds(snapshot: &Snapshot, composition: &Composition) -> Result<u64> {
    let mut length = media::Seconds::from_integer(0);
    for span in composition.spans() {
        let row = &snapshot.title(span.source().0)?.row;
        length += row.rate.seconds(span.units() as i64);
    }
    Ok((length * 1000).ceil().to_integer().try_into().unwrap_or(0))
}

/// What these passes have shown in a film of `length` milliseconds, but for what its pictures show.
pub fn showings(passes: &[Pass], length: u64) -> Result<Vec<ShowingView>> {
    let mut all = Vec::new();
    for pass in passes {
        let in_pictures = |obligation: Obligation| match obligation {
            Obligation::Show { rule, way: Way::BurntIn } => Some(rule.id.clone()),
            _ => None,
        };
        let burnt: Vec<String> = pass.obligations().into_iter().filter_map(in_pictures).collect();
        let mut showings = pass.showings(length)?;
        showings.retain(|showing| !burnt.contains(&showing.rule));
        all.extend(showings.into_iter().map(|showing| showing_told(pass.territory(), showing)));
    }
    Ok(all)
}

fn showing_told(territory: Territory, showing: advisory::Showing) -> ShowingView {
    let spans = showing.spans.iter().map(|span| MomentView { from: span.from, to: span.to });
    ShowingView {
        territory: territory.to_string(),
        rule: showing.rule,
        shows: showing.shows.iter().map(name).collect(),
        place: name(&showing.place),
        when: name(&showing.when),
        spans: spans.collect(),
        before: showing.before,
        label: showing.label,
        colour: showing.colour,
        descriptors: showing.descriptors,
        min_diagonal: showing.min_diagonal.map(|share| (share.part, share.whole)),
        text: showing.text,
    }
}

/// The word by which records and packs call a value.
fn name(value: &impl Serialize) -> String {
    let text = serde_json::to_value(value).ok();
    text.and_then(|value| value.as_str().map(String::from)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
