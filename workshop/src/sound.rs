//! Sound: every stream of a film as stereo AAC, and as 5.1 where it has six channels or more.
//!
//! Invariant: the first heard tick of every track sounds when frame 0 of the ladder is shown
//! ([`Start`]); gaps in the file are filled with silence, so that sound keeps in step.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use media::{Error, Index, Result};

use crate::Progress;
use crate::encoded::Encoded;
use crate::ladder::{Lines, Start};
use crate::probe::{Probe, SoundStream, input_name};
use crate::read::read;
use crate::sandbox::{Ceilings, Job, Limits, Sandbox};

/// A sound track of a film, encoded.
#[derive(Debug)]
pub struct Sound {
    /// As the file says it, `und` when it does not.
    pub language: String,
    /// The file's own title of the stream, may be empty.
    pub title: String,
    /// Six channels instead of two.
    pub surround: bool,
    pub encoded: Encoded,
    pub loudness: Loudness,
}

/// Loudness by EBU R 128, in tenths; `None` where there is only silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loudness {
    /// Integrated, in tenths of LUFS.
    pub integrated: Option<i32>,
    /// Range, in tenths of LU.
    pub range: Option<i32>,
    /// True peak, in tenths of dBTP.
    pub peak: Option<i32>,
}

/// Sound tracks of one film at most; films with sixty languages exist.
const MOST_TRACKS: usize = 160;
const STEREO_BITS: &str = "128k";
const SURROUND_BITS: &str = "384k";
const RATE: u32 = 48_000;

/// One track to be made of a stream.
struct Wanted<'a> {
    stream: &'a SoundStream,
    surround: bool,
}

/// Encodes the sound of the film that `probe` describes, below `folder`, which must exist and belong
/// to this film alone. What an earlier call finished is not done again. Stereo comes before 5.1.
pub fn sounds(
    sandbox: &Sandbox,
    probe: &Probe,
    start: Start,
    folder: &Path,
    tell: &dyn Fn(Progress),
) -> Result<Vec<Sound>> {
    let mut wanted = Vec::new();
    for stream in &probe.sounds {
        wanted.push(Wanted { stream, surround: false });
        if stream.channels >= 6 {
            wanted.push(Wanted { stream, surround: true });
        }
    }
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    if wanted.len() > MOST_TRACKS {
        return Err(Error::unsupported(format!("{} streams of sound", probe.sounds.len()))
            .at(probe.file.display().to_string())
            .remedy(format!("Give Phim a file with at most {} of them", MOST_TRACKS / 2)));
    }
    let said = folder.join("sound.loudness");
    if !said.exists() {
        let text = encode(sandbox, probe, start, &wanted, folder, tell)?;
        for n in 0..wanted.len() {
            take_in(sandbox, folder, n)?;
        }
        crate::write(&said, text.as_bytes())?;
    }
    let said = String::from_utf8_lossy(&crate::read_file(&said)?).into_owned();
    let sounds = wanted.iter().enumerate().map(|(n, wanted)| {
        let encoded = Encoded::find(folder, &format!("sound-{n}"))?;
        Ok(Sound {
            language: wanted.stream.language.clone(),
            title: wanted.stream.title.clone(),
            surround: wanted.surround,
            encoded: encoded.ok_or_else(|| Error::internal("a finished sound track is gone"))?,
            loudness: loudness_of(&said, n),
        })
    });
    sounds.collect()
}

/// Measures the loudness of the only sound stream of `file`, e.g. a track of a ready ladder.
pub fn loudness(sandbox: &Sandbox, file: &Path) -> Result<Loudness> {
    let file = crate::probe::existing(file)?;
    let mut args: Vec<OsString> =
        ["-hide_banner", "-v", "info", "-nostats", "-nostdin", "-protocol_whitelist", "file", "-i"]
            .map(Into::into)
            .to_vec();
    args.push(input_name(&file));
    args.extend(
        [
            "-filter_complex",
            "[0:a:0]ebur128@m0=peak=true:framelog=verbose[o]",
            "-map",
            "[o]",
            "-f",
            "null",
            "-",
        ]
        .map(OsString::from),
    );
    let mut job = Job::new("the measuring of loudness", args);
    job.reads = vec![file];
    job.limits = long(None);
    let said = sandbox.run_ffmpeg(job, &mut |_| Ok(()))?;
    Ok(loudness_of(&said, 0))
}

fn long(seconds: Option<u64>) -> Limits {
    let seconds = seconds.unwrap_or(36_000).clamp(60, 360_000);
    Limits {
        wall: Duration::from_secs(600 + 4 * seconds),
        output: 1 << 30,
        ceilings: Ceilings { memory: 8 << 30, cpu_seconds: 600 + 16 * seconds, file: 64 << 30 },
    }
}

