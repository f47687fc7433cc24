use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;

use archive::{Archive, from_io};
use media::{Codec, Digest, Kind};

use crate::film::{make_writable, noise, store_track, truncate};

#[tokio::test]
async fn a_blob_is_what_was_written_in_whatever_pieces() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let blobs = archive.blobs();
    let bytes = noise(1, 5_000_000);
    let source = dir.path().join("source");
    std::fs::write(&source, &bytes).unwrap();
    let source = File::open(&source).unwrap();

    let mut writer = blobs.writer().unwrap();
    writer.write_all(&bytes[..10]).unwrap();
    writer.copy_range(&source, 10, 3_000_000).unwrap();
    writer.append(&bytes[3_000_010..4_999_999]).unwrap();
    writer.flush().unwrap();
    writer.write_all(&bytes[4_999_999..]).unwrap();
    assert_eq!(writer.len(), 5_000_000);
    let digest = writer.commit().unwrap();

    assert_eq!(digest, Digest::of(&bytes));
    assert_eq!(blobs.read(&digest).unwrap(), bytes);
    assert_eq!(blobs.put_file(&source).unwrap(), digest);
    assert_eq!(blobs.open_blob(&digest).unwrap().map().unwrap(), bytes);
    let mut whole = Vec::new();
    blobs.open_sized(&digest, 5_000_000).unwrap().file().read_to_end(&mut whole).unwrap();
    assert_eq!(whole, bytes);
    assert_eq!(blobs.list().unwrap(), [(digest, 5_000_000)]);
    let mode = std::fs::metadata(blobs.path(&digest)).unwrap().permissions().mode();
    assert_eq!(mode & 0o222, 0, "a blob is read-only");
}

#[tokio::test]
async fn an_empty_blob_is_a_blob() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let digest = archive.blobs().put(b"").unwrap();
    let blob = archive.blobs().open_blob(&digest).unwrap();
    assert!(blob.is_empty());
    assert_eq!(blob.map().unwrap(), b"");
    assert_eq!(archive.blobs().read(&digest).unwrap(), b"");
}

#[tokio::test]
async fn an_identical_blob_is_kept_and_another_length_refused() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let blobs = archive.blobs();
    let digest = blobs.put(b"the same bytes").unwrap();
    let inode =
        |path: &std::path::Path| std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).unwrap());
    let first = inode(&blobs.path(&digest));
    assert_eq!(blobs.put(b"the same bytes").unwrap(), digest);
    assert_eq!(inode(&blobs.path(&digest)), first, "the file that was there stays");

    truncate(&blobs.path(&digest), 3);
    let error = blobs.put(b"the same bytes").unwrap_err();
    assert_eq!(error.kind, Kind::DataLoss);
    assert!(error.to_string().contains("has 3 bytes instead of 14"), "{error}");
    assert_eq!(std::fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0);
}

#[tokio::test]
async fn an_abandoned_or_failed_writer_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let blobs = archive.blobs();
    let mut writer = blobs.writer().unwrap();
    writer.append(&noise(2, 3_000_000)).unwrap();
    drop(writer);

    let short = dir.path().join("short");
    std::fs::write(&short, b"short").unwrap();
    let short = File::open(&short).unwrap();
    let mut writer = blobs.writer().unwrap();
    let error = writer.copy_range(&short, 2, 10).unwrap_err();
    assert_eq!(error.kind, Kind::DataLoss, "{error}");
    // The writer is spent: neither more bytes nor a commit can make half a blob.
    assert_eq!(from_io(dir.path(), writer.write_all(b"more").unwrap_err()), error);
    assert_eq!(writer.commit().unwrap_err(), error);

    assert_eq!(blobs.list().unwrap(), []);
    assert_eq!(std::fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0);
}

#[tokio::test]
async fn what_a_killed_writer_left_is_removed_at_open() {
    let dir = tempfile::tempdir().unwrap();
    Archive::open(dir.path()).await.unwrap().close().await;
    std::fs::write(dir.path().join("tmp/0"), b"half a bl").unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    assert_eq!(std::fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0);
    archive.blobs().put(b"a new one").unwrap();
}

