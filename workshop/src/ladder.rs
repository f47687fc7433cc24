//! The ladder: one film file, decoded once, becomes up to four renditions with the same frames.
//!
//! Invariants:
//! - Frame 0 of every rendition is shown at [`Start::zero`] of the file, and frames follow at one exact
//!   rate; groups start at the same frames in all renditions.
//! - A ladder that was stopped goes on from the last group that is complete in every rendition: the
//!   film is decoded again, but only what is missing is encoded, into further parts.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use media::{Error, IndexWriter, Kind, Rate, Result, Seconds};
use num_rational::Ratio;

use crate::Progress;
use crate::encoded::Encoded;
use crate::encoder::{ENCODER_VERSION, Look, Quality, group_frames, same_sets};
use crate::probe::{Picture, Probe, input_name};
use crate::sandbox::{Ceilings, Job, Limits, Sandbox};
use parts::Part;
use rungs::{Rung, rungs};

mod colour;
mod parts;
mod rungs;

/// A film's renditions, highest first; all have the same frames.
#[derive(Debug)]
pub struct Ladder {
    pub rate: Rate,
    pub renditions: Vec<Encoded>,
    pub start: Start,
}

/// Where the stored timeline begins on the file's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The instant of the file at which frame 0 is shown.
    pub zero: Seconds,
    /// Times that the first frame is repeated in front, because sound begins before the picture.
    pub repeated: u32,
}

/// Sound may begin this much before the picture without a frame being repeated for it: what is lost
/// is an encoder's priming.
const PRIMING: (i64, i64) = (1, 10);
/// Seconds of sound before the picture at most that the first frame is held for.
const MAX_HELD: i64 = 60;

impl Start {
    pub fn of(probe: &Probe) -> Result<Start> {
        let picture = the_picture(probe)?;
        let sound = probe.sounds.iter().map(|s| s.start).min().unwrap_or(picture.start);
        let early = picture.start - sound;
        if early <= Ratio::new(PRIMING.0, PRIMING.1) {
            return Ok(Start { zero: picture.start, repeated: 0 });
        }
        let repeated = picture.rate.unit_from(early.min(Ratio::from_integer(MAX_HELD)));
        Ok(Start { zero: picture.start - picture.rate.seconds(repeated), repeated: repeated as u32 })
    }
}

/// The picture of a film, or an error that names the file.
fn the_picture(probe: &Probe) -> Result<&Picture> {
    probe.video.as_ref().ok_or_else(|| {
        Error::invalid("the file holds no moving pictures")
            .at(probe.file.display().to_string())
            .remedy("Give Phim a film")
    })
}

/// Encodes the ladder of the film that `probe` describes, below `folder`, which must exist and belong
/// to this film alone. What an earlier, stopped call finished is not done again.
pub fn ladder(sandbox: &Sandbox, probe: &Probe, folder: &Path, tell: &dyn Fn(Progress)) -> Result<Ladder> {
    let picture = the_picture(probe)?;
    let plan = Plan::new(probe, picture)?;
    plan.claim(folder)?;
    let names: Vec<String> = (0..plan.rungs.len()).map(|r| format!("rendition-{r}")).collect();
    let found = names.iter().map(|name| Encoded::find(folder, name)).collect::<Result<Vec<_>>>()?;
    let renditions = match found.into_iter().collect::<Option<Vec<_>>>() {
        Some(finished) => finished,
        None => {
            let parts = plan.encode(sandbox, folder, tell)?;
            let joined = names.iter().enumerate().map(|(r, name)| join(&parts, r, folder, name));
            let joined = joined.collect::<Result<_>>()?;
            parts::clear(folder, "part-")?;
            joined
        }
    };
    Ok(Ladder { rate: picture.rate, renditions, start: plan.start })
}

/// What is to be made of a film.
struct Plan<'a> {
    probe: &'a Probe,
    picture: &'a Picture,
    start: Start,
    rungs: Vec<Rung>,
    /// Frames expected in all, when the file says how long it is.
    frames: Option<u64>,
}

