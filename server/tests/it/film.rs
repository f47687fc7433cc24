//! A film that is quick to make: real indexes over noise instead of pictures. What is served of it can
//! be compared byte for byte; what must be decoded is tested with ffmpeg elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use archive::{
    Archive, Original, Rendition, Sound, StoredTrack, Text, Thumbnails, Tile, Title, TitleKind, Version,
};
use composition::{Composition, Span};
use media::index::Sample;
use media::track::UNIT_MATRIX;
use media::{Codec, Digest, IndexWriter, Rate, Seconds, Track};

/// Seconds in the film, and frames in a group of pictures.
pub const SECONDS: u32 = 20;
pub const GROUP: u32 = 48;
pub const RATE: u32 = 24;

/// The poster of every film; it shows frame 48.
pub const POSTER: &[u8] = b"\xff\xd8 a poster";

/// What every stamp in a sample begins with.
const MAGIC: [u8; 8] = [0x9d, 0x50, 0xe7, 0x48, 0xc3, 0x49, 0xb1, 0x4d];
/// Bytes between two stamps of a sample, and of a stamp.
const EVERY: usize = 64;
pub const STAMP: usize = 16;

/// A stored track of a film, as its stamps name it.
pub fn track_of(film: u64, track: u64) -> u32 {
    (film * 100 + track) as u32
}
/// Numbers of the tracks of a film: renditions from 0, sounds from 10, black pictures from 20.
pub const SOUND: u64 = 10;
pub const HOLD: u64 = 20;

/// Samples of `size` bytes: noise, stamped all over with the number of their track and their own.
fn stamped(samples: u32, size: u32, track: u32) -> Vec<u8> {
    let mut out = noise(samples as usize * size as usize, track.into());
    for (n, sample) in out.chunks_exact_mut(size as usize).enumerate() {
        for at in (0..sample.len().saturating_sub(STAMP - 1)).step_by(EVERY) {
            sample[at..at + 8].copy_from_slice(&MAGIC);
            sample[at + 8..at + 12].copy_from_slice(&track.to_be_bytes());
            sample[at + 12..at + STAMP].copy_from_slice(&(n as u32).to_be_bytes());
        }
    }
    out
}

/// The samples of which any stamp stands in these bytes: track and number.
pub fn samples_in(bytes: &[u8]) -> BTreeSet<(u32, u32)> {
    stamps_in(bytes).into_iter().map(|(sample, _)| sample).collect()
}

/// The stamps in these bytes, in their order: the sample, and where the stamp ends.
pub fn stamps_in(bytes: &[u8]) -> Vec<((u32, u32), usize)> {
    let number = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let is_stamp = |at: usize| bytes.len() >= at + STAMP && bytes[at..at + MAGIC.len()] == MAGIC;
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|b| *b == MAGIC[0]) {
        at += next;
        if !is_stamp(at) {
            at += 1;
        }
        // Within a sample the next one stands at a known place, which spares the search.
        while is_stamp(at) {
            out.push(((number(at + 8), number(at + 12)), at + STAMP));
            at += if is_stamp(at + EVERY) { EVERY } else { STAMP };
        }
    }
    out
}

/// Bytes that no other bytes equal, the same in every run.
fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut out = Vec::with_capacity(len + 8);
    while out.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend(state.to_le_bytes());
    }
    out.truncate(len);
    out
}

fn entry(kind: &[u8; 4], size: u32) -> Vec<u8> {
    let mut out = size.to_be_bytes().to_vec();
    out.extend(kind);
    out.resize(size as usize, 0);
    out
}

fn video(height: u16) -> Track {
    let rate = Rate::new(RATE, 1).expect("a rate");
    Track {
        codec: Codec::Avc,
        sample_entry: entry(b"avc1", 86),
        codec_string: "avc1.64001f".into(),
        timescale: rate.timescale(),
        unit_ticks: rate.ticks_per_unit(),
        priming: 0,
        reorder: 0,
        width: height * 16 / 9,
        height,
        display_width: height * 16 / 9,
        display_height: height,
        matrix: UNIT_MATRIX,
        channels: 0,
        sample_rate: 0,
    }
}

fn audio() -> Track {
    Track {
        codec: Codec::Aac,
        sample_entry: entry(b"mp4a", 36),
        codec_string: "mp4a.40.2".into(),
        timescale: 48_000,
        unit_ticks: 1024,
        priming: 1024,
        reorder: 0,
        width: 0,
        height: 0,
        display_width: 0,
        display_height: 0,
        matrix: UNIT_MATRIX,
        channels: 2,
        sample_rate: 48_000,
    }
}

/// Stores a track of `samples` samples of `size` bytes in blocks of `block`.
fn store(archive: &Archive, track: Track, samples: u32, size: u32, block: u32, name: u32) -> StoredTrack {
    let mut writer = IndexWriter::new(track);
    let mut left = samples;
    while left > 0 {
        let now = left.min(block);
        writer
            .push_block(&vec![Sample { size, shift: 0 }; now as usize], (left / block % 2) as u16)
            .expect("a block");
        left -= now;
    }
    let blob = archive.blobs().put(&stamped(samples, size, name)).expect("stored samples");
    let index = archive.blobs().put(&writer.finish().expect("an index")).expect("a stored index");
    StoredTrack { blob, index }
}

fn original(name: &str) -> Original {
    Original { digest: Digest::of(name.as_bytes()), name: name.into() }
}

