//! What a territory needs before it opens, at its edges: against a second reading of the same records that
//! looks at every record anew and keeps nothing.

use std::sync::LazyLock;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use policy::pack::duty::{Check, Kind};
use policy::pack::{Pack, Position};
use policy::readiness::{
    Area, CheckRan, Declared, DrillHeld, EvidenceEntered, EvidenceWithdrawn, Licence, LicenceEnded, OfRule,
    Opened, Overridden, PositionTaken, Reasoned, Risk, RisksSigned,
};
use policy::state::{Gap, Openness, Shut, Stands};
use policy::{Act, Applied};
use proptest::prelude::*;

mod reference;

use reference::Reference;

use super::house::{House, instant, sealed, staff, territory};

/// A territory with one item of each kind.
fn pack() -> &'static Pack {
    static PACK: LazyLock<Pack> = LazyLock::new(write);
    &PACK
}

fn write() -> Pack {
    let rule = |id: &str, is: &str| {
        format!(
            "[[rule]]\nid = \"vn.open.{id}\"\nsays = \"s\"\nlaw = \"Article of {id}\"\nsource = \"s\"\ncertainty = \"cited\"\ndoubt = \"d\"\n\
             is.readiness = {{ of = \"any\", kinds = [\"film\", \"news\"], {is}, names = {{ en = \"{id}\", vi = \"{id}\", ko = \"{id}\" }} }}\n"
        )
    };
    let rules = [
        rule("paper", "mandatory = true, met_by = [{ document = \"paper\" }], fresh = \"90 days\""),
        rule("grant", "mandatory = true, met_by = [{ grant = \"grant\" }], grace = \"10 days\""),
        "[[rule.readings]]\nname = \"not-asked\"\nsays = \"s\"\n".into(),
        rule("shown", "mandatory = true, met_by = [{ check = \"labels-shown\" }]"),
        rule("drill", "mandatory = true, met_by = [{ check = \"removal-drill\" }], fresh = \"90 days\""),
        rule("risk", "mandatory = true, met_by = [{ check = \"risk-assessment\" }]"),
        rule("nice", "mandatory = false, met_by = [{ document = \"nice\" }]"),
    ];
    let head = "territory = \"VN\"\nzone = \"Asia/Ho_Chi_Minh\"\nsecond_person = false\n\n";
    Pack::read(&format!("{head}{}", rules.join("\n"))).unwrap()
}

fn house() -> House {
    House::new("2026-01-01 12:00")
}

fn vn() -> policy::Territory {
    territory("VN")
}

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

fn entered(name: &str, from: Timestamp, until: Option<Timestamp>) -> Act {
    let document = sealed(&format!("{name} {from} {until:?}"));
    Act::EvidenceEntered(EvidenceEntered { territory: vn(), name: name.into(), from, until, document })
}

fn licence(number: &str, kinds: &[Kind], from: Timestamp, until: Option<Timestamp>) -> Act {
    Act::LicenceEntered(Box::new(Licence {
        territory: vn(),
        grant: "grant".into(),
        number: number.into(),
        authority: "Bộ".into(),
        kinds: kinds.to_vec(),
        from,
        until,
        document: sealed(number),
    }))
}

fn ran(check: Check, passed: bool, until: Timestamp) -> Act {
    Act::CheckRan(CheckRan { territory: vn(), check, passed, until, report: sealed("report") })
}

fn drill(passed: bool) -> Act {
    reported(passed, "drill")
}

fn reported(passed: bool, report: &str) -> Act {
    let report = sealed(report);
    Act::DrillHeld(DrillHeld { territory: vn(), title: "film".into(), passed, milliseconds: 30, report })
}

fn risk(area: Area, owner: &str, review: Timestamp) -> Act {
    Act::RiskEntered(Risk {
        territory: vn(),
        id: format!("{area:?}").to_lowercase(),
        area,
        likelihood: 2,
        impact: 5,
        owner: staff(owner),
        review,
        mitigation: sealed("mitigation"),
    })
}

fn declared(kinds: &[Kind]) -> Act {
    Act::TerritoryDeclared(Declared { territory: vn(), domestic: true, kinds: kinds.to_vec() })
}

fn opened() -> Act {
    Act::TerritoryOpened(Opened { territory: vn() })
}

fn because(what: fn(Reasoned) -> Act) -> Act {
    what(Reasoned { territory: vn(), reason: sealed("reason") })
}

