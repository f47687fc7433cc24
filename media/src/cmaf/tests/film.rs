//! Init and fragments around the samples of a real film, read back by ffmpeg.

use std::io::Write;
use std::process::{Command, Stdio};

use super::{Sample, fragment_header, init, sound, video};

const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../films/sintel-trailer.mp4");

/// Standard output of a tool; nothing when it is not installed.
fn run(program: &str, args: &[&str], input: Vec<u8>) -> Option<String> {
    let spawned = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        println!("skipped: {program} is not installed");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    // The tool may stop reading when it has enough, which is no failure.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{program} complains");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Samples of one stream of the film with their bytes, in decode order; times in units.
fn packets(stream: &str) -> Option<Vec<(i64, i64, bool, Vec<u8>)>> {
    let film = std::fs::read(FILM).ok().or_else(|| {
        println!("skipped: {FILM} is not here");
        None
    })?;
    let entries = "packet=pts,dts,size,pos,flags";
    let text = run(
        "ffprobe",
        &["-v", "error", "-select_streams", stream, "-show_entries", entries, "-of", "default=nw=1", FILM],
        vec![],
    )?;
    let fields: Vec<&str> = text.lines().map(|l| l.split_once('=').unwrap().1).collect();
    let packet = |f: &[&str]| {
        let (size, at): (usize, usize) = (f[2].parse().unwrap(), f[3].parse().unwrap());
        (f[0].parse().unwrap(), f[1].parse().unwrap(), f[4].starts_with('K'), film[at..at + size].to_vec())
    };
    Some(fields.chunks(5).map(packet).collect())
}

fn digests(input: Vec<u8>, source: &str, args: &[&str]) -> Option<Vec<String>> {
    let args = [&["-v", "error", "-i", source], args, &["-f", "framemd5", "-"]].concat();
    let lines = run("ffmpeg", &args, input)?;
    Some(lines.lines().filter(|l| !l.starts_with('#')).map(str::to_owned).collect())
}

/// One fragment for each group of pictures; every frame decodes to the same picture at the same time.
#[test]
fn pictures_and_times_survive() {
    let Some(packets) = packets("v") else { return };
    let mut file = init(&video(), 2000, "");
    let mut time = 0;
    let groups = packets.chunk_by(|_, next| !next.2).take(3);
    let mut frames = 0;
    for (n, group) in groups.enumerate() {
        let samples: Vec<Sample> = group
            .iter()
            .map(|(pts, dts, sync, bytes)| Sample {
                size: bytes.len() as u32,
                duration: 1000,
                offset: (pts - dts) as u32 * 1000,
                sync: *sync,
            })
            .collect();
        file.extend(fragment_header(n as u32 + 1, time, &samples));
        group.iter().for_each(|(_, _, _, bytes)| file.extend(bytes));
        time += 1000 * group.len() as u64;
        frames += group.len();
    }
    let count = frames.to_string();
    let args = ["-map", "0:v", "-frames:v", &count];
    let Some(ours) = digests(file, "pipe:0", &args) else {
        return;
    };
    let theirs = digests(vec![], FILM, &args).unwrap();
    assert_eq!(ours.len(), frames);
    assert_eq!(ours, theirs);
}

#[test]
fn sound_and_its_times_survive() {
    let Some(packets) = packets("a") else { return };
    let mut file = init(&sound(), 0, "en");
    for (n, run) in packets.chunks(188).enumerate() {
        let samples: Vec<Sample> = run
            .iter()
            .map(|(_, _, _, bytes)| Sample {
                size: bytes.len() as u32,
                duration: 1024,
                offset: 0,
                sync: true,
            })
            .collect();
        file.extend(fragment_header(n as u32 + 1, n as u64 * 188 * 1024, &samples));
        run.iter().for_each(|(_, _, _, bytes)| file.extend(bytes));
    }
    let args = ["-map", "0:a", "-c", "copy"];
    let Some(ours) = digests(file, "pipe:0", &args) else {
        return;
    };
    assert_eq!(ours.len(), packets.len());
    assert_eq!(ours, digests(vec![], FILM, &args).unwrap());
}

/// The edit list takes the delay back: ffmpeg presents the first picture and the first heard sound at 0.
#[test]
fn delay_is_taken_back() {
    let fragment =
        |duration, offset| fragment_header(1, 0, &[Sample { size: 4, duration, offset, sync: true }; 3]);
    let mut sounding = init(&sound(), 1024, "");
    sounding.extend(fragment(1024, 0));
    sounding.extend([0x21; 12]);
    let args = ["-v", "quiet", "-show_entries", "packet=pts", "-of", "csv=p=0", "pipe:0"];
    let Some(text) = run("ffprobe", &args, sounding) else {
        return;
    };
    assert_eq!(
        text.split_whitespace().map(|l| l.trim_end_matches(',')).collect::<Vec<_>>(),
        ["-1024", "0", "1024"]
    );
}
