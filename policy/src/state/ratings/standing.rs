//! Which label a composition has under the rules of a day, or why it has none.
//!
//! Invariants:
//! - It fails closed: a label or descriptor that the pack does not know, a label lower than what is marked
//!   asks for, one that the house may not give, or one that an edit made stale, is no label.
//! - The regulator's word is a floor: once it has rated any composition of a title, a label of the house
//!   for another one counts only where it is as strict. The law of no territory says so; without it a
//!   house could leave a ban behind by an edit.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use media::Digest;
use serde::Serialize;

use super::{Entry, Noted, Own, Ratings, Regulator, What, latest_own};
use crate::criteria::Mark;
use crate::decision::Staff;
use crate::label::{Admits, Label};
use crate::pack::duty::{Change, Kind, Paper};
use crate::pack::{Matter, Rules, Step};
use crate::rating::{Frames, MarkId};

/// How far back a composition is followed to what it was made from.
const MAX_STEPS: usize = 32;

/// The label of a composition, or why it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rated<'a> {
    Label(Labelled<'a>),
    Not(Unrated),
}

/// A label that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled<'a> {
    /// It may admit no one: a banned title has a label too.
    pub label: &'a Label,
    /// Codes, those that drove the label first.
    pub descriptors: &'a [String],
    pub work: Kind,
    /// What the marks that count ask for; empty where nothing is marked, and for a regulator's label.
    pub because: Vec<Reason>,
    pub by: By<'a>,
    /// When it was recorded.
    pub since: Timestamp,
    /// The composition that it was given to: this one, or one that it was made from.
    pub composition: Digest,
    /// Who has not been told of it yet.
    pub untold: Vec<Untold>,
}

/// Who gave a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By<'a> {
    House {
        by: &'a Staff,
        how: &'a str,
        /// The rule by which it may, and what it needs for that: the name of a licence of the house.
        rule: &'a str,
        grant: Option<&'a str>,
    },
    Regulator {
        authority: &'a str,
        number: &'a str,
        date: Date,
    },
}

/// What one descriptor asks for, and the mark that does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    pub descriptor: String,
    /// The lowest label that allows it.
    pub label: String,
    pub mark: MarkId,
    /// None: it is about the title as a whole.
    pub scene: Option<Frames>,
    pub rule: String,
}

/// Somebody whom the pack wants told, and who was not told of this label of this composition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Untold {
    pub rule: String,
    pub to: String,
    pub before_first_play: bool,
    /// By when, where the pack has a clock for it.
    pub due: Option<Timestamp>,
}

/// Why a composition has no label that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Unrated {
    /// Nobody gave it one, or it was revoked.
    Never,
    /// It was made by an edit from one that has a label, and the pack says that the paper ended with it.
    Stale {
        paper: Paper,
        change: Change,
        since: Timestamp,
        rule: Option<String>,
    },
    /// The pack has no such label on this day.
    UnknownLabel {
        label: String,
    },
    UnknownDescriptor {
        descriptor: String,
    },
    /// What is marked asks for a higher one.
    TooLow {
        label: String,
        lowest: String,
        because: Box<Reason>,
    },
    /// What is marked cannot be judged by the pack's criteria: no label allows it, or a rule is missing.
    Unjudged {
        says: String,
    },
    /// The house's label does not count. `by`: who gives one that does, where the pack says.
    NeedsRegulator {
        barred: Barred,
        by: Option<String>,
        rule: Option<String>,
    },
}

/// Why the house's own label does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "barred", rename_all = "kebab-case")]
pub enum Barred {
    /// The pack does not let works of this kind be rated by the house.
    Kind { work: Kind },
    /// It does not let the house give this label.
    Label { label: String },
    /// It does not let labels be decided in this way.
    How { how: String },
    /// The regulator gave a composition of this title a stricter one.
    Overruled { label: String, number: String },
}

/// A composition on the way back to what was labelled, and the first change after it that matters.
struct Ancestor {
    composition: Digest,
    /// Every change between it and the composition that was asked for, the nearest to it last.
    changes: Vec<(Change, Timestamp)>,
}

