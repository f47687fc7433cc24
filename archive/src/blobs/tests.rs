use super::*;

#[test]
fn a_rename_never_replaces() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    std::fs::write(&from, "new").unwrap();
    std::fs::write(&to, "old").unwrap();
    assert!(!rename_new(&from, &to).unwrap());
    assert_eq!(std::fs::read_to_string(&to).unwrap(), "old");
    std::fs::remove_file(&to).unwrap();
    assert!(rename_new(&from, &to).unwrap());
    assert_eq!(std::fs::read_to_string(&to).unwrap(), "new");
}

#[test]
fn a_path_splits_the_digest() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    let path = blobs.path(&Digest::of(b""));
    let expected = "blobs/e3/b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(path.strip_prefix(dir.path()).unwrap(), Path::new(expected));
}

#[test]
fn an_adopted_file_becomes_the_blob() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    for _ in 0..2 {
        let made = dir.path().join("made");
        std::fs::write(&made, vec![7; 3_000_000]).unwrap();
        let digest = blobs.adopt(&made).unwrap();
        assert_eq!(digest, Digest::of(&[7; 3_000_000]));
        assert!(!made.exists());
        assert_eq!(blobs.len_of(&digest).unwrap(), Some(3_000_000));
    }
    assert_eq!(blobs.list().unwrap().len(), 1);
    assert_eq!(blobs.adopt(&dir.path().join("none")).unwrap_err().kind, media::Kind::NotFound);
}
