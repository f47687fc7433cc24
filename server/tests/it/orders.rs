//! Orders against a real server process: what is held, refused, cut off and brought back, and what
//! stands after the process was killed.
//!
//! The film is noise whose every sample says which one it is, so that one ordered byte anywhere in an
//! answer is found. Its pictures cannot be decoded, so an order that needs a patch stays at its safe
//! step, and one that begins and ends at groups of pictures comes to its frame-accurate version.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Answer, ask};
use crate::film::{self, RATE, SOUND, samples_in, track_of};
use crate::phim::{Done, Server, hold_trial, run};

#[path = "orders/burnt.rs"]
mod burnt;
#[path = "orders/cases.rs"]
mod cases;
#[path = "orders/clashes.rs"]
mod clashes;
#[path = "orders/connections.rs"]
mod connections;
#[path = "orders/crashes.rs"]
mod crashes;
#[path = "orders/crowd.rs"]
mod crowd;
#[path = "orders/desk.rs"]
mod desk;
#[path = "orders/entering.rs"]
mod entering;
#[path = "orders/holding.rs"]
mod holding;
#[path = "orders/labels.rs"]
mod labels;
#[path = "orders/logs.rs"]
mod logs;
#[path = "orders/readiness.rs"]
mod readiness;
#[path = "orders/steps.rs"]
mod steps;
#[path = "orders/then.rs"]
mod then;
#[path = "orders/tokens.rs"]
mod tokens;
#[path = "orders/webhooks.rs"]
mod webhooks;

/// Viewers' addresses, by where the server is told that they are.
const VIETNAM: &str = "203.0.113.5";
const KOREA: &str = "198.51.100.5";
const NOWHERE: &str = "192.0.2.5";

/// A house with the film `noise`, open for business in two countries.
struct Cinema {
    dir: tempfile::TempDir,
    server: Server,
    token: String,
}

impl Cinema {
    /// `frame` bytes a frame in the highest rendition.
    fn open(frame: u32) -> Cinema {
        Cinema::with(&[], |archive| Box::pin(film::put(archive, "noise", frame, 1)))
    }

    /// The same with what `stock` puts in, and more options of `serve`.
    fn with(
        options: &[&str],
        stock: impl for<'a> FnOnce(&'a archive::Archive) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>,
    ) -> Cinema {
        let dir = tempfile::tempdir().expect("a folder");
        put_in(dir.path(), stock);
        let token = run(dir.path(), &["desk", "--json"]).json();
        let token = token["token"].as_str().expect("a token").to_string();
        let server = serve(dir.path(), options);
        Cinema { dir, server, token }
    }

    fn data(&self) -> &Path {
        self.dir.path()
    }

    fn get(&self, from: &str, path: &str) -> Answer {
        ask(self.server.at(), "GET", path, &[("x-forwarded-for", from)], "")
    }

    /// What a player in a place is told, with the status.
    fn play(&self, from: &str, asked: Value) -> (u16, Value) {
        let headers = [("x-forwarded-for", from)];
        read(ask(self.server.at(), "POST", "/api/v1/play", &headers, &asked.to_string()))
    }

    /// A verb that must succeed.
    fn verb(&self, args: &[&str]) -> Value {
        self.try_verb(args).json()
    }

    fn try_verb(&self, args: &[&str]) -> Done {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        run(self.data(), &args)
    }

    /// The desk's request.
    fn desk(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let bearer = format!("Bearer {}", self.token);
        read(ask(self.server.at(), method, path, &[("authorization", &bearer)], &body.to_string()))
    }

    /// Places an order that must be taken.
    fn place(&self, order: &Value) -> Value {
        let (status, placed) = self.desk("POST", "/api/v1/orders", order);
        assert_eq!(status, 201, "{placed}");
        placed
    }

    fn lift(&self, number: &str) {
        self.verb(&["order", "lift", number, "--reason", "settled"]);
    }

    /// The address of the whole of a title.
    fn whole(&self, title: &str) -> String {
        let whole = self.verb(&["version", "show", title]);
        format!("/c/{}", whole["composition"].as_str().expect("a digest"))
    }

    /// The names of all files of a version, as an export writes them.
    fn names(&self, version: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("static");
        self.verb(&["export", "--version", version, out.to_str().expect("a path")]);
        let mut names = Vec::new();
        let mut folders = vec![out.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&out).expect("below").to_str().expect("a name");
                    names.push(name.to_string());
                }
            }
        }
        names
    }

    /// Every file of a composition as a viewer gets it.
    fn shelf(&self, from: &str, base: &str, names: &[String]) -> BTreeMap<String, Vec<u8>> {
        let read = |name: &String| {
            let answer = self.get(from, &format!("{base}/{name}"));
            assert_eq!((answer.status, answer.cut_off), (200, false), "{name}: {}", answer.text());
            (name.clone(), answer.body)
        };
        names.iter().map(read).collect()
    }

    /// The order as the list shows it.
    fn order(&self, number: &str) -> Value {
        self.verb(&["order", "show", number])
    }

    /// The order, once `done` of it.
    fn order_once(&self, number: &str, done: impl Fn(&Value) -> bool) -> Value {
        once(|| Some(self.order(number)).filter(&done))
    }
}

