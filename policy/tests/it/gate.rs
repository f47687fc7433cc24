//! The gate, case by case.

use composition::{Composition, Edit, Span, evaluate, evaluate_bound};
use expect_test::expect;
use media::{Digest, Kind};
use policy::refusal::Rule;
use policy::{Act, Answer, Applied, Film, OrderId, Proposed, Question, Refusal, Resolved, Who, decide};

use super::house::{House, instant, sealed, territory};

fn json(number: &str, scope: &str, operation: &str, more: &str) -> String {
    format!(
        r#"{{"authority": "Cục Điện ảnh", "number": "{number}", "date": "2026-01-03",
            "legal_basis": "Law on Cinema, Article 9(1)(d)", "territories": ["VN"],
            "work": {{"title": "flight"}}, "scope": "{scope}", "operation": "{operation}"{more}}}"#
    )
}

fn house() -> House {
    House::new("2026-01-03 12:00").series("flight", 2, 1)
}

fn passes(answer: &Answer) -> bool {
    matches!(answer, Answer::Pass(_))
}

fn refusals(answer: Answer) -> Vec<Refusal> {
    match answer {
        Answer::Refused(refusals) => refusals,
        Answer::Pass(_) => Vec::new(),
    }
}

fn lift(order: &OrderId) -> Act {
    Act::OrderLifted { order: order.clone(), letter: None, reason: sealed("lifted") }
}

#[test]
fn what_is_unknown_is_refused() {
    let house = house();
    let film = house.films["flight-s1e1"].0.clone();
    let composition = house.whole("flight-s1e1");
    let ask = |question: Question| {
        refusals(decide(&house.state, &house.packs, &question)).iter().map(|r| r.rule).collect::<Vec<_>>()
    };
    let films = [film.clone()];
    let question = || Question {
        territory: Some(territory("VN")),
        title: "flight-s1e1",
        composition: Some(&composition),
        made_from: None,
        films: &films,
        now: house.now,
        who: Who::Viewer,
        viewer: None,
    };
    assert_eq!(ask(question()), []);
    assert_eq!(ask(Question { territory: None, ..question() }), [Rule::UnknownTerritory]);
    assert_eq!(ask(Question { composition: None, ..question() }), [Rule::UnknownComposition]);
    assert_eq!(ask(Question { title: "other", ..question() }), [Rule::UnknownTitle]);
    assert_eq!(ask(Question { films: &[], ..question() }), [Rule::UnknownTitle]);
    // The title is known, but with other media than the composition shows.
    let anew = [Film { source: Digest::of(b"anew"), ..film }];
    assert_eq!(ask(Question { films: &anew, ..question() }), [Rule::UnknownTitle]);
    for who in [Who::Desk, Who::Authority(OrderId::new("A", "1"))] {
        let everything = Question { territory: None, composition: None, films: &[], who, ..question() };
        assert_eq!(ask(everything).len(), 3);
    }
}

