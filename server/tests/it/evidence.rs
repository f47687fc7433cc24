//! Evidence, witnesses and reports, against real processes.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{ask, get};
use crate::film::archive_with_film;
use crate::phim::{Server, run};

const AUTHORITY: &str = "Cục Điện ảnh";

/// Asks again until there is an answer.
fn once<T>(what: &str, ask: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "waited for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// An archive with a film of noise, whose pictures nobody can decode.
fn noise(dir: &Path) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async { archive_with_film(dir, 500).await.close().await });
}

fn place(data: &Path, number: &str, rest: &[&str]) -> Value {
    let args =
        ["order", "place", "--territory", "VN", "--authority", AUTHORITY, "--number", number, "--json"];
    run(data, &[&args[..], rest].concat()).json()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

/// Writes the evidence of an order and reads it.
fn report(data: &Path, number: &str, out: &Path) -> Value {
    let _ = std::fs::remove_file(out);
    run(data, &["order", "report", number, "--no-pdf", "--out", text(out), "--json"]).json()
}

type Files = BTreeMap<String, Vec<u8>>;

fn unpack(path: &Path) -> Files {
    let bytes = std::fs::read(path).expect("the evidence");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a ZIP archive");
    let mut files = Files::new();
    for n in 0..archive.len() {
        let mut file = archive.by_index(n).expect("a file");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("its bytes");
        files.insert(file.name().expect("a name").into_owned(), bytes);
    }
    files
}

/// The same container as the program's, with other files in it.
fn pack(path: &Path, files: &Files) {
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(name.as_str(), options).expect("a file");
        writer.write_all(bytes).expect("its bytes");
    }
    std::fs::write(path, writer.finish().expect("an archive").into_inner()).expect("written");
}

fn json_of(files: &Files, name: &str) -> Value {
    serde_json::from_slice(&files[name]).expect("json")
}

/// The first encoded film of the tests: numbers that move, and a subtitle.
fn real_film(dir: &Path, data: &Path) {
    let (film, said) = (dir.join("film.mp4"), dir.join("film.vi.srt"));
    let options = "-v error -y -f lavfi -i testsrc2=size=320x180:rate=24:duration=8 -f lavfi -i sine=duration=8 \
                   -c:v libx264 -preset ultrafast -g 48 -keyint_min 48 -sc_threshold 0 -bf 2 -pix_fmt yuv420p \
                   -x264-params stitchable=1 -c:a aac";
    let done = Command::new("ffmpeg").args(options.split_whitespace()).arg(&film).status();
    assert!(done.expect("ffmpeg runs").success());
    std::fs::write(&said, "1\n00:00:03,000 --> 00:00:04,000\nĐường <i>chín đoạn</i>\n").expect("written");
    let add = ["add", "--ready", "--title", "test", "--name", "vi=Chuyến bay", text(&film), text(&said)];
    let done = run(data, &add);
    assert!(done.status.success(), "{}", done.err);
}

