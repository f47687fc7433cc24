//! Proofs of other projects, each of which a verifier must accept or refuse as the case says.

use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ledger::{Digest32, merkle};
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/merkle");

/// The cases of a folder. Empty, with a line that says so, where they are not at hand.
fn cases(folder: &str) -> Vec<(PathBuf, Value)> {
    let root = Path::new(ROOT).join(folder);
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let case = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                found.push((path, case));
            }
        }
    }
    if found.is_empty() {
        println!("skipped: there are no cases in {}", root.display());
    }
    found
}

/// A hash of a case. Some cases hold a short text in its place: filled up with zeros it is as unlike any
/// hash, and like itself. An empty one cannot be said in our types, which refuses it.
fn hash(value: &Value) -> Option<Digest32> {
    let bytes = BASE64_STANDARD.decode(value.as_str()?).unwrap();
    let mut hash = [0; 32];
    if bytes.is_empty() || bytes.len() > 32 {
        return None;
    }
    hash[..bytes.len()].copy_from_slice(&bytes);
    Some(Digest32(hash))
}

fn proof(case: &Value) -> Option<Vec<Digest32>> {
    match &case["proof"] {
        Value::Null => Some(Vec::new()),
        proof => proof.as_array()?.iter().map(hash).collect(),
    }
}

fn number(case: &Value, name: &str) -> u64 {
    case[name].as_u64().unwrap()
}

/// Verifies each case of a folder with `accepts`, which answers none where our types cannot say it.
fn judge(folder: &str, count: usize, accepts: impl Fn(&Value) -> Option<bool>) {
    let cases = cases(folder);
    let mut wrong = Vec::new();
    for (path, case) in &cases {
        if accepts(case).unwrap_or(false) == case["wantErr"].as_bool().unwrap() {
            wrong.push(path.display().to_string());
        }
    }
    assert_eq!(wrong, [""; 0], "judged otherwise than the cases say");
    assert!(cases.is_empty() || cases.len() == count, "{} cases in {folder}", cases.len());
    println!("{folder}: {} cases", cases.len());
}

#[test]
fn inclusion() {
    judge("inclusion", 49, |case| {
        let (index, size) = (number(case, "leafIdx"), number(case, "treeSize"));
        let (leaf, root) = (hash(&case["leafHash"])?, hash(&case["root"])?);
        Some(merkle::verify_inclusion(&proof(case)?, index, &leaf, size, &root).is_ok())
    });
}

#[test]
fn consistency() {
    judge("consistency", 49, |case| {
        let (old, size) = (number(case, "size1"), number(case, "size2"));
        let (old_root, root) = (hash(&case["root1"])?, hash(&case["root2"])?);
        Some(merkle::verify_consistency(&proof(case)?, old, &old_root, size, &root).is_ok())
    });
}

#[test]
fn subtree_inclusion() {
    judge("subtreeinclusion", 102, |case| {
        let subtree = (number(case, "start"), number(case, "end"));
        let (leaf, root) = (hash(&case["leafHash"])?, hash(&case["root"])?);
        let index = number(case, "leafIdx");
        Some(merkle::verify_subtree_inclusion(&proof(case)?, index, &leaf, subtree, &root).is_ok())
    });
}

#[test]
fn subtree_consistency() {
    judge("subtreeconsistency", 59, |case| {
        let (start, end) = (number(case, "start"), number(case, "end"));
        let (hash1, hash2) = (hash(&case["root1"])?, hash(&case["root2"])?);
        let size = number(case, "size");
        Some(merkle::verify_subtree(&proof(case)?, start, end, &hash1, size, &hash2).is_ok())
    });
}
