//! What ffmpeg is fed for one lot of patches, and the rendition's own frames as they come out.
//!
//! Invariants:
//! - A frame is decoded for a lot once. Encoders get it, and it is kept, raw, for the comparison with what
//!   they made.
//! - Pictures that nobody sees and that no other picture refers to are left out of the feed (`nal_ref_idc`
//!   is 0, ITU-T H.264 §7.4.1), so what leads to an in-point costs half. Every frame of the feed is timed
//!   as it is decoded, so none can be taken for another.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use media::index::{Block, Sample};
use media::{Error, Index, Result, h264};

use super::Wish;
use crate::stored::{Reel, Stored, Wanted, closed_prefix_for};

/// Copied frames that are decoded behind a patch that ends where a group ends.
const FOLLOWING: usize = 4;
/// The raw frames.
const KEPT: &str = "kept.yuv";

/// The copies that stand beside a patch: groups, and how many of their samples.
pub(super) struct Beside {
    /// From the start of the group that the patch begins in up to the patch, where they are a closed run.
    pub before: Option<(Block, usize)>,
    /// The start of the next group, where the patch ends with its own.
    pub after: Option<(Block, usize)>,
}

impl Beside {
    pub fn of(index: &Index, wish: &Wish) -> Result<Beside> {
        let block = index.block(index.block_of(wish.from))?;
        let count = (wish.from - block.first) as usize;
        let closed = count > 0 && block.closed_prefix(count) == count;
        let after = match group_from(index, wish.to) {
            Some(next) => {
                let block = index.block(next)?;
                let count = closed_prefix_for(&block, FOLLOWING);
                Some((block, count))
            }
            None => None,
        };
        Ok(Beside { before: closed.then_some((block, count)), after })
    }
}

/// The group that starts at a frame, if one does.
fn group_from(index: &Index, frame: u32) -> Option<usize> {
    (frame < index.samples() && index.is_sync(frame)).then(|| index.block_of(frame))
}

/// A lot's frames of the rendition, as a file for ffmpeg.
pub(super) struct Feed {
    pub name: &'static str,
    /// Frames of the track that are in it, ascending.
    frames: Vec<u32>,
    /// Those of them that are compared with something: ranges, end-exclusive, ascending.
    shown: Vec<(u32, u32)>,
}

impl Feed {
    pub fn write(track: Stored, wishes: &[&Wish], folder: &Path) -> Result<Feed> {
        let index = track.index;
        let mut wanted = Wanted::default();
        let mut shown = Vec::new();
        for wish in wishes {
            wanted.range(index, wish.from, wish.to);
            shown.push((wish.from, wish.to));
            let Beside { before, after } = Beside::of(index, wish)?;
            for (block, count) in before.iter().chain(&after) {
                shown.push((block.first, block.first + *count as u32));
            }
            if let Some((block, count)) = after {
                wanted.prefix(index.block_of(block.first), count);
            }
        }
        let shown = merged(shown);
        let mut reel = Reel::new(index.track());
        let mut frames = Vec::new();
        for (block, count) in wanted.blocks(index)? {
            let Kept { samples, payload, frames: kept } =
                Kept::of(&block, count, &track.samples(&block, count)?, &shown);
            reel.push(&samples, &payload)?;
            frames.extend(kept);
        }
        let name = "feed.mp4";
        crate::write(&folder.join(name), &reel.finish())?;
        Ok(Feed { name, frames, shown })
    }

    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Where a frame of the track stands in the feed.
    pub fn place(&self, frame: u32) -> Result<u32> {
        let found = self.frames.binary_search(&frame);
        found.map(|at| at as u32).map_err(|_| Error::internal(format!("frame {frame} was not fed")))
    }

    /// Arguments of an output of ffmpeg that keeps the frames which are compared, and its filter.
    pub fn kept(&self) -> Result<(String, [&'static str; 6])> {
        let mut terms = Vec::with_capacity(self.shown.len());
        for (from, to) in &self.shown {
            terms.push(format!("between(n,{},{})", self.place(*from)?, self.place(*to - 1)?));
        }
        Ok((
            format!("select='{}'", terms.join("+")),
            ["-fps_mode", "passthrough", "-f", "rawvideo", "-y", KEPT],
        ))
    }

    /// Opens what was kept, of `bytes` a frame.
    pub fn open_kept(&self, folder: &Path, bytes: usize) -> Result<Originals<'_>> {
        Originals::of(&folder.join(KEPT), &self.shown, bytes)
    }

