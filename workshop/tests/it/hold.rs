use media::Kind;
use workshop::Stored;
use workshop::hold::{HoldRequest, MadeHold, hold_all};

use super::patch::{FOREIGN, PHIM};
use crate::stage::{Held, first_track, make_film, sandbox};

fn film(size: &str, rate: &str, encoder: &[&str]) -> Held {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    make_film(&path, size, rate, 8, encoder);
    first_track(&sandbox(), &path)
}

fn make(film: &Held, units: u32, idr: u16) -> media::Result<MadeHold> {
    let folder = tempfile::tempdir().unwrap();
    let read = film.read();
    let requests = [HoldRequest { track: Stored { index: &film.index, read: &read }, units, idr }];
    hold_all(&sandbox(), &requests, folder.path(), &|| ()).unwrap().remove(0)
}

/// The hold is checked by the workshop itself; this checks what it says of itself.
fn check(film: &Held, units: u32, idr: u16) -> media::Index {
    let made = make(film, units, idr).unwrap();
    let index = media::Index::from_vec(made.index).unwrap();
    assert_eq!((index.blocks(), index.samples(), index.track().reorder), (1, units, 0));
    assert_eq!(index.track().rate().unwrap(), film.index.track().rate().unwrap());
    let block = index.block(0).unwrap();
    assert_eq!(block.idr_pic_id, idr);
    assert!((1..=units as usize).all(|count| block.closed_prefix(count) == count));
    assert_eq!(index.blob_len(), made.samples.len() as u64);
    // Far less than what it stands for.
    assert!(made.samples.len() < 4000 + 100 * units as usize, "{}", made.samples.len());
    index
}

#[test]
fn a_hold_of_a_ladder_of_ours_has_its_parameter_sets() {
    let tagged =
        [PHIM, &["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]].concat();
    for (rate, units, encoder) in [("24", 48, PHIM), ("30000/1001", 1, &tagged), ("25", 2, PHIM)] {
        for idr in [0, 1] {
            let film = film("640x360", rate, encoder);
            let index = check(&film, units, idr);
            assert_eq!(index.track().sample_entry, film.index.track().sample_entry);
        }
    }
}

#[test]
fn a_hold_of_a_foreign_ladder_has_the_sets_of_its_patches() {
    let ten_bits: &[&str] =
        &["-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-profile:v", "high10", "-g", "50"];
    let full_range: &[&str] = &[
        "-vf",
        "scale=out_range=pc,format=yuvj420p",
        "-c:v",
        "libx264",
        "-color_range",
        "pc",
        "-g",
        "50",
        "-bf",
        "0",
    ];
    for encoder in [FOREIGN, ten_bits, full_range] {
        let film = film("426x240", "25", encoder);
        let index = check(&film, 250, 0);
        let seam = super::patch::seam(60, 70, 0);
        let patch = super::patch::make(&film, &[seam]).remove(0);
        let patch = media::Index::from_vec(patch.index).unwrap();
        assert_eq!(index.track().sample_entry, patch.track().sample_entry);
    }
}

#[test]
fn a_rendition_that_cannot_be_held_says_why() {
    let hevc: &[&str] = &["-c:v", "libx265", "-x265-params", "log-level=none:open-gop=0", "-tag:v", "hvc1"];
    let interlaced: &[&str] =
        &["-c:v", "libx264", "-flags", "+ildct+ilme", "-g", "50", "-x264-params", "open-gop=0"];
    for encoder in [hevc, interlaced] {
        let error = make(&film("192x108", "25", encoder), 50, 0).unwrap_err();
        assert_eq!(error.kind, Kind::Unsupported, "{error}");
        assert!(error.places[0].starts_with("the hold of"), "{error}");
    }
}
