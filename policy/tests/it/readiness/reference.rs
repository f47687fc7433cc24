//! A second reading of the same records: it looks at every record anew and keeps nothing.

use jiff::{SignedDuration, Timestamp};
use policy::Act;
use policy::pack::Position;
use policy::pack::duty::Kind;

use super::super::house::House;
use super::{ITEMS, days, pack};

/// The second reading.
pub struct Reference<'a>(pub &'a House);

impl Reference<'_> {
    fn acts(&self, until: Timestamp) -> impl DoubleEndedIterator<Item = (Timestamp, &policy::Staff, &Act)> {
        let decisions = self.0.decisions.iter().filter(move |d| d.at <= until);
        decisions.map(|d| (d.at, &d.by, &d.act))
    }

    /// The end of the day that is `n` days after that of `from`.
    fn day_after(from: Timestamp, n: i64) -> Timestamp {
        // Vietnam is seven hours ahead and puts no clock forward.
        let seven = SignedDuration::from_hours(7);
        let day = (from + seven).as_second().div_euclid(86_400) + n + 1;
        Timestamp::from_second(day * 86_400).unwrap() - seven
    }

    /// Whether what is known at `known` says that the item is met at `at`.
    fn met(&self, item: &str, at: Timestamp, known: Timestamp) -> bool {
        match item {
            "paper" => self.acts(known).any(|(entered, _, act)| match act {
                Act::EvidenceEntered(e) => {
                    let back = self
                        .acts(known)
                        .find(|(when, _, act)| matches!(act, Act::EvidenceWithdrawn(_)) && *when > entered);
                    e.from <= at
                        && e.until.is_none_or(|until| at < until)
                        && at < Self::day_after(e.from, 90)
                        && back.is_none_or(|(when, ..)| at < when)
                }
                _ => false,
            }),
            "grant" => {
                self.kinds(known).iter().all(|kind| (0..3u8).any(|n| self.licensed(n, *kind, at, known)))
            }
            "shown" => {
                let last = self.acts(known.min(at)).rfind(|(_, _, act)| matches!(act, Act::CheckRan(_)));
                last.is_some_and(|(_, _, act)| matches!(act, Act::CheckRan(c) if c.passed && at < c.until))
            }
            "drill" => {
                let last = self.acts(known.min(at)).rfind(|(_, _, act)| matches!(act, Act::DrillHeld(_)));
                last.is_some_and(|(when, _, act)| {
                    matches!(act, Act::DrillHeld(d) if d.passed) && at < Self::day_after(when, 90)
                })
            }
            _ => self.register(at),
        }
    }

    fn kinds(&self, known: Timestamp) -> Vec<Kind> {
        let last = self.acts(known).filter_map(|(_, _, act)| match act {
            Act::TerritoryDeclared(d) => Some(d.kinds.clone()),
            _ => None,
        });
        last.fold(Vec::new(), |_, kinds| kinds)
    }

    fn licensed(&self, n: u8, kind: Kind, at: Timestamp, known: Timestamp) -> bool {
        let number = n.to_string();
        let last =
            self.acts(known).rfind(|(_, _, act)| matches!(act, Act::LicenceEntered(l) if l.number == number));
        let Some((entered, _, Act::LicenceEntered(l))) = last else { return false };
        let ended = self.acts(known).find(|(when, _, act)| {
            *when > entered && matches!(act, Act::LicenceEnded(e) if e.number == number)
        });
        l.kinds.contains(&kind)
            && l.from <= at
            && l.until.is_none_or(|until| at < until)
            && ended.is_none_or(|(when, ..)| at < when)
    }

    fn register(&self, at: Timestamp) -> bool {
        let mut risks = std::collections::BTreeMap::new();
        let mut signed = std::collections::BTreeSet::new();
        for (_, by, act) in self.acts(at) {
            match act {
                Act::RiskEntered(risk) => {
                    let before = risks.insert(risk.id.clone(), risk);
                    signed.retain(|_| before == Some(risk));
                }
                Act::RisksSigned(_) => {
                    signed.insert(by);
                }
                _ => {}
            }
        }
        risks.len() == 4
            && signed.len() >= 2
            && risks.values().all(|risk| at < risk.review && signed.contains(&risk.owner))
    }

    /// Every instant at which anything may begin or end.
    fn instants(&self, known: Timestamp) -> Vec<Timestamp> {
        let mut all = Vec::new();
        for (when, _, act) in self.acts(known) {
            all.extend([when, Self::day_after(when, 90)]);
            match act {
                Act::EvidenceEntered(e) => all.extend(e.until),
                Act::LicenceEntered(l) => all.extend(l.until),
                Act::CheckRan(c) => all.push(c.until),
                Act::RiskEntered(r) => all.push(r.review),
                _ => {}
            }
        }
        all.sort();
        all.retain(|at| *at <= known);
        all
    }

    fn missing_since(&self, item: &str, now: Timestamp) -> Option<Timestamp> {
        let before = |at: &Timestamp| self.met(item, *at - SignedDuration::from_nanos(1), now);
        self.instants(now).into_iter().rfind(before)
    }

    fn is_overridden(&self, item: &str, now: Timestamp) -> bool {
        let rule = format!("vn.open.{item}");
        let last = self.acts(now).rfind(|(_, _, act)| match act {
            Act::ItemOverridden(o) => o.rule == rule,
            Act::OverrideEnded(o) => o.rule == rule,
            _ => false,
        });
        matches!(last, Some((_, _, Act::ItemOverridden(o))) if o.until.is_none_or(|until| now < until))
    }

    fn positions(&self, now: Timestamp) -> Vec<&Position> {
        let mut all = Vec::new();
        for (_, _, act) in self.acts(now) {
            if let Act::PositionTaken(taken) = act {
                all.push(&taken.position);
            }
        }
        all
    }

    pub fn says(&self, now: Timestamp) -> String {
        let day = pack().day(now);
        let (mut door, mut suspended) = ("never", false);
        let mut offered: Option<&[Kind]> = None;
        let (mut asked, mut opened) = (now, now);
        for (when, _, act) in self.acts(now) {
            match act {
                Act::TerritoryDeclared(d) if offered != Some(d.kinds.as_slice()) => {
                    (asked, offered) = (when, Some(d.kinds.as_slice()));
                }
                Act::TerritoryOpened(_) if door != "opened" => (door, opened) = ("opened", when),
                Act::TerritoryClosed(_) => door = "closed",
                Act::TerritorySuspended(_) => suspended = true,
                Act::TerritoryResumed(_) => suspended = false,
                _ => {}
            }
        }
        if suspended {
            return "suspended".into();
        }
        if offered.is_none() {
            return "undeclared".into();
        }
        let positions = self.positions(now);
        let read = positions.iter().any(|p| p.holds_on(day));
        let lapse = positions.iter().filter(|p| p.until.unwrap() < day).filter_map(|p| p.until).max();
        let lapse = lapse.and_then(|until| pack().begins(until.tomorrow().unwrap()));
        let missing: Vec<&str> = ITEMS
            .into_iter()
            .filter(|item| !(read && *item == "grant"))
            .filter(|item| !self.met(item, now, now))
            .collect();
        let left: Vec<&str> = missing.iter().copied().filter(|item| !self.is_overridden(item, now)).collect();
        let shut = left.iter().any(|item| {
            let lapse = lapse.filter(|_| *item == "grant");
            let began =
                [self.missing_since(item, now), lapse, Some(asked)].into_iter().flatten().max().unwrap();
            *item != "grant" || began <= opened || began + days(10) <= now
        });
        let over: Vec<&str> = missing.iter().copied().filter(|item| self.is_overridden(item, now)).collect();
        match door {
            "never" => format!("never opened: {}", left.join(" ")),
            "closed" => format!("closed by house: {}", left.join(" ")),
            _ if shut => format!("closed: {}", left.join(" ")),
            _ => format!("open {} over {}", left.join(" "), over.join(" ")),
        }
    }
}
