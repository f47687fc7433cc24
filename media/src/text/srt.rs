//! SubRip (`.srt`), which has no standard: what is found in the field is tolerated where it
//! cannot be misread, and anything else is an error that names the line.
//!
//! Tolerated: index lines that are missing or out of order; `.` for `,`; one to nine digits of a
//! fraction, or none; hours left out; fields of one digit; spaces and empty lines around times and numbers;
//! coordinates behind the times; empty lines within a text and missing ones between cues; cues
//! without text (not kept: they show nothing); cues out of order.
//! Refused: text before the first times, a line that is meant for times and is none, a number
//! alone before text in a numbered file, an end that is not after its start.
//!
//! Of the markup, `i`, `b` and `u`, the colours that WebVTT knows, and `{\anN}` are kept. Other
//! `{\…}` go; other tags are text.

use num_rational::Ratio;

use super::markup::{self, Face, Piece};
use super::{Cue, MAX_CUES, MAX_SECONDS};
use crate::error::{Error, Result};
use crate::time::Seconds;

/// Reads a SubRip file in UTF-8, or UTF-16 with a byte order mark.
pub fn read_srt(bytes: &[u8]) -> Result<Vec<Cue>> {
    let text =
        super::decode(bytes)?.replace("\r\n", "\n").replace(['\r', '\u{2028}'], "\n").replace('\0', "");
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_matches(BLANK)).collect();
    let blocks = blocks(&lines)?;
    let mut cues = Vec::with_capacity(blocks.len());
    for block in &blocks {
        let body = lines[block.from..block.to].join("\n");
        let (settings, payload) = convert(&body);
        if !payload.is_empty() {
            let (start, end, id) = (block.start, block.end, block.id.to_owned());
            cues.push(Cue { start, end, id, settings: settings.to_owned(), payload });
        }
    }
    cues.sort_by_key(|cue| cue.start);
    Ok(cues)
}

/// Files put together from others carry byte order marks in their midst.
const BLANK: [char; 4] = [' ', '\t', '\u{FEFF}', '\u{C}'];

/// One cue: its times, and the lines `from..to` of its text.
struct Block<'a> {
    start: Seconds,
    end: Seconds,
    id: &'a str,
    from: usize,
    to: usize,
}

fn blocks<'a>(lines: &[&'a str]) -> Result<Vec<Block<'a>>> {
    let mut blocks: Vec<Block<'a>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let place = |error: Error| error.at(format!("line {}", at + 1));
        let Some((start, end)) = times(line).map_err(place)? else { continue };
        let (after, last) = blocks.last().map_or((0, ""), |block| (block.from, block.id));
        let index = index_line(lines, after, at, last);
        match blocks.last_mut() {
            Some(block) => block.to = index.unwrap_or(at),
            None => refuse_text(lines, index.unwrap_or(at))?,
        }
        let id = index.map_or("", |index| lines[index]);
        blocks.push(Block { start, end, id, from: at + 1, to: lines.len() });
        if blocks.len() > MAX_CUES {
            return Err(place(Error::unsupported(format!("more than {MAX_CUES} cues"))));
        }
    }
    refuse_strays(lines, &blocks)?;
    Ok(blocks)
}

/// The number that heads the cue whose times stand on line `at`. It is the last line with text
/// above, from line `after` on, and no text of the cue before: it counts on from the number
/// `last`, or nothing but empty lines stands around it.
fn index_line(lines: &[&str], after: usize, at: usize, last: &str) -> Option<usize> {
    let above = (after..at).rev().find(|above| !lines[*above].is_empty())?;
    let free = above == 0 || above > after && lines[above - 1].is_empty();
    let heads = counts_on(last, lines[above]) || free && (above == at - 1 || after == 0);
    (is_index(lines[above]) && heads).then_some(above)
}

fn is_index(line: &str) -> bool {
    !line.is_empty() && line.len() <= 9 && line.bytes().all(|byte| byte.is_ascii_digit())
}

fn counts_on(last: &str, line: &str) -> bool {
    let number = |text: &str| text.parse::<u32>().ok();
    number(last).is_some_and(|last| number(line) == Some(last + 1))
}

