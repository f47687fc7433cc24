//! Movie fragments: `moof` (ISO/IEC 14496-12 §8.8).

use mp4_atom::{Tfdt, Tfhd, Trex, Trun, TrunSamples};

use super::ForeignTrack;
use super::boxes::{BoxRef, Budget, children, decode, decode_table, only, required};
use super::tables::{MAX_TICKS, Sample, signed_shift};
use crate::error::{Error, Result};

/// `sample_is_non_sync_sample` of the sample flags (§8.8.3.1).
const NON_SYNC: u32 = 1 << 16;
/// The user type under which PIFF wrote `senc` before it was standardised.
const PIFF_SENC: [u8; 16] =
    [0xa2, 0x39, 0x4f, 0x52, 0x5a, 0x9b, 0x4f, 0x14, 0xa2, 0x44, 0x6c, 0x42, 0x7c, 0x64, 0x8d, 0xf4];

/// The samples of one `trun`.
#[derive(Clone, Debug)]
pub struct Run {
    decode: i64,
    offset: u64,
    entry: u32,
    duration: u32,
    size: u32,
    flags: u32,
    samples: TrunSamples,
}

impl Run {
    pub fn samples(&self) -> impl Iterator<Item = Sample> + '_ {
        let (mut decode, mut offset) = (self.decode, self.offset);
        self.samples.iter().map(move |row| {
            let (duration, size) = (row.duration.unwrap_or(self.duration), row.size.unwrap_or(self.size));
            let sample = Sample {
                offset,
                size,
                decode,
                duration,
                shift: signed_shift(row.cts.unwrap_or(0)),
                sync: row.flags.unwrap_or(self.flags) & NON_SYNC == 0,
                entry: self.entry,
            };
            decode += duration as i64;
            offset = offset.saturating_add(size as u64);
            sample
        })
    }
}

/// The fragments of one track, gathered in file order.
#[derive(Clone, Debug, Default)]
pub struct Fragments {
    trex: Trex,
    runs: Vec<Run>,
    count: u64,
    /// Decode time at which a fragment without `tfdt` goes on.
    next: i64,
    /// A fragment carries what is needed to decrypt it.
    pub encrypted: bool,
}

impl Fragments {
    /// `next` is where the samples of the movie box end.
    pub fn new(trex: Trex, next: i64) -> Fragments {
        Fragments { trex, next, ..Fragments::default() }
    }
    pub fn count(&self) -> u64 {
        self.count
    }
    pub fn samples(&self) -> impl Iterator<Item = Sample> + '_ {
        self.runs.iter().flat_map(Run::samples)
    }
}

/// Reads one `moof` into the tracks that it names.
pub fn read_moof(
    moof: &BoxRef,
    file_len: u64,
    budget: &mut Budget,
    tracks: &mut [ForeignTrack],
) -> Result<()> {
    let mut data_end = moof.start;
    for traf in children(moof, 0, budget)?.iter().filter(|b| b.kind == *b"traf") {
        let parts = children(traf, 0, budget)?;
        let tfhd: Tfhd = decode(&required(&parts, b"tfhd").map_err(|e| traf.blame(e))?)?;
        let track = tracks.iter_mut().find(|t| t.id == tfhd.track_id).ok_or_else(|| {
            traf.blame(Error::invalid(format!(
                "a fragment of track {}, which the moov box does not list",
                tfhd.track_id
            )))
        })?;
        // Without a base in the fragment, data lies behind that of the track before (§8.8.7.1).
        let base = match tfhd.base_data_offset {
            Some(base) => base,
            None if tfhd.default_base_is_moof => moof.start,
            None => data_end,
        };
        data_end = read_traf(&parts, &tfhd, base, &mut track.fragments, file_len, budget)
            .map_err(|e| traf.blame(e))?;
    }
    Ok(())
}

/// Reads the runs of one `traf`; answers where their data ends.
fn read_traf(
    parts: &[BoxRef],
    tfhd: &Tfhd,
    base: u64,
    track: &mut Fragments,
    file_len: u64,
    budget: &mut Budget,
) -> Result<u64> {
    if let Some(tfdt) = only(parts, b"tfdt")? {
        let time = decode::<Tfdt>(&tfdt)?.base_media_decode_time;
        track.next = i64::try_from(time).ok().filter(|t| *t <= MAX_TICKS).ok_or_else(|| too_late(&tfdt))?;
    }
    track.encrypted |= parts.iter().any(carries_encryption);
    let mut offset = base;
    for found in parts.iter().filter(|b| b.kind == *b"trun") {
        let trun: Trun = decode_table(found, budget)?;
        if let Some(relative) = trun.data_offset {
            offset = base
                .checked_add_signed(relative as i64)
                .ok_or_else(|| found.blame(Error::invalid("the data lies before the file")))?;
        }
        track.count += trun.samples.len() as u64;
        if track.count > file_len {
            return Err(
                found.blame(Error::invalid(format!("{} samples in a file of {file_len} bytes", track.count)))
            );
        }
        let run = Run {
            decode: track.next,
            offset,
            entry: tfhd.sample_description_index.unwrap_or(track.trex.default_sample_description_index),
            duration: tfhd.default_sample_duration.unwrap_or(track.trex.default_sample_duration),
            size: tfhd.default_sample_size.unwrap_or(track.trex.default_sample_size),
            flags: tfhd.default_sample_flags.unwrap_or(track.trex.default_sample_flags),
            samples: trun.samples,
        };
        let (ticks, bytes) = extent(&run);
        track.next = track
            .next
            .checked_add_unsigned(ticks)
            .filter(|t| *t <= MAX_TICKS)
            .ok_or_else(|| too_late(found))?;
        offset = offset.saturating_add(bytes);
        track.runs.push(run);
    }
    Ok(offset)
}

/// Ticks and bytes of a run. Both fit, because a run has fewer than 2^32 samples of 32 bits.
fn extent(run: &Run) -> (u64, u64) {
    match &run.samples {
        TrunSamples::Inherited { count, .. } => {
            (*count as u64 * run.duration as u64, *count as u64 * run.size as u64)
        }
        TrunSamples::Explicit(rows) => rows.iter().fold((0, 0), |(ticks, bytes), row| {
            (ticks + row.duration.unwrap_or(run.duration) as u64, bytes + row.size.unwrap_or(run.size) as u64)
        }),
    }
}

fn too_late(at: &BoxRef) -> Error {
    at.blame(Error::invalid("a decode time of more than 60 bits"))
}

fn carries_encryption(part: &BoxRef) -> bool {
    match &part.kind {
        b"senc" => true,
        b"uuid" => part.body.starts_with(&PIFF_SENC),
        // A sample group of encryption information (ISO/IEC 23001-7 §6).
        b"sgpd" => part.body.get(4..8) == Some(b"seig"),
        _ => false,
    }
}
