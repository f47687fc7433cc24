//! Reads MP4, MOV, fragmented MP4 and CMAF files of others (ISO/IEC 14496-12), sans-IO.
//!
//! A file is a slice; the caller maps it in a process that may crash. [`read`] looks at the boxes,
//! [`intake`] turns one track into Phim's stored form.
//!
//! Rules where files of this world and the standard disagree:
//! - Brands (`ftyp`) are ignored: the boxes decide. A file is accepted when every box that Phim
//!   needs is there and well formed, whatever family it claims.
//! - The last `mdat` may claim more bytes than the file has; every sample must lie inside the file.
//! - A sync sample is what the coded picture says it is, not only what `stss` says.
//! - Segments may follow their init segment in one slice; `sidx`, `styp`, `mfra` and boxes that
//!   Phim does not know are skipped.

pub mod boxes;
mod chapters;
mod edits;
mod fragments;
mod intake;
mod rhythm;
mod tables;
#[cfg(test)]
pub(crate) mod tests;

use mp4_atom::{Elst, Mdhd, Mvhd, Tkhd, Trex};

use crate::entry::{self, Protection};
use crate::error::{Error, Kind, Result};
use crate::track::{TrackKind, UNIT_MATRIX};
use boxes::{BoxRef, Budget, FourCc, children, decode, decode_table, only, required};
pub use chapters::Chapter;
pub use edits::Edit;
use fragments::Fragments;
pub use intake::{Intake, intake};
pub use tables::Sample;
use tables::Tables;

/// Tracks of one file at most.
const MAX_TRACKS: usize = 256;

/// A foreign file, read.
#[derive(Clone, Debug)]
pub struct Movie {
    /// Ticks a second in edit lists.
    pub timescale: u32,
    pub tracks: Vec<ForeignTrack>,
    /// From a chapter track or from Nero's `chpl`; in order of time.
    pub chapters: Vec<Chapter>,
    /// Systems that hold keys for the file (`pssh`).
    pub key_systems: Vec<KeySystem>,
}

/// A `pssh` box (ISO/IEC 23001-7 §8.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySystem {
    /// The UUID of the DRM system.
    pub system: [u8; 16],
    /// The key ids that a version 1 box lists.
    pub keys: Vec<[u8; 16]>,
}

/// One track of a foreign file.
#[derive(Clone, Debug)]
pub struct ForeignTrack {
    pub id: u32,
    /// `vide`, `soun`, `text`, `subt`, …
    pub handler: FourCc,
    /// Ticks a second of the samples' times.
    pub timescale: u32,
    /// From `elng`, else the three letters of `mdhd`; `und` when the file does not say.
    pub language: String,
    /// The `tkhd` flag: the track is meant to be used unless somebody chooses otherwise.
    pub enabled: bool,
    /// The `tkhd` matrix.
    pub matrix: [i32; 9],
    /// The size in `tkhd`, whole pixels; 0 when it is not a picture.
    pub shown_width: u16,
    pub shown_height: u16,
    /// The boxes of `stsd`, whole and verbatim.
    pub entries: Vec<Vec<u8>>,
    /// Set when any sample entry or fragment is encrypted.
    pub protection: Option<Protection>,
    pub edits: Vec<Edit>,
    /// Tracks that this one names as its chapters (`tref`/`chap`).
    chapter_tracks: Vec<u32>,
    tables: Tables,
    fragments: Fragments,
}

impl ForeignTrack {
    /// All samples in decode order.
    pub fn samples(&self) -> impl Iterator<Item = Sample> + '_ {
        self.tables.samples().chain(self.fragments.samples())
    }
    pub fn sample_count(&self) -> u64 {
        self.tables.count() as u64 + self.fragments.count()
    }
    /// Picture or sound, or `None` for text and metadata.
    pub fn kind(&self) -> Option<TrackKind> {
        match &self.handler {
            b"vide" => Some(TrackKind::Video),
            b"soun" => Some(TrackKind::Audio),
            _ => None,
        }
    }
    /// The kind of the first sample entry, e.g. `avc1`; zeros when there is none.
    pub fn coding(&self) -> FourCc {
        self.entries
            .first()
            .and_then(|e| e.get(4..8))
            .and_then(|k| k.first_chunk::<4>())
            .copied()
            .unwrap_or_default()
    }
}

/// Reads the boxes of a file.
///
/// Errors are `Invalid` when boxes are damaged, cut off or contradict each other, with the box and
/// its place, and `Unsupported` when the file is beyond a limit of Phim.
pub fn read(file: &[u8]) -> Result<Movie> {
    read_boxes(file).map_err(damaged)
}

/// Says what to do about a damaged file where nothing better is known.
fn damaged(error: Error) -> Error {
    if error.kind != Kind::Invalid || !error.remedy.is_empty() {
        return error;
    }
    error.remedy("The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)")
}

