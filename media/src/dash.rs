//! DASH presentations as XML (ISO/IEC 23009-1, here §; DASH-IF guidelines for thumbnails).
//!
//! Invariants:
//! - Output is a function of the arguments alone.
//! - Elements and their children stand in the order that the schema of §5 demands.
//! - Every Period lists the same languages and kinds, so that players can join Periods.
//! - Segments have the URIs that HLS gives them: one set of files, two manifests.

use quick_xml::Writer;
use quick_xml::events::BytesText;

use crate::picture::{Colour, VideoRange};
use crate::time::{Rate, Seconds, ticks};

/// A static presentation. Periods follow each other without gaps, the first starts at 0.
#[derive(Clone, Debug)]
pub struct Presentation {
    pub periods: Vec<Period>,
}

#[derive(Clone, Debug)]
pub struct Period {
    /// Instants on the timeline of the version.
    pub from: Seconds,
    pub to: Seconds,
    /// The ladder, best first.
    pub video: Vec<Video>,
    /// The most wanted first.
    pub sounds: Vec<Sound>,
    pub texts: Vec<Text>,
    pub thumbnails: Option<Thumbnails>,
}

/// Where the segments of one stream lie, and when. `$RepresentationID$` in a template stands for
/// the stream's `id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Ticks a second.
    pub timescale: u32,
    /// The decode-timeline instant, in ticks, that is shown when the Period starts.
    pub offset: u64,
    /// Template of the init segment's URI.
    pub initialization: String,
    /// Template of the segments' URIs, with `$Number$`.
    pub media: String,
    /// Number of the Period's first segment.
    pub first: u32,
    /// Instant of the first segment, in ticks.
    pub start: u64,
    /// Of each segment, in ticks.
    pub durations: Vec<u64>,
    /// The init segment is the one of the Period before, and so are timeline and timescale.
    pub continues: bool,
}

#[derive(Clone, Debug)]
pub struct Video {
    /// Unique in the presentation, and the same in every Period.
    pub id: String,
    /// RFC 6381.
    pub codecs: String,
    /// Peak, bits a second.
    pub bandwidth: u64,
    /// Pixels as coded.
    pub width: u32,
    pub height: u32,
    /// Width and height of a pixel.
    pub pixel_aspect: (u32, u32),
    pub rate: Rate,
    pub colour: Option<Colour>,
    /// How its samples are encrypted.
    pub protection: Option<Protection>,
    pub stream: Stream,
}

/// How the samples of a stream are encrypted, by scheme `cbcs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    pub key_id: [u8; 16],
    /// Where ClearKey asks for the key.
    pub licence: String,
}

#[derive(Clone, Debug)]
pub struct Sound {
    pub id: String,
    pub codecs: String,
    /// Peak, bits a second.
    pub bandwidth: u64,
    /// BCP-47; empty when unknown.
    pub language: String,
    pub label: String,
    pub channels: u16,
    /// Samples a second.
    pub sample_rate: u32,
    pub protection: Option<Protection>,
    pub stream: Stream,
}

/// Subtitles of a Period: one WebVTT file whose times count from the start of the Period.
#[derive(Clone, Debug)]
pub struct Text {
    pub id: String,
    pub language: String,
    pub label: String,
    pub forced: bool,
    pub uri: String,
}

/// Sheets of thumbnails: one column of tiles a sheet.
#[derive(Clone, Debug)]
pub struct Thumbnails {
    pub id: String,
    /// Template with `$Number$`.
    pub media: String,
    /// Pixels of a whole sheet.
    pub width: u32,
    pub height: u32,
    pub rows: u32,
    /// Bits a second.
    pub bandwidth: u64,
    /// Ticks a second of the three fields below.
    pub timescale: u32,
    /// Ticks that one whole sheet covers.
    pub duration: u32,
    /// The sheet in which the Period starts, and how far into it.
    pub first: u32,
    pub offset: u64,
}

