//! The index of a stored track: where each sample lies, how long it is, when it is shown.
//!
//! The samples themselves stand in a blob of their own, in decode order, without gaps. The index is
//! a second blob, memory-mapped by the reader; opening it reads the header and checks the directory,
//! a few kilobytes for a two-hour film, and each block is checked when it is first decoded.
//!
//! Invariants:
//! - A video block is one closed group of pictures: its first sample is a sync sample, and its
//!   samples are a contiguous run both in decode order and in presentation order. An audio block is
//!   a run of samples that are all sync samples.
//! - Sample durations are all equal (see [`Track`]), so no time is stored: sample times follow from
//!   positions, exactly.
//! - Blocks lie in the blob one after the other; block 0 starts at byte 0.
//!
//! Layout, integers little-endian: `magic[8] version:u16 header_len:u32 crc:u32 header directory
//! blocks`, where `crc` (CRC-32) covers header and directory. Directory entry, 24 bytes:
//! `first_sample:u32 blob_offset:u64 block_offset:u32 block_crc:u32 idr_pic_id:u16 zero:u16`.
//! A block is, per sample, `size:varint shift:zigzag-varint` (video) or `size:varint` (audio).

use std::sync::Arc;

use crate::error::{Error, Kind, Result};
use crate::track::{Codec, MAX_SAMPLE_ENTRY, Track, TrackKind};

/// Version of the stored format. A newer Phim opens what an older one wrote.
pub const INDEX_VERSION: u16 = 1;

const MAGIC: &[u8; 8] = b"phim-ix\n";
const PRELUDE: usize = 8 + 2 + 4 + 4;
const ENTRY: usize = 24;

/// Samples of one block at most; the limit bounds what one request may decode.
pub const MAX_BLOCK_SAMPLES: usize = 1 << 16;
/// Bytes of one sample at most.
pub const MAX_SAMPLE_BYTES: u32 = 1 << 28;
/// Samples that an audio block holds when Phim writes it.
pub const AUDIO_BLOCK_SAMPLES: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Bytes.
    pub size: u32,
    /// Position in presentation order within the block, minus position in decode order.
    pub shift: i32,
}

/// One decoded block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Number of its first sample within the track.
    pub first: u32,
    /// Where its first byte lies in the blob.
    pub offset: u64,
    pub samples: Vec<Sample>,
    /// H.264: `idr_pic_id` of the sync sample (§7.4.3: pictures that follow each other must differ).
    pub idr_pic_id: u16,
}

impl Block {
    /// Where sample `n` of this block lies in the blob (`n` may be one past the end).
    pub fn offset_of(&self, n: usize) -> u64 {
        self.offset + self.samples[..n].iter().map(|s| s.size as u64).sum::<u64>()
    }
    /// The longest run of samples from the block's start, at most `limit` long, that is a run in
    /// decode order *and* in presentation order, so that it can be copied without its successors.
    pub fn closed_prefix(&self, limit: usize) -> usize {
        let mut highest = -1i64;
        let mut best = 0;
        for (n, sample) in self.samples.iter().take(limit).enumerate() {
            highest = highest.max(n as i64 + sample.shift as i64);
            if highest == n as i64 {
                best = n + 1;
            }
        }
        best
    }
}

/// An index opened for reading. Cheap to clone.
#[derive(Clone)]
pub struct Index {
    bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
    track: Arc<Track>,
    samples: u32,
    blob_len: u64,
    blocks: usize,
    directory: usize,
    body: usize,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Index({} {} samples, {} blocks, {} bytes)",
            self.track.codec_string, self.samples, self.blocks, self.blob_len
        )
    }
}

