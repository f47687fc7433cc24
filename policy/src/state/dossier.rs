//! What the house has entered about one territory: the dossier from which its openness is judged.
//!
//! Invariants:
//! - What ended stays known with its end, because the law's grace runs from there.
//! - A signature stands under the register as it was signed: any change of a risk takes all of them away.

use imbl::{OrdMap, OrdSet};
use jiff::Timestamp;
use media::{Digest, Error, Kind, Result};

use super::Applied;
use crate::decision::{Act, Decision, Sealed, Staff};
use crate::pack::Position;
use crate::pack::duty::{self, Check};
use crate::readiness::{EvidenceEntered, Licence, Reasoned, Risk, RisksSigned, register_digest};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dossier {
    pub declared: Option<Declaration>,
    pub door: Door,
    /// The whole service is stopped there.
    pub suspended: Option<Turned>,
    /// In the order in which they were taken; of two on one rule the later counts.
    pub positions: Vec<Position>,
    pub licences: Vec<Held<Licence>>,
    pub evidence: Vec<Held<EvidenceEntered>>,
    /// What Phim found last.
    pub checks: OrdMap<Check, Checked>,
    pub overrides: OrdMap<String, Override>,
    pub register: Register,
}

/// What the house offers there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    pub since: Timestamp,
    pub by: Staff,
    /// Whether it is established there.
    pub domestic: bool,
    pub kinds: Vec<duty::Kind>,
}

/// Whether the house wants the territory to be open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Door {
    #[default]
    NeverOpened,
    Opened {
        by: Staff,
        since: Timestamp,
    },
    Closed(Turned),
}

/// Somebody closed or suspended it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    pub by: Staff,
    pub since: Timestamp,
    pub reason: Sealed,
}

/// A paper, who entered it when, and when it was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<T> {
    pub at: Timestamp,
    pub by: Staff,
    pub paper: T,
    pub ended: Option<Timestamp>,
}

/// A time in which something holds; its end is no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    pub until: Option<Timestamp>,
}

/// What Phim found by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub at: Timestamp,
    pub by: Staff,
    pub passed: bool,
    /// When it must look again; none: as the pack says.
    pub until: Option<Timestamp>,
    /// The last time in which it passed; none: it never did.
    pub held: Option<Span>,
    pub report: Sealed,
}

/// A person lets the territory be open without an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    pub rule: String,
    pub by: Staff,
    pub since: Timestamp,
    pub until: Option<Timestamp>,
    pub reason: Sealed,
}

/// The register of risks, and who signed it as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    pub risks: OrdMap<String, Held<Risk>>,
    pub signed: OrdMap<Staff, Timestamp>,
    /// The last time in which it was complete, before it was changed.
    pub held: Option<Span>,
}

impl Register {
    /// What a signature is about now.
    pub fn digest(&self) -> Digest {
        register_digest(self.risks.values().map(|held| &held.paper))
    }
}

impl<T> Held<T> {
    fn new(decision: &Decision, paper: T) -> Held<T> {
        Held { at: decision.at, by: decision.by.clone(), paper, ended: None }
    }
}

impl Turned {
    fn new(decision: &Decision, reasoned: &Reasoned) -> Turned {
        Turned { by: decision.by.clone(), since: decision.at, reason: reasoned.reason }
    }
}

fn if_changed(changed: bool) -> Result<Applied> {
    Ok(if changed { Applied::Changed } else { Applied::Same })
}

