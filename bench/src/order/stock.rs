//! The house that orders come to: a film of two hours in four rungs with two sounds and three subtitle
//! tracks, the same film again under many names, and ten thousand earlier orders in the ledger.

use std::path::{Path, PathBuf};

use archive::Archive;
use media::{Digest, Result};

use super::{TITLES, records};
use crate::Asked;
use crate::film::{Film, Noise, Rung, files};
use crate::measure::failed;
use crate::program::Program;

const RUNGS: [Rung; 4] = [
    Rung { width: 1920, height: 1080, kbps: 5000 },
    Rung { width: 1280, height: 720, kbps: 2800 },
    Rung { width: 854, height: 480, kbps: 1200 },
    Rung { width: 640, height: 360, kbps: 700 },
];
/// Titles beside those that `in_force` orders: no order stands on them yet.
pub const FRESH: usize = 8;

pub struct Stock<'a> {
    pub program: Program<'a>,
    /// The ladder, highest rung first.
    pub ladder: Vec<PathBuf>,
    pub seconds: u32,
    pub earlier: usize,
    /// The digest of the whole of each title.
    pub wholes: Vec<Digest>,
}

/// The name of a title of the house.
pub fn title(n: usize) -> String {
    format!("t{n:03}")
}

impl Stock<'_> {
    pub fn ladder_bytes(&self) -> u64 {
        self.ladder.iter().filter_map(|f| std::fs::metadata(f).ok()).map(|m| m.len()).sum()
    }
}

pub fn stock(asked: &Asked) -> Result<Stock<'_>> {
    let (seconds, earlier) = if asked.quick { (120, 100) } else { (7200, 10_000) };
    let film = Film {
        name: "feature",
        seconds,
        rungs: &RUNGS,
        preset: "ultrafast",
        noise: Noise::EachGroup,
        sound: true,
    };
    let mut ladder = files(&asked.work, &film)?;
    let sound = ladder.pop().expect("a ladder with sound has files");
    let work = asked.work.join("order");
    let data = work.join("house");
    let _ = std::fs::remove_dir_all(&data);
    std::fs::create_dir_all(&work).map_err(failed("making the work folder"))?;
    let program = Program { phim: &asked.phim, data };
    let mut words = ["add", "--title", &title(0)].map(String::from).to_vec();
    words.extend(ladder.iter().map(|f| f.display().to_string()));
    for language in ["vi", "ko"] {
        words.extend(["--audio".into(), format!("{language}={}", sound.display())]);
    }
    for language in ["vi", "ko", "en"] {
        let file = work.join(format!("{language}.srt"));
        std::fs::write(&file, subtitles(seconds)).map_err(failed("writing subtitles"))?;
        words.extend(["--text".into(), format!("{language}={}", file.display())]);
    }
    program.verb(&words.iter().map(String::as_str).collect::<Vec<_>>())?;
    let wholes = fill(&program.data, earlier)?;
    Ok(Stock { program, ladder, seconds, earlier, wholes })
}

/// A cue of four seconds in every six.
fn subtitles(seconds: u32) -> String {
    let time = |s: u32| format!("{:02}:{:02}:{:02},000", s / 3600, s / 60 % 60, s % 60);
    let cue = |n: u32| format!("{}\n{} --> {}\nCue {n}\n\n", n + 1, time(n * 6), time(n * 6 + 4));
    (0..seconds / 6).map(cue).collect()
}

/// Enters the title again under other names, and earlier orders; answers the whole of each title.
fn fill(data: &Path, earlier: usize) -> Result<Vec<Digest>> {
    let runtime = tokio::runtime::Runtime::new().map_err(failed("starting a runtime"))?;
    runtime.block_on(async {
        let archive = Archive::open(data).await?;
        let first = archive.catalogue().title(&title(0)).await?;
        let whole = archive.catalogue().version(&title(0), "whole").await?;
        let mut wholes = vec![whole.composition];
        for n in 1..TITLES + FRESH {
            let id = title(n);
            // Another source by name, so that an order on one title bites no other.
            let source = Digest::of(id.as_bytes());
            let spans =
                whole.spans.replace(&title(0), &id).replace(&first.source.to_string(), &source.to_string());
            let composition = Digest::of(spans.as_bytes());
            let row = archive::Title { id: id.clone(), source, ..first.clone() };
            archive.catalogue().put_title(&row, None).await?;
            let version =
                archive::Version { title: id.clone(), spans, composition, shows: vec![id], ..whole.clone() };
            archive.catalogue().put_version(&version).await?;
            wholes.push(composition);
        }
        records::enter(&archive, earlier).await?;
        archive.close().await;
        Ok(wholes)
    })
}
