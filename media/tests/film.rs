//! The samples of a real film, packaged, and read back by ffmpeg: alone, over HLS and over DASH.

use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

use media::cmaf::{Sample, fragment_header, init};
use media::time::{Rate, Seconds};
use media::track::{Codec, Track, UNIT_MATRIX};
use media::{dash, hls};

const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../films/sintel-trailer.mp4");

/// One sample of the film. Times are in units: frames of the picture, ticks of the sound.
struct Packet {
    pts: i64,
    dts: i64,
    sync: bool,
    bytes: Vec<u8>,
}

/// A stream of the film as Phim packages it.
struct Stream {
    track: Track,
    media_time: u32,
    packets: Vec<Packet>,
    /// Segments, as ranges of packets.
    segments: Vec<Range<usize>>,
}

/// Standard output of a tool; nothing when it is not installed.
fn run(program: &str, args: &[&str], input: &[u8]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        println!("skipped: {program} is not installed");
        return None;
    };
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
    // The tool may stop reading when it has enough, which is no failure.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{program} complains");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Samples of one stream of the film, in decode order.
fn packets(stream: &str) -> Option<Vec<Packet>> {
    let Ok(film) = std::fs::read(FILM) else {
        println!("skipped: {FILM} is not here");
        return None;
    };
    let args = ["-v", "error", "-select_streams", stream, "-show_entries", "packet=pts,dts,size,pos,flags"];
    let text = run("ffprobe", &[&args[..], &["-of", "default=nw=1", FILM]].concat(), &[])?;
    let fields: Vec<&str> = text.lines().map(|l| l.split_once('=').unwrap().1).collect();
    let packet = |f: &[&str]| {
        let (size, at): (usize, usize) = (f[2].parse().unwrap(), f[3].parse().unwrap());
        let (pts, dts) = (f[0].parse().unwrap(), f[1].parse().unwrap());
        Packet { pts, dts, sync: f[4].starts_with('K'), bytes: film[at..at + size].to_vec() }
    };
    Some(fields.chunks(5).map(packet).collect())
}

/// The sample entry box of `kind`, found by its name.
fn sample_entry(kind: &[u8; 4]) -> Vec<u8> {
    let film = std::fs::read(FILM).unwrap();
    let in_stsd = |at: &usize| &film[*at..at + 4] == kind && &film[at - 16..at - 12] == b"stsd";
    let at = (16..film.len() - 4).rev().find(in_stsd).unwrap() - 4;
    let size = u32::from_be_bytes(film[at..at + 4].try_into().unwrap());
    film[at..at + size as usize].to_vec()
}

fn video() -> Option<Stream> {
    let packets = packets("v")?;
    let track = Track {
        codec: Codec::Avc,
        sample_entry: sample_entry(b"avc1"),
        codec_string: "avc1.64001f".into(),
        timescale: 24_000,
        unit_ticks: 1000,
        priming: 0,
        reorder: 2,
        width: 1280,
        height: 720,
        display_width: 1280,
        display_height: 720,
        matrix: UNIT_MATRIX,
        channels: 0,
        sample_rate: 0,
    };
    let mut starts: Vec<usize> = (0..packets.len()).filter(|n| packets[*n].sync).collect();
    starts.push(packets.len());
    let segments = starts.windows(2).map(|w| w[0]..w[1]).collect();
    Some(Stream { track, media_time: 2000, packets, segments })
}

fn sound() -> Option<Stream> {
    let packets = packets("a")?;
    let track = Track {
        codec: Codec::Aac,
        sample_entry: sample_entry(b"mp4a"),
        codec_string: "mp4a.40.2".into(),
        timescale: 48_000,
        unit_ticks: 1024,
        width: 0,
        height: 0,
        channels: 2,
        sample_rate: 48_000,
        ..video()?.track
    };
    let segments = (0..packets.len()).step_by(188).map(|n| n..packets.len().min(n + 188)).collect();
    Some(Stream { track, media_time: 0, packets, segments })
}

impl Stream {
    fn init(&self) -> Vec<u8> {
        init(&self.track, self.media_time, "en")
    }

    fn segment(&self, n: usize) -> Vec<u8> {
        let range = self.segments[n].clone();
        let ticks = self.track.unit_ticks;
        let samples = self.packets[range.clone()].iter().map(|p| Sample {
            size: p.bytes.len() as u32,
            duration: ticks,
            offset: (p.pts - p.dts) as u32 * ticks,
            sync: p.sync,
        });
        let samples: Vec<Sample> = samples.collect();
        let mut out = fragment_header(n as u32 + 1, range.start as u64 * u64::from(ticks), &samples);
        self.packets[range].iter().for_each(|p| out.extend(&p.bytes));
        out
    }

    fn whole(&self) -> Vec<u8> {
        let segments = (0..self.segments.len()).flat_map(|n| self.segment(n));
        self.init().into_iter().chain(segments).collect()
    }

    fn playlist(&self, folder: &str) -> String {
        let rate = Rate::new(self.track.timescale, self.track.unit_ticks).unwrap();
        let at = |sample: usize| rate.seconds(sample as i64);
        let segment = |(n, r): (usize, &Range<usize>)| hls::Segment {
            uri: format!("{folder}/{n}.m4s"),
            from: at(r.start),
            to: at(r.end),
        };
        let segments = self.segments.iter().enumerate().map(segment).collect();
        let part = hls::Part { map: Some(format!("{folder}/init-0.mp4")), segments };
        hls::media(&hls::Playlist { frames_only: false, key: None, parts: vec![part] })
    }

