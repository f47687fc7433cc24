//! A house that asks for tokens: what each opens, who is refused and why, and orders that act on those who
//! carry one.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::connections::{LARGE, half_read};
use super::{Cinema, KOREA, NOWHERE, VIETNAM, cut, leaked, ordered};
use crate::client::{Answer, ask, get};
use crate::film;

fn cinema(frame: u32, options: &[&str]) -> Cinema {
    let options = [&["--tokens"], options].concat();
    Cinema::with(&options, |archive| Box::pin(film::put(archive, "noise", frame, 1)))
}

/// The play address that a player elsewhere than on our pages gets, up to `hls.m3u8`.
fn in_path(cinema: &Cinema, from: &str) -> String {
    let (status, play) = cinema.play(from, json!({ "title": "noise" }));
    assert_eq!(status, 200, "{play}");
    folder(&play)
}

fn folder(play: &Value) -> String {
    let hls = play["hls"].as_str().expect("an address");
    hls.strip_suffix("/hls.m3u8").expect("a playlist").to_string()
}

/// What a page of this origin gets: the folder of its media, and its cookie.
fn in_cookie(cinema: &Cinema, from: &str) -> (String, String, Answer) {
    let headers = [("x-forwarded-for", from), ("sec-fetch-site", "same-origin")];
    let body = json!({ "title": "noise" }).to_string();
    let answer = ask(cinema.server.at(), "POST", "/api/v1/play", &headers, &body);
    let play: Value = serde_json::from_slice(&answer.body).expect("json");
    let cookie = answer.header("set-cookie").expect("a cookie").to_string();
    let sent = cookie.split(';').next().expect("a pair").to_string();
    (folder(&play), sent, answer)
}

/// The status, and the rule of the first reason.
fn why(answer: &Answer) -> (u16, String) {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let reason = &body["reasons"][0];
    for language in ["vi", "ko", "en"] {
        assert!(reason["says"][language].is_string(), "{body}");
    }
    (answer.status, reason["rule"].as_str().unwrap_or_default().to_string())
}

/// Every file of a version is the same bytes under the same tag, however the token is carried.
#[test]
fn the_same_bytes_however_it_is_carried() {
    let cinema = cinema(500, &[]);
    let names = cinema.names("noise");
    let plain = format!("/vn{}", cinema.whole("noise"));
    let path = in_path(&cinema, VIETNAM);
    assert!(path.starts_with("/t/") && path.ends_with(&plain), "{path}");
    let (folder, cookie, answer) = in_cookie(&cinema, VIETNAM);
    assert_eq!(folder, plain);
    let set = answer.header("set-cookie").expect("a cookie");
    assert!(set.ends_with(&format!("; Path={plain}/; Max-Age=900; HttpOnly; SameSite=Lax")), "{set}");
    assert!(names.len() > 40);
    let carried = |name: &str| {
        let headers = [("x-forwarded-for", VIETNAM), ("cookie", &cookie)];
        ask(cinema.server.at(), "GET", &format!("{plain}/{name}"), &headers, "")
    };
    for name in &names {
        let (one, two) = (cinema.get(VIETNAM, &format!("{path}/{name}")), carried(name));
        assert_eq!((one.status, two.status), (200, 200), "{name}");
        assert!(one.body == two.body, "{name}");
        for header in ["etag", "cache-control", "content-type"] {
            assert_eq!(one.header(header), two.header(header), "{name}");
        }
        assert_eq!((one.header("set-cookie"), two.header("set-cookie")), (None, None), "{name}: it is fresh");
        // Nothing but pictures of pages is there for those who show nothing.
        let bare = cinema.get(VIETNAM, &format!("{plain}/{name}"));
        if name.ends_with(".jpg") || name == "thumbnails.vtt" {
            assert_eq!((bare.status, bare.body == one.body), (200, true), "{name}");
        } else {
            assert_eq!(why(&bare), (401, "token-missing".into()), "{name}");
            assert_eq!(bare.header("www-authenticate"), Some("CTA-Common-Access-Token"));
        }
    }
    let tagged = cinema.get(VIETNAM, &format!("{plain}/poster.jpg"));
    assert_eq!(tagged.header("cache-control"), Some("max-age=10, must-revalidate"));
}

