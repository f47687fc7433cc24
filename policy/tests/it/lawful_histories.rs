//! Many invented histories of a house under law and contracts, against a second reading of the same
//! records that goes through all of them anew and keeps nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use policy::avail::MayEdit;
use policy::avail::consent::{About, ConsentGiven, ConsentWithdrawn, Edit, NoticeGiven};
use policy::browse::{Offer, Shelf, Wish};
use policy::gate::{Entitlement, Paid, Parent};
use policy::label::Watcher;
use policy::pack::duty::{Change, Kind};
use policy::rating::{
    CompositionChanged, Given, LabelDecided, LabelOfRegulator, LabelRevoked, Notified, TitlesNotified,
};
use policy::readiness::{LicenceEnded, OfRule, Opened, Overridden, Reasoned};
use policy::refusal::Rule;
use policy::timeline::timeline;
use policy::{
    Act, Answer, AvailId, Decision, Device, Operation, OrderId, Question, State, Viewer, Who, decide,
};
use proptest::prelude::*;

use super::house::{House, instant, sealed, territory};
use super::lawful::grown_up;

const TITLES: [&str; 3] = ["film-1", "film-2", "film-3"];
const LABELS: [&str; 4] = ["P", "K", "T18", "C"];
/// An item that only an override lets be missing.
const ITEM: &str = "vn.open.contact";
const ON_ORDER: &str = r#","dealing":{"may_edit":"on-order"}"#;
const CONSENT: &str = r#","dealing":{"may_edit":"with-consent"}"#;
const NOTICE: &str = r#","dealing":{"may_edit":"with-notice","tell_before":"P1D"}"#;
const GRANT: &str = "self-rating-recognition";

/// One thing that somebody does; numbers choose title and label, hours count from when it is done.
#[derive(Clone, Debug)]
enum Step {
    Open,
    Close,
    Suspend,
    Resume,
    Override,
    EndOverride,
    EndGrant,
    Rate(usize, usize),
    Revoke(usize),
    Regulate(usize, usize, i64),
    Edit(usize),
    License(usize, i64, i64, bool),
    Unlicense(usize),
    /// The contract of a title leaves edits to consent, or to notice a day before.
    Leave(usize, bool),
    Consent(usize, i64, i64),
    Notice(usize, i64),
    Unsay(usize),
    /// Of all of it, or of ten minutes.
    Order(usize, i64, i64, bool),
    Lift(usize),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let (title, label) = (0..TITLES.len(), 0..LABELS.len());
    prop_oneof![
        4 => Just(Step::Open),
        1 => Just(Step::Close),
        1 => Just(Step::Suspend),
        3 => Just(Step::Resume),
        3 => Just(Step::Override),
        1 => Just(Step::EndOverride),
        1 => Just(Step::EndGrant),
        6 => (title.clone(), label.clone()).prop_map(|(t, l)| Step::Rate(t, l)),
        1 => title.clone().prop_map(Step::Revoke),
        2 => (title.clone(), label, 0i64..4).prop_map(|(t, l, d)| Step::Regulate(t, l, d)),
        2 => title.clone().prop_map(Step::Edit),
        6 => (title.clone(), -30i64..40, 1i64..200, any::<bool>()).prop_map(|(t, a, b, c)| Step::License(t, a, b, c)),
        1 => title.clone().prop_map(Step::Unlicense),
        3 => (title.clone(), any::<bool>()).prop_map(|(t, consent)| Step::Leave(t, consent)),
        3 => (title.clone(), -10i64..20, 1i64..60).prop_map(|(t, a, b)| Step::Consent(t, a, b)),
        2 => (title.clone(), -30i64..10).prop_map(|(t, a)| Step::Notice(t, a)),
        1 => title.clone().prop_map(Step::Unsay),
        3 => (title, 0i64..30, 1i64..50, any::<bool>()).prop_map(|(t, a, b, c)| Step::Order(t, a, b, c)),
        1 => (0usize..4).prop_map(Step::Lift),
        3 => (1i64..30).prop_map(Step::Wait),
    ]
}

