//! The sample table of a progressive file: `stbl` (ISO/IEC 14496-12 §8.5 to §8.7).
//!
//! The tables stay as compact as the file has them and samples are walked, never listed, so sound
//! that stores every PCM frame as a sample costs no more than its boxes.
//!
//! Invariants, checked by [`Tables::read`]: every table covers all `count` samples, every chunk
//! begins inside the file, sync numbers are sorted and in range, and times fit [`MAX_TICKS`].

use mp4_atom::{Co64, Ctts, CttsEntry, Stco, Stsc, StscEntry, Stss, Stsz, StszSamples, Stts, SttsEntry};

use super::boxes::{BoxRef, Budget, decode_table, only, required};
use crate::error::{Error, Result};

/// The latest time in ticks that Phim computes with; far beyond any film in any timescale.
pub const MAX_TICKS: i64 = 1 << 60;

/// One sample of a foreign file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Where its bytes lie in the file.
    pub offset: u64,
    pub size: u32,
    /// Decode time and duration in ticks of the track's timescale.
    pub decode: i64,
    pub duration: u32,
    /// Composition offset: presentation time minus decode time, in ticks.
    pub shift: i64,
    /// What the file says; the coded bytes may say otherwise.
    pub sync: bool,
    /// Which sample entry it uses, counted from 1.
    pub entry: u32,
}

impl Sample {
    /// When it is shown, in ticks of the media's own timeline (before edit lists).
    pub fn shown(&self) -> i64 {
        self.decode + self.shift
    }
}

#[derive(Clone, Debug, Default)]
pub struct Tables {
    count: u32,
    durations: Vec<SttsEntry>,
    shifts: Vec<CttsEntry>,
    runs: Vec<StscEntry>,
    sizes: Sizes,
    chunks: Vec<u64>,
    /// Numbers of the sync samples, from 1; `None` when every sample is one.
    sync: Option<Vec<u32>>,
    ticks: i64,
}

#[derive(Clone, Debug)]
enum Sizes {
    Equal(u32),
    Each(Vec<u32>),
}

impl Default for Sizes {
    fn default() -> Sizes {
        Sizes::Equal(0)
    }
}

impl Tables {
    /// Reads the children of `stbl`.
    pub fn read(stbl: &[BoxRef], file_len: u64, budget: &mut Budget) -> Result<Tables> {
        let (count, sizes) = read_sizes(stbl, file_len, budget)?;
        if count == 0 {
            return Ok(Tables::default());
        }
        let stts: Stts = decode_table(&required(stbl, b"stts")?, budget)?;
        let ctts: Option<Ctts> = only(stbl, b"ctts")?.map(|b| decode_table(&b, budget)).transpose()?;
        let stsc: Stsc = decode_table(&required(stbl, b"stsc")?, budget)?;
        let stss: Option<Stss> = only(stbl, b"stss")?.map(|b| decode_table(&b, budget)).transpose()?;
        let tables = Tables {
            count,
            ticks: total_ticks(&stts.entries, count)?,
            durations: stts.entries,
            shifts: ctts.map(|c| c.entries).unwrap_or_default(),
            runs: stsc.entries,
            sizes,
            chunks: read_chunks(stbl, file_len, budget)?,
            sync: stss.map(|s| sorted(s.entries, count)).transpose()?,
        };
        tables.check_shifts()?;
        tables.check_runs()?;
        Ok(tables)
    }

