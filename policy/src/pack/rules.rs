//! The rules of one territory on one day, as the house reads them, and what they answer.
//!
//! Where a pack is silent the answer is the stricter one: an unknown label is refused, a paper that no
//! rule speaks of is stale after any edit, what no rule lets go of is kept.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use media::{Error, Result};
use serde::Serialize;

use crate::advisory::{Display, Rated, Showing};
use crate::age::{Counted, reached};
use crate::criteria::{Criteria, Mark, Strength};
use crate::label::{Admission, Descriptor, Label, Lock, Need, Watcher};
use crate::pack::clock::{Clock, Deadline, Matter, Step, Within};
use crate::pack::duty::{
    AgeProof, Change, ChildAct, Children, Clearance, Keep, Kind, Notify, Paper, Readiness, SelfRating, Stale,
    Store, Travel,
};
use crate::pack::position::Position;
use crate::pack::rule::{Body, Rule};
use crate::territory::Territory;

/// What holds in a territory on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pub territory: Territory,
    /// IANA name.
    pub zone: Arc<str>,
    pub day: Date,
    in_force: Vec<InForce>,
    /// Places in `in_force` by kind, those of one kind in the order of the pack: the gate asks for kinds.
    by_kind: Vec<(&'static str, usize)>,
}

/// A rule in force, and the position that the house takes on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    pub rule: Arc<Rule>,
    pub position: Option<Position>,
}

impl InForce {
    /// What holds: the pack's own reading, or the one that a position takes. None where that reading says
    /// that the rule does not hold at all.
    pub fn body(&self) -> Option<&Body> {
        match self.position.as_ref().and_then(|position| position.reading(&self.rule)) {
            Some(reading) => reading.is.as_ref(),
            None => Some(&self.rule.is),
        }
    }
}

/// The lowest label that allows what a film shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lowest {
    pub label: String,
    /// Descriptors with something to show, those that drove the label first.
    pub because: Vec<Because>,
}

/// What one descriptor asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Because {
    pub descriptor: String,
    pub label: String,
    /// Which mark of those that were given asks for it; none: nothing of it is shown.
    pub mark: Option<usize>,
    /// The rule that says so.
    pub rule: String,
}

/// Each kind of rule, by the id of its rule.
macro_rules! of_kind {
    ($(#[$doc:meta] $name:ident: $kind:ident($type:ty) = $word:literal;)*) => {$(
        #[$doc]
        pub fn $name(&self) -> impl Iterator<Item = (&str, &$type)> + Clone {
            self.of_kind($word).filter_map(|in_force| match in_force.body() {
                Some(Body::$kind(body)) => Some((in_force.rule.id.as_str(), body)),
                _ => None,
            })
        }
    )*};
}

impl Rules {
    pub(super) fn new(territory: Territory, zone: Arc<str>, day: Date, in_force: Vec<InForce>) -> Rules {
        let kinds = in_force.iter().map(|rule| rule.body().map(Body::kind)).zip(0..);
        let mut by_kind: Vec<_> = kinds.filter_map(|(kind, at)| Some((kind?, at))).collect();
        by_kind.sort_unstable();
        Rules { territory, zone, day, in_force, by_kind }
    }

    /// Every rule in force, in the order of the pack.
    pub fn in_force(&self) -> &[InForce] {
        &self.in_force
    }

    /// Those of a kind, in the order of the pack.
    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &InForce> + Clone {
        let from = self.by_kind.partition_point(|(other, _)| *other < kind);
        let own = self.by_kind[from..].iter().take_while(move |(other, _)| *other == kind);
        own.map(|(_, at)| &self.in_force[*at])
    }

