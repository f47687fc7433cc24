//! Reads a foreign MP4 in the sandbox and stores its tracks, unencoded, in the work folder.
//!
//! The child writes, for each track that Phim can store, the samples in decode order to
//! `track-N.samples` and the index to `track-N.index`, and prints a report as JSON. The parent reads
//! the report and nothing else of the foreign file.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use media::{Error, Index, IndexWriter, Kind, Result, Seconds, TrackKind, foreign};
use num_rational::Ratio;
use serde::{Deserialize, Serialize};

use crate::probe::{Chapter, existing};
use crate::sandbox::{Ceilings, Job, Limits, Sandbox};

/// What a foreign file held.
#[derive(Debug)]
pub struct Reading {
    /// In the order of the file; picture and sound only.
    pub tracks: Vec<Result<ReadTrack>>,
    /// Kinds of tracks that are neither picture nor sound, e.g. `text`.
    pub others: Vec<String>,
    pub chapters: Vec<Chapter>,
    /// What mp4san says of the file's structure; empty when it has nothing to object to.
    pub objection: String,
}

/// A track that was stored in the work folder.
#[derive(Debug)]
pub struct ReadTrack {
    pub index: Index,
    /// The bytes of the index, as they are to be stored.
    pub index_bytes: Vec<u8>,
    /// The file of samples in the work folder.
    pub samples: PathBuf,
    /// When the first presented sample is presented.
    pub start: Seconds,
    /// Video: frames at the start that are decoded and not presented.
    pub hidden: u32,
    /// Samples presented after the hidden ones.
    pub shown: u32,
    /// As the file says it.
    pub language: String,
    /// Video: pictures may be fields.
    pub interlaced: bool,
}

/// The kinds of encryption that tracks of an MP4 file have, e.g. `cenc`; none when the file is clear or
/// is no MP4. ffmpeg decodes encrypted samples as if they were clear, so it must not be asked.
pub(crate) fn encryption(sandbox: &Sandbox, file: &Path) -> Result<Vec<String>> {
    let length = std::fs::metadata(file).map_err(|e| crate::disk(file, e))?.len();
    let mut job = Job::new("the look for encryption", vec![file.into()]);
    job.reads = vec![file.to_path_buf()];
    job.limits.output = 1 << 20;
    job.limits.ceilings.memory = length.saturating_add(4 << 30);
    let mut out = Vec::new();
    sandbox.ourselves("look", job, &mut |bytes| {
        out.extend_from_slice(bytes);
        Ok(())
    })?;
    serde_json::from_slice(&out).map_err(|e| Error::internal(format!("the child's report: {e}")))
}

/// Reads `file` and writes its tracks below `folder`, which must exist.
pub fn read(sandbox: &Sandbox, file: &Path, folder: &Path) -> Result<Reading> {
    let file = existing(file)?;
    let folder = existing(folder)?;
    let length = std::fs::metadata(&file).map_err(|e| crate::disk(&file, e))?.len();
    let mut job = Job::new("the reading of the file", vec![file.clone().into(), folder.clone().into()]);
    job.reads = vec![file.clone()];
    job.folder = Some(&folder);
    // The whole file is mapped, and every sample is copied once.
    job.limits = Limits {
        wall: std::time::Duration::from_secs(120 + length / (4 << 20)),
        output: 16 << 20,
        ceilings: Ceilings {
            memory: length.saturating_add(4 << 30),
            file: length.max(1 << 20),
            cpu_seconds: 120 + (length >> 24),
        },
    };
    let mut out = Vec::new();
    let place = file.display().to_string();
    sandbox
        .ourselves("read", job, &mut |bytes| {
            out.extend_from_slice(bytes);
            Ok(())
        })
        .map_err(|e| {
            e.remedy("The file may be damaged so that its reader failed; check it with another program")
        })?;
    let answer: Answer = serde_json::from_slice(&out)
        .map_err(|e| Error::internal(format!("the child's report: {e}")).at(&*place))?;
    let report = answer.map_err(|e| Error::from(e).at(&*place))?;
    let tracks = report.tracks.into_iter().enumerate().map(|(n, track)| {
        let track = track.map_err(|e| Error::from(e).at(&*place))?;
        let index_bytes = crate::read_file(&folder.join(index_name(n)))?;
        Ok(ReadTrack {
            index: Index::from_vec(index_bytes.clone())?,
            index_bytes,
            samples: folder.join(samples_name(n)),
            start: ratio(track.start)?,
            hidden: track.hidden,
            shown: track.shown,
            language: track.language,
            interlaced: track.interlaced,
        })
    });
    let chapters = report.chapters.into_iter().map(|(at, name)| Ok(Chapter { start: ratio(at)?, name }));
    Ok(Reading {
        tracks: tracks.collect(),
        others: report.others,
        chapters: chapters.collect::<Result<_>>()?,
        objection: report.objection,
    })
}

fn samples_name(n: usize) -> String {
    format!("track-{n}.samples")
}
fn index_name(n: usize) -> String {
    format!("track-{n}.index")
}

type Answer = std::result::Result<Report, WireError>;

#[derive(Serialize, Deserialize)]
pub(crate) struct Report {
    tracks: Vec<std::result::Result<WireTrack, WireError>>,
    others: Vec<String>,
    chapters: Vec<((i64, i64), String)>,
    objection: String,
}

#[derive(Serialize, Deserialize)]
struct WireTrack {
    start: (i64, i64),
    hidden: u32,
    shown: u32,
    language: String,
    interlaced: bool,
}