/// From the order to a file that an outsider verifies with the published keys: every record proven, the
/// letters opened, pictures before and after, the words said there, in three languages.
#[test]
fn the_evidence_of_an_order() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, out) = (dir.path().join("data"), dir.path().join("order.zip"));
    real_film(dir.path(), &data);
    let (scan, letter) = (dir.path().join("quyết định.pdf"), dir.path().join("letter.txt"));
    std::fs::write(&scan, b"%PDF a scan").expect("written");
    std::fs::write(&letter, "đã thực hiện").expect("written");
    let server = Server::start(&data, &[]);
    place(&data, "12/QĐ", &["--title", "test", "--cut", "2.5-3.5", "--attach", text(&scan)]);
    place(&data, "13/QĐ", &["--title", "test", "--mask", "5-6@0,0,500,500"]);
    for number in ["12/QĐ", "13/QĐ"] {
        once("the frame-accurate version", || {
            let shown = run(&data, &["order", "show", number, "--json"]).json();
            assert_eq!(shown["failed"], json!([]));
            (!shown["frame_accurate"].as_array().expect("a list").is_empty()).then_some(())
        });
    }
    let reported = run(&data, &["order", "reported", "12/QĐ", "--letter", text(&letter), "--json"]).json();
    assert_eq!(reported["reported"].as_array().map(Vec::len), Some(1));

    let written = report(&data, "12/QĐ", &out);
    assert_eq!(written["commitments_opened"], 1);
    let files = unpack(&out);
    let keys = ["vn", "evidence"].map(|log| get(server.at(), &format!("/ledger/{log}/key")).text());
    let verify = ["ledger", "verify", text(&out), "--key", &keys[0], "--key", &keys[1], "--json"];
    let verified = run(dir.path(), &verify).json();
    assert_eq!(verified["order"], json!({"authority": AUTHORITY, "number": "12/QĐ"}));
    assert_eq!((&verified["commitments_opened"], &verified["attachments"]), (&json!(1), &json!(2)));
    assert_eq!(verified["keys_from_file"], json!([]));
    assert_eq!(verified["sha256"], written["sha256"]);

    let order = json_of(&files, "order.json");
    assert_eq!(order["status"], "standing");
    assert_eq!((&order["frames"][0]["from"], &order["frames"][0]["to"]), (&json!(60), &json!(84)));
    let timeline = json_of(&files, "timeline.json");
    assert_eq!(timeline["in_force"][0]["node"], "origin");
    let kinds: Vec<&str> =
        timeline["records"].as_array().expect("a list").iter().filter_map(|r| r["what"].as_str()).collect();
    assert_eq!(kinds[0], "order-placed");
    assert_eq!(kinds.last(), Some(&"reported"));
    assert!(kinds.contains(&"frame-accurate") && kinds.contains(&"took-effect"), "{kinds:?}");

    let pictures = json_of(&files, "pictures/manifest.json");
    let scene = &pictures["scenes"][0];
    assert_eq!(scene["seconds"], json!([2.5, 3.5]));
    let frames = |of: &str| -> Vec<u64> {
        scene[of].as_array().expect("a list").iter().filter_map(|p| p["frame"].as_u64()).collect()
    };
    assert_eq!((frames("pictures_before"), frames("pictures_after")), (vec![60, 71, 83], vec![59, 84]));
    for picture in scene["pictures_before"].as_array().expect("a list") {
        assert!(files[picture["file"].as_str().expect("a name")].starts_with(b"\xff\xd8\xff"), "{picture}");
    }
    assert_eq!(scene["dialogue"][0]["language"], "vi");

    for (language, word) in
        [("vi", "Đường chín đoạn"), ("ko", "명령 이행 보고서"), ("en", "Report on an order")]
    {
        let page = String::from_utf8(files[&format!("report.{language}.html")].clone()).expect("text");
        assert!(page.contains(word) && page.contains("data:image/jpeg;base64,"), "{language}");
        assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    }
    let versions = json_of(&files, "versions.json");
    let texts = versions["versions"].as_array().expect("a list");
    assert!(
        texts.iter().any(|v| v["after"]["text"].as_str().is_some_and(|t| t.contains(" 84 "))),
        "{versions}"
    );
    let statement = json_of(&files, "statement-of-reasons.json");
    assert_eq!(statement["statements"][0]["statement"]["territorial_scope"], json!(["VN"]));

    // What is masked is pictured in its place, and looks otherwise.
    report(&data, "13/QĐ", &out);
    let masked = unpack(&out);
    let before = &masked["pictures/test-120-144-before-131.jpg"];
    assert_ne!(before, &masked["pictures/test-120-144-after-131.jpg"]);
    assert!(run(dir.path(), &["ledger", "verify", text(&out)]).status.success());

    // A whole work withdrawn over one scene: the scene, and what is offered in answer.
    let withdraw = ["--title", "test", "--withdraw", "--cited", "0:05-0:05"];
    place(&data, "14/QĐ", &withdraw);
    let offer = ["order", "propose", "14/QĐ", "--mask", "5-6@0,0,500,500", "--json"];
    let offered = run(&data, &offer).json()["proposals"][0]["composition"].clone();
    report(&data, "14/QĐ", &out);
    let offers = unpack(&out);
    let scenes = json_of(&offers, "pictures/manifest.json")["scenes"].clone();
    let seen =
        |n: usize| (scenes[n]["operation"].clone(), scenes[n]["seconds"].clone(), scenes[n]["after"].clone());
    assert_eq!(seen(0), (json!("withdraw"), json!([5.0, 6.0]), Value::Null));
    assert_eq!(seen(1), (json!("mask"), json!([5.0, 6.0]), offered));
    assert_eq!(scenes[1]["pictures_after"].as_array().map(Vec::len), Some(3));
    assert!(run(dir.path(), &["ledger", "verify", text(&out)]).status.success());

    // The desk is given the same over HTTP, and nobody else.
    let token = run(&data, &["desk", "--json"]).json()["token"].as_str().expect("a token").to_string();
    let bearer = format!("Bearer {token}");
    let path = "/api/v1/orders/13%2FQ%C4%90/report";
    let given = ask(server.at(), "GET", path, &[("authorization", &bearer)], "");
    assert_eq!((given.status, given.header("content-type")), (200, Some("application/zip")));
    let at_desk = dir.path().join("desk.zip");
    std::fs::write(&at_desk, &given.body).expect("written");
    let printed = unpack(&at_desk);
    let names = |files: &Files| files.keys().filter(|n| !n.ends_with(".pdf")).cloned().collect::<Vec<_>>();
    assert_eq!(names(&printed), names(&masked));
    // A machine without Chromium has the pages alone.
    assert!(printed.iter().filter(|(n, _)| n.ends_with(".pdf")).all(|(_, pdf)| pdf.starts_with(b"%PDF-")));
    assert_eq!(get(server.at(), path).status, 401);
}

