use super::*;

/// The places that a text leaves to be filled in.
fn places(text: &str) -> Vec<&str> {
    let mut places: Vec<&str> = text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    places.sort_unstable();
    places.dedup();
    places
}

#[test]
fn every_rule_says_the_same_in_three_languages() {
    for rule in Rule::ALL {
        let (says, change) = words::of(rule);
        for texts in [says, change] {
            // Of what is missing each language has its own name.
            let plain = |p: &str| p.split('_').next().map(String::from);
            let [vi, ko, en] = texts.map(|text| places(text).into_iter().map(plain).collect::<Vec<_>>());
            assert!(vi == ko && ko == en, "{rule:?}: {texts:?}");
            assert!(texts.iter().all(|text| !text.trim().is_empty()));
        }
    }
    let mut all = Rule::ALL.to_vec();
    all.dedup();
    all.sort();
    assert!(all.is_sorted() && all.len() == Rule::ALL.len());
}
