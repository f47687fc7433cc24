use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use proptest::prelude::*;
use sha2::Sha256;

use super::*;
use crate::digest::leaf_hash;
use crate::tree::Tree;

fn leaves(size: u64) -> Vec<Digest32> {
    (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

/// RFC 6962 section 2.1, word for word.
fn mth(leaves: &[Digest32]) -> Digest32 {
    match leaves {
        [] => Digest32::of(b""),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len() as u64) as usize);
            node_hash(&mth(left), &mth(right))
        }
    }
}

/// RFC 6962 section 2.1.1, word for word.
fn path(m: usize, leaves: &[Digest32]) -> Vec<Digest32> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = split(leaves.len() as u64) as usize;
    let (left, right) = leaves.split_at(k);
    let (mut path, other) = if m < k { (path(m, left), right) } else { (path(m - k, right), left) };
    path.push(mth(other));
    path
}

/// RFC 6962 section 2.1.2, word for word.
fn subproof(m: usize, leaves: &[Digest32], whole: bool) -> Vec<Digest32> {
    if m == leaves.len() {
        return if whole { Vec::new() } else { vec![mth(leaves)] };
    }
    let k = split(leaves.len() as u64) as usize;
    let (left, right) = leaves.split_at(k);
    let (mut path, other) =
        if m <= k { (subproof(m, left, whole), right) } else { (subproof(m - k, right, false), left) };
    path.push(mth(other));
    path
}

#[test]
fn all_small_trees_are_as_the_rfc_defines_them() {
    for size in 0..=40 {
        let leaves = leaves(size);
        let tree: Tree = leaves.iter().copied().collect();
        let root = tree.root(size).unwrap();
        assert_eq!(root, mth(&leaves), "root of {size}");
        for index in 0..size {
            let proof = tree.prove_inclusion(index, size).unwrap();
            assert_eq!(proof, path(index as usize, &leaves), "entry {index} of {size}");
            verify_inclusion(&proof, index, &leaves[index as usize], size, &root).unwrap();
        }
        for old in 1..=size {
            let old_root = mth(&leaves[..old as usize]);
            let proof = tree.prove_consistency(old, size).unwrap();
            assert_eq!(proof, subproof(old as usize, &leaves, true), "{old} to {size}");
            verify_consistency(&proof, old, &old_root, size, &root).unwrap();
        }
    }
}

#[test]
fn all_subtrees_of_small_trees_are_proven() {
    for size in 0..=33 {
        let leaves = leaves(size);
        let tree: Tree = leaves.iter().copied().collect();
        let root = tree.root(size).unwrap();
        for (start, end) in (0..=size).flat_map(|start| (start..=size).map(move |end| (start, end))) {
            let Ok(hash) = subtree_root(&tree, start, end) else {
                assert!(check_subtree(start, end).is_err());
                continue;
            };
            assert_eq!(hash, mth(&leaves[start as usize..end as usize]));
            let proof = prove_subtree(&tree, start, end, size).unwrap();
            verify_subtree(&proof, start, end, &hash, size, &root).unwrap();
            for index in start..end {
                let leaf = leaves[index as usize];
                let within = path((index - start) as usize, &leaves[start as usize..end as usize]);
                verify_subtree_inclusion(&within, index, &leaf, (start, end), &hash).unwrap();
            }
        }
    }
}