struct Run {
    house: House,
    shelf: Shelf,
    orders: usize,
    /// What the gate said at each instant after all that was decided then: of each title to each viewer.
    said: BTreeMap<Timestamp, Vec<Answer>>,
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

fn vn() -> policy::Territory {
    territory("VN")
}

impl Run {
    fn new() -> Run {
        let mut house = House::new("2026-07-10 12:00");
        for title in TITLES {
            house = house.film(title, 1);
        }
        house.open_territory("VN", GRANT);
        let offer = |title: &&str| Offer {
            title: title.to_string(),
            composition: Arc::new(house.whole(title)),
            made_from: None,
            films: vec![house.films[*title].0.clone()],
        };
        let offers = TITLES.iter().map(offer).collect();
        let packs = Arc::new(house.packs.clone());
        let shelf = Shelf::new(house.state.clone(), packs, [vn()], offers, house.now);
        Run { house, shelf, orders: 0, said: BTreeMap::new() }
    }

    fn act(&mut self, act: Act) {
        if let Ok(applied) = self.house.decide("op-1", act) {
            let decision = self.house.decisions.last().expect("one was taken").clone();
            self.shelf.follow(&decision, &self.house.state, applied);
        }
    }

    fn take(&mut self, step: &Step) {
        let (territory, reason, now) = (vn(), sealed("why"), self.house.now);
        match step {
            Step::Open => self.act(Act::TerritoryOpened(Opened { territory })),
            Step::Close => self.act(Act::TerritoryClosed(Reasoned { territory, reason })),
            Step::Suspend => self.act(Act::TerritorySuspended(Reasoned { territory, reason })),
            Step::Resume => self.act(Act::TerritoryResumed(Reasoned { territory, reason })),
            Step::Override => {
                self.act(Act::ItemOverridden(Overridden {
                    territory,
                    rule: ITEM.into(),
                    reason,
                    until: None,
                }));
            }
            Step::EndOverride => {
                self.act(Act::OverrideEnded(OfRule { territory, rule: ITEM.into(), reason }))
            }
            Step::EndGrant => {
                let (grant, number) = (GRANT.into(), "1".into());
                self.act(Act::LicenceEnded(LicenceEnded { territory, grant, number, reason }));
            }
            Step::Rate(title, label) => self.rate(TITLES[*title], LABELS[*label]),
            Step::Revoke(title) => {
                let composition = self.house.whole(TITLES[*title]).digest();
                let title = TITLES[*title].into();
                self.act(Act::LabelRevoked(LabelRevoked {
                    title,
                    territory,
                    composition,
                    number: None,
                    reason,
                }));
            }
            Step::Regulate(title, label, days) => self.regulate(TITLES[*title], LABELS[*label], *days),
            Step::Edit(title) => {
                let (composition, from) =
                    (self.cut(TITLES[*title]).digest(), self.house.whole(TITLES[*title]).digest());
                let (title, changes) = (TITLES[*title].into(), vec![Change::Cut]);
                self.act(Act::CompositionChanged(CompositionChanged { title, composition, from, changes }));
            }
            Step::License(title, from, length, second) => {
                let start = now + hours(*from);
                let name = if *second { "b" } else { "a" };
                self.license(TITLES[*title], name, start, start + hours(*length), ON_ORDER);
            }
            Step::Leave(title, consent) => {
                let (title, until) = (TITLES[*title], now + hours(100));
                self.license(title, "a", now, until, if *consent { CONSENT } else { NOTICE });
            }
            Step::Consent(title, from, length) => {
                let (about, from, letter) = (self.about(TITLES[*title]), now + hours(*from), reason);
                let until = Some(from + hours(*length));
                self.act(Act::ConsentGiven(ConsentGiven { about, from, until, letter }));
            }
            Step::Notice(title, sent) => {
                let (about, sent, letter) = (self.about(TITLES[*title]), now + hours(*sent), reason);
                self.act(Act::NoticeGiven(NoticeGiven { about, sent, letter }));
            }
            Step::Unsay(title) => {
                let about = self.about(TITLES[*title]);
                self.act(Act::ConsentWithdrawn(ConsentWithdrawn { about, reason }));
            }
            Step::Unlicense(title) => {
                let avails = vec![AvailId::new("L", &format!("a-{}", TITLES[*title]))];
                self.act(Act::AvailsRemoved { document: None, avails });
            }
            Step::Order(title, from, length, all) => self.order(TITLES[*title], *from, *length, *all),
            Step::Lift(n) => {
                let order = OrderId::new("A", &n.to_string());
                self.act(Act::OrderLifted { order, letter: None, reason });
            }
            Step::Wait(n) => self.house.now += hours(*n),
        }
    }

