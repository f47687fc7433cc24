//! The one place that knows encoders: which settings make pictures that can be cut, by codec.
//!
//! Invariants:
//! - What parameter sets depend on (size, rate, profile, level, colour, preset, B-frames) is given
//!   explicitly, so two encodings of one [`Look`] have the same sets byte for byte (`stitchable`
//!   keeps the quantiser out of them). What may differ (quality, rate control, threads) does not.
//! - Groups are closed, and start at forced places or every two seconds, nowhere else.

use std::ffi::OsString;

use media::entry::Colour;
use media::h264::{Avcc, ParameterSets, Sps};
use media::{Codec, Error, Rate, Result, Track};

/// Version of the settings: another number, other bytes.
pub const ENCODER_VERSION: u32 = 1;

/// What parameter sets depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Pixels, both even.
    pub width: u32,
    pub height: u32,
    /// Width and height of one pixel; `None` where the stream does not say.
    pub pixel_aspect: Option<(u16, u16)>,
    pub rate: Rate,
    /// `None` where the stream says nothing about colour.
    pub colour: Option<Colour>,
    pub profile: Profile,
    /// Ten times the level: 31 is level 3.1.
    pub level: u8,
    /// Id of both parameter sets.
    pub sets: u8,
}

/// H.264 profiles that x264 makes, with the pixels they need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Baseline,
    Main,
    High,
    High10,
    High422,
}

/// How bits are spent; nothing here shows in the parameter sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// For a ladder: constant quality under a ceiling of bits a second.
    Ladder { crf: u8, peak: u32 },
    /// For frames that are judged against others: one quantiser for every part of every picture, which
    /// bounds the error whatever the picture shows, and one thread, so that the bytes do not depend on
    /// the machine. With so fine a quantiser, searching long saves a twelfth of the bytes and costs as
    /// much time again, and the deblocking filter hardly changes a sample and costs a tenth, in every
    /// player too; somebody waits for these frames.
    Faithful { qp: u8 },
    /// The same for still pictures, and none refers to a later one, though the sets say that it might.
    Straight { qp: u8 },
}

/// Frames of a closed group: two seconds.
pub fn group_frames(rate: Rate) -> u32 {
    ((2 * rate.num() as u64 + rate.den() as u64 / 2) / rate.den() as u64).max(1) as u32
}

impl Look {
    /// The look of a rung that Phim encodes.
    pub fn of_rung(width: u32, height: u32, rate: Rate, colour: Option<Colour>) -> Look {
        Look {
            width,
            height,
            pixel_aspect: Some((1, 1)),
            rate,
            colour,
            profile: Profile::High,
            level: level(width, height, rate),
            sets: 0,
        }
    }

    /// The look that a stored track has. Only H.264 in forms that x264 makes.
    pub fn of_track(track: &Track) -> Result<Look> {
        if track.codec != Codec::Avc {
            return Err(Error::unsupported(format!("frames of {} cannot be encoded again yet", track.codec_string))
                .remedy("Move the cut to sync samples, or add the film as a single file so that Phim makes an H.264 ladder"));
        }
        let avcc = Avcc::of_entry(&track.sample_entry)?;
        let sets = ParameterSets::of(&avcc)?;
        let sps: &Sps =
            sets.sps().first().ok_or_else(|| Error::invalid("a track without a sequence parameter set"))?;
        if sps.width % 2 == 1 || sps.height % 2 == 1 {
            return Err(Error::unsupported(format!(
                "frames of an odd size, {} by {}, cannot be encoded again",
                sps.width, sps.height
            )));
        }
        let profile = match (sps.profile, sps.chroma, sps.luma_depth) {
            (66, ..) => Profile::Baseline,
            (77, ..) => Profile::Main,
            (100, 1, 8) => Profile::High,
            (110, 1, 10) => Profile::High10,
            (122, 2, 10) => Profile::High422,
            (profile, ..) => {
                return Err(Error::unsupported(format!(
                    "frames of H.264 profile {profile} cannot be encoded again"
                ))
                .remedy("Move the cut to sync samples"));
            }
        };
        Ok(Look {
            width: sps.width,
            height: sps.height,
            pixel_aspect: sps.pixel_aspect,
            rate: track.rate()?,
            colour: sps.colour,
            profile,
            level: avcc.level,
            sets: 0,
        })
    }

