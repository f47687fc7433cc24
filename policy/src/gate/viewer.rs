//! What the gate is told of a viewer: age, parents, payment, language, device.
//!
//! Invariant: what is not told counts as the answer that opens least.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::label::Watcher;

/// Who watches, on what, and what they may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    pub watcher: Watcher,
    /// Whether the number that only the holder of the account knows was entered for this.
    pub pin: bool,
    /// Whether the age was shown by more than saying so.
    pub age_shown: bool,
    /// What a parent or guardian allows this profile.
    pub parent: Parent,
    pub paid: Paid,
    /// The language in which it is to be heard, and read; none: what there is. BCP 47.
    pub sound: Option<String>,
    pub text: Option<String>,
    pub device: Device,
    /// When this session began, as the house itself signed it; none: it begins now.
    pub began: Option<Timestamp>,
}

/// What a parent or guardian allows a profile. Silent: everything that the law does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parent {
    /// Titles whose label asks for more than this age are locked.
    pub up_to: Option<u8>,
    /// These titles are locked.
    pub hidden: BTreeSet<String>,
}

/// For what the viewer has paid, by the word of the operator's billing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paid {
    /// The house asks no viewer for money.
    NotAsked,
    Holds(Vec<Entitlement>),
}

impl Default for Paid {
    fn default() -> Paid {
        Paid::Holds(Vec::new())
    }
}

/// A right to watch what is offered in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// As MovieLabs writes it: SVOD, EST, VOD…
    pub licence: String,
    /// Of this title; none: of every title that is offered so.
    pub title: Option<String>,
    /// Until when; none: without end.
    pub until: Option<Timestamp>,
}

impl Entitlement {
    pub(super) fn holds(&self, title: &str, now: Timestamp) -> bool {
        self.title.as_deref().is_none_or(|own| own == title) && self.until.is_none_or(|until| now < until)
    }
}

/// What the viewer's device or player can show. Each is a promise of the client that plays, which our own
/// player keeps and others are known by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Device {
    /// Labels on the page on which a viewer chooses.
    pub catalogue: bool,
    /// A card before the first picture, for as long as it is asked.
    pub card: bool,
    /// Anything over the picture: where, how large and how long it is asked.
    pub overlay: bool,
    /// A timed-text track whether or not the viewer wants text.
    pub forced_text: bool,
    /// It is sent the ladder in whose pictures everything is.
    pub burnt_in: bool,
    /// Parents can hide and lock titles.
    pub parental_control: bool,
}

impl Device {
    /// One that can show everything: our own player.
    pub const FULL: Device = Device {
        catalogue: true,
        card: true,
        overlay: true,
        forced_text: true,
        burnt_in: false,
        parental_control: true,
    };
}
