//! Positions as people type them, read into edit units; ranges as authorities write them, read into
//! seconds of the version that they looked at.

use media::{Error, Rate, Result, Seconds};
use num_rational::Ratio;

/// A position on a title's axis, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// `250f`: edit unit 250.
    Unit(i64),
    /// `41:18`, `1:02:03.250`, `12.5`: seconds after the start.
    At(Seconds),
    /// `01:02:03:12`: SMPTE timecode without drop; the last field counts edit units. `01:02:03;12`: with
    /// drop, which counts at 29.97 and 59.94 a second only.
    Timecode { seconds: i64, units: i64, drop: bool },
}

/// Hours in a position at most.
const MAX_HOURS: i64 = 100;

impl Position {
    /// Reads a position. Errors say which forms there are.
    pub fn parse(text: &str) -> Result<Position> {
        let wrong = || {
            Error::invalid(format!("{text:?} is not a position"))
                .remedy("Write frames (250f), seconds (12.5), m:ss (41:18), h:mm:ss.mmm (1:02:03.250) or SMPTE timecode (01:02:03:12)")
        };
        let number = |word: &str| -> Option<i64> {
            (!word.is_empty() && word.len() <= 9 && word.bytes().all(|b| b.is_ascii_digit()))
                .then(|| word.parse().ok())?
        };
        if let Some(units) = text.strip_suffix('f') {
            return number(units).map(Position::Unit).ok_or_else(wrong);
        }
        let drop = text.contains(';');
        let fields: Vec<&str> = text.split([':', ';']).collect();
        if let [h, m, s, f] = fields[..]
            && (!drop || text.rfind(';') > text.rfind(':'))
        {
            let (h, m, s, f) = (number(h), number(m), number(s), number(f));
            return match (h, m, s, f) {
                (Some(h), Some(m), Some(s), Some(units))
                    if h < MAX_HOURS && m < 60 && s < 60 && units < 1000 =>
                {
                    Ok(Position::Timecode { seconds: h * 3600 + m * 60 + s, units, drop })
                }
                _ => Err(wrong()),
            };
        }
        let (h, m, s) = match fields[..] {
            _ if drop => return Err(wrong()),
            [s] => (Some(0), Some(0), s),
            [m, s] => (Some(0), number(m), s),
            [h, m, s] => (number(h), number(m), s),
            _ => return Err(wrong()),
        };
        let (whole, fraction) = s.split_once('.').unwrap_or((s, "0"));
        let (Some(h), Some(m), Some(whole), Some(decimals)) = (h, m, number(whole), number(fraction)) else {
            return Err(wrong());
        };
        let bare = fields.len() == 1;
        if h >= MAX_HOURS
            || (fields.len() == 3 && m >= 60)
            || m >= 60 * MAX_HOURS
            || (!bare && whole >= 60)
            || whole >= 3600 * MAX_HOURS
        {
            return Err(wrong());
        }
        let part = Ratio::new(decimals, 10i64.pow(fraction.len() as u32));
        Ok(Position::At(part + Ratio::from_integer(h * 3600 + m * 60 + whole)))
    }

    /// The edit unit that is shown at this position.
    pub fn unit(self, rate: Rate) -> Result<i64> {
        match self {
            Position::Unit(n) => Ok(n),
            Position::At(at) => Ok(rate.unit_at(at)),
            Position::Timecode { .. } => self.timecode_unit(rate),
        }
    }

    /// The first edit unit that starts at or after this position.
    pub fn unit_after(self, rate: Rate) -> Result<i64> {
        match self {
            Position::At(at) => Ok(rate.unit_from(at)),
            _ => self.unit(rate),
        }
    }

