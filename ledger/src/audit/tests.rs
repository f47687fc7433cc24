use std::collections::BTreeMap;

use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::bundle::write_bundle;
use crate::key::{LogKey, WitnessKey};

/// A log as files.
type Files = BTreeMap<String, Vec<u8>>;

fn key() -> LogKey {
    LogKey::new("example.org/vn", &[7; 32]).unwrap()
}

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index} {}", "x".repeat((index % 7) as usize)).into_bytes()
}

fn log(size: u64) -> Files {
    let tree: Tree = (0..size).map(|index| leaf_hash(&entry(index))).collect();
    let checkpoint = Checkpoint::new("example.org/vn", size, tree.root(size).unwrap());
    let mut files = Files::from([("checkpoint".into(), checkpoint.sign(&key()).unwrap().to_string().into())]);
    for tile in Tile::of_tree(size) {
        let bytes = match tile.level {
            Level::Hashes(_) => tree.tile(&tile).unwrap(),
            Level::Entries => {
                let entries: Vec<_> =
                    (tile.first()..tile.first() + u64::from(tile.width)).map(entry).collect();
                write_bundle(entries.iter().map(Vec::as_slice)).unwrap()
            }
        };
        files.insert(tile.to_string(), bytes);
    }
    files
}

/// The size of a sound log; what is wrong with another.
fn check(files: &Files) -> std::result::Result<u64, String> {
    let read = |path: &str| files.get(path).cloned().ok_or_else(|| Error::not_found("there is no such file"));
    let verified = verify(read, &[key().verifier()], &[]).map_err(|e| e.to_string())?;
    assert_eq!(verified.tree.size(), verified.checkpoint.size);
    Ok(verified.checkpoint.size)
}

fn flip(files: &Files, path: &str, byte: usize, bit: usize) -> Files {
    let mut files = files.clone();
    files.get_mut(path).unwrap()[byte] ^= 1 << bit;
    files
}

/// The number of the entry at a byte of a bundle.
fn entry_at(bundle: &[u8], byte: usize) -> usize {
    let mut start = 0;
    (0..)
        .find(|_| {
            start += 2 + usize::from(u16::from_be_bytes([bundle[start], bundle[start + 1]]));
            byte < start
        })
        .unwrap()
}

/// Flips one bit and says whether the complaint names the file, and within it the place.
fn named(files: &Files, path: &str, byte: usize, bit: usize) -> bool {
    let complaint = check(&flip(files, path, byte, bit)).expect_err("a flipped bit is found");
    let place = match path.strip_prefix("tile/") {
        None => "checkpoint: ".to_string(),
        Some(tile) if tile.starts_with("entries") => {
            let first = path.parse::<Tile>().unwrap().first() as usize;
            format!("{path}: entry {}: ", first + entry_at(&files[path], byte))
        }
        Some(_) => format!("{path}: hash {}: ", byte / 32),
    };
    complaint.starts_with(&place)
}

#[test]
fn sound_logs_of_any_shape_pass() {
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 513, 1000] {
        assert_eq!(check(&log(size)), Ok(size));
    }
}

#[test]
fn every_flipped_bit_of_a_small_log_is_found_and_named() {
    let files = log(5);
    for (path, bytes) in &files {
        for (byte, bit) in (0..bytes.len()).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
            assert!(named(&files, path, byte, bit), "bit {bit} of byte {byte} of {path}");
        }
    }
}

#[test]
fn what_is_wrong_is_said() {
    let files = log(300);
    let fault = |files: &Files| check(files).unwrap_err();
    expect!["tile/entries/001.p/44: entry 256: the entry is not the one in the tiles and the checkpoint"]
        .assert_eq(&fault(&flip(&files, "tile/entries/001.p/44", 3, 0)));
    expect!["tile/0/000: hash 1: the hash is not that of the entries, which agree with the checkpoint. Tiles are derived: remove this one and it is made again"].assert_eq(&fault(&flip(&files, "tile/0/000", 40, 0)));
    expect!["tile/entries/000: entry 0: byte 0: 32776 bytes announced, 3722 are left"]
        .assert_eq(&fault(&flip(&files, "tile/entries/000", 0, 7)));
    expect!["checkpoint: the signature of example.org/vn is wrong"].assert_eq(&fault(&flip(
        &files,
        "checkpoint",
        20,
        0,
    )));

    let mut short = files.clone();
    short.remove("tile/1/000.p/1");
    expect!["tile/1/000.p/1: there is no such file"].assert_eq(&fault(&short));
    short.insert("tile/1/000.p/1".into(), vec![0; 31]);
    expect!["tile/1/000.p/1: 31 bytes; expected 32"].assert_eq(&fault(&short));
    let mut torn = files.clone();
    torn.get_mut("tile/entries/001.p/44").unwrap().truncate(100);
    expect!["tile/entries/001.p/44: entry 262: byte 90: 13 bytes announced, 8 are left"]
        .assert_eq(&fault(&torn));
    torn.insert("tile/entries/001.p/44".into(), [files["tile/entries/001.p/44"].as_slice(), b"x"].concat());
    expect!["tile/entries/001.p/44: entry 300: byte 663: 1 bytes too many behind 44 entries"]
        .assert_eq(&fault(&torn));
}

