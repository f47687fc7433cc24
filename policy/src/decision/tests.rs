use expect_test::expect;
use serde_json::json;

use super::*;
use crate::pack::Packs;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn sealed(document: &str) -> Sealed {
    Sealed(Digest::of(document.as_bytes()))
}

fn order() -> Order {
    let json = r#"{"authority": "Cục Điện ảnh", "number": "1", "date": "2026-01-03", "legal_basis": "Law",
        "territories": ["VN"], "work": {"title": "flight"}, "scope": "S1E18 41:18-41:55@0,0,10,10", "operation": "blur"}"#;
    Order::read(json, &Packs::built_in().unwrap()).unwrap()
}

fn placed() -> Decision {
    let digest = Digest::of(b"film");
    let station = Station { frame: 7, sides: [0, 0, 10, 10] };
    let range = Resolved {
        title: "flight-s1e18".into(),
        source: digest,
        from: 7,
        to: 9,
        path: vec![station],
        card: None,
        named: digest,
        read_on: digest,
    };
    let due = order().due(&Packs::built_in().unwrap(), at("2026-01-03T00:00:00Z")).unwrap();
    let act = Act::OrderPlaced { order: Box::new(order()), due, second_person: false, resolved: vec![range] };
    Decision::new(at("2026-01-03T10:00:00.123456789Z"), Staff::new("s-1").unwrap(), act)
}

fn avail() -> Avail {
    let json = r#"{"id":{"licensor":"Studio","alid":"md:alid:x"},"names":["md:cid:x"],"parents":["md:cid:s1"],"bundle":["md:alid:y"],
        "windows":[{"territories":{"all-except":["US"]},"start":"2026-01-01T00:00:00","end":"+P180D","latest_end":"2026-12-31T17:00:00Z",
        "licence":"SVOD","format":"HD","languages":{"asset":[{"language":"vi"}],"allowed":[{"language":"ko","heard":"subtitle"}],
        "held_back":[{"language":"en","heard":"dub"}]},"exclusive":true,"licensee":"Phim","transaction":"t","contract":"c",
        "dealing":{"expiry":"finish","may_edit":"on-order","tell":"desk","tell_before":"P3D"},"place":"Movies row 4"},
        {"territories":{"only":["KR","VN"]},"start":"ESTStart-PT43200S","end":"open","licence":"POEST"}]}"#;
    serde_json::from_str(json).unwrap()
}

/// What is said about labels, in JSON, with the kind.
fn labels() -> Vec<Act> {
    let digest = |of: &str| Digest::of(of.as_bytes()).to_string();
    let given = json!({"title": "flight", "territory": "VN", "composition": digest("c"), "label": "T16",
        "descriptors": ["violence"]});
    let mark = json!({"descriptor": "violence", "strength": "medium", "manner": ["detailed"]});
    let scene = json!({"source": digest("film"), "from": 24, "to": 48});
    let notified = json!({"title": "flight", "composition": digest("c"), "label": "T16"});
    let acts = json!([
        {"kind": "scenes-marked", "title": "flight", "territory": "VN",
            "marks": [{"scene": scene, "mark": mark, "note": digest("note")}, {"mark": mark}]},
        {"kind": "mark-withdrawn", "title": "flight", "territory": null, "mark": "0123456789abcdef", "reason": null},
        {"kind": "label-voted", "given": given, "reason": digest("why")},
        {"kind": "label-decided", "given": given, "work": "film", "how": "council",
            "without": ["0123456789abcdef"], "shows": ["sintel"], "reason": digest("why")},
        {"kind": "label-of-regulator", "given": given, "work": "film", "authority": "Cục Điện ảnh",
            "number": "12/GP", "date": "2026-01-03", "letter": digest("letter")},
        {"kind": "label-revoked", "title": "flight", "territory": "VN", "composition": digest("c"),
            "number": "12/GP", "reason": digest("why")},
        {"kind": "composition-changed", "title": "flight", "composition": digest("d"), "from": digest("c"),
            "changes": ["cut", "card"]},
        {"kind": "titles-notified", "territory": "VN", "to": "MCST", "sent": "2026-01-03T10:00:00Z",
            "list": digest("list"), "receipt": "7", "titles": [notified]},
    ]);
    serde_json::from_value(acts).unwrap()
}

