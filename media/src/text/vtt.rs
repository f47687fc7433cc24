//! WebVTT read by the parsing algorithm of the standard (W3C WebVTT §6).
//!
//! `STYLE` blocks and comments are skipped: how cues look is the player's affair here. Regions are
//! not kept; their cues get the place where the region shows its newest line.
//! Beyond the standard: instants after [`MAX_SECONDS`](super::MAX_SECONDS) are unreadable.

use num_rational::Ratio;

use super::cue::NO_SHIFT;
use super::settings::{Region, Settings};
use super::{Cue, MAX_CUES, MAX_FILE, MAX_SECONDS};
use crate::error::{Error, Result};
use crate::time::Seconds;

/// Reads a WebVTT file as a browser does: a cue with unreadable times is dropped, and so is one
/// that ends before it starts, which a browser keeps and never shows.
///
/// An error is given only for what is no WebVTT at all, and beyond the limits of this module.
pub fn read_vtt(bytes: &[u8]) -> Result<Vec<Cue>> {
    Ok(parse(bytes)?.0)
}

/// Reads a WebVTT file, and refuses one in which a cue would be dropped.
pub(super) fn read_strictly(bytes: &[u8]) -> Result<Vec<Cue>> {
    refuse_map(bytes)?;
    let (cues, mut dropped) = parse(bytes)?;
    if dropped.is_empty() {
        return Ok(cues);
    }
    let more = dropped.len() - 1;
    let mut first = dropped.swap_remove(0);
    if more > 0 {
        first.message += &format!(" ({more} more like it)");
    }
    Err(first.remedy("Correct the cue or remove it: a browser would not show it"))
}

/// A segment of an HLS stream counts from the timestamps of its media (RFC 8216 §3.5), which are not
/// at hand. The map that Phim itself writes moves nothing.
fn refuse_map(bytes: &[u8]) -> Result<()> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_HEADER)]);
    let map = text.lines().take_while(|line| !line.is_empty());
    match map.into_iter().find_map(|line| line.strip_prefix("X-TIMESTAMP-MAP=")) {
        Some(map) if map.trim_end() != NO_SHIFT => {
            Err(Error::unsupported("a segment of an HLS stream, whose times count from elsewhere")
                .remedy("Join the segments to one file first, e.g. with ffmpeg"))
        }
        _ => Ok(()),
    }
}

/// Where a header is looked for, in bytes.
const MAX_HEADER: usize = 4096;

/// The cues, sorted, and why others were dropped.
fn parse(bytes: &[u8]) -> Result<(Vec<Cue>, Vec<Error>)> {
    if bytes.len() > MAX_FILE {
        return Err(Error::invalid(format!("{} bytes; at most {MAX_FILE} are read", bytes.len())));
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let text = text.replace('\0', "\u{FFFD}").replace("\r\n", "\n").replace('\r', "\n");
    let signed = text.strip_prefix("WEBVTT");
    if !signed.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n'])) {
        return Err(Error::invalid("the file does not begin with `WEBVTT`").at("line 1"));
    }
    let mut reader = Reader::new(text.split('\n').collect());
    reader.read()?;
    let mut cues = reader.cues;
    cues.sort_by_key(|cue| cue.start);
    Ok((cues, reader.dropped))
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    /// Index of the line to be read next.
    next: usize,
    regions: Vec<Region>,
    cues: Vec<Cue>,
    dropped: Vec<Error>,
    /// Whether a cue's times were read: style and region blocks count only before.
    seen_cue: bool,
}

/// What a block turned out to be; comments and what is nothing are `Other`.
enum Block {
    Cue(Cue),
    Region,
    Style,
    Other,
}

/// Regions beyond these are ignored; real files have a handful.
const MAX_REGIONS: usize = 1_000;

