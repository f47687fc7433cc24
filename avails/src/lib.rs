//! Avails as distributors send them, read into windows: MovieLabs Avails as workbooks of the layouts
//! 1.7 to 1.9 and as XML 2.2 to 2.7.
//!
//! Pure: bytes in, values out. A workbook's row and an XML's transaction become the same [`line::Line`],
//! so that twins give the same windows.
//!
//! Invariants:
//! - What is wrong with a line is a finding that names its cell or element, what was expected and what
//!   to do. A line with an error gives no window; only what is no list of avails at all is an [`media::Error`].
//! - Nothing is believed of a file's own account of its size: what is unpacked is counted.

use media::{Error, Kind, Result};
use policy::avail::{Dealing, End, Lag, Moment, Side, Spoken};

mod column;
mod date;
mod document;
mod finding;
mod gather;
mod language;
mod line;
mod rating;
mod volume;
mod window;
mod workbook;

pub use finding::{Finding, Severity};
pub use gather::Import;

/// Bytes of a file at most.
pub const MAX_FILE: usize = 64 << 20;
/// Rows of a workbook or transactions of an XML at most.
pub const MAX_LINES: u32 = 200_000;
/// Findings that are kept; the rest is only counted.
pub const MAX_FINDINGS: usize = 1_000;

/// What a file does not say, and how reading goes on.
pub struct Terms<'a> {
    /// What the contract says about edits and expiry, for every window of the file.
    pub dealing: Dealing,
    /// Told the number of lines read, every thousand lines.
    pub progress: &'a mut dyn FnMut(u32),
}

/// Reads a workbook or an XML; its first bytes say which.
///
/// Fails on what is neither, on what breaks a limit, and on a version that Phim does not read.
pub fn read(bytes: &[u8], terms: Terms) -> Result<Import> {
    if bytes.len() > MAX_FILE {
        return Err(too_large(format!("a file of {} bytes; at most {MAX_FILE}", bytes.len())));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return workbook::read(bytes, terms);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.trim_ascii_start().starts_with(b"<") {
        let text = std::str::from_utf8(text).map_err(|e| {
            Error::invalid(format!("byte {} is not UTF-8", e.valid_up_to())).remedy("Save the XML as UTF-8")
        })?;
        return document::read(text, terms);
    }
    let old = bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
    let remedy = if old { "Save it as .xlsx, without a password" } else { "Give an .xlsx or an XML" };
    Err(Error::new(Kind::Unsupported, "neither a workbook nor XML").remedy(remedy))
}

/// The start of a window as a person writes it: a day, a local time, or an instant with its offset.
pub fn start(text: &str) -> Result<Moment> {
    date::moment(text, Side::Start, Lag::NONE).map_err(Error::from)
}

/// The end of a window as a person writes it: a day, which is included, a time, an instant, or `open`.
pub fn end(text: &str) -> Result<End> {
    date::end(text, Lag::NONE).map_err(Error::from)
}

/// A language and how it is heard: `ko`, `vi:dub`, `en:subdub`.
pub fn language(text: &str) -> Result<Spoken> {
    language::spoken(text).map_err(Error::from)
}

pub(crate) fn too_large(message: String) -> Error {
    Error::unsupported(message).remedy("Split it into several files")
}
