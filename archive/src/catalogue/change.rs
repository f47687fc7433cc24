//! One transaction that writes.

use media::{Digest, Index, Result};
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow};
use sqlx::{SqliteConnection, Transaction};

use super::Catalogue;
use super::columns::Columns;
use super::rows::StoredTrack;
use crate::error::{from_sql, lost};

pub(super) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// A transaction under way, and the blobs that it names. Dropped, it is undone.
pub(super) struct Change<'c> {
    catalogue: &'c Catalogue,
    tx: Transaction<'static, Sqlite>,
    named: Vec<Digest>,
}

impl<'c> Change<'c> {
    pub(super) async fn begin(catalogue: &'c Catalogue) -> Result<Change<'c>> {
        let tx = catalogue.writer.begin_with("BEGIN IMMEDIATE").await.map_err(from_sql)?;
        Ok(Change { catalogue, tx, named: Vec::new() })
    }

    /// Runs one statement and says how many rows it changed.
    pub(super) async fn run(&mut self, statement: Statement<'_>) -> Result<u64> {
        statement.execute(&mut *self.tx).await.map(|done| done.rows_affected()).map_err(from_sql)
    }
    pub(super) async fn all(&mut self, statement: Statement<'_>) -> Result<Vec<SqliteRow>> {
        statement.fetch_all(&mut *self.tx).await.map_err(from_sql)
    }
    pub(super) async fn first(&mut self, statement: Statement<'_>) -> Result<Option<SqliteRow>> {
        statement.fetch_optional(&mut *self.tx).await.map_err(from_sql)
    }
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }

    /// Lets the catalogue name a blob. Fails with `DataLoss` when it is not stored, or no longer
    /// with the length that it had when it was first named.
    pub(super) async fn name_blob(&mut self, blob: &Digest) -> Result<()> {
        let path = || self.catalogue.blobs.path(blob).display().to_string();
        let Some(bytes) = self.catalogue.blobs.len_of(blob)? else {
            return Err(lost("the blob to be named is not stored").at(path()).remedy("Add the title again"));
        };
        let insert = sqlx::query(
            "INSERT INTO blob (digest, bytes) VALUES ($1, $2) \
             ON CONFLICT (digest) DO UPDATE SET bytes = blob.bytes RETURNING bytes",
        );
        let row = insert
            .bind(blob.to_string())
            .bind(bytes as i64)
            .fetch_one(&mut *self.tx)
            .await
            .map_err(from_sql)?;
        let known: u64 = Columns::of(&row).number()?;
        if known != bytes {
            return Err(lost(format!("the stored blob has {bytes} bytes instead of {known}"))
                .at(path())
                .remedy("Run phim check"));
        }
        self.named.push(*blob);
        Ok(())
    }

    /// Lets the catalogue name a track. Fails with `DataLoss` when its index does not open or
    /// tells another length than the blob has.
    pub(super) async fn name_track(&mut self, track: &StoredTrack) -> Result<Index> {
        self.name_blob(&track.blob).await?;
        self.name_blob(&track.index).await?;
        let blobs = &self.catalogue.blobs;
        let index = blobs.open_index(&track.index)?;
        match blobs.len_of(&track.blob)? {
            Some(bytes) if bytes == index.blob_len() => Ok(index),
            found => Err(lost(format!(
                "the blob has {} bytes; its index tells {}",
                found.unwrap_or(0),
                index.blob_len()
            ))
            .at(blobs.path(&track.blob).display().to_string())),
        }
    }

    /// Ends the transaction. What it wrote is durable when this returns.
    pub(super) async fn commit(self) -> Result<()> {
        self.tx.commit().await.map_err(from_sql)?;
        self.named.iter().for_each(|blob| self.catalogue.blobs.settle(blob));
        Ok(())
    }
}
