//! Classification: marked, voted, decided, overruled, notified; by the verbs and over HTTP, and refused
//! where the rules refuse it.

use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Answer, ask};
use crate::film::archive_with_film;
use crate::phim::{Server, run};

fn film() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async { archive_with_film(dir.path(), 500).await.close().await });
    dir
}

fn classify(data: &Path, words: &str) -> Value {
    let words: Vec<&str> = ["classify"].into_iter().chain(words.split(' ')).chain(["--json"]).collect();
    serde_json::from_str(&run(data, &words).out).expect("JSON")
}

/// What holds for the whole in Vietnam.
fn holds(view: &Value) -> &Value {
    let vn = view["territories"].as_array().expect("territories").iter().find(|t| t["territory"] == "VN");
    &vn.expect("VN")["versions"][0]["holds"]
}

#[test]
fn a_title_is_marked_voted_decided_overruled_and_notified() {
    let dir = film();
    let data = dir.path();
    let none = classify(data, "show noise");
    assert_eq!(holds(&none)["label"], Value::Null);
    assert_eq!(holds(&none)["why"]["en"], "This version has not been given a label.");
    let marked =
        classify(data, "mark noise --scene 1-3 --descriptor violence --strength medium --manner detailed");
    let mark = marked["marks"][0]["mark"].as_str().expect("a mark").to_string();
    assert_eq!((&marked["marks"][0]["from"], &marked["marks"][0]["to"]), (&json!(1.0), &json!(3.0)));
    // The same again is the same mark.
    let again =
        classify(data, "mark noise --scene 1-3 --descriptor violence --strength medium --manner detailed");
    assert_eq!(again["marks"].as_array().expect("marks").len(), 1);
    let unknown = classify(data, "mark noise --descriptor boredom --strength strong");
    assert!(unknown["error"]["message"].as_str().expect("words").contains("no pack has a descriptor"));

    let refused = classify(data, "decide noise --territory VN --label T13 --how software");
    assert_eq!(
        refused["error"]["message"],
        "What is marked (violence) asks for T16 at least; T13 was decided."
    );
    let refused = classify(data, "vote noise --territory VN --label C18");
    assert!(refused["error"]["message"].as_str().expect("words").contains("had no label"));
    let refused = classify(data, "decide noise --territory VN --label T16");
    assert!(refused["error"]["message"].as_str().expect("words").contains("0 of 2 votes"));
    classify(data, "vote noise --territory VN --label T16 --by lan");
    classify(data, "vote noise --territory VN --label T16 --by minh");
    // Without a label it is the lowest that the marks allow.
    let decided = classify(data, "decide noise --territory VN --by minh");
    assert_eq!(holds(&decided)["label"], "T16");
    assert_eq!(holds(&decided)["descriptors"], json!(["violence"]));
    assert_eq!(holds(&decided)["because"][0]["mark"], mark.as_str());
    assert_eq!(holds(&decided)["untold"][0]["to"], "MCST");

    let due = classify(data, "notifications --territory VN --due");
    assert_eq!(due["lines"][0]["label"], "T16");
    assert_eq!(due["lines"][0]["criteria"], json!(["bạo lực"]));
    let sent = classify(
        data,
        "notifications --territory VN --sent-to MCST --receipt 118/PTH --sent 2026-11-21T10:00:00Z",
    );
    assert_eq!((&sent["titles"], &sent["taken"]["changed"]), (&json!(1), &json!(true)));
    assert_eq!(classify(data, "notifications --territory VN --due")["lines"], json!([]));
    let all = run(data, &["classify", "notifications", "--territory", "VN", "--csv"]).out;
    assert!(all.contains("MCST,2026-11-21T10:00:00Z,118/PTH"), "{all}");

    let regulator =
        "regulator noise --territory VN --label C --authority MCST --number 12/GP --date 2026-01-03";
    let banned = classify(data, regulator);
    assert_eq!((&holds(&banned)["label"], &holds(&banned)["banned"]), (&json!("C"), &json!(true)));
    let history = classify(data, "history noise --territory VN");
    let kinds: Vec<&str> = history["territories"][0]["history"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|h| h["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["vote", "vote", "own", "told", "regulator"]);
    assert!(run(data, &["classify", "history", "noise"]).out.contains("12/GP"));
    assert!(run(data, &["classify", "show", "noise"]).out.contains("certificate 12/GP"));
    assert!(run(data, &["classify", "show"]).out.contains("noise  VN: C"));
    let revoked = classify(data, "revoke noise --territory VN --number 12/GP --reason mistaken");
    assert_eq!(holds(&revoked)["label"], Value::Null);
}

#[test]
fn another_version_is_rated_again_and_a_cut_scene_no_longer_counts() {
    let dir = film();
    let data = dir.path();
    classify(data, "mark noise --scene 1-3 --descriptor violence --strength medium");
    classify(data, "decide noise --territory VN --how software");
    run(data, &["version", "make", "--title", "noise", "--name", "short", "--cut", "0-4", "--json"]).json();
    let of = |view: &Value, name: &str| {
        let places = view["territories"].as_array().expect("territories");
        let vn = places.iter().find(|place| place["territory"] == "VN").expect("VN");
        let versions = vn["versions"].as_array().expect("versions");
        versions.iter().find(|v| v["version"] == name).expect("the version").clone()
    };
    let shown = classify(data, "show noise --territory VN");
    assert_eq!(of(&shown, "whole")["holds"]["label"], "T16");
    let short = of(&shown, "short");
    assert!(short["holds"]["why"]["en"].as_str().expect("words").contains("a cut"), "{short}");
    assert_eq!(short["lowest"], "P");
    let rated = classify(data, "decide noise --territory VN --version short --how software");
    assert_eq!(of(&rated, "short")["holds"]["label"], "P");
    assert_eq!(of(&rated, "whole")["holds"]["label"], "T16");
}

#[test]
fn the_desk_says_the_same_over_http() {
    let dir = film();
    let data = dir.path();
    let server = Server::start(data, &[]);
    let token = run(data, &["desk"]).out;
    let bearer = format!("Bearer {}", token.trim());
    let asked = |method: &str, path: &str, body: &Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        ask(server.at(), method, path, &[("authorization", &bearer)], &body)
    };
    let get = |path: &str| asked("GET", path, &Value::Null);
    let json = |answer: &Answer| serde_json::from_slice::<Value>(&answer.body).expect("JSON");
    assert_eq!(ask(server.at(), "GET", "/api/v1/ratings", &[], "").status, 401);
    let vote = json!({"vote": {"on": {"territory": "VN"}, "label": "T13"}});
    assert_eq!(asked("POST", "/api/v1/ratings/noise?by=lan", &vote).status, 200);
    let wrong = json!({"vote": {"on": {"territory": "VN"}, "label": "PG-13"}});
    assert_eq!(asked("POST", "/api/v1/ratings/noise", &wrong).status, 400);
    let decide = json!({"decide": {"on": {"territory": "VN"}, "label": "T13", "how": "software"}});
    for _ in 0..2 {
        let decided = json(&asked("POST", "/api/v1/ratings/noise?by=lan", &decide));
        assert_eq!(holds(&decided)["label"], "T13");
        assert_eq!(decided["territories"].as_array().expect("a list").len(), 12);
    }
    let all = json(&get("/api/v1/ratings"));
    assert_eq!(all["titles"][0]["title"], "noise");
    let listed = get("/api/v1/notifications?territory=VN&due=true&format=csv");
    assert_eq!(listed.header("content-type"), Some("text/csv; charset=utf-8"));
    let notify = json!({"territory": "VN", "to": "MCST", "receipt": "1"});
    assert_eq!(asked("POST", "/api/v1/notifications", &notify).status, 200);
    assert_eq!(json(&get("/api/v1/notifications?territory=VN&due=true"))["lines"], json!([]));
    assert_eq!(get("/api/v1/ratings/none").status, 404);
}
