use super::*;

fn level(label: &str, most: Strength, never: &[Manner], only: &[Manner]) -> Level {
    Level { label: label.into(), most, never: never.into(), only: only.into() }
}

#[test]
fn the_lowest_level_that_allows() {
    let criteria = Criteria {
        descriptor: "drugs".into(),
        levels: vec![
            level("P", Strength::None, &[], &[]),
            level("K", Strength::Mild, &[Manner::Frequent], &[Manner::Condemned]),
            level("T16", Strength::Medium, &[Manner::Detailed], &[]),
            level("T18", Strength::Strong, &[Manner::Trade], &[]),
        ],
    };
    let lowest = |strength, manner: &[Manner]| {
        let mark = Mark { descriptor: "drugs".into(), strength, manner: manner.into() };
        criteria.lowest(&mark).map(|level| level.label.as_str())
    };
    assert_eq!(lowest(Strength::None, &[Manner::Detailed]), Some("P"), "nothing is shown in no manner");
    assert_eq!(lowest(Strength::Mild, &[Manner::Condemned]), Some("K"));
    assert_eq!(lowest(Strength::Mild, &[Manner::Condemned, Manner::Frequent]), Some("T16"));
    assert_eq!(lowest(Strength::Mild, &[]), Some("T16"));
    assert_eq!(lowest(Strength::Medium, &[Manner::Detailed]), Some("T18"));
    assert_eq!(lowest(Strength::Strong, &[Manner::Trade]), None);
    assert_eq!(lowest(Strength::Excessive, &[]), None);
}