fn refuse_text(lines: &[&str], to: usize) -> Result<()> {
    match lines[..to].iter().position(|line| !line.is_empty()) {
        Some(at) => Err(Error::invalid("text before the first times")
            .at(format!("line {}", at + 1))
            .remedy("Remove it, or put `hours:minutes:seconds,milliseconds --> …` above it")),
        None => Ok(()),
    }
}

/// A number alone between an empty line and text was the head of a cue whose times are missing.
fn refuse_strays(lines: &[&str], blocks: &[Block]) -> Result<()> {
    let Some(first) = blocks.first() else { return refuse_text(lines, lines.len()) };
    for block in blocks {
        for at in block.from + 1..block.to.saturating_sub(1) {
            let alone = lines[at - 1].is_empty() && is_index(lines[at]);
            if alone && !lines[at + 1].is_empty() && !first.id.is_empty() {
                return Err(Error::invalid("no times below the number of a cue")
                    .at(format!("line {}", at + 2))
                    .remedy("Put `hours:minutes:seconds,milliseconds --> …` below it"));
            }
        }
    }
    Ok(())
}

/// The times on a line; `None` where the line is text.
fn times(line: &str) -> Result<Option<(Seconds, Seconds)>> {
    let Some((start, rest)) = line.split_once("-->") else { return refuse_arrow(line) };
    match (instant(start), end(rest)) {
        (Some(start), Some(end)) if end > start => Ok(Some((start, end))),
        (Some(_), Some(_)) => Err(Error::invalid("the cue does not end after its start")
            .remedy("Correct the times, or remove the cue")),
        (None, None) if !line.starts_with(|c: char| c.is_ascii_digit()) => Ok(None),
        _ => Err(Error::invalid("unreadable times").remedy(TIMES_REMEDY)),
    }
}

const TIMES_REMEDY: &str = "Write e.g. `00:01:02,500 --> 00:01:04,000`";

/// What stands behind the arrow: an instant, and after a space anything.
fn end(text: &str) -> Option<Seconds> {
    let clock = |c: char| c.is_ascii_digit() || ":,.".contains(c) || BLANK.contains(&c);
    let (end, rest) = text.split_at(text.find(|c| !clock(c)).unwrap_or(text.len()));
    let apart = rest.is_empty() || end.ends_with(BLANK);
    if apart { instant(end) } else { None }
}

/// Text, unless the line begins with a clock and an arrow of another make.
fn refuse_arrow(line: &str) -> Result<Option<(Seconds, Seconds)>> {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit() || ":,. \t".contains(c));
    let clock = line[..line.len() - rest.len()].contains(':');
    match ["->", "- ->", "=>", "–>", "—>", "→"].iter().any(|arrow| rest.starts_with(arrow)) {
        true if clock => Err(Error::invalid("unreadable times").remedy(TIMES_REMEDY)),
        _ => Ok(None),
    }
}

