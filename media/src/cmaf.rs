//! CMAF bytes: the init segment of a stored track, and the header of one media segment.
//!
//! Clauses are those of ISO/IEC 14496-12 unless another standard is named (CMAF is ISO/IEC 23000-19).
//!
//! Invariants:
//! - Output is a function of its arguments alone: no clock, no host, no version string in the bytes.
//! - The first picture of a stream is presented at its decode time, in one of two forms. A version of
//!   one part raises composition offsets by the reorder delay, and the edit list takes it back
//!   (`media_time`): ffmpeg then shows pictures and sound together. A version with discontinuities
//!   writes signed offsets and no edit list ([`undelayed_fragment_header`]): hls.js knows no edit
//!   list and places the decode time of the first sample behind a discontinuity where it believes
//!   the sample before to end, which leaves a hole of the delay unless the two are the same instant.
//! - A segment is one `moof` and one `mdat`; the payload is the samples in decode order, without gaps.

use crate::track::{Track, TrackKind};

mod language;

/// The only track of every file that Phim writes.
const TRACK_ID: u32 = 1;

/// `sample_depends_on` 2: a sync sample, which depends on no other (§8.8.3.1).
const SYNC: u32 = 0x0200_0000;
/// `sample_depends_on` 1 and `sample_is_non_sync_sample` (§8.8.3.1).
const NOT_SYNC: u32 = 0x0101_0000;

/// One sample of a segment, in decode order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Bytes.
    pub size: u32,
    /// Ticks of the track's timescale.
    pub duration: u32,
    /// Composition offset: presentation instant minus decode instant, in ticks.
    pub offset: u32,
    /// Whether decoding may start here.
    pub sync: bool,
}

/// The init segment of `track`: `ftyp` and `moov`.
///
/// `media_time` is the instant of the media, in ticks of the track, that is presented first: the
/// reorder delay of video, the priming of audio. `language` is a BCP-47 tag, or empty for none.
pub fn init(track: &Track, media_time: u32, language: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(700 + track.sample_entry.len());
    // §4.3 FileTypeBox; `cmfc` is the CMAF structural brand (CMAF §7.2).
    boxed(&mut out, b"ftyp", |b| b.extend(b"iso6\0\0\0\0iso6cmfc"));
    boxed(&mut out, b"moov", |b| {
        movie_header(b, track);
        boxed(b, b"trak", |b| {
            track_header(b, track);
            edit_list(b, media_time);
            boxed(b, b"mdia", |b| media(b, track, language));
        });
        boxed(b, b"mvex", |b| track_extends(b, track));
    });
    out
}

/// §8.2.2 MovieHeaderBox.
fn movie_header(out: &mut Vec<u8>, track: &Track) {
    full_box(out, b"mvhd", 0, 0, |b| {
        b.extend([0; 8]); // creation_time, modification_time: unknown, so that bytes do not depend on a clock
        put32(b, track.timescale); // timescale
        put32(b, 0); // duration: fragments follow
        put32(b, 0x0001_0000); // rate 1.0
        put16(b, 0x0100); // volume 1.0
        b.extend([0; 10]); // reserved
        put_matrix(b, &crate::track::UNIT_MATRIX); // matrix
        b.extend([0; 24]); // pre_defined
        put32(b, TRACK_ID + 1); // next_track_ID
    });
}

/// §8.3.2 TrackHeaderBox.
fn track_header(out: &mut Vec<u8>, track: &Track) {
    let sound = track.kind() == TrackKind::Audio;
    // Flags: track_enabled and track_in_movie.
    full_box(out, b"tkhd", 0, 3, |b| {
        b.extend([0; 8]); // creation_time, modification_time
        put32(b, TRACK_ID); // track_ID
        put32(b, 0); // reserved
        put32(b, 0); // duration: fragments follow
        b.extend([0; 8]); // reserved
        put16(b, 0); // layer
        put16(b, 0); // alternate_group
        put16(b, if sound { 0x0100 } else { 0 }); // volume
        put16(b, 0); // reserved
        put_matrix(b, &track.matrix); // matrix: rotation of the picture
        put32(b, u32::from(track.display_width) << 16); // width, 16.16
        put32(b, u32::from(track.display_height) << 16); // height, 16.16
    });
}

