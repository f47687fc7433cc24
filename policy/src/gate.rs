//! The gate: whether a composition may be served, to whom, where, now.
//!
//! Invariants:
//! - Nothing but the gate constructs a [`Pass`], and whatever serves film takes one.
//! - It fails closed: what is unknown, stale or cannot be read is refused.
//! - Refusals are values with reasons, never errors, and all of them are given at once.
//! - A pass ends no later than the first instant at which any rule that was asked may say something else.
//! - What explains a decision is said by the very code that decides.
//!
//! One file below answers for each concern: [`known`], [`territory`], [`orders`], [`window`], [`edits`],
//! [`label`], [`admission`], [`display`]. What a pack says on a day is laid out once, in [`law`].

use std::borrow::Borrow;
use std::sync::Arc;

use composition::{Composition, Held};
use jiff::Timestamp;
use media::{Digest, Result};

use crate::advisory::Showing;
use crate::avail::licensed::Slot;
use crate::avail::{Expiry, Heard};
use crate::browse::{Left, Standing};
use crate::film::Film;
use crate::order::OrderId;
use crate::pack::Packs;
use crate::refusal::{Refusal, Rule};
use crate::state::State;
use crate::territory::Territory;

mod admission;
mod derivation;
mod display;
mod edits;
mod known;
mod label;
mod law;
mod orders;
mod territory;
mod viewer;
mod window;

pub use derivation::{Concern, Source, Step};
pub use display::{Obligation, Way};
pub use viewer::{Device, Entitlement, Paid, Parent, Viewer};
pub use window::{LONGEST_SESSION, Leave};

use derivation::Notes;
use display::Labelling;
use known::Known;
use law::{Law, OfPack};
use window::Leaves;

pub use law::Day;
pub(crate) use law::OfLabel;
pub(crate) use window::Subject;

/// May this be played?
#[derive(Clone)]
pub struct Question<'a> {
    /// Where the viewer is; none: not known.
    pub territory: Option<Territory>,
    /// The title that was asked for.
    pub title: &'a str,
    /// What would be served; none: the house has no such composition.
    pub composition: Option<&'a Composition>,
    /// The composition that it was made from by the edits of orders, where it was.
    pub made_from: Option<&'a Composition>,
    /// The title asked for and every title whose media the composition shows.
    pub films: &'a [Film],
    pub now: Timestamp,
    pub who: Who,
    /// What is known of the viewer; none: nothing is.
    pub viewer: Option<&'a Viewer>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Viewer,
    /// Whoever shows what a viewer's pass became: a token, an address of a session. What hangs on the
    /// viewer was asked then, and is not asked for every segment again.
    Bearer,
    /// The operator's staff: sees proposals before they are open, and what is not rated or licensed yet.
    Desk,
    /// An authority by its private link: sees the proposals of this order and nothing else.
    Authority(OrderId),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Pass(Pass),
    Refused(Vec<Refusal>),
}

/// Leave to serve one composition. Only the gate makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    territory: Territory,
    expires: Option<Timestamp>,
    held: Held,
    labelling: Option<Labelling>,
    company: bool,
    leaves: Leaves,
}

