//! Whether a territory is open: what its pack asks for on the day, against what the dossier holds.
//!
//! Invariants:
//! - Only what holds at the instant meets an item. Evidence that expires at the instant does not.
//! - A territory is open only when the house opened it, nobody suspended it, and every mandatory item is
//!   met, overridden by a person, or missing for no longer than the pack's grace. Grace is for what was
//!   met while the territory was open; what was missing when it opened has none.
//! - The answer is the same from one of the instants of [`State::next_change_in`] to the next.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::State;
use super::dossier::{Door, Dossier, Held, Override, Register, Span, Turned};
use crate::decision::Staff;
use crate::label::Names;
use crate::pack::clock::Within;
use crate::pack::duty::{Check, Evidence, Kind, Readiness};
use crate::pack::{Pack, Position};
use crate::readiness::Area;
use crate::territory::Territory;

/// Whether the house may serve anybody in a territory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Openness {
    /// The house has not declared it.
    Undeclared,
    Open {
        since: Timestamp,
        /// Items that a person lets be missing.
        overrides: Vec<Override>,
        /// Items that are missing and do not close it yet, or never do.
        missing: Vec<Missing>,
    },
    Closed {
        why: Shut,
        /// Everything that is missing and not overridden, mandatory or not.
        missing: Vec<Missing>,
    },
    /// The whole service is stopped.
    Suspended(Turned),
}

/// Why a territory is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shut {
    NeverOpened,
    ByHouse(Turned),
    /// The house wants it open, but a mandatory item is missing.
    Missing,
}

/// Something that the pack asks for and that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub rule: String,
    pub law: String,
    pub names: Names,
    pub mandatory: bool,
    /// Any one of these would meet it.
    pub met_by: Vec<Evidence>,
    /// Since when; none: it never was there.
    pub since: Option<Timestamp>,
    /// Until when the territory may stay open without it; none: not at all.
    pub deadline: Option<Timestamp>,
    pub gaps: Vec<Gap>,
}

/// What a register of risks lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// No risk of this area is entered.
    Area(Area),
    /// Nobody has looked at this risk again.
    Overdue(String),
    /// The owner of a risk has not signed the register as it stands.
    Unsigned(Staff),
    /// Two people sign it.
    OneSignature,
}

/// One item of a pack's readiness, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub rule: String,
    pub says: String,
    pub law: String,
    pub names: Names,
    pub mandatory: bool,
    pub met_by: Vec<Evidence>,
    pub fresh: Option<Within>,
    /// How the house reads the rule.
    pub position: Option<Position>,
    pub overridden: Option<Override>,
    pub stands: Stands,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    Met {
        by: Evidence,
        since: Timestamp,
        until: Option<Timestamp>,
    },
    /// As the house reads the rule, it is not asked for.
    NotAsked,
    Missing {
        since: Option<Timestamp>,
        deadline: Option<Timestamp>,
        gaps: Vec<Gap>,
    },
}

impl Openness {
    pub fn is_open(&self) -> bool {
        matches!(self, Openness::Open { .. })
    }
}

/// The earlier of two ends, of which either may be none.
fn sooner(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}

fn spans_of<T>(held: &Held<T>, from: Timestamp, until: Option<Timestamp>) -> Span {
    Span { from, until: sooner(until, held.ended) }
}

/// A territory's dossier beside its pack.
struct Judge<'a> {
    pack: &'a Pack,
    dossier: &'a Dossier,
    kinds: &'a [Kind],
    now: Timestamp,
}

