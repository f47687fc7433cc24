use expect_test::expect;
use jiff::Timestamp;

use super::*;
use crate::decision::{Act, Decision, Staff};
use crate::order::Order;
use crate::pack::Packs;
use crate::state::State;

fn standing(territory: &str, scope: &str, operation: &str) -> Standing {
    let json = format!(
        r#"{{"authority": "Cục Điện ảnh", "number": "1551/ĐA-VP", "date": "2026-01-03",
            "legal_basis": "Law on Cinema, Article 9(1)(d)", "reason": "A map infringes sovereignty.",
            "territories": ["{territory}"], "work": {{"title": "shine"}}, "scope": "{scope}",
            "operation": "{operation}", "cited": "E25 32:10-34:03"}}"#
    );
    let order = Order::read(&json, &Packs::built_in().unwrap()).unwrap();
    let act = Act::OrderPlaced {
        order: Box::new(order.clone()),
        due: Default::default(),
        second_person: false,
        resolved: Vec::new(),
    };
    let at: Timestamp = "2026-01-03T14:00:00Z".parse().unwrap();
    let decision = Decision::new(at, Staff::new("s-1").unwrap(), act);
    (**State::fold([&decision]).unwrap().order(&order.id()).unwrap()).clone()
}

fn about(title: &str) -> About<'_> {
    About {
        title,
        name: "Shine on Me",
        published: jiff::civil::date(2025, 12, 12),
        language: Some("zh-Hans"),
        category: Category::default(),
    }
}

#[test]
fn a_statement_in_the_names_of_the_database() {
    let statement = statement(&standing("VN", "whole", "withdraw"), &about("shine-s1e25"));
    expect![[r#"
        {
          "decision_visibility": [
            "DECISION_VISIBILITY_CONTENT_DISABLED"
          ],
          "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
          "illegal_content_legal_ground": "Law on Cinema, Article 9(1)(d)",
          "illegal_content_explanation": "A map infringes sovereignty.",
          "content_type": [
            "CONTENT_TYPE_VIDEO"
          ],
          "category": "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE",
          "territorial_scope": [
            "VN"
          ],
          "content_language": "ZH",
          "content_date": "2025-12-12",
          "application_date": "2026-01-03",
          "decision_facts": "Order 1551/ĐA-VP of 2026-01-03 by Cục Điện ảnh was placed on 2026-01-03. It concerns Shine on Me (shine-s1e25), as the authority wrote: whole. Places quoted: E25 32:10-34:03.",
          "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION",
          "source_identity": "Cục Điện ảnh",
          "automated_detection": "No",
          "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
          "puid": "phim-eb0767e877fac0f42d64601429b934f4"
        }"#]].assert_eq(&serde_json::to_string_pretty(&statement).unwrap());
    expect!["territorial_scope: VN is not in the European Economic Area. The EU's database takes no statement for it; keep it with the evidence"].assert_eq(&statement.check_for_submission().unwrap_err().to_string());
}

#[test]
fn what_is_done_to_scenes_is_said_in_words() {
    let statement = statement(&standing("DE", "E25 32:10-34:03", "mute"), &about("shine-s1e25"));
    statement.check_for_submission().unwrap();
    assert_eq!(statement.decision_visibility, ["DECISION_VISIBILITY_OTHER"]);
    expect!["Sound is muted: E25 32:10-34:03"]
        .assert_eq(statement.decision_visibility_other.as_deref().unwrap());
    assert_eq!(statement.content_type, ["CONTENT_TYPE_AUDIO"]);
}

#[test]
fn the_limits_of_the_database_are_kept() {
    let mut long = standing("DE", "whole", "withdraw");
    let order = std::sync::Arc::make_mut(&mut long.order);
    order.legal_basis = "ắ".repeat(2000);
    order.reason = Some("ắ".repeat(5000));
    order.scope.written = "ắ".repeat(20_000);
    let statement = statement(&long, &about("shine"));
    let count = |text: &str| text.chars().count();
    assert_eq!(count(&statement.illegal_content_legal_ground), 500);
    assert_eq!(count(&statement.illegal_content_explanation), 2000);
    assert_eq!(count(&statement.decision_facts), 5000);
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    assert!(statement.puid.len() <= 500 && statement.puid.chars().all(plain));
    let other = super::statement(&long, &about("shine-s1e1"));
    assert_ne!(other.puid, statement.puid);
}