impl Pass {
    pub fn composition(&self) -> Digest {
        self.leaves.subject.composition
    }
    pub fn territory(&self) -> Territory {
        self.territory
    }
    pub fn title(&self) -> &str {
        &self.leaves.subject.title
    }
    /// When the question must be asked again, because a rule that was asked may say something else from
    /// then on; none: no such instant is known. Any change of the state ends a pass before that.
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }
    /// What must be held back while this composition is served: the safe step. Empty when the composition
    /// obeys every order.
    pub fn held(&self) -> &Held {
        &self.held
    }
    /// What must be shown or done while it plays.
    pub fn obligations(&self) -> Vec<Obligation> {
        let company = self.company.then_some(Obligation::Company);
        self.labelling.iter().flat_map(Labelling::shows).chain(company).collect()
    }
    /// Where, when, how long and in which words the label and its warnings are shown in a film of `length`
    /// milliseconds.
    pub fn showings(&self, length: u64) -> Result<Vec<Showing>> {
        self.labelling.as_ref().map_or(Ok(Vec::new()), |labelling| labelling.showings(length))
    }
    /// The label that it bears there; none: the territory's law was not asked.
    pub fn label(&self) -> Option<&str> {
        self.labelling.as_ref().map(|labelling| labelling.of.label.code.as_str())
    }
    /// The windows under which it is given. Formats and languages that none of them names are not licensed.
    pub fn leaves(&self) -> impl Iterator<Item = &Leave> {
        self.leaves.iter()
    }
    /// Why it may not be heard, or read, in a language (BCP 47) under any of those windows; none: it may.
    pub fn language(&self, language: &str, heard: Heard) -> Option<Refusal> {
        window::language(&self.leaves, (self.title(), self.territory), language, heard)
    }
    /// When the last of those windows shuts, and whether who is watching then may see the film to its end;
    /// none: no end is said.
    pub fn at_end(&self) -> Option<(Timestamp, Expiry)> {
        window::at_end(self.leaves.iter(), self.territory)
    }
}

/// Answers the question with a pass, or with every refusal that there is.
pub fn decide(state: &State, packs: &Packs, question: &Question) -> Answer {
    Gate::new(state, packs, question.territory, question.now).decide(question)
}

/// The same, and how the answer came about: every rule that was asked.
pub fn explain(state: &State, packs: &Packs, question: &Question) -> (Answer, Vec<Step>) {
    let mut steps = Vec::new();
    let answer = Gate::new(state, packs, question.territory, question.now).judge(question, &mut steps);
    (answer, steps)
}

/// The gate of one territory on one day, with the day's rules laid out. Whoever asks much keeps one.
pub struct Gate<'a> {
    state: &'a State,
    packs: &'a Packs,
    territory: Option<Territory>,
    day: Day,
}

