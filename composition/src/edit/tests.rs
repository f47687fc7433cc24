use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::film::House;

fn check(cuts: &[(u32, u32)], expect: Expect) {
    let house = House::new("a 24 IPPPPPPPPP IPPPPPPPPP");
    let spans = house.cut("a", cuts);
    let text: Vec<String> = spans
        .spans()
        .iter()
        .map(|s| match s {
            Span::Film { from, to, .. } => format!("{from}..{to}"),
            Span::Card { .. } => "card".into(),
        })
        .collect();
    expect.assert_eq(&text.join(" "));
}

#[test]
fn cuts() {
    check(&[(3, 5)], expect!["0..3 5..20"]);
    check(&[(0, 5)], expect!["5..20"]);
    check(&[(15, 20)], expect!["0..15"]);
    check(&[(12, 14), (3, 5), (4, 8), (8, 9)], expect!["0..3 9..12 14..20"]);
    check(&[(3, 9), (4, 5)], expect!["0..3 9..20"]);
    check(&[(18, 400)], expect!["0..18"]);
}

#[test]
fn a_cut_of_everything_and_a_cut_of_nothing_are_refused() {
    let house = House::new("a 24 IPPPPPPPPP");
    let (base, source) = (house.composition("a[0..10]"), house.source("a").digest);
    let cut = |from, to| evaluate(&base, &[Edit::Cut { source, from, to }]).unwrap_err().to_string();
    expect!["nothing is left of the film. Cut less, or withdraw the title instead"].assert_eq(&cut(0, 10));
    expect!["the cut from frame 10 to 12 removes nothing; the film ends before frame 10. Give positions inside the film"].assert_eq(&cut(10, 12));
    expect!["the cut from frame 4 to 4 is empty. A cut ends after it starts; the end is exclusive"]
        .assert_eq(&cut(4, 4));
}

#[test]
fn an_edit_by_hand_that_touches_nothing_is_refused_and_an_orders_is_absent() {
    let house = House::new("a 24 IPPPPPPPPP");
    let (base, source) = (house.composition("a[0..10]"), house.source("a").digest);
    let path = Path::still(crate::Area::new(0, 0, 500, 500).unwrap());
    let card = Card::plain([("vi".into(), "Cắt".into())]);
    let edits = [
        Edit::Cut { source, from: 100, to: 102 },
        Edit::Replace { source, from: 100, to: 102, card, units: 4 },
        Edit::Blur { source, from: 100, to: 102, path: path.clone() },
        Edit::Mask { source, from: 100, to: 102, path },
        Edit::DropText { source: Digest::of(b"other"), from: 1, to: 2 },
    ];
    for edit in &edits {
        let error = evaluate(&base, std::slice::from_ref(edit)).unwrap_err().to_string();
        assert!(error.contains("nothing; the film ends before frame"), "{error}");
    }
    assert_eq!(evaluate_bound(&base, &edits).unwrap(), base);
    // Right beside what is shown, its sound would be heard.
    let beside = evaluate_bound(&base, &[Edit::Cut { source, from: 10, to: 12 }]).unwrap();
    assert!(beside.overlay(source).is_some_and(|overlay| overlay.mutes.contains(10)));
    let empty = [Edit::Mute { source, from: 3, to: 3 }];
    expect!["the mute from frame 3 to 3 is empty. A mute ends after it starts; the end is exclusive"]
        .assert_eq(&evaluate_bound(&base, &empty).unwrap_err().to_string());
}

fn check_replaced(base: &str, edits: &[(u32, u32, u32)], expect: Expect) {
    let house = House::new("a 24 IPPPPPPPPP IPPPPPPPPP");
    let source = house.source("a").digest;
    // Nought units: a cut.
    let edits: Vec<Edit> = edits
        .iter()
        .map(|(from, to, units)| match units {
            0 => Edit::Cut { source, from: *from, to: *to },
            _ => {
                let card = Card::plain([("vi".into(), format!("{units}"))]);
                Edit::Replace { source, from: *from, to: *to, card, units: *units }
            }
        })
        .collect();
    let made = evaluate(&house.composition(base), &edits).unwrap();
    let spans = made.spans().iter().map(|span| match span {
        Span::Film { from, to, .. } => format!("{from}..{to}"),
        Span::Card { units, .. } => format!("card:{units}"),
    });
    expect.assert_eq(&spans.collect::<Vec<_>>().join(" "));
}

#[test]
fn a_card_stands_once_where_its_frames_were() {
    check_replaced("a[0..20]", &[(3, 5, 4)], expect!["0..3 card:4 5..20"]);
    check_replaced("a[0..20]", &[(0, 20, 4)], expect!["card:4"]);
    // A cut wins; the card stands for what is left of its range.
    check_replaced("a[0..20]", &[(3, 9, 4), (5, 6, 0)], expect!["0..3 card:4 9..20"]);
    check_replaced("a[0..20]", &[(3, 9, 4), (2, 12, 0)], expect!["0..2 12..20"]);
    // Of two replacements the one that starts first has the frames of both.
    check_replaced("a[0..20]", &[(5, 12, 2), (3, 9, 4)], expect!["0..3 card:4 card:2 12..20"]);
    // Once for a range that an earlier cut tears apart, and again wherever its frames occur again.
    check_replaced("a[0..4] a[6..20]", &[(2, 8, 3)], expect!["0..2 card:3 8..20"]);
    check_replaced("a[0..4] card:9@a a[3..20]", &[(3, 5, 2)], expect!["0..3 card:2 card:9 card:2 5..20"]);
}

proptest! {
    #[test]
    fn the_order_of_cuts_does_not_matter_and_what_they_name_is_gone(
        mut cuts in prop::collection::vec((0u32..100, 1u32..30), 1..8), seed in any::<prop::sample::Index>()
    ) {
        let house = House::new(&format!("a 24 {}", "IbBbPPPPPP ".repeat(10)));
        let (base, source) = (house.composition("a[0..100]"), house.source("a").digest);
        let edits = |cuts: &[(u32, u32)]| -> Vec<Edit> { cuts.iter().map(|(a, n)| Edit::Cut { source, from: *a, to: a + n }).collect() };
        let one = evaluate(&base, &edits(&cuts));
        let middle = seed.index(cuts.len());
        cuts.rotate_left(middle);
        prop_assert_eq!(&one, &evaluate(&base, &edits(&cuts)));
        let gone = |f: u32| cuts.iter().any(|(a, n)| (*a..a + n).contains(&f));
        let expected: Vec<u32> = (0..100).filter(|f| !gone(*f)).collect();
        let kept: Vec<u32> = one.map_or(Vec::new(), |c| c.spans().iter().flat_map(|s| match s {
            Span::Film { from, to, .. } => *from..*to,
            Span::Card { .. } => 0..0,
        }).collect());
        prop_assert_eq!(kept, expected);
    }
}
