//! AC-3 and E-AC-3 in MP4 (ETSI TS 102 366, annexes E and F).

#[cfg(test)]
mod tests;

use crate::bits::BitReader;
use crate::error::{Error, Result};

/// Sampling periods in an AC-3 frame, and in one block of either coding.
pub const AC3_PERIODS: u32 = 1536;
const BLOCK_PERIODS: u32 = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    pub sample_rate: u32,
    pub channels: u16,
}

/// Full-bandwidth channels by `acmod`.
const CHANNELS: [u16; 8] = [2, 1, 2, 3, 3, 4, 4, 5];

fn rate(fscod: u32) -> Result<u32> {
    match [48000, 44100, 32000].get(fscod as usize) {
        Some(rate) => Ok(*rate),
        None => Err(Error::unsupported("Dolby sound at a reduced sampling rate")),
    }
}

/// Reads the body of a `dac3` box (annex F.4).
pub fn read_dac3(body: &[u8]) -> Result<Config> {
    let mut r = BitReader::new(body);
    let fscod = r.bits(2)?;
    r.skip(5 + 3)?; // bsid, bsmod
    let channels = CHANNELS[r.bits(3)? as usize] + r.bit()? as u16;
    Ok(Config { sample_rate: rate(fscod)?, channels })
}

/// Reads the body of a `dec3` box (annex F.6): its first independent substream.
pub fn read_dec3(body: &[u8]) -> Result<Config> {
    let mut r = BitReader::new(body);
    r.skip(13 + 3)?; // data_rate, num_ind_sub
    let fscod = r.bits(2)?;
    r.skip(5 + 1 + 1 + 3)?; // bsid, reserved, asvc, bsmod
    let mut channels = CHANNELS[r.bits(3)? as usize] + r.bit()? as u16;
    r.skip(3)?; // reserved
    if r.bits(4)? > 0 {
        channels += dependent_channels(r.bits(9)?);
    }
    Ok(Config { sample_rate: rate(fscod)?, channels })
}

/// Channels that dependent substreams add, by `chan_loc`: bits for pairs count twice.
fn dependent_channels(places: u32) -> u16 {
    let pairs = places & 0b0_0110_0011;
    (places.count_ones() + pairs.count_ones()) as u16
}

/// Sampling periods in an E-AC-3 sample: blocks of its first independent substream, summed over the
/// frames of the sample (annex E.1.2.2).
pub fn eac3_periods(sample: &[u8]) -> Result<u32> {
    let (mut rest, mut blocks) = (sample, 0);
    while !rest.is_empty() {
        let mut r = BitReader::new(rest);
        if r.bits(16)? != 0x0b77 {
            return Err(Error::invalid("an E-AC-3 frame without its sync word"));
        }
        let (dependent, substream) = (r.bits(2)? == 1, r.bits(3)?);
        let size = (r.bits(11)? as usize + 1) * 2;
        // Reduced rates (fscod 3) have no block count: they always hold six.
        let reduced = r.bits(2)? == 3;
        let count = [1, 2, 3, 6][r.bits(2)? as usize];
        if !dependent && substream == 0 {
            blocks += if reduced { 6 } else { count };
        }
        rest = rest
            .get(size..)
            .ok_or_else(|| Error::invalid("an E-AC-3 frame runs past the end of its sample"))?;
    }
    if blocks == 0 {
        Err(Error::invalid("an E-AC-3 sample without sound"))
    } else {
        Ok(blocks * BLOCK_PERIODS)
    }
}