    pub fn count(&self) -> u32 {
        self.count
    }
    /// The sum of all durations.
    pub fn ticks(&self) -> i64 {
        self.ticks
    }
    pub fn samples(&self) -> Walk<'_> {
        Walk {
            tables: self,
            n: 0,
            time: 0,
            duration: (0, 0),
            shift: (0, 0),
            run: 0,
            chunk: 0,
            in_chunk: 0,
            offset: 0,
            sync: 0,
        }
    }

    fn check_shifts(&self) -> Result<()> {
        let covered: u64 = self.shifts.iter().map(|e| e.sample_count as u64).sum();
        if !self.shifts.is_empty() && covered < self.count as u64 {
            return Err(Error::invalid(format!(
                "ctts gives offsets for {covered} of {} samples",
                self.count
            )));
        }
        Ok(())
    }

    fn check_runs(&self) -> Result<()> {
        let chunks = self.chunks.len() as u64;
        let mut room = 0u64;
        for (n, run) in self.runs.iter().enumerate() {
            let first = run.first_chunk as u64;
            let next = self.runs.get(n + 1).map(|next| next.first_chunk as u64);
            if next.is_some_and(|next| next <= first)
                || (n == 0) != (first == 1)
                || run.samples_per_chunk == 0
            {
                return Err(Error::invalid(format!("stsc entry {n} is out of order or names no samples")));
            }
            let end = next.unwrap_or(u64::MAX).min(chunks + 1);
            room =
                room.saturating_add(end.saturating_sub(first).saturating_mul(run.samples_per_chunk as u64));
        }
        if room < self.count as u64 {
            return Err(Error::invalid(format!("the chunks have room for {room} of {} samples", self.count)));
        }
        Ok(())
    }
}

/// Sample count and sizes from `stsz` or `stz2`. A track has at most as many samples as the file has
/// bytes, so a count alone cannot cause work.
fn read_sizes(stbl: &[BoxRef], file_len: u64, budget: &mut Budget) -> Result<(u32, Sizes)> {
    let (found, (count, sizes)) = match only(stbl, b"stsz")? {
        Some(stsz) => {
            let sizes = match decode_table::<Stsz>(&stsz, budget)?.samples {
                StszSamples::Identical { count, size } => (count, Sizes::Equal(size)),
                StszSamples::Different { sizes } => (sizes.len() as u32, Sizes::Each(sizes)),
            };
            (stsz, sizes)
        }
        None => {
            let stz2 = required(stbl, b"stz2").map_err(|_| Error::invalid("the stsz box is missing"))?;
            budget.table(&stz2)?;
            (stz2, read_compact_sizes(&stz2)?)
        }
    };
    if count as u64 > file_len {
        return Err(found.blame(Error::invalid(format!("{count} samples in a file of {file_len} bytes"))));
    }
    Ok((count, sizes))
}

/// `stz2`: sizes of 4, 8 or 16 bits.
fn read_compact_sizes(stz2: &BoxRef) -> Result<(u32, Sizes)> {
    let (_, _, rest) = stz2.full()?;
    let wrong = || stz2.blame(Error::invalid("the sizes do not fill the box as its count says"));
    let ([_, _, _, bits, c0, c1, c2, c3], entries) = rest.split_first_chunk::<8>().ok_or_else(wrong)?;
    let count = u32::from_be_bytes([*c0, *c1, *c2, *c3]);
    if entries.len() as u64 * 8 < count as u64 * *bits as u64 {
        return Err(wrong());
    }
    let sizes = entries.iter();
    let sizes: Vec<u32> = match bits {
        4 => sizes.flat_map(|b| [b >> 4, b & 15]).map(u32::from).take(count as usize).collect(),
        8 => sizes.copied().map(u32::from).take(count as usize).collect(),
        16 => entries
            .chunks_exact(2)
            .map(|b| u16::from_be_bytes([b[0], b[1]]) as u32)
            .take(count as usize)
            .collect(),
        _ => return Err(wrong()),
    };
    Ok((count, Sizes::Each(sizes)))
}

fn read_chunks(stbl: &[BoxRef], file_len: u64, budget: &mut Budget) -> Result<Vec<u64>> {
    let chunks = match (only(stbl, b"stco")?, only(stbl, b"co64")?) {
        (Some(stco), None) => {
            decode_table::<Stco>(&stco, budget)?.entries.into_iter().map(u64::from).collect()
        }
        (None, Some(co64)) => decode_table::<Co64>(&co64, budget)?.entries,
        (None, None) => return Err(Error::invalid("the stco box is missing")),
        (Some(_), Some(_)) => return Err(Error::invalid("both stco and co64 are there")),
    };
    match chunks.iter().position(|offset| *offset > file_len) {
        Some(n) => Err(Error::invalid(format!(
            "chunk {n} begins at byte {}, past the end of the file ({file_len} bytes)",
            chunks[n]
        ))),
        None => Ok(chunks),
    }
}