impl<'a> Gate<'a> {
    pub fn new(state: &'a State, packs: &'a Packs, territory: Option<Territory>, now: Timestamp) -> Gate<'a> {
        Gate::on(state, packs, territory, Day::of(state, packs, territory, now))
    }

    /// The same with the day's rules laid out already: of this territory, from this state or one in which
    /// the territory's dossier was the same.
    pub fn on(state: &'a State, packs: &'a Packs, territory: Option<Territory>, day: Day) -> Gate<'a> {
        Gate { state, packs, territory, day }
    }

    /// Whether its rules are those of an instant.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.day.holds_at(now)
    }

    /// From when on its rules may be others; none: no such instant is known.
    pub fn until(&self) -> Option<Timestamp> {
        self.day.until()
    }

    /// The first step, for [`crate::browse`]: what holds for every viewer as far as the title goes, and
    /// until when. None: nobody may see it.
    pub(crate) fn standing<'q>(
        &'q self,
        question: &Question<'q>,
    ) -> (Option<Standing<'q, Vec<&'q Slot>>>, Option<Timestamp>) {
        let Ok(known) = Known::of(question) else { return (None, None) };
        let mut found = Found::default();
        let open = self.open(question, &known, &mut found, &mut ());
        if !found.refusals.is_empty() {
            return (None, found.until);
        }
        let label = open.label.as_ref();
        let standing = Standing {
            title: question.title,
            label: label.map(|label| label.of),
            descriptors: label.map_or(&[], |label| label.descriptors),
            slots: open.slots,
            held: !open.held.is_empty(),
        };
        (Some(standing), found.until)
    }

    /// The second step, for [`crate::browse`]: whether this viewer may see what the first left, and until
    /// when.
    pub(crate) fn admits(
        &self,
        part: &Standing<&[Slot]>,
        viewer: &Viewer,
        now: Timestamp,
    ) -> (bool, Option<Timestamp>) {
        let Law::Pack(law) = &*self.day.law else { return (true, None) };
        let mut found = Found::default();
        let label = part.label.map(|of| label::Label { of, descriptors: part.descriptors });
        self.admit_to(law, part.title, label.as_ref(), part.slots, (viewer, now), &mut found, &mut ());
        (label.is_some() && found.refusals.is_empty(), found.until)
    }

    /// The second step for one title, for [`crate::browse`]: the answer of [`Gate::decide`], from what the
    /// first step left of it. None: the whole gate must be asked.
    pub(crate) fn answer(&self, left: Left, viewer: &Viewer, now: Timestamp) -> Option<Answer> {
        let Law::Pack(law) = &*self.day.law else { return None };
        let label = label::Label { of: left.label?, descriptors: left.descriptors };
        let mut found = Found { refusals: Vec::new(), until: left.until };
        found.until(law.next);
        let about = (viewer, now);
        let (company, open) =
            self.admit_to(law, &left.subject.title, Some(&label), left.slots, about, &mut found, &mut ());
        if !found.refusals.is_empty() {
            return Some(Answer::Refused(distinct(found.refusals)));
        }
        Some(Answer::Pass(Pass {
            territory: law.pack.territory,
            expires: found.until,
            held: Held::default(),
            labelling: Some(labelling(law, label.of, left.descriptors, viewer.device)),
            company,
            leaves: Leaves::of(left.subject.clone(), left.windows(open)),
        }))
    }

    /// Answers the question. One about another territory or day is answered with the rules of those.
    pub fn decide(&self, question: &Question) -> Answer {
        self.judge(question, &mut ())
    }

    fn judge(&self, question: &Question, notes: &mut impl Notes) -> Answer {
        if question.territory != self.territory || !self.holds_at(question.now) {
            return Gate::new(self.state, self.packs, question.territory, question.now)
                .judge_here(question, notes);
        }
        self.judge_here(question, notes)
    }

    fn judge_here(&self, question: &Question, notes: &mut impl Notes) -> Answer {
        let known = match Known::of(question) {
            Ok(known) => known,
            Err(refusals) => return Answer::Refused(refusals),
        };
        let mut found = Found::default();
        let granted = match (&question.who, orders::is_previewed(self.state, question, &known)) {
            (_, true) => Granted::default(),
            (Who::Authority(id), false) => {
                found.refuse(Refusal::of_link(id));
                Granted::default()
            }
            (Who::Viewer | Who::Bearer | Who::Desk, false) => {
                self.ask_territory(question, &known, &mut found, notes);
                let open = self.open(question, &known, &mut found, notes);
                self.admit(question, open, &mut found, notes)
            }
        };
        if !found.refusals.is_empty() {
            return Answer::Refused(distinct(found.refusals));
        }
        Answer::Pass(Pass {
            territory: known.territory,
            expires: found.until,
            held: granted.held,
            labelling: granted.labelling,
            company: granted.company,
            leaves: Leaves::all(Subject {
                title: question.title.into(),
                composition: known.digest,
                windows: granted.windows,
            }),
        })
    }

    /// Whether the territory is open at all.
    fn ask_territory(&self, question: &Question, known: &Known, found: &mut Found, notes: &mut impl Notes) {
        match &*self.day.law {
            _ if question.who == Who::Desk => {}
            Law::Trial(trial) => {
                found.until(trial.until);
                notes.note(|| {
                    let said = format!("the house has held a trial since {}", trial.since);
                    Step::new(Concern::Territory, "", Source::House, said, true).until(trial.until)
                });
            }
            Law::Undeclared => {
                notes.note(|| {
                    let said = "the house has not declared it";
                    let from = Source::Record(known.territory.code().into());
                    Step::new(Concern::Territory, "", from, said, false)
                });
                let fill = [("{territory}", known.territory.code())];
                found.refuse(Refusal::filled(Rule::NotOpened, "", &fill));
            }
            Law::NoPack => {
                found.refuse(Refusal::filled(Rule::NoPack, "", &[("{territory}", known.territory.code())]));
            }
            Law::Pack(law) => {
                found.until(law.next);
                territory::ask(law, found, notes);
            }
        }
    }

    /// What holds of the version for every viewer: orders, contracts, the label.
    fn open<'q>(
        &'q self,
        question: &Question<'q>,
        known: &Known,
        found: &mut Found,
        notes: &mut impl Notes,
    ) -> Open<'q> {
        let ordered = orders::ask(self.state, question, known, found, notes);
        let mut open = Open { held: Held::default(), slots: Vec::new(), label: None };
        if let Law::Pack(law) = &*self.day.law
            && law.is_declared()
            && question.who != Who::Desk
        {
            let edited = edits::made(self.state, question, known, &ordered);
            open.slots = window::in_force(self.state, &law.pack, question, known, &edited, found, notes);
            open.label = label::ask(self.state, law, question, known, found, notes);
        }
        open.held = ordered.held;
        open
    }

    /// What hangs on the viewer: age, locks, payment, language, device.
    fn admit(&self, question: &Question, open: Open, found: &mut Found, notes: &mut impl Notes) -> Granted {
        let mut granted = Granted { held: open.held, ..Granted::default() };
        let Law::Pack(law) = &*self.day.law else { return granted };
        if question.who != Who::Viewer {
            granted.windows = open.slots.into_iter().map(Leave::of).collect();
            return granted;
        }
        let unknown = Viewer::default();
        let viewer = question.viewer.unwrap_or(&unknown);
        let about = (viewer, question.now);
        let (company, leaves) =
            self.admit_to(law, question.title, open.label.as_ref(), &open.slots, about, found, notes);
        granted.company = company;
        granted.windows = leaves.into_iter().map(|at| Leave::of(open.slots[at as usize])).collect();
        let labelled =
            |label: &label::Label| labelling(law, label.of, &label.descriptors.into(), viewer.device);
        granted.labelling = open.label.as_ref().map(labelled);
        granted
    }

    /// Refuses what this viewer may not have. Whether company is needed, and which windows are left.
    #[expect(clippy::too_many_arguments, reason = "each is asked on its own by several callers")]
    fn admit_to(
        &self,
        law: &OfPack,
        title: &str,
        label: Option<&label::Label>,
        slots: &[impl Borrow<Slot>],
        (viewer, now): (&Viewer, Timestamp),
        found: &mut Found,
        notes: &mut impl Notes,
    ) -> (bool, Vec<u32>) {
        let left = window::of_viewer(slots, title, law.pack.territory, viewer, now, found, notes);
        let Some(label) = label else { return (false, left) };
        let company = admission::ask(law, label, title, viewer, found, notes);
        display::ask(label, title, viewer.device, found, notes);
        (company, left)
    }
}

