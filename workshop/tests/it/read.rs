use std::path::{Path, PathBuf};

use media::{Codec, Kind};
use workshop::read::read;

use crate::stage::{film, sandbox};

/// Test files that other projects share; they stand beside the repository, not in it.
fn cases() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/mp4");
    if !folder.is_dir() {
        println!("skipped: {} is not here", folder.display());
        return None;
    }
    Some(folder)
}

#[test]
fn a_film_is_read_into_tracks() {
    let folder = tempfile::tempdir().unwrap();
    let reading = read(&sandbox(), &film("sintel-trailer.mp4"), folder.path()).unwrap();
    let tracks: Vec<_> = reading.tracks.into_iter().map(Result::unwrap).collect();
    assert_eq!(
        tracks.iter().map(|t| (t.index.track().codec, t.shown)).collect::<Vec<_>>(),
        [(Codec::Avc, 1253), (Codec::Aac, tracks[1].shown)]
    );
    for track in tracks {
        assert_eq!(std::fs::metadata(track.samples).unwrap().len(), track.index.blob_len());
    }
}

#[test]
fn every_file_of_the_cases_is_read_or_refused_with_a_reason() {
    let Some(cases) = cases() else { return };
    let sandbox = sandbox();
    let (mut read_files, mut refused) = (0, 0);
    for file in files(&cases) {
        let folder = tempfile::tempdir().unwrap();
        match read(&sandbox, &file, folder.path()) {
            Ok(reading) => {
                read_files += 1;
                for track in reading.tracks {
                    match track {
                        Ok(track) => assert_eq!(
                            std::fs::metadata(&track.samples).unwrap().len(),
                            track.index.blob_len()
                        ),
                        Err(e) => assert!(matches!(e.kind, Kind::Invalid | Kind::Unsupported), "{e}"),
                    }
                }
            }
            Err(e) => {
                refused += 1;
                assert!(matches!(e.kind, Kind::Invalid | Kind::Unsupported), "{e}");
                assert!(e.places[0].contains(file.file_name().unwrap().to_str().unwrap()), "{e}");
            }
        }
    }
    println!("{read_files} files read, {refused} refused");
    assert!(read_files > 30);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false if path.extension().is_some_and(|e| e == "mp4") => all.push(path),
            false => {}
        }
    }
    all.sort();
    all
}

#[test]
fn hostile_files_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let good = std::fs::read(film("big-buck-bunny-clip.mp4")).unwrap();
    let mut huge = good.clone();
    huge[0..4].copy_from_slice(&u32::MAX.to_be_bytes());
    let nest = (0..20_000u32)
        .rev()
        .flat_map(|n| [(8 + n * 8).to_be_bytes(), *b"moov"].concat())
        .collect::<Vec<u8>>();
    let cases: [(&str, &[u8]); 5] = [
        ("empty.mp4", b""),
        ("noise.mp4", &[7; 4096]),
        ("cut.mp4", &good[..good.len() / 3]),
        ("huge.mp4", &huge),
        ("nest.mp4", &nest),
    ];
    let sandbox = sandbox();
    for (name, bytes) in cases {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let place = tempfile::tempdir().unwrap();
        let result = read(&sandbox, &file, place.path());
        let error = match result {
            Err(error) => error,
            Ok(mut reading) => reading.tracks.remove(0).unwrap_err(),
        };
        println!("{error}");
        assert!(error.places[0].ends_with(name), "{error}");
        assert!(matches!(error.kind, Kind::Invalid | Kind::Unsupported), "{name}: {error:?}");
    }
}

#[test]
fn an_encrypted_film_is_never_given_to_ffmpeg() {
    let Some(cases) = cases() else { return };
    for name in ["short-cenc.mp4", "cbcs.mp4", "sample_fragmented_clearkey.mp4"] {
        let error = workshop::probe::probe(&sandbox(), &cases.join("encrypted").join(name)).unwrap_err();
        assert_eq!(error.kind, Kind::Unsupported, "{error}");
        assert!(error.message.contains("encrypted") && error.places[0].ends_with(name), "{error}");
    }
}
