use expect_test::expect;

use super::*;

fn record(number: u64) -> Record {
    Record { log: "vn".into(), number, text: format!("record {number}") }
}

fn said(ends: &Ends, records: &[Record]) -> String {
    ends.verify(records).err().map(|error| error.message).unwrap_or_default()
}

#[test]
fn a_record_that_was_durable_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let ends = Ends::open(folder.path()).unwrap();
    let records: Vec<Record> = (0..3).map(record).collect();
    ends.note(records.iter());
    let ends = Ends::open(folder.path()).unwrap();
    assert_eq!(said(&ends, &records), "");
    expect![[r#"record 2 of log "vn" was durable and is gone"#]].assert_eq(&said(&ends, &records[..2]));
    let mut other = records.clone();
    other[2].text = "another".into();
    expect![[r#"record 2 of log "vn" is another one than it was"#]].assert_eq(&said(&ends, &other));
    other.push(record(3));
    expect![[r#"record 2 of log "vn" is another one than it was"#]].assert_eq(&said(&ends, &other));
}

/// Cut off anywhere, or with any bit of its last line flipped, it says less and nothing wrong.
#[test]
fn a_damaged_line_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ends = Ends::open(folder.path()).unwrap();
    let records: Vec<Record> = (0..2).map(record).collect();
    records.iter().for_each(|record| ends.note([record].into_iter()));
    let path = folder.path().join(NAME);
    let whole = std::fs::read(&path).unwrap();
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for len in 0..whole.len() {
        std::fs::write(&path, &whole[..len]).unwrap();
        let ends = Ends::open(folder.path()).unwrap();
        assert_eq!(said(&ends, &records[..1]).is_empty(), len < whole.len() - 1, "cut off at {len}");
        ends.note([record(1)].iter());
        assert!(!said(&Ends::open(folder.path()).unwrap(), &records[..1]).is_empty(), "cut off at {len}");
    }
    for byte in first..whole.len() {
        let mut damaged = whole.clone();
        damaged[byte] ^= 1 << (byte % 8);
        std::fs::write(&path, &damaged).unwrap();
        assert_eq!(said(&Ends::open(folder.path()).unwrap(), &records), "", "byte {byte}");
    }
}

#[test]
fn a_long_file_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let ends = Ends::open(folder.path()).unwrap();
    let records: Vec<Record> = (0..1000).map(record).collect();
    records.iter().for_each(|record| ends.note([record].into_iter()));
    let path = folder.path().join(NAME);
    assert!(std::fs::read(&path).unwrap().len() > LONG);
    drop(Ends::open(folder.path()).unwrap());
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
    let ends = Ends::open(folder.path()).unwrap();
    assert_eq!(said(&ends, &records), "");
    assert_ne!(said(&ends, &records[..999]), "");
}
