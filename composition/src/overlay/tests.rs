use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::edit::{Edit, evaluate, evaluate_bound};
use crate::film::House;
use crate::span::Composition;
use crate::veil::tests::any_path;

fn still(x: u16, w: u16) -> Path {
    Path::still(Area::new(x, 0, w, 500).unwrap())
}

fn check(base: &str, edits: impl Fn(Digest) -> Vec<Edit>, expect: Expect) {
    let house = House::new("a 24 IPPPPPPPPP IPPPPPPPPP");
    let source = house.source("a").digest;
    let made = evaluate_bound(&house.composition(base), &edits(source)).unwrap();
    let text = made.text().replace(&source.to_string(), "A");
    assert_eq!(Composition::parse(&made.text()).unwrap(), made);
    expect.assert_eq(&text);
}

#[test]
fn overlaps_merge_and_a_mask_takes_the_blur_that_it_covers() {
    check(
        "a[0..20]",
        |source| {
            vec![
                Edit::Blur { source, from: 2, to: 6, path: still(10, 50) },
                Edit::Blur { source, from: 5, to: 12, path: still(10, 50) },
                Edit::Mask { source, from: 8, to: 10, path: still(0, 100) },
                Edit::Mask { source, from: 10, to: 11, path: still(20, 10) },
                Edit::Mute { source, from: 3, to: 5 },
                Edit::Mute { source, from: 5, to: 7 },
                Edit::DropText { source, from: 15, to: 17 },
            ]
        },
        expect![[r#"
            phim composition 2
            film a A 0 20
            blur A 2 8 2 10 0 50 500
            blur A 10 12 10 10 0 50 500
            mask A 8 10 8 0 0 100 500
            mask A 10 11 10 20 0 10 500
            mute A 3 7
            drop A 15 17
        "#]],
    );
}

#[test]
fn a_cut_wins_and_its_mute_stays_beside_the_seam() {
    check(
        "a[0..20]",
        |source| {
            let path = Path::new(vec![
                (4, Area::new(0, 0, 100, 100).unwrap()),
                (14, Area::new(500, 0, 100, 100).unwrap()),
            ]);
            vec![
                Edit::Cut { source, from: 6, to: 10 },
                Edit::Mute { source, from: 6, to: 10 },
                Edit::Blur { source, from: 4, to: 12, path: path.unwrap() },
            ]
        },
        expect![[r#"
            phim composition 2
            film a A 0 6
            film a A 10 20
            blur A 4 6 4 0 0 100 100 14 500 0 100 100
            blur A 10 12 4 0 0 100 100 14 500 0 100 100
            mute A 6 10
        "#]],
    );
}

#[test]
fn what_lies_elsewhere_is_absent() {
    check(
        "a[0..4]",
        |source| {
            vec![
                Edit::Blur { source, from: 4, to: 12, path: still(0, 100) },
                Edit::Mute { source, from: 100, to: 110 },
                Edit::DropText { source: Digest::of(b"other"), from: 0, to: 4 },
            ]
        },
        expect![[r#"
            phim composition 1
            film a A 0 4
        "#]],
    );
}

fn refused(lines: &str) -> String {
    let d = Digest::of(b"media");
    let text = format!("phim composition 2\nfilm a {d} 0 9\n{}\n", lines.replace('D', &d.to_string()));
    Composition::parse(&text).unwrap_err().to_string()
}

#[test]
fn what_is_not_an_overlay_is_refused_with_the_line() {
    for line in [
        "blur D 0 5",
        "blur D 0 5 0 0 0 10",
        "blur D 0 5 0 0 0 10 1001",
        "blur D 0 5 4 0 0 9 9 4 0 0 9 9",
        "mask D 5 5 0 0 0 9 9",
        "mute D 0 05",
        "mute D 0 5 9",
        "drop x 0 5",
        "drop D 0",
        "blur D 0 5 0 0 0 10 70000",
    ] {
        assert!(refused(line).starts_with("line 3: expected `blur|mask DIGEST"), "{line}: {}", refused(line));
    }
    let old = format!("phim composition 1\nfilm a {d} 0 9\nmute {d} 0 5\n", d = Digest::of(b"media"));
    assert!(
        Composition::parse(&old)
            .unwrap_err()
            .to_string()
            .starts_with("line 3: expected `film`, `card` or `line`")
    );
    let many = "mute D 0 5\n".repeat(MAX_OVERLAYS + 2);
    assert!(refused(&many).contains("too many"));
}

pub fn any_edit(source: Digest) -> impl Strategy<Value = Edit> {
    let card = |n: u32| crate::Card::plain([("vi".to_string(), format!("Thẻ {n}"))]);
    let path = prop_oneof![(0u16..3, 1u16..4).prop_map(|(x, w)| still(x * 100, w * 200)), any_path()];
    (0u32..100, 1u32..30, 0usize..6, path, 0u32..3).prop_map(move |(from, n, kind, path, which)| {
        let to = from + n;
        match kind {
            0 => Edit::Cut { source, from, to },
            1 => Edit::Replace { source, from, to, card: card(which), units: 3 },
            2 => Edit::Blur { source, from, to, path },
            3 => Edit::Mask { source, from, to, path },
            4 => Edit::Mute { source, from, to },
            _ => Edit::DropText { source, from, to },
        }
    })
}

/// What a composition shows, frame by frame: the frame, its boxes, whether it is heard and read.
fn shown(composition: &Composition) -> Vec<String> {
    let mut out = Vec::new();
    for span in composition.spans() {
        let Span::Film { source, from, to, .. } = span else {
            out.push("card".into());
            continue;
        };
        for frame in *from..*to {
            let mut line = frame.to_string();
            if let Some(overlay) = composition.overlay(*source) {
                let boxes: std::collections::BTreeSet<(VeilKind, Area)> = overlay
                    .veils
                    .iter()
                    .filter(|v| (v.from..v.to).contains(&frame))
                    .map(|v| (v.kind, v.path.at(frame)))
                    .collect();
                line += &format!(
                    " {boxes:?} {} {}",
                    overlay.mutes.contains(frame),
                    overlay.text_drops.contains(frame)
                );
            }
            out.push(line);
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn the_order_of_edits_does_not_matter(
        mut edits in prop::collection::vec(any_edit(Digest::of(b"a")), 1..10), seed in any::<prop::sample::Index>(), twice in any::<prop::sample::Index>(),
    ) {
        let house = House::new(&format!("a 24 {}", "IbBbPPPPPP ".repeat(10)));
        let base = house.composition("a[0..50] card:4@a a[60..100] a[10..30]");
        let one = evaluate_bound(&base, &edits);
        let at = seed.index(edits.len());
        edits.rotate_left(at);
        edits.push(edits[twice.index(edits.len())].clone());
        let two = evaluate_bound(&base, &edits);
        prop_assert_eq!(&one, &two);
        let Ok(one) = one else { return Ok(()) };
        prop_assert_eq!(&Composition::parse(&one.text()).unwrap(), &one);
        prop_assert_eq!(Composition::parse(&one.text()).unwrap().text(), one.text());
        prop_assert_eq!(one.text().starts_with("phim composition 1"), one.overlays().is_empty());
    }

    /// Edits one after the other give what they give together, except that a card is placed where its
    /// frames still are.
    #[test]
    fn edits_may_come_one_after_the_other(edits in prop::collection::vec(any_edit(Digest::of(b"a")), 1..6)) {
        let edits: Vec<Edit> = edits.into_iter().filter(|e| !matches!(e, Edit::Replace { .. })).collect();
        let house = House::new(&format!("a 24 {}", "IbBbPPPPPP ".repeat(10)));
        let base = house.composition("a[0..50] card:4@a a[60..100] a[10..30]");
        let mut step = Ok(base.clone());
        for edit in &edits {
            step = step.and_then(|c| evaluate_bound(&c, std::slice::from_ref(edit)));
        }
        let together = evaluate_bound(&base, &edits);
        if let (Ok(step), Ok(together)) = (step, together) {
            prop_assert_eq!(shown(&step), shown(&together));
        }
    }

    /// Against a reading of the edits frame by frame.
    #[test]
    fn every_frame_shows_what_the_edits_say(edits in prop::collection::vec(any_edit(Digest::of(b"a")), 1..8)) {
        let house = House::new(&format!("a 24 {}", "IbBbPPPPPP ".repeat(10)));
        let base = house.composition("a[0..100]");
        let Ok(made) = evaluate_bound(&base, &edits) else { return Ok(()) };
        let on = |frame: u32| edits.iter().filter(move |e| { let (a, b) = e.range(); (a..b).contains(&frame) });
        let gone = |frame: u32| on(frame).any(|e| matches!(e, Edit::Cut { .. } | Edit::Replace { .. }));
        let kept: Vec<u32> = (0..100).filter(|f| !gone(*f)).collect();
        let frames: Vec<u32> = made.spans().iter().flat_map(|s| match s { Span::Film { from, to, .. } => *from..*to, Span::Card { .. } => 0..0 }).collect();
        prop_assert_eq!(&frames, &kept);
        let overlay = made.overlay(Digest::of(b"a")).cloned().unwrap_or_default();
        for frame in kept {
            prop_assert_eq!(overlay.mutes.contains(frame), on(frame).any(|e| matches!(e, Edit::Mute { .. })));
            prop_assert_eq!(overlay.text_drops.contains(frame), on(frame).any(|e| matches!(e, Edit::DropText { .. })));
            let here = |kind| overlay.veils.iter().filter(move |v| v.kind == kind && (v.from..v.to).contains(&frame)).map(move |v| v.path.at(frame));
            for edit in on(frame) {
                match edit {
                    Edit::Mask { path, .. } => prop_assert!(here(VeilKind::Mask).any(|a| a == path.at(frame))),
                    Edit::Blur { path, .. } => prop_assert!(
                        here(VeilKind::Blur).any(|a| a == path.at(frame)) || here(VeilKind::Mask).any(|a| a.covers(path.at(frame)))),
                    _ => {}
                }
            }
            for area in here(VeilKind::Mask) {
                let asked = on(frame).any(|e| matches!(e, Edit::Mask { path, .. } if path.at(frame) == area));
                prop_assert!(asked);
            }
            for area in here(VeilKind::Blur) {
                let asked = on(frame).any(|e| matches!(e, Edit::Blur { path, .. } if path.at(frame) == area));
                prop_assert!(asked);
            }
        }
        // By hand, what touches nothing is refused.
        let nothing = Edit::Mute { source: Digest::of(b"a"), from: 100, to: 101 };
        prop_assert!(evaluate(&base, &[nothing]).is_err());
    }
}
