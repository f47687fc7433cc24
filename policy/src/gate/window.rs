//! Contracts: which windows let a version be played, for what, and what becomes of who watches when they
//! shut.

use std::borrow::Borrow;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use media::Digest;

use super::derivation::{Concern, Notes, Source, Step};
use super::edits::{self, Edited};
use super::viewer::{Paid, Viewer};
use super::{Found, Known, Question};
use crate::avail::licensed::Slot;
use crate::avail::{Avail, Expiry, Heard, Languages, Spoken, Window};
use crate::pack::Pack;
use crate::refusal::{Refusal, Rule};
use crate::state::State;
use crate::territory::Territory;

/// Who began before a window shut may see the film to its end, but not for longer than this.
pub const LONGEST_SESSION: SignedDuration = SignedDuration::from_hours(24);

/// Ways of offering that ask no money of the viewer, as MovieLabs writes them.
const FREE: [&str; 2] = ["AVOD", "FVOD"];

/// A window under which a pass was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    pub avail: Arc<Avail>,
    number: usize,
}

impl Leave {
    pub(crate) fn of(slot: &Slot) -> Leave {
        Leave { avail: slot.avail().clone(), number: slot.number() }
    }
    pub fn window(&self) -> &Window {
        &self.avail.windows[self.number]
    }
    /// When it shuts in a territory; none: no end is said.
    pub fn shuts(&self, territory: Territory) -> Option<Timestamp> {
        self.avail.times(self.window(), territory).ok()?.end
    }
}

/// A version with windows that cover it, as passes for it share it.
#[derive(Debug)]
pub(crate) struct Subject {
    pub title: Box<str>,
    pub composition: Digest,
    pub windows: Vec<Leave>,
}

/// Leave to serve a version under some of its windows.
#[derive(Clone, Debug)]
pub(super) struct Leaves {
    pub subject: Arc<Subject>,
    /// The windows, by their places.
    which: Vec<u32>,
}

impl Leaves {
    pub(super) fn of(subject: Arc<Subject>, which: Vec<u32>) -> Leaves {
        Leaves { subject, which }
    }
    pub(super) fn all(subject: Subject) -> Leaves {
        Leaves { which: (0..subject.windows.len() as u32).collect(), subject: Arc::new(subject) }
    }
    pub(super) fn iter(&self) -> impl Iterator<Item = &Leave> {
        self.which.iter().filter_map(|at| self.subject.windows.get(*at as usize))
    }
}

impl PartialEq for Leaves {
    fn eq(&self, other: &Leaves) -> bool {
        let of = |leaves: &Leaves| (leaves.subject.composition, leaves.subject.title.clone());
        of(self) == of(other) && self.iter().eq(other.iter())
    }
}

impl Eq for Leaves {}

/// What becomes of who watches when the last of these windows shuts; none: no end is said.
pub(super) fn at_end<'a>(
    leaves: impl Iterator<Item = &'a Leave>,
    territory: Territory,
) -> Option<(Timestamp, Expiry)> {
    let ends = leaves.map(|leave| Some((leave.shuts(territory)?, leave.window().dealing.expiry)));
    ends.collect::<Option<Vec<_>>>()?.into_iter().max_by_key(|(end, _)| *end)
}

/// The windows in force that allow what was done to the version, for every viewer alike.
pub(super) fn in_force<'a>(
    state: &'a State,
    pack: &Pack,
    question: &Question<'a>,
    known: &Known,
    edited: &Edited,
    found: &mut Found,
    notes: &mut impl Notes,
) -> Vec<&'a Slot> {
    let (territory, now) = (known.territory, question.now);
    let mut open: Vec<&Slot> = Vec::with_capacity(4);
    for slot in state.rights().slots(question.title) {
        found.until(slot.next_before(found.until, territory, now));
        let in_force = slot.is_in_force(territory, now);
        if in_force && !open.contains(&slot) {
            open.push(slot);
        }
        notes.note(|| note(question.title, slot, territory, in_force));
    }
    if open.is_empty() {
        open = finishing(state, question, territory, found);
    }
    if open.is_empty() {
        found.refuse(why_not(state, pack, question));
        return open;
    }
    edits::ask(state.rights(), question, known, edited, &mut open, found, notes);
    open
}

/// Windows that have shut since this session began, and let it be seen to its end.
fn finishing<'a>(
    state: &'a State,
    question: &Question<'a>,
    territory: Territory,
    found: &mut Found,
) -> Vec<&'a Slot> {
    let began = question.viewer.and_then(|viewer| viewer.began).filter(|began| *began <= question.now);
    let Some((began, ends)) = began.and_then(|began| Some((began, began.checked_add(LONGEST_SESSION).ok()?)))
    else {
        return Vec::new();
    };
    if question.now >= ends {
        return Vec::new();
    }
    let lets =
        |slot: &&Slot| slot.window().dealing.expiry == Expiry::Finish && slot.is_in_force(territory, began);
    let open: Vec<&Slot> = state.rights().slots(question.title).filter(lets).collect();
    if !open.is_empty() {
        found.until(Some(ends));
    }
    open
}

