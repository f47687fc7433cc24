//! HEVC in MP4 (ITU-T H.265, ISO/IEC 14496-15 §8): its configuration and its random access points.

#[cfg(test)]
mod tests;

use crate::error::{Error, Result};
use crate::h264::nals;

/// What Phim needs of an `hvcC` box (ISO/IEC 14496-15 §8.3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    profile_space: u8,
    high_tier: bool,
    profile: u8,
    compatibility: u32,
    constraints: [u8; 6],
    level: u8,
    /// 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.
    pub chroma: u8,
    pub luma_depth: u8,
    /// Bytes of the length before each NAL unit.
    pub length_size: u8,
}

impl Config {
    /// Reads the body of an `hvcC` box.
    pub fn read(body: &[u8]) -> Result<Config> {
        let b: &[u8; 23] =
            body.first_chunk().ok_or_else(|| Error::invalid("the hvcC box ends before its fields do"))?;
        if b[0] != 1 {
            return Err(Error::unsupported(format!("an hvcC box of version {}; expected 1", b[0])));
        }
        Ok(Config {
            profile_space: b[1] >> 6,
            high_tier: b[1] & 0x20 != 0,
            profile: b[1] & 0x1f,
            compatibility: u32::from_be_bytes([b[2], b[3], b[4], b[5]]),
            constraints: [b[6], b[7], b[8], b[9], b[10], b[11]],
            level: b[12],
            chroma: b[16] & 3,
            luma_depth: (b[17] & 7) + 8,
            length_size: (b[21] & 3) + 1,
        })
    }

    /// E.g. `hvc1.1.6.L93.B0` (ISO/IEC 14496-15 annex E.3). `kind` is `hvc1` or `hev1`.
    pub fn codec_string(&self, kind: &str) -> String {
        let space = ["", "A", "B", "C"][self.profile_space as usize & 3];
        let tier = if self.high_tier { 'H' } else { 'L' };
        // The flags are written with the first one as the lowest bit.
        let mut text = format!(
            "{kind}.{space}{}.{:X}.{tier}{}",
            self.profile,
            self.compatibility.reverse_bits(),
            self.level
        );
        let used = self.constraints.iter().rposition(|b| *b != 0).map_or(0, |n| n + 1);
        for byte in &self.constraints[..used] {
            text.push_str(&format!(".{byte:X}"));
        }
        text
    }
}

/// How a decoder may enter the stream at a picture (§7.4.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// An IDR picture: nothing after it refers to before it.
    Idr,
    /// A broken-link access picture: what leads it is not decodable and not shown.
    Broken,
    /// A clean random access picture: pictures that lead it may refer to before it.
    Clean,
    /// Not an entry.
    None,
}

const VCL: std::ops::Range<u8> = 0..32;
const BLA: std::ops::RangeInclusive<u8> = 16..=18;
const IDR: std::ops::RangeInclusive<u8> = 19..=20;
const CRA: u8 = 21;

/// Checks every NAL unit of a sample; answers how its first picture may be entered.
pub fn access(sample: &[u8]) -> Result<Access> {
    let mut found = None;
    for nal in nals(sample) {
        let kind = nal?.first().map_or(u8::MAX, |b| b >> 1 & 0x3f);
        if VCL.contains(&kind) && found.is_none() {
            found = Some(match kind {
                CRA => Access::Clean,
                k if IDR.contains(&k) => Access::Idr,
                k if BLA.contains(&k) => Access::Broken,
                _ => Access::None,
            });
        }
    }
    found.ok_or_else(|| Error::invalid("the sample holds no picture"))
}
