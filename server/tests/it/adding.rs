//! Real films through ffmpeg: ladders taken in, versions made, mistakes refused, killed work resumed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{ask, get};
use crate::phim::{Done, Server, hold_trial, run, run_with_path, start};

/// Encodes a ladder file of a test picture with a tone. `options` are ffmpeg's, for the picture.
fn encode(folder: &Path, name: &str, size: &str, seconds: u32, options: &str) -> PathBuf {
    let path = folder.join(name);
    let graph = format!("testsrc2=size={size}:rate=24:duration={seconds}");
    let tone = format!("sine=frequency=440:sample_rate=48000:duration={seconds}");
    let fixed = "-c:v libx264 -preset ultrafast -sc_threshold 0 -bf 2 -pix_fmt yuv420p -c:a aac -metadata:s:a:0 language=vie";
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", &graph, "-f", "lavfi", "-i", &tone])
        .args(fixed.split(' '))
        .args(options.split(' '))
        .arg(&path)
        .status();
    assert!(done.expect("ffmpeg runs").success());
    path
}

const CLOSED: &str = "-g 48 -keyint_min 48 -x264-params stitchable=1";

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

fn add(data: &Path, files: &[&Path], rest: &[&str]) -> Done {
    let files = files.iter().map(|f| text(f));
    let args: Vec<&str> =
        ["add", "--title", "test", "--json"].into_iter().chain(files).chain(rest.iter().copied()).collect();
    run(data, &args)
}

/// Frames that ffmpeg decodes from an exported version, or from a server.
fn decoded_frames(playlist: impl AsRef<std::ffi::OsStr>, options: &[&str]) -> u32 {
    let done = Command::new("ffprobe")
        .args(
            "-v error -count_frames -select_streams v:0 -show_entries stream=nb_read_frames -of csv=p=0"
                .split(' '),
        )
        .args(options)
        .arg(playlist)
        .output()
        .expect("ffprobe runs");
    assert!(done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    said.split_whitespace()
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or_else(|| panic!("no count in {said:?}"))
}

fn nothing_is_left(data: &Path) {
    assert_eq!(run(data, &["title", "list", "--json"]).json()["titles"], json!([]));
    let checked = run(data, &["check", "--level", "hashed", "--json"]).json();
    assert_eq!((&checked["blobs"], &checked["unreferenced_bytes"]), (&json!(0), &json!(0)));
    let work = data.join("work");
    assert!(!work.exists() || std::fs::read_dir(work).expect("a folder").next().is_none());
}

#[test]
fn a_ready_ladder_and_its_versions() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let high = encode(dir.path(), "high.mp4", "320x180", 12, CLOSED);
    let low = encode(dir.path(), "low.mp4", "160x90", 12, CLOSED);
    let subtitles = dir.path().join("film.vi.srt");
    std::fs::write(&subtitles, "1\n00:00:01,000 --> 00:00:04,000\nXin chào\n").expect("written");
    let title =
        add(&data, &[&low, &high, &subtitles], &["--name", "vi=Thử", "--label", "vi=Tiếng Việt"]).json();
    assert_eq!((&title["width"], &title["units"], &title["rate"]), (&json!(320), &json!(288), &json!("24")));
    assert_eq!(title["audio"], json!([{"lang": "vi", "label": "Tiếng Việt"}]));
    assert_eq!(title["text"], json!([{"lang": "vi", "label": "Tiếng Việt"}]));

    // One cut off sync samples at both ends, one inside a single group.
    let make = [
        "version",
        "make",
        "--title",
        "test",
        "--name",
        "cut",
        "--cut",
        "30f-100f",
        "--cut",
        "200f-203f",
        "--json",
    ];
    let made = run(&data, &make).json();
    let frames: u64 = made["patches"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|p| p["units"].as_u64().expect("a number"))
        .sum();
    assert!(frames > 0 && frames < 2 * 48, "{frames} frames encoded");
    let again = run(&data, &make).json();
    assert_eq!(again, made);
    let out = dir.path().join("out");
    assert!(run(&data, &["export", "--version", "test/cut", text(&out)]).status.success());
    for rung in ["v0.m3u8", "v1.m3u8"] {
        assert_eq!(decoded_frames(out.join(rung), &[]), 288 - 73, "{rung}");
    }
    let card = [
        "version",
        "make",
        "--title",
        "test",
        "--name",
        "card",
        "--card",
        "vi=Chào",
        "--card",
        "ko=안녕",
        "--card-seconds",
        "1.5",
        "--json",
    ];
    assert_eq!(run(&data, &card).json()["spans"][0]["units"], 36);

    // More tracks for a title that plays.
    hold_trial(&data);
    let server = Server::start(&data, &[]);
    let later = dir.path().join("late.vtt");
    std::fs::write(&later, "WEBVTT\n\n00:01.000 --> 00:02.000\n안녕\n").expect("written");
    let sound = encode(dir.path(), "sound.m4a", "16x16", 12, "-vn");
    let (text_of, sound_of) = (format!("ko={}", text(&later)), format!("ko={}", text(&sound)));
    let title = add(&data, &[], &["--text", &text_of, "--audio", &sound_of]).json();
    assert_eq!(
        (title["text"][1]["lang"].as_str(), title["audio"][1]["lang"].as_str()),
        (Some("ko"), Some("ko"))
    );
    let address = format!("/c/{}", made["composition"].as_str().expect("a digest"));
    assert!(get(server.at(), &format!("{address}/t1/part-0.vtt")).text().contains("안녕"));
    assert_eq!(get(server.at(), &format!("{address}/a1/0.m4s")).status, 200);
    let twice = add(&data, &[&high], &["--ready"]);
    assert_eq!(twice.status.code(), Some(5), "{}", twice.err);
    drop(server);
    players_with_tokens(&data, 288 - 73);
}

