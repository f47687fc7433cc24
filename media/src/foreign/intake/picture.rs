//! Takes in a track of pictures: constant rate, closed groups, one set of parameter sets.

use super::super::edits::Stretch;
use super::super::{ForeignTrack, Movie, Sample, boxes, rhythm};
use super::{ENCODE_ANEW, Intake, bytes_of, gather, milliseconds, pieces};
use crate::entry::{self, Entry};
use crate::error::{Error, Result};
use crate::h264::{self, Avcc, ParameterSets};
use crate::index::{self, MAX_BLOCK_SAMPLES};
use crate::time::{Rate, Seconds};
use crate::track::{Codec, Track, TrackKind};
use crate::{av1, codec_string, hevc};

/// What the bitstream says of one sample.
#[derive(Clone, Copy)]
struct Look {
    /// A decoder can start here: IDR, BLA or a shown key frame.
    entry_point: bool,
    /// A decoder can start here if nothing after it refers to before it (HEVC CRA).
    open_entry: bool,
    idr_pic_id: u16,
}

/// How to look into the samples of a track.
enum Inspector {
    Avc(ParameterSets),
    Hevc,
    Av1(av1::Config),
}

pub(super) fn intake(movie: &Movie, source: &ForeignTrack, file: &[u8]) -> Result<Intake> {
    let codec = codec_of(source)?;
    let (samples, entry_bytes) = gather(source, file)?;
    let parts = entry::read(entry_bytes, TrackKind::Video)?;
    let inspector = Inspector::of(codec, entry_bytes, &parts)?;
    let order = Order::of(&samples, source.timescale)?;
    let looks = inspect(&inspector, &samples, &order, file)?;
    let blocks = blocks(&samples, &looks, &order)?;
    let (hidden, shown, start) = presented(movie, source, &order)?;
    let picture = picture_size(source, &parts, &inspector)?;
    let reorder = blocks
        .iter()
        .flat_map(|(samples, _)| samples)
        .map(|s| s.shift.min(0).unsigned_abs())
        .max()
        .unwrap_or(0);
    let track = Track {
        codec,
        codec_string: codec_string::of(codec, entry_bytes)?,
        sample_entry: entry_bytes.to_vec(),
        timescale: order.rate.timescale(),
        unit_ticks: order.rate.ticks_per_unit(),
        priming: 0,
        reorder: reorder as u16,
        width: picture.coded.0,
        height: picture.coded.1,
        display_width: picture.display.0,
        display_height: picture.display.1,
        matrix: source.matrix,
        channels: 0,
        sample_rate: 0,
    };
    track.validate()?;
    let interlaced = matches!(&inspector, Inspector::Avc(sets) if sets.sps().iter().any(|s| s.interlaced));
    Ok(Intake {
        track,
        blocks,
        pieces: pieces(&samples),
        start,
        hidden,
        shown,
        language: source.language.clone(),
        interlaced,
    })
}

fn codec_of(source: &ForeignTrack) -> Result<Codec> {
    match &source.coding() {
        b"avc1" | b"avc3" => Ok(Codec::Avc),
        b"hvc1" | b"hev1" => Ok(Codec::Hevc),
        b"av01" => Ok(Codec::Av1),
        other => Err(Error::unsupported(format!(
            "pictures coded as {}; Phim stores H.264, HEVC and AV1",
            boxes::name(*other)
        ))
        .remedy(ENCODE_ANEW)),
    }
}

impl Inspector {
    fn of(codec: Codec, entry_bytes: &[u8], parts: &Entry) -> Result<Inspector> {
        let four = |size: u8| {
            if size == 4 {
                return Ok(());
            }
            Err(Error::unsupported(format!(
                "NAL units behind lengths of {size} bytes; Phim stores lengths of four"
            ))
            .remedy(ENCODE_ANEW))
        };
        match codec {
            Codec::Avc => {
                let avcc = Avcc::of_entry(entry_bytes)?;
                four(avcc.length_size)?;
                Ok(Inspector::Avc(ParameterSets::of(&avcc)?))
            }
            Codec::Hevc => {
                four(hevc::Config::read(parts.config(b"hvcC")?)?.length_size)?;
                Ok(Inspector::Hevc)
            }
            _ => Ok(Inspector::Av1(av1::Config::read(parts.config(b"av1C")?)?)),
        }
    }

