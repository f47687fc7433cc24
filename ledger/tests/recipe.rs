//! The recipe in `docs/ref/ledger.md`, by which anybody verifies a record with public tools.

use std::path::Path;
use std::process::Command;

use ledger::{Checkpoint, LogKey, ProofFile, Record, Tree, WitnessKey, leaf_hash};
use serde_json::json;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ref/ledger.md");

/// The script between the lines that open and close it in the document.
fn recipe() -> String {
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let script = document.split_once("```bash\n").and_then(|(_, rest)| rest.split_once("```\n"));
    script.expect("the document holds the recipe").0.to_string()
}

fn record(number: u64) -> Vec<u8> {
    Record::new("order-placed", 1, 1_795_219_200_000_000, &json!({ "number": number }))
        .unwrap()
        .bytes()
        .unwrap()
}

/// Runs the recipe over a record, its proof and the keys of log and witness.
fn verifies(folder: &Path, record: &[u8], proof: &str, log: &str, witness: &str) -> bool {
    std::fs::write(folder.join("record.json"), record).unwrap();
    std::fs::write(folder.join("record.tlog-proof"), proof).unwrap();
    std::fs::write(folder.join("recipe"), recipe()).unwrap();
    let mut bash = Command::new("bash");
    bash.current_dir(folder).args(["recipe", "record.json", "record.tlog-proof", log, witness]);
    let output = bash.output().unwrap();
    println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    output.status.success()
}

#[test]
fn the_recipe_verifies_what_we_prove_and_nothing_else() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: there is no openssl");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let log = LogKey::new("example.org/vn", &[7; 32]).unwrap();
    let witness = WitnessKey::new("w.example", &[9; 32]).unwrap();
    let (log_key, witness_key) = (log.verifier().to_string(), witness.verifier().to_string());
    for (index, size) in [(0, 1), (0, 2), (4, 5), (3, 7), (6, 7), (300, 1000), (512, 513)] {
        let tree: Tree = (0..size).map(|i| leaf_hash(&record(i))).collect();
        let checkpoint = Checkpoint::new("example.org/vn", size, tree.root(size).unwrap());
        let mut note = checkpoint.sign(&log).unwrap();
        note.add(witness.cosign(note.text(), 1_795_219_200)).unwrap();
        let path = tree.prove_inclusion(index, size).unwrap();
        let proof = ProofFile { extra: None, index, path, checkpoint: note }.to_string();
        let verifies = |record: &[u8], proof: &str, log: &str, witness: &str| {
            verifies(folder.path(), record, proof, log, witness)
        };
        assert!(verifies(&record(index), &proof, &log_key, &witness_key), "{index} of {size}");
        assert!(verifies(&record(index), &proof, &log_key, ""), "{index} of {size}");
        assert!(!verifies(&record(index + 1), &proof, &log_key, ""), "another record");
        let other = proof.replace(&format!("\n{size}\n"), &format!("\n{}\n", size + 1));
        assert!(!verifies(&record(index), &other, &log_key, ""), "another size");
        let stranger = LogKey::new("example.org/vn", &[8; 32]).unwrap().verifier().to_string();
        assert!(!verifies(&record(index), &proof, &stranger, ""), "another key");
        let stranger = WitnessKey::new("w.example", &[8; 32]).unwrap().verifier().to_string();
        assert!(!verifies(&record(index), &proof, &log_key, &stranger), "another witness");
    }
}