/// §8.6.5 EditBox with one entry of §8.6.6; left out when presentation starts with the media.
fn edit_list(out: &mut Vec<u8>, media_time: u32) {
    if media_time == 0 {
        return;
    }
    boxed(out, b"edts", |b| {
        // Version 1, because media_time of version 0 is a signed 32-bit number.
        let version = u8::from(media_time > i32::MAX as u32);
        full_box(b, b"elst", version, 0, |b| {
            put32(b, 1); // entry_count
            if version == 1 {
                put64(b, 0); // segment_duration 0: to the end, fragments included
                put64(b, u64::from(media_time)); // media_time
            } else {
                put32(b, 0); // segment_duration 0: to the end, fragments included
                put32(b, media_time); // media_time
            }
            put16(b, 1); // media_rate_integer
            put16(b, 0); // media_rate_fraction
        });
    });
}

/// The contents of §8.4.1 MediaBox.
fn media(out: &mut Vec<u8>, track: &Track, tag: &str) {
    let sound = track.kind() == TrackKind::Audio;
    // §8.4.2 MediaHeaderBox.
    full_box(out, b"mdhd", 0, 0, |b| {
        b.extend([0; 8]); // creation_time, modification_time
        put32(b, track.timescale); // timescale
        put32(b, 0); // duration: fragments follow
        put16(b, language::pack(tag)); // language
        put16(b, 0); // pre_defined
    });
    // §8.4.3 HandlerBox.
    full_box(out, b"hdlr", 0, 0, |b| {
        put32(b, 0); // pre_defined
        b.extend(if sound { b"soun" } else { b"vide" }); // handler_type
        b.extend([0; 12]); // reserved
        b.extend(if sound { b"sound\0" } else { b"video\0" }); // name
    });
    if !tag.is_empty() {
        // §8.4.6 ExtendedLanguageBox: region and script survive, which three letters cannot say.
        full_box(out, b"elng", 0, 0, |b| {
            b.extend(tag.bytes().filter(|c| *c != 0));
            b.push(0);
        });
    }
    boxed(out, b"minf", |b| {
        if sound {
            full_box(b, b"smhd", 0, 0, |b| put32(b, 0)); // §12.2.2: balance, reserved
        } else {
            full_box(b, b"vmhd", 0, 1, |b| b.extend([0; 8])); // §12.1.2: graphicsmode, opcolor
        }
        boxed(b, b"dinf", |b| {
            // §8.7.2 DataReferenceBox.
            full_box(b, b"dref", 0, 0, |b| {
                put32(b, 1); // entry_count
                full_box(b, b"url ", 0, 1, |_| ()); // flag 1: the media is in this file
            });
        });
        boxed(b, b"stbl", |b| sample_table(b, track));
    });
}

/// The contents of §8.5.1 SampleTableBox: the description, and no samples (CMAF §7.5.10 and after).
fn sample_table(out: &mut Vec<u8>, track: &Track) {
    full_box(out, b"stsd", 0, 0, |b| {
        put32(b, 1); // entry_count
        b.extend(&track.sample_entry);
    });
    full_box(out, b"stts", 0, 0, |b| put32(b, 0)); // §8.6.1.2: entry_count
    full_box(out, b"stsc", 0, 0, |b| put32(b, 0)); // §8.7.4: entry_count
    full_box(out, b"stsz", 0, 0, |b| b.extend([0; 8])); // §8.7.3: sample_size, sample_count
    full_box(out, b"stco", 0, 0, |b| put32(b, 0)); // §8.7.5: entry_count
}

/// §8.8.3 TrackExtendsBox. Segments carry their own defaults; these serve readers of the init alone.
fn track_extends(out: &mut Vec<u8>, track: &Track) {
    full_box(out, b"trex", 0, 0, |b| {
        put32(b, TRACK_ID); // track_ID
        put32(b, 1); // default_sample_description_index
        put32(b, track.unit_ticks); // default_sample_duration
        put32(b, 0); // default_sample_size
        put32(b, if track.kind() == TrackKind::Audio { SYNC } else { NOT_SYNC }); // default_sample_flags
    });
}

