//! Decodes patches together with the copied groups beside them, and compares with the rendition.

use std::ffi::OsString;
use std::path::Path;

use media::{Error, Index, Result, Track, h264};

use super::measure::{Measure, Measured, Worst};
use super::veil::Cover;
use super::{Feed, Wish, patience};
use crate::decoded;
use crate::draft::Draft;
use crate::encoder::Look;
use crate::sandbox::{Job, Limits, Sandbox};
use crate::stored::{Reel, Stored, closed_prefix_for};

/// Copied frames that are decoded behind a patch that ends where a group ends.
pub(super) const FOLLOWING: usize = 4;

/// A patch in its place.
pub(super) struct Window<'a> {
    pub wish: &'a Wish,
    pub covers: &'a [Cover],
    pub draft: &'a Draft,
}

/// A frame of the composed stream: where it stands in the feed, and, if it is a patch's, of which patch
/// it is which frame.
struct Expected {
    fed: u32,
    patch: Option<(usize, u32)>,
}

/// The block that starts at frame `to`, if one does.
pub(super) fn block_after(index: &Index, to: u32) -> Option<usize> {
    (to < index.samples() && index.is_sync(to)).then(|| index.block_of(to))
}

/// How far the worst frame of each patch is from what it must show. Fails when the composed stream does
/// not decode to the expected frames, or a copied frame changes.
pub(super) fn verify(
    sandbox: &Sandbox,
    track: Stored,
    look: &Look,
    windows: &[Window],
    feed: &Feed,
    folder: &Path,
) -> Result<Vec<Worst>> {
    let (composed, expected) = compose(track, windows, feed)?;
    crate::write(&folder.join("composed.mp4"), &composed)?;
    let decode = Decode { sandbox, track: track.index.track(), expected: &expected, feed, folder };
    let worst = if windows.iter().any(|window| !window.covers.is_empty()) {
        decode.and_measure(look, windows)?
    } else {
        decode.and_compare(windows.len())?
    };
    let hashes = |name: &str| decoded::read(&crate::read_file(&folder.join(name))?);
    let unit = track.index.track().unit_ticks;
    decoded::in_step(&hashes(TIMES)?, expected.len(), unit).map_err(in_place)?;
    let (ours, theirs) = (hashes(OURS)?, hashes(THEIRS)?);
    let (copies, fed) = (copies(&expected), copied(&expected));
    if (ours.len(), theirs.len()) != (copies.len(), fed.len()) {
        return Err(wrong(format!("{} of {} copies decode", ours.len(), copies.len())));
    }
    for (ours, n) in ours.iter().zip(copies) {
        let their = fed.binary_search(&expected[n as usize].fed).ok().map(|at| &theirs[at]);
        if their.is_none_or(|their| their.hash != ours.hash) {
            return Err(wrong(format!("frame {n}, a copy, decodes to another picture")));
        }
    }
    Ok(worst)
}

/// Frames of the composed stream that are copies.
fn copies(expected: &[Expected]) -> Vec<u32> {
    (0..).zip(expected).filter(|(_, e)| e.patch.is_none()).map(|(n, _)| n).collect()
}

/// Frames of the feed that they are copies of, each once and in order.
fn copied(expected: &[Expected]) -> Vec<u32> {
    let mut fed: Vec<u32> = expected.iter().filter(|e| e.patch.is_none()).map(|e| e.fed).collect();
    fed.sort_unstable();
    fed.dedup();
    fed
}

fn in_place(error: Error) -> Error {
    error.at("the patch decoded in its place")
}

fn wrong(what: String) -> Error {
    in_place(Error::internal(what))
}

/// The frames around every patch as they will be served: the copies before it, the patch, the copies
/// behind it.
fn compose(track: Stored, windows: &[Window], feed: &Feed) -> Result<(Vec<u8>, Vec<Expected>)> {
    let index = track.index;
    let first = windows.first().ok_or_else(|| Error::internal("nothing to verify"))?;
    let reorder =
        windows.iter().map(|w| w.draft.index.track().reorder).max().unwrap_or(0).max(index.track().reorder);
    // A patch whose sets cannot stand beside the rendition's has an init segment of its own; a decoder
    // starts anew there, so no copy belongs into its stream.
    let own = &first.draft.index.track().sample_entry;
    let apart = h264::merge(&index.track().sample_entry, own).is_err();
    let mut reel = Reel::new(&Track { reorder, ..(**first.draft.index.track()).clone() });
    let mut expected = Vec::new();
    for (n, Window { wish, draft, .. }) in windows.iter().enumerate() {
        let block = index.block(index.block_of(wish.from))?;
        let before = (wish.from - block.first) as usize;
        if !apart && before > 0 && block.closed_prefix(before) == before {
            reel.push(&block.samples[..before], &track.samples(&block, before)?)?;
            expect(&mut expected, feed, block.first, wish.from, None)?;
        }
        for m in 0..draft.index.blocks() {
            let block = draft.index.block(m)?;
            let bytes = &draft.samples[block.offset as usize..block.offset_of(block.samples.len()) as usize];
            reel.push(&block.samples, bytes)?;
        }
        expect(&mut expected, feed, wish.from, wish.to, Some(n))?;
        if let Some(next) = block_after(index, wish.to).filter(|_| !apart) {
            let block = index.block(next)?;
            let count = closed_prefix_for(&block, FOLLOWING);
            reel.push(&block.samples[..count], &track.samples(&block, count)?)?;
            expect(&mut expected, feed, block.first, block.first + count as u32, None)?;
        }
    }
    Ok((reel.finish(), expected))
}