fn read_boxes(file: &[u8]) -> Result<Movie> {
    let mut budget = Budget::of_a_file();
    if file.get(4..8).is_none_or(|kind| !kind.iter().all(|c| c.is_ascii_graphic() || *c == b' ')) {
        return Err(not_a_movie("the file does not begin with a box: this is not an MP4 file"));
    }
    let all = boxes::top(file, &mut budget)?;
    let moov = the_moov(&all)?;
    let mut movie = read_moov(&moov, file, &mut budget).map_err(|e| moov.blame(e))?;
    for moof in all.iter().filter(|b| b.kind == *b"moof") {
        fragments::read_moof(moof, file.len() as u64, &mut budget, &mut movie.tracks)
            .map_err(|e| moof.blame(e))?;
        movie.key_systems.extend(read_key_systems(&children(moof, 0, &mut budget)?)?);
    }
    for track in &mut movie.tracks {
        if track.fragments.encrypted && track.protection.is_none() {
            track.protection = Some(Protection { original: track.coding(), scheme: [0; 4], key_id: None });
        }
    }
    movie.chapters = chapters::read(&movie, &moov, file, &mut budget)?;
    Ok(movie)
}

/// The movie box. Copies of it are fine: concatenated segments may repeat their init segment.
fn the_moov<'a>(all: &[BoxRef<'a>]) -> Result<BoxRef<'a>> {
    let mut found = all.iter().filter(|b| b.kind == *b"moov");
    let moov = *found.next().ok_or_else(|| {
        not_a_movie(
            "there is no moov box: this is not an MP4 file, or it was cut off before its index was written",
        )
    })?;
    match found.find(|other| other.body != moov.body) {
        Some(other) => Err(other.blame(Error::invalid("a second moov box that differs from the first"))),
        None => Ok(moov),
    }
}

fn not_a_movie(message: &str) -> Error {
    Error::invalid(message).remedy("Add the complete file, or remux it, e.g. `ffmpeg -i IN -c copy OUT.mp4`")
}

fn read_moov(moov: &BoxRef, file: &[u8], budget: &mut Budget) -> Result<Movie> {
    let parts = children(moov, 0, budget)?;
    let mvhd: Mvhd = decode(&required(&parts, b"mvhd")?)?;
    if mvhd.timescale == 0 {
        return Err(Error::invalid("mvhd has a timescale of 0"));
    }
    let defaults = match only(&parts, b"mvex")? {
        Some(mvex) => children(&mvex, 0, budget)?
            .iter()
            .filter(|b| b.kind == *b"trex")
            .map(decode::<Trex>)
            .collect::<Result<Vec<_>>>()?,
        None => Vec::new(),
    };
    let mut tracks: Vec<ForeignTrack> = Vec::new();
    for trak in parts.iter().filter(|b| b.kind == *b"trak") {
        let track = read_trak(trak, file.len() as u64, &defaults, budget).map_err(|e| trak.blame(e))?;
        if tracks.iter().any(|t| t.id == track.id) {
            return Err(trak.blame(Error::invalid(format!("a second track of id {}", track.id))));
        }
        if tracks.len() == MAX_TRACKS {
            return Err(Error::unsupported(format!("the file has more than {MAX_TRACKS} tracks")));
        }
        tracks.push(track);
    }
    Ok(Movie {
        timescale: mvhd.timescale,
        tracks,
        chapters: Vec::new(),
        key_systems: read_key_systems(&parts)?,
    })
}

fn read_trak(trak: &BoxRef, file_len: u64, defaults: &[Trex], budget: &mut Budget) -> Result<ForeignTrack> {
    let parts = children(trak, 0, budget)?;
    let tkhd: Tkhd = decode(&required(&parts, b"tkhd")?)?;
    let mdia = children(&required(&parts, b"mdia")?, 0, budget)?;
    let mdhd: Mdhd = decode(&required(&mdia, b"mdhd")?)?;
    if mdhd.timescale == 0 {
        return Err(Error::invalid("mdhd has a timescale of 0"));
    }
    let minf = children(&required(&mdia, b"minf")?, 0, budget)?;
    let stbl = children(&required(&minf, b"stbl")?, 0, budget)?;
    let handler = read_handler(&required(&mdia, b"hdlr")?)?;
    let tables = Tables::read(&stbl, file_len, budget)?;
    let trex = defaults.iter().find(|t| t.track_id == tkhd.track_id).cloned().unwrap_or_default();
    let entries = read_entries(&required(&stbl, b"stsd")?, budget)?;
    let m = &tkhd.matrix;
    let matrix = [m.a, m.b, m.u, m.c, m.d, m.v, m.x, m.y, m.w];
    Ok(ForeignTrack {
        id: tkhd.track_id,
        handler,
        timescale: mdhd.timescale,
        language: read_language(&mdia, &mdhd)?,
        enabled: tkhd.enabled,
        matrix: if matrix == [0; 9] { UNIT_MATRIX } else { matrix },
        shown_width: if tkhd.size_is_aspect_ratio { 0 } else { tkhd.width.integer() },
        shown_height: if tkhd.size_is_aspect_ratio { 0 } else { tkhd.height.integer() },
        protection: read_protection(&entries, handler, &stbl)?,
        edits: read_edits(&parts, budget)?,
        chapter_tracks: read_chapter_references(&parts, budget)?,
        fragments: Fragments::new(trex, tables.ticks()),
        entries,
        tables,
    })
}