/// The bytes before the payload of one media segment: `styp`, `moof`, and the header of `mdat`.
///
/// `sequence` counts fragments from 1, `decode_time` is that of the first sample, in ticks of the
/// track. The payload that must follow is the sum of the samples' sizes.
pub fn fragment_header(sequence: u32, decode_time: u64, samples: &[Sample]) -> Vec<u8> {
    undelayed_fragment_header(sequence, decode_time, 0, samples)
}

/// As [`fragment_header`], in the form for versions with discontinuities: composition offsets are
/// written less `delay` ticks, the reorder delay of the track, and may be negative. The init segment
/// that goes with it has a media time of 0.
pub fn undelayed_fragment_header(sequence: u32, decode_time: u64, delay: u32, samples: &[Sample]) -> Vec<u8> {
    header_with(sequence, decode_time, delay, samples, |_| None)
}

/// Where a 32-bit field stands that must name another byte by its distance from the first byte of the
/// `moof` (§8.7.9), both as indices into the bytes written so far.
pub(crate) struct AuxiliaryOffset {
    pub field: usize,
    pub target: usize,
}

/// As [`undelayed_fragment_header`], with more boxes at the end of the `traf`, which `more` writes.
pub(crate) fn header_with(
    sequence: u32,
    decode_time: u64,
    delay: u32,
    samples: &[Sample],
    more: impl FnOnce(&mut Vec<u8>) -> Option<AuxiliaryOffset>,
) -> Vec<u8> {
    let payload: u64 = samples.iter().map(|s| u64::from(s.size)).sum();
    let mut out = Vec::with_capacity(160 + samples.len() * 12);
    // §8.16.2 SegmentTypeBox; `cmfs` and `cmff`: a CMAF segment of one fragment (CMAF §7.2).
    boxed(&mut out, b"styp", |b| b.extend(b"msdh\0\0\0\0msdhcmfscmff"));
    let moof = out.len();
    let mut data_offset = 0;
    boxed(&mut out, b"moof", |b| {
        full_box(b, b"mfhd", 0, 0, |b| put32(b, sequence)); // §8.8.5: sequence_number
        boxed(b, b"traf", |b| {
            data_offset = track_fragment(b, decode_time, delay, samples);
            if let Some(AuxiliaryOffset { field, target }) = more(b) {
                b[field..field + 4].copy_from_slice(&((target - moof) as u32).to_be_bytes());
            }
        });
    });
    let header = data_header(payload);
    let distance = (out.len() - moof + header.len()) as u32;
    out[data_offset..data_offset + 4].copy_from_slice(&distance.to_be_bytes());
    out.extend(header);
    out
}

/// §8.1.1 MediaDataBox: its header, with a 64-bit size when 32 bits do not hold it (§4.2).
fn data_header(payload: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(16);
    match u32::try_from(payload + 8) {
        Ok(size) => {
            put32(&mut out, size);
            out.extend(b"mdat");
        }
        Err(_) => {
            put32(&mut out, 1);
            out.extend(b"mdat");
            put64(&mut out, payload + 16);
        }
    }
    out
}

