//! The `avcC` box of a sample entry: read, written and merged (ISO/IEC 14496-15 §5.3.3).

use super::sps::{Sps, read_pps, read_sps};
use crate::entry;
use crate::error::{Error, Result};
use crate::foreign::boxes::{BoxRef, only};
use crate::track::TrackKind;

/// What an `avcC` box holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avcc {
    pub profile: u8,
    pub compatibility: u8,
    pub level: u8,
    /// Bytes of the length before each NAL unit: 1, 2 or 4.
    pub length_size: u8,
    /// NAL units, header included, without emulation prevention removed.
    pub sps: Vec<Vec<u8>>,
    pub pps: Vec<Vec<u8>>,
    /// Chroma format, bit depths and SPS extensions of the high profiles, verbatim.
    pub extension: Vec<u8>,
}

fn cut_off() -> Error {
    Error::invalid("the avcC box ends before its fields do")
}

impl Avcc {
    /// Reads the body of an `avcC` box.
    pub fn read(body: &[u8]) -> Result<Avcc> {
        let [1, profile, compatibility, level, lengths, rest @ ..] = body else {
            return Err(match body.first() {
                Some(version) if *version != 1 => {
                    Error::unsupported(format!("an avcC box of version {version}; expected 1"))
                }
                _ => cut_off(),
            });
        };
        let (count, rest) = rest.split_first().ok_or_else(cut_off)?;
        let (sps, rest) = read_sets(rest, (count & 0x1f) as usize)?;
        let (count, rest) = rest.split_first().ok_or_else(cut_off)?;
        let (pps, rest) = read_sets(rest, *count as usize)?;
        Ok(Avcc {
            profile: *profile,
            compatibility: *compatibility,
            level: *level,
            length_size: (lengths & 3) + 1,
            sps,
            pps,
            extension: rest.to_vec(),
        })
    }

    /// The `avcC` of a whole sample entry (`avc1` or `avc3`).
    pub fn of_entry(sample_entry: &[u8]) -> Result<Avcc> {
        Avcc::read(entry::read(sample_entry, TrackKind::Video)?.config(b"avcC")?)
    }

    /// The body of the box. Fails when there are more sets than its counts can say.
    pub fn write(&self) -> Result<Vec<u8>> {
        if self.sps.len() > 31 || self.pps.len() > 255 {
            return Err(Error::unsupported(format!(
                "{} sequence and {} picture parameter sets; avcC holds 31 and 255",
                self.sps.len(),
                self.pps.len()
            )));
        }
        let mut out = vec![
            1,
            self.profile,
            self.compatibility,
            self.level,
            0xfc | (self.length_size - 1),
            0xe0 | self.sps.len() as u8,
        ];
        write_sets(&mut out, &self.sps)?;
        out.push(self.pps.len() as u8);
        write_sets(&mut out, &self.pps)?;
        out.extend(&self.extension);
        Ok(out)
    }
}

fn read_sets(mut bytes: &[u8], count: usize) -> Result<(Vec<Vec<u8>>, &[u8])> {
    let mut sets = Vec::new();
    for _ in 0..count {
        let (length, rest) = bytes.split_first_chunk::<2>().ok_or_else(cut_off)?;
        let (set, rest) = rest.split_at_checked(u16::from_be_bytes(*length) as usize).ok_or_else(cut_off)?;
        sets.push(set.to_vec());
        bytes = rest;
    }
    Ok((sets, bytes))
}

fn write_sets(out: &mut Vec<u8>, sets: &[Vec<u8>]) -> Result<()> {
    for set in sets {
        let length = u16::try_from(set.len())
            .map_err(|_| Error::unsupported("a parameter set of more than 65,535 bytes"))?;
        out.extend(length.to_be_bytes());
        out.extend(set);
    }
    Ok(())
}

/// `avc1.PPCCLL` (RFC 6381 §3.3): profile, constraint flags and level in hexadecimal.
pub fn codec_string(sample_entry: &[u8]) -> Result<String> {
    let parts = entry::read(sample_entry, TrackKind::Video)?;
    let avcc = Avcc::read(parts.config(b"avcC")?)?;
    let kind = if parts.kind == *b"avc3" { "avc3" } else { "avc1" };
    Ok(format!("{kind}.{:02x}{:02x}{:02x}", avcc.profile, avcc.compatibility, avcc.level))
}

