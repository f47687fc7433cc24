//! The plan of one segment: a small generated header, then ranges of stored blobs.
//!
//! Invariant: the plan is a function of the composition, the stored media and `FORMAT_VERSION`; its
//! tag names exactly the bytes that are sent.

use media::cmaf;
use media::digest::Hasher;
use media::protect::{self, Protection};
use media::{Digest, Error, FORMAT_VERSION, Result, Seconds};
use num_rational::Ratio;

use crate::layout::{Lane, Layout, Piece, Stream};

/// Bytes `from .. from + len` of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub blob: Digest,
    pub from: u64,
    pub len: u64,
}

/// The bytes of a segment: `header`, then every range in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentPlan {
    pub header: Vec<u8>,
    pub ranges: Vec<Range>,
}

impl SegmentPlan {
    /// Bytes in the whole segment.
    pub fn len(&self) -> u64 {
        self.header.len() as u64 + self.ranges.iter().map(|r| r.len).sum::<u64>()
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Names the bytes of this segment without reading them, because blobs never change.
    pub fn tag(&self) -> Digest {
        let mut hasher = Hasher::default();
        hasher.update(&FORMAT_VERSION.to_le_bytes());
        hasher.update(&(self.header.len() as u64).to_le_bytes());
        hasher.update(&self.header);
        for range in &self.ranges {
            hasher.update(&range.blob.0);
            hasher.update(&range.from.to_le_bytes());
            hasher.update(&range.len.to_le_bytes());
        }
        hasher.finish()
    }
}

/// A segment before its header is written, for those who must see the samples first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Counts fragments from 1.
    pub sequence: u32,
    /// Of the first sample, ticks of the lane's track.
    pub decode_time: u64,
    /// What is taken off composition offsets ([`cmaf::undelayed_fragment_header`]).
    pub delay: u32,
    pub samples: Vec<cmaf::Sample>,
    /// Where the samples lie, in their order.
    pub ranges: Vec<Range>,
}

impl Fragment {
    /// The plan of the segment with everything in the clear.
    pub fn plan(self) -> SegmentPlan {
        let Fragment { sequence, decode_time, delay, samples, ranges } = self;
        let header = cmaf::undelayed_fragment_header(sequence, decode_time, delay, &samples);
        SegmentPlan { header, ranges }
    }
}

/// Bits a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitRate {
    pub peak: u64,
    pub average: u64,
}

/// A sync sample of a rendition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IFrame {
    pub part: usize,
    /// Edit units from the part's start.
    pub unit: u32,
    pub start: Seconds,
    /// Until the next one, or the end.
    pub duration: Seconds,
    piece: usize,
    sample: u32,
}

impl Layout {
    /// The init segment of a stream in a part.
    pub fn init(&self, stream: Stream, part: usize) -> Result<Vec<u8>> {
        let lane = self.lane(stream, part)?;
        Ok(cmaf::init(&lane.track, self.media_time(stream, lane), self.language(stream)))
    }

    /// The same for a stream whose samples are encrypted.
    pub fn protected_init(&self, stream: Stream, part: usize, protection: &Protection) -> Result<Vec<u8>> {
        let lane = self.lane(stream, part)?;
        protect::init(&lane.track, self.media_time(stream, lane), self.language(stream), protection)
    }

    fn language(&self, stream: Stream) -> &str {
        match stream {
            Stream::Video(_) => "und",
            Stream::Audio(n) => &self.sounds[n].language,
        }
    }

    /// Ticks that the edit list of the init segment skips: the priming of sound, and the reorder delay
    /// of pictures. A version of several parts carries no delay but signed composition offsets,
    /// because hls.js knows no edit list and would leave a hole at each discontinuity.
    fn media_time(&self, stream: Stream, lane: &Lane) -> u32 {
        match stream {
            Stream::Video(_) if self.parts.len() > 1 => 0,
            Stream::Video(_) => delay(lane),
            Stream::Audio(_) => lane.track.priming,
        }
    }

