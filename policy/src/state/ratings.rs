//! How titles are labelled: marks, votes, labels, notifications, and what they come to.
//!
//! Invariants:
//! - Everything that was ever said stays, in the order in which it was said; what holds is asked of it by
//!   [`Ratings::standing`] with the rules of a day, so a change of law needs no new record.
//! - One decision copies what is known of its title in one territory, and nothing else.

use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use imbl::shared_ptr::DefaultSharedPtr;
use imbl::{GenericHashMap, OrdMap};
use jiff::Timestamp;
use jiff::civil::Date;
use media::{Digest, Error, Kind, Result};

use super::Applied;
use crate::decision::{Act, Decision, Sealed, Staff};
use crate::pack::duty::{self, Change};
use crate::rating::{
    COUNCIL, CompositionChanged, Given, LabelDecided, LabelOfRegulator, LabelRevoked, LabelVoted, MarkId,
    Marked, ScenesMarked, TitlesNotified,
};
use crate::territory::Territory;

mod standing;
mod words;

pub use standing::{Barred, By, Labelled, Rated, Reason, Unrated, Untold};

/// Looked up at every play, and the same in every process: the hasher has fixed keys.
type Titles = GenericHashMap<String, Arc<Title>, BuildHasherDefault<DefaultHasher>, DefaultSharedPtr>;

/// Labels of every title, and how they came about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ratings {
    titles: Titles,
}

/// What is known of one title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Title {
    marks: Vec<Arc<Noted>>,
    changes: Vec<Arc<Derived>>,
    papers: OrdMap<Territory, Arc<Vec<Arc<Entry>>>>,
}

/// A mark, who made it and whether it still counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    pub id: MarkId,
    pub at: Timestamp,
    pub by: Staff,
    /// Where it counts; none: everywhere.
    pub territory: Option<Territory>,
    pub marked: Marked,
    pub withdrawn: Option<Withdrawn>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    pub at: Timestamp,
    pub by: Staff,
    pub reason: Option<Sealed>,
}

/// One composition was made from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    pub at: Timestamp,
    pub composition: Digest,
    pub from: Digest,
    pub changes: Vec<Change>,
}

/// One thing that was said about the labels of a title in a territory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub at: Timestamp,
    pub by: Staff,
    pub composition: Digest,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Vote { label: String, descriptors: Vec<String>, reason: Option<Sealed> },
    Own(Own),
    Regulator(Regulator),
    Revoked { number: Option<String>, reason: Sealed },
    Told { to: String, label: String, sent: Timestamp, receipt: Option<String>, list: Sealed },
}

/// A label that the house gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    pub label: String,
    pub descriptors: Vec<String>,
    pub work: duty::Kind,
    pub how: String,
    pub without: Vec<MarkId>,
    pub shows: Vec<String>,
    pub reason: Option<Sealed>,
}

/// A label that the regulator gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regulator {
    pub label: String,
    pub descriptors: Vec<String>,
    pub work: duty::Kind,
    pub authority: String,
    pub number: String,
    pub date: Date,
    pub letter: Option<Sealed>,
}

impl Ratings {
    pub(super) fn apply(&mut self, decision: &Decision) -> Result<Applied> {
        match &decision.act {
            Act::ScenesMarked(act) => Ok(self.mark(decision, act)),
            Act::MarkWithdrawn { title, mark, reason, .. } => self.withdraw(decision, title, mark, *reason),
            Act::LabelVoted(act) => Ok(self.vote(decision, act)),
            Act::LabelDecided(act) => self.decide(decision, act),
            Act::LabelOfRegulator(act) => self.overrule(decision, act),
            Act::LabelRevoked(act) => self.revoke(decision, act),
            Act::CompositionChanged(act) => Ok(self.change(decision, act)),
            Act::TitlesNotified(act) => Ok(self.tell(decision, act)),
            _ => Err(Error::internal("not a decision about labels")),
        }
    }

    fn mark(&mut self, decision: &Decision, act: &ScenesMarked) -> Applied {
        let mut title = self.copy(&act.title);
        let mut applied = Applied::Same;
        for marked in &act.marks {
            let id = marked.id(&act.title, act.territory);
            let standing = title.marks.iter().any(|noted| noted.id == id && noted.withdrawn.is_none());
            if !standing {
                title.marks.push(Arc::new(Noted {
                    id,
                    at: decision.at,
                    by: decision.by.clone(),
                    territory: act.territory,
                    marked: marked.clone(),
                    withdrawn: None,
                }));
                applied = Applied::Changed;
            }
        }
        self.put(&act.title, title, applied)
    }

