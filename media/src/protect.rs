//! Encryption of stored samples as they are served: scheme `cbcs` of ISO/IEC 23001-7 (here §).
//!
//! Clear and encrypted segments come from the same stored bytes: encrypted ones have another sample
//! entry in their init segment, boxes in their `moof` that say which bytes are encrypted, and one
//! block of sixteen bytes in ten replaced.
//!
//! Invariants:
//! - The output is a function of samples, key and constant IV.
//! - Sizes do not change: a partial block stays clear (§9.4), so offsets, ranges and bit rates stand.
//! - What must be readable without a key is clear: lengths and headers of NAL units and of slices
//!   (§9.5.2); all picture behind a slice header is under the pattern, and no NAL unit with picture
//!   of a kind that is not understood passes.

mod boxes;
mod slices;
#[cfg(test)]
mod tests;

use std::ops::Range;

use aes::Aes128Enc;
use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};

use boxes::auxiliary;
pub use boxes::{COMMON_SYSTEM, init, pssh};
use slices::SliceMap;

use crate::cmaf::{self, Sample};
use crate::error::{Error, Result};
use crate::track::{Codec, Track, TrackKind};

/// Bytes of a block of AES.
const BLOCK: usize = 16;
/// Blocks encrypted and skipped in turn in video (§10.4.1).
const PATTERN: (usize, usize) = (1, 9);

/// Chains that are encrypted side by side: as many blocks as processors take into work at once.
const CHAINS: usize = 8;

/// What everybody may know of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// Names the key.
    pub key_id: [u8; 16],
    /// The constant IV of every sample (`default_constant_IV`).
    pub iv: [u8; 16],
    /// Whole `pssh` boxes for DRM systems that want one in the init segment.
    pub systems: Vec<Vec<u8>>,
}

/// A run of clear bytes, then one of bytes under the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subsample {
    pub clear: u16,
    pub protected: u32,
}

/// Encrypts the samples of one track.
pub struct Protector {
    aes: Aes128Enc,
    iv: [u8; 16],
    /// Which bytes of a video sample are picture; sound is encrypted whole.
    slices: Option<SliceMap>,
}

impl Protector {
    /// Fails with `Unsupported` for codings whose headers Phim does not read: so far pictures must be
    /// H.264; sound is any.
    pub fn new(track: &Track, key: &[u8; 16], iv: &[u8; 16]) -> Result<Protector> {
        let slices = match (track.kind(), track.codec) {
            (TrackKind::Audio, _) => None,
            (TrackKind::Video, Codec::Avc) => Some(SliceMap::of(&track.sample_entry)?),
            (TrackKind::Video, codec) => {
                return Err(Error::unsupported(format!("encryption of {} pictures", codec.name()))
                    .remedy("Protect a title whose ladder is H.264"));
            }
        };
        Ok(Protector { aes: Aes128Enc::new(key.into()), iv: *iv, slices })
    }

    /// Encrypts the samples of a segment in place and answers with the bytes that stand before them:
    /// `styp`, `moof` and the header of `mdat`. `payload` holds exactly `samples`, in decode order;
    /// the other arguments are those of [`cmaf::undelayed_fragment_header`].
    pub fn fragment(
        &self,
        sequence: u32,
        decode_time: u64,
        delay: u32,
        samples: &[Sample],
        payload: &mut [u8],
    ) -> Result<Vec<u8>> {
        let mut maps: Vec<Vec<Subsample>> = Vec::new();
        let mut runs: Vec<Range<usize>> = Vec::with_capacity(samples.len());
        let mut at = 0;
        for sample in samples {
            let end = at + sample.size as usize;
            let bytes = payload
                .get(at..end)
                .ok_or_else(|| Error::internal("a segment with fewer bytes than its samples"))?;
            match &self.slices {
                None => runs.push(at..end),
                Some(slices) => {
                    let map = slices.subsamples(bytes)?;
                    runs.extend(protected(&map, at));
                    maps.push(map);
                }
            }
            at = end;
        }
        if at != payload.len() {
            return Err(Error::internal("a segment with more bytes than its samples"));
        }
        // §10.4.2: every whole block of a sample of sound. §10.4.1 and §9.6: one in ten of picture.
        let step = if self.slices.is_some() { PATTERN.0 + PATTERN.1 } else { 1 };
        self.encrypt(payload, &runs, step * BLOCK);
        Ok(cmaf::header_with(sequence, decode_time, delay, samples, |out| auxiliary(out, &maps)))
    }

    /// Encrypts a block every `step` bytes of each run, one chain a run. A block of a chain waits for the
    /// one before it, so several chains go side by side.
    fn encrypt(&self, payload: &mut [u8], runs: &[Range<usize>], step: usize) {
        let mut waiting = runs.iter().filter(|run| run.len() >= BLOCK);
        let mut chains: Vec<(Range<usize>, Block<Aes128Enc>)> = Vec::with_capacity(CHAINS);
        let mut blocks = [Block::<Aes128Enc>::default(); CHAINS];
        loop {
            while chains.len() < CHAINS
                && let Some(run) = waiting.next()
            {
                chains.push((run.clone(), self.iv.into()));
            }
            if chains.is_empty() {
                return;
            }
            for ((run, last), block) in chains.iter().zip(&mut blocks) {
                block.copy_from_slice(&payload[run.start..][..BLOCK]);
                block.iter_mut().zip(last).for_each(|(byte, last)| *byte ^= last);
            }
            self.aes.encrypt_blocks(&mut blocks[..chains.len()]);
            for ((run, last), block) in chains.iter_mut().zip(&blocks) {
                payload[run.start..][..BLOCK].copy_from_slice(block);
                *last = *block;
                run.start += step;
            }
            chains.retain(|(run, _)| run.start + BLOCK <= run.end);
        }
    }
}

/// Where the bytes under the pattern of a sample that begins at `at` stand.
fn protected(map: &[Subsample], mut at: usize) -> impl Iterator<Item = Range<usize>> {
    map.iter().map(move |run| {
        let from = at + usize::from(run.clear);
        at = from + run.protected as usize;
        from..at
    })
}