#[test]
fn a_refusal_says_which_order_and_what_would_change_it() {
    let mut house = house();
    house.place(&json("12/QĐ", "S1E1", "withdraw", r#", "until": "2026-02-01 00:00""#));
    let refusal =
        refusals(house.ask("VN", "flight-s1e1", &house.whole("flight-s1e1"), Who::Viewer)).remove(0);
    assert!(refusal.rule.is_legal());
    let both =
        |language: &str| format!("{} {}", refusal.says().get(language), refusal.change().get(language));
    expect!["“flight-s1e1” is withdrawn by order 12/QĐ of 2026-01-03 of Cục Điện ảnh. Basis: Law on Cinema, Article 9(1)(d). It returns when the order is lifted or a corrected version is accepted. The order ends at 2026-01-31T17:00:00Z."].assert_eq(&both("en-GB"));
    expect!["Phim “flight-s1e1” đã được gỡ theo văn bản số 12/QĐ ngày 2026-01-03 của Cục Điện ảnh. Căn cứ: Law on Cinema, Article 9(1)(d). Phim trở lại khi văn bản được thu hồi hoặc khi bản chỉnh sửa được chấp thuận. Văn bản hết hiệu lực lúc 2026-01-31T17:00:00Z."].assert_eq(&both("vi"));
    expect!["‘flight-s1e1’ 작품은 Cục Điện ảnh의 2026-01-03자 명령(12/QĐ)에 따라 내려졌습니다. 근거: Law on Cinema, Article 9(1)(d). 명령이 해제되거나 수정된 버전이 승인되면 다시 제공됩니다. 이 명령은 2026-01-31T17:00:00Z에 끝납니다."].assert_eq(&both("ko-KR"));
}

#[test]
fn a_pass_ends_where_an_order_begins_or_ends() {
    let mut house = house();
    let more = r#", "start": "2026-01-04 00:00", "until": "2026-01-05 00:00""#;
    house.place(&json("1", "whole", "withdraw", more));
    let expires =
        |house: &House| match house.ask("VN", "flight-s1e1", &house.whole("flight-s1e1"), Who::Viewer) {
            Answer::Pass(pass) => pass.expires(),
            Answer::Refused(_) => None,
        };
    assert_eq!(expires(&house), Some(instant("2026-01-04 00:00")));
    house.now = instant("2026-01-03 23:59:59.999");
    assert_eq!(house.plays("VN", "flight-s1e1"), "free");
    house.now = instant("2026-01-04 00:00");
    assert_eq!(house.plays("VN", "flight-s1e1"), "gone");
    house.now = instant("2026-01-05 00:00");
    assert_eq!(house.plays("VN", "flight-s1e1"), "free");
    assert_eq!(house.state.next_change(house.now), None);
}

#[test]
fn overlapping_orders_add_up_and_lifting_one_leaves_the_other() {
    let mut house = house();
    let mute = house.place(&json("1", "S1E1 00:10-00:19", "mute", ""));
    let cut = house.place(&json("2", "S1E1 00:15-00:24", "cut", ""));
    let text = house.place(&json("3", "S1E1 00:05-00:29", "drop-text", ""));
    expect!["held 375..625, mute 250..375, text 125..250, text 625..750"]
        .assert_eq(&house.plays("VN", "flight-s1e1"));
    house.decide("op-1", lift(&cut)).unwrap();
    expect!["mute 250..500, text 125..250, text 500..750"].assert_eq(&house.plays("VN", "flight-s1e1"));
    house.decide("op-1", lift(&mute)).unwrap();
    house.decide("op-1", lift(&text)).unwrap();
    assert_eq!(house.plays("VN", "flight-s1e1"), "free");
    assert_eq!(house.decide("op-1", lift(&cut)).unwrap(), Applied::Same);
    let again = house.decide("op-1", Act::OrderApproved { order: cut }).unwrap_err();
    expect!["Cục Điện ảnh 2 was lifted. Place a new order under its own number"]
        .assert_eq(&again.to_string());
    house.check_refold();
}

#[test]
fn the_same_order_again_is_the_same_and_another_text_says_what_differs() {
    let mut house = house();
    let order = house.read(&json("1", "S1E1 00:10", "cut", ""));
    let act = house.placing(&order);
    assert_eq!(house.decide("op-1", act.clone()).unwrap(), Applied::Changed);
    // Later, when the deadlines would come out otherwise.
    house.now = instant("2026-01-04 12:00");
    let act_later = house.placing(&order);
    assert_eq!(house.decide("op-2", act_later).unwrap(), Applied::Same);
    // The same number with a double space, and decomposed.
    let spaced = json("1", "S1E1 00:10", "cut", "").replace("Cục Điện ảnh", "Cu\u{323}c  Điện ảnh");
    assert_eq!(house.read(&spaced), order);
    let other = house.read(&json("1", "S1E1 00:11", "blur", ""));
    let act = house.placing(&other);
    let error = house.decide("op-1", act.clone()).unwrap_err();
    assert_eq!(error.kind, Kind::Conflict);
    expect![[r#"Cục Điện ảnh 1 is another order already: operation: "blur", not "cut"; scope: "S1E1 00:11", not "S1E1 00:10". Amend the order, or check its number"#]].assert_eq(&error.to_string());
}

#[test]
fn a_second_person_approves_where_the_pack_asks() {
    let mut house = house();
    let careful =
        include_str!("../../../packs/VN.toml").replace("second_person = false", "second_person = true");
    house.packs = policy::Packs::read([("VN.toml", careful.as_str())]).unwrap();
    let order = house.place(&json("1", "whole", "withdraw", ""));
    assert_eq!(house.plays("VN", "flight-s1e1"), "free");
    let approve = Act::OrderApproved { order: order.clone() };
    let same = house.decide("op-1", approve.clone()).unwrap_err();
    expect!["who placed an order cannot approve it. Ask a second person"].assert_eq(&same.to_string());
    house.decide("op-2", approve).unwrap();
    assert_eq!(house.plays("VN", "flight-s1e1"), "gone");
    // The house refuses after all, and then obeys after all.
    house.decide("op-2", Act::OrderRefused { order: order.clone(), reason: sealed("why") }).unwrap();
    assert_eq!(house.plays("VN", "flight-s1e1"), "free");
    house.decide("op-2", Act::OrderApproved { order }).unwrap();
    assert_eq!(house.plays("VN", "flight-s1e1"), "gone");
    house.check_refold();
}

#[test]
fn an_order_on_what_is_not_there_yet_waits() {
    let mut house = house();
    let order = house.place(&json("1", "S1E3 00:10; S1E4", "cut", ""));
    assert_eq!(house.gone("VN").len(), 0);
    for n in [3, 4] {
        let title = format!("flight-s1e{n}");
        house.add(Film::episode("flight", 1, n, &title, Digest::of(title.as_bytes())), 1500);
    }
    // Until the place is found, nothing of the episode is served.
    assert_eq!(house.gone("VN"), ["flight-s1e3", "flight-s1e4"]);
    let rule = refusals(house.ask("VN", "flight-s1e3", &house.whole("flight-s1e3"), Who::Viewer))[0].rule;
    assert_eq!(rule, Rule::NotLocated);
    let resolved = house.resolved(&house.state.order(&order).unwrap().order.clone());
    house.decide("op-1", Act::OrderResolved { order, resolved }).unwrap();
    assert_eq!(house.gone("VN"), ["flight-s1e4"]);
    assert_eq!(house.plays("VN", "flight-s1e3"), "held 250..275");
    house.check_refold();
}

#[test]
fn compilations_obey_and_other_cuts_wait_for_alignment() {
    let mut house = house().film("best-of", 1);
    // Made of stored frames: found by the frames.
    let span = |title: &str, from, to| Span::Film {
        title: title.into(),
        source: house.films[title].0.source,
        from,
        to,
    };
    let compilation = Composition::new([span("best-of", 0, 100), span("flight-s1e1", 200, 400)]).unwrap();
    let elsewhere = Composition::new([span("best-of", 0, 100), span("flight-s1e1", 400, 500)]).unwrap();
    // A file of its own: nobody knows where in it the place is.
    let trailer = Film { shows: vec!["flight".into()], ..Film::single("trailer", Digest::of(b"trailer")) };
    house.add(trailer.clone(), 1500);
    let order = house.place(&json("1", "S1E1 00:10", "cut", ""));
    let held =
        |house: &House, composition: &Composition| match house.ask("VN", "best-of", composition, Who::Viewer)
        {
            Answer::Pass(pass) => !pass.held().is_empty(),
            Answer::Refused(_) => true,
        };
    assert!(held(&house, &compilation));
    assert!(!held(&house, &elsewhere));
    assert_eq!(house.plays("VN", "best-of"), "free");
    assert_eq!(house.plays("VN", "trailer"), "gone");
    let whole = house.whole("trailer").digest();
    let found = Resolved {
        title: "trailer".into(),
        source: trailer.source,
        from: 30,
        to: 60,
        path: Vec::new(),
        card: None,
        named: trailer.source,
        read_on: whole,
    };
    house.decide("op-1", Act::OrderResolved { order, resolved: vec![found] }).unwrap();
    assert_eq!(house.plays("VN", "trailer"), "held 30..60");
    // The whole episode withdrawn takes both.
    house.place(&json("2", "S1E1", "withdraw", ""));
    assert!(!passes(&house.ask("VN", "best-of", &elsewhere, Who::Viewer)));
    assert_eq!(house.plays("VN", "trailer"), "gone");
    house.check_refold();
}

#[test]
fn proposals_are_for_the_desk_and_the_authority_until_they_are_accepted() {
    let mut house = house();
    let first = house.place(&json("1", "whole", "withdraw", ""));
    let second = house.place(&json("2", "S1E1", "withdraw", ""));
    let title = "flight-s1e1";
    let source = house.films[title].0.source;
    let corrected = evaluate(&house.whole(title), &[Edit::Cut { source, from: 250, to: 275 }]).unwrap();
    let ask = |house: &House, who| passes(&house.ask("VN", title, &corrected, who));
    let seen = |house: &House| {
        [Who::Viewer, Who::Desk, Who::Authority(first.clone()), Who::Authority(second.clone())]
            .map(|who| ask(house, who))
    };
    assert_eq!(seen(&house), [false, false, false, false]);
    let proposal = house.propose(&first, title, &corrected);
    assert_eq!(seen(&house), [false, true, false, false]);
    let sent = |order: &OrderId| Act::ProposalSent {
        order: order.clone(),
        proposal: proposal.clone(),
        letter: sealed("see"),
    };
    house.decide("op-1", sent(&first)).unwrap();
    assert_eq!(seen(&house), [false, true, true, false]);
    let accepted = |order: &OrderId| Act::ProposalAccepted {
        order: order.clone(),
        proposal: proposal.clone(),
        letter: sealed("yes"),
    };
    house.decide("op-1", accepted(&first)).unwrap();
    assert_eq!(seen(&house), [false, true, true, false], "the other order still withdraws it");
    let unknown = house.decide("op-1", accepted(&second)).unwrap_err();
    assert_eq!(unknown.kind, Kind::NotFound);
    house.propose(&second, title, &corrected);
    let reason = sealed("our lawyer's opinion");
    let overridden = Act::ProposalOverridden { order: second.clone(), proposal: proposal.clone(), reason };
    house.decide("lawyer-1", overridden).unwrap();
    assert_eq!(seen(&house), [true, true, true, true]);
    let live = house.state.live(territory("VN"), house.now);
    assert_eq!(live.of(&house.films[title].0).unwrap().open(), [&proposal]);

    // Another version is another matter, and the whole stays gone.
    assert_eq!(house.plays("VN", title), "gone");
    // The order is amended: what was accepted answered the earlier text.
    let order = house.read(&json("2", "S1E1, S1E2", "withdraw", ""));
    let amended = Act::OrderAmended {
        due: Default::default(),
        order: Box::new(order),
        resolved: vec![],
        reason: sealed("2"),
    };
    house.decide("op-1", amended).unwrap();
    assert!(!seen(&house)[0]);
    let stale = house.decide("op-1", accepted(&second)).unwrap_err();
    assert!(stale.to_string().contains("Propose it again"), "{stale}");
    house.check_refold();
}

#[test]
fn what_was_accepted_of_a_version_holds_for_it_under_later_orders() {
    let mut house = house();
    let title = "flight-s1e1";
    let source = house.films[title].0.source;
    let first = house.place(&json("1", "S1E1", "withdraw", ""));
    let accepted = evaluate(&house.whole(title), &[Edit::Cut { source, from: 250, to: 275 }]).unwrap();
    let proposal = house.propose(&first, title, &accepted);
    house.decide("op-1", Act::ProposalAccepted { order: first, proposal, letter: sealed("yes") }).unwrap();
    house.place(&json("2", "S1E1 00:20", "cut", ""));
    let films = [house.films[title].0.clone()];
    let ask = |composition: &Composition, made_from| {
        decide(
            &house.state,
            &house.packs,
            &Question {
                territory: Some(territory("VN")),
                title,
                composition: Some(composition),
                made_from,
                films: &films,
                now: house.now,
                who: Who::Viewer,
                viewer: None,
            },
        )
    };
    // The accepted version goes on, with the new place held.
    let Answer::Pass(pass) = ask(&accepted, None) else { panic!("refused") };
    assert_eq!(pass.held().source(source).unwrap().picture.iter().collect::<Vec<_>>(), [(500, 525)]);
    let (from, to) = (500, 525);
    let under = evaluate_bound(&accepted, &[Edit::Cut { source, from, to }]).unwrap();
    let Answer::Pass(pass) = ask(&under, Some(&accepted)) else { panic!("refused") };
    assert!(pass.held().is_empty());
    // What only claims to come of it does not pass.
    assert!(!passes(&ask(&under, None)));
    assert!(!passes(&ask(&house.whole(title), Some(&accepted))));
}

#[test]
fn what_was_accepted_opens_though_another_order_makes_the_same_of_the_whole() {
    let mut house = house();
    let title = "flight-s1e1";
    let source = house.films[title].0.source;
    house.place(&json("1", "S1E1 00:10", "cut", ""));
    let second = house.place(&json("2", "S1E1", "withdraw", ""));
    let whole = house.whole(title);
    let obeying = evaluate_bound(&whole, &[Edit::Cut { source, from: 250, to: 275 }]).unwrap();
    let films = [house.films[title].0.clone()];
    let opens = |house: &House| {
        let question = Question {
            territory: Some(territory("VN")),
            title,
            composition: Some(&obeying),
            made_from: Some(&whole),
            films: &films,
            now: house.now,
            who: Who::Viewer,
            viewer: None,
        };
        passes(&decide(&house.state, &house.packs, &question))
    };
    let proposal = house.propose(&second, title, &obeying);
    assert!(!opens(&house), "it is only offered");
    house.decide("op-1", Act::ProposalAccepted { order: second, proposal, letter: sealed("yes") }).unwrap();
    assert!(opens(&house));
}

#[test]
fn an_escalation_demands_more() {
    let mut house = house();
    house.place(&json("1", "S1E1 00:10", "blur", ""));
    let escalate = |house: &mut House, scope: &str, operation: &str| {
        let order = house.read(&json("1", scope, operation, ""));
        let (due, resolved) = (Default::default(), house.resolved(&order));
        house.decide(
            "op-1",
            Act::OrderEscalated { order: Box::new(order), due, resolved, reason: sealed("more") },
        )
    };
    for (scope, operation) in [("S1E1 00:10", "mute"), ("S1E1 00:12", "blur"), ("S1E1", "drop-text")] {
        let error = escalate(&mut house, scope, operation).unwrap_err().to_string();
        expect!["an escalation demands more: a stricter operation or a wider scope. Amend the order instead"]
            .assert_eq(&error);
    }
    for (scope, operation, plays) in
        [("S1E1 00:10", "cut", "held 250..275"), ("S1E1", "withdraw", "gone"), ("whole", "withdraw", "gone")]
    {
        escalate(&mut house, scope, operation).unwrap();
        assert_eq!(house.plays("VN", "flight-s1e1"), plays);
    }
    assert_eq!(house.gone("VN").len(), 2);
    let id = OrderId::new("Cục Điện ảnh", "1");
    assert_eq!(house.state.order(&id).unwrap().history.len(), 4);
    house.check_refold();
}

#[test]
fn a_proposal_of_one_title_does_not_open_another() {
    let mut house = house();
    let order = house.place(&json("1", "whole", "withdraw", ""));
    let composition = house.whole("flight-s1e2");
    let proposal = Proposed { title: "flight-s1e1".into(), composition: composition.digest() };
    let made = Act::ProposalMade { order: order.clone(), proposal: proposal.clone(), edits: Vec::new() };
    house.decide("op-1", made).unwrap();
    house.decide("op-1", Act::ProposalAccepted { order, proposal, letter: sealed("yes") }).unwrap();
    assert_eq!(house.plays("VN", "flight-s1e2"), "gone");
}

#[test]
fn a_private_link_opens_in_the_orders_territories_while_the_order_stands() {
    let mut house = house();
    let order = house.place(&json("1", "whole", "withdraw", ""));
    let title = "flight-s1e1";
    let source = house.films[title].0.source;
    let corrected = evaluate(&house.whole(title), &[Edit::Cut { source, from: 250, to: 275 }]).unwrap();
    let proposal = house.propose(&order, title, &corrected);
    let sent = Act::ProposalSent { order: order.clone(), proposal, letter: sealed("see") };
    house.decide("op-1", sent).unwrap();
    let opens = |house: &House, code: &str| {
        passes(&house.ask(code, title, &corrected, Who::Authority(order.clone())))
    };
    assert!(opens(&house, "VN"));
    assert!(!opens(&house, "KR"));
    let whole = house.whole(title);
    assert!(!passes(&house.ask("VN", title, &whole, Who::Authority(order.clone()))));
    house.decide("op-1", lift(&order)).unwrap();
    assert!(!opens(&house, "VN"));
}

#[test]
fn a_cut_without_its_mute_does_not_obey() {
    // The sound sample at a seam carries sound of what was removed.
    let mut house = house();
    house.place(&json("1", "S1E1 00:10", "cut", ""));
    let title = "flight-s1e1";
    let source = house.films[title].0.source;
    let by_hand = evaluate(&house.whole(title), &[Edit::Cut { source, from: 250, to: 275 }]).unwrap();
    let held = |composition: &Composition| match house.ask("VN", title, composition, Who::Viewer) {
        Answer::Pass(pass) => !pass.held().is_empty(),
        Answer::Refused(_) => panic!("refused"),
    };
    assert!(held(&by_hand));
    let obeying = house.corrected("VN", title);
    assert!(!held(&obeying));
    assert_ne!(obeying, by_hand);
}

#[test]
fn an_order_on_a_compilation_binds_the_films_that_it_shows() {
    let mut house = house().film("best-of", 1);
    let json = json("1", "0:01", "cut", "").replace("\"flight\"", "\"best-of\"");
    let order = house.read(&json);
    // What the authority saw under that title was a piece of the first episode.
    let resolved = Resolved {
        title: "flight-s1e1".into(),
        source: house.films["flight-s1e1"].0.source,
        from: 500,
        to: 525,
        path: Vec::new(),
        card: None,
        named: house.films["best-of"].0.source,
        read_on: Digest::of(b"the compilation"),
    };
    let due = Default::default();
    let act =
        Act::OrderPlaced { order: Box::new(order), due, second_person: false, resolved: vec![resolved] };
    house.decide("op-1", act).unwrap();
    assert_eq!(house.plays("VN", "best-of"), "free", "its own media show nothing of it");
    assert_eq!(house.plays("VN", "flight-s1e1"), "held 500..525");
    assert_eq!(house.plays("VN", "flight-s1e2"), "free");
}

#[test]
fn the_clocks_that_run() {
    let mut house = house();
    let due = |house: &House| {
        let line = |c: &policy::clocks::Clock| format!("{} {:?} {}", c.due, c.what, c.case);
        house.state.clocks().iter().map(line).collect::<Vec<_>>().join("; ")
    };
    let first = house.place(&json("1", "whole", "withdraw", r#", "report_due": "2026-01-04 09:00""#));
    house.place(&json("2", "S1E1", "withdraw", r#", "case": "flight""#));
    let (question, when) = (sealed("why"), Some(instant("2026-01-03 18:00")));
    house
        .decide(
            "op-1",
            Act::CaseQuestion { case: "flight".into(), from: policy::Party::Authority, question, due: when },
        )
        .unwrap();
    expect!["2026-01-03T11:00:00Z Answer flight; 2026-01-04T02:00:00Z Report Cục Điện ảnh 1; 2026-01-04T05:00:00Z Removal Cục Điện ảnh 1; 2026-01-04T05:00:00Z Removal flight"].assert_eq(&due(&house));
    let took = house.now;
    house.decide("op-1", Act::TookEffect { order: first.clone(), node: "writer".into(), took }).unwrap();
    let answer = Act::CaseAnswer { case: "flight".into(), question, answer: sealed("because") };
    house.decide("op-1", answer).unwrap();
    expect!["2026-01-04T02:00:00Z Report Cục Điện ảnh 1; 2026-01-04T05:00:00Z Removal flight"]
        .assert_eq(&due(&house));
    house.decide("op-1", Act::Reported { order: first, report: sealed("done") }).unwrap();
    let second = OrderId::new("Cục Điện ảnh", "2");
    house.decide("op-1", Act::OrderRefused { order: second, reason: sealed("no") }).unwrap();
    assert_eq!(due(&house), "");
}
