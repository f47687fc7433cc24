//! What changed between two days.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use crate::pack::rule::Rule;
use crate::pack::rules::Rules;

/// One rule that is not on the second day what it was on the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Id of the rule.
    pub rule: String,
    /// What it said on the first day; none: it did not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<Rule>,
    /// What it says on the second; none: it no longer holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Rule>,
    /// The keys that differ, each as `is.clock.within: 24 h, now 6 h`. Empty where it began or ended.
    pub changes: Vec<String>,
}

/// The rules that differ between two days, as the house reads them; in the order of the pack, those that
/// ended last.
pub fn diff(was: &Rules, now: &Rules) -> Vec<Difference> {
    let find = |rules: &Rules, id: &str| rules.in_force().iter().find(|r| r.rule.id == id).cloned();
    let begun = now.in_force().iter().filter_map(|after| {
        let before = find(was, &after.rule.id);
        let changes =
            before.as_ref().map(|before| changes(&value(before), &value(after))).unwrap_or_default();
        let differs = before.is_none() || !changes.is_empty();
        differs.then(|| Difference {
            rule: after.rule.id.clone(),
            was: before.map(|b| (*b.rule).clone()),
            now: Some((*after.rule).clone()),
            changes,
        })
    });
    let ended = was.in_force().iter().filter(|before| find(now, &before.rule.id).is_none());
    let ended = ended.map(|before| Difference {
        rule: before.rule.id.clone(),
        was: Some((*before.rule).clone()),
        now: None,
        changes: Vec::new(),
    });
    begun.chain(ended).collect()
}

/// What a rule in force says, without the days between which it does.
fn value(in_force: &super::InForce) -> Value {
    let mut value = serde_json::to_value(&*in_force.rule).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        for key in ["from", "until", "readings"] {
            object.remove(key);
        }
        object.insert("is".into(), serde_json::to_value(in_force.body()).unwrap_or_default());
    }
    value
}

fn changes(was: &Value, now: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", was, now, &mut found);
    found
}

fn compare(path: &str, was: &Value, now: &Value, found: &mut Vec<String>) {
    let (Some(before), Some(after)) = (was.as_object(), now.as_object()) else {
        if was != now {
            found.push(format!("{path}: {}, now {}", shown(was), shown(now)));
        }
        return;
    };
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        compare(
            &path,
            before.get(key).unwrap_or(&Value::Null),
            after.get(key).unwrap_or(&Value::Null),
            found,
        );
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The days between which a revision holds, for people.
pub fn dates(from: Option<Date>, until: Option<Date>) -> String {
    match (from, until) {
        (None, None) => "always".into(),
        (Some(from), None) => format!("from {from}"),
        (None, Some(until)) => format!("until {until}"),
        (Some(from), Some(until)) => format!("{from} to {until}"),
    }
}
