//! `phim territory`: what the packs say, on which day, and why. No archive is asked.

use std::io::{ErrorKind, Write as _};

use clap::Subcommand;
use jiff::Timestamp;
use jiff::civil::Date;
use media::error::{Error, Kind, Result};
use policy::Territory as Code;
use policy::pack::diff::dates;
use policy::pack::{Certainty, Difference, Pack, Packs, Rule, Rules, diff};
use serde::Serialize;

use crate::acts::Act;

#[derive(Subcommand, Debug)]
pub enum Territory {
    /// List the territories that have a pack
    List,
    /// Show the rules that hold in a territory
    #[command(
        after_help = "Examples:\n  phim territory show VN\n  phim territory show KR --on 2024-04-30 --json"
    )]
    Show {
        #[arg(value_name = "CC")]
        territory: String,
        /// The day, where the territory is; today when left out
        #[arg(long, value_name = "DAY")]
        on: Option<String>,
    },
    /// Say what is not on one day what it was on another
    #[command(after_help = "Example:\n  phim territory diff VN 2024-01-01 2026-07-01")]
    Diff {
        #[arg(value_name = "CC")]
        territory: String,
        #[arg(value_name = "DAY")]
        was: String,
        #[arg(value_name = "DAY")]
        now: String,
    },
    #[command(flatten)]
    House(super::readiness::Opening),
    /// Explain a rule: what it says, where that stands, how sure it is, how else it could be read
    #[command(after_help = "Example:\n  phim territory explain vn.display.warning-during")]
    Explain {
        #[arg(value_name = "RULE")]
        rule: String,
    },
}

/// One territory in a list.
#[derive(Serialize)]
struct Listed<'a> {
    territory: Code,
    zone: &'a str,
    /// Labels in force today, the strictest last.
    labels: Vec<String>,
    /// Rules in force today, and how many of them a lawyer should look at first.
    rules: usize,
    uncertain: usize,
    next_change: Option<Date>,
}

#[derive(Serialize)]
struct Shown<'a> {
    territory: Code,
    zone: &'a str,
    on: Date,
    second_person: bool,
    next_change: Option<Date>,
    rules: Vec<&'a Rule>,
}

#[derive(Serialize)]
struct Compared {
    territory: Code,
    was: Date,
    now: Date,
    differences: Vec<Difference>,
}

#[derive(Serialize)]
struct Explained<'a> {
    territory: Code,
    /// Today, where the territory is.
    today: Date,
    revisions: Vec<&'a Rule>,
}

impl Territory {
    /// Whether the packs alone answer it.
    pub fn is_of_packs(&self) -> bool {
        !matches!(self, Territory::House(_))
    }

    /// What it asks of a house.
    pub fn into_act(self) -> Result<Act> {
        match self {
            Territory::House(opening) => opening.into_act(),
            _ => Err(Error::internal("the packs alone answer this")),
        }
    }

    /// Prints the answer.
    pub fn tell(&self, json: bool) -> Result<()> {
        let packs = Packs::built_in()?;
        match self {
            Territory::List => {
                let listed: Vec<Listed> = packs.iter().map(listed).collect();
                told(json, &serde_json::json!({ "territories": listed }), || lines_of_list(&listed))
            }
            Territory::Show { territory, on } => {
                let pack = pack(&packs, territory)?;
                let rules = pack.at(on
                    .as_deref()
                    .map_or_else(|| Ok(today(pack)), |on| day(on).map_err(|e| e.at("--on")))?);
                let shown = shown(pack, &rules);
                told(json, &shown, || lines_of_day(&shown))
            }
            Territory::Diff { territory, was, now } => {
                let pack = pack(&packs, territory)?;
                let (was, now) = (day(was)?, day(now)?);
                let differences = diff(&pack.at(was), &pack.at(now));
                let compared = Compared { territory: pack.territory, was, now, differences };
                told(json, &compared, || lines_of_difference(&compared))
            }
            Territory::Explain { rule } => {
                let (pack, revisions) = packs.explain(rule)?;
                let explained = Explained { territory: pack.territory, today: today(pack), revisions };
                told(json, &explained, || lines_of_rule(&explained))
            }
            Territory::House(_) => Err(Error::internal("this is asked of a house")),
        }
    }
}

/// Prints the answer in one piece. Who reads may have read enough: a closed pipe is no failure.
fn told(json: bool, answer: &impl Serialize, lines: impl FnOnce() -> Vec<String>) -> Result<()> {
    let mut text = match json {
        true => serde_json::to_string_pretty(answer).map_err(|e| Error::internal(e.to_string()))?,
        false => lines().join("\n"),
    };
    text.push('\n');
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new(Kind::Unavailable, format!("the answer cannot be printed: {e}")))
        }
        _ => Ok(()),
    }
}

