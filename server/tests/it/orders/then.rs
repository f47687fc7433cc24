//! As of: while a story goes on, a viewer's answers are kept; afterwards the staff ask for each instant
//! again, and get the same.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Cinema, KOREA, VIETNAM, cut, of};
use crate::client::{Answer, ask, get};

/// What a viewer in Vietnam met at one instant.
struct Seen {
    when: &'static str,
    at: String,
    status: u16,
    play: Value,
    /// The first segment of the highest rendition, where there was one.
    segment: Vec<u8>,
}

fn now() -> String {
    format!("{:.6}", Timestamp::now())
}

fn look(cinema: &Cinema, when: &'static str) -> Seen {
    let (status, play) = cinema.play(VIETNAM, json!({ "title": "noise" }));
    let at = now();
    let segment = play["hls"].as_str().map(|hls| cinema.get(VIETNAM, &first_segment(hls)).body);
    Seen { when, at, status, play, segment: segment.unwrap_or_default() }
}

fn first_segment(hls: &str) -> String {
    format!("{}/v0/0.m4s", hls.strip_suffix("/hls.m3u8").expect("a playlist"))
}

fn then(cinema: &Cinema, at: &str, territory: &str) -> (u16, Value) {
    let asked = json!({ "title": "noise", "territory": territory, "at": at });
    cinema.desk("POST", "/api/v1/desk/then", &asked)
}

/// What the staff get of that instant, which must be what the viewer met.
fn check(cinema: &Cinema, seen: &Seen) {
    let (status, told) = then(cinema, &seen.at, "VN");
    assert_eq!(status, 200, "{}: {told}", seen.when);
    assert_eq!(told["playable"], json!(seen.status == 200), "{}: {told}", seen.when);
    let bound = ["held", "made", "withdrawn", "proposed", "accepted"].contains(&seen.when);
    let steps = told["why"].as_array().expect("steps").iter();
    // The trial is told of at every instant.
    let orders = steps.filter(|step| step["concern"] != "territory").count();
    assert_eq!(orders > 0, bound, "{told}");
    if seen.status != 200 {
        assert_eq!(told["reasons"], seen.play["reasons"], "{}", seen.when);
        return;
    }
    for same in ["composition", "held", "edits", "state", "notices", "seconds", "obligations"] {
        assert_eq!(told["play"][same], seen.play[same], "{}: {same}", seen.when);
    }
    let hls = told["play"]["hls"].as_str().expect("an address");
    assert!(hls.starts_with("/then/"), "{hls}");
    // Nobody's place is asked: whoever holds the address is of the staff.
    let segment = get(cinema.server.at(), &first_segment(hls));
    assert_eq!((segment.status, segment.header("cache-control")), (200, Some("no-store")), "{}", seen.when);
    assert!(segment.body == seen.segment, "{}: other bytes", seen.when);
}

#[test]
fn each_instant_of_a_story() {
    let cinema = Cinema::open(500);
    let mut story = vec![look(&cinema, "free")];
    // Pictures of noise cannot be decoded, so this stays at its safe step.
    cinema.place(&cut("1", &["VN"], 60, 70));
    story.push(look(&cinema, "held"));
    cinema.lift("1");
    story.push(look(&cinema, "lifted"));
    // Whole groups of pictures need no patch, so this comes to a version of its own.
    let placed = cinema.place(&cut("2", &["VN"], 96, 191));
    let recorded = placed["taken"]["recorded"].as_str().expect("an instant").to_string();
    let becomes = placed["effects"][0]["becomes"].as_str().expect("a composition").to_string();
    cinema.order_once("2", |order| order["frame_accurate"] != json!([]));
    story.push(look(&cinema, "made"));
    assert_eq!(story[3].play["composition"], json!(becomes));
    cinema.lift("2");
    cinema.place(&of("noise", "3", &["VN"], "withdraw", "toàn bộ phim"));
    story.push(look(&cinema, "withdrawn"));
    cinema.verb(&["order", "propose", "3", "--cut", "8-12"]);
    story.push(look(&cinema, "proposed"));
    cinema.verb(&["order", "send", "3", "--reason", "Here it is."]);
    let accepted = json!({ "verdict": "accepted", "letter": "Công văn 5/ĐA" });
    assert_eq!(cinema.desk("POST", "/api/v1/orders/3/verdicts", &accepted).0, 200);
    story.push(look(&cinema, "accepted"));
    cinema.lift("3");
    story.push(look(&cinema, "back"));
    let statuses: Vec<u16> = story.iter().map(|seen| seen.status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 451, 451, 200, 200]);
    assert!(story[0].segment == story[7].segment && story[0].segment != story[1].segment);
    for seen in &story {
        check(&cinema, seen);
    }
    // A version that was not made yet did not play: what played was held.
    let (_, held) = then(&cinema, &recorded, "VN");
    assert_eq!(
        (&held["what"], &held["play"]["composition"]),
        (&json!("asked"), &story[0].play["composition"])
    );
    assert!(!held["play"]["held"].as_array().expect("ranges").is_empty(), "{held}");
    let what = |n: usize| then(&cinema, &story[n].at, "VN").1["what"].clone();
    assert_eq!((what(3), what(6)), (json!("obeying"), json!("accepted")));
    // Korea never noticed.
    let (_, korea) = then(&cinema, &story[4].at, "KR");
    assert_eq!(korea["play"]["composition"], story[0].play["composition"]);
    told_by_the_verb(&cinema, &story);
    stops(&cinema, &story);
    // The same after a new start, from the records alone.
    let mut cinema = cinema;
    cinema.server.kill();
    cinema.server = super::serve(cinema.data(), &[]);
    for seen in &story {
        check(&cinema, seen);
    }
}

