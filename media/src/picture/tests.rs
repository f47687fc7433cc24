use proptest::prelude::*;

use super::*;

/// A visual sample entry with these child boxes.
fn entry(children: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut out = vec![0; VISUAL_FIELDS];
    for (kind, body) in children {
        out.extend((body.len() as u32 + 8).to_be_bytes());
        out.extend(*kind);
        out.extend(*body);
    }
    out
}

#[test]
fn colour_and_pixel_aspect() {
    let pq = b"nclx\0\x09\0\x10\0\x09\x80";
    let whole = entry(&[(b"hvcC", &[1; 30]), (b"colr", pq), (b"pasp", &[0, 0, 0, 4, 0, 0, 0, 3])]);
    assert_eq!(Colour::of(&whole), Some(Colour { primaries: 9, transfer: 16, matrix: 9 }));
    assert_eq!(Colour::of(&whole).unwrap().range(), VideoRange::Pq);
    assert_eq!(pixel_aspect(&whole), (4, 3));
}

#[test]
fn what_is_missing_or_nonsense_counts_as_unsaid() {
    assert_eq!(Colour::of(&entry(&[(b"colr", b"prof\0\x09\0\x10\0\x09\x80")])), None);
    assert_eq!(Colour::of(&entry(&[(b"colr", b"nclx\0\x09\0")])), None);
    assert_eq!(Colour::of(&[0; 20]), None);
    assert_eq!(pixel_aspect(&entry(&[(b"pasp", &[0; 8])])), (1, 1));
    assert_eq!(pixel_aspect(&entry(&[(b"pasp", &[1; 3])])), (1, 1));
    // A child that claims more than there is ends the walk.
    let mut lying = entry(&[(b"free", &[0; 4]), (b"pasp", &[0, 0, 0, 4, 0, 0, 0, 3])]);
    lying[VISUAL_FIELDS] = 0xff;
    assert_eq!(pixel_aspect(&lying), (1, 1));
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = (Colour::of(&bytes), pixel_aspect(&bytes));
    }
}
