//! AAC's configuration (ISO/IEC 14496-3 §1.6) inside `esds` (ISO/IEC 14496-1 §7.2.6, 14496-14).

#[cfg(test)]
mod tests;

use crate::bits::BitReader;
use crate::error::{Error, Result};

/// Object types of MPEG-4 audio.
const LC: u32 = 2;
const SBR: u32 = 5;
const PS: u32 = 29;

/// `objectTypeIndication`: MPEG-4 audio, and MPEG-2 AAC LC.
const MPEG4_AUDIO: u8 = 0x40;
const MPEG2_LC: u8 = 0x67;

const RATES: [u32; 13] =
    [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    indication: u8,
    object: u32,
    /// Samples a second of the core coder, and periods of it in one frame: 1024 or 960.
    pub core_rate: u32,
    pub frame_length: u32,
    /// Samples a second that are heard; with SBR twice the core's.
    pub sample_rate: u32,
    /// `None` when only the bitstream says it.
    pub channels: Option<u16>,
}

impl Config {
    /// Reads the body of an `esds` box.
    pub fn of_esds(body: &[u8]) -> Result<Config> {
        let stream = descriptor(body.get(4..).unwrap_or_default(), 3)?;
        let flags = *stream.get(2).ok_or_else(cut_off)?;
        // Optional fields: the stream it depends on, a URL, a clock.
        let mut at = 3 + if flags & 0x80 != 0 { 2 } else { 0 };
        if flags & 0x40 != 0 {
            at += 1 + *stream.get(at).ok_or_else(cut_off)? as usize;
        }
        at += if flags & 0x20 != 0 { 2 } else { 0 };
        let decoder = descriptor(stream.get(at..).unwrap_or_default(), 4)?;
        let indication = *decoder.first().ok_or_else(cut_off)?;
        if !matches!(indication, MPEG4_AUDIO | MPEG2_LC) {
            return Err(Error::unsupported(format!(
                "sound of object type {indication:#04x} in esds; Phim stores AAC (0x40)"
            ))
            .remedy("Add the film as a single file, so that Phim encodes its own ladder"));
        }
        Config::read(indication, descriptor(decoder.get(13..).unwrap_or_default(), 5)?)
    }

    /// Reads an `AudioSpecificConfig`.
    fn read(indication: u8, config: &[u8]) -> Result<Config> {
        let mut r = BitReader::new(config);
        let object = read_object(&mut r)?;
        let core_rate = read_rate(&mut r)?;
        let channels = channels(r.bits(4)?)?;
        let (mut sample_rate, mut coder) = (core_rate, object);
        if matches!(object, SBR | PS) {
            sample_rate = read_rate(&mut r)?;
            coder = read_object(&mut r)?;
        }
        if coder != LC {
            return Err(Error::unsupported(format!("AAC of object type {coder}; Phim stores LC and HE-AAC"))
                .remedy("Add the film as a single file, so that Phim encodes its own ladder"));
        }
        let frame_length = if r.bit()? { 960 } else { 1024 };
        let channels = if object == PS { Some(2) } else { channels };
        Ok(Config { indication, object, core_rate, frame_length, sample_rate, channels })
    }

    /// `mp4a.40.2`, `mp4a.40.5` (HE-AAC), `mp4a.40.29` (with parametric stereo), `mp4a.67`.
    pub fn codec_string(&self) -> String {
        if self.indication == MPEG2_LC { "mp4a.67".into() } else { format!("mp4a.40.{}", self.object) }
    }
}

fn cut_off() -> Error {
    Error::invalid("the esds box ends before its fields do")
}

/// The payload of a descriptor of the tag (ISO/IEC 14496-1 §8.3.3).
fn descriptor(bytes: &[u8], tag: u8) -> Result<&[u8]> {
    match bytes.split_first() {
        Some((found, rest)) if *found == tag => {
            let mut length = 0usize;
            for (n, byte) in rest.iter().take(4).enumerate() {
                length = length << 7 | (byte & 0x7f) as usize;
                if byte & 0x80 == 0 {
                    return rest[n + 1..].get(..length).ok_or_else(cut_off);
                }
            }
            Err(cut_off())
        }
        Some((found, _)) => Err(Error::invalid(format!("descriptor {found} in esds where {tag} must stand"))),
        None => Err(cut_off()),
    }
}

fn read_object(r: &mut BitReader) -> Result<u32> {
    match r.bits(5)? {
        31 => Ok(32 + r.bits(6)?),
        object => Ok(object),
    }
}

fn read_rate(r: &mut BitReader) -> Result<u32> {
    let rate = match r.bits(4)? {
        15 => r.bits(24)?,
        n => RATES.get(n as usize).copied().unwrap_or(0),
    };
    if rate == 0 { Err(Error::invalid("a sampling rate that AAC does not know")) } else { Ok(rate) }
}

/// Table 1.19: channels of `channelConfiguration`.
fn channels(configuration: u32) -> Result<Option<u16>> {
    match configuration {
        0 => Ok(None),
        n @ 1..=6 => Ok(Some(n as u16)),
        11 => Ok(Some(7)),
        7 | 12 | 14 => Ok(Some(8)),
        n => Err(Error::invalid(format!("channel configuration {n}"))),
    }
}