    fn timeline(&self) -> dash::Stream {
        dash::Stream {
            timescale: self.track.timescale,
            offset: 0,
            initialization: "$RepresentationID$/init-0.mp4".into(),
            media: "$RepresentationID$/$Number$.m4s".into(),
            first: 0,
            start: 0,
            durations: self
                .segments
                .iter()
                .map(|r| r.len() as u64 * u64::from(self.track.unit_ticks))
                .collect(),
            continues: false,
        }
    }

    fn write(&self, folder: &Path) {
        std::fs::create_dir(folder).unwrap();
        std::fs::write(folder.join("init-0.mp4"), self.init()).unwrap();
        for n in 0..self.segments.len() {
            std::fs::write(folder.join(format!("{n}.m4s")), self.segment(n)).unwrap();
        }
    }
}

/// The film as files with both manifests.
fn write_delivery(folder: &Path, video: &Stream, sound: &Stream) {
    let bandwidth = hls::Bandwidth { peak: 3_000_000, average: 1_500_000 };
    let rate = Rate::new(24, 1).unwrap();
    let rendition = hls::Rendition {
        uri: "v0.m3u8".into(),
        codecs: vec![video.track.codec_string.clone()],
        width: 1280,
        height: 720,
        rate,
        range: media::picture::VideoRange::Sdr,
        bandwidth,
        frames: None,
    };
    let heard = hls::Sound {
        uri: "a0.m3u8".into(),
        language: "en".into(),
        label: "English".into(),
        codecs: vec![sound.track.codec_string.clone()],
        channels: 2,
        bandwidth,
    };
    let list = hls::Multivariant { renditions: vec![rendition], sounds: vec![heard], texts: vec![] };
    let period = dash::Period {
        from: Seconds::from_integer(0),
        to: rate.seconds(video.packets.len() as i64),
        video: vec![dash::Video {
            id: "v0".into(),
            codecs: video.track.codec_string.clone(),
            bandwidth: bandwidth.peak,
            width: 1280,
            height: 720,
            pixel_aspect: (1, 1),
            rate,
            colour: None,
            protection: None,
            stream: video.timeline(),
        }],
        sounds: vec![dash::Sound {
            id: "a0".into(),
            codecs: sound.track.codec_string.clone(),
            bandwidth: bandwidth.peak,
            language: "en".into(),
            label: "English".into(),
            channels: 2,
            sample_rate: 48_000,
            protection: None,
            stream: sound.timeline(),
        }],
        texts: vec![],
        thumbnails: None,
    };
    let files = [
        ("hls.m3u8", hls::multivariant(&list)),
        ("v0.m3u8", video.playlist("v0")),
        ("a0.m3u8", sound.playlist("a0")),
        ("dash.mpd", dash::write(&dash::Presentation { periods: vec![period] })),
    ];
    files.iter().for_each(|(name, text)| std::fs::write(folder.join(name), text).unwrap());
    video.write(&folder.join("v0"));
    sound.write(&folder.join("a0"));
}

/// What ffmpeg reads of one stream: presentation instant and digest of each frame or sample.
fn digests(source: &str, input: &[u8], args: &[&str]) -> Option<Vec<(Seconds, String)>> {
    let args = [&["-v", "error", "-i", source], args, &["-f", "framemd5", "-"]].concat();
    let text = run("ffmpeg", &args, input)?;
    let base = text.lines().find_map(|l| l.strip_prefix("#tb 0: ")).unwrap();
    let (num, den) = base.split_once('/').unwrap();
    let base = Seconds::new(num.parse().unwrap(), den.parse().unwrap());
    let read = text.lines().filter(|l| !l.starts_with('#')).map(|l| {
        let fields: Vec<&str> = l.split(',').map(str::trim).collect();
        (base * fields[2].parse::<i64>().unwrap(), fields[5].to_owned())
    });
    Some(read.collect())
}

#[test]
fn decoded_pictures_and_their_times_survive() {
    let Some(video) = video() else { return };
    let args = ["-map", "0:v", "-frames:v", "300"];
    let Some(ours) = digests("pipe:0", &video.whole(), &args) else { return };
    assert_eq!(ours.len(), 300);
    assert_eq!(ours, digests(FILM, &[], &args).unwrap());
}

#[test]
fn every_sample_survives_hls_and_dash() {
    let (Some(video), Some(sound)) = (video(), sound()) else { return };
    let folder = tempfile::tempdir().unwrap();
    write_delivery(folder.path(), &video, &sound);
    for (stream, samples) in [("0:v", video.packets.len()), ("0:a", sound.packets.len())] {
        let args = ["-map", stream, "-c", "copy"];
        let Some(film) = digests(FILM, &[], &args) else { return };
        assert_eq!(film.len(), samples);
        for manifest in ["hls.m3u8", "dash.mpd"] {
            let path = folder.path().join(manifest);
            let read = digests(path.to_str().unwrap(), &[], &args).unwrap();
            assert!(read == film, "{manifest} {stream}");
        }
    }
}

/// The edit list takes the priming back: the first heard sample sounds at 0.
#[test]
fn priming_is_taken_back() {
    let Some(sound) = sound() else { return };
    let sound = Stream { media_time: 1024, ..sound };
    let args =
        ["-v", "error", "-show_entries", "packet=pts", "-of", "csv=p=0", "-read_intervals", "%+#3", "pipe:0"];
    let Some(text) = run("ffprobe", &args, &sound.whole()) else { return };
    let read: Vec<&str> = text.lines().map(|l| l.trim_end_matches(',')).collect();
    assert_eq!(read, ["-1024", "0", "1024"]);
}