/// One changed byte in any file is found and its file named; so are forgeries by somebody who makes the
/// manifest anew, and evidence of another house.
#[test]
fn changed_evidence_is_found() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, out) = (dir.path().join("data"), dir.path().join("order.zip"));
    noise(&data);
    place(&data, "7", &["--title", "noise", "--withdraw"]);
    assert!(run(&data, &["order", "appeal", "7", "--reason", "không đồng ý"]).status.success());
    let first = report(&data, "7", &out);
    assert_eq!(first["commitments_opened"], 1);
    let bytes = std::fs::read(&out).expect("the evidence");
    let again = report(&data, "7", &dir.path().join("again.zip"));
    assert_eq!(first["sha256"], again["sha256"]);

    let files = unpack(&out);
    let changed = dir.path().join("changed.zip");
    let verify = |rest: &[&str]| run(dir.path(), &[&["ledger", "verify", text(&changed)], rest].concat());
    for (name, content) in &files {
        let mut other = files.clone();
        other.get_mut(name).expect("the file")[content.len() / 2] ^= 1;
        pack(&changed, &other);
        let said = verify(&[]);
        assert!(!said.status.success() && said.err.contains(name.as_str()), "{name}: {}", said.err);
    }
    for at in [0, 10, bytes.len() / 2, bytes.len() - 30, bytes.len() - 1] {
        let mut other = bytes.clone();
        other[at] ^= 0x10;
        std::fs::write(&changed, other).expect("written");
        assert!(!verify(&[]).status.success(), "byte {at}");
    }

    // Somebody who makes the manifest fit has no key to sign it.
    let mut other = files.clone();
    let page =
        String::from_utf8(files["report.en.html"].clone()).expect("text").replace("withdraw", "praise");
    other.insert("report.en.html".into(), page.clone().into_bytes());
    let manifest = String::from_utf8(files["manifest.json"].clone()).expect("text");
    let digest = |bytes: &[u8]| media::Digest::of(bytes).to_string();
    let manifest = manifest.replace(&digest(&files["report.en.html"]), &digest(page.as_bytes()));
    other.insert("manifest.json".into(), manifest.into_bytes());
    pack(&changed, &other);
    let said = verify(&[]);
    assert!(!said.status.success() && said.err.contains("not the manifest that was signed"), "{}", said.err);

    // Another house's key does not fit.
    let elsewhere = dir.path().join("elsewhere");
    noise(&elsewhere);
    place(&elsewhere, "7", &["--title", "noise", "--withdraw"]);
    let theirs = report(&elsewhere, "7", &dir.path().join("theirs.zip"));
    std::fs::write(&changed, &bytes).expect("written");
    let said = verify(&["--key", theirs["keys"][0].as_str().expect("a key")]);
    assert!(!said.status.success() && said.err.contains("no key was given"), "{}", said.err);
    assert!(verify(&["--key", first["keys"][0].as_str().expect("a key")]).status.success());
}