    /// The filter that tells frames their colour and the shape of their pixels: what the stream does
    /// not say is said to be unknown.
    pub fn tag_filter(&self) -> String {
        let (wide, high) = self.pixel_aspect.unwrap_or((0, 1));
        let (range, [matrix, primaries, transfer]) = match self.colour {
            None => ("tv", [2; 3]),
            Some(c) => (if c.full_range { "pc" } else { "tv" }, [c.matrix, c.primaries, c.transfer]),
        };
        format!(
            "setsar={wide}/{high}:max=65535,setparams=range={range}:colorspace={matrix}:color_primaries={primaries}:color_trc={transfer}"
        )
    }

    /// ffmpeg's name of the encoder's pixel format.
    pub fn pixel_format(&self) -> &'static str {
        match self.profile {
            Profile::Baseline | Profile::Main | Profile::High => "yuv420p",
            Profile::High10 => "yuv420p10le",
            Profile::High422 => "yuv422p10le",
        }
    }

    /// The filter that brings frames into it.
    pub fn format_filter(&self) -> &'static str {
        match self.profile {
            Profile::Baseline | Profile::Main | Profile::High => "format=yuv420p",
            Profile::High10 => "format=yuv420p10le",
            Profile::High422 => "format=yuv422p10le",
        }
    }

    /// The filters that bring decoded frames into the encoder's pixel format with every sample as it is.
    /// Full range is called narrow from here to [`Look::out_filter`], or a filter might change the range.
    pub fn in_filter(&self) -> String {
        let format = self.format_filter();
        if self.is_full_range() {
            format!("scale=in_range=pc:out_range=pc,{format},setparams=range=tv")
        } else {
            format.to_string()
        }
    }

    /// The filter that gives such frames to the encoder.
    pub fn out_filter(&self) -> &'static str {
        if self.is_full_range() { "setparams=range=pc" } else { self.format_filter() }
    }

    fn is_full_range(&self) -> bool {
        self.colour.is_some_and(|c| c.full_range)
    }

    /// Bits of a sample.
    pub fn depth(&self) -> u32 {
        match self.profile {
            Profile::Baseline | Profile::Main | Profile::High => 8,
            Profile::High10 | Profile::High422 => 10,
        }
    }

    /// Luma and chroma of black (ITU-T H.273 §8.3).
    pub fn black(&self) -> (u32, u32) {
        let scale = 1 << (self.depth() - 8);
        (if self.is_full_range() { 0 } else { 16 * scale }, 128 * scale)
    }

    /// The filter that paints frames in the encoder's pixel format black.
    pub fn black_filter(&self) -> String {
        let (luma, chroma) = self.black();
        format!("lutyuv=y={luma}:u={chroma}:v={chroma}")
    }

    /// Options of one output of ffmpeg. Groups are at most `group` frames long.
    pub fn options(&self, quality: Quality, group: u32) -> Vec<OsString> {
        let group = group.to_string();
        let profile = match self.profile {
            Profile::Baseline => "baseline",
            Profile::Main => "main",
            Profile::High => "high",
            Profile::High10 => "high10",
            Profile::High422 => "high422",
        };
        // ffmpeg hands these over after the profile, so they must not ask for what it lacks.
        let order =
            if self.profile == Profile::Baseline { "bframes=0" } else { "bframes=3:b-pyramid=normal" };
        let mut private = format!("stitchable=1:scenecut=0:open-gop=0:{order}:sps-id={}", self.sets);
        let mut options =
            vec!["-fps_mode", "cfr", "-c:v", "libx264", "-preset", "veryfast", "-profile:v", profile]
                .into_iter()
                .map(String::from)
                .collect::<Vec<_>>();
        options.extend([
            "-r".into(),
            self.rate.to_string(),
            "-level:v".into(),
            format!("{}.{}", self.level / 10, self.level % 10),
        ]);
        options.extend([
            "-g".into(),
            group.clone(),
            "-keyint_min".into(),
            group,
            "-sc_threshold".into(),
            "0".into(),
        ]);
        options.extend(["-forced-idr".into(), "1".into()]);
        match quality {
            Quality::Ladder { crf, peak } => {
                options.extend(["-crf".into(), crf.to_string()]);
                options.extend([
                    "-maxrate".into(),
                    peak.to_string(),
                    "-bufsize".into(),
                    (2 * peak as u64).to_string(),
                ]);
            }
            Quality::Faithful { qp } => {
                options.extend(["-qp".into(), qp.to_string(), "-threads".into(), "1".into()]);
                private.push_str(":b-adapt=0:subme=1:me=dia:trellis=0:partitions=i8x8:no-deblock=1");
            }
            Quality::Straight { qp } => {
                options.extend(["-qp".into(), qp.to_string(), "-threads".into(), "1".into()]);
                // Searched through, every order of still pictures costs nothing; the first that is tried,
                // and with this bias the cheapest, has no B-frames. To forbid them would change the sets.
                private.push_str(":b-adapt=2:b-bias=-90");
            }
        }
        options.extend(["-x264-params".into(), private]);
        options.into_iter().map(OsString::from).collect()
    }
}