impl Index {
    /// Opens an index. Fails with `DataLoss` when the bytes are not what was once written.
    pub fn open(bytes: Arc<dyn AsRef<[u8]> + Send + Sync>) -> Result<Index> {
        let all = (*bytes).as_ref();
        if all.len() < PRELUDE || &all[..8] != MAGIC {
            return Err(lost("not an index: the magic bytes are missing"));
        }
        let mut r = Reader { bytes: &all[8..PRELUDE] };
        let version = r.u16()?;
        if version == 0 || version > INDEX_VERSION {
            return Err(Error::unsupported(format!(
                "an index of version {version}; this Phim reads up to {INDEX_VERSION}"
            ))
            .remedy("Open this archive with the newer Phim that wrote it"));
        }
        let header_len = r.u32()? as usize;
        let crc = r.u32()?;
        let header = all
            .get(PRELUDE..PRELUDE.saturating_add(header_len))
            .ok_or_else(|| lost("the index is cut off in its header"))?;
        let mut r = Reader { bytes: header };
        let track = read_track(&mut r)?;
        let samples = r.u32()?;
        let blob_len = r.u64()?;
        let blocks = r.u32()? as usize;
        if !r.bytes.is_empty() {
            return Err(lost("the index header is longer than its fields"));
        }
        let directory = PRELUDE + header_len;
        let body =
            blocks.checked_mul(ENTRY).and_then(|n| n.checked_add(directory)).filter(|end| *end <= all.len());
        let body = body.ok_or_else(|| lost("the index is cut off in its directory"))?;
        if crc32fast::hash(&all[PRELUDE..body]) != crc {
            return Err(lost("the checksum of the index header does not match"));
        }
        track.validate()?;
        let index = Index {
            track: Arc::new(track),
            samples,
            blob_len,
            blocks,
            directory,
            body,
            bytes: bytes.clone(),
        };
        index.check_directory()?;
        Ok(index)
    }

    /// Opens an index held in memory.
    pub fn from_vec(bytes: Vec<u8>) -> Result<Index> {
        Index::open(Arc::new(bytes))
    }

    pub fn track(&self) -> &Arc<Track> {
        &self.track
    }
    /// Samples in the track; for video, frames.
    pub fn samples(&self) -> u32 {
        self.samples
    }
    /// Bytes in the blob of samples.
    pub fn blob_len(&self) -> u64 {
        self.blob_len
    }
    pub fn blocks(&self) -> usize {
        self.blocks
    }
    /// Bytes of this index.
    pub fn len(&self) -> usize {
        (*self.bytes).as_ref().len()
    }
    pub fn is_empty(&self) -> bool {
        self.samples == 0
    }
    /// Number of the first sample of block `n`; the number of samples when `n` is one past the end.
    pub fn block_first(&self, n: usize) -> u32 {
        if n >= self.blocks { self.samples } else { self.entry(n).first }
    }
    /// The block that holds `sample`.
    pub fn block_of(&self, sample: u32) -> usize {
        debug_assert!(sample < self.samples);
        let (mut low, mut high) = (0, self.blocks);
        while high - low > 1 {
            let middle = (low + high) / 2;
            if self.entry(middle).first <= sample { low = middle } else { high = middle }
        }
        low
    }
    /// Whether `sample` is the first of a block, so that decoding may start there. True one past the end.
    pub fn is_sync(&self, sample: u32) -> bool {
        sample >= self.samples || self.block_first(self.block_of(sample)) == sample
    }
    /// Where `sample` starts in the blob; its length when `sample` is one past the end. A sample that
    /// starts a block costs no decoding.
    pub fn offset_of(&self, sample: u32) -> Result<u64> {
        if sample >= self.samples {
            return Ok(self.blob_len);
        }
        let n = self.block_of(sample);
        let entry = self.entry(n);
        if entry.first == sample {
            return Ok(entry.blob_offset);
        }
        Ok(self.block(n)?.offset_of((sample - entry.first) as usize))
    }
    /// Decodes block `n`. Fails with `DataLoss` when its bytes are damaged.
    pub fn block(&self, n: usize) -> Result<Block> {
        if n >= self.blocks {
            return Err(Error::internal(format!("block {n} of {}", self.blocks)));
        }
        let entry = self.entry(n);
        let all = (*self.bytes).as_ref();
        let (count, end, blob_end) = if n + 1 < self.blocks {
            let next = self.entry(n + 1);
            // The directory was in order when it was opened; the file under a map may not be.
            let count =
                next.first.checked_sub(entry.first).ok_or_else(|| lost("the index directory changed"))?;
            (count, self.body + next.block_offset as usize, next.blob_offset)
        } else {
            (self.samples - entry.first, all.len(), self.blob_len)
        };
        let bytes = all
            .get(self.body + entry.block_offset as usize..end)
            .ok_or_else(|| lost("the index is cut off in a block"))?;
        if crc32fast::hash(bytes) != entry.crc {
            return Err(lost("the checksum of an index block does not match").at(format!("block {n}")));
        }
        let mut r = Reader { bytes };
        let video = self.track.kind() == TrackKind::Video;
        let mut samples = Vec::with_capacity(count as usize);
        for _ in 0..count {
            let size = r.varint()?;
            let shift = if video { unzigzag(r.varint()?) } else { 0 };
            samples.push(Sample { size, shift });
        }
        let block =
            Block { first: entry.first, offset: entry.blob_offset, samples, idr_pic_id: entry.idr_pic_id };
        if !r.bytes.is_empty() || block.offset_of(block.samples.len()) != blob_end {
            return Err(lost("an index block does not add up").at(format!("block {n}")));
        }
        Ok(block)
    }

