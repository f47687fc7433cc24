//! Opus in MP4 (RFC 6716 §3.1, "Encapsulation of Opus in ISOBMFF").

#[cfg(test)]
mod tests;

use crate::error::{Error, Result};

/// Opus counts in periods of 1/48000 s, whatever the input was.
pub const CLOCK: u32 = 48000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    pub channels: u16,
    /// Periods at the start that are decoded and not heard.
    pub pre_skip: u32,
}

impl Config {
    /// Reads the body of a `dOps` box.
    pub fn read(body: &[u8]) -> Result<Config> {
        match body {
            [0, channels, high, low, ..] if *channels > 0 => {
                Ok(Config { channels: *channels as u16, pre_skip: u16::from_be_bytes([*high, *low]) as u32 })
            }
            [0, ..] => Err(Error::invalid("the dOps box ends before its fields do, or names no channels")),
            _ => Err(Error::unsupported("a dOps box of another version than 0")),
        }
    }
}

/// Periods in a packet: the length of a frame (table 2) times their number (§3.2).
pub fn periods(packet: &[u8]) -> Result<u32> {
    let (toc, rest) = packet.split_first().ok_or_else(|| Error::invalid("an empty Opus packet"))?;
    let frame = match toc >> 3 {
        n @ 0..12 => [480, 960, 1920, 2880][n as usize % 4],
        n @ 12..16 => [480, 960][n as usize % 2],
        n => [120, 240, 480, 960][n as usize % 4],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => {
            (rest.first().ok_or_else(|| Error::invalid("an Opus packet without its count of frames"))? & 0x3f)
                as u32
        }
    };
    match frame * frames {
        n @ 1..=5760 => Ok(n),
        _ => Err(Error::invalid("an Opus packet of no length, or of more than 120 ms")),
    }
}
