//! Opening a country: what is missing, what meets it, who answers for the rest.

use serde_json::{Value, json};

use super::Cinema;

const READINESS: &str = "/api/v1/territories/VN/readiness";

/// Rules of the items in a state.
fn items(view: &Value, state: &str) -> Vec<String> {
    let items = view["items"].as_array().expect("a list").iter();
    let of_state = items.filter(|item| item["state"] == state);
    of_state
        .filter_map(|item| item["rule"].as_str())
        .map(|r| r.trim_start_matches("vn.open.").into())
        .collect()
}

/// From nothing to an open country, by verbs and over HTTP; suspended and brought back.
#[test]
fn a_country_opens() {
    let cinema = Cinema::open(500);
    let declared = cinema.verb(&["territory", "declare", "VN", "--kind", "film", "--by", "an.tran"]);
    assert_eq!(declared["stand"]["state"], "never-opened");
    let missing = items(&declared, "missing");
    assert!(
        missing.contains(&"rating".into()) && missing.contains(&"vod-licence-film".into()),
        "{missing:?}"
    );
    let refused = cinema.try_verb(&["territory", "open", "VN"]);
    assert!(!refused.status.success() && refused.out.contains("vn.open.rating"), "{}", refused.out);

    for name in [
        "company-registration",
        "rating-mechanism",
        "rating-change-plan",
        "removal-plan",
        "contact-point",
        "data-impact-assessment",
        "data-protection-officer",
    ] {
        let document = json!({"name": name, "document": {"text": "Hồ sơ"}, "until": "2100-01-01"});
        let (status, view) = cinema.desk("POST", READINESS, &json!({ "add_evidence": document }));
        assert_eq!(status, 200, "{view}");
    }
    // An application is a case: the authority is waited for until it has decided.
    let case = ["case", "open", "tự phân loại", "--authority", "Cục Điện ảnh", "--territory", "VN"];
    cinema.verb(&case);
    let grant = ["--grant", "self-rating-recognition"];
    let apply = cinema.verb(&[&["case", "apply", "tự phân loại", "--text", "Đơn"][..], &grant].concat());
    let wait = &apply["waits"][0];
    assert_eq!((&wait["on"], &wait["what"]), (&json!("authority"), &json!("decision")));
    assert!(!cinema.try_verb(&["case", "close", "tự phân loại", "--text", "xong"]).status.success());
    let decided = cinema.verb(&[&["case", "decide", "tự phân loại", "--text", "QĐ"][..], &grant].concat());
    assert_eq!((&decided["waits"], &decided["timeline"][1]["granted"]), (&json!([]), &json!(true)));
    let licence = ["licence", "add", "VN", "self-rating-recognition", "--number", "12/QĐ"];
    let rest = ["--authority", "Cục Điện ảnh", "--until", "2100-12-31", "--text", "QĐ"];
    let view = cinema.verb(&[&licence[..], &rest].concat());
    assert_eq!(view["licences"][0]["until"], "2100-12-31T17:00:00Z", "its last day is included, in Vietnam");
    let take = ["position", "take", "vn.open.vod-licence-film", "--reading", "films-are-exempt"];
    let view = cinema.verb(&[&take[..], &["--said-by", "một cán bộ", "--text", "Họp tháng 4/2023"]].concat());
    assert_eq!(items(&view, "not-asked"), ["vod-licence-film"]);
    assert_eq!(view["positions"][0]["said_by"], "một cán bộ");
    for area in ["security", "political", "user-data", "sensitive-content"] {
        let add = ["risk", "add", "VN", area, "--area", area, "--likelihood", "2", "--impact", "4"];
        let rest = ["--owner", "an.tran", "--review", "2100-01-01", "--text", "Có người xem lại"];
        cinema.verb(&[&add[..], &rest].concat());
    }
    let view = cinema.verb(&["risk", "sign", "VN", "--by", "an.tran"]);
    assert_eq!(view["register"]["gaps"], json!(["one-signature"]));
    let view = cinema.verb(&["risk", "sign", "VN", "--by", "binh.le"]);
    assert_eq!((&view["register"]["gaps"], &view["register"]["risks"][0]["score"]), (&json!([]), &json!(8)));

    // The rehearsal: nobody is under the order, and what was measured is evidence.
    let (status, view) = cinema.desk("POST", READINESS, &json!({"drill": {"title": "noise"}}));
    assert_eq!(status, 200, "{view}");
    let checks = view["checks"].as_array().expect("a list");
    let drill = checks.iter().find(|check| check["check"] == "removal-drill").expect("the drill");
    assert_eq!(drill["passed"], true, "{drill}");
    assert!(drill["report"]["scene"]["planned"].as_u64() > Some(10), "{drill}");
    assert_eq!(cinema.verb(&["order", "list"])["orders"], json!([]));
    assert!(!cinema.data().join("drill.tmp").exists());

    // A person answers for what is left.
    let view = cinema.verb(&["territory", "check", "VN"]);
    for rule in items(&view, "missing") {
        let rule = format!("vn.open.{rule}");
        let over = ["territory", "override", "VN", &rule, "--by", "chi.pham", "--text", "Bản này chưa có"];
        cinema.verb(&over);
    }
    let view = cinema.verb(&["territory", "open", "VN", "--by", "an.tran"]);
    assert_eq!(view["stand"]["state"], "open", "{view}");
    assert_eq!(items(&view, "missing"), Vec::<String>::new());
    // Met where this program was built with its pages.
    assert!([items(&view, "overridden"), items(&view, "met")].concat().contains(&"parents".into()));
    assert!(view["next_change"].is_string());

    let view = cinema.verb(&["territory", "suspend", "VN", "--text", "Theo công văn 1551"]);
    assert_eq!(
        (&view["stand"]["state"], &view["stand"]["reason"]),
        (&json!("suspended"), &json!("Theo công văn 1551"))
    );
    let (_, list) = cinema.desk("GET", "/api/v1/territories", &json!(null));
    let line = list["territories"].as_array().expect("a list").last().expect("VN").clone();
    assert_eq!((&line["territory"], &line["stand"]["state"]), (&json!("VN"), &json!("suspended")));
    let view = cinema.verb(&["territory", "resume", "VN", "--text", "Đã được công nhận"]);
    assert_eq!(view["stand"]["state"], "open");
    let view = cinema.verb(&[
        "licence",
        "end",
        "VN",
        "self-rating-recognition",
        "--number",
        "12/QĐ",
        "--text",
        "thu hồi",
    ]);
    assert_eq!(
        (&view["stand"]["state"], items(&view, "missing")),
        (&json!("missing"), vec!["rating".to_string()])
    );
    assert_eq!(cinema.verb(&["check"])["faults"], json!([]));
}

