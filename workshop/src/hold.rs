//! The hold of a rendition: black pictures that are served in place of a group that may not be shown.
//!
//! Invariants:
//! - A hold is one closed group in which every picture is shown as soon as it is decoded, so every prefix
//!   of it is a closed group too.
//! - Its parameter sets stand behind one init segment with the rendition's own and those of its patches.
//! - No hold leaves this room unless it was decoded between copied groups of its rendition and found
//!   right: count, timestamps, copies bit-equal, every picture of it black.

use std::ffi::OsString;
use std::path::Path;

use media::index::{Block, MAX_BLOCK_SAMPLES};
use media::{Error, Result, Track, h264};

use crate::decoded;
use crate::draft::Draft;
use crate::encoder::{Look, Quality, group_frames};
use crate::patch::look_of_patches;
use crate::sandbox::{Job, Limits, Sandbox};
use crate::stored::{Reel, Stored, closed_prefix_for};

/// A hold wanted for one rendition.
pub struct HoldRequest<'a> {
    pub track: Stored<'a>,
    /// Frames; see `composition::holds`.
    pub units: u32,
    /// The `idr_pic_id` that the first picture must have: 0 or 1.
    pub idr: u16,
}

/// A hold: samples and index of a stored track of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeHold {
    pub samples: Vec<u8>,
    pub index: Vec<u8>,
}

/// Quantiser of a hold: black costs little, and must be black.
const QP: u8 = 12;
/// Copied frames that are decoded beside a hold.
const BESIDE: usize = 4;

/// Makes holds, as many at once as the machine has processors, in the order of the requests. One that
/// cannot be made has an error of kind `Unsupported`: its rendition is of another codec, of fields, or of
/// a form whose parameter sets cannot stand beside ours. `done` is called after each.
pub fn hold_all(
    sandbox: &Sandbox,
    requests: &[HoldRequest],
    folder: &Path,
    done: &(dyn Fn() + Sync),
) -> Result<Vec<Result<MadeHold>>> {
    crate::parallel::map(requests, |at, request| {
        let place = folder.join(format!("hold-{at}"));
        std::fs::create_dir_all(&place).map_err(|e| crate::disk(&place, e))?;
        let made = make(sandbox, request, &place);
        let _ = std::fs::remove_dir_all(&place);
        done();
        Ok(made.map_err(|e| e.at(format!("the hold of {}", request.track.index.track().codec_string))))
    })
}

fn make(sandbox: &Sandbox, request: &HoldRequest, folder: &Path) -> Result<MadeHold> {
    if request.units == 0 || request.units as usize > MAX_BLOCK_SAMPLES || request.idr > 1 {
        return Err(Error::internal(format!(
            "a hold of {} frames with idr_pic_id {}",
            request.units, request.idr
        )));
    }
    let own = request.track.index.track();
    let look = look_of_patches(sandbox, own, folder)?;
    let draft = encode(sandbox, own, &look, request, folder)?;
    h264::merge(&own.sample_entry, &draft.index.track().sample_entry)?;
    let draft = draft.dressed_as(own)?;
    check(sandbox, request.track, &draft, &look, folder)?;
    Ok(MadeHold { samples: draft.samples, index: draft.bytes })
}

fn encode(
    sandbox: &Sandbox,
    track: &Track,
    look: &Look,
    request: &HoldRequest,
    folder: &Path,
) -> Result<Draft> {
    // Every encoder starts with `idr_pic_id` 0 and alternates; for 1, a first frame is thrown away.
    let thrown = request.idr as u32;
    let graph = format!(
        "color=s={}x{}:r={},trim=end_frame={},{},{},settb=1/{},setpts=N*{},{}[hold]",
        look.width,
        look.height,
        look.rate,
        request.units + thrown,
        look.format_filter(),
        look.black_filter(),
        track.timescale,
        track.unit_ticks,
        look.tag_filter(),
    );
    let mut args: Vec<OsString> =
        ["-v", "error", "-filter_complex", &graph, "-map", "[hold]"].map(Into::into).to_vec();
    // x264 allows fewer B-frames, and says so in its sets, when groups are short.
    let group = group_frames(look.rate).max(request.units + thrown + 1);
    args.extend(look.options(Quality::Straight { qp: QP }, group));
    if thrown > 0 {
        args.extend(["-force_key_frames", "expr:eq(n,1)"].map(OsString::from));
    }
    args.extend(["-f", "mp4", "-y", "hold.mp4"].map(OsString::from));
    let mut job = Job::new("a hold", args);
    job.folder = Some(folder);
    job.limits = Limits { output: 1 << 16, ..Limits::default() };
    sandbox.run_ffmpeg(job, &mut |_| Ok(()))?;
    let draft = Draft::take_in(&crate::read_file(&folder.join("hold.mp4"))?, thrown as usize)?;
    let block = draft.index.block(0)?;
    if draft.index.blocks() != 1
        || draft.index.samples() != request.units
        || block.idr_pic_id != request.idr
        || block.samples.iter().any(|sample| sample.shift != 0)
    {
        return Err(Error::internal(format!(
            "the encoder made {} frames in {} groups, idr_pic_id {}, where {} in one, {}, in the order of presentation were expected",
            draft.index.samples(),
            draft.index.blocks(),
            block.idr_pic_id,
            request.units,
            request.idr
        )));
    }
    Ok(draft)
}