/// Why no window is in force.
fn why_not(state: &State, pack: &Pack, question: &Question) -> Refusal {
    let timed = state.rights().slots(question.title).filter_map(|slot| slot.timed(pack.territory));
    let times: Vec<_> = timed.map(|in_force| in_force.times).collect();
    let opens = times.iter().map(|times| times.open).filter(|open| *open > question.now).min();
    let rule = match opens {
        Some(_) => Rule::NotYetLicensed,
        None if times.is_empty() => Rule::NotLicensed,
        None => Rule::LicenceOver,
    };
    let when = opens.map_or(String::new(), |open| pack.clock(open));
    let fill = [("{territory}", pack.territory.code()), ("{when}", when.as_str())];
    Refusal::filled(rule, question.title, &fill).until(opens)
}

fn note(title: &str, slot: &Slot, territory: Territory, in_force: bool) -> Step {
    let window = slot.window();
    let said = match slot.timed(territory) {
        _ if !window.territories.contains(territory) => format!("is for {}", window.territories),
        None => "hangs on an event that nobody has dated".into(),
        Some(timed) => match timed.times.end {
            Some(end) => format!("is open from {} until {end}", timed.times.open),
            None => format!("is open from {}", timed.times.open),
        },
    };
    let source = Source::Record(slot.avail().id.to_string());
    Step::new(Concern::Window, title, source, format!("{} {said}", window.licence), in_force)
}

/// Which of these windows this viewer has paid for, in the languages that were asked for, by their places.
pub(super) fn of_viewer(
    open: &[impl Borrow<Slot>],
    title: &str,
    territory: Territory,
    viewer: &Viewer,
    now: Timestamp,
    found: &mut Found,
    notes: &mut impl Notes,
) -> Vec<u32> {
    let window = |at: u32| open[at as usize].borrow().window();
    let all = 0..open.len() as u32;
    if let Paid::Holds(held) = &viewer.paid {
        held.iter().filter(|one| one.holds(title, now)).for_each(|one| found.until(one.until));
    }
    let mut left = Vec::with_capacity(open.len());
    left.extend(all.clone().filter(|at| has_paid(window(*at), title, viewer, now)));
    notes.note(|| Step::new(Concern::Payment, title, Source::Viewer, licences(open), !left.is_empty()));
    if left.is_empty() && !open.is_empty() {
        let licences = licences(open);
        found.refuse(Refusal::filled(Rule::NotPaid, title, &[("{licence}", &licences)]));
        left = all.collect();
    }
    let asked = [(&viewer.sound, Heard::Audio), (&viewer.text, Heard::Subtitle)];
    for (language, heard) in
        asked.into_iter().filter_map(|(language, heard)| Some((language.as_ref()?, heard)))
    {
        let before = left.len();
        left.retain(|at: &u32| allows(&window(*at).languages, language, heard));
        notes
            .note(|| Step::new(Concern::Language, title, Source::Viewer, language.clone(), !left.is_empty()));
        if left.is_empty() && before > 0 {
            found.refuse(unlicensed(title, language, territory));
        }
    }
    left
}

fn unlicensed(title: &str, language: &str, territory: Territory) -> Refusal {
    let fill = [("{language}", language), ("{territory}", territory.code())];
    Refusal::filled(Rule::LanguageNotLicensed, title, &fill)
}

/// Why none of the windows lets it be heard, or read, in a language; none: one does, or none was asked.
pub(super) fn language(
    leaves: &Leaves,
    (title, territory): (&str, Territory),
    language: &str,
    heard: Heard,
) -> Option<Refusal> {
    let mut windows = leaves.iter().map(Leave::window).peekable();
    windows.peek()?;
    let covered = windows.any(|window| allows(&window.languages, language, heard));
    (!covered).then(|| unlicensed(title, language, territory))
}

fn licences(open: &[impl Borrow<Slot>]) -> String {
    let mut licences: Vec<&str> = open.iter().map(|slot| slot.borrow().window().licence.as_str()).collect();
    licences.sort_unstable();
    licences.dedup();
    licences.join(", ")
}

fn has_paid(window: &Window, title: &str, viewer: &Viewer, now: Timestamp) -> bool {
    let pays = |window: &Window| match &viewer.paid {
        Paid::NotAsked => true,
        Paid::Holds(held) => held.iter().any(|one| one.licence == window.licence && one.holds(title, now)),
    };
    FREE.contains(&window.licence.as_str()) || pays(window)
}

/// Whether a window lets it be heard, or read, in a language. A tag means its narrower ones too: who may
/// show `en` may show `en-GB`, and who may not show `en` may show neither.
fn allows(languages: &Languages, language: &str, heard: Heard) -> bool {
    let means = |spoken: &Spoken| {
        let rest =
            language.get(..spoken.language.len()).filter(|head| head.eq_ignore_ascii_case(&spoken.language));
        let whole =
            rest.is_some() && matches!(language.as_bytes().get(spoken.language.len()), None | Some(b'-'));
        whole && spoken.heard.meets(heard)
    };
    let named = || languages.asset.iter().chain(&languages.allowed);
    !languages.held_back.iter().any(means) && (named().next().is_none() || named().any(means))
}
