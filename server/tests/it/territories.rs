//! `phim territory`: what the packs say, without an archive.

use serde_json::Value;

use crate::phim::run;

fn json(args: &[&str]) -> Value {
    let dir = tempfile::tempdir().expect("a folder");
    let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
    run(dir.path(), &args).json()
}

fn told(args: &[&str]) -> (Option<i32>, String, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let done = run(dir.path(), args);
    assert!(!dir.path().join("archive-format").exists(), "asking makes no archive");
    (done.status.code(), done.out, done.err)
}

#[test]
fn the_rules_of_a_day_and_what_changed() {
    let list = json(&["territory", "list"]);
    let listed = list["territories"].as_array().expect("a list");
    let codes: Vec<&str> = listed.iter().filter_map(|t| t["territory"].as_str()).collect();
    assert_eq!(codes, ["DE", "GB", "ID", "IN", "JP", "KR", "MY", "PH", "SG", "TH", "US", "VN"]);
    assert_eq!(listed[11]["labels"], serde_json::json!(["P", "K", "T13", "T16", "T18", "C"]));

    let adult = |day: &str| {
        let shown = json(&["territory", "show", "KR", "--on", day]);
        let rules = shown["rules"].as_array().expect("rules").clone();
        let rule = rules.into_iter().find(|rule| rule["id"] == "kr.label.adult").expect("the label");
        rule["is"]["label"]["code"].clone()
    };
    assert_eq!((adult("2024-04-30"), adult("2024-05-01")), ("18".into(), "19".into()));

    let compared = json(&["territory", "diff", "VN", "2024-01-01", "2026-07-01"]);
    let rules: Vec<&str> = compared["differences"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|d| d["rule"].as_str())
        .collect();
    assert!(
        rules.contains(&"vn.clock.cybersecurity-urgent") && rules.contains(&"vn.clock.data-request"),
        "{rules:?}"
    );
    assert!(!rules.contains(&"vn.label.t16"), "{rules:?}");
}

#[test]
fn a_rule_is_explained_to_people() {
    let (code, out, _) = told(&["territory", "explain", "vn.open.vod-licence-film"]);
    assert_eq!(code, Some(0));
    for part in
        ["in force today", "unclear    The broadcasting authority said", "or read as films-are-exempt"]
    {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (_, out, _) = told(&["territory", "show", "VN", "--on", "2026-06-30"]);
    assert!(
        out.contains("vn.stale.label  [inferred, unclear]") && out.contains("It changes on 2026-07-01."),
        "{out}"
    );
    let (_, out, _) = told(&["territory", "diff", "VN", "2026-06-30", "2026-07-01"]);
    assert!(out.ends_with("9 rules of VN differ between 2026-06-30 and 2026-07-01\n"), "{out}");
}

#[test]
fn what_is_not_there_is_said() {
    let refused = |args: &[&str], says: &str| {
        let (code, _, err) = told(args);
        assert!(code != Some(0) && err.contains(says), "{err}");
    };
    refused(&["territory", "show", "FR"], "FR has no pack. There are packs of DE, GB");
    refused(&["territory", "show", "vi"], "Vietnam is VN");
    refused(
        &["territory", "show", "VN", "--on", "today"],
        "--on: \"today\" is not a day. Write it as 2026-07-01",
    );
    refused(&["territory", "explain", "vn.none"], "no pack has a rule \"vn.none\". phim territory show");
}
