//! H.264 in MP4 (ITU-T H.264, ISO/IEC 14496-15 §5): NAL units behind four-byte lengths.

mod avcc;
mod slice;
mod sps;
#[cfg(test)]
mod tests;

pub use avcc::{Avcc, codec_string, free_sps_id, merge};
pub use slice::{SliceRules, is_slice};
pub use sps::{OrderCount, Pps, Sps, read_pps, read_sps};

use crate::bits::{BitReader, unescape};
use crate::error::{Error, Result};

/// `nal_unit_type` of Table 7-1.
const SLICE: u8 = 1;
const SLICE_PARTITION_C: u8 = 4;
const IDR_SLICE: u8 = 5;
const SPS: u8 = 7;
const PPS: u8 = 8;

/// The NAL units of a sample, each behind its length in four bytes.
///
/// Yields an error, and then ends, when a length runs past the end of the sample.
pub fn nals(sample: &[u8]) -> impl Iterator<Item = Result<&[u8]>> {
    let mut rest = sample;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let split = rest
            .split_first_chunk::<4>()
            .and_then(|(length, tail)| tail.split_at_checked(u32::from_be_bytes(*length) as usize));
        let Some((nal, tail)) = split else {
            let at = sample.len() - rest.len();
            rest = &[];
            return Some(Err(Error::invalid(format!(
                "the NAL unit at byte {at} of the sample runs past its {} bytes",
                sample.len()
            ))));
        };
        rest = tail;
        Some(Ok(nal))
    })
}

fn kind(nal: &[u8]) -> u8 {
    nal.first().map_or(0, |b| b & 0x1f)
}

/// Whether a sample is an IDR picture: its first slice says so (§7.4.1.2.4).
pub fn is_idr(sample: &[u8]) -> Result<bool> {
    Ok(first_slice(sample)?.is_some_and(|nal| kind(nal) == IDR_SLICE))
}

fn first_slice(sample: &[u8]) -> Result<Option<&[u8]>> {
    for nal in nals(sample) {
        let nal = nal?;
        if matches!(kind(nal), SLICE..=IDR_SLICE) {
            return Ok(Some(nal));
        }
    }
    Ok(None)
}

/// What Phim asks of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    pub idr: bool,
    /// Of an IDR picture; 0 otherwise.
    pub idr_pic_id: u16,
}

/// Checks every NAL unit of a sample, and reads its first slice header.
///
/// Fails when a length lies, when there is no picture, and when the sample brings parameter sets
/// that the entry does not list: Phim writes one init segment for all samples.
pub fn inspect(sample: &[u8], sets: &ParameterSets) -> Result<Picture> {
    let mut picture = None;
    for nal in nals(sample) {
        let nal = nal?;
        match kind(nal) {
            SPS | PPS if !sets.lists(nal) => {
                return Err(Error::unsupported(
                    "the sample carries a parameter set that its sample entry does not list",
                )
                .remedy("Add the film as a single file, so that Phim encodes its own ladder"));
            }
            IDR_SLICE if picture.is_none() => {
                picture = Some(Picture { idr: true, idr_pic_id: slice_idr_pic_id(nal, sets)? });
            }
            SLICE..=SLICE_PARTITION_C if picture.is_none() => {
                picture = Some(Picture { idr: false, idr_pic_id: 0 })
            }
            _ => {}
        }
    }
    picture.ok_or_else(|| Error::invalid("the sample holds no picture"))
}

/// `idr_pic_id` of the IDR picture in a sample (§7.4.3).
pub fn idr_pic_id(sample: &[u8], sets: &ParameterSets) -> Result<u16> {
    match first_slice(sample)? {
        Some(nal) if kind(nal) == IDR_SLICE => slice_idr_pic_id(nal, sets),
        _ => Err(Error::invalid("the sample is not an IDR picture")),
    }
}

/// Reads a slice header as far as `idr_pic_id` (§7.3.3).
fn slice_idr_pic_id(nal: &[u8], sets: &ParameterSets) -> Result<u16> {
    let header = unescape(nal, 64);
    let mut r = BitReader::new(header.get(1..).unwrap_or_default());
    r.ue()?; // first_mb_in_slice
    r.ue()?; // slice_type
    let sps = sets.of_picture(r.ue()?)?;
    if sps.separate_planes {
        r.bits(2)?; // colour_plane_id
    }
    r.bits(sps.frame_num_bits as u32)?;
    if sps.interlaced && r.bit()? {
        r.bit()?; // bottom_field_flag
    }
    let id = r.ue()?;
    u16::try_from(id).map_err(|_| Error::invalid(format!("idr_pic_id is {id}; expected at most 65535")))
}

/// The parameter sets that a sample entry lists, read.
#[derive(Clone, Debug)]
pub struct ParameterSets {
    sps: Vec<Sps>,
    pps: Vec<Pps>,
    nals: Vec<Vec<u8>>,
}

impl ParameterSets {
    pub fn of(avcc: &Avcc) -> Result<ParameterSets> {
        let sps = avcc.sps.iter().map(|nal| read_sps(nal)).collect::<Result<Vec<_>>>()?;
        let pps = avcc.pps.iter().map(|nal| read_pps(nal)).collect::<Result<Vec<_>>>()?;
        if sps.is_empty() || pps.is_empty() {
            return Err(Error::unsupported("the sample entry lists no parameter sets (avc3 or a damaged avcC)")
                .remedy("Rewrite the file with the sets in the sample entry, e.g. `ffmpeg -i IN -c copy -tag:v avc1 OUT.mp4`"));
        }
        Ok(ParameterSets { sps, pps, nals: avcc.sps.iter().chain(&avcc.pps).cloned().collect() })
    }
    /// The sequence parameter sets, at least one.
    pub fn sps(&self) -> &[Sps] {
        &self.sps
    }
    fn lists(&self, nal: &[u8]) -> bool {
        self.nals.iter().any(|known| known == nal)
    }
    fn of_picture(&self, pps_id: u32) -> Result<&Sps> {
        let pps = self.pps.iter().find(|p| p.id as u32 == pps_id);
        pps.and_then(|pps| self.sps.iter().find(|s| s.id == pps.sps_id)).ok_or_else(|| {
            Error::invalid(format!(
                "a slice refers to picture parameter set {pps_id}, which the sample entry does not list"
            ))
        })
    }
}