    /// Timecode counts whole frames by the nominal rate. With drop, the first two numbers of every minute
    /// are left out (four at 59.94), except in each tenth (SMPTE ST 12-1).
    fn timecode_unit(self, rate: Rate) -> Result<i64> {
        let Position::Timecode { seconds, units, drop } = self else {
            return Err(Error::internal("not a timecode"));
        };
        let nominal = rate.ratio().ceil().to_integer();
        if units >= nominal {
            return Err(Error::invalid(format!("frame {units} in a timecode of {nominal} frames a second"))
                .remedy(format!(
                    "The title has {rate} frames a second; convert the timecode, or write h:mm:ss.mmm"
                )));
        }
        let counted = seconds * nominal + units;
        if !drop {
            return Ok(counted);
        }
        let left_out = match (rate.num(), rate.den()) {
            (30_000, 1001) => 2,
            (60_000, 1001) => 4,
            _ => {
                return Err(Error::invalid(format!("a drop-frame timecode for {rate} frames a second"))
                    .remedy("Drop-frame (;) counts at 29.97 and 59.94 only: write hh:mm:ss:ff at the title's rate, or h:mm:ss.mmm"));
            }
        };
        let minutes = seconds / 60;
        if seconds % 60 == 0 && minutes % 10 != 0 && units < left_out {
            return Err(Error::invalid(format!(
                "frame {units} is left out of minute {minutes} in drop-frame timecode"
            ))
            .remedy(format!("The minute starts with frame {left_out}")));
        }
        Ok(counted - left_out * (minutes - minutes / 10))
    }
}

/// Reads a range as authorities write it, on the axis of the version that they looked at: seconds,
/// end-exclusive, rounded outward to whole edit units, wider by `margin` of them at both ends, within
/// `duration`.
///
/// The end is included as it is written: `41:18-41:55` covers all of second 41:55, and `41:55.5` the
/// tenth; a timecode or frame number covers that frame. `43:02` alone is that second. Dashes of every
/// length and `~` stand between start and end.
pub fn order_range(text: &str, rate: Rate, duration: Seconds, margin: u32) -> Result<(Seconds, Seconds)> {
    let (from, to) = text.split_once(['-', '\u{2010}', '–', '—', '~', '～']).unwrap_or((text, text));
    let (from, to) = (from.trim(), to.trim());
    let (first, last) = (Position::parse(from)?, Position::parse(to)?);
    let (first, last, end) = (instant(first, rate)?, instant(last, rate)?, covered(last, to, rate));
    if last < first {
        return Err(Error::invalid(format!("the range {text} ends before it starts"))
            .remedy("Write the earlier position first"));
    }
    if last >= duration {
        return Err(Error::invalid(format!("the range {text} reaches beyond the version"))
            .remedy(format!("The version ends at {} s", decimal(duration))));
    }
    let from = rate.unit_at(first) - i64::from(margin);
    let to = rate.unit_from(last + end) + i64::from(margin);
    Ok((rate.seconds(from.max(0)), rate.seconds(to).min(duration)))
}

fn instant(position: Position, rate: Rate) -> Result<Seconds> {
    match position {
        Position::At(at) => Ok(at),
        _ => position.unit(rate).map(|unit| rate.seconds(unit)),
    }
}

/// How much time a position covers as it is written: a second, or its last decimal; a frame.
fn covered(position: Position, text: &str, rate: Rate) -> Seconds {
    match position {
        Position::At(_) => {
            let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
            Ratio::new(1, 10i64.pow(decimals as u32))
        }
        _ => rate.seconds(1),
    }
}

/// Reads `A-B` as edit units, start-inclusive, end-exclusive, rounded outward to whole frames.
/// An empty `B` (`41:18-`) means the end of the title, `units`.
pub fn parse_range(text: &str, rate: Rate, units: u32) -> Result<(u32, u32)> {
    let (from, to) = text.split_once('-').ok_or_else(|| {
        Error::invalid(format!("{text:?} is not a range"))
            .remedy("Write START-END, for example 41:18-41:55 or 250f-417f; the end is exclusive")
    })?;
    let a = Position::parse(from)?.unit(rate)?;
    let b = if to.is_empty() { units as i64 } else { Position::parse(to)?.unit_after(rate)? };
    if a >= b {
        return Err(Error::invalid(format!("the range {text} is empty"))
            .remedy("It must end after it starts; the end is exclusive"));
    }
    if b > units as i64 {
        let end = rate.seconds(units as i64);
        return Err(Error::invalid(format!(
            "the range {text} ends at frame {b}; the title has {units} frames"
        ))
        .remedy(format!("It ends at {} s; leave the end out to mean the end", decimal(end))));
    }
    Ok((a as u32, b as u32))
}

/// Seconds with three decimals, rounded down.
pub fn decimal(at: Seconds) -> String {
    let ms = (at * Ratio::from_integer(1000)).floor().to_integer();
    format!("{}{}.{:03}", if ms < 0 { "-" } else { "" }, ms.abs() / 1000, ms.abs() % 1000)
}

#[cfg(test)]
mod tests;