/// The contents of §8.8.6 TrackFragmentBox. Returns where `data_offset` stands in `out`.
fn track_fragment(out: &mut Vec<u8>, decode_time: u64, delay: u32, samples: &[Sample]) -> usize {
    let duration = common(samples.iter().map(|s| s.duration));
    let size = common(samples.iter().map(|s| s.size));
    let flags = Flags::of(samples);
    let offsets = samples.iter().any(|s| s.offset != delay);
    let negative = samples.iter().any(|s| s.offset < delay);

    // §8.8.7 TrackFragmentHeaderBox; default-base-is-moof is required (CMAF §7.5.16).
    let present = 0x02_0000
        | flag(duration.is_some(), 0x08)
        | flag(size.is_some(), 0x10)
        | flag(flags.default.is_some(), 0x20);
    full_box(out, b"tfhd", 0, present, |b| {
        put32(b, TRACK_ID); // track_ID
        // default_sample_duration, default_sample_size, default_sample_flags
        [duration, size, flags.default].into_iter().flatten().for_each(|n| put32(b, n));
    });
    full_box(out, b"tfdt", 1, 0, |b| put64(b, decode_time)); // §8.8.12: baseMediaDecodeTime

    // §8.8.8 TrackRunBox; in version 1 composition offsets are signed.
    let present = 0x01
        | flag(flags.first.is_some(), 0x04)
        | flag(duration.is_none(), 0x100)
        | flag(size.is_none(), 0x200)
        | flag(flags.default.is_none(), 0x400)
        | flag(offsets, 0x800);
    let mut data_offset = 0;
    full_box(out, b"trun", u8::from(negative), present, |b| {
        put32(b, samples.len() as u32); // sample_count
        data_offset = b.len();
        put32(b, 0); // data_offset, from the first byte of moof; known when moof is complete
        flags.first.into_iter().for_each(|n| put32(b, n)); // first_sample_flags
        for sample in samples {
            // sample_duration, sample_size, sample_flags, sample_composition_time_offset
            let fields = [
                (duration.is_none(), sample.duration),
                (size.is_none(), sample.size),
                (flags.default.is_none(), flags_of(sample)),
                (offsets, sample.offset.wrapping_sub(delay)),
            ];
            fields.into_iter().filter(|(present, _)| *present).for_each(|(_, n)| put32(b, n));
        }
    });
    data_offset
}

/// How the sample flags of a run are written.
struct Flags {
    /// The flags of every sample but perhaps the first; `None` when each sample carries its own.
    default: Option<u32>,
    /// The flags of the first sample, when only it differs.
    first: Option<u32>,
}

impl Flags {
    fn of(samples: &[Sample]) -> Flags {
        let (Some(first), rest) = (samples.first().map(flags_of), samples.get(1..).unwrap_or(&[])) else {
            return Flags { default: Some(SYNC), first: None };
        };
        if rest.is_empty() {
            return Flags { default: Some(first), first: None };
        }
        match common(rest.iter().map(flags_of)) {
            Some(default) => Flags { default: Some(default), first: Some(first).filter(|f| *f != default) },
            None => Flags { default: None, first: None },
        }
    }
}

fn flags_of(sample: &Sample) -> u32 {
    if sample.sync { SYNC } else { NOT_SYNC }
}

/// The value that all have, if they have one.
fn common(mut values: impl Iterator<Item = u32>) -> Option<u32> {
    let first = values.next()?;
    values.all(|v| v == first).then_some(first)
}

fn flag(present: bool, bit: u32) -> u32 {
    if present { bit } else { 0 }
}

/// §4.2 Box: writes size and type around what `body` writes.
pub(crate) fn boxed(out: &mut Vec<u8>, kind: &[u8; 4], body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    put32(out, 0);
    out.extend(kind);
    body(out);
    let size = (out.len() - start) as u32;
    out[start..start + 4].copy_from_slice(&size.to_be_bytes());
}

/// §4.2 FullBox: a box that starts with a version and 24 bits of flags.
pub(crate) fn full_box(
    out: &mut Vec<u8>,
    kind: &[u8; 4],
    version: u8,
    flags: u32,
    body: impl FnOnce(&mut Vec<u8>),
) {
    boxed(out, kind, |b| {
        put32(b, u32::from(version) << 24 | flags);
        body(b);
    });
}

pub(crate) fn put16(out: &mut Vec<u8>, n: u16) {
    out.extend(n.to_be_bytes());
}

pub(crate) fn put32(out: &mut Vec<u8>, n: u32) {
    out.extend(n.to_be_bytes());
}

fn put64(out: &mut Vec<u8>, n: u64) {
    out.extend(n.to_be_bytes());
}

fn put_matrix(out: &mut Vec<u8>, matrix: &[i32; 9]) {
    matrix.iter().for_each(|n| out.extend(n.to_be_bytes()));
}

#[cfg(test)]
mod tests;
