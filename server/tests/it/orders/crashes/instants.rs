//! A power cut at seeded instants of everything that can be done with orders: what was answered stands,
//! what was not answered stands whole or not at all, and no ordered sample is sent by whoever starts next.
//!
//! An instant is the nth call of the process that writes, names or sends, counted from the request: the
//! process dies in the middle of it. What was not synced by then is lost, or kept, or torn, by turns. Each
//! process starts over what the one before it left.
//!
//! `PHIM_TEST_INSTANTS` sets how many instants there are; 300 when it is not set.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Cinema, KOREA, VIETNAM, cut, leaked, of, ordered, put_in};
use super::NETWORKS;
use super::layer::{Dice, Keep, Layer};
use crate::client::{connect, send};
use crate::film;
use crate::phim::{Server, run};

/// Instants in all, and runs that share them, each with an archive of its own.
const INSTANTS: u64 = 300;
const RUNS: u64 = 4;
/// Calls that an act makes, and all that follows from it: about 70.
const CALLS_OF_AN_ACT: u64 = 80;
/// Calls of a process that starts, until it is ready.
const CALLS_OF_A_START: u64 = 60;
const SEGMENTS: u32 = 5;
const GROUPS: u64 = (film::SECONDS * film::RATE / film::GROUP) as u64;

/// What an order shows of itself: status, scope, and what became of its proposals.
type Facts = (String, String, Vec<String>);
type Book = BTreeMap<String, Facts>;

/// An act, and what it makes of which order.
struct Deed {
    path: String,
    body: Value,
    number: String,
    after: Facts,
}

/// A house whose power is cut again and again.
struct Unlucky {
    cinema: Cinema,
    layer: Layer,
    dice: Dice,
    lies: Option<&'static str>,
    originals: BTreeMap<String, Vec<u8>>,
    base: String,
    /// Before any order: the times of all of them are read on the whole film.
    opened: String,
    next: u64,
    /// What was found wrong.
    wrong: Vec<String>,
}

impl Unlucky {
    fn new(seed: u64, lies: Option<&'static str>) -> Unlucky {
        let dir = tempfile::tempdir().expect("a folder");
        put_in(dir.path(), |archive| Box::pin(film::put(archive, "noise", 400, 1)));
        let token =
            run(dir.path(), &["desk", "--json"]).json()["token"].as_str().expect("a token").to_string();
        let layer = Layer::over(dir.path());
        let server = Server::try_start(dir.path(), &NETWORKS, &layer.environment()).expect("it starts");
        let cinema = Cinema { dir, server, token };
        let base = cinema.whole("noise");
        let names = (0..SEGMENTS).flat_map(|n| ["v0", "v1", "a0", "a1"].map(|of| format!("{of}/{n}.m4s")));
        let originals = cinema.shelf(VIETNAM, &base, &names.collect::<Vec<_>>());
        let (dice, opened, wrong) = (Dice::new(seed), jiff::Timestamp::now().to_string(), Vec::new());
        let mut house = Unlucky { cinema, layer, dice, lies, originals, base, opened, next: 0, wrong };
        house.restart();
        house
    }

    /// Cuts the power now, and starts over what that leaves. The new process may die while it starts.
    fn restart(&mut self) {
        loop {
            self.cinema.server.kill();
            let mut keep = match self.dice.below(4) {
                0 => Keep::All,
                1 => Keep::Some(Dice::new(self.dice.below(u64::MAX))),
                _ => Keep::Nothing,
            };
            self.layer.cut_power(&mut keep);
            self.layer = Layer::over(self.cinema.data()).lying(self.lies);
            let dies = self.dice.below(6) == 0;
            if dies {
                self.layer.die_at(1 + self.dice.below(CALLS_OF_A_START));
            }
            match Server::try_start(self.cinema.data(), &NETWORKS, &self.layer.environment()) {
                Ok(server) => {
                    self.cinema.server = server;
                    // One that is to die while it starts may do so right after it is ready.
                    if !dies {
                        return;
                    }
                }
                // On a disk that lies it may find out by itself what is gone.
                Err(said) if self.lies.is_some() && said.contains("was durable and is gone") => {
                    self.wrong.push(said);
                    return;
                }
                Err(said) => assert!(dies && !said.contains("phim:"), "it does not start: {said}"),
            }
        }
    }

