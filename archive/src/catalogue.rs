//! The catalogue: what the blobs are, in SQL.
//!
//! Invariants:
//! - One connection writes, in transactions that begin with `BEGIN IMMEDIATE`; a transaction that
//!   has returned is on the disk (`synchronous=FULL`). Readers have connections of their own and
//!   see whole transactions.
//! - A blob's name is written only while the blob is stored; tracks only while their index opens
//!   and tells the length of their blob.
//! - The schema is the sum of the files in `upgrade/`, in order; a released file never changes.
//!   `schema.sql` shows the sum, and a test keeps it true.

mod change;
mod columns;
mod jobs;
mod made;
mod records;
mod rows;
mod sum;
mod titles;
mod versions;

use std::collections::HashSet;
use std::path::Path;

use media::{Digest, Error, Result};
use sqlx::Connection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};

use crate::Blobs;
use crate::ends::Ends;
use crate::error::{from_sql, lost, newer, unreadable};
use change::Change;
use columns::Columns;

pub use rows::*;

/// Steps from an empty database to the present schema. Their number is the schema's version.
const STEPS: &[&str] = &[
    include_str!("catalogue/upgrade/0001-titles-versions-jobs.sql"),
    include_str!("catalogue/upgrade/0002-poster-frame-year-credits.sql"),
    include_str!("catalogue/upgrade/0003-records-documents-holds.sql"),
    include_str!("catalogue/upgrade/0004-digests-of-records.sql"),
    include_str!("catalogue/upgrade/0005-sums-of-titles-and-versions.sql"),
    include_str!("catalogue/upgrade/0006-versions-that-were-removed.sql"),
];

/// Connections that read at the same time.
const READERS: u32 = 4;

/// The catalogue of one archive. Cheap to clone.
#[derive(Clone)]
pub struct Catalogue {
    writer: SqlitePool,
    readers: SqlitePool,
    blobs: Blobs,
    ends: Ends,
}

