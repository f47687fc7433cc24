//! Answers under way when an order arrives: what was not in the kernel's hands by then never comes.

use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;

use super::{Cinema, KOREA, VIETNAM, cut, leaked, of, ordered};
use crate::client::{connect, read_answer, send};
use crate::film::samples_in;

/// Bytes a frame: a segment of 19 MB, so that the sockets cannot swallow one whole.
pub const LARGE: u32 = 200_000;

/// Bytes that the kernel holds of a connection, at both ends: sent and not acknowledged, received and
/// not read (proc(5), `/proc/net/tcp`).
fn in_kernel(server: u16, client: SocketAddr) -> usize {
    let table = read_to_string("/proc/net/tcp").expect("the kernel's table of connections");
    let port = |address: &str| u16::from_str_radix(address.rsplit(':').next().unwrap_or(""), 16).ok();
    let size = |queue: &str| usize::from_str_radix(queue, 16).expect("a number");
    let mut total = 0;
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (sending, receiving) = fields[4].split_once(':').expect("queues");
        match (port(fields[1]), port(fields[2])) {
            (Some(a), Some(b)) if (a, b) == (server, client.port()) => total += size(sending),
            (Some(a), Some(b)) if (a, b) == (client.port(), server) => total += size(receiving),
            _ => {}
        }
    }
    total
}

fn port_of(cinema: &Cinema) -> u16 {
    cinema.server.at().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}

/// What a client got of an answer that was under way.
pub struct Rest {
    /// Bytes that the kernel held right after the order was answered, and that came after that.
    pub held: usize,
    pub came: usize,
    pub body: Vec<u8>,
}

