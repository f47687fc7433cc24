use ledger::{Checkpoint, EMPTY_ROOT, LogKey, Tree, leaf_hash};

use super::*;

fn booth(dir: &Path, log: &LogKey) -> Booth {
    let key = key(dir, "w.test").expect("a key").verifier();
    let booth = Booth {
        dir: dir.to_path_buf(),
        name: "w.test".into(),
        logs: vec![log.verifier()],
        witness: Mutex::new(None),
        key,
    };
    *booth.held() = Some(booth.read().expect("a witness"));
    booth
}

fn request(log: &LogKey, tree: &Tree, old: u64) -> Vec<u8> {
    let size = tree.size();
    let root = if size == 0 { EMPTY_ROOT } else { tree.root(size).expect("a root") };
    let checkpoint = Checkpoint::new(log.verifier().name(), size, root).sign(log).expect("a note");
    let proof = if old == 0 { Vec::new() } else { tree.prove_consistency(old, size).expect("a proof") };
    AddCheckpoint { old_size: old, proof, checkpoint }.to_string().into_bytes()
}

/// A head that cannot be kept is not signed; once it can, the witness goes on from what it kept, not
/// from what it had in memory.
#[test]
fn nothing_is_signed_that_is_not_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let log = LogKey::new("log.test", &[7; 32]).expect("a key");
    let booth = booth(dir.path(), &log);
    let mut tree: Tree = [leaf_hash(b"one")].into_iter().collect();
    assert!(booth.answer(&request(&log, &tree, 0), 1).expect("kept").is_ok());
    // The file that takes the heads before they get their name is a folder: nothing can be written.
    std::fs::create_dir(dir.path().join("heads.new")).expect("a folder");
    tree.append(leaf_hash(b"two"));
    assert!(booth.answer(&request(&log, &tree, 1), 2).is_err());
    std::fs::remove_dir(dir.path().join("heads.new")).expect("removed");
    assert_eq!(booth.answer(&request(&log, &tree, 2), 3).expect("answered"), Err(Refusal::Stale { size: 1 }));
    assert!(booth.answer(&request(&log, &tree, 1), 4).expect("kept").is_ok());
    assert_eq!(booth.heads().expect("heads")["log.test"].size, 2);
}

#[test]
fn heads_that_cannot_be_read_stop_the_witness() {
    let dir = tempfile::tempdir().expect("a folder");
    let log = LogKey::new("log.test", &[7; 32]).expect("a key");
    let booth = booth(dir.path(), &log);
    std::fs::write(dir.path().join(HEADS_FILE), "{\"log.test\":{\"size\":3").expect("written");
    assert_eq!(booth.read().err().map(|e| e.kind), Some(Kind::DataLoss));
}
