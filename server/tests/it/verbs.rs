//! Verbs alone, and through the owner's socket.

use serde_json::Value;

use crate::film::archive_with_film;
use crate::phim::{Server, hold_trial, run};

fn film() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async { archive_with_film(dir.path(), 500).await.close().await });
    hold_trial(dir.path());
    dir
}

/// What a verb says is the same whether the archive has an owner or not.
#[test]
fn alone_and_through_the_owner() {
    let dir = film();
    let verbs: [&[&str]; 6] = [
        &["title", "list", "--json"],
        &["title", "show", "noise", "--json"],
        &["version", "list", "--json"],
        &["version", "show", "noise/whole", "--json"],
        &["play-url", "noise", "--json"],
        &["check", "--level", "hashed", "--json"],
    ];
    let alone: Vec<Value> = verbs.iter().map(|v| run(dir.path(), v).json()).collect();
    let server = Server::start(dir.path(), &[]);
    let through: Vec<Value> = verbs.iter().map(|v| run(dir.path(), v).json()).collect();
    assert_eq!(alone, through);
    assert_eq!(alone[5]["losses"], serde_json::json!([]));
    // A second owner is refused, and told who the first is.
    let second = run(dir.path(), &["serve", "--port", "0"]);
    assert_eq!(second.status.code(), Some(5), "{}", second.err);
    assert!(second.err.contains(&server.pid().to_string()), "{}", second.err);
}

/// A process that was killed between entering a title and its whole left the title without it: the next
/// owner enters it.
#[test]
fn a_title_without_its_whole_gets_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let archive = archive_with_film(dir.path(), 500).await;
        archive.catalogue().remove_version("noise", "whole", 1).await.expect("removed");
        archive.close().await;
    });
    let list = run(dir.path(), &["version", "list", "--json"]).json();
    assert_eq!(
        (&list["versions"][0]["name"], &list["versions"][0]["seconds"]),
        (&"whole".into(), &20.0.into())
    );
}

/// A folder with a name longer than the address of a socket may be is as good as another.
#[test]
fn a_folder_with_a_long_name() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("a-long-name-".repeat(12));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async { archive_with_film(&data, 500).await.close().await });
    hold_trial(&data);
    let _server = Server::start(&data, &[]);
    assert_eq!(run(&data, &["title", "list", "--json"]).json()["titles"][0]["id"], "noise");
}

/// A version made while the house serves plays at once; made again, it is found; removed, it is gone.
#[test]
fn the_life_of_a_version() {
    let dir = film();
    let server = Server::start(dir.path(), &[]);
    let make = [
        "version",
        "make",
        "--title",
        "noise",
        "--name",
        "short",
        "--cut",
        "2-4",
        "--cut",
        "3-6",
        "--label",
        "vi=Ngắn",
        "--json",
    ];
    let made = run(dir.path(), &make).json();
    assert_eq!(made["seconds"], 16.0);
    assert_eq!(made["spans"].as_array().map(Vec::len), Some(2));
    assert_eq!(made["spans"][1]["from_unit"], 144);
    assert_eq!(made["patches"], serde_json::json!([]));
    assert_eq!(run(dir.path(), &make).json(), made);
    let path = format!("/c/{}/hls.m3u8", made["composition"].as_str().expect("a digest"));
    assert_eq!(crate::client::get(server.at(), &path).status, 200);

    let play = crate::client::ask(
        server.at(),
        "POST",
        "/api/v1/play",
        &[],
        r#"{"title":"noise","version":"short"}"#,
    );
    let play: Value = serde_json::from_slice(&play.body).expect("json");
    assert_eq!(play["edits"], serde_json::json!([{"at": 2.0, "kind": "cut", "removed_seconds": 4.0}]));

    let other = ["version", "make", "--title", "noise", "--name", "short", "--cut", "8-10"];
    assert_eq!(run(dir.path(), &other).status.code(), Some(5));
    let difference = run(dir.path(), &["version", "diff", "noise", "noise/short", "--json"]).json();
    assert_eq!(difference["only_from"][0]["from_unit"], 48);
    assert_eq!(difference["only_from"][0]["to_unit"], 144);
    assert_eq!(difference["only_to"], serde_json::json!([]));

    let strung = [
        "version",
        "make",
        "--title",
        "noise",
        "--name",
        "strung",
        "--span",
        "noise:10-12",
        "--span",
        "noise:0:00-0:04",
        "--json",
    ];
    assert_eq!(run(dir.path(), &strung).json()["seconds"], 6.0);

    assert!(run(dir.path(), &["version", "remove", "noise/short"]).status.success());
    assert_eq!(crate::client::get(server.at(), &path).status, 404);
    assert_eq!(run(dir.path(), &["version", "remove", "noise/whole"]).status.code(), Some(5));
    assert_eq!(run(dir.path(), &["version", "remove", "noise/none"]).status.code(), Some(4));

    let removed = run(dir.path(), &["title", "remove", "noise", "--json"]).json();
    assert!(removed["bytes_freed"].as_u64() > Some(200_000), "{removed}");
    assert_eq!(run(dir.path(), &["title", "list", "--json"]).json()["titles"], serde_json::json!([]));
    assert_eq!(run(dir.path(), &["check", "--json"]).json()["blobs"], 0);
}

