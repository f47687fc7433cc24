use archive::{Archive, Claim, JobState};
use media::{Error, Kind};
use serde_json::{Value, json};

use crate::film::store_title;

const LEASE: i64 = 60_000_000;

async fn enter(archive: &Archive, now: i64) -> archive::Job {
    archive.catalogue().enter_job("add forest", "add", &json!({"files": ["film.mp4"]}), now).await.unwrap()
}

async fn claim(archive: &Archive, now: i64) -> Option<Claim> {
    archive.catalogue().claim_job("add forest", now, LEASE).await.unwrap()
}

#[tokio::test]
async fn a_job_goes_on_where_a_killed_process_left_it() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let job = enter(&archive, 1).await;
    assert_eq!((job.state, job.attempts, &job.progress), (JobState::Waiting, 0, &Value::Null));
    let held = claim(&archive, 2).await.unwrap();
    assert_eq!(claim(&archive, 3).await, None, "it is held");
    let stored = archive.blobs().put(b"a track that is done").unwrap();
    let progress = json!({"tracks": [stored.to_string()]});
    archive.catalogue().advance_job(&held, &progress, &[stored], 4, LEASE).await.unwrap();
    drop(archive);

    let archive = Archive::open(dir.path()).await.unwrap();
    assert_eq!(archive.catalogue().sweep(i64::MAX).await.unwrap().blobs, 0, "the job holds its blob");
    let job = enter(&archive, 5).await;
    assert_eq!((job.state, job.attempts, &job.progress), (JobState::Waiting, 1, &progress));
    let next = claim(&archive, 6).await.unwrap();
    assert_eq!(next.attempt, 2);
    let late = archive.catalogue().advance_job(&held, &Value::Null, &[], 7, LEASE).await.unwrap_err();
    assert_eq!(late.kind, Kind::Conflict, "{late}");

    let title = store_title(archive.blobs(), "forest", 1).unwrap();
    let stale = archive.catalogue().put_title(&title, Some((&held, 8))).await.unwrap_err();
    assert_eq!(stale.kind, Kind::Conflict);
    assert_eq!(archive.catalogue().titles().await.unwrap(), [], "a stale attempt enters nothing");
    archive.catalogue().put_title(&title, Some((&next, 8))).await.unwrap();
    let job = archive.catalogue().job("add forest").await.unwrap();
    assert_eq!((job.state, job.updated), (JobState::Done, 8));
    assert_eq!(claim(&archive, 9).await, None, "it has ended");
}

#[tokio::test]
async fn a_lease_that_ran_out_is_another_attempt_s() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    enter(&archive, 1).await;
    let first = claim(&archive, 2).await.unwrap();
    assert_eq!(claim(&archive, 2 + LEASE).await, None);
    let second = claim(&archive, 3 + LEASE).await.unwrap();
    let error = archive.catalogue().finish_job(&first, 4 + LEASE).await.unwrap_err();
    assert_eq!(error.kind, Kind::Conflict);
    archive.catalogue().release_job(&second, 5 + LEASE).await.unwrap();
    let third = claim(&archive, 6 + LEASE).await.unwrap();
    archive.catalogue().finish_job(&third, 7 + LEASE).await.unwrap();
}

#[tokio::test]
async fn a_failed_job_keeps_its_progress_and_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    enter(&archive, 1).await;
    let held = claim(&archive, 2).await.unwrap();
    archive.catalogue().advance_job(&held, &json!(3), &[], 3, LEASE).await.unwrap();
    let reason = Error::new(Kind::Unavailable, "ffmpeg was killed").at("film.mp4").remedy("Try again");
    archive.catalogue().fail_job(&held, &reason, 4).await.unwrap();
    let job = archive.catalogue().job("add forest").await.unwrap();
    assert_eq!(job.error.as_deref(), Some("film.mp4: ffmpeg was killed. Try again"));
    assert_eq!(job.state, JobState::Failed);

    let job = enter(&archive, 5).await;
    assert_eq!((job.state, &job.progress), (JobState::Waiting, &json!(3)));
    let held = claim(&archive, 6).await.unwrap();
    archive.catalogue().finish_job(&held, 7).await.unwrap();
    assert_eq!(enter(&archive, 8).await.progress, Value::Null, "done once, nothing to go on from");
}

#[tokio::test]
async fn other_input_under_the_same_key_waits_for_the_first_to_end() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    enter(&archive, 1).await;
    let held = claim(&archive, 2).await.unwrap();
    let other = json!({"files": ["other.mp4"]});
    let error = archive.catalogue().enter_job("add forest", "add", &other, 3).await.unwrap_err();
    assert_eq!(error.kind, Kind::Conflict);
    archive.catalogue().remove_job("add forest").await.unwrap();
    assert_eq!(archive.catalogue().remove_job("add forest").await.unwrap_err().kind, Kind::NotFound);

    // The attempt at the removed job must not take the new one for its own, though it is the first too.
    archive.catalogue().enter_job("add forest", "add", &other, 4).await.unwrap();
    assert_eq!(claim(&archive, 5).await.unwrap().attempt, held.attempt);
    let late = archive.catalogue().finish_job(&held, 6).await.unwrap_err();
    assert_eq!(late.kind, Kind::Conflict);
    assert_eq!(archive.catalogue().jobs().await.unwrap().len(), 1);
}
