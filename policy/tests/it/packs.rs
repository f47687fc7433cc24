//! What the packs make of a fixed list of questions, and that every rule takes part in an answer.

mod ask;
mod ratings;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect_file;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use policy::Packs;
use policy::pack::{Body, Certainty, Pack, Position, Rule, Written};
use serde_json::Value;

use super::house::territory;
use ask::{KINDS, Questions};

fn packs() -> Packs {
    Packs::built_in().unwrap()
}

fn pack(code: &str) -> Pack {
    packs().get(territory(code)).unwrap().clone()
}

#[test]
fn every_rule_cites_a_source_and_uncertain_ones_say_so() {
    for rule in packs().iter().flat_map(|pack| pack.rules()) {
        let id = &rule.id;
        assert!(rule.law.len() > 3 && rule.source.len() > 3 && rule.says.ends_with('.'), "{id}");
        let cites = [Certainty::Cited, Certainty::Partly].contains(&rule.certainty);
        assert!(
            !cites
                || !rule.source.contains("from memory")
                || rule.doubt.is_some()
                || rule.source.contains("the 60 days"),
            "{id}"
        );
        // What was not read as such says what is not clear, except where the number of an article is all of it.
        let unread = matches!(rule.certainty, Certainty::Recalled | Certainty::Inferred);
        assert!(!unread || rule.doubt.is_some(), "{id}");
        assert_eq!(rule.is_uncertain(), rule.certainty != Certainty::Cited || rule.doubt.is_some());
        if rule.certainty == Certainty::House {
            assert_eq!(
                (rule.law.as_str(), rule.source.as_str()),
                ("None known: a measure of the house", "Phim")
            );
        }
    }
}

/// Days on which the answers are asked: each on which a rule begins or has ended, and one more.
fn days(pack: &Pack) -> Vec<Date> {
    let mut days = BTreeSet::from([date(2026, 11, 22)]);
    let mut day = date(2019, 12, 31);
    while let Some(next) = pack.next_change(day) {
        days.insert(next);
        day = next;
    }
    days.into_iter().collect()
}

/// The answers of every day; of those after the first only what differs from the day before.
fn golden(pack: &Pack) -> String {
    let questions = Questions::of(pack);
    let mut said = BTreeMap::new();
    let mut text = format!("{} {} second person: {}\n", pack.territory, pack.zone, pack.second_person);
    for day in days(pack) {
        text.push_str(&format!("\n== {day}\n"));
        let rules = pack.at(day);
        for kind in KINDS {
            let mut now = BTreeSet::new();
            for line in ask::answers(kind, &rules, &questions).lines() {
                let line = format!("{kind}: {line}");
                if !said.get(kind).is_some_and(|was: &BTreeSet<String>| was.contains(&line)) {
                    text.push_str(&format!("{line}\n"));
                }
                now.insert(line);
            }
            for gone in said.get(kind).into_iter().flat_map(|was| was.difference(&now)) {
                text.push_str(&format!("no longer {gone}\n"));
            }
            said.insert(kind, now);
        }
    }
    text
}

#[test]
fn the_answers_of_vietnam() {
    expect_file!["packs/VN.txt"].assert_eq(&golden(&pack("VN")));
}

#[test]
fn the_answers_of_korea() {
    expect_file!["packs/KR.txt"].assert_eq(&golden(&pack("KR")));
}

#[test]
fn every_rule_of_vietnam_takes_part_in_an_answer() {
    assert_eq!(Mutants::of("VN").survivors(), [""; 0]);
}

#[test]
fn every_rule_of_korea_takes_part_in_an_answer() {
    assert_eq!(Mutants::of("KR").survivors(), [""; 0]);
}

