//! Edits: what was done to a version, and which contracts let that be played.
//!
//! A contract lets nothing be edited, or what is ordered, or anything with the licensor's consent, or
//! anything once it was told. Consent and notice are asked of the records ([`crate::avail::consent`]).
//!
//! Invariants:
//! - It fails closed: where nothing that counts is recorded, nothing edited plays.
//! - Something said about a version is about that version as it was made; while something is held back of
//!   it besides, that needs a word of its own.

use jiff::Timestamp;
use media::Digest;

use super::derivation::{Concern, Notes, Source, Step};
use super::orders::Ordered;
use super::{Found, Known, Question};
use crate::avail::consent::Edit;
use crate::avail::licensed::Slot;
use crate::avail::{Lag, MayEdit};
use crate::pack::duty::Change;
use crate::refusal::{Refusal, Rule};
use crate::state::State;
use crate::state::rights::{Rights, What};
use crate::territory::Territory;

/// What was done to a version that a contract must allow.
#[derive(Default)]
pub(super) struct Edited {
    needs: Vec<Need>,
    /// The version that is shown; none: something is held back of it.
    shown: Option<Digest>,
}

/// One thing that was done.
struct Need {
    edit: Edit,
    /// Since when it may have been played, where that is known.
    since: Option<Timestamp>,
}

/// Why a contract does not let it be played.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    /// It says no.
    Leave,
    Consent,
    /// Nobody told the licensor, or what was told counts from this instant on.
    Notice(Option<Timestamp>),
}

/// What was done to this version: by the house, and in answer to orders.
pub(super) fn made(state: &State, question: &Question, known: &Known, ordered: &Ordered) -> Edited {
    let mut needs = Vec::new();
    if !ordered.answered {
        needs.extend(own(state, question, known));
    }
    if ordered.edited {
        needs.push(Need { edit: Edit::OnOrder, since: ordered.since });
    }
    Edited { needs, shown: ordered.held.is_empty().then_some(known.digest) }
}

/// The house's own edits in what is shown, or in what that was made from.
fn own(state: &State, question: &Question, known: &Known) -> Option<Need> {
    let base = question.made_from.unwrap_or(known.composition);
    let changes = state.ratings().title(question.title).map_or(&[][..], |title| title.changes());
    let spans = base.spans().iter().filter(|span| span.source().0 == question.title);
    let shows = !base.overlays().is_empty() || spans.count() > 1;
    if !shows && changes.is_empty() {
        return None;
    }
    let digest = base.digest();
    // The film as it is, is also what a version with a card in front becomes without it.
    let edits = changes.iter().filter(|made| shows || made.changes.iter().any(|one| *one != Change::Card));
    let since = edits.filter(|made| made.composition == digest).map(|made| made.at).min();
    (shows || since.is_some()).then_some(Need { edit: Edit::Composition(digest), since })
}

/// Leaves the windows whose contracts let it be played. Refuses where that is none.
pub(super) fn ask(
    rights: &Rights,
    question: &Question,
    known: &Known,
    edited: &Edited,
    open: &mut Vec<&Slot>,
    found: &mut Found,
    notes: &mut impl Notes,
) {
    if edited.needs.is_empty() {
        return;
    }
    let asked =
        Asked { rights, title: question.title, territory: known.territory, now: question.now, edited };
    let mut lack = None;
    open.retain(|slot| {
        let answer = asked.of(slot, found);
        notes.note(|| asked.step(slot, answer));
        let Err(lacks) = answer else { return true };
        if lack.is_none_or(|(least, _)| least < lacks) {
            lack = Some((lacks, *slot));
        }
        false
    });
    if let (true, Some((lack, slot))) = (open.is_empty(), lack) {
        found.refuse(asked.refusal(lack, slot));
    }
}

struct Asked<'a> {
    rights: &'a Rights,
    title: &'a str,
    territory: Territory,
    now: Timestamp,
    edited: &'a Edited,
}

