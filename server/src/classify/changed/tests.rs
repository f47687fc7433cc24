use composition::{Area, Card, Edit, Path, evaluate};

use super::*;

fn source() -> Digest {
    Digest::of(b"film")
}

fn whole() -> Composition {
    Composition::new([Span::Film { title: "flight".into(), source: source(), from: 10, to: 1_000 }]).unwrap()
}

fn carded(list: &Composition) -> Composition {
    let card = Card::plain([("en".to_string(), "15".to_string())]);
    let front = Span::Card { card, title: "flight".into(), source: source(), units: 96 };
    let spans = [front].into_iter().chain(list.spans().iter().cloned());
    Composition::with(spans, list.overlays().clone()).unwrap()
}

fn edited(list: &Composition, edits: &[Edit]) -> Composition {
    evaluate(list, edits).unwrap()
}

fn area() -> Path {
    Path::still(Area::new(0, 0, 100, 100).unwrap())
}

#[test]
fn edits_are_found_again_in_the_lists() {
    let (source, path) = (source(), area());
    let cases = [
        (vec![Edit::Cut { source, from: 50, to: 60 }], vec![Change::Cut]),
        (vec![Edit::Blur { source, from: 50, to: 60, path: path.clone() }], vec![Change::Blur]),
        (vec![Edit::Mask { source, from: 50, to: 60, path }], vec![Change::Mask]),
        (vec![Edit::Mute { source, from: 50, to: 60 }], vec![Change::Mute]),
        (vec![Edit::DropText { source, from: 50, to: 60 }], vec![Change::TextDrop]),
        (
            vec![Edit::Cut { source, from: 50, to: 60 }, Edit::Mute { source, from: 90, to: 99 }],
            vec![Change::Cut, Change::Mute],
        ),
    ];
    for (edits, expected) in cases {
        assert_eq!(changes(&whole(), &edited(&whole(), &edits)), Some(expected.clone()), "{edits:?}");
        let card = carded(&edited(&whole(), &edits));
        let mut with_card = expected;
        with_card.push(Change::Card);
        with_card.sort();
        assert_eq!(changes(&whole(), &card), Some(with_card), "{edits:?}");
        // Nothing leads back: the whole shows more.
        assert_eq!(changes(&edited(&whole(), &edits), &whole()), None, "{edits:?}");
    }
    assert_eq!(changes(&whole(), &whole()), None);
}

#[test]
fn what_shows_more_or_in_another_order_was_not_made_by_edits() {
    let span = |from, to| Span::Film { title: "flight".into(), source: source(), from, to };
    let turned = Composition::new([span(500, 1_000), span(10, 500)]).unwrap();
    assert_eq!(changes(&whole(), &turned), None);
    let twice = Composition::new([span(10, 500), span(400, 1_000)]).unwrap();
    assert_eq!(changes(&whole(), &twice), None);
    let other = Span::Film { title: "reel".into(), source: Digest::of(b"reel"), from: 0, to: 9 };
    let with_other = Composition::new([span(10, 1_000), other]).unwrap();
    assert_eq!(changes(&whole(), &with_other), None);
    assert_eq!(changes(&with_other, &whole()), None);
    let short = edited(&whole(), &[Edit::Cut { source: source(), from: 10, to: 20 }]);
    let shorter = edited(&short, &[Edit::Cut { source: source(), from: 990, to: 1_000 }]);
    assert_eq!(changes(&short, &shorter), Some(vec![Change::Cut]));
}
