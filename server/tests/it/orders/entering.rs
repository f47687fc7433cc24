//! Placing an order: by the verb and over HTTP, twice, differently, and only to see.

use serde_json::{Value, json};

use super::{Cinema, VIETNAM, cut, leaked, of, ordered};

/// The same order again changes nothing, whichever way it comes; another under its number is refused
/// with what differs.
#[test]
fn placing_is_idempotent() {
    let cinema = Cinema::open(500);
    let order = cut("7/ĐA", &["VN"], 60, 70);
    let placed = cinema.place(&order);
    assert_eq!(placed["taken"]["changed"], json!(true));
    assert_eq!((&placed["taken"]["log"], &placed["taken"]["number"]), (&json!("vn"), &json!(0)));
    for time in ["recorded", "in_force_here", "in_force_everywhere"] {
        assert!(placed["taken"][time].as_str().is_some_and(|t| t.parse::<jiff::Timestamp>().is_ok()));
    }
    let (status, again) = cinema.desk("POST", "/api/v1/orders", &order);
    assert_eq!((status, &again["taken"]["changed"]), (200, &json!(false)));
    let file = cinema.data().join("order.json");
    std::fs::write(&file, order.to_string()).expect("written");
    let file = file.to_str().expect("a path");
    assert_eq!(cinema.verb(&["order", "place", "--file", file])["taken"]["changed"], json!(false));
    let mut other = order.clone();
    other["operation"] = json!("mute");
    other["scope"] = json!("60f-80f");
    let (status, refused) = cinema.desk("POST", "/api/v1/orders", &other);
    let said = refused["error"]["message"].as_str().expect("words");
    assert_eq!(status, 409);
    assert!(said.contains("operation") && said.contains("scope"), "{said}");
    let orders = cinema.verb(&["order", "list"]);
    assert_eq!(orders["orders"].as_array().map(Vec::len), Some(1));
    assert_eq!(cinema.order("7/ĐA")["order"]["operation"], "cut");
}

/// The verb's options say the same as the JSON does.
#[test]
fn the_verb() {
    let cinema = Cinema::open(500);
    let args = [
        "order",
        "place",
        "--title",
        "noise",
        "--territory",
        "VN",
        "--cut",
        "60f-71f",
        "--authority",
        "Cục Điện ảnh",
        "--number",
        "1",
        "--basis",
        "Decree 131",
        "--date",
        "2026-11-20",
    ];
    let placed = cinema.verb(&args);
    assert_eq!((&placed["resolved"][0]["from"], &placed["resolved"][0]["to"]), (&json!(60), &json!(71)));
    assert_eq!(placed["due"]["removal"]["basis"].as_str().map(|b| b.contains("131/2022")), Some(true));
    assert_eq!(cinema.verb(&args)["taken"]["changed"], json!(false));
    let said = cinema.try_verb(&[&args[..], &["--margin", "2"]].concat());
    assert_eq!(said.status.code(), Some(5), "{}", said.err);
    assert!(said.out.contains("margin") || said.err.contains("margin"), "{}{}", said.out, said.err);
}

/// A dry run says what would change and changes nothing.
#[test]
fn a_dry_run() {
    let cinema = Cinema::open(500);
    let (base, names) = (cinema.whole("noise"), cinema.names("noise"));
    let before = cinema.shelf(VIETNAM, &base, &names);
    let order = cut("1", &["VN"], 60, 70);
    let (status, shown) = cinema.desk("POST", "/api/v1/orders?dry_run=true", &order);
    assert_eq!((status, shown.get("taken")), (200, None));
    let effect = &shown["effects"][0];
    assert_eq!((&effect["territory"], &effect["version"]), (&json!("VN"), &json!("whole")));
    assert_eq!(effect["ordered"], json!([[2.5, 71.0 / 24.0]]));
    assert_eq!(effect["seconds"], json!(20.0 - 11.0 / 24.0));
    assert!(cinema.shelf(VIETNAM, &base, &names) == before);
    assert_eq!(cinema.verb(&["order", "list"])["orders"], json!([]));
    assert_eq!(cinema.get(VIETNAM, "/ledger/vn/checkpoint").status, 404);
    // What it foresaw is what comes.
    let placed = cinema.place(&order);
    assert_eq!(placed["effects"], shown["effects"]);
}

/// Who shows no token learns nothing and changes nothing.
#[test]
fn only_the_desk_may() {
    let cinema = Cinema::open(500);
    let order = cut("1", &["VN"], 60, 70).to_string();
    let ask = |method: &str, path: &str, token: &str| {
        let headers = [("authorization", token), ("x-forwarded-for", VIETNAM)];
        crate::client::ask(cinema.server.at(), method, path, &headers, &order).status
    };
    for token in ["", "Bearer ", "Bearer 0000000000000000000000000000000000000000", &cinema.token] {
        assert_eq!(ask("POST", "/api/v1/orders", token), 401);
        assert_eq!(ask("GET", "/api/v1/orders", token), 401);
        assert_eq!(ask("POST", "/api/v1/orders/1/steps", token), 401);
    }
    assert_eq!(cinema.verb(&["order", "list"])["orders"], json!([]));
}

