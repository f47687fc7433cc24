//! The check of a whole log: its entries, tiles and checkpoint, read again and compared, and the first
//! wrong one named.
//!
//! Three things say what the log holds: the checkpoint (signed), the tiles, the entries. When the
//! signature stands, the checkpoint decides: whichever of the other two leads to its root is right, and
//! the other is searched from its beginning for the first difference.

use crate::bundle::split_bundle;
use crate::checkpoint::Checkpoint;
use crate::digest::{Digest32, leaf_hash};
use crate::error::{Error, Result};
use crate::key::VerifierKey;
use crate::merkle::{self, Nodes as _};
use crate::note::{Endorsement, Note};
use crate::proof::cosigners;
use crate::tile::{Level, TILE_WIDTH, Tile, Tiles, fold, read_tile};
use crate::tree::Tree;

/// What a sound log turned out to be.
#[derive(Debug)]
pub struct Verified<'k> {
    pub checkpoint: Checkpoint,
    /// The witnesses, of those given, who co-signed the checkpoint.
    pub witnesses: Vec<Endorsement<'k>>,
    pub tree: Tree,
}

/// Answers with the bytes of a resource, or fails naming it.
type Read<'r> = &'r mut dyn FnMut(&str) -> Result<Vec<u8>>;

/// Reads a whole log through `read`, which answers with the bytes of `checkpoint` or of the path of a
/// tile, and fails at the first thing that is wrong: the error's places are the resource and, within
/// it, the entry or hash. `keys` are those of the one log expected.
pub fn verify<'k>(
    read: impl FnMut(&str) -> Result<Vec<u8>>,
    keys: &[VerifierKey],
    witnesses: &'k [VerifierKey],
) -> Result<Verified<'k>> {
    let mut read = read;
    let read: Read = &mut |path| read(path).map_err(|e| e.at(path));
    let at = |e: Error| e.at("checkpoint");
    let note = Note::parse(&read("checkpoint")?).map_err(at)?;
    let checkpoint = Checkpoint::open(&note, keys).map_err(at)?;
    let witnesses = cosigners(&note, witnesses).map_err(at)?;
    let entries = Entries::read(read, checkpoint.size)?;
    let tiles = HashTiles::read(read, checkpoint.size)?;
    if entries.lead_to(&checkpoint) {
        tiles.compare(&entries.tree)?;
        return Ok(Verified { checkpoint, witnesses, tree: entries.tree });
    }
    Err(first_wrong(&checkpoint, entries, &tiles))
}

/// The entries as far as they could be read.
struct Entries {
    tree: Tree,
    /// Why reading ended before the size, in the bundle where it did.
    fault: Option<Error>,
}

impl Entries {
    fn read(read: Read, size: u64) -> Result<Entries> {
        let mut entries = Entries { tree: Tree::new(), fault: None };
        for tile in Tile::of_tree(size).take_while(|tile| tile.level == Level::Entries) {
            let path = tile.to_string();
            let bytes = read(&path)?;
            let (found, fault) = split_bundle(&bytes, tile.width);
            found.into_iter().for_each(|entry| {
                entries.tree.append(leaf_hash(entry));
            });
            if let Some(fault) = fault {
                let next = format!("entry {}", entries.tree.size());
                entries.fault = Some(fault.error().at(next).at(path));
                break;
            }
        }
        Ok(entries)
    }

    fn lead_to(&self, checkpoint: &Checkpoint) -> bool {
        self.fault.is_none() && self.tree.root(checkpoint.size) == Ok(checkpoint.root)
    }
}

/// All tiles of hashes of a log.
struct HashTiles {
    size: u64,
    tiles: Vec<(Tile, Vec<u8>)>,
}

impl HashTiles {
    fn read(read: Read, size: u64) -> Result<HashTiles> {
        let mut tiles = Vec::new();
        for tile in Tile::of_tree(size).filter(|tile| tile.level != Level::Entries) {
            let bytes = read(&tile.to_string())?;
            read_tile(&tile, &bytes)?;
            tiles.push((tile, bytes));
        }
        Ok(HashTiles { size, tiles })
    }