    /// The fragment of these samples of a stream.
    fn fragment_of(
        &self,
        (stream, lane): (Stream, &Lane),
        n: usize,
        decode_time: u64,
        samples: Vec<cmaf::Sample>,
        ranges: Vec<Range>,
    ) -> Fragment {
        let delay = match stream {
            Stream::Video(_) if self.parts.len() > 1 => delay(lane),
            _ => 0,
        };
        Fragment { sequence: n as u32 + 1, decode_time, delay, samples, ranges }
    }

    /// The plan of segment `n` of a stream.
    pub fn segment(&self, stream: Stream, n: usize) -> Result<SegmentPlan> {
        self.fragment(stream, n).map(Fragment::plan)
    }

    /// Segment `n` of a stream before its header is written.
    pub fn fragment(&self, stream: Stream, n: usize) -> Result<Fragment> {
        let segment = self
            .segments
            .get(n)
            .ok_or_else(|| Error::not_found(format!("no segment {n} of {}", self.segments.len())))?;
        let lane = self.lane(stream, segment.part)?;
        let (from, to) = self.sample_range(stream, n)?;
        let mut samples = Vec::with_capacity((to - from) as usize);
        let mut ranges: Vec<Range> = Vec::new();
        let begin = lane.pieces.partition_point(|p| p.at + p.count <= from);
        for piece in lane.pieces[begin..].iter().take_while(|p| p.at < to) {
            let low = from.max(piece.at) - piece.at;
            let high = to.min(piece.at + piece.count) - piece.at;
            if piece.repeated {
                push_repeated(piece, high - low, lane, &mut samples, &mut ranges)?;
            } else {
                push_samples(piece, low, high, lane, &mut samples, &mut ranges)?;
            }
        }
        let decode_time = lane.base + from as u64 * lane.track.unit_ticks as u64;
        Ok(self.fragment_of((stream, lane), n, decode_time, samples, ranges))
    }

    /// Every sync sample of a rendition, in order.
    pub fn i_frames(&self, rendition: usize) -> Result<Vec<IFrame>> {
        let mut out: Vec<IFrame> = Vec::new();
        for (n, part) in self.parts.iter().enumerate() {
            let lane = self.lane(Stream::Video(rendition), n)?;
            for (p, piece) in lane.pieces.iter().enumerate() {
                let index = &piece.media.index;
                let blocks = index.block_of(piece.first)..index.blocks();
                for sample in
                    blocks.map(|b| index.block_first(b)).take_while(|f| *f < piece.first + piece.count)
                {
                    let unit = piece.at + sample - piece.first;
                    let start = part.start + part.rate.seconds(unit as i64);
                    out.push(IFrame {
                        part: n,
                        unit,
                        start,
                        duration: Ratio::from_integer(0),
                        piece: p,
                        sample,
                    });
                }
            }
        }
        for n in 0..out.len() {
            out[n].duration = out.get(n + 1).map_or(self.duration(), |next| next.start) - out[n].start;
        }
        Ok(out)
    }

    /// The plan of one sync sample as a fragment of its own, shown until the next.
    pub fn i_frame(&self, rendition: usize, n: usize) -> Result<SegmentPlan> {
        self.i_frame_fragment(rendition, n).map(Fragment::plan)
    }

    /// The same before its header is written.
    pub fn i_frame_fragment(&self, rendition: usize, n: usize) -> Result<Fragment> {
        let frames = self.i_frames(rendition)?;
        let frame =
            frames.get(n).ok_or_else(|| Error::not_found(format!("no I-frame {n} of {}", frames.len())))?;
        let lane = self.lane(Stream::Video(rendition), frame.part)?;
        let piece = &lane.pieces[frame.piece];
        let (from, to) =
            (piece.media.index.offset_of(frame.sample)?, piece.media.index.offset_of(frame.sample + 1)?);
        let duration = media::time::ticks(frame.duration, lane.track.timescale) as u32;
        let sample = cmaf::Sample { size: (to - from) as u32, duration, offset: delay(lane), sync: true };
        let at = lane.base + frame.unit as u64 * lane.track.unit_ticks as u64;
        let range = Range { blob: piece.media.blob, from, len: to - from };
        Ok(self.fragment_of((Stream::Video(rendition), lane), n, at, vec![sample], vec![range]))
    }