impl Ratings {
    /// The label of a composition in the territory and on the day of these rules.
    ///
    /// The caller must still ask whether the house has the grant that [`By::House`] names, whether
    /// somebody was to be told before the first play, and whom the label admits.
    pub fn standing<'a>(&'a self, rules: &'a Rules, title: &'a str, composition: &Digest) -> Rated<'a> {
        let entries = self.entries(title, rules.territory);
        if entries.is_empty() {
            return Rated::Not(Unrated::Never);
        }
        let lineage = self.lineage(title, composition);
        let judge = Judge { ratings: self, rules, title, entries, lineage };
        judge.rated().map_or_else(Rated::Not, Rated::Label)
    }

    /// What the marks on a title ask for: the lowest label, and why. `shows`: other titles whose film is
    /// seen too. Of no marks it is the pack's lowest label; an error where a person must decide.
    pub fn lowest(
        &self,
        rules: &Rules,
        title: &str,
        shows: &[String],
        without: &[MarkId],
    ) -> media::Result<(String, Vec<Reason>)> {
        let counting = self.counting(rules, title, shows, without);
        let marks: Vec<Mark> = counting.iter().map(|noted| noted.marked.mark.clone()).collect();
        let lowest = rules.lowest(&marks)?;
        let reason = |because: crate::pack::rules::Because| {
            let noted = counting.get(because.mark?)?;
            Some(Reason {
                descriptor: because.descriptor,
                label: because.label,
                mark: noted.id.clone(),
                scene: noted.marked.scene,
                rule: because.rule,
            })
        };
        Ok((lowest.label, lowest.because.into_iter().filter_map(reason).collect()))
    }

    /// The marks that count in a territory: those that stand, are not left out, and are of a descriptor
    /// that the territory's law knows.
    pub fn counting(&self, rules: &Rules, title: &str, shows: &[String], without: &[MarkId]) -> Vec<&Noted> {
        let titles = std::iter::once(title).chain(shows.iter().map(String::as_str));
        let marks = titles.filter_map(|id| self.title(id)).flat_map(|title| title.marks());
        let counts = |noted: &&Noted| {
            noted.withdrawn.is_none()
                && noted.territory.is_none_or(|t| t == rules.territory)
                && !without.contains(&noted.id)
                && rules.descriptors().any(|(_, d)| d.code == noted.marked.mark.descriptor)
        };
        marks.map(|noted| &**noted).filter(counts).collect()
    }

    /// The composition itself, then what it was made from, the nearest first.
    fn lineage(&self, title: &str, composition: &Digest) -> Vec<Ancestor> {
        let changes = self.title(title).map_or(&[][..], |title| title.changes());
        let mut found = vec![Ancestor { composition: *composition, changes: Vec::new() }];
        let mut next = 0;
        while next < found.len() && found.len() < MAX_STEPS {
            let of = found[next].composition;
            for derived in changes.iter().filter(|derived| derived.composition == of) {
                if found.iter().all(|known| known.composition != derived.from) {
                    let further = derived.changes.iter().map(|change| (*change, derived.at));
                    let changes = found[next].changes.iter().copied().chain(further).collect();
                    found.push(Ancestor { composition: derived.from, changes });
                }
            }
            next += 1;
        }
        found
    }
}

impl Ancestor {
    /// Whether what was changed since makes a paper stale; none: the paper stands.
    fn stale(&self, rules: &Rules, papers: &[Paper]) -> Option<Unrated> {
        let each = papers.iter().flat_map(|paper| self.changes.iter().map(move |change| (*paper, *change)));
        each.map(|(paper, (change, since))| (paper, change, since, rules.is_stale(paper, change)))
            .find(|(.., (is_stale, _))| *is_stale)
            .map(|(paper, change, since, (_, rule))| Unrated::Stale {
                paper,
                change,
                since,
                rule: rule.map(str::to_string),
            })
    }
}

struct Judge<'a> {
    ratings: &'a Ratings,
    rules: &'a Rules,
    title: &'a str,
    entries: &'a [Arc<Entry>],
    lineage: Vec<Ancestor>,
}

