use std::path::Path;
use std::sync::Mutex;

use media::{Kind, Rate};
use workshop::ladder::{Ladder, ladder};
use workshop::probe::probe;
use workshop::sound::{Loudness, loudness, sounds};
use workshop::subtitles::subtitles;
use workshop::tiles::{poster, tiles};
use workshop::{Encoded, Stored};

use crate::stage::{ffmpeg, film, make_film, mp4, sandbox};

fn make(file: &Path, folder: &Path) -> media::Result<Ladder> {
    let sandbox = sandbox();
    ladder(&sandbox, &probe(&sandbox, file)?, folder, &|_| ())
}

fn sizes(ladder: &Ladder) -> Vec<(u16, u16)> {
    ladder.renditions.iter().map(|r| (r.index.track().width, r.index.track().height)).collect()
}

/// Every rendition has the same frames, in closed groups of `group`, at the same places.
fn check(ladder: &Ladder, frames: u32, group: u32) {
    for rendition in &ladder.renditions {
        let index = &rendition.index;
        assert_eq!(index.samples(), frames);
        assert_eq!(index.track().rate().unwrap(), ladder.rate);
        for n in 0..index.blocks() {
            assert_eq!(index.block_first(n), n as u32 * group);
        }
    }
}

#[test]
fn a_film_becomes_a_ladder_that_is_not_made_twice() {
    let folder = tempfile::tempdir().unwrap();
    let file = film("big-buck-bunny-clip.mp4");
    let made = make(&file, folder.path()).unwrap();
    assert_eq!(sizes(&made), [(1280, 720), (854, 480), (640, 360), (426, 240)]);
    check(&made, 132, 50);
    let avcc = media::h264::Avcc::of_entry(&made.renditions[0].index.track().sample_entry).unwrap();
    assert_eq!((avcc.profile, avcc.level), (100, 31));
    let changed = |r: &Encoded| std::fs::metadata(&r.samples).unwrap().modified().unwrap();
    let before: Vec<_> = made.renditions.iter().map(changed).collect();
    let again = make(&file, folder.path()).unwrap();
    assert_eq!(again.renditions.iter().map(changed).collect::<Vec<_>>(), before);

    let sandbox = sandbox();
    let small = again.renditions.last().unwrap();
    let read = |at, len| small.read(at, len);
    let stored = Stored { index: &small.index, read: &read };
    let made = tiles(&sandbox, stored, 0, 132, folder.path()).unwrap();
    assert_eq!((made.width, made.height), (256, 144));
    assert_eq!(made.tiles.iter().map(|(frame, _)| *frame).collect::<Vec<_>>(), [0, 50, 100]);
    let headers: Vec<_> = made
        .tiles
        .iter()
        .map(|(_, jpeg)| &jpeg[..jpeg.windows(2).position(|p| p == [0xff, 0xda]).unwrap()])
        .collect();
    assert!(headers.windows(2).all(|pair| pair[0] == pair[1]), "the tables of all tiles are equal");
    let large = &again.renditions[0];
    let read = |at, len| large.read(at, len);
    let (frame, jpeg) =
        poster(&sandbox, Stored { index: &large.index, read: &read }, 0, 132, folder.path()).unwrap();
    assert!(large.index.is_sync(frame));
    assert!(jpeg.starts_with(&[0xff, 0xd8]) && jpeg.len() > 20_000, "{}", jpeg.len());
    if let Some(keep) = std::env::var_os("PHIM_KEEP_POSTER") {
        std::fs::write(keep, jpeg).unwrap();
    }
}

/// Both decode to pictures of the same film: the later part shows what the whole shows.
fn assert_same_pictures(a: &Encoded, b: &Encoded) {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (n, encoded) in [a, b].into_iter().enumerate() {
        let path = folder.path().join(format!("{n}.mp4"));
        let samples = encoded.read(0, encoded.index.blob_len()).unwrap();
        std::fs::write(&path, mp4(&encoded.index, &samples)).unwrap();
        files.push(path.to_str().unwrap().to_string());
    }
    let log = folder.path().join("psnr");
    let graph = format!("[0:v][1:v]psnr=stats_file={}", log.display());
    ffmpeg(&["-i", &files[0], "-i", &files[1], "-lavfi", &graph, "-f", "null", "-"]);
    let log = std::fs::read_to_string(log).unwrap();
    let worst = log
        .lines()
        .filter_map(|l| l.split("psnr_y:").nth(1)?.split(' ').next()?.parse::<f64>().ok())
        .fold(99.0, f64::min);
    assert_eq!(log.lines().count() as u32, a.index.samples());
    assert!(worst > 30.0, "{worst}");
}

