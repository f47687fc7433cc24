use archive::Archive;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::film::{store_title, version};

/// Copies of the title `model`, entered behind the archive's back because a thousand syncs take long.
const COPIES: [&str; 6] = [
    "CREATE TEMP TABLE n AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 999) \
     SELECT 'title-' || n AS id FROM c",
    "INSERT INTO title SELECT n.id, kind, names, rate_num, rate_den, from_frame, to_frame, source, poster, chapters, created, poster_frame, year, credits, series, season, episode, derived_from, NULL \
     FROM title, n WHERE title.id = 'model'",
    "INSERT INTO rendition SELECT n.id, ordinal, blob, index_blob, original, original_name, hold_blob, hold_index FROM rendition, n WHERE title = 'model'",
    "INSERT INTO sound SELECT n.id, ordinal, language, label, is_default, blob, index_blob, silence_blob, silence_index, \
     offset_num, offset_den, loudness, original, original_name FROM sound, n WHERE title = 'model'",
    "INSERT INTO text SELECT n.id, ordinal, language, label, forced, blob, original, original_name FROM text, n WHERE title = 'model'",
    "INSERT INTO version SELECT n.id, name, labels, spans, composition, created, NULL FROM version, n WHERE title = 'model'",
];

#[tokio::test]
async fn a_thousand_titles_load_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let mut model = store_title(archive.blobs(), "model", 1).unwrap();
    model.renditions.extend(model.renditions.clone());
    model.sounds.extend(model.sounds.clone());
    archive.catalogue().put_title(&model, None).await.unwrap();
    archive.catalogue().put_version(&version("model", "whole", &[])).await.unwrap();
    archive.close().await;
    let options = SqliteConnectOptions::new().filename(dir.path().join("catalogue.sqlite"));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    for copy in COPIES {
        sqlx::query(copy).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();

    let archive = Archive::open(dir.path()).await.unwrap();
    let contents = archive.catalogue().load().await.unwrap();
    assert_eq!((contents.titles.len(), contents.versions.len()), (1000, 1000));
    assert_eq!(contents.titles.iter().map(|t| t.renditions.len()).sum::<usize>(), 4000);
}