#[test]
fn what_a_token_does_not_open() {
    let cinema = cinema(500, &[]);
    let path = in_path(&cinema, VIETNAM);
    let (front, base) = path.split_once("/vn/").expect("a place");
    let segment = |from: &str, path: &str| why(&cinema.get(from, &format!("{path}/v0/1.m4s")));
    let forbidden = |rule: &str| (403, rule.to_string());
    assert_eq!(segment(KOREA, &path), forbidden("token-other-territory"));
    assert_eq!(segment(NOWHERE, &path), forbidden("token-other-territory"));
    assert_eq!(segment(VIETNAM, &format!("{front}/{base}")), forbidden("token-other-address"));
    let make = ["version", "make", "--title", "noise", "--name", "short", "--cut", "2-4"];
    let other = cinema.verb(&make)["composition"].as_str().expect("a digest").to_string();
    assert_eq!(segment(VIETNAM, &format!("{front}/vn/c/{other}")), forbidden("token-other-address"));
    let middle = front.len() / 2;
    let flipped = if &front[middle..=middle] == "A" { "B" } else { "A" };
    let altered = format!("{}{flipped}{}/vn/{base}", &front[..middle], &front[middle + 1..]);
    assert_eq!(segment(VIETNAM, &altered).0, 401);
    assert_eq!(segment(VIETNAM, &format!("/t/nonsense/vn/{base}")), (401, "token-malformed".into()));
    // It opens no page and no other part of the API.
    assert_eq!(cinema.get(VIETNAM, &format!("{front}/api/v1/orders")).status, 404);
    assert_eq!(cinema.get(VIETNAM, &format!("{path}/v0/1.m4s")).status, 200);
    assert_eq!(ask(cinema.server.at(), "POST", &format!("{path}/v0/1.m4s"), &[], "").status, 405);
}

/// A key that is replaced seals no more; what it sealed stays good.
#[test]
fn keys_are_replaced() {
    let cinema = cinema(500, &[]);
    let before = in_path(&cinema, VIETNAM);
    for algorithm in ["es256", "eddsa", "hs256"] {
        let told = cinema.verb(&["token", "rotate", "--algorithm", algorithm]);
        assert_eq!(
            told["keys"].as_array().and_then(|keys| keys.last()).expect("a key")["algorithm"],
            algorithm
        );
        let path = in_path(&cinema, VIETNAM);
        assert_eq!(cinema.get(VIETNAM, &format!("{path}/v0/1.m4s")).status, 200, "{algorithm}");
    }
    assert_eq!(cinema.get(VIETNAM, &format!("{before}/v0/1.m4s")).status, 200);
    let keys = cinema.verb(&["token", "keys"]);
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(4));
}