/// A player that knows nothing of tokens plays all of a version, whichever way it carries one; keys of a
/// protected title are given once for each token.
fn players_with_tokens(data: &Path, frames: u32) {
    let server = Server::start(data, &["--tokens"]);
    let play = |carry: &str| {
        let asked = format!(r#"{{"title": "test", "version": "cut", "carry": "{carry}"}}"#);
        let answer = ask(server.at(), "POST", "/api/v1/play", &[], &asked);
        let play: Value = serde_json::from_slice(&answer.body).expect("json");
        (play, answer.header("set-cookie").map(str::to_string))
    };
    let (play_in_path, none) = play("path");
    let (play_in_cookie, cookie) = play("cookie");
    assert!(none.is_none());
    let cookie =
        format!("Cookie: {}\r\n", cookie.as_deref().and_then(|c| c.split(';').next()).expect("a cookie"));
    for kind in ["hls", "dash"] {
        let address = |play: &Value| format!("{}{}", server.url, play[kind].as_str().expect("an address"));
        assert_eq!(decoded_frames(address(&play_in_path), &[]), frames, "{kind}");
        assert_eq!(decoded_frames(address(&play_in_cookie), &["-headers", &cookie]), frames, "{kind}");
    }
    assert!(run(data, &["title", "protect", "test"]).status.success());
    let (play, _) = play("path");
    assert!(play["hls"].as_str().is_some_and(|hls| hls.starts_with("/t/") && hls.contains("/e/")), "{play}");
    assert_eq!(get(server.at(), play["hls"].as_str().expect("an address")).status, 200);
    let licence = play["licence"].as_str().expect("an address");
    let key = format!("{licence}/v0");
    assert_eq!((get(server.at(), &key).status, get(server.at(), &key).status), (200, 403));
    let (_, plain) = licence.split_once("/api/").expect("an address");
    assert_eq!(get(server.at(), &format!("/api/{plain}/v0")).status, 401);
}

/// One film of any container becomes a ladder, with every sound and subtitle that is in it; killed
/// while it encodes, it goes on.
#[test]
fn one_film_becomes_a_ladder() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let subtitles = dir.path().join("inside.srt");
    std::fs::write(&subtitles, "1\n00:00:01,000 --> 00:00:03,000\nXin chào\n").expect("written");
    let film = dir.path().join("film.mkv");
    let made = Command::new("ffmpeg")
        .args("-v error -y -f lavfi -i testsrc2=size=642x362:rate=30000/1001:duration=16".split(' '))
        .args("-f lavfi -i sine=frequency=300:duration=16 -f lavfi -i anullsrc=channel_layout=5.1:duration=16 -i".split(' '))
        .arg(&subtitles)
        .args("-map 0 -map 1 -map 2 -map 3 -c:v mpeg4 -q:v 4 -c:a flac -t 16".split(' '))
        .args("-metadata:s:a:0 language=kor -metadata:s:s:0 language=vie".split(' '))
        .arg(&film)
        .status();
    assert!(made.expect("ffmpeg runs").success());
    let mut child = start(&data, &["add", "--title", "test", text(&film)]);
    std::thread::sleep(Duration::from_millis(1500));
    child.kill().expect("killed");
    child.wait().expect("ended");
    let title = add(&data, &[&film], &["--language", "en"]).json();
    assert_eq!((&title["rate"], &title["units"]), (&json!("30000/1001"), &json!(480)));
    assert_eq!((&title["width"], &title["height"]), (&json!(642), &json!(362)));
    let languages: Vec<&str> =
        title["audio"].as_array().expect("a list").iter().filter_map(|a| a["lang"].as_str()).collect();
    assert_eq!(languages, ["ko", "en", "en"]);
    assert_eq!(title["text"][0]["lang"], "vi");
    let made =
        run(&data, &["version", "make", "--title", "test", "--name", "cut", "--cut", "100f-131f", "--json"])
            .json();
    assert_eq!(made["spans"][1]["at_unit"], 100);
    let out = dir.path().join("out");
    assert!(run(&data, &["export", "--version", "test/cut", text(&out)]).status.success());
    assert_eq!(decoded_frames(out.join("v0.m3u8"), &[]), 480 - 31);
    assert!(std::fs::read(out.join("sheet-0.jpg")).expect("a sheet").starts_with(&[0xff, 0xd8]));
    assert!(std::fs::read_to_string(out.join("t0/part-0.vtt")).expect("text").contains("Xin chào"));
}

