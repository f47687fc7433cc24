//! Tracks of other projects' files, taken in, packaged, and decoded: the same pictures and the same
//! packets of sound as from the file itself, each picture exactly one frame after the one before.

use std::path::Path;
use std::process::Command;

use media::cmaf::{Sample, fragment_header, init};
use media::foreign::{Intake, intake, read};
use media::{TrackKind, index};

use crate::cases_mp4::{cases, parts};

const CASES: [&str; 9] = [
    "audio/opus.mp4",
    "audio/sample_ac3.mp4",
    "av1/sample_with_av1c.mp4",
    "b-frames/bbb_800x640_768kbps_30fps_avc_pyramid_3b.mp4",
    "b-frames/h265_bframes.mp4",
    "edit-list/sample_edit_list_only_preroll_sync_sample.mp4",
    "fragmented/v300_multiple_segments.mp4",
    "segments/cmaf-audio",
    "segments/cmaf-video",
];

/// The track as one CMAF file: a fragment a block, its samples as they lie in the source.
fn packaged(intake: &Intake, file: &[u8]) -> Vec<u8> {
    let track = &intake.track;
    let unit = track.unit_ticks;
    let raised = track.reorder as u32 * unit;
    let media_time = if track.kind() == TrackKind::Video { raised } else { track.priming };
    let blob: Vec<u8> = intake
        .pieces
        .iter()
        .flat_map(|(at, length)| &file[*at as usize..][..*length as usize])
        .copied()
        .collect();
    let mut out = init(track, media_time, &intake.language);
    let (mut at, mut time) = (0, 0);
    for (n, (samples, _)) in intake.blocks.iter().enumerate() {
        let sample = |(k, s): (usize, &index::Sample)| Sample {
            size: s.size,
            duration: unit,
            offset: (raised as i64 + s.shift as i64 * unit as i64) as u32,
            sync: k == 0 || track.kind() == TrackKind::Audio,
        };
        let samples: Vec<Sample> = samples.iter().enumerate().map(sample).collect();
        let length: usize = samples.iter().map(|s| s.size as usize).sum();
        out.extend(fragment_header(n as u32 + 1, time, &samples));
        out.extend(&blob[at..at + length]);
        at += length;
        time += samples.len() as u64 * unit as u64;
    }
    assert_eq!(at, blob.len(), "the pieces are the samples, no more");
    out
}

/// Time and hash of every frame or packet, as ffmpeg reads them; `None` when it is not installed.
fn hashes(path: &Path, options: &[&str], kind: TrackKind) -> Option<Vec<(i64, String)>> {
    let stream: &[&str] = match kind {
        TrackKind::Video => &["-map", "0:v:0", "-vsync", "passthrough", "-copyts"],
        TrackKind::Audio => &["-map", "0:a:0", "-c", "copy", "-copyts"],
    };
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error"]).args(options).arg("-i").arg(path).args(stream);
    let Ok(output) = command.args(["-f", "framehash", "-hash", "md5", "-"]).output() else {
        println!("skipped: ffmpeg is not installed");
        return None;
    };
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "ffmpeg complains about {}", path.display());
    let text = String::from_utf8(output.stdout).unwrap();
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        (fields[2].parse().unwrap(), fields[5].to_owned())
    };
    Some(text.lines().filter(|l| !l.starts_with('#')).map(row).collect())
}

#[test]
fn what_is_taken_in_decodes_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for case in cases().iter().filter(|c| CASES.contains(&parts(c).0)) {
        let (name, bytes) = parts(case);
        let (source, ours) = (folder.path().join("source.mp4"), folder.path().join("ours.mp4"));
        std::fs::write(&source, bytes).unwrap();
        let got = intake(&read(bytes).unwrap(), 0, bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        std::fs::write(&ours, packaged(&got, bytes)).unwrap();
        let kind = got.track.kind();
        let Some(expected) = hashes(&source, &["-ignore_editlist", "1"], kind) else { return };
        let Some(found) = hashes(&ours, &[], kind) else { return };
        assert_eq!(found.len(), got.blocks.iter().map(|(samples, _)| samples.len()).sum::<usize>(), "{name}");
        let only_hashes =
            |rows: &[(i64, String)]| rows.iter().map(|(_, hash)| hash.clone()).collect::<Vec<_>>();
        assert_eq!(only_hashes(&found), only_hashes(&expected), "{name}");
        if kind == TrackKind::Video {
            let steps = found.windows(2).all(|pair| pair[1].0 - pair[0].0 == 1);
            assert!(found[0].0 == 0 && steps, "{name}: one frame after the other, from 0");
        }
    }
}