#[test]
fn a_turned_anamorphic_interlaced_film_of_odd_size_and_variable_rate_is_straightened() {
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("odd.mkv");
    // Every fifth frame is missing, pixels are wide, the picture is of odd size.
    let source = "testsrc2=s=323x241:r=30:d=4,select='mod(n,5)',setsar=4/3,format=yuv444p";
    ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        source,
        "-fps_mode",
        "vfr",
        "-c:v",
        "libx264",
        "-profile:v",
        "high444",
        odd.to_str().unwrap(),
    ]);
    let found = probe(&sandbox(), &odd).unwrap().video.unwrap();
    assert_eq!((found.shown(), found.pixel_aspect), ((431, 241), (4, 3)));
    let made = make(&odd, folder.path()).unwrap();
    assert_eq!(sizes(&made), [(432, 242)]);
    let seconds = made.rate.seconds(made.renditions[0].index.samples() as i64);
    assert!(
        (media::Seconds::new(19, 5)..media::Seconds::new(21, 5)).contains(&seconds),
        "{seconds} s at {}",
        made.rate
    );

    let turned = folder.path().join("turned.mp4");
    make_film(
        &folder.path().join("lying.mp4"),
        "320x180",
        "25",
        2,
        &["-c:v", "libx264", "-flags", "+ildct", "-x264-params", "tff=1"],
    );
    let lying = folder.path().join("lying.mp4");
    turn(&lying, &turned);
    let found = probe(&sandbox(), &turned).unwrap().video.unwrap();
    assert_eq!((found.shown(), found.interlaced), ((180, 320), true));
    let place = tempfile::tempdir().unwrap();
    let made = make(&turned, place.path()).unwrap();
    assert_eq!(sizes(&made), [(180, 320)]);
    check(&made, 50, 50);
}

/// Marks a film as standing; ffmpeg 6 and later say it otherwise than ffmpeg 5.
fn turn(lying: &Path, turned: &Path) {
    let (from, to) = (lying.to_str().unwrap(), turned.to_str().unwrap());
    let run = |args: &[&str]| {
        let status = std::process::Command::new("ffmpeg").args(["-v", "quiet", "-y"]).args(args).status();
        status.unwrap().success()
    };
    let newer = run(&["-display_rotation", "-90", "-i", from, "-c", "copy", to]);
    assert!(newer || run(&["-i", from, "-c", "copy", "-metadata:s:v", "rotate=90", to]));
}

#[test]
fn sound_is_encoded_in_step_with_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let file = film("big-buck-bunny-clip.mp4");
    let sandbox = sandbox();
    let probe = probe(&sandbox, &file).unwrap();
    let start = workshop::ladder::Start::of(&probe).unwrap();
    let made = sounds(&sandbox, &probe, start, folder.path(), &|_| ()).unwrap();
    assert_eq!(
        made.iter().map(|s| (s.surround, s.encoded.index.track().channels)).collect::<Vec<_>>(),
        [(false, 2), (true, 6)]
    );
    for sound in &made {
        let track = sound.encoded.index.track();
        assert_eq!(
            (track.codec_string.as_str(), track.sample_rate, track.unit_ticks, track.priming),
            ("mp4a.40.2", 48_000, 1024, 1024)
        );
        assert!(sound.loudness.integrated.is_some_and(|i| (-500..0).contains(&i)), "{:?}", sound.loudness);
    }
    let again = sounds(&sandbox, &probe, start, folder.path(), &|_| ()).unwrap();
    assert_eq!(again[0].loudness, made[0].loudness);
}

#[test]
fn sound_that_begins_before_the_picture_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("late.mkv");
    ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        "sine=d=4:r=48000",
        "-itsoffset",
        "1",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=128x96:r=24:d=3",
        "-map",
        "0",
        "-map",
        "1",
        "-c:v",
        "libx264",
        "-c:a",
        "flac",
        file.to_str().unwrap(),
    ]);
    let made = make(&file, folder.path()).unwrap();
    assert_eq!(
        (made.start.repeated, made.renditions[0].index.samples(), made.rate),
        (24, 96, Rate::new(24, 1).unwrap())
    );
}

#[test]
fn silence_has_no_loudness() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quiet.wav");
    ffmpeg(&["-f", "lavfi", "-i", "anullsrc", "-t", "2", file.to_str().unwrap()]);
    let measured = loudness(&sandbox(), &file).unwrap();
    assert_eq!(measured, Loudness { integrated: None, range: Some(0), peak: None });
}