impl Asked<'_> {
    /// Whether the contract of this window lets it be played now.
    fn of(&self, slot: &Slot, found: &mut Found) -> Result<(), Lack> {
        let dealing = &slot.window().dealing;
        let needs = &self.edited.needs;
        match dealing.may_edit {
            MayEdit::Nothing => Err(Lack::Leave),
            MayEdit::OnOrder => {
                let ordered = needs.iter().all(|need| need.edit == Edit::OnOrder);
                ordered.then_some(()).ok_or(Lack::Leave)
            }
            MayEdit::WithConsent => self.is_consented(slot, found).then_some(()).ok_or(Lack::Consent),
            MayEdit::WithNotice => self.is_told(slot, found).map_err(Lack::Notice),
        }
    }

    /// Whether consents in force cover this version, or each thing that was done to it.
    fn is_consented(&self, slot: &Slot, found: &mut Found) -> bool {
        let whole = self.edited.shown.is_some_and(|shown| self.has(slot, Edit::Composition(shown), found));
        // Each is asked of, so that each instant at which one of them turns is found.
        let missing = self.edited.needs.iter().filter(|need| !self.has(slot, need.edit, found)).count();
        whole || missing == 0
    }

    fn has(&self, slot: &Slot, edit: Edit, found: &mut Found) -> bool {
        let mut has = false;
        for said in self.rights.counting(&slot.avail().id, self.title, edit, self.territory) {
            let What::Consent { from, until } = said.what else { continue };
            has |= from <= self.now && until.is_none_or(|until| self.now < until);
            found.until([Some(from), until].into_iter().flatten().filter(|at| *at > self.now).min());
        }
        has
    }

    /// Whether notices cover this version, or each thing that was done to it; else from when on.
    fn is_told(&self, slot: &Slot, found: &mut Found) -> Result<(), Option<Timestamp>> {
        let shown = self.edited.shown.map(|shown| Need { edit: Edit::Composition(shown), since: None });
        let whole = shown.map_or(Err(None), |need| self.told(slot, &need, found));
        let each: Vec<_> = self.edited.needs.iter().map(|need| self.told(slot, need, found)).collect();
        let late: Vec<Option<Timestamp>> = each.into_iter().filter_map(Result::err).collect();
        match whole {
            Err(_) if late.is_empty() => Ok(()),
            Err(whole) => {
                let all: Option<Vec<_>> = late.into_iter().collect();
                let each = all.and_then(|all| all.into_iter().max());
                Err(whole.into_iter().chain(each).min())
            }
            told => told,
        }
    }

    /// Whether the licensor was told of one thing by the contract's deadline; else from when on it will
    /// have been.
    fn told(&self, slot: &Slot, need: &Need, found: &mut Found) -> Result<(), Option<Timestamp>> {
        let lag = slot.window().dealing.tell_before.map_or(Lag::NONE, |lag| lag.0);
        let ahead = if lag.is_negative() { Lag::NONE } else { lag };
        let said = self.rights.counting(&slot.avail().id, self.title, need.edit, self.territory);
        let notices = said.filter_map(|said| match said.what {
            What::Notice { sent } => ahead.after_instant(sent),
            _ => None,
        });
        let from = notices.min();
        if from.is_some_and(|from| from <= self.now) {
            return Ok(());
        }
        found.until(from);
        let deadline = need.since.filter(|_| lag.is_negative()).and_then(|since| {
            let opens = slot.timed(self.territory)?.times.open;
            lag.reversed().after_instant(since.max(opens))
        });
        if deadline.is_some_and(|deadline| self.now < deadline) {
            found.until(deadline);
            return Ok(());
        }
        Err(from)
    }

    fn refusal(&self, lack: Lack, slot: &Slot) -> Refusal {
        let (rule, from) = match lack {
            Lack::Leave => (Rule::EditNotLicensed, None),
            Lack::Consent => (Rule::ConsentMissing, None),
            Lack::Notice(from) => (Rule::NoticeMissing, from),
        };
        let [vi, ko, en] = match slot.avail().id.licensor.as_str() {
            "" => ["bên cấp quyền", "권리자", "the licensor"],
            licensor => [licensor; 3],
        };
        let fill =
            [("{territory}", self.territory.code()), ("{whom_vi}", vi), ("{whom_ko}", ko), ("{whom_en}", en)];
        let refusal = Refusal::filled(rule, self.title, &fill).until(from);
        match from {
            Some(from) => refusal.or([
                format!("Thông báo đã gửi có hiệu lực từ {from}."),
                format!("이미 보낸 통지는 {from}부터 유효합니다."),
                format!("The notice that was given counts from {from}."),
            ]),
            None => refusal,
        }
    }

    /// What the contract says about it, and whom to ask.
    fn step(&self, slot: &Slot, answer: Result<(), Lack>) -> Step {
        let id = &slot.avail().id;
        let whom = match slot.window().dealing.tell.as_str() {
            "" => "the licensor",
            office => office,
        };
        let said = match answer {
            Ok(()) => "lets this edit be played".to_string(),
            Err(Lack::Leave) => "does not let this edit be played".into(),
            Err(Lack::Consent) => format!("asks for a consent, and none counts: ask {whom}"),
            Err(Lack::Notice(None)) => format!("asks for a notice, and none is recorded: tell {whom}"),
            Err(Lack::Notice(Some(from))) => {
                format!("asks for a notice; the one that was given counts from {from}")
            }
        };
        let source = Source::Record(id.to_string());
        Step::new(Concern::Window, self.title, source, said, answer.is_ok())
    }
}
