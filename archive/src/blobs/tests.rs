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