    fn given(&self, title: &str, label: &str) -> Given {
        self.house.given("VN", title, label, &[])
    }

    fn rate(&mut self, title: &str, label: &str) {
        self.act(Act::LabelDecided(LabelDecided {
            given: self.given(title, label),
            work: Kind::Film,
            how: "software".into(),
            without: Vec::new(),
            shows: Vec::new(),
            reason: None,
        }));
        self.tell(title, label);
    }

    fn regulate(&mut self, title: &str, label: &str, days: i64) {
        let pack = self.house.packs.get(vn()).expect("a pack");
        let date = pack.day(self.house.now + hours(24 * days));
        let number = self.house.decisions.len().to_string();
        self.act(Act::LabelOfRegulator(LabelOfRegulator {
            given: self.given(title, label),
            work: Kind::Film,
            authority: "MCST".into(),
            number,
            date,
            letter: None,
        }));
        self.tell(title, label);
    }

    fn tell(&mut self, title: &str, label: &str) {
        let composition = self.house.whole(title).digest();
        self.act(Act::TitlesNotified(TitlesNotified {
            territory: vn(),
            to: "MCST".into(),
            sent: self.house.now,
            list: sealed("list"),
            receipt: None,
            titles: vec![Notified { title: title.into(), composition, label: label.into() }],
        }));
    }

    /// The first avail of a title, and the version of which its licensor is asked.
    fn about(&self, title: &str) -> About {
        let (avail, edit) = (AvailId::new("L", &format!("a-{title}")), self.cut(title).digest());
        About { avail, title: title.into(), edit: Edit::Composition(edit), territories: None }
    }

    fn license(&mut self, title: &str, name: &str, start: Timestamp, end: Timestamp, more: &str) {
        let licence = if name == "a" { "SVOD" } else { "EST" };
        let json = format!(
            r#"{{"territories":{{"only":["VN"]}},"start":"{start}","end":"{end}","licence":"{licence}"{more}}}"#
        );
        let avail = policy::Avail {
            id: AvailId::new("L", &format!("{name}-{title}")),
            names: vec![title.into()],
            parents: Vec::new(),
            bundle: Vec::new(),
            windows: vec![serde_json::from_str(&json).expect("a window")],
        };
        self.act(Act::AvailsEntered { document: None, avails: vec![avail] });
    }

