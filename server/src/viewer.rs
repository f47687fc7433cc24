//! What a request to play says of its viewer and of the player that asks, and what the gate answers to it.
//!
//! Invariants:
//! - What is not said counts as the answer that opens least.
//! - Nothing of it is kept: the house has no accounts, and a viewer's day of birth reaches no log and no
//!   record. What is said is believed, as far as the law lets a viewer's word count: a label that asks for
//!   an age that was shown by more than saying so is refused here.

use jiff::civil::Date;
use media::error::{Error, Result};
use policy::gate::{Paid, Parent};
use policy::label::Watcher;
use policy::{Answer, Device, Packs, Pass, Question, Refusal, Viewer, Who};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::house::{Playable, Snapshot};
use crate::ruling::{films, territories};
use crate::territory::Place;

/// Titles that one request may name as hidden, and the length of their ids in bytes.
const MOST_HIDDEN: usize = 500;
const LONGEST_ID: usize = 200;
/// No tag of a language is longer (RFC 5646, section 4.4.1).
const LONGEST_TAG: usize = 35;
/// There are five; saying one twice does no harm.
const MOST_ABILITIES: usize = 16;

/// What the player that asks can show or do. Each is its promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ability {
    /// Labels on the page on which a viewer chooses.
    Catalogue,
    /// A card before the first picture.
    Card,
    /// Anything over the picture: where, how large and how long it is asked.
    Overlay,
    /// A timed-text track whether or not the viewer wants text.
    ForcedText,
    /// Parents can hide and lock titles.
    ParentalControl,
}

/// What the player says of who watches.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ViewerSaid)]
pub struct Said {
    /// Day of birth: `2001-02-03`.
    #[serde(default)]
    pub born: Option<String>,
    /// Whether a parent or guardian watches too.
    #[serde(default)]
    pub guardian: bool,
    /// Whether the number that only parents know was entered for this.
    #[serde(default)]
    pub pin: bool,
    /// Titles whose label asks for more than this age are locked.
    #[serde(default)]
    pub up_to: Option<u8>,
    /// Ids of titles that are locked; the one asked for is enough.
    #[serde(default)]
    pub hidden: Vec<String>,
    /// The language in which it is to be heard, and read: BCP 47.
    #[serde(default)]
    pub sound: Option<String>,
    #[serde(default)]
    pub text: Option<String>,
}

/// The viewer as the gate knows one.
pub fn read(said: Option<&Said>, device: &[Ability], paid: Paid) -> Result<Viewer> {
    let unsaid = Said::default();
    let said = said.unwrap_or(&unsaid);
    if device.len() > MOST_ABILITIES || said.hidden.len() > MOST_HIDDEN {
        return Err(Error::invalid("the request says too much of its viewer")
            .remedy(format!("Name at most {MOST_HIDDEN} hidden titles")));
    }
    if said.hidden.iter().any(|id| id.len() > LONGEST_ID) {
        return Err(Error::invalid("a hidden title's id is too long"));
    }
    let born = said.born.as_deref().map(read_born).transpose()?;
    Ok(Viewer {
        watcher: Watcher { born, with_guardian: said.guardian },
        pin: said.pin,
        parent: Parent { up_to: said.up_to, hidden: said.hidden.iter().cloned().collect() },
        paid,
        sound: said.sound.as_deref().map(read_language).transpose()?,
        text: said.text.as_deref().map(read_language).transpose()?,
        device: device_of(device),
        ..Viewer::default()
    })
}

fn device_of(abilities: &[Ability]) -> Device {
    let can = |ability: Ability| abilities.contains(&ability);
    Device {
        catalogue: can(Ability::Catalogue),
        card: can(Ability::Card),
        overlay: can(Ability::Overlay),
        forced_text: can(Ability::ForcedText),
        // A player does not say so: it is given a version with labels in its pictures, where there is one.
        burnt_in: false,
        parental_control: can(Ability::ParentalControl),
    }
}

fn read_born(text: &str) -> Result<Date> {
    let wrong = || Error::invalid("the day of birth is no day").remedy("Write it as 2001-02-03");
    if text.len() != "2001-02-03".len() {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

fn read_language(text: &str) -> Result<String> {
    let is_tag = (2..=LONGEST_TAG).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match is_tag {
        true => Ok(text.to_string()),
        false => Err(Error::invalid("a language is not a BCP 47 tag").remedy("Write it as vi or ko-KR")),
    }
}

/// A viewer whom nothing about themselves keeps from any film: grown up, in company, on this device.
pub fn anybody(device: Device) -> Viewer {
    Viewer {
        watcher: Watcher { born: Some(Date::constant(1900, 1, 1)), with_guardian: true },
        pin: true,
        age_shown: true,
        paid: Paid::NotAsked,
        device,
        ..Viewer::default()
    }
}

/// What the gate gives this viewer of what every viewer in `place` may have: a pass of each territory whose
/// rules hold there, or every refusal.
pub fn admit(
    snapshot: &Snapshot,
    packs: &Packs,
    place: Place,
    playable: &Playable,
    viewer: &Viewer,
) -> std::result::Result<Vec<Pass>, Vec<Refusal>> {
    let now = snapshot.now();
    let films = films(snapshot, &playable.title, &playable.composition);
    let base = playable.made_from.as_ref().and_then(|digest| snapshot.compositions.get(digest));
    let (mut passes, mut refusals) = (Vec::new(), Vec::new());
    for territory in territories(snapshot, place) {
        let question = Question {
            territory: Some(territory),
            title: &playable.title,
            composition: Some(&playable.composition),
            made_from: base.map(|base| &base.composition),
            films: &films,
            now,
            who: Who::Viewer,
            viewer: Some(viewer),
        };
        match snapshot.gate(packs, Some(territory), now).decide(&question) {
            Answer::Pass(pass) => passes.push(pass),
            Answer::Refused(more) => refusals.extend(more),
        }
    }
    if refusals.is_empty() { Ok(passes) } else { Err(refusals) }
}

#[cfg(test)]
mod tests;
