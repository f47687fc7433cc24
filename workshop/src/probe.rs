//! What a foreign file holds, as ffprobe sees it from inside the sandbox. Any container.

use std::path::{Path, PathBuf};

use media::{Error, Rate, Result, Seconds};
use num_rational::Ratio;
use serde_json::Value;

use crate::sandbox::{Job, Limits, Sandbox};

/// What a file holds. Streams are named by their number in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    pub file: PathBuf,
    /// ffmpeg's names of the container, separated by commas.
    pub container: String,
    pub seconds: Option<Seconds>,
    /// The first stream of moving pictures (cover pictures do not count).
    pub video: Option<Picture>,
    pub sounds: Vec<SoundStream>,
    pub texts: Vec<TextStream>,
    pub chapters: Vec<Chapter>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub stream: u32,
    pub codec: String,
    /// Coded size in pixels.
    pub width: u32,
    pub height: u32,
    /// Width and height of one pixel.
    pub pixel_aspect: (u32, u32),
    /// Degrees clockwise by which the picture is turned before it is shown: 0, 90, 180 or 270.
    pub rotation: u16,
    /// The constant rate at which Phim stores it; exact for files of constant rate.
    pub rate: Rate,
    /// Whether the file's own frames come at another pace than `rate`.
    pub variable: bool,
    pub interlaced: bool,
    pub pixel_format: String,
    pub colour: ColourNames,
    /// When the first frame is shown.
    pub start: Seconds,
    pub seconds: Option<Seconds>,
}

