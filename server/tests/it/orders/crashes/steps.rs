//! The process ends, and with it what was not synced, at every named step of an order: each line that it
//! says in its log on the way. The film is a real one, so that there are patches to make.
//!
//! What stands after each step is known: nothing before the record is durable, everything after it.

use std::io::Read as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::{Cinema, KOREA, VIETNAM, of};
use super::layer::{Keep, Layer};
use super::{NETWORKS, killed};
use crate::client::{connect, send};
use crate::phim::{Server, hold_trial, run};

/// What viewers ask for around the scene.
const ASKED: [&str; 6] = ["v0/0.m4s", "v0/1.m4s", "a0/0.m4s", "a0/1.m4s", "poster.jpg", "sheet-0.jpg"];

/// An archive with a film of twelve seconds, and what viewers get of it.
pub struct Stage {
    ready: tempfile::TempDir,
    pub token: String,
    pub base: String,
    /// Without an order, and while the scene is held.
    pub free: Vec<Vec<u8>>,
    pub held: Vec<Vec<u8>>,
    /// The version that obeys.
    pub made: Value,
}

/// An order over frames 30 to 99, off sync samples at both ends: all of the first segment is held.
pub fn the_order() -> Value {
    of("test", "1", &["VN"], "cut", "30f-99f")
}

fn place(order: &Value) -> (String, Value) {
    ("/api/v1/orders".to_string(), order.clone())
}

impl Stage {
    pub fn new() -> Stage {
        let ready = tempfile::tempdir().expect("a folder");
        let film = ready.path().join("film.mp4");
        let graph = "testsrc2=size=160x90:rate=24:duration=12";
        let encoded = Command::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i", graph, "-f", "lavfi", "-i", "sine=duration=12"])
            .args("-c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p -g 48 -keyint_min 48".split(' '))
            .args("-sc_threshold 0 -x264-params stitchable=1 -c:a aac".split(' '))
            .arg(&film)
            .status();
        assert!(encoded.expect("ffmpeg runs").success());
        let data = ready.path().join("data");
        let added = run(&data, &["add", "--title", "test", "--ready", film.to_str().expect("a path")]);
        assert!(added.status.success(), "{}", added.err);
        hold_trial(&data);
        let token = run(&data, &["desk", "--json"]).json()["token"].as_str().expect("a token").to_string();
        let mut stage =
            Stage { ready, token, base: String::new(), free: vec![], held: vec![], made: json!(null) };
        let cinema = stage.open();
        stage.base = cinema.whole("test");
        stage.free = stage.bodies(&cinema);
        cinema.place(&the_order());
        stage.held = stage.bodies(&cinema);
        assert!(!shows(&stage.held[0], &stage.free[0]), "nothing of the first segment is sent");
        cinema.order_once("1", |order| order["frame_accurate"] != json!([]));
        stage.made = cinema.play(VIETNAM, json!({"title": "test"})).1["composition"].clone();
        stage
    }

    /// A copy of the archive, served.
    fn open(&self) -> Cinema {
        let dir = self.copy();
        let server = Server::start(dir.path(), &NETWORKS);
        Cinema { dir, server, token: self.token.clone() }
    }