/// A silent ladder of the simplest profile is cut like any other.
#[test]
fn a_baseline_ladder_without_sound() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let film = encode(dir.path(), "film.mp4", "160x90", 6, "-an -bf 0 -profile:v baseline -g 48");
    assert_eq!(add(&data, &[&film], &["--ready"]).json()["audio"], json!([]));
    let make = ["version", "make", "--title", "test", "--name", "cut", "--cut", "20f-60f", "--json"];
    assert_eq!(run(&data, &make).json()["patches"][0]["units"], 36);
    let out = dir.path().join("out");
    assert!(run(&data, &["export", "--version", "test/cut", text(&out)]).status.success());
    assert_eq!(decoded_frames(out.join("hls.m3u8"), &[]), 144 - 40);
}

/// What is not one ladder is refused, naming file and frame, and leaves nothing.
#[test]
fn ladders_that_are_none() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let high = encode(dir.path(), "high.mp4", "320x180", 6, CLOSED);
    let cases = [
        ("other-groups.mp4", "160x90", 6, "-g 36 -keyint_min 36", "starts at frame 36"),
        ("longer.mp4", "160x90", 7, CLOSED, "frames 0 to 168 are shown"),
        ("slower.mp4", "160x90", 6, "-r 12 -g 24", "12/1 frames a second"),
        ("open-groups.mp4", "160x90", 6, "-g 48 -keyint_min 48 -x264-params open-gop=1", "open"),
    ];
    for (name, size, seconds, options, expected) in cases {
        let low = encode(dir.path(), name, size, seconds, options);
        let refused = add(&data, &[&high, &low], &[]);
        let problem: Value = serde_json::from_str(&refused.out).expect("json");
        let said = problem.to_string();
        assert!(
            !refused.status.success() && said.contains(name) && said.contains(expected),
            "{name}: {said}"
        );
        assert!(!problem["error"]["remedy"].as_str().unwrap_or_default().is_empty(), "{name}: {said}");
        nothing_is_left(&data);
    }
}