impl<'a> Reader<'a> {
    fn new(lines: Vec<&'a str>) -> Reader<'a> {
        let (regions, cues, dropped) = (Vec::new(), Vec::new(), Vec::new());
        Reader { lines, next: 1, regions, cues, dropped, seen_cue: false }
    }

    fn read(&mut self) -> Result<()> {
        if self.lines.get(1).is_some_and(|line| !line.is_empty()) {
            self.block(true);
        }
        while self.next < self.lines.len() {
            self.block(false);
            if self.cues.len() + self.dropped.len() > MAX_CUES {
                return Err(Error::unsupported(format!("more than {MAX_CUES} cues")));
            }
        }
        Ok(())
    }

    /// "Collect a WebVTT block". Takes at least one line, unless a header is followed by a cue.
    fn block(&mut self, in_header: bool) {
        let mut block = Block::Other;
        let mut buffer = String::new();
        let mut seen_arrow = false;
        let first = self.next;
        while let Some(&line) = self.lines.get(self.next) {
            let count = self.next - first + 1;
            if line.contains("-->") {
                if in_header || seen_arrow || count > 2 {
                    break;
                }
                seen_arrow = true;
                block = self.cue(line, &mut buffer);
            } else if line.is_empty() {
                self.next += 1;
                break;
            } else {
                if count == 2 && !in_header && !self.seen_cue {
                    block = special(&mut buffer).unwrap_or(block);
                }
                if !buffer.is_empty() {
                    buffer.push('\n');
                }
                buffer.push_str(line);
            }
            self.next += 1;
        }
        self.finish(block, buffer);
    }

    /// A line with an arrow: begins a cue, whose identifier is what was read before.
    fn cue(&mut self, line: &str, buffer: &mut String) -> Block {
        let Some((start, end, rest)) = timings(line) else {
            self.drop("unreadable times; expected `minutes:seconds.milliseconds --> …`");
            return Block::Other;
        };
        self.seen_cue = true;
        let settings = Settings::parse(rest, &self.regions).to_string();
        let id = std::mem::take(buffer);
        if end <= start {
            self.drop("a cue that ends before it starts");
            return Block::Other;
        }
        Block::Cue(Cue { start, end, id, settings, payload: String::new() })
    }

    fn drop(&mut self, why: &str) {
        self.dropped.push(Error::invalid(why).at(format!("line {}", self.next + 1)));
    }

    fn finish(&mut self, block: Block, buffer: String) {
        match block {
            Block::Cue(cue) => self.cues.push(Cue { payload: buffer, ..cue }),
            Block::Region if self.regions.len() < MAX_REGIONS => {
                self.regions.push(Region::parse(&buffer));
            }
            Block::Region | Block::Style | Block::Other => {}
        }
    }
}

/// Whether a block's first line, which it empties then, makes it a style sheet or a region.
fn special(buffer: &mut String) -> Option<Block> {
    let names = [("STYLE", Block::Style), ("REGION", Block::Region)];
    let is = |name: &str| {
        let rest = buffer.strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_matches(SPACE).is_empty())
    };
    let (_, block) = names.into_iter().find(|(name, _)| is(name))?;
    buffer.clear();
    Some(block)
}

/// ASCII whitespace in the sense of the Infra standard; there are no line ends in a line.
const SPACE: [char; 3] = [' ', '\t', '\u{C}'];

/// "Collect WebVTT cue timings": start, end, and the settings behind them.
fn timings(line: &str) -> Option<(Seconds, Seconds, &str)> {
    let (start, rest) = timestamp(line.trim_start_matches(SPACE))?;
    let rest = rest.trim_start_matches(SPACE).strip_prefix("-->")?;
    let (end, rest) = timestamp(rest.trim_start_matches(SPACE))?;
    Some((start, end, rest))
}

/// "Collect a WebVTT timestamp": `[hours:]minutes:seconds.milliseconds` and what follows it.
fn timestamp(text: &str) -> Option<(Seconds, &str)> {
    let (first, rest) = digits(text)?;
    let (second, rest) = digits(rest.strip_prefix(':')?)?;
    let with_hours = first.len() != 2 || number(first)? > 59 || rest.starts_with(':');
    let (hours, minutes, seconds, rest) = if with_hours {
        let (third, rest) = digits(rest.strip_prefix(':')?)?;
        (first, second, third, rest)
    } else {
        ("0", first, second, rest)
    };
    let (millis, rest) = digits(rest.strip_prefix('.')?)?;
    if minutes.len() != 2 || seconds.len() != 2 || millis.len() != 3 {
        return None;
    }
    let (minutes, seconds) = (number(minutes)?, number(seconds)?);
    let whole = number(hours)?.checked_mul(3600)? + minutes * 60 + seconds;
    let at = Ratio::new(whole * 1000 + number(millis)?, 1000);
    let inside = minutes <= 59 && seconds <= 59 && at <= Ratio::from_integer(MAX_SECONDS);
    inside.then_some((at, rest))
}

fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    (end > 0).then(|| text.split_at(end))
}

fn number(digits: &str) -> Option<i64> {
    let digits = digits.trim_start_matches('0');
    // Nine digits are beyond any limit here and far below an overflow.
    if digits.is_empty() { Some(0) } else { digits.get(..9.min(digits.len()))?.parse().ok() }
}

#[cfg(test)]
mod tests;
