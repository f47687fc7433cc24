//! From a line to a window.

use policy::Territory;
use policy::avail::{Dealing, End, Lag, Languages, Moment, Side, Spoken, Territories, Window};

use crate::column::Column;
use crate::date;
use crate::finding::{Findings, Wrong, shown};
use crate::language;
use crate::line::Line;

/// Licences that MovieLabs names. Others are told and taken as they are.
const LICENCES: [&str; 10] = ["EST", "VOD", "SVOD", "AVOD", "FVOD", "POEST", "POVOD", "FEST", "ECL", "ACL"];

/// The window of a line; none where something in it is wrong, which is told.
pub(crate) fn window(line: &Line, dealing: &Dealing, findings: &mut Findings) -> Option<Window> {
    let before = findings.errors;
    let territories = territories(line, findings);
    let licence = licence(line, findings);
    let start = start(line, findings);
    let end = end(line, findings);
    let fixed = line.get(Column::FixedEnd).filter(|value| !value.text.is_empty());
    let fixed =
        fixed.and_then(|value| told(date::moment(&value.text, Side::End, Lag::NONE), value, findings));
    let languages = languages(line, findings);
    let exclusive = flag(line, Column::Exclusive, findings);
    if findings.errors > before {
        return None;
    }
    let (end, until) = end?;
    let window = Window {
        territories: territories?,
        start: start?,
        end,
        latest_end: earlier(until, fixed, line, findings)?,
        licence: licence?.to_string(),
        format: first_of(line, [Column::Format, Column::ReferredFormat]).to_string(),
        languages,
        exclusive,
        licensee: line.text(Column::Licensee).to_string(),
        transaction: line.text(Column::Transaction).to_string(),
        contract: line.text(Column::Contract).to_string(),
        dealing: dealing.clone(),
        place: line.place.clone(),
    };
    told(window.check().map_err(Wrong::from), &line.place, findings).map(|()| window)
}

/// Of two latest ends the earlier, where both are local times or both instants.
fn earlier(
    a: Option<Moment>,
    b: Option<Moment>,
    line: &Line,
    findings: &mut Findings,
) -> Option<Option<Moment>> {
    Some(Some(match (a, b) {
        (None, None) => return Some(None),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(Moment::Local(a)), Some(Moment::Local(b))) => Moment::Local(a.min(b)),
        (Some(Moment::Instant(a)), Some(Moment::Instant(b))) => Moment::Instant(a.min(b)),
        (Some(_), Some(_)) => {
            let wrong =
                Wrong::new("two ends that cannot be compared", "Write both as dates, or leave one out");
            findings.error(line.place_of(Column::FixedEnd), wrong);
            return None;
        }
    }))
}

/// A value; an error about it is told and leaves none.
fn told<T>(value: Result<T, Wrong>, place: impl std::fmt::Display, findings: &mut Findings) -> Option<T> {
    value.map_err(|wrong| findings.error(place, wrong)).ok()
}

fn first_of(line: &Line, columns: [Column; 2]) -> &str {
    columns.into_iter().map(|column| line.text(column)).find(|text| !text.is_empty()).unwrap_or_default()
}

fn territories(line: &Line, findings: &mut Findings) -> Option<Territories> {
    // A formula that points at an empty cell leaves 0.
    let is_empty = matches!(line.text(Column::Territory), "" | "0");
    let referred = is_empty && !line.text(Column::ReferredTerritory).is_empty();
    let (from, except) = match referred {
        true => (Column::ReferredTerritory, Column::ReferredExcluded),
        false => (Column::Territory, Column::Excluded),
    };
    if referred {
        let says = "no territory; that of the avail which it refers to is taken";
        findings.warn(line.place_of(Column::Territory), Wrong::new(says, ""));
    } else if line.text(from).is_empty() {
        let remedy = "Write a code of ISO 3166-1 such as VN, or ZZ for the world";
        findings.error(line.place_of(Column::Territory), Wrong::new("no territory", remedy));
        return None;
    }
    let before = findings.errors;
    let (included, excluded) = (codes(line, from, findings), codes(line, except, findings));
    if findings.errors > before {
        return None;
    }
    let excluded: Vec<Territory> = excluded.into_iter().flatten().collect();
    if included.contains(&None) {
        return Some(Territories::world(excluded));
    }
    let some = included.into_iter().flatten();
    told(Territories::new(some, excluded).map_err(Wrong::from), line.place_of(from), findings)
}

