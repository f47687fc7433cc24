//! The orders that authorities really gave, on invented films of the same shape. Each ends as it was
//! demanded: what was to go is gone, what was not stays, other countries see no difference.

use composition::Edit;
use expect_test::expect;
use media::Digest;
use policy::{Act, Outcome, Party, Who};

use super::house::{House, instant, sealed};

fn json(authority: &str, number: &str, work: &str, scope: &str, operation: &str, more: &str) -> String {
    format!(
        r#"{{"authority": "{authority}", "number": "{number}", "date": "2023-07-09",
            "legal_basis": "Law on Cinema 05/2022/QH15, Article 9(1)(d)", "territories": ["VN"],
            "work": {{"title": "{work}"}}, "scope": "{scope}", "operation": "{operation}"{more}}}"#
    )
}

#[test]
fn flight_to_you_2023() {
    // 39 episodes, maps in nine of them; 24 hours from midnight, a report before 12 July.
    let mut house = House::on_trial("2023-07-09 15:00").series("flight", 39, 45);
    let order = house.place(&json(
        "Cục Điện ảnh",
        "FTY",
        "flight",
        "toàn bộ phim",
        "withdraw",
        r#", "start": "2023-07-10 00:00", "report_due": "2023-07-12 00:00",
           "cited": "tập 18: 41:18-41:55; tập 19, 21, 24-27, 30, 38""#,
    ));
    let standing = house.state.order(&order).unwrap().clone();
    assert_eq!(standing.due.removal.as_ref().unwrap().at, instant("2023-07-11 00:00"));
    assert_eq!(standing.due.report.as_ref().unwrap().basis, "order");
    assert_eq!(standing.order.cited.as_ref().unwrap().parts.len(), 9);

    assert_eq!(house.gone("VN").len(), 0, "it starts at midnight");
    assert_eq!(house.state.next_change(house.now), Some(instant("2023-07-10 00:00")));
    house.now = instant("2023-07-10 00:00");
    assert_eq!(house.gone("VN").len(), 39);
    assert_eq!(house.gone("KR").len(), 0);

    // What one platform had done: only the picture was blurred, and it was not accepted.
    let title = "flight-s1e18";
    let source = house.films[title].0.source;
    let area = composition::Path::still(composition::Area::new(200, 200, 600, 600).unwrap());
    let blur = Edit::Blur { source, from: 61_950, to: 62_900, path: area };
    let blurred = composition::evaluate(&house.whole(title), &[blur]).unwrap();
    let proposal = house.propose(&order, title, &blurred);
    let refused =
        Act::ProposalRefused { order: order.clone(), proposal: proposal.clone(), letter: sealed("no") };
    house.decide("op-2", refused).unwrap();
    assert_eq!(house.gone("VN").len(), 39);

    // With speech and subtitles gone too, it could have been.
    let cut =
        [Edit::Cut { source, from: 61_950, to: 62_900 }, Edit::Mute { source, from: 61_950, to: 62_900 }];
    let corrected = composition::evaluate(&house.whole(title), &cut).unwrap();
    let proposal = house.propose(&order, title, &corrected);
    let letter = sealed("accepted");
    house.decide("op-2", Act::ProposalAccepted { order: order.clone(), proposal, letter }).unwrap();
    assert!(matches!(house.ask("VN", title, &corrected, Who::Viewer), policy::Answer::Pass(_)));
    assert_eq!(house.plays("VN", title), "gone", "as a whole");
    assert!(matches!(house.ask("VN", title, &blurred, Who::Viewer), policy::Answer::Refused(_)));
    house.check_refold();
}

