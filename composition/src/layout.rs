//! The layout of a composition: parts, segments, and the pieces of every rendition and sound.
//!
//! A part is a stretch with one init segment per track (a DASH Period; between HLS discontinuities).
//! A new part begins only where pictures of another rate, size, profile or clashing parameter sets
//! begin, or sound of another configuration.
//!
//! Invariants:
//! - The sum of the segments' durations is the composition's duration, exactly.
//! - A segment starts at a span's start or at a group of pictures, at the same instant in every
//!   rendition, so that a player may change rendition at any segment.
//! - The pieces of a rendition lie end to end: every frame of the part exactly once.
//! - Media times run on over the parts: a part's first tick is the nearest tick to its start, computed
//!   from the exact sum, so rounding never accumulates.

use std::sync::{Arc, OnceLock};

use media::time::ticks;
use media::{Digest, Error, Kind, Rate, Result, Seconds, Track};
use num_rational::Ratio;

use crate::forbidden::Forbidden;
use crate::need::{Need, renditions};
use crate::pieces::{What, slots};
use crate::sound::{self, Grid, matching_sound};
use crate::source::{Media, Source, Sources};
use crate::span::{Composition, Span};
use crate::timeline::{Stretch, Timeline};

/// Length that a segment aims at, in seconds. Two groups of the house's own ladders.
pub const SEGMENT_SECONDS: i64 = 4;

/// One of the streams of a composition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Rendition, 0 is the highest.
    Video(usize),
    /// Sound group.
    Audio(usize),
}

/// A run of samples of one stored track, shown from `at` on.
#[derive(Clone, Debug)]
pub struct Piece {
    pub media: Arc<Media>,
    /// The first sample, in decode order.
    pub first: u32,
    pub count: u32,
    /// Samples (frames) from the start of the part.
    pub at: u32,
    /// The one sample `first` is repeated `count` times: silence.
    pub repeated: bool,
}

/// One stream within one part.
#[derive(Clone, Debug)]
pub struct Lane {
    /// What the init segment says: parameter sets of all pieces, the deepest reordering.
    pub track: Track,
    /// Media time of the part's start, ticks of `track.timescale`.
    pub base: u64,
    /// The first sample that is sent, counted from the part's start (sound only; 0 for pictures).
    pub first: u32,
    /// One past the last sample.
    pub end: u32,
    pub pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
pub struct Part {
    pub start: Seconds,
    pub rate: Rate,
    /// Edit units.
    pub units: u32,
    /// Numbers of its segments: `segments.start..segments.end`.
    pub segments: std::ops::Range<usize>,
    /// Numbers of the timeline's stretches that it shows.
    pub stretches: std::ops::Range<usize>,
    pub video: Vec<Lane>,
    pub audio: Vec<Lane>,
}

impl Part {
    pub fn duration(&self) -> Seconds {
        self.rate.seconds(self.units as i64)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    pub part: usize,
    /// Edit units from the part's start.
    pub from: u32,
    pub to: u32,
    /// Seconds from the composition's start.
    pub start: Seconds,
    pub duration: Seconds,
}

/// A sound that runs through the whole composition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoundGroup {
    pub language: String,
    pub label: String,
}

/// A composition laid out. Immutable; what it computes later it keeps.
#[derive(Debug)]
pub struct Layout {
    pub digest: Digest,
    pub timeline: Timeline,
    pub parts: Vec<Part>,
    pub segments: Arc<Vec<Segment>>,
    pub sounds: Vec<SoundGroup>,
    /// The source that gives most of the film; its sounds and texts name the groups.
    pub main: Arc<Source>,
    /// The layout with nothing held of which this one is the held form, and bytes that this must not send.
    pub(crate) plain: Option<Arc<Layout>>,
    pub(crate) forbidden: Forbidden,
    pub(crate) peaks: OnceLock<Vec<(Stream, crate::plan::BitRate)>>,
}

/// Finds what was made for a need.
pub type Made<'a> = dyn Fn(&Need) -> Option<Arc<Media>> + 'a;

impl Layout {
    /// Lays a composition out. Fails with `NotFound` when a source is unknown or a patch or card has
    /// not been made, and with `Unsupported` when a patch cannot share an init segment with its track.
    pub fn new(composition: &Composition, sources: &Sources, made: &Made) -> Result<Layout> {
        let timeline = Timeline::new(composition, sources)?;
        let main = main_source(&timeline);
        let sounds = main
            .sounds
            .iter()
            .map(|s| SoundGroup { language: s.language.clone(), label: s.label.clone() })
            .collect();
        let spans = resolve(composition, sources, made, &timeline, &main)?;
        let mut layout = Layout {
            digest: composition.digest(),
            timeline,
            parts: Vec::new(),
            segments: Arc::default(),
            sounds,
            main,
            plain: None,
            forbidden: Forbidden::default(),
            peaks: OnceLock::new(),
        };
        let mut rest = spans.as_slice();
        while let Some((first, others)) = rest.split_first() {
            let mut tracks = first.tracks.clone();
            let mut taken = 1;
            for span in others {
                match joined(first, &tracks, span) {
                    Some(merged) => tracks = merged,
                    None => break,
                }
                taken += 1;
            }
            layout.push_part(&rest[..taken], tracks)?;
            rest = &rest[taken..];
        }
        Ok(layout)
    }

