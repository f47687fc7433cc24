//! Turns one track of a foreign file into Phim's stored form, or refuses it by name.
//!
//! Nothing is encoded here: samples keep their bytes. What Phim cannot store exactly (variable frame
//! rate, open groups of pictures, encryption, …) is refused with the frame and what to do.

mod picture;
mod sound;

use super::boxes::name;
use super::{ForeignTrack, Movie, Sample, damaged};
use crate::error::{Error, Result};
use crate::index::{self, MAX_SAMPLE_BYTES};
use crate::time::Seconds;
use crate::track::{Track, TrackKind};

/// What to do with a file that cannot be stored as it is.
const ENCODE_ANEW: &str = "Add the film as a single file, so that Phim encodes its own ladder";

/// One track, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intake {
    pub track: Track,
    /// Closed groups of pictures, or runs of sound, with `idr_pic_id` (H.264; 0 otherwise).
    pub blocks: Vec<(Vec<index::Sample>, u16)>,
    /// Where the samples lie in the file, in decode order: (offset, length), neighbours joined.
    pub pieces: Vec<(u64, u64)>,
    /// When the first presented frame is shown, or the first heard tick sounds, after the edit list.
    pub start: Seconds,
    /// Video: frames that are decoded and not presented, because the edit list begins after them.
    /// Sound: 0, `Track::priming` says it.
    pub hidden: u32,
    /// Samples presented after the hidden ones. Video may hold more that the edit list cuts off.
    pub shown: u32,
    /// As the file says it: a BCP 47 tag or three letters of ISO 639-2.
    pub language: String,
    /// Video: pictures may be fields.
    pub interlaced: bool,
}

/// Takes in the track at place `track` of `movie.tracks`; `file` is the slice that was read.
///
/// Errors are `Unsupported` when the track is fine and Phim cannot store it as it is, and `Invalid`
/// when it is damaged. Both name the track and, where there is one, the frame.
pub fn intake(movie: &Movie, track: usize, file: &[u8]) -> Result<Intake> {
    let source = movie.tracks.get(track).ok_or_else(|| {
        Error::not_found(format!("the file has {} tracks, none at place {track}", movie.tracks.len()))
    })?;
    take_in(movie, source, file)
        .map_err(|e| damaged(e).at(format!("track {} ({})", source.id, name(source.coding()))))
}

fn take_in(movie: &Movie, source: &ForeignTrack, file: &[u8]) -> Result<Intake> {
    if let Some(protection) = &source.protection {
        let scheme =
            if protection.scheme == [0; 4] { "an unnamed scheme".into() } else { name(protection.scheme) };
        return Err(Error::unsupported(format!(
            "the track is encrypted ({scheme}) and is never served as if it were clear"
        ))
        .remedy("Add the film as its owner decrypts it"));
    }
    match source.kind() {
        Some(TrackKind::Video) => picture::intake(movie, source, file),
        Some(TrackKind::Audio) => sound::intake(movie, source, file),
        None => Err(Error::unsupported(format!(
            "a track of {} is neither picture nor sound",
            name(source.handler)
        ))),
    }
}

/// All samples of a track, checked: inside the file, not more bytes than the file, one sample entry.
fn gather<'t>(source: &'t ForeignTrack, file: &[u8]) -> Result<(Vec<Sample>, &'t [u8])> {
    let mut samples = Vec::new();
    let mut total = 0u64;
    let mut chosen: Option<&[u8]> = None;
    for sample in source.samples() {
        let n = samples.len();
        check_range(&sample, file.len() as u64).map_err(|e| e.at(format!("sample {n}")))?;
        total += sample.size as u64;
        let entry = sample.entry.checked_sub(1).and_then(|i| source.entries.get(i as usize));
        let entry = entry.ok_or_else(|| {
            Error::invalid(format!("sample entry {} of {} is asked for", sample.entry, source.entries.len()))
                .at(format!("sample {n}"))
        })?;
        if chosen.is_some_and(|c| c != entry) {
            return Err(Error::unsupported(format!(
                "the coding changes at sample {n}: it uses another sample entry"
            ))
            .remedy(ENCODE_ANEW));
        }
        chosen = Some(entry);
        samples.push(sample);
    }
    if total > file.len() as u64 {
        return Err(Error::invalid(format!(
            "the samples add up to {total} bytes, more than the file has ({})",
            file.len()
        )));
    }
    match chosen {
        Some(entry) if u32::try_from(samples.len()).is_ok() => Ok((samples, entry)),
        Some(_) => Err(Error::unsupported("more than 4,294,967,295 samples")),
        None => Err(Error::invalid("the track has no samples")),
    }
}

fn check_range(sample: &Sample, file_len: u64) -> Result<()> {
    if sample.size > MAX_SAMPLE_BYTES {
        return Err(Error::unsupported(format!(
            "a sample of {} bytes; expected at most {MAX_SAMPLE_BYTES}",
            sample.size
        )));
    }
    match sample.offset.checked_add(sample.size as u64) {
        Some(end) if end <= file_len => Ok(()),
        _ => Err(Error::invalid(format!("its {} bytes at byte {} lie past the end of the file ({file_len} bytes): the file is cut off or damaged", sample.size, sample.offset))
            .remedy("Add the complete file")),
    }
}

/// The bytes of a sample that [`gather`] has checked.
fn bytes_of<'f>(file: &'f [u8], sample: &Sample) -> &'f [u8] {
    &file[sample.offset as usize..][..sample.size as usize]
}

/// Where the samples lie, neighbours joined.
fn pieces(samples: &[Sample]) -> Vec<(u64, u64)> {
    let mut pieces: Vec<(u64, u64)> = Vec::new();
    for sample in samples.iter().filter(|s| s.size > 0) {
        match pieces.last_mut() {
            Some((offset, length)) if *offset + *length == sample.offset => *length += sample.size as u64,
            _ => pieces.push((sample.offset, sample.size as u64)),
        }
    }
    pieces
}

/// Ticks in milliseconds with three decimals, for messages.
fn milliseconds(ticks: i64, timescale: u32) -> String {
    let micros = ticks as i128 * 1_000_000 / timescale as i128;
    format!("{}{}.{:03}", if micros < 0 { "-" } else { "" }, micros.abs() / 1000, micros.abs() % 1000)
}
