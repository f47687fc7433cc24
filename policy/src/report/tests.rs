use expect_test::expect;
use media::Digest;

use super::*;
use crate::decision::{Act, Decision, Proposed, Sealed, Staff};
use crate::order::{Order, OrderId};
use crate::pack::Packs;

/// A state in which `by` takes decisions one after the other.
struct Desk {
    state: State,
    at: Timestamp,
}

impl Desk {
    fn wait(&mut self, minutes: i64) {
        self.at += jiff::SignedDuration::from_mins(minutes);
    }
    fn decide(&mut self, act: Act) {
        let decision = Decision::new(self.at, Staff::new("s-1").unwrap(), act);
        self.state.apply(&decision).unwrap();
    }
    fn place(&mut self, number: &str, operation: &str) -> OrderId {
        let json = format!(
            r#"{{"authority": "A", "number": "{number}", "date": "2026-01-03", "legal_basis": "L",
                "territories": ["VN"], "work": {{"title": "flight"}}, "scope": "whole",
                "operation": "{operation}"}}"#
        );
        let packs = Packs::built_in().unwrap();
        let order = Order::read(&json, &packs).unwrap();
        let due = order.due(&packs, self.at).unwrap();
        let act = Act::OrderPlaced {
            order: Box::new(order.clone()),
            due,
            second_person: false,
            resolved: Vec::new(),
        };
        self.decide(act);
        order.id()
    }
    fn effect(&mut self, order: &OrderId, node: &str) {
        let took = self.at;
        self.decide(Act::TookEffect { order: order.clone(), node: node.into(), took });
    }
}

#[test]
fn counts_and_times() {
    let sealed = Sealed(Digest::of(b"letter"));
    let mut desk = Desk { state: State::default(), at: "2026-01-03T00:00:00Z".parse().unwrap() };
    let first = desk.place("1", "withdraw");
    desk.wait(1);
    desk.effect(&first, "writer");
    desk.wait(2);
    desk.effect(&first, "edge");
    let proposal = Proposed { title: "flight".into(), composition: Digest::of(b"c") };
    let (order, edits) = (first.clone(), Vec::new());
    desk.decide(Act::ProposalMade { order, proposal: proposal.clone(), edits });
    desk.decide(Act::ProposalAccepted { order: first.clone(), proposal, letter: sealed });
    desk.decide(Act::Reported { order: first.clone(), report: sealed });
    let second = desk.place("2", "mute");
    desk.wait(25 * 60);
    desk.effect(&second, "writer");
    desk.decide(Act::OrderAppealed { order: second.clone(), letter: sealed });
    desk.decide(Act::AppealAnswered { order: second.clone(), outcome: Outcome::Overturned, letter: sealed });
    desk.decide(Act::OrderLifted { order: second, letter: None, reason: sealed });
    let third = desk.place("3", "withdraw");
    desk.decide(Act::OrderRefused { order: third, reason: sealed });

    let code = |code| Territory::parse(code).unwrap();
    let (from, to) = ("2026-01-01T00:00:00Z".parse().unwrap(), "2026-02-01T00:00:00Z".parse().unwrap());
    let report = transparency(&desk.state, code("VN"), from, to);
    expect![[r#"
        {
          "orders": 3,
          "by_authority": {
            "A": 3
          },
          "by_operation": {
            "withdraw": 2,
            "mute": 1
          },
          "standing": 1,
          "waiting": 0,
          "refused": 1,
          "lifted": 1,
          "amended": 0,
          "escalated": 0,
          "appeals": {
            "made": 1,
            "upheld": 0,
            "overturned": 1,
            "partly": 0
          },
          "proposals": {
            "made": 1,
            "accepted": 1,
            "overridden": 0,
            "refused": 0
          },
          "reported": 1,
          "removal_late": 1,
          "report_late": 0,
          "to_effect": {
            "count": 2,
            "median": 180000,
            "most": 90000000,
            "longest": 90000000
          },
          "to_report": {
            "count": 1,
            "median": 180000,
            "most": 180000,
            "longest": 180000
          },
          "to_lifting": {
            "count": 1,
            "median": 90000000,
            "most": 90000000,
            "longest": 90000000
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&report).unwrap());
    assert_eq!(transparency(&desk.state, code("KR"), from, to), Transparency::default());
    assert_eq!(transparency(&desk.state, code("VN"), to, to), Transparency::default());
}

#[test]
fn durations_by_nearest_rank() {
    let of = |values: &[i64]| {
        let d = Durations::of(values.iter().copied());
        (d.count, d.median, d.most, d.longest)
    };
    assert_eq!(of(&[]), (0, 0, 0, 0));
    assert_eq!(of(&[5]), (1, 5, 5, 5));
    assert_eq!(of(&[4, 1, 3, 2]), (4, 2, 4, 4));
    assert_eq!(of(&(1..=100).rev().collect::<Vec<_>>()), (100, 50, 90, 100));
}
