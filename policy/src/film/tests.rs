use super::*;
use crate::scope::Scope;

#[test]
fn what_an_order_names() {
    let source = Digest::of(b"film");
    let episode = Film::episode("flight", 1, 18, "flight-s1e18", source);
    let named = |work: &str, scope: &str| {
        let scope = Scope::read(scope).unwrap();
        scope.parts.iter().any(|part| episode.is_named(&Work::Title(work.into()), part))
    };
    assert!(named("flight", "whole"));
    assert!(named("flight", "S1"));
    assert!(named("flight", "S1E18 41:18"));
    assert!(named("flight", "tập 18"), "in whatever season");
    assert!(named("flight-s1e18", "41:18"));
    assert!(!named("flight", "S1E17, S2E18"));
    assert!(!named("flight-s1e18", "S1E18"));
    assert!(!named("fright", "whole"));
    assert!(episode.is_named(&Work::Service, &Scope::whole().parts[0]));
    let extra = Film {
        place: Some(Place { series: "flight".into(), season: None, episode: None }),
        ..Film::single("flight-extra", source)
    };
    let e18 = &Scope::read("S1E18").unwrap().parts[0];
    assert!(!extra.is_named(&Work::Title("flight".into()), e18));
}