impl Catalogue {
    /// Opens the catalogue at `path`, makes it when there is none, brings an older schema up to
    /// date and lets jobs of a process that is gone wait again, all durably. Fails with
    /// `Unsupported` when a newer Phim wrote it.
    pub(crate) async fn open(path: &Path, blobs: Blobs) -> Result<Catalogue> {
        let ends = Ends::open(path.parent().unwrap_or(Path::new(".")))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .row_buffer_size(1024);
        // Connections never grow old, and no statement waits for another that is not ours.
        let pool =
            || SqlitePoolOptions::new().idle_timeout(None).max_lifetime(None).test_before_acquire(false);
        let writing = options.clone().create_if_missing(true);
        // When SQLite ends a transaction by itself, as on a full disk, sqlx takes it for open for
        // ever after; such a connection is replaced.
        let writer = pool().max_connections(1).before_acquire(|connection, _| {
            let usable = !connection.is_in_transaction();
            Box::pin(async move { Ok(usable) })
        });
        let writer = writer.connect_with(writing).await.map_err(from_sql)?;
        look_at_schema(&writer).await.map_err(unreadable)?;
        upgrade(&writer, STEPS).await.map_err(unreadable)?;
        let readers = pool().max_connections(READERS).connect_lazy_with(options.read_only(true));
        let catalogue = Catalogue { writer, readers, blobs, ends };
        catalogue.release_all().await.map_err(unreadable)?;
        Ok(catalogue)
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Reads everything that a server serves from, as of one instant. Fails with `DataLoss` where it is
    /// not as it was written, or lacks a record that was durable.
    pub async fn load(&self) -> Result<Contents> {
        self.load_all().await.map_err(unreadable)
    }

    async fn load_all(&self) -> Result<Contents> {
        let mut tx = self.readers.begin().await.map_err(from_sql)?;
        let contents = Contents {
            titles: titles::read(&mut tx, None).await?,
            versions: versions::read(&mut tx, None).await?,
            removed: versions::read_removed(&mut tx).await?,
            made: made::read(&mut tx, None).await?,
            records: records::read(&mut tx).await?,
        };
        self.ends.verify(&contents.records)?;
        Ok(contents)
    }

    /// What SQLite finds wrong with its own file, in its words; empty when nothing is. Reads all of it.
    pub async fn faults(&self) -> Result<Vec<String>> {
        let rows =
            sqlx::query("PRAGMA integrity_check(20)").fetch_all(&self.readers).await.map_err(from_sql)?;
        let lines = rows.iter().map(|row| Columns::of(row).text()).collect::<Result<Vec<_>>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// Everything that names a blob, as of one instant.
    pub async fn references(&self) -> Result<Vec<Reference>> {
        let query = sqlx::query(
            "SELECT blob, bytes, title, what, index_of FROM reference \
             JOIN blob ON blob.digest = reference.blob ORDER BY title, what",
        );
        let rows = query.fetch_all(&self.readers).await.map_err(from_sql)?;
        rows.iter().map(reference).collect()
    }

    /// Removes what nothing names: made media that no version needs and that is older than
    /// `made_before`, and blobs that nothing in the catalogue names and nobody has just stored.
    ///
    /// A crash in the middle leaves blobs that the next sweep removes. Once begun it goes on to its
    /// end, also when nobody waits for it any more.
    pub async fn sweep(&self, made_before: i64) -> Result<Swept> {
        let catalogue = self.clone();
        let work = tokio::spawn(async move { catalogue.sweep_now(made_before).await });
        work.await.map_err(|e| Error::internal(format!("the sweep ended early: {e}")))?
    }

    async fn sweep_now(&self, made_before: i64) -> Result<Swept> {
        let mut change = Change::begin(self).await?;
        let unused = "DELETE FROM made WHERE created < $1 AND key NOT IN (SELECT key FROM version_made)";
        let made = change.run(sqlx::query(unused).bind(made_before)).await?;
        // Made media is forgotten durably before its blobs go, else a crash could bring back names
        // of blobs that are gone.
        change.commit().await?;

        let mut change = Change::begin(self).await?;
        let named = change.all(sqlx::query("SELECT DISTINCT blob FROM reference")).await?;
        let named = named.iter().map(|row| Columns::of(row).digest()).collect::<Result<HashSet<_>>>()?;
        let blobs = self.blobs.clone();
        // The files go while this transaction holds the only writer, so nobody can name one of
        // them in between.
        let work = tokio::task::spawn_blocking(move || remove_unnamed(&blobs, &named));
        let swept = work.await.map_err(|e| Error::internal(format!("the sweep ended early: {e}")))??;
        change.run(sqlx::query("DELETE FROM blob WHERE digest NOT IN (SELECT blob FROM reference)")).await?;
        change.commit().await?;
        Ok(Swept { made, ..swept })
    }
}

fn remove_unnamed(blobs: &Blobs, named: &HashSet<Digest>) -> Result<Swept> {
    let mut swept = Swept::default();
    for (digest, bytes) in blobs.list()? {
        if !named.contains(&digest) && blobs.remove_unless_fresh(&digest)? {
            swept.blobs += 1;
            swept.bytes += bytes;
        }
    }
    Ok(swept)
}

fn reference(row: &SqliteRow) -> Result<Reference> {
    let mut c = Columns::of(row);
    Ok(Reference {
        blob: c.digest()?,
        bytes: c.number()?,
        title: c.optional_text()?,
        what: c.text()?,
        index_of: c.optional_digest()?,
    })
}

/// Fails with `DataLoss` when the names of tables and columns are not text any more: sqlx takes it for
/// granted that they are, and would wait for ever.
async fn look_at_schema(writer: &SqlitePool) -> Result<()> {
    let query = sqlx::query("SELECT CAST(COALESCE(group_concat(sql), '') AS BLOB) FROM sqlite_master");
    let row = query.fetch_one(writer).await.map_err(from_sql)?;
    let schema: Vec<u8> = sqlx::Row::try_get(&row, 0).map_err(from_sql)?;
    std::str::from_utf8(&schema).map(drop).map_err(|_| lost("the schema has changed on the disk"))
}

/// Applies the steps that the database has not seen, all or none.
async fn upgrade(writer: &SqlitePool, steps: &[&'static str]) -> Result<()> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await.map_err(from_sql)?;
    let create = sqlx::query("CREATE TABLE IF NOT EXISTS format (version BIGINT NOT NULL)");
    create.execute(&mut *tx).await.map_err(from_sql)?;
    let row = sqlx::query("SELECT COALESCE(MAX(version), 0) FROM format")
        .fetch_one(&mut *tx)
        .await
        .map_err(from_sql)?;
    let found = Columns::of(&row).integer()?;
    let known = steps.len() as i64;
    if found > known {
        return Err(newer("a catalogue", found, known).at("catalogue.sqlite"));
    }
    if found == known {
        return Ok(());
    }
    for step in &steps[found.max(0) as usize..] {
        sqlx::raw_sql(*step).execute(&mut *tx).await.map_err(from_sql)?;
    }
    sqlx::query("DELETE FROM format").execute(&mut *tx).await.map_err(from_sql)?;
    let insert = sqlx::query("INSERT INTO format (version) VALUES ($1)").bind(known);
    insert.execute(&mut *tx).await.map_err(from_sql)?;
    tx.commit().await.map_err(from_sql)
}

#[cfg(test)]
mod tests;
