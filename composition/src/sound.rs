//! The sound of a part: which stored samples play, and where silence stands in.
//!
//! Invariants:
//! - An output sample plays the source's sample nearest to the same instant. The error is at most half
//!   a sample a span and does not accumulate.
//! - No sample is copied whose decode window touches sound that is withheld: silence of the same
//!   configuration keeps its place.

use media::{Codec, Seconds, Track};
use num_rational::Ratio;

use crate::layout::Piece;
use crate::ranges::Ranges;
use crate::source::{Sound, Source};
use crate::span::Span;
use crate::timeline::Stretch;

/// The sound of a span's source that continues `wanted`, and whether to play it or its silence.
pub(crate) fn matching_sound(wanted: &Sound, stretch: &Stretch) -> (Sound, bool) {
    let sounds = &stretch.source.sounds;
    let same = |s: &&Sound| s.language == wanted.language && s.label == wanted.label;
    let found = sounds
        .iter()
        .find(same)
        .or_else(|| sounds.iter().find(|s| s.language == wanted.language))
        .or(sounds.first());
    let film = matches!(stretch.span, Span::Film { .. });
    match found {
        Some(sound) => (sound.clone(), film),
        None => (wanted.clone(), false),
    }
}

/// The grid of a sound's samples: sample `j` sounds from `(j * unit_ticks - priming) / timescale` on.
pub(crate) struct Grid<'a> {
    pub track: &'a Track,
}

impl Grid<'_> {
    fn exact(&self, at: Seconds) -> Ratio<i64> {
        (at * Ratio::from_integer(self.track.timescale as i64)
            + Ratio::from_integer(self.track.priming as i64))
            / Ratio::from_integer(self.track.unit_ticks as i64)
    }
    /// The sample that starts nearest to `at` seconds after the part's start.
    fn nearest(&self, at: Seconds) -> u32 {
        (self.exact(at) + Ratio::new(1, 2)).floor().to_integer().max(0) as u32
    }
    /// The first sample that starts at or after `at`.
    pub fn ceil(&self, at: Seconds) -> u32 {
        self.exact(at).ceil().to_integer().max(0) as u32
    }
    /// `shift` seconds in samples, to the nearest.
    fn shift(&self, shift: Seconds) -> i64 {
        let samples = shift * Ratio::from_integer(self.track.timescale as i64)
            / Ratio::from_integer(self.track.unit_ticks as i64);
        (samples + Ratio::new(1, 2)).floor().to_integer()
    }
}

/// Samples of a sound that carry anything of the source's `frames`. A transform codec's sample is
/// decoded through a window over its own place and the next one's (ISO/IEC 14496-3 §4.6.11 for AAC;
/// the overlaps of AC-3 and Opus are shorter). Where AAC doubles its rate by band replication, the
/// filter bank holds sound back by less than one sample more, at either side.
pub fn touched(sound: &Sound, source: &Source, frames: &Ranges) -> Ranges {
    let track = sound.media.index.track();
    let spread = if track.codec == Codec::Aac && track.unit_ticks > 1024 { 1 } else { 0 };
    let wide = |at: Seconds| Ratio::<i128>::new((*at.numer()).into(), (*at.denom()).into());
    let place = |frame: u32| {
        let heard = wide(source.seconds(frame)) - wide(sound.offset);
        (heard * i128::from(track.timescale) + i128::from(track.priming)) / i128::from(track.unit_ticks)
    };
    let whole = |n: i128| n.clamp(0, sound.media.index.samples().into()) as u32;
    let samples = frames.iter().map(|(from, to)| {
        // Sample n spans n to n + 2: the first that reaches beyond `from`, and those that start before `to`.
        let first = place(from).floor().to_integer() - 1 - spread;
        let end = place(to).ceil().to_integer() + spread;
        (whole(first), whole(end))
    });
    samples.collect()
}

/// Every sample of a part's sound from `first` to `end`, counted from the part's start. `wanted` is the
/// main source's sound that the group plays.
pub(crate) fn pieces(stretches: &[Stretch], wanted: &Sound, grid: &Grid, first: u32, end: u32) -> Vec<Piece> {
    let part_start = stretches[0].start;
    let mut lane = Lane { pieces: Vec::new(), at: first };
    for (n, stretch) in stretches.iter().enumerate() {
        let starts = stretch.start - part_start;
        let until = if n + 1 == stretches.len() {
            end
        } else {
            grid.nearest(stretch.end() - part_start).clamp(lane.at, end)
        };
        let (sound, plays) = matching_sound(wanted, stretch);
        if let Some((from, _)) = stretch.shown().filter(|_| plays) {
            // Output sample k plays sample k + shift of the source, where that exists.
            let shift = grid.shift(from - starts - sound.offset);
            let within = |n: i64| n.clamp(lane.at as i64, until as i64) as u32;
            let (low, high) = (within(-shift), within(sound.media.index.samples() as i64 - shift));
            lane.silence(&sound, low);
            lane.play(&sound, shift, high, &touched(&sound, &stretch.source, &stretch.withheld.sound));
        }
        lane.silence(&sound, until);
    }
    lane.pieces
}

/// A sound's pieces as they come, and the sample that comes next.
struct Lane {
    pieces: Vec<Piece>,
    at: u32,
}

impl Lane {
    fn silence(&mut self, sound: &Sound, until: u32) {
        self.push(sound, until, None);
    }
    /// Samples of the track up to `until`, and silence in place of those that are `hushed`.
    fn play(&mut self, sound: &Sound, shift: i64, until: u32, hushed: &Ranges) {
        let of_source = |at: u32| (at as i64 + shift) as u32;
        let to_output = |sample: u32| (sample as i64 - shift) as u32;
        if self.at >= until {
            return;
        }
        for (from, to) in hushed.within(of_source(self.at), of_source(until)) {
            self.push(sound, to_output(from), Some(shift));
            self.push(sound, to_output(to), None);
        }
        self.push(sound, until, Some(shift));
    }
    fn push(&mut self, sound: &Sound, until: u32, shift: Option<i64>) {
        if until <= self.at {
            return;
        }
        let (media, first) = match shift {
            Some(shift) => (&sound.media, (self.at as i64 + shift) as u32),
            None => (&sound.silence, 0),
        };
        self.pieces.push(Piece {
            media: media.clone(),
            first,
            count: until - self.at,
            at: self.at,
            repeated: shift.is_none(),
        });
        self.at = until;
    }
}

#[cfg(test)]
mod tests;