/// The look back stops wherever something changed, and says what viewers got from there on.
fn stops(cinema: &Cinema, story: &[Seen]) {
    let (status, back) = cinema.desk("GET", "/api/v1/desk/then?title=noise&territory=VN", &json!(null));
    assert_eq!(status, 200, "{back}");
    let stops = back["stops"].as_array().expect("stops").clone();
    let instant =
        |text: &Value| -> Timestamp { text.as_str().and_then(|t| t.parse().ok()).expect("an instant") };
    for seen in story {
        let at: Timestamp = seen.at.parse().expect("an instant");
        let stop = stops.iter().rev().find(|stop| instant(&stop["at"]) <= at).expect("one before");
        let stands = &stop["stands"];
        assert_eq!(stands["playable"], json!(seen.status == 200), "{}: {stop}", seen.when);
        assert_eq!(stands["held"], json!(seen.when == "held"), "{}: {stop}", seen.when);
        assert_eq!(stands.get("composition"), seen.play.get("composition"), "{}", seen.when);
    }
    // The film of these tests came in the first microseconds of 1970, which no instant may name.
    for stop in stops.iter().filter(|stop| instant(&stop["at"]).as_second() > 0) {
        let (_, told) = then(cinema, stop["at"].as_str().expect("an instant"), "VN");
        assert_eq!(told["playable"], stop["stands"]["playable"], "{stop}");
        assert_eq!(told.get("what"), stop["stands"].get("what"), "{stop}");
    }
    let kinds: Vec<&str> = stops.iter().filter_map(|stop| stop["kind"].as_str()).collect();
    for kind in ["version-made", "order-placed", "frame-accurate", "order-lifted", "proposal-accepted"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    assert!(!kinds.contains(&"took-effect"), "{kinds:?}");
    let other = cinema.desk("GET", "/api/v1/desk/then?title=nothing&territory=VN", &json!(null));
    assert_eq!(other.0, 404);
}

/// A version that was removed is told of; where nothing had to be encoded for it, it plays.
#[test]
fn a_version_that_was_removed() {
    let cinema = Cinema::open(500);
    let make = ["version", "make", "--title", "noise", "--name", "short", "--cut", "4-8"];
    let short = cinema.verb(&make)["composition"].clone();
    let at = now();
    cinema.verb(&["version", "remove", "noise/short"]);
    let ask = |cinema: &Cinema, at: &str| {
        let asked = json!({ "title": "noise", "version": "short", "territory": "VN", "at": at });
        cinema.desk("POST", "/api/v1/desk/then", &asked)
    };
    let check = |cinema: &Cinema| {
        let (status, told) = ask(cinema, &at);
        assert_eq!((status, &told["play"]["composition"]), (200, &short), "{told}");
        let hls = told["play"]["hls"].as_str().expect("an address");
        assert_eq!(get(cinema.server.at(), &first_segment(hls)).status, 200);
        assert_eq!(ask(cinema, &now()).0, 404);
    };
    check(&cinema);
    let mut cinema = cinema;
    cinema.server.kill();
    cinema.server = super::serve(cinema.data(), &[]);
    check(&cinema);
    // What an authority saw of it then is found on it, though it is gone: its sixth second is the tenth of the film.
    let mut order = of("noise", "1", &["VN"], "cut", "00:00:05:00-00:00:05:23");
    order["looked"] = json!(at);
    let (status, placed) = cinema.desk("POST", "/api/v1/orders?version=short", &order);
    let found = &placed["resolved"][0];
    assert_eq!((status, &found["from"], &found["to"]), (201, &json!(216), &json!(240)), "{placed}");
}

fn told_by_the_verb(cinema: &Cinema, story: &[Seen]) {
    let ask = |at: &str, base: &str| {
        cinema.verb(&["play-url", "noise", "--territory", "VN", "--as-of", at, "--base", base])
    };
    let told = ask(&story[1].at, "http://films.example/");
    let hls = told["play"]["hls"].as_str().expect("an address");
    let path = hls.strip_prefix("http://films.example").expect("the base");
    assert!(get(cinema.server.at(), &first_segment(path)).body == story[1].segment);
    assert_eq!(ask(&story[4].at, "")["reasons"], story[4].play["reasons"]);
    let nowhere = cinema.try_verb(&["play-url", "noise", "--as-of", &story[1].at]);
    assert_eq!(nowhere.status.code(), Some(2), "{}", nowhere.err);
}

/// An address of the past opens what it names, to whoever holds it, for an hour; nothing of the present.
#[test]
fn what_an_address_of_the_past_opens() {
    let cinema = Cinema::open(500);
    let seen = look(&cinema, "free");
    let make = ["version", "make", "--title", "noise", "--name", "short", "--cut", "2-4"];
    let other = cinema.verb(&make)["composition"].as_str().expect("a digest").to_string();
    // Staff only, of the past only, of what was there only.
    let asked = json!({ "title": "noise", "territory": "VN", "at": seen.at }).to_string();
    let bare = ask(cinema.server.at(), "POST", "/api/v1/desk/then", &[], &asked);
    assert_eq!(bare.status, 401);
    assert_eq!(then(&cinema, "2100-01-01T00:00:00Z", "VN").0, 400);
    let short = json!({ "title": "noise", "version": "short", "territory": "VN", "at": seen.at });
    let (early, why) = cinema.desk("POST", "/api/v1/desk/then", &short);
    assert_eq!(early, 404, "it was made later");
    assert!(why["error"]["message"].as_str().expect("words").contains("it came at"), "{why}");
    // The address.
    let (_, told) = then(&cinema, &seen.at, "VN");
    let hls = told["play"]["hls"].as_str().expect("an address").to_string();
    let sealed = hls.split('/').nth(2).expect("a seal").to_string();
    let get = |path: &str| -> Answer { cinema.get(KOREA, path) };
    let whole = get(&hls);
    assert_eq!((whole.status, whole.header("access-control-allow-origin")), (200, None));
    for path in [
        format!("/then/{sealed}/c/{other}/hls.m3u8"),
        format!("/then/{}/c/{other}/hls.m3u8", sealed.replace("~VN~", "~KR~")),
        hls.replace("~VN~", "~KR~"),
        hls.replace("~whole~", "~short~"),
        format!("{}0/hls.m3u8", hls.strip_suffix("/hls.m3u8").expect("a playlist")),
        format!("/then/{sealed}/api/v1/orders"),
        format!("/vn{hls}"),
    ] {
        assert_eq!(get(&path).status, 404, "{path}");
    }
    assert_eq!(ask(cinema.server.at(), "POST", &hls, &[], "").status, 405);
    // A title withdrawn since plays as of then, and at no viewer's address.
    cinema.place(&of("noise", "1", &["VN"], "withdraw", "whole"));
    assert_eq!((get(&hls).status, cinema.play(VIETNAM, json!({ "title": "noise" })).0), (200, 451));
    // One that has ended.
    let ended = ended(&cinema, &sealed);
    let answer = get(&hls.replace(&sealed, &ended));
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.text().contains("has ended"), "{}", answer.text());
}

/// The same address, sealed by this house an hour ago and more.
fn ended(cinema: &Cinema, sealed: &str) -> String {
    let mut parts: Vec<&str> = sealed.split('~').collect();
    parts.pop();
    parts[1] = "1700000000";
    let says = parts.join("~");
    let secret = std::fs::read(cinema.data().join("ledger.key")).expect("the house's secret");
    let secret: &[u8; 32] = secret.first_chunk().expect("32 bytes");
    let seal = ledger::derive_key(secret, &format!("an address of the past\n{says}"));
    let seal: String = seal.iter().map(|b| format!("{b:02x}")).collect();
    format!("{says}~{}", &seal[..40])
}
