//! What follows the picture through every edit: subtitles, chapters, thumbnails.
//!
//! Invariant: nothing is kept that belongs to removed or withheld frames: a cue is clipped to the frames
//! that stay, and is gone when it touches a frame whose text is withheld (half a sentence may say what
//! the whole one said); a thumbnail is used only when the very frame it shows stays and is not withheld.

use media::text::Cue;
use media::{Digest, Seconds};
use num_rational::Ratio;

use crate::layout::Layout;
use crate::source::{Chapter, Text, Tile};
use crate::span::Span;
use crate::timeline::{Stretch, Timeline};

/// Cues of one subtitle group on the composition's axis. `group` is a text of the main source; other
/// sources give the text of the same language, and forced or not likewise, where they have one.
pub fn cues(timeline: &Timeline, group: &Text) -> Vec<Cue> {
    let mut out: Vec<Cue> = Vec::new();
    for stretch in &timeline.stretches {
        let Some((from, to)) = stretch.shown() else { continue };
        let Some(text) = matching_text(&stretch.source.texts, group) else { continue };
        let silenced = |cue: &Cue| {
            let (first, end) = stretch.source.frames(cue.start, cue.end);
            stretch.withheld.text.touches(first, end)
        };
        for cue in text.cues.iter().filter(|c| c.start < to && from < c.end && !silenced(c)) {
            let shift = stretch.start - from;
            let moved =
                Cue { start: cue.start.max(from) + shift, end: cue.end.min(to) + shift, ..cue.clone() };
            push_cue(&mut out, moved);
        }
    }
    out
}

/// Adds a cue; one that goes on after a cut is one cue again.
fn push_cue(out: &mut Vec<Cue>, cue: Cue) {
    let goes_on = |last: &&mut Cue| {
        last.end == cue.start
            && last.payload == cue.payload
            && last.settings == cue.settings
            && last.id == cue.id
    };
    match out.iter_mut().rev().take(8).find(goes_on) {
        Some(last) => last.end = cue.end,
        None => out.push(cue),
    }
}

fn matching_text<'a>(texts: &'a [Text], group: &Text) -> Option<&'a Text> {
    let same = |t: &&Text| t.language == group.language && t.forced == group.forced;
    texts.iter().find(|t| same(t) && t.label == group.label).or_else(|| texts.iter().find(same))
}

/// Chapters on the composition's axis. A chapter whose first frames are cut starts where the rest of
/// it starts; one that is cut whole is gone.
pub fn chapters(timeline: &Timeline) -> Vec<Chapter> {
    let mut out: Vec<Chapter> = Vec::new();
    let mut last: Option<(media::Digest, usize)> = None;
    for stretch in &timeline.stretches {
        let Some((from, to)) = stretch.shown() else { continue };
        let chapters = &stretch.source.chapters;
        for (n, chapter) in chapters.iter().enumerate() {
            let ends = chapters.get(n + 1).map_or(to, |next| next.at);
            if chapter.at >= to || ends <= from || last == Some((stretch.source.digest, n)) {
                continue;
            }
            out.push(Chapter { at: stretch.start + chapter.at.max(from) - from, name: chapter.name.clone() });
            last = Some((stretch.source.digest, n));
        }
    }
    out
}

/// A thumbnail on the composition's axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub start: Seconds,
    pub end: Seconds,
    /// The stretch whose source holds the tile.
    pub stretch: usize,
    pub tile: Tile,
}

/// The thumbnails that stay, each until the next. The first also stands for what precedes it. In place
/// of one whose frame is withheld stands the nearest earlier one of its source that is not, or else the
/// next; where there is none, it is gone.
pub fn thumbnails(timeline: &Timeline) -> Vec<Shown> {
    let all: Vec<(usize, Tile)> = timeline
        .stretches
        .iter()
        .enumerate()
        .flat_map(|(n, stretch)| tiles(stretch).into_iter().map(move |tile| (n, tile)))
        .collect();
    let stretch = |n: usize| &timeline.stretches[all[n].0];
    let free = |n: usize| !stretch(n).withheld.picture.contains(all[n].1.frame);
    let mut out: Vec<Shown> = Vec::new();
    for (n, (at, tile)) in all.iter().enumerate() {
        let stands = |m: &usize| stretch(*m).source.digest == stretch(n).source.digest && free(*m);
        let Some(m) = (0..=n).rev().find(stands).or_else(|| (n..all.len()).find(stands)) else { continue };
        let here = stretch(n);
        let start = here.start + here.source.seconds(tile.frame)
            - here.shown().map_or(Ratio::from_integer(0), |s| s.0);
        if let Some(previous) = out.last_mut() {
            previous.end = start;
        }
        let start = if out.is_empty() { Ratio::from_integer(0) } else { start };
        out.push(Shown { start, end: timeline.duration, stretch: *at, tile: all[m].1 });
    }
    out
}

/// Whether frame `frame` of a source is shown as it is stored, so that a picture made of it, such as a
/// poster, may be.
pub fn shows(timeline: &Timeline, source: Digest, frame: u32) -> bool {
    timeline.stretches.iter().any(|stretch| match &stretch.span {
        Span::Film { source: of, from, to, .. } => {
            *of == source && (*from..*to).contains(&frame) && !stretch.withheld.picture.contains(frame)
        }
        Span::Card { .. } => false,
    })
}

fn tiles(stretch: &Stretch) -> Vec<Tile> {
    match (&stretch.span, &stretch.source.thumbnails) {
        (Span::Film { from, to, .. }, Some(thumbnails)) => {
            thumbnails.tiles.iter().copied().filter(|t| (*from..*to).contains(&t.frame)).collect()
        }
        _ => Vec::new(),
    }
}

/// Tiles in one sheet: one column, so that a sheet is a list of untouched JPEG scans.
pub const SHEET_TILES: usize = 25;

/// One sheet of thumbnails: tiles of one size from one source, from top to bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub tiles: Vec<Shown>,
}

/// The thumbnails in sheets. A sheet never mixes sources, whose tiles may differ in size.
pub fn sheets(timeline: &Timeline) -> Vec<Sheet> {
    let mut out: Vec<Sheet> = Vec::new();
    for shown in thumbnails(timeline) {
        let source = timeline.stretches[shown.stretch].source.digest;
        match out.last_mut() {
            Some(sheet)
                if sheet.tiles.len() < SHEET_TILES
                    && timeline.stretches[sheet.tiles[0].stretch].source.digest == source =>
            {
                sheet.tiles.push(shown)
            }
            _ => out.push(Sheet { tiles: vec![shown] }),
        }
    }
    out
}

impl Layout {
    /// Cues of subtitle group `n` of the main source.
    pub fn cues(&self, n: usize) -> Option<Vec<Cue>> {
        self.main.texts.get(n).map(|group| cues(&self.timeline, group))
    }
}

#[cfg(test)]
mod tests;