/// Colour in ffmpeg's words; `unknown` where the file does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColourNames {
    pub primaries: String,
    pub transfer: String,
    pub matrix: String,
    pub full_range: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoundStream {
    pub stream: u32,
    pub codec: String,
    pub channels: u16,
    pub sample_rate: u32,
    /// As the file writes it, `und` when it does not say.
    pub language: String,
    /// The file's own title of the stream, may be empty.
    pub title: String,
    pub start: Seconds,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextStream {
    pub stream: u32,
    pub codec: String,
    pub language: String,
    pub title: String,
    pub forced: bool,
    /// Whether it is text; pictures of text cannot become WebVTT.
    pub is_text: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    pub start: Seconds,
    pub name: String,
}

/// Streams of one file at most; a film with fifty languages has some two hundred.
const MAX_STREAMS: usize = 512;
/// Sides of a picture at most, in pixels: H.264 level 6.2 ends near 16,384.
const MAX_SIDE: u32 = 16_384;

impl Picture {
    /// The size at which it is shown: square pixels, turned upright.
    pub fn shown(&self) -> (u32, u32) {
        let wide = (self.width as u64 * self.pixel_aspect.0 as u64 + self.pixel_aspect.1 as u64 / 2)
            / self.pixel_aspect.1 as u64;
        let wide = wide.clamp(1, MAX_SIDE as u64) as u32;
        if self.rotation % 180 == 90 { (self.height, wide) } else { (wide, self.height) }
    }
    /// Whether its transfer function is one of high dynamic range (PQ or HLG).
    pub fn is_hdr(&self) -> bool {
        matches!(self.colour.transfer.as_str(), "smpte2084" | "arib-std-b67")
    }
}

/// Looks into `file`. Fails with `Invalid` when ffprobe cannot read it, naming the file.
pub fn probe(sandbox: &Sandbox, file: &Path) -> Result<Probe> {
    let file = existing(file)?;
    if let Some(scheme) = crate::read::encryption(sandbox, &file)?.first() {
        let scheme = if scheme.is_empty() { "an unnamed scheme" } else { scheme };
        return Err(encrypted(scheme).at(file.display().to_string()));
    }
    let mut out = Vec::new();
    let mut job = Job::new("the look into the file", Vec::new());
    job.args = [
        "-v",
        "error",
        "-protocol_whitelist",
        "file",
        "-show_streams",
        "-show_chapters",
        "-show_format",
        "-of",
        "json",
        "-i",
    ]
    .map(Into::into)
    .to_vec();
    job.args.push(input_name(&file));
    job.reads = vec![file.clone()];
    job.limits = Limits { output: 64 << 20, ..Limits::default() };
    sandbox
        .run_ffprobe(job, &mut |bytes| {
            out.extend_from_slice(bytes);
            Ok(())
        })
        .map_err(|e| {
            if e.kind == media::Kind::Invalid {
                e.remedy("Check that the file is whole and is a film")
            } else {
                e
            }
        })?;
    let place = file.display().to_string();
    let json = serde_json::from_slice(&out)
        .map_err(|e| Error::internal(format!("ffprobe's answer cannot be read: {e}")).at(&*place))?;
    understand(&file, &json).map_err(|e| e.at(place))
}

/// The file under its full name, so that nothing in the name is taken for an option or a protocol.
pub(crate) fn existing(file: &Path) -> Result<PathBuf> {
    file.canonicalize().map_err(|e| {
        Error::not_found(format!("the file cannot be opened: {e}")).at(file.display().to_string())
    })
}

/// How ffmpeg is told to open a file and nothing but a file.
pub(crate) fn input_name(file: &Path) -> std::ffi::OsString {
    let mut name = std::ffi::OsString::from("file:");
    name.push(file);
    name
}

fn understand(file: &Path, json: &Value) -> Result<Probe> {
    let streams = json["streams"].as_array().map(Vec::as_slice).unwrap_or_default();
    if streams.len() > MAX_STREAMS {
        return Err(Error::invalid(format!("{} streams; expected at most {MAX_STREAMS}", streams.len())));
    }
    let mut probe = Probe {
        file: file.to_path_buf(),
        container: text(&json["format"], "format_name").to_string(),
        seconds: seconds(&json["format"], "duration"),
        video: None,
        sounds: Vec::new(),
        texts: Vec::new(),
        chapters: chapters(json),
    };
    for stream in streams {
        let number = stream["index"].as_u64().unwrap_or(0) as u32;
        if matches!(text(stream, "codec_tag_string"), "encv" | "enca" | "encs") {
            return Err(encrypted(text(stream, "codec_tag_string")).at(format!("stream {number}")));
        }
        match text(stream, "codec_type") {
            "video" if probe.video.is_none() && flag(stream, "attached_pic") => {}
            "video" if probe.video.is_none() => {
                probe.video = Some(picture(number, stream).map_err(|e| e.at(format!("stream {number}")))?)
            }
            "audio" => probe.sounds.extend(sound(number, stream)),
            "subtitle" => probe.texts.push(subtitle(number, stream)),
            _ => {}
        }
    }
    Ok(probe)
}

fn encrypted(scheme: &str) -> Error {
    Error::unsupported(format!("the film is encrypted ({scheme})"))
        .remedy("Give Phim the clear film; it does not decrypt")
}

fn picture(number: u32, stream: &Value) -> Result<Picture> {
    let side =
        |name: &str| stream[name].as_u64().filter(|n| (1..=MAX_SIDE as u64).contains(n)).map(|n| n as u32);
    let (Some(width), Some(height)) = (side("width"), side("height")) else {
        return Err(Error::invalid(format!(
            "a picture of {} by {} pixels",
            stream["width"], stream["height"]
        )));
    };
    let (rate, variable) = choose_rate(fraction(stream, "avg_frame_rate"), fraction(stream, "r_frame_rate"))?;
    let name = |key: &str| match text(stream, key) {
        "" | "reserved" => "unknown".to_string(),
        known => known.to_string(),
    };
    Ok(Picture {
        stream: number,
        codec: text(stream, "codec_name").to_string(),
        width,
        height,
        pixel_aspect: pixel_aspect(text(stream, "sample_aspect_ratio")),
        rotation: rotation(stream),
        rate,
        variable,
        interlaced: matches!(text(stream, "field_order"), "tt" | "bb" | "tb" | "bt"),
        pixel_format: text(stream, "pix_fmt").to_string(),
        colour: ColourNames {
            primaries: name("color_primaries"),
            transfer: name("color_transfer"),
            matrix: name("color_space"),
            full_range: text(stream, "color_range") == "pc" || text(stream, "pix_fmt").starts_with("yuvj"),
        },
        start: seconds(stream, "start_time").unwrap_or_default(),
        seconds: seconds(stream, "duration"),
    })
}

fn sound(number: u32, stream: &Value) -> Option<SoundStream> {
    let channels = stream["channels"].as_u64().filter(|n| (1..=64).contains(n))? as u16;
    let sample_rate = text(stream, "sample_rate").parse().ok().filter(|n| (1..=768_000).contains(n))?;
    Some(SoundStream {
        stream: number,
        codec: text(stream, "codec_name").to_string(),
        channels,
        sample_rate,
        language: language(stream),
        title: tag(stream, "title"),
        start: seconds(stream, "start_time").unwrap_or_default(),
    })
}

fn subtitle(number: u32, stream: &Value) -> TextStream {
    let codec = text(stream, "codec_name").to_string();
    let is_text = matches!(
        codec.as_str(),
        "subrip" | "srt" | "mov_text" | "webvtt" | "ass" | "ssa" | "text" | "microdvd" | "sami"
    );
    TextStream {
        stream: number,
        codec,
        language: language(stream),
        title: tag(stream, "title"),
        forced: flag(stream, "forced"),
        is_text,
    }
}

fn chapters(json: &Value) -> Vec<Chapter> {
    let all = json["chapters"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter()
        .filter_map(|c| Some(Chapter { start: seconds(c, "start_time")?, name: tag(c, "title") }))
        .collect()
}

/// The rates at which films are made.
const COMMON: [(u32, u32); 9] =
    [(24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (48, 1), (50, 1), (60000, 1001), (60, 1)];

/// The constant rate for a stream of `average` and `least` (ffprobe's `r_frame_rate`) rate, and whether the stream itself
/// has another. A stream within one in two hundred of a common rate has that rate.
fn choose_rate(average: Option<Ratio<u64>>, least: Option<Ratio<u64>>) -> Result<(Rate, bool)> {
    let Some(average) = average.or(least) else {
        return Err(Error::invalid("the file does not say how fast its pictures follow each other"));
    };
    // The mean of a whole film whose container counts in milliseconds is off by a few parts in a million.
    let near = |a: Ratio<u64>, b: Ratio<u64>, parts: u64| {
        let difference = if a > b { a - b } else { b - a };
        difference * parts <= b
    };
    let common = |parts: u64| {
        let found = COMMON.iter().map(|(n, d)| Ratio::new(*n as u64, *d as u64));
        found
            .filter(|rate| near(average, *rate, parts))
            .min_by_key(|rate| if *rate > average { *rate - average } else { average - *rate })
    };
    let exact = least.filter(|least| near(average, *least, 2000));
    let chosen = match (common(2000), exact) {
        (Some(rate), _) | (None, Some(rate)) => rate,
        (None, None) => common(200).unwrap_or_else(|| upper_common(average)),
    };
    let variable = exact.is_none();
    let (num, den) = (u32::try_from(*chosen.numer()), u32::try_from(*chosen.denom()));
    let (Ok(num), Ok(den)) = (num, den) else {
        return Err(Error::unsupported(format!("a rate of {chosen} a second")));
    };
    Ok((Rate::new(num, den)?, variable))
}

/// The lowest common rate that loses no more than every other picture of a variable stream.
fn upper_common(average: Ratio<u64>) -> Ratio<u64> {
    let mut rates = COMMON.iter().map(|(n, d)| Ratio::new(*n as u64, *d as u64));
    rates.find(|rate| *rate >= average).unwrap_or_else(|| Ratio::from_integer(60))
}

fn rotation(stream: &Value) -> u16 {
    let side = stream["side_data_list"].as_array().map(Vec::as_slice).unwrap_or_default();
    let degrees = side.iter().find_map(|s| s["rotation"].as_i64()).unwrap_or(0);
    // ffprobe counts anticlockwise.
    ((-degrees).rem_euclid(360) / 90 * 90) as u16
}

fn pixel_aspect(text: &str) -> (u32, u32) {
    let parsed = text.split_once(':').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    parsed.filter(|(w, h)| (1..=100_000u32).contains(w) && (1..=100_000u32).contains(h)).unwrap_or((1, 1))
}

fn language(stream: &Value) -> String {
    match tag(stream, "language") {
        empty if empty.is_empty() => "und".to_string(),
        some => some,
    }
}

fn tag(value: &Value, name: &str) -> String {
    text(&value["tags"], name).chars().filter(|c| !c.is_control()).take(200).collect()
}

fn flag(stream: &Value, name: &str) -> bool {
    stream["disposition"][name].as_u64() == Some(1)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

fn fraction(value: &Value, name: &str) -> Option<Ratio<u64>> {
    let (n, d) = text(value, name).split_once('/')?;
    let (n, d): (u64, u64) = (n.parse().ok()?, d.parse().ok()?);
    (n > 0 && d > 0 && n < 1 << 40 && d < 1 << 40).then(|| Ratio::new(n, d))
}

/// A decimal number of seconds, exact to the microsecond that ffprobe prints.
fn seconds(value: &Value, name: &str) -> Option<Seconds> {
    let text = text(value, name);
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let whole: i64 = whole.parse().ok().filter(|n| (0..10_000_000).contains(n))?;
    let micro: i64 = format!("{part:0<6}").get(..6)?.parse().ok()?;
    let all = Ratio::new(whole * 1_000_000 + micro, 1_000_000);
    Some(if negative { -all } else { all })
}

#[cfg(test)]
mod tests;
