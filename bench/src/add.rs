//! `add`: a ready ladder of two hours is hashed, written durably and its first segment served, beside
//! shaka-packager packaging the same files for HLS and DASH on the same disk.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use media::Result;
use serde_json::json;

use crate::Asked;
use crate::film::{Film, Noise, Rung, files};
use crate::measure::{Outcome, Side, failed, median, run};
use crate::peers::shaka_packager;
use crate::program::{Program, fetch};

const RUNGS: [Rung; 4] = [
    Rung { width: 640, height: 360, kbps: 900 },
    Rung { width: 512, height: 288, kbps: 600 },
    Rung { width: 384, height: 216, kbps: 400 },
    Rung { width: 256, height: 144, kbps: 200 },
];
const RUNS: usize = 3;

pub fn add(asked: &Asked) -> Result<Vec<Outcome>> {
    let seconds = if asked.quick { 120 } else { 7200 };
    let film = Film {
        name: "long",
        seconds,
        rungs: &RUNGS,
        preset: "ultrafast",
        noise: Noise::EachFrame,
        sound: true,
    };
    let files = files(&asked.work, &film)?;
    let packager = shaka_packager(&asked.work)?;
    let work = asked.work.join("add");
    let bytes: u64 = files.iter().filter_map(|f| std::fs::metadata(f).ok()).map(|m| m.len()).sum();
    for file in &files {
        // Both sides read from a hot page cache.
        std::fs::read(file).map_err(failed("reading the film"))?;
    }
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let one = add_and_serve(asked, &work, &files)?;
        let two = package(&packager, &work, &files)?;
        ratios.push(two.0 / one.0);
        ours.push(one);
        theirs.push(two);
    }
    let side = |name: &str, runs: &[(f64, f64)]| Side {
        name: name.into(),
        wall_seconds: median(runs.iter().map(|r| r.0).collect()),
        cpu_seconds: median(runs.iter().map(|r| r.1).collect()),
        more: [("megabytes".into(), json!(bytes / 1_000_000))].into(),
        ..Side::default()
    };
    let ratio = median(ratios);
    Ok(vec![Outcome {
        name: "add".into(),
        ours: side("phim add, to first segment", &ours),
        peer: Some(side("shaka-packager 3.8.0", &theirs)),
        measure: "the peer's wall seconds by ours, median of three".into(),
        ratio: Some(ratio),
        reach: ">= 1".into(),
        reached: ratio >= 1.0,
        notes: vec![format!(
            "{seconds} s of film in four rungs and a sound, every frame another; ours hashes everything and calls fsync, the packager does neither"
        )],
    }])
}

/// From nothing to the first byte of the first segment over HTTP.
fn add_and_serve(asked: &Asked, work: &Path, files: &[PathBuf]) -> Result<(f64, f64)> {
    let data = work.join("data");
    let _ = std::fs::remove_dir_all(&data);
    std::fs::create_dir_all(work).map_err(failed("making the work folder"))?;
    let program = Program { phim: &asked.phim, data };
    let mut words: Vec<String> = ["add", "--title", "bench"].map(String::from).to_vec();
    let (sound, video) = files.split_last().expect("a ladder has files");
    words.extend(video.iter().map(|f| f.display().to_string()));
    words.extend(["--audio".into(), format!("en={}", sound.display())]);
    let began = Instant::now();
    let (done, _) = program.verb(&words.iter().map(String::as_str).collect::<Vec<_>>())?;
    program.hold_trial()?;
    let server = program.serve(None, &[])?;
    first_segment(&program, &server.url, "bench")?;
    let wall = began.elapsed().as_secs_f64();
    let serving = crate::measure::cpu_seconds(server.child.id(), false)?;
    Ok((wall, done.cpu_seconds + serving))
}

/// Fetches the first segment of a title's highest rendition.
pub fn first_segment(program: &Program, base: &str, title: &str) -> Result<Vec<u8>> {
    let (_, answer) = program.verb(&["play-url", title, "--base", base])?;
    let hls = answer["hls"].as_str().unwrap_or_default();
    fetch(&hls.replace("hls.m3u8", "v0/0.m4s"))
}

fn package(packager: &Path, work: &Path, files: &[PathBuf]) -> Result<(f64, f64)> {
    let out = work.join("packaged");
    let _ = std::fs::remove_dir_all(&out);
    std::fs::create_dir_all(&out).map_err(failed("making the packager's folder"))?;
    let mut command = Command::new(packager);
    let (sound, video) = files.split_last().expect("a ladder has files");
    for (stream, file) in video.iter().map(|f| ("video", f)).chain([("audio", sound)]) {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let folder = out.join(name.as_ref());
        command.arg(format!(
            "in={},stream={stream},init_segment={folder}/init.mp4,segment_template={folder}/$Number$.m4s",
            file.display(),
            folder = folder.display()
        ));
    }
    command.args(["--segment_duration", "4", "--mpd_output"]).arg(out.join("dash.mpd"));
    command.arg("--hls_master_playlist_output").arg(out.join("hls.m3u8")).arg("--quiet");
    let done = run(&mut command)?;
    Ok((done.wall_seconds, done.cpu_seconds))
}
