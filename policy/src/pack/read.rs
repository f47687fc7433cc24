//! Packs as they are read: TOML, checked before anything relies on it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use media::{Error, Result};
use serde::Deserialize;

use crate::advisory::{Display, When};
use crate::label::Names;
use crate::pack::clock::{Clock, Matter, RunsFrom};
use crate::pack::rule::{Body, Certainty, Rule};
use crate::territory::Territory;

/// A pack as it is written.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Pack"))]
#[serde(deny_unknown_fields)]
pub struct Written {
    #[cfg_attr(test, schemars(with = "String", regex(pattern = "^[A-Z]{2}$")))]
    pub territory: Territory,
    /// IANA name; the territory's days begin and end in it, and local times in orders count in it.
    pub zone: String,
    /// Whether an order takes effect only when a second person has approved it.
    pub second_person: bool,
    #[serde(rename = "rule", default)]
    pub rules: Vec<Rule>,
}

/// The JSON schema of what [`read`] takes.
#[cfg(test)]
pub(super) fn schema() -> String {
    let schema = schemars::schema_for!(Written);
    serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n"
}

const MAX_TEXT: usize = 2_000;
const MAX_RULES: usize = 1_000;

/// Reads what is written. Errors name the line and the key.
pub(super) fn read(text: &str) -> Result<Written> {
    let line = |at: usize| text.get(..at).map_or(0, |before| before.matches('\n').count() + 1);
    let toml = toml::Deserializer::parse(text).map_err(|e| unreadable(&e, line(start(&e))))?;
    serde_path_to_error::deserialize(toml).map_err(|e| {
        let path = e.path().to_string();
        let wrong = unreadable(e.inner(), line(start(e.inner())));
        if path == "." { wrong } else { wrong.at(path) }
    })
}

fn start(e: &toml::de::Error) -> usize {
    e.span().map_or(usize::MAX, |span| span.start)
}

fn unreadable(e: &toml::de::Error, line: usize) -> Error {
    let wrong =
        Error::invalid(e.message().to_string()).remedy("docs/ref/packs.md lists the keys and their forms");
    if line == 0 { wrong } else { wrong.at(format!("line {line}")) }
}

pub(super) fn check(pack: &Written) -> Result<()> {
    crate::instant::read("2026-06-01T00:00", Some(&pack.zone)).map_err(|e| {
        e.at("zone").remedy("Use a name of the IANA time zone database, such as Asia/Ho_Chi_Minh")
    })?;
    if pack.rules.len() > MAX_RULES {
        return Err(Error::invalid(format!("{} rules; at most {MAX_RULES} are read", pack.rules.len())));
    }
    let prefix = format!("{}.", pack.territory.code().to_ascii_lowercase());
    for rule in &pack.rules {
        check_rule(rule, &prefix)
            .and_then(|()| check_bodies(rule, pack))
            .map_err(|e| e.at(format!("rule {}", rule.id)))?;
    }
    check_revisions(&pack.rules)?;
    check_labels(&pack.rules)
}

fn check_rule(rule: &Rule, prefix: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    if !rule.id.starts_with(prefix) || rule.id.len() > 100 || !rule.id.chars().all(plain) {
        let wrong = Error::invalid("is not the id of a rule here").at("id");
        return Err(
            wrong.remedy(format!("Write {prefix} and then words of a-z, 0-9 and -, joined by full stops"))
        );
    }
    for (key, text) in [("says", &rule.says), ("law", &rule.law), ("source", &rule.source)] {
        check_text(key, text)?;
    }
    if let (Some(from), Some(until)) = (rule.from, rule.until)
        && until < from
    {
        return Err(Error::invalid(format!("{until} lies before from, {from}")).at("until"));
    }
    if let Some(doubt) = &rule.doubt {
        check_text("doubt", doubt)?;
    }
    check_readings(rule)?;
    if matches!(rule.is, Body::Note) != rule.information_only {
        let remedy = "A note decides nothing: write information_only = true on notes, and on notes only";
        return Err(Error::invalid("does not fit its kind").at("information_only").remedy(remedy));
    }
    Ok(())
}