/// The presentation as an XML document.
pub fn write(presentation: &Presentation) -> String {
    let periods = &presentation.periods;
    let end = periods.last().map_or(Seconds::from_integer(0), |p| p.to);
    let longest =
        periods.iter().flat_map(streams).map(longest_segment).max().unwrap_or(Seconds::from_integer(1));
    let mut writer =
        Writer::new_with_indent(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_vec(), b' ', 2);
    Element::new("MPD")
        .add("xmlns", "urn:mpeg:dash:schema:mpd:2011")
        .add("profiles", "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019")
        .add("type", "static")
        .add("mediaPresentationDuration", span(Seconds::from_integer(0), end))
        .add("maxSegmentDuration", span(Seconds::from_integer(0), longest))
        // Bandwidths are peaks of single segments, so one segment buffered is enough (§5.3.5.4).
        .add("minBufferTime", span(Seconds::from_integer(0), longest))
        .with(&mut writer, |w| {
            for (n, period) in periods.iter().enumerate() {
                write_period(w, n, period);
            }
        });
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("XML was written from strings")
}

fn streams(period: &Period) -> impl Iterator<Item = &Stream> {
    period.video.iter().map(|v| &v.stream).chain(period.sounds.iter().map(|s| &s.stream))
}

fn longest_segment(stream: &Stream) -> Seconds {
    let ticks = stream.durations.iter().copied().max().unwrap_or(0);
    Seconds::new(ticks as i64, i64::from(stream.timescale.max(1)))
}

fn write_period(w: &mut Xml, n: usize, period: &Period) {
    let element = Element::new("Period")
        .add("id", n)
        .add("start", span(Seconds::from_integer(0), period.from))
        .add("duration", span(period.from, period.to));
    element.with(w, |w| {
        let mut ids = 0..;
        let mut next = || ids.next().unwrap_or(u32::MAX);
        for group in video_sets(&period.video) {
            video_set(w, next(), n, &group);
        }
        for (k, sound) in period.sounds.iter().enumerate() {
            sound_set(w, next(), n, sound, k == 0);
        }
        for text in &period.texts {
            text_set(w, next(), text);
        }
        if let Some(thumbnails) = &period.thumbnails {
            thumbnail_set(w, next(), thumbnails);
        }
    });
}

/// Renditions between which a player may switch: of one coding and one colour.
fn video_sets(video: &[Video]) -> Vec<Vec<&Video>> {
    let key = |v: &Video| (v.codecs.split('.').next().unwrap_or_default().to_owned(), v.colour);
    let mut sets: Vec<Vec<&Video>> = Vec::new();
    for v in video {
        match sets.iter_mut().find(|s| key(s[0]) == key(v)) {
            Some(set) => set.push(v),
            None => sets.push(vec![v]),
        }
    }
    sets
}

fn video_set(w: &mut Xml, id: u32, period: usize, set: &[&Video]) {
    let shared = set.iter().all(|v| v.stream == set[0].stream);
    let element = adaptation_set(id, "video", "video/mp4")
        .add("segmentAlignment", "true")
        .add("startWithSAP", 1)
        .add("maxWidth", set.iter().map(|v| v.width).max().unwrap_or(0))
        .add("maxHeight", set.iter().map(|v| v.height).max().unwrap_or(0));
    element.with(w, |w| {
        colour(w, set[0].colour);
        continuity(w, period, set.iter().all(|v| v.stream.continues));
        role(w, "main");
        if shared {
            template(w, &set[0].stream);
        }
        for v in set {
            let element = Element::new("Representation")
                .add("id", &v.id)
                .add("bandwidth", bandwidth(v.bandwidth))
                .add("codecs", &v.codecs)
                .add("width", v.width)
                .add("height", v.height)
                .add("sar", format_args!("{}:{}", v.pixel_aspect.0, v.pixel_aspect.1))
                .add("frameRate", frame_rate(v.rate));
            if shared && v.protection.is_none() {
                element.empty(w);
                continue;
            }
            element.with(w, |w| {
                content_protection(w, v.protection.as_ref());
                if !shared {
                    template(w, &v.stream);
                }
            });
        }
    });
}

