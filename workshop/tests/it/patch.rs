use workshop::Stored;
use workshop::patch::{FLOOR, Made, Request, Wish, patch_all};

use crate::stage::{Held, first_track, make_film, sandbox};

/// Settings as a ladder of Phim has them.
pub const PHIM: &[&str] = &[
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-profile:v",
    "high",
    "-level:v",
    "3.0",
    "-crf",
    "22",
    "-g",
    "48",
    "-keyint_min",
    "48",
    "-sc_threshold",
    "0",
    "-x264-params",
    "stitchable=1:bframes=3:b-pyramid=normal",
];
/// Another house's: no `stitchable`, another preset, long groups of varying length.
pub const FOREIGN: &[&str] = &[
    "-c:v",
    "libx264",
    "-preset",
    "fast",
    "-profile:v",
    "main",
    "-crf",
    "24",
    "-g",
    "100",
    "-x264-params",
    "open-gop=0",
];

/// Frames to be encoded again because a cut stands beside them.
pub fn seam(from: u32, to: u32, idr: u16) -> Wish {
    Wish { from, to, idr, veils: Vec::new(), signs: Vec::new() }
}

pub fn make(film: &Held, wishes: &[Wish]) -> Vec<Made> {
    make_like(film, wishes, None)
}

fn make_like(film: &Held, wishes: &[Wish], like: Option<&media::Track>) -> Vec<Made> {
    let folder = tempfile::tempdir().unwrap();
    let read = film.read();
    let requests =
        [Request { track: Stored { index: &film.index, read: &read }, wishes: wishes.to_vec(), like }];
    patch_all(&sandbox(), &requests, folder.path(), &|_| ()).unwrap().remove(0)
}

fn film(encoder: &[&str], rate: &str) -> Held {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    make_film(&path, "640x360", rate, 8, encoder);
    first_track(&sandbox(), &path)
}

pub fn check(film: &Held, wish: &Wish, made: &Made) {
    let index = media::Index::from_vec(made.index.clone()).unwrap();
    assert_eq!(index.samples(), wish.to - wish.from);
    assert_eq!(index.blocks(), 1);
    assert_eq!(index.block(0).unwrap().idr_pic_id, wish.idr);
    assert_eq!(index.blob_len(), made.samples.len() as u64);
    assert_eq!(index.track().rate().unwrap(), film.index.track().rate().unwrap());
    assert!(made.worst >= FLOOR, "{wish:?}: {}", made.worst);
}

