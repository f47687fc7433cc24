//! Small made-up media and titles to store.

use std::collections::BTreeMap;
use std::path::Path;

use archive::*;
use media::index::Sample;
use media::track::UNIT_MATRIX;
use media::{Codec, Digest, IndexWriter, Rate, Result, Seconds, Track};

/// Bytes that no other seed gives, never compressible.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
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

fn track(codec: Codec) -> Track {
    let video = codec == Codec::Avc;
    Track {
        codec,
        sample_entry: vec![0; 32],
        codec_string: if video { "avc1.64001f" } else { "mp4a.40.2" }.to_string(),
        timescale: if video { 24_000 } else { 48_000 },
        unit_ticks: if video { 1000 } else { 1024 },
        priming: 0,
        reorder: 0,
        width: if video { 1280 } else { 0 },
        height: if video { 720 } else { 0 },
        display_width: if video { 1280 } else { 0 },
        display_height: if video { 720 } else { 0 },
        matrix: UNIT_MATRIX,
        channels: if video { 0 } else { 2 },
        sample_rate: if video { 0 } else { 48_000 },
    }
}

/// Stores a track of `samples` samples of `size` bytes.
pub fn store_track(blobs: &Blobs, codec: Codec, seed: u64, samples: u32, size: u32) -> Result<StoredTrack> {
    let mut index = IndexWriter::new(track(codec));
    for _ in 0..samples / 24 {
        index.push_block(&[Sample { size, shift: 0 }; 24], 0)?;
    }
    let blob = blobs.put(&noise(seed, (samples / 24 * 24 * size) as usize))?;
    Ok(StoredTrack { blob, index: blobs.put(&index.finish()?)? })
}

fn original(name: &str) -> Original {
    Original { digest: Digest::of(name.as_bytes()), name: name.to_string() }
}

/// Stores the media of a title of 48 frames in two renditions, with sound, texts and pictures.
pub fn store_title(blobs: &Blobs, id: &str, seed: u64) -> Result<Title> {
    let rendition = |n: u64| -> Result<Rendition> {
        let track = store_track(blobs, Codec::Avc, seed * 100 + n, 48, 1000)?;
        Ok(Rendition { track, original: original("film.mp4"), hold: None })
    };
    let text = |language: &str, label: &str| -> Result<Text> {
        let blob = blobs.put(format!("WEBVTT\n\n{language} {seed}\n").as_bytes())?;
        Ok(Text {
            language: language.into(),
            label: label.into(),
            forced: false,
            blob,
            original: original("film.srt"),
        })
    };
    Ok(Title {
        id: id.to_string(),
        kind: TitleKind::Film,
        names: BTreeMap::from([
            ("vi".into(), "Đất rừng phương Nam".into()),
            ("ko".into(), "남쪽의 숲".into()),
        ]),
        rate: Rate::new(24, 1)?,
        from: 1,
        to: 48,
        source: Digest::of(id.as_bytes()),
        poster: Some(blobs.put(&noise(seed * 100 + 50, 500))?),
        poster_frame: Some(seed as u32),
        year: Some(2010),
        credits: "© the makers".into(),
        place: Some(archive::Place { series: "woods".into(), season: None, episode: Some(3) }),
        derived_from: vec!["river".into()],
        chapters: vec![Chapter { at: Seconds::new(1, 3), name: "Mở đầu".into() }],
        created: 1_000_000,
        renditions: vec![rendition(0)?, rendition(1)?],
        sounds: vec![Sound {
            language: "vi".into(),
            label: "Tiếng Việt".into(),
            default: true,
            track: store_track(blobs, Codec::Aac, seed * 100 + 60, 96, 300)?,
            silence: store_track(blobs, Codec::Aac, 7, 24, 10)?,
            offset: Seconds::new(-1, 48_000),
            loudness: Some(Loudness { integrated: -2310, range: 870, peak: -104 }),
            original: original("film.mp4"),
        }],
        texts: vec![text("vi", "")?, text("ko", "한국어")?],
        thumbnails: Some(Thumbnails {
            blob: blobs.put(&noise(seed * 100 + 70, 700))?,
            width: 256,
            height: 144,
            tiles: vec![Tile { frame: 1, offset: 0, len: 300 }, Tile { frame: 25, offset: 300, len: 400 }],
        }),
    })
}

/// A version of `title` that shows itself and needs `made`.
pub fn version(title: &str, name: &str, made: &[Digest]) -> Version {
    let spans = format!("film {title} 1 48 {name}\n");
    Version {
        title: title.to_string(),
        name: name.to_string(),
        labels: BTreeMap::from([("vi".into(), "Bản đầy đủ".into())]),
        composition: Digest::of(spans.as_bytes()),
        spans,
        shows: vec![title.to_string()],
        made: made.to_vec(),
        created: 2_000_000,
    }
}

/// Everything that the catalogue names is there, to the last byte.
pub async fn assert_sound(archive: &Archive) {
    let report = archive.check(Level::Hashed, |_| ()).await.unwrap();
    assert_eq!(report.losses, []);
}

/// Cuts a stored blob down to `len` bytes, behind the archive's back.
pub fn truncate(path: &Path, len: u64) {
    make_writable(path);
    std::fs::File::options().write(true).open(path).unwrap().set_len(len).unwrap();
}

/// Blobs are read-only; whoever damages one in a test needs the right to.
pub fn make_writable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
}