/// One of every kind.
fn all() -> Vec<Decision> {
    let id = order().id();
    let offer = || (id.clone(), Proposed { title: "flight".into(), composition: Digest::of(b"c") });
    let (question, due) = (sealed("q"), Some(at("2026-01-03T04:00:00Z")));
    let later = || (Box::new(order()), Due::default(), Vec::new(), sealed("why"));
    let acts = vec![
        placed().act,
        Act::OrderResolved { order: id.clone(), resolved: Vec::new() },
        {
            let (order, due, resolved, reason) = later();
            Act::OrderAmended { order, due, resolved, reason }
        },
        {
            let (order, due, resolved, reason) = later();
            Act::OrderEscalated { order, due, resolved, reason }
        },
        Act::OrderApproved { order: id.clone() },
        Act::OrderRefused { order: id.clone(), reason: sealed("why") },
        Act::OrderLifted { order: id.clone(), letter: None, reason: sealed("why") },
        Act::OrderAppealed { order: id.clone(), letter: sealed("l") },
        Act::AppealAnswered { order: id.clone(), outcome: Outcome::Partly, letter: sealed("l") },
        Act::Reported { order: id.clone(), report: sealed("r") },
        {
            let (order, proposal) = offer();
            let edit = Edited {
                operation: Operation::Cut,
                source: Digest::of(b"film"),
                from: 1,
                to: 2,
                path: vec![],
            };
            Act::ProposalMade { order, proposal, edits: vec![edit] }
        },
        {
            let (order, proposal) = offer();
            Act::ProposalSent { order, proposal, letter: sealed("l") }
        },
        {
            let (order, proposal) = offer();
            Act::ProposalAccepted { order, proposal, letter: sealed("l") }
        },
        {
            let (order, proposal) = offer();
            Act::ProposalOverridden { order, proposal, reason: sealed("r") }
        },
        {
            let (order, proposal) = offer();
            Act::ProposalRefused { order, proposal, letter: sealed("l") }
        },
        Act::CaseOpened { case: "c".into(), authority: "A".into(), territories: order().territories },
        Act::CaseLetter { case: "c".into(), from: Party::House, letter: sealed("l") },
        Act::CaseQuestion { case: "c".into(), from: Party::House, question, due },
        Act::CaseAnswer { case: "c".into(), question, answer: sealed("a") },
        Act::CaseClosed { case: "c".into(), reason: sealed("r") },
        Act::TookEffect { order: id.clone(), node: "writer".into(), took: at("2026-01-03T10:00:01Z") },
        Act::FrameAccurate { order: id.clone(), title: "flight".into(), composition: Digest::of(b"c") },
        Act::AvailsEntered { document: Some(sealed("book")), avails: vec![avail()] },
        Act::AvailsRemoved { document: None, avails: vec![avail().id] },
        Act::TitleNamed { title: "flight".into(), names: vec!["md:cid:flight".into()] },
        Act::PatchFailed { order: id, title: "flight".into(), why: "ffmpeg was killed".into() },
    ];
    let acts = acts.into_iter().chain(readying()).chain(labels()).chain(consents());
    let by = Staff::new("s-1").unwrap();
    acts.map(|act| Decision::new(at("2026-01-03T10:00:00Z"), by.clone(), act)).collect()
}

/// One of every kind about what licensors are asked and told.
fn consents() -> Vec<Act> {
    let digest = |text: &str| Digest::of(text.as_bytes()).to_string();
    let avail = json!({"licensor": "Studio", "alid": "md:alid:x"});
    let version = json!({"avail": avail, "title": "flight", "edit": {"composition": digest("c")}});
    let ordered =
        json!({"avail": avail, "title": "flight", "edit": "on-order", "territories": {"only": ["VN"]}});
    let acts = json!([
        {"kind": "consent-given", "about": version, "from": "2026-01-03T10:00:00Z",
            "until": "2026-12-31T17:00:00Z", "letter": digest("l")},
        {"kind": "notice-given", "about": ordered, "sent": "2026-01-03T10:00:00Z", "letter": digest("l")},
        {"kind": "consent-withdrawn", "about": version, "reason": digest("why")},
    ]);
    serde_json::from_value(acts).unwrap()
}

