//! `version`: two cuts, four seams off sync samples, on a 1080p ladder of four rungs, verified, from a
//! cold start, beside ffmpeg encoding exactly the same frames.

use std::path::{Path, PathBuf};
use std::process::Command;

use media::{Error, Result};
use serde_json::{Value, json};

use crate::Asked;
use crate::film::{Film, Noise, RATE, Rung, files};
use crate::measure::{Outcome, Side, failed, median, run};
use crate::program::Program;

const RUNGS: [Rung; 4] = [
    Rung { width: 1920, height: 1080, kbps: 5000 },
    Rung { width: 1280, height: 720, kbps: 2800 },
    Rung { width: 854, height: 480, kbps: 1200 },
    Rung { width: 640, height: 360, kbps: 700 },
];
const GROUP: u64 = 48;
/// Consecutive B-frames of the ladder, which bound what an out-point costs.
const B_FRAMES: u64 = 3;
const RUNS: usize = 3;

/// Frames of one rung that were made again.
pub struct Patch {
    pub rung: usize,
    pub from: u64,
    pub to: u64,
}

pub fn version(asked: &Asked) -> Result<Vec<Outcome>> {
    let seconds = 60;
    let film = Film {
        name: "ladder",
        seconds,
        rungs: &RUNGS,
        preset: "veryfast",
        noise: Noise::EachFrame,
        sound: false,
    };
    let files = files(&asked.work, &film)?;
    let work = asked.work.join("version");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut answer, mut patches) = (Value::Null, Vec::new());
    for _ in 0..RUNS {
        let data = work.join("data");
        let _ = std::fs::remove_dir_all(&data);
        std::fs::create_dir_all(&work).map_err(failed("making the work folder"))?;
        let program = Program { phim: &asked.phim, data };
        let mut words = vec!["add", "--title", "bench"];
        words.extend(files.iter().filter_map(|f| f.to_str()));
        program.verb(&words)?;
        let (done, shown) = program.verb(&[
            "version",
            "make",
            "--title",
            "bench",
            "--name",
            "cut",
            "--cut",
            "250f-417f",
            "--cut",
            "700f-703f",
        ])?;
        patches = patches_of(&shown)?;
        answer = shown;
        ours.push((done.wall_seconds, done.cpu_seconds));
        theirs.push(encode_same(&files, &patches)?);
    }
    let counts = check_counts(&patches)?;
    let ratio = median(ours.iter().zip(&theirs).map(|(a, b)| a.0 / b.0).collect());
    let whole = encode_ladder(&files[0], 60.min(seconds))?;
    let mut side = Side {
        name: "phim version make".into(),
        wall_seconds: median(ours.iter().map(|o| o.0).collect()),
        cpu_seconds: median(ours.iter().map(|o| o.1).collect()),
        ..Side::default()
    };
    side.more.insert("frames_encoded".into(), json!(counts));
    side.more.insert("bytes_added".into(), answer["bytes_added"].clone());
    let peer = Side {
        name: "ffmpeg, the same frames".into(),
        wall_seconds: median(theirs.iter().map(|o| o.0).collect()),
        cpu_seconds: median(theirs.iter().map(|o| o.1).collect()),
        ..Side::default()
    };
    let two_hours = whole * 120.0;
    let notes = vec![
        format!(
            "frames encoded on each rung: {counts:?}, each in-point less than a group of {GROUP}, each out-point at most {B_FRAMES}"
        ),
        format!("bytes per cut over all rungs: {}", answer["bytes_added"].as_u64().unwrap_or(0) / 2),
        format!(
            "re-encoding the ladder: one minute measured at {whole:.1} s, two hours scaled from it {two_hours:.0} s, {:.0} times the version",
            two_hours / side.wall_seconds
        ),
    ];
    Ok(vec![Outcome {
        name: "version".into(),
        ours: side,
        peer: Some(peer),
        measure: "wall seconds, verification and start of the program included; median of three".into(),
        ratio: Some(ratio),
        reach: "<= 1.5".into(),
        reached: ratio <= 1.5,
        notes,
    }])
}

/// What the program says it encoded: `encoded: [{rendition, from, to}]`.
pub fn patches_of(answer: &Value) -> Result<Vec<Patch>> {
    let list = answer["encoded"]
        .as_array()
        .ok_or_else(|| Error::invalid("the version does not say what was made"))?;
    let number = |v: &Value, name: &str| {
        v[name].as_u64().ok_or_else(|| Error::invalid(format!("no {name} in what was made")))
    };
    list.iter()
        .map(|v| {
            Ok(Patch {
                rung: number(v, "rendition")? as usize,
                from: number(v, "from")?,
                to: number(v, "to")?,
            })
        })
        .collect()
}

/// Frames encoded per rung; fails when a patch is longer than its seam may cost.
fn check_counts(patches: &[Patch]) -> Result<Vec<u64>> {
    let mut counts = vec![0; RUNGS.len()];
    for patch in patches {
        let frames = patch.to - patch.from;
        let in_point = [417, 703].contains(&patch.from);
        let bound = if in_point { GROUP - 1 } else { B_FRAMES };
        if frames > bound {
            return Err(Error::internal(format!(
                "the patch {}..{} of rung {} is longer than {bound}",
                patch.from, patch.to, patch.rung
            )));
        }
        counts[patch.rung] += frames;
    }
    Ok(counts)
}

/// ffmpeg as a person would use it: seek, decode, encode the frames, one process a patch and rung.
pub fn encode_same(files: &[PathBuf], patches: &[Patch]) -> Result<(f64, f64)> {
    let (mut wall, mut cpu) = (0.0, 0.0);
    for patch in patches {
        // A quarter frame early, because the point asked for must not fall behind the frame's own time.
        let at = (patch.from as f64 - 0.25) / RATE as f64;
        let mut command = Command::new("ffmpeg");
        command
            .args(["-v", "error", "-nostdin", "-ss", &format!("{:.6}", at.max(0.0)), "-i"])
            .arg(&files[patch.rung]);
        command.args([
            "-frames:v",
            &(patch.to - patch.from).to_string(),
            "-an",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-crf",
            "18",
        ]);
        command.args([
            "-bf",
            "3",
            "-g",
            "48",
            "-x264-params",
            "stitchable=1",
            "-f",
            "mp4",
            "-movflags",
            "frag_keyframe+empty_moov",
            "-y",
            "/dev/null",
        ]);
        let done = run(&mut command)?;
        wall += done.wall_seconds;
        cpu += done.cpu_seconds;
    }
    Ok((wall, cpu))
}

/// Seconds to encode one minute of the whole ladder from its highest rung.
pub fn encode_ladder(source: &Path, seconds: u32) -> Result<f64> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-t", &seconds.to_string(), "-i"]).arg(source);
    for rung in &RUNGS {
        let rate = format!("{}k", rung.kbps);
        command.args([
            "-map",
            "0:v",
            "-vf",
            &format!("scale={}:{}", rung.width, rung.height),
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-b:v",
            &rate,
        ]);
        command.args(["-bf", "3", "-g", "48", "-f", "null", "-"]);
    }
    Ok(run(&mut command)?.wall_seconds * 60.0 / seconds as f64)
}