impl Judge<'_> {
    /// When evidence of `from` is too old for the item.
    fn stale(&self, item: &Readiness, from: Timestamp) -> Option<Timestamp> {
        match item.fresh? {
            hours @ Within::Hours(_) => hours.after(from, &self.pack.zone),
            days => self.pack.begins(days.after_day(self.pack.day(from))?.tomorrow().ok()?),
        }
    }

    fn span(&self, item: &Readiness, span: Span) -> Span {
        Span { until: sooner(span.until, self.stale(item, span.from)), ..span }
    }

    /// Every time in which this meets the item; for each kind of work that a licence must cover, its own.
    fn spans(&self, item: &Readiness, by: &Evidence) -> Vec<Vec<Span>> {
        let found: Vec<Vec<Span>> = match by {
            Evidence::Grant(grant) => {
                let asked = item.kinds.iter().filter(|kind| self.kinds.contains(kind));
                asked.map(|kind| self.licensed(grant, *kind)).collect()
            }
            Evidence::Document(name) => {
                let named = self.dossier.evidence.iter().filter(|held| held.paper.name == *name);
                vec![named.map(|held| spans_of(held, held.paper.from, held.paper.until)).collect()]
            }
            Evidence::Check(Check::RiskAssessment) => vec![self.dossier.register.spans()],
            Evidence::Check(check) => {
                vec![self.dossier.checks.get(check).and_then(|checked| checked.held).into_iter().collect()]
            }
        };
        found.into_iter().map(|all| all.into_iter().map(|span| self.span(item, span)).collect()).collect()
    }

    fn licensed(&self, grant: &str, kind: Kind) -> Vec<Span> {
        let fits = |held: &&Held<crate::readiness::Licence>| {
            held.paper.grant == grant && held.paper.kinds.contains(&kind)
        };
        let found = self.dossier.licences.iter().filter(fits);
        found.map(|held| spans_of(held, held.paper.from, held.paper.until)).collect()
    }

    fn stands(&self, rule: &str, item: &Readiness) -> Stands {
        let each: Vec<Vec<Vec<Span>>> = item.met_by.iter().map(|by| self.spans(item, by)).collect();
        for (by, parts) in item.met_by.iter().zip(&each) {
            if let Some(Span { from, until }) = all_hold(parts, self.now) {
                return Stands::Met { by: by.clone(), since: from, until };
            }
        }
        let met_until = |end: &Timestamp| {
            let before = end.checked_sub(SignedDuration::from_nanos(1));
            before.is_ok_and(|before| each.iter().any(|parts| all_hold(parts, before).is_some()))
        };
        let ends = each.iter().flatten().flatten().filter_map(|span| span.ended_by(self.now));
        let since = ends.filter(met_until).max();
        let asked = item.met_by.contains(&Evidence::Check(Check::RiskAssessment));
        let gaps = if asked { self.dossier.register.gaps(self.now) } else { Vec::new() };
        Stands::Missing { since, deadline: self.deadline(rule, item, since), gaps }
    }

    /// Until when the territory may stay open: the pack's grace, from when the item began to be missing
    /// while the territory was open.
    fn deadline(&self, rule: &str, item: &Readiness, ended: Option<Timestamp>) -> Option<Timestamp> {
        let Door::Opened { since: opened, .. } = self.dossier.door else { return None };
        let missing = ended.max(self.asked_since(rule)).filter(|since| *since > opened)?;
        item.grace?.after(missing, &self.pack.zone)
    }

    /// Since when the pack asks this house for the item.
    fn asked_since(&self, rule: &str) -> Option<Timestamp> {
        let day = self.pack.day(self.now);
        let began = |date: Date| self.pack.begins(date);
        let begun = self.pack.revisions(rule).into_iter().rfind(|r| r.from.is_none_or(|from| from <= day));
        let first = begun.and_then(|revision| revision.from);
        let lapsed = |p: &&Position| p.rule == rule && p.until.is_some_and(|until| until < day);
        let positions = self.dossier.positions.iter().filter(lapsed);
        let lapsed = positions.filter_map(|p| p.until?.tomorrow().ok()).max();
        let declared = self.dossier.declared.as_ref().map(|declared| declared.since);
        first.and_then(began).max(lapsed.and_then(began)).max(declared)
    }

    fn overridden(&self, rule: &str) -> Option<&Override> {
        let known = self.dossier.overrides.get(rule)?;
        known.until.is_none_or(|until| self.now < until).then_some(known)
    }

    fn items(&self, domestic: bool) -> Vec<Item> {
        let day = self.pack.day(self.now);
        let read = self.pack.at_with(day, &self.dossier.positions);
        let strict = self.pack.at(day);
        let asked = read.needed_to_open(self.kinds, domestic);
        let by_pack = strict.needed_to_open(self.kinds, domestic);
        let mut items = Vec::new();
        for in_force in read.in_force() {
            let rule = &in_force.rule;
            let find = |items: &[(&str, &Readiness)]| {
                items.iter().find(|(id, _)| *id == rule.id).map(|(_, item)| (*item).clone())
            };
            let now = find(&asked);
            let Some(item) = now.clone().or_else(|| find(&by_pack)) else { continue };
            items.push(Item {
                rule: rule.id.clone(),
                says: rule.says.clone(),
                law: rule.law.clone(),
                position: in_force.position.clone(),
                overridden: self.overridden(&rule.id).cloned(),
                stands: now.map_or(Stands::NotAsked, |item| self.stands(&rule.id, &item)),
                names: item.names,
                mandatory: item.mandatory,
                met_by: item.met_by,
                fresh: item.fresh,
            });
        }
        items
    }
}

/// The time around `at` in which every part has something that holds.
fn all_hold(parts: &[Vec<Span>], at: Timestamp) -> Option<Span> {
    let each: Option<Vec<Span>> = parts.iter().map(|spans| longest(spans, at)).collect();
    let each = each.filter(|each| !each.is_empty())?;
    let until = each.iter().filter_map(|span| span.until).min();
    Some(Span { from: each.iter().map(|span| span.from).max()?, until })
}

/// Of the times that hold at `at`, the one that ends last.
fn longest(spans: &[Span], at: Timestamp) -> Option<Span> {
    let holding = spans.iter().filter(|span| span.holds(at));
    holding.max_by_key(|span| (span.until.is_none(), span.until)).copied()
}