/// Asks for `path`, reads a little, lets `order` happen, and reads the rest slowly.
pub fn half_read(cinema: &Cinema, path: &str, headers: &[(&str, &str)], order: impl FnOnce()) -> Rest {
    let mut stream = connect(cinema.server.at());
    rustix::net::sockopt::set_socket_recv_buffer_size(&stream, 64 * 1024).expect("a small window");
    // An answer of before, so that the connection is one that is kept.
    send(&mut stream, "GET", "/healthz", &[], "");
    let mut reader = BufReader::with_capacity(4096, stream.try_clone().expect("the same connection"));
    assert_eq!(read_answer(&mut reader, false).status, 200);
    let from = [("x-forwarded-for", VIETNAM)];
    send(&mut stream, "GET", path, &[&from[..], headers].concat(), "");
    let mut status = String::new();
    reader.read_line(&mut status).expect("a status line");
    assert!(status.contains(" 20"), "{status}");
    // Long enough for the server to fill what the kernel takes.
    std::thread::sleep(Duration::from_millis(200));
    order();
    let buffered = reader.buffer().to_vec();
    let held = in_kernel(port_of(cinema), stream.local_addr().expect("an address"));
    let mut body = Vec::new();
    let mut some = [0; 64 * 1024];
    loop {
        match stream.read(&mut some) {
            Ok(0) | Err(_) => break,
            Ok(n) => body.extend(&some[..n]),
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    let came = body.len();
    body.splice(0..0, buffered);
    Rest { held, came, body }
}

#[test]
fn a_kept_connection_that_reads_slowly() {
    let cinema = Cinema::open(LARGE);
    let path = format!("{}/v0/0.m4s", cinema.whole("noise"));
    let rest = half_read(&cinema, &path, &[], || {
        let placed = cinema.place(&cut("1", &["VN"], 60, 70));
        assert_eq!(placed["taken"]["connections_cut"], json!(1));
    });
    assert!(rest.came <= rest.held, "{} bytes came; the kernel had {}", rest.came, rest.held);
    assert!(rest.body.len() < 48 * LARGE as usize, "{} bytes came", rest.body.len());
    assert_eq!(leaked(&rest.body, &ordered(1, 60, 71)), []);
}

#[test]
fn a_range_that_goes_on_from_the_middle() {
    let cinema = Cinema::open(LARGE);
    let path = format!("{}/v0/0.m4s", cinema.whole("noise"));
    // From the frame before the scene on.
    let from = format!("bytes={}-", 59 * LARGE);
    let rest = half_read(&cinema, &path, &[("range", &from)], || {
        cinema.place(&cut("1", &["VN"], 60, 95));
    });
    assert!(rest.came <= rest.held, "{} bytes came; the kernel had {}", rest.came, rest.held);
    let most = ordered(1, 60, 96).range(..(101, 0)).count();
    assert!(leaked(&rest.body, &ordered(1, 60, 96)).len() < most, "all of the scene came");
}

/// Whoever carries nothing that the order is about goes on undisturbed: another segment of the film, the
/// same one in another country, and one that obeys an earlier order already.
#[test]
fn others_go_on() {
    let cinema = Cinema::open(LARGE);
    let base = cinema.whole("noise");
    cinema.place(&cut("0", &["VN"], 60, 70));
    let begin = |from: &str, path: &str| {
        let mut stream = connect(cinema.server.at());
        send(&mut stream, "GET", path, &[("x-forwarded-for", from)], "");
        let mut reader = BufReader::new(stream);
        let begun = reader.fill_buf().map(<[u8]>::len);
        assert!(begun.is_ok_and(|n| n > 0));
        reader
    };
    let readers = [
        begin(VIETNAM, &format!("{base}/v0/3.m4s")),
        begin(KOREA, &format!("{base}/v0/2.m4s")),
        begin(VIETNAM, &format!("{base}/v0/0.m4s")),
        begin(VIETNAM, &format!("{base}/t0/0.vtt")),
    ];
    let placed = cinema.place(&cut("1", &["VN"], 200, 250));
    assert_eq!(placed["taken"]["connections_cut"], json!(0));
    for mut reader in readers {
        let answer = read_answer(&mut reader, false);
        assert_eq!((answer.status, answer.cut_off), (200, false));
    }
}

/// An order that begins while an answer is under way ends it at its instant.
#[test]
fn an_instant_that_passes_meanwhile() {
    let cinema = Cinema::open(LARGE);
    let path = format!("{}/v0/0.m4s", cinema.whole("noise"));
    let at = Timestamp::now() + jiff::SignedDuration::from_millis(1500);
    let mut order = cut("1", &["VN"], 60, 70);
    order["start"] = json!(at.to_string());
    cinema.place(&order);
    let rest = half_read(&cinema, &path, &[], || {
        // Somebody asks anew right at the instant, before anything else notices that it has passed.
        while Timestamp::now() < at + jiff::SignedDuration::from_millis(300) {
            let begun = Timestamp::now();
            let mut stream = connect(cinema.server.at());
            send(&mut stream, "GET", &path.replace("v0/", "v1/"), &[("x-forwarded-for", VIETNAM)], "");
            // One that is under way at the instant may be cut.
            let mut body = Vec::new();
            let mut some = vec![0; 1 << 20];
            while body.len() < 4 << 20
                && let Ok(n) = stream.read(&mut some)
                && n > 0
            {
                body.extend(&some[..n]);
            }
            assert!(begun < at || leaked(&body, &ordered(1, 60, 71)).is_empty());
        }
    });
    assert!(rest.came <= rest.held, "{} bytes came; the kernel had {}", rest.came, rest.held);
    assert_eq!(leaked(&rest.body, &ordered(1, 60, 71)), []);
}

/// The client that places the order goes away before its answer; the order is in force and is followed.
#[test]
fn whoever_placed_it_may_leave() {
    let cinema = Cinema::open(1000);
    for n in 0..20 {
        let mut stream = connect(cinema.server.at());
        let bearer = format!("Bearer {}", cinema.token);
        let order = of("noise", &n.to_string(), &["VN"], "mute", "96f-143f").to_string();
        send(&mut stream, "POST", "/api/v1/orders", &[("authorization", &bearer)], &order);
        std::thread::sleep(Duration::from_millis(n));
        drop(stream);
    }
    // Decisions after that follow in their logs, and viewers see what the orders say.
    cinema.place(&of("noise", "last", &["VN"], "mute", "200f-239f"));
    let shown = cinema.verb(&["order", "list"]);
    for order in shown["orders"].as_array().expect("orders") {
        let number = order["number"].as_str().expect("a number");
        let done = cinema.order_once(number, |order| order["frame_accurate"] != json!([]));
        assert_ne!(done["took_effect"], json!([]), "{number}");
    }
}

#[test]
fn over_http2() {
    let cinema = Cinema::open(LARGE);
    let path = format!("{}/v0/0.m4s", cinema.whole("noise"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (came, ended) = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(cinema.server.at()).await.expect("the server listens");
        let (mut client, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
        tokio::spawn(connection);
        let request = |method: &str, path: &str| {
            let request = hyper::Request::builder().method(method).uri(format!("http://test{path}"));
            request.header("x-forwarded-for", VIETNAM).body(()).expect("a request")
        };
        let (answer, _) = client.send_request(request("GET", &path), true).expect("sent");
        let mut body = answer.await.expect("an answer").into_body();
        let mut came = body.data().await.expect("begun").expect("bytes").to_vec();
        // Many others come and end meanwhile; without bodies, for all share one window.
        let others = ["thumbnails.vtt", "hls.m3u8", "v0.m3u8"].map(|name| path.replace("v0/0.m4s", name));
        for n in 0..200 {
            let other = others.get(n).cloned().unwrap_or_else(|| format!("{}?{n}", others[0]));
            let (answer, _) = client.send_request(request("HEAD", &other), true).expect("sent");
            assert_eq!(answer.await.expect("an answer").status(), 200);
        }
        let placing = std::thread::scope(|scope| {
            scope.spawn(|| cinema.place(&cut("1", &["VN"], 60, 70))).join().expect("placed")
        });
        assert_eq!(placing["taken"]["connections_cut"], json!(1));
        let ended = loop {
            match body.data().await {
                Some(Ok(bytes)) => {
                    came.extend(&bytes);
                    let _ = body.flow_control().release_capacity(bytes.len());
                }
                Some(Err(error)) => break Some(error),
                None => break None,
            }
        };
        (came, ended)
    });
    assert!(ended.is_some(), "the stream ended as if it were whole, after {} bytes", came.len());
    assert!(came.len() < 48 * LARGE as usize);
    assert_eq!(leaked(&came, &ordered(1, 60, 71)), []);
}

/// A connection remembers what it carried. Before that is too much to remember, its client is told to open
/// another one, gets what it has asked for, and no order about anything else ever cuts it.
#[test]
fn a_long_conversation_over_http2_goes_on_over_another_connection() {
    let cinema = Cinema::with(&[], |archive| {
        Box::pin(async move {
            crate::film::put(archive, "noise", LARGE, 1).await;
            crate::film::put(archive, "other", 100, 2).await;
        })
    });
    let path = format!("{}/v0/0.m4s", cinema.whole("noise"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (asked, came) = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(cinema.server.at()).await.expect("the server listens");
        let (mut client, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
        let driver = tokio::spawn(connection);
        let request = |path: &str| {
            let request = hyper::Request::get(format!("http://test{path}"));
            request.header("x-forwarded-for", VIETNAM).body(()).expect("a request")
        };
        let (answer, _) = client.send_request(request(&path), true).expect("sent");
        let mut body = answer.await.expect("an answer").into_body();
        let mut asked = 0;
        while let Ok(ready) = client.clone().ready().await {
            client = ready;
            let other = path.replace("0.m4s", &format!("{}.m4s", 1000 + asked));
            let Ok((answer, _)) = client.send_request(request(&other), true) else { break };
            let Ok(answer) = answer.await else { break };
            assert_eq!(answer.status(), 404);
            asked += 1;
        }
        let placing = std::thread::scope(|scope| {
            scope.spawn(|| cinema.place(&of("other", "1", &["VN"], "cut", "60f-70f"))).join().expect("placed")
        });
        assert_eq!(placing["taken"]["connections_cut"], json!(0));
        let mut came = 0;
        while let Some(bytes) = body.data().await {
            let bytes = bytes.expect("the answer goes on");
            came += bytes.len();
            let _ = body.flow_control().release_capacity(bytes.len());
        }
        drop(client);
        driver.await.expect("no panic").expect("the connection ends well");
        (asked, came)
    });
    assert!((100..1024).contains(&asked), "{asked} answers over one connection");
    assert!(came > 48 * LARGE as usize);
}

#[test]
fn over_tls() {
    let keys = tempfile::tempdir().expect("a folder");
    let (cert, key) = (keys.path().join("cert.pem"), keys.path().join("key.pem"));
    if !crate::serving::make_certificate(&cert, &key) {
        println!("skipped: there is no openssl to make a certificate with");
        return;
    }
    let (cert_text, key_text) = (cert.to_str().expect("a path"), key.to_str().expect("a path"));
    let cinema = Cinema::with(&["--tls-cert", cert_text, "--tls-key", key_text], |archive| {
        Box::pin(crate::film::put(archive, "noise", LARGE, 1))
    });
    let path = format!("{}/v0/0.m4s", cinema.whole("noise"));
    let mut stream = crate::serving::shake_hands(&cinema.server, crate::serving::trusting(&cert));
    send(&mut stream, "GET", &path, &[("x-forwarded-for", VIETNAM)], "");
    let mut came = vec![0; 16];
    stream.read_exact(&mut came).expect("the answer begins");
    assert!(came.starts_with(b"HTTP/1.1 200"));
    std::thread::sleep(Duration::from_millis(200));
    let file = cinema.data().join("order.json");
    std::fs::write(&file, cut("1", &["VN"], 60, 70).to_string()).expect("written");
    let placed = cinema.verb(&["order", "place", "--file", file.to_str().expect("a path")]);
    assert_eq!(placed["taken"]["connections_cut"], json!(1));
    let client = stream.sock.local_addr().expect("an address");
    let held = in_kernel(port_of(&cinema), client);
    let before = came.len();
    let _ = stream.read_to_end(&mut came);
    // What is not in the kernel was decrypted already: one record at most is waiting there.
    assert!(came.len() - before <= held + (1 << 15), "{} bytes came, {held} were held", came.len());
    assert_eq!(leaked(&came, &ordered(1, 60, 71)), []);
}

/// Viewers ask as fast as they can while orders come and go. No answer that was asked for after an order
/// was answered holds anything of it.
#[test]
fn a_race() {
    let cinema = Cinema::open(2000);
    let base = cinema.whole("noise");
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    // What was seen: when it was asked for and when it was whole, and the samples of the scene in it.
    type Seen = Vec<(Instant, Instant, BTreeSet<(u32, u32)>)>;
    let watch = |names: &[&str], from: &str| -> Seen {
        let mut seen = Seen::new();
        let mut stream: Option<BufReader<TcpStream>> = None;
        while !stop.load(Ordering::Relaxed) {
            for name in names {
                let mut reader = stream.take().unwrap_or_else(|| BufReader::new(connect(cinema.server.at())));
                let asked = Instant::now();
                let request =
                    format!("GET {base}/{name} HTTP/1.1\r\nhost: test\r\nx-forwarded-for: {from}\r\n\r\n");
                if reader.get_mut().write_all(request.as_bytes()).is_err() {
                    continue;
                }
                // A connection that was cut says nothing, or stops in the middle.
                if !reader.fill_buf().is_ok_and(|bytes| !bytes.is_empty()) {
                    continue;
                }
                let answer = read_answer(&mut reader, false);
                let scene = ordered(1, 60, 71);
                let samples = samples_in(&answer.body).intersection(&scene).copied().collect();
                seen.push((asked, Instant::now(), samples));
                stream = (!answer.cut_off).then_some(reader);
            }
        }
        seen
    };
    let (binding, seen) = std::thread::scope(|scope| {
        let watchers = [
            scope.spawn(|| watch(&["v0/0.m4s", "v1/0.m4s"], VIETNAM)),
            scope.spawn(|| watch(&["a0/0.m4s", "v1/0.m4s", "hls.m3u8"], VIETNAM)),
            scope.spawn(|| watch(&["v1/0.m4s", "i1/1.m4s"], VIETNAM)),
        ];
        let mut binding = Vec::new();
        let mut number = 0;
        while begun.elapsed() < Duration::from_millis(1500) {
            number += 1;
            let order = match number % 3 {
                0 => of("noise", &number.to_string(), &["VN"], "withdraw", "whole"),
                _ => cut(&number.to_string(), &["VN"], 60, 70),
            };
            cinema.place(&order);
            let from = Instant::now();
            std::thread::sleep(Duration::from_millis(40));
            let to = Instant::now();
            let (status, _) = cinema.desk(
                "POST",
                &format!("/api/v1/orders/{number}/steps"),
                &json!({"lift": {"reason": "settled"}}),
            );
            assert_eq!(status, 200);
            binding.push((from, to));
            std::thread::sleep(Duration::from_millis(20));
        }
        stop.store(true, Ordering::Relaxed);
        let seen: Vec<Seen> = watchers.into_iter().map(|w| w.join().expect("a viewer")).collect();
        (binding, seen.concat())
    });
    let mut within = 0;
    for (from, to) in &binding {
        // Whole before the lift was asked for: what is under way then may be planned either way.
        for (asked, whole, samples) in seen.iter().filter(|(asked, whole, _)| asked > from && whole < to) {
            within += 1;
            assert!(
                samples.is_empty(),
                "{:?} {:?} after the order: {samples:?}",
                *asked - *from,
                *whole - *from
            );
        }
    }
    let free = seen.iter().filter(|(_, _, samples)| !samples.is_empty()).count();
    assert!(within > 20 && free > 20, "{} orders, {within} answers within, {free} outside", binding.len());
}
