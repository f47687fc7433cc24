use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::digest::leaf_hash;
use crate::tree::Tree;

fn hashes(level: u8, index: u64, width: u16) -> Tile {
    Tile { level: Level::Hashes(level), index, width }
}

#[test]
fn paths_are_those_of_the_specification() {
    // C2SP tlog-tiles, "Merkle Tree".
    assert_eq!(hashes(0, 1_234_067, 256).to_string(), "tile/0/x001/x234/067");
    assert_eq!(hashes(2, 0, 1).to_string(), "tile/2/000.p/1");
    let bundle = Tile { level: Level::Entries, index: 1000, width: 255 };
    assert_eq!(bundle.to_string(), "tile/entries/x001/000.p/255");
    assert_eq!("tile/entries/x001/000.p/255".parse(), Ok(bundle));
}

#[test]
fn other_spellings_of_paths_are_refused() {
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/+01",
        "tile/00/000",
        "tile/8/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001/x002",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p",
        "/tile/0/000",
        "tile/0/000/",
        "tile/Entries/000",
        "tile/0//000",
        "tile/0/x001/../000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000.p/1.p/1",
        "tile/0/٠٠٠",
    ] {
        assert!(path.parse::<Tile>().is_err(), "{path}");
    }
}

#[test]
fn a_tree_of_70_000_has_the_tiles_of_the_specification() {
    // C2SP tlog-tiles, "Partial Tiles".
    let tiles: Vec<Tile> = Tile::of_tree(70_000).collect();
    let count = |level, full: bool| {
        tiles.iter().filter(|t| t.level == level && (t.width == TILE_WIDTH) == full).count()
    };
    assert_eq!((count(Level::Hashes(0), true), count(Level::Hashes(1), true)), (273, 1));
    assert_eq!((count(Level::Entries, true), count(Level::Entries, false)), (273, 1));
    let partial: Vec<String> = tiles.iter().filter(|t| t.width < TILE_WIDTH).map(|t| t.to_string()).collect();
    expect![[r#"
        [
            "tile/entries/273.p/112",
            "tile/0/273.p/112",
            "tile/1/001.p/17",
            "tile/2/000.p/1",
        ]
    "#]]
    .assert_debug_eq(&partial);
    let names = |size| Tile::of_tree(size).map(|t| t.to_string()).collect::<Vec<_>>();
    assert_eq!(names(256), ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(names(0), [""; 0]);
}

#[test]
fn a_level_above_all_trees_has_no_tiles() {
    assert_eq!(Tile::in_tree(Level::Hashes(8), 0, MAX_SIZE), None);
    assert_eq!(Tile::in_tree(Level::Hashes(255), 0, MAX_SIZE), None);
    assert_eq!(Tile::in_tree(Level::Hashes(7), 0, MAX_SIZE).map(|t| t.width), Some(127));
    assert_eq!(Tile::in_tree(Level::Hashes(0), u64::MAX, MAX_SIZE), None);
}

#[test]
fn a_tile_of_another_length_is_refused() {
    expect!["tile/0/000.p/2: 63 bytes; expected 64"]
        .assert_eq(&read_tile(&hashes(0, 0, 2), &[0; 63]).unwrap_err().to_string());
}

proptest! {
    #[test]
    fn paths_read_back(level in 0u8..8, index in 0u64..(1 << 55), width in 1u16..=256, entries: bool) {
        let level = if entries { Level::Entries } else { Level::Hashes(level) };
        let tile = Tile { level, index, width };
        prop_assert_eq!(tile.to_string().parse::<Tile>(), Ok(tile));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn proofs_from_tiles_are_those_of_the_tree(
        size in 1u64..70_000,
        more in 0u64..600,
        a: prop::sample::Index,
        b: prop::sample::Index,
    ) {
        let tree: Tree = (0..size + more).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        // The tiles of an earlier tree, read from a later one.
        let tiles = Tiles::new(size, |tile: &Tile| tree.tile(tile));
        let (index, old) = (a.index(size as usize) as u64, b.index(size as usize) as u64);
        prop_assert_eq!(crate::merkle::root(&tiles, size), tree.root(size));
        prop_assert_eq!(crate::merkle::prove_inclusion(&tiles, index, size), tree.prove_inclusion(index, size));
        prop_assert_eq!(crate::merkle::prove_consistency(&tiles, old, size), tree.prove_consistency(old, size));
    }
}