fn expect(expected: &mut Vec<Expected>, feed: &Feed, from: u32, to: u32, patch: Option<usize>) -> Result<()> {
    for frame in from..to {
        expected.push(Expected { fed: feed.place(frame)?, patch: patch.map(|n| (n, frame - from)) });
    }
    Ok(())
}

/// Where ffmpeg writes when each frame of the composed stream is shown, and the hashes of the copies in it
/// and in the feed.
const TIMES: &str = "times.hash";
const OURS: &str = "composed.hash";
const THEIRS: &str = "feed.hash";

/// One ffmpeg decodes the composed stream and the feed, times every frame, hashes the copies, and lays the
/// frames of patches beside those of the rendition.
struct Decode<'a> {
    sandbox: &'a Sandbox,
    track: &'a Track,
    expected: &'a [Expected],
    feed: &'a Feed,
    folder: &'a Path,
}

impl Decode<'_> {
    /// For patches without veils: ffmpeg measures.
    fn and_compare(&self, patches: usize) -> Result<Vec<Worst>> {
        self.run("psnr=stats_file=psnr.log", &["-f", "null", "-"], 0, &mut |_| Ok(()))?;
        let worst = worst(&crate::read_file(&self.folder.join("psnr.log"))?, self.expected, patches)?;
        Ok(worst.into_iter().map(|outside| Worst { outside, inside: None }).collect())
    }

    /// For patches with veils: ffmpeg hands over the frames as they are.
    fn and_measure(&self, look: &Look, windows: &[Window]) -> Result<Vec<Worst>> {
        let frames = self.expected.iter().filter_map(|e| e.patch).map(|(patch, frame)| {
            let covers = windows[patch].covers.iter();
            Measured {
                patch,
                veils: covers.filter_map(|cover| Some((cover.kind, cover.at(frame)?))).collect(),
            }
        });
        let mut measure = Measure::new(look, frames.collect(), windows.len());
        let output = ["-fps_mode", "passthrough", "-f", "rawvideo", "-"];
        self.run("vstack", &output, measure.bytes(), &mut |bytes| measure.take(bytes))?;
        measure.finish()
    }

    /// `beside` is the filter that both go into, `output` what becomes of its frames.
    fn run(
        &self,
        beside: &str,
        output: &[&str],
        bytes: u64,
        written: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let patched = || self.expected.iter().enumerate().filter(|(_, e)| e.patch.is_some());
        let ours = ranges(patched().map(|(n, _)| n as u32));
        let theirs = ranges(patched().map(|(_, e)| e.fed));
        let our_copies = ranges(copies(self.expected).into_iter());
        let their_copies = ranges(copied(self.expected).into_iter());
        let Track { unit_ticks: unit, timescale: scale, .. } = self.track;
        let graph = format!(
            "[0:v]select='{ours}',settb=1/{scale},setpts=N*{unit}[p];\
             [1:v]select='{theirs}',settb=1/{scale},setpts=N*{unit}[f];[p][f]{beside}[d]"
        );
        let mut args: Vec<OsString> = ["-v", "error"].map(Into::into).to_vec();
        for input in ["composed.mp4", self.feed.name] {
            args.extend(["-noautorotate", "-i", input].map(OsString::from));
        }
        args.push("-filter_complex".into());
        args.push(graph.into());
        // A corner is enough to time a frame by, and costs nothing to hash.
        args.extend(decoded::output("0:v", "crop=2:2:0:0", TIMES));
        args.extend(decoded::output("0:v", &format!("select='{our_copies}'"), OURS));
        args.extend(decoded::output("1:v", &format!("select='{their_copies}'"), THEIRS));
        args.extend(["-map", "[d]"].iter().chain(output).map(OsString::from));
        let mut job = Job::new("the check of patches", args);
        job.folder = Some(self.folder);
        let pixels = self.expected.len() as u64 * self.track.width as u64 * self.track.height as u64;
        job.limits = Limits { output: bytes + (1 << 16), wall: patience(pixels), ..Limits::default() };
        self.sandbox.run_ffmpeg(job, written).map(drop)
    }
}

/// An expression that is true for the given frame numbers, which ascend; for none when there are none.
fn ranges(numbers: impl Iterator<Item = u32>) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for n in numbers {
        match runs.last_mut() {
            Some(run) if run.1 + 1 == n => run.1 = n,
            _ => runs.push((n, n)),
        }
    }
    let terms = runs.iter().map(|(from, to)| format!("between(n,{from},{to})"));
    std::iter::once("0".to_string()).chain(terms).collect::<Vec<_>>().join("+")
}

/// Reads ffmpeg's statistics, one line a frame of a patch, and gives the worst of each patch.
fn worst(text: &[u8], expected: &[Expected], patches: usize) -> Result<Vec<u32>> {
    let text = String::from_utf8_lossy(text);
    let measured = text.lines().map(|line| {
        let value = line.split_whitespace().find_map(|word| word.strip_prefix("psnr_y:"));
        let decibels = value.and_then(|value| value.parse::<f64>().ok());
        // Equal frames are infinitely close; the conversion saturates.
        decibels.map(|db| (db * 100.0) as u32).ok_or_else(|| wrong(format!("a statistic reads {line:?}")))
    });
    let measured = measured.collect::<Result<Vec<u32>>>()?;
    let owners: Vec<usize> = expected.iter().filter_map(|e| e.patch).map(|(owner, _)| owner).collect();
    if measured.len() != owners.len() {
        return Err(wrong(format!(
            "{} frames of patches were measured; expected {}",
            measured.len(),
            owners.len()
        )));
    }
    let mut worst = vec![u32::MAX; patches];
    owners.iter().zip(measured).for_each(|(owner, db)| worst[*owner] = worst[*owner].min(db));
    Ok(worst)
}