/// What presses stands first, then what came last; some of them can be asked for, a page at a time.
#[test]
fn the_list() {
    let cinema = Cinema::open(500);
    for number in 1..=4 {
        cinema.place(&cut(&format!("{number}/QĐ"), &["VN"], 60, 70));
    }
    let mut due = cut("5", &["VN"], 60, 70);
    due["report_due"] = "2030-01-01 09:00".into();
    cinema.place(&due);
    cinema.place(&cut("6", &["VN"], 60, 70));
    cinema.lift("2/QĐ");
    let listed = |query: &str| {
        let (status, found) = cinema.desk("GET", &format!("/api/v1/orders{query}"), &json!(null));
        assert_eq!(status, 200, "{found}");
        let numbers = found["orders"].as_array().expect("orders").iter();
        let numbers: Vec<_> = numbers.map(|order| order["number"].as_str().expect("a number")).collect();
        format!("{} of {}", numbers.join(" "), found["total"])
    };
    assert_eq!(listed(""), "5 6 4/QĐ 3/QĐ 2/QĐ 1/QĐ of 6");
    assert_eq!(listed("?limit=2"), "5 6 of 6");
    assert_eq!(listed("?limit=2&skip=2"), "4/QĐ 3/QĐ of 6");
    assert_eq!(listed("?state=open&matching=q%C4%91"), "4/QĐ 3/QĐ 1/QĐ of 3");
    assert_eq!(listed("?state=ended"), "2/QĐ of 1");
    assert_eq!(listed("?matching=NOISE&skip=9"), " of 6");
    assert_eq!(listed("?matching=nobody"), " of 0");
    let verb = cinema.verb(&["order", "list", "--matching", "cục điện", "--state", "open", "--limit", "1"]);
    assert_eq!((&verb["orders"][0]["number"], &verb["total"]), (&json!("5"), &json!(5)));
}

/// Each mistake is answered with what is wrong; nothing is recorded.
#[test]
fn mistakes() {
    let cinema = Cinema::open(500);
    let order = |change: &dyn Fn(&mut Value)| {
        let mut order = cut("1", &["VN"], 60, 70);
        change(&mut order);
        order
    };
    let cases: [(Value, &str); 9] = [
        (order(&|o| o["scope"] = json!("470f-490f")), "beyond the version"),
        (order(&|o| o["scope"] = json!("70f-60f")), "ends before"),
        (order(&|o| o["scope"] = json!("1:00-1:10")), "end"),
        (order(&|o| o["scope"] = json!("gibberish")), "gibberish"),
        (order(&|o| o["territories"] = json!(["Vietnam"])), "Vietnam"),
        (order(&|o| o["territories"] = json!([])), "territor"),
        (order(&|o| o["operation"] = json!("burn")), "burn"),
        (order(&|o| o["colour"] = json!("red")), "colour"),
        (order(&|o| o["number"] = json!("")), "number"),
    ];
    for (order, expected) in cases {
        let (status, refused) = cinema.desk("POST", "/api/v1/orders", &order);
        let said = refused["error"].to_string();
        assert!((400..=422).contains(&status) && said.contains(expected), "{expected}: {status} {refused}");
    }
    assert_eq!(cinema.verb(&["order", "list"])["orders"], json!([]));
    assert_eq!(cinema.get(VIETNAM, "/ledger/vn/checkpoint").status, 404);
}

/// Orders that overlap add up, and each stands on its own.
#[test]
fn two_orders_that_overlap() {
    let cinema = Cinema::open(1000);
    let (base, names) = (cinema.whole("noise"), cinema.names("noise"));
    let before = cinema.shelf(VIETNAM, &base, &names);
    cinema.place(&cut("1", &["VN"], 60, 110));
    cinema.place(&of("noise", "2", &["VN", "KR"], "mute", "100f-200f"));
    assert_eq!(cinema.order("2")["order"]["territories"], json!(["KR", "VN"]));
    let clean = |ordered: std::collections::BTreeSet<(u32, u32)>| {
        for (name, body) in cinema.shelf(VIETNAM, &base, &names) {
            assert_eq!(leaked(&body, &ordered), [], "{name}");
        }
    };
    let sounds = |from, to| ordered(1, from, to).into_iter().filter(|(track, _)| track % 100 >= 10).collect();
    clean(ordered(1, 60, 111));
    clean(sounds(100, 201));
    cinema.lift("1");
    clean(sounds(100, 201));
    let pictures = cinema.get(VIETNAM, &format!("{base}/v0/0.m4s")).body;
    assert!(pictures == before["v0/0.m4s"], "a mute holds no picture");
    cinema.lift("2");
    assert!(cinema.shelf(VIETNAM, &base, &names) == before);
}