/// Packs that differ from one in a single value or rule.
struct Mutants {
    pack: Pack,
    questions: Questions,
    /// Values that stand in both packs under each key, to put one in the place of another.
    values: BTreeMap<String, BTreeSet<String>>,
    /// What the pack as it stands answers, by kind, day and reading.
    answers: RefCell<BTreeMap<(&'static str, Date, String), String>>,
}

impl Mutants {
    fn of(code: &str) -> Mutants {
        let pack = pack(code);
        let mut values = BTreeMap::new();
        for rule in
            [super::packs::pack("VN"), super::packs::pack("KR")].iter().flat_map(|p| p.rules().to_vec())
        {
            texts(&serde_json::to_value(&rule.is).unwrap(), "", &mut values);
        }
        Mutants { questions: Questions::of(&pack), pack, values, answers: RefCell::default() }
    }

    /// What can be changed or deleted without any answer being another one.
    fn survivors(&self) -> Vec<String> {
        let mut survivors = Vec::new();
        let mut made = 0;
        for (at, rule) in self.pack.rules().iter().enumerate().filter(|(_, rule)| !rule.information_only) {
            let mut rules = self.rules();
            rules.remove(at);
            if self.with(rules).is_ok_and(|pack| self.answers_alike(&pack, rule)) {
                survivors.push(format!("{} deleted", rule.id));
            }
            let value = serde_json::to_value(&**rule).unwrap();
            for (changed, how) in self.changed(&value) {
                made += 1;
                // What cannot be read, or breaks the pack, is refused as a whole: nothing is decided by it.
                let Ok(changed) = serde_json::from_value::<Rule>(changed) else { continue };
                let mut rules = self.rules();
                rules[at] = changed;
                if self.with(rules).is_ok_and(|pack| self.answers_alike(&pack, rule)) {
                    survivors.push(format!("{}: {how}", rule.id));
                }
            }
        }
        assert!(made > 500, "{made} mutants are too few");
        survivors
    }

    fn rules(&self) -> Vec<Rule> {
        self.pack.rules().iter().map(|rule| (**rule).clone()).collect()
    }

    fn with(&self, rules: Vec<Rule>) -> media::Result<Pack> {
        let Pack { territory, zone, second_person, .. } = &self.pack;
        Pack::new(Written {
            territory: *territory,
            zone: zone.to_string(),
            second_person: *second_person,
            rules,
        })
    }

    /// Whether both packs answer alike: first what rules of this kind are asked around the dates of this
    /// one, in each of its readings; then everything else; then on the other days.
    fn answers_alike(&self, other: &Pack, rule: &Rule) -> bool {
        let dates = [rule.from, rule.until].into_iter().flatten();
        let around = dates.flat_map(|day| [0, -1, 1].map(|n| day.checked_add(n.days()).unwrap()));
        let near: Vec<Date> = around.chain([date(2026, 11, 22)]).collect();
        let readings: Vec<Position> =
            rule.readings.iter().map(|reading| position(rule, &reading.name)).collect();
        let positions = || std::iter::once(&readings[..0]).chain(readings.chunks(1));
        let alike = |kind, day: &Date| positions().all(|p| self.same(kind, *day, p, other));
        let kind = rule.is.kind();
        near.iter().all(|day| alike(kind, day))
            && near.iter().all(|day| KINDS.iter().all(|kind| alike(kind, day)))
            && days(&self.pack).iter().all(|day| alike(kind, day))
    }

    fn same(&self, kind: &'static str, day: Date, positions: &[Position], other: &Pack) -> bool {
        let ask = |pack: &Pack| ask::answers(kind, &pack.at_with(day, positions), &self.questions);
        let reading = positions.first().map_or("", |p| p.reading.as_str()).to_string();
        let mut answers = self.answers.borrow_mut();
        let mine = answers.entry((kind, day, reading)).or_insert_with(|| ask(&self.pack));
        *mine == ask(other)
    }

    /// The rule with one value changed or left out, for each of its values that decide, and what was done.
    fn changed(&self, rule: &Value) -> Vec<(Value, String)> {
        let mut paths = Vec::new();
        leaves(&rule["is"], "/is", &mut paths);
        for (at, reading) in rule["readings"].as_array().into_iter().flatten().enumerate() {
            leaves(reading.get("is").unwrap_or(&Value::Null), &format!("/readings/{at}/is"), &mut paths);
        }
        let values = paths.iter().flat_map(|path| self.changed_at(rule, path));
        values.chain(redated(rule)).collect()
    }