    fn order(&mut self, title: &str, from: i64, length: i64, all: bool) {
        let start = self.house.now + hours(from);
        let json = format!(
            r#"{{"authority": "A", "number": "{}", "date": "2026-07-10", "legal_basis": "B", "territories": ["VN"],
                "work": {{"title": "{title}"}}, "scope": "{}", "operation": "{}", "start": "{start}",
                "until": "{}"}}"#,
            self.orders,
            if all { "whole" } else { "00:10" },
            if all { "withdraw" } else { "cut" },
            start + hours(length)
        );
        self.orders += 1;
        let order = self.house.read(&json);
        let act = self.house.placing(&order);
        self.act(act);
    }

    /// Whether the contracts let the cut version of a title be played, read from the records alone.
    fn may_be_cut(&self, title: &str) -> bool {
        let (now, mut leave, mut said) = (self.house.now, None, Vec::new());
        for decision in &self.house.decisions {
            match &decision.act {
                Act::AvailsEntered { avails, .. } if avails[0].id == self.about(title).avail => {
                    leave = Some(avails[0].windows[0].clone());
                }
                Act::AvailsRemoved { avails, .. } if avails[0] == self.about(title).avail => {
                    leave = None;
                    said.clear();
                }
                Act::ConsentGiven(it) if it.about.title == title => said.push((it.from, it.until)),
                Act::NoticeGiven(it) if it.about.title == title => said.push((it.sent + hours(24), None)),
                Act::ConsentWithdrawn(it) if it.about.title == title => said.clear(),
                _ => {}
            }
        }
        let instant = |text: String| text.parse::<Timestamp>().expect("an instant");
        // Nobody ever gave leave for what is held back of a version that somebody cut.
        let held = self.is_ordered(title, Operation::Cut);
        leave.filter(|_| !held).is_some_and(|window| {
            let open = instant(window.start.to_string()) <= now && now < instant(window.end.to_string());
            let consents = said.iter().filter(|(_, until)| until.is_some());
            let notices = said.iter().filter(|(_, until)| until.is_none());
            open && match window.dealing.may_edit {
                MayEdit::WithConsent => {
                    consents.clone().any(|(from, until)| *from <= now && Some(now) < *until)
                }
                MayEdit::WithNotice => notices.clone().any(|(from, _)| *from <= now),
                _ => false,
            }
        })
    }

    fn cut(&self, title: &str) -> composition::Composition {
        let source = self.house.films[title].0.source;
        let edit = composition::Edit::Cut { source, from: 100, to: 200 };
        composition::evaluate(&self.house.whole(title), &[edit]).expect("a cut")
    }

    fn ask(
        &self,
        title: &str,
        composition: &composition::Composition,
        viewer: &Viewer,
        now: Timestamp,
    ) -> Answer {
        self.ask_of(&self.house.state, title, composition, viewer, now)
    }

    fn ask_of(
        &self,
        state: &State,
        title: &str,
        composition: &composition::Composition,
        viewer: &Viewer,
        now: Timestamp,
    ) -> Answer {
        let films = [self.house.films[title].0.clone()];
        let question = Question {
            territory: Some(vn()),
            title,
            composition: Some(composition),
            made_from: None,
            films: &films,
            now,
            who: Who::Viewer,
            viewer: Some(viewer),
        };
        decide(state, &self.house.packs, &question)
    }

    /// Why nobody may see the whole of a title, read from the records alone.
    fn barred(&self, title: &str) -> Option<&'static str> {
        let (mut open, mut suspended, mut overridden, mut grant) = (false, false, false, false);
        let (mut own, mut regulators) = (None, Vec::new());
        let mut windows = BTreeMap::new();
        for decision in &self.house.decisions {
            match &decision.act {
                Act::TerritoryOpened(_) => open = true,
                Act::TerritoryClosed(_) => open = false,
                Act::TerritorySuspended(_) => suspended = true,
                Act::TerritoryResumed(_) => suspended = false,
                Act::ItemOverridden(it) if it.rule == ITEM => overridden = true,
                Act::OverrideEnded(_) => overridden = false,
                Act::LicenceEntered(_) => grant = true,
                Act::LicenceEnded(_) => grant = false,
                Act::LabelDecided(it) if it.given.title == title => own = Some(it.given.label.as_str()),
                Act::LabelRevoked(it) if it.title == title => own = None,
                Act::LabelOfRegulator(it) if it.given.title == title => {
                    regulators.push((it.date, it.given.label.as_str()))
                }
                Act::AvailsEntered { avails, .. } if avails[0].names == [title] => {
                    windows.insert(avails[0].id.clone(), avails[0].windows[0].clone());
                }
                Act::AvailsRemoved { avails, .. } => drop(windows.remove(&avails[0])),
                _ => {}
            }
        }
        let now = self.house.now;
        let pack = self.house.packs.get(vn()).expect("a pack");
        let regulator =
            regulators.iter().filter(|(date, _)| *date <= pack.day(now)).max_by_key(|(date, _)| *date);
        let banned = regulator.is_some_and(|(_, label)| *label == "C");
        let held = self.is_ordered(title, Operation::Cut);
        let window_open = windows.values().any(|window| {
            let instant = |text: String| text.parse::<Timestamp>().expect("an instant");
            let allows = !held || window.dealing.may_edit == MayEdit::OnOrder;
            allows && instant(window.start.to_string()) <= now && now < instant(window.end.to_string())
        });
        let withdrawn = self.is_ordered(title, Operation::Withdraw);
        [
            (!open || !overridden, "closed"),
            (suspended, "suspended"),
            (regulator.is_none() && own.is_none(), "unrated"),
            (regulator.is_none() && own == Some("C"), "banned"),
            (banned, "banned"),
            (regulator.is_none() && !grant, "rated without leave"),
            (!window_open, "unlicensed"),
            (withdrawn, "withdrawn"),
        ]
        .into_iter()
        .find_map(|(holds, why)| holds.then_some(why))
    }

    /// Whether an order that asks for this binds a title now, read from the records alone.
    fn is_ordered(&self, title: &str, operation: Operation) -> bool {
        let (about, now) = (policy::Work::Title(title.into()), self.house.now);
        let lifted = |id: &OrderId| {
            let lifts =
                |decision: &Decision| matches!(&decision.act, Act::OrderLifted { order, .. } if order == id);
            self.house.decisions.iter().any(lifts)
        };
        self.house.decisions.iter().any(|decision| {
            let Act::OrderPlaced { order, .. } = &decision.act else { return false };
            let asks = order.work == about && order.operation == operation;
            asks && order.start <= Some(now) && order.until > Some(now) && !lifted(&order.id())
        })
    }

    /// Every title for every viewer, by a state at an instant.
    fn ask_all(&self, state: &State, now: Timestamp) -> Vec<Answer> {
        let viewers = viewers();
        let all = TITLES.iter().flat_map(|title| viewers.iter().map(move |viewer| (title, viewer)));
        all.map(|(title, viewer)| self.ask_of(state, title, &self.house.whole(title), viewer, now)).collect()
    }

    /// As of any instant the gate says what it said then.
    fn check_as_of(&self) {
        // The steps fall at random, so every third instant is as good as all.
        for (at, said) in self.said.iter().step_by(3) {
            let then = self.house.decisions.iter().take_while(|decision| decision.at <= *at);
            let state = State::fold(then).expect("they follow");
            assert_eq!(self.ask_all(&state, *at), *said, "as of {at}");
        }
    }

    /// A record that a title's timeline leaves out changes nothing for the title.
    fn check_timelines(&self) {
        for title in TITLES {
            let film = &self.house.films[title].0;
            let events = timeline(&self.house.decisions, film, vn()).expect("they follow");
            let told = |decision: &Decision| {
                events.iter().any(|(event, _)| (event.at, event.kind) == (decision.at, decision.kind()))
            };
            let (mut state, whole) = (State::default(), self.house.whole(title));
            for decision in &self.house.decisions {
                let ask = |state: &State| self.ask_of(state, title, &whole, &grown_up(), decision.at);
                let before = (!told(decision)).then(|| ask(&state));
                state.apply(decision).expect("it follows");
                if let Some(before) = before {
                    assert_eq!(ask(&state), before, "{title}: {} is left out", decision.kind());
                }
            }
        }
    }

    fn check(&mut self) {
        let viewers = viewers();
        let now = self.house.now;
        let mut said = Vec::new();
        for title in TITLES {
            let (whole, cut) = (self.house.whole(title), self.cut(title));
            let barred = self.barred(title);
            for viewer in &viewers {
                let answer = self.ask(title, &whole, viewer, now);
                let passes = matches!(answer, Answer::Pass(_));
                assert!(!passes || barred.is_none(), "{title} plays though it is {barred:?}");
                for later in [0, 13].map(|n| now + hours(n)) {
                    let wish = Wish { territory: vn(), title, viewer, now: later };
                    assert_eq!(
                        self.shelf.decide(&wish),
                        self.ask(title, &whole, viewer, later),
                        "{title}, kept"
                    );
                }
                assert_eq!(self.shelf.browse(vn(), viewer, now).has(title), passes, "{title} on the shelf");
                self.check_end(title, &whole, viewer, &answer);
                said.push(answer);
                // No version but the whole was ever rated.
                assert!(matches!(self.ask(title, &cut, viewer, now), Answer::Refused(_)), "{title}, stale");
            }
            self.check_cut(title, &cut);
            let plain = Viewer { paid: Paid::NotAsked, ..grown_up() };
            let passes = matches!(self.ask(title, &whole, &plain, now), Answer::Pass(_));
            assert_eq!(passes, barred.is_none(), "{title} is {barred:?}");
        }
        self.said.insert(now, said);
    }

    /// What the gate says about the edit of a version that was never rated.
    fn check_cut(&self, title: &str, cut: &composition::Composition) {
        let plain = Viewer { paid: Paid::NotAsked, ..grown_up() };
        let Answer::Refused(refusals) = self.ask(title, cut, &plain, self.house.now) else { return };
        let lacks = |rules: &[Rule]| refusals.iter().any(|refusal| rules.contains(&refusal.rule));
        // Of what is withdrawn nothing is held back besides.
        if !lacks(&[Rule::NotLicensed, Rule::NotYetLicensed, Rule::LicenceOver, Rule::Withdrawn]) {
            let barred = lacks(&[Rule::EditNotLicensed, Rule::ConsentMissing, Rule::NoticeMissing]);
            assert_eq!(barred, !self.may_be_cut(title), "{title}, cut: {refusals:?}");
        }
    }

    /// Until a pass ends, nothing about it changes.
    fn check_end(&self, title: &str, whole: &composition::Composition, viewer: &Viewer, answer: &Answer) {
        let Answer::Pass(pass) = answer else { return };
        for later in [1, 5, 13, 24, 72, 240, 9_600].map(|n| self.house.now + hours(n)) {
            if pass.expires().is_none_or(|expires| later < expires) {
                assert_eq!(said(&self.ask(title, whole, viewer, later)), said(answer), "{title} at {later}");
            }
        }
        if let Some(expires) = pass.expires() {
            let before = expires - SignedDuration::from_micros(1);
            assert_eq!(
                said(&self.ask(title, whole, viewer, before)),
                said(answer),
                "{title} just before {expires}"
            );
        }
        assert!(pass.expires().is_none_or(|expires| self.house.now < expires));
    }
}

