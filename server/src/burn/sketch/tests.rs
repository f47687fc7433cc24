use expect_test::{Expect, expect};
use policy::Packs;
use policy::advisory::When;

use super::*;

/// The boxes of a label's showings on a picture, in thousandths, and what they hold.
fn check(
    territory: &str,
    label: &str,
    descriptors: &[&str],
    (aspect, language): (f64, &str),
    expect: Expect,
) {
    let packs = Packs::built_in().expect("packs");
    let pack = packs.get(policy::Territory::parse(territory).expect("a code")).expect("a pack");
    let rules = pack.at("2026-07-10".parse().expect("a day"));
    let mut showings = rules.showings(label, descriptors, 7_200_000).expect("showings");
    showings.retain(|showing| !matches!(showing.when, When::BeforeChoice | When::BeforeFilm));
    let shown: Vec<&Showing> = showings.iter().collect();
    let told = |(n, sketch): &(usize, Sketch)| {
        let Sketch { area, card, .. } = sketch;
        let at = [area.x(), area.y(), area.w(), area.h()];
        format!("{} {at:?} {:02x?} {}\n", showings[*n].rule, card.background, card.lines[0].text)
    };
    let all = sketches(&shown, language, aspect).expect("sketches");
    for (_, one) in &all {
        let beside = |other: &Area| {
            let apart = |a: u16, w: u16, b: u16, v: u16| a + w <= b || b + v <= a;
            let own = one.area;
            apart(own.x(), own.w(), other.x(), other.w()) || apart(own.y(), own.h(), other.y(), other.h())
        };
        assert!(all.iter().all(|(_, other)| other.area == one.area || beside(&other.area)), "boxes overlap");
    }
    expect.assert_eq(&all.iter().map(told).collect::<String>());
}

#[test]
fn vietnam_has_a_symbol_in_the_corner_and_the_warning_below_it() {
    check(
        "VN",
        "T16",
        &["violence", "horror"],
        (16.0 / 9.0, "vi"),
        expect![[r#"
        vn.display.symbol [21, 39, 59, 72] [00, 00, 00] T16
        vn.display.warning-during [21, 114, 276, 54] [00, 00, 00] Cảnh báo: bạo lực, kinh dị
    "#]],
    );
    check(
        "VN",
        "T18",
        &["violence", "sex", "drugs", "horror", "language"],
        (1.0, "en"),
        expect![[r#"
        vn.display.symbol [22, 22, 73, 50] [00, 00, 00] T18
        vn.display.warning-during [22, 75, 956, 62] [00, 00, 00] Warning: violence, nudity and sex, drugs and addictive substances, horror, vulgar language
    "#]],
    );
}

#[test]
fn korea_has_a_box_of_a_size_with_what_drove_the_label() {
    check(
        "KR",
        "15",
        &["violence", "horror"],
        (16.0 / 9.0, "ko"),
        expect![[r#"
        kr.display.card [21, 39, 47, 72] [ff, d4, 00] 15
        kr.display.card [72, 39, 107, 72] [00, 00, 00] 폭력성, 공포
    "#]],
    );
}

#[test]
fn ink_can_be_read() {
    assert_eq!((ink([0; 3]), ink([255, 220, 0]), ink([200, 20, 20])), ([255; 3], [0; 3], [255; 3]));
    assert_eq!((colour("#ffd700"), colour("gold")), (Some([255, 215, 0]), None));
}
