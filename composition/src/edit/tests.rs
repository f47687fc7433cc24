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