    fn book(&self) -> Book {
        let (status, list) = self.cinema.desk("GET", "/api/v1/orders", &json!(null));
        assert_eq!(status, 200, "{list}");
        list["orders"].as_array().expect("orders").iter().map(facts).collect()
    }

    /// An act that is possible now.
    fn deed(&mut self, book: &Book) -> Deed {
        if self.dice.below(3) == 0 {
            return self.deed_in_korea(book);
        }
        let ours: Vec<(&String, &Facts)> =
            book.iter().filter(|(n, f)| n.starts_with('C') && f.0 != "lifted").collect();
        if ours.is_empty() || (ours.len() < 6 && self.dice.coin()) {
            let (number, scope) = (self.number('C'), self.scope());
            return placing(number.clone(), self.cut(&number, &scope), &scope);
        }
        let (number, facts) = ours[self.dice.below(ours.len() as u64) as usize];
        let standing = facts.0 == "standing";
        match self.dice.below(3) {
            0 if standing => {
                step(number, json!({"refuse": {"reason": "not competent"}}), ("refused", &facts.1))
            }
            0 => step(number, json!({"approve": null}), ("standing", &facts.1)),
            1 if standing => {
                let scope = self.scope();
                let again = json!({"amend": {"order": self.cut(number, &scope), "reason": "a slip"}});
                step(number, again, ("standing", &scope))
            }
            _ => step(number, json!({"lift": {"reason": "settled"}}), ("lifted", &facts.1)),
        }
    }

    /// In Korea the whole is withdrawn, a corrected version offered, accepted, and the order lifted.
    fn deed_in_korea(&mut self, book: &Book) -> Deed {
        let standing = book.iter().find(|(number, facts)| number.starts_with('W') && facts.0 == "standing");
        let Some((number, (_, scope, proposals))) = standing else {
            let number = self.number('W');
            return placing(number.clone(), of("noise", &number, &["KR"], "withdraw", "whole"), "whole");
        };
        let after = |word: &str| ("standing".to_string(), scope.clone(), vec![word.to_string()]);
        let path = |act: &str| format!("/api/v1/orders/{number}/{act}");
        match proposals.first().map(String::as_str) {
            None => Deed {
                path: path("proposals"),
                body: json!({"edits": [["cut", "4-8"]]}),
                number: number.clone(),
                after: after("made"),
            },
            Some("made") => Deed {
                path: path("verdicts"),
                body: json!({"verdict": "accepted", "letter": "accepted"}),
                number: number.clone(),
                after: after("accepted"),
            },
            Some(_) => {
                let lift = step(number, json!({"lift": {"reason": "settled"}}), ("lifted", scope));
                Deed { after: ("lifted".into(), scope.clone(), proposals.clone()), ..lift }
            }
        }
    }

    fn cut(&self, number: &str, scope: &str) -> Value {
        let (first, last) = frames(scope);
        let mut order = cut(number, &["VN"], first, last);
        order["looked"] = json!(self.opened);
        order
    }

    fn number(&mut self, kind: char) -> String {
        self.next += 1;
        format!("{kind}{}", self.next)
    }

    /// Whole groups of pictures, so that nothing must be encoded to obey.
    fn scope(&mut self) -> String {
        let (group, frames) = (1 + self.dice.below(GROUPS - 2), u64::from(film::GROUP));
        format!("{}f-{}f", group * frames, (group + 1) * frames - 1)
    }

    /// Does something, cuts the power in the middle of it, and looks at what is left.
    fn suffer(&mut self) {
        let before = self.book();
        let deed = self.deed(&before);
        self.layer.die_at(self.layer.calls() + 1 + self.dice.below(CALLS_OF_AN_ACT));
        let said = self.send(&deed);
        if !(200..300).contains(&said.unwrap_or(200)) {
            self.wrong.push(format!("{} {} was answered {said:?}", deed.path, deed.body));
        }
        self.restart();
        if !self.wrong.is_empty() {
            return;
        }
        let after = self.book();
        let mut done = before.clone();
        done.insert(deed.number.clone(), deed.after.clone());
        if after != done && (after != before || said.is_some()) {
            let got = after.get(&deed.number);
            self.wrong.push(format!("{} {}, answered {said:?}, left {got:?}", deed.path, deed.body));
        }
        self.look(&after);
    }

