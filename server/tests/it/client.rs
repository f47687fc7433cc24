//! A client of HTTP/1.1 that hides nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The body ended before its announced length.
    pub cut_off: bool,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends one request and reads its answer to the end.
pub fn ask(at: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut stream = connect(at);
    send(&mut stream, method, path, headers, body);
    let mut reader = BufReader::new(stream);
    read_answer(&mut reader, method == "HEAD")
}

pub fn get(at: &str, path: &str) -> Answer {
    ask(at, "GET", path, &[], "")
}

pub fn connect(at: &str) -> TcpStream {
    let stream = TcpStream::connect(at).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream
}

pub fn send(stream: &mut impl Write, method: &str, path: &str, headers: &[(&str, &str)], body: &str) {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += "\r\n";
    text += body;
    stream.write_all(text.as_bytes()).expect("the request is taken");
}

pub fn read_answer(reader: &mut impl BufRead, head: bool) -> Answer {
    let mut line = String::new();
    reader.read_line(&mut line).expect("a status line");
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|s| s.parse().ok())
        .unwrap_or_else(|| panic!("no status in {line:?}"));
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_string(), value.to_string())),
            None => break,
        }
    }
    let mut answer = Answer { status, headers, body: Vec::new(), cut_off: false };
    let len = answer.header("content-length").and_then(|v| v.parse::<usize>().ok()).unwrap_or(0);
    if !head && status != 304 && status != 204 {
        answer.body = Vec::with_capacity(len);
        let read = reader.take(len as u64).read_to_end(&mut answer.body);
        answer.cut_off = read.is_err() || answer.body.len() < len;
    }
    answer
}
