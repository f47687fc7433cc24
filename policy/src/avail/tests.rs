use std::sync::Arc;

use expect_test::expect;
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

pub(crate) fn window(json: &str) -> Window {
    serde_json::from_str(json).unwrap()
}

fn avail(licensor: &str, alid: &str, names: &[&str], windows: &[&str]) -> Arc<Avail> {
    let avail = Avail {
        id: AvailId::new(licensor, alid),
        names: names.iter().map(|n| n.to_string()).collect(),
        parents: Vec::new(),
        bundle: Vec::new(),
        windows: windows.iter().map(|w| window(w)).collect(),
    };
    avail.check().unwrap();
    Arc::new(avail)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn vn() -> Territory {
    Territory::parse("VN").unwrap()
}

const PREMIERE: &str = r#"{"territories":{"only":["KR","VN"]},"start":"2026-12-24T00:00:00","end":"2027-01-01T00:00:00","licence":"SVOD"}"#;

#[test]
fn a_premiere_opens_at_each_midnight() {
    let rights = Licensed::new([&avail("L", "a", &["film"], &[PREMIERE])]);
    let kr = Territory::parse("KR").unwrap();
    for (instant, in_vn, in_kr) in [
        ("2026-12-23T14:59:59.999999Z", false, false),
        ("2026-12-23T15:00:00Z", false, true),
        ("2026-12-23T16:59:59.999999Z", false, true),
        ("2026-12-23T17:00:00Z", true, true),
        ("2026-12-31T14:59:59Z", true, true),
        ("2026-12-31T15:00:00Z", true, false),
        ("2026-12-31T17:00:00Z", false, false),
    ] {
        assert_eq!(
            (rights.is_open(vn(), at(instant)), rights.is_open(kr, at(instant))),
            (in_vn, in_kr),
            "{instant}"
        );
    }
    assert_eq!(rights.next_change(vn(), at("2026-12-01T00:00:00Z")), Some(at("2026-12-23T17:00:00Z")));
    assert_eq!(rights.next_change(vn(), at("2026-12-25T00:00:00Z")), Some(at("2026-12-31T17:00:00Z")));
    assert!(!rights.is_open(Territory::parse("JP").unwrap(), at("2026-12-25T00:00:00Z")));
}

#[test]
fn one_instant_is_one_instant() {
    let json = r#"{"territories":{"all-except":["US"]},"start":"2026-12-24T09:00:00Z","end":"open","licence":"SVOD"}"#;
    let rights = Licensed::new([&avail("L", "a", &["film"], &[json])]);
    assert!(!rights.is_open(vn(), at("2026-12-24T08:59:59.999999Z")));
    assert!(rights.is_open(vn(), at("2026-12-24T09:00:00Z")));
    assert!(rights.is_open(vn(), at("2199-01-01T00:00:00Z")));
    assert!(!rights.is_open(Territory::parse("US").unwrap(), at("2027-01-01T00:00:00Z")));
}

#[test]
fn a_preorder_ends_where_its_sale_starts() {
    let preorder =
        r#"{"territories":{"only":["VN"]},"start":"2026-01-01T00:00:00","end":"ESTStart","licence":"POEST"}"#;
    let sale =
        r#"{"territories":{"only":["VN"]},"start":"2026-03-01T00:00:00","end":"+P30D","licence":"EST"}"#;
    let both = avail("L", "a", &["film"], &[preorder, sale]);
    let times = both.times(&both.windows[0], vn()).unwrap();
    assert_eq!(times.end, Some(at("2026-02-28T17:00:00Z")));
    assert_eq!(both.times(&both.windows[1], vn()).unwrap().end, Some(at("2026-03-30T17:00:00Z")));
    let alone = avail("L", "a", &["film"], &[preorder]);
    assert_eq!(alone.times(&alone.windows[0], vn()), Err(Undated("ESTStart".into())));
    assert!(!Licensed::new([&alone]).is_open(vn(), at("2026-01-15T00:00:00Z")));
}

#[test]
fn an_end_that_hangs_on_something_shuts_at_its_fixed_date() {
    let json = r#"{"territories":{"only":["VN"]},"start":"2026-01-01T00:00:00","end":"+P180D","latest_end":"2026-02-01T00:00:00","licence":"SVOD"}"#;
    let one = avail("L", "a", &["film"], &[json]);
    assert_eq!(one.times(&one.windows[0], vn()).unwrap().end, Some(at("2026-01-31T17:00:00Z")));
    let rights = Licensed::new([&one]);
    assert!(rights.is_open(vn(), at("2026-01-31T16:59:59Z")));
    assert!(!rights.is_open(vn(), at("2026-01-31T17:00:00Z")));
}

#[test]
fn every_window_says_why() {
    let windows = [
        PREMIERE,
        r#"{"territories":{"only":["US"]},"start":"2026-01-01T00:00:00","end":"open","licence":"EST"}"#,
        r#"{"territories":{"only":["VN"]},"start":"2025-01-01T00:00:00","end":"2025-02-01T00:00:00","licence":"VOD"}"#,
        r#"{"territories":{"only":["VN"]},"start":"2028-01-01T00:00:00","end":"open","licence":"VOD"}"#,
        r#"{"territories":{"only":["VN"]},"start":"Theatrical-P3D","end":"open","licence":"VOD","place":"Movies row 4"}"#,
    ];
    let rights = Licensed::new([&avail("L", "a", &["film"], &windows)]);
    let told: Vec<String> = rights
        .explain(vn(), at("2026-12-25T00:00:00Z"))
        .iter()
        .map(|e| {
            format!("{} {:?} {}", e.licence, e.why, e.times.map_or(String::new(), |t| t.open.to_string()))
        })
        .collect();
    expect![[r#"
        SVOD InForce 2026-12-23T17:00:00Z
        EST OtherTerritory 
        VOD Over 2024-12-31T17:00:00Z
        VOD NotYet 2027-12-31T17:00:00Z
        VOD Undated(Undated("Theatrical-P3D")) "#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn conflicts_are_told_with_both_windows() {
    let exclusive = r#"{"territories":{"only":["VN"]},"start":"2026-01-01T00:00:00","end":"open","licence":"SVOD","exclusive":true,"transaction":"t1"}"#;
    let other = r#"{"territories":{"all-except":["US"]},"start":"2026-06-01T00:00:00","end":"open","licence":"SVOD"}"#;
    let earlier = r#"{"territories":{"only":["VN"]},"start":"2025-01-01T00:00:00","end":"2026-01-01T00:00:00","licence":"SVOD"}"#;
    let twice = r#"{"territories":{"only":["VN"]},"start":"2026-02-01T00:00:00","end":"open","licence":"SVOD","exclusive":true,"transaction":"t1"}"#;
    let dub = r#"{"territories":{"only":["VN"]},"start":"2026-01-01T00:00:00","end":"open","licence":"VOD","languages":{"allowed":[{"language":"vi","heard":"dub"}],"held_back":[{"language":"vi","heard":"subtitle-and-dub"}]}}"#;
    let event = r#"{"territories":{"only":["VN"]},"start":"Broadcast","end":"open","licence":"VOD"}"#;
    let avails = [
        avail("A", "x", &["film"], &[exclusive, twice, dub, event]),
        avail("B", "x", &["film"], &[other, earlier]),
    ];
    let says: Vec<String> = conflicts(&avails).iter().map(|c| format!("{:?} {}", c.rule, c.says)).collect();
    expect![[r#"
        HeldBack vi is allowed and held back at once
        Undated It hangs on Broadcast, and nobody has said when that is, so it is in force nowhere
        TwoTerms Transaction t1 of x of A stands twice with other terms
        Exclusive x of A licenses SVOD exclusively, and another does so too
        Exclusive x of A licenses SVOD exclusively, and another does so too
        TwoLicensors A and B use one ALID, x"#]]
    .assert_eq(&says.join("\n"));
}

fn conflicts(avails: &[Arc<Avail>]) -> Vec<Conflict> {
    conflict::conflicts(avails, &[])
}

#[test]
fn a_part_outside_the_whole_is_told() {
    let season = r#"{"territories":{"only":["VN"]},"start":"2026-01-01T00:00:00","end":"2026-06-01T00:00:00","licence":"SVOD"}"#;
    let inside = r#"{"territories":{"only":["VN"]},"start":"2026-02-01T00:00:00","end":"2026-03-01T00:00:00","licence":"SVOD"}"#;
    let outside =
        r#"{"territories":{"only":["VN"]},"start":"2026-05-01T00:00:00","end":"open","licence":"SVOD"}"#;
    let whole = avail("A", "s1", &["season"], &[season]);
    let mut part = (*avail("A", "e1", &["episode"], &[inside, outside])).clone();
    part.parents = vec!["season".into()];
    let found = conflict::conflicts(&[Arc::new(part)], &[whole]);
    assert_eq!(found.iter().map(|c| c.rule).collect::<Vec<_>>(), [ConflictRule::OutsideParent]);
    assert_eq!(found[0].one.times.unwrap().open, at("2026-04-30T17:00:00Z"));
}

#[test]
fn what_is_no_avail() {
    let good = avail("A", "x", &["film"], &[PREMIERE]);
    let with = |change: &dyn Fn(&mut Avail)| {
        let mut avail = (*good).clone();
        change(&mut avail);
        avail.check().unwrap_err().to_string()
    };
    let errors = [
        with(&|a| a.names.clear()),
        with(&|a| a.windows.clear()),
        with(&|a| a.names = vec!["b".into(), "a".into()]),
        with(&|a| a.id.alid.clear()),
        with(&|a| a.windows[0].licence = "x\n".into()),
        with(&|a| a.windows[0].end = "2026-12-24T00:00:00".parse().unwrap()),
    ];
    expect![[r#"
        an avail of no work. Name the work
        0 windows; expected 1 to 2000
        names that are not sorted, each once
        alid: 0 bytes of text; expected 1 to 300 without control characters
        windows[0]: licence: 2 bytes of text; expected 1 to 300 without control characters
        windows[0]: it shuts at 2026-12-24T00:00:00 before it opens at 2026-12-24T00:00:00. Exchange the two, or correct the year"#]]
    .assert_eq(&errors.join("\n"));
}

proptest! {
    /// The quick answer by whole seconds is the answer by exact times.
    #[test]
    fn the_quick_way_is_the_exact_way(
        start in 0i64..400, length in 1i64..400, instant in -30i64..900, micros in 0i64..1_000_000,
        local: bool, world: bool, territory in 0usize..249,
    ) {
        let base = at("2026-03-20T00:00:00Z");
        let hour = |h: i64| base.checked_add(jiff::SignedDuration::from_hours(h)).unwrap();
        let text = |h: i64| match local {
            true => hour(h).to_string().replace('Z', ""),
            false => hour(h).to_string(),
        };
        let territory = Territory::all().nth(territory).unwrap();
        let where_ = if world { r#"{"all-except":[]}"#.to_string() } else { format!(r#"{{"only":["{territory}"]}}"#) };
        let json = format!(
            r#"{{"territories":{where_},"start":"{}","end":"{}","licence":"SVOD"}}"#,
            text(start), text(start + length)
        );
        let one = avail("L", "a", &["film"], &[&json]);
        let now = hour(instant).checked_add(jiff::SignedDuration::from_micros(micros)).unwrap();
        let exact = one.times(&one.windows[0], territory).unwrap().contains(now);
        prop_assert_eq!(Licensed::new([&one]).is_open(territory, now), exact);
    }
}
