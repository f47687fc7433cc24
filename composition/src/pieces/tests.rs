use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::edit::{Edit, evaluate_bound};
use crate::film::House;
use crate::veil::{Area, Path};

fn show(slots: &[Slot]) -> String {
    let one = |slot: &Slot| match &slot.what {
        What::Copy { first, .. } => format!("[{first}..{}]", first + slot.count),
        What::Made(Need::Patch { from, to, veils, .. }) => {
            let veils = veils.iter().map(|v| format!(" {}:{}..{}", v.kind.word(), v.from, v.to));
            format!("made({from}..{to}{})", veils.collect::<String>())
        }
        What::Made(_) => "card".into(),
    };
    slots.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn check(base: &str, veils: &[(u32, u32)], expect: Expect) {
    let house = House::new("a 2 IbBbPbBbP IbBbPbBbP IbBbPbBbP");
    let source = house.source("a").digest;
    let path = Path::still(Area::new(0, 0, 500, 500).unwrap());
    let edits: Vec<Edit> = veils
        .iter()
        .map(|(from, to)| Edit::Mask { source, from: *from, to: *to, path: path.clone() })
        .collect();
    let composition = evaluate_bound(&house.composition(base), &edits).unwrap();
    let all = slots(&composition, &|t, d| house.find(t, d), 0).unwrap();
    expect.assert_eq(&all.iter().map(|slots| show(slots)).collect::<Vec<_>>().join(" | "));
}

#[test]
fn a_veil_makes_the_rest_of_each_group_that_it_touches() {
    // A group is decoded I P B b b P B b b: frames 0 to 4 are closed.
    check("a[0..27]", &[(9, 10)], expect![["[0..9] made(9..18 mask:9..10) [18..27]"]]);
    check("a[0..27]", &[(13, 14)], expect![["[0..9] made(9..18 mask:13..14) [18..27]"]]);
    check(
        "a[0..27]",
        &[(14, 20)],
        expect![["[0..9] [9..14] made(14..18 mask:14..18) made(18..27 mask:18..20)"]],
    );
    check("a[0..27]", &[(2, 3), (7, 8)], expect![["made(0..9 mask:2..3 mask:7..8) [9..27]"]]);
    check(
        "a[3..22]",
        &[(5, 6), (21, 27)],
        expect![["made(3..9 mask:5..6) [9..18] made(18..22 mask:21..22)"]],
    );
    check(
        "a[0..12] card:2@a a[12..27]",
        &[(11, 13)],
        expect![["[0..9] made(9..12 mask:11..12) | card | made(12..18 mask:12..13) [18..27]"]],
    );
}

const GROUPS: [&str; 5] = ["I", "IP", "IbBbP", "IbPbP", "IbBbPbBbP"];

proptest! {
    #[test]
    fn every_veiled_frame_is_made_with_its_veils_and_little_else_is(
        groups in prop::collection::vec(prop::sample::select(&GROUPS[..]), 1..12),
        cuts in prop::collection::vec((0u32..100, 1u32..20), 0..5),
        veils in prop::collection::vec((0u32..100, 1u32..20, 1u16..4), 1..5),
    ) {
        let house = House::new(&format!("a 24 {}", groups.join(" ")));
        let source = house.source("a");
        let digest = source.digest;
        let cut = cuts.iter().map(|(f, n)| Edit::Cut { source: digest, from: *f, to: f + n });
        let veil = veils.iter().map(|(f, n, w)| Edit::Blur { source: digest, from: *f, to: f + n, path: Path::still(Area::new(0, 0, w * 100, 100).unwrap()) });
        let base = house.composition(&format!("a[0..{}]", source.to));
        let Ok(composition) = evaluate_bound(&base, &cut.chain(veil).collect::<Vec<_>>()) else { return Ok(()) };
        let all = slots(&composition, &|t, d| house.find(t, d), 0).unwrap();
        let overlay = composition.overlay(digest).cloned().unwrap_or_default();
        let over = |frame: u32| overlay.veils.iter().filter(|v| (v.from..v.to).contains(&frame)).map(|v| (v.kind, v.path.at(frame))).collect::<Vec<_>>();
        let index = &source.video[0].index;
        for (span, slots) in composition.spans().iter().zip(&all) {
            let Span::Film { from, to, .. } = span else { unreachable!() };
            let mut at = *from;
            for slot in slots {
                let end = at + slot.count;
                match &slot.what {
                    What::Copy { first, .. } => {
                        prop_assert_eq!(*first, at);
                        prop_assert!(index.is_sync(at));
                        prop_assert!((at..end).all(|frame| over(frame).is_empty()));
                    }
                    What::Made(Need::Patch { from: a, to: b, veils, .. }) => {
                        prop_assert_eq!((*a, *b), (at, end));
                        prop_assert_eq!(index.block_of(at), index.block_of(end - 1));
                        for frame in at..end {
                            let here: Vec<_> = veils.iter().filter(|v| (v.from..v.to).contains(&frame)).map(|v| (v.kind, v.path.at(frame))).collect();
                            prop_assert_eq!(here, over(frame));
                        }
                        // Made for a reason: a veil over it, or a seam in its group.
                        let block = index.block_of(at);
                        let seam = index.block_first(block) < *from || *to < index.block_first(block + 1);
                        prop_assert!(seam || !veils.is_empty());
                    }
                    What::Made(_) => unreachable!(),
                }
                at = end;
            }
            prop_assert_eq!(at, *to);
        }
    }
}