/// `[[hours:]minutes:]seconds[,fraction]`
fn instant(text: &str) -> Option<Seconds> {
    let text = text.trim_matches(BLANK);
    let (clock, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let fields: Vec<i128> = clock.split(':').map(field).collect::<Option<_>>()?;
    let whole = match fields[..] {
        [hours, minutes, seconds] if minutes < 60 && seconds < 60 => hours * 3600 + minutes * 60 + seconds,
        [minutes, seconds] if seconds < 60 => minutes * 60 + seconds,
        _ => return None,
    };
    let fraction = fraction.trim_matches(BLANK);
    let places = u32::try_from(fraction.len()).ok().filter(|places| (1..=9).contains(places))?;
    let at = Ratio::from_integer(whole) + Ratio::new(field(fraction)?, 10_i128.pow(places));
    (whole < MAX_SECONDS.into()).then(|| super::rounded(at))
}

/// Up to nine digits, with the spaces that some write around them.
fn field(text: &str) -> Option<i128> {
    let text = text.trim_matches(BLANK);
    let digits = !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The settings and the cue text of one body.
fn convert(body: &str) -> (&'static str, String) {
    let mut text = Text { settings: "", pieces: Vec::new(), open: Vec::new(), run: String::new() };
    let mut rest = body;
    while let Some(character) = rest.chars().next() {
        let taken = match character {
            '<' => text.tag(rest),
            '{' => text.override_block(rest),
            '&' => text.entity(rest),
            '\n' => text.line_break(),
            _ => None,
        };
        let taken = taken.unwrap_or_else(|| {
            text.run.push(character);
            character.len_utf8()
        });
        rest = &rest[taken..];
    }
    text.end_run();
    markup::trim(&mut text.pieces);
    let payload = markup::cue_text(&text.pieces);
    (text.settings, payload)
}

struct Text {
    settings: &'static str,
    pieces: Vec<(Face, Piece)>,
    /// Tags that are open, each with the look of the text inside.
    open: Vec<(&'static str, Face)>,
    /// Characters since the last piece.
    run: String,
}

impl Text {
    fn face(&self) -> Face {
        self.open.last().map_or(Face::default(), |(_, face)| *face)
    }

    fn end_run(&mut self) {
        if !self.run.is_empty() {
            let piece = Piece::Text(std::mem::take(&mut self.run));
            self.pieces.push((self.face(), piece));
        }
    }

    fn line_break(&mut self) -> Option<usize> {
        self.end_run();
        self.pieces.push((self.face(), Piece::Break));
        Some(1)
    }

    /// A known tag at the start of `rest`. How many bytes it takes.
    fn tag(&mut self, rest: &str) -> Option<usize> {
        let inside = &rest[1..find(rest, b'>')?];
        let (closes, inside) = match inside.strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, inside),
        };
        let (name, attributes) = inside.split_once([' ', '\n']).unwrap_or((inside, ""));
        let known = ["i", "b", "u", "font"].into_iter().find(|k| name.eq_ignore_ascii_case(k))?;
        self.end_run();
        if closes {
            if let Some(at) = self.open.iter().rposition(|(open, _)| *open == known) {
                self.open.truncate(at);
            }
        } else if self.open.len() < MAX_OPEN {
            let face = with_tag(self.face(), known, attributes);
            self.open.push((known, face));
        }
        Some(inside.len() + 2 + usize::from(closes))
    }

    /// `{\…}`: a command of another subtitle format. The first alignment in it counts.
    fn override_block(&mut self, rest: &str) -> Option<usize> {
        let inside = rest.strip_prefix("{\\")?;
        let end = find(inside, b'}')?;
        let alignment = inside[..end].split('\\').find_map(|word| word.strip_prefix("an"));
        if let Some(settings) = alignment.and_then(alignment_settings)
            && self.settings.is_empty()
        {
            self.settings = settings;
        }
        Some(end + 3)
    }

    fn entity(&mut self, rest: &str) -> Option<usize> {
        let (name, character) = ENTITIES.iter().find(|(name, _)| rest.starts_with(name))?;
        self.run.push(*character);
        Some(name.len())
    }
}

/// Where the tag ends that `text` begins with.
fn find(text: &str, end: u8) -> Option<usize> {
    text.bytes().take(MAX_TAG).position(|byte| byte == end)
}

/// The longest tag taken for one, in bytes.
const MAX_TAG: usize = 200;
/// The deepest nesting of tags kept.
const MAX_OPEN: usize = 32;

const ENTITIES: [(&str, char); 6] = [
    ("&amp;", '&'),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&nbsp;", '\u{A0}'),
    ("&lrm;", '\u{200E}'),
    ("&rlm;", '\u{200F}'),
];

fn with_tag(mut face: Face, name: &str, attributes: &str) -> Face {
    match name {
        "i" => face.italic = true,
        "b" => face.bold = true,
        "u" => face.underline = true,
        _ => face.color = font_color(attributes).or(face.color),
    }
    face
}

fn font_color(attributes: &str) -> Option<&'static str> {
    let lower = attributes.to_ascii_lowercase();
    let value = lower.split_once("color")?.1.trim_start().strip_prefix('=')?;
    let value = value.trim_start().trim_start_matches(['"', '\'']);
    markup::color(value.split(['"', '\'', ' ', '>']).next()?)
}

/// `{\anN}`: N as on a numeric keypad; 2 is bottom centre, the default.
fn alignment_settings(number: &str) -> Option<&'static str> {
    Some(match number.trim() {
        "1" => "align:left",
        "2" => "",
        "3" => "align:right",
        "4" => "line:50%,center align:left",
        "5" => "line:50%,center",
        "6" => "line:50%,center align:right",
        "7" => "line:0 align:left",
        "8" => "line:0",
        "9" => "line:0 align:right",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
