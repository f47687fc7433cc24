//! What of a work an order is about: episodes, ranges of time, regions of the picture.
//!
//! Invariants:
//! - A range ends at or after its start, and its end is *inclusive*: `41:18-41:55` covers all of the
//!   second 41:55, because that is how authorities write.
//! - A region lies inside the picture.
//! - Times are on the axis of the composition that the authority looked at. Only `resolve` turns them
//!   into source frames.

use composition::Area;
use composition::position::Position;
use media::{Error, Result};
use serde::{Deserialize, Serialize};

mod read;
mod words;

/// Parts, ranges and stations of a path in one scope at most.
pub const MAX_PARTS: usize = 2_000;
pub const MAX_RANGES: usize = 2_000;
pub const MAX_STATIONS: usize = 100;
/// Characters of what an authority wrote at most.
pub const MAX_WRITTEN: usize = 20_000;
/// The highest season or episode number.
pub const MAX_NUMBER: u32 = 9_999;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// What the authority wrote, verbatim, in its language.
    pub written: String,
    /// What it means. Never empty.
    pub parts: Vec<Part>,
}

/// All of a work, or one season or episode of it; and of that all, or ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Part {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub season: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode: Option<u32>,
    /// Empty: all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<TimeRange>,
}

/// From `from` to the end of `to`, inclusive. Over it a box may move: its stations are passed at equal
/// distances in time, the first at the start and the last at the end. No station: the whole picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TimeRange {
    pub from: Time,
    pub to: Time,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "areas")]
    #[cfg_attr(test, schemars(with = "Vec<[u16; 4]>"))]
    pub path: Vec<Area>,
}

/// A position as typed: `41:18`, `1:02:03.250`, `00:41:18:12`, `00:41:18;12`, `250f`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Time(String);

impl Scope {
    /// Reads a scope as authorities write it; errors quote the part.
    ///
    /// `S1E18 41:18-41:55, 43:02; S1E19`, `tập 18: từ 41:18 đến 41:55`, `시즌 1 18회 41분 18초`, `whole`.
    pub fn read(written: &str) -> Result<Scope> {
        Scope::new(written, read::parts(written)?)
    }

    /// What was written, with the meaning that somebody else gave it.
    pub fn new(written: &str, parts: Vec<Part>) -> Result<Scope> {
        let scope = Scope { written: written.trim().to_string(), parts };
        scope.check()?;
        Ok(scope)
    }

    /// All of a work.
    pub fn whole() -> Scope {
        Scope { written: "whole".into(), parts: vec![Part::default()] }
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.parts.is_empty() {
            return Err(Error::invalid("nothing is named").remedy(read::REMEDY));
        }
        if self.written.is_empty() || self.written.chars().count() > MAX_WRITTEN {
            return Err(Error::invalid(format!("expected 1 to {MAX_WRITTEN} characters")).at("written"));
        }
        let ranges: usize = self.parts.iter().map(|p| p.ranges.len()).sum();
        if self.parts.len() > MAX_PARTS || ranges > MAX_RANGES {
            return Err(Error::unsupported(format!(
                "{} parts with {ranges} ranges; expected at most {MAX_PARTS} with {MAX_RANGES}",
                self.parts.len()
            )));
        }
        for (n, part) in self.parts.iter().enumerate() {
            part.check().map_err(|e| e.at(format!("parts[{n}]")))?;
        }
        Ok(())
    }

    /// Whether any part names ranges of time.
    pub fn has_ranges(&self) -> bool {
        self.parts.iter().any(|p| !p.ranges.is_empty())
    }
}

impl Part {
    pub fn is_whole(&self) -> bool {
        self.ranges.is_empty()
    }
    fn check(&self) -> Result<()> {
        for (name, number) in [("season", self.season), ("episode", self.episode)] {
            if number.is_some_and(|n| n > MAX_NUMBER) {
                return Err(Error::invalid(format!("expected at most {MAX_NUMBER}")).at(name));
            }
        }
        for (n, range) in self.ranges.iter().enumerate() {
            range.check().map_err(|e| e.at(format!("ranges[{n}]")))?;
        }
        Ok(())
    }
    /// How an order names this part, in the short form: `S1E18`, `E18`, `S1`, or nothing.
    pub fn place(&self) -> String {
        let season = self.season.map(|n| format!("S{n}")).unwrap_or_default();
        let episode = self.episode.map(|n| format!("E{n}")).unwrap_or_default();
        season + &episode
    }
}

impl TimeRange {
    pub fn new(from: Time, to: Time, path: Vec<Area>) -> Result<TimeRange> {
        let range = TimeRange { from, to, path };
        range.check()?;
        Ok(range)
    }

    fn check(&self) -> Result<()> {
        let reversed = match (self.from.position()?, self.to.position()?) {
            (Position::At(a), Position::At(b)) => a > b,
            (Position::Unit(a), Position::Unit(b)) => a > b,
            (
                Position::Timecode { seconds: a, units: u, .. },
                Position::Timecode { seconds: b, units: v, .. },
            ) => (a, u) > (b, v),
            _ => {
                return Err(Error::invalid(format!("{} mixes two ways of writing a position", self.text()))
                    .remedy("Write both ends in the same way"));
            }
        };
        if reversed {
            return Err(Error::invalid(format!("the range {} ends before it starts", self.text()))
                .remedy(format!("Did the order say {}-{}?", self.to.0, self.from.0)));
        }
        if self.path.len() > MAX_STATIONS {
            return Err(Error::unsupported(format!("a box with {} stations", self.path.len()))
                .remedy(format!("Use at most {MAX_STATIONS}, or split the range")));
        }
        Ok(())
    }

    /// As typed.
    pub fn text(&self) -> String {
        if self.from == self.to { self.from.0.clone() } else { format!("{}-{}", self.from.0, self.to.0) }
    }
}

impl Time {
    /// Fails on what is no position.
    pub fn parse(text: &str) -> Result<Time> {
        Position::parse(text)?;
        Ok(Time(text.to_string()))
    }
    pub fn text(&self) -> &str {
        &self.0
    }
    fn position(&self) -> Result<Position> {
        Position::parse(&self.0)
    }
}

impl TryFrom<String> for Time {
    type Error = Error;
    fn try_from(text: String) -> Result<Time> {
        Time::parse(&text)
    }
}

impl From<Time> for String {
    fn from(time: Time) -> String {
        time.0
    }
}

/// Areas as JSON: `[x, y, w, h]` in thousandths of the picture.
mod areas {
    use composition::Area;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(path: &[Area], to: S) -> Result<S::Ok, S::Error> {
        path.iter().map(|a| [a.x(), a.y(), a.w(), a.h()]).collect::<Vec<_>>().serialize(to)
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Area>, D::Error> {
        let boxes = Vec::<[u16; 4]>::deserialize(from)?;
        boxes.into_iter().map(|[x, y, w, h]| Area::new(x, y, w, h).map_err(D::Error::custom)).collect()
    }
}

#[cfg(test)]
mod tests;
