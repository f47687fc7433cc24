use proptest::prelude::*;

use super::*;
use crate::digest::{EMPTY_ROOT, leaf_hash};

fn tree(size: u64) -> Tree {
    (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

#[test]
fn indices_count_from_zero() {
    let mut tree = Tree::new();
    assert_eq!((tree.size(), tree.root(0)), (0, Ok(EMPTY_ROOT)));
    assert_eq!((tree.append(leaf_hash(b"a")), tree.append(leaf_hash(b"b"))), (0, 1));
    assert_eq!(tree.root(2), Ok(node_hash(&leaf_hash(b"a"), &leaf_hash(b"b"))));
    assert_eq!(tree.root(1), Ok(leaf_hash(b"a")));
    assert!(tree.root(3).is_err());
}

#[test]
fn a_tile_not_filled_yet_is_not_given() {
    let tree = tree(300);
    let partial = |width| Tile { level: Level::Hashes(0), index: 1, width };
    assert_eq!(tree.tile(&partial(44)).unwrap().len(), 44 * 32);
    assert_eq!(tree.tile(&partial(7)).unwrap().len(), 7 * 32);
    assert!(tree.tile(&partial(45)).is_err());
    assert!(tree.tile(&Tile { level: Level::Hashes(1), index: 0, width: 2 }).is_err());
    assert!(tree.tile(&Tile { level: Level::Entries, index: 0, width: 1 }).is_err());
    assert!(tree.tile(&Tile { level: Level::Hashes(255), index: u64::MAX / 256, width: 256 }).is_err());
}

/// Prints how long a large log takes; the limit is loose, for slow and busy machines.
#[test]
fn a_hundred_thousand_entries_are_taken_at_once() {
    let leaves: Vec<Digest32> = (0..100_000u64).map(|i| leaf_hash(&i.to_be_bytes())).collect();
    let start = std::time::Instant::now();
    let tree: Tree = leaves.into_iter().collect();
    let appended = start.elapsed();
    let copied = std::time::Instant::now();
    let copy = tree.clone();
    println!("100,000 appends: {appended:?}; a copy: {:?}", copied.elapsed());
    assert_eq!(copy.root(100_000), tree.root(100_000));
    assert!(appended.as_secs() < 10);
}

proptest! {
    #[test]
    fn truncation_forgets_exactly_what_came_after(size in 0u64..1000, keep in 0u64..1200, more in 0u64..300) {
        let mut cut = tree(size);
        cut.truncate(keep);
        let kept = keep.min(size);
        prop_assert_eq!(cut.size(), kept);
        (kept..kept + more).for_each(|i| { cut.append(leaf_hash(&i.to_be_bytes())); });
        prop_assert_eq!(cut, tree(kept + more));
    }
}
