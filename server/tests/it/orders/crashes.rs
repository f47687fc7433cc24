//! `kill -9` around an order, power cuts and damaged disks: after a restart what was acknowledged stands.

use std::io::BufReader;

use serde_json::{Value, json};

use super::{Cinema, VIETNAM, cut, leaked, of, once, ordered, serve};
use crate::client::{ask, connect, read_answer, send};

#[path = "crashes/instants.rs"]
mod instants;
#[path = "crashes/layer.rs"]
mod layer;
#[path = "crashes/rot.rs"]
mod rot;
#[path = "crashes/steps.rs"]
mod steps;
#[path = "crashes/stuck.rs"]
mod stuck;

const NETWORKS: [&str; 6] =
    ["--network", "203.0.113.0/24=VN", "--network", "198.51.100.0/24=KR", "--proxy", "127.0.0.1"];

/// Ends the process without a word, and starts another over what it left.
fn killed(cinema: Cinema) -> Cinema {
    let Cinema { dir, server, token } = cinema;
    // A server that is dropped is killed.
    drop(server);
    let server = serve(dir.path(), &[]);
    Cinema { dir, server, token }
}

/// Of the list of orders, what does not grow by itself.
fn standing(cinema: &Cinema) -> Value {
    let list = cinema.verb(&["order", "list"]);
    let orders = list["orders"].as_array().expect("orders").iter();
    let fields = ["number", "status", "order", "placed", "start", "due", "resolved"];
    orders.map(|order| json!(fields.map(|field| order[field].clone()))).collect()
}

/// An order that was answered stands after a kill that follows at once, and its versions are made.
#[test]
fn right_after_the_answer() {
    let cinema = Cinema::open(1000);
    cinema.place(&cut("1", &["VN"], 96, 143));
    let cinema = killed(cinema);
    let order = cinema.order_once("1", |order| order["frame_accurate"] != json!([]));
    assert_eq!(order["status"], "standing");
    let answer = cinema.get(VIETNAM, &format!("{}/v0/1.m4s", cinema.whole("noise")));
    assert_eq!((answer.status, leaked(&answer.body, &ordered(1, 96, 144))), (200, vec![]));
    let (status, again) = cinema.desk("POST", "/api/v1/orders", &cut("1", &["VN"], 96, 143));
    assert_eq!((status, &again["taken"]["changed"]), (200, &json!(false)));
    cinema.lift("1");
    let cinema = killed(cinema);
    assert_eq!(cinema.order("1")["status"], "lifted");
}

/// What was decided folds to the same again, whatever it was.
#[test]
fn a_restart_refolds() {
    let cinema = Cinema::open(500);
    cinema.place(&cut("1", &["VN"], 60, 70));
    cinema.place(&of("noise", "2", &["VN", "KR"], "mute", "100f-200f"));
    cinema.place(&of("noise", "3", &["KR"], "withdraw", "whole"));
    cinema.place(&of("later", "4", &["VN"], "cut", "S1E18 41:18-41:55"));
    cinema.verb(&["order", "propose", "3", "--cut", "4-8"]);
    cinema.verb(&["order", "accept", "3", "--reason", "accepted"]);
    cinema.verb(&["order", "appeal", "2", "--reason", "why?"]);
    cinema.lift("1");
    let settled = || {
        let shown = cinema.verb(&["order", "list"]);
        let orders = shown["orders"].as_array().expect("orders");
        // The jobs of both have ended.
        let done = orders.iter().filter(|order| ["1", "2"].contains(&order["number"].as_str().unwrap_or("")));
        done.into_iter()
            .all(|o| o["failed"] != json!([]) || o["frame_accurate"] != json!([]) || o["status"] == "lifted")
            .then_some(shown.clone())
    };
    once(settled);
    let before = standing(&cinema);
    let cinema = killed(cinema);
    assert_eq!(standing(&cinema), before);
    let checked = cinema.verb(&["check"]);
    assert_eq!(checked["faults"], json!([]));
    assert!(checked["records"].as_u64() >= Some(12), "{checked}");
    assert_eq!(cinema.play(super::KOREA, json!({"title": "noise"})).0, 200, "the accepted version is open");
}

/// A torn end of the catalogue's journal is as if it had never been written.
#[test]
fn a_torn_tail() {
    let cinema = Cinema::open(500);
    cinema.place(&cut("1", &["VN"], 60, 70));
    let log = |cinema: &Cinema| cinema.data().join("catalogue.sqlite-wal");
    let Cinema { dir, server, token } = cinema;
    drop(server);
    let path = dir.path().join("catalogue.sqlite-wal");
    if let Ok(mut bytes) = std::fs::read(&path)
        && bytes.len() > 5000
    {
        bytes.extend_from_slice(&[0x5a; 3000]);
        std::fs::write(&path, bytes).expect("written");
    }
    let cinema = Cinema { server: serve(dir.path(), &[]), dir, token };
    assert!(log(&cinema).exists());
    assert_eq!(cinema.order("1")["status"], "standing");
    let answer = ask(cinema.server.at(), "GET", "/healthz", &[], "");
    assert_eq!(answer.status, 200);
    let mut stream = BufReader::new(connect(cinema.server.at()));
    send(stream.get_mut(), "GET", "/ledger/vn/checkpoint", &[], "");
    assert_eq!(read_answer(&mut stream, false).status, 200);
}
