//! A disk that is full. The child tests run in a mount namespace of their own with a small tmpfs,
//! or under a limit on the size of files; as tests of their own they do nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use archive::Archive;
use media::Kind;

use crate::film::{assert_sound, noise, store_title};

const DIR: &str = "PHIM_TEST_FULL_DISK";

fn told() -> Option<PathBuf> {
    std::env::var_os(DIR).map(PathBuf::from)
}

/// Runs `test` of this binary under a shell that first does `prepare`.
fn run_under(prepare: &str, test: &str, dir: &Path, launcher: &[&str]) {
    let script = format!("{prepare} && exec \"$0\" --exact {test} --nocapture");
    let mut words = launcher.iter().copied().chain(["sh", "-c", &script]);
    let mut command = Command::new(words.next().expect("at least sh"));
    command.args(words).arg(std::env::current_exe().unwrap()).env(DIR, dir);
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn assert_full(error: media::Error, place: &Path) {
    assert_eq!(error.kind, Kind::Unavailable, "{error}");
    assert!(error.message.contains("no space is left"), "{error}");
    assert!(error.remedy.contains("Free space"), "{error}");
    assert!(error.places.iter().any(|p| Path::new(p).starts_with(place) || p == "catalogue"), "{error}");
}

#[tokio::test]
async fn child_fills_a_small_disk() {
    let Some(dir) = told() else { return };
    let archive = Archive::open(&dir).await.unwrap();
    let place = archive.dir().to_path_buf();
    let title = store_title(archive.blobs(), "before", 1).unwrap();
    archive.catalogue().put_title(&title, None).await.unwrap();
    let next = store_title(archive.blobs(), "next", 2).unwrap();

    assert_full(archive.blobs().put(&noise(3, 20 << 20)).unwrap_err(), &place);
    assert_eq!(std::fs::read_dir(dir.join("tmp")).unwrap().count(), 0, "nothing half is left");
    // Now to the last byte, so that the catalogue has no room either.
    let filler = dir.join("filler");
    let full = std::fs::write(&filler, vec![1; 20 << 20]).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    assert_full(archive.catalogue().put_title(&next, None).await.unwrap_err(), &place);
    assert_eq!(archive.catalogue().titles().await.unwrap(), std::slice::from_ref(&title), "reading goes on");
    assert_sound(&archive).await;

    std::fs::remove_file(&filler).unwrap();
    archive.catalogue().put_title(&next, None).await.unwrap();
    assert_sound(&archive).await;
    archive.close().await;
    assert_eq!(Archive::open(&dir).await.unwrap().catalogue().titles().await.unwrap(), [title, next]);
}

#[tokio::test]
async fn child_meets_a_limit_on_files() {
    let Some(dir) = told() else { return };
    let archive = Archive::open(&dir).await.unwrap();
    assert_full(archive.blobs().put(&noise(3, 20 << 20)).unwrap_err(), archive.dir());
    assert_eq!(std::fs::read_dir(dir.join("tmp")).unwrap().count(), 0);
    archive.blobs().put(b"a small one").unwrap();
}

#[test]
fn a_full_disk_leaves_nothing_half() {
    let dir = tempfile::tempdir().unwrap();
    let launcher = ["unshare", "--mount", "--map-root-user"];
    let mount = format!("mount -t tmpfs -o size=6m tmpfs {}", dir.path().display());
    let tried = Command::new(launcher[0]).args(&launcher[1..]).args(["sh", "-c", &mount]).output();
    if !tried.is_ok_and(|output| output.status.success()) {
        println!("skipped: no mount namespaces here, so no small disk to fill");
        return;
    }
    run_under(&mount, "full_disk::child_fills_a_small_disk", dir.path(), &launcher);
}

#[test]
fn a_file_over_the_limit_leaves_nothing_half() {
    let dir = tempfile::tempdir().unwrap();
    // The signal is ignored as a server would have it, so that the write fails instead.
    run_under("trap '' XFSZ && ulimit -f 8192", "full_disk::child_meets_a_limit_on_files", dir.path(), &[]);
}
