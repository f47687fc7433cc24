use std::sync::{Arc, Mutex};

use archive::{Archive, Found, Level, Progress, Report};
use media::{Digest, Kind};

use crate::film::{make_writable, store_title, truncate};

async fn check(archive: &Archive, level: Level) -> Report {
    archive.check(level, |_| ()).await.unwrap()
}

fn losses(report: &Report) -> Vec<(Digest, Vec<String>)> {
    let what = |l: &archive::Loss| l.references.iter().map(|r| r.what.clone()).collect();
    report.losses.iter().map(|l| (l.blob, what(l))).collect()
}

#[tokio::test]
async fn each_level_finds_its_damage_and_names_who_needs_it() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let title = store_title(archive.blobs(), "forest", 1).unwrap();
    archive.catalogue().put_title(&title, None).await.unwrap();
    let path = |digest| archive.blobs().path(digest);
    for level in [Level::Present, Level::Sized, Level::Hashed] {
        assert_eq!(check(&archive, level).await.losses, []);
    }

    let missing = title.poster.unwrap();
    std::fs::remove_file(path(&missing)).unwrap();
    let report = check(&archive, Level::Present).await;
    assert_eq!(losses(&report), [(missing, vec!["poster".to_string()])]);
    assert_eq!(report.losses[0].found, Found::Missing);
    assert_eq!(report.losses[0].references[0].title.as_deref(), Some("forest"));

    let cut = title.sounds[0].track.blob;
    truncate(&path(&cut), 100);
    assert_eq!(check(&archive, Level::Present).await.losses.len(), 1);
    let report = check(&archive, Level::Sized).await;
    let found = |digest: Digest| report.losses.iter().find(|l| l.blob == digest).map(|l| l.found.clone());
    assert_eq!(found(cut), Some(Found::Length { bytes: 100, expected: 28_800 }));
    assert!(
        matches!(found(title.sounds[0].track.index), Some(Found::Index(_))),
        "it no longer fits its track"
    );

    let changed = title.renditions[1].track.blob;
    make_writable(&path(&changed));
    let mut bytes = std::fs::read(path(&changed)).unwrap();
    bytes[47_999] ^= 1;
    std::fs::write(path(&changed), &bytes).unwrap();
    assert_eq!(check(&archive, Level::Sized).await.losses.len(), 3);
    let report = check(&archive, Level::Hashed).await;
    let loss = report.losses.iter().find(|l| l.blob == changed).unwrap();
    assert_eq!(loss.found, Found::Content { digest: Digest::of(&bytes) });
    assert_eq!(loss.references[0].what, "rendition 1");
}

#[tokio::test]
async fn a_damaged_index_is_found_by_its_size_level() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let title = store_title(archive.blobs(), "forest", 1).unwrap();
    archive.catalogue().put_title(&title, None).await.unwrap();
    let path = archive.blobs().path(&title.sounds[0].silence.index);
    make_writable(&path);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let report = check(&archive, Level::Sized).await;
    assert_eq!(report.losses.len(), 1);
    let Found::Index(error) = &report.losses[0].found else { panic!("{report:?}") };
    assert_eq!(error.kind, Kind::DataLoss);
    assert_eq!(report.losses[0].references[0].what, "index of the silence of sound 0");
}

#[tokio::test]
async fn progress_reaches_the_end_and_strays_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let title = store_title(archive.blobs(), "forest", 1).unwrap();
    archive.catalogue().put_title(&title, None).await.unwrap();
    let stray = archive.blobs().put(b"stray").unwrap();
    let seen = Arc::new(Mutex::new(Vec::<Progress>::new()));
    let keep = seen.clone();
    let report = archive.check(Level::Hashed, move |p| keep.lock().unwrap().push(p)).await.unwrap();
    let seen = seen.lock().unwrap();
    let last = seen.last().unwrap();
    assert_eq!(seen.len() as u64, report.blobs);
    assert_eq!((last.blobs, last.bytes), (last.blobs_total, last.bytes_total));
    assert_eq!((last.blobs, last.bytes), (report.blobs, report.bytes));
    assert_eq!(report.unreferenced, [(stray, 5)]);
}

#[tokio::test]
async fn an_empty_archive_is_sound() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let report = check(&archive, Level::Hashed).await;
    assert_eq!((report.blobs, report.losses.len(), report.unreferenced.len()), (0, 0, 0));
}