/// The territories of a column; none stands for the world.
fn codes(line: &Line, column: Column, findings: &mut Findings) -> Vec<Option<Territory>> {
    let mut codes = Vec::new();
    for (text, value) in line.each(column) {
        let code = text.to_ascii_uppercase();
        let country = code.split_once('-').map_or(code.as_str(), |(country, _)| country);
        if code == "ZZ" {
            codes.push(None);
        } else if country.len() < code.len() && matches!(column, Column::Excluded | Column::ReferredExcluded)
        {
            // What is finer than a country is left out with the whole of it.
            findings.warn(value, Wrong::new(format!("{} is excluded whole", shown(country)), ""));
            codes.extend(told(Territory::parse(country).map(Some).map_err(Wrong::from), value, findings));
        } else if country.len() < code.len() {
            let says = format!("{} is a part of a country, and Phim knows countries", shown(text));
            findings.error(value, Wrong::new(says, "Enter the window by hand for what may be offered"));
        } else {
            codes.extend(told(Territory::parse(&code).map(Some).map_err(Wrong::from), value, findings));
        }
    }
    codes
}

fn licence<'a>(line: &'a Line, findings: &mut Findings) -> Option<&'a str> {
    let word = first_of(line, [Column::LicenseType, Column::ReferredLicense]);
    if word.is_empty() {
        let remedy = format!("Write one of {}", LICENCES.join(", "));
        findings.error(line.place_of(Column::LicenseType), Wrong::new("no licence", remedy));
        return None;
    }
    if !LICENCES.contains(&word) {
        let says = format!("{} is a licence that MovieLabs does not name", shown(word));
        findings.warn(line.place_of(Column::LicenseType), Wrong::new(says, ""));
    }
    Some(word)
}

fn start(line: &Line, findings: &mut Findings) -> Option<Moment> {
    let Some(value) = line.get(Column::Start).filter(|value| !value.text.is_empty()) else {
        let remedy = "Write the day on which it opens, such as 2026-12-24";
        findings.error(line.place_of(Column::Start), Wrong::new("no start", remedy));
        return None;
    };
    let lag = lag(line, Column::StartLag, findings)?;
    told(date::moment(&value.text, Side::Start, lag), value, findings)
}

/// The end, and until when it may be put off at most.
fn end(line: &Line, findings: &mut Findings) -> Option<(End, Option<Moment>)> {
    let stated = line.get(Column::End).filter(|value| !value.text.is_empty());
    let lag = lag(line, Column::EndLag, findings)?;
    let stated = match stated {
        Some(value) => Some(told(date::end(&value.text, lag), value, findings)?),
        None => None,
    };
    let Some(length) = line.get(Column::Duration).filter(|value| !value.text.is_empty()) else {
        if stated.is_none() {
            let remedy = "Write the last day, or Open";
            findings.error(line.place_of(Column::End), Wrong::new("no end", remedy));
        }
        return stated.map(|end| (end, None));
    };
    let length = told(Lag::read(&length.text).map_err(Wrong::from), length, findings)?;
    let until = match stated {
        Some(End::At(moment)) => Some(moment),
        _ => None,
    };
    Some((End::After(length), until))
}

fn lag(line: &Line, column: Column, findings: &mut Findings) -> Option<Lag> {
    match line.get(column).filter(|value| !value.text.is_empty()) {
        Some(value) => told(Lag::read(&value.text).map_err(Wrong::from), value, findings),
        None => Some(Lag::NONE),
    }
}

fn languages(line: &Line, findings: &mut Findings) -> Languages {
    let mut of = |column| -> Vec<Spoken> {
        let read = line.each(column).map(|(text, value)| (language::spoken(text), value));
        let read: Vec<_> = read.collect();
        let mut all: Vec<Spoken> =
            read.into_iter().filter_map(|(s, value)| told(s, value, findings)).collect();
        all.sort();
        all.dedup();
        all
    };
    Languages {
        asset: of(Column::AssetLanguage),
        allowed: of(Column::AllowedLanguage),
        held_back: of(Column::HeldBackLanguage),
    }
}

fn flag(line: &Line, column: Column, findings: &mut Findings) -> bool {
    let text = line.text(column).to_ascii_lowercase();
    match text.as_str() {
        "" | "false" | "no" | "n" | "0" => false,
        "true" | "yes" | "y" | "1" => true,
        _ => {
            let says = format!("{} is neither yes nor no", shown(&text));
            findings.error(line.place_of(column), Wrong::new(says, "Write TRUE or FALSE"));
            false
        }
    }
}