    of_kind! {
        /// Labels, in the order of the pack.
        labels: Label(Label) = "label";
        /// Descriptors, in the order of the pack.
        descriptors: Descriptor(Descriptor) = "descriptor";
        /// What each label allows.
        criteria: Criteria(Criteria) = "criteria";
        /// How labels and warnings are shown.
        displays: Display(Display) = "display";
        /// What stands between a viewer and a label.
        locks: Lock(Lock) = "lock";
        /// How long the law gives.
        clocks: Clock(Clock) = "clock";
        /// Who may decide labels.
        self_ratings: SelfRating(SelfRating) = "self-rating";
        /// What edits make stale.
        stales: Stale(Stale) = "stale";
        /// What is kept how long.
        keeps: Keep(Keep) = "keep";
        /// Where data of people is stored.
        stores: Store(Store) = "store";
        /// What must exist before the territory opens.
        readiness: Readiness(Readiness) = "readiness";
        /// Who must be told of what.
        notifies: Notify(Notify) = "notify";
        /// What an authority must see beside the film.
        clearances: Clearance(Clearance) = "clearance";
        /// What a representative does for a child.
        children: Children(Children) = "children";
        /// By what nobody may be made to show their age.
        age_proofs: AgeProof(AgeProof) = "age-proof";
        /// Which rules hold for somebody away from home.
        travels: Travel(Travel) = "travel";
    }