/// What is open to whoever may have it.
struct Open<'a> {
    held: Held,
    slots: Vec<&'a Slot>,
    label: Option<label::Label<'a>>,
}

/// What a pass is made of, where nothing was refused.
#[derive(Default)]
struct Granted {
    held: Held,
    labelling: Option<Labelling>,
    company: bool,
    windows: Vec<Leave>,
}

/// What the rules that were asked came to so far.
#[derive(Default)]
struct Found {
    refusals: Vec<Refusal>,
    until: Option<Timestamp>,
}

impl Found {
    fn refuse(&mut self, refusal: Refusal) {
        self.refusals.push(refusal);
    }
    /// The answer holds for no longer than this, where it is an instant.
    fn until(&mut self, at: Option<Timestamp>) {
        self.until = self.until.into_iter().chain(at).min();
    }
}

fn labelling(law: &OfPack, of: &Arc<OfLabel>, descriptors: &Arc<[String]>, device: Device) -> Labelling {
    Labelling { of: of.clone(), descriptors: descriptors.clone(), device, rules: law.rules.clone() }
}

/// Each refusal once: two titles of one composition may be under one order.
fn distinct(refusals: Vec<Refusal>) -> Vec<Refusal> {
    if refusals.len() < 2 {
        return refusals;
    }
    let mut distinct = Vec::with_capacity(refusals.len());
    for refusal in refusals {
        if !distinct.contains(&refusal) {
            distinct.push(refusal);
        }
    }
    distinct
}