/// Signs the register as it stands.
fn sign(house: &mut House, by: &str) -> Applied {
    let register = house.state.dossier(vn()).unwrap().register.digest();
    house.decide(by, Act::RisksSigned(RisksSigned { territory: vn(), register })).unwrap()
}

/// A house that has all of it, at its instant.
fn ready() -> House {
    let mut house = house();
    let (now, far) = (house.now, house.now + days(3000));
    for act in [
        declared(&[Kind::Film]),
        entered("paper", now, None),
        licence("1", &[Kind::Film], now, None),
        ran(Check::LabelsShown, true, far),
        drill(true),
    ] {
        house.decide("op-1", act).unwrap();
    }
    for area in Area::ALL {
        house.decide("op-1", risk(area, "owner", far)).unwrap();
    }
    sign(&mut house, "owner");
    sign(&mut house, "boss");
    house.decide("op-1", opened()).unwrap();
    house
}

/// Whether it is open, and what is missing.
fn stands(house: &House, at: Timestamp) -> String {
    let missing = |all: &[policy::state::Missing]| {
        let names =
            all.iter().filter(|m| m.mandatory).map(|m| m.rule.trim_start_matches("vn.open.").to_string());
        names.collect::<Vec<_>>().join(" ")
    };
    let said = match house.state.openness(pack(), at) {
        Openness::Undeclared => "undeclared".into(),
        Openness::Open { overrides, missing: m, .. } => {
            let over: Vec<&str> = overrides.iter().map(|o| o.rule.trim_start_matches("vn.open.")).collect();
            format!("open {} over {}", missing(&m), over.join(" "))
        }
        Openness::Closed { why: Shut::NeverOpened, missing: m } => format!("never opened: {}", missing(&m)),
        Openness::Closed { why: Shut::ByHouse(_), missing: m } => format!("closed by house: {}", missing(&m)),
        Openness::Closed { why: Shut::Missing, missing: m } => format!("closed: {}", missing(&m)),
        Openness::Suspended(_) => "suspended".into(),
    };
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_territory_opens_when_nothing_is_missing_and_not_before() {
    let mut house = house();
    let now = house.now;
    assert_eq!(stands(&house, now), "undeclared");
    assert!(house.decide("op-1", opened()).is_err());
    house.decide("op-1", declared(&[Kind::Film])).unwrap();
    assert_eq!(stands(&house, now), "never opened: paper grant shown drill risk");
    house.decide("op-1", opened()).unwrap();
    assert_eq!(stands(&house, now), "closed: paper grant shown drill risk");
    let openness = house.state.openness(pack(), now);
    let Openness::Closed { missing, .. } = openness else { panic!("{openness:?}") };
    let first = &missing[0];
    assert_eq!((first.law.as_str(), first.since, first.deadline), ("Article of paper", None, None));
    assert_eq!(stands(&ready(), now), "open over");
}

#[test]
fn evidence_ends_at_its_instant() {
    let mut house = ready();
    let now = house.now;
    house
        .decide(
            "op-1",
            Act::EvidenceWithdrawn(EvidenceWithdrawn {
                territory: vn(),
                name: "paper".into(),
                reason: sealed("r"),
            }),
        )
        .unwrap();
    assert_eq!(stands(&house, now), "closed: paper");
    let until = now + days(3);
    house.decide("op-1", entered("paper", now, Some(until))).unwrap();
    let before = until - SignedDuration::from_micros(1);
    assert_eq!(stands(&house, before), "open over");
    assert_eq!(stands(&house, until), "closed: paper");
    assert_eq!(house.state.next_change(now), Some(until));
    assert_eq!(house.state.next_change_in(pack(), now), Some(until));
    // A document of tomorrow does not hold today.
    house.decide("op-1", entered("paper", until + days(1), None)).unwrap();
    assert_eq!(stands(&house, until), "closed: paper");
    assert_eq!(stands(&house, until + days(1)), "open over");
}

#[test]
fn a_drill_holds_for_ninety_days_and_not_for_ninety_one() {
    let mut house = ready();
    // The drill was on 1 January, at noon; the paper is renewed so that only the drill is old.
    house.decide("op-1", entered("paper", instant("2026-03-01 00:00"), None)).unwrap();
    assert_eq!(stands(&house, instant("2026-04-01 23:59")), "open over");
    assert_eq!(stands(&house, instant("2026-04-02 00:00")), "closed: drill");
    let end = instant("2026-04-02 00:00");
    assert_eq!(house.state.next_change_in(pack(), instant("2026-03-02 00:00")), Some(end));
    // One that fails ends what the earlier one showed.
    house.now = instant("2026-02-01 08:00");
    house.decide("op-1", drill(false)).unwrap();
    assert_eq!(stands(&house, house.now), "closed: drill");
    house.decide("op-1", drill(true)).unwrap();
    assert_eq!(stands(&house, instant("2026-05-02 23:59")), "open over");
    assert_eq!(stands(&house, instant("2026-05-03 00:00")), "closed: drill");
}

#[test]
fn a_licence_covers_its_kinds_and_its_grace_runs_from_its_end() {
    let mut house = ready();
    let end = house.now + days(5);
    let ended =
        LicenceEnded { territory: vn(), grant: "grant".into(), number: "1".into(), reason: sealed("r") };
    house.now = end;
    house.decide("op-1", Act::LicenceEnded(ended)).unwrap();
    assert_eq!(stands(&house, end), "open grant over");
    let deadline = end + days(10);
    assert_eq!(house.state.next_change_in(pack(), end), Some(deadline));
    assert_eq!(stands(&house, deadline - SignedDuration::from_micros(1)), "open grant over");
    assert_eq!(stands(&house, deadline), "closed: grant");
    // What was missing when it opened has no grace.
    house.decide("op-1", because(Act::TerritoryClosed)).unwrap();
    assert_eq!(stands(&house, end), "closed by house: grant");
    house.now = end + days(1);
    house.decide("op-1", opened()).unwrap();
    assert_eq!(stands(&house, house.now), "closed: grant");
    // Of two kinds each needs its licence.
    house.now += days(1);
    house.decide("op-1", declared(&[Kind::Film, Kind::News])).unwrap();
    house.decide("op-1", licence("2", &[Kind::Film], house.now, None)).unwrap();
    house.now += days(1);
    assert_eq!(stands(&house, house.now), "open grant over");
    house.decide("op-1", licence("3", &[Kind::News], house.now, None)).unwrap();
    assert_eq!(stands(&house, house.now), "open over");
}

#[test]
fn an_override_is_a_persons_and_ends() {
    let mut house = ready();
    house.decide("op-1", drill(false)).unwrap();
    let end = house.now + days(2);
    let until = Some(end);
    let rule = String::from("vn.open.drill");
    let over = Overridden { territory: vn(), rule: rule.clone(), reason: sealed("r"), until };
    house.decide("boss", Act::ItemOverridden(over)).unwrap();
    assert_eq!(stands(&house, house.now), "open over drill");
    let Openness::Open { overrides, .. } = house.state.openness(pack(), house.now) else { panic!() };
    assert_eq!(overrides[0].by, staff("boss"));
    assert_eq!(stands(&house, end), "closed: drill");
    let end = OfRule { territory: vn(), rule, reason: sealed("r") };
    house.decide("boss", Act::OverrideEnded(end.clone())).unwrap();
    assert_eq!(stands(&house, house.now), "closed: drill");
    assert!(house.decide("boss", Act::OverrideEnded(end)).is_err());
}

#[test]
fn a_position_lapses_and_the_stricter_reading_is_back() {
    let mut house = ready();
    let ended =
        LicenceEnded { territory: vn(), grant: "grant".into(), number: "1".into(), reason: sealed("r") };
    house.decide("op-1", Act::LicenceEnded(ended)).unwrap();
    let position = Position {
        rule: "vn.open.grant".into(),
        reading: "not-asked".into(),
        basis: sealed("a talk"),
        from: date(2026, 1, 1),
        until: Some(date(2026, 2, 10)),
    };
    let taken = PositionTaken { territory: vn(), position };
    assert_eq!(house.decide("op-1", Act::PositionTaken(taken.clone())).unwrap(), Applied::Changed);
    assert_eq!(house.decide("op-1", Act::PositionTaken(taken)).unwrap(), Applied::Same);
    assert_eq!(stands(&house, house.now), "open over");
    let items = house.state.readiness(pack(), house.now);
    let item = items.iter().find(|item| item.rule == "vn.open.grant").unwrap();
    assert!(item.stands == Stands::NotAsked && item.position.is_some());
    // It is asked for again from the day after its last: then the pack's grace begins.
    let lapse = instant("2026-02-11 00:00");
    assert_eq!(house.state.next_change_in(pack(), house.now), Some(lapse));
    assert_eq!(stands(&house, lapse), "open grant over");
    assert_eq!(stands(&house, lapse + days(10)), "closed: grant");
    let withdrawn = OfRule { territory: vn(), rule: "vn.open.grant".into(), reason: sealed("r") };
    house.decide("op-1", Act::PositionWithdrawn(withdrawn)).unwrap();
    assert_eq!(stands(&house, house.now), "closed: grant");
}

#[test]
fn a_register_of_risks_is_signed_as_it_stands() {
    let mut house = ready();
    let review = house.now + days(20);
    house.decide("op-1", risk(Area::Political, "other", review)).unwrap();
    assert_eq!(stands(&house, house.now), "closed: risk");
    assert_eq!(sign(&mut house, "owner"), Applied::Changed);
    assert_eq!(sign(&mut house, "owner"), Applied::Same);
    let gaps = |house: &House| house.state.dossier(vn()).unwrap().register.gaps(house.now);
    assert_eq!(gaps(&house), [Gap::Unsigned(staff("other")), Gap::OneSignature]);
    sign(&mut house, "other");
    assert_eq!(stands(&house, house.now), "open over");
    assert_eq!(stands(&house, review), "closed: risk");
    house.now = review;
    assert_eq!(gaps(&house), [Gap::Overdue("political".into())]);
    // Whoever read an older one does not sign this.
    let register = house.state.dossier(vn()).unwrap().register.digest();
    house.decide("op-1", risk(Area::Political, "other", review + days(30))).unwrap();
    assert!(house.decide("op-1", Act::RisksSigned(RisksSigned { territory: vn(), register })).is_err());
}

#[test]
fn a_suspension_is_above_everything_and_ends_as_it_began() {
    let mut house = ready();
    house.decide("op-1", because(Act::TerritorySuspended)).unwrap();
    assert_eq!(stands(&house, house.now), "suspended");
    assert_eq!(house.decide("op-1", because(Act::TerritorySuspended)).unwrap(), Applied::Same);
    house.decide("op-1", because(Act::TerritoryResumed)).unwrap();
    assert_eq!(stands(&house, house.now), "open over");
    assert_eq!(house.decide("op-1", because(Act::TerritoryResumed)).unwrap(), Applied::Same);
    house.check_refold();
}

/// Something that somebody enters, at a day and with a length in days.
#[derive(Clone, Debug)]
enum Step {
    Declare(bool),
    Open,
    Close,
    Suspend,
    Resume,
    Paper(Option<i64>),
    Withdraw,
    Licence(u8, bool, bool, i64),
    End(u8),
    Check(bool, i64),
    Drill(bool),
    Risk(usize, u8, i64),
    Sign(u8),
    Override(usize, Option<i64>),
    EndOverride(usize),
    Position(i64),
    Wait(i64),
}

const ITEMS: [&str; 5] = ["paper", "grant", "shown", "drill", "risk"];

fn step() -> impl Strategy<Value = Step> {
    let length = || prop::option::of(1i64..120);
    prop_oneof![
        1 => any::<bool>().prop_map(Step::Declare),
        4 => Just(Step::Open),
        1 => Just(Step::Close),
        1 => Just(Step::Suspend),
        2 => Just(Step::Resume),
        4 => length().prop_map(Step::Paper),
        1 => Just(Step::Withdraw),
        4 => (0u8..3, any::<bool>(), any::<bool>(), 1i64..60).prop_map(|(n, f, w, l)| Step::Licence(n, f, w, l)),
        1 => (0u8..3).prop_map(Step::End),
        4 => (prop::bool::weighted(0.8), 1i64..60).prop_map(|(p, l)| Step::Check(p, l)),
        3 => prop::bool::weighted(0.8).prop_map(Step::Drill),
        6 => (0usize..4, 0u8..3, 5i64..200).prop_map(|(a, o, l)| Step::Risk(a, o, l)),
        6 => (0u8..3).prop_map(Step::Sign),
        3 => (0usize..5, length()).prop_map(|(n, l)| Step::Override(n, l)),
        1 => (0usize..5).prop_map(Step::EndOverride),
        1 => (0i64..40).prop_map(Step::Position),
        4 => (1i64..40).prop_map(Step::Wait),
    ]
}

fn take(house: &mut House, step: &Step) {
    let now = house.now;
    let after = |n: i64| now + days(n);
    let rule = |n: usize| format!("vn.open.{}", ITEMS[n]);
    let act = match step {
        Step::Declare(both) => declared(if *both { &[Kind::Film, Kind::News] } else { &[Kind::Film] }),
        Step::Open => opened(),
        Step::Close => because(Act::TerritoryClosed),
        Step::Suspend => because(Act::TerritorySuspended),
        Step::Resume => because(Act::TerritoryResumed),
        Step::Paper(length) => entered("paper", now, length.map(after)),
        Step::Withdraw => Act::EvidenceWithdrawn(EvidenceWithdrawn {
            territory: vn(),
            name: "paper".into(),
            reason: sealed("r"),
        }),
        Step::Licence(n, film, news, length) => {
            let kinds: Vec<Kind> = [(*film, Kind::Film), (*news, Kind::News)]
                .into_iter()
                .filter_map(|(with, kind)| with.then_some(kind))
                .collect();
            // What covers nothing is refused before it is a record.
            if kinds.is_empty() {
                return assert!(house.decide("op-1", licence("0", &kinds, now, None)).is_err());
            }
            licence(&n.to_string(), &kinds, now, Some(after(*length)))
        }
        Step::End(n) => Act::LicenceEnded(LicenceEnded {
            territory: vn(),
            grant: "grant".into(),
            number: n.to_string(),
            reason: sealed("r"),
        }),
        Step::Check(passed, length) => ran(Check::LabelsShown, *passed, after(*length)),
        Step::Drill(passed) => reported(*passed, &now.to_string()),
        Step::Risk(area, owner, length) => risk(Area::ALL[*area], &format!("p-{owner}"), after(*length)),
        Step::Sign(who) => {
            if house.state.dossier(vn()).is_some() {
                sign(house, &format!("p-{who}"));
            }
            return;
        }
        Step::Override(n, length) => {
            let until = length.map(after);
            Act::ItemOverridden(Overridden { territory: vn(), rule: rule(*n), reason: sealed("r"), until })
        }
        Step::EndOverride(n) => {
            Act::OverrideEnded(OfRule { territory: vn(), rule: rule(*n), reason: sealed("r") })
        }
        Step::Position(length) => {
            let from = pack().day(now);
            let until = Some(pack().day(after(*length)));
            let (rule, reading, basis) = ("vn.open.grant".into(), "not-asked".into(), sealed("b"));
            let position = Position { rule, reading, basis, from, until };
            Act::PositionTaken(PositionTaken { territory: vn(), position })
        }
        Step::Wait(n) => {
            house.now += days(*n);
            return;
        }
    };
    // What does not follow changes nothing.
    let _ = house.decide("op-1", act);
    // No two things happen at one instant.
    house.now += SignedDuration::from_secs(60);
}

fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_dossier_says_what_the_second_reading_says(steps in prop::collection::vec(step(), 1..45)) {
        let mut house = house();
        // Half of the houses have everything, so that opening is no accident.
        if steps.len() % 2 == 0 {
            house = ready();
            house.now += SignedDuration::from_secs(60);
        }
        for step in &steps {
            take(&mut house, step);
            let said = tidy(&Reference(&house).says(house.now));
            prop_assert_eq!(stands(&house, house.now), said, "after {:?}", step);
        }
        // Looking ahead: nothing changes but at the instants that are told.
        let mut at = house.now;
        for _ in 0..12 {
            let next = house.state.next_change_in(pack(), at);
            let end = next.unwrap_or(at + days(400));
            let before = end - SignedDuration::from_micros(1);
            prop_assert_eq!(stands(&house, at), stands(&house, before));
            prop_assert_eq!(stands(&house, end), tidy(&Reference(&house).says(end)));
            at = end;
        }
        house.check_refold();
    }

    #[test]
    fn nothing_opens_a_territory_that_lacks_something_nobody_answers_for(
        steps in prop::collection::vec(step(), 1..45), gone in 0usize..5
    ) {
        let mut house = house();
        let gone_step = |step: &Step| match (ITEMS[gone], step) {
            ("paper", Step::Paper(_)) | ("grant", Step::Licence(..) | Step::Position(_)) => true,
            ("shown", Step::Check(..)) | ("drill", Step::Drill(_)) | ("risk", Step::Sign(_)) => true,
            (_, Step::Override(n, _)) => *n == gone,
            // To be asked for anew is a beginning of its own, and has its grace.
            (_, Step::Declare(_)) => true,
            _ => false,
        };
        house.decide("op-1", declared(&[Kind::Film])).unwrap();
        for step in steps.iter().filter(|step| !gone_step(step)) {
            take(&mut house, step);
            prop_assert!(!house.state.openness(pack(), house.now).is_open());
        }
    }
}
