//! Encryption against others: a vendor's file byte for byte from its clear twin, and ffmpeg, which decrypts
//! to the very pictures and packets of the clear file.

use std::path::Path;
use std::process::Command;

use media::cmaf::{self, Sample};
use media::foreign::boxes::{BoxRef, Budget, children, only, top};
use media::foreign::{Intake, intake, read};
use media::protect::{self, Protection, Protector, Subsample};
use media::{Kind, TrackKind, index};

use crate::cases_mp4::{cases, parts};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/mp4");
const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../films/big-buck-bunny-clip.mp4");
const KEY: [u8; 16] =
    [0x22, 0xbd, 0xb0, 0x06, 0x38, 0x05, 0x26, 0x03, 0x07, 0xee, 0x50, 0x45, 0xc0, 0xf3, 0x83, 0x5a];

/// The constant IV of a file's `tenc`, which are its last sixteen bytes.
fn constant_iv(file: &[u8]) -> [u8; 16] {
    let at = file.windows(4).position(|w| w == b"tenc").unwrap() - 4;
    let size = u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    file[at + size - 16..at + size].try_into().unwrap()
}

/// The maps of every `senc` without IVs in a file.
fn maps_of(file: &[u8]) -> Vec<Vec<Subsample>> {
    let mut budget = Budget::of_a_file();
    let inside = |parent: &BoxRef<'static>, kind: &[u8; 4]| {
        only(&children(parent, 0, &mut Budget::of_a_file()).unwrap(), kind).unwrap()
    };
    let file: &'static [u8] = file.to_vec().leak();
    let mut all = Vec::new();
    for moof in top(file, &mut budget).unwrap().iter().filter(|b| b.kind == *b"moof") {
        let traf = children(moof, 0, &mut budget).unwrap().into_iter().find(|b| b.kind == *b"traf").unwrap();
        let (_, flags, mut rest) = inside(&traf, b"senc").unwrap().full().unwrap();
        assert_eq!(flags, 2);
        let mut take = |n: usize| {
            let (head, tail) = rest.split_at(n);
            rest = tail;
            head.iter().fold(0u32, |all, b| all << 8 | u32::from(*b))
        };
        for _ in 0..take(4) {
            let runs = take(2);
            all.push((0..runs).map(|_| Subsample { clear: take(2) as u16, protected: take(4) }).collect());
        }
    }
    all
}

#[test]
fn a_clear_twin_becomes_the_encrypted_file() {
    let named = |name: &str| std::fs::read(Path::new(CASES).join(name));
    let (Ok(theirs), Ok(clear)) = (named("encrypted/cbcs.mp4"), named("encrypted/cbcsdec.mp4")) else {
        println!("skipped: there are no cases in {CASES}");
        return;
    };
    let video = |file: &[u8]| {
        let movie = read(file).unwrap();
        let track = movie.tracks.iter().find(|t| t.handler == *b"vide").unwrap().clone();
        let samples: Vec<Vec<u8>> = track
            .samples()
            .map(|s| file[s.offset as usize..s.offset as usize + s.size as usize].to_vec())
            .collect();
        (track, samples)
    };
    let (track, samples) = video(&clear);
    let (_, encrypted) = video(&theirs);
    assert_eq!((samples.len(), encrypted.len()), (182, 182));
    let track = media::Track {
        codec: media::Codec::Avc,
        sample_entry: track.entries[0].clone(),
        codec_string: "avc1".into(),
        timescale: 24,
        unit_ticks: 1,
        priming: 0,
        reorder: 0,
        width: 16,
        height: 16,
        display_width: 16,
        display_height: 16,
        matrix: media::track::UNIT_MATRIX,
        channels: 0,
        sample_rate: 0,
    };
    let protector = Protector::new(&track, &KEY, &constant_iv(&theirs)).unwrap();
    let mut ours = Vec::new();
    for (n, (sample, expected)) in samples.iter().zip(&encrypted).enumerate() {
        let mut bytes = sample.clone();
        let one = Sample { size: bytes.len() as u32, duration: 1, offset: 0, sync: n == 0 };
        ours.extend(protector.fragment(n as u32 + 1, n as u64, 0, &[one], &mut bytes).unwrap());
        assert!(bytes == *expected, "sample {n}");
        ours.extend(bytes);
    }
    assert_eq!(maps_of(&ours), maps_of(&theirs), "the same bytes are said to be clear");
}

