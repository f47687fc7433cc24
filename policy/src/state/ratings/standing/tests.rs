use expect_test::expect;
use serde_json::json;

use super::*;
use crate::criteria::Strength;
use crate::label::{Admission, Watcher};
use crate::pack::{Packs, Position};
use crate::state::ratings::tests::{Desk, digest, given, mark, rules};

/// What holds for a composition in a word: the label and what is left to do, or why there is none.
fn said(desk: &Desk, rules: &Rules, composition: &str) -> String {
    match desk.state.ratings().standing(rules, "flight", &digest(composition)) {
        Rated::Not(why) => {
            let words = why.words();
            assert!(!words.vi.is_empty() && !words.ko.is_empty() && words.en.ends_with('.'));
            serde_json::to_string(&why).unwrap()
        }
        Rated::Label(labelled) => {
            let by = match labelled.by {
                By::House { by, grant, .. } => format!("{} with {}", by.id(), grant.unwrap_or("nothing")),
                By::Regulator { authority, number, .. } => format!("{authority} {number}"),
            };
            let untold: Vec<&str> = labelled.untold.iter().map(|untold| untold.rule.as_str()).collect();
            let because: Vec<&str> = labelled.because.iter().map(|because| because.rule.as_str()).collect();
            let of = labelled.composition == digest(composition);
            let own = if of { "" } else { ", carried" };
            format!("{} by {by}{own}; untold {untold:?}; because {because:?}", labelled.label.code)
        }
    }
}