    pub fn renditions(&self) -> usize {
        self.parts[0].video.len()
    }
    pub fn duration(&self) -> Seconds {
        self.timeline.duration
    }
    /// The stream within one part. `NotFound` when there is no such stream.
    pub fn lane(&self, stream: Stream, part: usize) -> Result<&Lane> {
        let part = self.parts.get(part).ok_or_else(|| Error::not_found(format!("no part {part}")))?;
        match stream {
            Stream::Video(n) => part.video.get(n),
            Stream::Audio(n) => part.audio.get(n),
        }
        .ok_or_else(|| Error::not_found(format!("no stream {stream:?}")))
    }

    fn push_part(&mut self, spans: &[Resolved], tracks: Tracks) -> Result<()> {
        let rate = spans[0].rate();
        let start = spans[0].stretch.start;
        let units: u32 = spans.iter().map(|s| s.stretch.span.units()).sum();
        let duration = rate.seconds(units as i64);
        let first_part = self.parts.is_empty();
        let before = self.parts.last().map_or(0, |part| part.stretches.end);
        let stretches = before..before + spans.len();
        let video = (0..tracks.video.len())
            .map(|r| {
                let track = Track {
                    timescale: rate.timescale(),
                    unit_ticks: rate.ticks_per_unit(),
                    ..tracks.video[r].clone()
                };
                let base = ticks(start, track.timescale) as u64;
                Lane { track, base, first: 0, end: units, pieces: video_pieces(spans, r) }
            })
            .collect();
        let audio = (0..tracks.audio.len())
            .map(|g| {
                let track = tracks.audio[g].clone();
                let base = ticks(start, track.timescale) as u64;
                let grid = Grid { track: &track };
                let first = if first_part { 0 } else { track.priming / track.unit_ticks };
                let end = grid.ceil(duration);
                let shown = &self.timeline.stretches[stretches.clone()];
                let pieces = sound::pieces(shown, &self.main.sounds[g], &grid, first, end);
                Lane { track, base, first, end, pieces }
            })
            .collect();
        let part = self.parts.len();
        let segments = Arc::make_mut(&mut self.segments);
        let begin = segments.len();
        for (from, to) in boundaries(spans, rate) {
            segments.push(Segment {
                part,
                from,
                to,
                start: start + rate.seconds(from as i64),
                duration: rate.seconds((to - from) as i64),
            });
        }
        let segments = begin..segments.len();
        self.parts.push(Part { start, rate, units, segments, stretches, video, audio });
        Ok(())
    }
}

/// The source that gives most seconds of film; the first of equals; a card's when there is no film.
fn main_source(timeline: &Timeline) -> Arc<Source> {
    let mut best: Option<(Seconds, &Arc<Source>)> = None;
    for stretch in timeline.stretches.iter().filter(|s| s.shown().is_some()) {
        let total: Seconds = timeline
            .stretches
            .iter()
            .filter(|s| s.shown().is_some() && s.source.digest == stretch.source.digest)
            .fold(Ratio::from_integer(0), |sum, s| sum + s.duration);
        if best.is_none_or(|(most, _)| total > most) {
            best = Some((total, &stretch.source));
        }
    }
    best.map_or_else(|| timeline.stretches[0].source.clone(), |(_, source)| source.clone())
}

/// A span with its media found.
struct Resolved {
    stretch: Stretch,
    /// For each rendition, its pieces; `at` counts from the span's start.
    video: Vec<Vec<Piece>>,
    tracks: Tracks,
}

impl Resolved {
    fn rate(&self) -> Rate {
        self.stretch.source.rate
    }
}

/// One description per rendition and per sound group.
#[derive(Clone)]
struct Tracks {
    video: Vec<Track>,
    audio: Vec<Track>,
}

fn resolve(
    composition: &Composition,
    sources: &Sources,
    made: &Made,
    timeline: &Timeline,
    main: &Source,
) -> Result<Vec<Resolved>> {
    let count = renditions(composition, sources)?;
    let by_rendition: Vec<_> = (0..count).map(|r| slots(composition, sources, r)).collect::<Result<_>>()?;
    let mut out = Vec::with_capacity(timeline.stretches.len());
    for (n, stretch) in timeline.stretches.iter().enumerate() {
        let mut video = Vec::with_capacity(count);
        let mut tracks = Vec::with_capacity(count);
        for (rendition, spans) in by_rendition.iter().enumerate() {
            let pieces = span_pieces(&spans[n], made)?;
            tracks.push(span_track(&pieces, hold(&stretch.source, rendition))?);
            video.push(pieces);
        }
        let sound = |wanted| (**matching_sound(wanted, stretch).0.media.index.track()).clone();
        let audio = main.sounds.iter().map(sound).collect();
        out.push(Resolved { stretch: stretch.clone(), video, tracks: Tracks { video: tracks, audio } });
    }
    Ok(out)
}

fn span_pieces(slots: &[crate::pieces::Slot], made: &Made) -> Result<Vec<Piece>> {
    let mut at = 0;
    let mut pieces = Vec::with_capacity(slots.len());
    for slot in slots {
        let (media, first) = match &slot.what {
            What::Copy { media, first } => (media.clone(), *first),
            What::Made(need) => {
                let media = made(need).ok_or_else(|| {
                    Error::not_found(format!(
                        "{} frames of this version have not been made yet",
                        need.units()
                    ))
                    .at(format!("made {}", need.key()))
                    .remedy("Make the version again: phim version make")
                })?;
                if media.index.samples() != slot.count {
                    return Err(Error::new(
                        Kind::DataLoss,
                        format!("a patch of {} frames; expected {}", media.index.samples(), slot.count),
                    )
                    .at(format!("made {}", need.key())));
                }
                (media, 0)
            }
        };
        pieces.push(Piece { media, first, count: slot.count, at, repeated: false });
        at += slot.count;
    }
    Ok(pieces)
}

/// One description for the pieces, and for the hold that may take their place at any time: an init
/// segment that was handed out cannot change. A hold that does not fit stays out, and is never used.
fn span_track(pieces: &[Piece], hold: Option<&Arc<Media>>) -> Result<Track> {
    let mut track = (**pieces[0].media.index.track()).clone();
    for piece in &pieces[1..] {
        track = merge(&track, piece.media.index.track())?;
    }
    Ok(match hold.map(|hold| merge(&track, hold.index.track())) {
        Some(Ok(with_hold)) => with_hold,
        _ => track,
    })
}

/// The hold of the rendition that plays in place `rendition` of a composition.
pub(crate) fn hold(source: &Source, rendition: usize) -> Option<&Arc<Media>> {
    let rung = rendition.min(source.video.len().saturating_sub(1));
    source.holds.get(rung)?.as_ref()
}

/// One description under which both tracks' samples decode.
pub(crate) fn merge(a: &Track, b: &Track) -> Result<Track> {
    let reorder = a.reorder.max(b.reorder);
    if a.sample_entry == b.sample_entry {
        return Ok(Track { reorder, ..a.clone() });
    }
    if a.codec != media::Codec::Avc || b.codec != media::Codec::Avc {
        return Err(Error::unsupported(format!(
            "{} and {} cannot share an init segment",
            a.codec_string, b.codec_string
        )));
    }
    let sample_entry = media::h264::merge(&a.sample_entry, &b.sample_entry)?;
    let codec_string = media::h264::codec_string(&sample_entry)?;
    Ok(Track { reorder, sample_entry, codec_string, ..a.clone() })
}

/// The descriptions of a part that takes in `next` too, or none when it needs a part of its own.
fn joined(first: &Resolved, tracks: &Tracks, next: &Resolved) -> Option<Tracks> {
    if first.rate() != next.rate() {
        return None;
    }
    let geometry = |t: &Track| (t.codec, t.width, t.height, t.display_width, t.display_height, t.matrix);
    let mut video = Vec::with_capacity(tracks.video.len());
    for (a, b) in tracks.video.iter().zip(&next.tracks.video) {
        if geometry(a) != geometry(b) {
            return None;
        }
        video.push(merge(a, b).ok()?);
    }
    let sound = |t: &Track| (t.sample_entry.clone(), t.timescale, t.unit_ticks, t.priming);
    let same = tracks.audio.iter().zip(&next.tracks.audio).all(|(a, b)| sound(a) == sound(b));
    same.then(|| Tracks { video, audio: tracks.audio.clone() })
}

fn video_pieces(spans: &[Resolved], rendition: usize) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut start = 0;
    for span in spans {
        for piece in &span.video[rendition] {
            out.push(Piece { at: start + piece.at, ..piece.clone() });
        }
        start += span.stretch.span.units();
    }
    out
}

