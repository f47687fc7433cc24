use proptest::prelude::*;

use super::*;

fn digest() -> Digest {
    Digest::of(b"media")
}

fn film(from: u32, to: u32) -> Span {
    Span::Film { title: "sintel".into(), source: digest(), from, to }
}

#[test]
fn spans_that_meet_are_one_span() {
    let c = Composition::new([film(0, 5), film(5, 9), film(10, 12)]).unwrap();
    assert_eq!(c.spans(), [film(0, 9), film(10, 12)]);
    assert_eq!(c.digest(), Composition::new([film(0, 9), film(10, 12)]).unwrap().digest());
}

#[test]
fn the_text_form() {
    let card = Card::plain([("vi".into(), "Dòng một\nhai \\ ba".into()), ("ko".into(), "등급".into())]);
    let c = Composition::new([
        Span::Card { card, title: "sintel".into(), source: digest(), units: 96 },
        film(0, 5),
    ])
    .unwrap();
    expect_test::expect![[r#"
        phim composition 1
        card sintel 721c9525ade2ea8903d343ef25cf68b9bf4ab0aad56bb7b01fbe48d09bc7fcf4 96 000000 ffffff
        line vi 100 Dòng một\nhai \\ ba
        line ko 100 등급
        film sintel 721c9525ade2ea8903d343ef25cf68b9bf4ab0aad56bb7b01fbe48d09bc7fcf4 0 5
    "#]]
    .assert_eq(&c.text());
    assert_eq!(Composition::parse(&c.text()).unwrap(), c);
}

fn refused(text: &str) -> String {
    Composition::parse(text).unwrap_err().to_string()
}

#[test]
fn what_is_not_a_composition_is_refused_with_the_line() {
    let d = digest();
    assert!(refused("").contains("line 1: expected `phim composition 1`"));
    assert!(refused("phim composition 4\n").contains("version 4"));
    assert!(refused("phim composition 1\n").contains("nothing is left"));
    assert!(refused(&format!("phim composition 1\nfilm a {d} 5 5\n")).contains("empty"));
    assert!(refused(&format!("phim composition 1\nfilm a {d} 05 9\n")).contains("line 2"));
    assert!(refused(&format!("phim composition 1\nfilm ../a {d} 0 9\n")).contains("title id"));
    assert!(refused(&format!("phim composition 1\nfilm a {d} 0 9 9\n")).contains("line 2"));
    assert!(refused("phim composition 1\nline vi 100 x\n").contains("belongs to a `card`"));
    assert!(refused(&format!("phim composition 1\ncard a {d} 5 000000 ffffff\n")).contains("0 lines"));
    assert!(refused(&format!("phim composition 1\ncard a {d} 5 000000 fffffF\n")).contains("line 2"));
}

fn any_span() -> impl Strategy<Value = Span> {
    let words =
        prop_oneof![Just("Cấm trẻ em dưới 16 tuổi"), Just("15세 이상"), Just("a\\n\\\\b"), Just("x\ny")];
    let card = prop::collection::vec((words, 25u16..=400), 1..4).prop_map(|lines| {
        let lines = lines.into_iter().map(|(text, percent)| CardLine {
            language: "vi".into(),
            text: text.into(),
            percent,
        });
        Card { background: [1, 2, 250], foreground: [255, 0, 9], lines: lines.collect() }
    });
    prop_oneof![
        (0u32..1000, 1u32..1000).prop_map(|(from, n)| film(from, from + n)),
        (card, 1u32..500).prop_map(|(card, units)| Span::Card {
            card,
            title: "b".into(),
            source: digest(),
            units
        }),
    ]
}

proptest! {
    #[test]
    fn text_and_back(spans in prop::collection::vec(any_span(), 1..20)) {
        let c = Composition::new(spans).unwrap();
        prop_assert_eq!(Composition::parse(&c.text()).unwrap(), c);
    }

    #[test]
    fn arbitrary_overlays_never_panic(
        lines in "((blur|mask|mute|drop) D( (0|1|7|64|250|1000|4000000000|4294967295)){2,13}\n){0,6}"
    ) {
        let d = digest().to_string();
        let text = format!("phim composition 2\nfilm a {d} 0 9\nfilm a {d} 4294967200 4294967295\n{}", lines.replace('D', &d));
        if let Ok(c) = Composition::parse(&text) {
            prop_assert_eq!(Composition::parse(&c.text()).unwrap(), c);
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in "(phim composition 1\n)?((film|card|line) [a-z0-9 \\\\é]{0,90}\n){0,6}") {
        if let Ok(c) = Composition::parse(&text) {
            prop_assert_eq!(Composition::parse(&c.text()).unwrap(), c);
        }
    }
}