fn sound_set(w: &mut Xml, id: u32, period: usize, sound: &Sound, main: bool) {
    let element = adaptation_set(id, "audio", "audio/mp4")
        .language(&sound.language)
        .add("segmentAlignment", "true")
        .add("startWithSAP", 1);
    element.with(w, |w| {
        continuity(w, period, sound.stream.continues);
        label(w, &sound.label);
        role(w, if main { "main" } else { "alternate" });
        template(w, &sound.stream);
        let element = Element::new("Representation")
            .add("id", &sound.id)
            .add("bandwidth", bandwidth(sound.bandwidth))
            .add("codecs", &sound.codecs)
            .add("audioSamplingRate", sound.sample_rate);
        element.with(w, |w| {
            channels(w, sound.channels);
            content_protection(w, sound.protection.as_ref());
        });
    });
}

fn text_set(w: &mut Xml, id: u32, text: &Text) {
    adaptation_set(id, "text", "text/vtt").language(&text.language).with(w, |w| {
        label(w, &text.label);
        role(w, if text.forced { "forced-subtitle" } else { "subtitle" });
        // A few bytes a second; the schema demands a number.
        let element = Element::new("Representation").add("id", &text.id).add("bandwidth", 1000);
        element.with(w, |w| Element::new("BaseURL").text(w, &text.uri));
    });
}

/// DASH-IF IOP part 5 §6.2.6: a sheet is a segment, its tiles lie on a grid.
fn thumbnail_set(w: &mut Xml, id: u32, t: &Thumbnails) {
    adaptation_set(id, "image", "image/jpeg").with(w, |w| {
        Element::new("SegmentTemplate")
            .add("media", &t.media)
            .add("timescale", t.timescale)
            .add("duration", t.duration)
            .add("startNumber", t.first)
            .add("presentationTimeOffset", t.offset)
            .empty(w);
        let element = Element::new("Representation")
            .add("id", &t.id)
            .add("bandwidth", bandwidth(t.bandwidth))
            .add("width", t.width)
            .add("height", t.height);
        element.with(w, |w| {
            descriptor(
                w,
                "EssentialProperty",
                "http://dashif.org/guidelines/thumbnail_tile",
                format_args!("1x{}", t.rows),
            )
        });
    });
}

/// §5.3.9.5 SegmentTemplate with §5.3.9.6 SegmentTimeline; equal durations share one element.
fn template(w: &mut Xml, stream: &Stream) {
    let element = Element::new("SegmentTemplate")
        .add("timescale", stream.timescale)
        .add("presentationTimeOffset", stream.offset)
        .add("initialization", &stream.initialization)
        .add("media", &stream.media)
        .add("startNumber", stream.first);
    element.with(w, |w| {
        Element::new("SegmentTimeline").with(w, |w| {
            for (n, run) in stream.durations.chunk_by(|a, b| a == b).enumerate() {
                let s = Element::new("S");
                let s = if n == 0 { s.add("t", stream.start) } else { s };
                let s = s.add("d", run[0]);
                if run.len() > 1 { s.add("r", run.len() - 1).empty(w) } else { s.empty(w) }
            }
        });
    });
}

/// §5.8.4.1: the scheme and the key id (ISO/IEC 23001-7 §11.2), then ClearKey with where it asks
/// (DASH-IF content protection guidelines §7).
fn content_protection(w: &mut Xml, protection: Option<&Protection>) {
    let Some(Protection { key_id, licence }) = protection else { return };
    Element::new("ContentProtection")
        .add("schemeIdUri", "urn:mpeg:dash:mp4protection:2011")
        .add("value", "cbcs")
        .add("cenc:default_KID", uuid(key_id))
        .add("xmlns:cenc", "urn:mpeg:cenc:2013")
        .empty(w);
    Element::new("ContentProtection")
        .add("schemeIdUri", "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e")
        .add("value", "ClearKey1.0")
        .add("xmlns:dashif", "https://dashif.org/CPS")
        .with(w, |w| Element::new("dashif:Laurl").text(w, licence));
}

