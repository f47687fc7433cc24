use expect_test::expect;
use serde_json::{Value, json};

use super::*;
use crate::pack::{Packs, Rules};
use crate::state::State;

/// A house that says things about labels, one a second.
pub(super) struct Desk {
    pub state: State,
    pub decisions: Vec<Decision>,
}

pub(super) fn digest(of: &str) -> Digest {
    Digest::of(of.as_bytes())
}

/// As it stands in records.
pub(super) fn hex(of: &str) -> String {
    digest(of).to_string()
}

/// The rules of a territory today.
pub(super) fn rules(code: &str) -> Rules {
    let day = "2026-11-22".parse().unwrap();
    Packs::built_in().unwrap().get(Territory::parse(code).unwrap()).unwrap().at(day)
}

pub(super) fn given(place: &str, composition: &str, label: &str) -> Value {
    json!({"title": "flight", "territory": place, "composition": hex(composition), "label": label})
}

pub(super) fn mark(descriptor: &str, strength: &str, manner: &[&str]) -> Value {
    json!({"scene": {"source": hex("film"), "from": 24, "to": 48},
        "mark": {"descriptor": descriptor, "strength": strength, "manner": manner}})
}

impl Desk {
    pub fn new() -> Desk {
        Desk { state: State::default(), decisions: Vec::new() }
    }

    /// `body` is the act without its kind; digests may be texts of which they are.
    pub fn say(&mut self, by: &str, kind: &str, mut body: Value) -> Result<Applied> {
        body["kind"] = kind.into();
        let act = serde_json::from_value(body).unwrap();
        let at = Timestamp::from_second(1_795_000_000 + self.decisions.len() as i64).unwrap();
        let decision = Decision::new(at, Staff::new(by).unwrap(), act);
        let read = Decision::read(decision.kind(), 1, at.as_microsecond(), &decision.body()?)?;
        assert_eq!(read, decision);
        let before = self.state.clone();
        let applied = self.state.apply(&decision);
        match applied {
            Ok(Applied::Changed) => self.decisions.push(decision),
            _ => assert_eq!(self.state, before),
        }
        assert_eq!(State::fold(&self.decisions).unwrap(), self.state);
        applied
    }

    pub fn mark(&mut self, marks: &[Value]) -> Applied {
        self.say("an", "scenes-marked", json!({"title": "flight", "marks": marks})).unwrap()
    }

    pub fn vote(&mut self, by: &str, given: Value) -> Applied {
        self.say(by, "label-voted", json!({ "given": given })).unwrap()
    }

    pub fn decided(&mut self, given: Value, how: &str) -> Result<Applied> {
        self.say("an", "label-decided", json!({"given": given, "work": "film", "how": how}))
    }

    pub fn regulator(&mut self, given: Value, number: &str, date: &str) -> Result<Applied> {
        let label =
            json!({"given": given, "work": "film", "authority": "MCST", "number": number, "date": date});
        self.say("an", "label-of-regulator", label)
    }

    pub fn revoke(&mut self, composition: &str, number: Option<&str>) -> Result<Applied> {
        let about = json!({"title": "flight", "territory": "VN", "composition": hex(composition),
            "number": number, "reason": hex("why")});
        self.say("an", "label-revoked", about)
    }

    pub fn changed(&mut self, composition: &str, from: &str, changes: &[&str]) -> Applied {
        let change = json!({"title": "flight", "composition": hex(composition), "from": hex(from),
            "changes": changes});
        self.say("house", "composition-changed", change).unwrap()
    }

    pub fn told(&mut self, composition: &str, label: &str) -> Applied {
        let titles = json!([{"title": "flight", "composition": hex(composition), "label": label}]);
        let list = json!({"territory": "VN", "to": "MCST", "sent": "2026-11-21T10:00:00Z",
            "list": hex("list"), "titles": titles});
        self.say("an", "titles-notified", list).unwrap()
    }
}