    /// The bytes of the tile at `index` of a level.
    fn bytes(&self, tile: &Tile) -> Result<&[u8]> {
        let found = self.tiles.binary_search_by(|(other, _)| other.cmp(tile));
        let found = found.map_err(|_| Error::not_found("there is no such tile").at(tile.to_string()))?;
        Ok(&self.tiles[found].1)
    }

    /// Fails at the first hash in which a tile differs from the tree of the right entries.
    fn compare(&self, tree: &Tree) -> Result<()> {
        for (tile, bytes) in &self.tiles {
            let right = tree.tile(tile)?;
            if let Some(i) = bytes.chunks(32).zip(right.chunks(32)).position(|(a, b)| a != b) {
                return Err(Error::lost(
                    "the hash is not that of the entries, which agree with the checkpoint",
                )
                .remedy("Tiles are derived: remove this one and it is made again")
                .at(format!("hash {i}"))
                .at(tile.to_string()));
            }
        }
        Ok(())
    }

    /// The first entry whose hash differs from the one in its tile.
    fn first_other_leaf(&self, tree: &Tree) -> Option<u64> {
        let leaves = self.tiles.iter().take_while(|(tile, _)| tile.level == Level::Hashes(0));
        let mut leaves = leaves.flat_map(|(_, bytes)| bytes.chunks(32)).zip(0..tree.size());
        let other = |hash: &[u8], index| tree.node(0, index).is_ok_and(|found| found.0 != hash);
        leaves.find_map(|(hash, index)| other(hash, index).then_some(index))
    }

    fn root(&self) -> Result<Digest32> {
        merkle::root(&Tiles::new(self.size, |tile: &Tile| self.bytes(tile).map(<[u8]>::to_vec)), self.size)
    }

    /// Fails at a tile that its parents show to be wrong, on the way from the top down to the tile of
    /// level 0 that holds leaf `index`. The partial tiles must be known to lead to the root.
    fn sound(&self, index: u64) -> Result<()> {
        let mut level = 0;
        let mut number = index / u64::from(TILE_WIDTH);
        let mut wrong = None;
        while let Some(tile) = Tile::in_tree(Level::Hashes(level), number, self.size)
            && tile.width == TILE_WIDTH
            && let Some(parent) =
                Tile::in_tree(Level::Hashes(level + 1), number / u64::from(TILE_WIDTH), self.size)
        {
            let hash = fold(read_tile(&tile, self.bytes(&tile)?)?);
            let place = (number % u64::from(TILE_WIDTH)) as usize;
            if read_tile(&parent, self.bytes(&parent)?)?.get(place) != Some(&hash) {
                wrong = Some(Error::lost("its hash is not the one in the tile above").at(tile.to_string()));
            }
            level += 1;
            number /= u64::from(TILE_WIDTH);
        }
        wrong.map_or(Ok(()), Err)
    }
}

/// Names what is wrong with a log whose entries do not lead to its checkpoint.
fn first_wrong(checkpoint: &Checkpoint, entries: Entries, tiles: &HashTiles) -> Error {
    let size = checkpoint.size;
    let tiles_lead = tiles.root() == Ok(checkpoint.root);
    match (tiles.first_other_leaf(&entries.tree), entries.fault) {
        (Some(index), _) if tiles_lead => match tiles.sound(index) {
            Err(tile) => tile,
            Ok(()) => at_entry(index, size, "the entry is not the one in the tiles and the checkpoint"),
        },
        (Some(index), _) => {
            at_entry(index, size, "the entry and its hash differ, and neither leads to the checkpoint")
        }
        (None, Some(fault)) => fault,
        // Entries and leaves were changed together.
        (None, None) => {
            let tiles_of_leaves = (0..size).step_by(usize::from(TILE_WIDTH));
            let unsound = tiles_of_leaves.map(|index| tiles.sound(index)).find_map(Result::err);
            unsound.filter(|_| tiles_lead).unwrap_or_else(|| {
                Error::lost("entries and tiles agree with each other, but not with what was signed")
                    .at("checkpoint")
            })
        }
    }
}

fn at_entry(index: u64, size: u64, message: &str) -> Error {
    let bundle = Tile::in_tree(Level::Entries, index / u64::from(TILE_WIDTH), size);
    let path = bundle.map_or_else(String::new, |bundle| bundle.to_string());
    Error::lost(message).at(format!("entry {index}")).at(path)
}

#[cfg(test)]
mod tests;