/// Makes an archive with one film, `noise`, of `frame` bytes a frame in its highest rendition.
pub async fn archive_with_film(dir: &Path, frame: u32) -> Archive {
    let archive = Archive::open(dir).await.expect("an archive");
    put(&archive, "noise", frame, 1).await;
    archive
}

/// Enters a film and its whole as a version.
pub async fn put(archive: &Archive, id: &str, frame: u32, seed: u64) {
    put_of(archive, id, frame, seed, &[]).await;
}

/// The same for a film that shows pictures of other titles.
pub async fn put_of(archive: &Archive, id: &str, frame: u32, seed: u64, of: &[&str]) {
    let frames = SECONDS * RATE;
    let renditions =
        [(720u16, frame), (360, frame / 4)].into_iter().enumerate().map(|(n, (height, size))| Rendition {
            track: store(archive, video(height), frames, size, GROUP, track_of(seed, n as u64)),
            original: original("noise.mp4"),
            hold: Some(store(archive, video(height), GROUP, 80, GROUP, track_of(seed, HOLD + n as u64))),
        });
    let sound = |language: &str, n: u64| Sound {
        language: language.into(),
        label: String::new(),
        default: n == 0,
        track: store(archive, audio(), SECONDS * 47, 341, 256, track_of(seed, SOUND + n)),
        silence: store(archive, audio(), 1, 6, 1, 5),
        offset: Seconds::from_integer(0),
        loudness: None,
        original: original("noise.mp4"),
    };
    let vtt =
        "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nXin chào\n\n00:00:07.000 --> 00:00:09.000\nTạm biệt\n";
    let text = Text {
        language: "vi".into(),
        label: "Tiếng Việt".into(),
        forced: false,
        blob: archive.blobs().put(vtt.as_bytes()).expect("stored text"),
        original: original("noise.vi.vtt"),
    };
    let title = Title {
        id: id.into(),
        kind: TitleKind::Film,
        names: BTreeMap::from([
            ("en".to_string(), "Noise".to_string()),
            ("vi".to_string(), "Nhiễu".to_string()),
        ]),
        rate: Rate::new(RATE, 1).expect("a rate"),
        from: 0,
        to: frames,
        source: Digest::of(format!("{id} {seed}").as_bytes()),
        poster: Some(archive.blobs().put(POSTER).expect("a poster")),
        poster_frame: Some(48),
        year: Some(2026),
        credits: "© nobody".into(),
        place: None,
        derived_from: of.iter().map(|id| id.to_string()).collect(),
        chapters: vec![archive::Chapter { at: Seconds::from_integer(2), name: "Một".into() }],
        created: 1,
        renditions: renditions.collect(),
        sounds: vec![sound("vi", 0), sound("ko", 1)],
        texts: vec![text],
        thumbnails: Some(thumbnails(archive, frames)),
    };
    archive.catalogue().put_title(&title, None).await.expect("a title");
    version(archive, &title, "whole", &[(0, frames)]).await;
}

fn thumbnails(archive: &Archive, frames: u32) -> Thumbnails {
    let len = grey_picture(0).len() as u32;
    let at = (0..frames).step_by(2 * RATE as usize).zip(0..);
    let pictures: Vec<u8> = at.clone().flat_map(|(_, n)| grey_picture(n)).collect();
    let tiles = at.map(|(frame, n)| Tile { frame, offset: u64::from(n) * u64::from(len), len });
    Thumbnails {
        blob: archive.blobs().put(&pictures).expect("tiles"),
        width: 16,
        height: 16,
        tiles: tiles.collect(),
    }
}

/// A baseline JPEG of 16 by 16 grey pixels (ITU-T T.81): four blocks, each of two codes of one bit. A byte
/// that no decoder needs says which picture it is.
fn grey_picture(name: u8) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0]; // start of image; a quantisation table
    out.extend([1; 64]);
    out.extend([0xff, 0xc0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0]); // frame: 8 bits, 16 by 16, one component
    for class in [0x00, 0x10] {
        out.extend([0xff, 0xc4, 0, 20, class, 1]); // Huffman table: one code of one bit, for the value 0
        out.extend([0; 16]);
    }
    out.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]); // scan of that component
    out.extend([0, name, 0xff, 0xd9]); // eight zero bits; the name; end of image
    out
}

/// The thumbnails that a sheet is joined from, by their numbers: frame 48 is shown by number 1.
pub fn tiles_in(sheet: &[u8]) -> Vec<u8> {
    // The scan begins after the header of its segment; restart markers stand between tiles.
    let scan = sheet.windows(10).position(|w| w[..2] == [0xff, 0xda]).expect("a scan") + 10;
    let mut tiles = vec![sheet[scan + 1]];
    let marks = sheet[scan..].windows(4).filter(|w| w[0] == 0xff && (0xd0..0xd8).contains(&w[1]));
    tiles.extend(marks.map(|w| w[3]));
    tiles
}

/// Enters a version of ranges that start and end at groups, so that nothing must be encoded.
pub async fn version(archive: &Archive, title: &Title, name: &str, ranges: &[(u32, u32)]) {
    let spans = ranges.iter().map(|(from, to)| Span::Film {
        title: title.id.clone(),
        source: title.source,
        from: *from,
        to: *to,
    });
    let composition = Composition::new(spans).expect("a composition");
    let row = Version {
        title: title.id.clone(),
        name: name.into(),
        labels: BTreeMap::new(),
        spans: composition.text(),
        composition: composition.digest(),
        shows: vec![title.id.clone()],
        made: Vec::new(),
        created: 2,
    };
    archive.catalogue().put_version(&row).await.expect("a version");
}