#[tokio::test]
async fn a_missing_or_changed_blob_is_data_loss() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let blobs = archive.blobs();
    assert_eq!(blobs.open_blob(&Digest::of(b"never stored")).unwrap_err().kind, Kind::DataLoss);
    assert_eq!(blobs.len_of(&Digest::of(b"never stored")).unwrap(), None);

    let digest = blobs.put(&noise(3, 100_000)).unwrap();
    assert_eq!(blobs.open_sized(&digest, 99_999).unwrap_err().kind, Kind::DataLoss);
    make_writable(&blobs.path(&digest));
    std::fs::write(blobs.path(&digest), noise(4, 100_000)).unwrap();
    let error = blobs.read(&digest).unwrap_err();
    assert_eq!(error.kind, Kind::DataLoss);
    assert!(error.remedy.contains("phim check"), "{error}");
}

#[tokio::test]
async fn a_blob_cut_off_while_it_is_open_fails_to_read_and_kills_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let bytes = noise(5, 100_000);
    let digest = archive.blobs().put(&bytes).unwrap();
    let blob = archive.blobs().open_blob(&digest).unwrap();
    let map = blob.map().unwrap();
    assert_eq!(map, bytes);

    truncate(&archive.blobs().path(&digest), 10_000);
    let mut buffer = [0; 1000];
    blob.read_at(9_000, &mut buffer).unwrap();
    let error = blob.read_at(9_001, &mut buffer).unwrap_err();
    assert_eq!(error.kind, Kind::DataLoss, "{error}");
    assert!(error.to_string().contains("byte 9001"), "{error}");
    // The map reads as zeros where the file is gone. Without the guard this line ends the process.
    assert_eq!(map[90_000], 0);
    assert!(!blob.is_intact());
}

#[tokio::test]
async fn many_open_blobs_stay_within_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let blobs = archive.blobs();
    blobs.keep_open(4);
    let digests: Vec<_> = (0..40).map(|n| blobs.put(&noise(n, 100)).unwrap()).collect();
    let held = blobs.open_blob(&digests[0]).unwrap();
    for digest in &digests {
        blobs.open_blob(digest).unwrap();
    }
    let inside = dir.path().canonicalize().unwrap().join("blobs");
    let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let open =
        open.filter(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to.starts_with(&inside))).count();
    assert_eq!(open, 5, "the four latest and the one that is held");
    assert!(std::sync::Arc::ptr_eq(&held, &blobs.open_blob(&digests[0]).unwrap()), "a held blob is shared");
}

#[tokio::test]
async fn an_index_cut_off_while_it_is_open_is_data_loss() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    // Long enough that the directory spans several pages: cuts fall before, in and after it.
    let blocks = 2000;
    let track = store_track(archive.blobs(), Codec::Avc, 1, 24 * blocks, 1).unwrap();
    let path = archive.blobs().path(&track.index);
    let whole = std::fs::read(&path).unwrap();
    for len in [whole.len() - 2, whole.len() / 2, 24 * blocks as usize / 2, 5000, 0] {
        let index = archive.blobs().open_index(&track.index).unwrap();
        truncate(&path, len as u64);
        let lost = (0..blocks as usize).filter(|n| index.block(*n).is_err()).count();
        // The page of the cut reads as zeros beyond it (the last byte is zero anyway), and what
        // is lost is told, never made up.
        assert!(lost > 0 && index.block(blocks as usize - 1).is_err(), "{len}");
        for n in 0..blocks as usize {
            if let Err(error) = index.block(n) {
                assert_eq!(error.kind, Kind::DataLoss, "{error}");
            }
        }
        let _ = (index.block_of(24 * blocks - 1), index.is_sync(24));
        std::fs::write(&path, &whole).unwrap();
    }
}
