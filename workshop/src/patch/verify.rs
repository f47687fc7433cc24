//! Decodes patches together with the copied groups beside them, and compares with the rendition.

use std::ffi::OsString;
use std::path::Path;

use media::{Error, Index, Result, Track, h264};

use super::{Feed, Wish};
use crate::draft::Draft;
use crate::sandbox::{Job, Limits, Sandbox};
use crate::stored::{Reel, Stored, closed_prefix_for};

/// Copied frames that are decoded behind a patch that ends where a group ends.
pub(super) const FOLLOWING: usize = 4;

/// A patch in its place.
pub(super) struct Window<'a> {
    pub wish: Wish,
    pub draft: &'a Draft,
}

/// A frame of the composed stream: where it stands in the feed, and whose patch it is, if any.
struct Expected {
    fed: u32,
    patch: Option<usize>,
}

/// The block that starts at frame `to`, if one does.
pub(super) fn block_after(index: &Index, to: u32) -> Option<usize> {
    (to < index.samples() && index.is_sync(to)).then(|| index.block_of(to))
}

/// Luma PSNR of the worst frame of each patch, in hundredths of a decibel. Fails when the composed
/// stream does not decode to the expected frames, or a copied frame changes.
pub(super) fn verify(
    sandbox: &Sandbox,
    track: Stored,
    windows: &[Window],
    feed: &Feed,
    folder: &Path,
) -> Result<Vec<u32>> {
    let (composed, expected) = compose(track, windows, feed)?;
    crate::write(&folder.join("composed.mp4"), &composed)?;
    decode(sandbox, track.index.track(), &expected, feed, folder)?;
    let unit = track.index.track().unit_ticks as u64;
    let ours = hashes(&crate::read_file(&folder.join("composed.hash"))?)?;
    let theirs = hashes(&crate::read_file(&folder.join("feed.hash"))?)?;
    if ours.len() != expected.len() {
        return Err(wrong(format!("{} frames decode; expected {}", ours.len(), expected.len())));
    }
    for (n, (frame, expected)) in ours.iter().zip(&expected).enumerate() {
        if frame.pts != n as u64 * unit {
            return Err(wrong(format!(
                "frame {n} is shown at tick {}; expected {}",
                frame.pts,
                n as u64 * unit
            )));
        }
        let same = theirs.get(expected.fed as usize).is_some_and(|their| their.hash == frame.hash);
        if expected.patch.is_none() && !same {
            return Err(wrong(format!("frame {n}, a copy, decodes to another picture")));
        }
    }
    worst(&crate::read_file(&folder.join("psnr.log"))?, &expected, windows.len())
}

fn wrong(what: String) -> Error {
    Error::internal(what).at("the patch decoded in its place")
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
    for (n, Window { wish, draft }) in windows.iter().enumerate() {
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
        expected.push(Expected { fed: feed.place(frame)?, patch });
    }
    Ok(())
}

/// One ffmpeg decodes both files, hashes every frame, and measures the patches.
fn decode(sandbox: &Sandbox, track: &Track, expected: &[Expected], feed: &Feed, folder: &Path) -> Result<()> {
    let ours = ranges(expected.iter().enumerate().filter(|(_, e)| e.patch.is_some()).map(|(n, _)| n as u32));
    let theirs = ranges(expected.iter().filter(|e| e.patch.is_some()).map(|e| e.fed));
    let unit = track.unit_ticks;
    let graph = format!(
        "[0:v]select='{ours}',settb=1/{scale},setpts=N*{unit}[p];[1:v]select='{theirs}',settb=1/{scale},setpts=N*{unit}[f];\
         [p][f]psnr=stats_file=psnr.log[d]",
        scale = track.timescale
    );
    let mut args: Vec<OsString> =
        ["-v", "error", "-i", "composed.mp4", "-i", feed.name, "-filter_complex"].map(Into::into).to_vec();
    args.push(graph.into());
    for (input, name) in [("0:v", "composed.hash"), ("1:v", "feed.hash")] {
        args.extend(["-map", input, "-fps_mode", "passthrough", "-enc_time_base", "-1"].map(OsString::from));
        args.extend(["-f", "framehash", "-hash", "murmur3", "-y", name].map(OsString::from));
    }
    args.extend(["-map", "[d]", "-f", "null", "-"].map(OsString::from));
    let mut job = Job::new("the check of patches", args);
    job.folder = Some(folder);
    job.limits = Limits { output: 1 << 16, ..Limits::default() };
    sandbox.run_ffmpeg(job, &mut |_| Ok(())).map(drop)
}

/// An expression that is true for the given frame numbers, which ascend.
fn ranges(numbers: impl Iterator<Item = u32>) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for n in numbers {
        match runs.last_mut() {
            Some(run) if run.1 + 1 == n => run.1 = n,
            _ => runs.push((n, n)),
        }
    }
    runs.iter().map(|(from, to)| format!("between(n,{from},{to})")).collect::<Vec<_>>().join("+")
}

struct Hashed {
    pts: u64,
    hash: String,
}

/// Reads ffmpeg's framehash: `stream, dts, pts, duration, size, hash` a line.
fn hashes(text: &[u8]) -> Result<Vec<Hashed>> {
    let text = std::str::from_utf8(text).map_err(|_| wrong("the frame hashes are not text".into()))?;
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let read = |line: &str| {
        let mut fields = line.split(',').map(str::trim);
        let pts = fields.nth(2)?.parse().ok()?;
        Some(Hashed { pts, hash: fields.nth(2)?.to_string() })
    };
    lines.map(|line| read(line).ok_or_else(|| wrong(format!("a frame hash reads {line:?}")))).collect()
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
    let owners: Vec<usize> = expected.iter().filter_map(|e| e.patch).collect();
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
