//! HLS playlists as text (RFC 8216 and draft-pantos-hls-rfc8216bis; clauses are of the latter).
//!
//! Invariants:
//! - Output is a function of the arguments alone, so equal versions have equal playlists.
//! - Instants are rounded to microseconds before durations are taken from them, so the sum of the
//!   written durations never drifts from the timeline, however many segments there are.
//! - All playlists of one version carry their discontinuities at the same instants (§6.2.4).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::picture::VideoRange;
use crate::time::{Rate, Seconds, ticks};

/// What the multivariant playlist lists, each list best or most wanted first.
#[derive(Clone, Debug, Default)]
pub struct Multivariant {
    pub renditions: Vec<Rendition>,
    pub sounds: Vec<Sound>,
    pub texts: Vec<Text>,
}

/// Bits a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bandwidth {
    /// The largest of any segment, segment headers included.
    pub peak: u64,
    /// Over the whole.
    pub average: u64,
}

#[derive(Clone, Debug)]
pub struct Rendition {
    /// Of its media playlist, relative to the multivariant playlist.
    pub uri: String,
    /// Every RFC 6381 codec string that occurs in it; repeats are dropped.
    pub codecs: Vec<String>,
    /// Pixels as displayed.
    pub width: u32,
    pub height: u32,
    pub rate: Rate,
    pub range: VideoRange,
    /// Of the video alone.
    pub bandwidth: Bandwidth,
    pub frames: Option<Frames>,
}

/// The I-frames of a rendition.
#[derive(Clone, Debug)]
pub struct Frames {
    pub uri: String,
    pub bandwidth: Bandwidth,
}

#[derive(Clone, Debug)]
pub struct Sound {
    pub uri: String,
    /// BCP-47; empty when unknown.
    pub language: String,
    /// What a person reads in the player's menu.
    pub label: String,
    /// Every RFC 6381 codec string that occurs in it.
    pub codecs: Vec<String>,
    pub channels: u16,
    pub bandwidth: Bandwidth,
}

#[derive(Clone, Debug)]
pub struct Text {
    pub uri: String,
    /// BCP-47; empty when unknown.
    pub language: String,
    pub label: String,
    pub forced: bool,
}

/// A media playlist of video, sound or text.
#[derive(Clone, Debug)]
pub struct Playlist {
    /// Every segment is one I-frame (§4.4.3.6).
    pub frames_only: bool,
    /// How its segments are encrypted.
    pub key: Option<Key>,
    pub parts: Vec<Part>,
}

/// The key of a playlist's segments (§4.4.4.4), of scheme `cbcs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Where the sixteen bytes of the key are given to those who may have them.
    pub uri: String,
    /// The constant IV.
    pub iv: [u8; 16],
}

/// Segments that share an init segment; between parts stands a discontinuity.
#[derive(Clone, Debug)]
pub struct Part {
    /// The init segment; text has none.
    pub map: Option<String>,
    pub segments: Vec<Segment>,
}

#[derive(Clone, Debug)]
pub struct Segment {
    pub uri: String,
    /// Instants on the timeline of the version. Segments follow each other without gaps.
    pub from: Seconds,
    pub to: Seconds,
}

