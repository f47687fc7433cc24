//! A film that is quick to make: real indexes over noise instead of pictures. What is served of it can
//! be compared byte for byte; what must be decoded is tested with ffmpeg elsewhere.

use std::collections::BTreeMap;
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
const GROUP: u32 = 48;
const RATE: u32 = 24;

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
fn store(archive: &Archive, track: Track, samples: u32, size: u32, block: u32, seed: u64) -> StoredTrack {
    let mut writer = IndexWriter::new(track);
    let mut left = samples;
    while left > 0 {
        let now = left.min(block);
        writer
            .push_block(&vec![Sample { size, shift: 0 }; now as usize], (left / block % 2) as u16)
            .expect("a block");
        left -= now;
    }
    let blob = archive.blobs().put(&noise(samples as usize * size as usize, seed)).expect("stored samples");
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
    let frames = SECONDS * RATE;
    let renditions =
        [(720u16, frame), (360, frame / 4)].into_iter().enumerate().map(|(n, (height, size))| Rendition {
            track: store(archive, video(height), frames, size, GROUP, seed * 100 + n as u64),
            original: original("noise.mp4"),
            hold: None,
        });
    let sound = |language: &str, n: u64| Sound {
        language: language.into(),
        label: String::new(),
        default: n == 0,
        track: store(archive, audio(), SECONDS * 47, 341, 256, seed * 100 + 10 + n),
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
        poster: Some(archive.blobs().put(b"\xff\xd8 a poster").expect("a poster")),
        poster_frame: Some(48),
        year: Some(2026),
        credits: "© nobody".into(),
        place: None,
        derived_from: Vec::new(),
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
    let picture = grey_picture();
    let tiles = (0..frames).step_by(2 * RATE as usize).map(|frame| Tile {
        frame,
        offset: 0,
        len: picture.len() as u32,
    });
    Thumbnails {
        blob: archive.blobs().put(&picture).expect("tiles"),
        width: 16,
        height: 16,
        tiles: tiles.collect(),
    }
}

/// A baseline JPEG of 16 by 16 grey pixels (ITU-T T.81): four blocks, each of two codes of one bit.
fn grey_picture() -> Vec<u8> {
    let mut out = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0]; // start of image; a quantisation table
    out.extend([1; 64]);
    out.extend([0xff, 0xc0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0]); // frame: 8 bits, 16 by 16, one component
    for class in [0x00, 0x10] {
        out.extend([0xff, 0xc4, 0, 20, class, 1]); // Huffman table: one code of one bit, for the value 0
        out.extend([0; 16]);
    }
    out.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]); // scan of that component
    out.extend([0, 0xff, 0xd9]); // eight zero bits; end of image
    out
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