fn read_handler(hdlr: &BoxRef) -> Result<FourCc> {
    let (_, _, rest) = hdlr.full()?;
    rest.get(4..)
        .and_then(|r| r.first_chunk::<4>())
        .copied()
        .ok_or_else(|| hdlr.blame(Error::invalid("the box is too short")))
}

/// `elng` (a BCP 47 tag) before `mdhd` (ISO 639-2). QuickTime's old numbers mean nothing here.
fn read_language(mdia: &[BoxRef], mdhd: &Mdhd) -> Result<String> {
    if let Some(elng) = only(mdia, b"elng")? {
        let text = elng.full()?.2;
        let text: String = text.iter().take_while(|b| **b != 0).map(|b| *b as char).collect();
        if !text.is_empty() && text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        {
            return Ok(text);
        }
    }
    let known = mdhd.language.len() == 3 && mdhd.language.bytes().all(|b| b.is_ascii_lowercase());
    Ok(if known { mdhd.language.clone() } else { "und".into() })
}

fn read_entries(stsd: &BoxRef, budget: &mut Budget) -> Result<Vec<Vec<u8>>> {
    // Version, flags and count come first; the boxes themselves say how many there are.
    budget.table(stsd)?;
    Ok(children(stsd, 8, budget)?.iter().map(|b| b.whole.to_vec()).collect())
}

fn read_protection(entries: &[Vec<u8>], handler: FourCc, stbl: &[BoxRef]) -> Result<Option<Protection>> {
    for bytes in entries {
        let kind = match &handler {
            b"vide" => TrackKind::Video,
            b"soun" => TrackKind::Audio,
            _ => continue,
        };
        let marked = matches!(bytes.get(4..8), Some(b"encv" | b"enca"));
        match entry::read(bytes, kind) {
            Ok(found) if found.protection.is_some() => return Ok(found.protection),
            Ok(_) | Err(_) if marked => {
                return Ok(Some(Protection { original: [0; 4], scheme: [0; 4], key_id: None }));
            }
            // An entry that Phim cannot take apart matters only if its track is asked for.
            _ => {}
        }
    }
    let grouped =
        stbl.iter().any(|b| b.kind == *b"senc" || b.kind == *b"sgpd" && b.body.get(4..8) == Some(b"seig"));
    Ok(grouped.then_some(Protection { original: [0; 4], scheme: [0; 4], key_id: None }))
}

fn read_edits(trak: &[BoxRef], budget: &mut Budget) -> Result<Vec<Edit>> {
    let Some(edts) = only(trak, b"edts")? else { return Ok(Vec::new()) };
    let Some(elst) = only(&children(&edts, 0, budget)?, b"elst")? else { return Ok(Vec::new()) };
    let list: Elst = decode_table(&elst, budget)?;
    Ok(list.entries.iter().map(Edit::of).collect())
}

fn read_chapter_references(trak: &[BoxRef], budget: &mut Budget) -> Result<Vec<u32>> {
    let Some(tref) = only(trak, b"tref")? else { return Ok(Vec::new()) };
    let Some(chap) = only(&children(&tref, 0, budget)?, b"chap")? else { return Ok(Vec::new()) };
    Ok(chap
        .body
        .chunks_exact(4)
        .take(MAX_TRACKS)
        .map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
        .collect())
}

fn read_key_systems(parts: &[BoxRef]) -> Result<Vec<KeySystem>> {
    parts.iter().filter(|b| b.kind == *b"pssh").map(read_key_system).collect()
}

fn read_key_system(pssh: &BoxRef) -> Result<KeySystem> {
    let short = || pssh.blame(Error::invalid("the box is too short"));
    let (version, _, rest) = pssh.full()?;
    let (system, rest) = rest.split_first_chunk::<16>().ok_or_else(short)?;
    let mut keys = Vec::new();
    if version > 0 {
        let (count, ids) = rest.split_first_chunk::<4>().ok_or_else(short)?;
        keys.extend(
            ids.chunks_exact(16)
                .take(u32::from_be_bytes(*count) as usize)
                .filter_map(|id| id.first_chunk::<16>().copied()),
        );
    }
    Ok(KeySystem { system: *system, keys })
}