/// The segments of a part as ranges of edit units: each as long as fits into [`SEGMENT_SECONDS`].
fn boundaries(spans: &[Resolved], rate: Rate) -> Vec<(u32, u32)> {
    let target = (rate.ratio() * Ratio::from_integer(SEGMENT_SECONDS)).round().to_integer() as u32;
    let mut out = Vec::new();
    let (mut start, mut last, mut offset) = (0u32, 0u32, 0u32);
    for span in spans {
        for candidate in entry_points(span)
            .into_iter()
            .map(|unit| offset + unit)
            .chain([offset + span.stretch.span.units()])
        {
            if candidate - start > target && last > start {
                out.push((start, last));
                start = last;
            }
            last = candidate;
        }
        offset += span.stretch.span.units();
    }
    if last > start {
        out.push((start, last));
    }
    out
}

/// Units of a span at which every rendition may be entered: its start, and every group's start.
fn entry_points(span: &Resolved) -> Vec<u32> {
    let mut points = vec![0];
    match &span.stretch.span {
        Span::Film { from, to, .. } => {
            let index = &span.stretch.source.video[0].index;
            let first = index.block_of(*from) + 1;
            points.extend(
                (first..index.blocks())
                    .map(|b| index.block_first(b))
                    .take_while(|f| f < to)
                    .map(|f| f - from),
            );
        }
        Span::Card { .. } => {
            let starts = |pieces: &[Piece]| -> Vec<u32> {
                let index = &pieces[0].media.index;
                (1..index.blocks()).map(|b| index.block_first(b)).collect()
            };
            let all: Vec<Vec<u32>> = span.video.iter().map(|v| starts(v)).collect();
            if all.windows(2).all(|w| w[0] == w[1]) {
                points.extend(&all[0]);
            }
        }
    }
    points
}

#[cfg(test)]
mod tests;
