use expect_test::{expect, expect_file};
use media::Kind;
use sqlx::sqlite::SqliteConnection;

use super::*;

async fn pool(path: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

async fn text(pool: &SqlitePool, query: &'static str) -> String {
    let rows = sqlx::query(query).fetch_all(pool).await.unwrap();
    rows.iter().map(|row| Columns::of(row).text().unwrap() + "\n").collect()
}

#[tokio::test]
async fn the_schema_is_the_sum_of_its_steps() {
    let dir = tempfile::tempdir().unwrap();
    let pool = pool(&dir.path().join("c")).await;
    upgrade(&pool, STEPS).await.unwrap();
    let sum = text(&pool, "SELECT sql || ';' FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").await;
    let head =
        "-- The schema as the steps in upgrade/ leave it, for reading; a test writes and compares it.\n\n";
    expect_file!["schema.sql"].assert_eq(&format!("{head}{sum}"));
}

#[tokio::test]
async fn steps_are_taken_once_each_and_all_or_none() {
    const ONE: &str = "CREATE TABLE film (name TEXT); INSERT INTO film VALUES ('Cánh đồng hoang');";
    const TWO: &str = "ALTER TABLE film ADD COLUMN year BIGINT; UPDATE film SET year = 1979;";
    const BAD: &str = "ALTER TABLE film ADD COLUMN length BIGINT; UPDATE nothing SET year = 0;";
    let dir = tempfile::tempdir().unwrap();
    let pool = pool(&dir.path().join("c")).await;
    let films = "SELECT name || ' ' || year FROM film";
    upgrade(&pool, &[ONE]).await.unwrap();
    upgrade(&pool, &[ONE, TWO]).await.unwrap();
    upgrade(&pool, &[ONE, TWO]).await.unwrap();
    expect!["Cánh đồng hoang 1979\n"].assert_eq(&text(&pool, films).await);

    upgrade(&pool, &[ONE, TWO, BAD]).await.unwrap_err();
    expect!["Cánh đồng hoang 1979\n"].assert_eq(&text(&pool, films).await);
    expect!["2\n"].assert_eq(&text(&pool, "SELECT CAST(version AS TEXT) FROM format").await);
    expect!["name\nyear\n"].assert_eq(&text(&pool, "SELECT name FROM pragma_table_info('film')").await);
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    let path = dir.path().join("catalogue.sqlite");
    Catalogue::open(&path, blobs.clone()).await.unwrap().close().await;
    let newer = pool(&path).await;
    sqlx::query("UPDATE format SET version = version + 1").execute(&newer).await.unwrap();
    newer.close().await;
    let error = Catalogue::open(&path, blobs).await.err().unwrap();
    assert_eq!(error.kind, Kind::Unsupported);
    let known = STEPS.len();
    assert!(
        error.to_string().contains(&format!("version {}; this Phim reads up to {known}", known + 1)),
        "{error}"
    );
}

/// An archive as the first release wrote it opens in this one, with everything in it.
#[tokio::test]
async fn a_catalogue_of_version_1_opens() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    let path = dir.path().join("catalogue.sqlite");
    let first = pool(&path).await;
    let schema = include_str!("upgrade/0001-titles-versions-jobs.sql");
    sqlx::raw_sql(schema).execute(&first).await.unwrap();
    sqlx::raw_sql(include_str!("tests/version-1.sql")).execute(&first).await.unwrap();
    first.close().await;
    let catalogue = Catalogue::open(&path, blobs).await.unwrap();
    let contents = catalogue.load().await.unwrap();
    expect_file!["tests/version-1.txt"]
        .assert_eq(&format!("{contents:#?}\n{:#?}\n", catalogue.jobs().await.unwrap()));
    let references = catalogue.references().await.unwrap();
    let lines: String =
        references.iter().map(|r| format!("{:?} {} {}\n", r.title, r.what, r.bytes)).collect();
    expect![[r#"
        None index of patch of rendition 0 110
        None job add river 100
        None patch of rendition 0 109
        Some("forest") index of rendition 0 101
        Some("forest") index of sound 0 103
        Some("forest") index of the silence of sound 0 105
        Some("forest") poster 107
        Some("forest") rendition 0 100
        Some("forest") silence of sound 0 104
        Some("forest") sound 0 102
        Some("forest") text 0 106
        Some("forest") thumbnails 108
    "#]]
    .assert_eq(&lines);
}

#[tokio::test]
async fn a_file_that_is_no_catalogue_is_data_loss() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    let path = dir.path().join("catalogue.sqlite");
    std::fs::write(
        &path,
        "this is not a database, and long enough not to be taken for an empty one".repeat(20),
    )
    .unwrap();
    let error = Catalogue::open(&path, blobs).await.err().unwrap();
    assert_eq!(error.kind, Kind::DataLoss, "{error}");
}

#[tokio::test]
async fn writes_are_synced_and_foreign_keys_hold() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    let catalogue = Catalogue::open(&dir.path().join("catalogue.sqlite"), blobs).await.unwrap();
    let mut connection = catalogue.writer.acquire().await.unwrap();
    let connection: &mut SqliteConnection = &mut connection;
    for (pragma, expected) in [
        ("SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous", "2"),
        ("SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys", "1"),
        ("SELECT journal_mode FROM pragma_journal_mode", "wal"),
    ] {
        let row = sqlx::query(pragma).fetch_one(&mut *connection).await.unwrap();
        assert_eq!(Columns::of(&row).text().unwrap(), expected, "{pragma}");
    }
    let mut reader = catalogue.readers.acquire().await.unwrap();
    sqlx::query("DELETE FROM title").execute(&mut *reader).await.expect_err("readers only read");
}
