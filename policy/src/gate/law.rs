//! What a territory's pack and dossier say at an instant, laid out so that each question only reads it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::advisory::Display;
use crate::label::{Label, Need};
use crate::pack::{self, Body, InForce, Pack, Packs, Rules};
use crate::state::{Openness, State, Trial};
use crate::territory::Territory;

/// The rules of a territory on one day, laid out. Cloning shares them.
#[derive(Clone)]
pub struct Day {
    pub(super) law: Arc<Law>,
    /// Between these instants they are the same.
    holds: (Timestamp, Option<Timestamp>),
}

/// The law that judges a question.
pub(super) enum Law {
    /// The house has not declared the territory: nobody is served there.
    Undeclared,
    /// Nor has it, but it holds a trial: only orders are asked.
    Trial(Trial),
    /// It has, and there is no pack.
    NoPack,
    Pack(Box<OfPack>),
}

pub(super) struct OfPack {
    pub pack: Arc<Pack>,
    pub rules: Arc<Rules>,
    pub openness: Openness,
    declared: bool,
    labels: BTreeMap<String, Arc<OfLabel>>,
    /// When the openness, or any rule, may be another.
    pub next: Option<Timestamp>,
}

/// What the pack asks wherever a title bears a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OfLabel {
    pub label: Label,
    pub rule: Arc<pack::Rule>,
    pub needs: Vec<(Need, Arc<pack::Rule>)>,
    /// How it, or its warnings, must be shown.
    pub displays: Vec<(Display, Arc<pack::Rule>)>,
}

impl Day {
    /// Lays out what a territory's pack says, with the positions that the house takes, and whether the house
    /// is open there; none: nowhere.
    pub fn of(state: &State, packs: &Packs, territory: Option<Territory>, now: Timestamp) -> Day {
        let law = territory.map_or(Law::Undeclared, |territory| Law::of(state, packs, territory, now));
        Day { holds: law.holds(now), law: Arc::new(law) }
    }

    /// Whether these are the rules of an instant.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.holds.0 <= now && self.until().is_none_or(|until| now < until)
    }

    /// From when on the rules may be others; none: no such instant is known.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.holds.1
    }

    /// Whether the territory lets anything be served.
    pub(crate) fn is_open(&self) -> bool {
        match &*self.law {
            Law::Trial(_) => true,
            Law::Undeclared | Law::NoPack => false,
            Law::Pack(law) => law.openness.is_open(),
        }
    }

    /// From when on the law may be another, whatever the day.
    pub(crate) fn law_until(&self) -> Option<Timestamp> {
        match &*self.law {
            Law::Undeclared | Law::NoPack => None,
            Law::Trial(trial) => trial.until,
            Law::Pack(law) => law.next,
        }
    }
}

impl Law {
    fn of(state: &State, packs: &Packs, territory: Territory, now: Timestamp) -> Law {
        match (state.is_governed(territory), packs.shared(territory)) {
            (false, _) => state.trial(now).map_or(Law::Undeclared, Law::Trial),
            (true, None) => Law::NoPack,
            (true, Some(pack)) => Law::Pack(Box::new(OfPack::new(state, pack, now))),
        }
    }

    /// Between which instants it says the same; it may say the same for longer.
    fn holds(&self, now: Timestamp) -> (Timestamp, Option<Timestamp>) {
        match self {
            Law::Undeclared | Law::NoPack => (Timestamp::MIN, None),
            Law::Trial(trial) => (trial.since, trial.until),
            Law::Pack(law) => {
                // Ages are counted in days, so that a law is of one day.
                let midnight = law.rules.day.tomorrow().ok().and_then(|day| law.pack.begins(day));
                (now, law.next.into_iter().chain(midnight).min())
            }
        }
    }
}

impl OfPack {
    fn new(state: &State, pack: &Arc<Pack>, now: Timestamp) -> OfPack {
        let dossier = state.dossier(pack.territory);
        let positions = dossier.map_or(&[][..], |dossier| &dossier.positions);
        let rules = pack.at_with(pack.day(now), positions);
        let of = |in_force: &InForce| match in_force.body() {
            Some(Body::Label(label)) => {
                Some((label.code.clone(), Arc::new(OfLabel::new(label, &in_force.rule, &rules))))
            }
            _ => None,
        };
        OfPack {
            pack: pack.clone(),
            openness: state.openness(pack, now),
            declared: dossier.is_some_and(|dossier| dossier.declared.is_some()),
            labels: rules.in_force().iter().filter_map(of).collect(),
            rules: Arc::new(rules),
            next: state.next_change_in(pack, now),
        }
    }

    /// Whether anything but a suspension is asked there.
    pub(super) fn is_declared(&self) -> bool {
        self.declared
    }

    pub(super) fn label(&self, code: &str) -> Option<&Arc<OfLabel>> {
        self.labels.get(code)
    }

    /// The rule in force under this id.
    pub(super) fn rule(&self, id: &str) -> Option<&Arc<pack::Rule>> {
        self.rules.in_force().iter().map(|in_force| &in_force.rule).find(|rule| rule.id == id)
    }

    /// The rule by which titles need a label at all.
    pub(super) fn rating(&self) -> Option<&Arc<pack::Rule>> {
        let of = |kind: &str| {
            self.rules.in_force().iter().map(|in_force| &in_force.rule).find(|rule| rule.is.kind() == kind)
        };
        of("self-rating").or_else(|| of("label"))
    }
}

impl OfLabel {
    fn new(label: &Label, rule: &Arc<pack::Rule>, rules: &Rules) -> OfLabel {
        let mut of =
            OfLabel { label: label.clone(), rule: rule.clone(), needs: Vec::new(), displays: Vec::new() };
        for in_force in rules.in_force() {
            match in_force.body() {
                Some(Body::Lock(lock)) if lock.labels.contains(&label.code) => {
                    of.needs.extend(lock.needs.iter().map(|need| (*need, in_force.rule.clone())));
                }
                Some(Body::Display(display)) if !display.except.contains(&label.code) => {
                    of.displays.push((display.clone(), in_force.rule.clone()));
                }
                _ => {}
            }
        }
        of
    }
}