/// `8-4-4-4-12` hexadecimal digits (RFC 9562 §4).
fn uuid(id: &[u8; 16]) -> String {
    let mut out = String::with_capacity(36);
    for (n, byte) in id.iter().enumerate() {
        if matches!(n, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

/// §5.3.2.4: the decoder need not be set up again.
fn continuity(w: &mut Xml, period: usize, continues: bool) {
    if let Some(before) = period.checked_sub(1).filter(|_| continues) {
        descriptor(w, "SupplementalProperty", "urn:mpeg:dash:period-continuity:2015", before);
    }
}

/// A player that cannot show high dynamic range must leave the set alone, hence Essential there.
fn colour(w: &mut Xml, colour: Option<Colour>) {
    let Some(colour) = colour else { return };
    let element =
        if colour.range() == VideoRange::Sdr { "SupplementalProperty" } else { "EssentialProperty" };
    for (name, value) in [
        ("ColourPrimaries", colour.primaries),
        ("TransferCharacteristics", colour.transfer),
        ("MatrixCoefficients", colour.matrix),
    ] {
        descriptor(w, element, &format!("urn:mpeg:mpegB:cicp:{name}"), value);
    }
}

/// ChannelConfiguration of ISO/IEC 23091-3; left out for layouts that a count does not determine.
fn channels(w: &mut Xml, channels: u16) {
    let layout = match channels {
        1..=6 => channels,
        7 => 11,
        8 => 12,
        _ => return,
    };
    descriptor(w, "AudioChannelConfiguration", "urn:mpeg:mpegB:cicp:ChannelConfiguration", layout);
}

fn role(w: &mut Xml, value: &str) {
    descriptor(w, "Role", "urn:mpeg:dash:role:2011", value);
}

fn label(w: &mut Xml, text: &str) {
    if !text.is_empty() {
        Element::new("Label").text(w, text);
    }
}

fn descriptor(w: &mut Xml, element: &'static str, scheme: &str, value: impl std::fmt::Display) {
    Element::new(element).add("schemeIdUri", scheme).add("value", value).empty(w);
}

fn adaptation_set(id: u32, content: &str, mime: &str) -> Element {
    Element::new("AdaptationSet").add("id", id).add("contentType", content).add("mimeType", mime)
}

/// An `xs:unsignedInt`, and never nothing.
fn bandwidth(bits: u64) -> u64 {
    bits.clamp(1, u32::MAX.into())
}

fn frame_rate(rate: Rate) -> String {
    if rate.den() == 1 { rate.num().to_string() } else { rate.to_string() }
}

/// An `xs:duration`. Instants are rounded to microseconds before they are subtracted, so Periods meet.
fn span(from: Seconds, to: Seconds) -> String {
    let micros = ticks(to, 1_000_000) - ticks(from, 1_000_000);
    let (whole, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let text = format!("PT{whole}.{fraction:06}");
    format!("{}S", text.trim_end_matches('0').trim_end_matches('.'))
}

type Xml = Writer<Vec<u8>>;

/// One element with attributes; quick-xml escapes what stands in them.
struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
}

impl Element {
    fn new(name: &'static str) -> Element {
        Element { name, attributes: Vec::new() }
    }
    fn add(mut self, name: &'static str, value: impl std::fmt::Display) -> Element {
        self.attributes.push((name, legible(&value.to_string())));
        self
    }
    fn language(self, tag: &str) -> Element {
        if tag.is_empty() { self } else { self.add("lang", tag) }
    }
    fn empty(self, w: &mut Xml) {
        self.start(w).write_empty().expect(MEMORY);
    }
    fn text(self, w: &mut Xml, text: &str) {
        self.start(w).write_text_content(BytesText::new(&legible(text))).expect(MEMORY);
    }
    fn with(self, w: &mut Xml, children: impl FnOnce(&mut Xml)) {
        let write = |w: &mut Xml| {
            children(w);
            Ok(())
        };
        self.start(w).write_inner_content(write).expect(MEMORY);
    }
    fn start<'w>(&'w self, w: &'w mut Xml) -> quick_xml::writer::ElementWriter<'w, Vec<u8>> {
        let attributes = self.attributes.iter().map(|(name, value)| (*name, value.as_str()));
        w.create_element(self.name).with_attributes(attributes)
    }
}

const MEMORY: &str = "memory takes every write";

/// Characters that XML 1.0 cannot hold, even escaped, become spaces.
fn legible(text: &str) -> String {
    let allowed = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if allowed(c) { c } else { ' ' }).collect()
}

#[cfg(test)]
mod tests;