/// Puts films into the archive, which nobody owns now.
fn put_in(
    dir: &Path,
    stock: impl for<'a> FnOnce(&'a archive::Archive) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>,
) {
    as_owner(dir, stock);
    hold_trial(dir);
}

/// Opens the archive, which nobody owns now, and closes it well.
fn as_owner(
    dir: &Path,
    stock: impl for<'a> FnOnce(&'a archive::Archive) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>,
) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let archive = archive::Archive::open(dir).await.expect("an archive");
        stock(&archive).await;
        archive.close().await;
    });
}

fn serve(dir: &Path, options: &[&str]) -> Server {
    let networks = ["--network", "203.0.113.0/24=VN", "--network", "198.51.100.0/24=KR"];
    let proxy = ["--proxy", "127.0.0.1"];
    Server::start(dir, &[&networks[..], &proxy[..], options].concat())
}

/// Asks again until there is an answer.
fn once<T>(ask: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "it did not come");
        std::thread::sleep(Duration::from_millis(30));
    }
}

fn read(answer: Answer) -> (u16, Value) {
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_else(|e| panic!("{e}: {}", answer.text())))
}

/// An order that cuts `first` to `last` of the film, frames, both included.
fn cut(number: &str, territories: &[&str], first: u32, last: u32) -> Value {
    of("noise", number, territories, "cut", &format!("{first}f-{last}f"))
}

fn of(title: &str, number: &str, territories: &[&str], operation: &str, scope: &str) -> Value {
    json!({
        "authority": "Cục Điện ảnh", "number": number, "date": "2026-11-20",
        "legal_basis": "Decree 131/2022/ND-CP, Article 15(2)", "territories": territories,
        "work": { "title": title }, "scope": scope, "operation": operation,
    })
}

/// Samples of a film's tracks that carry anything of the frames `from` to `to`, end-exclusive: worked
/// out anew here, from the numbers of the film alone.
fn ordered(film: u64, from: u32, to: u32) -> BTreeSet<(u32, u32)> {
    let pictures = [0, 1].into_iter().flat_map(|n| (from..to).map(move |f| (track_of(film, n), f)));
    // A sound sample is heard from its own place to the end of the next one's (AAC's window); 1024 ticks
    // of 48 kHz each, the first of them before the film begins.
    let heard = |n: u32| {
        let begin = (i64::from(n) - 1) * 1024;
        (begin, begin + 2048)
    };
    let ticks = |frame: u32| i64::from(frame) * 48_000 / i64::from(RATE);
    let (begin, end) = (ticks(from), ticks(to));
    let touched = (0..film::SECONDS * 47).filter(|n| heard(*n).0 < end && heard(*n).1 > begin);
    let sounds = touched.flat_map(|n| [0, 1].map(|s| (track_of(film, SOUND + s), n)));
    pictures.chain(sounds).collect()
}

/// The ordered samples in an answer.
fn leaked(body: &[u8], ordered: &BTreeSet<(u32, u32)>) -> Vec<(u32, u32)> {
    samples_in(body).intersection(ordered).copied().collect()
}
