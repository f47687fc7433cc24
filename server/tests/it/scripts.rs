//! Conversations as text: `it/*.txt`.
//!
//! A line is a request (`GET /path`, `HEAD`, `POST /path {json}`), a request header for the next request
//! (`with name: value`), or a check of the last answer: `status == 200`, `header name == value`,
//! `header name exists`, `header name absent`, `body contains text`, `body lacks text`, `body length == N`.
//! `{NAME}` stands for a value that the test gives, or that `keep NAME = header name` kept.

use std::collections::HashMap;

use crate::client::{Answer, ask};
use crate::film::archive_with_film;
use crate::phim::{Server, hold_trial, run};

/// Runs every script against one server with one film. A script that is forgotten cannot pass unseen:
/// the folder is read, not listed here.
#[test]
fn conversations() {
    let dir = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async { archive_with_film(dir.path(), 16_000).await.close().await });
    hold_trial(dir.path());
    let whole = run(dir.path(), &["version", "show", "noise/whole", "--json"]).json();
    let server = Server::start(dir.path(), &[]);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it");
    let mut scripts = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of scripts") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "txt") {
            let text = std::fs::read_to_string(&path).expect("a script");
            let known = HashMap::from([(
                "C".to_string(),
                whole["composition"].as_str().expect("a digest").to_string(),
            )]);
            play(server.at(), &text, known)
                .unwrap_or_else(|(line, why)| panic!("{}:{line}: {why}", path.display()));
            scripts += 1;
        }
    }
    assert!(scripts >= 3);
}

fn play(at: &str, text: &str, mut known: HashMap<String, String>) -> Result<(), (usize, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut answer: Option<Answer> = None;
    for (n, line) in text.lines().enumerate() {
        let mut line = line.trim().to_string();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        for (name, value) in &known {
            line = line.replace(&format!("{{{name}}}"), value);
        }
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match verb {
            "with" => headers.push(
                rest.split_once(": ")
                    .map(|(n, v)| (n.to_string(), v.to_string()))
                    .ok_or((n + 1, "no header".to_string()))?,
            ),
            "GET" | "HEAD" | "POST" | "OPTIONS" | "DELETE" => {
                let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
                let sent: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                answer = Some(ask(at, verb, path, &sent, body));
                headers.clear();
            }
            "keep" => {
                let (name, header) =
                    rest.split_once(" = header ").ok_or((n + 1, "no header to keep".to_string()))?;
                let value =
                    answer.as_ref().and_then(|a| a.header(header)).ok_or((n + 1, format!("no {header}")))?;
                known.insert(name.to_string(), value.to_string());
            }
            _ => check(answer.as_ref().ok_or((n + 1, "nothing was asked".to_string()))?, verb, rest)
                .map_err(|why| (n + 1, why))?,
        }
    }
    Ok(())
}

fn check(answer: &Answer, verb: &str, rest: &str) -> Result<(), String> {
    let words: Vec<&str> = rest.splitn(3, ' ').collect();
    let fine = match (verb, words.as_slice()) {
        ("status", ["==", status]) => answer.status.to_string() == *status,
        ("header", [name, "==", value]) => answer.header(name) == Some(value),
        ("header", [name, "exists"]) => answer.header(name).is_some(),
        ("header", [name, "absent"]) => answer.header(name).is_none(),
        ("body", ["length", "==", ..]) => answer.body.len().to_string() == words[2].trim_start_matches("== "),
        ("body", ["contains", ..]) => answer.text().contains(rest.trim_start_matches("contains ")),
        ("body", ["lacks", ..]) => !answer.text().contains(rest.trim_start_matches("lacks ")),
        _ => return Err(format!("`{verb} {rest}` is not a line of a script")),
    };
    if fine {
        Ok(())
    } else {
        Err(format!(
            "`{verb} {rest}` does not hold: {} {:?}\n{:.600}",
            answer.status,
            answer.headers,
            answer.text()
        ))
    }
}
