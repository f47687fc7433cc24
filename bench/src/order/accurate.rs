//! From the order to the version that obeys it frame by frame, on a ladder of four rungs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use media::{Error, Result};
use serde_json::Value;

use super::stock::{Stock, title};
use super::{PLACES, TITLES};
use crate::Asked;
use crate::measure::{Outcome, Side, cpu_seconds, median, run};
use crate::program::{Program, Server};
use crate::version::{Patch, encode_ladder, encode_same};

/// A cut of 37 seconds, off sync samples at both ends; every run cuts elsewhere, so nothing was made before.
fn scene(n: usize) -> (u64, u64) {
    let from = 250 + n as u64 * 97;
    (from, from + 37 * 24)
}
/// Ten seconds, elsewhere in every run.
fn blur(n: usize) -> String {
    let from = 30 + n * 20;
    format!("{from}.0-{}.0@400,400,250,200", from + 10)
}

pub fn accurate(asked: &Asked, stock: &Stock) -> Result<Vec<Outcome>> {
    let (program, files) = (&stock.program, &stock.ladder);
    let work = asked.work.join("order");
    let (mut cuts, mut peers, mut rivals, mut blurs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    let smartcut = smartcut(&asked.work)?;
    let server = program.serve(None, &PLACES)?;
    for n in 0..if asked.quick { 1 } else { 3 } {
        let before = stored(&program.data)?;
        let (from, to) = scene(n);
        let (cut, answer) =
            place(program, &server, &title(TITLES + n), &["--cut", &format!("{from}f-{to}f")])?;
        bytes = stored(&program.data)? - before;
        cuts.push(cut);
        peers.push(encode_same(files, &patches(program, &answer)?)?);
        rivals.push(cut_smartly(&smartcut, &work, files, (from, to))?);
        blurs.push(place(program, &server, &title(TITLES + 4 + n), &["--blur", &blur(n)])?.0);
    }
    let wall = |runs: &[(f64, f64)]| median(runs.iter().map(|r| r.0).collect());
    let side = |name: &str, runs: &[(f64, f64)]| Side {
        name: name.into(),
        wall_seconds: wall(runs),
        cpu_seconds: median(runs.iter().map(|r| r.1).collect()),
        ..Side::default()
    };
    let against = |runs: &[(f64, f64)], divide: fn(f64, f64) -> f64| {
        median(cuts.iter().zip(runs).map(|(ours, theirs)| divide(ours.0, theirs.0)).collect())
    };
    let (same, times) = (against(&peers, |a, b| a / b), against(&rivals, |a, b| b / a));
    let ladder = stock.ladder_bytes();
    let again = encode_ladder(&files[0], 60)? * f64::from(stock.seconds) / 60.0;
    let share = bytes as f64 / ladder as f64 * 100.0;
    let cut =
        |peer: Side, measure: &str, ratio: f64, reach: &str, reached: bool, notes: Vec<String>| Outcome {
            name: "order, to frame-accurate".into(),
            ours: side("phim order place --cut, 37 s", &cuts),
            peer: Some(peer),
            measure: measure.into(),
            ratio: Some(ratio),
            reach: reach.into(),
            reached,
            notes,
        };
    let notes = vec![
        format!(
            "re-encoding the ladder of {} s, scaled from a minute: {again:.0} s, {:.0} times as long",
            stock.seconds,
            again / wall(&cuts)
        ),
        format!("bytes added {bytes}, {share:.4} % of the ladder's {ladder}; to reach: < 0.1 %"),
    ];
    Ok(vec![
        cut(
            side("ffmpeg, the same frames", &peers),
            "wall seconds, ours by theirs, median",
            same,
            "< 3 s and <= 1.5 times",
            wall(&cuts) < 3.0 && same <= 1.5,
            notes,
        ),
        cut(
            side("smartcut, the same four files", &rivals),
            "wall seconds, theirs by ours, median",
            times,
            ">= 10 times faster",
            times >= 10.0,
            Vec::new(),
        ),
        Outcome {
            name: "order, blur of a region for 10 s".into(),
            ours: side("phim order place --blur", &blurs),
            peer: None,
            measure: "wall seconds until the version stands on all rungs, verified; median".into(),
            ratio: None,
            reach: "< 12 s".into(),
            reached: wall(&blurs) < 12.0,
            notes: Vec::new(),
        },
    ])
}

/// Places an order and waits for the frame-accurate version: wall and CPU seconds, and what was placed.
fn place(program: &Program, server: &Server, title: &str, demand: &[&str]) -> Result<((f64, f64), Value)> {
    let before = cpu_seconds(server.child.id(), true)?;
    let began = Instant::now();
    let mut words = vec![
        "order",
        "place",
        "--title",
        title,
        "--territory",
        "VN",
        "--authority",
        "bench",
        "--number",
        title,
    ];
    words.extend(demand);
    let (_, placed) = program.verb(&words)?;
    loop {
        let (_, shown) = program.verb(&["order", "show", title])?;
        if shown["frame_accurate"].as_array().is_some_and(|made| !made.is_empty()) {
            break;
        }
        if let Some(why) = shown["failed"].as_array().and_then(|failed| failed.first()) {
            return Err(Error::internal(format!("the version was not made: {why}")));
        }
        if began.elapsed() > Duration::from_secs(300) {
            return Err(Error::internal("the version was not made in five minutes"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let cpu = cpu_seconds(server.child.id(), true)? - before;
    Ok(((began.elapsed().as_secs_f64(), cpu), placed))
}

/// The frames that the program encoded: those of its seams.
fn patches(program: &Program, placed: &Value) -> Result<Vec<Patch>> {
    let becomes =
        placed["effects"][0]["becomes"].as_str().ok_or_else(|| Error::invalid("nothing becomes anything"))?;
    let text = |name: &str| placed["effects"][0][name].as_str().unwrap_or_default().to_string();
    let (base, title) = (text("composition"), text("title"));
    let (_, shown) = program.verb(&["version", "show", &format!("{title}/@{base}-{becomes}")])?;
    crate::version::patches_of(&shown)
}

/// Bytes of the blobs below an archive.
fn stored(data: &Path) -> Result<u64> {
    let done = run(Command::new("du").args(["-sb"]).arg(data.join("blobs")))?;
    done.stdout
        .split_whitespace()
        .next()
        .and_then(|n| n.parse().ok())
        .ok_or_else(|| Error::internal("du said nothing"))
}

/// `smartcut` from PyPI, installed once into the work folder.
fn smartcut(work: &Path) -> Result<PathBuf> {
    let folder = work.join("smartcut");
    if !folder.join("bin/smartcut").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        run(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "smartcut==1.7"]))?;
    }
    Ok(folder.join("bin/smartcut"))
}

/// Cuts the same range out of every file.
fn cut_smartly(smartcut: &Path, work: &Path, files: &[PathBuf], scene: (u64, u64)) -> Result<(f64, f64)> {
    let (mut wall, mut cpu) = (0.0, 0.0);
    let at = |frame: u64| format!("{:.6}", frame as f64 / crate::film::RATE as f64);
    for (n, file) in files.iter().enumerate() {
        let out = work.join(format!("smart-{n}.mp4"));
        let mut command = Command::new(smartcut);
        command.arg(file).arg(&out).args(["--cut", &format!("{},{}", at(scene.0), at(scene.1))]);
        let done = run(&mut command)?;
        wall += done.wall_seconds;
        cpu += done.cpu_seconds;
    }
    Ok((wall, cpu))
}