#[test]
fn a_label_of_the_house_holds_where_the_pack_lets_it_rate() {
    let mut desk = Desk::new();
    expect![[r#"{"why":"never"}"#]].assert_eq(&said(&desk, &rules("VN"), "c"));
    desk.decided(given("VN", "c", "T16"), "software").unwrap();
    desk.decided(given("KR", "c", "15+"), "software").unwrap();
    expect![[r#"T16 by an with self-rating-recognition; untold ["vn.notify.film"]; because []"#]]
        .assert_eq(&said(&desk, &rules("VN"), "c"));
    expect![[r#"15 by an with self-classification-designation; untold ["kr.notify.rating"]; because []"#]]
        .assert_eq(&said(&desk, &rules("KR"), "c"));
    // Of another composition nothing is known.
    expect![[r#"{"why":"never"}"#]].assert_eq(&said(&desk, &rules("VN"), "d"));
    desk.told("c", "T16");
    expect!["T16 by an with self-rating-recognition; untold []; because []"].assert_eq(&said(
        &desk,
        &rules("VN"),
        "c",
    ));
    // A list of another label does not tell of this one.
    desk.decided(given("VN", "c", "T18"), "software").unwrap();
    expect![[r#"T18 by an with self-rating-recognition; untold ["vn.notify.film"]; because []"#]]
        .assert_eq(&said(&desk, &rules("VN"), "c"));
}

#[test]
fn what_the_house_may_not_give_does_not_count() {
    let mut desk = Desk::new();
    let mut decide = |place: &str, label: &str, how: &str| {
        desk.decided(given(place, "c", label), how).unwrap();
        said(&desk, &rules(place), "c")
    };
    expect![[r#"{"why":"needs-regulator","barred":{"barred":"kind","work":"film"},"by":null,"rule":null}"#]]
        .assert_eq(&decide("SG", "PG", "software"));
    expect![[r#"{"why":"needs-regulator","barred":{"barred":"label","label":"제한상영가"},"by":"KMRB","rule":"kr.rating.self"}"#]].assert_eq(&decide("KR", "제한상영가", "software"));
    expect![[r#"{"why":"needs-regulator","barred":{"barred":"how","how":"a feeling"},"by":"MCST","rule":"vn.rating.film"}"#]].assert_eq(&decide("VN", "T16", "a feeling"));
    expect![[r#"{"why":"unknown-label","label":"C18"}"#]].assert_eq(&decide("VN", "C18", "software"));
    let mut desk = Desk::new();
    let decided = json!({"given": given("KR", "c", "12"), "work": "news", "how": "software"});
    desk.say("an", "label-decided", decided).unwrap();
    expect![[r#"{"why":"needs-regulator","barred":{"barred":"kind","work":"news"},"by":null,"rule":null}"#]]
        .assert_eq(&said(&desk, &rules("KR"), "c"));
    let mut with = given("VN", "c", "T16");
    with["descriptors"] = json!(["violence", "politics"]);
    desk.decided(with, "software").unwrap();
    expect![[r#"{"why":"unknown-descriptor","descriptor":"politics"}"#]].assert_eq(&said(
        &desk,
        &rules("VN"),
        "c",
    ));
}

#[test]
fn what_is_marked_asks_for_a_label() {
    let mut desk = Desk::new();
    desk.mark(&[mark("violence", "medium", &[]), mark("horror", "mild", &["reassuring"])]);
    desk.decided(given("VN", "c", "T13"), "software").unwrap();
    expect![[r#"{"why":"too-low","label":"T13","lowest":"T16","because":{"descriptor":"violence","label":"T16","mark":"fa023d8bb7059c84","scene":{"source":"d0607f7ad2628b2af9158dfba06ce87166e66b15bf68f8f358f9aa27ccb7c321","from":24,"to":48},"rule":"vn.criteria.violence"}}"#]].assert_eq(&said(&desk, &rules("VN"), "c"));
    desk.decided(given("VN", "c", "T16"), "software").unwrap();
    expect![[r#"T16 by an with self-rating-recognition; untold ["vn.notify.film"]; because ["vn.criteria.violence", "vn.criteria.horror"]"#]].assert_eq(&said(&desk, &rules("VN"), "c"));
    // A mark that is made later counts too, until somebody decides again.
    desk.mark(&[mark("violence", "strong", &["frequent"])]);
    expect![[r#"{"why":"too-low","label":"T16","lowest":"C","because":{"descriptor":"violence","label":"C","mark":"947bf04c30ca2224","scene":{"source":"d0607f7ad2628b2af9158dfba06ce87166e66b15bf68f8f358f9aa27ccb7c321","from":24,"to":48},"rule":"vn.criteria.violence"}}"#]].assert_eq(&said(&desk, &rules("VN"), "c"));
    // A composition that no longer shows the scene says so.
    let marks = desk.state.ratings().title("flight").unwrap().marks();
    let strong = marks.iter().find(|m| m.marked.mark.strength == Strength::Strong).unwrap().id.clone();
    let without =
        json!({"given": given("VN", "c", "T16"), "work": "film", "how": "software", "without": [strong]});
    desk.say("an", "label-decided", without).unwrap();
    expect![[r#"T16 by an with self-rating-recognition; untold ["vn.notify.film"]; because ["vn.criteria.violence", "vn.criteria.horror"]"#]].assert_eq(&said(&desk, &rules("VN"), "c"));
    // Korea's pack has no criteria, so a person decides.
    desk.decided(given("KR", "c", "12"), "council").unwrap_err();
    desk.decided(given("KR", "c", "12"), "software").unwrap();
    expect![[r#"12 by an with self-classification-designation; untold ["kr.notify.rating"]; because []"#]]
        .assert_eq(&said(&desk, &rules("KR"), "c"));
}

#[test]
fn marks_count_where_they_are_about_and_with_every_film_that_is_shown() {
    let mut desk = Desk::new();
    desk.decided(given("VN", "c", "P"), "software").unwrap();
    let strong = mark("violence", "strong", &[]);
    let scenes = |title: &str, place: Option<&str>, mark: &serde_json::Value| json!({"title": title, "territory": place, "marks": [mark]});
    desk.say("an", "scenes-marked", scenes("flight", Some("KR"), &strong)).unwrap();
    desk.say("an", "scenes-marked", scenes("flight", None, &mark("gambling", "strong", &[]))).unwrap();
    desk.say("an", "scenes-marked", scenes("reel", None, &strong)).unwrap();
    assert!(said(&desk, &rules("VN"), "c").starts_with("P by an"));
    let shows = json!({"given": given("VN", "c", "P"), "work": "film", "how": "software", "shows": ["reel"]});
    desk.say("an", "label-decided", shows).unwrap();
    expect![[r#"{"why":"too-low","label":"P","lowest":"T18","because":{"descriptor":"violence","label":"T18","mark":"7bc041848edbbc3e","scene":{"source":"d0607f7ad2628b2af9158dfba06ce87166e66b15bf68f8f358f9aa27ccb7c321","from":24,"to":48},"rule":"vn.criteria.violence"}}"#]].assert_eq(&said(&desk, &rules("VN"), "c"));
}

#[test]
fn the_regulator_overrides_from_its_date_on() {
    let mut desk = Desk::new();
    desk.decided(given("VN", "c", "T13"), "software").unwrap();
    desk.regulator(given("VN", "c", "T18"), "1/GP", "2026-11-23").unwrap();
    assert!(said(&desk, &rules("VN"), "c").starts_with("T13 by an"));
    let packs = Packs::built_in().unwrap();
    let vn = packs.get(rules("VN").territory).unwrap();
    let tomorrow = vn.at("2026-11-23".parse().unwrap());
    expect![[r#"T18 by MCST 1/GP; untold ["vn.notify.film"]; because []"#]]
        .assert_eq(&said(&desk, &tomorrow, "c"));
    // A later decision of the house changes nothing of that.
    desk.decided(given("VN", "c", "T16"), "software").unwrap();
    assert!(said(&desk, &tomorrow, "c").starts_with("T18 by MCST"));
    // Of two the later date holds, in whatever order they were entered.
    desk.regulator(given("VN", "c", "C"), "3/GP", "2026-11-22").unwrap();
    assert!(said(&desk, &rules("VN"), "c").starts_with("C by MCST 3/GP"));
    assert!(said(&desk, &tomorrow, "c").starts_with("T18 by MCST 1/GP"));
    // When a certificate is revoked, the house's label does not come back by itself.
    desk.revoke("c", Some("1/GP")).unwrap();
    assert!(said(&desk, &tomorrow, "c").starts_with("C by MCST 3/GP"));
    desk.revoke("c", Some("3/GP")).unwrap();
    expect![[r#"{"why":"never"}"#]].assert_eq(&said(&desk, &tomorrow, "c"));
    desk.decided(given("VN", "c", "T16"), "software").unwrap();
    assert!(said(&desk, &tomorrow, "c").starts_with("T16 by an"));
    desk.revoke("c", None).unwrap();
    expect![[r#"{"why":"never"}"#]].assert_eq(&said(&desk, &tomorrow, "c"));
}

#[test]
fn an_edit_does_not_leave_a_ban_behind() {
    let mut desk = Desk::new();
    desk.regulator(given("VN", "c", "C"), "1/GP", "2026-01-03").unwrap();
    desk.changed("d", "c", &["cut"]);
    desk.decided(given("VN", "d", "T18"), "software").unwrap();
    expect![[r#"{"why":"needs-regulator","barred":{"barred":"overruled","label":"C","number":"1/GP"},"by":"MCST","rule":"vn.rating.film"}"#]].assert_eq(&said(&desk, &rules("VN"), "d"));
    desk.regulator(given("VN", "c", "T16"), "2/GP", "2026-01-04").unwrap();
    // Both stand: the earlier certificate was not revoked, and it is the stricter.
    assert!(said(&desk, &rules("VN"), "d").contains("overruled"));
    desk.revoke("c", Some("1/GP")).unwrap();
    desk.decided(given("VN", "d", "T13"), "software").unwrap();
    expect![[r#"{"why":"needs-regulator","barred":{"barred":"overruled","label":"T16","number":"2/GP"},"by":"MCST","rule":"vn.rating.film"}"#]].assert_eq(&said(&desk, &rules("VN"), "d"));
    desk.decided(given("VN", "d", "T18"), "software").unwrap();
    assert!(said(&desk, &rules("VN"), "d").starts_with("T18 by an"));
}

#[test]
fn an_edit_makes_papers_stale_where_the_pack_says_so() {
    let mut desk = Desk::new();
    desk.decided(given("VN", "c", "T16"), "software").unwrap();
    desk.told("c", "T16");
    for (made, from, change) in [("d", "c", "cut"), ("e", "d", "card"), ("f", "d", "mute")] {
        desk.changed(made, from, &[change]);
    }
    expect![[r#"{"why":"stale","paper":"label","change":"cut","since":"2026-11-18T11:06:42Z","rule":"vn.stale.label"}"#]].assert_eq(&said(&desk, &rules("VN"), "d"));
    let packs = Packs::built_in().unwrap();
    let day = rules("VN").day;
    let position = Position {
        rule: "vn.stale.label".into(),
        reading: "only-what-shows-more".into(),
        basis: crate::Sealed(digest("a talk")),
        from: day,
        until: None,
    };
    let lenient = packs.get(rules("VN").territory).unwrap().at_with(day, &[position]);
    expect!["T16 by an with self-rating-recognition, carried; untold []; because []"]
        .assert_eq(&said(&desk, &lenient, "d"));
    expect!["T16 by an with self-rating-recognition, carried; untold []; because []"]
        .assert_eq(&said(&desk, &lenient, "f"));
    expect![[r#"{"why":"stale","paper":"label","change":"card","since":"2026-11-18T11:06:43Z","rule":"vn.stale.label"}"#]].assert_eq(&said(&desk, &lenient, "e"));
    // A certificate ends with an edit in either reading.
    desk.regulator(given("VN", "c", "T16"), "1/GP", "2026-01-03").unwrap();
    expect![[r#"{"why":"stale","paper":"certificate","change":"card","since":"2026-11-18T11:06:43Z","rule":"vn.stale.certificate"}"#]].assert_eq(&said(&desk, &lenient, "e"));
    desk.decided(given("VN", "e", "T18"), "software").unwrap();
    expect![[r#"T18 by an with self-rating-recognition; untold ["vn.notify.film"]; because []"#]]
        .assert_eq(&said(&desk, &lenient, "e"));
    // Korea's pack does not speak of it, so any edit does.
    desk.decided(given("KR", "c", "12"), "software").unwrap();
    expect![[r#"{"why":"stale","paper":"label","change":"cut","since":"2026-11-18T11:06:42Z","rule":null}"#]]
        .assert_eq(&said(&desk, &rules("KR"), "d"));
}

#[test]
fn a_circle_of_changes_ends() {
    let mut desk = Desk::new();
    for (made, from) in [("a", "b"), ("b", "a"), ("c", "b"), ("a", "c")] {
        desk.changed(made, from, &["track"]);
    }
    assert_eq!(said(&desk, &rules("VN"), "a"), r#"{"why":"never"}"#);
    for n in 0..100 {
        desk.changed(&format!("n{n}"), &format!("n{}", n + 1), &["cut"]);
    }
    desk.decided(given("VN", "n100", "P"), "software").unwrap();
    assert_eq!(said(&desk, &rules("VN"), "n0"), r#"{"why":"never"}"#);
    assert!(said(&desk, &rules("VN"), "n90").contains("stale"));
}

/// Of every label of every pack: what admits no one admits nobody, however it was given.
#[test]
fn a_banned_label_admits_nobody_by_whomever_it_was_given() {
    for pack in Packs::built_in().unwrap().iter() {
        let rules = pack.at("2026-11-22".parse().unwrap());
        for (_, label) in rules.labels().filter(|(_, label)| label.admits == Admits::NoOne) {
            let mut desk = Desk::new();
            let place = pack.territory.to_string();
            desk.decided(given(&place, "c", &label.code), "software").unwrap();
            desk.regulator(given(&place, "d", &label.code), "1", "2026-01-03").unwrap();
            for composition in ["c", "d"] {
                match desk.state.ratings().standing(&rules, "flight", &digest(composition)) {
                    Rated::Not(_) => {}
                    Rated::Label(labelled) => {
                        let adult =
                            Watcher { born: Some("1950-01-01".parse().unwrap()), with_guardian: true };
                        assert_eq!(rules.admission(labelled.label, &adult), Admission::Never);
                    }
                }
            }
        }
    }
}
