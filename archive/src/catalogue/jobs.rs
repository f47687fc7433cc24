//! Jobs: work that survives the process that does it.
//!
//! A job waits, runs and is done or failed. Each run is an attempt with a number; only the attempt
//! that holds the job may write to it, so one that was thought dead cannot spoil what its successor
//! does. An attempt holds a job until its lease runs out or the archive is opened by a new owner.

use media::{Digest, Error, Result};
use serde_json::Value;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::Catalogue;
use super::change::Change;
use super::columns::{Columns, json};
use super::rows::{Claim, Job, JobState};
use super::titles::select_all;
use crate::error::{conflict, from_sql};

impl Catalogue {
    /// Enters a job, durably, and returns it. When the key has an unfinished job of the same input,
    /// that job is returned, with what it has done; a finished or failed one starts afresh but
    /// keeps the progress of a failure. Fails with `Conflict` when an unfinished job of the key has
    /// other input.
    pub async fn enter_job(&self, key: &str, kind: &str, input: &Value, now: i64) -> Result<Job> {
        let mut change = Change::begin(self).await?;
        match read(change.connection(), Some(key)).await?.pop() {
            None => insert(&mut change, key, kind, input, now).await?,
            Some(job) if job.input != *input || job.kind != kind => {
                if matches!(job.state, JobState::Waiting | JobState::Running) {
                    return Err(conflict(format!("the job {key:?} is under way with other input"))
                        .remedy("Wait for it, or cancel it first"));
                }
                change.run(sqlx::query("DELETE FROM job WHERE key = $1").bind(key)).await?;
                insert(&mut change, key, kind, input, now).await?;
            }
            Some(job) => resume(&mut change, &job, now).await?,
        }
        let job = read(change.connection(), Some(key)).await?.pop();
        change.commit().await?;
        job.ok_or_else(|| no_job(key))
    }

    /// Begins an attempt at a job that waits, or whose attempt has let its lease run out, and holds
    /// it for `lease` microseconds. Returns nothing when somebody holds it or it has ended.
    pub async fn claim_job(&self, key: &str, now: i64, lease: i64) -> Result<Option<Claim>> {
        let mut change = Change::begin(self).await?;
        let query = sqlx::query(
            "UPDATE job SET state = 'running', attempts = attempts + 1, lease_until = $3, updated = $2, error = NULL \
             WHERE key = $1 AND (state = 'waiting' OR (state = 'running' AND lease_until < $2)) RETURNING created, attempts",
        );
        let row = change.first(query.bind(key).bind(now).bind(now.saturating_add(lease))).await?;
        let claim = row.map(|row| {
            let mut c = Columns::of(&row);
            Ok(Claim { key: key.to_string(), created: c.integer()?, attempt: c.integer()? })
        });
        change.commit().await?;
        claim.transpose()
    }

    /// Records what is done and the blobs `stored` for it, and holds the job for another `lease`
    /// microseconds. Durable when this returns: an attempt after a crash goes on from here, and no
    /// sweep removes those blobs. Fails with `Conflict` when another attempt holds the job.
    pub async fn advance_job(
        &self,
        claim: &Claim,
        progress: &Value,
        stored: &[Digest],
        now: i64,
        lease: i64,
    ) -> Result<()> {
        let mut change = Change::begin(self).await?;
        let query = sqlx::query(
            "UPDATE job SET progress = $4, updated = $5, lease_until = $6 \
             WHERE key = $1 AND created = $2 AND attempts = $3 AND state = 'running'",
        );
        let query = query.bind(&claim.key).bind(claim.created).bind(claim.attempt);
        let query = query.bind(json(progress)?).bind(now).bind(now.saturating_add(lease));
        if change.run(query).await? == 0 {
            return Err(superseded(claim));
        }
        for blob in stored {
            change.name_blob(blob).await?;
            let query =
                sqlx::query("INSERT INTO job_blob (job, blob) VALUES ($1, $2) ON CONFLICT DO NOTHING");
            change.run(query.bind(&claim.key).bind(blob.to_string())).await?;
        }
        change.commit().await
    }

    /// Ends a job well, durably. (A title ends its job itself, see [`Catalogue::put_title`].)
    pub async fn finish_job(&self, claim: &Claim, now: i64) -> Result<()> {
        let mut change = Change::begin(self).await?;
        end(&mut change, claim, JobState::Done, None, now).await?;
        change.commit().await
    }

    /// Ends a job with an error, durably. Its progress and blobs are kept for a next time.
    pub async fn fail_job(&self, claim: &Claim, error: &Error, now: i64) -> Result<()> {
        let mut change = Change::begin(self).await?;
        end(&mut change, claim, JobState::Failed, Some(error.to_string()), now).await?;
        change.commit().await
    }

