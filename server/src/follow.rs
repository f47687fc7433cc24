//! What follows the picture of a composition, as the files that players ask for: subtitles, chapters,
//! thumbnails, the poster.

use archive::Blobs;
use composition::timeline::Stretch;
use composition::{Layout, Source, follow};
use media::error::{Error, Result};
use media::text::{Cue, escape, segment_vtt, write_vtt};
use media::{Seconds, sheet as jpeg};

use crate::house::House;

/// Subtitles of one HLS segment: every cue that touches it, at its place on the whole timeline.
pub fn text_segment(layout: &Layout, group: usize, n: usize) -> Result<String> {
    let segment = layout
        .segments
        .get(n)
        .ok_or_else(|| Error::not_found(format!("no segment {n} of {}", layout.segments.len())))?;
    Ok(segment_vtt(&cues(layout, group)?, segment.start, segment.start + segment.duration, true))
}

/// Subtitles of one part, with times that count from its start.
pub fn text_part(layout: &Layout, group: usize, n: usize) -> Result<String> {
    let part = layout
        .parts
        .get(n)
        .ok_or_else(|| Error::not_found(format!("no part {n} of {}", layout.parts.len())))?;
    let (from, to) = (part.start, part.start + part.duration());
    let moved: Vec<Cue> = cues(layout, group)?
        .into_iter()
        .filter(|cue| cue.start < to && from < cue.end)
        .map(|cue| Cue { start: cue.start.max(from) - from, end: cue.end.min(to) - from, ..cue })
        .collect();
    Ok(write_vtt(&moved))
}

fn cues(layout: &Layout, group: usize) -> Result<Vec<Cue>> {
    layout.cues(group).ok_or_else(|| Error::not_found(format!("no subtitle track {group}")))
}

/// Chapters as WebVTT: each lasts until the next.
pub fn chapters(layout: &Layout) -> String {
    let chapters = follow::chapters(&layout.timeline);
    let ends = chapters.iter().skip(1).map(|c| c.at).chain([layout.duration()]);
    let cues: Vec<Cue> =
        chapters.iter().zip(ends).map(|(c, end)| plain(c.at, end, escape(&c.name))).collect();
    write_vtt(&cues)
}

/// Where on which sheet the thumbnail of each moment stands.
pub fn thumbnails(layout: &Layout) -> String {
    let mut cues = Vec::new();
    for (n, sheet) in follow::sheets(&layout.timeline).iter().enumerate() {
        let Some(size) = size_of(&layout.timeline.stretches[sheet.tiles[0].stretch]) else { continue };
        for (row, shown) in sheet.tiles.iter().enumerate() {
            let place = format!("sheet-{n}.jpg#xywh=0,{},{},{}", row * size.1 as usize, size.0, size.1);
            cues.push(plain(shown.start, shown.end, place));
        }
    }
    write_vtt(&cues)
}

fn size_of(stretch: &Stretch) -> Option<(u16, u16)> {
    stretch.source.thumbnails.as_ref().map(|t| (t.width, t.height))
}

fn plain(start: Seconds, end: Seconds, payload: String) -> Cue {
    Cue { start, end, id: String::new(), settings: String::new(), payload }
}

/// A sheet of thumbnails: stored tiles joined into one column, none of them encoded again.
pub fn sheet(house: &House, layout: &Layout, n: usize) -> Result<Vec<u8>> {
    let sheets = follow::sheets(&layout.timeline);
    let sheet = sheets.get(n).ok_or_else(|| Error::not_found(format!("no sheet {n} of {}", sheets.len())))?;
    let source = &layout.timeline.stretches[sheet.tiles[0].stretch].source;
    let mut out = Vec::new();
    for (row, shown) in sheet.tiles.iter().enumerate() {
        let tile = read_tile(house.archive().blobs(), source, &shown.tile)?;
        let tile = jpeg::split(&tile)?;
        match row {
            0 => out = jpeg::strip_header(&tile.header, sheet.tiles.len() as u32)?,
            _ => out.extend(jpeg::restart(row as u32 - 1)),
        }
        out.extend(tile.scan);
    }
    out.extend(jpeg::END);
    Ok(out)
}

fn read_tile(blobs: &Blobs, source: &Source, tile: &composition::Tile) -> Result<Vec<u8>> {
    let thumbnails = source.thumbnails.as_ref().ok_or_else(|| Error::internal("a tile of no thumbnails"))?;
    let mut bytes = vec![0; tile.len as usize];
    blobs.open_blob(&thumbnails.blob)?.read_at(tile.offset, &mut bytes)?;
    Ok(bytes)
}

/// The picture that stands for a composition: the title's poster where the frame that it shows is shown
/// as it is stored, a thumbnail otherwise.
pub fn poster(house: &House, layout: &Layout) -> Result<Vec<u8>> {
    let main = &layout.main;
    let snapshot = house.snapshot();
    let title = snapshot.title(&main.title).ok().filter(|title| title.row.source == main.digest);
    let own = title.and_then(|title| title.row.poster.zip(title.row.poster_frame));
    if let Some((poster, frame)) = own
        && follow::shows(&layout.timeline, main.digest, frame)
    {
        return house.archive().blobs().read(&poster);
    }
    let shown = follow::thumbnails(&layout.timeline);
    let middle = shown
        .get(shown.len() / 2)
        .ok_or_else(|| Error::not_found("this version has no picture of its own"))?;
    read_tile(house.archive().blobs(), &layout.timeline.stretches[middle.stretch].source, &middle.tile)
}