    /// The label that a list or table means. Fails on a spelling that no label has.
    pub fn label(&self, text: &str) -> Result<&Label> {
        let found = self.labels().find(|(_, label)| label.is_spelt(text));
        found.map(|(_, label)| label).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            let known: Vec<&str> = self.labels().map(|(_, label)| label.code.as_str()).collect();
            let wrong = Error::invalid(format!("{} had no label {shown:?} on {}", self.territory, self.day));
            wrong.remedy(match known.is_empty() {
                true => "The territory's pack has no labels then".to_string(),
                false => format!("Use one of {}", known.join(", ")),
            })
        })
    }

    /// The label with this name in MovieLabs' Common Ratings, such as `VN/MCST/3/T16`.
    pub fn label_of_cmr(&self, name: &str) -> Option<&Label> {
        self.labels().map(|(_, label)| label).find(|label| label.cmr.as_deref() == Some(name))
    }

    /// Whether `watcher` may watch what has this label.
    pub fn admission(&self, label: &Label, watcher: &Watcher) -> Admission {
        label.admits.judge(watcher, self.day)
    }

    /// What must stand between a viewer and this label.
    pub fn needs(&self, label: &Label) -> BTreeSet<Need> {
        let of_label = self.locks().filter(|(_, lock)| lock.labels.contains(&label.code));
        of_label.flat_map(|(_, lock)| lock.needs.iter().copied()).collect()
    }

    pub fn descriptor(&self, code: &str) -> Result<&Descriptor> {
        let found = self.descriptors().find(|(_, descriptor)| descriptor.code == code);
        found.map(|(_, descriptor)| descriptor).ok_or_else(|| {
            let known: Vec<&str> = self.descriptors().map(|(_, d)| d.code.as_str()).collect();
            let wrong =
                Error::invalid(format!("{} had no descriptor {code:?} on {}", self.territory, self.day));
            wrong.remedy(format!("Use one of {}", known.join(", ")))
        })
    }

    /// The lowest label that allows all of these marks, and nothing of any descriptor without one.
    ///
    /// Fails where the pack has no criteria for a descriptor, or none of its labels allows a mark.
    pub fn lowest(&self, marks: &[Mark]) -> Result<Lowest> {
        let asked = |descriptor: &str| self.criteria().any(|(_, c)| c.descriptor == descriptor);
        let without = marks.iter().map(|mark| mark.descriptor.as_str()).find(|d| !asked(d));
        if without.is_some() || self.criteria().next().is_none() {
            let what = without.map_or(String::new(), |descriptor| format!(" for {descriptor:?}"));
            let wrong =
                Error::unsupported(format!("{} had no criteria{what} on {}", self.territory, self.day));
            return Err(wrong.remedy("Let a person decide the label"));
        }
        let mut found = Vec::new();
        for (rule, criteria) in self.criteria() {
            found.push(self.strictest(rule, criteria, marks)?);
        }
        found.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        let label = found.first().map(|(_, because)| because.label.clone()).unwrap_or_default();
        let because = found.into_iter().map(|(_, because)| because).filter(|b| b.mark.is_some());
        Ok(Lowest { label, because: because.collect() })
    }

    /// What one descriptor asks for, with the rank of that label.
    fn strictest(&self, rule: &str, criteria: &Criteria, marks: &[Mark]) -> Result<(u8, Because)> {
        let nothing =
            Mark { descriptor: criteria.descriptor.clone(), strength: Strength::None, manner: Vec::new() };
        let of_descriptor = marks.iter().zip(0..).filter(|(mark, _)| mark.descriptor == criteria.descriptor);
        let shown = of_descriptor.filter(|(mark, _)| mark.strength > Strength::None);
        let mut strictest = None;
        for (mark, at) in shown.map(|(mark, at)| (mark, Some(at))).chain([(&nothing, None)]) {
            let level = criteria.lowest(mark).ok_or_else(|| {
                let wrong =
                    Error::unsupported(format!("no label of {} allows what is marked", self.territory));
                wrong.at(rule).remedy("Let a person decide the label")
            })?;
            let rank = self.label(&level.label)?.rank;
            if strictest.as_ref().is_none_or(|(least, _)| rank > *least) {
                let (descriptor, label) = (criteria.descriptor.clone(), level.label.clone());
                strictest = Some((rank, Because { descriptor, label, mark: at, rule: rule.into() }));
            }
        }
        strictest.ok_or_else(|| Error::internal("a descriptor without a mark of nothing"))
    }

    /// What must be shown for a film of `length` milliseconds with this label, and descriptors with what
    /// drove the label first. Fails on what the pack does not know.
    pub fn showings(&self, label: &str, descriptors: &[&str], length: u64) -> Result<Vec<Showing>> {
        let descriptors = descriptors.iter().map(|code| self.descriptor(code)).collect::<Result<Vec<_>>>()?;
        let rated = Rated { label: self.label(label)?, descriptors };
        let shown = |(rule, display): (&str, &Display)| display.showing(rule, &rated, length);
        Ok(self.displays().filter_map(shown).collect())
    }

    /// When a step of an order is due by the pack's clocks. No route: that of orders which state none.
    ///
    /// Fails on a route that the pack did not have on the day.
    pub fn order_due(
        &self,
        route: Option<&str>,
        step: Step,
        start: Timestamp,
        placed: Timestamp,
    ) -> Result<Option<Deadline>> {
        let of_orders = || self.in_force.iter().filter_map(|r| Some((r, clock_of_order(r.body()?)?)));
        if let Some(route) = route {
            let known: BTreeSet<&str> = of_orders().filter_map(|(_, c)| c.route.as_deref()).collect();
            if !known.contains(route) {
                return Err(self.no_route(route, known));
            }
        }
        let of_route = |clock: &Clock| match route {
            Some(route) => clock.route.as_deref() == Some(route),
            None => clock.default,
        };
        let found = of_orders().find(|(_, clock)| clock.step == step && of_route(clock));
        Ok(found.and_then(|(in_force, clock)| {
            let at = clock.due(start, placed, &self.zone)?;
            Some(Deadline { at, basis: in_force.rule.law.clone() })
        }))
    }

    fn no_route(&self, route: &str, known: BTreeSet<&str>) -> Error {
        let shown: String = route.chars().take(40).collect();
        let wrong = Error::invalid(format!("{} had no route {shown:?} on {}", self.territory, self.day));
        wrong.remedy(match known.is_empty() {
            true => "Leave the route out and state the deadlines".to_string(),
            false => format!("Use one of {}", known.into_iter().collect::<Vec<_>>().join(", ")),
        })
    }

    /// When a step of any other matter that arrived at `placed` is due, with the rule's id; the earliest
    /// where several rules give one.
    pub fn due(
        &self,
        matter: Matter,
        route: Option<&str>,
        step: Step,
        placed: Timestamp,
    ) -> Option<(Timestamp, &str)> {
        let asked = self.clocks().filter(|(_, clock)| {
            clock.matter == matter && clock.step == step && clock.route.as_deref() == route
        });
        asked.filter_map(|(rule, clock)| Some((clock.due(placed, placed, &self.zone)?, rule))).min()
    }

    /// Who may decide the labels of works of this kind.
    pub fn self_rating(&self, kind: Kind) -> Option<(&str, &SelfRating)> {
        self.self_ratings().find(|(_, rule)| rule.kinds.contains(&kind))
    }

    /// Whether a change of the composition makes this paper stale, and the rule that says so. Where no
    /// rule speaks of the paper, any change does.
    pub fn is_stale(&self, paper: Paper, change: Change) -> (bool, Option<&str>) {
        let mut spoken = self.stales().filter(|(_, stale)| stale.what.contains(&paper)).peekable();
        match spoken.peek().map(|(rule, _)| *rule) {
            None => (true, None),
            Some(first) => {
                let makes = spoken.find(|(_, stale)| stale.by.contains(&change));
                (makes.is_some(), Some(makes.map_or(first, |(rule, _)| rule)))
            }
        }
    }

    /// The first day on which something of `from` may be thrown away; none: it is kept.
    pub fn kept_until(&self, what: &str, domestic: bool, from: Date) -> Option<Date> {
        let about = |keep: &Keep| keep.of.binds(domestic) && keep.what.iter().any(|w| w == what);
        let mut until = None;
        for (_, keep) in self.keeps().filter(|(_, keep)| about(keep)) {
            until = until.max(Some(keep.at_least?.after_day(from)?));
        }
        until
    }

    /// Rules that want this data stored in the territory. `decided`: whether an authority has decided so
    /// about this operator.
    pub fn stored_at_home(&self, what: &str, domestic: bool, decided: bool) -> Vec<(&str, Option<Within>)> {
        let binds = |store: &Store| {
            store.of.binds(domestic)
                && store.what.iter().any(|w| w == what)
                && (decided || !store.on_decision)
        };
        self.stores().filter(|(_, s)| binds(s)).map(|(rule, s)| (rule, s.within)).collect()
    }

    /// What a house that offers works of these kinds needs before the territory opens.
    pub fn needed_to_open(&self, kinds: &[Kind], domestic: bool) -> Vec<(&str, &Readiness)> {
        let asked =
            |item: &Readiness| item.of.binds(domestic) && item.kinds.iter().any(|k| kinds.contains(k));
        self.readiness().filter(|(_, item)| asked(item)).collect()
    }

    /// Rules by which somebody must be told of a work of this kind before it first plays.
    pub fn before_first_play(&self, kind: Kind) -> impl Iterator<Item = (&str, &Notify)> {
        self.notifies().filter(move |(_, n)| n.before_first_play && n.kinds.contains(&kind))
    }

    /// Which authority must see this kind of thing beside the film: a trailer, a poster.
    pub fn cleared_by(&self, what: &str) -> Option<(&str, &str)> {
        let found = self.clearances().find(|(_, clearance)| clearance.what.iter().any(|w| w == what));
        found.map(|(rule, clearance)| (rule, clearance.by.as_str()))
    }

    /// Whether a parent or other representative must act for somebody born on this day. An unknown day
    /// counts as a child's wherever the pack has such a rule.
    pub fn needs_representative(&self, act: ChildAct, born: Option<Date>) -> Option<&str> {
        let is_child = |under: u8| born.is_none_or(|b| !reached(b, under, Counted::Birthday, self.day));
        self.children().find(|(_, c)| c.acts.contains(&act) && is_child(c.under)).map(|(rule, _)| rule)
    }

    /// The rule that forbids to have people show their age by this.
    pub fn age_proof_forbidden(&self, by: &str) -> Option<&str> {
        self.age_proofs().find(|(_, proof)| proof.not_by.iter().any(|b| b == by)).map(|(rule, _)| rule)
    }

    /// Which rules hold for somebody away from home: those of both places where the pack is silent.
    pub fn travel(&self) -> Travel {
        self.travels().next().map_or(Travel::Both, |(_, travel)| *travel)
    }
}

fn clock_of_order(body: &Body) -> Option<&Clock> {
    match body {
        Body::Clock(clock) if clock.matter == Matter::Order => Some(clock),
        _ => None,
    }
}
