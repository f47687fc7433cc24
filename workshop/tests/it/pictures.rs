use std::path::Path;

use workshop::Stored;
use workshop::pictures::{PictureRequest, pictures};

use crate::stage::{ffmpeg, first_track, make_film, sandbox};

#[test]
fn a_picture_shows_the_very_frame() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    make_film(&path, "640x360", "25", 6, super::patch::PHIM);
    let film = first_track(&sandbox(), &path);
    let read = film.read();
    let track = Stored { index: &film.index, read: &read };
    let frames = vec![75, 3, 74, 75, 149];
    let requests = [
        PictureRequest { track, frames: frames.clone(), width: 320 },
        PictureRequest { track, frames: vec![0], width: 5000 },
    ];
    let made = pictures(&sandbox(), &requests, folder.path()).unwrap();
    assert_eq!((made[0].len(), made[1].len()), (5, 1));
    assert_eq!(made[0][0], made[0][3]);
    for (frame, jpeg) in frames.iter().zip(&made[0]) {
        let shown = folder.path().join("shown.jpg");
        std::fs::write(&shown, jpeg).unwrap();
        let likeness = |other: u32| likeness(&path, other, &shown);
        let own = likeness(*frame);
        let neighbours = [frame.saturating_sub(1), (frame + 1).min(149)];
        for other in neighbours.into_iter().filter(|other| other != frame) {
            assert!(own > likeness(other), "frame {frame} looks like {other}");
        }
    }
}

/// Luma PSNR of a picture against a frame of a film, decibels.
fn likeness(film: &Path, frame: u32, picture: &Path) -> f64 {
    let log = picture.with_extension("psnr");
    let graph = format!(
        "[0:v]select='eq(n,{frame})',scale=320:180,format=yuvj420p,setpts=0[a];[1:v]setpts=0[b];[a][b]psnr=stats_file={}",
        log.display()
    );
    ffmpeg(&[
        "-i",
        film.to_str().unwrap(),
        "-i",
        picture.to_str().unwrap(),
        "-lavfi",
        &graph,
        "-f",
        "null",
        "-",
    ]);
    let log = std::fs::read_to_string(log).unwrap();
    log.split("psnr_y:").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap()
}

#[test]
fn a_frame_that_is_not_there_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    make_film(&path, "192x108", "25", 1, super::patch::PHIM);
    let film = first_track(&sandbox(), &path);
    let read = film.read();
    let track = Stored { index: &film.index, read: &read };
    let requests = [PictureRequest { track, frames: vec![25], width: 320 }];
    let error = pictures(&sandbox(), &requests, folder.path()).unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (media::Kind::Invalid, "a picture of frame 25 of 25"));
}