    fn withdraw(
        &mut self,
        decision: &Decision,
        title: &str,
        mark: &MarkId,
        reason: Option<Sealed>,
    ) -> Result<Applied> {
        let mut known = self.copy(title);
        let Some(noted) = known.marks.iter_mut().rfind(|noted| noted.id == *mark) else {
            return Err(Error::not_found(format!("the title {title:?} has no mark {mark}"))
                .remedy("phim classify show lists the marks of a title"));
        };
        if noted.withdrawn.is_some() {
            return Ok(Applied::Same);
        }
        Arc::make_mut(noted).withdrawn = Some(Withdrawn { at: decision.at, by: decision.by.clone(), reason });
        Ok(self.put(title, known, Applied::Changed))
    }

    fn vote(&mut self, decision: &Decision, act: &LabelVoted) -> Applied {
        let given = &act.given;
        let standing = self.votes(&given.title, given.territory, &given.composition);
        let says = |entry: &Entry| {
            entry.by == decision.by
                && matches!(&entry.what, What::Vote { label, descriptors, .. }
                    if *label == given.label && *descriptors == given.descriptors)
        };
        if standing.iter().any(|entry| says(entry)) {
            return Applied::Same;
        }
        let (label, descriptors) = (given.label.clone(), given.descriptors.clone());
        self.enter(decision, given, What::Vote { label, descriptors, reason: act.reason })
    }

    fn decide(&mut self, decision: &Decision, act: &LabelDecided) -> Result<Applied> {
        let given = &act.given;
        let own = Own {
            label: given.label.clone(),
            descriptors: given.descriptors.clone(),
            work: act.work,
            how: act.how.clone(),
            without: act.without.clone(),
            shows: act.shows.clone(),
            reason: act.reason,
        };
        let entries = self.entries(&given.title, given.territory);
        let known = latest_own(entries, &given.composition);
        let same = |entry: &Entry, known: &Own| {
            entry.by == decision.by && Own { reason: own.reason, ..known.clone() } == own
        };
        if known.is_some_and(|(entry, known)| same(entry, known)) {
            return Ok(Applied::Same);
        }
        self.check_council(act)?;
        Ok(self.enter(decision, given, What::Own(own)))
    }

    /// A council has several raters, and whoever decides against one of them says why.
    fn check_council(&self, act: &LabelDecided) -> Result<()> {
        if act.how != "council" {
            return Ok(());
        }
        let votes = self.votes(&act.given.title, act.given.territory, &act.given.composition);
        if votes.len() < COUNCIL {
            let wrong = Error::new(Kind::Conflict, format!("{} of {COUNCIL} votes are there", votes.len()));
            return Err(wrong.remedy("Let more raters vote on this composition: phim classify vote"));
        }
        let other = |entry: &&Arc<Entry>| !matches!(&entry.what, What::Vote { label, .. } if *label == act.given.label);
        match votes.iter().find(|entry| other(entry)) {
            Some(entry) if act.reason.is_none() => {
                let wrong = Error::invalid(format!("{} voted otherwise", entry.by.id())).at("reason");
                Err(wrong.remedy("Say why the label is decided against a vote"))
            }
            _ => Ok(()),
        }
    }

    fn overrule(&mut self, decision: &Decision, act: &LabelOfRegulator) -> Result<Applied> {
        let given = &act.given;
        let label = Regulator {
            label: given.label.clone(),
            descriptors: given.descriptors.clone(),
            work: act.work,
            authority: act.authority.clone(),
            number: act.number.clone(),
            date: act.date,
            letter: act.letter,
        };
        let numbered = |entry: &&Arc<Entry>| match &entry.what {
            What::Regulator(r) => r.number == act.number && r.authority == act.authority,
            What::Revoked { number, .. } => number.as_ref() == Some(&act.number),
            _ => false,
        };
        let entries = self.entries(&given.title, given.territory).iter();
        let known = entries.rev().filter(|entry| entry.composition == given.composition).find(numbered);
        match known.map(|entry| &entry.what) {
            Some(What::Regulator(known))
                if (Regulator { letter: label.letter, ..known.clone() }) == label =>
            {
                Ok(Applied::Same)
            }
            Some(What::Regulator(known)) => {
                let says = format!("{} of {} says {} already", act.number, known.date, known.label);
                Err(Error::new(Kind::Conflict, says).remedy("Check the number, or revoke that label first"))
            }
            _ => Ok(self.enter(decision, given, What::Regulator(label))),
        }
    }

    fn revoke(&mut self, decision: &Decision, act: &LabelRevoked) -> Result<Applied> {
        let about = |entry: &&Arc<Entry>| match &entry.what {
            What::Own(_) => act.number.is_none(),
            What::Regulator(label) => act.number.as_ref() == Some(&label.number),
            What::Revoked { number, .. } => *number == act.number,
            _ => false,
        };
        let entries = self.entries(&act.title, act.territory).iter();
        match entries.rev().filter(|entry| entry.composition == act.composition).find(about) {
            None => Err(Error::not_found(format!("{} has no such label", act.title))
                .remedy("phim classify show lists its labels")),
            Some(entry) if matches!(entry.what, What::Revoked { .. }) => Ok(Applied::Same),
            Some(_) => {
                let what = What::Revoked { number: act.number.clone(), reason: act.reason };
                Ok(self.add(decision, &act.title, act.territory, act.composition, what))
            }
        }
    }

