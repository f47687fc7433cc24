use jiff::civil::date;

use super::*;

fn label(admits: Admits) -> Label {
    Label {
        code: "TV-14".into(),
        system: "TV".into(),
        rank: 1,
        admits,
        advised: None,
        names: Names::from([("en".into(), "From 14".into()), ("vi".into(), "Từ 14 tuổi".into())]),
        also: vec!["14+".into()],
        marks: ["D", "L", "S", "V"].map(String::from).into(),
        colour: None,
        cmr: None,
    }
}

fn from(age: u8, with_guardian: Option<u8>) -> Admits {
    Admits::From(From { age, counted: Counted::Birthday, with_guardian })
}

#[test]
fn whom_a_label_admits() {
    let today = date(2026, 11, 22);
    let alone = |born| Watcher { born, with_guardian: false };
    let accompanied = |born| Watcher { born, with_guardian: true };
    let twelve = Some(date(2014, 1, 1));
    let sixteen = Some(date(2010, 11, 22));
    let too_young = |from, guardian_helps| Admission::TooYoung { from: Some(from), guardian_helps };

    assert_eq!(Admits::Everyone.judge(&alone(None), today), Admission::Admitted);
    assert_eq!(Admits::NoOne.judge(&accompanied(Some(date(1930, 1, 1))), today), Admission::Never);

    let t16 = from(16, None);
    assert_eq!(t16.judge(&alone(sixteen), today), Admission::Admitted);
    assert_eq!(t16.judge(&alone(sixteen), date(2026, 11, 21)), too_young(today, false));
    assert_eq!(t16.judge(&accompanied(twelve), today), too_young(date(2030, 1, 1), false));
    assert_eq!(t16.judge(&alone(None), today), Admission::AgeUnknown { guardian_helps: false });
    let unborn = Some(date(2027, 1, 1));
    assert_eq!(t16.judge(&alone(unborn), today), Admission::AgeUnknown { guardian_helps: false });

    let k = from(13, Some(0));
    assert_eq!(k.judge(&alone(twelve), today), too_young(date(2027, 1, 1), true));
    assert_eq!(k.judge(&accompanied(twelve), today), Admission::Accompanied);
    assert_eq!(k.judge(&accompanied(sixteen), today), Admission::Admitted);
    assert_eq!(k.judge(&accompanied(None), today), Admission::Accompanied);
    assert_eq!(k.judge(&alone(None), today), Admission::AgeUnknown { guardian_helps: true });

    // With a guardian from 6: a child of 5 is too young for that too.
    let twelve_a = from(12, Some(6));
    let five = Some(date(2021, 1, 1));
    assert_eq!(twelve_a.judge(&accompanied(five), today), too_young(date(2033, 1, 1), false));
    assert_eq!(twelve_a.judge(&accompanied(Some(date(2020, 11, 22))), today), Admission::Accompanied);
    assert_eq!(twelve_a.judge(&accompanied(None), today), Admission::AgeUnknown { guardian_helps: false });
}

#[test]
fn spellings_are_known_or_not() {
    let label = label(from(14, None));
    for text in ["TV-14", "14+", "TV-14-D", "TV-14-DLSV", "TV-14-LV"] {
        assert!(label.is_spelt(text), "{text}");
    }
    for text in ["", "tv-14", "TV-14-", "TV-14-X", "TV-14-VL", "TV-14-DD", "TV-14D", "TV-14 ", "14"] {
        assert!(!label.is_spelt(text), "{text}");
    }
    assert!(!Label { marks: Vec::new(), ..label }.is_spelt("TV-14-D"));
}

#[test]
fn names_fall_back_to_english() {
    let label = label(Admits::Everyone);
    assert_eq!(label.name("vi-VN"), "Từ 14 tuổi");
    assert_eq!(label.name("ko"), "From 14");
}
