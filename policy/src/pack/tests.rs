use expect_test::expect;

use super::*;

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn the_packs_that_come_with_phim() {
    let packs = Packs::built_in().unwrap();
    let vn = packs.get(Territory::parse("VN").unwrap()).unwrap();
    let clock = vn.clock(None).unwrap().unwrap();
    // The order of 3 January 2026 gave 24 hours from 21:00 in Hanoi, and arrived before that.
    let (start, placed) = (instant("2026-01-03T14:00:00Z"), instant("2026-01-03T10:00:00Z"));
    assert_eq!(clock.removal(start, placed).unwrap().at, instant("2026-01-04T14:00:00Z"));
    assert_eq!(clock.report(start, placed), None);
    let urgent = vn.clock(Some("cybersecurity-urgent")).unwrap().unwrap();
    assert_eq!(urgent.removal(start, placed).unwrap().at, instant("2026-01-03T16:00:00Z"));
    let kr = packs.get(Territory::parse("KR").unwrap()).unwrap();
    assert_eq!(kr.clock(None).unwrap(), None);
}

#[test]
fn zones_are_shared_or_there_is_none() {
    let packs = Packs::built_in().unwrap();
    let zone = |codes: &str| {
        let territories: Vec<_> = codes.split(' ').map(|c| Territory::parse(c).unwrap()).collect();
        packs.zone(&territories).map(str::to_string)
    };
    assert_eq!(zone("VN").as_deref(), Some("Asia/Ho_Chi_Minh"));
    assert_eq!(zone("VN KR"), None);
    assert_eq!(zone("VN FR"), None);
    assert_eq!(packs.zone(&[]), None);
}

#[test]
fn a_wrong_pack_is_refused_with_its_line() {
    let good = include_str!("../../../packs/VN.toml");
    let said = |text: &str| Pack::read(text).unwrap_err().to_string();
    expect![[r#"pack VN: zone: "Asia/Hanoi" is not a time zone"#]]
        .assert_eq(&said(&good.replace("Ho_Chi_Minh", "Hanoi")));
    expect!["pack VN: 0 hours; expected 1 to 8784"].assert_eq(&said(&good.replace("= 24", "= 0")));
    assert!(said(&good.replace("second_person", "second_persons")).contains("second_persons"));
    assert!(said("x = ").starts_with("line 1: "));
    let packs = Packs::new([good]).unwrap();
    let vn = packs.get(Territory::parse("VN").unwrap()).unwrap();
    expect![[
        r#"VN has no route "cinema". Use one of film, cybersecurity, cybersecurity-urgent, advertisement"#
    ]]
    .assert_eq(&vn.clock(Some("cinema")).unwrap_err().to_string());
}
