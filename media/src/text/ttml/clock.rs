//! The time expressions of TTML (TTML2 §12.3) and the parameters they depend on (§7.2).

use num_rational::Ratio;
use roxmltree::Node;

use super::{at, vocabulary};
use crate::error::{Error, Result};
use crate::text::{MAX_SECONDS, rounded};
use crate::time::Seconds;

/// Wide enough for every sum and product here: none has more than 31 digits.
type Exact = Ratio<i128>;

/// How a document counts time.
pub(super) struct Clock {
    /// Frames in a nominal second: what `ff` of `hh:mm:ss:ff` counts to.
    nominal: i128,
    /// Frames in a true second.
    rate: Exact,
    sub_frames: i128,
    ticks: i128,
    /// Whether `hh:mm:ss:ff` is an address on a frame counter and not a time.
    smpte: Option<Counting>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Counting {
    Whole,
    /// Two numbers a minute are left out, but not in every tenth minute.
    DropNtsc,
}

impl Clock {
    pub fn read(root: Node) -> Result<Clock> {
        let wrap = |error| at(root, error);
        let parameter = |name| vocabulary(root, "parameter", name);
        let whole = |name, default| match parameter(name) {
            Some(text) => count(text).ok_or_else(|| wrap(unreadable(name, text))),
            None => Ok(default),
        };
        let nominal = whole("frameRate", 30)?;
        let sub_frames = whole("subFrameRate", 1)?;
        let by_frames = if parameter("frameRate").is_some() { nominal * sub_frames } else { 1 };
        let ticks = match parameter("tickRate") {
            Some(text) => {
                digits(text).filter(|ticks| *ticks > 0).ok_or_else(|| wrap(unreadable("tickRate", text)))?
            }
            None => by_frames,
        };
        let multiplier = match parameter("frameRateMultiplier") {
            Some(text) => multiplier(text).ok_or_else(|| wrap(unreadable("frameRateMultiplier", text)))?,
            None => Ratio::from_integer(1),
        };
        let smpte = counting(parameter("timeBase"), parameter("dropMode")).map_err(wrap)?;
        if parameter("markerMode") == Some("discontinuous") && smpte.is_some() {
            return Err(wrap(Error::unsupported("the discontinuous SMPTE time base").remedy(REMEDY)));
        }
        let rate = multiplier * nominal;
        Ok(Clock { nominal, rate, sub_frames, ticks, smpte })
    }

    /// The instant or duration that an attribute gives; `None` for an expression that is wrong.
    pub fn parse(&self, text: &str) -> Option<Seconds> {
        let at = if text.contains(':') { self.clock_time(text) } else { self.offset(text) }?;
        (at <= Exact::from_integer(MAX_SECONDS.into())).then(|| rounded(at))
    }

    /// `hh:mm:ss`, `hh:mm:ss.fraction`, `hh:mm:ss:ff`, `hh:mm:ss:ff.sub`
    fn clock_time(&self, text: &str) -> Option<Exact> {
        let fields: Vec<&str> = text.split(':').collect();
        let [hours, minutes, seconds, frames @ ..] = &fields[..] else { return None };
        let (hours, minutes) = (digits(hours)?, digits(minutes)?);
        let seconds = decimal(seconds)?;
        if minutes > 59 || seconds >= Ratio::from_integer(60) {
            return None;
        }
        let whole = seconds + hours * 3600 + minutes * 60;
        match frames {
            [] => Some(whole),
            [frames] if seconds.is_integer() => self.with_frames(whole.to_integer(), frames),
            _ => None,
        }
    }

    fn with_frames(&self, seconds: i128, frames: &str) -> Option<Exact> {
        let (frames, sub) = frames.split_once('.').unwrap_or((frames, "0"));
        let (frames, sub) = (digits(frames)?, digits(sub)?);
        if frames >= self.nominal || sub >= self.sub_frames {
            return None;
        }
        let frames = Ratio::new(frames * self.sub_frames + sub, self.sub_frames);
        Some(match self.smpte {
            None => frames / self.rate + seconds,
            Some(counting) => {
                let counted = seconds * self.nominal - dropped(counting, seconds / 60);
                (frames + counted) / self.rate
            }
        })
    }

    /// `12.5s` and the like: hours, minutes, seconds, milliseconds, frames, ticks.
    fn offset(&self, text: &str) -> Option<Exact> {
        let end = text.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, metric) = text.split_at(end);
        let number = decimal(number)?;
        Some(match metric {
            "h" => number * 3600,
            "m" => number * 60,
            "s" => number,
            "ms" => number / 1000,
            "f" => number / self.rate,
            "t" => number / self.ticks,
            _ => return None,
        })
    }
}

/// How many frame numbers were left out in the first `minutes` (SMPTE ST 12-1 §5.2.2).
fn dropped(counting: Counting, minutes: i128) -> i128 {
    match counting {
        Counting::Whole => 0,
        Counting::DropNtsc => 2 * (minutes - minutes / 10),
    }
}

fn counting(base: Option<&str>, drop: Option<&str>) -> Result<Option<Counting>> {
    match (base.unwrap_or("media"), drop.unwrap_or("nonDrop")) {
        ("media", _) => Ok(None),
        ("smpte", "nonDrop") => Ok(Some(Counting::Whole)),
        ("smpte", "dropNTSC") => Ok(Some(Counting::DropNtsc)),
        ("smpte", drop) => Err(Error::unsupported(format!("the drop mode {drop:?}")).remedy(REMEDY)),
        (base, _) => Err(Error::unsupported(format!("the time base {base:?}")).remedy(REMEDY)),
    }
}

const REMEDY: &str = "Convert the document to the time base `media`";

fn unreadable(name: &str, text: &str) -> Error {
    let shown: String = text.chars().take(40).collect();
    Error::invalid(format!("unreadable {name} {shown:?}"))
}

/// A rate: a whole number from 1 to a million.
fn count(text: &str) -> Option<i128> {
    digits(text).filter(|number| (1..=MAX_RATE).contains(number))
}

const MAX_RATE: i128 = 1_000_000;

/// `1000 1001`, or `1000:1001` in drafts.
fn multiplier(text: &str) -> Option<Exact> {
    let (numerator, denominator) = text.split_once([' ', ':'])?;
    Some(Ratio::new(count(numerator.trim())?, count(denominator.trim())?))
}

/// At most nine digits.
fn digits(text: &str) -> Option<i128> {
    let fits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// `digits[.digits]`; digits of the fraction beyond the sixth are cut off.
fn decimal(text: &str) -> Option<Exact> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction = fraction.get(..6).unwrap_or(fraction);
    let places = u32::try_from(fraction.len()).ok()?;
    Some(Ratio::new(digits(fraction)?, 10_i128.pow(places)) + digits(whole)?)
}
