//! The tree of one log in memory: every hash of every complete subtree, 64 bytes an entry.
//!
//! Invariants:
//! - Level `h` holds at `i` the hash of entries `i << h` to `(i + 1) << h`, exactly when the tree holds
//!   all of them. So every earlier root and proof can still be given.
//! - Full tiles are shared between copies of a tree: a copy, published while the log goes on, costs a few
//!   pointers for a thousand entries.

use std::sync::Arc;

use crate::digest::{Digest32, node_hash};
use crate::error::{Error, Result};
use crate::merkle::{self, Nodes};
use crate::tile::{Level, TILE_HEIGHT, TILE_WIDTH, Tile};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    levels: Vec<Hashes>,
}

/// The hashes of one level, in tiles; the last one is not full.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Hashes {
    full: Vec<Arc<[Digest32]>>,
    rest: Vec<Digest32>,
}

const WIDTH: usize = TILE_WIDTH as usize;

impl Hashes {
    fn len(&self) -> usize {
        self.full.len() * WIDTH + self.rest.len()
    }
    fn get(&self, i: usize) -> Option<&Digest32> {
        self.tile(i / WIDTH)?.get(i % WIDTH)
    }
    fn tile(&self, i: usize) -> Option<&[Digest32]> {
        let rest = (i == self.full.len()).then_some(self.rest.as_slice());
        self.full.get(i).map(|tile| &**tile).or(rest)
    }
    fn push(&mut self, hash: Digest32) {
        self.rest.push(hash);
        if self.rest.len() == WIDTH {
            self.full.push(self.rest.drain(..).collect());
        }
    }
    fn truncate(&mut self, len: usize) {
        if let Some(last) = self.full.get(len / WIDTH) {
            self.rest = last.to_vec();
            self.full.truncate(len / WIDTH);
        }
        self.rest.truncate(len.saturating_sub(self.full.len() * WIDTH));
    }
}

impl Tree {
    pub fn new() -> Tree {
        Tree::default()
    }

    /// Entries in the tree.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Takes the hash of the next entry ([`crate::leaf_hash`]) and answers with its index.
    pub fn append(&mut self, leaf: Digest32) -> u64 {
        let index = self.size();
        let (mut hash, mut number) = (leaf, index as usize);
        for height in 0.. {
            if self.levels.len() == height {
                self.levels.push(Hashes::default());
            }
            let level = &mut self.levels[height];
            level.push(hash);
            // The subtree above is complete when this is its right half.
            match number.checked_sub(1).and_then(|left| level.get(left)) {
                Some(left) if number % 2 == 1 => hash = node_hash(left, &hash),
                _ => break,
            }
            number /= 2;
        }
        index
    }

    /// Forgets all entries from `size` on, when they were not made durable.
    pub fn truncate(&mut self, size: u64) {
        for (height, level) in self.levels.iter_mut().enumerate() {
            level.truncate(usize::try_from(size >> height).unwrap_or(usize::MAX));
        }
        self.levels.retain(|level| level.len() > 0);
    }

    /// The root over the first `size` entries.
    pub fn root(&self, size: u64) -> Result<Digest32> {
        merkle::root(self, size)
    }

    /// The path from entry `index` to the root over `size` entries.
    pub fn prove_inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest32>> {
        merkle::prove_inclusion(self, index, size)
    }

    /// The path that proves the first `old` entries to be the beginning of the first `size`.
    pub fn prove_consistency(&self, old: u64, size: u64) -> Result<Vec<Digest32>> {
        merkle::prove_consistency(self, old, size)
    }

    /// The bytes of a tile of hashes, as far as this tree or an earlier, smaller one fills it.
    pub fn tile(&self, tile: &Tile) -> Result<Vec<u8>> {
        let hashes = self.tile_hashes(tile).ok_or_else(|| {
            Error::not_found(format!("a tree of {} entries has no such tile", self.size()))
                .at(tile.to_string())
        })?;
        Ok(hashes.iter().flat_map(|hash| hash.0).collect())
    }

    fn tile_hashes(&self, tile: &Tile) -> Option<&[Digest32]> {
        let Level::Hashes(level) = tile.level else { return None };
        let level = self.levels.get(TILE_HEIGHT as usize * usize::from(level))?;
        level.tile(usize::try_from(tile.index).ok()?)?.get(..tile.width.into())
    }
}

impl Nodes for Tree {
    fn node(&self, height: u32, index: u64) -> Result<Digest32> {
        let level = self.levels.get(height as usize);
        let hash = usize::try_from(index).ok().and_then(|index| level?.get(index));
        hash.copied().ok_or_else(|| {
            let size = self.size();
            Error::not_found(format!("a tree of {size} entries has no node {index} at height {height}"))
        })
    }
}

impl FromIterator<Digest32> for Tree {
    /// A tree from the hashes of its entries.
    fn from_iter<I: IntoIterator<Item = Digest32>>(leaves: I) -> Tree {
        let mut tree = Tree::new();
        leaves.into_iter().for_each(|leaf| {
            tree.append(leaf);
        });
        tree
    }
}

#[cfg(test)]
mod tests;
