//! Windows: imported, entered by hand, explained, removed; alone and after a restart.

use std::path::Path;

use serde_json::{Value, json};

use crate::film::archive_with_film;
use crate::phim::{Server, run};

fn film() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async { archive_with_film(dir.path(), 500).await.close().await });
    dir
}

/// An XML of one avail of `content` for these territories.
fn avails(dir: &Path, territories: &[&str], entry: &str) -> String {
    let window = |territory: &&str| {
        format!(
            r#"<a:Transaction><a:LicenseType>SVOD</a:LicenseType><a:Territory><m:country>{territory}</m:country></a:Territory>
            <a:Start>2026-12-24T00:00:00</a:Start><a:End>2027-01-31T23:59:59</a:End></a:Transaction>"#
        )
    };
    let windows: String = territories.iter().map(window).collect();
    let xml = format!(
        r#"<a:AvailList xmlns:a="http://www.movielabs.com/schema/avails/v2.5/avails" xmlns:m="m">
        <a:Avail><a:ALID>md:alid:x</a:ALID><a:Disposition><a:EntryType>{entry}</a:EntryType></a:Disposition>
        <a:Licensor><m:DisplayName>Studio</m:DisplayName></a:Licensor>
        <a:Asset contentID="md:cid:noise"><a:WorkType>Movie</a:WorkType></a:Asset>
        {windows}</a:Avail></a:AvailList>"#
    );
    let file = dir.join("avails.xml");
    std::fs::write(&file, xml).expect("written");
    file.to_str().expect("text").to_string()
}

fn explain(data: &Path, territory: &str, at: &str) -> Value {
    run(data, &["window", "explain", "--title", "noise", "--territory", territory, "--at", at, "--json"])
        .json()
}

fn records(data: &Path) -> u64 {
    let named = run(data, &["window", "name", "noise", "md:cid:noise", "--json"]).json();
    named["taken"]["number"].as_u64().expect("a number")
}

#[test]
fn a_file_is_brought_in_once() {
    let dir = film();
    let (data, files) = (dir.path(), tempfile::tempdir().expect("a folder"));
    let good = avails(files.path(), &["VN", "KR"], "Full Extract");
    let dry = run(data, &["window", "import", &good, "--dry-run", "--json"]).json();
    assert_eq!((&dry["entered"], &dry["changed"]), (&json!(1), &json!(false)));
    let first = run(data, &["window", "import", &good, "--may-edit", "on-order", "--json"]).json();
    assert_eq!((&first["entered"], &first["changed"], &first["lines"]), (&json!(1), &json!(true), &json!(2)));
    let again = run(data, &["window", "import", &good, "--may-edit", "on-order", "--json"]).json();
    assert_eq!((&again["unchanged"], &again["changed"]), (&json!(1), &json!(false)));
    // Nobody said yet that the film is this work.
    assert_eq!(explain(data, "VN", "2026-12-25T00:00:00")["open"], json!(false));
    assert_eq!(records(data), 1);
    // Each territory opens at its own midnight.
    for (territory, at, open) in [
        ("KR", "2026-12-23T14:59:59Z", false),
        ("KR", "2026-12-23T15:00:00Z", true),
        ("VN", "2026-12-23T16:59:59Z", false),
        ("VN", "2026-12-23T17:00:00Z", true),
        ("VN", "2027-01-31T16:59:59Z", true),
        ("VN", "2027-01-31T17:00:00Z", false),
        ("JP", "2026-12-30T00:00:00Z", false),
    ] {
        assert_eq!(explain(data, territory, at)["open"], json!(open), "{territory} {at}");
    }
    assert_eq!(explain(data, "VN", "2026-12-25T00:00:00")["may_edit"], "on-order");
    // It is the same through the owner, and after a restart.
    let server = Server::start(data, &[]);
    assert_eq!(explain(data, "VN", "2026-12-25T00:00:00Z")["open"], json!(true));
    drop(server);
    let gone = avails(files.path(), &[], "Full Delete");
    let removed = run(data, &["window", "import", &gone, "--json"]).json();
    assert_eq!((&removed["removed"], &removed["changed"]), (&json!(1), &json!(true)));
    assert_eq!(run(data, &["window", "list", "--json"]).json()["avails"], json!([]));
    assert!(run(data, &["check", "--level", "hashed"]).status.success());
}