fn total_ticks(durations: &[SttsEntry], count: u32) -> Result<i64> {
    let mut left = count as u64;
    let mut ticks = 0i128;
    for entry in durations {
        let taken = left.min(entry.sample_count as u64);
        ticks += taken as i128 * entry.sample_delta as i128;
        left -= taken;
    }
    if left > 0 {
        return Err(Error::invalid(format!(
            "stts gives durations for {} of {count} samples",
            count as u64 - left
        )));
    }
    i64::try_from(ticks)
        .ok()
        .filter(|t| *t <= MAX_TICKS)
        .ok_or_else(|| Error::invalid("the durations add up to more than 60 bits"))
}

fn sorted(mut numbers: Vec<u32>, count: u32) -> Result<Vec<u32>> {
    numbers.sort_unstable();
    match numbers.iter().find(|n| **n == 0 || **n > count) {
        Some(n) => Err(Error::invalid(format!("stss names sample {n} of {count}"))),
        None => Ok(numbers),
    }
}

/// A composition offset as writers mean it: some put negative ones into the unsigned fields of
/// version 0, and nobody shifts a picture by 2^31 ticks.
pub fn signed_shift(shift: i64) -> i64 {
    if shift > i32::MAX as i64 { shift as u32 as i32 as i64 } else { shift }
}

/// Walks the samples in decode order.
pub struct Walk<'a> {
    tables: &'a Tables,
    n: u32,
    time: i64,
    /// Place in `durations` and `shifts`: entry, and how many of its samples are behind us.
    duration: (usize, u32),
    shift: (usize, u32),
    run: usize,
    chunk: u32,
    in_chunk: u32,
    offset: u64,
    sync: usize,
}

impl Iterator for Walk<'_> {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        let t = self.tables;
        if self.n == t.count {
            return None;
        }
        if self.in_chunk == 0 {
            self.offset = *t.chunks.get(self.chunk as usize)?;
            if t.runs.get(self.run + 1).is_some_and(|next| next.first_chunk <= self.chunk + 1) {
                self.run += 1;
            }
        }
        let run = t.runs.get(self.run)?;
        let duration =
            step(&mut self.duration, |n| t.durations.get(n).map(|e| (e.sample_count, e.sample_delta)))?;
        let shift = step(&mut self.shift, |n| t.shifts.get(n).map(|e| (e.sample_count, e.sample_offset)))
            .unwrap_or(0);
        let size = match &t.sizes {
            Sizes::Equal(size) => *size,
            Sizes::Each(sizes) => *sizes.get(self.n as usize)?,
        };
        self.n += 1;
        let sample = Sample {
            offset: self.offset,
            size,
            decode: self.time,
            duration,
            shift: signed_shift(shift),
            sync: self.is_sync(),
            entry: run.sample_description_index,
        };
        self.time += duration as i64;
        self.offset = self.offset.saturating_add(size as u64);
        self.in_chunk += 1;
        if self.in_chunk == run.samples_per_chunk {
            self.in_chunk = 0;
            self.chunk += 1;
        }
        Some(sample)
    }
}

impl Walk<'_> {
    /// Whether sample `self.n`, counted from 1, is listed as a sync sample.
    fn is_sync(&mut self) -> bool {
        let Some(numbers) = &self.tables.sync else { return true };
        while numbers.get(self.sync).is_some_and(|n| *n < self.n) {
            self.sync += 1;
        }
        numbers.get(self.sync) == Some(&self.n)
    }
}

/// The value for the next sample in a table of runs.
fn step<V>(place: &mut (usize, u32), entry: impl Fn(usize) -> Option<(u32, V)>) -> Option<V> {
    loop {
        let (count, value) = entry(place.0)?;
        if place.1 < count {
            place.1 += 1;
            return Some(value);
        }
        *place = (place.0 + 1, 0);
    }
}