/// What cannot be meant is refused, and leaves no trace.
#[test]
fn what_opens_nothing() {
    let cinema = Cinema::open(500);
    let enter = |what: Value| cinema.desk("POST", READINESS, &what).0;
    let said = json!({"text": "vì"});
    assert_eq!(enter(json!({"open": {}})), 409, "nothing was declared");
    assert_eq!(enter(json!({"declare": {"kinds": []}})), 400);
    assert_eq!(enter(json!({"declare": {"kinds": ["film"], "colour": "red"}})), 400);
    assert_eq!(enter(json!({"close": {"reason": said}})), 409, "it was never open");
    assert_eq!(enter(json!({"suspend": {"reason": {"text": " "}}})), 400, "why?");
    assert_eq!(enter(json!({"suspend": {"reason": {"file": "/etc/hostname"}}})), 400);
    assert_eq!(enter(json!({"add_evidence": {"name": "a-letter", "document": said}})), 400, "not asked for");
    assert_eq!(enter(json!({"override": {"rule": "kr.open.drill", "reason": said}})), 404, "another's rule");
    let licence = |until: &str| {
        json!({"add_licence": {"grant": "vod-licence", "number": "1", "authority": "A", "kinds": ["film"], "from": "2026-02-01",
            "until": until, "document": said}})
    };
    assert_eq!(enter(licence("2026-01-31")), 400, "it ends before it begins");
    assert_eq!(enter(licence("soon")), 400);
    assert_eq!(enter(licence("2026-02-01")), 200);
    let position = |reading: &str| json!({"take_position": {"rule": "vn.open.vod-licence-film", "reading": reading, "said_by": "x", "basis": said}});
    assert_eq!(enter(position("whatever-suits")), 400);
    let risk = |impact: u8| {
        json!({"add_risk": {"id": "a", "area": "security", "likelihood": 1, "impact": impact, "owner": "o", "review": "2027-01-01",
            "mitigation": said}})
    };
    assert_eq!(enter(risk(6)), 400);
    assert_eq!(enter(risk(5)), 200);
    assert_eq!(enter(json!({"sign_risks": {"register": "0".repeat(64)}})), 409, "another register was read");
    assert_eq!(enter(json!({"drill": {"title": "nothing"}})), 404);
    let (_, view) = cinema.desk("GET", READINESS, &json!(null));
    assert_eq!((&view["stand"]["state"], &view["items"]), (&json!("undeclared"), &json!([])));
    assert_eq!(cinema.desk("GET", "/api/v1/territories/XX/readiness", &json!(null)).0, 400);
    assert_eq!(cinema.desk("GET", "/api/v1/territories/FR/readiness", &json!(null)).0, 404, "no pack");
    assert_eq!(crate::client::get(cinema.server.at(), READINESS).status, 401);
}
