//! Cues, and WebVTT written from them.
//!
//! What is written holds for any cue: no field can end its block early or begin another.

use std::fmt::Write;

use super::MAX_SECONDS;
use super::settings::Settings;
use crate::time::{Seconds, ticks};

/// One piece of text with the time in which it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    pub start: Seconds,
    pub end: Seconds,
    /// Empty, or one line.
    pub id: String,
    /// WebVTT cue settings (W3C WebVTT §4.4) in canonical form; empty for bottom centre.
    pub settings: String,
    /// WebVTT cue text (§4.2): lines with entities and tags. Text that a TTML document forces is
    /// marked `<c.forced>`.
    pub payload: String,
}

impl Cue {
    /// Bytes that the cue takes in a file, or a few more.
    pub(super) fn written_at_most(&self) -> usize {
        // Two times, an arrow, and the line ends.
        const FRAME: usize = 40;
        FRAME + self.id.len() + self.settings.len() + self.payload.len()
    }

    /// Whether any of the cue is shown in `[from, to)`.
    fn touches(&self, from: Seconds, to: Seconds) -> bool {
        self.start < to && self.end > from
    }
}

/// A whole WebVTT file. Times are rounded to the millisecond, halves up; a cue that would vanish
/// lasts one millisecond.
pub fn write_vtt(cues: &[Cue]) -> String {
    let mut out = String::from("WEBVTT\n");
    for cue in cues {
        write_cue(&mut out, cue);
    }
    out
}

/// One WebVTT segment with every cue that touches `[from, to)`, at its whole and absolute time:
/// a cue stands in each segment it touches (RFC 8216 §3.5).
///
/// `map` adds the `X-TIMESTAMP-MAP` that HLS asks for; media timestamps start at 0 here.
pub fn segment_vtt(cues: &[Cue], from: Seconds, to: Seconds, map: bool) -> String {
    let mut out = String::from("WEBVTT\n");
    if map {
        out.push_str(&format!("X-TIMESTAMP-MAP={NO_SHIFT}\n"));
    }
    for cue in cues.iter().filter(|cue| cue.touches(from, to)) {
        write_cue(&mut out, cue);
    }
    out
}

/// Cue times and media timestamps are the same.
pub(super) const NO_SHIFT: &str = "LOCAL:00:00:00.000,MPEGTS:0";

/// Plain text as WebVTT cue text.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn write_cue(out: &mut String, cue: &Cue) {
    out.push('\n');
    let id = one_line(&cue.id);
    if !id.is_empty() {
        out.push_str(&id);
        out.push('\n');
    }
    let start = ticks(cue.start, 1000).clamp(0, MAX_MILLIS - 1);
    let end = ticks(cue.end, 1000).clamp(start + 1, MAX_MILLIS);
    write_timestamp(out, start);
    out.push_str(" --> ");
    write_timestamp(out, end);
    let settings = Settings::parse(&cue.settings, &[]).to_string();
    if !settings.is_empty() {
        out.push(' ');
        out.push_str(&settings);
    }
    out.push('\n');
    write_payload(out, &cue.payload);
}

const MAX_MILLIS: i64 = MAX_SECONDS * 1000;

fn write_timestamp(out: &mut String, millis: i64) {
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    let (seconds, millis) = (millis / 1000 % 60, millis % 1000);
    write!(out, "{hours:02}:{minutes:02}:{seconds:02}.{millis:03}").expect("a String takes all");
}

fn one_line(id: &str) -> String {
    id.replace(['\n', '\r', '\0'], " ").replace("-->", "--")
}

/// An empty line would end the cue, and an arrow would begin another.
fn write_payload(out: &mut String, payload: &str) {
    for line in payload.split(['\n', '\r']).filter(|line| !line.is_empty()) {
        out.push_str(&line.replace("-->", "--&gt;").replace('\0', "\u{FFFD}"));
        out.push('\n');
    }
}

#[cfg(test)]
mod tests;