/// What a pass says, but for the day on which it was given; none: it is none.
fn said(answer: &Answer) -> Option<String> {
    let Answer::Pass(pass) = answer else { return None };
    let says =
        (pass.expires(), pass.label(), pass.obligations(), pass.leaves().collect::<Vec<_>>(), pass.held());
    Some(format!("{says:?}"))
}

/// A grown-up, a child in company, one who bought two titles, one whose parents lock some.
fn viewers() -> [Viewer; 4] {
    let born = |text: &str| Watcher { born: text.parse().ok(), with_guardian: true };
    let holds = |licence: &str, title: Option<&str>| Entitlement {
        licence: licence.into(),
        title: title.map(String::from),
        until: Some(instant("2026-07-13 00:00")),
    };
    let hidden = ["film-2".to_string()].into();
    [
        grown_up(),
        Viewer {
            watcher: born("2013-07-12"),
            device: Device { overlay: false, ..Device::FULL },
            ..grown_up()
        },
        Viewer { paid: Paid::Holds(vec![holds("EST", Some("film-1")), holds("SVOD", None)]), ..grown_up() },
        Viewer { parent: Parent { up_to: Some(13), hidden }, ..grown_up() },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_plays_that_may_not_and_the_shelf_and_the_pass_agree(
        steps in prop::collection::vec(step(), 1..30)
    ) {
        let mut run = Run::new();
        for step in &steps {
            run.take(step);
            run.check();
        }
        run.house.check_refold();
        run.check_as_of();
        run.check_timelines();
    }
}
