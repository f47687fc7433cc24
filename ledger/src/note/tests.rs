use base64::prelude::{BASE64_STANDARD, Engine as _};
use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::key::{LogKey, WitnessKey};

/// The example of Go's golang.org/x/mod/sumdb/note.
const GO_SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const GO_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

/// The example of C2SP signed-note: a text with an empty line.
const C2SP_NOTE: &str = "Ognuno sta solo sul cuor della terra\n\
    trafitto da un raggio di sole:\n\n\
    ed è subito sera.\n\n\
    — quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

fn keys(keys: &[&str]) -> Vec<VerifierKey> {
    keys.iter().map(|key| key.parse().unwrap()).collect()
}

fn fault(note: &str) -> String {
    Note::parse(note.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_published_note_is_signed_again_byte_for_byte() {
    let seed = BASE64_STANDARD.decode(GO_SEED).unwrap();
    let key = LogKey::new("PeterNeumann", seed[1..].try_into().unwrap()).unwrap();
    let note = Note::parse(GO_NOTE.as_bytes()).unwrap();
    assert_eq!(Note::new(note.text(), key.sign(note.text())).unwrap().to_string(), GO_NOTE);
    let keys = keys(&[GO_KEY]);
    assert_eq!(note.verify(&keys).unwrap(), [Endorsement { key: &keys[0], time: None }]);
}

#[test]
fn a_note_whose_text_has_an_empty_line_is_split_at_the_last() {
    let note = Note::parse(C2SP_NOTE.as_bytes()).unwrap();
    assert!(note.text().ends_with("\n\ned è subito sera.\n"));
    assert_eq!(note.signatures()[0].name, "quasimodo.example/salvatore");
    assert_eq!(note.to_string(), C2SP_NOTE);
}

#[test]
fn the_example_of_signed_note_verifier_keys_verifies() {
    let note = "This is an example message.\n\n\
        — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    let keys = keys(&["example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"]);
    assert_eq!(Note::parse(note.as_bytes()).unwrap().verify(&keys).unwrap().len(), 1);
}

#[test]
fn unknown_keys_are_ignored_and_wrong_signatures_are_not() {
    let (log, witness) = (LogKey::new("a", &[1; 32]).unwrap(), WitnessKey::new("w", &[2; 32]).unwrap());
    let mut note = Note::new("text\n", log.sign("text\n")).unwrap();
    note.add(witness.cosign("text\n", 1_679_315_147)).unwrap();
    let known = [witness.verifier(), log.verifier()];
    let found = note.verify(&known).unwrap();
    let times: Vec<_> = found.iter().map(|e| (e.key.name(), e.time)).collect();
    assert_eq!(times, [("w", Some(1_679_315_147)), ("a", None)]);

    let stranger = [LogKey::new("a", &[3; 32]).unwrap().verifier()];
    assert_eq!(note.verify(&stranger).unwrap_err().kind, crate::Kind::Unsigned);

    note.signatures[1].bytes[20] ^= 1;
    assert!(note.verify(&known).is_err());
    assert!(note.verify(&known[1..]).is_ok());
    note.signatures[1].bytes.truncate(7);
    assert!(note.verify(&known).is_err());
}

#[test]
fn a_time_is_part_of_what_a_witness_signs() {
    let witness = WitnessKey::new("w", &[2; 32]).unwrap();
    let mut note = Note::new("text\n", witness.cosign("text\n", 5)).unwrap();
    note.signatures[0].bytes[7] = 6;
    assert!(note.verify(&[witness.verifier()]).is_err());
    // A second that does not fit in 63 bits.
    let note = Note::new("text\n", witness.cosign("text\n", 1 << 63)).unwrap();
    assert!(note.verify(&[witness.verifier()]).is_err());
}

#[test]
fn a_newer_signature_of_a_key_takes_the_place_of_the_older() {
    let witness = WitnessKey::new("w", &[2; 32]).unwrap();
    let mut note = Note::new("text\n", witness.cosign("text\n", 5)).unwrap();
    note.add(witness.cosign("text\n", 9)).unwrap();
    assert_eq!(note.verify(&[witness.verifier()]).unwrap()[0].time, Some(9));
    assert_eq!(note.signatures().len(), 1);
}

#[test]
fn malformed_notes_are_refused_with_their_line() {
    expect!["a note has an empty line before its signatures"].assert_eq(&fault("text\n"));
    expect!["line 3: there is no signature"].assert_eq(&fault("text\n\n"));
    expect!["line 3: there is no signature"].assert_eq(&fault("\n\n"));
    expect!["byte 2: a note has no control characters"].assert_eq(&fault("te\tt\n\n— a AAAAAAA=\n"));
    let line = "line 3: not a signature: expected an em dash, a name and base64, between single spaces";
    for signature in [
        "- a AAAAAAA=\n",
        "— a AAAAAAA=",
        "— a  AAAAAAA=\n",
        "— a AAAAAA==\n",
        "— a AAAAAAB=\n",
        "— a\n",
        "— a AAAAAAA= \n",
        "—a AAAAAAA=\n",
        "— a AAAAAAA=\r\n",
    ] {
        assert_eq!(fault(&format!("text\n\n{signature}")), line, "{signature:?}");
    }
    assert!(Note::parse(&[b"text\n\n".as_slice(), &[0xff, b'\n']].concat()).is_err());
    assert!(Note::parse(&vec![b'\n'; MAX_NOTE + 1]).is_err());
}

#[test]
fn a_hundred_signatures_are_read_and_no_more() {
    let lines = |count| format!("text\n\n{}", "— a AAAAAAA=\n".repeat(count));
    assert!(Note::parse(lines(MAX_SIGNATURES).as_bytes()).is_ok());
    assert!(Note::parse(lines(MAX_SIGNATURES + 1).as_bytes()).is_err());
}

proptest! {
    #[test]
    fn any_text_reads_back_or_is_refused(head in "[ -~\n—è]{0,40}", tail in "(— [a-z]{1,3} [A-Za-z+/]{8}\n){0,3}") {
        let text = format!("{head}\n\n{tail}");
        if let Ok(note) = Note::parse(text.as_bytes()) {
            prop_assert_eq!(note.to_string(), text);
        }
    }
}
