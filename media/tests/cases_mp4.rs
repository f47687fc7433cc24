//! MP4 files of other projects, each as `shared/cases/README.md` says.
//!
//! Numbers that were read from the boxes and by ffprobe come with the files (`expected.json`). The
//! table of verdicts names no file under the GPL or MPL, because nothing may be derived from those.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use expect_test::expect;
use media::foreign::boxes::{BoxRef, Budget, top};
use media::foreign::{Edit, Intake, Movie, Sample, intake, read};
use media::{Kind, Seconds, TrackKind};
use proptest::prelude::*;
use serde_json::Value;
use shiguredo_mp4::demux::{DemuxError, Fmp4SegmentDemuxer, Input, Mp4FileDemuxer, Sample as OtherSample};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/mp4");
const TRUNCATED: &str = "malformed/init_truncated.mp4";
/// Files from moonfire-nvr, clapshot (GPL) and mp4parse-rust (MPL): test input only.
const COPYLEFT: [&str; 5] = [
    "basic/60fps-example.mp4",
    "basic/clip.mp4",
    "basic/minimal.mp4",
    "encrypted/short-cenc.mp4",
    "hevc-hdr/video_colr_nclx_hdr10.mp4",
];

pub struct Case {
    name: String,
    bytes: Vec<u8>,
    expected: Value,
}

/// All cases; none, with a line that says so, where the files are not at hand.
pub fn cases() -> Vec<Case> {
    let Ok(text) = std::fs::read(Path::new(ROOT).join("expected.json")) else {
        println!("skipped: there are no cases in {ROOT}");
        return Vec::new();
    };
    let all: BTreeMap<String, Value> = serde_json::from_slice(&text).unwrap();
    let bytes = |name: &str, expected: &Value| match expected["concatenation_of"].as_array() {
        Some(parts) => {
            parts.iter().flat_map(|p| file(p.as_str().unwrap().trim_start_matches("mp4/"))).collect()
        }
        None => file(name),
    };
    all.into_iter().map(|(name, expected)| Case { bytes: bytes(&name, &expected), name, expected }).collect()
}

/// Name and bytes of a case.
pub fn parts(case: &Case) -> (&str, &[u8]) {
    (&case.name, &case.bytes)
}