/// Limits of H.264 levels (Table A-1): ten times the level, macroblocks a second, macroblocks a
/// picture, macroblocks of the decoded picture buffer.
const LEVELS: [(u8, u64, u64, u64); 13] = [
    (30, 40_500, 1_620, 8_100),
    (31, 108_000, 3_600, 18_000),
    (32, 216_000, 5_120, 20_480),
    (40, 245_760, 8_192, 32_768),
    (42, 522_240, 8_704, 34_816),
    (50, 589_824, 22_080, 110_400),
    (51, 983_040, 36_864, 184_320),
    (52, 2_073_600, 36_864, 184_320),
    (60, 4_177_920, 139_264, 696_320),
    (61, 8_355_840, 139_264, 696_320),
    (62, 16_711_680, 139_264, 696_320),
    (62, u64::MAX, 139_264, 696_320),
    (62, u64::MAX, u64::MAX, u64::MAX),
];
/// Frames that our settings keep in the decoded picture buffer.
const BUFFERED: u64 = 4;

/// The lowest level from 3.0 that holds pictures of this size and rate.
fn level(width: u32, height: u32, rate: Rate) -> u8 {
    let picture = width.div_ceil(16) as u64 * height.div_ceil(16) as u64;
    let second = (picture * rate.num() as u64).div_ceil(rate.den() as u64);
    let fits = |l: &&(u8, u64, u64, u64)| second <= l.1 && picture <= l.2 && picture * BUFFERED <= l.3;
    LEVELS.iter().find(fits).map_or(62, |l| l.0)
}

/// Whether two sample entries hold the same parameter sets, byte for byte.
pub fn same_sets(a: &[u8], b: &[u8]) -> Result<bool> {
    Ok(Avcc::of_entry(a)?.write()? == Avcc::of_entry(b)?.write()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_follow_size_and_rate() {
        let of = |w, h, num, den| level(w, h, Rate::new(num, den).unwrap());
        assert_eq!(of(640, 360, 24, 1), 30);
        assert_eq!(of(1280, 720, 30, 1), 31);
        assert_eq!(of(1280, 720, 60, 1), 32);
        assert_eq!(of(1920, 1080, 24000, 1001), 40);
        assert_eq!(of(1920, 1080, 60000, 1001), 42);
        assert_eq!(of(3840, 2160, 25, 1), 51);
    }

    #[test]
    fn groups_last_two_seconds() {
        let of = |num, den| group_frames(Rate::new(num, den).unwrap());
        assert_eq!(
            [of(24, 1), of(24000, 1001), of(30000, 1001), of(60, 1), of(25, 2), of(1, 10)],
            [48, 48, 60, 120, 25, 1]
        );
    }
}
