use super::*;
use crate::label::{Admits, Names};

fn names(text: &str) -> Names {
    Names::from([("en".into(), text.into())])
}

fn label(code: &str) -> Label {
    Label {
        code: code.into(),
        system: "S".into(),
        rank: 1,
        admits: Admits::Everyone,
        advised: None,
        names: names("From 16"),
        also: Vec::new(),
        marks: Vec::new(),
        colour: None,
        cmr: None,
    }
}

fn descriptor(code: &str) -> Descriptor {
    Descriptor { code: code.into(), names: names(code), trade: None }
}

fn display(when: When) -> Display {
    Display {
        shows: vec![Shown::Label, Shown::Descriptors],
        place: Place::TopCorner,
        when,
        except: vec!["P".into()],
        min_seconds: Some(3),
        within_seconds: None,
        times: Some(Times { from_minutes: 20, at_least: 3, at_most: Some(3) }),
        min_diagonal: None,
        max_descriptors: Some(2),
        text: names("{label} ({name}): {descriptors}"),
    }
}

const MINUTE: u64 = 60_000;

fn showing(display: &Display, code: &str, length: u64) -> Option<Showing> {
    let (label, descriptors) = (label(code), ["violence", "horror", "drugs"].map(descriptor));
    let rated = Rated { label: &label, descriptors: descriptors.iter().collect() };
    display.showing("vn.display", &rated, length)
}

fn spans(when: When, length: u64) -> Vec<(u64, u64)> {
    let showing = showing(&display(when), "T16", length).unwrap();
    showing.spans.iter().map(|span| (span.from, span.to)).collect()
}

#[test]
fn when_it_is_shown() {
    assert_eq!(spans(When::WholeFilm, 90 * MINUTE), [(0, 90 * MINUTE)]);
    assert_eq!(spans(When::AtStart, 90 * MINUTE), [(0, 3_000)]);
    assert_eq!(spans(When::BeforeChoice, 90 * MINUTE), []);
    assert_eq!(spans(When::BeforeFilm, 90 * MINUTE), []);
    let thirds = [(0, 3_000), (30 * MINUTE, 30 * MINUTE + 3_000), (60 * MINUTE, 60 * MINUTE + 3_000)];
    assert_eq!(spans(When::DuringFilm, 90 * MINUTE), thirds);
    assert_eq!(spans(When::DuringFilm, 20 * MINUTE).len(), 3);
    assert_eq!(spans(When::DuringFilm, 20 * MINUTE - 1), [(0, 3_000)], "a short film: once");
    assert_eq!(spans(When::DuringFilm, 1_000), [(0, 1_000)], "never behind the end");
    assert_eq!(showing(&display(When::BeforeFilm), "T16", MINUTE).unwrap().before, 3_000);
}

#[test]
fn what_is_shown() {
    let shown = showing(&display(When::AtStart), "T16", MINUTE).unwrap();
    assert_eq!(shown.descriptors, ["violence", "horror"]);
    assert_eq!(shown.text["en"], "T16 (From 16): violence, horror");
    assert_eq!(showing(&display(When::AtStart), "P", MINUTE), None);
    // Warnings alone: nothing where there is nothing to warn of.
    let warnings = Display { shows: vec![Shown::Descriptors], ..display(When::AtStart) };
    let label = label("T16");
    assert_eq!(
        warnings.showing("vn.display", &Rated { label: &label, descriptors: Vec::new() }, MINUTE),
        None
    );
    let symbol = Display { shows: vec![Shown::Label], ..display(When::AtStart) };
    assert_eq!(showing(&symbol, "T16", MINUTE).unwrap().descriptors, [""; 0]);
}

#[test]
fn shares() {
    let share = |text: &str| Share::try_from(text.to_string());
    assert_eq!(share("1/20").unwrap(), Share { part: 1, whole: 20 });
    assert_eq!(String::from(share("1/20").unwrap()), "1/20");
    for wrong in ["", "1", "0/20", "21/20", "1/0", "1/2000", "a/b", "1/2/3"] {
        assert!(share(wrong).is_err(), "{wrong}");
    }
}
