use expect_test::expect;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::*;
use crate::Match;

fn plain() -> Claims {
    Claims {
        issuer: "phim".into(),
        subject: None,
        audience: vec![],
        id: vec![7; 16],
        issued: 1_000,
        not_before: None,
        expires: 4_600,
        territories: vec!["VN".into()],
        address: Address::below("/vn/c/C/").unwrap(),
        methods: vec![],
        replay: Replay::Allowed,
        renewal: None,
        home: None,
        began: None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn one_spelling() {
    let renewal = Renewal { kind: RenewalKind::Cookie, add: 600, deadline: Some(120), cookie: None };
    let claims = Claims { methods: vec!["GET".into(), "HEAD".into()], renewal: Some(renewal), ..plain() };
    expect![[r#"aa01647068696d041911f8061903e80750070707070707070707070707070707071901340019013601190138a103a101682f766e2f632f432f1901398263474554644845414419013c8162564e190143a3000101190258021878"#]]
    .assert_eq(&hex(&claims.write()));
    assert_eq!(Claims::read(&claims.write()), Ok(claims));
    // A negative label stands last.
    let home = Claims { home: Some("KR".into()), ..plain() }.write();
    assert!(hex(&home).ends_with("3a00010000624b52"), "{}", hex(&home));
}

#[test]
fn what_is_not_demanded_or_not_checked_refuses() {
    let with = |label: i64, value: Option<Value>| {
        let value_map: Value = coset::cbor::de::from_reader(plain().write().as_slice()).unwrap();
        let mut map = value_map.into_map().unwrap();
        map.retain(|(key, _)| *key != Value::from(label));
        map.extend(value.map(|value| (Value::from(label), value)));
        let mut bytes = Vec::new();
        coset::cbor::ser::into_writer(&Value::Map(map), &mut bytes).unwrap();
        Claims::read(&bytes)
    };
    assert_eq!(with(ISS, None), Err(Refusal::OtherHouse));
    for label in [CTI, IAT, EXP, CATU, CATGEOISO3166] {
        assert!(matches!(with(label, None), Err(Refusal::Missing(_))), "{label}");
    }
    // An address of the network (catnip) and a proof of possession narrow; they are not checked here.
    assert_eq!(with(311, Some(Value::Array(vec![]))), Err(Refusal::Unchecked(311)));
    assert_eq!(with(-70_000, Some(Value::Null)), Err(Refusal::Unchecked(-70_000)));
    assert!(matches!(with(CATV, Some(2.into())), Err(Refusal::Malformed(_))));
    assert!(matches!(with(CATGEOISO3166, Some("vn".into())), Err(Refusal::Malformed(_))));
    assert!(matches!(with(CTI, Some(Value::Bytes(vec![1; 7]))), Err(Refusal::Malformed(_))));
    assert!(matches!(with(CATREPLAY, Some(3.into())), Err(Refusal::Malformed(_))));
    assert_eq!(with(HOME, Some("KR".into())).map(|c| c.home), Ok(Some("KR".into())));
    for home in ["kr", "KR-11", "K", ""] {
        assert!(matches!(with(HOME, Some(home.into())), Err(Refusal::Malformed(_))), "{home}");
    }
    assert_eq!(with(EXP, Some((1_000 + MAX_LIFE + 1).into())), Err(Refusal::TooLong));
    assert!(with(EXP, Some((1_000 + MAX_LIFE).into())).is_ok());
    // Fractions of a second are allowed by RFC 8392, infinities are not instants.
    assert_eq!(with(EXP, Some(Value::Float(4_600.5))).map(|c| c.expires), Ok(4_600));
    assert!(matches!(with(EXP, Some(Value::Float(f64::INFINITY))), Err(Refusal::Malformed(_))));
}

#[test]
fn a_label_that_stands_twice_refuses() {
    let mut bytes = plain().write();
    assert_eq!(bytes[0], 0xa8);
    bytes[0] = 0xa9;
    bytes.extend([0x04, 0x1a, 0x7f, 0xff, 0xff, 0xff]);
    assert_eq!(Claims::read(&bytes), Err(Refusal::Malformed("a label stands twice")));
}

#[test]
fn renewal_begins_before_the_end_and_stops_there() {
    let renewal = Renewal { kind: RenewalKind::Cookie, add: 600, deadline: Some(120), cookie: None };
    let claims = Claims { renewal: Some(renewal), ..plain() };
    assert_eq!(claims.renewed(4_479, vec![8; 16]), None);
    let next = claims.renewed(4_480, vec![8; 16]).unwrap();
    assert_eq!((next.issued, next.expires, &next.id), (4_480, 5_080, &vec![8; 16]));
    // The session is as old as its first token, however often it is renewed.
    let last = next.renewed(5_000, vec![9; 16]).unwrap();
    assert_eq!((claims.began(), next.began(), last.began()), (claims.issued, claims.issued, claims.issued));
    assert_eq!(claims.renewed(4_600, vec![8; 16]), None);
    assert_eq!(plain().renewed(4_590, vec![8; 16]), None);
}

fn matches() -> impl Strategy<Value = Vec<Match>> {
    let kinds: [fn(String) -> Match; 4] = [Match::Exact, Match::Prefix, Match::Suffix, Match::Contains];
    proptest::sample::subsequence(vec![0usize, 1, 2, 3], 0..=4).prop_flat_map(move |chosen| {
        chosen.iter().map(|n| "[a-z/.]{0,12}".prop_map(kinds[*n])).collect::<Vec<_>>()
    })
}

fn claims() -> impl Strategy<Value = Claims> {
    let replay = prop_oneof![Just(Replay::Allowed), Just(Replay::Forbidden), Just(Replay::Watched)];
    let renewal = (0usize..4, 1..=MAX_LIFE, of(0..=MAX_LIFE), of("[a-z]{1,8}")).prop_map(
        |(kind, add, deadline, cookie)| Renewal { kind: RenewalKind::ALL[kind], add, deadline, cookie },
    );
    let address =
        (matches(), matches(), matches(), "[a-z/]{0,9}").prop_map(|(scheme, host, mut path, more)| {
            if path.is_empty() {
                path.push(Match::Prefix(more));
            }
            Address { scheme, host, path }
        });
    let who = ("[a-z]{1,9}", of("[a-z0-9]{1,16}"), vec("[a-z.]{1,9}", 0..4), vec(any::<u8>(), 8..=64));
    let when = (0i64..1 << 40, of(0i64..1 << 40), 0..=MAX_LIFE, of(0i64..1 << 40));
    let what = (
        vec("[A-Z]{2}(-[A-Z0-9]{1,3})?", 1..5),
        address,
        vec("GET|HEAD|POST", 0..3),
        replay,
        of(renewal),
        of("[A-Z]{2}"),
    );
    (who, when, what).prop_map(
        |((issuer, subject, audience, id), (issued, not_before, life, began), what)| {
            let (territories, address, methods, replay, renewal, home) = what;
            let expires = issued + life;
            Claims {
                issuer,
                subject,
                audience,
                id,
                issued,
                not_before,
                expires,
                territories,
                address,
                methods,
                replay,
                renewal,
                home,
                began,
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_the_same(claims in claims()) {
        prop_assert_eq!(Claims::read(&claims.write()), Ok(claims));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(claims) = Claims::read(&bytes) {
            prop_assert_eq!(Claims::read(&claims.write()), Ok(claims));
        }
    }
}