    /// Bytes of one I-frame's fragment, with the bound of its header.
    pub(crate) fn i_frame_bytes(&self, rendition: usize, frame: &IFrame) -> Result<u64> {
        let index = &self.lane(Stream::Video(rendition), frame.part)?.pieces[frame.piece].media.index;
        Ok(HEADER_BYTES + SAMPLE_BYTES + index.offset_of(frame.sample + 1)?
            - index.offset_of(frame.sample)?)
    }

    /// The samples of segment `n`, counted from the part's start. Sound follows the picture to the
    /// nearest sample.
    pub fn sample_range(&self, stream: Stream, n: usize) -> Result<(u32, u32)> {
        let segment = self.segments.get(n).ok_or_else(|| Error::not_found(format!("no segment {n}")))?;
        let lane = self.lane(stream, segment.part)?;
        if let Stream::Video(_) = stream {
            return Ok((segment.from, segment.to));
        }
        let part = &self.parts[segment.part];
        let nearest = |unit: u32| {
            let exact = part.rate.seconds(unit as i64) * Ratio::from_integer(lane.track.timescale as i64)
                + Ratio::from_integer(lane.track.priming as i64);
            ((exact / Ratio::from_integer(lane.track.unit_ticks as i64) + Ratio::new(1, 2))
                .floor()
                .to_integer() as u32)
                .clamp(lane.first, lane.end)
        };
        let from = if segment.from == 0 { lane.first } else { nearest(segment.from) };
        let to = if segment.to == part.units { lane.end } else { nearest(segment.to) };
        Ok((from, to))
    }

    /// The bit rate of a stream: the measured peak, as HLS defines it (RFC 8216bis §4.4.6.2: over any
    /// run of segments of half to one and a half target durations), and the average.
    /// A held layout answers with its plain one's, because manifests that were handed out stay valid.
    pub fn bit_rate(&self, stream: Stream) -> Result<BitRate> {
        if let Some(plain) = &self.plain {
            return plain.bit_rate(stream);
        }
        let all = match self.peaks.get() {
            Some(all) => all,
            None => {
                let streams = (0..self.renditions())
                    .map(Stream::Video)
                    .chain((0..self.sounds.len()).map(Stream::Audio));
                let all = streams.map(|s| Ok((s, self.measure(s)?))).collect::<Result<Vec<_>>>()?;
                self.peaks.get_or_init(|| all)
            }
        };
        all.iter()
            .find(|(s, _)| *s == stream)
            .map(|(_, rate)| *rate)
            .ok_or_else(|| Error::not_found(format!("no stream {stream:?}")))
    }

    fn measure(&self, stream: Stream) -> Result<BitRate> {
        let sizes =
            (0..self.segments.len()).map(|n| self.segment_bytes(stream, n)).collect::<Result<Vec<u64>>>()?;
        let longest = self.segments.iter().map(|s| s.duration).max().unwrap_or_default();
        let target = Ratio::from_integer((longest + Ratio::new(1, 2)).floor().to_integer().max(1));
        let rate = |bytes: u64, seconds: Seconds| {
            (Ratio::from_integer(bytes as i64 * 8) / seconds).ceil().to_integer() as u64
        };
        let average = rate(sizes.iter().sum(), self.duration());
        let mut peak = average;
        for first in 0..sizes.len() {
            let (mut bytes, mut seconds) = (0, Ratio::from_integer(0));
            for (size, segment) in sizes.iter().zip(self.segments.iter()).skip(first) {
                bytes += size;
                seconds += segment.duration;
                if seconds > target * Ratio::new(3, 2) {
                    break;
                }
                if seconds >= target / 2 {
                    peak = peak.max(rate(bytes, seconds));
                }
            }
        }
        Ok(BitRate { peak, average })
    }

