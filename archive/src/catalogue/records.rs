//! Records: what was decided, in append-only logs, and the documents that they commit to.
//!
//! Invariants:
//! - Records of a log are numbered from 0 without a gap, and none is ever changed or removed.
//! - A record, its documents and the jobs that follow from it are entered in one transaction, so a
//!   crash leaves all of them or none.
//! - A record is read as it was written, or not at all: its digest stands beside it.
//! - Erasing a document removes its salt and content; the record and its commitment stay.

use media::{Digest, Result};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::Catalogue;
use super::change::Change;
use super::columns::Columns;
use super::jobs;
use super::rows::{Document, NewJob, Record};
use crate::error::{conflict, from_sql, lost};

impl Catalogue {
    /// Appends records with their documents and enters jobs, durably and all or none.
    ///
    /// Fails with `Conflict` when a number is not the next of its log, or a job of one of the keys
    /// exists.
    pub async fn append(&self, records: &[(Record, Vec<Document>)], new: &[NewJob], now: i64) -> Result<()> {
        let mut change = Change::begin(self).await?;
        for (record, documents) in records {
            let next = next_number(&mut change, &record.log).await?;
            if record.number != next {
                return Err(conflict(format!(
                    "record {} of log {:?} does not follow {next} records",
                    record.number, record.log
                )));
            }
            let insert =
                sqlx::query("INSERT INTO record (log, number, text, digest) VALUES ($1, $2, $3, $4)");
            let insert = insert.bind(&record.log).bind(record.number as i64).bind(&record.text);
            change.run(insert.bind(Digest::of(record.text.as_bytes()).to_string())).await?;
            for document in documents {
                insert_document(&mut change, record, document).await?;
            }
        }
        tracing::debug!("records and documents written");
        for job in new {
            jobs::insert(&mut change, &job.key, &job.kind, &job.input, now).await?;
        }
        tracing::debug!("jobs written");
        change.commit().await?;
        self.ends.note(records.iter().map(|(record, _)| record));
        Ok(())
    }

    /// Records `from` to `to`, end-exclusive, of one log, in order. Fails with `DataLoss` when one is not
    /// as it was written.
    pub async fn records(&self, log: &str, from: u64, to: u64) -> Result<Vec<String>> {
        let mut connection = self.readers.acquire().await.map_err(from_sql)?;
        let query = sqlx::query(
            "SELECT log, number, text, digest FROM record WHERE log = $1 AND number >= $2 AND number < $3 \
             ORDER BY number",
        );
        let query = query.bind(log).bind(from as i64).bind(to as i64);
        let rows = query.fetch_all(&mut *connection).await.map_err(from_sql)?;
        rows.iter().map(|row| read_record(row).map(|record| record.text)).collect()
    }

    /// All records, by log and number, as of one instant. Fails with `DataLoss` when one is not as it was
    /// written, or a durable one is lacking.
    pub async fn all_records(&self) -> Result<Vec<Record>> {
        let mut tx = self.readers.begin().await.map_err(from_sql)?;
        let records = read(&mut tx).await?;
        self.ends.verify(&records)?;
        Ok(records)
    }

    /// The documents of one record, as they were entered; those erased are left out.
    pub async fn documents(&self, log: &str, number: u64) -> Result<Vec<Document>> {
        let mut connection = self.readers.acquire().await.map_err(from_sql)?;
        let query = sqlx::query(
            "SELECT commitment, salt, content, blob FROM document \
             WHERE log = $1 AND number = $2 AND salt IS NOT NULL ORDER BY commitment",
        );
        let rows = query.bind(log).bind(number as i64).fetch_all(&mut *connection).await.map_err(from_sql)?;
        rows.iter().map(|row| read_document(&mut Columns::of(row))).collect()
    }