#[test]
fn what_cannot_be_proven_is_refused() {
    let tree: Tree = leaves(7).into_iter().collect();
    assert!(prove_inclusion(&tree, 7, 7).is_err());
    assert!(prove_inclusion(&tree, 0, 8).is_err());
    assert!(prove_consistency(&tree, 8, 7).is_err());
    assert!(prove_subtree(&tree, 2, 6, 7).is_err());
    assert!(prove_subtree(&tree, 5, 4, 7).is_err());
    assert!(subtree_root(&tree, 0, u64::MAX).is_err());
    assert!(verify_inclusion(&[], u64::MAX, &EMPTY_ROOT, u64::MAX, &EMPTY_ROOT).is_err());
    assert!(verify_consistency(&[], 0, &EMPTY_ROOT, 0, &EMPTY_ROOT).is_err());
    assert_eq!(prove_consistency(&tree, 0, 7).unwrap(), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn random_trees_are_as_the_rfc_defines_them(size in 1u64..3000, a: prop::sample::Index, b: prop::sample::Index) {
        let leaves = leaves(size);
        let tree: Tree = leaves.iter().copied().collect();
        let (index, old) = (a.index(size as usize), 1 + b.index(size as usize));
        let root = tree.root(size).unwrap();
        prop_assert_eq!(root, mth(&leaves));
        prop_assert_eq!(tree.root(old as u64).unwrap(), mth(&leaves[..old]));
        prop_assert_eq!(tree.prove_inclusion(index as u64, size).unwrap(), path(index, &leaves));
        prop_assert_eq!(tree.prove_consistency(old as u64, size).unwrap(), subproof(old, &leaves, true));
    }
}

proptest! {
    #[test]
    fn a_changed_proof_proves_nothing(
        size in 2u64..500,
        at: prop::sample::Index,
        change in 0usize..6,
        which: prop::sample::Index,
        bit in 0usize..256,
    ) {
        let leaves = leaves(size);
        let tree: Tree = leaves.iter().copied().collect();
        let index = at.index(size as usize) as u64;
        let (mut leaf, mut root) = (leaves[index as usize], tree.root(size).unwrap());
        let mut proof = tree.prove_inclusion(index, size).unwrap();
        let flip = |hash: &mut Digest32| hash.0[bit / 8] ^= 1 << (bit % 8);
        match change {
            0 => flip(&mut leaf),
            1 => flip(&mut root),
            2 => { proof.pop(); }
            3 => { proof.remove(0); }
            4 => proof.push(root),
            _ => { let which = which.index(proof.len()); flip(&mut proof[which]); }
        }
        prop_assert!(verify_inclusion(&proof, index, &leaf, size, &root).is_err());
        let other = (index + 1) % size;
        let honest = tree.prove_inclusion(index, size).unwrap();
        prop_assert!(verify_inclusion(&honest, other, &leaves[index as usize], size, &tree.root(size).unwrap()).is_err());
    }

    #[test]
    fn any_numbers_are_answered(start: u64, end: u64, size: u64, length in 0usize..70) {
        let proof = vec![EMPTY_ROOT; length];
        let _ = verify_subtree(&proof, start, end, &EMPTY_ROOT, size, &EMPTY_ROOT);
        let _ = verify_inclusion(&proof, start, &EMPTY_ROOT, size, &EMPTY_ROOT);
        let _ = verify_subtree_inclusion(&proof, size, &EMPTY_ROOT, (start, end), &EMPTY_ROOT);
    }
}

/// The same tree in the crate `ct-merkle`, which was written by others.
fn theirs(size: u64) -> MemoryBackedTree<Sha256, [u8; 8]> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|i| tree.push(i.to_be_bytes()));
    tree
}

fn bytes(path: &[Digest32]) -> Vec<u8> {
    path.iter().flat_map(|hash| hash.0).collect()
}

fn their_root(tree: &Tree, size: u64) -> RootHash<Sha256> {
    RootHash::new(tree.root(size).unwrap().0.into(), size)
}

proptest! {
    #[test]
    fn both_make_and_accept_the_same_proofs(
        size in 1u64..700,
        a: prop::sample::Index,
        b: prop::sample::Index,
    ) {
        let (index, old) = (a.index(size as usize) as u64, 1 + b.index(size as usize) as u64);
        let (ours, theirs) = (leaves(size).into_iter().collect::<Tree>(), theirs(size));
        prop_assert_eq!(theirs.root(), their_root(&ours, size));

        let path = ours.prove_inclusion(index, size).unwrap();
        let inclusion = theirs.prove_inclusion(index as usize);
        prop_assert_eq!(inclusion.as_bytes(), bytes(&path));
        let proof = InclusionProof::<Sha256>::try_from_bytes(bytes(&path)).unwrap();
        prop_assert!(their_root(&ours, size).verify_inclusion(&index.to_be_bytes(), index, &proof).is_ok());

        let path = ours.prove_consistency(old, size).unwrap();
        let consistency = theirs.prove_consistency((size - old) as usize);
        prop_assert_eq!(consistency.as_bytes(), bytes(&path));
        let proof = ConsistencyProof::<Sha256>::try_from_bytes(bytes(&path)).unwrap();
        prop_assert!(their_root(&ours, size).verify_consistency(&their_root(&ours, old), &proof).is_ok());
    }
}
