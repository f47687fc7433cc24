//! What licensors and the house said to each other about edits, by avail.
//!
//! Invariants:
//! - What was said stays in its order. A withdrawal ends what was said of the same edit before it, in the
//!   territories that it names, and nothing that is said later.
//! - It ends with its avail: an avail that is removed and entered again begins without any.

use std::sync::Arc;

use jiff::Timestamp;
use media::{Error, Result};

use super::{Applied, Rights};
use crate::avail::AvailId;
use crate::avail::consent::{About, Edit};
use crate::decision::{Act, Decision, Sealed, Staff};
use crate::territory::Territory;

/// Consents, notices and withdrawals about one avail at most.
pub const MAX_SAID: usize = 2_000;

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub at: Timestamp,
    pub by: Staff,
    pub about: About,
    pub what: What,
    /// The letter, or the reason of a withdrawal.
    pub letter: Sealed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Consent { from: Timestamp, until: Option<Timestamp> },
    Notice { sent: Timestamp },
    Withdrawn,
}

impl What {
    /// Whether it says all that another does.
    fn says(self, other: What) -> bool {
        match (self, other) {
            (What::Consent { from, until }, What::Consent { from: later, until: end }) => {
                from <= later && until.is_none_or(|until| end.is_some_and(|end| end <= until))
            }
            (What::Notice { sent }, What::Notice { sent: later }) => sent <= later,
            _ => self == other,
        }
    }
}

impl Said {
    /// What a decision says about an edit; none: it is about something else.
    fn of(decision: &Decision) -> Option<Said> {
        let (about, what, letter) = match &decision.act {
            Act::ConsentGiven(it) => (&it.about, What::Consent { from: it.from, until: it.until }, it.letter),
            Act::NoticeGiven(it) => (&it.about, What::Notice { sent: it.sent }, it.letter),
            Act::ConsentWithdrawn(it) => (&it.about, What::Withdrawn, it.reason),
            _ => return None,
        };
        Some(Said { at: decision.at, by: decision.by.clone(), about: about.clone(), what, letter })
    }

    fn is_of(&self, title: &str, edit: Edit) -> bool {
        self.about.title == title && self.about.edit == edit
    }
}

impl Rights {
    /// Enters what a decision says about an edit.
    pub(in crate::state) fn say(&mut self, decision: &Decision) -> Result<Applied> {
        let said = Said::of(decision).ok_or_else(|| Error::internal("nothing about an edit"))?;
        let About { avail, title, edit, .. } = &said.about;
        if !self.slots(title).any(|slot| slot.avail().id == *avail) {
            return Err(Error::not_found(format!("there is no avail {avail} that licenses {title:?}"))
                .remedy("phim window list shows the avails of a title"));
        }
        let before = self.said(avail);
        let ends = |said: &Said| said.what == What::Withdrawn;
        let latest_first = before.iter().rev().filter(|known| known.is_of(title, *edit));
        if ends(&said) && latest_first.clone().all(|known| ends(known)) {
            return Err(Error::not_found(format!("nothing was said about that edit of {title:?}"))
                .remedy("phim window list shows what was"));
        }
        // After a withdrawal the same may be said again.
        let mut standing = latest_first.take_while(|known| ends(known) == ends(&said));
        if standing.any(|known| known.about == said.about && known.what.says(said.what)) {
            return Ok(Applied::Same);
        }
        if before.len() >= MAX_SAID {
            return Err(Error::unsupported(format!("{MAX_SAID} consents and notices about one avail"))
                .at(avail.to_string()));
        }
        let id = avail.clone();
        let all = before.iter().cloned().chain([Arc::new(said)]).collect();
        self.said.insert(id, all);
        Ok(Applied::Changed)
    }

    /// All that was said about edits under an avail, in its order.
    pub fn said(&self, avail: &AvailId) -> &[Arc<Said>] {
        self.said.get(avail).map_or(&[], |said| said)
    }

    /// Of what was said about an edit of a title under an avail, what still counts in a territory.
    pub fn counting<'a>(
        &'a self,
        avail: &AvailId,
        title: &'a str,
        edit: Edit,
        territory: Territory,
    ) -> impl Iterator<Item = &'a Said> {
        let here = move |said: &&Said| said.is_of(title, edit) && said.about.is_for(territory);
        let latest_first = self.said(avail).iter().rev().map(|said| &**said).filter(here);
        latest_first.take_while(|said| said.what != What::Withdrawn)
    }
}
