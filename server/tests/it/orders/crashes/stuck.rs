//! An encoder that hangs, and a title that is on its way in, while orders come.

use std::cell::RefCell;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::super::{Cinema, KOREA, VIETNAM, of, once};
use super::NETWORKS;
use super::steps::{Stage, shows, the_order};
use crate::client::get;
use crate::phim::{Server, hold_trial, start};

/// A program called ffmpeg that hangs, written in C so that it needs no interpreter in the sandbox.
fn hanging(folder: &Path) {
    let source = folder.join("hanging.c");
    std::fs::write(&source, "#include <unistd.h>\nint main() { for (;;) pause(); }\n").expect("written");
    let built = Command::new("cc").arg("-o").arg(folder.join("ffmpeg")).arg(source).status();
    assert!(built.expect("cc runs").success());
}

fn found(program: &str) -> std::path::PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = std::env::split_paths(&path).map(|folder| folder.join(program));
    all.find(|file| file.is_file()).expect("it is installed")
}

/// The safe version stays, others go on, the operator is told why, and the order sent again is obeyed
/// once the encoder works.
#[test]
fn an_encoder_that_hangs_on_a_patch() {
    let stage = Stage::new();
    let (dir, programs) = (stage.copy(), tempfile::tempdir().expect("a folder"));
    hanging(programs.path());
    std::os::unix::fs::symlink(found("ffprobe"), programs.path().join("ffprobe")).expect("a link");
    let environment = [("PATH", programs.path().into()), ("PHIM_PATIENCE", "3".into())];
    let server = Server::try_start(dir.path(), &NETWORKS, &environment).expect("it starts");
    let cinema = Cinema { dir, server, token: stage.token.clone() };
    cinema.place(&the_order());
    let safe = |when: &str| {
        assert!(stage.bodies(&cinema) == stage.held, "{when}");
        let (status, play) = cinema.play(VIETNAM, json!({"title": "test"}));
        assert_eq!(status, 200, "{when}");
        assert!(stage.base.ends_with(play["composition"].as_str().expect("a digest")), "{when}");
        assert_eq!(get(cinema.server.at(), "/readyz").status, 200, "{when}");
        let other = cinema.get(KOREA, &format!("{}/v0/0.m4s", stage.base)).body;
        assert!(other == stage.free[0], "{when}");
    };
    safe("while it hangs");
    let told = cinema.order_once("1", |order| order["failed"] != json!([]));
    assert_eq!(told["status"], "standing");
    let why = told["failed"].to_string();
    assert!(why.contains("took longer than 3 s"), "{why}");
    safe("after it was given up");
    // Another order meanwhile is in force like any.
    cinema.place(&of("test", "2", &["VN"], "mute", "200f-239f"));
    cinema.lift("2");
    std::fs::remove_file(programs.path().join("ffmpeg")).expect("removed");
    std::fs::copy(found("ffmpeg"), programs.path().join("ffmpeg")).expect("a copy");
    let (status, again) = cinema.desk("POST", "/api/v1/orders", &the_order());
    assert_eq!((status, &again["taken"]["changed"]), (200, &json!(false)));
    cinema.order_once("1", |order| order["frame_accurate"] != json!([]));
    let (_, play) = cinema.play(VIETNAM, json!({"title": "test"}));
    assert_eq!(play["composition"], stage.made);
}

/// The processes below one, by what they run.
fn below(parent: i32) -> Vec<(i32, String)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("processes").flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some((name, rest)) = stat.rsplit_once(')') else { continue };
        let name = name.split_once('(').map_or("", |(_, name)| name).to_string();
        if rest.split_whitespace().nth(1).and_then(|text| text.parse().ok()) == Some(parent) {
            all.push((pid, name));
            all.extend(below(pid));
        }
    }
    all
}

fn signal(pid: i32, name: &str) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().expect("kill runs").success());
}

/// An order on a title that is just being added, by an encoder that is stopped meanwhile: nothing of the
/// scene is ever sent.
#[test]
fn a_title_on_its_way_in() {
    let dir = tempfile::tempdir().expect("a folder");
    let film = dir.path().join("film.mp4");
    let graph = "testsrc2=size=320x180:rate=24:duration=12";
    let encoded = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", graph])
        .args("-c:v mpeg4 -q:v 5".split(' '))
        .arg(&film)
        .status();
    assert!(encoded.expect("ffmpeg runs").success());
    let data = dir.path().join("data");
    let server = Server::start(&data, &NETWORKS);
    hold_trial(&data);
    let token =
        crate::phim::run(&data, &["desk", "--json"]).json()["token"].as_str().expect("a token").to_string();
    let mut adding = start(&data, &["add", "--title", "test", film.to_str().expect("a path")]);
    let pid = server.pid();
    let encoder = once(|| below(pid).into_iter().find(|(_, name)| name == "ffmpeg"));
    signal(encoder.0, "-STOP");
    let ask = |path: &str| crate::client::ask(server.at(), "GET", path, &[("x-forwarded-for", VIETNAM)], "");
    let authorization = format!("Bearer {token}");
    let order = of("test", "1", &["VN"], "cut", "30f-99f").to_string();
    let placed = crate::client::ask(
        server.at(),
        "POST",
        "/api/v1/orders",
        &[("authorization", &authorization)],
        &order,
    );
    assert_eq!(placed.status, 201, "{}", placed.text());
    signal(encoder.0, "-CONT");
    // From before there is a title until its order is located and obeyed: all that a viewer is sent.
    let sent = RefCell::new(Vec::new());
    let base = once(|| {
        let headers = [("x-forwarded-for", VIETNAM)];
        let play = crate::client::ask(server.at(), "POST", "/api/v1/play", &headers, r#"{"title":"test"}"#);
        let play: Value = serde_json::from_slice(&play.body).ok()?;
        let composition = play["composition"].as_str()?.to_string();
        sent.borrow_mut().push(ask(&format!("/c/{composition}/v0/0.m4s")).body);
        Some(format!("/c/{composition}"))
    });
    for _ in 0..20 {
        sent.borrow_mut().push(ask(&format!("{base}/v0/0.m4s")).body);
    }
    assert!(adding.wait().expect("ended").success());
    let shown = crate::phim::run(&data, &["version", "show", "test", "--json"]).json();
    let whole = format!("/c/{}/v0/0.m4s", shown["composition"].as_str().expect("a digest"));
    let korean = [("x-forwarded-for", KOREA)];
    let free = crate::client::ask(server.at(), "GET", &whole, &korean, "");
    assert_eq!(free.status, 200);
    let held = ask(&whole);
    assert_eq!(held.status, 200);
    sent.borrow_mut().push(held.body);
    assert!(sent.borrow().iter().all(|body| !shows(body, &free.body)));
}
