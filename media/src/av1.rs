//! AV1 in MP4 (AV1 Bitstream §5, AV1-ISOBMFF §2): its configuration and its key frames.

#[cfg(test)]
mod tests;

use crate::bits::BitReader;
use crate::entry::Colour;
use crate::error::{Error, Result};

const SEQUENCE_HEADER: u8 = 1;
const FRAME_HEADER: u8 = 3;
const FRAME: u8 = 6;
const KEY_FRAME: u32 = 0;

/// What Phim needs of an `av1C` box (AV1-ISOBMFF §2.3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    profile: u8,
    level: u8,
    high_tier: bool,
    pub depth: u8,
    monochrome: bool,
    /// Subsampling in x and y, and where chroma samples lie.
    chroma: [u8; 3],
    /// The sequence header says that every frame is a still picture of its own.
    stills: bool,
}

impl Config {
    /// Reads the body of an `av1C` box.
    pub fn read(body: &[u8]) -> Result<Config> {
        let (b, obus): (&[u8; 4], _) = body
            .split_first_chunk()
            .ok_or_else(|| Error::invalid("the av1C box ends before its fields do"))?;
        if b[0] != 0x81 {
            return Err(Error::unsupported(format!(
                "an av1C box that begins with {:#04x}; expected 0x81, version 1",
                b[0]
            )));
        }
        let bit = |n: u8| b[2] >> n & 1;
        let mut stills = false;
        for obu in (Obus { rest: obus }) {
            let (kind, payload) = obu?;
            stills |= kind == SEQUENCE_HEADER && is_stills(payload);
        }
        Ok(Config {
            profile: b[1] >> 5,
            level: b[1] & 0x1f,
            high_tier: bit(7) == 1,
            depth: if bit(6) == 0 {
                8
            } else if bit(5) == 1 {
                12
            } else {
                10
            },
            monochrome: bit(4) == 1,
            chroma: [bit(3), bit(2), b[2] & 3],
            stills,
        })
    }

    /// E.g. `av01.0.04M.08`, with the optional part when anything in it is not the default
    /// (AV1-ISOBMFF §5): `av01.0.05M.10.0.110.09.16.09.0`.
    pub fn codec_string(&self, colour: Option<Colour>) -> String {
        let tier = if self.high_tier { 'H' } else { 'M' };
        let short = format!("av01.{}.{:02}{tier}.{:02}", self.profile, self.level, self.depth);
        let colour = colour.unwrap_or(Colour { primaries: 1, transfer: 1, matrix: 1, full_range: false });
        // Where 4:2:0 chroma lies decides nothing that a player must know beforehand.
        let plain_colour =
            (colour.primaries, colour.transfer, colour.matrix, colour.full_range) == (1, 1, 1, false);
        if plain_colour && !self.monochrome && self.chroma[..2] == [1, 1] {
            return short;
        }
        let position = if self.chroma[..2] == [1, 1] { self.chroma[2] } else { 0 };
        format!(
            "{short}.{}.{}{}{position}.{:02}.{:02}.{:02}.{}",
            self.monochrome as u8,
            self.chroma[0],
            self.chroma[1],
            colour.primaries,
            colour.transfer,
            colour.matrix,
            colour.full_range as u8
        )
    }

    /// Whether decoding can start at a sample: its first frame is a key frame that is shown.
    ///
    /// Fails when the units of the sample do not add up, or hold no frame.
    pub fn is_key(&self, sample: &[u8]) -> Result<bool> {
        let (mut stills, mut key) = (self.stills, None);
        for obu in (Obus { rest: sample }) {
            let (kind, payload) = obu?;
            match kind {
                SEQUENCE_HEADER => stills = is_stills(payload),
                FRAME_HEADER | FRAME if key.is_none() => key = Some(stills || is_shown_key(payload)?),
                _ => {}
            }
        }
        key.ok_or_else(|| Error::invalid("the sample holds no frame"))
    }
}

/// `reduced_still_picture_header` of a sequence header (§5.5.1).
fn is_stills(sequence_header: &[u8]) -> bool {
    sequence_header.first().is_some_and(|b| b & 0x08 != 0)
}

/// Reads the first fields of an uncompressed header (§5.9.2).
fn is_shown_key(header: &[u8]) -> Result<bool> {
    let mut r = BitReader::new(header);
    let show_existing = r.bit()?;
    Ok(!show_existing && r.bits(2)? == KEY_FRAME && r.bit()?)
}

/// The open bitstream units of a sample (§5.3): kind and payload.
struct Obus<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Obus<'a> {
    type Item = Result<(u8, &'a [u8])>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&header, rest) = self.rest.split_first()?;
        let unit = split(header, rest);
        self.rest = unit.map_or(&[], |(_, rest)| rest);
        Some(match unit {
            Some((payload, _)) => Ok((header >> 3 & 15, payload)),
            None => Err(Error::invalid("an open bitstream unit runs past the end of its sample")),
        })
    }
}

/// Payload and what follows it, by the flags of the unit's header byte.
fn split(header: u8, rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (has_extension, has_size) = (header & 4 != 0, header & 2 != 0);
    let rest = if has_extension { rest.get(1..)? } else { rest };
    if !has_size {
        return Some((rest, &[]));
    }
    let mut size = 0u64;
    for (n, byte) in rest.iter().take(8).enumerate() {
        size |= ((byte & 0x7f) as u64) << (7 * n);
        if byte & 0x80 == 0 {
            return rest[n + 1..].split_at_checked(usize::try_from(size).ok()?);
        }
    }
    None
}
