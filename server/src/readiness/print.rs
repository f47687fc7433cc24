//! Readiness for people at a terminal.

use std::fmt::Write as _;
use std::io::Write as _;

use super::show::{ItemView, ReadinessView, Satisfier, Territories};

/// Adds a line to a text, which cannot fail.
macro_rules! say {
    ($lines:expr, $($words:tt)*) => {{
        let _ = writeln!($lines, $($words)*);
    }};
}

pub fn print_list(all: &Territories) {
    let mut lines = String::new();
    for line in &all.territories {
        let mut said = format!("{}  {:<13}", line.territory, line.stand.state);
        if line.missing > 0 {
            said.push_str(&format!(" {} missing", line.missing));
        }
        if line.overridden > 0 {
            said.push_str(&format!(" {} overridden", line.overridden));
        }
        say!(lines, "{}", said.trim_end());
    }
    tell(&lines);
}

pub fn print(view: &ReadinessView) {
    let mut lines = String::new();
    let kinds: Vec<String> = view.kinds.iter().map(|kind| format!("{kind:?}").to_lowercase()).collect();
    let offers = if kinds.is_empty() { String::new() } else { format!(", for {}", kinds.join(", ")) };
    say!(lines, "{} is {}{offers}, at {} ({})", view.territory, state(&view.stand.state), view.at, view.zone);
    if let Some(reason) = &view.stand.reason {
        say!(lines, "  because {}", plain(reason));
    }
    for item in &view.items {
        print_item(item, &mut lines);
    }
    for position in &view.positions {
        let holds = if position.holds { "" } else { ", no longer" };
        say!(
            lines,
            "position  {} as {}{holds}: {}",
            position.rule,
            position.reading,
            plain(&position.said_by)
        );
    }
    for licence in &view.licences {
        let until = licence.ended.or(licence.until).map_or("no end".into(), |until| format!("until {until}"));
        say!(lines, "licence   {} {} of {}, {until}", licence.grant, licence.number, licence.authority);
    }
    for risk in &view.register.risks {
        say!(lines, "risk      {:>2} {} ({:?}), review by {}", risk.score, risk.id, risk.area, risk.review);
    }
    for case in &view.cases {
        let owed = case.waits.first().map_or("nobody".into(), |wait| format!("{:?}", wait.on).to_lowercase());
        say!(lines, "case      {} with {}: {owed} is waited for", case.case, case.authority);
    }
    if let Some(next) = view.next_change {
        say!(lines, "It may change at {next}.");
    }
    tell(&lines);
}

/// Prints in one piece. Who reads may have read enough: a closed pipe is no failure.
fn tell(lines: &str) {
    let _ = std::io::stdout().write_all(lines.as_bytes());
}

fn state(state: &str) -> &str {
    match state {
        "missing" => "closed because something is missing",
        "never-opened" => "not opened yet",
        "undeclared" => "not declared",
        other => other,
    }
}

fn print_item(item: &ItemView, lines: &mut String) {
    let must = if item.mandatory { "" } else { " (not mandatory)" };
    let name = item.names.get("en").map_or(item.rule.as_str(), String::as_str);
    say!(lines, "{:<10}{name}{must}", item.state);
    say!(lines, "          {}; {}", item.rule, item.law);
    let satisfiers = |all: &[Satisfier]| {
        let each = all.iter().map(|by| format!("{} {}", by.kind, by.name));
        each.collect::<Vec<_>>().join(", or ")
    };
    match item.state.as_str() {
        "met" => {
            let by = item.by.as_ref().map_or(String::new(), |by| format!("{} {}", by.kind, by.name));
            let until = item.until.map_or(String::new(), |until| format!(", until {until}"));
            say!(lines, "          by {by}{until}");
        }
        "not-asked" => say!(lines, "          read as {}", item.reading.as_deref().unwrap_or_default()),
        _ => {
            say!(lines, "          is met by {}", satisfiers(&item.met_by));
            if let Some(deadline) = item.deadline {
                say!(lines, "          the territory closes at {deadline}");
            }
        }
    }
    for gap in &item.gaps {
        say!(lines, "          lacks {gap}");
    }
    if let Some(overridden) = &item.overridden {
        let until = overridden.until.map_or(String::new(), |until| format!(" until {until}"));
        say!(lines, "          {} answers for it{until}: {}", overridden.by, plain(&overridden.reason));
    }
}

/// Words that somebody wrote, fit for a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
