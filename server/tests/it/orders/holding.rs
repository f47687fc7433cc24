//! The safe step: what is held where, and that nothing else changes.

use serde_json::{Value, json};

use super::{Cinema, KOREA, NOWHERE, VIETNAM, cut, leaked, of, once, ordered};
use crate::client::ask;
use crate::film::{self, GROUP, POSTER, samples_in, tiles_in, track_of};

/// Frames 60 to 70, in the second group of pictures, 2 s to 4 s.
#[test]
fn a_scene_is_held_where_the_order_binds_and_nowhere_else() {
    let cinema = Cinema::open(2000);
    let (base, names) = (cinema.whole("noise"), cinema.names("noise"));
    let before = cinema.shelf(VIETNAM, &base, &names);
    assert!(before.values().any(|body| !leaked(body, &ordered(1, 60, 71)).is_empty()));
    cinema.place(&cut("1", &["VN"], 60, 70));
    let ordered = ordered(1, 60, 71);
    for place in [VIETNAM, NOWHERE] {
        let after = cinema.shelf(place, &base, &names);
        let mut changed = Vec::new();
        for (name, body) in &after {
            assert_eq!(leaked(body, &ordered), [], "{name} from {place}");
            if *body != before[name] {
                changed.push(name.as_str());
            }
        }
        // The first segment holds the group; so do its I-frame, its subtitles, a thumbnail, the poster.
        let expected = "a0/0.m4s a1/0.m4s i0/1.m4s i1/1.m4s poster.jpg sheet-0.jpg t0/0.vtt t0/part-0.vtt v0/0.m4s v1/0.m4s";
        assert_eq!(changed.join(" "), expected);
        let held = samples_in(&after["v0/0.m4s"]);
        assert!((0..GROUP).all(|n| held.contains(&(track_of(1, film::HOLD), n))));
        assert!((0..GROUP).all(|n| held.contains(&(track_of(1, 0), n))));
        assert_eq!(tiles_in(&before["sheet-0.jpg"])[..3], [0, 1, 2]);
        assert_eq!(tiles_in(&after["sheet-0.jpg"])[..3], [0, 0, 2]);
        let text = String::from_utf8_lossy(&after["t0/0.vtt"]);
        assert!(!text.contains("Xin chào"), "{text}");
    }
    assert_eq!(before["poster.jpg"], POSTER);
    assert!(cinema.shelf(KOREA, &base, &names) == before, "Korea notices");
    // The exact earlier bytes come back.
    cinema.lift("1");
    for place in [VIETNAM, NOWHERE, KOREA] {
        assert!(cinema.shelf(place, &base, &names) == before, "{place}");
    }
}

/// What is remembered of one answer does not stand for another: validators follow the bytes.
#[test]
fn a_cache_that_asks_again_is_told() {
    let cinema = Cinema::open(2000);
    let path = format!("{}/v0/0.m4s", cinema.whole("noise"));
    let tag = |place: &str| cinema.get(place, &path).header("etag").expect("a tag").to_string();
    let status = |place: &str, tag: &str| {
        let headers = [("x-forwarded-for", place), ("if-none-match", tag)];
        ask(cinema.server.at(), "GET", &path, &headers, "").status
    };
    let free = tag(VIETNAM);
    assert_eq!(status(VIETNAM, &free), 304);
    cinema.place(&cut("1", &["VN"], 60, 70));
    assert_eq!((status(VIETNAM, &free), status(KOREA, &free)), (200, 304));
    let held = tag(VIETNAM);
    assert_eq!(status(VIETNAM, &held), 304);
    cinema.lift("1");
    assert_eq!((status(VIETNAM, &held), status(VIETNAM, &free)), (200, 304));
    let cache = cinema.get(VIETNAM, &path).header("cache-control").expect("a lifetime").to_string();
    assert!(cache.contains("max-age=10") && cache.contains("must-revalidate"), "{cache}");
}

/// An address is a territory's; nobody gets what is meant for another.
#[test]
fn addresses_of_another_territory() {
    let cinema = Cinema::open(500);
    let base = cinema.whole("noise");
    for (place, own, other) in [(VIETNAM, "/vn", "/kr"), (KOREA, "/kr", "/vn")] {
        let (status, play) = cinema.play(place, json!({"title": "noise"}));
        let hls = play["hls"].as_str().expect("an address");
        assert_eq!((status, hls.starts_with(&format!("{own}/c/"))), (200, true), "{hls}");
        assert_eq!(cinema.get(place, hls).status, 200);
        for name in ["hls.m3u8", "v0/0.m4s", "v0/init-0.mp4", "poster.jpg"] {
            let refused = cinema.get(place, &format!("{other}{base}/{name}"));
            assert_eq!(refused.status, 403, "{name}");
            assert_eq!(refused.header("cache-control"), Some("no-store"));
        }
    }
    assert_eq!(cinema.get(NOWHERE, &format!("/vn{base}/v0/0.m4s")).status, 403);
    assert_eq!(cinema.get(NOWHERE, &format!("{base}/v0/0.m4s")).status, 200);
}