fn pack<'a>(packs: &'a Packs, territory: &str) -> Result<&'a Pack> {
    let code = Code::parse(territory)?;
    packs.get(code).ok_or_else(|| {
        let known: Vec<String> = packs.iter().map(|pack| pack.territory.to_string()).collect();
        Error::not_found(format!("{code} has no pack"))
            .remedy(format!("There are packs of {}", known.join(", ")))
    })
}

fn day(text: &str) -> Result<Date> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        Error::invalid(format!("{shown:?} is not a day")).remedy("Write it as 2026-07-01")
    })
}

fn today(pack: &Pack) -> Date {
    pack.day(Timestamp::now())
}

fn listed(pack: &Pack) -> Listed<'_> {
    let rules = pack.at(today(pack));
    let mut labels: Vec<_> =
        rules.labels().map(|(_, label)| (&label.system, label.rank, &label.code)).collect();
    labels.sort();
    Listed {
        territory: pack.territory,
        zone: &pack.zone,
        labels: labels.into_iter().map(|(_, _, code)| code.clone()).collect(),
        rules: rules.in_force().len(),
        uncertain: rules.in_force().iter().filter(|r| r.rule.is_uncertain()).count(),
        next_change: pack.next_change(rules.day),
    }
}

fn shown<'a>(pack: &'a Pack, rules: &Rules) -> Shown<'a> {
    Shown {
        territory: pack.territory,
        zone: &pack.zone,
        on: rules.day,
        second_person: pack.second_person,
        next_change: pack.next_change(rules.day),
        rules: pack.rules().iter().map(AsRef::as_ref).filter(|rule| rule.holds_on(rules.day)).collect(),
    }
}

fn lines_of_list(listed: &[Listed]) -> Vec<String> {
    let line = |one: &Listed| {
        let Listed { territory, labels, rules, uncertain, .. } = one;
        format!("{territory}  {rules:>3} rules, {uncertain:>2} uncertain  {}", labels.join(" "))
    };
    listed.iter().map(line).collect()
}

fn lines_of_day(shown: &Shown) -> Vec<String> {
    let mut lines = vec![format!("{} on {}, {}", shown.territory, shown.on, shown.zone)];
    let mut kind = "";
    for rule in &shown.rules {
        if rule.is.kind() != kind {
            kind = rule.is.kind();
            lines.push(format!("\n{kind}"));
        }
        lines.push(format!("  {}{}\n    {}", rule.id, mark(rule), rule.says));
    }
    lines.extend(shown.next_change.map(|day| format!("\nIt changes on {day}.")));
    lines
}

/// What a reader should know before relying on a rule; nothing where it was read and is clear.
fn mark(rule: &Rule) -> String {
    match (rule.certainty, &rule.doubt) {
        (Certainty::Cited, None) => String::new(),
        (Certainty::Cited, Some(_)) => "  [unclear]".into(),
        (certainty, None) => format!("  [{}]", name(certainty)),
        (certainty, Some(_)) => format!("  [{}, unclear]", name(certainty)),
    }
}

fn name(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Cited => "cited",
        Certainty::Partly => "partly",
        Certainty::Recalled => "recalled",
        Certainty::Inferred => "inferred",
        Certainty::House => "house",
    }
}

fn lines_of_difference(compared: &Compared) -> Vec<String> {
    let mut lines = Vec::new();
    for difference in &compared.differences {
        match (&difference.was, &difference.now) {
            (None, Some(rule)) => lines.push(format!("+ {}\n    {}", rule.id, rule.says)),
            (Some(rule), None) => lines.push(format!("- {}\n    {}", rule.id, rule.says)),
            _ => {
                lines.push(format!("* {}", difference.rule));
                lines.extend(difference.changes.iter().map(|change| format!("    {change}")));
            }
        }
    }
    let Compared { territory, was, now, differences } = compared;
    lines.push(format!("{} rules of {territory} differ between {was} and {now}", differences.len()));
    lines
}

fn lines_of_rule(explained: &Explained) -> Vec<String> {
    explained.revisions.iter().flat_map(|rule| lines_of_revision(rule, explained.today)).collect()
}

fn lines_of_revision(rule: &Rule, today: Date) -> Vec<String> {
    let now = if rule.holds_on(today) { ", in force today" } else { "" };
    let mut lines = vec![
        format!("{} ({}), {}{now}", rule.id, rule.is.kind(), dates(rule.from, rule.until)),
        format!("  {}", rule.says),
        format!("  law        {}", rule.law),
        format!("  read in    {}", rule.source),
        format!("  certainty  {}", name(rule.certainty)),
    ];
    lines.extend(rule.doubt.iter().map(|doubt| format!("  unclear    {doubt}")));
    lines.extend(rule.readings.iter().map(|r| format!("  or read as {}: {}", r.name, r.says)));
    lines.push(match rule.information_only {
        true => "  It decides nothing.".into(),
        false => format!("  data       {}", serde_json::to_string(&rule.is).unwrap_or_default()),
    });
    lines
}