#[test]
fn patches_of_a_ladder_of_ours_share_its_parameter_sets() {
    let tagged =
        [PHIM, &["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]].concat();
    for (rate, encoder) in [("24", PHIM), ("30000/1001", &tagged)] {
        let film = film(encoder, rate);
        let wishes = [seam(10, 48, 0), seam(50, 51, 1), seam(120, 122, 1), seam(150, 192, 0)];
        let made = make(&film, &wishes);
        for (wish, made) in wishes.iter().zip(&made) {
            check(&film, wish, made);
            let index = media::Index::from_vec(made.index.clone()).unwrap();
            assert_eq!(index.track().sample_entry, film.index.track().sample_entry);
        }
    }
}

#[test]
fn a_patch_does_not_depend_on_what_else_is_made() {
    let film = film(PHIM, "25");
    let (a, b) = (seam(10, 30, 1), seam(60, 75, 0));
    let together = make(&film, &[b.clone(), a.clone()]);
    assert_eq!(make(&film, &[a])[0], together[1]);
    assert_eq!(make(&film, &[b])[0], together[0]);
}

#[test]
fn overlapping_patches_are_made_apart() {
    let film = film(PHIM, "25");
    let wishes = [seam(10, 30, 1), seam(20, 25, 0), seam(10, 30, 0)];
    for (wish, made) in wishes.iter().zip(&make(&film, &wishes)) {
        check(&film, wish, made);
    }
}

#[test]
fn patches_of_a_foreign_ladder_bring_their_own_sets() {
    let film = film(FOREIGN, "25");
    let wish = seam(13, 99, 1);
    let made = make(&film, std::slice::from_ref(&wish));
    check(&film, &wish, &made[0]);
    let index = media::Index::from_vec(made[0].index.clone()).unwrap();
    let avcc = media::h264::Avcc::of_entry(&index.track().sample_entry).unwrap();
    assert_eq!((avcc.sps.len(), avcc.pps.len()), (2, 2));
}

#[test]
fn what_was_made_before_tells_the_parameter_sets() {
    let (ours, foreign) = (film(PHIM, "25"), film(FOREIGN, "25"));
    let wishes = [seam(20, 40, 1)];
    let entries = [&ours, &foreign].map(|film| {
        let asked = make(film, &wishes);
        let before = media::Index::from_vec(asked[0].index.clone()).unwrap();
        assert!(make_like(film, &wishes, Some(before.track())) == asked);
        (asked, before)
    });
    // What tells of another encoder than the one that is here is not believed.
    let [(of_ours, _), (of_foreign, beside)] = entries;
    assert!(make_like(&ours, &wishes, Some(beside.track())) == of_ours);
    assert!(make_like(&foreign, &wishes, Some(foreign.index.track())) == of_foreign);
}

/// Wishes at places that differ from run to run of the loop and never from run to run of the test.
fn scattered(film: &Held, seed: u32) -> Vec<Wish> {
    let samples = film.index.samples();
    let mut state = seed;
    let mut next = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let wishes = (0..8).map(|_| {
        let from = next(samples);
        let block = film.index.block_of(from);
        let end = film.index.block_first(block + 1);
        let to = if next(2) == 0 { end } else { from + 1 + next(end - from) };
        seam(from, to, next(2) as u16)
    });
    wishes.collect()
}

#[test]
fn patches_anywhere_at_every_rate_are_right() {
    let varying: &[&str] =
        &["-c:v", "libx264", "-preset", "faster", "-g", "90", "-bf", "5", "-x264-params", "scenecut=60"];
    for (n, rate) in ["24000/1001", "24", "25", "30000/1001", "60000/1001"].into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mp4");
        let encoder = if n % 2 == 0 { PHIM } else { varying };
        make_film(&path, "192x108", rate, 5, encoder);
        let film = first_track(&sandbox(), &path);
        let wishes = scattered(&film, n as u32);
        for (wish, made) in wishes.iter().zip(&make(&film, &wishes)) {
            check(&film, wish, made);
        }
    }
}

#[test]
fn what_cannot_be_encoded_again_is_said_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    make_film(
        &path,
        "192x108",
        "25",
        2,
        &["-c:v", "libx265", "-x265-params", "log-level=none:open-gop=0", "-tag:v", "hvc1"],
    );
    let film = first_track(&sandbox(), &path);
    let read = film.read();
    let track = Stored { index: &film.index, read: &read };
    let requests = [Request { track, wishes: vec![seam(3, 9, 0)], like: None }];
    let error = patch_all(&sandbox(), &requests, folder.path(), &|_| ()).unwrap_err();
    assert_eq!(error.kind, media::Kind::Unsupported, "{error}");
    assert!(error.message.contains("hvc1") && !error.remedy.is_empty(), "{error}");
}

#[test]
fn a_patch_of_fields_has_an_init_segment_of_its_own() {
    let interlaced: &[&str] =
        &["-c:v", "libx264", "-flags", "+ildct+ilme", "-g", "50", "-x264-params", "open-gop=0"];
    let film = film(interlaced, "25");
    let wish = seam(60, 100, 0);
    let made = make(&film, std::slice::from_ref(&wish));
    check(&film, &wish, &made[0]);
    let index = media::Index::from_vec(made[0].index.clone()).unwrap();
    assert!(media::h264::merge(&film.index.track().sample_entry, &index.track().sample_entry).is_err());
}
