//! Reads bits of video headers: most significant first, with the Exp-Golomb codes of H.264 §9.1.

use crate::error::{Error, Result};

pub struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    pub fn new(bytes: &'a [u8]) -> BitReader<'a> {
        BitReader { bytes, at: 0 }
    }

    /// Bits read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    pub fn bit(&mut self) -> Result<bool> {
        let byte = self
            .bytes
            .get(self.at / 8)
            .ok_or_else(|| Error::invalid("a header ends before its fields do"))?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Ok(bit == 1)
    }

    /// `n` bits, at most 32.
    pub fn bits(&mut self, n: u32) -> Result<u32> {
        let mut value = 0u64;
        for _ in 0..n {
            value = value << 1 | self.bit()? as u64;
        }
        Ok(value as u32)
    }

    pub fn skip(&mut self, n: u32) -> Result<()> {
        for _ in 0..n {
            self.bit()?;
        }
        Ok(())
    }

    /// Unsigned Exp-Golomb, at most 2^32 - 2.
    pub fn ue(&mut self) -> Result<u32> {
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if zeros > 31 {
                return Err(Error::invalid("an Exp-Golomb code of more than 32 bits"));
            }
        }
        Ok(((1u64 << zeros) - 1) as u32 + self.bits(zeros)?)
    }

    /// Signed Exp-Golomb.
    pub fn se(&mut self) -> Result<i32> {
        let code = self.ue()? as i64;
        Ok((if code % 2 == 1 { code / 2 + 1 } else { -(code / 2) }) as i32)
    }
}

/// The first `limit` bytes of a NAL unit without its emulation prevention bytes (H.264 §7.4.1).
pub fn unescape(nal: &[u8], limit: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(nal.len().min(limit));
    let mut zeros = 0;
    for &byte in nal {
        if out.len() == limit {
            break;
        }
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}
