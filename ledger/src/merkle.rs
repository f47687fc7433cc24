//! Roots and proofs of Merkle trees (RFC 6962 section 2.1).
//!
//! One algorithm makes, and one verifies, every proof: that a *subtree* with a known hash is part of a
//! tree with a known root. A leaf is a subtree of one entry (inclusion), an earlier tree is the subtree
//! that starts at zero (consistency). Subtrees are those of draft-ietf-plants-merkle-tree-certs
//! section 4: entries `start` to `end`, end-exclusive, where `start` is a multiple of the smallest power
//! of two that is not below `end - start`.

use crate::digest::{Digest32, EMPTY_ROOT, node_hash};
use crate::error::{Error, Kind, Result};

/// Entries in one tree at most, so that no arithmetic on sizes overflows.
pub const MAX_SIZE: u64 = i64::MAX as u64;

/// Where the hashes of complete subtrees come from.
pub trait Nodes {
    /// The hash of entries `index << height` to `(index + 1) << height`.
    fn node(&self, height: u32, index: u64) -> Result<Digest32>;
}

/// The root of the tree of the first `size` entries.
pub fn root(nodes: &impl Nodes, size: u64) -> Result<Digest32> {
    subtree_root(nodes, 0, size)
}

/// The hash of the subtree from `start` to `end`.
pub fn subtree_root(nodes: &impl Nodes, start: u64, end: u64) -> Result<Digest32> {
    check_subtree(start, end)?;
    let mut left_of = end;
    let mut hash = None;
    while left_of > start {
        // The complete subtrees of which a ragged one consists shrink to the right.
        let height = (left_of - start).trailing_zeros();
        left_of -= 1 << height;
        let node = nodes.node(height, left_of >> height)?;
        hash = Some(hash.map_or(node, |right| node_hash(&node, &right)));
    }
    Ok(hash.unwrap_or(EMPTY_ROOT))
}

/// The path that proves entry `index` to be in the tree of `size` entries, leaf's sibling first.
pub fn prove_inclusion(nodes: &impl Nodes, index: u64, size: u64) -> Result<Vec<Digest32>> {
    check_index(index, size)?;
    prove_subtree(nodes, index, index + 1, size)
}

/// The path that proves the tree of `old` entries to be the beginning of that of `size` entries. Empty
/// when `old` is zero, as C2SP tlog-witness has it; such a proof says nothing.
pub fn prove_consistency(nodes: &impl Nodes, old: u64, size: u64) -> Result<Vec<Digest32>> {
    prove_subtree(nodes, 0, old, size)
}

/// The path that proves the subtree from `start` to `end` to be part of the tree of `size` entries.
pub fn prove_subtree(nodes: &impl Nodes, start: u64, end: u64, size: u64) -> Result<Vec<Digest32>> {
    check_subtree(start, end)?;
    check_within(end, size)?;
    let mut path = Vec::new();
    if start == end {
        return Ok(path);
    }
    let (mut wanted, mut low, mut high) = (start, 0, size);
    while (low, high) != (wanted, end) {
        let middle = low + split(high - low);
        if end <= middle {
            path.push(subtree_root(nodes, middle, high)?);
            high = middle;
        } else {
            path.push(subtree_root(nodes, low, middle)?);
            low = middle;
            wanted = wanted.max(middle);
        }
    }
    if wanted != start {
        // The verifier knows the hash of the whole subtree, not that of its right end.
        path.push(subtree_root(nodes, low, high)?);
    }
    path.reverse();
    Ok(path)
}

/// Fails unless `path` proves that the entry with hash `leaf` stands at `index` in the tree.
pub fn verify_inclusion(
    path: &[Digest32],
    index: u64,
    leaf: &Digest32,
    size: u64,
    root: &Digest32,
) -> Result<()> {
    check_index(index, size)?;
    verify_subtree(path, index, index + 1, leaf, size, root)
}

/// Fails unless `path` proves that the tree of `old` entries is the beginning of the other. A tree
/// without entries proves nothing and is refused.
pub fn verify_consistency(
    path: &[Digest32],
    old: u64,
    old_root: &Digest32,
    size: u64,
    root: &Digest32,
) -> Result<()> {
    if old == 0 {
        return Err(Error::invalid("every tree begins with the empty one; there is nothing to prove"));
    }
    verify_subtree(path, 0, old, old_root, size, root)
}

/// Fails unless `path` proves that the subtree with hash `hash` is part of the tree
/// (draft-ietf-plants-merkle-tree-certs section 4.4.3).
pub fn verify_subtree(
    path: &[Digest32],
    start: u64,
    end: u64,
    hash: &Digest32,
    size: u64,
    root: &Digest32,
) -> Result<()> {
    check_subtree(start, end)?;
    check_within(end, size)?;
    if start == end {
        return agree(path.is_empty() && *hash == EMPTY_ROOT);
    }
    // The first and last node of the subtree and the last of the tree, at the height reached.
    let mut at = [start, end - 1, size - 1];
    let up = |at: &mut [u64; 3]| at.iter_mut().for_each(|n| *n >>= 1);
    let right_end = at[1] == at[2];
    while at[0] != at[1] && (right_end || at[1] & 1 == 1) {
        up(&mut at);
    }
    let mut rest = path.iter();
    let first = if at[0] == at[1] { Some(hash) } else { rest.next() };
    let Some(mut of_subtree) = first.copied() else { return agree(false) };
    let mut of_tree = of_subtree;
    for sibling in rest {
        if at[2] == 0 {
            return agree(false);
        }
        if at[1] & 1 == 1 || at[1] == at[2] {
            if at[0] < at[1] {
                of_subtree = node_hash(sibling, &of_subtree);
            }
            of_tree = node_hash(sibling, &of_tree);
            while at[1] & 1 == 0 {
                up(&mut at);
            }
        } else {
            of_tree = node_hash(&of_tree, sibling);
        }
        up(&mut at);
    }
    agree(at[2] == 0 && of_subtree == *hash && of_tree == *root)
}

/// Fails unless `path` proves that the entry with hash `leaf` and number `index` of the log is in the
/// subtree from `start` to `end` with hash `hash`.
pub fn verify_subtree_inclusion(
    path: &[Digest32],
    index: u64,
    leaf: &Digest32,
    (start, end): (u64, u64),
    hash: &Digest32,
) -> Result<()> {
    check_subtree(start, end)?;
    let within = index.checked_sub(start);
    let within = within.ok_or_else(|| Error::invalid(format!("entry {index} is left of {start}")))?;
    verify_inclusion(path, within, leaf, end - start, hash)
}

/// Entries in the left half of a tree of `size` > 1: the largest power of two below it.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

fn check_subtree(start: u64, end: u64) -> Result<()> {
    let aligned = end >= start && end <= MAX_SIZE && start.is_multiple_of((end - start).next_power_of_two());
    if aligned { Ok(()) } else { Err(Error::invalid(format!("{start} to {end} is not a subtree"))) }
}

fn check_within(end: u64, size: u64) -> Result<()> {
    if end <= size && size <= MAX_SIZE {
        return Ok(());
    }
    Err(Error::invalid(format!("{end} entries are not the beginning of {size}")))
}

fn check_index(index: u64, size: u64) -> Result<()> {
    if index < size {
        return Ok(());
    }
    Err(Error::not_found(format!("there is no entry {index} in a tree of {size}")))
}

fn agree(yes: bool) -> Result<()> {
    if yes { Ok(()) } else { Err(Error::new(Kind::Invalid, "the proof does not lead to the root")) }
}

#[cfg(test)]
mod tests;
