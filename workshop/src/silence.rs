//! One silent sample that fits into a sound track: same coding, rate, channels and length.

use std::ffi::OsString;
use std::path::Path;

use media::{Codec, Error, IndexWriter, Result, Track};

use crate::draft::Draft;
use crate::sandbox::{Job, Sandbox};
use crate::stored::Reel;

/// A stored track of a single silent sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeSilence {
    pub samples: Vec<u8>,
    pub index: Vec<u8>,
}

/// What an encoder must be told to make silence that a track's decoder takes for its own.
struct Recipe {
    encoder: &'static str,
    sample_rate: u32,
    layout: &'static str,
    bits: &'static str,
    /// Length of its samples in periods of `sample_rate`.
    periods: u32,
}

/// Encodes silence as `track` is coded, takes a sample from the middle, and checks by decoding it
/// among its like that nothing is heard. `folder` must exist.
pub fn silence(sandbox: &Sandbox, track: &Track, folder: &Path) -> Result<MadeSilence> {
    let recipe = recipe(track)?;
    let quiet = encode(sandbox, &recipe, folder)?;
    let middle = quiet.index.samples() / 2;
    let mut sample = None;
    for n in 0..quiet.index.blocks() {
        let block = quiet.index.block(n)?;
        let at = middle.checked_sub(block.first).map(|at| at as usize).filter(|at| *at < block.samples.len());
        sample = sample.or(at.map(|at| (block.samples[at], block.offset_of(at) as usize)));
    }
    let (sample, at) = sample.ok_or_else(|| Error::internal("the encoder made no sound"))?;
    let samples = quiet.samples[at..at + sample.size as usize].to_vec();
    let mut writer = IndexWriter::new(track.clone());
    writer.push_block(&[sample], 0)?;
    let draft = Draft::new(samples, writer)?;
    listen(sandbox, &draft, folder)?;
    Ok(MadeSilence { samples: draft.samples, index: draft.bytes })
}

fn recipe(track: &Track) -> Result<Recipe> {
    let other = || {
        Error::unsupported(format!(
            "silence of {} with {} channels at {} Hz and {} ticks a sample cannot be made",
            track.codec_string, track.channels, track.sample_rate, track.unit_ticks
        ))
        .remedy("Give Phim this sound track as AAC-LC, or as part of a single file")
    };
    let layout = match track.channels {
        1 => "mono",
        2 => "stereo",
        3 => "3.0",
        4 => "4.0",
        5 => "5.0",
        6 => "5.1",
        8 => "7.1",
        _ => return Err(other()),
    };
    let rate = track.sample_rate;
    let recipe = match (track.codec, track.codec_string.as_str()) {
        (Codec::Aac, "mp4a.40.2" | "mp4a.67") => {
            Recipe { encoder: "aac", sample_rate: rate, layout, bits: "64k", periods: 1024 }
        }
        // HE-AAC is LC at half the rate with instructions beside it; without them it is silent too.
        (Codec::Aac, "mp4a.40.5") => {
            Recipe { encoder: "aac", sample_rate: rate / 2, layout, bits: "32k", periods: 1024 }
        }
        (Codec::Aac, "mp4a.40.29") => {
            Recipe { encoder: "aac", sample_rate: rate / 2, layout: "mono", bits: "32k", periods: 1024 }
        }
        (Codec::Ac3, _) => Recipe { encoder: "ac3", sample_rate: rate, layout, bits: "448k", periods: 1536 },
        (Codec::Eac3, _) => {
            Recipe { encoder: "eac3", sample_rate: rate, layout, bits: "384k", periods: 1536 }
        }
        (Codec::Opus, _) if track.channels <= 2 => {
            Recipe { encoder: "libopus", sample_rate: 48_000, layout, bits: "64k", periods: 960 }
        }
        _ => return Err(other()),
    };
    let same_length =
        recipe.periods as u64 * track.timescale as u64 == track.unit_ticks as u64 * recipe.sample_rate as u64;
    if same_length { Ok(recipe) } else { Err(other()) }
}

fn encode(sandbox: &Sandbox, recipe: &Recipe, folder: &Path) -> Result<Draft> {
    let source = format!("anullsrc=r={}:cl={}", recipe.sample_rate, recipe.layout);
    let mut args: Vec<OsString> =
        ["-v", "error", "-f", "lavfi", "-i", &source, "-t", "1"].map(Into::into).to_vec();
    args.extend(
        ["-c:a", recipe.encoder, "-b:a", recipe.bits, "-f", "mp4", "-y", "silence.mp4"].map(OsString::from),
    );
    let mut job = Job::new("silence", args);
    job.folder = Some(folder);
    sandbox.run_ffmpeg(job, &mut |_| Ok(()))?;
    Draft::take_in(&crate::read_file(&folder.join("silence.mp4"))?, 0)
}

/// Samples that are decoded in a row to hear whether they are silent.
const LISTENED: usize = 8;
/// The loudest that silence may be, of 32,768: decoders add a little noise when they round.
const QUIET: u16 = 2;

fn listen(sandbox: &Sandbox, draft: &Draft, folder: &Path) -> Result<()> {
    let mut reel = Reel::new(draft.index.track());
    let sample = draft.index.block(0)?.samples[0];
    reel.push(&[sample; LISTENED], &draft.samples.repeat(LISTENED))?;
    crate::write(&folder.join("listen.mp4"), &reel.finish())?;
    let mut job = Job::new(
        "the check of silence",
        ["-v", "error", "-i", "listen.mp4", "-f", "s16le", "-"].map(Into::into).to_vec(),
    );
    job.folder = Some(folder);
    let mut heard = Vec::new();
    sandbox.run_ffmpeg(job, &mut |bytes| {
        heard.extend_from_slice(bytes);
        Ok(())
    })?;
    let loudest = heard.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]]).unsigned_abs()).max();
    match loudest {
        Some(loudest) if loudest <= QUIET => Ok(()),
        Some(loudest) => Err(Error::internal(format!("silence is heard at {loudest} of 32768"))),
        None => Err(Error::internal("silence does not decode")),
    }
}
