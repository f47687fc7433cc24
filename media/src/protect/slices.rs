//! Which bytes of an H.264 sample are picture (ISO/IEC 23001-7 §9.5.2.2).

use super::Subsample;
use crate::error::{Error, Result};
use crate::h264::{Avcc, SliceRules, is_slice, nals};

/// Subsamples of one sample at most: their map's size is written in one byte (ISO/IEC 14496-12 §8.7.8),
/// two for the count and six for each.
const MAX_SUBSAMPLES: usize = (u8::MAX as usize - 2) / 6;
/// Bytes before a NAL unit that say its length.
const LENGTH: usize = 4;

/// Finds the subsamples of the samples of one track.
pub struct SliceMap {
    rules: SliceRules,
}

impl SliceMap {
    pub fn of(sample_entry: &[u8]) -> Result<SliceMap> {
        Ok(SliceMap { rules: SliceRules::of(&Avcc::of_entry(sample_entry)?)? })
    }

    /// Lengths, headers and NAL units without picture are clear; the data of every slice is protected,
    /// to its end.
    pub fn subsamples(&self, sample: &[u8]) -> Result<Vec<Subsample>> {
        let mut map = Vec::new();
        let mut clear = 0;
        for nal in nals(sample) {
            let nal = nal?;
            clear += LENGTH;
            if !is_slice(nal) {
                refuse_other_picture(nal)?;
                clear += nal.len();
                continue;
            }
            let header = self.rules.header_len(nal)?.min(nal.len());
            clear += header;
            let protected = nal.len() - header;
            if protected > 0 {
                push(&mut map, clear, protected as u32);
                clear = 0;
            }
        }
        if clear > 0 {
            push(&mut map, clear, 0);
        }
        if map.len() > MAX_SUBSAMPLES {
            return Err(Error::unsupported(format!(
                "a picture of {} slices; {MAX_SUBSAMPLES} can be encrypted",
                map.len()
            )));
        }
        Ok(map)
    }
}

/// Adds a run; clear bytes that two bytes cannot count become runs of their own.
fn push(map: &mut Vec<Subsample>, mut clear: usize, protected: u32) {
    while clear > u16::MAX.into() {
        map.push(Subsample { clear: u16::MAX, protected: 0 });
        clear -= usize::from(u16::MAX);
    }
    map.push(Subsample { clear: clear as u16, protected });
}

/// Data partitions, auxiliary pictures and the extensions for layers and views hold picture whose headers
/// are not read here; they must not pass in the clear.
fn refuse_other_picture(nal: &[u8]) -> Result<()> {
    match nal.first().map_or(0, |b| b & 0x1f) {
        kind @ (2..=4 | 19..=21) => {
            Err(Error::unsupported(format!("encryption of NAL units of type {kind}")))
        }
        _ => Ok(()),
    }
}
