//! How soon an order is in force: from the first byte that one client sends of it to the first safe byte
//! that another gets, over as many titles as there are orders, with ten thousand earlier orders.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use media::{Error, Result};
use serde_json::json;

use super::audience::Audience;
use super::stock::{Stock, title};
use super::{PLACES, TITLES, VIEWER, outcome};
use crate::Asked;
use crate::measure::{Outcome, Side, failed, median};

/// Players that watch other titles meanwhile.
const PLAYERS: usize = 200;

pub fn in_force(asked: &Asked, stock: &Stock) -> Result<Outcome> {
    let program = &stock.program;
    let server = program.serve(None, &PLACES)?;
    let at = server.url.trim_start_matches("http://").to_string();
    let token = program.verb(&["desk"])?.1["token"].as_str().unwrap_or_default().to_string();
    let audience = Audience::come(PLAYERS, &at, &stock.wholes[..TITLES], u64::from(stock.seconds) / 4);
    // Every player has asked once.
    std::thread::sleep(Duration::from_secs(5));
    let mut times = Vec::new();
    for (n, whole) in stock.wholes[..TITLES].iter().enumerate() {
        times.push(one(&at, &token, &title(n), &format!("/vn/c/{whole}/v0/2.m4s"))?);
    }
    let watched = audience.leave();
    times.sort_by(f64::total_cmp);
    let fsync = fsync(&asked.work)?;
    let p99 = times[(times.len() * 99 / 100).min(times.len() - 1)];
    let middle = median(times.clone());
    let ours = Side {
        name: "order to another's first safe byte, p99".into(),
        wall_seconds: p99,
        more: [
            ("median_ms".into(), json!(middle * 1e3)),
            ("p99_ms".into(), json!(p99 * 1e3)),
            ("fsync_p50_ms".into(), json!(fsync * 1e3)),
        ]
        .into(),
        ..Side::default()
    };
    Ok(outcome(
        "order, in force here",
        ours,
        "p99 over the titles",
        "< 50 ms beyond the disk's fsync",
        p99 - fsync < 0.050,
        vec![format!(
            "{} s of film in four rungs, two sounds, three subtitle tracks; {} earlier orders in the ledger; \
             {PLAYERS} players watched {watched} segments meanwhile; fsync on",
            stock.seconds, stock.earlier
        )],
    ))
}

/// Seconds from the first byte of the order sent to the first byte of the first safe answer.
fn one(at: &str, token: &str, title: &str, path: &str) -> Result<f64> {
    let mut viewer = TcpStream::connect(at).map_err(failed("connecting"))?;
    viewer.set_nodelay(true).map_err(failed("connecting"))?;
    let before = ask(&mut viewer, at, path)?.1;
    let seen: Arc<Mutex<Option<Instant>>> = Arc::default();
    let stop = Arc::new(AtomicBool::new(false));
    let watcher = {
        let (at, path, seen, stop) = (at.to_string(), path.to_string(), seen.clone(), stop.clone());
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                match ask(&mut viewer, &at, &path) {
                    Ok((first, tag)) if tag != before => {
                        *seen.lock().expect("no panic under this lock") = Some(first);
                        return;
                    }
                    Ok(_) => {}
                    // The connection was cut because it carried what is forbidden now.
                    Err(_) => {
                        if let Ok(again) = TcpStream::connect(&at) {
                            viewer = again;
                        }
                    }
                }
            }
        })
    };
    std::thread::sleep(Duration::from_millis(30));
    let body = json!({
        "authority": "bench", "number": title, "date": "2026-01-03", "legal_basis": "bench", "territories": ["VN"],
        "work": { "title": title }, "scope": "0:08-0:15", "operation": "cut",
    })
    .to_string();
    let head = format!(
        "POST /api/v1/orders HTTP/1.1\r\nhost: {at}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let mut desk = TcpStream::connect(at).map_err(failed("connecting"))?;
    desk.set_nodelay(true).map_err(failed("connecting"))?;
    let began = Instant::now();
    desk.write_all(head.as_bytes())
        .and_then(|()| desk.write_all(body.as_bytes()))
        .map_err(failed("sending the order"))?;
    let mut answer = String::new();
    desk.read_to_string(&mut answer).map_err(failed("reading the answer"))?;
    if !answer.starts_with("HTTP/1.1 201") {
        stop.store(true, Ordering::Relaxed);
        return Err(Error::internal(format!(
            "the order was answered: {}",
            answer.chars().take(400).collect::<String>()
        )));
    }
    let deadline = Instant::now() + Duration::from_secs(5);
    while seen.lock().expect("no panic under this lock").is_none() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_micros(200));
    }
    stop.store(true, Ordering::Relaxed);
    watcher.join().map_err(|_| Error::internal("the viewer panicked"))?;
    let first = seen.lock().expect("no panic under this lock").take();
    first
        .map(|at| at.duration_since(began).as_secs_f64())
        .ok_or_else(|| Error::internal("nothing safe was seen in 5 s"))
}

/// Asks for a segment; answers when its first byte came, and its entity tag.
fn ask(stream: &mut TcpStream, at: &str, path: &str) -> Result<(Instant, String)> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {at}\r\nx-forwarded-for: {VIEWER}\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(failed("asking"))?;
    let mut buffer = vec![0; 1 << 16];
    let mut got = Vec::new();
    let mut first = None;
    let (head, length) = loop {
        let n = stream.read(&mut buffer).map_err(failed("reading"))?;
        if n == 0 {
            return Err(Error::internal("the connection ended"));
        }
        first.get_or_insert_with(Instant::now);
        got.extend_from_slice(&buffer[..n]);
        if let Some(end) = got.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&got[..end]).to_lowercase();
            let field =
                |name: &str| head.lines().find_map(|l| l.strip_prefix(name).map(|v| v.trim().to_string()));
            let length: usize = field("content-length:").and_then(|v| v.parse().ok()).unwrap_or(0);
            got.drain(..end + 4);
            break (
                field("etag:").unwrap_or_else(|| head.lines().next().unwrap_or_default().to_string()),
                length,
            );
        }
    };
    let mut left = length.saturating_sub(got.len());
    while left > 0 {
        let n = stream.read(&mut buffer).map_err(failed("reading"))?;
        if n == 0 {
            return Err(Error::internal("the connection ended"));
        }
        left = left.saturating_sub(n);
    }
    first.map(|first| (first, head)).ok_or_else(|| Error::internal("no byte came"))
}

/// The median time of writing a page and calling fsync, in the folder where the archives lie.
fn fsync(folder: &std::path::Path) -> Result<f64> {
    let path = folder.join("fsync");
    let mut file = std::fs::File::create(&path).map_err(failed("measuring fsync"))?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        file.write_all(&[7; 4096]).and_then(|()| file.sync_data()).map_err(failed("measuring fsync"))?;
        times.push(began.elapsed().as_secs_f64());
    }
    let _ = std::fs::remove_file(&path);
    Ok(median(times))
}