/// One of every kind about readiness.
fn readying() -> Vec<Act> {
    let texts = [
        r#"{"kind":"application-sent","case":"c","grant":"vod-licence","letter":"D"}"#,
        r#"{"kind":"application-answered","case":"c","grant":"vod-licence","granted":true,"letter":"D"}"#,
        r#"{"kind":"trial-began","reason":"D","until":"2026-12-31T17:00:00Z"}"#,
        r#"{"kind":"trial-ended","reason":"D"}"#,
        r#"{"kind":"territory-declared","territory":"VN","domestic":false,"kinds":["film","news"]}"#,
        r#"{"kind":"territory-opened","territory":"VN"}"#,
        r#"{"kind":"territory-closed","territory":"VN","reason":"D"}"#,
        r#"{"kind":"territory-suspended","territory":"VN","reason":"D"}"#,
        r#"{"kind":"territory-resumed","territory":"VN","reason":"D"}"#,
        r#"{"kind":"position-taken","territory":"VN","position":{"rule":"vn.a","reading":"b","basis":"D","from":"2026-01-01","until":"2026-12-31"}}"#,
        r#"{"kind":"position-withdrawn","territory":"VN","rule":"vn.a","reason":"D"}"#,
        r#"{"kind":"licence-entered","territory":"VN","grant":"vod-licence","number":"1/GP","authority":"Bộ","kinds":["film"],"from":"2026-01-01T00:00:00Z","until":"2031-01-01T00:00:00Z","document":"D"}"#,
        r#"{"kind":"licence-ended","territory":"VN","grant":"vod-licence","number":"1/GP","reason":"D"}"#,
        r#"{"kind":"evidence-entered","territory":"VN","name":"rating-mechanism","from":"2026-01-01T00:00:00Z","document":"D"}"#,
        r#"{"kind":"evidence-withdrawn","territory":"VN","name":"rating-mechanism","reason":"D"}"#,
        r#"{"kind":"check-ran","territory":"VN","check":"labels-shown","passed":true,"until":"2026-02-01T00:00:00Z","report":"D"}"#,
        r#"{"kind":"drill-held","territory":"VN","title":"flight","passed":true,"milliseconds":31,"report":"D"}"#,
        r#"{"kind":"item-overridden","territory":"VN","rule":"vn.a","reason":"D","until":"2026-02-01T00:00:00Z"}"#,
        r#"{"kind":"override-ended","territory":"VN","rule":"vn.a","reason":"D"}"#,
        r#"{"kind":"risk-entered","territory":"VN","id":"maps","area":"political","likelihood":3,"impact":5,"owner":"s-1","review":"2027-01-01T00:00:00Z","mitigation":"D"}"#,
        r#"{"kind":"risk-dropped","territory":"VN","id":"maps","reason":"D"}"#,
        r#"{"kind":"risks-signed","territory":"VN","register":"D"}"#,
    ];
    let digest = Digest::of(b"document").to_string();
    texts
        .iter()
        .map(|text| serde_json::from_str(&text.replace("\"D\"", &format!("\"{digest}\""))).unwrap())
        .collect()
}

fn read_back(decision: &Decision) -> Result<Decision> {
    let body = decision.body()?;
    Decision::read(decision.kind(), DECISION_VERSION, decision.at.as_microsecond(), &body)
}

#[test]
fn every_kind_goes_through_its_record() {
    let kinds: Vec<&str> = all().iter().map(Decision::kind).collect();
    expect!["order-placed order-resolved order-amended order-escalated order-approved order-refused order-lifted order-appealed appeal-answered reported proposal-made proposal-sent proposal-accepted proposal-overridden proposal-refused case-opened case-letter case-question case-answer case-closed took-effect frame-accurate avails-entered avails-removed title-named patch-failed application-sent application-answered trial-began trial-ended territory-declared territory-opened territory-closed territory-suspended territory-resumed position-taken position-withdrawn licence-entered licence-ended evidence-entered evidence-withdrawn check-ran drill-held item-overridden override-ended risk-entered risk-dropped risks-signed scenes-marked mark-withdrawn label-voted label-decided label-of-regulator label-revoked composition-changed titles-notified consent-given notice-given consent-withdrawn"]
        .assert_eq(&kinds.join(" "));
    for decision in all() {
        assert_eq!(read_back(&decision).unwrap(), decision);
    }
}

