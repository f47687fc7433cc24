//! Timed text: SubRip, WebVTT and TTML (the IMSC text profiles) read into cues, cues written as
//! WebVTT.
//!
//! A file either gives all of its text or an error that names the line: nothing that a viewer
//! should have read is dropped in silence. Tolerated is only what cannot be misread; each reader
//! says what.
//!
//! Invariants of the cues that a reader gives:
//! - `0 <= start < end <=` [`MAX_SECONDS`], with denominators of at most [`MAX_DENOMINATOR`];
//! - sorted by `start`, cues of equal start in the order of the file;
//! - `settings` is what [`write_vtt`] would write: known settings, canonical, none at its default.

mod cue;
mod language;
mod markup;
mod settings;
mod srt;
mod ttml;
mod vtt;

pub use cue::{Cue, escape, segment_vtt, write_vtt};
pub use language::{from_mp4, language_tag, to_mp4};
pub use srt::read_srt;
pub use ttml::read_ttml;
pub use vtt::read_vtt;

use num_rational::Ratio;

use crate::error::{Error, Result};
use crate::time::Seconds;

/// The longest file read, in bytes. A feature film's subtitles take about 100 KiB.
pub const MAX_FILE: usize = 16 << 20;
/// The most cues in one file.
pub const MAX_CUES: usize = 200_000;
/// The latest instant of a cue. Text without an end lasts until then.
pub const MAX_SECONDS: i64 = 1_000 * 3600;
/// The finest instants kept; finer ones are rounded to the microsecond.
pub const MAX_DENOMINATOR: i64 = 1_000_000;

/// Reads any of the three formats, told apart by content. `name` is the file's name: it stands in
/// errors. What is read can be written as WebVTT and read again.
///
/// A WebVTT file in which a browser would silently drop a cue is refused here; [`read_vtt`] reads
/// it as a browser does.
pub fn read(bytes: &[u8], name: &str) -> Result<Vec<Cue>> {
    read_by_content(bytes, name).map_err(|error| error.at(name))
}

fn read_by_content(bytes: &[u8], name: &str) -> Result<Vec<Cue>> {
    let text = decode(bytes)?;
    let start = text.trim_start();
    let cues = if text.starts_with("WEBVTT") {
        vtt::read_strictly(bytes)?
    } else if start.starts_with('<') {
        read_ttml(bytes)?
    } else if name.to_ascii_lowercase().ends_with(".vtt") {
        return Err(Error::invalid("the file does not begin with `WEBVTT`")
            .at("line 1")
            .remedy("Add that line, or name the file .srt if it is SubRip"));
    } else if start.contains("-->") {
        read_srt(bytes)?
    } else {
        return Err(Error::unsupported("neither SubRip, WebVTT nor TTML").remedy(REMEDY));
    };
    if cues.is_empty() {
        return Err(Error::invalid("the file shows no text").remedy("Leave it out"));
    }
    // Tags, entities and text that changes while it stands make more of the file than there was.
    let written: usize = cues.iter().map(Cue::written_at_most).sum();
    if written > MAX_FILE {
        return Err(Error::unsupported(format!("{written} bytes as WebVTT; at most {MAX_FILE} are kept")));
    }
    Ok(cues)
}

const REMEDY: &str = "Convert the file to WebVTT, SubRip or IMSC text";

/// The characters of a text file: UTF-8, or UTF-16 with a byte order mark.
fn decode(bytes: &[u8]) -> Result<String> {
    if bytes.len() > MAX_FILE {
        return Err(Error::invalid(format!("{} bytes; at most {MAX_FILE} are read", bytes.len())));
    }
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<String> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
        Error::invalid("the text is not UTF-8").at(format!("line {line}")).remedy("Save the file as UTF-8")
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String> {
    let pairs = bytes.chunks_exact(2);
    let odd = !pairs.remainder().is_empty();
    let units = pairs.map(|pair| unit([pair[0], pair[1]]));
    let text: std::result::Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if !odd => Ok(text),
        _ => Err(Error::invalid("the text is not UTF-16, though its byte order mark says so")
            .remedy("Save the file as UTF-8")),
    }
}

/// An instant that a [`Cue`] may have: the same, or the nearest microsecond.
fn rounded(at: Ratio<i128>) -> Seconds {
    let finest = i128::from(MAX_DENOMINATOR);
    let at = if *at.denom() <= finest { at } else { (at * finest).round() / finest };
    // Readers bound their instants far below the largest that fits.
    let narrow = |number: i128| i64::try_from(number).unwrap_or(i64::MAX);
    Seconds::new(narrow(*at.numer()), narrow(*at.denom()))
}

#[cfg(test)]
mod tests;
