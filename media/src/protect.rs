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

use aes::Aes128Enc;
use aes::cipher::{Block, BlockModeEncrypt, InnerIvInit, KeyInit};

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
        let mut rest = payload;
        for sample in samples {
            let (bytes, tail) = rest
                .split_at_mut_checked(sample.size as usize)
                .ok_or_else(|| Error::internal("a segment with fewer bytes than its samples"))?;
            rest = tail;
            match &self.slices {
                None => self.encrypt_whole(bytes),
                Some(slices) => {
                    let map = slices.subsamples(bytes)?;
                    self.encrypt_pattern(bytes, &map);
                    maps.push(map);
                }
            }
        }
        if !rest.is_empty() {
            return Err(Error::internal("a segment with more bytes than its samples"));
        }
        Ok(cmaf::header_with(sequence, decode_time, delay, samples, |out| auxiliary(out, &maps)))
    }

    /// §10.4.2: every whole block of the sample, one chain.
    fn encrypt_whole(&self, sample: &mut [u8]) {
        let mut chain = self.chain();
        let (blocks, _) = Block::<Aes128Enc>::slice_as_chunks_mut(sample);
        chain.encrypt_blocks(blocks);
    }

    /// §10.4.1 and §9.6: in each run, one block in ten, one chain a run.
    fn encrypt_pattern(&self, sample: &mut [u8], map: &[Subsample]) {
        let mut rest = sample;
        for run in map {
            let (_, tail) = rest.split_at_mut(run.clear.into());
            let (protected, tail) = tail.split_at_mut(run.protected as usize);
            rest = tail;
            let mut chain = self.chain();
            for turn in protected.chunks_mut((PATTERN.0 + PATTERN.1) * BLOCK) {
                if let Some((block, _)) = turn.split_first_chunk_mut::<BLOCK>() {
                    chain.encrypt_block(block.into());
                }
            }
        }
    }

    fn chain(&self) -> cbc::Encryptor<Aes128Enc> {
        cbc::Encryptor::inner_iv_init(self.aes.clone(), &self.iv.into())
    }
}