/// The multivariant playlist.
pub fn multivariant(list: &Multivariant) -> String {
    let mut out = String::from("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    let groups = groups(&list.sounds);
    for (n, group) in groups.iter().enumerate() {
        let mut names = BTreeSet::new();
        for (k, sound) in group.iter().enumerate() {
            let tag = Attributes::new("AUDIO", &audio_group(n), &sound.language, &sound.label, &mut names)
                .add("DEFAULT", if k == 0 { "YES" } else { "NO" })
                .add("AUTOSELECT", "YES")
                .quoted("CHANNELS", &sound.channels.to_string())
                .quoted("URI", &sound.uri);
            line(&mut out, format_args!("#EXT-X-MEDIA:{}", tag.0));
        }
    }
    let mut names = BTreeSet::new();
    for text in &list.texts {
        let tag = Attributes::new("SUBTITLES", TEXT_GROUP, &text.language, &text.label, &mut names)
            .add("DEFAULT", "NO")
            .add("AUTOSELECT", "YES")
            .add("FORCED", if text.forced { "YES" } else { "NO" })
            .quoted("URI", &text.uri);
        line(&mut out, format_args!("#EXT-X-MEDIA:{}", tag.0));
    }
    for rendition in &list.renditions {
        if groups.is_empty() {
            variant(&mut out, rendition, None, list);
        }
        for (n, group) in groups.iter().enumerate() {
            variant(&mut out, rendition, Some((n, group)), list);
        }
    }
    for rendition in &list.renditions {
        frames_variant(&mut out, rendition);
    }
    out
}

/// §4.4.6.2: one rendition together with one group of sounds.
fn variant(
    out: &mut String,
    rendition: &Rendition,
    group: Option<(usize, &Vec<&Sound>)>,
    list: &Multivariant,
) {
    let sounds = group.map(|(_, sounds)| sounds.as_slice()).unwrap_or_default();
    let of_sounds =
        |pick: fn(&Bandwidth) -> u64| sounds.iter().map(|s| pick(&s.bandwidth)).max().unwrap_or(0);
    let codecs = rendition.codecs.iter().chain(sounds.iter().flat_map(|s| &s.codecs));
    let mut tag = Attributes::default()
        .add("BANDWIDTH", (rendition.bandwidth.peak + of_sounds(|b| b.peak)).max(1))
        .add("AVERAGE-BANDWIDTH", (rendition.bandwidth.average + of_sounds(|b| b.average)).max(1))
        .quoted("CODECS", &distinct(codecs))
        .add("RESOLUTION", format_args!("{}x{}", rendition.width, rendition.height))
        .add("FRAME-RATE", thousandths(rendition.rate))
        .add("VIDEO-RANGE", rendition.range.name());
    if let Some((n, _)) = group {
        tag = tag.quoted("AUDIO", &audio_group(n));
    }
    if !list.texts.is_empty() {
        tag = tag.quoted("SUBTITLES", TEXT_GROUP);
    }
    tag = tag.add("CLOSED-CAPTIONS", "NONE");
    line(out, format_args!("#EXT-X-STREAM-INF:{}\n{}", tag.0, rendition.uri));
}

/// §4.4.6.3.
fn frames_variant(out: &mut String, rendition: &Rendition) {
    let Some(frames) = &rendition.frames else {
        return;
    };
    let tag = Attributes::default()
        .add("BANDWIDTH", frames.bandwidth.peak.max(1))
        .add("AVERAGE-BANDWIDTH", frames.bandwidth.average.max(1))
        .quoted("CODECS", &distinct(rendition.codecs.iter()))
        .add("RESOLUTION", format_args!("{}x{}", rendition.width, rendition.height))
        .add("VIDEO-RANGE", rendition.range.name())
        .quoted("URI", &frames.uri);
    line(out, format_args!("#EXT-X-I-FRAME-STREAM-INF:{}", tag.0));
}

/// A media playlist.
pub fn media(playlist: &Playlist) -> String {
    let segments = || playlist.parts.iter().flat_map(|p| &p.segments);
    // §4.4.3.1: no duration, rounded to the nearest second, is above the target.
    let target = segments().map(|s| (duration(s) + 500_000) / 1_000_000).max().unwrap_or(0).max(1);
    let mut out = String::from("#EXTM3U\n#EXT-X-VERSION:7\n");
    line(&mut out, format_args!("#EXT-X-TARGETDURATION:{target}"));
    out.push_str("#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n");
    if playlist.frames_only {
        out.push_str("#EXT-X-I-FRAMES-ONLY\n");
    }
    if let Some(key) = &playlist.key {
        line(&mut out, format_args!("#EXT-X-KEY:{}", key_attributes(key).0));
    }
    for (n, part) in playlist.parts.iter().enumerate() {
        if n > 0 {
            out.push_str("#EXT-X-DISCONTINUITY\n");
        }
        if let Some(map) = &part.map {
            line(&mut out, format_args!("#EXT-X-MAP:{}", Attributes::default().quoted("URI", map).0));
        }
        for segment in &part.segments {
            let micros = duration(segment);
            let (whole, fraction) = (micros / 1_000_000, micros % 1_000_000);
            line(&mut out, format_args!("#EXTINF:{whole}.{fraction:06},\n{}", segment.uri));
        }
    }
    out.push_str("#EXT-X-ENDLIST\n");
    out
}

/// `identity` is the format of bare keys; other systems find theirs by the key id in the init segment.
fn key_attributes(key: &Key) -> Attributes {
    let iv: String = key.iv.iter().map(|b| format!("{b:02x}")).collect();
    Attributes::default()
        .add("METHOD", "SAMPLE-AES")
        .quoted("URI", &key.uri)
        .add("IV", format_args!("0x{iv}"))
        .quoted("KEYFORMAT", "identity")
        .quoted("KEYFORMATVERSIONS", "1")
}

/// Microseconds, so that the sum of durations is the rounded end of the last segment.
fn duration(segment: &Segment) -> i64 {
    let micros = |at| ticks(at, 1_000_000);
    micros(segment.to) - micros(segment.from)
}

const TEXT_GROUP: &str = "text";

fn audio_group(n: usize) -> String {
    format!("audio{n}")
}

/// Sounds of one coding each, in order of first appearance: a player that lacks a coding leaves out
/// the variants that need it.
fn groups(sounds: &[Sound]) -> Vec<Vec<&Sound>> {
    let mut groups: Vec<Vec<&Sound>> = Vec::new();
    for sound in sounds {
        match groups.iter_mut().find(|g| g[0].codecs == sound.codecs) {
            Some(group) => group.push(sound),
            None => groups.push(vec![sound]),
        }
    }
    groups
}

fn distinct<'a>(codecs: impl Iterator<Item = &'a String>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    codecs.for_each(|c| {
        if !seen.contains(&c.as_str()) {
            seen.push(c);
        }
    });
    seen.join(",")
}