/// An error on its way from the child to the parent.
#[derive(Serialize, Deserialize)]
pub(crate) struct WireError {
    kind: String,
    message: String,
    places: Vec<String>,
    remedy: String,
}

const KINDS: [Kind; 7] = [
    Kind::Invalid,
    Kind::Unsupported,
    Kind::NotFound,
    Kind::Conflict,
    Kind::DataLoss,
    Kind::Unavailable,
    Kind::Internal,
];

impl From<Error> for WireError {
    fn from(e: Error) -> WireError {
        WireError { kind: format!("{:?}", e.kind), message: e.message, places: e.places, remedy: e.remedy }
    }
}

impl From<WireError> for Error {
    fn from(e: WireError) -> Error {
        let kind = KINDS.into_iter().find(|kind| format!("{kind:?}") == e.kind).unwrap_or(Kind::Internal);
        Error { kind, message: e.message, places: e.places, remedy: e.remedy }
    }
}

fn ratio((n, d): (i64, i64)) -> Result<Seconds> {
    if d == 0 {
        Err(Error::internal("the child's report holds a fraction without a denominator"))
    } else {
        Ok(Ratio::new(n, d))
    }
}

/// The child's side of [`encryption`]. What cannot be read as MP4 is left to ffprobe.
pub(crate) fn look_here(file: &Path) -> Vec<String> {
    let movie = map(file).and_then(|(_, map)| foreign::read(&map));
    let tracks = movie.map(|movie| movie.tracks).unwrap_or_default();
    let schemes = tracks.iter().filter_map(|track| track.protection.as_ref());
    schemes
        .map(|protection| String::from_utf8_lossy(&protection.scheme).trim_end_matches('\0').to_string())
        .collect()
}

/// The child's side: reads `file` with the rights that are left. Never panics on what the file holds.
pub(crate) fn read_here(file: &Path, folder: &Path) -> std::result::Result<Report, WireError> {
    read_and_store(file, folder).map_err(WireError::from)
}

fn map(file: &Path) -> Result<(File, memmap2::Mmap)> {
    let source = File::open(file).map_err(|e| Error::not_found(format!("the file cannot be opened: {e}")))?;
    let length = source.metadata().map_err(|e| Error::internal(e.to_string()))?.len();
    if length == 0 {
        return Err(Error::invalid("the file is empty").remedy("Copy it again from where it came"));
    }
    // SAFETY: the map is only read. If the file shrinks meanwhile, this child dies of SIGBUS and its
    // parent reports it; nothing else lives in this process.
    let map = unsafe { memmap2::Mmap::map(&source) };
    let map = map.map_err(|e| Error::internal(format!("the file cannot be mapped: {e}")))?;
    Ok((source, map))
}

fn read_and_store(file: &Path, folder: &Path) -> Result<Report> {
    let (source, map) = map(file)?;
    let movie = foreign::read(&map)?;
    let mut report = Report {
        tracks: Vec::new(),
        others: Vec::new(),
        chapters: Vec::new(),
        objection: objection(&source),
    };
    for (n, track) in movie.tracks.iter().enumerate() {
        if track.kind().is_none() {
            report.others.push(String::from_utf8_lossy(&track.handler).into_owned());
            continue;
        }
        let place = report.tracks.len();
        let stored =
            foreign::intake(&movie, n, &map).and_then(|intake| store(intake, &source, folder, place));
        report.tracks.push(stored.map_err(WireError::from));
    }
    report.chapters = movie.chapters.into_iter().map(|c| ((*c.at.numer(), *c.at.denom()), c.name)).collect();
    Ok(report)
}

/// What mp4san objects to. It knows plain MP4 only, and refuses fragments and QuickTime as a matter
/// of course, so it informs and does not decide.
fn objection(source: &File) -> String {
    let mut reader = BufReader::new(source);
    if reader.seek(SeekFrom::Start(0)).is_err() {
        return String::new();
    }
    match mp4san::sanitize(mp4san::SeekSkipAdapter(reader)) {
        Ok(_) => String::new(),
        Err(mp4san::Error::Io(e)) => e.to_string(),
        Err(mp4san::Error::Parse(report)) => report.into_inner().to_string(),
    }
}

fn store(intake: foreign::Intake, source: &File, folder: &Path, place: usize) -> Result<WireTrack> {
    let path = folder.join(samples_name(place));
    let mut out = File::create(&path).map_err(|e| crate::disk(&path, e))?;
    let mut source = source;
    for (at, length) in &intake.pieces {
        source.seek(SeekFrom::Start(*at)).map_err(|e| Error::internal(e.to_string()))?;
        // Between two files the kernel copies, without a detour through this process.
        let copied = std::io::copy(&mut source.take(*length), &mut out).map_err(|e| crate::disk(&path, e))?;
        if copied != *length {
            return Err(Error::new(Kind::DataLoss, "the file shrank while it was read"));
        }
    }
    let video = intake.track.kind() == TrackKind::Video;
    let mut writer = IndexWriter::new(intake.track);
    for (samples, id) in &intake.blocks {
        writer.push_block(samples, *id)?;
    }
    let path = folder.join(index_name(place));
    std::fs::write(&path, writer.finish()?).map_err(|e| crate::disk(&path, e))?;
    Ok(WireTrack {
        start: (*intake.start.numer(), *intake.start.denom()),
        hidden: if video { intake.hidden } else { 0 },
        shown: intake.shown,
        language: intake.language,
        interlaced: intake.interlaced,
    })
}