impl<'a> Plan<'a> {
    fn new(probe: &'a Probe, picture: &'a Picture) -> Result<Plan<'a>> {
        let start = Start::of(probe)?;
        let rungs = rungs(picture.shown());
        if rungs.is_empty() {
            let (wide, high) = picture.shown();
            return Err(Error::unsupported(format!(
                "a picture of {wide} by {high} pixels is too small for a rendition"
            ))
            .at(probe.file.display().to_string()));
        }
        // Some containers count their length from zero, some from the first frame: the shorter is sure.
        let seconds = picture.seconds.or(probe.seconds).map(|s| s - picture.start.max(Ratio::ZERO));
        let frames = seconds.map(|s| picture.rate.unit_from(s).max(0) as u64 + start.repeated as u64);
        Ok(Plan { probe, picture, start, rungs, frames })
    }

    /// Makes the folder this plan's own: what another plan left there is removed.
    fn claim(&self, folder: &Path) -> Result<()> {
        let file = &self.probe.file;
        let data = std::fs::metadata(file).map_err(|e| crate::disk(file, e))?;
        let modified = data.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
        let text = format!(
            "{ENCODER_VERSION}\n{}\n{} bytes, changed {}\n{:?}\n{:?}\n",
            file.display(),
            data.len(),
            modified.unwrap_or_default().as_nanos(),
            self.picture,
            self.rungs
        );
        let claim = folder.join("ladder.plan");
        if std::fs::read_to_string(&claim).is_ok_and(|known| known == text) {
            return Ok(());
        }
        LEFT.iter().try_for_each(|start| parts::clear(folder, start))?;
        crate::write(&claim, text.as_bytes())
    }

    fn encode(&self, sandbox: &Sandbox, folder: &Path, tell: &dyn Fn(Progress)) -> Result<Vec<Part>> {
        let group = group_frames(self.picture.rate);
        let mut parts = parts::find(sandbox, folder, self.rungs.len(), group)?;
        if !parts.last().is_some_and(|part| part.is_last) {
            let done: u32 = parts.iter().map(|part| part.frames).sum();
            self.encode_part(sandbox, folder, parts.len(), done, tell)?;
            parts = parts::find(sandbox, folder, self.rungs.len(), group)?;
        }
        let frames: u64 = parts.iter().map(|part| part.frames as u64).sum();
        self.complain_if_cut_off(frames)?;
        Ok(parts)
    }

    /// A film that ends long before it says is damaged, though ffmpeg reads what there is.
    fn complain_if_cut_off(&self, frames: u64) -> Result<()> {
        let place = self.probe.file.display().to_string();
        let second = self.picture.rate.unit_from(Ratio::from_integer(1)) as u64;
        match self.frames {
            _ if frames == 0 => Err(Error::invalid("no picture of the file could be decoded").at(place)),
            Some(expected) if frames + 2 * second + expected / 50 < expected => Err(Error::invalid(format!(
                "the picture ends after {frames} frames; the file announces {expected}"
            ))
            .at(place)
            .remedy("The file is cut off or damaged; copy it again from where it came")),
            _ => Ok(()),
        }
    }

    fn encode_part(
        &self,
        sandbox: &Sandbox,
        folder: &Path,
        number: usize,
        done: u32,
        tell: &dyn Fn(Progress),
    ) -> Result<()> {
        let mut args: Vec<OsString> =
            ["-v", "error", "-nostdin", "-progress", "pipe:1", "-stats_period", "0.5"]
                .map(Into::into)
                .to_vec();
        args.extend(["-protocol_whitelist", "file", "-copyts", "-i"].map(OsString::from));
        args.push(input_name(&self.probe.file));
        args.extend(["-filter_complex".into(), self.graph(done).into()]);
        for (r, rung) in self.rungs.iter().enumerate() {
            let look = self.look(rung);
            args.extend(["-map".into(), format!("[r{r}]").into()]);
            args.extend(look.options(rung.quality(self.picture.rate), group_frames(self.picture.rate)));
            args.extend(["-map_metadata", "-1", "-map_chapters", "-1", "-f", "mp4"].map(OsString::from));
            args.extend(
                ["-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-y"].map(OsString::from),
            );
            args.push(parts::name(number, r).into());
        }
        let mut job = Job::new("the ladder", args);
        job.reads = vec![self.probe.file.clone()];
        job.folder = Some(folder);
        job.limits = self.limits();
        let total = self.frames.unwrap_or(0);
        let mut lines = Lines::default();
        sandbox.run_ffmpeg(job, &mut |bytes| {
            lines.push(bytes, &mut |line| {
                if let Some(frame) = line.strip_prefix("frame=").and_then(|n| n.trim().parse::<u64>().ok()) {
                    tell(Progress { step: "ladder", done: frame + done as u64, total });
                }
            });
            Ok(())
        })?;
        parts::mark_last(folder, number)
    }

    /// An hour of film may take two days of processor time on one core, and no more than two on the wall.
    fn limits(&self) -> Limits {
        let seconds = self
            .picture
            .seconds
            .or(self.probe.seconds)
            .map_or(36_000, |s| s.ceil().to_integer().clamp(60, 360_000)) as u64;
        Limits {
            wall: Duration::from_secs(3600 + 48 * seconds),
            output: 1 << 30,
            ceilings: Ceilings { memory: 32 << 30, cpu_seconds: 3600 + 192 * seconds, file: 1 << 40 },
        }
    }

    fn look(&self, rung: &Rung) -> Look {
        Look::of_rung(rung.width, rung.height, self.picture.rate, colour::stored(self.picture))
    }

    /// From the file's frames to those of each rung, without the first `done`.
    fn graph(&self, done: u32) -> String {
        let picture = self.picture;
        let mut chain = format!("[0:{}]", picture.stream);
        if picture.interlaced {
            chain.push_str("bwdif=mode=send_frame,");
        }
        chain.push_str(&format!("setpts=PTS-STARTPTS,fps={}", picture.rate));
        if self.start.repeated > 0 {
            chain.push_str(&format!(",tpad=start={}:start_mode=clone", self.start.repeated));
        }
        if done > 0 {
            chain.push_str(&format!(",trim=start_frame={done},setpts=PTS-STARTPTS"));
        }
        chain.push_str(&colour::filters(picture));
        chain.push_str(&format!(",split={}", self.rungs.len()));
        (0..self.rungs.len()).for_each(|r| chain.push_str(&format!("[s{r}]")));
        for (r, rung) in self.rungs.iter().enumerate() {
            let look = self.look(rung);
            let (w, h) = (rung.width, rung.height);
            chain.push_str(&format!(
                ";[s{r}]scale={w}:{h},{},{}[r{r}]",
                look.format_filter(),
                look.tag_filter()
            ));
        }
        chain
    }
}

