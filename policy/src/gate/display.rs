//! What must be shown with a label, and whether the viewer's device can.
//!
//! Invariant: a device that cannot show one thing that must be shown gets no pass.

use std::sync::Arc;

use media::Result;
use serde::Serialize;

use super::Found;
use super::derivation::{Concern, Notes, Source, Step};
use super::label::Label;
use super::law::OfLabel;
use super::viewer::Device;
use crate::advisory::{Display, Showing, Shown, When};
use crate::pack::{self, Rules};
use crate::refusal::{Refusal, Rule};

/// By what a device shows something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The page on which a viewer chooses.
    Catalogue,
    /// A card before the first picture.
    Card,
    /// The player draws it over the picture.
    Overlay,
    /// A timed-text track that is on whether or not the viewer wants text.
    ForcedText,
    /// It is in the pictures that are sent.
    BurntIn,
}

/// What must be shown or done while it plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obligation {
    /// The rule's display, in this way. Where, when and in which words, the pass says.
    Show { rule: Arc<pack::Rule>, way: Way },
    /// A parent or guardian watches too.
    Company,
}

/// The label of a pass, and what its pack asks for it of this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Labelling {
    pub of: Arc<OfLabel>,
    pub descriptors: Arc<[String]>,
    pub device: Device,
    pub rules: Arc<Rules>,
}

impl Labelling {
    /// What must be shown, each in the first way that the device can; nothing where it can in none, which
    /// no pass has.
    pub(super) fn shows(&self) -> impl Iterator<Item = Obligation> {
        asked(&self.of, !self.descriptors.is_empty()).filter_map(|(display, rule)| {
            Some(Obligation::Show { rule: rule.clone(), way: way(display, self.device)? })
        })
    }

    /// What that comes to for a film of `length` milliseconds.
    pub(super) fn showings(&self, length: u64) -> Result<Vec<Showing>> {
        let descriptors: Vec<&str> = self.descriptors.iter().map(String::as_str).collect();
        self.rules.showings(&self.of.label.code, &descriptors, length)
    }
}

/// The displays that are asked for a label with or without descriptors.
fn asked(of: &OfLabel, descriptors: bool) -> impl Iterator<Item = &(Display, Arc<pack::Rule>)> {
    of.displays.iter().filter(move |(display, _)| descriptors || display.shows.contains(&Shown::Label))
}

/// Refuses a device that cannot show all that must be shown.
pub(super) fn ask(label: &Label, title: &str, device: Device, found: &mut Found, notes: &mut impl Notes) {
    for (display, rule) in asked(label.of, !label.descriptors.is_empty()) {
        let way = way(display, device);
        notes.note(|| {
            let says = way.map_or("cannot be shown".into(), |way| format!("is shown as {way:?}"));
            Step::new(Concern::Device, title, Source::pack(rule), says, way.is_some())
        });
        if way.is_none() {
            found.refuse(Refusal::plain(Rule::CannotShow, title).by(rule));
        }
    }
}

/// The first way in which a device can show this.
fn way(display: &Display, device: Device) -> Option<Way> {
    let can = |can: bool, way: Way| can.then_some(way);
    let burnt_in = || can(device.burnt_in, Way::BurntIn);
    match display.when {
        When::BeforeChoice => can(device.catalogue, Way::Catalogue),
        When::BeforeFilm => can(device.card, Way::Card).or_else(burnt_in),
        When::AtStart | When::WholeFilm | When::DuringFilm => {
            // Text has no size of its own that a player keeps to.
            let as_text = device.forced_text && display.min_diagonal.is_none();
            can(device.overlay, Way::Overlay).or_else(|| can(as_text, Way::ForcedText)).or_else(burnt_in)
        }
    }
}
