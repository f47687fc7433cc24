use expect_test::expect;

use super::*;
use crate::film::House;
use crate::overlay::Overlay;
use crate::span::Composition;

fn sign(from: u32, to: u32, x: u16, text: &str) -> Sign {
    let card = Card::plain([("vi".to_string(), text.to_string())]);
    Sign { from, to, area: Area::new(x, 20, 60, 80).unwrap(), edge: [255; 3], card }
}

/// Equal signs that touch are one, what nobody sees is gone, and the text is read back as it was.
#[test]
fn signs_have_one_spelling() {
    let house = House::new("a 24 IPPPPPPPPP IPPPPPPPPP");
    let source = house.source("a").digest;
    let spans = house.composition("a[0..8] card:4@a a[12..18]").spans().to_vec();
    let signs = vec![
        sign(5, 20, 20, "T16"),
        sign(0, 6, 20, "T16"),
        sign(0, 3, 90, "Cảnh báo:\nbạo lực"),
        sign(9, 11, 20, "P"),
    ];
    let overlay = Overlay { signs, ..Overlay::default() };
    let made = Composition::with(spans, [(source, overlay)]).unwrap();
    assert_eq!(Composition::parse(&made.text()).unwrap(), made);
    let text = made.text().replace(&source.to_string(), "A");
    expect![[r#"
        phim composition 3
        film a A 0 8
        card a A 4 000000 ffffff
        line vi 100 Phim
        film a A 12 18
        sign A 0 3 90 20 60 80 ffffff 000000 ffffff
        line vi 100 Cảnh báo:\nbạo lực
        sign A 0 8 20 20 60 80 ffffff 000000 ffffff
        line vi 100 T16
        sign A 12 18 20 20 60 80 ffffff 000000 ffffff
        line vi 100 T16
    "#]]
    .assert_eq(&text);
    let refused = |text: &str| Composition::parse(text).unwrap_err().to_string();
    let older = made.text().replacen("composition 3", "composition 2", 1);
    assert!(refused(&older).contains("expected"), "{}", refused(&older));
    assert!(refused(&made.text().replace("20 20 60 80", "20 20 990 80")).contains("expected `sign"));
}

/// Only the groups that a sign touches are made anew; the others stay what is stored.
#[test]
fn groups_without_a_sign_are_copied() {
    let house = House::new("a 24 IPPPP IPPPP IPPPP");
    let source = house.source("a").digest;
    let overlay = Overlay { signs: vec![sign(0, 6, 20, "15")], ..Overlay::default() };
    let made =
        Composition::with(house.composition("a[0..15]").spans().to_vec(), [(source, overlay)]).unwrap();
    let needs = crate::needs(&made, &|t, d| house.find(t, d)).unwrap();
    let ranges: Vec<_> =
        needs.iter().map(|need| (need.units(), need.track() == house.source("a").video[0].blob)).collect();
    assert_eq!(ranges, [(5, true), (5, true)]);
}
