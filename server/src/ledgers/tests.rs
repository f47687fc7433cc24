use super::*;

#[test]
fn a_key_that_was_changed_is_told_and_never_used() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join(KEY_FILE);
    let seed = secret(&path).expect("made");
    assert_eq!(secret(&path).expect("read"), seed);
    let whole = std::fs::read(&path).expect("its bytes");
    for at in [0, 31, 32, 39] {
        let mut flipped = whole.clone();
        flipped[at] ^= 4;
        std::fs::write(&path, &flipped).expect("written");
        let error = secret(&path).expect_err("a flipped bit");
        assert_eq!(
            (error.kind, error.message.as_str()),
            (Kind::DataLoss, "the key is not as it was written")
        );
    }
    std::fs::write(&path, &whole[..39]).expect("written");
    assert_eq!(secret(&path).expect_err("too short").kind, Kind::DataLoss);
    // As an older Phim wrote it.
    std::fs::write(&path, seed).expect("written");
    assert_eq!(secret(&path).expect("read"), seed);
}