/// Frames a second, three decimals (§4.4.6.2).
fn thousandths(rate: Rate) -> String {
    let (num, den) = (u64::from(rate.num()), u64::from(rate.den()));
    let n = (num * 1000 + den / 2) / den;
    format!("{}.{:03}", n / 1000, n % 1000)
}

fn line(out: &mut String, text: std::fmt::Arguments) {
    writeln!(out, "{text}").expect("a string takes every write");
}

/// An attribute list (§4.2).
#[derive(Default)]
struct Attributes(String);

impl Attributes {
    /// The attributes that sound and text share (§4.4.6.1). `names` holds those of the group, which
    /// must all differ.
    fn new(kind: &str, group: &str, language: &str, label: &str, names: &mut BTreeSet<String>) -> Attributes {
        let tag = Attributes::default().add("TYPE", kind).quoted("GROUP-ID", group);
        let tag = if language.is_empty() { tag } else { tag.quoted("LANGUAGE", language) };
        let label =
            [label, language, "—"].into_iter().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
        let name = std::iter::once(label.to_owned())
            .chain((2..).map(|n| format!("{label} ({n})")))
            .find(|name| names.insert(quotable(name)))
            .unwrap_or_default();
        tag.quoted("NAME", &name)
    }
    fn add(mut self, name: &str, value: impl std::fmt::Display) -> Attributes {
        let comma = if self.0.is_empty() { "" } else { "," };
        write!(self.0, "{comma}{name}={value}").expect("a string takes every write");
        self
    }
    fn quoted(self, name: &str, value: &str) -> Attributes {
        self.add(name, format_args!("\"{}\"", quotable(value)))
    }
}

/// A quoted string holds no quotation mark and no line break, and knows no escapes (§4.2).
fn quotable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' => '\'',
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => ' ',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests;
