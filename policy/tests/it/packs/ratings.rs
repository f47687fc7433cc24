//! Tables of labels from elsewhere: every label means one of a pack, or is refused.
//!
//! The tables lie beside the repository; where they do not, the tests say so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use expect_test::expect;
use jiff::civil::date;
use policy::label::{Admits, Watcher};
use policy::pack::Rules;
use serde_json::Value;

use super::super::house::territory;

/// The folder of the tables; none where it does not stand.
fn tables() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/ratings");
    if !folder.is_dir() {
        eprintln!("skipped: {} does not stand here", folder.display());
        return None;
    }
    Some(folder)
}

fn rules(code: &str) -> Rules {
    super::pack(code).at(date(2026, 11, 22))
}

/// Each label of a country's table, with its score there: an age, or 1000 and more for what is banned.
fn table(folder: &std::path::Path, name: &str) -> Vec<(String, u64)> {
    let text = std::fs::read_to_string(folder.join("labels").join(format!("{name}.json"))).unwrap();
    let table: Value = serde_json::from_str(&text).unwrap();
    let ratings = table["ratings"].as_array().unwrap().iter();
    let spelt = |rating: &Value| {
        let score = rating["ratingScore"]["score"].as_u64().unwrap();
        let texts: Vec<Value> = rating["ratingStrings"].as_array().unwrap().clone();
        texts.into_iter().map(move |text| (text.as_str().unwrap().to_string(), score))
    };
    ratings.flat_map(spelt).collect()
}

#[test]
fn every_label_of_a_countrys_table_means_one_of_the_pack_or_is_refused() {
    let Some(folder) = tables() else { return };
    let mut text = String::new();
    for code in ["DE", "GB", "KR", "PH", "SG", "TH", "US"] {
        let rules = rules(code);
        let (mut meant, mut refused) = (0, 0);
        for (spelt, score) in table(&folder, &code.to_lowercase()) {
            match rules.label(&spelt) {
                Ok(label) => {
                    assert!(score < 1000 || label.admits == Admits::NoOne, "{code} {spelt} is banned there");
                    meant += 1;
                }
                Err(_) => refused += 1,
            }
        }
        text.push_str(&format!("{code}: {meant} known, {refused} refused\n"));
    }
    // What is refused are spellings of other countries, of games, and of labels that ended.
    expect![[r#"
        DE: 15 known, 2 refused
        GB: 7 known, 16 refused
        KR: 5 known, 0 refused
        PH: 6 known, 0 refused
        SG: 6 known, 0 refused
        TH: 7 known, 0 refused
        US: 49 known, 3 refused
    "#]]
    .assert_eq(&text);
}

#[test]
fn labels_stand_in_the_order_of_the_tables_and_ask_for_no_lower_age() {
    let Some(folder) = tables() else { return };
    let adult = Watcher { born: Some(date(1980, 1, 1)), with_guardian: false };
    for code in ["DE", "GB", "KR", "PH", "SG", "TH", "US"] {
        let rules = rules(code);
        let mut ranks: BTreeMap<String, (u64, u8)> = BTreeMap::new();
        for (spelt, score) in table(&folder, &code.to_lowercase()) {
            let Ok(label) = rules.label(&spelt) else { continue };
            assert_eq!(rules.admission(label, &adult).is_admitted(), score < 1000, "{code} {spelt}");
            // No label is asked for at a lower age here than there, unless the age is advice here.
            let age = u64::from(label.admits.age().or(label.advised).unwrap_or(0));
            let advice = label.admits == Admits::Everyone;
            assert!(advice || score >= 1000 || age >= score, "{code} {spelt}: {age} < {score}");
            if let Some((least, rank)) = ranks.insert(label.system.clone(), (score, label.rank)) {
                assert!(score >= least && label.rank >= rank || score == least, "{code} {spelt}");
            }
        }
    }
}

#[test]
fn labels_of_countries_without_a_pack_are_refused() {
    let Some(folder) = tables() else { return };
    let packs = super::packs();
    for name in ["au", "bg", "ca", "co", "dk", "fi", "hu", "ie", "kz", "mx", "no", "pt", "ru", "tw", "za"] {
        assert!(!table(&folder, name).is_empty());
        assert!(packs.get(territory(&name.to_uppercase())).is_none(), "{name} has a pack: test its labels");
    }
    // Of no country: such a label means something only where a pack says so.
    let vn = rules("VN");
    for (spelt, _) in table(&folder, "0-prefer") {
        assert!(vn.label(&spelt).is_err(), "{spelt}");
    }
}

/// Every rating of MovieLabs' Common Ratings: name, ordinal, whether it is deprecated.
fn common_ratings(folder: &std::path::Path, file: &str) -> (usize, Vec<(String, u32, bool)>) {
    let text = std::fs::read_to_string(folder.join("cmr").join(file)).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let systems: Vec<_> = document.descendants().filter(|n| n.has_tag_name((MDCR, "RatingSystem"))).collect();
    let text = |node: roxmltree::Node, name: &str| {
        let child = node.children().find(|n| n.has_tag_name((MDCR, name)));
        child.and_then(|n| n.text()).unwrap_or_default().to_string()
    };
    let ratings = systems.iter().flat_map(|s| s.children().filter(|n| n.has_tag_name((MDCR, "Rating"))));
    let read = |rating: roxmltree::Node| {
        let name = text(rating, "URI").replace("http://www.movielabs.com/md/ratings/", "");
        (name, text(rating, "Ordinal").parse().unwrap_or(0), text(rating, "Deprecated") == "true")
    };
    (systems.len(), ratings.map(read).collect())
}

const MDCR: &str = "http://www.movielabs.com/schema/mdcr/v1.1";

#[test]
fn the_common_ratings_lead_to_labels_and_never_to_a_banned_one_that_plays() {
    let Some(folder) = tables() else { return };
    let (systems, ratings) = common_ratings(&folder, "CMR_Ratings_v2.5.1.xml");
    assert_eq!((systems, ratings.len()), (110, 682));
    let (mut known, mut banned) = (0, 0);
    let mut ours = BTreeSet::new();
    for pack in super::packs().iter() {
        let rules = pack.at(date(2026, 11, 22));
        for (name, ordinal, _) in &ratings {
            let Some(label) = rules.label_of_cmr(name) else { continue };
            known += 1;
            // Their banned ratings carry the age 0: an age alone would let a child watch them.
            if *ordinal >= 99 {
                banned += 1;
                assert_eq!(label.admits, Admits::NoOne, "{name}");
            }
        }
        for (id, label) in rules.labels().filter(|(_, label)| label.cmr.is_some()) {
            let name = label.cmr.as_deref().unwrap();
            let found = ratings.iter().find(|(other, ..)| other == name);
            assert!(found.is_some_and(|(_, _, deprecated)| !deprecated), "{id}: {name}");
            ours.insert(name.to_string());
        }
    }
    assert_eq!((known, banned), (71, 3));
    // The older edition, for migration: its names of our labels are still theirs, or no label's.
    let (systems, older) = common_ratings(&folder, "CMR_Ratings_v2.3.1.xml");
    let newer: BTreeSet<&str> = ratings.iter().map(|(name, ..)| name.as_str()).collect();
    let dropped = older.iter().filter(|(name, ..)| !newer.contains(name.as_str()));
    let used = dropped.filter(|(name, ..)| ours.contains(name));
    expect!["82 systems, 469 ratings, 0 dropped and used"].assert_eq(&format!(
        "{systems} systems, {} ratings, {} dropped and used",
        older.len(),
        used.count()
    ));
}
