//! Answers about windows, for people.

use avails::Severity;
use media::error::{Error, Result};
use serde_json::Value;

use policy::avail::{Dealing, MayEdit};

use super::consent::Form;
use super::{Answer, Explanation, Imported, Listed, SaidView};

/// Findings that are printed; `--json` has more.
const MAX_PRINTED: usize = 50;

pub fn print(answer: &Answer) {
    match answer {
        Answer::Imported(imported) => print_imported(imported),
        Answer::Listed { avails, more } => {
            avails.iter().for_each(print_listed);
            if *more > 0 {
                println!("and {more} more");
            } else if avails.is_empty() {
                println!("no avails");
            }
        }
        Answer::Conflicts { conflicts } => {
            conflicts.iter().for_each(print_conflict);
            if conflicts.is_empty() {
                println!("no conflicts");
            }
        }
        Answer::Explained(explanation) => print_explanation(explanation),
        Answer::Changed { taken } if taken.changed => {
            println!("record {} of the log {}", taken.number, taken.log);
        }
        Answer::Changed { .. } => println!("nothing changed: it stood so already"),
    }
}

/// Whether it is an error to whoever asked.
pub fn verdict(answer: &Answer) -> Result<()> {
    match answer {
        Answer::Imported(imported) if imported.refused => {
            Err(Error::invalid(format!("{} errors; nothing was changed", imported.errors))
                .remedy("Correct the file, or take the lines without errors with --accept-valid"))
        }
        _ => Ok(()),
    }
}

fn print_imported(imported: &Imported) {
    for finding in imported.findings.iter().take(MAX_PRINTED) {
        let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
        let remedy = if finding.remedy.is_empty() { String::new() } else { format!(". {}", finding.remedy) };
        println!("{severity}: {}: {}{remedy}", finding.place, finding.says);
    }
    let told = (imported.errors + imported.warnings) as usize;
    if told > MAX_PRINTED.min(imported.findings.len()) {
        println!("and {} more", told - MAX_PRINTED.min(imported.findings.len()));
    }
    println!(
        "{}: {} lines, {} windows; {} errors, {} warnings",
        imported.form, imported.lines, imported.windows, imported.errors, imported.warnings
    );
    let verb = if imported.changed { "entered" } else { "to be entered" };
    println!(
        "{} avails {verb}, {} removed, {} as they were",
        imported.entered, imported.removed, imported.unchanged
    );
}

fn print_listed(listed: &Listed) {
    let avail = &listed.avail;
    let titles =
        if listed.titles.is_empty() { "no title here".to_string() } else { listed.titles.join(", ") };
    println!("{} ({titles})", avail.id);
    for window in &avail.windows {
        let exclusive = if window.exclusive { ", exclusive" } else { "" };
        let place = if window.place.is_empty() { String::new() } else { format!("  [{}]", window.place) };
        println!(
            "  {} {} in {}: {} to {}{exclusive}{place}",
            window.licence, window.format, window.territories, window.start, window.end
        );
        print_dealing(&window.dealing);
    }
    listed.said.iter().for_each(print_said);
}

/// What the contract says of edits, where it lets any be made.
fn print_dealing(dealing: &Dealing) {
    let may = match dealing.may_edit {
        MayEdit::Nothing => return,
        MayEdit::OnOrder => "on order",
        MayEdit::WithConsent => "with consent",
        MayEdit::WithNotice => "with notice",
    };
    let tell = if dealing.tell.is_empty() { String::new() } else { format!("; tell {}", dealing.tell) };
    let before = dealing.tell_before.map_or(String::new(), |lag| format!(", {} before it plays", lag.0));
    println!("    edits {may}{tell}{before}");
}

fn print_said(said: &SaidView) {
    let word = match said.what {
        Form::Consent => "consent",
        Form::Notice => "notice",
        Form::Withdrawal => "withdrawal",
    };
    let of = said.composition.as_ref().map_or("whatever is ordered", |digest| &digest[..12]);
    let place = said.territories.as_ref().map_or(String::new(), |some| format!(" in {some}"));
    let from = said.from.map_or(String::new(), |from| format!(" from {from}"));
    let until = said.until.map_or(String::new(), |until| format!(" until {until}"));
    println!("  {word}: {of} of {}{place}{from}{until} (recorded {})", said.title, said.at);
}

fn print_conflict(conflict: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    println!("{}: {}", text(&conflict["rule"]), text(&conflict["says"]));
    for side in [&conflict["one"], &conflict["other"]] {
        if side.is_object() {
            println!(
                "  {} of {} {}",
                text(&side["avail"]["alid"]),
                text(&side["avail"]["licensor"]),
                text(&side["place"])
            );
        }
    }
}

fn print_explanation(explanation: &Explanation) {
    let Explanation { title, territory, at, open, next_change, windows, .. } = explanation;
    let word = if *open { "is licensed" } else { "is not licensed" };
    println!("{title} {word} in {territory} at {at}");
    if let Some(next) = next_change {
        println!("that may change at {next}");
    }
    for window in windows {
        let text = |member: &str| window[member].as_str().unwrap_or_default().to_string();
        let times = &window["times"];
        let when = match (times["open"].as_str(), times["end"].as_str()) {
            (Some(open), Some(end)) => format!("{open} to {end}"),
            (Some(open), None) => format!("from {open}"),
            _ => String::new(),
        };
        let why = match &window["why"] {
            Value::String(why) => why.replace('-', " "),
            other => format!("hangs on {}", other["undated"].as_str().unwrap_or("an event")),
        };
        let alid = window["avail"]["alid"].as_str().unwrap_or_default();
        println!("  {why}: {} {} of {alid} {when} {}", text("licence"), text("format"), text("place"));
        if let Ok(dealing) = serde_json::from_value(window["dealing"].clone()) {
            print_dealing(&dealing);
        }
        let said: Vec<SaidView> = serde_json::from_value(window["said"].clone()).unwrap_or_default();
        said.iter().for_each(print_said);
    }
}
