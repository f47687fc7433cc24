//! Players that watch meanwhile: a segment every four seconds each, as players at normal speed do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use media::Digest;

use super::VIEWER;

pub struct Audience {
    over: Arc<AtomicBool>,
    pub segments: Arc<AtomicU64>,
    players: Vec<JoinHandle<()>>,
}

/// What a segment lasts, by which a player asks.
const SEGMENT: Duration = Duration::from_secs(4);

impl Audience {
    /// `count` players, spread over the titles and over the four seconds.
    pub fn come(count: usize, at: &str, wholes: &[Digest], segments_each: u64) -> Audience {
        let (over, segments) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let players = (0..count).map(|n| {
            let (at, whole) = (at.to_string(), wholes[n * 7 % wholes.len()]);
            let (over, segments) = (over.clone(), segments.clone());
            std::thread::spawn(move || {
                std::thread::sleep(SEGMENT * n as u32 / count as u32);
                let mut number = n as u64;
                while !over.load(Ordering::Relaxed) {
                    // A connection that an order cut is opened again.
                    let _ = watch(&at, whole, &mut number, segments_each, &over, &segments);
                }
            })
        });
        Audience { over: over.clone(), segments: segments.clone(), players: players.collect() }
    }

    pub fn leave(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        for player in self.players {
            let _ = player.join();
        }
        self.segments.load(Ordering::Relaxed)
    }
}

fn watch(
    at: &str,
    whole: Digest,
    number: &mut u64,
    most: u64,
    over: &AtomicBool,
    segments: &AtomicU64,
) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while !over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        *number += 1;
        let path = format!("/vn/c/{whole}/v1/{}.m4s", *number % most);
        stream.write_all(
            format!("GET {path} HTTP/1.1\r\nhost: {at}\r\nx-forwarded-for: {VIEWER}\r\n\r\n").as_bytes(),
        )?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().map_err(std::io::Error::other)?,
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        std::io::copy(&mut (&mut reader).take(length), &mut std::io::sink())?;
        segments.fetch_add(1, Ordering::Relaxed);
        while begun.elapsed() < SEGMENT && !over.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    Ok(())
}
