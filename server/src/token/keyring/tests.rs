use super::*;

#[test]
fn a_new_key_takes_over_and_the_old_one_stays_good() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::open(dir.path()).unwrap();
    let first = open(dir.path(), &keys).unwrap();
    assert_eq!(first.issuer.key().algorithm(), Algorithm::Hs256);
    assert_eq!(open(dir.path(), &keys).unwrap().issuer.id(), first.issuer.id(), "it is kept");
    let names = add(dir.path(), Kept::Es256).unwrap();
    let now = open(dir.path(), &keys).unwrap();
    assert_eq!(now.issuer.key().algorithm(), Algorithm::Es256);
    assert_eq!((names.len(), now.ring.keys.len()), (2, 2));
    assert_ne!(now.issuer.id(), first.issuer.id());
    let text = std::fs::read_to_string(file(dir.path())).unwrap();
    let secret = URL_SAFE_NO_PAD.encode(first.issuer.key().material());
    assert!(!text.contains(&secret) && tell(&keys, &names).unwrap().keys[0].checks_with == secret);
}

#[test]
fn the_file_is_not_believed_blindly() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::open(dir.path()).unwrap();
    for text in ["", "{}", r#"[{"id": "a", "algorithm": "none", "made": 1}]"#] {
        std::fs::write(file(dir.path()), text).unwrap();
        assert_eq!(open(dir.path(), &keys).err().map(|e| e.kind), Some(Kind::DataLoss), "{text}");
    }
    let old = r#"[{"id": "a", "algorithm": "hs256", "made": 1, "retired": 2}]"#;
    std::fs::write(file(dir.path()), old).unwrap();
    let ring = open(dir.path(), &keys).unwrap().ring;
    assert_eq!(ring.keys.len(), 1, "what it sealed has ended long ago");
}
