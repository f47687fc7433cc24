use archive::Archive;
use media::{Codec, Digest, Kind};

use crate::film::{assert_sound, store_title, store_track, truncate, version};

#[tokio::test]
async fn a_title_comes_back_as_it_went_in() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let title = store_title(archive.blobs(), "forest", 1).unwrap();
    archive.catalogue().put_title(&title, None).await.unwrap();
    assert_eq!(archive.catalogue().title("forest").await.unwrap(), title);
    archive.close().await;

    let archive = Archive::open(dir.path()).await.unwrap();
    let other = store_title(archive.blobs(), "another", 2).unwrap();
    archive.catalogue().put_title(&other, None).await.unwrap();
    assert_eq!(archive.catalogue().titles().await.unwrap(), [other, title]);
    assert_eq!(archive.catalogue().title("nowhere").await.unwrap_err().kind, Kind::NotFound);
    assert_sound(&archive).await;
}

#[tokio::test]
async fn an_id_is_taken_once() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let title = store_title(archive.blobs(), "forest", 1).unwrap();
    archive.catalogue().put_title(&title, None).await.unwrap();
    let again = archive.catalogue().put_title(&title, None).await.unwrap_err();
    assert_eq!(again.kind, Kind::Conflict, "{again}");
}

#[tokio::test]
async fn a_title_whose_media_is_not_there_is_not_entered_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let good = store_title(archive.blobs(), "forest", 1).unwrap();

    let mut missing = good.clone();
    missing.texts[1].blob = Digest::of(b"never stored");
    let mut foreign_index = good.clone();
    foreign_index.renditions[1].track.index =
        store_track(archive.blobs(), Codec::Avc, 9, 72, 10).unwrap().index;
    let mut no_index = good.clone();
    no_index.sounds[0].track.index = no_index.texts[0].blob;
    for title in [missing, foreign_index, no_index] {
        let error = archive.catalogue().put_title(&title, None).await.unwrap_err();
        assert_eq!(error.kind, Kind::DataLoss, "{error}");
    }
    let mut too_long = good.clone();
    too_long.to = 49;
    let mut no_picture = good.clone();
    no_picture.renditions.clear();
    for title in [too_long, no_picture] {
        let error = archive.catalogue().put_title(&title, None).await.unwrap_err();
        assert_eq!(error.kind, Kind::Invalid, "{error}");
    }
    assert_eq!(archive.catalogue().load().await.unwrap(), archive::Contents::default());
    assert_eq!(archive.catalogue().references().await.unwrap(), []);
    archive.catalogue().put_title(&good, None).await.unwrap();
}

#[tokio::test]
async fn a_blob_cut_off_after_it_was_named_is_not_named_again() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let title = store_title(archive.blobs(), "forest", 1).unwrap();
    archive.catalogue().put_title(&title, None).await.unwrap();
    truncate(&archive.blobs().path(&title.texts[0].blob), 2);
    let mut other = store_title(archive.blobs(), "other", 2).unwrap();
    other.texts[0].blob = title.texts[0].blob;
    let error = archive.catalogue().put_title(&other, None).await.unwrap_err();
    assert_eq!(error.kind, Kind::DataLoss);
    assert!(error.message.contains("2 bytes instead of"), "{error}");
}

#[tokio::test]
async fn replacing_keeps_the_versions() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let catalogue = archive.catalogue();
    let mut title = store_title(archive.blobs(), "forest", 1).unwrap();
    assert_eq!(catalogue.replace_title(&title, None).await.unwrap_err().kind, Kind::NotFound);
    catalogue.put_title(&title, None).await.unwrap();
    catalogue.put_version(&version("forest", "whole", &[])).await.unwrap();
    title.texts.remove(0);
    title.thumbnails = None;
    title.names.insert("en".into(), "The Forest".into());
    catalogue.replace_title(&title, None).await.unwrap();
    let contents = catalogue.load().await.unwrap();
    assert_eq!(contents.titles, [title]);
    assert_eq!(contents.versions, [version("forest", "whole", &[])]);
}

#[tokio::test]
async fn removing_a_title_keeps_what_others_use_and_a_sweep_takes_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let catalogue = archive.catalogue();
    let forest = store_title(archive.blobs(), "forest", 1).unwrap();
    let mut river = store_title(archive.blobs(), "river", 2).unwrap();
    river.renditions[0].track = forest.renditions[0].track;
    catalogue.put_title(&forest, None).await.unwrap();
    catalogue.put_title(&river, None).await.unwrap();
    let mut joint = version("river", "joint", &[]);
    joint.shows.push("forest".into());
    joint.shows.sort();
    catalogue.put_version(&joint).await.unwrap();

    let error = catalogue.remove_title("forest", 9).await.unwrap_err();
    assert_eq!(error.kind, Kind::Conflict);
    assert!(error.message.contains("river/joint"), "{error}");
    catalogue.remove_version("river", "joint", 9).await.unwrap();
    catalogue.remove_title("forest", 9).await.unwrap();
    assert_eq!(catalogue.remove_title("forest", 9).await.unwrap_err().kind, Kind::NotFound);
    let removed = catalogue.load().await.unwrap().removed;
    assert!(removed.iter().any(|gone| (gone.name.as_str(), gone.removed) == ("joint", 9)), "{removed:?}");

    let open = archive.blobs().open_blob(&forest.renditions[1].track.blob).unwrap();
    let swept = catalogue.sweep(0).await.unwrap();
    // Of forest: a picture and its index (one index for both renditions, used by river too), the
    // sound, poster, texts, thumbnails. What is fresh (river's first rendition) stays for now.
    assert!(archive.blobs().len_of(&forest.renditions[1].track.blob).unwrap().is_none());
    assert!(archive.blobs().len_of(&forest.renditions[0].track.blob).unwrap().is_some());
    assert_eq!(swept.blobs, 6, "{swept:?}");
    open.read_at(0, &mut [0; 1000]).unwrap();
    assert_sound(&archive).await;
    assert_eq!(catalogue.load().await.unwrap().titles, [river]);
}

#[tokio::test]
async fn a_sweep_leaves_alone_what_was_just_stored() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let title = store_title(archive.blobs(), "forest", 1).unwrap();
    assert_eq!(archive.catalogue().sweep(i64::MAX).await.unwrap().blobs, 0);
    archive.catalogue().put_title(&title, None).await.unwrap();
    assert_eq!(archive.catalogue().sweep(i64::MAX).await.unwrap().blobs, 0);
    archive.blobs().put(b"left by an add that was killed").unwrap();
    archive.close().await;

    let archive = Archive::open(dir.path()).await.unwrap();
    let swept = archive.catalogue().sweep(i64::MAX).await.unwrap();
    assert_eq!((swept.blobs, swept.bytes), (1, 30));
    assert_sound(&archive).await;
}
