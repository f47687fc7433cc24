use super::*;
use jiff::civil::date;

fn rules(territory: &str) -> Rules {
    let packs = Packs::built_in().unwrap();
    packs.get(Territory::parse(territory).unwrap()).unwrap().at(date(2026, 11, 22))
}

fn label(territory: &str, code: &str, descriptors: &[&str]) -> LabelView {
    let rules = rules(territory);
    let descriptors: Vec<String> = descriptors.iter().map(ToString::to_string).collect();
    told(&rules, rules.label(code).unwrap(), &descriptors)
}

#[test]
fn labels_as_they_are_told() {
    let t16 = label("VN", "T16", &["violence"]);
    assert_eq!((t16.code.as_str(), t16.age, t16.name["en"].as_str()), ("T16", Some(16), "From 16"));
    assert_eq!(t16.says["vi"], "T16: Từ đủ 16 tuổi trở lên");
    assert_eq!(t16.descriptors.len(), 1);
    let everyone = label("VN", "P", &[]);
    assert_eq!((everyone.age, everyone.says), (None, BTreeMap::new()), "P need not be shown");
    let korean = label("KR", "15", &[]);
    assert_eq!(korean.colour.as_deref(), Some("#ffd400"));
    assert!(korean.says.is_empty(), "Korea's rules say nothing of catalogues");
}

#[test]
fn showings_as_they_are_told() {
    let showings = rules("KR").showings("15", &["violence"], 60_000).unwrap();
    let told: Vec<ShowingView> =
        showings.into_iter().map(|showing| showing_told(Territory::parse("KR").unwrap(), showing)).collect();
    let [card] = &told[..] else { panic!("{told:?}") };
    assert_eq!((card.place.as_str(), card.when.as_str()), ("first-screen", "at-start"));
    assert_eq!(
        (card.min_diagonal, &card.spans[..]),
        (Some((1, 20)), &[MomentView { from: 0, to: 3_000 }][..])
    );
    assert_eq!(card.shows, ["label", "descriptors"]);
}
