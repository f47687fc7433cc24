//! Chapters: a text track named by `tref`/`chap` (QuickTime), or Nero's `chpl`.

use super::boxes::{BoxRef, Budget, children, only};
use super::edits::{Stretch, seconds};
use super::{ForeignTrack, Movie};
use crate::error::Result;
use crate::time::Seconds;

/// A named place in a film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    pub at: Seconds,
    pub name: String,
}

/// Chapters of one file at most.
const MAX_CHAPTERS: usize = 10_000;
/// Bytes of one name at most.
const MAX_NAME: usize = 1024;

/// Reads the chapters of a movie. A chapter track goes before `chpl`, because it can hold any text.
pub fn read(movie: &Movie, moov: &BoxRef, file: &[u8], budget: &mut Budget) -> Result<Vec<Chapter>> {
    let named = movie
        .tracks
        .iter()
        .flat_map(|t| &t.chapter_tracks)
        .find_map(|id| movie.tracks.iter().find(|t| t.id == *id));
    let mut chapters = match named.filter(|t| matches!(&t.handler, b"text" | b"sbtl")) {
        Some(track) => read_track(movie, track, file)?,
        None => Vec::new(),
    };
    if chapters.is_empty() {
        chapters = read_list(moov, budget)?;
    }
    chapters.sort_by_key(|c| c.at);
    Ok(chapters)
}

fn read_track(movie: &Movie, track: &ForeignTrack, file: &[u8]) -> Result<Vec<Chapter>> {
    let stretch = Stretch::of(movie, track)?;
    let mut chapters = Vec::new();
    for sample in track.samples().take(MAX_CHAPTERS) {
        let from = usize::try_from(sample.offset).unwrap_or(usize::MAX);
        let text = file.get(from..from.saturating_add(sample.size as usize)).and_then(sample_text);
        // A chapter whose text lies outside the file is no reason to refuse the film.
        if let Some(name) = text.filter(|name| !name.is_empty()) {
            chapters.push(Chapter { at: stretch.presented(sample.shown())?, name });
        }
    }
    Ok(chapters)
}

/// A text sample: its length in two bytes, then UTF-8, or UTF-16 behind a byte order mark.
fn sample_text(sample: &[u8]) -> Option<String> {
    let (length, rest) = sample.split_first_chunk::<2>()?;
    let text = rest.get(..(u16::from_be_bytes(*length) as usize).min(MAX_NAME))?;
    let wide = |bytes: &[u8], one: fn([u8; 2]) -> u16| {
        String::from_utf16_lossy(&bytes.chunks_exact(2).map(|b| one([b[0], b[1]])).collect::<Vec<_>>())
    };
    Some(match text {
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        _ => String::from_utf8_lossy(text).into_owned(),
    })
}

/// `moov/udta/chpl`: times in units of 100 nanoseconds and names of up to 255 bytes.
fn read_list(moov: &BoxRef, budget: &mut Budget) -> Result<Vec<Chapter>> {
    let Some(udta) = only(&children(moov, 0, budget)?, b"udta")? else { return Ok(Vec::new()) };
    // What other programs put into user data is not ours to judge: a damaged list is no list.
    let Ok(found) = children(&udta, 0, budget) else { return Ok(Vec::new()) };
    let Some(chpl) = found.iter().find(|b| b.kind == *b"chpl") else { return Ok(Vec::new()) };
    let Ok((version, _, rest)) = chpl.full() else { return Ok(Vec::new()) };
    // Version 1 has four reserved bytes before the count.
    let mut rest = rest.get(if version == 0 { 1 } else { 5 }..).unwrap_or_default();
    let mut chapters = Vec::new();
    while let Some((time, tail)) = rest.split_first_chunk::<8>() {
        let Some((length, tail)) = tail.split_first() else { break };
        let Some((name, tail)) = tail.split_at_checked(*length as usize) else { break };
        let at = seconds(u64::from_be_bytes(*time) as i128, 10_000_000)?;
        chapters.push(Chapter { at, name: String::from_utf8_lossy(name).into_owned() });
        rest = tail;
    }
    Ok(chapters)
}