#[test]
fn what_is_said_again_changes_nothing() {
    let mut desk = Desk::new();
    let violence = mark("violence", "medium", &["detailed"]);
    assert_eq!(desk.mark(std::slice::from_ref(&violence)), Applied::Changed);
    assert_eq!(desk.mark(std::slice::from_ref(&violence)), Applied::Same);
    for (by, label) in [("an", "T16"), ("binh", "T16")] {
        assert_eq!(desk.vote(by, given("VN", "c", label)), Applied::Changed);
        assert_eq!(desk.vote(by, given("VN", "c", label)), Applied::Same);
    }
    assert_eq!(desk.decided(given("VN", "c", "T16"), "council").unwrap(), Applied::Changed);
    assert_eq!(desk.decided(given("VN", "c", "T16"), "council").unwrap(), Applied::Same);
    assert_eq!(desk.changed("d", "c", &["cut"]), Applied::Changed);
    assert_eq!(desk.changed("d", "c", &["cut"]), Applied::Same);
    assert_eq!(desk.told("c", "T16"), Applied::Changed);
    assert_eq!(desk.told("c", "T16"), Applied::Same);
    let certificate = || given("VN", "c", "T18");
    assert_eq!(desk.regulator(certificate(), "1/GP", "2026-01-03").unwrap(), Applied::Changed);
    assert_eq!(desk.regulator(certificate(), "1/GP", "2026-01-03").unwrap(), Applied::Same);
    expect!["1/GP of 2026-01-03 says T18 already. Check the number, or revoke that label first"]
        .assert_eq(&desk.regulator(given("VN", "c", "C"), "1/GP", "2026-01-03").unwrap_err().to_string());
    assert_eq!(desk.revoke("c", Some("1/GP")).unwrap(), Applied::Changed);
    assert_eq!(desk.revoke("c", Some("1/GP")).unwrap(), Applied::Same);
    expect!["flight has no such label. phim classify show lists its labels"]
        .assert_eq(&desk.revoke("c", Some("2/GP")).unwrap_err().to_string());
    // Somebody looks at it again after that, so the same label is news.
    assert_eq!(desk.decided(given("VN", "c", "T16"), "council").unwrap(), Applied::Changed);
    assert_eq!(desk.state.ratings().entries("flight", Territory::parse("VN").unwrap()).len(), 7);
}

#[test]
fn a_council_has_several_raters_and_one_decides() {
    let mut desk = Desk::new();
    let decide = |desk: &mut Desk, label: &str, reason: Value| {
        let decided =
            json!({"given": given("VN", "c", label), "work": "film", "how": "council", "reason": reason});
        desk.say("chi", "label-decided", decided).map_err(|e| e.to_string())
    };
    expect!["0 of 2 votes are there. Let more raters vote on this composition: phim classify vote"]
        .assert_eq(&decide(&mut desk, "T16", Value::Null).unwrap_err());
    desk.vote("an", given("VN", "c", "T13"));
    desk.vote("an", given("VN", "c", "T16"));
    desk.vote("binh", given("VN", "other", "T16"));
    assert!(decide(&mut desk, "T16", Value::Null).unwrap_err().starts_with("1 of 2 votes"));
    desk.vote("binh", given("VN", "c", "T18"));
    expect!["reason: binh voted otherwise. Say why the label is decided against a vote"]
        .assert_eq(&decide(&mut desk, "T16", Value::Null).unwrap_err());
    assert_eq!(decide(&mut desk, "T16", json!(hex("why"))).unwrap(), Applied::Changed);
    desk.vote("binh", given("VN", "c", "T16"));
    assert_eq!(decide(&mut desk, "T16", Value::Null).unwrap(), Applied::Same);
}

#[test]
fn a_withdrawn_mark_stays_in_the_history_and_may_be_made_again() {
    let mut desk = Desk::new();
    let horror = mark("horror", "strong", &[]);
    desk.mark(std::slice::from_ref(&horror));
    let id = desk.state.ratings().title("flight").unwrap().marks()[0].id.clone();
    let withdraw = json!({"title": "flight", "territory": null, "mark": id, "reason": hex("wrong scene")});
    assert_eq!(desk.say("an", "mark-withdrawn", withdraw.clone()).unwrap(), Applied::Changed);
    assert_eq!(desk.say("an", "mark-withdrawn", withdraw).unwrap(), Applied::Same);
    assert_eq!(desk.mark(std::slice::from_ref(&horror)), Applied::Changed);
    let marks = desk.state.ratings().title("flight").unwrap().marks();
    assert_eq!(marks.len(), 2);
    assert_eq!(marks[0].id, marks[1].id);
    assert!(marks[0].withdrawn.is_some() && marks[1].withdrawn.is_none());
    let unknown = json!({"title": "flight", "territory": null, "mark": "0123456789abcdef", "reason": null});
    assert!(desk.say("an", "mark-withdrawn", unknown).is_err());
}