impl<'a> Judge<'a> {
    fn rated(&self) -> Result<Labelled<'a>, Unrated> {
        let mut stale = None;
        for ancestor in &self.lineage {
            let Some((entry, label)) = self.of_regulator(&ancestor.composition) else { continue };
            // A certificate carries its label: neither stands without the other.
            match ancestor.stale(self.rules, &[Paper::Certificate, Paper::Label]) {
                None => return self.regulators(entry, label),
                found => stale = stale.or(found),
            }
        }
        for ancestor in &self.lineage {
            let Some((entry, own)) = latest_own(self.entries, &ancestor.composition) else { continue };
            match ancestor.stale(self.rules, &[Paper::Label]) {
                None => return self.houses(entry, own),
                found => stale = stale.or(found),
            }
        }
        Err(stale.unwrap_or(Unrated::Never))
    }

    /// The regulator's label of a composition: of those that hold the one with the latest date.
    fn of_regulator(&self, composition: &Digest) -> Option<(&'a Entry, &'a Regulator)> {
        self.of_regulators()
            .filter(|(entry, _)| entry.composition == *composition)
            .max_by_key(|(_, r)| r.date)
    }

    /// Every label of the regulator that holds on the day.
    fn of_regulators(&self) -> impl Iterator<Item = (&'a Entry, &'a Regulator)> {
        let (entries, day) = (self.entries, self.rules.day);
        let revoked = move |at: usize, label: &Regulator| {
            entries[at..].iter().any(|later| {
                later.composition == entries[at].composition
                    && matches!(&later.what, What::Revoked { number: Some(n), .. } if *n == label.number)
            })
        };
        entries.iter().enumerate().filter_map(move |(at, entry)| match &entry.what {
            What::Regulator(label) if label.date <= day && !revoked(at, label) => Some((&**entry, label)),
            _ => None,
        })
    }

    fn regulators(&self, entry: &'a Entry, given: &'a Regulator) -> Result<Labelled<'a>, Unrated> {
        let label = self.known(&given.label, &given.descriptors)?;
        Ok(Labelled {
            label,
            descriptors: &given.descriptors,
            work: given.work,
            because: Vec::new(),
            by: By::Regulator { authority: &given.authority, number: &given.number, date: given.date },
            since: entry.at,
            composition: entry.composition,
            untold: self.untold(given.work, label, entry.at, false),
        })
    }

    fn houses(&self, entry: &'a Entry, own: &'a Own) -> Result<Labelled<'a>, Unrated> {
        let label = self.known(&own.label, &own.descriptors)?;
        let by = self.may_give(entry, own, label)?;
        let because = self.high_enough(own, label)?;
        Ok(Labelled {
            label,
            descriptors: &own.descriptors,
            work: own.work,
            because,
            by,
            since: entry.at,
            composition: entry.composition,
            untold: self.untold(own.work, label, entry.at, true),
        })
    }

    fn known(&self, label: &str, descriptors: &[String]) -> Result<&'a Label, Unrated> {
        let found = self.rules.label(label).map_err(|_| Unrated::UnknownLabel { label: label.into() })?;
        match descriptors.iter().find(|code| self.rules.descriptor(code).is_err()) {
            Some(unknown) => Err(Unrated::UnknownDescriptor { descriptor: unknown.clone() }),
            None => Ok(found),
        }
    }

    /// Whether the pack lets the house give this label, and nobody above it has said more.
    fn may_give(&self, entry: &'a Entry, own: &'a Own, label: &Label) -> Result<By<'a>, Unrated> {
        let Some((rule, allowed)) = self.rules.self_rating(own.work) else {
            let barred = Barred::Kind { work: own.work };
            return Err(Unrated::NeedsRegulator { barred, by: None, rule: None });
        };
        let barred = if allowed.not.contains(&label.code) {
            Some(Barred::Label { label: label.code.clone() })
        } else if !allowed.how.is_empty() && !allowed.how.contains(&own.how) {
            Some(Barred::How { how: own.how.clone() })
        } else {
            self.overruled(label)
        };
        match barred {
            Some(barred) => {
                let (by, rule) = (Some(allowed.otherwise.clone()), Some(rule.to_string()));
                Err(Unrated::NeedsRegulator { barred, by, rule })
            }
            None => Ok(By::House { by: &entry.by, how: &own.how, rule, grant: allowed.grant.as_deref() }),
        }
    }

    fn overruled(&self, label: &Label) -> Option<Barred> {
        let as_strict = |given: &Regulator| {
            self.rules.label(&given.label).is_ok_and(|floor| {
                floor.admits != Admits::NoOne && floor.system == label.system && floor.rank <= label.rank
            })
        };
        let above = self.of_regulators().map(|(_, given)| given).find(|given| !as_strict(given))?;
        Some(Barred::Overruled { label: above.label.clone(), number: above.number.clone() })
    }

    /// Whether the label allows what is marked; what that asks for. Without criteria a person decides.
    fn high_enough(&self, own: &Own, label: &Label) -> Result<Vec<Reason>, Unrated> {
        let nothing = self.ratings.counting(self.rules, self.title, &own.shows, &own.without).is_empty();
        if nothing || self.rules.criteria().next().is_none() {
            return Ok(Vec::new());
        }
        let unjudged = |e: media::Error| Unrated::Unjudged { says: e.to_string() };
        let lowest = self.ratings.lowest(self.rules, self.title, &own.shows, &own.without);
        let (lowest, because) = lowest.map_err(unjudged)?;
        let floor = self.rules.label(&lowest).map_err(unjudged)?;
        let reaches = floor.system == label.system && floor.rank <= label.rank;
        match because.first() {
            Some(first) if !reaches => {
                Err(Unrated::TooLow { label: label.code.clone(), lowest, because: Box::new(first.clone()) })
            }
            _ => Ok(because),
        }
    }

    /// Who was to be told and was not. A list of films has every film on it; a result only where there is
    /// one of the house's own.
    fn untold(&self, work: Kind, label: &Label, since: Timestamp, own: bool) -> Vec<Untold> {
        let asked = self.rules.notifies().filter(|(_, notify)| {
            notify.kinds.contains(&work) && (own || notify.what.iter().any(|what| what == "film-list"))
        });
        let missing = asked.filter(|(_, notify)| !self.is_told(&notify.to, label));
        let due = || Some(self.rules.due(Matter::Label, None, Step::TellAuthority, since)?.0);
        missing
            .map(|(rule, notify)| Untold {
                rule: rule.into(),
                to: notify.to.clone(),
                before_first_play: notify.before_first_play,
                due: due(),
            })
            .collect()
    }

    fn is_told(&self, whom: &str, label: &Label) -> bool {
        let standing = |composition: &Digest| {
            let told = self.lineage.iter().find(|ancestor| ancestor.composition == *composition);
            told.is_some_and(|ancestor| ancestor.stale(self.rules, &[Paper::Notification]).is_none())
        };
        self.entries.iter().any(|entry| match &entry.what {
            What::Told { to, label: told, .. } => {
                to == whom && label.is_spelt(told) && standing(&entry.composition)
            }
            _ => false,
        })
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
