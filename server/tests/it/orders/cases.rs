//! Cases: what was said in one matter, and who waits for whom.

use serde_json::{Value, json};

use super::{Cinema, of};

const AUTHORITY: &str = "Cục Điện ảnh";

/// What is owed: by whom, what, and whether there is a deadline.
fn owed(case: &Value) -> Vec<String> {
    let waits = case["waits"].as_array().expect("a list");
    let text = |wait: &Value, field: &str| wait[field].as_str().unwrap_or("-").to_string();
    let due = |wait: &Value| if wait["due"].is_string() { "due" } else { "open" };
    waits.iter().map(|w| format!("{} {} {}", text(w, "on"), text(w, "what"), due(w))).collect()
}

fn told(case: &Value) -> Vec<String> {
    let timeline = case["timeline"].as_array().expect("a list");
    let acts = timeline.iter().filter_map(|turn| turn["what"].as_str().map(String::from));
    acts.filter(|what| !matches!(what.as_str(), "took-effect" | "frame-accurate" | "patch-failed")).collect()
}

/// From the first letter to the end of the matter, by verbs and over HTTP: everything joins by itself.
#[test]
fn the_thread_of_a_matter() {
    let cinema = Cinema::open(500);
    let open = ["case", "open", "bản đồ", "--authority", AUTHORITY, "--territory", "VN"];
    let case = cinema.verb(&open);
    assert_eq!((&case["zone"], &case["timeline"]), (&json!("Asia/Ho_Chi_Minh"), &json!([])));
    assert_eq!(cinema.verb(&open)["opened"], case["opened"], "the same again changes nothing");
    let letter = cinema.data().join("thư.txt");
    std::fs::write(&letter, "Kính gửi").expect("written");
    let letter = letter.to_str().expect("a path");
    cinema.verb(&["case", "letter", "bản đồ", "--letter", letter]);
    let asked = ["case", "question", "bản đồ", "--text", "Phiên bản nào?", "--due", "2027-01-04T17:00"];
    let case = cinema.verb(&asked);
    assert_eq!(owed(&case), ["house answer due"]);
    assert_eq!(case["waits"][0]["due"], json!("2027-01-04T10:00:00Z"), "counted in Vietnam");

    // An order of the matter, and a version offered in answer.
    let mut order = of("noise", "12/QĐ", &["VN"], "withdraw", "whole");
    order["case"] = json!("bản đồ");
    order["report_due"] = json!("2027-01-03T17:00:00+07:00");
    cinema.place(&order);
    cinema.verb(&["order", "propose", "12/QĐ", "--cut", "48f-96f"]);
    cinema.verb(&["order", "send", "12/QĐ", "--proposal", "--reason", "Bản đã sửa"]);
    cinema.verb(&["order", "appeal", "12/QĐ", "--reason", "Không có bản đồ"]);
    let path = "/api/v1/cases/b%E1%BA%A3n%20%C4%91%E1%BB%93";
    let (status, case) = cinema.desk("GET", path, &json!(null));
    assert_eq!(status, 200, "{case}");
    // It was in force when it was answered, so nothing is left to be removed.
    assert_eq!(
        owed(&case),
        ["house report due", "house answer due", "authority verdict open", "authority ruling open",]
    );
    assert_eq!(case["orders"], json!(["12/QĐ"]));

    let entries = format!("{path}/entries");
    let enter = |body: Value| cinema.desk("POST", &entries, &body);
    let close = json!({"close": {"letter": {"text": "settled"}}});
    assert_eq!(enter(close.clone()).0, 409, "a question is open");
    assert_eq!(enter(json!({"answer": {"letter": {"text": "Bản whole"}}})).0, 200);
    let (_, case) = enter(json!({"question": {"from": "house", "letter": {"text": "Bản nào được duyệt?"}}}));
    let question = case["timeline"].as_array().expect("a list").last().expect("a question").clone();
    assert_eq!(
        (&question["from"], &question["document"]["text"]),
        (&json!("house"), &json!("Bản nào được duyệt?"))
    );
    let commitment = question["document"]["commitment"].as_str().expect("a digest");
    assert!(owed(&case).contains(&"authority answer open".to_string()), "{case}");
    let answer = json!({"answer": {"question": &commitment[..8], "letter": {"text": "Bản cắt"}}});
    let (status, case) = enter(answer);
    assert_eq!(status, 200);
    assert_eq!(case["timeline"].as_array().and_then(|t| t.last()).expect("it")["answers"], json!(commitment));
    cinema.verb(&["order", "accept", "12/QĐ", "--reason", "Đồng ý"]);
    cinema.verb(&["order", "answer", "12/QĐ", "--outcome", "partly", "--reason", "Một phần"]);
    cinema.verb(&["order", "reported", "12/QĐ", "--reason", "Báo cáo"]);
    let (status, case) = enter(close);
    assert_eq!((status, owed(&case)), (200, Vec::new()));
    assert!(case["closed"].is_string());
    expect_test::expect!["case-letter case-question order-placed proposal-made proposal-sent order-appealed case-answer case-question case-answer proposal-accepted appeal-answered reported case-closed"]
        .assert_eq(&told(&case).join(" "));
    // The letter's file is known by its digest.
    let file = &case["timeline"][0]["files"][0];
    assert_eq!((file["bytes"].as_u64(), file["digest"].as_str().map(str::len)), (Some(11), Some(64)));
    // A letter later opens it again; a restart knows all of it.
    let again = cinema.verb(&["case", "letter", "bản đồ", "--from", "house", "--text", "Cảm ơn"]);
    assert_eq!(again["closed"], Value::Null);
    assert_eq!(cinema.verb(&["check"])["faults"], json!([]));
}

