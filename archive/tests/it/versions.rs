use archive::{Archive, Made};
use media::{Codec, Digest, Kind};

use crate::film::{store_title, store_track, version};

async fn archive_with_title(dir: &std::path::Path) -> Archive {
    let archive = Archive::open(dir).await.unwrap();
    let title = store_title(archive.blobs(), "forest", 1).unwrap();
    archive.catalogue().put_title(&title, None).await.unwrap();
    archive
}

fn patch(archive: &Archive, seed: u64, created: i64) -> Made {
    let track = store_track(archive.blobs(), Codec::Avc, 1000 + seed, 24, 50).unwrap();
    let what = format!("patch {seed}");
    Made { key: Digest::of(what.as_bytes()), track, what, created }
}

#[tokio::test]
async fn versions_come_back_as_they_went_in() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_with_title(dir.path()).await;
    let catalogue = archive.catalogue();
    let mut made = vec![patch(&archive, 1, 10), patch(&archive, 2, 20)];
    made.sort_by_key(|m| m.key);
    catalogue.put_made(&made).await.unwrap();
    catalogue.put_made(&made).await.unwrap();
    let cut = version("forest", "cut", &[made[0].key, made[1].key]);
    let whole = version("forest", "whole", &[]);
    catalogue.put_version(&whole).await.unwrap();
    catalogue.put_version(&cut).await.unwrap();

    assert_eq!(catalogue.version("forest", "cut").await.unwrap(), cut);
    assert_eq!(catalogue.versions(None).await.unwrap(), [cut, whole]);
    assert_eq!(catalogue.made(&made[1].key).await.unwrap(), Some(made[1].clone()));
    assert_eq!(catalogue.made(&Digest::of(b"")).await.unwrap(), None);
    assert_eq!(catalogue.load().await.unwrap().made, made);
}

#[tokio::test]
async fn a_name_belongs_to_one_composition() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_with_title(dir.path()).await;
    let catalogue = archive.catalogue();
    let mut whole = version("forest", "whole", &[]);
    catalogue.put_version(&whole).await.unwrap();
    whole.labels.insert("ko".into(), "전체".into());
    catalogue.put_version(&whole).await.unwrap();
    assert_eq!(catalogue.version("forest", "whole").await.unwrap(), whole);

    whole.composition = Digest::of(b"another");
    assert_eq!(catalogue.put_version(&whole).await.unwrap_err().kind, Kind::Conflict);
    let nowhere = version("nowhere", "whole", &[]);
    assert_eq!(catalogue.put_version(&nowhere).await.unwrap_err().kind, Kind::NotFound);
    let unmade = version("forest", "cut", &[Digest::of(b"never made")]);
    assert_eq!(catalogue.put_version(&unmade).await.unwrap_err().kind, Kind::Internal);
    assert_eq!(catalogue.versions(None).await.unwrap().len(), 1);
    assert_eq!(catalogue.remove_version("forest", "cut", 9).await.unwrap_err().kind, Kind::NotFound);
}

#[tokio::test]
async fn made_media_lives_as_long_as_a_version_needs_it() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_with_title(dir.path()).await;
    let catalogue = archive.catalogue();
    let (needed, idle, recent) = (patch(&archive, 1, 10), patch(&archive, 2, 10), patch(&archive, 3, 200));
    catalogue.put_made(&[needed.clone(), idle.clone(), recent.clone()]).await.unwrap();
    catalogue.put_version(&version("forest", "cut", &[needed.key])).await.unwrap();

    let swept = catalogue.sweep(100).await.unwrap();
    assert_eq!((swept.made, swept.blobs), (1, 1), "the index is common to all three");
    assert_eq!(catalogue.made(&idle.key).await.unwrap(), None);
    assert!(catalogue.made(&recent.key).await.unwrap().is_some());

    catalogue.remove_made(&needed.key).await.unwrap();
    assert_eq!(catalogue.version("forest", "cut").await.unwrap().made, []);
    catalogue.remove_title("forest", 9).await.unwrap();
    assert_eq!(catalogue.versions(None).await.unwrap(), []);
    assert_eq!(catalogue.sweep(1000).await.unwrap().made, 1);
    assert_eq!(catalogue.references().await.unwrap(), []);
    assert_eq!(archive.blobs().list().unwrap(), []);
}
