//! Tiles: the hashes of a tree as static files, 256 to a file (C2SP tlog-tiles).
//!
//! A tile is named by its path, `tile/<level>/<index>` with `.p/<width>` while it is not full; a bundle
//! of entries by `tile/entries/<index>` likewise.

use std::fmt;
use std::str::FromStr;

use crate::digest::{Digest32, node_hash};
use crate::error::{Error, Result};
use crate::merkle::{MAX_SIZE, Nodes};

/// Levels of a tree that one level of tiles spans.
pub const TILE_HEIGHT: u32 = 8;
/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;
/// Levels of tiles over the largest tree.
const MAX_LEVEL: u8 = 7;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The entries themselves: a bundle.
    Entries,
    /// Hashes, each over `256 ** level` entries.
    Hashes(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    pub level: Level,
    pub index: u64,
    /// Hashes or entries in it, 1 to 256; less than 256 only at the right edge of a tree.
    pub width: u16,
}

impl Tile {
    /// The tile at `index` as it stands in a tree of `size` entries; none where that tree ends before it.
    pub fn in_tree(level: Level, index: u64, size: u64) -> Option<Tile> {
        let filled = size.min(MAX_SIZE).checked_shr(TILE_HEIGHT * u32::from(level.number()))?;
        let rest = filled.checked_sub(index.checked_mul(TILE_WIDTH.into())?)?;
        let width = u16::try_from(rest).unwrap_or(TILE_WIDTH).min(TILE_WIDTH);
        (width > 0).then_some(Tile { level, index, width })
    }

    /// All tiles and bundles of a tree of `size` entries: bundles first, then level by level.
    pub fn of_tree(size: u64) -> impl Iterator<Item = Tile> {
        let levels = std::iter::once(Level::Entries).chain((0..=MAX_LEVEL).map(Level::Hashes));
        levels.flat_map(move |level| (0..).map_while(move |index| Tile::in_tree(level, index, size)))
    }

    /// The number of the first hash of this tile within its level; for a bundle that of its first entry.
    pub fn first(&self) -> u64 {
        self.index * u64::from(TILE_WIDTH)
    }
}

impl Level {
    /// Where the hashes over this level stand; entries lie under the tiles of level 0.
    fn number(self) -> u8 {
        match self {
            Level::Entries => 0,
            Level::Hashes(level) => level,
        }
    }
}

impl fmt::Display for Tile {
    /// The path, e.g. `tile/0/x001/x234/067` or `tile/entries/000.p/17`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Level::Entries => f.write_str("tile/entries/")?,
            Level::Hashes(level) => write!(f, "tile/{level}/")?,
        }
        let mut shift = 1;
        while self.index / shift >= 1000 {
            shift *= 1000;
        }
        while shift > 1 {
            write!(f, "x{:03}/", self.index / shift % 1000)?;
            shift /= 1000;
        }
        write!(f, "{:03}", self.index % 1000)?;
        if self.width < TILE_WIDTH { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

impl FromStr for Tile {
    type Err = Error;

    /// Reads a path. There is one spelling of each.
    fn from_str(path: &str) -> Result<Tile> {
        let read = read_path(path).filter(|tile| tile.to_string() == path);
        read.ok_or_else(|| {
            Error::not_found(format!("{path:?} is not the path of a tile")).remedy(
                "Paths are as C2SP tlog-tiles has them, such as tile/0/x001/234 or tile/entries/000.p/17",
            )
        })
    }
}

/// Reads a path loosely; the caller compares the spelling.
fn read_path(path: &str) -> Option<Tile> {
    let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let level = match level {
        "entries" => Level::Entries,
        number => Level::Hashes(number.parse().ok().filter(|level| *level <= MAX_LEVEL)?),
    };
    let (index, width) = match rest.split_once(".p/") {
        Some((index, width)) => (index, width.parse().ok().filter(|w| (1..TILE_WIDTH).contains(w))?),
        None => (rest, TILE_WIDTH),
    };
    let mut number: u64 = 0;
    for group in index.split('/') {
        let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok().filter(|n| *n < 1000)?;
        number = number.checked_mul(1000)?.checked_add(digits)?;
    }
    (number <= MAX_SIZE / u64::from(TILE_WIDTH)).then_some(Tile { level, index: number, width })
}

/// Splits the bytes of a tile of hashes.
pub fn read_tile(tile: &Tile, bytes: &[u8]) -> Result<Vec<Digest32>> {
    let expected = 32 * usize::from(tile.width);
    if bytes.len() != expected {
        let found = bytes.len();
        return Err(Error::lost(format!("{found} bytes; expected {expected}")).at(tile.to_string()));
    }
    let (hashes, _) = bytes.as_chunks::<32>();
    Ok(hashes.iter().copied().map(Digest32).collect())
}

/// The hashes of a tree of `size` entries, read from its tiles: what an outsider has.
pub struct Tiles<F> {
    size: u64,
    fetch: F,
}

impl<F: Fn(&Tile) -> Result<Vec<u8>>> Tiles<F> {
    /// `fetch` answers with the bytes of a tile of the tree of `size` entries. It is asked again for the
    /// same tile; what it answers need not be trusted, because proofs are verified against a root.
    pub fn new(size: u64, fetch: F) -> Tiles<F> {
        Tiles { size, fetch }
    }
}

impl<F: Fn(&Tile) -> Result<Vec<u8>>> Nodes for Tiles<F> {
    fn node(&self, height: u32, index: u64) -> Result<Digest32> {
        let missing = || Error::not_found(format!("a tree of {} has no node {index} at {height}", self.size));
        if height >= u64::BITS || index >= self.size >> height {
            return Err(missing());
        }
        let (level, within) = (height / TILE_HEIGHT, height % TILE_HEIGHT);
        let level = u8::try_from(level).map_err(|_| missing())?;
        let first = index << within;
        let (number, offset) = (first / u64::from(TILE_WIDTH), (first % u64::from(TILE_WIDTH)) as usize);
        let tile = Tile::in_tree(Level::Hashes(level), number, self.size).ok_or_else(missing)?;
        let hashes = read_tile(&tile, &(self.fetch)(&tile)?)?;
        let hashes = hashes.get(offset..offset + (1 << within)).ok_or_else(missing)?;
        Ok(fold(hashes.to_vec()))
    }
}

/// The hash over a power of two of hashes side by side.
pub(crate) fn fold(mut hashes: Vec<Digest32>) -> Digest32 {
    while hashes.len() > 1 {
        hashes = hashes.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    hashes[0]
}

#[cfg(test)]
mod tests;