#[test]
fn entries_exchanged_together_with_their_hash_are_found() {
    let mut files = flip(&log(300), "tile/entries/000", 5, 0);
    let (entries, _) = split_bundle(&files["tile/entries/000"], 256);
    let hash = leaf_hash(entries[0]);
    files.get_mut("tile/0/000").unwrap()[..32].copy_from_slice(&hash.0);
    expect!["tile/0/000: its hash is not the one in the tile above"].assert_eq(&check(&files).unwrap_err());
    // At the right edge there is no tile above.
    let mut files = flip(&log(3), "tile/entries/000.p/3", 5, 0);
    let (entries, _) = split_bundle(&files["tile/entries/000.p/3"], 3);
    let hash = leaf_hash(entries[0]);
    files.get_mut("tile/0/000.p/3").unwrap()[..32].copy_from_slice(&hash.0);
    expect!["checkpoint: entries and tiles agree with each other, but not with what was signed"]
        .assert_eq(&check(&files).unwrap_err());
}

#[test]
fn a_log_written_anew_does_not_pass_for_the_signed_one() {
    let mut files = log(3);
    let other: Tree = (7..10).map(|index| leaf_hash(&entry(index))).collect();
    files.insert(
        "tile/0/000.p/3".into(),
        Tile::in_tree(Level::Hashes(0), 0, 3).map(|t| other.tile(&t).unwrap()).unwrap(),
    );
    let entries: Vec<_> = (7..10).map(entry).collect();
    files.insert("tile/entries/000.p/3".into(), write_bundle(entries.iter().map(Vec::as_slice)).unwrap());
    expect!["checkpoint: entries and tiles agree with each other, but not with what was signed"]
        .assert_eq(&check(&files).unwrap_err());
}

#[test]
fn the_witnesses_of_a_log_are_named() {
    let mut files = log(2);
    let witness = WitnessKey::new("w.example", &[1; 32]).unwrap();
    let mut note = Note::parse(&files["checkpoint"]).unwrap();
    note.add(witness.cosign(note.text(), 9)).unwrap();
    files.insert("checkpoint".into(), note.to_string().into());
    let read = |path: &str| Ok(files[path].clone());
    let witnesses = [witness.verifier()];
    let keys = [key().verifier()];
    let verified = verify(read, &keys, &witnesses).unwrap();
    assert_eq!(verified.witnesses, [Endorsement { key: &witnesses[0], time: Some(9) }]);
}

/// 66,000 entries have tiles on three levels.
#[test]
fn flipped_bits_of_a_large_log_are_found_and_named() {
    let files = log(66_000);
    let start = std::time::Instant::now();
    assert_eq!(check(&files), Ok(66_000));
    println!("66,000 entries verified in {:?}", start.elapsed());
    for path in [
        "tile/0/000",
        "tile/0/200",
        "tile/0/257.p/208",
        "tile/1/000",
        "tile/1/001.p/1",
        "tile/2/000.p/1",
        "tile/entries/000",
        "tile/entries/256",
        "tile/entries/257.p/208",
    ] {
        assert!(named(&files, path, 31, 3), "{path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_flipped_bit_of_any_log_is_found_and_named(
        size in 1u64..600,
        file: prop::sample::Index,
        byte: prop::sample::Index,
        bit in 0usize..8,
    ) {
        let files = log(size);
        let (path, bytes) = files.iter().nth(file.index(files.len())).unwrap();
        prop_assert!(named(&files, path, byte.index(bytes.len()), bit));
    }
}