/// Orders of one case have evidence of their own, also after they were amended and lifted; an answer to
/// one of them says nothing in the other's but that it was placed.
#[test]
fn orders_of_one_case() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, out) = (dir.path().join("data"), dir.path().join("order.zip"));
    noise(&data);
    let scope = ["--title", "noise", "--case", "bản đồ"];
    place(&data, "1", &[&scope[..], &["--mute", "3-4"]].concat());
    place(&data, "2", &[&scope[..], &["--withdraw"]].concat());
    let mut order = run(&data, &["order", "show", "1", "--json"]).json()["order"].clone();
    order["scope"] = json!("0:03-0:05");
    let text_of = dir.path().join("order.json");
    std::fs::write(&text_of, order.to_string()).expect("written");
    let amend = ["order", "amend", "1", "--file", text(&text_of), "--reason", "longer"];
    let done = run(&data, &amend);
    assert!(done.status.success(), "{}", done.err);
    assert!(run(&data, &["order", "lift", "2", "--reason", "over"]).status.success());
    for (number, status, kind) in [("1", "standing", "order-amended"), ("2", "lifted", "order-lifted")] {
        report(&data, number, &out);
        let files = unpack(&out);
        assert!(run(dir.path(), &["ledger", "verify", text(&out)]).status.success(), "{number}");
        assert_eq!(json_of(&files, "order.json")["status"], status);
        let case = json_of(&files, "case.json");
        assert_eq!((&case["case"], case["orders"].as_array().map(Vec::len)), (&json!("bản đồ"), Some(2)));
        let records = json_of(&files, "timeline.json")["records"].clone();
        let count = |kind: &str| {
            records.as_array().expect("a list").iter().filter(|record| record["what"] == kind).count()
        };
        assert_eq!((count("order-placed"), count(kind)), (2, 1), "{records}");
        assert_eq!(count("order-amended") + count("order-lifted"), 1, "{records}");
    }
}

/// The recipe in the file: bash and OpenSSL alone verify a record.
#[test]
fn the_recipe_in_the_file_works() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, out) = (dir.path().join("data"), dir.path().join("order.zip"));
    noise(&data);
    place(&data, "7", &["--title", "noise", "--withdraw"]);
    report(&data, "7", &out);
    let folder = dir.path().join("unpacked");
    for (name, bytes) in unpack(&out) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("written");
    }
    let key = std::fs::read_to_string(folder.join("records/vn.key")).expect("a key");
    let recipe = |record: &str| {
        Command::new("bash")
            .args(["verify.sh", record, "records/vn-000000.tlog-proof", key.trim()])
            .current_dir(&folder)
            .output()
            .expect("bash runs")
    };
    let said = recipe("records/vn-000000.json");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    assert!(!recipe("records/vn-000001.json").status.success());
}

/// A witness as a process of its own.
pub struct Witness {
    child: Child,
    pub key: String,
    pub url: String,
}

impl Witness {
    pub fn start(dir: &Path, log: &str) -> Witness {
        let mut child = Command::new(env!("CARGO_BIN_EXE_phim"))
            .args(["--data", text(dir), "witness", "--key-name", "witness.test", "--port", "0", "--log", log])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut said = |word: &str| {
            let line = lines.next().and_then(|line| line.ok()).unwrap_or_default();
            line.strip_prefix(word).unwrap_or_else(|| panic!("{word} expected: {line}")).to_string()
        };
        let (key, url) = (said("key "), said("ready "));
        Witness { child, key, url }
    }

