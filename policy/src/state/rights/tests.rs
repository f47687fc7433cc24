use super::*;
use crate::avail::Window;
use crate::decision::{Act, Decision, Staff};
use crate::state::State;

const NOW: &str = "2026-06-01T00:00:00Z";

fn avail(alid: &str, names: &[&str], parents: &[&str], bundle: &[&str], open: bool) -> Avail {
    let texts = |list: &[&str]| list.iter().map(|t| t.to_string()).collect();
    let start = if open { "2026-01-01T00:00:00" } else { "2027-01-01T00:00:00" };
    let json =
        format!(r#"{{"territories":{{"only":["VN"]}},"start":"{start}","end":"open","licence":"SVOD"}}"#);
    let window: Window = serde_json::from_str(&json).unwrap();
    Avail {
        id: AvailId::new("L", alid),
        names: texts(names),
        parents: texts(parents),
        bundle: texts(bundle),
        windows: vec![window],
    }
}

fn folded(acts: Vec<Act>) -> State {
    let by = Staff::new("s").unwrap();
    let decisions: Vec<Decision> = acts
        .into_iter()
        .enumerate()
        .map(|(n, act)| Decision::new(Timestamp::from_second(n as i64).unwrap(), by.clone(), act))
        .collect();
    State::fold(&decisions).unwrap()
}

fn entered(avails: Vec<Avail>) -> Act {
    Act::AvailsEntered { document: None, avails }
}

fn open(state: &State, title: &str) -> bool {
    let territory = Territory::parse("VN").unwrap();
    let now = NOW.parse().unwrap();
    let open = state.rights().is_open(title, territory, now);
    assert_eq!(open, !state.rights().licensed(title).in_force(territory, now).is_empty());
    open
}

#[test]
fn a_title_is_found_by_its_id_and_by_every_name() {
    let named =
        Act::TitleNamed { title: "flight".into(), names: vec!["10.5240/X".into(), "md:cid:f".into()] };
    let state = folded(vec![
        entered(vec![avail("a", &["film"], &[], &[], true), avail("b", &["md:cid:f"], &[], &[], true)]),
        named,
    ]);
    assert!(open(&state, "film") && open(&state, "flight") && open(&state, "md:cid:f"));
    assert!(!open(&state, "other"));
    assert_eq!(state.rights().names_of("flight").len(), 2);
}

#[test]
fn a_season_covers_its_episodes_and_a_bundle_its_films() {
    let state = folded(vec![entered(vec![
        avail("s1", &["season"], &[], &[], true),
        avail("e1", &["episode"], &["season"], &[], false),
        avail("f1", &["film"], &[], &[], false),
        avail("b1", &["box"], &[], &["f1"], true),
        avail("g1", &["grandchild"], &["episode"], &[], false),
    ])]);
    assert!(open(&state, "episode") && open(&state, "film") && open(&state, "season") && open(&state, "box"));
    // No further than one step.
    assert!(!open(&state, "grandchild"));
}

#[test]
fn what_is_entered_again_stands_in_the_place_of_the_earlier() {
    let mut state = folded(vec![entered(vec![avail("a", &["film"], &[], &[], true)])]);
    let by = Staff::new("s").unwrap();
    let at = Timestamp::from_second(100).unwrap();
    let mut apply = |act| state.apply(&Decision::new(at, by.clone(), act));
    assert_eq!(apply(entered(vec![avail("a", &["film"], &[], &[], true)])).unwrap(), Applied::Same);
    assert_eq!(apply(entered(vec![avail("a", &["moved"], &[], &[], true)])).unwrap(), Applied::Changed);
    let gone = || Act::AvailsRemoved { document: None, avails: vec![AvailId::new("L", "a")] };
    let unknown =
        Act::AvailsRemoved { document: None, avails: vec![AvailId::new("L", "a"), AvailId::new("L", "z")] };
    assert!(apply(unknown).unwrap_err().to_string().contains("there is no avail z of L"));
    assert_eq!(apply(gone()).unwrap(), Applied::Changed);
    assert!(apply(gone()).is_err());
    assert_eq!(state, State::default());
}

#[test]
fn entering_and_removing_leaves_nothing_behind() {
    let avails: Vec<Avail> = (0..200)
        .map(|n| avail(&format!("a{n}"), &["film", &format!("n{n}")][..], &[], &["x"], n % 2 == 0))
        .collect();
    let ids = avails.iter().map(|a| a.id.clone()).rev().collect();
    let state = folded(vec![entered(avails), Act::AvailsRemoved { document: None, avails: ids }]);
    assert_eq!(state, State::default());
}
