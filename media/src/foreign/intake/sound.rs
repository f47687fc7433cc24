//! Takes in a track of sound: packets of equal length, priming kept as a number.

use super::super::edits::Stretch;
use super::super::{ForeignTrack, Movie, Sample, boxes, rhythm};
use super::{ENCODE_ANEW, Intake, bytes_of, gather, milliseconds, pieces};
use crate::entry::{self, Entry};
use crate::error::{Error, Result};
use crate::index::{self, AUDIO_BLOCK_SAMPLES};
use crate::track::{Codec, Track, TrackKind};
use crate::{aac, codec_string, dolby, opus};

/// What the coding says of every packet.
struct Packets {
    codec: Codec,
    /// Sampling periods in one packet, and periods a second, of the same clock.
    length: u32,
    clock: u32,
    channels: u16,
    /// Samples a second that are heard.
    sample_rate: u32,
    /// Periods of `clock` that a decoder drops at the start, when no edit list says it.
    pre_skip: u32,
}

pub(super) fn intake(movie: &Movie, source: &ForeignTrack, file: &[u8]) -> Result<Intake> {
    let coding = source.coding();
    if !matches!(&coding, b"mp4a" | b"ac-3" | b"ec-3" | b"Opus") {
        // Checked before the samples are listed: files may store every period of PCM as a sample.
        return Err(Error::unsupported(format!(
            "sound coded as {}; Phim stores AAC, AC-3, E-AC-3 and Opus",
            boxes::name(coding)
        ))
        .remedy(ENCODE_ANEW));
    }
    let (mut samples, entry_bytes) = gather(source, file)?;
    let parts = entry::read(entry_bytes, TrackKind::Audio)?;
    let mut packets = Packets::of(&parts, bytes_of(file, &samples[0]))?;
    let first = packets.fit_times(&samples, source.timescale)?;
    if packets.codec == Codec::Opus {
        check_opus(&samples, file)?;
    }
    let stretch = Stretch::of(movie, source)?;
    let heard = stretch.end().map_or(samples.len(), |end| samples.partition_point(|s| s.shown() < end));
    if heard == 0 {
        return Err(Error::invalid("the edit list lets nothing be heard"));
    }
    samples.truncate(heard);
    let from = heard_from(&stretch, first, &packets, source.timescale);
    let (timescale, unit_ticks) = packets.clock_of(source.timescale);
    let priming = ((from - first) as i128 * timescale as i128 + source.timescale as i128 / 2)
        / source.timescale as i128;
    let entry = parts.plain();
    let track = Track {
        codec: packets.codec,
        codec_string: codec_string::of(packets.codec, &entry)?,
        sample_entry: entry,
        timescale,
        unit_ticks,
        priming: u32::try_from(priming)
            .map_err(|_| Error::unsupported("the edit list begins hours into the sound"))?,
        reorder: 0,
        width: 0,
        height: 0,
        display_width: 0,
        display_height: 0,
        matrix: source.matrix,
        channels: packets.channels,
        sample_rate: packets.sample_rate,
    };
    track.validate()?;
    let sizes: Vec<_> = samples.iter().map(|s| index::Sample { size: s.size, shift: 0 }).collect();
    Ok(Intake {
        track,
        blocks: sizes.chunks(AUDIO_BLOCK_SAMPLES).map(|run| (run.to_vec(), 0)).collect(),
        pieces: pieces(&samples),
        start: stretch.presented(from)?,
        hidden: 0,
        shown: samples.len() as u32,
        language: source.language.clone(),
        interlaced: false,
    })
}

/// The media time from which sound is heard.
fn heard_from(stretch: &Stretch, first: i64, packets: &Packets, timescale: u32) -> i64 {
    match stretch.from {
        Some(from) => from.max(first),
        None => {
            first
                + (packets.pre_skip as i64 * timescale as i64 + packets.clock as i64 / 2)
                    / packets.clock as i64
        }
    }
}

