use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::key::{LogKey, WitnessKey};
use crate::tree::Tree;

fn log() -> LogKey {
    LogKey::new("example.org/vn", &[7; 32]).unwrap()
}

fn witness(name: &str, seed: u8) -> WitnessKey {
    WitnessKey::new(name, &[seed; 32]).unwrap()
}

/// A proof of entry 2 of the five entries `0` to `4`.
fn proof() -> ProofFile {
    let tree: Tree = (0..5).map(|i: u8| leaf_hash(i.to_string().as_bytes())).collect();
    let checkpoint = Checkpoint::new("example.org/vn", 5, tree.root(5).unwrap());
    let mut note = checkpoint.sign(&log()).unwrap();
    note.add(witness("w1.example", 1).cosign(note.text(), 1_795_219_200)).unwrap();
    ProofFile { extra: None, index: 2, path: tree.prove_inclusion(2, 5).unwrap(), checkpoint: note }
}

#[test]
fn a_proof_file_is_text() {
    let text = proof().to_string();
    expect![[r#"
        c2sp.org/tlog-proof@v1
        index 2
        kGxdJIXK5yIHOkMPTQT+F2dQdZLO8iZimurbhaLskJ0=
        ywCYnZSlacCmeK4EK2Pc1GJduWRAUX83put5duok7Us=
        EeH1WCI/THG2vhzs/R8N6HFG0llId8J7KexRn5BAITw=

        example.org/vn
        5
        tnSPbtepnefahP2X4aO6xvq4mZ9KQ2lcq5Uoot5DEUc=

        — example.org/vn j01zQROvHrAs1C5kdcz7z6eKIvNOowyMGn/B+ARNBIxPYKNsw4WmkMhbUypJG76MAWjRWuf1t5vSfFbPehEey3VTZwE=
        — w1.example idPd5gAAAABrAN8AfJEdUsAkL9PvXsCkvbBQeTW4ByTScGGY2LDVqR2REXPPhyLqgzwyWHlJ+B69kfOEbOlA6uqcTo+8CpgevCMcCA==
    "#]].assert_eq(&text);
    assert_eq!(ProofFile::parse(text.as_bytes()).unwrap(), proof());
}

#[test]
fn a_proof_shows_who_saw_the_checkpoint() {
    let witnesses = [witness("w1.example", 1).verifier(), witness("w2.example", 2).verifier()];
    let (checkpoint, seen) = proof().verify(b"2", &[log().verifier()], &witnesses).unwrap();
    assert_eq!(checkpoint.size, 5);
    assert_eq!(seen, [Endorsement { key: &witnesses[0], time: Some(1_795_219_200) }]);
    let (_, seen) = proof().verify(b"2", &[log().verifier()], &witnesses[1..]).unwrap();
    assert_eq!(seen, []);
}

#[test]
fn a_proof_of_another_entry_place_or_log_fails() {
    let keys = [log().verifier()];
    assert!(proof().verify(b"3", &keys, &[]).is_err());
    assert!(ProofFile { index: 3, ..proof() }.verify(b"2", &keys, &[]).is_err());
    assert!(
        proof().verify(b"2", &[LogKey::new("example.org/kr", &[7; 32]).unwrap().verifier()], &[]).is_err()
    );
    assert!(proof().verify(b"2", &[], &[]).is_err());
    // A witness of that name and id whose signature is wrong.
    let mut forged = proof();
    let mut line = witness("w1.example", 1).cosign("another text\n", 1);
    line.id = witness("w1.example", 1).verifier().id();
    forged.checkpoint.add(line).unwrap();
    assert!(forged.verify(b"2", &keys, &[witness("w1.example", 1).verifier()]).is_err());
}

#[test]
fn the_log_is_not_its_own_witness() {
    let keys = [log().verifier()];
    let (_, seen) = proof().verify(b"2", &keys, &keys).unwrap();
    assert_eq!(seen, []);
}

#[test]
fn extra_data_stands_before_the_index() {
    let extra = ProofFile { extra: Some(b"what else".to_vec()), ..proof() };
    let text = extra.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra d2hhdCBlbHNl\nindex 2\n"));
    assert_eq!(ProofFile::parse(text.as_bytes()).unwrap(), extra);
}

#[test]
fn malformed_files_are_refused_with_their_part() {
    let text = proof().to_string();
    let fault = |text: String| ProofFile::parse(text.as_bytes()).unwrap_err().to_string();
    expect!["line 1: the first line is not c2sp.org/tlog-proof@v1"]
        .assert_eq(&fault(text.replace("@v1", "@v2")));
    expect!["the index is missing"].assert_eq(&fault(text.replace("index 2\n", "")));
    expect![[r#"index: "02" is not a number of entries without sign and leading zeros"#]]
        .assert_eq(&fault(text.replace("index 2", "index 02")));
    expect!["extra: the data is not base64"].assert_eq(&fault(text.replace("index 2", "extra *\nindex 2")));
    expect!["the index is missing"]
        .assert_eq(&fault(text.replace("index 2", "extra AA==\nextra AA==\nindex 2")));
    expect![[r#"hash 1: "aGFzaA==" is not a SHA-256 hash in base64"#]]
        .assert_eq(&fault(text.replace("index 2", "index 2\naGFzaA==")));
    let hash = format!("index 2{}", format!("\n{}", Digest32::of(b"").base64()).repeat(64));
    expect!["a path has at most 63 hashes"].assert_eq(&fault(text.replace("index 2", &hash)));
    expect!["checkpoint: a note has an empty line before its signatures"]
        .assert_eq(&fault(text.replace("\n\n—", "\n—")));
    assert!(ProofFile::parse(&vec![b'\n'; MAX_PROOF + 1]).is_err());
}

proptest! {
    #[test]
    fn one_flipped_bit_is_found(at: prop::sample::Index, bit in 0u8..8) {
        let mut bytes = proof().to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let witnesses = [witness("w1.example", 1).verifier()];
        let verified = ProofFile::parse(&bytes).and_then(|p| p.verify(b"2", &[log().verifier()], &witnesses));
        // A flip in a name or id makes a signature that of a stranger, who vouches for nothing.
        prop_assert!(!verified.is_ok_and(|(_, seen)| seen.len() == 1));
    }
}
