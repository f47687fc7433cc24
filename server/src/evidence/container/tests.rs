use super::*;

fn files() -> Files {
    let mut files = Files::new();
    files.insert("a.txt".into(), b"one".to_vec());
    files.insert("b/c.json".into(), b"{}\n".to_vec());
    files
}

#[test]
fn what_is_written_is_read_and_the_order_of_making_does_not_matter() {
    let bytes = write(&files()).expect("an archive");
    assert_eq!(read(&bytes).expect("files"), files());
    assert_eq!(write(&files().into_iter().rev().collect()).expect("an archive"), bytes);
    assert!(is_one(&bytes) && !is_one(b"c2sp.org/tlog-proof@v1\n"));
}

/// Every single bit of the frame and of the files.
#[test]
fn a_changed_bit_anywhere_is_found() {
    let bytes = write(&files()).expect("an archive");
    for at in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[at / 8] ^= 1 << (at % 8);
        let found = read(&changed);
        assert!(found.is_err() || found.is_ok_and(|files_read| files_read != files()), "bit {at}");
    }
    for len in 0..bytes.len() {
        assert!(read(&bytes[..len]).is_err(), "cut to {len} bytes");
    }
    let more = [bytes.as_slice(), b"x"].concat();
    assert!(read(&more).is_err());
}
