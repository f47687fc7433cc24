//! Processes killed with SIGKILL at arbitrary instants. The children are this test binary, told by
//! an environment variable what to do; as tests of their own they do nothing.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use archive::{Archive, Made};
use media::{Codec, Digest};

use crate::film::{assert_sound, noise, store_title, store_track};

const DIR: &str = "PHIM_TEST_ARCHIVE";
const SEED: &str = "PHIM_TEST_SEED";
/// What a child prints before each thing that it was told is durable.
const DURABLE: &str = "durable ";

/// Runs `test` of this binary as a child in `dir`, kills it `millis` after its first durable thing,
/// and returns what it said was durable.
fn run_and_kill(test: &str, dir: &Path, seed: u64, millis: u64) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(DIR, dir)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let durable = |line: String| line.split(DURABLE).nth(1).map(str::to_owned);
    let mut said = vec![lines.by_ref().find_map(durable).expect("the child stores something")];
    std::thread::sleep(Duration::from_millis(millis));
    child.kill().unwrap();
    child.wait().unwrap();
    said.extend(lines.filter_map(durable));
    said
}

/// The folder that a child was told to work in; nothing when this process is no child.
fn told() -> Option<(PathBuf, u64)> {
    let dir = std::env::var_os(DIR)?;
    let seed = std::env::var(SEED).unwrap().parse().unwrap();
    Some((dir.into(), seed))
}

#[tokio::test]
async fn child_stores_blobs() {
    let Some((dir, seed)) = told() else { return };
    let archive = Archive::open(&dir).await.unwrap();
    for n in 0.. {
        let digest = archive.blobs().put(&noise(seed * 1000 + n, 3_000_000)).unwrap();
        println!("\n{DURABLE}{digest}");
    }
}

#[tokio::test]
async fn child_enters_titles() {
    let Some((dir, seed)) = told() else { return };
    let archive = Archive::open(&dir).await.unwrap();
    for n in 0.. {
        let id = format!("title-{seed}-{n}");
        let title = store_title(archive.blobs(), &id, seed * 1000 + n).unwrap();
        archive.catalogue().put_title(&title, None).await.unwrap();
        println!("\n{DURABLE}{id}");
    }
}

#[tokio::test]
async fn child_makes_and_sweeps() {
    let Some((dir, seed)) = told() else { return };
    let archive = Archive::open(&dir).await.unwrap();
    for n in 0.. {
        let mut made = Vec::new();
        for part in 0..8 {
            let seed = seed * 100_000 + n * 10 + part;
            let track = store_track(archive.blobs(), Codec::Avc, seed, 24, 100).unwrap();
            made.push(Made { key: Digest::of(&seed.to_le_bytes()), track, what: "patch".into(), created: 1 });
        }
        archive.catalogue().put_made(&made).await.unwrap();
        println!("\n{DURABLE}{n}");
        archive.catalogue().sweep(2).await.unwrap();
    }
}

#[tokio::test]
async fn killed_while_sweeping() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..6 {
        run_and_kill("crash::child_makes_and_sweeps", dir.path(), round, 1 + 3 * round);
        let archive = Archive::open(dir.path()).await.unwrap();
        assert_sound(&archive).await;
    }
}

#[tokio::test]
async fn killed_while_storing_a_blob() {
    let dir = tempfile::tempdir().unwrap();
    let mut durable = Vec::new();
    for round in 0..4 {
        durable.extend(run_and_kill("crash::child_stores_blobs", dir.path(), round, 3 + 7 * round));
        let archive = Archive::open(dir.path()).await.unwrap();
        assert_eq!(std::fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0);
        let stored = archive.blobs().list().unwrap();
        for digest in &durable {
            let digest: Digest = digest.parse().unwrap();
            assert!(stored.contains(&(digest, 3_000_000)), "{digest} was said to be durable");
        }
        for (digest, _) in &stored {
            archive.blobs().read(digest).unwrap();
        }
    }
}

#[tokio::test]
async fn killed_while_entering_a_title() {
    let dir = tempfile::tempdir().unwrap();
    let mut durable = Vec::new();
    for round in 0..4 {
        durable.extend(run_and_kill("crash::child_enters_titles", dir.path(), round, 3 + 11 * round));
        let archive = Archive::open(dir.path()).await.unwrap();
        let titles = archive.catalogue().titles().await.unwrap();
        for id in &durable {
            assert!(titles.iter().any(|t| t.id == *id), "{id} was said to be durable");
        }
        for t in &titles {
            let parts = (t.renditions.len(), t.sounds.len(), t.texts.len(), t.thumbnails.is_some());
            assert_eq!(parts, (2, 1, 2, true), "{} is half", t.id);
        }
        assert_sound(&archive).await;
        archive.catalogue().sweep(i64::MAX).await.unwrap();
        assert_sound(&archive).await;
        assert_eq!(archive.check(archive::Level::Present, |_| ()).await.unwrap().unreferenced, []);
    }
}