/// Each mistake is answered with what is wrong, where, and what to do; nothing changes.
#[test]
fn mistakes() {
    let dir = film();
    let before = run(dir.path(), &["version", "list", "--json"]).json();
    let make = |rest: &[&str]| {
        let args: Vec<&str> =
            ["version", "make", "--title", "noise", "--name", "wrong"].iter().chain(rest).copied().collect();
        let done = run(dir.path(), &args);
        format!("{} {}", done.status.code().unwrap_or(-1), done.err.trim())
    };
    let cases: [(&[&str], &str); 10] = [
        (
            &["--cut", "2-40"],
            "2 phim: --cut 2-40: the range 2-40 ends at frame 960; the title has 480 frames",
        ),
        (&["--cut", "0-"], "2 phim: nothing is left of the film"),
        (&["--cut", "5-5"], "2 phim: --cut 5-5: the range 5-5 is empty"),
        (&["--cut", "abc"], "2 phim: --cut abc: \"abc\" is not a range"),
        (&["--cut", "1:99-2:00"], "2 phim: --cut 1:99-2:00: \"1:99\" is not a position"),
        (&["--span", "none:0-2"], "4 phim: --span none:0-2: there is no title \"none\""),
        (&["--span", "0-2"], "2 phim: --span 0-2: a span names a title"),
        (&["--card", "no language"], "2 phim: \"no language\" has no language"),
        (&["--label", "english=x"], "2 phim: "),
        (&["--name", "Böse"], "2 "),
    ];
    for (args, expected) in cases {
        let said = make(args);
        assert!(said.starts_with(expected), "{args:?}: {said}");
    }
    assert_eq!(run(dir.path(), &["version", "list", "--json"]).json(), before);
    let none = run(&dir.path().join("none"), &["title", "list", "--json"]);
    assert_eq!(none.status.code(), Some(4));
    assert!(none.out.contains("\"remedy\"") && !dir.path().join("none").exists(), "{}", none.out);
}

/// Help and completions exist for every verb.
#[test]
fn help() {
    let dir = tempfile::tempdir().expect("a folder");
    for verb in [
        "serve",
        "demo",
        "add",
        "title",
        "version",
        "order",
        "case",
        "webhook",
        "ledger",
        "desk",
        "play-url",
        "export",
        "check",
        "completions",
    ] {
        let help = run(dir.path(), &[verb, "--help"]);
        assert!(help.status.success() && help.out.contains("Usage: phim"), "{verb}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(dir.path(), &["completions", shell]).out.contains("play-url"), "{shell}");
    }
}

/// `docs/ref/cli.md` is what the verbs say of themselves. `UPDATE_EXPECT=1 cargo test` writes it anew.
#[test]
fn the_verbs_are_written_down() {
    let dir = tempfile::tempdir().expect("a folder");
    let verbs = [
        "",
        "serve",
        "demo",
        "add",
        "title",
        "title list",
        "title show",
        "title remove",
        "version",
        "version make",
        "version list",
        "version show",
        "version diff",
        "version remove",
        "order",
        "order place",
        "order list",
        "order show",
        "order approve",
        "order refuse",
        "order lift",
        "order appeal",
        "order answer",
        "order amend",
        "order escalate",
        "order propose",
        "order send",
        "order accept",
        "order override",
        "order report",
        "order reported",
        "order transparency",
        "classify",
        "classify mark",
        "classify unmark",
        "classify vote",
        "classify decide",
        "classify regulator",
        "classify revoke",
        "classify show",
        "classify history",
        "classify notifications",
        "window",
        "window import",
        "window add",
        "window list",
        "window conflicts",
        "window explain",
        "window name",
        "window remove",
        "case",
        "case open",
        "case list",
        "case show",
        "case letter",
        "case question",
        "case answer",
        "case close",
        "webhook",
        "webhook add",
        "webhook list",
        "webhook show",
        "webhook test",
        "webhook resume",
        "webhook remove",
        "territory",
        "territory list",
        "territory show",
        "territory diff",
        "territory explain",
        "territory readiness",
        "territory declare",
        "territory trial",
        "territory end-trial",
        "territory open",
        "territory close",
        "territory suspend",
        "territory resume",
        "territory override",
        "territory end-override",
        "territory check",
        "position take",
        "position withdraw",
        "position list",
        "licence add",
        "licence end",
        "licence list",
        "evidence add",
        "evidence withdraw",
        "evidence list",
        "risk add",
        "risk drop",
        "risk sign",
        "risk list",
        "drill",
        "case apply",
        "case decide",
        "ledger verify",
        "witness",
        "token",
        "token keys",
        "token rotate",
        "token issue",
        "desk",
        "play-url",
        "export",
        "check",
        "completions",
    ];
    let mut text = "# The command line\n\nWhat `phim VERB --help` says. Verbs reach the process that owns the archive over a socket in \
                    its folder, or open the archive\nthemselves when nobody does. Exit codes stand in [The HTTP interface](http.md).\n"
        .to_string();
    for verb in verbs {
        let args: Vec<&str> = verb.split_whitespace().chain(["--help"]).collect();
        let help = run(dir.path(), &args);
        assert!(help.status.success(), "{verb}");
        let lines: Vec<&str> = help.out.trim().lines().map(str::trim_end).collect();
        text +=
            &format!("\n## phim {verb}\n\n```text\n{}\n```\n", lines.join("\n")).replace("phim \n", "phim\n");
    }
    expect_test::expect_file![concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ref/cli.md")].assert_eq(&text);
}

/// The API's description in `docs/ref` is the one that the program gives.
/// `UPDATE_EXPECT=1 cargo test` writes it anew.
#[test]
fn the_description_of_the_api_is_written_down() {
    let dir = film();
    let server = Server::start(dir.path(), &[]);
    let said: Value =
        serde_json::from_slice(&crate::client::get(server.at(), "/api/openapi.json").body).expect("json");
    let text = format!("{said:#}\n");
    expect_test::expect_file![concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ref/openapi.json")]
        .assert_eq(&text);
}