    fn option(&self) -> String {
        format!("{}={}", self.url, self.key)
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-r").args([from, to]).status().expect("cp runs");
    assert!(done.success());
    let _ = std::fs::remove_file(to.join("phim.sock"));
}

fn checkpoint(server: &Server) -> String {
    get(server.at(), "/ledger/vn/checkpoint").text()
}

/// Every checkpoint is co-signed, also by a witness that was away for a while; a copy of the house that
/// decides otherwise gets no signature, before and after the witness was started again.
#[test]
fn a_witness_follows_one_history() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, copied, booth) = (dir.path().join("data"), dir.path().join("copy"), dir.path().join("booth"));
    noise(&data);
    place(&data, "1", &["--title", "noise", "--withdraw"]);
    let server = Server::start(&data, &[]);
    let key = get(server.at(), "/ledger/vn/key").text().trim().to_string();
    assert!(server.end().success());
    copy(&data, &copied);

    let witness = Witness::start(&booth, &key);
    let server = Server::start(&data, &["--witness", &witness.option()]);
    let line = "\n— witness.test ";
    once("the first signature", || checkpoint(&server).contains(line).then_some(()));
    place(&data, "2", &["--title", "noise", "--withdraw"]);
    let size = |text: &str| text.lines().nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or_default();
    let signed = once("the next", || Some(checkpoint(&server)).filter(|c| c.contains(line) && size(c) > 3));

    let out = dir.path().join("order.zip");
    report(&data, "2", &out);
    let verify = ["ledger", "verify", text(&out), "--key", &key, "--witness", &witness.key, "--json"];
    let verified = run(dir.path(), &verify).json();
    assert_eq!(verified["witnesses"][0][0], "witness.test");

    // The copy signs other records with the same key: a fork.
    place(&copied, "other", &["--title", "noise", "--withdraw"]);
    let fork = Server::start(&copied, &["--witness", &witness.option()]);
    let forked = checkpoint(&fork);
    assert_eq!(size(&forked), size(&signed));
    let request = |old: u64| {
        ask(
            witness.url.trim_start_matches("http://"),
            "POST",
            "/add-checkpoint",
            &[],
            &format!("old {old}\n\n{forked}"),
        )
    };
    assert_eq!(request(size(&forked)).status, 409);
    assert_eq!(request(0).status, 409);
    std::thread::sleep(Duration::from_millis(500));
    assert!(!checkpoint(&fork).contains(line));
    drop(witness);

    let witness = Witness::start(&booth, &key);
    let answer =
        |body: &str| ask(witness.url.trim_start_matches("http://"), "POST", "/add-checkpoint", &[], body);
    assert_eq!(answer(&format!("old {}\n\n{forked}", size(&forked))).status, 409);
    let same = signed.split("— witness").next().expect("a checkpoint");
    assert_eq!(answer(&format!("old {}\n\n{same}", size(&signed))).status, 200);
    assert_eq!(answer("nonsense").status, 400);
    assert_eq!(answer(&"x".repeat(1 << 20)).status, 413);
}

/// A witness keeps away from an archive, and one folder has one witness.
#[test]
fn a_witness_has_a_folder_of_its_own() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, booth) = (dir.path().join("data"), dir.path().join("booth"));
    noise(&data);
    place(&data, "1", &["--title", "noise", "--withdraw"]);
    let keys = report(&data, "1", &dir.path().join("order.zip"));
    let key = keys["keys"][0].as_str().expect("a key").to_string();
    let start =
        |folder: &PathBuf| run(folder, &["witness", "--key-name", "w.test", "--port", "0", "--log", &key]);
    assert_eq!(start(&data).status.code(), Some(5));
    let _first = Witness::start(&booth, &key);
    assert_eq!(start(&booth).status.code(), Some(5));
}

/// What was ordered, refused, appealed and reported is counted, by territory and time.
#[test]
fn the_transparency_report() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    noise(&data);
    place(&data, "1", &["--title", "noise", "--withdraw"]);
    place(&data, "2", &["--title", "noise", "--mute", "3-4"]);
    assert!(run(&data, &["order", "refuse", "2", "--reason", "not lawful"]).status.success());
    assert!(run(&data, &["order", "reported", "1", "--reason", "done"]).status.success());
    assert_eq!(run(&data, &["order", "reported", "1"]).status.code(), Some(2));
    let count = |rest: &[&str]| run(&data, &[&["order", "transparency", "--json"], rest].concat());
    let counts = count(&[]).json();
    let vietnam = &counts["territories"]["VN"];
    assert_eq!(
        (&vietnam["orders"], &vietnam["refused"], &vietnam["reported"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(vietnam["by_operation"], json!({"mute": 1, "withdraw": 1}));
    let none = count(&["--from", "2020-01-01", "--to", "2021-01-01", "--territory", "VN"]).json();
    assert_eq!(none["territories"]["VN"]["orders"], 0);
    assert_eq!(count(&["--from", "yesterday"]).status.code(), Some(2));
    assert_eq!(count(&["--territory", "vi"]).status.code(), Some(2));
    assert!(run(&data, &["order", "transparency"]).out.contains("reported"));
}
