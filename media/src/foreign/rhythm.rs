//! Recognises the constant rate behind the times at which frames are shown.
//!
//! Files round times, so each may lie off the ideal grid: by one tick, by a five-thousandth of a
//! second where ticks are finer (nobody can see that), or by the grain of an earlier container, e.g.
//! a millisecond. The error must not add up: the tolerance holds for every frame against the first,
//! however long the film.
//!
//! Of the rates that fit, the simplest is taken: a whole number or a whole number times 1000/1001,
//! else the fraction with the least denominator.

#[cfg(test)]
mod tests;

use crate::time::Rate;

/// Denominators above this name clocks, not rates that films are made at.
const MAX_DENOMINATOR: i128 = 1001;

/// The frame, in presentation order from 0, whose time fits no constant rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Irregular(pub usize);

/// By how many ticks a time may lie off a grid of steps of about `step` ticks.
pub fn tolerance(times: impl Iterator<Item = i64> + Clone, step: i64, timescale: u32) -> i64 {
    let mut previous = times.clone();
    let grain = match previous.next() {
        Some(first) => previous.fold(0, |grain, time| gcd(grain, time.saturating_sub(first))),
        None => 0,
    };
    let fine = (timescale as i64 / 5000).max(1);
    // A grain that is no longer small against a step is the rhythm itself.
    if grain <= step / 4 { fine.max(grain) } else { fine }
}

fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.saturating_abs(), b.saturating_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The rate of frames shown at `times`, in ascending order, at least one.
///
/// `duration` is that of the last frame; it decides when there is only one.
pub fn recognise(times: &[i64], duration: u32, timescale: u32) -> Result<Rate, Irregular> {
    let both = [0, duration as i64];
    let times = if times.len() < 2 { &both } else { times };
    if let Some(rate) = exact(times, timescale) {
        return Ok(rate);
    }
    let tolerance = tolerance(times.iter().copied(), times[1] - times[0], timescale) as i128;
    let span = fitting(times, tolerance)?;
    // A tolerance that is no longer small against a frame would hide missing frames.
    if span.low.0 < 4 * tolerance * span.low.1 {
        return Err(first_odd(times));
    }
    simplest(times, timescale, &span).ok_or(Irregular(times.len() - 1))
}

/// The rate when all frames last equally long and that makes a plain rate.
fn exact(times: &[i64], timescale: u32) -> Option<Rate> {
    let step = times[1] - times[0];
    if times.windows(2).any(|pair| pair[1] - pair[0] != step) {
        return None;
    }
    let rate = Rate::new(timescale, u32::try_from(step).ok()?).ok()?;
    (rate.den() as i128 <= MAX_DENOMINATOR).then_some(rate)
}

fn first_odd(times: &[i64]) -> Irregular {
    let step = times[1] - times[0];
    Irregular(times.windows(2).position(|pair| pair[1] - pair[0] != step).map_or(1, |n| n + 1))
}

/// The frame lengths, in ticks, that fit all times: fractions from `low` to `high`.
struct Span {
    low: (i128, i128),
    high: (i128, i128),
}

impl Span {
    fn holds(&self, length: (i128, i128)) -> bool {
        !less(length, self.low) && !less(self.high, length)
    }
}

fn less(a: (i128, i128), b: (i128, i128)) -> bool {
    a.0 * b.1 < b.0 * a.1
}

fn fitting(times: &[i64], tolerance: i128) -> Result<Span, Irregular> {
    let mut span = Span { low: (0, 1), high: (i64::MAX as i128, 1) };
    for (n, time) in times.iter().enumerate().skip(1) {
        let since = *time as i128 - times[0] as i128;
        let (low, high) = ((since - tolerance, n as i128), (since + tolerance, n as i128));
        if less(span.low, low) {
            span.low = low;
        }
        if less(high, span.high) {
            span.high = high;
        }
        if less(span.high, span.low) || *time <= times[n - 1] {
            return Err(Irregular(n));
        }
    }
    Ok(span)
}

fn simplest(times: &[i64], timescale: u32, span: &Span) -> Option<Rate> {
    let ticks = timescale as i128;
    let fits = |(num, den): &(i128, i128)| *num > 0 && span.holds((ticks * den, *num));
    let (frames, length) = (times.len() as i128 - 1, times[times.len() - 1] as i128 - times[0] as i128);
    let nearest = |den: i128| ((2 * frames * ticks * den + length) / (2 * length), den);
    // The whole number next to the measured rate, and the same against 1000/1001. Where both fit a
    // short film, the one that leaves less to rounding.
    let whole = Some(nearest(1)).filter(fits);
    let drop = (2 * frames * ticks * 1001 + length * 1000) / (2 * length * 1000);
    let drop = Some((drop * 1000, 1001)).filter(fits);
    let plain = match (whole, drop) {
        (Some(whole), Some(drop)) if less(spread(times, ticks, drop), spread(times, ticks, whole)) => {
            Some(drop)
        }
        _ => whole.or(drop),
    };
    let (num, den) = plain.or_else(|| (2..=MAX_DENOMINATOR).map(nearest).find(fits))?;
    Rate::new(u32::try_from(num).ok()?, den as u32).ok()
}

/// How far apart, in ticks, the times lie off a rate's grid: latest against earliest.
fn spread(times: &[i64], ticks: i128, (num, den): (i128, i128)) -> (i128, i128) {
    let off = |(n, time): (usize, &i64)| (*time as i128 - times[0] as i128) * num - n as i128 * ticks * den;
    let (low, high) =
        times.iter().enumerate().map(off).fold((0, 0), |(low, high), off| (low.min(off), high.max(off)));
    (high - low, num)
}