    /// Bytes of a segment, with an upper bound for its header; decodes no more than cut groups.
    fn segment_bytes(&self, stream: Stream, n: usize) -> Result<u64> {
        let lane = self.lane(stream, self.segments[n].part)?;
        let (from, to) = self.sample_range(stream, n)?;
        let mut bytes = HEADER_BYTES + SAMPLE_BYTES * (to - from) as u64;
        let begin = lane.pieces.partition_point(|p| p.at + p.count <= from);
        for piece in lane.pieces[begin..].iter().take_while(|p| p.at < to) {
            let low = from.max(piece.at) - piece.at;
            let high = to.min(piece.at + piece.count) - piece.at;
            let index = &piece.media.index;
            bytes += if piece.repeated {
                (high - low) as u64 * (index.offset_of(piece.first + 1)? - index.offset_of(piece.first)?)
            } else {
                index.offset_of(piece.first + high)? - index.offset_of(piece.first + low)?
            };
        }
        Ok(bytes)
    }
}

/// Bounds of a fragment's header: its fixed boxes, and one entry of `trun`.
const HEADER_BYTES: u64 = 256;
const SAMPLE_BYTES: u64 = 16;

/// The reorder delay of pictures in ticks, by which their composition offsets are raised.
fn delay(lane: &Lane) -> u32 {
    lane.track.reorder as u32 * lane.track.unit_ticks
}

fn push_samples(
    piece: &Piece,
    low: u32,
    high: u32,
    lane: &Lane,
    samples: &mut Vec<cmaf::Sample>,
    ranges: &mut Vec<Range>,
) -> Result<()> {
    let index = &piece.media.index;
    let (mut at, end) = (piece.first + low, piece.first + high);
    while at < end {
        let block = index.block(index.block_of(at))?;
        let begin = (at - block.first) as usize;
        let until = block.samples.len().min((end - block.first) as usize);
        let from = block.offset_of(begin);
        let mut len = 0;
        for (n, sample) in block.samples[begin..until].iter().enumerate() {
            let offset = (sample.shift + lane.track.reorder as i32) as u32 * lane.track.unit_ticks;
            let sync = begin + n == 0 || lane.track.kind() == media::TrackKind::Audio;
            samples.push(cmaf::Sample { size: sample.size, duration: lane.track.unit_ticks, offset, sync });
            len += sample.size as u64;
        }
        push_range(ranges, Range { blob: piece.media.blob, from, len });
        at = block.first + until as u32;
    }
    Ok(())
}

fn push_repeated(
    piece: &Piece,
    count: u32,
    lane: &Lane,
    samples: &mut Vec<cmaf::Sample>,
    ranges: &mut Vec<Range>,
) -> Result<()> {
    let index = &piece.media.index;
    let (from, to) = (index.offset_of(piece.first)?, index.offset_of(piece.first + 1)?);
    for _ in 0..count {
        samples.push(cmaf::Sample {
            size: (to - from) as u32,
            duration: lane.track.unit_ticks,
            offset: 0,
            sync: true,
        });
        ranges.push(Range { blob: piece.media.blob, from, len: to - from });
    }
    Ok(())
}

/// Adds a range, as part of the one before when they touch.
fn push_range(ranges: &mut Vec<Range>, range: Range) {
    if range.len == 0 {
        return;
    }
    match ranges.last_mut() {
        Some(last) if last.blob == range.blob && last.from + last.len == range.from => last.len += range.len,
        _ => ranges.push(range),
    }
}

#[cfg(test)]
mod tests;
