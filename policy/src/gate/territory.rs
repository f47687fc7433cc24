//! Whether the territory is open at all.

use std::collections::BTreeMap;

use super::Found;
use super::derivation::{Concern, Notes, Source, Step};
use super::law::OfPack;
use crate::refusal::{Basis, Refusal, Rule};
use crate::state::{Missing, Openness, Shut};

pub(super) fn ask(law: &OfPack, found: &mut Found, notes: &mut impl Notes) {
    let code = law.pack.territory.code();
    notes.note(|| {
        let allows = matches!(law.openness, Openness::Open { .. });
        Step::new(Concern::Territory, "", Source::Record(code.into()), said(&law.openness), allows)
            .until(law.next)
    });
    match &law.openness {
        Openness::Open { .. } => {}
        Openness::Suspended(turned) => {
            let when = law.pack.clock(turned.since);
            let fill = [("{territory}", code), ("{when}", when.as_str())];
            found.refuse(Refusal::filled(Rule::Suspended, "", &fill));
        }
        Openness::Undeclared => found.refuse(Refusal::filled(Rule::NotOpened, "", &[("{territory}", code)])),
        Openness::Closed { why, missing } => {
            if !matches!(why, Shut::Missing) {
                found.refuse(Refusal::filled(Rule::NotOpened, "", &[("{territory}", code)]));
            }
            missing
                .iter()
                .filter(|missing| missing.mandatory)
                .for_each(|missing| found.refuse(of(missing, code)));
        }
    }
}

fn of(missing: &Missing, code: &str) -> Refusal {
    let name = |language: &str| crate::label::name(&missing.names, language).to_string();
    let (vi, ko, en) = (name("vi"), name("ko"), name("en"));
    let fill = [
        ("{territory}", code),
        ("{what_vi}", &*vi),
        ("{what_ko}", &*ko),
        ("{what_en}", &*en),
        ("{law}", &missing.law),
    ];
    let law = Basis { rule: Some(missing.rule.clone()), law: missing.law.clone() };
    Refusal::filled(Rule::Closed, "", &fill).under(law)
}

fn said(openness: &Openness) -> String {
    match openness {
        Openness::Open { since, overrides, .. } => {
            let mut by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for one in overrides {
                by.entry(one.by.id()).or_default().push(&one.rule);
            }
            let by = by.iter().map(|(who, rules)| format!("; {who} answers for {}", rules.join(", ")));
            format!("open since {since}{}", by.collect::<String>())
        }
        Openness::Suspended(turned) => format!("suspended by {} since {}", turned.by.id(), turned.since),
        Openness::Closed { why, missing } => {
            let rules: Vec<&str> = missing.iter().map(|missing| missing.rule.as_str()).collect();
            format!("closed ({why:?}); missing: {}", rules.join(", "))
        }
        Openness::Undeclared => "the house has not declared it".into(),
    }
}
