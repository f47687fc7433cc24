//! Decodes patches together with the copied groups beside them, and compares with the rendition.

use std::ffi::OsString;
use std::path::Path;

use media::{Error, Result, Track, h264};

use super::feed::{Beside, Feed};
use super::measure::{Judged, Measure, Worst};
use super::sign::{Board, Post};
use super::veil::Cover;
use super::{Wish, patience};
use crate::decoded;
use crate::draft::Draft;
use crate::encoder::Look;
use crate::sandbox::{Job, Limits, Sandbox};
use crate::stored::{Reel, Stored};

/// A patch in its place.
pub(super) struct Window<'a> {
    pub wish: &'a Wish,
    pub covers: &'a [Cover],
    pub posts: &'a [Post],
    pub draft: &'a Draft,
}

/// How far the worst frame of each patch is from what it must show. Fails when the composed stream does
/// not decode to the expected frames, or a copied frame changes. `feed` must have been decoded.
pub(super) fn verify(
    sandbox: &Sandbox,
    track: Stored,
    (look, boards): (&Look, &[Board]),
    windows: &[Window],
    feed: &Feed,
    folder: &Path,
) -> Result<Vec<Worst>> {
    let (composed, judged) = compose(track, windows)?;
    crate::write(&folder.join(COMPOSED), &composed)?;
    let frames = judged.len();
    let originals = feed.open_kept(folder, Measure::frame_bytes(look))?;
    let mut measure = Measure::new((look, boards), judged, windows.len(), &originals);
    let own = track.index.track();
    decode(sandbox, own, frames, folder, &mut measure).map_err(in_place)?;
    let times = decoded::read(&crate::read_file(&folder.join(TIMES))?)?;
    decoded::in_step(&times, frames, own.unit_ticks).map_err(in_place)?;
    measure.finish().map_err(in_place)
}

fn in_place(error: Error) -> Error {
    error.at("the patch decoded in its place")
}

/// The frames around every patch as they will be served: the copies before it, the patch, the copies
/// behind it.
fn compose(track: Stored, windows: &[Window]) -> Result<(Vec<u8>, Vec<Judged>)> {
    let index = track.index;
    let first = windows.first().ok_or_else(|| Error::internal("nothing to verify"))?;
    let reorder =
        windows.iter().map(|w| w.draft.index.track().reorder).max().unwrap_or(0).max(index.track().reorder);
    // A patch whose sets cannot stand beside the rendition's has an init segment of its own; a decoder
    // starts anew there, so no copy belongs into its stream.
    let own = &first.draft.index.track().sample_entry;
    let apart = h264::merge(&index.track().sample_entry, own).is_err();
    let mut reel = Reel::new(&Track { reorder, ..(**first.draft.index.track()).clone() });
    let mut judged = Vec::new();
    let copy = |frame: u32| Judged { frame, patch: None, veils: Vec::new(), signs: Vec::new() };
    for (n, Window { wish, covers, posts, draft }) in windows.iter().enumerate() {
        let Beside { before, after } = Beside::of(index, wish)?;
        if let Some((block, count)) = before.filter(|_| !apart) {
            reel.push(&block.samples[..count], &track.samples(&block, count)?)?;
            judged.extend((block.first..wish.from).map(copy));
        }
        for m in 0..draft.index.blocks() {
            let block = draft.index.block(m)?;
            let bytes = &draft.samples[block.offset as usize..block.offset_of(block.samples.len()) as usize];
            reel.push(&block.samples, bytes)?;
        }
        judged.extend((wish.from..wish.to).map(|frame| {
            let veils = covers.iter().filter_map(|cover| Some((cover.kind, cover.at(frame - wish.from)?)));
            let stands = |post: &&Post| (post.from..post.to).contains(&(frame - wish.from));
            let signs = posts.iter().filter(stands).map(|post| post.board);
            Judged { frame, patch: Some(n), veils: veils.collect(), signs: signs.collect() }
        }));
        if let Some((block, count)) = after.filter(|_| !apart) {
            reel.push(&block.samples[..count], &track.samples(&block, count)?)?;
            judged.extend((block.first..).take(count).map(copy));
        }
    }
    Ok((reel.finish(), judged))
}

const COMPOSED: &str = "composed.mp4";
/// Where ffmpeg writes when each frame of the composed stream is shown.
const TIMES: &str = "times.hash";

/// One ffmpeg decodes the composed stream, times every frame and hands it over as it is.
fn decode(
    sandbox: &Sandbox,
    track: &Track,
    frames: usize,
    folder: &Path,
    measure: &mut Measure,
) -> Result<()> {
    let mut args: Vec<OsString> =
        ["-v", "error", "-noautorotate", "-i", COMPOSED].map(OsString::from).to_vec();
    args.extend(decoded::times("0:v", TIMES));
    args.extend(["-map", "0:v", "-fps_mode", "passthrough", "-f", "rawvideo", "-"].map(OsString::from));
    let mut job = Job::new("the check of patches", args);
    job.folder = Some(folder);
    let pixels = frames as u64 * u64::from(track.width) * u64::from(track.height);
    job.limits = Limits { output: measure.bytes(), wall: patience(pixels), ..Limits::default() };
    sandbox.run_ffmpeg(job, &mut |bytes| measure.take(bytes)).map(drop)
}
