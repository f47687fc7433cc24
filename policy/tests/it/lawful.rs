//! The gate where a territory's law and the contracts are asked, concern by concern.

use expect_test::expect;
use jiff::civil::{Date, date};
use policy::avail::consent::Edit;
use policy::avail::{Avail, AvailId, Expiry, Heard};
use policy::gate::{Entitlement, LONGEST_SESSION, Obligation, Paid, Parent, Way};
use policy::label::Watcher;
use policy::pack::duty::{Change, Kind};
use policy::rating::{CompositionChanged, Given, LabelDecided, LabelOfRegulator, Notified, TitlesNotified};
use policy::readiness::{Declared, Licence, Opened, Overridden, Reasoned};
use policy::refusal::Rule;
use policy::state::Stands;
use policy::{Act, Answer, Device, Pass, Question, Refusal, Viewer, Who, decide, explain};

use super::house::{House, instant, sealed, territory};

/// An open window whose contract says this about the house's own acts.
pub fn dealing(says: &str) -> String {
    OPEN.replace(r#""licence":"SVOD""#, &format!(r#""licence":"SVOD","dealing":{{{says}}}"#))
}

pub const OPEN: &str =
    r#"{"territories":{"only":["KR","VN"]},"start":"2026-01-01T00:00:00","end":"open","licence":"SVOD"}"#;

/// Somebody who may see all that anybody may.
pub fn grown_up() -> Viewer {
    let watcher = Watcher { born: Some(date(1980, 5, 17)), with_guardian: false };
    let device = Device::FULL;
    Viewer { watcher, device, paid: Paid::NotAsked, pin: true, age_shown: true, ..Viewer::default() }
}

impl House {
    /// Declares and opens a territory; whatever is missing is overridden, but for the licence to rate.
    pub fn open_territory(&mut self, code: &str, grant: &str) {
        let territory = territory(code);
        let kinds = vec![Kind::Film];
        self.decide("op-1", Act::TerritoryDeclared(Declared { territory, domestic: true, kinds })).unwrap();
        let pack = self.packs.get(territory).unwrap();
        let items = self.state.readiness(pack, self.now).into_iter();
        let lacking = items.filter(|item| item.mandatory && matches!(item.stands, Stands::Missing { .. }));
        for rule in lacking.map(|item| item.rule).collect::<Vec<_>>() {
            let act = Overridden { territory, rule, reason: sealed("a test"), until: None };
            self.decide("lawyer-1", Act::ItemOverridden(act)).unwrap();
        }
        let licence = Licence {
            territory,
            grant: grant.into(),
            number: "1".into(),
            authority: "A".into(),
            kinds: vec![Kind::Film],
            from: self.now,
            until: None,
            document: sealed("licence"),
        };
        self.decide("op-1", Act::LicenceEntered(Box::new(licence))).unwrap();
        self.decide("op-1", Act::TerritoryOpened(Opened { territory })).unwrap();
    }

    pub fn license(&mut self, title: &str, windows: &[&str]) {
        let avail = Avail {
            id: AvailId::new("L", &format!("a-{title}")),
            names: vec![title.into()],
            parents: Vec::new(),
            bundle: Vec::new(),
            windows: windows.iter().map(|json| serde_json::from_str(json).unwrap()).collect(),
        };
        self.decide("op-1", Act::AvailsEntered { document: None, avails: vec![avail] }).unwrap();
    }

    pub fn given(&self, code: &str, title: &str, label: &str, descriptors: &[&str]) -> Given {
        Given {
            title: title.into(),
            territory: territory(code),
            composition: self.whole(title).digest(),
            label: label.into(),
            descriptors: descriptors.iter().map(|code| code.to_string()).collect(),
        }
    }

    /// The house's own label of the whole of a title, by software.
    pub fn rate(&mut self, code: &str, title: &str, label: &str, descriptors: &[&str]) {
        let act = LabelDecided {
            given: self.given(code, title, label, descriptors),
            work: Kind::Film,
            how: "software".into(),
            without: Vec::new(),
            shows: Vec::new(),
            reason: None,
        };
        self.decide("rater-1", Act::LabelDecided(act)).unwrap();
    }

    pub fn overrule(&mut self, code: &str, title: &str, label: &str, number: &str, date: Date) {
        let act = LabelOfRegulator {
            given: self.given(code, title, label, &[]),
            work: Kind::Film,
            authority: "Cục Điện ảnh".into(),
            number: number.into(),
            date,
            letter: None,
        };
        self.decide("op-1", Act::LabelOfRegulator(act)).unwrap();
    }

    pub fn notify(&mut self, code: &str, to: &str, title: &str, label: &str) {
        let line =
            Notified { title: title.into(), composition: self.whole(title).digest(), label: label.into() };
        let act = TitlesNotified {
            territory: territory(code),
            to: to.into(),
            sent: self.now,
            list: sealed("list"),
            receipt: None,
            titles: vec![line],
        };
        self.decide("op-1", Act::TitlesNotified(act)).unwrap();
    }

    pub fn asks<T>(&self, code: &str, title: &str, viewer: &Viewer, ask: impl Fn(&Question) -> T) -> T {
        let whole = self.whole(title);
        let films = [self.films[title].0.clone()];
        ask(&Question {
            territory: Some(territory(code)),
            title,
            composition: Some(&whole),
            made_from: None,
            films: &films,
            now: self.now,
            who: Who::Viewer,
            viewer: Some(viewer),
        })
    }

    pub fn answer(&self, code: &str, title: &str, viewer: &Viewer) -> Answer {
        self.asks(code, title, viewer, |question| decide(&self.state, &self.packs, question))
    }

    fn pass(&self, viewer: &Viewer) -> Pass {
        match self.answer("VN", "film", viewer) {
            Answer::Pass(pass) => pass,
            Answer::Refused(refusals) => panic!("{}", said(&refusals)),
        }
    }

    fn rules(&self, viewer: &Viewer) -> Vec<Rule> {
        match self.answer("VN", "film", viewer) {
            Answer::Pass(_) => Vec::new(),
            Answer::Refused(refusals) => refusals.iter().map(|refusal| refusal.rule).collect(),
        }
    }

    fn refusals(&self, viewer: &Viewer) -> Vec<Refusal> {
        match self.answer("VN", "film", viewer) {
            Answer::Pass(_) => panic!("a pass"),
            Answer::Refused(refusals) => refusals,
        }
    }
}

pub fn said(refusals: &[Refusal]) -> String {
    let line = |r: &Refusal| format!("{:?}: {} {}\n", r.rule, r.says().en, r.change().en);
    refusals.iter().map(line).collect()
}

/// A film that a grown-up may see in Vietnam, labelled T16 for violence.
pub fn house() -> House {
    let mut house = House::new("2026-07-10 12:00").film("film", 60);
    house.open_territory("VN", "self-rating-recognition");
    house.license("film", &[OPEN]);
    house.rate("VN", "film", "T16", &["violence"]);
    house.notify("VN", "MCST", "film", "T16");
    house
}

fn born(year: i16, month: i8, day: i8) -> Viewer {
    let watcher = Watcher { born: Some(date(year, month, day)), with_guardian: false };
    Viewer { watcher, ..grown_up() }
}

#[test]
fn a_pass_says_what_must_be_shown_when_and_where() {
    let house = house();
    let pass = house.pass(&grown_up());
    assert_eq!(pass.label(), Some("T16"));
    assert_eq!(pass.composition(), house.whole("film").digest());
    let ways: Vec<String> = pass
        .obligations()
        .iter()
        .map(|obligation| match obligation {
            Obligation::Show { rule, way } => format!("{} {way:?}", rule.id),
            Obligation::Company => "company".into(),
        })
        .collect();
    expect![[r#"
        [
            "vn.display.catalogue Catalogue",
            "vn.display.symbol Overlay",
            "vn.display.warning-before Card",
            "vn.display.warning-during Overlay",
        ]
    "#]]
    .assert_debug_eq(&ways);
    let showings = pass.showings(3_600_000).unwrap();
    let spans = |at: usize| showings[at].spans.iter().map(|s| (s.from, s.to)).collect::<Vec<_>>();
    assert_eq!(spans(1), [(0, 3_600_000)]);
    assert_eq!(spans(3), [(0, 3000), (1_200_000, 1_203_000), (2_400_000, 2_403_000)]);
    assert_eq!(showings[2].before, 3000);
    assert_eq!(showings[2].text["vi"], "Cảnh báo: bạo lực");
}

#[test]
fn all_reasons_come_at_once_each_with_its_law() {
    let mut house = House::new("2026-07-10 12:00").film("film", 60);
    house
        .decide(
            "op-1",
            Act::TerritoryDeclared(Declared {
                territory: territory("VN"),
                domestic: true,
                kinds: vec![Kind::Film],
            }),
        )
        .unwrap();
    house.place(
        r#"{"authority": "Cục Điện ảnh", "number": "12", "date": "2026-07-10", "legal_basis": "Law on Cinema, Article 9",
            "territories": ["VN"], "work": {"title": "film"}, "scope": "whole", "operation": "withdraw"}"#,
    );
    let refusals = house.refusals(&Viewer::default());
    let rules: Vec<String> = refusals
        .iter()
        .map(|r| {
            let basis = r.basis();
            let rule = basis.as_ref().and_then(|b| b.rule.as_deref()).unwrap_or("-");
            format!("{:?} {rule} ({})", r.rule, basis.as_ref().map_or("no law", |b| b.law.as_str()))
        })
        .collect();
    expect![[r#"
        [
            "NotOpened - (no law)",
            "Closed vn.open.establishment (Law on Cinema 05/2022/QH15, Article 21(1))",
            "Closed vn.open.rating (Law on Cinema 05/2022/QH15, Article 21(2)(b); Decree 131/2022/ND-CP, Article 12)",
            "Closed vn.open.rating-mechanism (Decree 131/2022/ND-CP, Article 12(1)(a))",
            "Closed vn.open.rating-changes (Decree 131/2022/ND-CP, Article 12(1)(b))",
            "Closed vn.open.removal-plan (Decree 131/2022/ND-CP, Article 12(1)(c))",
            "Closed vn.open.contact (Decree 131/2022/ND-CP, Article 15(1))",
            "Closed vn.open.notified (Law on Cinema 05/2022/QH15, Article 21(2)(c))",
            "Closed vn.open.rated (Law on Cinema 05/2022/QH15, Article 18(2))",
            "Closed vn.open.shown (Law on Cinema 05/2022/QH15, Article 18(2); Circular 05/2023/TT-BVHTTDL, Article 4)",
            "Closed vn.open.parents (Law on Cinema 05/2022/QH15, Article 21(2)(d))",
            "Closed vn.open.report (Law on Cinema 05/2022/QH15, Article 21(2)(d))",
            "Closed vn.open.vod-licence-film (Decree 06/2016/ND-CP as amended by Decree 71/2022/ND-CP)",
            "Closed vn.open.store (Decree 53/2022/ND-CP, Article 26; from 1 July 2026 Law on Cybersecurity 116/2025/QH15, Article 25(3))",
            "Closed vn.open.data-impact (Law on Personal Data Protection 91/2025/QH15; Decree 356/2025/ND-CP)",
            "Closed vn.open.data-officer (Law on Personal Data Protection 91/2025/QH15; Decree 356/2025/ND-CP)",
            "Closed vn.open.risk (None known: a measure of the house)",
            "Closed vn.open.drill (None known: a measure of the house)",
            "Withdrawn - (Law on Cinema, Article 9)",
            "NotLicensed - (no law)",
            "Unrated vn.rating.film (Law on Cinema 05/2022/QH15, Articles 21(2)(b) and 27; Decree 131/2022/ND-CP, Article 12)",
        ]
    "#]].assert_debug_eq(&rules);
    for refusal in &refusals {
        for words in [refusal.says(), refusal.change()] {
            for text in [&words.vi, &words.ko, &words.en] {
                assert!(!text.is_empty() && !text.contains('{'), "{text}");
            }
        }
    }
}

#[test]
fn a_territory_closes_and_is_suspended() {
    let mut house = house();
    let reasoned = |reason: &str| Reasoned { territory: territory("VN"), reason: sealed(reason) };
    house.decide("op-1", Act::TerritorySuspended(reasoned("a letter"))).unwrap();
    let refusals = house.refusals(&grown_up());
    expect![[r#"
        Suspended: The service in VN is suspended since 2026-07-10 12:00 (Asia/Ho_Chi_Minh). It plays once the operator resumes the service.
    "#]]
        .assert_eq(&said(&refusals));
    assert!(refusals[0].rule.is_legal());
    house.decide("op-1", Act::TerritoryResumed(reasoned("settled"))).unwrap();
    assert_eq!(house.rules(&grown_up()), []);
    house.decide("op-1", Act::TerritoryClosed(reasoned("we leave"))).unwrap();
    assert_eq!(house.rules(&grown_up()), [Rule::NotOpened]);
    // Korea was never declared.
    assert!(matches!(house.answer("KR", "film", &Viewer::default()), Answer::Refused(_)));
}

#[test]
fn works_of_a_kind_that_was_not_declared_do_not_play() {
    let mut house = house();
    let kinds = vec![Kind::News];
    let declared = Declared { territory: territory("VN"), domestic: true, kinds };
    house.decide("op-1", Act::TerritoryDeclared(declared)).unwrap();
    assert!(house.rules(&grown_up()).contains(&Rule::OtherKind));
}

#[test]
fn a_banned_title_never_plays_whatever_the_age() {
    let mut house = house();
    house.overrule("VN", "film", "C", "7", date(2026, 7, 12));
    // The regulator's word counts from its date on, and the pass ends there.
    assert_eq!(house.pass(&grown_up()).expires(), Some(instant("2026-07-12 00:00")));
    house.now = instant("2026-07-12 00:00");
    let old = born(1900, 1, 1);
    for viewer in [grown_up(), old, Viewer::default()] {
        assert!(house.rules(&viewer).contains(&Rule::Banned));
    }
}

#[test]
fn an_edit_makes_the_label_stale_until_the_version_is_rated_again() {
    let mut house = house();
    let whole = house.whole("film");
    let source = house.films["film"].0.source;
    let cut =
        composition::evaluate(&whole, &[composition::Edit::Cut { source, from: 100, to: 200 }]).unwrap();
    let changed = CompositionChanged {
        title: "film".into(),
        composition: cut.digest(),
        from: whole.digest(),
        changes: vec![Change::Cut],
    };
    house.decide("op-1", Act::CompositionChanged(changed)).unwrap();
    let viewer = grown_up();
    let ask = |house: &House| {
        house.asks("VN", "film", &viewer, |question| {
            match decide(
                &house.state,
                &house.packs,
                &Question { composition: Some(&cut), ..question.clone() },
            ) {
                Answer::Pass(_) => Vec::new(),
                Answer::Refused(refusals) => refusals,
            }
        })
    };
    let refusals = ask(&house);
    expect![[r#"
        EditNotLicensed: The contract does not allow an edited version of “film” in VN. It plays once the licensor allows it, or nothing has to be edited.
        StaleLabel: The label of “film” no longer counts for this version: cut, 2026-07-10T05:00:00Z. Basis: Law on Cinema 05/2022/QH15, Articles 21(2)(b), 21(2)(c) and 27(4). It plays once this version is rated again.
    "#]].assert_eq(&said(&refusals));
    // The contract is silent about edits of the house's own; with notice they are allowed.
    house.license("film", &[&dealing(r#""may_edit":"with-notice""#)]);
    house.notify_licensor("film", Edit::Composition(cut.digest()), "2026-07-10 11:00").unwrap();
    assert_eq!(ask(&house).iter().map(|r| r.rule).collect::<Vec<_>>(), [Rule::StaleLabel]);
}

#[test]
fn what_an_order_holds_back_needs_a_contract_that_lets_it() {
    let mut house = house();
    house.place(
        r#"{"authority": "A", "number": "1", "date": "2026-07-10", "legal_basis": "B", "territories": ["VN"],
            "work": {"title": "film"}, "scope": "00:10", "operation": "cut"}"#,
    );
    assert_eq!(house.rules(&grown_up()), [Rule::EditNotLicensed]);
    let on_order =
        OPEN.replace(r#""licence":"SVOD""#, r#""licence":"SVOD","dealing":{"may_edit":"on-order"}"#);
    house.license("film", &[&on_order]);
    assert!(!house.pass(&grown_up()).held().is_empty());
}

#[test]
fn windows_open_and_shut_to_the_instant() {
    let mut house = house();
    let window = |more: &str| {
        format!(
            r#"{{"territories":{{"only":["VN"]}},"start":"2026-07-11T00:00:00","end":"2026-07-12T00:00:00","licence":"SVOD"{more}}}"#
        )
    };
    house.license("film", &[&window("")]);
    let refusals = house.refusals(&grown_up());
    assert_eq!(refusals[0].until, Some(instant("2026-07-11 00:00")));
    expect![
        "NotYetLicensed: The window of “film” in VN is not open yet. It plays from 2026-07-11 00:00 (Asia/Ho_Chi_Minh).\n"
    ]
    .assert_eq(&said(&refusals));
    house.now = instant("2026-07-11 00:00");
    let pass = house.pass(&grown_up());
    assert_eq!(pass.expires(), Some(instant("2026-07-12 00:00")));
    assert_eq!(pass.at_end(), Some((instant("2026-07-12 00:00"), Expiry::Stop)));
    let began = Viewer { began: Some(instant("2026-07-11 23:00")), ..grown_up() };
    house.now = instant("2026-07-12 00:00");
    assert_eq!(house.rules(&began), [Rule::LicenceOver]);
    // Another contract lets whoever began see it to the end, but not for ever, and nobody else.
    house.license("film", &[&window(r#","dealing":{"expiry":"finish"}"#)]);
    let pass = house.pass(&began);
    assert_eq!(pass.at_end().map(|(_, expiry)| expiry), Some(Expiry::Finish));
    assert_eq!(pass.expires(), Some(instant("2026-07-11 23:00") + LONGEST_SESSION));
    assert_eq!(house.rules(&grown_up()), [Rule::LicenceOver]);
    let before = Viewer { began: Some(instant("2026-07-10 23:00")), ..grown_up() };
    assert_eq!(house.rules(&before), [Rule::LicenceOver]);
    let ahead = Viewer { began: Some(instant("2026-07-12 01:00")), ..grown_up() };
    assert_eq!(house.rules(&ahead), [Rule::LicenceOver]);
    house.now = instant("2026-07-11 23:00") + LONGEST_SESSION;
    assert_eq!(house.rules(&began), [Rule::LicenceOver]);
}

#[test]
fn what_is_paid_for_and_heard_must_be_licensed() {
    let mut house = house();
    let window = |licence: &str, more: &str| {
        format!(
            r#"{{"territories":{{"only":["VN"]}},"start":"2026-01-01T00:00:00","end":"open","licence":"{licence}"{more}}}"#
        )
    };
    let dubbed = r#","languages":{"allowed":[{"language":"vi"}],"held_back":[{"language":"vi-Latn","heard":"audio"}]}"#;
    house.license("film", &[&window("SVOD", dubbed), &window("EST", "")]);
    let holds = |licence: &str, title: Option<&str>| Entitlement {
        licence: licence.into(),
        title: title.map(String::from),
        until: Some(instant("2026-07-20 00:00")),
    };
    let with = |held: Vec<Entitlement>, sound: &str| Viewer {
        paid: Paid::Holds(held),
        sound: Some(sound.into()),
        ..grown_up()
    };
    assert_eq!(house.rules(&with(vec![], "vi")), [Rule::NotPaid]);
    assert_eq!(house.rules(&with(vec![holds("SVOD", None)], "ko")), [Rule::LanguageNotLicensed]);
    assert_eq!(house.rules(&with(vec![holds("SVOD", None)], "vi-Latn")), [Rule::LanguageNotLicensed]);
    assert_eq!(house.rules(&with(vec![holds("EST", Some("other"))], "ko")), [Rule::NotPaid]);
    assert_eq!(house.rules(&with(vec![holds("EST", Some("film"))], "ko")), []);
    let subscribed = house.pass(&Viewer { sound: None, ..with(vec![holds("SVOD", None)], "") });
    let barred =
        |language: &str, heard: Heard| subscribed.language(language, heard).map(|refusal| refusal.rule);
    assert_eq!(barred("ko", Heard::Subtitle), Some(Rule::LanguageNotLicensed));
    assert_eq!(barred("vi-Latn", Heard::Audio), Some(Rule::LanguageNotLicensed));
    assert_eq!((barred("vi", Heard::Audio), barred("vi-Latn", Heard::Subtitle)), (None, None));
    let pass = house.pass(&with(vec![holds("SVOD", None), holds("EST", None)], "vi-VN"));
    assert_eq!(pass.leaves().count(), 2);
    assert_eq!(pass.language("ko", Heard::Audio), None);
    assert_eq!(pass.expires(), Some(instant("2026-07-20 00:00")));
}

#[test]
fn ages_locks_and_devices() {
    let house = house();
    let turns_16 = born(2010, 7, 11);
    let refusals = house.refusals(&turns_16);
    assert_eq!(refusals[0].until, Some(instant("2026-07-11 00:00")));
    assert_eq!(house.rules(&turns_16), [Rule::TooYoung]);
    assert_eq!(house.rules(&born(2010, 7, 10)), []);
    let unknown = Viewer { watcher: Watcher::default(), ..grown_up() };
    assert_eq!(house.rules(&unknown), [Rule::AgeUnknown]);
    let kept = |parent: Parent| house.rules(&Viewer { parent, ..grown_up() });
    assert_eq!(kept(Parent { up_to: Some(15), ..Parent::default() }), [Rule::Locked]);
    assert_eq!(kept(Parent { up_to: Some(16), ..Parent::default() }), []);
    assert_eq!(kept(Parent { hidden: ["film".to_string()].into(), ..Parent::default() }), [Rule::Locked]);
    let on = |device: Device| house.rules(&Viewer { device, ..grown_up() });
    assert_eq!(on(Device { parental_control: false, ..Device::FULL }), [Rule::NeedsParentalControl]);
    assert_eq!(on(Device { overlay: false, forced_text: false, ..Device::FULL }), [Rule::CannotShow; 2]);
    assert_eq!(on(Device { overlay: false, ..Device::FULL }), []);
    assert_eq!(on(Device { overlay: false, forced_text: false, burnt_in: true, ..Device::FULL }), []);
    assert_eq!(on(Device { catalogue: false, burnt_in: true, ..Device::FULL }), [Rule::CannotShow]);
    let pass = house.pass(&Viewer { device: Device { overlay: false, ..Device::FULL }, ..grown_up() });
    assert!(pass.obligations().iter().any(|o| matches!(o, Obligation::Show { way: Way::ForcedText, .. })));
    // What is in the pictures needs nothing of the player; the page on which a viewer chooses has none.
    let pictures = Device { catalogue: true, parental_control: true, burnt_in: true, ..Device::default() };
    let ways = house.pass(&Viewer { device: pictures, ..grown_up() }).obligations().into_iter();
    let ways = ways.filter_map(|o| if let Obligation::Show { way, .. } = o { Some(way) } else { None });
    assert_eq!(ways.collect::<Vec<_>>(), [Way::Catalogue, Way::BurntIn, Way::BurntIn, Way::BurntIn]);
}

#[test]
fn a_child_watches_in_company_until_it_is_old_enough() {
    let mut house = house();
    house.rate("VN", "film", "K", &[]);
    house.notify("VN", "MCST", "film", "K");
    let child = born(2014, 8, 1);
    let refusals = house.refusals(&child);
    assert_eq!(refusals[0].rule, Rule::TooYoung);
    assert!(refusals[0].change().en.ends_with("Or together with a parent or guardian."), "{:?}", refusals[0]);
    let accompanied = Viewer { watcher: Watcher { with_guardian: true, ..child.watcher }, ..child };
    let pass = house.pass(&accompanied);
    assert!(pass.obligations().contains(&Obligation::Company));
    // The company is not asked from the thirteenth birthday on.
    assert_eq!(pass.expires(), Some(instant("2027-08-01 00:00")));
    house.now = instant("2027-08-01 00:00");
    assert!(!house.pass(&accompanied).obligations().contains(&Obligation::Company));
}

#[test]
fn korean_labels_are_shown_by_what_draws_a_box_of_a_size() {
    let mut house = House::new("2026-07-10 12:00").film("film", 60);
    house.open_territory("KR", "ott-designation");
    house.license("film", &[OPEN]);
    house.overrule("KR", "film", "15", "2026-1", date(2026, 7, 1));
    let on = |device: Device| match house.answer("KR", "film", &Viewer { device, ..grown_up() }) {
        Answer::Pass(_) => Vec::new(),
        Answer::Refused(refusals) => refusals.iter().map(|refusal| refusal.rule).collect(),
    };
    assert_eq!(on(Device::FULL), []);
    assert_eq!(on(Device { overlay: false, ..Device::FULL }), [Rule::CannotShow]);
    assert_eq!(on(Device { overlay: false, burnt_in: true, ..Device::FULL }), []);
}

#[test]
fn an_explanation_tells_every_rule_that_was_asked() {
    let mut house = house();
    house.place(
        r#"{"authority": "A", "number": "1", "date": "2026-07-10", "legal_basis": "B", "territories": ["VN"],
            "work": {"title": "film"}, "scope": "whole", "operation": "withdraw", "start": "2026-08-01 00:00"}"#,
    );
    let viewer = Viewer { paid: Paid::Holds(Vec::new()), ..born(2012, 1, 1) };
    let (answer, steps) =
        house.asks("VN", "film", &viewer, |question| explain(&house.state, &house.packs, question));
    assert_eq!(answer, house.answer("VN", "film", &viewer));
    let lines: Vec<String> = steps
        .iter()
        .map(|step| {
            format!(
                "{} {:?} {:?}: {}",
                if step.allows { "+" } else { "-" },
                step.concern,
                step.from,
                step.says
            )
        })
        .collect();
    expect![[r#"
        [
            "+ Territory Record(\"VN\"): open since 2026-07-10T05:00:00Z; lawyer-1 answers for vn.open.establishment, vn.open.rating-mechanism, vn.open.rating-changes, vn.open.removal-plan, vn.open.contact, vn.open.notified, vn.open.rated, vn.open.shown, vn.open.parents, vn.open.report, vn.open.vod-licence-film, vn.open.store, vn.open.data-impact, vn.open.data-officer, vn.open.risk, vn.open.drill",
            "+ Order Record(\"A 1\"): does not bind now",
            "+ Window Record(\"a-film of L\"): SVOD is open from 2025-12-31T17:00:00Z",
            "+ Label Pack { rule: \"vn.label.t16\", law: \"Law on Cinema 05/2022/QH15, Article 32; Circular 05/2023/TT-BVHTTDL, Article 2\" }: T16 of the house, by rater-1 (software); admits from 16 on",
            "- Payment Viewer: SVOD",
            "- Age Pack { rule: \"vn.label.t16\", law: \"Law on Cinema 05/2022/QH15, Article 32; Circular 05/2023/TT-BVHTTDL, Article 2\" }: TooYoung { from: Some(2028-01-01), guardian_helps: false }",
            "+ Lock Pack { rule: \"vn.lock.parents\", law: \"Law on Cinema 05/2022/QH15, Article 21(2)(d); Decree 131/2022/ND-CP, Article 14 (its number from memory)\" }: ParentalControl",
            "+ Lock Viewer: what a parent locked",
            "+ Device Pack { rule: \"vn.display.catalogue\", law: \"Circular 05/2023/TT-BVHTTDL, Article 4\" }: is shown as Catalogue",
            "+ Device Pack { rule: \"vn.display.symbol\", law: \"Circular 05/2023/TT-BVHTTDL, Article 4\" }: is shown as Overlay",
            "+ Device Pack { rule: \"vn.display.warning-before\", law: \"Circular 05/2023/TT-BVHTTDL, Article 4\" }: is shown as Card",
            "+ Device Pack { rule: \"vn.display.warning-during\", law: \"Circular 05/2023/TT-BVHTTDL, Article 4\" }: is shown as Overlay",
        ]
    "#]].assert_debug_eq(&lines);
}

#[test]
fn the_desk_sees_what_is_not_rated_yet_and_a_bearer_is_asked_for_no_age() {
    let house = house();
    let as_who = |who: Who| {
        house.asks("VN", "film", &Viewer::default(), |question| {
            matches!(
                decide(&house.state, &house.packs, &Question { who: who.clone(), ..question.clone() }),
                Answer::Pass(_)
            )
        })
    };
    assert!(!as_who(Who::Viewer));
    assert!(as_who(Who::Bearer));
    let unrated = House::new("2026-07-10 12:00").film("film", 60);
    assert!(matches!(unrated.ask("VN", "film", &unrated.whole("film"), Who::Desk), Answer::Pass(_)));
}