    fn entry(&self, n: usize) -> Entry {
        let at = self.directory + n * ENTRY;
        let bytes = &(*self.bytes).as_ref()[at..at + ENTRY];
        let u32_at = |i: usize| u32::from_le_bytes(bytes[i..i + 4].try_into().expect("four bytes"));
        Entry {
            first: u32_at(0),
            blob_offset: u64::from_le_bytes(bytes[4..12].try_into().expect("eight bytes")),
            block_offset: u32_at(12),
            crc: u32_at(16),
            idr_pic_id: u16::from_le_bytes([bytes[20], bytes[21]]),
        }
    }

    fn check_directory(&self) -> Result<()> {
        let wrong = || lost("the index directory is not in order");
        if (self.samples == 0) != (self.blocks == 0) {
            return Err(wrong());
        }
        let body_len = (*self.bytes).as_ref().len() - self.body;
        let mut previous: Option<Entry> = None;
        for n in 0..self.blocks {
            let entry = self.entry(n);
            let ok = match &previous {
                None => entry.first == 0 && entry.blob_offset == 0 && entry.block_offset == 0,
                Some(p) => {
                    entry.first > p.first
                        && (entry.first - p.first) as usize <= MAX_BLOCK_SAMPLES
                        && entry.blob_offset >= p.blob_offset
                        && entry.block_offset > p.block_offset
                }
            };
            if !ok
                || entry.first >= self.samples
                || entry.blob_offset > self.blob_len
                || entry.block_offset as usize > body_len
            {
                return Err(wrong());
            }
            previous = Some(entry);
        }
        match previous {
            Some(p) if (self.samples - p.first) as usize > MAX_BLOCK_SAMPLES => Err(wrong()),
            _ => Ok(()),
        }
    }
}

struct Entry {
    first: u32,
    blob_offset: u64,
    block_offset: u32,
    crc: u32,
    idr_pic_id: u16,
}

/// Builds an index, block by block.
pub struct IndexWriter {
    track: Track,
    samples: u32,
    blob_len: u64,
    directory: Vec<u8>,
    body: Vec<u8>,
}

impl IndexWriter {
    /// `track.reorder` is ignored and computed from the blocks.
    pub fn new(track: Track) -> IndexWriter {
        IndexWriter {
            track: Track { reorder: 0, ..track },
            samples: 0,
            blob_len: 0,
            directory: Vec::new(),
            body: Vec::new(),
        }
    }
    pub fn samples(&self) -> u32 {
        self.samples
    }
    pub fn blob_len(&self) -> u64 {
        self.blob_len
    }

    /// Adds a block. For video its first sample must be a sync sample and its presentation order
    /// must be a permutation of the block; otherwise the group is open and is refused.
    pub fn push_block(&mut self, samples: &[Sample], idr_pic_id: u16) -> Result<()> {
        if samples.is_empty() || samples.len() > MAX_BLOCK_SAMPLES {
            return Err(Error::unsupported(format!(
                "{} samples between two sync samples; expected 1 to {MAX_BLOCK_SAMPLES}",
                samples.len()
            )));
        }
        let video = self.track.kind() == TrackKind::Video;
        let mut seen = vec![false; samples.len()];
        for (n, sample) in samples.iter().enumerate() {
            if sample.size > MAX_SAMPLE_BYTES {
                return Err(Error::unsupported(format!(
                    "a sample of {} bytes; expected at most {MAX_SAMPLE_BYTES}",
                    sample.size
                )));
            }
            let rank = n as i64 + sample.shift as i64;
            if rank < 0
                || rank >= samples.len() as i64
                || std::mem::replace(&mut seen[rank as usize], true)
                || (n == 0 && rank != 0)
            {
                return Err(Error::unsupported(format!(
                    "sample {} is shown outside its group of pictures (an open group)",
                    self.samples as u64 + n as u64
                )));
            }
            if sample.shift != 0 && !video {
                return Err(Error::internal("sound has no presentation order of its own"));
            }
            self.track.reorder = self.track.reorder.max((-sample.shift).max(0) as u16);
        }
        let start = self.body.len();
        let mut length = 0u64;
        for sample in samples {
            varint(&mut self.body, sample.size);
            if video {
                varint(&mut self.body, zigzag(sample.shift));
            }
            length += sample.size as u64;
        }
        let too_long = || Error::unsupported("a track of more than 4,294,967,295 samples or index bytes");
        let block_offset = u32::try_from(start).map_err(|_| too_long())?;
        self.directory.extend(self.samples.to_le_bytes());
        self.directory.extend(self.blob_len.to_le_bytes());
        self.directory.extend(block_offset.to_le_bytes());
        self.directory.extend(crc32fast::hash(&self.body[start..]).to_le_bytes());
        self.directory.extend(idr_pic_id.to_le_bytes());
        self.directory.extend([0, 0]);
        self.samples = self.samples.checked_add(samples.len() as u32).ok_or_else(too_long)?;
        self.blob_len += length;
        Ok(())
    }