#[test]
fn errors_change_nothing_unless_the_valid_is_taken() {
    let dir = film();
    let (data, files) = (dir.path(), tempfile::tempdir().expect("a folder"));
    let bad = avails(files.path(), &["VN", "JJ"], "Full Extract");
    let refused = run(data, &["window", "import", &bad, "--json"]);
    assert!(!refused.status.success());
    assert!(refused.err.contains("1 errors; nothing was changed"), "{}", refused.err);
    assert!(refused.out.contains("line 6, Territory"), "{}", refused.out);
    assert_eq!(run(data, &["window", "list", "--json"]).json()["avails"], json!([]));
    let taken = run(data, &["window", "import", &bad, "--accept-valid", "--json"]).json();
    assert_eq!(
        (&taken["errors"], &taken["windows"], &taken["changed"]),
        (&json!(1), &json!(1), &json!(true))
    );
    let list = run(data, &["window", "list"]);
    assert!(list.out.contains("SVOD  in VN: 2026-12-24T00:00:00 to 2027-02-01T00:00:00"), "{}", list.out);
}

#[test]
fn windows_by_hand() {
    let dir = film();
    let data = dir.path();
    let add = |more: &[&str]| {
        let first = ["window", "add", "--title", "noise", "--licence", "SVOD"];
        run(data, &[&first[..], more].concat())
    };
    assert!(add(&["--territory", "VN,KR", "--start", "2026-12-24", "--end", "2027-01-31"]).status.success());
    let again = add(&["--territory", "KR,VN", "--start", "2026-12-24", "--end", "2027-01-31"]);
    assert_eq!(again.out, "nothing changed: it stood so already\n");
    // A premiere at one instant, everywhere but in two countries.
    let world =
        ["--territory", "ZZ", "--except", "US,CN", "--start", "2026-12-20T21:00:00+07:00", "--exclusive"];
    assert!(add(&[&world[..], &["--licensor", "Studio"]].concat()).status.success());
    assert_eq!(explain(data, "VN", "2026-12-20T14:00:00Z")["open"], json!(true));
    assert_eq!(explain(data, "US", "2026-12-20T14:00:00Z")["open"], json!(false));
    let conflicts = run(data, &["window", "conflicts", "--json"]).json();
    assert_eq!(conflicts["conflicts"][0]["rule"], "exclusive");
    for (wrong, says) in [
        (["--territory", "VN", "--start", "24/12/2026"], "\"24/12/2026\" is not a date"),
        (["--territory", "Vietnam", "--start", "2026-12-24"], "Vietnam is VN"),
        (["--territory", "VN", "--start", "2026-02-30"], "is not a date"),
    ] {
        let done = add(&wrong);
        assert!(!done.status.success() && done.err.contains(says), "{}", done.err);
    }
    assert!(run(data, &["window", "remove", "house:noise", "--licensor", "Studio"]).status.success());
    let said = run(
        data,
        &["window", "explain", "--title", "noise", "--territory", "VN", "--at", "2026-12-25T00:00:00Z"],
    );
    assert!(said.out.starts_with("noise is licensed in VN at 2026-12-25T00:00:00Z"), "{}", said.out);
    // The licensor is asked and told; the record stands in the list and with the window.
    let say = |verb: &str, more: &[&str]| {
        let first = ["window", verb, "--title", "noise", "--text", "a letter"];
        run(data, &[&first[..], more].concat())
    };
    assert!(say("consent", &[]).err.contains("no contract about \"noise\" asks for that"));
    let asks =
        ["--territory", "JP", "--start", "2026-01-01", "--licensor", "Studio", "--may-edit", "with-consent"];
    assert!(add(&[&asks[..], &["--tell", "rights@studio.example"]].concat()).status.success());
    assert!(say("consent", &["--version", "nothing"]).err.contains("has no version"));
    assert!(say("consent", &["--until", "2027-01-01"]).err.contains("time zone"));
    let until = ["--territory", "JP", "--from", "2026-05-01", "--until", "2026-12-31"];
    assert!(say("consent", &until).status.success());
    assert_eq!(say("consent", &until).out, "nothing changed: it stood so already\n");
    let list = run(data, &["window", "list", "--title", "noise"]).out;
    assert!(list.contains("edits with consent; tell rights@studio.example\n"), "{list}");
    let line =
        "consent: whatever is ordered of noise in JP from 2026-04-30T15:00:00Z until 2026-12-31T15:00:00Z";
    assert!(list.contains(line), "{list}");
    let explained = explain(data, "JP", "2026-12-25T00:00:00Z");
    let window =
        explained["windows"].as_array().and_then(|all| all.iter().find(|w| w["dealing"]["tell"] != ""));
    assert_eq!(window.expect("a window")["said"][0]["what"], "consent");
    assert!(say("unsay", &["--territory", "JP"]).status.success());
    let unknown = run(data, &["window", "remove", "nothing"]);
    assert!(unknown.err.contains("there is no avail"), "{}", unknown.err);
}