#[test]
fn shine_on_me_2026() {
    // 27 episodes, 25 out; 24 hours from 21:00 on 3 January, a report by 22:00 on the 4th.
    let mut house = House::on_trial("2026-01-03 18:00").series("shine", 25, 45);
    let order = house.place(&json(
        "Cục Điện ảnh",
        "SOM",
        "shine",
        "whole",
        "withdraw",
        r#", "start": "2026-01-03T21:00:00+07:00", "report_due": "2026-01-04T22:00:00+07:00",
           "cited": "E25 32:10-34:03""#,
    ));
    let due = house.state.order(&order).unwrap().due.clone();
    assert_eq!(due.removal.unwrap().at, instant("2026-01-04 21:00"));
    assert_eq!(due.report.unwrap().at, instant("2026-01-04 22:00"));
    house.now = instant("2026-01-03 21:00");
    assert_eq!(house.gone("VN").len(), 25);

    // The last two episodes come later, and are never seen.
    for n in [26, 27] {
        let title = format!("shine-s1e{n}");
        let film = policy::Film::episode("shine", 1, n, &title, Digest::of(title.as_bytes()));
        house.add(film, 67_500);
    }
    assert_eq!(house.gone("VN").len(), 27);
    assert_eq!(house.gone("KR").len(), 0);
    let letter = sealed("lifted");
    let lift = Act::OrderLifted { order, letter: Some(letter), reason: sealed("settled") };
    house.decide("op-2", lift).unwrap();
    assert_eq!(house.gone("VN").len(), 0);
    house.check_refold();
}

#[test]
fn little_women_2022_if_only_the_scenes_had_been_demanded() {
    let mut house = House::on_trial("2022-10-03 09:00").series("women", 12, 75);
    let order = house.place(&json(
        "Cục Phát thanh, truyền hình và thông tin điện tử",
        "LW",
        "women",
        "tập 3: 58:01–58:22; tập 8: 05:41–07:01",
        "cut",
        r#", "removal_due": "2022-10-05 23:59""#,
    ));
    assert_eq!(house.gone("VN").len(), 0);
    // 58:01 to the end of 58:22, at 25 frames a second.
    expect!["held 87025..87575"].assert_eq(&house.plays("VN", "women-s1e3"));
    expect!["held 8525..10550"].assert_eq(&house.plays("VN", "women-s1e8"));
    assert_eq!(house.plays("VN", "women-s1e4"), "free");
    assert_eq!(house.plays("KR", "women-s1e3"), "free");
    // The frame-accurate version needs nothing held.
    let corrected = house.corrected("VN", "women-s1e3");
    let policy::Answer::Pass(pass) = house.ask("VN", "women-s1e3", &corrected, Who::Viewer) else {
        panic!("refused");
    };
    assert!(pass.held().is_empty());

    // What was really demanded: the series.
    let escalated = house.read(&json(
        "Cục Phát thanh, truyền hình và thông tin điện tử",
        "LW",
        "women",
        "whole",
        "withdraw",
        r#", "removal_due": "2022-10-05 23:59""#,
    ));
    let act = Act::OrderEscalated {
        due: escalated.due(&house.packs, house.now).unwrap(),
        order: Box::new(escalated),
        resolved: Vec::new(),
        reason: sealed("second letter"),
    };
    house.decide("op-1", act).unwrap();
    assert_eq!(house.gone("VN").len(), 12);
    assert_eq!(house.state.order(&order).unwrap().history.len(), 2);
    house.check_refold();
}

#[test]
fn episodes_only_mh370_2023_and_pine_gap_in_the_philippines_2021() {
    let mut house = House::on_trial("2023-04-12 09:00").series("mh370", 3, 80).series("pine", 6, 50);
    house.place(&json("Cục Điện ảnh", "MH", "mh370", "S1E1", "withdraw", ""));
    assert_eq!(house.gone("VN"), ["mh370-s1e1"]);

    let pine = json("MTRCB", "PG-1", "pine", "episodes 2 and 3", "withdraw", "").replace("\"VN\"", "\"PH\"");
    let order = house.place(&pine);
    assert_eq!(house.gone("PH"), ["pine-s1e2", "pine-s1e3"]);
    assert_eq!(house.state.order(&order).unwrap().due.removal, None, "no hours are known for PH");
    // In Vietnam the whole series had gone, for the same maps.
    house.place(&json("Cục Điện ảnh", "PG-VN", "pine", "whole", "withdraw", ""));
    assert_eq!(house.gone("VN").len(), 7);
    assert_eq!(house.gone("PH").len(), 2);
    house.check_refold();
}