/// The rendition with some of its groups held, as it will be served.
struct Served {
    reel: Reel,
    /// The same copies without any hold.
    copies: Reel,
    /// Of every frame of `reel`, its place in `copies`; none where it is held.
    frames: Vec<Option<u32>>,
}

/// Decodes the hold and its prefixes between copied groups.
fn check(sandbox: &Sandbox, track: Stored, hold: &Draft, look: &Look, folder: &Path) -> Result<()> {
    let Served { reel, copies, frames } = serve(track, hold)?;
    crate::write(&folder.join("served.mp4"), &reel.finish())?;
    crate::write(&folder.join("copies.mp4"), &copies.finish())?;
    let held = frames.iter().position(Option::is_none).unwrap_or(0);
    decode(sandbox, held, folder)?;
    let served = decoded::read(&crate::read_file(&folder.join("served.hash"))?)?;
    let copied = decoded::read(&crate::read_file(&folder.join("copies.hash"))?)?;
    decoded::in_step(&served, frames.len(), track.index.track().unit_ticks)?;
    for (n, (frame, copy)) in served.iter().zip(&frames).enumerate() {
        let expected = match copy {
            Some(copy) => copied.get(*copy as usize),
            None => served.get(held),
        };
        if expected.is_none_or(|expected| expected.hash != frame.hash) {
            let what = if copy.is_some() { "a copy" } else { "a held one" };
            return Err(Error::internal(format!("frame {n}, {what}, decodes to another picture")));
        }
    }
    is_black(&crate::read_file(&folder.join("held.yuv"))?, look)
}

fn serve(track: Stored, hold: &Draft) -> Result<Served> {
    let index = track.index;
    let own = index.track();
    let dressed = Track { reorder: own.reorder, ..(**hold.index.track()).clone() };
    let mut served = Served { reel: Reel::new(&dressed), copies: Reel::new(own), frames: Vec::new() };
    let black = hold.index.block(0)?;
    let whole = black.samples.len();
    let mut prefixes = vec![whole, whole.div_ceil(2), 2, 1];
    prefixes.retain(|count| *count <= whole);
    prefixes.dedup();
    let beside = |n: usize| index.block(n * index.blocks() / (prefixes.len() + 1));
    served.copy(track, &beside(0)?)?;
    for (n, count) in prefixes.iter().enumerate() {
        let bytes = &hold.samples[..black.offset_of(*count) as usize];
        served.reel.push(&black.samples[..*count], bytes)?;
        served.frames.extend((0..*count).map(|_| None));
        served.copy(track, &beside(n + 1)?)?;
    }
    Ok(served)
}

impl Served {
    fn copy(&mut self, track: Stored, block: &Block) -> Result<()> {
        let count = closed_prefix_for(block, BESIDE);
        let (samples, bytes) = (&block.samples[..count], track.samples(block, count)?);
        self.reel.push(samples, &bytes)?;
        let first = self.copies.push(samples, &bytes)?;
        self.frames.extend((first..).take(count).map(Some));
        Ok(())
    }
}

/// One ffmpeg decodes both files, hashes every frame, and writes frame `held` as it is.
fn decode(sandbox: &Sandbox, held: usize, folder: &Path) -> Result<()> {
    let graph = format!("[0:v]select='eq(n,{held})'[h]");
    let mut args: Vec<OsString> =
        ["-v", "error", "-i", "served.mp4", "-i", "copies.mp4", "-filter_complex", &graph]
            .map(Into::into)
            .to_vec();
    args.extend(decoded::output("0:v", "null", "served.hash"));
    args.extend(decoded::output("1:v", "null", "copies.hash"));
    args.extend(["-map", "[h]", "-frames:v", "1", "-f", "rawvideo", "-y", "held.yuv"].map(OsString::from));
    let mut job = Job::new("the check of a hold", args);
    job.folder = Some(folder);
    job.limits = Limits { output: 1 << 16, ..Limits::default() };
    sandbox.run_ffmpeg(job, &mut |_| Ok(())).map(drop)
}

/// Whether a raw picture is black: luma within one level of eight bits, chroma exactly in the middle.
fn is_black(picture: &[u8], look: &Look) -> Result<()> {
    let values: Vec<u32> = match look.depth() {
        8 => picture.iter().map(|byte| u32::from(*byte)).collect(),
        _ => picture.chunks_exact(2).map(|b| u32::from(u16::from_le_bytes([b[0], b[1]]))).collect(),
    };
    let one = 1 << (look.depth() - 8);
    let (black, middle) = look.black();
    let (luma, chroma) = values.split_at_checked((look.width * look.height) as usize).unwrap_or_default();
    let wrong = luma.iter().find(|v| v.abs_diff(black) > one).or(chroma.iter().find(|v| **v != middle));
    match wrong {
        None if !luma.is_empty() && !chroma.is_empty() => Ok(()),
        None => Err(Error::internal(format!("a held picture of {} bytes", picture.len()))),
        Some(value) => Err(Error::internal(format!("a held picture shows {value}; expected black"))),
    }
}