    pub fn copy(&self) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        let from = self.ready.path().join("data/.");
        assert!(Command::new("cp").arg("-a").arg(from).arg(dir.path()).status().expect("cp runs").success());
        dir
    }

    pub fn bodies(&self, cinema: &Cinema) -> Vec<Vec<u8>> {
        let body = |name: &&str| cinema.get(VIETNAM, &format!("{}/{name}", self.base)).body;
        ASKED.iter().map(body).collect()
    }

    /// Does `deed` in a process that ends at a line of its log, and serves what is left.
    fn ends_at(&self, cinema: Cinema, deed: &(String, Value), line: &str, mut keep: Keep) -> Cinema {
        let Cinema { dir, server, token } = cinema;
        drop(server);
        let layer = Layer::over(dir.path()).dying_at(1, line);
        let mut environment = layer.environment();
        environment.extend([("PHIM_LOG", "debug".into()), ("NO_COLOR", "1".into())]);
        let server = Server::try_start(dir.path(), &NETWORKS, &environment).expect("it starts");
        let mut cinema = Cinema { dir, server, token };
        let mut stream = connect(cinema.server.at());
        let bearer = format!("Bearer {}", cinema.token);
        let headers = [("authorization", bearer.as_str()), ("connection", "close")];
        send(&mut stream, "POST", &deed.0, &headers, &deed.1.to_string());
        let _ = stream.read_to_end(&mut Vec::new());
        let begun = Instant::now();
        while cinema.server.lives() {
            assert!(begun.elapsed() < Duration::from_secs(60), "it does not come to {line:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
        layer.cut_power(&mut keep);
        cinema.server = Server::start(cinema.data(), &NETWORKS);
        cinema
    }

    /// Viewers in Vietnam get what the order leaves, at once and in the end; Korea gets the film.
    fn look(&self, cinema: &Cinema, stands: bool, line: &str) {
        let expected = if stands { &self.held } else { &self.free };
        assert!(self.bodies(cinema) == *expected, "right after {line:?}");
        let korean = cinema.get(KOREA, &format!("{}/v0/0.m4s", self.base)).body;
        assert!(korean == self.free[0], "{line}");
        if stands {
            cinema.order_once("1", |order| order["frame_accurate"] != json!([]));
            let (status, play) = cinema.play(VIETNAM, json!({"title": "test"}));
            assert_eq!((status, &play["composition"]), (200, &self.made), "{line}");
            let made = format!("/c/{}/v0/0.m4s", self.made.as_str().expect("a digest"));
            assert_eq!(cinema.get(VIETNAM, &made).status, 200, "{line}");
        }
        sound(cinema);
    }
}

/// Whether any 64 bytes of the pictures of `original` stand in `body`. Text does not count: the encoder
/// signs black pictures as it signs others.
pub fn shows(body: &[u8], original: &[u8]) -> bool {
    let header = original.windows(4).position(|w| w == b"mdat").expect("media") + 4;
    let chunks = original[header..].chunks_exact(64);
    let mut pictures = chunks.filter(|chunk| !chunk.iter().all(|byte| (b' '..=b'~').contains(byte)));
    pictures.any(|chunk| body.windows(64).any(|window| window == chunk))
}

fn sound(cinema: &Cinema) {
    let checked = cinema.verb(&["check", "--level", "hashed"]);
    assert_eq!((&checked["faults"], &checked["losses"]), (&json!([]), &json!([])));
}

/// Every step of a decision, before and after which it is durable.
const BEFORE: [&str; 3] = ["decided acts=", "records and documents written", "jobs written"];
const AFTER: [&str; 5] =
    ["durable acts=", "in the snapshot acts=", "published acts=", "in force here acts=", "told acts="];

fn line(step: &str, act: &str) -> String {
    if step.ends_with('=') { format!("{step}\"{act}\"") } else { step.to_string() }
}

#[test]
fn placing_until_it_is_answered() {
    let stage = Stage::new();
    let before = ["order read", "order located"].into_iter().chain(BEFORE).map(|step| (step, false));
    for (step, stands) in before.chain(AFTER.map(|step| (step, true))) {
        for keep in [Keep::Nothing, Keep::All] {
            let line = line(step, "order-placed");
            let cinema = stage.ends_at(stage.open(), &place(&the_order()), &line, keep);
            stage.look(&cinema, stands, &line);
            assert_eq!(cinema.try_verb(&["order", "show", "1"]).status.success(), stands, "{line}");
        }
    }
}

#[test]
fn until_the_version_that_obeys_is_offered() {
    let stage = Stage::new();
    let steps = [
        "decided acts=\"took-effect\"",
        "durable acts=\"took-effect\"",
        "job taken",
        "patches made and verified",
        "patches stored",
        "patches entered",
        "version laid out",
        "version entered",
        "version shown",
        "decided acts=\"frame-accurate\"",
        "durable acts=\"frame-accurate\"",
        "in the snapshot acts=\"frame-accurate\"",
        "job finished",
    ];
    for line in steps {
        let cinema = stage.ends_at(stage.open(), &place(&the_order()), line, Keep::Nothing);
        stage.look(&cinema, true, line);
    }
}

#[test]
fn lifting() {
    let stage = Stage::new();
    let lift = ("/api/v1/orders/1/steps".to_string(), json!({"lift": {"reason": "settled"}}));
    for (step, stands) in BEFORE.map(|step| (step, true)).into_iter().chain(AFTER.map(|step| (step, false))) {
        let cinema = stage.open();
        cinema.place(&the_order());
        cinema.order_once("1", |order| order["frame_accurate"] != json!([]));
        let line = line(step, "order-lifted");
        let cinema = stage.ends_at(cinema, &lift, &line, Keep::Nothing);
        stage.look(&cinema, stands, &line);
    }
}

/// Of a work that is withdrawn, a corrected version is made, offered and accepted; it opens when the
/// acceptance is durable, and not before.
#[test]
fn proposing_and_accepting() {
    let stage = Stage::new();
    let withdrawn = stage.open();
    withdrawn.place(&of("test", "1", &["VN"], "withdraw", "whole"));
    let withdrawn = killed(withdrawn);
    let again = |from: &Cinema| {
        let dir = tempfile::tempdir().expect("a folder");
        let copied = Command::new("cp").arg("-a").arg(from.data().join(".")).arg(dir.path()).status();
        assert!(copied.expect("cp runs").success());
        Cinema { server: Server::start(dir.path(), &NETWORKS), dir, token: stage.token.clone() }
    };
    let propose = ("/api/v1/orders/1/proposals".to_string(), json!({"edits": [["cut", "30f-100f"]]}));
    let made = ["patches made and verified", "patches entered", "version entered", "version shown"];
    let decided = ["decided acts=", "durable acts=", "told acts="];
    for step in made.into_iter().chain(decided) {
        let line = line(step, "proposal-made");
        let cinema = stage.ends_at(again(&withdrawn), &propose, &line, Keep::Nothing);
        let offered = cinema.order("1")["proposals"].as_array().map_or(0, Vec::len);
        assert_eq!(offered == 1, ["durable acts=", "told acts="].contains(&step), "{line}");
        closed(&stage, &cinema, &line);
        sound(&cinema);
    }
    withdrawn.verb(&["order", "propose", "1", "--cut", "30f-100f"]);
    let accept = json!({"verdict": "accepted", "letter": "accepted"});
    let accept = ("/api/v1/orders/1/verdicts".to_string(), accept);
    for (step, open) in BEFORE.map(|step| (step, false)).into_iter().chain(AFTER.map(|step| (step, true))) {
        let line = line(step, "proposal-accepted");
        let cinema = stage.ends_at(again(&withdrawn), &accept, &line, Keep::Nothing);
        if open {
            let (status, play) = cinema.play(VIETNAM, json!({"title": "test"}));
            let expected = cinema.order("1")["proposals"][0]["composition"].clone();
            assert_eq!((status, &play["composition"]), (200, &expected), "{line}");
        } else {
            closed(&stage, &cinema, &line);
        }
        assert_eq!(cinema.get(VIETNAM, &format!("{}/v0/0.m4s", stage.base)).status, 451, "{line}");
        sound(&cinema);
    }
}

fn closed(stage: &Stage, cinema: &Cinema, line: &str) {
    assert_eq!(cinema.play(VIETNAM, json!({"title": "test"})).0, 451, "{line}");
    assert_eq!(cinema.get(VIETNAM, &format!("{}/v0/0.m4s", stage.base)).status, 451, "{line}");
}

/// The evidence of an order that met a power cut verifies like any other.
#[test]
fn evidence_after_a_power_cut() {
    let stage = Stage::new();
    let cinema =
        stage.ends_at(stage.open(), &place(&the_order()), "durable acts=\"order-placed\"", Keep::Nothing);
    cinema.order_once("1", |order| order["frame_accurate"] != json!([]));
    let file = cinema.data().join("evidence.zip");
    verify(&cinema, &file);
}

fn verify(cinema: &Cinema, file: &Path) {
    let path = file.to_str().expect("a path");
    let reported = cinema.try_verb(&["order", "report", "1", "--out", path]);
    assert!(reported.status.success(), "{}", reported.err);
    let verified = cinema.try_verb(&["ledger", "verify", path]);
    assert!(verified.status.success(), "{}", verified.err);
    // One flipped bit anywhere is found: in the middle of the file, for one.
    let mut bytes = std::fs::read(file).expect("the evidence");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file, bytes).expect("written");
    assert!(!cinema.try_verb(&["ledger", "verify", path]).status.success());
}
