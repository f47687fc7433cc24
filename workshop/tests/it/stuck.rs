//! An ffmpeg that hangs, or makes something wrong, must not hold anybody up.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use media::Kind;
use workshop::patch::{Request, patch_all};
use workshop::{Child, Sandbox, Stored};

use super::patch::{PHIM, seam};
use crate::stage::{first_track, make_film, sandbox};

/// A program called ffmpeg, written in C so that it needs no interpreter in the sandbox.
fn fake(folder: &Path, body: &str) -> Sandbox {
    let (source, program) = (folder.join("fake.c"), folder.join("ffmpeg"));
    std::fs::write(&source, format!("#include <unistd.h>\nint main() {{ {body} }}\n")).unwrap();
    let built = std::process::Command::new("cc").arg("-o").arg(&program).arg(&source).status().unwrap();
    assert!(built.success());
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let child = Child { program: env!("CARGO_BIN_EXE_workshop-child").into(), args: Vec::new() };
    Sandbox::new(child, folder)
}

fn patch_with(faulty: &Sandbox) -> media::Error {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    make_film(&path, "192x108", "25", 4, PHIM);
    let film = first_track(&sandbox(), &path);
    let read = film.read();
    let requests = [Request {
        track: Stored { index: &film.index, read: &read },
        wishes: vec![seam(10, 48, 0)],
        like: None,
    }];
    let error = patch_all(faulty, &requests, folder.path(), &|_| ()).unwrap_err();
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["film.mp4"], "nothing is left lying about");
    error
}

#[test]
fn an_ffmpeg_that_hangs_on_a_patch_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let hanging = fake(folder.path(), "for (;;) pause();").within(Duration::from_secs(1));
    let start = Instant::now();
    let error = patch_with(&hanging);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(error.kind, Kind::Unavailable, "{error}");
    assert!(error.message.ends_with("took longer than 1 s and was stopped"), "{error}");
    assert!(error.places[0].starts_with("patches of avc1"), "{error}");
    assert!(!error.remedy.is_empty());
}

#[test]
fn an_ffmpeg_that_makes_nothing_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let idle = fake(folder.path(), "return 0;");
    let error = patch_with(&idle);
    assert_eq!(error.kind, Kind::Unavailable, "{error}");
}

#[test]
fn a_full_disk_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let full = fake(folder.path(), "write(2, \"kept.yuv: No space left on device\\n\", 35); return 1;");
    let error = patch_with(&full);
    assert_eq!(error.kind, Kind::Unavailable, "{error}");
    assert!(error.message.ends_with("the disk is full") && !error.remedy.is_empty(), "{error}");
}
