//! Dates and lengths as they stand in cells and elements.
//!
//! A bare day as a start means its first instant, as an end its last: the window is open all day. An end
//! written 23:59:59 or 23:59 means the same.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, time};
use jiff::fmt::temporal::DateTimeParser;
use policy::avail::{End, Lag, Moment, Side, moment::end_of_day};

use crate::finding::{Wrong, shown};

static PARSER: DateTimeParser = DateTimeParser::new();

/// A side of a window: a day, a local time, an instant with its offset, or the word of an event.
pub(crate) fn moment(text: &str, side: Side, lag: Lag) -> Result<Moment, Wrong> {
    let plain = if text.starts_with(|c: char| c.is_ascii_digit()) {
        dated(text, side)?
    } else {
        return Moment::event(text, lag).map_err(|_| not_a_date(text));
    };
    let apart = || Wrong::new("a lag on a date", "Write the date itself and leave the lag out");
    if lag.is_none() { Ok(plain) } else { Err(apart()) }
}

/// The end of a window: `Open`, or a moment.
pub(crate) fn end(text: &str, lag: Lag) -> Result<End, Wrong> {
    if text.eq_ignore_ascii_case("open") {
        return Ok(End::Open);
    }
    moment(text, Side::End, lag).map(End::At)
}

fn dated(text: &str, side: Side) -> Result<Moment, Wrong> {
    let pieces = PARSER.parse_pieces(text).map_err(|_| not_a_date(text))?;
    let day = pieces.date();
    if pieces.time_zone_annotation().is_some() || !(1800..2200).contains(&day.year()) {
        return Err(not_a_date(text));
    }
    let Some(clock) = pieces.time() else { return Ok(Moment::Local(of_day(day, side))) };
    let last = side == Side::End && clock >= time(23, 59, 0, 0);
    let local = if last { end_of_day(day) } else { day.to_datetime(clock) };
    if pieces.offset().is_none() {
        return Ok(Moment::Local(local));
    }
    let instant = PARSER.parse_timestamp(text).map_err(|_| not_a_date(text))?;
    let rounded = local.duration_since(day.to_datetime(clock));
    let instant: Timestamp = instant.checked_add(rounded).map_err(|_| not_a_date(text))?;
    Ok(Moment::Instant(instant))
}

fn of_day(day: Date, side: Side) -> DateTime {
    match side {
        Side::Start => day.at(0, 0, 0, 0),
        Side::End => end_of_day(day),
    }
}

fn not_a_date(text: &str) -> Wrong {
    Wrong::new(
        format!("{} is not a date", shown(text)),
        "Write a date as 2026-12-24 or 2026-12-24T00:00:00, with an offset where it is one instant everywhere",
    )
}

#[cfg(test)]
mod tests;
