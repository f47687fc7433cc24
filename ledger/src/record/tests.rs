use expect_test::expect;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn record(body: Value) -> Record {
    Record::new("order-placed", 1, 1_795_219_200_000_000, &body).unwrap()
}

fn text(record: &Record) -> String {
    String::from_utf8(record.bytes().unwrap()).unwrap()
}

fn fault(text: &str) -> String {
    Record::parse(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn the_spelling_is_canonical() {
    let body = json!({"z": [1, -2, true, null], "a": {"ß": "\u{1f}\"\\\n/é€"}, "": ""});
    expect![[r#"{"at":1795219200000000,"body":{"":"","a":{"ß":"\u001f\"\\\n/é€"},"z":[1,-2,true,null]},"kind":"order-placed","version":1}"#]]
        .assert_eq(&text(&record(body)));
}

#[test]
fn names_are_sorted_as_rfc_8785_shows() {
    // Section 3.2.3: its example, whose last two names sort the other way round in UTF-8.
    let body = json!({
        "\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7
    });
    let text = text(&record(body));
    let values: Vec<char> = text.split("\":").filter_map(|v| v.chars().next()).skip(3).take(6).collect();
    assert!(
        text.contains("\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3"),
        "{values:?}"
    );
}

#[test]
fn a_body_of_a_type_of_the_callers_reads_back() {
    #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
    struct Lifted {
        order: String,
        territories: Vec<String>,
    }
    let lifted = Lifted { order: "vn/1".into(), territories: vec!["vn".into()] };
    let record = Record::new("order-lifted", 2, 5, &lifted).unwrap();
    let read = Record::parse(&record.bytes().unwrap()).unwrap();
    assert_eq!(read, record);
    assert_eq!(read.read::<Lifted>().unwrap(), lifted);
    expect!["order-lifted of version 2: invalid type: map, expected a sequence"]
        .assert_eq(&read.read::<Vec<u8>>().unwrap_err().to_string());
}

#[test]
fn every_other_spelling_is_refused() {
    let good = r#"{"at":5,"body":{"a":1,"b":"x"},"kind":"k","version":1}"#;
    assert!(Record::parse(good.as_bytes()).is_ok());
    let canonical = "not a record: this is not the canonical spelling (RFC 8785)";
    for (from, to) in [
        (r#""at":5,"#, r#""at": 5,"#),
        (r#""a":1,"b":"x""#, r#""b":"x","a":1"#),
        (r#""a":1,"#, r#""a":1,"a":1,"#),
        (r#""x""#, r#""\u0078""#),
        (r#""kind":"k","version":1"#, r#""version":1,"kind":"k""#),
        (r#""version":1"#, r#""version":1,"x":1"#),
    ] {
        assert_eq!(fault(&good.replace(from, to)), canonical, "{to}");
    }
    for (from, to) in [
        ("5", "5.0"),
        ("5", "-5"),
        ("5", "\"5\""),
        ("5", "05"),
        ("5", "5e0"),
        ("5", "9007199254740992"),
        (":1,\"b\"", ":1.5,\"b\""),
        (":1,\"b\"", ":-0,\"b\""),
        (":1,\"b\"", ":9007199254740992,\"b\""),
        (":1}", ":0}"),
        (":1}", ":4294967296}"),
        ("\"k\"", "\"K\""),
        ("\"k\"", "\"\""),
        ("\"k\"", "\"k.\""),
        ("\"k\"", "1"),
        ("{\"a\":1,\"b\":\"x\"}", "[]"),
        ("{\"a\"", "{\"a"),
        ("\"version\":1}", "\"version\":1}\n"),
    ] {
        let text = good.replacen(from, to, if from == ":1}" { 9 } else { 1 });
        assert_ne!(text, good);
        assert!(Record::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn limits_are_named() {
    let new = |body: Value| Record::new("k", 1, 0, &body).unwrap_err().to_string();
    expect!["body: a: [1]: 0.5 is not a whole number within 2^53. Write it as a string"]
        .assert_eq(&new(json!({"a": [1, 0.5]})));
    expect!["body: the body of a record is an object"].assert_eq(&new(json!([])));
    let long = new(json!({"a": "x".repeat(MAX_ENTRY)}));
    expect!["65582 bytes; a record has at most 65535. Keep long matter in a document and record the commitment to it"].assert_eq(&long);
    let nested = |levels| (0..levels).fold(json!({}), |inner, _| json!({"a": inner}));
    assert!(Record::new("k", 1, 0, &nested(MAX_DEPTH - 2)).is_ok());
    assert!(Record::new("k", 1, 0, &nested(MAX_DEPTH - 1)).is_err());
    let deep = format!(
        r#"{{"at":0,"body":{{"a":{}{}}},"kind":"k","version":1}}"#,
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    assert!(Record::parse(deep.as_bytes()).is_err());
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-MAX_NUMBER..=MAX_NUMBER).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,4}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn records_read_back(body in json_value(), at in 0..MAX_NUMBER, version in 1u32..) {
        let record = Record::new("a.b-2", version, at, &json!({"body": body})).unwrap();
        let bytes = record.bytes().unwrap();
        prop_assert_eq!(Record::parse(&bytes).unwrap(), record);
        // Whatever the spelling, the members are those that serde_json reads.
        let read: Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(&read["body"]["body"], &body);
    }

    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>) {
        prop_assert!(Record::parse(&bytes).is_err());
    }
}