    /// Sends a request and waits for the process to die; answers the status, if the head of an answer came.
    fn send(&mut self, deed: &Deed) -> Option<u16> {
        let mut stream = connect(self.cinema.server.at());
        let bearer = format!("Bearer {}", self.cinema.token);
        let headers = [("authorization", bearer.as_str()), ("connection", "close")];
        send(&mut stream, "POST", &deed.path, &headers, &deed.body.to_string());
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        // What follows from the act may still be under way.
        for _ in 0..10 {
            if !self.cinema.server.lives() {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        String::from_utf8_lossy(&said).strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }

    /// What viewers get now, against what the orders say.
    fn look(&mut self, book: &Book) {
        let standing =
            |kind: char| book.iter().filter(move |(n, f)| n.starts_with(kind) && f.0 == "standing");
        let forbidden: BTreeSet<_> = standing('C').flat_map(|(_, facts)| samples_of(&facts.1)).collect();
        for (name, original) in &self.originals {
            let answer = self.cinema.get(VIETNAM, &format!("{}/{name}", self.base));
            let (forth, free) = (leaked(&answer.body, &forbidden), leaked(original, &forbidden).is_empty());
            if !forth.is_empty() || (answer.body == *original) != free {
                self.wrong.push(format!("{name}: {}, {forth:?} under {book:?}", answer.status));
            }
        }
        let (status, _) = self.cinema.play(KOREA, json!({"title": "noise"}));
        let withdrawn = standing('W').any(|(_, facts)| facts.2.first().is_none_or(|p| p != "accepted"));
        if (status == 451) != withdrawn {
            self.wrong.push(format!("Korea is answered {status} under {book:?}"));
        }
        let checked = self.cinema.verb(&["check", "--level", "hashed"]);
        if checked["faults"] != json!([]) || checked["losses"] != json!([]) {
            self.wrong.push(checked.to_string());
        }
    }
}

fn facts(order: &Value) -> (String, Facts) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let proposals = order["proposals"].as_array().into_iter().flatten().map(|p| text(&p["status"]));
    let scope = text(&order["order"]["scope"]["written"]);
    (text(&order["number"]), (text(&order["status"]), scope, proposals.collect()))
}

fn placing(number: String, body: Value, scope: &str) -> Deed {
    let after = ("standing".to_string(), scope.to_string(), Vec::new());
    Deed { path: "/api/v1/orders".into(), body, number, after }
}

fn step(number: &str, body: Value, (status, scope): (&str, &str)) -> Deed {
    let path = format!("/api/v1/orders/{number}/steps");
    Deed { path, body, number: number.into(), after: (status.into(), scope.into(), Vec::new()) }
}

fn frames(scope: &str) -> (u32, u32) {
    let (first, last) = scope.split_once('-').expect("a range");
    let frame = |text: &str| text.trim_end_matches('f').parse().expect("a frame");
    (frame(first), frame(last))
}

fn samples_of(scope: &str) -> BTreeSet<(u32, u32)> {
    let (first, last) = frames(scope);
    ordered(1, first, last + 1)
}

fn instants() -> u64 {
    std::env::var("PHIM_TEST_INSTANTS").ok().and_then(|n| n.parse().ok()).unwrap_or(INSTANTS)
}

fn cut_power(run: u64) {
    let mut house = Unlucky::new(run, None);
    for n in 0..instants().div_ceil(RUNS) {
        house.suffer();
        assert_eq!(house.wrong, [""; 0], "run {run}, instant {n}");
    }
}

#[test]
fn power_is_cut_1() {
    cut_power(1);
}
#[test]
fn power_is_cut_2() {
    cut_power(2);
}
#[test]
fn power_is_cut_3() {
    cut_power(3);
}
#[test]
fn power_is_cut_4() {
    cut_power(4);
}

/// The same on a disk that says that it synced the catalogue and did not: the test above would see it.
#[test]
fn a_disk_that_lies_is_caught() {
    let mut house = Unlucky::new(5, Some("catalogue.sqlite"));
    for _ in 0..20 {
        if !house.wrong.is_empty() {
            return;
        }
        house.suffer();
    }
    assert_ne!(house.wrong, [""; 0], "a disk that loses what it said it had is not noticed");
}