    fn look(&self, sample: &[u8]) -> Result<Look> {
        match self {
            Inspector::Avc(sets) => {
                let picture = h264::inspect(sample, sets)?;
                Ok(Look { entry_point: picture.idr, open_entry: false, idr_pic_id: picture.idr_pic_id })
            }
            Inspector::Hevc => {
                let access = hevc::access(sample)?;
                let entry_point = matches!(access, hevc::Access::Idr | hevc::Access::Broken);
                Ok(Look { entry_point, open_entry: access == hevc::Access::Clean, idr_pic_id: 0 })
            }
            Inspector::Av1(config) => {
                Ok(Look { entry_point: config.is_key(sample)?, open_entry: false, idr_pic_id: 0 })
            }
        }
    }
}

/// In which order, at which rate, frames are shown.
struct Order {
    rate: Rate,
    timescale: u32,
    /// Times at which frames are shown, ascending, in ticks of the media.
    times: Vec<i64>,
    /// Per sample in decode order: its number in presentation order.
    ranks: Vec<u32>,
}

impl Order {
    fn of(samples: &[Sample], timescale: u32) -> Result<Order> {
        let mut by_time: Vec<u32> = (0..samples.len() as u32).collect();
        by_time.sort_by_key(|n| samples[*n as usize].shown());
        let times: Vec<i64> = by_time.iter().map(|n| samples[*n as usize].shown()).collect();
        let mut ranks = vec![0; samples.len()];
        for (rank, n) in by_time.iter().enumerate() {
            ranks[*n as usize] = rank as u32;
        }
        let last = by_time.last().map_or(0, |n| samples[*n as usize].duration);
        let rate =
            rhythm::recognise(&times, last, timescale).map_err(|odd| irregular(&times, odd.0, timescale))?;
        Ok(Order { rate, timescale, times, ranks })
    }

    /// Whether `ticks` of the media are at least half a frame.
    fn half_a_frame(&self, ticks: i64) -> bool {
        ticks as i128 * 2 * self.rate.num() as i128 >= self.timescale as i128 * self.rate.den() as i128
    }
}

fn irregular(times: &[i64], frame: usize, timescale: u32) -> Error {
    let at = |n: usize| times.get(n).map_or(0, |t| t - times[0]);
    let after = |n: usize| milliseconds(at(n) - at(n.saturating_sub(1)), timescale);
    Error::unsupported(format!(
        "the frame rate varies: frame {frame}, at {} ms, is shown {} ms after the one before it, but frame 1 {} ms",
        milliseconds(at(frame), timescale),
        after(frame),
        after(1)
    ))
    .remedy(ENCODE_ANEW)
}

/// Looks into every sample. Where the file's marks and the pictures disagree in a way that would
/// send a player to a frame that cannot be decoded, the track is refused.
fn inspect(inspector: &Inspector, samples: &[Sample], order: &Order, file: &[u8]) -> Result<Vec<Look>> {
    // Files without `stss`, or with careless flags, mark everything; then the pictures alone decide.
    let marks_mean_something = samples.iter().any(|s| !s.sync);
    let mut looks = Vec::with_capacity(samples.len());
    for (n, sample) in samples.iter().enumerate() {
        let frame = order.ranks[n];
        let mut look = inspector
            .look(bytes_of(file, sample))
            .map_err(|e| e.at(format!("frame {frame} (sample {n})")))?;
        if look.open_entry && sample.sync && marks_mean_something || look.open_entry && n == 0 {
            look.entry_point = true;
        }
        if !look.entry_point && n == 0 {
            return Err(Error::unsupported(format!(
                "the track begins with frame {frame}, where decoding cannot start"
            ))
            .remedy(ENCODE_ANEW));
        }
        if !look.entry_point && sample.sync && marks_mean_something {
            return Err(open_group(format!(
                "frame {frame} is marked as a sync sample, but decoding cannot start there: the group of pictures is open"
            )));
        }
        looks.push(look);
    }
    Ok(looks)
}

fn open_group(message: String) -> Error {
    Error::unsupported(message).remedy("Encode with closed groups of pictures (x264: `open-gop=0`, which is its default), or add the film as a single file, so that Phim encodes its own ladder")
}

