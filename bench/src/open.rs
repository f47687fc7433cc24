//! `open`: from the start of the process to the first segment, with 1,000 titles in the archive.

use std::time::Instant;

use archive::Archive;
use media::Result;
use serde_json::json;

use crate::Asked;
use crate::add::first_segment;
use crate::film::{Film, Noise, Rung, files};
use crate::measure::{Outcome, Side, cpu_seconds, failed, median, peak_memory};
use crate::program::{Program, fetch};

const TITLES: usize = 1000;
const RUNS: usize = 5;

pub fn open(asked: &Asked) -> Result<Vec<Outcome>> {
    let rungs = [Rung { width: 640, height: 360, kbps: 800 }, Rung { width: 320, height: 180, kbps: 300 }];
    let film = Film {
        name: "small",
        seconds: 60,
        rungs: &rungs,
        preset: "ultrafast",
        noise: Noise::EachFrame,
        sound: false,
    };
    let files = files(&asked.work, &film)?;
    let work = asked.work.join("open");
    let data = work.join("data");
    let _ = std::fs::remove_dir_all(&data);
    std::fs::create_dir_all(&work).map_err(failed("making the work folder"))?;
    let program = Program { phim: &asked.phim, data };
    let mut words = vec!["add", "--title", "t0000"];
    words.extend(files.iter().filter_map(|f| f.to_str()));
    program.verb(&words)?;
    fill(&program)?;
    program.hold_trial()?;
    // The address is asked for once, beforehand; what is timed is the server.
    let segment = {
        let server = program.serve(None, &[])?;
        let (_, answer) = program.verb(&["play-url", "t0777", "--base", ""])?;
        first_segment(&program, &server.url, "t0777")?;
        answer["hls"].as_str().unwrap_or_default().replace("hls.m3u8", "v0/0.m4s")
    };
    let (mut wall, mut cpu, mut memory) = (Vec::new(), Vec::new(), 0);
    for _ in 0..RUNS {
        let began = Instant::now();
        let server = program.serve(None, &[])?;
        fetch(&format!("{}{segment}", server.url))?;
        wall.push(began.elapsed().as_secs_f64());
        cpu.push(cpu_seconds(server.child.id(), false)?);
        memory = memory.max(peak_memory(server.child.id())?);
    }
    let seconds = median(wall);
    let ours = Side {
        name: "phim serve".into(),
        wall_seconds: seconds,
        cpu_seconds: median(cpu),
        more: [("peak_memory_megabytes".into(), json!(memory / 1_000_000))].into(),
        ..Side::default()
    };
    Ok(vec![Outcome {
        name: "open".into(),
        ours,
        peer: None,
        measure: "wall seconds from the start of the process to the whole first segment, median of five"
            .into(),
        ratio: None,
        reach: "< 0.5 s".into(),
        reached: seconds < 0.5,
        notes: vec![format!(
            "{TITLES} titles, which share the stored tracks of one film of a minute; the one that is played is opened on demand"
        )],
    }])
}

/// Enters the first title again under 999 other names.
fn fill(program: &Program) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().map_err(failed("starting a runtime"))?;
    runtime.block_on(async {
        let archive = Archive::open(&program.data).await?;
        let first = archive.catalogue().title("t0000").await?;
        let versions = archive.catalogue().versions(Some("t0000")).await?;
        for n in 1..TITLES {
            let id = format!("t{n:04}");
            archive.catalogue().put_title(&archive::Title { id: id.clone(), ..first.clone() }, None).await?;
            for version in &versions {
                archive
                    .catalogue()
                    .put_version(&archive::Version { title: id.clone(), ..version.clone() })
                    .await?;
            }
        }
        archive.close().await;
        Ok(())
    })
}
