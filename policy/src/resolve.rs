//! From the times of an order to frames of stored tracks.
//!
//! Invariant: outward, always. A range takes every frame of which any part is shown in it, widened by
//! the order's margin, so that nothing that was ordered stays for a fraction of a frame.

use composition::position::order_range;
use composition::span::MAX_CARD_UNITS;
use composition::timeline::Stretch;
use composition::{Area, Span, Timeline};
use media::{Digest, Error, Result, Seconds};
use num_rational::Ratio;

use crate::decision::{Resolved, Station};
use crate::film::Film;
use crate::order::Order;
use crate::scope::{Part, TimeRange};

/// Reads the ranges that `order` names in `film` on the axis of the composition that the authority looked
/// at: `read_on` is that composition's digest, `axis` its timeline.
///
/// Answers nothing for a film that the order names no ranges of. Fails on ranges past the end, on
/// timecodes of another rate, and on ranges that show only a card.
pub fn resolve(order: &Order, film: &Film, read_on: Digest, axis: &Timeline) -> Result<Vec<Resolved>> {
    let mut out = Vec::new();
    for (n, part) in order.scope.parts.iter().enumerate().filter(|(_, part)| film.is_named(&order.work, part))
    {
        for (m, range) in ranges(part, axis)?.iter().enumerate() {
            let read = Read { order, range, named: film.source, read_on };
            let found = one(&read, axis)
                .map_err(|e| e.at(format!("ranges[{m}]")).at(format!("parts[{n}]")).at("scope"))?;
            out.extend(found);
        }
    }
    Ok(out)
}

/// A part without ranges that is not to be withdrawn is muted or blurred from start to end.
fn ranges(part: &Part, axis: &Timeline) -> Result<Vec<TimeRange>> {
    if !part.is_whole() {
        return Ok(part.ranges.clone());
    }
    let last = axis.stretches.last().map_or(0, |s| s.source.rate.unit_from(axis.duration) - 1);
    let time = |unit: i64| crate::scope::Time::parse(&format!("{unit}f"));
    Ok(vec![TimeRange::new(time(0)?, time(last)?, Vec::new())?])
}

/// A range being read.
struct Read<'a> {
    order: &'a Order,
    range: &'a TimeRange,
    named: Digest,
    read_on: Digest,
}

fn one(read: &Read, axis: &Timeline) -> Result<Vec<Resolved>> {
    let rate =
        axis.stretches.first().map(|s| s.source.rate).ok_or_else(|| Error::internal("an empty axis"))?;
    let (from, to) = order_range(&read.range.text(), rate, axis.duration, read.order.margin)?;
    let touched = axis.stretches.iter().filter(|s| s.start < to && from < s.end());
    let pieces: Vec<Resolved> = touched.filter_map(|stretch| piece(read, (from, to), stretch)).collect();
    if pieces.is_empty() {
        return Err(Error::invalid(format!("{} shows a card and no film", read.range.text()))
            .remedy("Ask the authority which version it saw"));
    }
    Ok(pieces)
}

/// What of the range, in seconds of the axis, one stretch of film shows.
fn piece(read: &Read, (from, to): (Seconds, Seconds), stretch: &Stretch) -> Option<Resolved> {
    let Span::Film { title, source, from: first, to: end } = &stretch.span else { return None };
    let rate = stretch.source.rate;
    let begin = rate.unit_at((from - stretch.start).max(Ratio::from_integer(0))) as u32;
    let stop = rate.unit_from((to - stretch.start).min(stretch.duration)) as u32;
    let (a, b) = (first + begin, (first + stop).min(*end));
    let path = stations(&read.range.path, |part| {
        // Where a station lies on the source: it may be outside this stretch.
        let at = from + (to - from) * part;
        i64::from(*first) + rate.unit_at(at - stretch.start)
    });
    Some(Resolved {
        title: title.clone(),
        source: *source,
        from: a,
        to: b,
        path,
        card: read.order.card.as_ref().map(|card| {
            let units = rate.unit_from(Seconds::from_integer(card.seconds.into()));
            units.clamp(1, MAX_CARD_UNITS.into()) as u32
        }),
        named: read.named,
        read_on: read.read_on,
    })
}

/// Key frames of a box whose stations are passed at equal distances; `frame` answers where a fraction of
/// the range lies on the source.
fn stations(path: &[Area], frame: impl Fn(Ratio<i64>) -> i64) -> Vec<Station> {
    let [first, rest @ ..] = path else { return Vec::new() };
    let key = |frame: i64, area: &Area| (frame, [area.x(), area.y(), area.w(), area.h()]);
    let mut keys = vec![key(frame(Ratio::from_integer(0)), first)];
    for (n, area) in rest.iter().enumerate() {
        let at = frame(Ratio::new(n as i64 + 1, rest.len() as i64));
        // Stations closer than a frame: the later one holds.
        match keys.last_mut() {
            Some(last) if last.0 >= at => *last = key(last.0, area),
            _ => keys.push(key(at, area)),
        }
    }
    before_the_start(keys)
}

/// Frames are counted from zero: stations before that become the place that the box has at zero.
fn before_the_start(keys: Vec<(i64, [u16; 4])>) -> Vec<Station> {
    let lost = keys.iter().take_while(|(frame, _)| *frame < 0).count();
    let mut out = Vec::new();
    if lost > 0 {
        let (a, b) = (keys[lost - 1], keys.get(lost).copied().unwrap_or(keys[lost - 1]));
        if b.0 != 0 {
            out.push(Station { frame: 0, sides: between(a, b, 0) });
        }
    }
    out.extend(keys[lost..].iter().map(|(frame, sides)| Station { frame: *frame as u32, sides: *sides }));
    out
}

/// The box between two stations, rounded outward.
fn between((from, a): (i64, [u16; 4]), (to, b): (i64, [u16; 4]), at: i64) -> [u16; 4] {
    if to <= from {
        return b;
    }
    let weighed = |a: u16, b: u16| i64::from(a) * (to - at) + i64::from(b) * (at - from);
    let side = |n: usize| {
        let low = weighed(a[n], b[n]) / (to - from);
        let high = (weighed(a[n] + a[n + 2], b[n] + b[n + 2]) + to - from - 1) / (to - from);
        (low as u16, (high - low) as u16)
    };
    let ((x, w), (y, h)) = (side(0), side(1));
    [x, y, w, h]
}

#[cfg(test)]
mod tests;