    /// The document that a commitment is to; none where it was erased, or never was.
    pub async fn document(&self, commitment: &Digest) -> Result<Option<Document>> {
        let mut connection = self.readers.acquire().await.map_err(from_sql)?;
        let query = sqlx::query(
            "SELECT commitment, salt, content, blob FROM document WHERE commitment = $1 AND salt IS NOT NULL",
        );
        let row = query.bind(commitment.to_string()).fetch_optional(&mut *connection).await;
        row.map_err(from_sql)?.as_ref().map(|row| read_document(&mut Columns::of(row))).transpose()
    }

    /// The documents of all records, with the log and number of each; those erased are left out.
    pub async fn all_documents(&self) -> Result<Vec<(String, u64, Document)>> {
        let query = sqlx::query(
            "SELECT log, number, commitment, salt, content, blob FROM document \
             WHERE salt IS NOT NULL ORDER BY log, number, commitment",
        );
        let rows = query.fetch_all(&self.readers).await.map_err(from_sql)?;
        let read = |row| {
            let mut c = Columns::of(row);
            Ok((c.text()?, c.number()?, read_document(&mut c)?))
        };
        rows.iter().map(read).collect()
    }

    /// Erases a document, durably: its salt and content are gone, and nobody can open the record's
    /// commitment any more. Answers whether there was anything to erase.
    pub async fn erase_document(&self, commitment: &Digest) -> Result<bool> {
        let mut change = Change::begin(self).await?;
        let erase = sqlx::query(
            "UPDATE document SET salt = NULL, content = NULL, blob = NULL \
             WHERE commitment = $1 AND salt IS NOT NULL",
        );
        let erased = change.run(erase.bind(commitment.to_string())).await? > 0;
        change.commit().await?;
        Ok(erased)
    }
}

async fn next_number(change: &mut Change<'_>, log: &str) -> Result<u64> {
    let query = sqlx::query("SELECT COALESCE(MAX(number) + 1, 0) FROM record WHERE log = $1");
    let row = change.first(query.bind(log)).await?;
    row.map_or(Ok(0), |row| Columns::of(&row).number())
}

async fn insert_document(change: &mut Change<'_>, record: &Record, document: &Document) -> Result<()> {
    if let Some(blob) = &document.blob {
        change.name_blob(blob).await?;
    }
    let insert = sqlx::query(
        "INSERT INTO document (commitment, log, number, salt, content, blob) VALUES ($1, $2, $3, $4, $5, $6)",
    );
    let insert = insert.bind(document.commitment.to_string()).bind(&record.log).bind(record.number as i64);
    let insert = insert.bind(&document.salt).bind(&document.content);
    change.run(insert.bind(document.blob.map(|blob| blob.to_string()))).await.map(drop)
}

/// All records, by log and number.
pub(super) async fn read(connection: &mut SqliteConnection) -> Result<Vec<Record>> {
    let query = sqlx::query("SELECT log, number, text, digest FROM record ORDER BY log, number");
    let rows = query.fetch_all(connection).await.map_err(from_sql)?;
    let mut records: Vec<Record> = Vec::with_capacity(rows.len());
    for row in &rows {
        let record = read_record(row)?;
        let next = records.last().filter(|last| last.log == record.log).map_or(0, |last| last.number + 1);
        if record.number != next {
            return Err(lost(format!("log {:?} has no record {next}", record.log))
                .at("catalogue")
                .remedy("Put back the last copy of catalogue.sqlite"));
        }
        records.push(record);
    }
    Ok(records)
}

fn read_record(row: &SqliteRow) -> Result<Record> {
    let mut c = Columns::of(row);
    let record = Record { log: c.text()?, number: c.number()?, text: c.text()? };
    let now = Digest::of(record.text.as_bytes());
    match c.optional_digest()? {
        Some(written) if written != now => {
            let which = format!("record {} of log {:?} has changed on the disk", record.number, record.log);
            Err(lost(which).at("catalogue").remedy("Put back the last copy of catalogue.sqlite"))
        }
        _ => Ok(record),
    }
}

fn read_document(c: &mut Columns) -> Result<Document> {
    Ok(Document { commitment: c.digest()?, salt: c.text()?, content: c.text()?, blob: c.optional_digest()? })
}
