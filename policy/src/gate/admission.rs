//! Whom the label admits: age, company, locks of the law and of parents.

use std::sync::Arc;

use jiff::Timestamp;

use super::Found;
use super::derivation::{Concern, Notes, Source, Step};
use super::label::Label;
use super::law::OfPack;
use super::viewer::Viewer;
use crate::age::first_day;
use crate::label::{Admission, Admits, Need};
use crate::pack;
use crate::refusal::{Refusal, Rule};

/// Refuses whom the label does not admit. Whether a parent or guardian must watch too.
pub(super) fn ask(
    law: &OfPack,
    label: &Label,
    title: &str,
    viewer: &Viewer,
    found: &mut Found,
    notes: &mut impl Notes,
) -> bool {
    let of = label.of;
    let admission = of.label.admits.judge(&viewer.watcher, law.rules.day);
    notes.note(|| {
        Step::new(
            Concern::Age,
            title,
            Source::pack(&of.rule),
            format!("{admission:?}"),
            admission.is_admitted(),
        )
    });
    let refuse = |rule: Rule| Refusal::filled(rule, title, &[("{label}", &of.label.code)]).by(&of.rule);
    match admission {
        // A label that admits no one was refused with its law already.
        Admission::Admitted | Admission::Never => {}
        Admission::Accompanied => found.until(grown(law, label, viewer)),
        Admission::TooYoung { from, guardian_helps } => {
            let from = from.and_then(|day| law.pack.begins(day));
            found.refuse(company(refuse(Rule::TooYoung), guardian_helps).until(from));
        }
        Admission::AgeUnknown { guardian_helps } => {
            found.refuse(company(refuse(Rule::AgeUnknown), guardian_helps));
        }
    }
    locks(label, title, viewer, found, notes);
    parent(label, title, viewer, found, notes);
    admission == Admission::Accompanied
}

/// When somebody who watches in company is old enough to watch alone.
fn grown(law: &OfPack, label: &Label, viewer: &Viewer) -> Option<Timestamp> {
    let Admits::From(from) = &label.of.label.admits else { return None };
    law.pack.begins(first_day(viewer.watcher.born?, from.age, from.counted)?)
}

fn company(refusal: Refusal, helps: bool) -> Refusal {
    if !helps {
        return refusal;
    }
    let more = [
        "Hoặc khi xem cùng cha, mẹ hoặc người giám hộ.",
        "보호자와 함께 보면 재생됩니다.",
        "Or together with a parent or guardian.",
    ];
    refusal.or(more)
}

/// What the pack puts between a viewer and the label.
fn locks(label: &Label, title: &str, viewer: &Viewer, found: &mut Found, notes: &mut impl Notes) {
    for (need, rule) in &label.of.needs {
        let (met, refused) = match need {
            Need::ParentalControl => (viewer.device.parental_control, Rule::NeedsParentalControl),
            Need::Pin => (viewer.pin, Rule::NeedsPin),
            Need::AgeProof => (viewer.age_shown, Rule::NeedsAgeProof),
        };
        notes.note(|| Step::new(Concern::Lock, title, Source::pack(rule), format!("{need:?}"), met));
        if !met {
            found.refuse(locked(refused, label, title, rule));
        }
    }
}

fn locked(refused: Rule, label: &Label, title: &str, rule: &Arc<pack::Rule>) -> Refusal {
    Refusal::filled(refused, title, &[("{label}", &label.of.label.code)]).by(rule)
}

/// What a parent locked. An age that is only advised counts for this as one that is asked.
fn parent(label: &Label, title: &str, viewer: &Viewer, found: &mut Found, notes: &mut impl Notes) {
    let of = &label.of.label;
    let age = of.admits.age().max(of.advised).unwrap_or(0);
    let locked = viewer.parent.hidden.contains(title) || viewer.parent.up_to.is_some_and(|most| age > most);
    notes.note(|| Step::new(Concern::Lock, title, Source::Viewer, "what a parent locked", !locked));
    if locked {
        found.refuse(Refusal::plain(Rule::Locked, title));
    }
}