fn check_readings(rule: &Rule) -> Result<()> {
    if rule.doubt.is_none() && !rule.readings.is_empty() {
        let remedy = "Say in doubt what is not clear, or leave the readings out";
        return Err(Error::invalid("a rule without doubt has one reading").at("readings").remedy(remedy));
    }
    if rule.certainty == Certainty::Inferred && rule.doubt.is_none() {
        let remedy = "Say what it was concluded from and what could be wrong with that";
        return Err(Error::invalid("is missing on a rule that was inferred").at("doubt").remedy(remedy));
    }
    let mut names = BTreeSet::new();
    for reading in &rule.readings {
        check_text("readings.says", &reading.says)?;
        check_text("readings.name", &reading.name)?;
        if !names.insert(&reading.name) {
            return Err(Error::invalid(format!("{:?} stands there twice", reading.name)).at("readings.name"));
        }
        if let Some(body) = reading.is.as_ref().filter(|body| body.kind() != rule.is.kind()) {
            let wrong = Error::invalid(format!("is a {}, and the rule a {}", body.kind(), rule.is.kind()));
            return Err(wrong.at(format!("readings.{}", reading.name)));
        }
    }
    Ok(())
}

fn check_text(key: &str, text: &str) -> Result<()> {
    match text.trim().len() {
        1..=MAX_TEXT => Ok(()),
        0 => Err(Error::invalid("is empty").at(key)),
        found => Err(Error::invalid(format!("{found} bytes; at most {MAX_TEXT} are read")).at(key)),
    }
}

/// What a body names must stand in the pack.
fn check_bodies(rule: &Rule, pack: &Written) -> Result<()> {
    let of_readings =
        rule.readings.iter().filter_map(|r| Some((format!("readings.{}", r.name), r.is.as_ref()?)));
    for (place, body) in std::iter::once(("is".to_string(), &rule.is)).chain(of_readings) {
        check_body(body, pack).map_err(|e| e.at(format!("{place}.{}", body.kind())))?;
    }
    Ok(())
}