    fn change(&mut self, decision: &Decision, act: &CompositionChanged) -> Applied {
        let mut title = self.copy(&act.title);
        let (composition, from, changes) = (act.composition, act.from, act.changes.clone());
        let known = |d: &Arc<Derived>| d.composition == composition && d.from == from && d.changes == changes;
        if title.changes.iter().any(known) {
            return Applied::Same;
        }
        title.changes.push(Arc::new(Derived { at: decision.at, composition, from, changes }));
        self.put(&act.title, title, Applied::Changed)
    }

    fn tell(&mut self, decision: &Decision, act: &TitlesNotified) -> Applied {
        let mut applied = Applied::Same;
        for line in &act.titles {
            let told = |entry: &Arc<Entry>| {
                entry.composition == line.composition
                    && matches!(&entry.what, What::Told { to, label, sent, receipt, .. }
                        if *to == act.to && *label == line.label && *sent == act.sent && *receipt == act.receipt)
            };
            if self.entries(&line.title, act.territory).iter().any(told) {
                continue;
            }
            let what = What::Told {
                to: act.to.clone(),
                label: line.label.clone(),
                sent: act.sent,
                receipt: act.receipt.clone(),
                list: act.list,
            };
            applied = self.add(decision, &line.title, act.territory, line.composition, what);
        }
        applied
    }

    fn enter(&mut self, decision: &Decision, given: &Given, what: What) -> Applied {
        self.add(decision, &given.title, given.territory, given.composition, what)
    }

    fn add(
        &mut self,
        decision: &Decision,
        title: &str,
        territory: Territory,
        composition: Digest,
        what: What,
    ) -> Applied {
        let mut known = self.copy(title);
        let entry = Entry { at: decision.at, by: decision.by.clone(), composition, what };
        Arc::make_mut(known.papers.entry(territory).or_default()).push(Arc::new(entry));
        self.put(title, known, Applied::Changed)
    }

    fn copy(&self, title: &str) -> Title {
        self.titles.get(title).map_or_else(Title::default, |known| (**known).clone())
    }

    fn put(&mut self, id: &str, title: Title, applied: Applied) -> Applied {
        if applied == Applied::Changed {
            self.titles.insert(id.into(), Arc::new(title));
        }
        applied
    }

    /// Every title of which anything is known, in no order.
    pub fn titles(&self) -> impl Iterator<Item = (&str, &Title)> {
        self.titles.iter().map(|(id, title)| (id.as_str(), &**title))
    }

    pub fn title(&self, id: &str) -> Option<&Title> {
        self.titles.get(id).map(|title| &**title)
    }

    /// What was said about the labels of a title in a territory, the earliest first.
    pub fn entries(&self, title: &str, territory: Territory) -> &[Arc<Entry>] {
        let known = self.titles.get(title).and_then(|known| known.papers.get(&territory));
        known.map_or(&[], |entries| entries)
    }

    /// The last vote of each rater on a composition.
    pub fn votes(&self, title: &str, territory: Territory, composition: &Digest) -> Vec<&Arc<Entry>> {
        let mut votes: Vec<&Arc<Entry>> = Vec::new();
        for entry in self.entries(title, territory) {
            if entry.composition == *composition && matches!(entry.what, What::Vote { .. }) {
                votes.retain(|other| other.by != entry.by);
                votes.push(entry);
            }
        }
        votes
    }
}

impl Title {
    /// Every mark that was made, the earliest first.
    pub fn marks(&self) -> &[Arc<Noted>] {
        &self.marks
    }
    /// What was made from what.
    pub fn changes(&self) -> &[Arc<Derived>] {
        &self.changes
    }
    /// Territories in which anything was said about its label.
    pub fn territories(&self) -> impl Iterator<Item = Territory> {
        self.papers.keys().copied()
    }
}

/// The house's own label of a composition, unless it was revoked since, or the regulator's of any was:
/// then somebody looks at it again.
fn latest_own<'a>(entries: &'a [Arc<Entry>], composition: &Digest) -> Option<(&'a Entry, &'a Own)> {
    for entry in entries.iter().rev() {
        match &entry.what {
            What::Own(own) if entry.composition == *composition => return Some((entry, own)),
            What::Revoked { number: Some(_), .. } => return None,
            What::Revoked { number: None, .. } if entry.composition == *composition => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