/// A whole work withdrawn: refused in words, on every address of it, where the order binds.
#[test]
fn a_withdrawal() {
    let cinema = Cinema::open(500);
    let (base, names) = (cinema.whole("noise"), cinema.names("noise"));
    let before = cinema.shelf(KOREA, &base, &names);
    cinema.place(&of("noise", "1", &["VN"], "withdraw", "toàn bộ phim"));
    for place in [VIETNAM, NOWHERE] {
        for name in &names {
            let refused = cinema.get(place, &format!("{base}/{name}"));
            assert_eq!(refused.status, 451, "{name}");
            assert_eq!(refused.header("cache-control"), Some("no-store"));
            let body: Value = serde_json::from_slice(&refused.body).expect("json");
            gives_reasons(&body);
        }
        let (status, body) = cinema.play(place, json!({"title": "noise"}));
        assert_eq!(status, 451);
        gives_reasons(&body);
    }
    assert!(cinema.shelf(KOREA, &base, &names) == before);
    cinema.lift("1");
    assert!(cinema.shelf(VIETNAM, &base, &names) == before);
}

fn gives_reasons(body: &Value) {
    let reason = &body["reasons"][0];
    assert_eq!((&reason["rule"], &reason["title"]), (&json!("withdrawn"), &json!("noise")), "{body}");
    for language in ["vi", "ko", "en"] {
        for field in ["says", "change"] {
            assert!(reason[field][language].as_str().is_some_and(|words| words.len() > 10), "{body}");
        }
    }
    let names_it = reason["says"].as_object().expect("words").values();
    assert!(names_it.into_iter().all(|words| words.as_str().is_some_and(|w| w.contains("Cục Điện ảnh"))));
}

/// A compilation of two titles, with an order on one of them; made before the order, and after it.
#[test]
fn a_compilation_obeys() {
    let cinema = Cinema::with(&[], |archive| {
        Box::pin(async move {
            film::put(archive, "noise", 1000, 1).await;
            film::put(archive, "other", 1000, 2).await;
        })
    });
    let make = |name: &str, spans: [&str; 2]| {
        let [a, b] = spans;
        let made =
            cinema.verb(&["version", "make", "--title", "noise", "--name", name, "--span", a, "--span", b]);
        format!("/c/{}", made["composition"].as_str().expect("a digest"))
    };
    let old = make("old", ["noise:0-6", "other:2-8"]);
    let names = cinema.names("noise/old");
    let before = cinema.shelf(VIETNAM, &old, &names);
    let ordered = ordered(2, 100, 111);
    assert!(before.values().any(|body| !leaked(body, &ordered).is_empty()));
    cinema.place(&of("other", "1", &["VN"], "cut", "100f-110f"));
    let after = cinema.shelf(VIETNAM, &old, &names);
    let playlist = |name: &str| name.ends_with(".m3u8") || name.ends_with(".mpd") || name.contains("init");
    for (name, body) in &after {
        assert_eq!(leaked(body, &ordered), [], "{name}");
        assert!(!playlist(name) || *body == before[name], "{name}");
    }
    assert!(cinema.shelf(KOREA, &old, &names) == before);
    // One that is made under the order, of the other title's film alone.
    let new = make("new", ["other:2-4", "other:4-8"]);
    for (name, body) in cinema.shelf(VIETNAM, &new, &cinema.names("noise/new")) {
        assert_eq!(leaked(&body, &ordered), [], "{name}");
    }
    cinema.place(&of("other", "2", &["VN"], "withdraw", "whole"));
    assert_eq!(cinema.get(VIETNAM, &format!("{old}/v0/0.m4s")).status, 451);
    assert_eq!(cinema.get(KOREA, &format!("{old}/v0/0.m4s")).status, 200);
    let whole = cinema.whole("noise");
    assert_eq!(cinema.get(VIETNAM, &format!("{whole}/v0/0.m4s")).status, 200);
}