fn check_body(body: &Body, pack: &Written) -> Result<()> {
    let known = |labels: &[String]| labels.iter().try_for_each(|label| check_label(label, pack));
    match body {
        Body::Label(label) => {
            check_names("names", &label.names)?;
            let is_colour =
                |c: &String| c.len() == 7 && c.starts_with('#') && u32::from_str_radix(&c[1..], 16).is_ok();
            match label.colour.as_ref().is_none_or(is_colour) {
                true => Ok(()),
                false => {
                    Err(Error::invalid("is not a colour").at("colour").remedy("Write it as \"#00a651\""))
                }
            }
        }
        Body::Descriptor(descriptor) => check_names("names", &descriptor.names),
        Body::Criteria(criteria) => {
            check_descriptor(&criteria.descriptor, pack)?;
            known(&criteria.levels.iter().map(|level| level.label.clone()).collect::<Vec<_>>())
        }
        Body::Display(display) => {
            check_names("text", &display.text)?;
            known(&display.except)?;
            check_lasts(display)
        }
        Body::Lock(lock) => known(&lock.labels),
        Body::Clock(clock) => check_clock(clock),
        Body::SelfRating(rating) => known(&rating.not),
        Body::Readiness(item) => {
            check_names("names", &item.names)?;
            match item.met_by.is_empty() {
                true => Err(Error::invalid("names nothing that would meet it").at("met_by")),
                false => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Only an order states a start, and only among orders is there a route for those which state none.
fn check_clock(clock: &Clock) -> Result<()> {
    match clock {
        Clock { matter: Matter::Order, .. } => Ok(()),
        Clock { from: RunsFrom::Start, .. } => {
            Err(Error::invalid("only an order states a start").at("from").remedy("Write from = \"placed\""))
        }
        Clock { default: true, .. } => {
            Err(Error::invalid("only orders have a default").at("default").remedy("Leave it out"))
        }
        _ => Ok(()),
    }
}

/// What is shown for a while must say how long.
fn check_lasts(display: &Display) -> Result<()> {
    if display
        .times
        .is_some_and(|times| times.at_least == 0 || times.at_most.is_some_and(|m| m < times.at_least))
    {
        let remedy = "Write at_least as 1 or more, and at_most no lower";
        return Err(Error::invalid("cannot be kept").at("times").remedy(remedy));
    }
    let lasts = matches!(display.when, When::BeforeFilm | When::AtStart | When::DuringFilm);
    match lasts && display.min_seconds.is_none_or(|seconds| seconds == 0) {
        true => {
            Err(Error::invalid("is missing").at("min_seconds").remedy("Say for how many seconds it is shown"))
        }
        false => Ok(()),
    }
}

fn check_names(key: &str, names: &Names) -> Result<()> {
    if !names.contains_key("en") {
        return Err(Error::invalid("has no English").at(key).remedy("Add en = \"…\""));
    }
    names.iter().try_for_each(|(tag, text)| check_text(&format!("{key}.{tag}"), text))
}

fn check_label(code: &str, pack: &Written) -> Result<()> {
    let is = |rule: &Rule| matches!(&rule.is, Body::Label(label) if label.code == code);
    match pack.rules.iter().any(is) {
        true => Ok(()),
        false => Err(Error::invalid(format!("the pack has no label {code:?}")).remedy("Add a rule for it")),
    }
}

fn check_descriptor(code: &str, pack: &Written) -> Result<()> {
    let is = |rule: &Rule| matches!(&rule.is, Body::Descriptor(d) if d.code == code);
    match pack.rules.iter().any(is) {
        true => Ok(()),
        false => {
            Err(Error::invalid(format!("the pack has no descriptor {code:?}")).remedy("Add a rule for it"))
        }
    }
}

/// Revisions of a rule never overlap, so at most one holds on a day.
fn check_revisions(rules: &[Rule]) -> Result<()> {
    for (at, rule) in rules.iter().enumerate() {
        let overlapping =
            rules[..at].iter().filter(|other| other.id == rule.id).any(|other| overlap(rule, other));
        if overlapping {
            let wrong = Error::invalid("two revisions hold on the same day").at(format!("rule {}", rule.id));
            return Err(wrong.remedy("End the earlier one with until, the day before the later one's from"));
        }
    }
    Ok(())
}

fn overlap(one: &Rule, other: &Rule) -> bool {
    let begins = |rule: &Rule| rule.from.unwrap_or(Date::MIN);
    let ends = |rule: &Rule| rule.until.unwrap_or(Date::MAX);
    begins(one) <= ends(other) && begins(other) <= ends(one)
}

/// On every day each spelling means one label, and ranks of a system differ.
fn check_labels(rules: &[Rule]) -> Result<()> {
    let labels = || {
        rules.iter().filter_map(|rule| match &rule.is {
            Body::Label(label) => Some((rule, label)),
            _ => None,
        })
    };
    for (at, (rule, label)) in labels().enumerate() {
        for (_, other) in labels().take(at).filter(|(earlier, _)| overlap(rule, earlier)) {
            let spellings = || std::iter::once(&label.code).chain(&label.also);
            let taken = spellings().find(|text| other.is_spelt(text));
            let wrong = match taken {
                Some(text) => format!("{text:?} already means {}", other.code),
                None if label.system == other.system && label.rank == other.rank => {
                    format!("rank {} is that of {}", label.rank, other.code)
                }
                None => continue,
            };
            return Err(Error::invalid(wrong).at(format!("rule {}", rule.id)));
        }
    }
    Ok(())
}