#[test]
fn a_token_for_one_play_request() {
    let cinema = cinema(500, &[]);
    let (status, handed) = cinema.desk("POST", "/api/v1/tokens", &json!({ "territory": "VN" }));
    assert_eq!(status, 201, "{handed}");
    let token = handed["token"].as_str().expect("a token");
    let play = |from: &str, token: &str| {
        let headers = [("x-forwarded-for", from), ("cta-common-access-token", token)];
        ask(cinema.server.at(), "POST", "/api/v1/play", &headers, r#"{"title":"noise"}"#)
    };
    assert_eq!(why(&play(KOREA, token)), (403, "token-other-territory".into()));
    assert_eq!(play(VIETNAM, token).status, 200);
    assert_eq!(why(&play(VIETNAM, token)), (403, "token-replayed".into()));
    let printed = cinema.verb(&["token", "issue", "--territory", "KR"]);
    assert_eq!(play(KOREA, printed["token"].as_str().expect("a token")).status, 200);
    let nobody = ask(cinema.server.at(), "POST", "/api/v1/tokens", &[], "{}");
    assert_eq!(nobody.status, 401);
}

/// Whose account is kept elsewhere is under the rules of both countries: no pack says otherwise.
#[test]
fn a_traveller_is_under_both_countries_orders() {
    let cinema = cinema(500, &[]);
    let issued = cinema.verb(&["token", "issue", "--territory", "VN", "--home", "KR"]);
    let headers = [
        ("x-forwarded-for", VIETNAM),
        ("cta-common-access-token", issued["token"].as_str().expect("a token")),
    ];
    let answer = ask(cinema.server.at(), "POST", "/api/v1/play", &headers, r#"{"title":"noise"}"#);
    let play: Value = serde_json::from_slice(&answer.body).expect("json");
    let path = folder(&play);
    let at_home = in_path(&cinema, VIETNAM);
    assert!(path.contains("/vn-kr/c/") && at_home.contains("/vn/c/"), "{path} {at_home}");
    assert_eq!(play["territory"], "VN");
    let segment = |from: &str, path: &str| cinema.get(from, &format!("{path}/v0/0.m4s"));
    assert_eq!(why(&segment(KOREA, &path)), (403, "token-other-territory".into()));
    let plain = format!("/vn-kr{}", cinema.whole("noise"));
    assert_eq!(why(&segment(VIETNAM, &plain)), (401, "token-missing".into()));
    let ordered = ordered(1, 60, 71);
    let shown = |path: &str| {
        let answer = segment(VIETNAM, path);
        (answer.status, leaked(&answer.body, &ordered).is_empty())
    };
    assert_eq!((shown(&path), shown(&at_home)), ((200, false), (200, false)));
    cinema.place(&cut("1", &["KR"], 60, 70));
    assert_eq!((shown(&path), shown(&at_home)), ((200, true), (200, false)), "Korea's order");
    cinema.place(&super::of("noise", "2", &["KR"], "withdraw", "whole"));
    assert_eq!((segment(VIETNAM, &path).status, segment(VIETNAM, &at_home).status), (451, 200));
    cinema.lift("2");
    cinema.lift("1");
    assert_eq!((shown(&path), shown(&at_home)), ((200, false), (200, false)));
}

#[test]
fn others_who_play_with_the_same_token() {
    let cinema = cinema(500, &["--streams", "2"]);
    let path = format!("{}/v0/1.m4s", in_path(&cinema, VIETNAM));
    let from = |n: u32| cinema.get(&format!("203.0.113.{n}"), &path);
    assert_eq!([from(1).status, from(2).status, from(1).status], [200; 3]);
    assert_eq!(why(&from(3)), (429, "token-streams".into()));
    assert_eq!(cinema.get("203.0.113.3", &format!("{}/v0/1.m4s", in_path(&cinema, VIETNAM))).status, 200);
}

/// What is under way with a token in its path is cut as any other.
#[test]
fn an_order_acts_on_those_who_carry_tokens() {
    let cinema = cinema(LARGE, &[]);
    let path = in_path(&cinema, VIETNAM);
    let rest = half_read(&cinema, &format!("{path}/v0/0.m4s"), &[], || {
        let placed = cinema.place(&cut("1", &["VN"], 60, 70));
        assert_eq!(placed["taken"]["connections_cut"], json!(1));
    });
    assert!(rest.came <= rest.held, "{} bytes came; the kernel had {}", rest.came, rest.held);
    assert_eq!(leaked(&rest.body, &ordered(1, 60, 71)), []);
    // The token is still good; the gate says what it opens.
    let held = cinema.get(VIETNAM, &format!("{path}/v0/0.m4s"));
    assert_eq!((held.status, leaked(&held.body, &ordered(1, 60, 71))), (200, vec![]));
    cinema.place(&super::of("noise", "2", &["VN"], "withdraw", "whole"));
    assert_eq!(cinema.get(VIETNAM, &format!("{path}/v0/0.m4s")).status, 451);
    assert_eq!(cinema.play(VIETNAM, json!({ "title": "noise" })).0, 451);
}

/// The addresses that a person is told carry a token; where nobody asks for one, a token in front of an
/// address does no harm.
#[test]
fn addresses_that_are_told() {
    let cinema = cinema(500, &[]);
    let told = cinema.verb(&["play-url", "noise", "--base", "", "--territory", "VN"]);
    let hls = told["hls"].as_str().expect("an address");
    assert!(hls.starts_with("/t/") && told["expires"].is_string(), "{told}");
    assert_eq!(cinema.get(VIETNAM, hls).status, 200);
    let anywhere = cinema.verb(&["play-url", "noise", "--base", ""]);
    assert_eq!(cinema.get(NOWHERE, anywhere["hls"].as_str().expect("an address")).status, 200);
    let open = Cinema::open(500);
    let (_, play) = open.play(VIETNAM, json!({ "title": "noise" }));
    let plain = play["hls"].as_str().expect("an address");
    assert!(plain.starts_with("/vn/c/"), "{play}");
    let (with, without) = (open.get(VIETNAM, &format!("/t/x{plain}")), open.get(VIETNAM, plain));
    assert_eq!((with.status, with.header("etag")), (200, without.header("etag")));
    assert_eq!(open.try_verb(&["token", "issue"]).status.code(), Some(5));
    assert_eq!(get(open.server.at(), "/t/x/watch/noise").status, get(open.server.at(), "/none/x").status);
}

/// A window shuts while somebody watches. Where the contract lets who began see the end, their token goes on
/// and nobody else's begins; where it does not, it ends there.
#[test]
fn a_window_shuts_while_somebody_watches() {
    let options = ["--tokens", "--network", "192.0.2.0/24=US"];
    let cinema = Cinema::with(&options, |archive| Box::pin(film::put(archive, "noise", 500, 1)));
    cinema.verb(&["territory", "declare", "US", "--kind", "film"]);
    cinema.verb(&[
        "evidence",
        "add",
        "US",
        "legal-review",
        "--text",
        "Read by counsel",
        "--until",
        "2100-01-01",
    ]);
    cinema.verb(&["territory", "open", "US"]);
    let label =
        ["classify", "regulator", "noise", "--territory", "US", "--label", "PG", "--date", "2026-01-01"];
    cinema.verb(&[&label[..], &["--authority", "MPA", "--number", "1"]].concat());
    let end = Timestamp::now() + SignedDuration::from_secs(4);
    let license = |expiry: &str, end: Timestamp| {
        let window =
            ["window", "add", "--title", "noise", "--territory", "US", "--start", "2020-01-01T00:00:00Z"];
        let end = end.to_string();
        let rest = ["--alid", "a", "--end", &end, "--licence", "AVOD", "--expiry", expiry];
        cinema.verb(&[&window[..], &rest].concat());
    };
    license("finish", end);
    let (status, play) = cinema.play(NOWHERE, json!({ "title": "noise" }));
    assert_eq!(status, 200, "{play}");
    let expires: Timestamp = play["expires"].as_str().and_then(|t| t.parse().ok()).expect("an instant");
    assert!(expires > end + SignedDuration::from_hours(1), "{expires} is not beyond {end}");
    let segment = format!("{}/v0/0.m4s", folder(&play));
    let begun = cinema.get(NOWHERE, &segment);
    assert_eq!(begun.status, 200, "{}", begun.text());
    super::once(|| (Timestamp::now() > end).then_some(()));
    let (shut, refused) = cinema.play(NOWHERE, json!({ "title": "noise" }));
    assert_eq!((shut, &refused["reasons"][0]["rule"]), (403, &json!("licence-over")), "{refused}");
    let after = cinema.get(NOWHERE, &segment);
    assert_eq!((after.status, after.body == begun.body), (200, true), "{}", after.text());
    // Another word of the contract ends it at once, and whoever begins under that ends with the window.
    cinema.verb(&["window", "remove", "a"]);
    license("stop", end);
    assert_eq!(cinema.get(NOWHERE, &segment).status, 403);
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    cinema.verb(&["window", "remove", "a"]);
    license("stop", later);
    let (_, play) = cinema.play(NOWHERE, json!({ "title": "noise" }));
    let expires: Timestamp = play["expires"].as_str().and_then(|t| t.parse().ok()).expect("an instant");
    assert!(expires <= later, "{expires} is beyond {later}");
}