/// One ffmpeg for all tracks; gives back what the meters said.
fn encode(
    sandbox: &Sandbox,
    probe: &Probe,
    start: Start,
    wanted: &[Wanted],
    folder: &Path,
    tell: &dyn Fn(Progress),
) -> Result<String> {
    let mut args: Vec<OsString> = [
        "-hide_banner",
        "-v",
        "info",
        "-nostats",
        "-nostdin",
        "-progress",
        "pipe:1",
        "-protocol_whitelist",
        "file",
        "-copyts",
        "-i",
    ]
    .map(Into::into)
    .to_vec();
    args.push(input_name(&probe.file));
    args.extend(["-filter_complex".into(), graph(start, wanted).into()]);
    for (n, wanted) in wanted.iter().enumerate() {
        let bits = if wanted.surround { SURROUND_BITS } else { STEREO_BITS };
        args.extend(["-map".into(), format!("[o{n}]").into()]);
        args.extend(["-c:a", "aac", "-profile:a", "aac_low", "-b:a", bits].map(OsString::from));
        args.extend(["-map_metadata", "-1", "-map_chapters", "-1", "-f", "mp4", "-y"].map(OsString::from));
        args.push(file_name(n).into());
    }
    let mut job = Job::new("the sound", args);
    job.reads = vec![probe.file.clone()];
    job.folder = Some(folder);
    let seconds = probe.seconds.map(|s| s.ceil().to_integer().max(0) as u64);
    job.limits = long(seconds.map(|s| s * wanted.len() as u64));
    let mut lines = Lines::default();
    sandbox.run_ffmpeg(job, &mut |bytes| {
        lines.push(bytes, &mut |line| {
            if let Some(done) = line.strip_prefix("out_time_us=").and_then(|n| n.trim().parse::<u64>().ok()) {
                tell(Progress { step: "sound", done: done / 1_000_000, total: seconds.unwrap_or(0) });
            }
        });
        Ok(())
    })
}

fn graph(start: Start, wanted: &[Wanted]) -> String {
    let chains = wanted.iter().enumerate().map(|(n, wanted)| {
        let layout = if wanted.surround { "5.1" } else { "stereo" };
        format!(
            "[0:{}]asetpts=PTS-({})/TB,aresample={RATE}:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts={layout},\
             ebur128@m{n}=peak=true:framelog=verbose,aformat=sample_fmts=fltp:sample_rates={RATE}:channel_layouts={layout}[o{n}]",
            wanted.stream.stream, start.zero
        )
    });
    chains.collect::<Vec<_>>().join(";")
}

fn file_name(n: usize) -> String {
    format!("sound-{n}.mp4")
}

/// Reads one track back and finishes it.
fn take_in(sandbox: &Sandbox, folder: &Path, n: usize) -> Result<()> {
    let place = folder.join(format!("sound-{n}"));
    std::fs::create_dir_all(&place).map_err(|e| crate::disk(&place, e))?;
    let file = folder.join(file_name(n));
    let track = read(sandbox, &file, &place)?
        .tracks
        .pop()
        .ok_or_else(|| Error::internal("the encoder wrote no sound"))??;
    let samples = folder.join(format!("sound-{n}.samples"));
    std::fs::rename(&track.samples, &samples).map_err(|e| crate::disk(&samples, e))?;
    let index: &Index = &track.index;
    if index.is_empty() {
        return Err(Error::invalid("no sound of the file could be decoded"));
    }
    Encoded::finish(folder, &format!("sound-{n}"), track.index_bytes)?;
    Ok(())
}

/// Reads the summary of meter `n`.
fn loudness_of(said: &str, n: usize) -> Loudness {
    let opening = format!("[m{n} @ ");
    let named = format!("[ebur128@m{n} @ ");
    let opens =
        |line: &str| (line.starts_with(&opening) || line.starts_with(&named)) && line.ends_with("Summary:");
    // ffmpeg may build its graph twice, and a meter that heard nothing sums up too: the last one counts.
    let after = said.lines().collect::<Vec<_>>();
    let after = after.iter().rposition(|line| opens(line)).map_or(&[][..], |at| &after[at + 1..]);
    let mut loudness = Loudness::default();
    for line in after.iter().take_while(|line| !line.starts_with('[')) {
        let (name, value) = line.trim().split_once(':').unwrap_or(("", ""));
        match name {
            "I" => loudness.integrated = tenths(value),
            "LRA" => loudness.range = tenths(value),
            "Peak" => loudness.peak = tenths(value),
            _ => {}
        }
    }
    // The meter answers -70 when nothing was loud enough to be measured.
    loudness.integrated = loudness.integrated.filter(|i| *i > -700);
    loudness
}

/// `  -23.0 LUFS` in tenths.
fn tenths(value: &str) -> Option<i32> {
    let (whole, part) = value.split_whitespace().next()?.split_once('.')?;
    let digits: i32 = format!("{}{}", whole.trim_start_matches('-'), part.get(..1)?).parse().ok()?;
    Some(if whole.starts_with('-') { -digits } else { digits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meters_are_read() {
        let said = "[ebur128@m0 @ 0x1] Summary:\n\n  Integrated loudness:\n    I:         -23.1 LUFS\n    Threshold: -33.4 LUFS\n\n  \
                    Loudness range:\n    LRA:         7.9 LU\n    Threshold: -43.5 LUFS\n\n  True peak:\n    Peak:       -0.8 dBFS\n\
                    [ebur128@m1 @ 0x2] Summary:\n    I:  -70.0 LUFS\n    LRA: 0.0 LU\n    Peak: -inf dBFS\n";
        assert_eq!(
            loudness_of(said, 0),
            Loudness { integrated: Some(-231), range: Some(79), peak: Some(-8) }
        );
        assert_eq!(loudness_of(said, 1), Loudness { integrated: None, range: Some(0), peak: None });
        assert_eq!(loudness_of(said, 2), Loudness::default());
    }
}
