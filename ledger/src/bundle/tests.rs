use expect_test::expect;
use proptest::prelude::*;

use super::*;

fn fault(bytes: &[u8], width: u16) -> String {
    read_bundle(bytes, width).unwrap_err().to_string()
}

#[test]
fn lengths_are_two_bytes_big_endian() {
    let long = vec![7; 258];
    let bytes = write_bundle([b"".as_slice(), b"a", &long]).unwrap();
    assert_eq!(bytes[..7], [0, 0, 0, 1, b'a', 1, 2]);
    assert_eq!(read_bundle(&bytes, 3).unwrap(), [b"".as_slice(), b"a", &long]);
}

#[test]
fn faults_name_entry_and_byte() {
    let bytes = [0, 1, b'a', 0, 2, b'b'];
    expect!["entry 1 of the bundle: byte 3: 2 bytes announced, 1 are left"].assert_eq(&fault(&bytes, 2));
    expect!["entry 1 of the bundle: byte 3: the bundle ends; expected 2 entries"]
        .assert_eq(&fault(&bytes[..3], 2));
    expect!["entry 1 of the bundle: byte 3: 3 bytes too many behind 1 entries"].assert_eq(&fault(&bytes, 1));
    let long = vec![0; MAX_ENTRY + 1];
    expect!["entry 1 of the bundle: 65536 bytes; an entry has at most 65535"]
        .assert_eq(&write_bundle([b"".as_slice(), &long]).unwrap_err().to_string());
}

proptest! {
    #[test]
    fn bundles_read_back(entries: Vec<Vec<u8>>) {
        let bytes = write_bundle(entries.iter().map(Vec::as_slice)).unwrap();
        prop_assert_eq!(read_bundle(&bytes, entries.len() as u16).unwrap(), entries);
    }

    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>, width: u16) {
        if let Ok(entries) = read_bundle(&bytes, width) {
            prop_assert_eq!(write_bundle(entries).unwrap(), bytes);
        }
    }
}