    /// Frames that are kept.
    pub fn kept_frames(&self) -> u64 {
        self.shown.iter().map(|(from, to)| u64::from(to - from)).sum()
    }
}

/// Ranges in order, those that touch or overlap as one.
fn merged(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut out: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    for (from, to) in ranges {
        match out.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

/// What of a group is fed.
struct Kept {
    samples: Vec<Sample>,
    payload: Vec<u8>,
    /// Frames of the track, ascending.
    frames: Vec<u32>,
}

impl Kept {
    /// `payload` is that of the first `count` samples of the block.
    fn of(block: &Block, count: usize, payload: &[u8], shown: &[(u32, u32)]) -> Kept {
        let is_shown = |frame: u32| shown.iter().any(|(from, to)| (*from..*to).contains(&frame));
        let (mut fed, mut bytes) = (Vec::with_capacity(count), Vec::with_capacity(payload.len()));
        let mut rest = payload;
        for (n, sample) in block.samples[..count].iter().enumerate() {
            let (own, tail) = rest.split_at((sample.size as usize).min(rest.len()));
            rest = tail;
            let frame = (i64::from(block.first) + n as i64 + i64::from(sample.shift)) as u32;
            if is_shown(frame) || is_reference(own) {
                fed.push((frame, sample.size));
                bytes.extend_from_slice(own);
            }
        }
        let mut frames: Vec<u32> = fed.iter().map(|(frame, _)| *frame).collect();
        frames.sort_unstable();
        let samples = fed.iter().enumerate().map(|(n, (frame, size))| {
            let rank = frames.partition_point(|other| other < frame);
            Sample { size: *size, shift: rank as i32 - n as i32 }
        });
        Kept { samples: samples.collect(), payload: bytes, frames }
    }
}

/// Whether other pictures may refer to what a sample holds: a slice says so (`nal_ref_idc`, ITU-T H.264
/// §7.4.1). True where the sample cannot be read.
fn is_reference(sample: &[u8]) -> bool {
    // Slices have types 1 to 5 (Table 7-1).
    let refers = |byte: u8| (1..=5).contains(&(byte & 0x1f)) && byte & 0x60 != 0;
    h264::nals(sample).any(|nal| nal.map_or(true, |nal| nal.first().is_some_and(|byte| refers(*byte))))
}

/// Raw frames of the rendition as ffmpeg decoded them.
pub(super) struct Originals<'a> {
    file: File,
    path: PathBuf,
    shown: &'a [(u32, u32)],
    bytes: usize,
}

impl<'a> Originals<'a> {
    /// The frames `shown` of a track, in a file that holds nothing else.
    pub fn of(path: &Path, shown: &'a [(u32, u32)], bytes: usize) -> Result<Originals<'a>> {
        let file = File::open(path).map_err(|e| crate::disk(path, e))?;
        let length = file.metadata().map_err(|e| crate::disk(path, e))?.len();
        let frames: u32 = shown.iter().map(|(from, to)| to - from).sum();
        if length != u64::from(frames) * bytes as u64 {
            return Err(Error::internal(format!(
                "{length} bytes were kept of {frames} frames; expected {bytes} of each"
            )));
        }
        Ok(Originals { file, path: path.to_path_buf(), shown, bytes })
    }

    /// Reads a frame of the track; `into` is as long as a frame.
    pub fn read(&self, frame: u32, into: &mut [u8]) -> Result<()> {
        let mut before = 0;
        for (from, to) in self.shown {
            if (*from..*to).contains(&frame) {
                let at = u64::from(before + frame - from) * self.bytes as u64;
                return self.file.read_exact_at(into, at).map_err(|e| crate::disk(&self.path, e));
            }
            before += to - from;
        }
        Err(Error::internal(format!("frame {frame} was not kept")))
    }
}

#[cfg(test)]
mod tests;