impl Packets {
    fn of(parts: &Entry, first: &[u8]) -> Result<Packets> {
        match &parts.kind {
            b"mp4a" => {
                let config = aac::Config::of_esds(parts.config(b"esds")?)?;
                let channels = config.channels.unwrap_or(parts.channels);
                Ok(Packets {
                    codec: Codec::Aac,
                    length: config.frame_length,
                    clock: config.core_rate,
                    channels,
                    sample_rate: config.sample_rate,
                    pre_skip: 0,
                })
            }
            b"ac-3" => {
                let config = dolby::read_dac3(parts.config(b"dac3")?)?;
                Ok(Packets::dolby(Codec::Ac3, config, dolby::AC3_PERIODS))
            }
            b"ec-3" => {
                let config = dolby::read_dec3(parts.config(b"dec3")?)?;
                Ok(Packets::dolby(Codec::Eac3, config, dolby::eac3_periods(first)?))
            }
            _ => {
                let config = opus::Config::read(parts.config(b"dOps")?)?;
                Ok(Packets {
                    codec: Codec::Opus,
                    length: opus::periods(first)?,
                    clock: opus::CLOCK,
                    channels: config.channels,
                    sample_rate: opus::CLOCK,
                    pre_skip: config.pre_skip,
                })
            }
        }
    }

    fn dolby(codec: Codec, config: dolby::Config, length: u32) -> Packets {
        Packets {
            codec,
            length,
            clock: config.sample_rate,
            channels: config.channels,
            sample_rate: config.sample_rate,
            pre_skip: 0,
        }
    }

    /// Checks the times of the packets; answers where the first one stands.
    ///
    /// A sample of E-AC-3 lasts 1,536 periods by its standard. There are files whose samples hold
    /// fewer blocks and step by 1,536 all the same; then the file's timeline is followed.
    fn fit_times(&mut self, samples: &[Sample], timescale: u32) -> Result<i64> {
        let found = self.check_times(samples, timescale);
        if found.is_ok() || self.codec != Codec::Eac3 || self.length == dolby::AC3_PERIODS {
            return found;
        }
        self.length = dolby::AC3_PERIODS;
        self.check_times(samples, timescale)
    }

    /// Every packet must stand where the ones before it end, or nearly.
    /// Answers where the first one stands.
    ///
    /// The length of the last one does not matter: writers shorten it to the end of the sound. Nor
    /// does that of the first: writers stretch it so that the track begins at zero, and only the
    /// second says where the sound stands.
    fn check_times(&self, samples: &[Sample], timescale: u32) -> Result<i64> {
        let (clock, length) = (self.clock as i128, self.length as i128 * timescale as i128);
        let step = (length / clock) as i64;
        // Two milliseconds of drift over the whole track cannot be heard; a lost packet is longer.
        let drift = (timescale / 500) as i64;
        let tolerance =
            rhythm::tolerance(samples[1..].iter().map(Sample::shown), step, timescale).max(drift) as i128;
        let mut first = samples[0].shown();
        if let Some(second) = samples.get(1).map(Sample::shown) {
            let ideal = second as i128 - (length + clock / 2) / clock;
            if (ideal - first as i128).abs() > tolerance {
                first = ideal as i64;
            }
        }
        for (n, sample) in samples.iter().enumerate().skip(1) {
            let since = sample.shown() as i128 - first as i128;
            if (since * clock - n as i128 * length).abs() > tolerance * clock {
                return Err(Error::unsupported(format!(
                    "the sound has a gap or an overlap: packet {n} stands at {} ms, but the packets before it end at {} ms",
                    milliseconds(since as i64, timescale),
                    milliseconds((n as i128 * length / clock) as i64, timescale)
                ))
                .remedy(ENCODE_ANEW));
            }
        }
        Ok(first)
    }

    /// Timescale and ticks of a packet: the source's, when a packet is a whole number of its ticks.
    fn clock_of(&self, timescale: u32) -> (u32, u32) {
        let ticks = self.length as u64 * timescale as u64;
        match u32::try_from(ticks / self.clock as u64) {
            Ok(unit) if ticks.is_multiple_of(self.clock as u64) => (timescale, unit),
            _ => (self.clock, self.length),
        }
    }
}

/// Opus packets say their own length; all must say the same.
fn check_opus(samples: &[Sample], file: &[u8]) -> Result<()> {
    let length = opus::periods(bytes_of(file, &samples[0]))?;
    for (n, sample) in samples.iter().enumerate() {
        let this = opus::periods(bytes_of(file, sample)).map_err(|e| e.at(format!("packet {n}")))?;
        if this != length && n + 1 < samples.len() {
            return Err(Error::unsupported(format!("packet {n} lasts {this} periods of 1/48000 s, packet 0 {length}; Phim stores packets of equal length")).remedy(ENCODE_ANEW));
        }
    }
    Ok(())
}