/// A cut from group to group needs no patch: the frame-accurate version stands beside the safe step, and
/// players are told where to go on and why.
#[test]
fn the_frame_accurate_version() {
    let cinema = Cinema::open(1000);
    let whole = cinema.whole("noise");
    let placed = cinema.place(&cut("1", &["VN"], 96, 191));
    let becomes = placed["effects"][0]["becomes"].as_str().expect("a composition").to_string();
    let made = cinema.order_once("1", |order| order["frame_accurate"] != json!([]));
    assert_eq!(made["frame_accurate"], json!([["noise", becomes]]));
    let asked = json!({"title": "noise", "playing": whole.trim_start_matches("/c/"), "at": 10.0});
    let (_, play) = cinema.play(VIETNAM, asked);
    assert_eq!((&play["composition"], &play["resume"]), (&json!(becomes), &json!(6.0)), "{play}");
    assert_eq!((&play["seconds"], &play["held"]), (&json!(16.0), &json!([])));
    assert!(play["notices"][0]["vi"].as_str().is_some_and(|words| words.contains("số 1")), "{play}");
    assert_eq!(cinema.play(KOREA, json!({"title": "noise"})).1["notices"], json!([]));
    let name = made["order"]["work"]["title"].as_str().expect("a title");
    assert_eq!(name, "noise");
    // Neither the version nor what was handed out before holds the scene.
    let ordered = ordered(1, 96, 192);
    for base in [format!("/c/{becomes}"), whole] {
        let playlist = cinema.get(VIETNAM, &format!("{base}/v0.m3u8")).text();
        let segments: Vec<&str> = playlist.lines().filter(|line| line.ends_with(".m4s")).collect();
        assert!(segments.len() >= 4, "{playlist}");
        for segment in segments {
            for name in [segment.to_string(), segment.replace("v0", "a0"), segment.replace("v0", "v1")] {
                let answer = cinema.get(VIETNAM, &format!("{base}/{name}"));
                assert_eq!((answer.status, leaked(&answer.body, &ordered)), (200, vec![]), "{name}");
            }
        }
    }
}

/// An order whose start lies ahead changes nothing until then, and bites without anybody's help.
#[test]
fn a_start_ahead() {
    let cinema = Cinema::open(2000);
    let (base, names) = (cinema.whole("noise"), cinema.names("noise"));
    let before = cinema.shelf(VIETNAM, &base, &names);
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3);
    let mut order = cut("1", &["VN"], 60, 70);
    order["start"] = json!(at.to_string());
    cinema.place(&order);
    assert!(cinema.shelf(VIETNAM, &base, &names) == before || jiff::Timestamp::now() >= at);
    let path = format!("{base}/v0/0.m4s");
    let ordered = ordered(1, 60, 71);
    let ended = once(|| {
        let asked = jiff::Timestamp::now();
        let clean = leaked(&cinema.get(VIETNAM, &path).body, &ordered).is_empty();
        assert!(clean || asked < at, "shown {} after its instant", jiff::Timestamp::now() - at);
        clean.then(jiff::Timestamp::now)
    });
    assert!(ended >= at, "held before its instant");
    assert!(cinema.get(KOREA, &path).body == before["v0/0.m4s"]);
}

/// An order on a title that the house does not hold waits, and bites when it comes.
#[test]
fn an_order_waits_for_its_title() {
    let cinema = Cinema::open(500);
    cinema.place(&of("later", "1", &["VN"], "cut", "60f-70f"));
    cinema.place(&of("later", "2", &["VN"], "cut", "90f-99f"));
    cinema.lift("2");
    cinema.place(&of("later", "3", &["KR"], "withdraw", "whole"));
    // Entered by a process that was killed before it looked for the places.
    let Cinema { dir, server, token } = cinema;
    server.end();
    super::put_in(dir.path(), |archive| Box::pin(film::put(archive, "later", 1000, 3)));
    let cinema = Cinema { server: super::serve(dir.path(), &[]), dir, token };
    let resolved = cinema.order("1")["resolved"].clone();
    assert_eq!((&resolved[0]["from"], &resolved[0]["to"]), (&json!(60), &json!(71)), "{resolved}");
    assert_eq!(cinema.order("2")["resolved"], json!([]));
    let base = cinema.whole("later");
    let ordered = ordered(3, 60, 71);
    for (name, body) in cinema.shelf(VIETNAM, &base, &cinema.names("later")) {
        assert_eq!(leaked(&body, &ordered), [], "{name}");
    }
    assert_eq!(cinema.get(KOREA, &format!("{base}/v0/0.m4s")).status, 451);
}

/// A trailer says whose pictures it shows. Where in it they are is not known, so it goes with the scene.
#[test]
fn a_trailer_obeys() {
    let cinema = Cinema::with(&[], |archive| {
        Box::pin(async move {
            film::put(archive, "noise", 500, 1).await;
            film::put_of(archive, "trailer", 500, 2, &["noise"]).await;
        })
    });
    cinema.place(&cut("1", &["VN"], 60, 70));
    let path = format!("{}/v0/0.m4s", cinema.whole("trailer"));
    assert_eq!(cinema.get(VIETNAM, &path).status, 451);
    assert_eq!(cinema.get(KOREA, &path).status, 200);
    let (status, refused) = cinema.play(VIETNAM, json!({"title": "trailer"}));
    assert_eq!((status, &refused["reasons"][0]["rule"]), (451, &json!("not-located")));
    cinema.lift("1");
    assert_eq!(cinema.get(VIETNAM, &path).status, 200);
}