/// The track as one CMAF file, clear or encrypted: a fragment a block.
fn packaged(intake: &Intake, file: &[u8], encrypted: bool) -> Vec<u8> {
    let track = &intake.track;
    let unit = track.unit_ticks;
    let raised = track.reorder as u32 * unit;
    let media_time = if track.kind() == TrackKind::Video { raised } else { track.priming };
    let protection = Protection { key_id: [7; 16], iv: [9; 16], systems: vec![] };
    let protector = encrypted.then(|| Protector::new(track, &KEY, &protection.iv).unwrap());
    let mut blob: Vec<u8> = intake
        .pieces
        .iter()
        .flat_map(|(at, length)| &file[*at as usize..][..*length as usize])
        .copied()
        .collect();
    let mut out = match encrypted {
        true => protect::init(track, media_time, &intake.language, &protection).unwrap(),
        false => cmaf::init(track, media_time, &intake.language),
    };
    let (mut rest, mut time) = (blob.as_mut_slice(), 0);
    for (n, (samples, _)) in intake.blocks.iter().enumerate() {
        let sample = |(k, s): (usize, &index::Sample)| Sample {
            size: s.size,
            duration: unit,
            offset: (raised as i64 + s.shift as i64 * unit as i64) as u32,
            sync: k == 0 || track.kind() == TrackKind::Audio,
        };
        let samples: Vec<Sample> = samples.iter().enumerate().map(sample).collect();
        let length: usize = samples.iter().map(|s| s.size as usize).sum();
        let (payload, tail) = rest.split_at_mut(length);
        rest = tail;
        let header = match &protector {
            Some(protector) => protector.fragment(n as u32 + 1, time, 0, &samples, payload).unwrap(),
            None => cmaf::fragment_header(n as u32 + 1, time, &samples),
        };
        out.extend(header);
        out.extend(&*payload);
        time += samples.len() as u64 * unit as u64;
    }
    out
}

/// What ffmpeg reads: a hash for each picture, or each packet of sound.
fn hashes(bytes: &[u8], kind: TrackKind, key: Option<&str>) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("track.mp4");
    std::fs::write(&path, bytes).unwrap();
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error"]);
    if let Some(key) = key {
        command.args(["-decryption_key", key]);
    }
    // Read as a stream: ffmpeg 5 mixes up the maps of fragments in a file in which it can seek.
    command.args(["-i", "pipe:0"]).stdin(std::fs::File::open(&path).unwrap());
    match kind {
        TrackKind::Video => command.args(["-map", "0:v:0", "-vsync", "passthrough"]),
        TrackKind::Audio => command.args(["-map", "0:a:0", "-c", "copy"]),
    };
    let Ok(output) = command.args(["-f", "framemd5", "-"]).output() else {
        println!("skipped: ffmpeg is not installed");
        return None;
    };
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(key == Some(WRONG) || complaints.is_empty(), "{complaints}");
    let text = String::from_utf8(output.stdout).unwrap();
    // What stands behind the hash tells that the packet was encrypted.
    let row = |line: &str| line.split(", ").take(6).collect::<String>() + "\n";
    Some(text.lines().filter(|l| !l.starts_with('#')).map(row).collect())
}

const RIGHT: &str = "22bdb0063805260307ee5045c0f3835a";
const WRONG: &str = "22bdb0063805260307ee5045c0f3835b";

fn same_when_decrypted(name: &str, file: &[u8]) {
    let movie = read(file).unwrap();
    for track in 0..movie.tracks.len() {
        let Ok(intake) = intake(&movie, track, file) else { continue };
        let kind = intake.track.kind();
        let (clear, encrypted) = (packaged(&intake, file, false), packaged(&intake, file, true));
        let Some(plain) = hashes(&clear, kind, None) else { return };
        assert!(plain.lines().count() > 8, "{name}");
        assert!(hashes(&encrypted, kind, Some(RIGHT)).unwrap() == plain, "{name}: other pictures or packets");
        assert!(hashes(&encrypted, kind, Some(WRONG)).unwrap() != plain, "{name}: the key matters");
        let ours = read(&encrypted).unwrap();
        assert_eq!(ours.tracks[0].protection.as_ref().unwrap().scheme, *b"cbcs");
        assert_eq!(ours.tracks[0].protection.as_ref().unwrap().key_id, Some([7; 16]));
    }
}

#[test]
fn ffmpeg_decrypts_to_the_same() {
    if let Ok(film) = std::fs::read(FILM) {
        same_when_decrypted("the film", &film);
    } else {
        println!("skipped: {FILM} is not here");
    }
    const CHOSEN: [&str; 4] = [
        "b-frames/bbb_800x640_768kbps_30fps_avc_pyramid_3b.mp4",
        "fragmented/v300_multiple_segments.mp4",
        "audio/sample_ac3.mp4",
        "audio/opus.mp4",
    ];
    for case in cases() {
        let (name, bytes) = parts(&case);
        if CHOSEN.contains(&name) {
            same_when_decrypted(name, bytes);
        }
    }
}

#[test]
fn other_pictures_are_refused() {
    for case in cases() {
        let (name, bytes) = parts(&case);
        if name != "av1/sample_with_av1c.mp4" && name != "b-frames/h265_bframes.mp4" {
            continue;
        }
        let movie = read(bytes).unwrap();
        let intake = intake(&movie, 0, bytes).unwrap();
        let error = Protector::new(&intake.track, &KEY, &[0; 16]).err().expect(name);
        assert_eq!(error.kind, Kind::Unsupported, "{name}");
    }
}