/// Files that are no films are refused with what is wrong and what to do, and leave nothing.
#[test]
fn files_that_are_none() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let film = encode(dir.path(), "film.mp4", "160x90", 4, CLOSED);
    let bytes = std::fs::read(&film).expect("the film");
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    };
    let files = [
        write("empty.mp4", b""),
        write("text.mp4", b"this is no film"),
        write("cut-off.mp4", &bytes[..bytes.len() / 2]),
        dir.path().join("missing.mp4"),
        write("subtitles.xx_YY.srt", b"1\n00:00:01,000 --> 00:00:02,000\nx\n"),
        write("broken.vi.srt", b"1\n00:00:01,000 -> \nx\n"),
    ];
    for file in &files {
        let refused = add(&data, &[&film, file], &["--ready"]);
        let name = file.file_name().and_then(|n| n.to_str()).expect("a name");
        assert!(!refused.status.success() && refused.err.contains(name), "{name}: {}", refused.err);
        assert!(data.exists());
        nothing_is_left(&data);
    }
    let missing = run_with_path(&data, "/nowhere", &["add", "--title", "test", text(&film), "--ready"]);
    assert_eq!(missing.status.code(), Some(7), "{}", missing.err);
    assert!(missing.err.contains("ffmpeg") || missing.err.contains("ffprobe"), "{}", missing.err);
    assert!(missing.err.contains("install"), "{}", missing.err);
    assert_eq!(run(&data, &["title", "list", "--json"]).json()["titles"], json!([]));
}

/// An `add` that is killed at any moment leaves nothing half, and goes on when it is started again.
#[test]
fn killed_and_started_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let files: Vec<PathBuf> = (0..3)
        .map(|n| {
            encode(
                dir.path(),
                &format!("rung-{n}.mp4"),
                &format!("{}x{}", 320 - 64 * n, 180 - 36 * n),
                20,
                CLOSED,
            )
        })
        .collect();
    let args: Vec<&str> =
        ["add", "--title", "test"].into_iter().chain(files.iter().map(|f| text(f))).collect();
    let undisturbed = dir.path().join("undisturbed");
    assert!(run(&undisturbed, &args).status.success());
    let expected = run(&undisturbed, &["version", "show", "test", "--json"]).json();
    for moment in [60, 200, 400, 700] {
        let data = dir.path().join(format!("killed-{moment}"));
        let mut child = start(&data, &args);
        std::thread::sleep(Duration::from_millis(moment));
        child.kill().expect("killed");
        child.wait().expect("ended");
        if data.join("archive-format").exists() {
            let titles = run(&data, &["title", "list", "--json"]).json();
            assert!(titles["titles"].as_array().is_some_and(|t| t.len() <= 1));
            assert!(run(&data, &["check", "--level", "hashed"]).status.success());
            if titles["titles"] != json!([]) {
                continue;
            }
        }
        let again = run(&data, &args);
        assert!(again.status.success(), "{moment}: {}", again.err);
        assert_eq!(run(&data, &["version", "show", "test", "--json"]).json(), expected, "{moment}");
        let checked = run(&data, &["check", "--level", "hashed", "--json"]).json();
        assert_eq!(checked["losses"], json!([]));
    }
}

/// A disk that runs full is named, and leaves the archive as it was.
#[test]
fn a_full_disk() {
    let dir = tempfile::tempdir().expect("a folder");
    let small = dir.path().join("small");
    std::fs::create_dir(&small).expect("a folder");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=3m", "tmpfs", text(&small)])
        .stderr(Stdio::null())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        println!("skipped: no right to mount a small disk");
        return;
    }
    let film = encode(dir.path(), "film.mp4", "640x360", 30, &format!("{CLOSED} -qp 10"));
    let data = small.join("data");
    let full = add(&data, &[&film], &["--ready"]);
    let titles = run(&data, &["title", "list", "--json"]);
    let checked = run(&data, &["check", "--json"]);
    assert!(Command::new("umount").arg("-l").arg(&small).status().is_ok_and(|status| status.success()));
    assert_eq!(full.status.code(), Some(7), "{}", full.err);
    assert!(full.err.to_lowercase().contains("space"), "{}", full.err);
    assert_eq!(titles.json()["titles"], json!([]));
    assert_eq!(checked.json()["losses"], json!([]));
}