    fn changed_at(&self, rule: &Value, path: &str) -> Vec<(Value, String)> {
        let put = |to: Value| {
            let mut changed = rule.clone();
            *changed.pointer_mut(path).unwrap() = to.clone();
            (changed, format!("{path} is {to}"))
        };
        let mut made: Vec<(Value, String)> = match rule.pointer(path).unwrap() {
            Value::Number(n) => [n.as_u64().unwrap() + 1, n.as_u64().unwrap().saturating_sub(1)]
                .into_iter()
                .filter(|m| Some(*m) != n.as_u64())
                .map(|m| put(m.into()))
                .collect(),
            Value::Bool(b) => vec![put((!b).into())],
            Value::String(text) => self.instead(path, text).into_iter().map(|t| put(t.into())).collect(),
            _ => Vec::new(),
        };
        made.extend(without(rule, path));
        made
    }

    /// Texts to put in the place of one.
    fn instead(&self, path: &str, text: &str) -> Vec<String> {
        let known = self.values.get(key(path)).into_iter().flatten().filter(|other| *other != text).take(3);
        known.cloned().chain([format!("{text}x")]).collect()
    }
}

fn position(rule: &Rule, reading: &str) -> Position {
    let basis = policy::Sealed(media::Digest::of(b"an opinion"));
    Position { rule: rule.id.clone(), reading: reading.into(), basis, from: Date::MIN, until: None }
}

/// The rule with a day more or less. A lock, criteria and a display that begin earlier answer nothing else,
/// because the labels and descriptors that they speak of begin on the same day.
fn redated(rule: &Value) -> Vec<(Value, String)> {
    let speaks_of_labels = ["lock", "criteria", "display"].iter().any(|kind| !rule["is"][*kind].is_null());
    let mut made = Vec::new();
    for (key, n) in [("from", 1), ("from", -1), ("until", -1), ("until", 1)] {
        let Some(day) = rule[key].as_str().map(|text| text.parse::<Date>().unwrap()) else { continue };
        if !(speaks_of_labels && (key, n) == ("from", -1)) {
            let day = day.checked_add(n.days()).unwrap().to_string();
            let mut changed = rule.clone();
            changed[key] = day.as_str().into();
            made.push((changed, format!("{key} {day}")));
        }
    }
    made
}

/// The key that a path ends in; that of the list where it ends in a place of a list.
fn key(path: &str) -> &str {
    path.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or("")
}

/// The rule without the value at a path: out of its list, or its key with it.
fn without(rule: &Value, path: &str) -> Option<(Value, String)> {
    let (parent, last) = path.rsplit_once('/')?;
    let mut changed = rule.clone();
    match changed.pointer_mut(parent)? {
        Value::Array(list) => drop(list.remove(last.parse().ok()?)),
        Value::Object(object) => drop(object.remove(last)?),
        _ => return None,
    }
    Some((changed, format!("{path} is left out")))
}

/// The paths of every text, number and switch in a value.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(k, v)| leaves(v, &format!("{path}/{k}"), found)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, v)| leaves(v, &format!("{path}/{n}"), found))
        }
        Value::Null => {}
        _ => found.push(path.into()),
    }
}

/// Every text in a value, by the key that it stands under.
fn texts(value: &Value, under: &str, found: &mut BTreeMap<String, BTreeSet<String>>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| texts(value, key, found)),
        Value::Array(list) => list.iter().for_each(|value| texts(value, under, found)),
        Value::String(text) => drop(found.entry(under.into()).or_default().insert(text.clone())),
        _ => {}
    }
}

/// The kinds of rule that decide: all but notes.
#[test]
fn every_kind_is_asked_about() {
    for rule in packs().iter().flat_map(|pack| pack.rules()) {
        assert!(rule.is == Body::Note || KINDS.contains(&rule.is.kind()), "{}", rule.id);
    }
}