/// What cannot be meant is refused, and leaves no trace.
#[test]
fn what_is_no_case() {
    let cinema = Cinema::open(500);
    assert_eq!(cinema.desk("GET", "/api/v1/cases", &json!(null)).1, json!({"cases": []}));
    let wrong = [
        json!({"case": "", "authority": "A", "territories": ["VN"]}),
        json!({"case": "x", "authority": "A", "territories": []}),
        json!({"case": "x", "authority": "A", "territories": ["vn"]}),
        json!({"case": "x".repeat(400), "authority": "A", "territories": ["VN"]}),
        json!({"case": "x", "authority": "A"}),
    ];
    for opening in wrong {
        assert_eq!(cinema.desk("POST", "/api/v1/cases", &opening).0, 400, "{opening}");
    }
    let opening = json!({"case": "x", "authority": "A", "territories": ["VN"]});
    assert_eq!(cinema.desk("POST", "/api/v1/cases", &opening).0, 200);
    let enter = |body: Value| cinema.desk("POST", "/api/v1/cases/x/entries", &body).0;
    let said = json!({"text": "?"});
    assert_eq!(enter(json!({"letter": {"letter": {"text": "  "}}})), 400, "it says nothing");
    assert_eq!(enter(json!({"letter": {"letter": {"file": "/etc/hostname"}}})), 400);
    assert_eq!(enter(json!({"answer": {"letter": said}})), 404, "nothing was asked");
    assert_eq!(enter(json!({"question": {"letter": said, "due": "tomorrow"}})), 400);
    assert_eq!(enter(json!({"gossip": {"letter": said}})), 400);
    for text in ["Which?", "When?"] {
        assert_eq!(enter(json!({"question": {"letter": {"text": text}}})), 200);
    }
    assert_eq!(enter(json!({"answer": {"letter": said}})), 409, "which of them?");
    let other = json!({"case": "x", "authority": "B", "territories": ["VN"]});
    assert_eq!(cinema.desk("POST", "/api/v1/cases", &other).0, 409);
    assert_eq!(cinema.desk("POST", "/api/v1/cases/y/entries", &json!({"letter": {"letter": said}})).0, 404);
    assert_eq!(crate::client::get(cinema.server.at(), "/api/v1/cases").status, 401);
}
