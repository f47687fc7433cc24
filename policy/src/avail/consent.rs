//! What licensors and the house say to each other about edits: consents, notices, consents taken back.
//!
//! A contract may let a version be edited only with the licensor's consent, or only once it was told
//! ([`super::MayEdit`]). What was said is recorded with the letter, and the gate asks for it.
//!
//! Invariant: something said is about one avail, one title and one edit. It never opens what the contract
//! does not leave to consent or notice.

use jiff::Timestamp;
use media::{Digest, Error, Result};
use serde::{Deserialize, Serialize};

use super::{AvailId, Territories};
use crate::decision::{Sealed, check_title};
use crate::instant::within;
use crate::text;

/// What something said is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    pub avail: AvailId,
    pub title: String,
    pub edit: Edit,
    /// Where it counts; none: wherever the avail's windows are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territories: Option<Territories>,
}

/// Which edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edit {
    /// Whatever an authority orders, as far as it orders it.
    OnOrder,
    /// This version and no other.
    Composition(#[serde(with = "text::digest")] Digest),
}

/// The licensor lets the edit be played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentGiven {
    pub about: About,
    pub from: Timestamp,
    /// It counts no longer then; none: until it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    pub letter: Sealed,
}

/// The house told the licensor of the edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeGiven {
    pub about: About,
    /// When it was sent.
    pub sent: Timestamp,
    pub letter: Sealed,
}

/// Neither consent to this edit nor notice of it counts any longer, where this says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentWithdrawn {
    pub about: About,
    pub reason: Sealed,
}

impl About {
    pub(crate) fn check(&self) -> Result<()> {
        self.avail.check()?;
        check_title(&self.title)
    }
    /// Whether it counts in a territory.
    pub fn is_for(&self, territory: crate::territory::Territory) -> bool {
        self.territories.as_ref().is_none_or(|some| some.contains(territory))
    }
}

impl ConsentGiven {
    pub(crate) fn check(&self) -> Result<()> {
        check_instant("from", self.from)?;
        if let Some(until) = self.until {
            check_instant("until", until)?;
            if until <= self.from {
                return Err(Error::invalid(format!("ends before it begins at {}", self.from)).at("until"));
            }
        }
        self.about.check()
    }
}

impl NoticeGiven {
    pub(crate) fn check(&self) -> Result<()> {
        check_instant("sent", self.sent)?;
        self.about.check()
    }
}

impl ConsentWithdrawn {
    pub(crate) fn check(&self) -> Result<()> {
        self.about.check()
    }
}

fn check_instant(field: &str, at: Timestamp) -> Result<()> {
    if within(at) {
        return Ok(());
    }
    Err(Error::invalid("expected an instant of the years 2000 to 2199").at(field))
}
