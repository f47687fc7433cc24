//! What is known of one stored elementary stream, beside its samples.

use crate::error::{Error, Result};
use crate::time::Rate;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrackKind {
    Video,
    Audio,
}

/// The codings that Phim stores and packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    Avc,
    Hevc,
    Av1,
    Aac,
    Ac3,
    Eac3,
    Opus,
}

impl Codec {
    pub const ALL: [Codec; 7] =
        [Codec::Avc, Codec::Hevc, Codec::Av1, Codec::Aac, Codec::Ac3, Codec::Eac3, Codec::Opus];

    pub fn kind(self) -> TrackKind {
        match self {
            Codec::Avc | Codec::Hevc | Codec::Av1 => TrackKind::Video,
            Codec::Aac | Codec::Ac3 | Codec::Eac3 | Codec::Opus => TrackKind::Audio,
        }
    }
    pub fn name(self) -> &'static str {
        match self {
            Codec::Avc => "avc",
            Codec::Hevc => "hevc",
            Codec::Av1 => "av1",
            Codec::Aac => "aac",
            Codec::Ac3 => "ac3",
            Codec::Eac3 => "eac3",
            Codec::Opus => "opus",
        }
    }
}

/// One stored track: every sample has the same duration, and every block of the index starts with
/// a sync sample.
///
/// Invariants (checked by [`Track::validate`]):
/// - `timescale / unit_ticks` is the number of samples a second, exactly; for video it is the
///   edit rate of the title.
/// - `sample_entry` is one whole box of an `stsd`, as found in the source (ISO/IEC 14496-12 §8.5.2),
///   so colour, HDR signalling and pixel aspect survive without being understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    pub codec: Codec,
    /// The sample entry box, header included: `avc1`, `hvc1`, `av01`, `mp4a`, `ac-3`, `ec-3`, `Opus`.
    pub sample_entry: Vec<u8>,
    /// RFC 6381, e.g. `avc1.64001f`.
    pub codec_string: String,
    /// Ticks a second.
    pub timescale: u32,
    /// Ticks in every sample.
    pub unit_ticks: u32,
    /// Audio: ticks at the start that are decoded but not heard (encoder delay, pre-skip). Video: 0.
    pub priming: u32,
    /// Video: the most samples by which presentation lags behind decoding in any block. Audio: 0.
    pub reorder: u16,
    /// Video: coded size in pixels. Audio: 0.
    pub width: u16,
    pub height: u16,
    /// Video: size at which it is shown with square pixels, before rotation (`tkhd`, 16.16 fixed in
    /// the box, whole pixels here). Audio: 0.
    pub display_width: u16,
    pub display_height: u16,
    /// The `tkhd` matrix, kept so that rotation survives (ISO/IEC 14496-12 §8.3.2).
    pub matrix: [i32; 9],
    /// Audio: channels; video: 0.
    pub channels: u16,
    /// Audio: samples a second; video: 0.
    pub sample_rate: u32,
}

/// The unit matrix of a `tkhd` box.
pub const UNIT_MATRIX: [i32; 9] = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000];

impl Track {
    pub fn kind(&self) -> TrackKind {
        self.codec.kind()
    }
    /// Samples a second; for video, the edit rate.
    pub fn rate(&self) -> Result<Rate> {
        Rate::new(self.timescale, self.unit_ticks)
    }
    /// Checks what every reader of a track relies on.
    pub fn validate(&self) -> Result<()> {
        if self.timescale == 0 || self.unit_ticks == 0 {
            return Err(Error::invalid("a track without a timescale or sample duration"));
        }
        if self.sample_entry.len() < 16 || self.sample_entry.len() > MAX_SAMPLE_ENTRY {
            return Err(Error::invalid(format!(
                "a sample entry of {} bytes; expected 16 to {MAX_SAMPLE_ENTRY}",
                self.sample_entry.len()
            )));
        }
        if self.codec_string.is_empty() || self.codec_string.len() > 64 {
            return Err(Error::invalid("a codec string that is empty or longer than 64 bytes"));
        }
        match self.kind() {
            TrackKind::Video if self.width == 0 || self.height == 0 => {
                Err(Error::invalid("a picture of no size"))
            }
            TrackKind::Audio if self.channels == 0 || self.sample_rate == 0 => {
                Err(Error::invalid("sound without channels or sample rate"))
            }
            TrackKind::Video => self.rate().map(drop),
            TrackKind::Audio => Ok(()),
        }
    }
}

/// A limit on the sample entry; real ones are a few hundred bytes.
pub const MAX_SAMPLE_ENTRY: usize = 64 * 1024;