    /// Lets a job wait for another attempt, durably, e.g. when the process is asked to end.
    pub async fn release_job(&self, claim: &Claim, now: i64) -> Result<()> {
        let mut change = Change::begin(self).await?;
        end(&mut change, claim, JobState::Waiting, None, now).await?;
        change.commit().await
    }

    /// Fails with `NotFound`.
    pub async fn job(&self, key: &str) -> Result<Job> {
        let mut connection = self.readers.acquire().await.map_err(from_sql)?;
        read(&mut connection, Some(key)).await?.pop().ok_or_else(|| no_job(key))
    }

    /// All jobs, oldest first.
    pub async fn jobs(&self) -> Result<Vec<Job>> {
        let mut connection = self.readers.acquire().await.map_err(from_sql)?;
        read(&mut connection, None).await
    }

    /// Forgets a job, durably, even one under way: its attempt will fail at the next step. The
    /// blobs that it stored go with the next sweep. Fails with `NotFound`.
    pub async fn remove_job(&self, key: &str) -> Result<()> {
        let mut change = Change::begin(self).await?;
        if change.run(sqlx::query("DELETE FROM job WHERE key = $1").bind(key)).await? == 0 {
            return Err(no_job(key));
        }
        change.commit().await
    }

    /// Lets every running job wait again. Right only for a new owner: whoever ran them is gone.
    pub(super) async fn release_all(&self) -> Result<()> {
        let query = sqlx::query("UPDATE job SET state = 'waiting' WHERE state = 'running'");
        query.execute(&self.writer).await.map(drop).map_err(from_sql)
    }
}

fn no_job(key: &str) -> Error {
    Error::not_found(format!("there is no job {key:?}"))
}

fn superseded(claim: &Claim) -> Error {
    conflict(format!("attempt {} no longer holds the job {:?}", claim.attempt, claim.key))
}

/// Ends an attempt. What a finished job stored is named by others now, or by nobody.
pub(super) async fn end(
    change: &mut Change<'_>,
    claim: &Claim,
    state: JobState,
    error: Option<String>,
    now: i64,
) -> Result<()> {
    let query = sqlx::query(
        "UPDATE job SET state = $4, error = $5, updated = $6, lease_until = 0 \
         WHERE key = $1 AND created = $2 AND attempts = $3 AND state = 'running'",
    );
    let query = query.bind(&claim.key).bind(claim.created).bind(claim.attempt);
    if change.run(query.bind(state.name()).bind(error).bind(now)).await? == 0 {
        return Err(superseded(claim));
    }
    if state == JobState::Done {
        change.run(sqlx::query("DELETE FROM job_blob WHERE job = $1").bind(&claim.key)).await?;
    }
    Ok(())
}

pub(super) async fn insert(
    change: &mut Change<'_>,
    key: &str,
    kind: &str,
    input: &Value,
    now: i64,
) -> Result<()> {
    let query = sqlx::query(
        "INSERT INTO job (key, kind, state, input, progress, error, attempts, lease_until, created, updated) \
         VALUES ($1, $2, 'waiting', $3, 'null', NULL, 0, 0, $4, $4)",
    );
    change.run(query.bind(key).bind(kind).bind(json(input)?).bind(now)).await.map(drop)
}

/// Lets an ended job of the same input wait again; one that was done has nothing to go on from.
async fn resume(change: &mut Change<'_>, job: &Job, now: i64) -> Result<()> {
    let update = match job.state {
        JobState::Waiting | JobState::Running => return Ok(()),
        JobState::Failed => "UPDATE job SET state = 'waiting', updated = $2 WHERE key = $1",
        JobState::Done => "UPDATE job SET state = 'waiting', progress = 'null', updated = $2 WHERE key = $1",
    };
    change.run(sqlx::query(update).bind(&job.key).bind(now)).await.map(drop)
}

async fn read(connection: &mut SqliteConnection, key: Option<&str>) -> Result<Vec<Job>> {
    let select = "SELECT key, kind, state, input, progress, error, attempts, created, updated FROM job \
                  WHERE CAST($1 AS TEXT) IS NULL OR key = $1 ORDER BY created, key";
    select_all(connection, select, key).await?.iter().map(read_job).collect()
}

fn read_job(row: &SqliteRow) -> Result<Job> {
    let mut c = Columns::of(row);
    Ok(Job {
        key: c.text()?,
        kind: c.text()?,
        state: c.word()?,
        input: c.json()?,
        progress: c.json()?,
        error: c.optional_text()?,
        attempts: c.integer()?,
        created: c.integer()?,
        updated: c.integer()?,
    })
}
