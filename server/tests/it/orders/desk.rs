//! The desk's own requests: who may ask, what its connection carried before, what ends behind a link.

use std::io::{BufRead as _, BufReader, Read as _};

use serde_json::{Value, json};

use super::{Cinema, VIETNAM, cut, of};
use crate::client::{ask, connect, read_answer, send};

/// A token that is wrong is answered as HTTP has it; what does not exist is another matter.
#[test]
fn a_wrong_token() {
    let cinema = Cinema::open(500);
    let get = |path: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        ask(cinema.server.at(), "GET", path, &[("authorization", &bearer)], "")
    };
    for path in ["/api/v1/orders", "/api/v1/orders/1/report", "/api/v1/desk", "/api/v1/cases/x"] {
        let refused = get(path, "wrong");
        assert_eq!(
            (refused.status, refused.header("www-authenticate")),
            (401, Some("Bearer realm=\"desk\""))
        );
    }
    assert_eq!(get("/api/v1/nothing", &cinema.token).status, 404);
    assert_eq!(get("/api/v1/orders/1", &cinema.token).status, 404);
    assert_eq!(get("/api/v1/desk", &cinema.token).status, 200);
}

/// The browser of the desk watched the film on the connection over which it forbids it.
#[test]
fn an_order_over_the_connection_that_showed_it() {
    let cinema = Cinema::open(200_000);
    let mut stream = connect(cinema.server.at());
    let path = format!("{}/v0/0.m4s", cinema.whole("noise"));
    send(&mut stream, "GET", &path, &[("x-forwarded-for", VIETNAM)], "");
    let mut reader = BufReader::new(stream.try_clone().expect("the same connection"));
    let film = read_answer(&mut reader, false);
    assert_eq!((film.status, film.cut_off), (200, false));
    let bearer = format!("Bearer {}", cinema.token);
    let order = cut("1", &["VN"], 60, 70).to_string();
    send(&mut stream, "POST", "/api/v1/orders", &[("authorization", &bearer)], &order);
    let placed = read_answer(&mut reader, false);
    assert_eq!(placed.status, 201, "{}", placed.text());
    let placed: Value = serde_json::from_slice(&placed.body).expect("json");
    assert_eq!(placed["taken"]["connections_cut"], json!(0));
}

/// One that does not wait for the film before it forbids it loses its connection: what is left of the
/// film may not be handed over.
#[test]
fn an_order_behind_an_answer_that_nobody_reads() {
    let cinema = Cinema::open(200_000);
    let mut stream = connect(cinema.server.at());
    rustix::net::sockopt::set_socket_recv_buffer_size(&stream, 64 * 1024).expect("a small window");
    let path = format!("{}/v0/0.m4s", cinema.whole("noise"));
    send(&mut stream, "GET", &path, &[("x-forwarded-for", VIETNAM)], "");
    let bearer = format!("Bearer {}", cinema.token);
    let order = cut("1", &["VN"], 60, 70).to_string();
    send(&mut stream, "POST", "/api/v1/orders", &[("authorization", &bearer)], &order);
    // The order waits for its turn on this connection; the same comes on another.
    std::thread::sleep(std::time::Duration::from_millis(200));
    let placed = cinema.place(&cut("1", &["VN"], 60, 70));
    assert_eq!(placed["taken"]["connections_cut"], json!(1));
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert_eq!(super::leaked(&rest, &super::ordered(1, 69, 71)), []);
}

/// What is under way behind a private link ends when the link opens it no more.
#[test]
fn a_link_that_closes() {
    let cinema = Cinema::open(200_000);
    cinema.place(&of("noise", "12", &["VN"], "withdraw", "whole"));
    cinema.verb(&["order", "propose", "12", "--cut", "144f-192f"]);
    cinema.verb(&["order", "send", "12", "--proposal", "--reason", "Corrected"]);
    let link = cinema.desk("GET", "/api/v1/orders/12/link", &json!(null)).1;
    let token = link["path"].as_str().and_then(|path| path.strip_prefix("/link/")).expect("a token");
    let opened = ask(cinema.server.at(), "GET", &format!("/api/v1/links/{token}"), &[], "");
    let opened: Value = serde_json::from_slice(&opened.body).expect("json");
    let hls = opened["offered"][0]["hls"].as_str().expect("an address");
    let segment = hls.replace("hls.m3u8", "v0/0.m4s");
    let begin = || {
        let mut stream = connect(cinema.server.at());
        rustix::net::sockopt::set_socket_recv_buffer_size(&stream, 64 * 1024).expect("a small window");
        send(&mut stream, "GET", &segment, &[], "");
        let mut reader = BufReader::with_capacity(4096, stream);
        assert!(reader.fill_buf().is_ok_and(|begun| begun.starts_with(b"HTTP/1.1 200")));
        reader
    };
    let mut under_way = begin();
    // Said of the proposal, and nothing changes for who looks at it.
    cinema.verb(&["order", "accept", "12", "--reason", "Agreed"]);
    let answer = read_answer(&mut under_way, false);
    assert_eq!((answer.status, answer.cut_off), (200, false));
    let mut under_way = begin();
    cinema.lift("12");
    assert!(read_answer(&mut under_way, false).cut_off, "a lifted order's link opens nothing");
    assert_eq!(ask(cinema.server.at(), "GET", &segment, &[], "").status, 403);
}

/// The list of titles says why one does not play where the request comes from, and for nobody else.
#[test]
fn titles_that_are_refused() {
    let cinema = Cinema::open(500);
    let refused = |from: &str| {
        let list: Value = serde_json::from_slice(&cinema.get(from, "/api/v1/titles").body).expect("json");
        list["titles"][0]["refused"].clone()
    };
    assert_eq!(refused(VIETNAM), Value::Null);
    cinema.place(&of("noise", "12", &["VN"], "withdraw", "whole"));
    let said = refused(VIETNAM);
    for (language, word) in [("vi", "gỡ"), ("ko", "내려졌습니다"), ("en", "withdrawn")] {
        let says = said[language].as_str().expect("words");
        assert!(says.contains(word) && says.contains("12"), "{says}");
    }
    assert_eq!(refused(super::KOREA), Value::Null);
    assert!(!refused(super::NOWHERE).is_null(), "under the orders of all");
    cinema.lift("12");
    assert_eq!(refused(VIETNAM), Value::Null);
}