impl Register {
    /// What it lacks.
    pub fn gaps(&self, now: Timestamp) -> Vec<Gap> {
        let risks = || self.risks.values().map(|held| &held.paper);
        let without = Area::ALL.into_iter().filter(|area| !risks().any(|risk| risk.area == *area));
        let overdue = risks().filter(|risk| risk.review <= now).map(|risk| Gap::Overdue(risk.id.clone()));
        let mut owners: Vec<&Staff> = risks().map(|risk| &risk.owner).collect();
        owners.sort();
        owners.dedup();
        let unsigned = owners.into_iter().filter(|owner| !self.signed.contains_key(*owner)).cloned();
        let few = (self.signed.len() < 2).then_some(Gap::OneSignature);
        without.map(Gap::Area).chain(overdue).chain(unsigned.map(Gap::Unsigned)).chain(few).collect()
    }

    /// When it is complete: from its last signature to the first review that is due. None: it lacks
    /// something whatever the day.
    pub(super) fn complete(&self) -> Option<Span> {
        let from = self.signed.values().max().copied()?;
        let until = self.risks.values().map(|held| held.paper.review).min()?;
        self.gaps(Timestamp::MIN).is_empty().then_some(Span { from, until: Some(until) })
    }

    fn spans(&self) -> Vec<Span> {
        self.complete().into_iter().chain(self.held).collect()
    }
}

impl State {
    /// Every item that the pack asks of the house, and how it stands. Empty where the house has not
    /// declared the territory.
    pub fn readiness(&self, pack: &Pack, now: Timestamp) -> Vec<Item> {
        let Some(dossier) = self.dossier(pack.territory) else { return Vec::new() };
        let Some(declared) = &dossier.declared else { return Vec::new() };
        Judge { pack, dossier, kinds: &declared.kinds, now }.items(declared.domestic)
    }

    /// Whether the house may serve anybody in the pack's territory.
    pub fn openness(&self, pack: &Pack, now: Timestamp) -> Openness {
        let Some(dossier) = self.dossier(pack.territory) else { return Openness::Undeclared };
        if let Some(turned) = &dossier.suspended {
            return Openness::Suspended(turned.clone());
        }
        if dossier.declared.is_none() {
            return Openness::Undeclared;
        }
        let items = self.readiness(pack, now);
        let overrides = items.iter().filter(|item| matches!(item.stands, Stands::Missing { .. }));
        let overrides = overrides.filter_map(|item| item.overridden.clone()).collect();
        let missing: Vec<Missing> = items.into_iter().filter_map(missing).collect();
        let shut = |m: &Missing| m.mandatory && m.deadline.is_none_or(|deadline| deadline <= now);
        match &dossier.door {
            Door::NeverOpened => Openness::Closed { why: Shut::NeverOpened, missing },
            Door::Closed(turned) => Openness::Closed { why: Shut::ByHouse(turned.clone()), missing },
            Door::Opened { .. } if missing.iter().any(shut) => {
                Openness::Closed { why: Shut::Missing, missing }
            }
            Door::Opened { since, .. } => Openness::Open { since: *since, overrides, missing },
        }
    }

    /// Whether its pack and its openness judge a territory: the house has declared it, or stopped all
    /// service there. (Until the lead's change every other territory is served as before.)
    pub fn is_governed(&self, territory: Territory) -> bool {
        self.dossier(territory).is_some_and(|d| d.declared.is_some() || d.suspended.is_some())
    }

    /// The next instant after `now` at which [`State::openness`] of the pack's territory, or what the pack
    /// itself says, may be another.
    pub fn next_change_in(&self, pack: &Pack, now: Timestamp) -> Option<Timestamp> {
        let day = pack.day(now);
        let turn = pack.next_change(day).and_then(|day| pack.begins(day));
        let Some(dossier) = self.dossier(pack.territory) else { return turn };
        let positions = dossier.positions.iter();
        let days = positions.flat_map(|p| [Some(p.from), p.until.and_then(|until| until.tomorrow().ok())]);
        let days = days.flatten().filter(|change| *change > day).filter_map(|change| pack.begins(change));
        let items = self.readiness(pack, now).into_iter().flat_map(|item| match item.stands {
            Stands::Met { until, .. } => [until, None],
            Stands::Missing { deadline, .. } => [deadline, None],
            Stands::NotAsked => [None, None],
        });
        let own = dossier.instants();
        own.into_iter().chain(turn).chain(days).chain(items.flatten()).filter(|at| *at > now).min()
    }
}

fn missing(item: Item) -> Option<Missing> {
    let Item { rule, law, names, mandatory, met_by, overridden: None, stands, .. } = item else {
        return None;
    };
    let Stands::Missing { since, deadline, gaps } = stands else { return None };
    Some(Missing { rule, law, names, mandatory, met_by, since, deadline, gaps })
}
