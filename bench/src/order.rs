//! `order`: how soon an order is in force as another client sees it, and how soon the frame-accurate
//! version is there; beside ffmpeg encoding exactly the same frames, and beside `smartcut`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use media::{Error, Result};
use serde_json::{Value, json};

use crate::Asked;
use crate::film::{Film, Rung, files};
use crate::measure::{Outcome, Side, cpu_seconds, failed, median, run};
use crate::program::{Program, Server};
use crate::version::{Patch, encode_ladder, encode_same};

mod force;
mod records;

pub const TITLES: usize = 200;
const RUNGS: [Rung; 4] = [
    Rung { width: 1920, height: 1080, kbps: 5000 },
    Rung { width: 1280, height: 720, kbps: 2800 },
    Rung { width: 854, height: 480, kbps: 1200 },
    Rung { width: 640, height: 360, kbps: 700 },
];
/// A cut of 37 seconds, off sync samples at both ends.
const CUT: (u64, u64) = (250, 250 + 37 * 24);
const BLUR: &str = "10.0-20.0@400,400,250,200";
/// Networks of documentation stand for a country, and the loopback's client says where it is.
const PLACES: [&str; 4] = ["--network", "203.0.113.0/24=VN", "--proxy", "127.0.0.1"];
pub const VIEWER: &str = "203.0.113.5";

pub fn order(asked: &Asked) -> Result<Vec<Outcome>> {
    let mut outcomes = vec![force::in_force(asked)?];
    outcomes.extend(accurate(asked)?);
    outcomes.push(records::records(asked)?);
    Ok(outcomes)
}

/// From the order to the version that obeys it frame by frame, on a ladder of four rungs.
fn accurate(asked: &Asked) -> Result<Vec<Outcome>> {
    let film = Film { name: "ladder", seconds: 60, rungs: &RUNGS, preset: "veryfast", sound: false };
    let files = files(&asked.work, &film)?;
    let work = asked.work.join("order");
    std::fs::create_dir_all(&work).map_err(failed("making the work folder"))?;
    let ladder: u64 = files.iter().filter_map(|f| std::fs::metadata(f).ok()).map(|m| m.len()).sum();
    let (mut cuts, mut peers, mut rivals, mut blurs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    let smartcut = smartcut(&asked.work)?;
    for _ in 0..if asked.quick { 1 } else { 3 } {
        let program = fresh(asked, &work, &files)?;
        let server = program.serve(None, &PLACES)?;
        let before = stored(&program.data)?;
        let (cut, answer) = place(&program, &server, &["--cut", &format!("{}f-{}f", CUT.0, CUT.1)])?;
        bytes = stored(&program.data)? - before;
        cuts.push(cut);
        peers.push(encode_same(&files, &patches(&program, &answer)?)?);
        rivals.push(cut_smartly(&smartcut, &work, &files)?);
        drop(server);
        let program = fresh(asked, &work, &files)?;
        let server = program.serve(None, &PLACES)?;
        blurs.push(place(&program, &server, &["--blur", BLUR])?.0);
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
    let two_hours = encode_ladder(&files[0], 60)? * 120.0;
    let share = bytes as f64 / (ladder as f64 * 120.0) * 100.0;
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
            "re-encoding the ladder of two hours, scaled from a minute: {two_hours:.0} s, {:.0} times as long",
            two_hours / wall(&cuts)
        ),
        format!(
            "bytes added {bytes}, {share:.4} % of a ladder of two hours (a minute stored, scaled); to reach: < 0.1 %"
        ),
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

fn fresh<'a>(asked: &'a Asked, work: &Path, files: &[PathBuf]) -> Result<Program<'a>> {
    let data = work.join("data");
    let _ = std::fs::remove_dir_all(&data);
    let program = Program { phim: &asked.phim, data };
    let mut words = vec!["add", "--title", "bench"];
    words.extend(files.iter().filter_map(|f| f.to_str()));
    program.verb(&words)?;
    Ok(program)
}

/// Places an order and waits for the frame-accurate version: wall and CPU seconds, and what was placed.
fn place(program: &Program, server: &Server, demand: &[&str]) -> Result<((f64, f64), Value)> {
    let before = cpu_seconds(server.child.id(), true)?;
    let began = Instant::now();
    let mut words = vec![
        "order",
        "place",
        "--title",
        "bench",
        "--territory",
        "VN",
        "--authority",
        "bench",
        "--number",
        "1",
    ];
    words.extend(demand);
    let (_, placed) = program.verb(&words)?;
    loop {
        let (_, shown) = program.verb(&["order", "show", "1"])?;
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
    let base = placed["effects"][0]["composition"].as_str().unwrap_or_default();
    let (_, shown) = program.verb(&["version", "show", &format!("bench/@{base}-{becomes}")])?;
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
fn cut_smartly(smartcut: &Path, work: &Path, files: &[PathBuf]) -> Result<(f64, f64)> {
    let (mut wall, mut cpu) = (0.0, 0.0);
    let at = |frame: u64| format!("{:.6}", frame as f64 / crate::film::RATE as f64);
    for (n, file) in files.iter().enumerate() {
        let out = work.join(format!("smart-{n}.mp4"));
        let mut command = Command::new(smartcut);
        command.arg(file).arg(&out).args(["--cut", &format!("{},{}", at(CUT.0), at(CUT.1))]);
        let done = run(&mut command)?;
        wall += done.wall_seconds;
        cpu += done.cpu_seconds;
    }
    Ok((wall, cpu))
}

/// What one number of a JSON answer says.
pub fn outcome(
    name: &str,
    ours: Side,
    measure: &str,
    reach: &str,
    reached: bool,
    notes: Vec<String>,
) -> Outcome {
    let more = json!(TITLES);
    let ours = Side { more: [("titles".to_string(), more)].into_iter().chain(ours.more).collect(), ..ours };
    Outcome {
        name: name.into(),
        ours,
        peer: None,
        measure: measure.into(),
        ratio: None,
        reach: reach.into(),
        reached,
        notes,
    }
}