fn file(name: &str) -> Vec<u8> {
    let path: PathBuf = Path::new(ROOT).join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// One case by its name; `None` where the files are not at hand.
fn case(name: &str) -> Option<Vec<u8>> {
    Path::new(ROOT).exists().then(|| file(name))
}

fn movie(case: &Case) -> Movie {
    read(&case.bytes).unwrap_or_else(|e| panic!("{}: {e}", case.name))
}

#[test]
fn boxes_hold_what_is_expected() {
    for case in cases() {
        if case.name == TRUNCATED {
            let error = read(&case.bytes).expect_err("cut off inside moov");
            assert_eq!(error.kind, Kind::Invalid);
            continue;
        }
        let tracks = movie(&case).tracks;
        let expected = case.expected["tracks"].as_array().unwrap();
        assert_eq!(tracks.len(), expected.len(), "{}", case.name);
        for (track, expected) in tracks.iter().zip(expected) {
            let at = format!("{} track {}", case.name, track.id);
            let samples: Vec<Sample> = track.samples().collect();
            let number = |field: &str| expected[field].as_u64();
            assert_eq!(Some(track.id as u64), number("id"), "{at}");
            assert_eq!(Some(track.timescale as u64), number("timescale"), "{at}");
            assert_eq!(Some(&*String::from_utf8_lossy(&track.handler)), expected["hdlr"].as_str(), "{at}");
            let kinds: Vec<_> = track.entries.iter().map(|e| String::from_utf8_lossy(&e[4..8])).collect();
            assert_eq!(serde_json::to_value(kinds).unwrap(), expected["entries"], "{at}");
            let fragments = number("fragment_samples").unwrap_or(0);
            assert_eq!(samples.len() as u64, number("samples").unwrap() + fragments, "{at}");
            assert_eq!(samples.len() as u64, track.sample_count(), "{at}");
            if let Some(sync) = number("sync").filter(|_| fragments == 0) {
                assert_eq!(samples.iter().filter(|s| s.sync).count() as u64, sync, "{at}");
            }
            let edit = |e: &Edit| vec![e.duration as i64, e.media_time.map_or(-1, |t| t as i64)];
            let edits: Vec<_> = track.edits.iter().map(edit).collect();
            let listed = expected.get("elst").cloned().unwrap_or(Value::Array(Vec::new()));
            assert_eq!(serde_json::to_value(edits).unwrap(), listed, "{at}");
            for pair in samples.windows(2) {
                assert_eq!(pair[1].decode - pair[0].decode, gap(&pair[0], &pair[1]), "{at}");
            }
        }
    }
}

/// Decode times follow from durations, except where a fragment says its own.
fn gap(one: &Sample, next: &Sample) -> i64 {
    if next.decode > one.decode { next.decode - one.decode } else { one.duration as i64 }
}

/// What became of a track, in one line.
fn verdict(intake: media::Result<Intake>) -> String {
    match intake {
        Err(e) => {
            let (place, remedy) = (e.places.join(": "), e.remedy);
            assert!(
                !remedy.is_empty() || e.message.contains("neither picture nor sound"),
                "{place}: {}",
                e.message
            );
            format!("refused: {}", e.message)
        }
        Ok(i) => {
            let t = &i.track;
            let start =
                if i.start == Seconds::new(0, 1) { String::new() } else { format!(", from {} s", i.start) };
            let what = match t.kind() {
                TrackKind::Video => format!(
                    "{}x{} ({}x{}) {} frames/s, {} frames in {} groups, reorder {}, hidden {}",
                    t.width,
                    t.height,
                    t.display_width,
                    t.display_height,
                    t.rate().unwrap(),
                    i.shown,
                    i.blocks.len(),
                    t.reorder,
                    i.hidden
                ),
                TrackKind::Audio => format!(
                    "{} channels {} Hz, {} packets of {}/{} s, priming {}",
                    t.channels, t.sample_rate, i.shown, t.unit_ticks, t.timescale, t.priming
                ),
            };
            format!("{} {what}{start}", t.codec_string)
        }
    }
}

#[test]
fn each_track_is_taken_in_or_refused_for_a_reason() {
    let mut table = String::new();
    for case in cases().iter().filter(|c| c.name != TRUNCATED && !COPYLEFT.contains(&c.name.as_str())) {
        let movie = movie(case);
        for n in 0..movie.tracks.len() {
            let id = movie.tracks[n].id;
            table += &format!("{} {id}: {}\n", case.name, verdict(intake(&movie, n, &case.bytes)));
        }
    }
    if !table.is_empty() {
        expect![[r#"
            audio/opus.mp4 1: opus 2 channels 48000 Hz, 50 packets of 960/48000 s, priming 312
            audio/sample_ac3.mp4 1: ac-3 6 channels 48000 Hz, 9 packets of 1536/48000 s, priming 0
            audio/sample_audio_only.mp4 1: mp4a.40.2 1 channels 44100 Hz, 45 packets of 1024/44100 s, priming 0, from 43/1000 s
            audio/sample_eac3.mp4 1: ec-3 6 channels 48000 Hz, 54 packets of 1536/48000 s, priming 0
            audio/sample_shorter_audio.mp4 1: avc1.42c015 320x240 (320x240) 60/1 frames/s, 72 frames in 1 groups, reorder 0, hidden 0
            audio/sample_shorter_audio.mp4 2: mp4a.40.2 1 channels 44100 Hz, 33 packets of 1024/44100 s, priming 0
            av1/black-av1-video.mp4 1: av01.0.04M.08 640x480 (640x480) 25/1 frames/s, 25 frames in 1 groups, reorder 0, hidden 0
            av1/sample_av1.mp4 1: av01.0.05M.08 1080x720 (1080x720) 30000/1001 frames/s, 30 frames in 1 groups, reorder 0, hidden 0
            av1/sample_av1.mp4 2: mp4a.40.2 1 channels 44100 Hz, 45 packets of 1024/44100 s, priming 0, from 43/1000 s
            av1/sample_with_av1c.mp4 1: av01.0.05M.10 720x1280 (720x1280) 30/1 frames/s, 30 frames in 1 groups, reorder 0, hidden 0
            b-frames/bbb_800x640_768kbps_30fps_avc_pyramid_3b.mp4 1: avc1.64001f 800x640 (1138x640) 30/1 frames/s, 120 frames in 4 groups, reorder 2, hidden 0
            b-frames/h265_bframes.mp4 1: hev1.1.6.L90.90 854x480 (854x480) 30/1 frames/s, 30 frames in 1 groups, reorder 2, hidden 0
            b-frames/sample_no_bframes.mp4 1: mp4a.40.2 1 channels 44100 Hz, 45 packets of 1024/44100 s, priming 0, from 11/250 s
            b-frames/sample_no_bframes.mp4 2: avc1.640034 1080x720 (1080x720) 30000/1001 frames/s, 30 frames in 1 groups, reorder 0, hidden 0
            b-frames/sample_with_increasing_timestamps_320w_240h.mp4 1: avc1.42c015 320x240 (320x240) 60/1 frames/s, 932 frames in 4 groups, reorder 0, hidden 0
            b-frames/sample_with_increasing_timestamps_320w_240h.mp4 2: mp4a.40.2 2 channels 48000 Hz, 729 packets of 1024/48000 s, priming 765
            basic/bbb_prog_10s.mp4 1: avc1.64000d 320x240 (427x240) 24/1 frames/s, 238 frames in 6 groups, reorder 2, hidden 0
            basic/bbb_prog_10s.mp4 2: mp4a.40.2 2 channels 44100 Hz, 428 packets of 1024/44100 s, priming 1024
            basic/long_1080p_videoonly_lowbitrate.mp4 1: avc1.42c028 1920x1080 (1920x1080) 30/1 frames/s, 10883 frames in 44 groups, reorder 0, hidden 0
            basic/sample.mp4 1: avc1.64000c 320x180 (320x180) 10/1 frames/s, 10 frames in 1 groups, reorder 2, hidden 0
            basic/sample.mp4 2: refused: the sound has a gap or an overlap: packet 2 stands at 57.346 ms, but the packets before it end at 46.439 ms
            basic/sample_12_5fps_720p_1s.mp4 1: mp4a.40.2 2 channels 44100 Hz, 46 packets of 1024/44100 s, priming 1600
            basic/sample_12_5fps_720p_1s.mp4 2: avc1.64003c 1280x720 (1280x720) 25/2 frames/s, 13 frames in 1 groups, reorder 0, hidden 0
            basic/sample_portrait.mp4 1: avc1.64001f 720x1080 (720x1080) 30000/1001 frames/s, 30 frames in 1 groups, reorder 2, hidden 0
            basic/sample_portrait.mp4 2: mp4a.40.2 1 channels 44100 Hz, 45 packets of 1024/44100 s, priming 0, from 43/1000 s
            basic/sample_with_chapters.mp4 1: avc1.640034 1080x720 (1080x720) 30000/1001 frames/s, 30 frames in 1 groups, reorder 0, hidden 0
            basic/sample_with_chapters.mp4 2: mp4a.40.2 1 channels 44100 Hz, 45 packets of 1024/44100 s, priming 0, from 97/2205 s
            basic/sample_with_chapters.mp4 3: refused: a track of text is neither picture nor sound
            basic/testvid_1022ms.mp4 1: avc1.64001e 480x360 (480x360) 29917/1000 frames/s, 30 frames in 1 groups, reorder 2, hidden 0
            basic/testvid_1022ms.mp4 2: mp4a.40.2 2 channels 44100 Hz, 44 packets of 1024/44100 s, priming 0
            edit-list/edit_list_positive_shift.mp4 1: avc1.42c028 1920x1080 (1920x1080) 30/1 frames/s, 270 frames in 2 groups, reorder 0, hidden 0, from 1 s
            edit-list/edit_list_positive_shift.mp4 2: mp4a.40.2 2 channels 48000 Hz, 470 packets of 1024/48000 s, priming 1024
            edit-list/iibbibb_editlist_videoonly.mp4 1: refused: frame 3 is marked as a sync sample, but decoding cannot start there: the group of pictures is open
            edit-list/sample_edit_list_only_preroll_sync_sample.mp4 1: avc1.42c01e 640x360 (640x360) 30/1 frames/s, 16 frames in 1 groups, reorder 0, hidden 1
            edit-list/sample_edit_list_only_preroll_sync_sample.mp4 2: refused: the sound has a gap or an overlap: packet 2 stands at 40.000 ms, but the packets before it end at 42.666 ms
            edit-list/sample_fixed_rechunk_no_elst.mp4 1: refused: sound coded as ipcm; Phim stores AAC, AC-3, E-AC-3 and Opus
            encrypted/cbcs.mp4 1: refused: the track is encrypted (cbcs) and is never served as if it were clear
            encrypted/cbcs.mp4 2: refused: a track of clcp is neither picture nor sound
            encrypted/cbcsdec.mp4 1: avc1.64001f 508x254 (508x254) 24000/1001 frames/s, 182 frames in 2 groups, reorder 1, hidden 0, from 241001/24000 s
            encrypted/cbcsdec.mp4 2: refused: a track of clcp is neither picture nor sound
            encrypted/sample_fragmented_clearkey.mp4 1: refused: the track is encrypted (cenc) and is never served as if it were clear
            encrypted/sample_fragmented_clearkey.mp4 2: mp4a.40.2 1 channels 44100 Hz, 46 packets of 1024/44100 s, priming 0
            fragmented/multi-period-with-offset-sample.video.mp4 1: avc1.64001f 1080x720 (1080x720) 30000/1001 frames/s, 30 frames in 1 groups, reorder 2, hidden 0
            fragmented/sample_fragmented.mp4 1: avc1.64001f 1080x720 (1080x720) 30000/1001 frames/s, 30 frames in 1 groups, reorder 2, hidden 0, from 1001/15000 s
            fragmented/sample_fragmented.mp4 2: mp4a.40.2 1 channels 44100 Hz, 46 packets of 1024/44100 s, priming 0
            fragmented/sample_fragmented_seekable.mp4 1: avc1.64001f 1080x720 (1080x720) 30000/1001 frames/s, 30 frames in 1 groups, reorder 2, hidden 0, from 1001/15000 s
            fragmented/sample_fragmented_seekable.mp4 2: mp4a.40.2 1 channels 44100 Hz, 46 packets of 1024/44100 s, priming 0
            fragmented/sample_fragmented_sgpd_v2.mp4 1: refused: the track is encrypted (cbcs) and is never served as if it were clear
            fragmented/v300_multiple_segments.mp4 2: avc1.64001e 640x360 (640x360) 30/1 frames/s, 240 frames in 8 groups, reorder 2, hidden 0, from 1/15 s
            hevc-hdr/black-h265-hvc1-video.mp4 1: hvc1.1.6.L90.90 640x480 (640x480) 25/1 frames/s, 25 frames in 1 groups, reorder 2, hidden 0
            hevc-hdr/ed_hevc.mp4 1: refused: the frame rate varies: frame 26, at 1080.000 ms, is shown 80.000 ms after the one before it, but frame 1 40.000 ms
            hevc-hdr/ed_hevc.mp4 2: mp4a.40.2 2 channels 44100 Hz, 45 packets of 1024/44100 s, priming 1024
            hevc-hdr/sample_with_colr_mdcv_and_clli.mp4 1: av01.0.09M.10.0.110.09.16.09.0 1920x1080 (1920x1080) 60000/1001 frames/s, 60 frames in 1 groups, reorder 0, hidden 0
            hevc-hdr/sample_with_colr_mdcv_and_clli.mp4 2: mp4a.40.2 2 channels 44100 Hz, 44 packets of 1024/44100 s, priming 0
            ladder/BBB_fixedres_B_180x320_100.mp4 1: avc1.4d401f 180x102 (180x102) 16/1 frames/s, 161 frames in 4 groups, reorder 2, hidden 0
            ladder/BBB_fixedres_B_180x320_120.mp4 1: avc1.4d401f 180x102 (180x102) 24/1 frames/s, 242 frames in 4 groups, reorder 2, hidden 0
            ladder/BBB_fixedres_B_180x320_150.mp4 1: avc1.4d401f 180x102 (180x102) 24/1 frames/s, 242 frames in 4 groups, reorder 2, hidden 0
            ladder/BBB_fixedres_B_180x320_200.mp4 1: avc1.4d401f 180x102 (180x102) 24/1 frames/s, 242 frames in 4 groups, reorder 2, hidden 0
            ladder/BBB_fixedres_B_180x320_80.mp4 1: avc1.4d401f 180x102 (180x102) 8/1 frames/s, 80 frames in 4 groups, reorder 2, hidden 0
            ladder/output_audio-2ch-20s.mp4 1: mp4a.40.2 2 channels 48000 Hz, 938 packets of 1024/48000 s, priming 0
            malformed/sample_mdat_too_long.mp4 1: avc1.64001f 1080x720 (1080x720) 30000/1001 frames/s, 30 frames in 1 groups, reorder 2, hidden 0
            malformed/sample_mdat_too_long.mp4 2: mp4a.40.2 1 channels 44100 Hz, 45 packets of 1024/44100 s, priming 0, from 11/250 s
            malformed/sample_unsupported_brands.mp4 1: avc1.64001f 1080x720 (1080x720) 30000/1001 frames/s, 30 frames in 1 groups, reorder 2, hidden 0
            malformed/sample_unsupported_brands.mp4 2: mp4a.40.2 1 channels 44100 Hz, 45 packets of 1024/44100 s, priming 0, from 11/250 s
            malformed/sample_with_invalid_nalu.mp4 1: avc1.64001f 1080x720 (1080x720) 30000/1001 frames/s, 30 frames in 1 groups, reorder 2, hidden 0
            segments/A48 1: mp4a.40.2 2 channels 48000 Hz, 94 packets of 1024/48000 s, priming 0
            segments/V300 2: avc1.64001e 640x360 (640x360) 30/1 frames/s, 60 frames in 2 groups, reorder 2, hidden 0, from 1/15 s
            segments/cmaf-audio 1: mp4a.40.2 1 channels 44100 Hz, 131 packets of 1024/44100 s, priming 1024
            segments/cmaf-video 1: avc1.4d401e 640x360 (640x360) 30/1 frames/s, 90 frames in 12 groups, reorder 1, hidden 0
            splice/midroll-5s.mp4 1: avc1.4d401e 640x360 (640x360) 25/1 frames/s, 125 frames in 1 groups, reorder 2, hidden 0
            splice/midroll-5s.mp4 2: mp4a.40.2 1 channels 44100 Hz, 217 packets of 1024/44100 s, priming 1024
            splice/postroll-5s.mp4 1: avc1.4d401e 640x360 (640x360) 25/1 frames/s, 125 frames in 1 groups, reorder 2, hidden 0
            splice/postroll-5s.mp4 2: mp4a.40.2 1 channels 44100 Hz, 217 packets of 1024/44100 s, priming 1024
            splice/preroll-5s.mp4 1: avc1.4d401e 640x360 (640x360) 25/1 frames/s, 125 frames in 1 groups, reorder 2, hidden 0
            splice/preroll-5s.mp4 2: mp4a.40.2 1 channels 44100 Hz, 217 packets of 1024/44100 s, priming 1024
            splice/silent-black-10s.mp4 1: avc1.64000d 320x240 (320x240) 30/1 frames/s, 300 frames in 2 groups, reorder 2, hidden 0
            splice/silent-black-10s.mp4 2: mp4a.40.2 1 channels 44100 Hz, 432 packets of 1024/44100 s, priming 1024
            text-tracks/fragmented_captions.mp4 1: refused: the frame rate varies: frame 59, at 2002.000 ms, is shown 66.733 ms after the one before it, but frame 1 33.377 ms
            text-tracks/ttml-in-mp4-sample.text.mp4 1: refused: a track of subt is neither picture nor sound
            text-tracks/webvtt-in-mp4-sample.text.mp4 1: refused: a track of text is neither picture nor sound
        "#]].assert_eq(&table);
    }
}

#[test]
fn test_input_under_other_licences_is_taken_in_or_refused_for_a_reason() {
    for case in cases().iter().filter(|c| COPYLEFT.contains(&c.name.as_str())) {
        let movie = movie(case);
        for n in 0..movie.tracks.len() {
            let verdict = verdict(intake(&movie, n, &case.bytes));
            let why = match case.name.as_str() {
                "basic/clip.mp4" => "refused: the frame rate varies",
                "encrypted/short-cenc.mp4" => "refused: the track is encrypted (cenc)",
                _ if movie.tracks[n].kind() == Some(TrackKind::Video) => "avc1.",
                _ => "mp4a.40.2",
            };
            assert!(verdict.starts_with(why), "{}: {verdict}", case.name);
        }
    }
}

#[test]
fn what_is_taken_in_agrees_with_ffprobe() {
    let mut compared = 0;
    for case in cases().iter().filter(|c| c.name != TRUNCATED) {
        let movie = movie(case);
        for (n, stream) in case.expected["streams"].as_array().unwrap().iter().enumerate() {
            let Ok(got) = intake(&movie, n, &case.bytes) else { continue };
            let at = format!("{} stream {n}", case.name);
            let source = &movie.tracks[n];
            let samples: usize = got.blocks.iter().map(|(samples, _)| samples.len()).sum();
            let bytes: u64 = got.blocks.iter().flat_map(|(samples, _)| samples).map(|s| s.size as u64).sum();
            assert_eq!(got.pieces.iter().map(|(_, length)| length).sum::<u64>(), bytes, "{at}");
            let packets = stream["packets"].as_u64().unwrap() as usize;
            assert_eq!(samples, packets, "{at}");
            if source.kind() == Some(TrackKind::Video) {
                assert_eq!(Some(got.blocks.len() as u64), stream["key_packets"].as_u64(), "{at}");
                assert_eq!(stream["width"].as_u64(), Some(got.track.width as u64), "{at}");
            }
            // The first packet that ffprobe lists is the first one decoded, hidden or not.
            let lead = Seconds::new(got.hidden as i64, 1)
                / got.track.rate().map_or(Seconds::new(1, 1), |r| r.ratio());
            let priming = Seconds::new(got.track.priming as i64, got.track.timescale as i64);
            let first = (got.start - lead - priming) * Seconds::new(source.timescale as i64, 1);
            let listed = Seconds::from_integer(stream["min_pts"].as_i64().unwrap());
            let apart = if first > listed { first - listed } else { listed - first };
            if !starts_elsewhere(&case.name, n) {
                let tick = Seconds::new(source.timescale as i64, 1000).max(Seconds::from_integer(1));
                assert!(apart <= tick, "{at}: starts at tick {first}, ffprobe says {listed}");
            }
            compared += 1;
        }
    }
    println!("{compared} tracks compared");
}

/// Where a packet's stated time is not where its sound stands, as the next packet shows.
fn starts_elsewhere(name: &str, stream: usize) -> bool {
    stream == 1 && (name.ends_with("sample_with_chapters.mp4") || name.contains("increasing_timestamps"))
}

/// What shiguredo_mp4 reads: samples of each track, as far as both libraries tell the same things.
type Rows = BTreeMap<u32, Vec<(i64, u32, u64, u64, i64, bool)>>;

fn push(rows: &mut Rows, base: u64, s: &OtherSample) {
    let shift = s.composition_time_offset.unwrap_or(0);
    let row = (s.timestamp as i64, s.duration, base + s.data_offset, s.data_size as u64, shift, s.keyframe);
    rows.entry(s.track.track_id).or_default().push(row);
}

fn other_rows(case: &Case) -> Result<Rows, DemuxError> {
    let mut rows = Rows::new();
    if case.expected["moof"].as_u64() == Some(0) {
        let mut demuxer = Mp4FileDemuxer::new();
        demuxer.handle_input(Input { position: 0, data: &case.bytes });
        while let Some(sample) = demuxer.next_sample()? {
            push(&mut rows, 0, &sample);
        }
        return Ok(rows);
    }
    let boxes = top(&case.bytes, &mut Budget::of_a_file()).unwrap();
    let of_kind = |kind| move |b: &&BoxRef| b.kind == kind;
    let init: Vec<u8> = boxes
        .iter()
        .filter(|b| matches!(&b.kind, b"ftyp" | b"moov"))
        .flat_map(|b| b.whole)
        .copied()
        .collect();
    let mut demuxer = Fmp4SegmentDemuxer::new();
    demuxer.handle_init_segment(&init)?;
    for (moof, mdat) in boxes.iter().filter(of_kind(*b"moof")).zip(boxes.iter().filter(of_kind(*b"mdat"))) {
        let segment = &case.bytes[moof.start as usize..mdat.start as usize + mdat.whole.len()];
        for sample in demuxer.handle_media_segment(segment)? {
            push(&mut rows, moof.start, &sample);
        }
    }
    Ok(rows)
}

#[test]
fn a_second_parser_sees_the_same_samples() {
    let mut compared = 0;
    for case in cases().iter().filter(|c| c.name != TRUNCATED) {
        let other = match other_rows(case) {
            Ok(rows) => rows,
            Err(e) => {
                println!("{}: the second parser says: {e}", case.name);
                continue;
            }
        };
        for track in &movie(case).tracks {
            let Some(rows) = other.get(&track.id) else { continue };
            let row = |s: Sample| (s.decode, s.duration, s.offset, s.size as u64, s.shift, s.sync);
            let ours: Vec<_> = track.samples().map(row).collect();
            assert_eq!(&ours, rows, "{} track {}", case.name, track.id);
            compared += 1;
        }
    }
    println!("{compared} tracks compared");
}

/// Reads a file, and takes in every track that it has.
fn swallow(bytes: &[u8]) {
    let Ok(movie) = read(bytes) else { return };
    for (n, track) in movie.tracks.iter().enumerate() {
        let (mut count, mut size) = (0u64, 0u64);
        for sample in track.samples() {
            count += 1;
            size = size.saturating_add(sample.size as u64);
        }
        assert_eq!(count, track.sample_count());
        if let Ok(got) = intake(&movie, n, bytes) {
            assert!(got.pieces.iter().all(|(offset, length)| offset + length <= bytes.len() as u64));
            let mut index = media::IndexWriter::new(got.track);
            for (samples, id) in &got.blocks {
                index.push_block(samples, *id).expect("every block that is taken in can be indexed");
            }
            index.finish().expect("an index");
        }
    }
}

#[test]
fn every_case_that_is_taken_in_can_be_indexed() {
    for case in cases() {
        swallow(&case.bytes);
    }
}

#[test]
fn truncation_at_any_length_is_answered() {
    for case in cases() {
        // Every length of the small files; of others the boxes' ends, where most decisions are taken.
        let end = case.bytes.len();
        let small = end < 6000;
        let near = |at: usize| (at.saturating_sub(9)..(at + 10).min(end)).collect::<Vec<_>>();
        let boxes = top(&case.bytes, &mut Budget::of_a_file()).unwrap_or_default();
        let lengths: Vec<usize> = if small {
            (0..end).collect()
        } else {
            boxes.iter().flat_map(|b| near(b.start as usize)).collect()
        };
        for length in lengths {
            swallow(&case.bytes[..length]);
        }
    }
}

#[test]
fn a_film_cut_off_in_its_samples_is_refused_where_it_ends() {
    let Some(bytes) = case("basic/sample_12_5fps_720p_1s.mp4") else { return };
    let cut = &bytes[..bytes.len() - 1000];
    let movie = read(cut).expect("the index comes first in this file");
    let refused =
        (0..2).find_map(|n| intake(&movie, n, cut).err()).expect("some sample is missing").to_string();
    assert!(refused.contains("past the end of the file (616660 bytes)"), "{refused}");
}

/// Small files of every kind, for damage at random.
const SMALL: [&str; 12] = [
    "audio/opus.mp4",
    "audio/sample_ac3.mp4",
    "av1/black-av1-video.mp4",
    "av1/sample_with_av1c.mp4",
    "basic/sample.mp4",
    "edit-list/edit_list_positive_shift.mp4",
    "encrypted/cbcs.mp4",
    "hevc-hdr/black-h265-hvc1-video.mp4",
    "hevc-hdr/ed_hevc.mp4",
    "splice/preroll-5s.mp4",
    "text-tracks/ttml-in-mp4-sample.text.mp4",
    "text-tracks/webvtt-in-mp4-sample.text.mp4",
];

/// Bytes of `moov` and `moof` boxes, where damage means something.
fn places(bytes: &[u8]) -> Vec<usize> {
    let boxes = top(bytes, &mut Budget::of_a_file()).unwrap();
    let tables = boxes.iter().filter(|b| b.kind != *b"mdat");
    tables.flat_map(|b| b.start as usize..b.start as usize + b.whole.len()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_answered(hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5), big: bool) {
        for name in SMALL {
            let Some(mut bytes) = case(name) else { return Ok(()) };
            let places = places(&bytes);
            for (at, value) in &hits {
                let at = places[at.index(places.len())];
                bytes[at] = if big { 0xff } else { *value };
            }
            swallow(&bytes);
        }
    }

    #[test]
    fn truncation_is_answered(at: prop::sample::Index) {
        for name in SMALL {
            let Some(bytes) = case(name) else { return Ok(()) };
            swallow(&bytes[..at.index(bytes.len())]);
        }
    }
}

#[test]
fn what_must_survive_survives() {
    let track = |name: &str, n: usize| {
        let bytes = case(name)?;
        Some(intake(&read(&bytes).unwrap(), n, &bytes).unwrap_or_else(|e| panic!("{name}: {e}")))
    };
    let Some(hdr) = track("hevc-hdr/sample_with_colr_mdcv_and_clli.mp4", 0) else { return };
    let entry = media::entry::read(&hdr.track.sample_entry, TrackKind::Video).unwrap();
    let kinds: Vec<_> = entry.children.iter().map(|b| String::from_utf8_lossy(&b.kind)).collect();
    assert_eq!(kinds, ["av1C", "colr", "clli", "mdcv", "pasp", "btrt"]);
    let colour = entry.colour().unwrap();
    assert_eq!((colour.primaries, colour.transfer, colour.matrix, colour.full_range), (9, 16, 9, false));
    let portrait = track("basic/sample_portrait.mp4", 0).unwrap();
    let bytes = case("basic/sample_portrait.mp4").unwrap();
    let at = bytes.windows(4).position(|w| w == b"tkhd").unwrap() + 44;
    let words: Vec<i32> =
        bytes[at..at + 36].chunks(4).map(|w| i32::from_be_bytes(w.try_into().unwrap())).collect();
    assert_eq!(portrait.track.matrix.as_slice(), words);
    let config = track("av1/sample_with_av1c.mp4", 0).unwrap();
    let raw = case("av1/sample_with_av1c.mp4").unwrap();
    assert!(raw.windows(config.track.sample_entry.len()).any(|w| w == config.track.sample_entry), "verbatim");
    let obus =
        media::entry::read(&config.track.sample_entry, TrackKind::Video).unwrap().config(b"av1C").unwrap();
    assert!(obus.len() > 4, "the configuration keeps its sequence header");
    // Rungs of one ladder: groups begin at 0, 3, 6 and 9 s whatever the rate.
    for rung in [80, 100, 120, 150, 200] {
        let rung = track(&format!("ladder/BBB_fixedres_B_180x320_{rung}.mp4"), 0).unwrap();
        let rate = rung.track.rate().unwrap();
        let starts = rung.blocks.iter().scan(0, |at, (samples, _)| {
            let start = *at;
            *at += samples.len() as i64;
            Some(rate.seconds(start))
        });
        assert_eq!(starts.collect::<Vec<_>>(), [0, 3, 6, 9].map(Seconds::from_integer));
    }
    let chapters = read(&case("basic/sample_with_chapters.mp4").unwrap()).unwrap().chapters;
    let names: Vec<_> = chapters.iter().map(|c| (c.at, c.name.as_str())).collect();
    let ms = |n| Seconds::new(n, 1000);
    assert_eq!(names, [(ms(0), "Chapter 1"), (ms(201), "Chapter 2"), (ms(800), "Chapter 3")]);
}

#[test]
fn idr_pictures_next_to_each_other_have_ids_of_their_own() {
    for case in cases().iter().filter(|c| c.name != TRUNCATED) {
        let movie = movie(case);
        for n in 0..movie.tracks.len() {
            let Ok(got) = intake(&movie, n, &case.bytes) else { continue };
            if got.track.codec != media::Codec::Avc {
                continue;
            }
            for pair in got.blocks.windows(2).filter(|pair| pair[0].0.len() == 1) {
                assert_ne!(pair[0].1, pair[1].1, "{}", case.name);
            }
        }
    }
}

#[test]
fn encryption_is_described() {
    let Some(bytes) = case("encrypted/cbcs.mp4") else { return };
    let movie = read(&bytes).unwrap();
    let protection = movie.tracks[0].protection.as_ref().unwrap();
    assert_eq!((&protection.original, &protection.scheme), (b"avc1", b"cbcs"));
    assert_eq!(movie.key_systems.len(), 2);
    assert_eq!(movie.tracks[1].protection, None);
}