/// How the names of files begin that a ladder leaves in its folder.
const LEFT: [&str; 3] = ["part-", "rendition-", "ladder."];

/// Joins one rendition's parts into a track.
fn join(parts: &[Part], r: usize, folder: &Path, name: &str) -> Result<Encoded> {
    let first = parts.first().and_then(|part| part.tracks.get(r));
    let first = first.ok_or_else(|| Error::internal("a ladder without parts"))?;
    let mut writer = IndexWriter::new((**first.index.track()).clone());
    let mut ends = Vec::new();
    for part in parts {
        let index = &part.tracks[r].index;
        if !same_sets(&first.index.track().sample_entry, &index.track().sample_entry)? {
            return Err(Error::new(
                Kind::Conflict,
                "the parts of the ladder were made by different encoders",
            )
            .remedy("Remove the work folder and begin again"));
        }
        let (mut n, mut frames) = (0, 0);
        while frames < part.frames {
            let block = index.block(n)?;
            writer.push_block(&block.samples, block.idr_pic_id)?;
            frames += block.samples.len() as u32;
            n += 1;
        }
        ends.push(if n < index.blocks() { index.block(n)?.offset } else { index.blob_len() });
    }
    let path = folder.join(format!("{name}.samples"));
    if parts.len() == 1 && ends[0] == first.index.blob_len() {
        std::fs::rename(&first.samples, &path).map_err(|e| crate::disk(&path, e))?;
    } else {
        let mut out = File::create(&path).map_err(|e| crate::disk(&path, e))?;
        for (part, end) in parts.iter().zip(ends) {
            let source = &part.tracks[r].samples;
            let file = File::open(source).map_err(|e| crate::disk(source, e))?;
            std::io::copy(&mut file.take(end), &mut out).map_err(|e| crate::disk(&path, e))?;
        }
    }
    Encoded::finish(folder, name, writer.finish()?)
}

/// Cuts a stream of bytes into lines.
#[derive(Default)]
pub(crate) struct Lines(Vec<u8>);

impl Lines {
    pub fn push(&mut self, bytes: &[u8], line: &mut dyn FnMut(&str)) {
        self.0.extend_from_slice(bytes);
        while let Some(end) = self.0.iter().position(|b| *b == b'\n') {
            let rest = self.0.split_off(end + 1);
            line(String::from_utf8_lossy(&self.0).trim_end());
            self.0 = rest;
        }
    }
}

impl Rung {
    fn quality(&self, rate: Rate) -> Quality {
        let fast = rate.num() as u64 > 31 * rate.den() as u64;
        Quality::Ladder { crf: self.crf, peak: if fast { self.peak / 2 * 3 } else { self.peak } }
    }
}
