use expect_test::expect;

use super::*;
use crate::Kind;
use crate::key::WitnessKey;

/// The example of C2SP tlog-cosignature: a checkpoint with a log's signature and a witness's.
const C2SP: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

fn log() -> LogKey {
    LogKey::new("example.org/vn", &[7; 32]).unwrap()
}

#[test]
fn the_published_example_is_read_and_written_again() {
    let note = Note::parse(C2SP.as_bytes()).unwrap();
    let checkpoint = Checkpoint::parse(note.text()).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.root.base64(), "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
    assert_eq!(checkpoint.text(), note.text());
    assert_eq!(note.to_string(), C2SP);
    // The second in which the example's witness saw it.
    assert_eq!(note.signatures()[1].bytes[..8], 1_679_315_147u64.to_be_bytes());
}

#[test]
fn the_extension_of_an_example_is_kept() {
    let text = "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\none\ntwo words\n";
    let checkpoint = Checkpoint::parse(text).unwrap();
    assert_eq!(checkpoint.extensions, ["one", "two words"]);
    assert_eq!(checkpoint.text(), text);
}

#[test]
fn only_its_own_log_signs_a_checkpoint() {
    let checkpoint = Checkpoint::new("example.org/vn", 3, Digest32::of(b"root"));
    let note = checkpoint.sign(&log()).unwrap();
    let other = LogKey::new("example.org/kr", &[8; 32]).unwrap();
    assert_eq!(Checkpoint::open(&note, &[other.verifier(), log().verifier()]).unwrap(), checkpoint);
    assert_eq!(Checkpoint::open(&note, &[other.verifier()]).unwrap_err().kind, Kind::NotFound);
    let stranger = LogKey::new("example.org/vn", &[9; 32]).unwrap();
    assert_eq!(Checkpoint::open(&note, &[stranger.verifier()]).unwrap_err().kind, Kind::Unsigned);
    assert!(checkpoint.sign(&other).is_err());

    // Another log's signature, and a witness's of the log's name, under this log's text.
    let foreign = Note::new(note.text(), other.sign(note.text())).unwrap();
    assert!(Checkpoint::open(&foreign, &[other.verifier(), log().verifier()]).is_err());
    let witness = WitnessKey::new("example.org/vn", &[7; 32]).unwrap();
    let witnessed = Note::new(note.text(), witness.cosign(note.text(), 1)).unwrap();
    assert!(Checkpoint::open(&witnessed, &[witness.verifier(), log().verifier()]).is_err());
}

#[test]
fn what_would_not_read_back_is_not_signed() {
    let mut checkpoint = Checkpoint::new("example.org/vn", 3, Digest32::of(b"root"));
    checkpoint.extensions.push("two\nlines".into());
    assert!(checkpoint.sign(&log()).is_err());
    checkpoint.extensions = vec![String::new()];
    assert!(checkpoint.sign(&log()).is_err());
    checkpoint.extensions.clear();
    checkpoint.size = u64::MAX;
    assert!(checkpoint.sign(&log()).is_err());
}

#[test]
fn malformed_checkpoints_are_refused_with_their_line() {
    let fault = |text: &str| Checkpoint::parse(text).unwrap_err().to_string();
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    expect!["a checkpoint ends in a line feed"].assert_eq(&fault("a\n0\n"[..3].as_ref()));
    expect!["a checkpoint has at least three lines: origin, size, root"].assert_eq(&fault("a\n0\n"));
    expect!["line 1: a checkpoint has no empty line"].assert_eq(&fault(&format!("\n0\n{root}\n")));
    for size in ["", "00", "01", "+1", "-1", "1 ", "0x1", "9223372036854775808", "99999999999999999999", "٣"]
    {
        assert!(fault(&format!("a\n{size}\n{root}\n")).starts_with("line 2"), "{size}");
    }
    expect![[r#"line 3: "47DE" is not a SHA-256 hash in base64"#]].assert_eq(&fault("a\n0\n47DE\n"));
    assert!(fault(&format!("a\n0\n{root}=\n")).starts_with("line 3"));
}
