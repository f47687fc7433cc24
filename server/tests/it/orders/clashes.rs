//! Orders that come at the same time, and the instants and places that they name.

use std::sync::Barrier;

use serde_json::{Value, json};

use super::{Cinema, VIETNAM, cut, leaked, of, ordered};

/// Places several orders at one instant; answers each with its status.
fn at_once(cinema: &Cinema, orders: &[Value]) -> Vec<(u16, Value)> {
    let start = Barrier::new(orders.len());
    let place = |order: &Value| {
        start.wait();
        cinema.desk("POST", "/api/v1/orders", order)
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = orders.iter().map(|order| scope.spawn(|| place(order))).collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    })
}

fn records(cinema: &Cinema) -> usize {
    let order = cinema.order("1");
    order["history"].as_array().expect("a history").iter().filter(|act| act["what"] == "order-placed").count()
}

/// The same order from eight clients at once is placed once, and each is told that it stands.
#[test]
fn the_same_order_from_many() {
    let cinema = Cinema::open(400);
    let answers = at_once(&cinema, &vec![cut("1", &["VN"], 96, 143); 8]);
    let new = answers.iter().filter(|(status, _)| *status == 201).count();
    let known = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!((new, known), (1, 7), "{answers:?}");
    assert_eq!(records(&cinema), 1);
    for (_, placed) in &answers {
        assert_eq!(placed["status"], "standing");
        assert_eq!(
            placed["taken"]["changed"] == json!(true),
            placed["taken"]["number"] == json!(0),
            "{placed}"
        );
    }
    cinema.order_once("1", |order| order["frame_accurate"] != json!([]));
    assert_eq!(cinema.verb(&["check"])["faults"], json!([]));
}

/// Two texts under one number at once: one stands, and the other is told in what it differs.
#[test]
fn two_texts_under_one_number() {
    let cinema = Cinema::open(400);
    let answers =
        at_once(&cinema, &[cut("1", &["VN"], 96, 143), of("noise", "1", &["VN"], "mute", "96f-143f")]);
    let mut statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{answers:?}");
    assert_eq!(records(&cinema), 1);
}

/// Orders that overlap, placed at once: both bind, and lifting them in turn frees what neither holds.
#[test]
fn overlapping_at_once() {
    let cinema = Cinema::open(400);
    let address = format!("{}/v0/1.m4s", cinema.whole("noise"));
    let free = cinema.get(VIETNAM, &address).body;
    // Both are read on the whole film, whichever comes first.
    let looked = json!(jiff::Timestamp::now().to_string());
    let mut both = [cut("1", &["VN"], 96, 150), cut("2", &["VN"], 144, 191)];
    both.iter_mut().for_each(|order| order["looked"] = looked.clone());
    let answers = at_once(&cinema, &both);
    assert!(answers.iter().all(|(status, _)| *status == 201), "{answers:?}");
    let shown = |from, to| leaked(&cinema.get(VIETNAM, &address).body, &ordered(1, from, to));
    assert_eq!(shown(96, 192), []);
    cinema.lift("1");
    assert_eq!(shown(144, 192), []);
    assert_ne!(shown(96, 140), [], "what only the first forbade is back");
    cinema.lift("2");
    assert!(cinema.get(VIETNAM, &address).body == free);
}

/// Timecode is read at the title's own rate; drop-frame and frames that no second has are refused.
#[test]
fn timecode_of_another_rate() {
    let cinema = Cinema::open(400);
    for (scope, expected) in [
        ("00:00:04;00-00:00:05;12", "drop-frame"),
        ("00:00:04:00-00:00:05:29", "frame 29"),
        ("00:00:04:24-00:00:05:00", "frame 24"),
    ] {
        let (status, refused) =
            cinema.desk("POST", "/api/v1/orders", &of("noise", "1", &["VN"], "cut", scope));
        assert!(status == 400 && refused.to_string().contains(expected), "{scope}: {status} {refused}");
    }
    let placed = cinema.place(&of("noise", "1", &["VN"], "cut", "00:00:04:00-00:00:05:23"));
    assert_eq!((&placed["resolved"][0]["from"], &placed["resolved"][0]["to"]), (&json!(96), &json!(144)));
}

/// A start that is past binds at once; one with a zone is the same as one with an offset; one that lies
/// ahead binds nobody yet; and what does not say when is refused.
#[test]
fn instants() {
    let cinema = Cinema::open(400);
    let address = format!("{}/v0/1.m4s", cinema.whole("noise"));
    let free = cinema.get(VIETNAM, &address).body;
    let starting = |number: &str, territories: &[&str], start: &str| {
        let mut order = cut(number, territories, 96, 143);
        order["start"] = json!(start);
        order
    };
    cinema.place(&starting("1", &["VN"], "2100-01-03T21:00:00+07:00"));
    assert!(cinema.get(VIETNAM, &address).body == free, "it lies ahead");
    for (number, start) in [
        ("2", "2026-01-03T21:00:00+07:00"),
        ("3", "2026-01-03T23:00:00[Asia/Seoul]"),
        ("4", "2026-01-03 21:00"),
    ] {
        let placed = cinema.place(&starting(number, &["VN"], start));
        assert_eq!(placed["start"], "2026-01-03T14:00:00Z", "{start}");
        assert_eq!(leaked(&cinema.get(VIETNAM, &address).body, &ordered(1, 96, 144)), [], "{start}");
        cinema.lift(number);
        assert!(cinema.get(VIETNAM, &address).body == free);
    }
    // Vietnam and Korea have different times of day.
    for start in ["2026-01-03 21:00", "2026-01-03", "soon", "2026-13-03T21:00:00Z"] {
        let order = starting("5", &["VN", "KR"], start);
        let (status, refused) = cinema.desk("POST", "/api/v1/orders", &order);
        assert!(status == 400 && refused.to_string().contains("start"), "{start}: {status} {refused}");
    }
}