impl Dossier {
    /// Applies a decision about the territory. Where it does not follow, nothing changes.
    pub(super) fn apply(&mut self, decision: &Decision) -> Result<Applied> {
        match &decision.act {
            Act::TerritoryDeclared(it) => if_changed(self.declare(decision, it.domestic, &it.kinds)),
            Act::TerritoryOpened(_) => self.open(decision),
            Act::TerritoryClosed(it) => self.close(decision, it),
            Act::TerritorySuspended(it) => {
                let changed = self.suspended.is_none();
                self.suspended.get_or_insert_with(|| Turned::new(decision, it));
                if_changed(changed)
            }
            Act::TerritoryResumed(_) => if_changed(self.suspended.take().is_some()),
            Act::PositionTaken(it) => if_changed(self.take_position(&it.position)),
            Act::PositionWithdrawn(it) => self.withdraw_position(&it.rule),
            Act::LicenceEntered(it) => if_changed(self.enter_licence(decision, it)),
            Act::LicenceEnded(it) => self.end_licence(decision, &it.grant, &it.number),
            Act::EvidenceEntered(it) => if_changed(self.enter_evidence(decision, it)),
            Act::EvidenceWithdrawn(it) => self.withdraw_evidence(decision, &it.name),
            Act::CheckRan(it) => {
                if_changed(self.find(decision, it.check, it.passed, Some(it.until), it.report))
            }
            Act::DrillHeld(it) => {
                if_changed(self.find(decision, Check::RemovalDrill, it.passed, None, it.report))
            }
            Act::ItemOverridden(it) => {
                if_changed(self.override_item(decision, &it.rule, it.until, it.reason))
            }
            Act::OverrideEnded(it) => match self.overrides.remove(&it.rule) {
                Some(_) => Ok(Applied::Changed),
                None => Err(Error::not_found(format!("nobody overrides {:?}", it.rule))),
            },
            Act::RiskEntered(it) => if_changed(self.register.enter(decision, it)),
            Act::RiskDropped(it) => self.register.drop_risk(decision, &it.id),
            Act::RisksSigned(it) => self.register.sign(decision, it),
            _ => Err(Error::internal("not a decision about a territory")),
        }
    }

    fn declare(&mut self, decision: &Decision, domestic: bool, kinds: &[duty::Kind]) -> bool {
        if self.declared.as_ref().is_some_and(|d| d.domestic == domestic && d.kinds == kinds) {
            return false;
        }
        let (since, by, kinds) = (decision.at, decision.by.clone(), kinds.to_vec());
        self.declared = Some(Declaration { since, by, domestic, kinds });
        true
    }

    fn open(&mut self, decision: &Decision) -> Result<Applied> {
        if self.declared.is_none() {
            return Err(Error::new(Kind::Conflict, "the house has not declared what it offers there")
                .remedy("Declare the territory first: phim territory declare"));
        }
        if matches!(self.door, Door::Opened { .. }) {
            return Ok(Applied::Same);
        }
        self.door = Door::Opened { by: decision.by.clone(), since: decision.at };
        Ok(Applied::Changed)
    }

    fn close(&mut self, decision: &Decision, reasoned: &Reasoned) -> Result<Applied> {
        match self.door {
            Door::NeverOpened => Err(Error::new(Kind::Conflict, "the territory was never opened")),
            Door::Closed(_) => Ok(Applied::Same),
            Door::Opened { .. } => {
                self.door = Door::Closed(Turned::new(decision, reasoned));
                Ok(Applied::Changed)
            }
        }
    }

    fn take_position(&mut self, position: &Position) -> bool {
        let changed = self.positions.iter().rfind(|p| p.rule == position.rule) != Some(position);
        if changed {
            self.positions.push(position.clone());
        }
        changed
    }

    fn withdraw_position(&mut self, rule: &str) -> Result<Applied> {
        let before = self.positions.len();
        self.positions.retain(|position| position.rule != rule);
        if self.positions.len() == before {
            return Err(Error::not_found(format!("no position is taken on {rule:?}"))
                .remedy("phim position list shows the positions"));
        }
        Ok(Applied::Changed)
    }

    fn enter_licence(&mut self, decision: &Decision, licence: &Licence) -> bool {
        let same = |held: &&mut Held<Licence>| {
            held.paper.grant == licence.grant && held.paper.number == licence.number
        };
        let held = Held::new(decision, licence.clone());
        match self.licences.iter_mut().find(same) {
            Some(known) if known.paper == *licence && known.ended.is_none() => false,
            Some(known) => {
                *known = held;
                true
            }
            None => {
                self.licences.push(held);
                true
            }
        }
    }

    fn end_licence(&mut self, decision: &Decision, grant: &str, number: &str) -> Result<Applied> {
        let named = |held: &&mut Held<Licence>| held.paper.grant == grant && held.paper.number == number;
        let known = self.licences.iter_mut().find(named).ok_or_else(|| {
            Error::not_found(format!("there is no {grant} with the number {number:?}"))
                .remedy("phim licence list shows the licences")
        })?;
        let changed = known.ended.is_none();
        known.ended.get_or_insert(decision.at);
        if_changed(changed)
    }