#[test]
fn scenes_only_put_your_head_on_my_shoulder_2020() {
    let mut house = House::on_trial("2020-08-01 09:00").series("head", 24, 45);
    house.place(&json("ABEI", "PYH", "head", "tập 9: 12:30", "blur", ""));
    assert_eq!(house.plays("VN", "head-s1e9"), "held 18750..18775");
    let blurred = house.corrected("VN", "head-s1e9");
    assert_eq!(blurred.spans().len(), 1, "nothing is cut");
    let policy::Answer::Pass(pass) = house.ask("VN", "head-s1e9", &blurred, Who::Viewer) else {
        panic!("refused");
    };
    assert!(pass.held().is_empty());
}

#[test]
fn let_me_shine_2025_questions_come_first() {
    let mut house = House::on_trial("2025-10-03 08:00").series("let-me-shine", 30, 45);
    let case = "let-me-shine".to_string();
    let vn = vec![super::house::territory("VN")];
    let opened =
        Act::CaseOpened { case: case.clone(), authority: "Cục Điện ảnh".into(), territories: vn };
    house.decide("op-1", opened).unwrap();
    let question = sealed("film, country, supplier, rights, dates, rating process, measure");
    let due = Some(instant("2025-10-03 11:00"));
    house
        .decide("op-1", Act::CaseQuestion { case: case.clone(), from: Party::Authority, question, due })
        .unwrap();
    assert_eq!(
        house.state.case(&case).unwrap().open_questions().collect::<Vec<_>>(),
        [(Party::Authority, question, due)]
    );
    let answer = sealed("our rating process");
    house.decide("op-1", Act::CaseAnswer { case: case.clone(), question, answer }).unwrap();
    assert_eq!(house.state.case(&case).unwrap().open_questions().count(), 0);

    house.now = instant("2025-10-03 14:00");
    let order = house.place(&json(
        "Cục Điện ảnh",
        "LMS",
        "let-me-shine",
        "whole",
        "withdraw",
        r#", "case": "let-me-shine""#,
    ));
    assert_eq!(house.gone("VN").len(), 30);
    let letter = Act::CaseLetter { case: case.clone(), from: Party::House, letter: sealed("removed") };
    house.decide("op-1", letter).unwrap();
    let case = house.state.case(&case).unwrap();
    assert_eq!((case.orders.clone(), case.entries.len()), (vec![order], 3));
    house.check_refold();
}

#[test]
fn a_whole_service_wetv_2025() {
    let mut house = House::on_trial("2025-10-04 09:00").series("a", 3, 45).film("b", 90);
    let order =
        json("Cục Điện ảnh", "1551/ĐA-VP", "a", "whole", "withdraw", r#", "report_due": "2025-10-06 12:00""#)
            .replace(r#"{"title": "a"}"#, r#""service""#);
    let id = house.place(&order);
    assert_eq!(house.gone("VN").len(), 4);
    assert_eq!(house.gone("KR").len(), 0);
    // Recognised at last.
    house.decide("op-1", Act::OrderAppealed { order: id.clone(), letter: sealed("application") }).unwrap();
    let answered = Act::AppealAnswered {
        order: id.clone(),
        outcome: Outcome::Overturned,
        letter: sealed("recognition"),
    };
    house.decide("op-1", answered).unwrap();
    assert_eq!(house.gone("VN").len(), 4, "an answer lifts nothing by itself");
    let lift =
        Act::OrderLifted { order: id, letter: Some(sealed("recognition")), reason: sealed("recognised") };
    house.decide("op-1", lift).unwrap();
    assert_eq!(house.gone("VN").len(), 0);
}

#[test]
fn full_metal_jacket_2017_and_a_removal_for_ever() {
    let mut house = House::on_trial("2017-06-01 09:00").film("jacket", 116);
    house.place(&json("ABEI", "FMJ", "jacket", "whole", "withdraw", ""));
    assert_eq!(house.gone("VN"), ["jacket"]);
    assert_eq!(house.gone("KR").len() + house.gone("US").len(), 0);
    house.now = instant("2026-11-22 00:00");
    assert_eq!(house.gone("VN"), ["jacket"]);
}