/// Cuts the samples into closed groups.
fn blocks(samples: &[Sample], looks: &[Look], order: &Order) -> Result<Vec<(Vec<index::Sample>, u16)>> {
    let mut starts: Vec<usize> = (0..samples.len()).filter(|n| looks[*n].entry_point).collect();
    starts.push(samples.len());
    let mut blocks = Vec::with_capacity(starts.len());
    for pair in starts.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        if to - from > MAX_BLOCK_SAMPLES {
            return Err(Error::unsupported(format!(
                "{} frames between two sync samples, from frame {}; expected at most {MAX_BLOCK_SAMPLES}",
                to - from,
                order.ranks[from]
            ))
            .remedy(ENCODE_ANEW));
        }
        let lead = order.ranks[from].saturating_sub(from as u32);
        if lead > 0 {
            return Err(open_group(format!(
                "frames that follow sync frame {} are shown before it ({lead} leading pictures): the group of pictures is open",
                order.ranks[from]
            )));
        }
        let ranks = &order.ranks[from..to];
        if let Some(rank) = ranks.iter().find(|rank| !(from..to).contains(&(**rank as usize))) {
            return Err(open_group(format!(
                "frame {rank} is shown outside the group of pictures that carries it (frames {from} to {}): the group is open",
                to - 1
            )));
        }
        let one = |n: usize| index::Sample {
            size: samples[n].size,
            shift: (order.ranks[n] as i64 - n as i64) as i32,
        };
        blocks.push(((from..to).map(one).collect(), looks[from].idr_pic_id));
    }
    Ok(blocks)
}

/// Hidden and presented frames, and when the first presented one is shown.
///
/// Frames are whole: one that the edit list cuts by half or more at its start is hidden, one that it
/// cuts by less is presented that much earlier, so picture and sound stay together exactly.
fn presented(movie: &Movie, source: &ForeignTrack, order: &Order) -> Result<(u32, u32, Seconds)> {
    let stretch = Stretch::of(movie, source)?;
    let hidden = stretch
        .from
        .map_or(0, |from| order.times.partition_point(|t| order.half_a_frame(from.saturating_sub(*t))));
    let end = stretch.end().map_or(order.times.len(), |end| {
        let slack = stretch.end_tolerance().min(rhythm_slack(order));
        order.times.partition_point(|t| order.half_a_frame(end.saturating_add(slack).saturating_sub(*t)))
    });
    let first = order.times.get(hidden).filter(|_| hidden < end);
    let first = first.ok_or_else(|| Error::invalid("the edit list presents no frame"))?;
    Ok((hidden as u32, (end - hidden) as u32, stretch.presented(*first)?))
}

/// Slack that cannot turn one frame into the next: a quarter of a frame.
fn rhythm_slack(order: &Order) -> i64 {
    order.timescale as i64 * order.rate.den() as i64 / order.rate.num() as i64 / 4
}

struct PictureSize {
    coded: (u16, u16),
    display: (u16, u16),
}

/// Coded size, and the size with square pixels: from `pasp`, else `tkhd`, else the parameter set.
fn picture_size(source: &ForeignTrack, parts: &Entry, inspector: &Inspector) -> Result<PictureSize> {
    let mut coded = (parts.width, parts.height);
    let mut aspect = parts.pixel_aspect()?;
    if let Inspector::Avc(sets) = inspector {
        let sps = &sets.sps()[0];
        let fits = |n: u32| {
            u16::try_from(n)
                .map_err(|_| Error::unsupported(format!("pictures of {}x{}", sps.width, sps.height)))
        };
        coded = (fits(sps.width)?, fits(sps.height)?);
        if (source.shown_width, source.shown_height) == (0, 0) {
            aspect = aspect.or(sps.pixel_aspect.map(|(x, y)| (x as u32, y as u32)));
        }
    }
    let display = match aspect {
        Some((x, y)) => {
            let width = (coded.0 as u64 * x as u64 + y as u64 / 2) / y as u64;
            (u16::try_from(width).unwrap_or(u16::MAX).max(1), coded.1)
        }
        None if source.shown_width > 0 && source.shown_height > 0 => {
            (source.shown_width, source.shown_height)
        }
        None => coded,
    };
    Ok(PictureSize { coded, display })
}