    fn enter_evidence(&mut self, decision: &Decision, evidence: &EvidenceEntered) -> bool {
        let known = self.evidence.iter().any(|held| held.paper == *evidence && held.ended.is_none());
        if !known {
            self.evidence.push(Held::new(decision, evidence.clone()));
        }
        !known
    }

    fn withdraw_evidence(&mut self, decision: &Decision, name: &str) -> Result<Applied> {
        let mut named = self.evidence.iter_mut().filter(|held| held.paper.name == name).peekable();
        if named.peek().is_none() {
            return Err(Error::not_found(format!("no evidence {name:?} is entered")));
        }
        let holding: Vec<_> = named.filter(|held| held.ended.is_none()).collect();
        let changed = !holding.is_empty();
        holding.into_iter().for_each(|held| held.ended = Some(decision.at));
        if_changed(changed)
    }

    fn find(
        &mut self,
        decision: &Decision,
        check: Check,
        passed: bool,
        until: Option<Timestamp>,
        report: Sealed,
    ) -> bool {
        let known = self.checks.get(&check);
        let same = known.is_some_and(|k| k.passed == passed && k.until == until && k.report == report);
        if same {
            return false;
        }
        let (at, by) = (decision.at, decision.by.clone());
        let held = match passed {
            true => Some(Span { from: at, until }),
            false => known.and_then(|known| known.held).map(|held| held.cut(at)),
        };
        self.checks.insert(check, Checked { at, by, passed, until, held, report });
        true
    }

    fn override_item(
        &mut self,
        decision: &Decision,
        rule: &str,
        until: Option<Timestamp>,
        reason: Sealed,
    ) -> bool {
        let (by, since) = (decision.by.clone(), decision.at);
        let known = self.overrides.get(rule);
        if known.is_some_and(|k| k.by == by && k.until == until && k.reason == reason) {
            return false;
        }
        self.overrides.insert(rule.into(), Override { rule: rule.into(), by, since, until, reason });
        true
    }

    /// Instants of its own at which anything here begins or ends to hold. What the pack bounds is not
    /// among them.
    pub(super) fn instants(&self) -> OrdSet<Timestamp> {
        let licences = self.licences.iter().flat_map(|h| [Some(h.paper.from), h.paper.until]);
        let evidence = self.evidence.iter().flat_map(|h| [Some(h.paper.from), h.paper.until]);
        let checks = self.checks.values().map(|checked| checked.until);
        let overrides = self.overrides.values().map(|o| o.until);
        let reviews = self.register.risks.values().map(|held| Some(held.paper.review));
        licences.chain(evidence).chain(checks).chain(overrides).chain(reviews).flatten().collect()
    }
}

impl Span {
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
    /// Its end, where that has come.
    pub(super) fn ended_by(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| *until <= now && self.from < *until)
    }
    /// The same, ended at `at` where it does not end before.
    pub(super) fn cut(self, at: Timestamp) -> Span {
        Span { until: Some(self.until.map_or(at, |until| until.min(at))), ..self }
    }
}

impl Register {
    fn enter(&mut self, decision: &Decision, risk: &Risk) -> bool {
        if self.risks.get(&risk.id).is_some_and(|held| held.paper == *risk) {
            return false;
        }
        self.touch(decision);
        self.risks.insert(risk.id.clone(), Held::new(decision, risk.clone()));
        true
    }

    fn drop_risk(&mut self, decision: &Decision, id: &str) -> Result<Applied> {
        if !self.risks.contains_key(id) {
            return Err(Error::not_found(format!("the register has no risk {id:?}"))
                .remedy("phim risk list shows the risks"));
        }
        self.touch(decision);
        self.risks.remove(id);
        Ok(Applied::Changed)
    }

    /// Takes the signatures away, because what was signed is about to change.
    fn touch(&mut self, decision: &Decision) {
        self.held = self.complete().map(|span| span.cut(decision.at)).or(self.held);
        self.signed = OrdMap::new();
    }

    fn sign(&mut self, decision: &Decision, signed: &RisksSigned) -> Result<Applied> {
        if signed.register != self.digest() {
            return Err(Error::new(Kind::Conflict, "the register is another by now")
                .remedy("Read it again and sign it as it stands"));
        }
        if self.signed.contains_key(&decision.by) {
            return Ok(Applied::Same);
        }
        self.signed.insert(decision.by.clone(), decision.at);
        Ok(Applied::Changed)
    }
}
