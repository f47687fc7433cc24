use expect_test::expect;
use serde_json::{Value, json};

use super::*;
use crate::criteria::Strength;

fn digest(of: &str) -> String {
    Digest::of(of.as_bytes()).to_string()
}

fn marked(scene: Value) -> Marked {
    let mark = json!({"descriptor": "horror", "strength": "mild", "manner": ["reassuring", "continuous"]});
    serde_json::from_value(json!({"scene": scene, "mark": mark})).unwrap()
}

#[test]
fn a_mark_is_named_by_what_it_says() {
    let scene = json!({"source": digest("film"), "from": 1, "to": 2});
    let mark = marked(scene.clone());
    let id = mark.id("flight", None);
    // The id stands in records: it must never come out otherwise.
    expect!["c90cc1d1a52783fb"].assert_eq(id.text());
    let mut noted = mark.clone();
    noted.note = Some(Sealed(Digest::of(b"a note")));
    noted.mark.manner.reverse();
    assert_eq!(noted.id("flight", None), id);
    let mut stronger = mark.clone();
    stronger.mark.strength = Strength::Strong;
    let others = [
        mark.id("other", None),
        mark.id("flight", Territory::parse("VN").ok()),
        marked(Value::Null).id("flight", None),
        stronger.id("flight", None),
    ];
    for other in others {
        assert_ne!(other, id);
        assert_eq!(MarkId::parse(other.text()).unwrap(), other);
    }
    for wrong in ["", "0123", "0123456789ABCDEF", "0123456789abcdef0"] {
        assert!(MarkId::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_breaks_a_limit_is_not_recorded() {
    let mut wrong = Vec::new();
    let empty = json!({"source": digest("film"), "from": 2, "to": 2});
    let scenes = |marks: Vec<Marked>| ScenesMarked { title: "flight".into(), territory: None, marks };
    wrong.push(scenes(Vec::new()).check());
    wrong.push(scenes(vec![marked(Value::Null), marked(empty)]).check());
    wrong.push(scenes(vec![marked(Value::Null); MAX_MARKS + 1]).check());
    let changed = |from: &str, changes: &[Change]| {
        let (composition, from) = (Digest::of(b"c"), Digest::of(from.as_bytes()));
        CompositionChanged { title: "flight".into(), composition, from, changes: changes.to_vec() }.check()
    };
    wrong.push(changed("b", &[]));
    wrong.push(changed("b", &[Change::Card, Change::Cut]));
    wrong.push(changed("b", &[Change::Cut, Change::Cut]));
    wrong.push(changed("c", &[Change::Cut]));
    let given = |title: &str, label: &str| {
        let territory = Territory::parse("VN").unwrap();
        let (title, label, composition) = (title.into(), label.into(), Digest::of(b"c"));
        LabelVoted {
            given: Given { title, territory, composition, label, descriptors: vec![] },
            reason: None,
        }
        .check()
    };
    wrong.push(given("Flight!", "T13"));
    wrong.push(given("flight", ""));
    wrong.push(given("flight", &"T".repeat(MAX_NAME + 1)));
    wrong.push(given("flight", "T\n13"));
    let said: Vec<String> = wrong.into_iter().map(|w| w.unwrap_err().to_string()).collect();
    expect![[r#"
        marks: 0 entries; expected 1 to 100
        marks[1]: frames 2 to 2 are none
        marks: 101 entries; expected 1 to 100
        changes: expected each kind of change once, in their order
        changes: expected each kind of change once, in their order
        changes: expected each kind of change once, in their order
        from: a composition is not made from itself
        "Flight!" is not a title id
        label: expected 1 to 200 characters
        label: expected 1 to 200 characters
        label: expected 1 to 200 characters"#]]
    .assert_eq(&said.join("\n"));
}
