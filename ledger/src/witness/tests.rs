use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::digest::leaf_hash;
use crate::key::LogKey;
use crate::tree::Tree;

const ORIGIN: &str = "example.org/vn";

fn log() -> LogKey {
    LogKey::new(ORIGIN, &[7; 32]).unwrap()
}

fn witness() -> Witness {
    let mut witness = Witness::new(WitnessKey::new("w.example", &[9; 32]).unwrap());
    witness.follow(log().verifier(), Head::EMPTY).unwrap();
    witness
}

fn tree(size: u64) -> Tree {
    (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn head(tree: &Tree) -> Head {
    Head { size: tree.size(), root: tree.root(tree.size()).unwrap() }
}

/// A request to go from `old` entries to the whole of a tree.
fn request(old: u64, tree: &Tree) -> AddCheckpoint {
    let checkpoint = Checkpoint::new(ORIGIN, tree.size(), head(tree).root).sign(&log()).unwrap();
    let proof = tree.prove_consistency(old, tree.size()).unwrap();
    AddCheckpoint { old_size: old, proof, checkpoint }
}

fn status(answer: std::result::Result<Cosigned, Refusal>) -> u16 {
    answer.map_or_else(|refusal| refusal.status(), |_| 200)
}

#[test]
fn a_growing_log_is_co_signed() {
    let mut witness = witness();
    for (old, size) in [(0, 3), (3, 3), (3, 300), (300, 301)] {
        let request = request(old, &tree(size));
        let cosigned = witness.add_checkpoint(&request, 1_795_219_200).unwrap();
        assert_eq!((cosigned.origin.as_str(), cosigned.head), (ORIGIN, head(&tree(size))));
        assert_eq!(witness.head(ORIGIN), Some(cosigned.head));
        // The client adds the line to its note, and both keys verify.
        let mut note = request.checkpoint.clone();
        let lines = Signature::parse_lines(&cosigned.signature.to_string()).unwrap();
        lines.into_iter().for_each(|line| note.add(line).unwrap());
        let keys = [WitnessKey::new("w.example", &[9; 32]).unwrap().verifier(), log().verifier()];
        let times: Vec<_> = note.verify(&keys).unwrap().iter().map(|e| e.time).collect();
        assert_eq!(times, [Some(1_795_219_200), None]);
    }
}

#[test]
fn a_fork_is_refused() {
    let mut witness = witness();
    witness.add_checkpoint(&request(0, &tree(5)), 1).unwrap();
    // The log signs another tree of the same size, and a larger one that grew from it.
    let mut other: Tree = (0..4u64).chain([99]).map(|i| leaf_hash(&i.to_be_bytes())).collect();
    let refusal = witness.add_checkpoint(&request(5, &other), 1).unwrap_err();
    assert_eq!((refusal.status(), refusal.body().as_str()), (409, "5\n"));
    expect!["a fork: at 5 entries the root was cb03def0c5b63bdecbed6cd863c8e61edab23e1ac7ab70281c699183cac2bef6, and now e698759830360a49d589b46c25ac505706468cfc4f7ff3ce9364bac396ef8a24"]
        .assert_eq(&refusal.to_string());
    other.append(leaf_hash(b"next"));
    let refusal = witness.add_checkpoint(&request(5, &other), 1).unwrap_err();
    assert_eq!(refusal.status(), 422);
    expect!["the proof does not lead to the root"].assert_eq(&refusal.to_string());
    assert_eq!(witness.head(ORIGIN), Some(head(&tree(5))));
    // The true continuation still passes.
    witness.add_checkpoint(&request(5, &tree(6)), 1).unwrap();
}

#[test]
fn a_client_behind_is_told_the_size_to_start_from() {
    let mut witness = witness();
    witness.add_checkpoint(&request(0, &tree(5)), 1).unwrap();
    for old in [0, 3] {
        let refusal = witness.add_checkpoint(&request(old, &tree(9)), 1).unwrap_err();
        assert_eq!((refusal.status(), refusal.content_type()), (409, "text/x.tlog.size"));
        assert_eq!(refusal.body(), "5\n");
    }
    // An earlier, smaller checkpoint is not signed again.
    assert_eq!(status(witness.add_checkpoint(&request(0, &tree(4)), 1)), 409);
    assert_eq!(status(witness.add_checkpoint(&request(5, &tree(9)), 1)), 200);
}

#[test]
fn strangers_are_refused() {
    let mut witness = witness();
    let of = |key: &LogKey, origin: &str| {
        let checkpoint = Checkpoint::new(origin, 1, tree(1).root(1).unwrap());
        let note = Note::new(&checkpoint.text(), key.sign(&checkpoint.text())).unwrap();
        AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint: note }
    };
    let stranger = LogKey::new(ORIGIN, &[8; 32]).unwrap();
    let other = LogKey::new("example.org/kr", &[7; 32]).unwrap();
    let unknown = witness.add_checkpoint(&of(&other, "example.org/kr"), 1).unwrap_err();
    assert_eq!(unknown.status(), 404);
    expect![[r#""example.org/kr" is not followed here"#]].assert_eq(unknown.body().trim_end());
    assert_eq!(status(witness.add_checkpoint(&of(&stranger, ORIGIN), 1)), 403);
    assert_eq!(status(witness.add_checkpoint(&of(&other, ORIGIN), 1)), 403);
    let mut forged = of(&log(), ORIGIN);
    let mut signature = stranger.sign(forged.checkpoint.text());
    signature.id = log().verifier().id();
    forged.checkpoint.add(signature).unwrap();
    assert_eq!(status(witness.add_checkpoint(&forged, 1)), 403);
    // A second key of the log is trusted beside the first.
    witness.follow(stranger.verifier(), Head::EMPTY).unwrap();
    assert_eq!(status(witness.add_checkpoint(&of(&stranger, ORIGIN), 1)), 200);
    assert_eq!(witness.head(ORIGIN), Some(head(&tree(1))));
    assert!(witness.follow(WitnessKey::new("w", &[1; 32]).unwrap().verifier(), Head::EMPTY).is_err());
}

#[test]
fn claims_that_do_not_fit_together_are_refused() {
    let mut witness = witness();
    // An old size above the new one.
    let mut wrong = request(0, &tree(5));
    wrong.old_size = 6;
    assert_eq!(status(witness.add_checkpoint(&wrong, 1)), 400);
    // A proof from nothing.
    let mut wrong = request(0, &tree(5));
    wrong.proof.push(EMPTY_ROOT);
    assert_eq!(status(witness.add_checkpoint(&wrong, 1)), 422);
    // A root of nothing that is not that of nothing.
    let root = Digest32::of(b"something");
    let checkpoint = Checkpoint::new(ORIGIN, 0, root).sign(&log()).unwrap();
    let wrong = AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint };
    assert_eq!(status(witness.add_checkpoint(&wrong, 1)), 409);
    // The empty log itself.
    assert_eq!(status(witness.add_checkpoint(&request(0, &tree(0)), 1)), 200);
    // A proof where nothing is to be proven.
    witness.add_checkpoint(&request(0, &tree(5)), 1).unwrap();
    let mut wrong = request(5, &tree(5));
    wrong.proof.push(EMPTY_ROOT);
    assert_eq!(status(witness.add_checkpoint(&wrong, 1)), 422);
}

#[test]
fn a_witness_goes_on_from_what_it_kept() {
    let mut witness = Witness::new(WitnessKey::new("w.example", &[9; 32]).unwrap());
    witness.follow(log().verifier(), head(&tree(5))).unwrap();
    assert_eq!(status(witness.add_checkpoint(&request(0, &tree(9)), 1)), 409);
    assert_eq!(status(witness.add_checkpoint(&request(5, &tree(9)), 1)), 200);
}

#[test]
fn the_published_request_is_read_and_written_again() {
    // The example of C2SP tlog-witness.
    let text = "old 20852014\n\
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
        5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\n\
        example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";
    let request = AddCheckpoint::parse(text.as_bytes()).unwrap();
    assert_eq!((request.old_size, request.proof.len()), (20_852_014, 4));
    assert_eq!(request.checkpoint.signatures().len(), 2);
    assert_eq!(request.to_string(), text);
}

#[test]
fn malformed_requests_are_refused_with_their_part() {
    let text = request(3, &tree(5)).to_string();
    let fault = |text: String| AddCheckpoint::parse(text.as_bytes()).unwrap_err().to_string();
    expect!["line 1: a request begins with the old size"].assert_eq(&fault(text.replace("old 3", "new 3")));
    expect![[r#"line 1: "03" is not a number of entries without sign and leading zeros"#]]
        .assert_eq(&fault(text.replace("old 3", "old 03")));
    expect![[r#"proof: hash 1: "AA==" is not a SHA-256 hash in base64"#]]
        .assert_eq(&fault(text.replace("old 3", "old 3\nAA==")));
    expect!["checkpoint: a note has an empty line before its signatures"]
        .assert_eq(&fault(text.replace("\n\n—", "\n—")));
    expect!["a request has an empty line before the checkpoint"]
        .assert_eq(&fault(text.replace("\n\n", "\n")));
    assert!(AddCheckpoint::parse(&vec![b'\n'; MAX_REQUEST + 1]).is_err());
    assert!(AddCheckpoint::parse(b"\xff\n\n").is_err());
}

proptest! {
    /// Whatever is asked, the heads that were co-signed are all beginnings of one log.
    #[test]
    fn what_was_co_signed_is_one_history(steps in prop::collection::vec((0u64..40, 0u64..40, any::<bool>()), 1..30)) {
        let honest = tree(40);
        let forked: Tree = (0..40u64).map(|i| leaf_hash(&(i / 20 * 1000 + i).to_be_bytes())).collect();
        let mut witness = witness();
        let mut signed: Vec<Head> = Vec::new();
        for (old, size, fork) in steps {
            let mut offered = if fork { forked.clone() } else { honest.clone() };
            offered.truncate(size);
            if old > size {
                continue;
            }
            if let Ok(cosigned) = witness.add_checkpoint(&request(old, &offered), 1) {
                signed.push(cosigned.head);
            }
        }
        let one_history = |tree: &Tree| signed.iter().all(|head| tree.root(head.size) == Ok(head.root));
        prop_assert!(one_history(&honest) || one_history(&forked));
        prop_assert!(signed.windows(2).all(|pair| pair[0].size <= pair[1].size));
    }
}