    /// The bytes of the index.
    pub fn finish(self) -> Result<Vec<u8>> {
        self.track.validate()?;
        let mut header = Vec::new();
        write_track(&mut header, &self.track);
        header.extend(self.samples.to_le_bytes());
        header.extend(self.blob_len.to_le_bytes());
        header.extend(((self.directory.len() / ENTRY) as u32).to_le_bytes());
        let header_len = header.len() as u32;
        header.extend(&self.directory);
        let mut out = Vec::with_capacity(PRELUDE + header.len() + self.body.len());
        out.extend(MAGIC);
        out.extend(INDEX_VERSION.to_le_bytes());
        out.extend(header_len.to_le_bytes());
        out.extend(crc32fast::hash(&header).to_le_bytes());
        out.extend(header);
        out.extend(self.body);
        Ok(out)
    }
}

fn write_track(out: &mut Vec<u8>, t: &Track) {
    let codec = Codec::ALL.iter().position(|c| *c == t.codec).expect("every codec is listed") as u8;
    out.push(codec);
    for bytes in [t.sample_entry.as_slice(), t.codec_string.as_bytes()] {
        out.extend((bytes.len() as u32).to_le_bytes());
        out.extend(bytes);
    }
    for n in [t.timescale, t.unit_ticks, t.priming, t.sample_rate] {
        out.extend(n.to_le_bytes());
    }
    for n in [t.reorder, t.width, t.height, t.display_width, t.display_height, t.channels] {
        out.extend(n.to_le_bytes());
    }
    for n in t.matrix {
        out.extend(n.to_le_bytes());
    }
}

fn read_track(r: &mut Reader) -> Result<Track> {
    let codec = *Codec::ALL
        .get(r.take(1)?[0] as usize)
        .ok_or_else(|| lost("an unknown codec number in the index"))?;
    let sample_entry = r.string(MAX_SAMPLE_ENTRY)?.to_vec();
    let codec_string =
        String::from_utf8(r.string(64)?.to_vec()).map_err(|_| lost("the codec string is not text"))?;
    let (timescale, unit_ticks, priming, sample_rate) = (r.u32()?, r.u32()?, r.u32()?, r.u32()?);
    let (reorder, width, height) = (r.u16()?, r.u16()?, r.u16()?);
    let (display_width, display_height, channels) = (r.u16()?, r.u16()?, r.u16()?);
    let mut matrix = [0; 9];
    for n in &mut matrix {
        *n = r.u32()? as i32;
    }
    Ok(Track {
        codec,
        sample_entry,
        codec_string,
        timescale,
        unit_ticks,
        priming,
        sample_rate,
        reorder,
        width,
        height,
        display_width,
        display_height,
        channels,
        matrix,
    })
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, tail) = self.bytes.split_at_checked(n).ok_or_else(|| lost("the index is cut off"))?;
        self.bytes = tail;
        Ok(head)
    }
    fn string(&mut self, limit: usize) -> Result<&'a [u8]> {
        let n = self.u32()? as usize;
        if n > limit { Err(lost("an index field is too long")) } else { self.take(n) }
    }
    fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.take(2)?.try_into().expect("two bytes")))
    }
    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("four bytes")))
    }
    fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().expect("eight bytes")))
    }
    /// LEB128, at most five bytes.
    fn varint(&mut self) -> Result<u32> {
        let mut value = 0u64;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            value |= ((byte & 0x7f) as u64) << shift;
            if byte < 0x80 {
                return u32::try_from(value).map_err(|_| lost("a number in the index is too large"));
            }
        }
        Err(lost("a number in the index does not end"))
    }
}

fn varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn zigzag(n: i32) -> u32 {
    ((n << 1) ^ (n >> 31)) as u32
}

fn unzigzag(n: u32) -> i32 {
    (n >> 1) as i32 ^ -((n & 1) as i32)
}

fn lost(message: &str) -> Error {
    Error::new(Kind::DataLoss, message)
}

#[cfg(test)]
mod tests;