#[test]
fn the_body_of_a_placed_order() {
    let decision = placed();
    assert_eq!(decision.at.to_string(), "2026-01-03T10:00:00.123456Z");
    expect![[r#"
        {
          "by": "s-1",
          "due": {
            "removal": {
              "at": "2026-01-04T00:00:00Z",
              "basis": "Decree 131/2022/ND-CP, Article 15(2); Law on Cinema 05/2022/QH15, Article 18(2)"
            }
          },
          "order": {
            "authority": "Cục Điện ảnh",
            "date": "2026-01-03",
            "legal_basis": "Law",
            "number": "1",
            "operation": "blur",
            "scope": {
              "parts": [
                {
                  "episode": 18,
                  "ranges": [
                    {
                      "from": "41:18",
                      "path": [
                        [
                          0,
                          0,
                          10,
                          10
                        ]
                      ],
                      "to": "41:55"
                    }
                  ],
                  "season": 1
                }
              ],
              "written": "S1E18 41:18-41:55@0,0,10,10"
            },
            "territories": [
              "VN"
            ],
            "work": {
              "title": "flight"
            }
          },
          "resolved": [
            {
              "named": "d0607f7ad2628b2af9158dfba06ce87166e66b15bf68f8f358f9aa27ccb7c321",
              "ranges": [
                {
                  "from": 7,
                  "path": [
                    {
                      "box": [
                        0,
                        0,
                        10,
                        10
                      ],
                      "frame": 7
                    }
                  ],
                  "to": 9
                }
              ],
              "read_on": "d0607f7ad2628b2af9158dfba06ce87166e66b15bf68f8f358f9aa27ccb7c321",
              "source": "d0607f7ad2628b2af9158dfba06ce87166e66b15bf68f8f358f9aa27ccb7c321",
              "title": "flight-s1e18"
            }
          ],
          "second_person": false
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&decision.body().unwrap()).unwrap());
}

#[test]
fn only_its_own_spelling_is_read() {
    let decision = placed();
    let good = decision.body().unwrap();
    let said = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut body = good.clone();
        change(&mut body);
        Decision::read("order-placed", 1, 0, &body).unwrap_err().to_string()
    };
    expect!["order-placed: it does not say who decided"].assert_eq(&said(&|b| drop(b.remove("by"))));
    expect!["not an opaque id of staff. Use 1 to 64 of a-z, 0-9, `-` and `_`"]
        .assert_eq(&said(&|b| drop(b.insert("by".into(), json!("Nguyễn Văn A")))));
    expect![
        "order-placed: unknown field `more`, expected one of `order`, `due`, `second_person`, `resolved`"
    ]
    .assert_eq(&said(&|b| drop(b.insert("more".into(), json!(1)))));
    expect!["order-placed: a member `kind` stands in the body"]
        .assert_eq(&said(&|b| drop(b.insert("kind".into(), json!("order-placed")))));
    // Another spelling of the same instant, and a list that is left out when it is empty.
    expect!["order-placed: it is not spelt as it is written"]
        .assert_eq(&said(&|b| b["due"]["removal"]["at"] = json!("2026-01-04T00:00:00+00:00")));
    expect!["order-placed: it is not spelt as it is written"]
        .assert_eq(&said(&|b| b["order"]["attachments"] = json!([])));
    expect!["resolved[0]: frames 7 to 7 are none"]
        .assert_eq(&said(&|b| b["resolved"][0]["ranges"][0]["to"] = json!(7)));
    expect!["resolved[0]: the area 999,0,10,10 is empty or reaches outside the picture. Give left, top, width and height in thousandths of the picture; 0,0,1000,1000 is all of it"].assert_eq(&said(&|b| b["resolved"][0]["ranges"][0]["path"][0]["box"] = json!([999, 0, 10, 10])));
    expect!["order: number: is not in composed form without double spaces"]
        .assert_eq(&said(&|b| b["order"]["number"] = json!("1  2")));
    expect!["order-placed of version 2; this Phim reads 1. Use the newer Phim that wrote it"]
        .assert_eq(&Decision::read("order-placed", 2, 0, &good).unwrap_err().to_string());
    expect!["order-vanished: kind: unknown variant `order-vanished`, expected one of `order-placed`, `order-resolved`, `order-amended`, `order-escalated`, `order-approved`, `order-refused`, `order-lifted`, `order-appealed`, `appeal-answered`, `reported`, `proposal-made`, `proposal-sent`, `proposal-accepted`, `proposal-overridden`, `proposal-refused`, `case-opened`, `case-letter`, `case-question`, `case-answer`, `case-closed`, `application-sent`, `application-answered`, `trial-began`, `trial-ended`, `territory-declared`, `territory-opened`, `territory-closed`, `territory-suspended`, `territory-resumed`, `position-taken`, `position-withdrawn`, `licence-entered`, `licence-ended`, `evidence-entered`, `evidence-withdrawn`, `check-ran`, `drill-held`, `item-overridden`, `override-ended`, `risk-entered`, `risk-dropped`, `risks-signed`, `avails-entered`, `avails-removed`, `title-named`, `consent-given`, `notice-given`, `consent-withdrawn`, `scenes-marked`, `mark-withdrawn`, `label-voted`, `label-decided`, `label-of-regulator`, `label-revoked`, `composition-changed`, `titles-notified`, `took-effect`, `frame-accurate`, `patch-failed`"].assert_eq(&Decision::read("order-vanished", 1, 0, &good).unwrap_err().to_string());
    assert!(Decision::read("order-placed", 1, i64::MAX, &good).is_err());
}

#[test]
fn a_decision_that_no_record_holds_is_not_written() {
    let mut decision = placed();
    let Act::OrderPlaced { resolved, .. } = &mut decision.act else { panic!() };
    let range = resolved[0].clone();
    *resolved = vec![range; 1_900];
    expect!["a decision of 109060 bytes. Split the order; a record holds 60000 bytes"]
        .assert_eq(&decision.body().unwrap_err().to_string());
    let Act::OrderPlaced { resolved, .. } = &mut decision.act else { panic!() };
    let range = resolved[0].clone();
    *resolved = vec![range; MAX_RESOLVED + 1];
    expect!["2001 ranges in one decision"].assert_eq(&decision.body().unwrap_err().to_string());
}
