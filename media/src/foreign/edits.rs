//! Edit lists: which part of a track is presented, and when (ISO/IEC 14496-12 §8.6.6).

use mp4_atom::ElstEntry;

use super::boxes::FourCc;
use super::{ForeignTrack, Movie};
use crate::error::{Error, Result};
use crate::time::Seconds;

/// One entry of an edit list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Ticks of the movie's timescale; 0 in a fragmented file means up to the end.
    pub duration: u64,
    /// Where in the media it begins, in ticks of the track; `None` shows nothing.
    pub media_time: Option<u64>,
    /// At normal speed.
    pub normal_speed: bool,
}

impl Edit {
    pub(super) fn of(entry: &ElstEntry) -> Edit {
        Edit {
            duration: entry.segment_duration,
            media_time: entry.media_time,
            normal_speed: entry.media_rate.integer() == 1 && entry.media_rate.decimal() == 0,
        }
    }
}

/// An edit list that Phim can follow: wait, then show one stretch of the media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Ticks of the movie's timescale before the media is shown.
    wait: u64,
    /// First tick of the media that is shown; `None` without an edit list.
    pub from: Option<i64>,
    /// Ticks of the movie's timescale that are shown; `None` up to the end.
    length: Option<u64>,
    movie_timescale: u32,
    timescale: u32,
}

impl Stretch {
    /// Fails with `Unsupported` when the list shows several stretches, or changes the speed.
    pub fn of(movie: &Movie, track: &ForeignTrack) -> Result<Stretch> {
        let mut stretch = Stretch {
            wait: 0,
            from: None,
            length: None,
            movie_timescale: movie.timescale,
            timescale: track.timescale,
        };
        for edit in &track.edits {
            match edit.media_time {
                // Waiting after the media has been shown changes nothing.
                None if stretch.from.is_some() => {}
                None => stretch.wait = stretch.wait.saturating_add(edit.duration),
                Some(_) if stretch.from.is_some() => {
                    return Err(unfollowable(
                        "an edit list with more than one stretch of media",
                        track.handler,
                    ));
                }
                Some(_) if !edit.normal_speed => {
                    return Err(unfollowable("an edit list that changes the speed", track.handler));
                }
                Some(from) => {
                    stretch.from = Some(
                        i64::try_from(from)
                            .map_err(|_| Error::invalid("an edit that begins beyond 63 bits"))?,
                    );
                    stretch.length = Some(edit.duration).filter(|d| *d > 0);
                }
            }
        }
        Ok(stretch)
    }

    /// When a media time is presented, on the timeline of the movie.
    pub fn presented(&self, media_time: i64) -> Result<Seconds> {
        let into = media_time as i128 - self.from.unwrap_or(0) as i128;
        let numerator = self.wait as i128 * self.timescale as i128 + into * self.movie_timescale as i128;
        seconds(numerator, self.movie_timescale as i128 * self.timescale as i128)
    }

    /// First tick of the media that is no longer shown; `None` when all is.
    pub fn end(&self) -> Option<i64> {
        let ticks = self.length? as i128 * self.timescale as i128;
        let ticks = (ticks + self.movie_timescale as i128 / 2) / self.movie_timescale as i128;
        i64::try_from(self.from.unwrap_or(0) as i128 + ticks).ok()
    }

    /// By how many ticks [`Stretch::end`] may be off, because the movie's timescale is coarse.
    pub fn end_tolerance(&self) -> i64 {
        self.timescale.div_ceil(self.movie_timescale) as i64 + 1
    }
}

fn unfollowable(what: &str, handler: FourCc) -> Error {
    Error::unsupported(format!("{what} (track of {})", super::boxes::name(handler)))
        .remedy("Add the film as a single file, so that Phim encodes its own ladder, or rewrite the file without its edit list")
}

/// A fraction of seconds, exact when its parts stay handy, else rounded to a microsecond.
///
/// The parts stay below 10^9 and 10^15, so that sums and differences of such times cannot overflow.
pub fn seconds(numerator: i128, denominator: i128) -> Result<Seconds> {
    let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs()).max(1) as i128;
    let (mut n, mut d) = (numerator / divisor, denominator / divisor);
    if d > 1_000_000_000 || n.abs() > 1_000_000_000_000_000 {
        n = n.checked_mul(1_000_000).ok_or_else(too_far)? / d;
        d = 1_000_000;
    }
    match i64::try_from(n) {
        Ok(n) if n.abs() <= 1_000_000_000_000_000 => Ok(Seconds::new(n, d as i64)),
        _ => Err(too_far()),
    }
}

fn too_far() -> Error {
    Error::unsupported("a time more than thirty years away")
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
