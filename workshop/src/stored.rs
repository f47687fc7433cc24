//! A stored track as the workshop reads it, and the small files in which it hands frames to ffmpeg.

use std::collections::BTreeMap;

use media::index::{Block, Sample};
use media::{Error, Index, Result, cmaf};

/// A stored track: its index, and a way to read bytes of its blob (offset and length).
#[derive(Clone, Copy)]
pub struct Stored<'a> {
    pub index: &'a Index,
    pub read: &'a (dyn Fn(u64, u64) -> Result<Vec<u8>> + Sync),
}

impl Stored<'_> {
    /// The bytes of the first `count` samples of a block.
    pub(crate) fn samples(&self, block: &Block, count: usize) -> Result<Vec<u8>> {
        let len = block.offset_of(count) - block.offset;
        let bytes = (self.read)(block.offset, len)?;
        if bytes.len() as u64 != len {
            return Err(Error::new(
                media::Kind::DataLoss,
                format!("read {} of {len} bytes of a stored track", bytes.len()),
            ));
        }
        Ok(bytes)
    }
}

/// A fragmented MP4 file of closed groups, made with the very code that makes segments.
pub(crate) struct Reel {
    bytes: Vec<u8>,
    unit_ticks: u32,
    reorder: i64,
    frames: u32,
    fragments: u32,
}

impl Reel {
    /// `track` must list the parameter sets of all groups; `track.reorder` must be the most of any.
    pub fn new(track: &media::Track) -> Reel {
        let delay = track.reorder as u32 * track.unit_ticks;
        Reel {
            bytes: cmaf::init(track, delay, "und"),
            unit_ticks: track.unit_ticks,
            reorder: track.reorder as i64,
            frames: 0,
            fragments: 0,
        }
    }

    /// Adds one group, or a closed prefix of one, and gives the number of its first frame.
    pub fn push(&mut self, samples: &[Sample], payload: &[u8]) -> Result<u32> {
        let unit = self.unit_ticks;
        let written = samples.iter().enumerate().map(|(n, sample)| {
            let offset = u32::try_from((sample.shift as i64 + self.reorder) * unit as i64);
            let offset = offset.map_err(|_| Error::internal("a frame is shown before it is decoded"))?;
            Ok(cmaf::Sample { size: sample.size, duration: unit, offset, sync: n == 0 })
        });
        let written = written.collect::<Result<Vec<_>>>()?;
        let first = self.frames;
        self.fragments += 1;
        let header = cmaf::fragment_header(self.fragments, first as u64 * unit as u64, &written);
        self.bytes.extend(header);
        self.bytes.extend(payload);
        self.frames += samples.len() as u32;
        Ok(first)
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// The samples of a block that must be decoded to see its first `frames` frames, and which make a
/// whole by themselves: the shortest prefix, closed in decode and in presentation order.
pub(crate) fn closed_prefix_for(block: &Block, frames: usize) -> usize {
    let mut highest = -1i64;
    for (n, sample) in block.samples.iter().enumerate() {
        highest = highest.max(n as i64 + sample.shift as i64);
        if highest == n as i64 && n + 1 >= frames {
            return n + 1;
        }
    }
    block.samples.len()
}

/// Which blocks are wanted, and how many of each one's frames.
#[derive(Default)]
pub(crate) struct Wanted(BTreeMap<usize, usize>);

impl Wanted {
    /// Wants the first `frames` frames of block `n`.
    pub fn prefix(&mut self, n: usize, frames: usize) {
        let count = self.0.entry(n).or_default();
        *count = (*count).max(frames);
    }

    /// Wants what must be decoded to see frames `from` to `to` of the track.
    pub fn range(&mut self, index: &Index, from: u32, to: u32) {
        for n in index.block_of(from)..=index.block_of(to - 1) {
            self.prefix(n, (to.min(index.block_first(n + 1)) - index.block_first(n)) as usize);
        }
    }

    /// The wanted blocks in order, each with the samples to take.
    pub fn blocks(&self, index: &Index) -> Result<Vec<(Block, usize)>> {
        let all = self.0.iter().map(|(n, frames)| {
            let block = index.block(*n)?;
            let count = closed_prefix_for(&block, *frames);
            Ok((block, count))
        });
        all.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(shifts: &[i32]) -> Block {
        let samples = shifts.iter().map(|shift| Sample { size: 1, shift: *shift }).collect();
        Block { first: 0, offset: 0, samples, idr_pic_id: 0 }
    }

    #[test]
    fn a_prefix_is_closed_in_both_orders() {
        // Decode order I0 P4 B2 B1 B3 P5.
        let block = block(&[0, 3, 0, -2, -1, 0]);
        let prefixes: Vec<usize> = (1..=6).map(|frames| closed_prefix_for(&block, frames)).collect();
        assert_eq!(prefixes, [1, 5, 5, 5, 5, 6]);
    }
}
