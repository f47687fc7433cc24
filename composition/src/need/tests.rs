use super::*;
use crate::film::House;
use crate::veil::{Area, Path, VeilKind};

/// Archives keep what was made under these names: a name that changes is made again.
#[test]
fn names_stay() {
    let track = Digest::of(b"track");
    let seam = Need::Patch { track, from: 3, to: 7, idr: 1, veils: Vec::new(), signs: Vec::new() };
    assert_eq!(seam.key(), Digest::of(format!("phim patch 2\n{track} 3 7 1\n").as_bytes()));
    let path = Path::new(vec![(3, Area::new(0, 0, 10, 10).unwrap()), (5, Area::new(9, 0, 10, 10).unwrap())])
        .unwrap();
    let veils = vec![Veil { kind: VeilKind::Mask, from: 3, to: 6, path }];
    let veiled = Need::Patch { track, from: 3, to: 7, idr: 1, veils, signs: Vec::new() };
    let text = format!("phim patch 2\n{track} 3 7 1\nmask 3 6 3 0 0 10 10 5 9 0 10 10\n");
    assert_eq!(veiled.key(), Digest::of(text.as_bytes()));
    let sign = Sign {
        from: 3,
        to: 7,
        area: Area::new(20, 30, 40, 50).unwrap(),
        edge: [255; 3],
        card: Card::plain([("vi".into(), "T16".into())]),
    };
    let signed = Need::Patch { track, from: 3, to: 7, idr: 1, veils: Vec::new(), signs: vec![sign] };
    let text =
        format!("phim patch 2\n{track} 3 7 1\nsign 3 7 20 30 40 50 ffffff 000000 ffffff\nline vi 100 T16\n");
    assert_eq!(signed.key(), Digest::of(text.as_bytes()));
    let hold = Need::Hold { track, units: 48, idr: 0 };
    assert_eq!(hold.key(), Digest::of(format!("phim hold 1\n{track} 48 0\n").as_bytes()));
    assert_eq!(hold.units(), 48);
    // What an older Phim made is found too, after what is made now.
    let older = Digest::of(format!("phim patch 1\n{track} 3 7 1\n").as_bytes());
    assert_eq!(seam.keys().collect::<Vec<_>>(), [seam.key(), older]);
    assert_eq!(hold.keys().collect::<Vec<_>>(), [hold.key()]);
}

#[test]
fn a_hold_is_as_long_as_the_longest_group() {
    let house = House::new("a* 2 IP IbBbPbBbP IbBbP");
    let source = house.source("a");
    let expected = source.video.iter().map(|v| Need::Hold { track: v.blob, units: 9, idr: 0 });
    assert_eq!(holds(&source), expected.collect::<Vec<_>>());
}