/// The lowest id that neither a sequence nor a picture parameter set of the entry uses, 0 to 31.
///
/// An encoder told to use it (x264: `sps-id`, which it gives to both sets) makes pictures that can
/// stand behind one init segment with the entry's own.
pub fn free_sps_id(sample_entry: &[u8]) -> Result<u8> {
    let avcc = Avcc::of_entry(sample_entry)?;
    let mut used = Vec::new();
    for nal in &avcc.sps {
        used.push(read_sps(nal)?.id);
    }
    for nal in &avcc.pps {
        used.push(read_pps(nal)?.id);
    }
    (0..=31)
        .find(|id| !used.contains(id))
        .ok_or_else(|| Error::unsupported("all 32 parameter set ids are in use"))
}

/// One sample entry that lists the parameter sets of both, so that their samples can follow each
/// other behind one init segment. Everything but `avcC` is taken from `sample_entry`.
///
/// Fails when the two cannot share a decoder: another size, profile, chroma format or depth, or one
/// id with two contents.
pub fn merge(sample_entry: &[u8], other: &[u8]) -> Result<Vec<u8>> {
    let (ours, theirs) = (Avcc::of_entry(sample_entry)?, Avcc::of_entry(other)?);
    if ours == theirs {
        return Ok(sample_entry.to_vec());
    }
    if ours.length_size != theirs.length_size || ours.profile != theirs.profile {
        return Err(apart("profile or length size"));
    }
    // Writers may leave the extension out; its chroma and depths are compared in the sets below.
    let extension = if ours.extension.is_empty() { &theirs.extension } else { &ours.extension };
    let sps_of = |avcc: &Avcc| avcc.sps.iter().map(|nal| read_sps(nal)).collect::<Result<Vec<Sps>>>();
    let (our_sps, their_sps) = (sps_of(&ours)?, sps_of(&theirs)?);
    let first =
        our_sps.first().ok_or_else(|| Error::invalid("an avcC box without a sequence parameter set"))?;
    for set in our_sps.iter().chain(&their_sps) {
        if look(set) != look(first) {
            return Err(apart("size, profile, chroma format, depth or interlacing"));
        }
    }
    let merged = Avcc {
        compatibility: ours.compatibility & theirs.compatibility,
        level: ours.level.max(theirs.level),
        sps: join(&ours.sps, &theirs.sps, |nal| Ok(read_sps(nal)?.id))?,
        pps: join(&ours.pps, &theirs.pps, |nal| Ok(read_pps(nal)?.id))?,
        extension: extension.clone(),
        profile: ours.profile,
        length_size: ours.length_size,
    };
    replace_avcc(sample_entry, &merged.write()?)
}

/// What two sets must share for a decoder to go from one to the other without starting anew.
fn look(sps: &Sps) -> (u8, u32, u32, u8, u8, u8, bool) {
    (sps.profile, sps.width, sps.height, sps.chroma, sps.luma_depth, sps.chroma_depth, sps.interlaced)
}

fn apart(what: &str) -> Error {
    Error::unsupported(format!("the two differ in {what}, so they cannot share an init segment"))
}

fn join(ours: &[Vec<u8>], theirs: &[Vec<u8>], id: impl Fn(&[u8]) -> Result<u8>) -> Result<Vec<Vec<u8>>> {
    let mut all = ours.to_vec();
    for set in theirs {
        if all.contains(set) {
            continue;
        }
        let new = id(set)?;
        for known in &all {
            if id(known)? == new {
                return Err(apart(&format!("the content of parameter set {new}")));
            }
        }
        all.push(set.clone());
    }
    Ok(all)
}

/// The entry with another body in its `avcC` box.
fn replace_avcc(sample_entry: &[u8], body: &[u8]) -> Result<Vec<u8>> {
    let parts = entry::read(sample_entry, TrackKind::Video)?;
    let old: BoxRef =
        only(&parts.children, b"avcC")?.ok_or_else(|| Error::internal("the avcC box is gone"))?;
    let from = old.start as usize;
    let mut out = sample_entry[..from].to_vec();
    out.extend((body.len() as u32 + 8).to_be_bytes());
    out.extend(b"avcC");
    out.extend(body);
    out.extend(&sample_entry[from + old.whole.len()..]);
    let size = out.len() as u32;
    if sample_entry[..4] == [0, 0, 0, 1] {
        return Err(Error::unsupported("a sample entry with a 64-bit size"));
    }
    out[..4].copy_from_slice(&size.to_be_bytes());
    Ok(out)
}