#[test]
fn embedded_subtitles_come_out_as_webvtt() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("texts.mkv");
    let srt = folder.path().join("a.srt");
    std::fs::write(&srt, "1\n00:00:00,500 --> 00:00:01,500\nXin chào\n").unwrap();
    ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=64x64:d=2",
        "-i",
        srt.to_str().unwrap(),
        "-map",
        "0",
        "-map",
        "1",
        "-c:s",
        "srt",
        "-metadata:s:s:0",
        "language=vie",
        file.to_str().unwrap(),
    ]);
    let sandbox = sandbox();
    let probe = probe(&sandbox, &file).unwrap();
    let start = workshop::ladder::Start::of(&probe).unwrap();
    let made = subtitles(&sandbox, &probe, start, folder.path()).unwrap();
    assert_eq!((made.len(), made[0].language.as_str()), (1, "vie"));
    let text = String::from_utf8(made[0].vtt.clone()).unwrap();
    assert!(text.contains("00:00.500 --> 00:01.500\nXin chào"), "{text}");
}

#[test]
fn bad_films_are_refused_with_file_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let good = std::fs::read(film("sintel-trailer.mp4")).unwrap();
    std::fs::write(path("empty.mp4"), b"").unwrap();
    std::fs::write(path("noise.mp4"), [0x5a; 5000]).unwrap();
    std::fs::write(path("half.mp4"), &good[..good.len() / 5]).unwrap();
    ffmpeg(&["-f", "lavfi", "-i", "sine=d=1", path("sound.m4a").to_str().unwrap()]);
    for name in ["empty.mp4", "noise.mp4", "half.mp4", "sound.m4a", "missing.mp4"] {
        let place = tempfile::tempdir().unwrap();
        let error = make(&path(name), place.path()).unwrap_err();
        println!("{error}");
        assert!(matches!(error.kind, Kind::Invalid | Kind::NotFound), "{name}: {error}");
        assert!(error.places.iter().any(|p| p.contains(name)), "{name}: {error}");
    }
}

#[test]
fn a_killed_ladder_goes_on() {
    let (whole, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = whole.path().join("film.mp4");
    make_film(&file, "384x216", "30000/1001", 20, &["-c:v", "libx264", "-preset", "ultrafast"]);
    let sandbox = sandbox();
    let probe = probe(&sandbox, &file).unwrap();
    // A panic while ffmpeg runs kills it in the middle of what it writes.
    let stopped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        ladder(&sandbox, &probe, killed.path(), &|progress| assert!(progress.done < 200, "stop here"))
    }));
    assert!(stopped.is_err());
    let least = Mutex::new(u64::MAX);
    let tell = |progress: workshop::Progress| {
        let mut least = least.lock().unwrap();
        *least = progress.done.min(*least);
    };
    let went_on = ladder(&sandbox, &probe, killed.path(), &tell).unwrap();
    check(&went_on, 600, 60);
    assert!(*least.lock().unwrap() >= 60, "begun anew");
    let made = make(&file, whole.path()).unwrap();
    check(&made, 600, 60);
    for (a, b) in made.renditions.iter().zip(&went_on.renditions) {
        assert_same_pictures(a, b);
    }
}

#[test]
fn colour_is_carried_over_and_high_dynamic_range_brought_down() {
    let colour = |args: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("film.mkv");
        let mut all = vec!["-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=1"];
        all.extend(args);
        all.push(file.to_str().unwrap());
        ffmpeg(&all);
        let made = make(&file, folder.path()).unwrap();
        let entry = &made.renditions[0].index.track().sample_entry;
        let avcc = media::h264::Avcc::of_entry(entry).unwrap();
        let colour = media::h264::read_sps(&avcc.sps[0]).unwrap().colour.unwrap();
        [colour.primaries, colour.transfer, colour.matrix, colour.full_range as u8]
    };
    let pq = ["-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params"];
    let pq = [&pq[..], &["colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=none"]].concat();
    assert_eq!(colour(&pq), [1, 1, 1, 0]);
    let tags = ["-color_primaries", "bt470bg", "-color_trc", "gamma28", "-colorspace", "bt470bg"];
    assert_eq!(colour(&[&["-pix_fmt", "yuv420p", "-c:v", "libx264"], &tags[..]].concat()), [5, 5, 5, 0]);
    assert_eq!(colour(&["-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-strict", "-1"])[3], 0);
    assert_eq!(colour(&["-pix_fmt", "bgr0", "-c:v", "ffv1"]), [6, 6, 6, 0]);
}
