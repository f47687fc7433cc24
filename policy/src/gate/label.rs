//! Labels: whether the version has one that counts, and that it bans it for nobody.
//!
//! Invariant: a label that admits no one is refused here, before anybody's age is looked at.

use std::sync::Arc;

use jiff::Timestamp;

use super::derivation::{Concern, Notes, Source, Step};
use super::law::{OfLabel, OfPack};
use super::{Found, Known, Question};
use crate::label::Admits;
use crate::pack::duty::Kind;
use crate::refusal::{Refusal, Rule};
use crate::state::State;
use crate::state::ratings::{Barred, By, Labelled, Rated, Unrated, What};

/// The label of what would be played.
pub(super) struct Label<'a> {
    pub of: &'a Arc<OfLabel>,
    /// Codes, those that drove the label first.
    pub descriptors: &'a [String],
}

pub(super) fn ask<'a>(
    state: &'a State,
    law: &'a OfPack,
    question: &Question<'a>,
    known: &Known,
    found: &mut Found,
    notes: &mut impl Notes,
) -> Option<Label<'a>> {
    found.until(next(state, law, question.title));
    let labelled = match state.ratings().standing(&law.rules, question.title, &known.digest) {
        Rated::Label(labelled) => labelled,
        Rated::Not(unrated) => {
            let refusal = refusal(law, question.title, &unrated);
            notes.note(|| {
                let from = law.rating().map_or(Source::House, |rule| Source::pack(rule));
                Step::new(Concern::Label, question.title, from, refusal.says().en, false)
            });
            found.refuse(refusal);
            return None;
        }
    };
    let of = law.label(&labelled.label.code)?;
    notes.note(|| note(question.title, of, &labelled));
    if of.label.admits == Admits::NoOne {
        let fill = [("{label}", of.label.code.as_str()), ("{territory}", law.pack.territory.code())];
        found.refuse(Refusal::filled(Rule::Banned, question.title, &fill).by(&of.rule));
    }
    declared(state, law, question.title, labelled.work, found);
    if let By::House { grant: Some(grant), rule, .. } = labelled.by {
        holds_grant(state, law, (grant, rule, labelled.work), question, found);
    }
    for untold in labelled.untold.iter().filter(|untold| untold.before_first_play) {
        let refusal = Refusal::filled(Rule::NotNotified, question.title, &[("{authority}", &untold.to)]);
        found.refuse(law.rule(&untold.rule).map_or(refusal.clone(), |rule| refusal.by(rule)));
    }
    Some(Label { of, descriptors: labelled.descriptors })
}

/// When a label of the regulator that is known already begins to count.
fn next(state: &State, law: &OfPack, title: &str) -> Option<Timestamp> {
    let ahead =
        state.ratings().entries(title, law.pack.territory).iter().filter_map(|entry| match &entry.what {
            What::Regulator(label) if label.date > law.rules.day => Some(label.date),
            _ => None,
        });
    law.pack.begins(ahead.min()?)
}

/// A house offers the kinds of works that it declared: other kinds need other papers.
fn declared(state: &State, law: &OfPack, title: &str, work: Kind, found: &mut Found) {
    let declared = state.dossier(law.pack.territory).and_then(|dossier| dossier.declared.as_ref());
    if declared.is_some_and(|declared| declared.kinds.contains(&work)) {
        return;
    }
    let kind = format!("{work:?}").to_lowercase();
    let fill = [("{territory}", law.pack.territory.code()), ("{kind}", kind.as_str())];
    found.refuse(Refusal::filled(Rule::OtherKind, title, &fill));
}

/// A house's own label counts while the house has what the pack asks of it for that.
fn holds_grant(
    state: &State,
    law: &OfPack,
    (grant, rule, work): (&str, &str, Kind),
    question: &Question,
    found: &mut Found,
) {
    let licences = state.dossier(law.pack.territory).map_or(&[][..], |dossier| &dossier.licences);
    let held = licences.iter().filter(|held| held.paper.grant == grant && held.paper.kinds.contains(&work));
    let mut ends = held.filter_map(|held| {
        let end = [held.paper.until, held.ended].into_iter().flatten().min();
        let holds = held.paper.from <= question.now && end.is_none_or(|end| question.now < end);
        holds.then_some(end)
    });
    match ends.next() {
        Some(end) => found.until(end),
        None => {
            let fill = [("{territory}", law.pack.territory.code()), ("{what}", grant)];
            let refusal = Refusal::filled(Rule::NeedsRegulator, question.title, &fill);
            found.refuse(law.rule(rule).map_or(refusal.clone(), |rule| refusal.by(rule)));
        }
    }
}

fn refusal(law: &OfPack, title: &str, unrated: &Unrated) -> Refusal {
    let territory = ("{territory}", law.pack.territory.code());
    let (refusal, rule) = match unrated {
        Unrated::Never | Unrated::Unjudged { .. } => {
            (Refusal::filled(Rule::Unrated, title, &[territory]), None)
        }
        Unrated::Stale { change, since, rule, .. } => {
            let change = serde_json::to_value(change).ok().and_then(|v| v.as_str().map(str::to_string));
            let what = format!("{}, {since}", change.unwrap_or_default());
            (Refusal::filled(Rule::StaleLabel, title, &[("{what}", &what)]), rule.as_deref())
        }
        Unrated::UnknownLabel { label } | Unrated::UnknownDescriptor { descriptor: label } => {
            (Refusal::filled(Rule::UnknownLabel, title, &[territory, ("{label}", label)]), None)
        }
        Unrated::TooLow { label, lowest, because } => {
            let fill = [("{label}", label.as_str()), ("{lowest}", lowest.as_str())];
            (Refusal::filled(Rule::LabelTooLow, title, &fill), Some(because.rule.as_str()))
        }
        Unrated::NeedsRegulator { barred, by, rule } => {
            let what = [by.as_deref().unwrap_or_default(), &said(barred)].join(" ");
            let fill = [territory, ("{what}", what.trim())];
            (Refusal::filled(Rule::NeedsRegulator, title, &fill), rule.as_deref())
        }
    };
    match rule.and_then(|rule| law.rule(rule)).or_else(|| law.rating()) {
        Some(rule) => refusal.by(rule),
        None => refusal,
    }
}

/// What keeps the house from rating it, in words that every language has: a kind, a label, a way, a number.
fn said(barred: &Barred) -> String {
    match barred {
        Barred::Kind { work } => format!("({work:?})").to_lowercase(),
        Barred::Label { label } => format!("({label})"),
        Barred::How { how } => format!("({how})"),
        Barred::Overruled { label, number } => format!("({label}, {number})"),
    }
}

fn note(title: &str, of: &OfLabel, labelled: &Labelled) -> Step {
    let by = match &labelled.by {
        By::House { by, how, .. } => format!("of the house, by {} ({how})", by.id()),
        By::Regulator { authority, number, date } => format!("of {authority}, {number} of {date}"),
    };
    let says = format!("{} {by}; admits {}", of.label.code, of.label.admits);
    let allows = of.label.admits != Admits::NoOne;
    Step::new(Concern::Label, title, Source::pack(&of.rule), says, allows)
}
