//! An order read from JSON as a person or a machine sends it.
//!
//! It may be looser than the stored form in three ways: instants in any form that `instant` reads,
//! territories in any order, and a scope given only as it was written.

use media::{Error, Result};
use serde::Deserialize;
use serde_json::Value;

use super::{Attachment, CardText, MAX_JSON, Operation, Order, Work, settled};
use crate::instant;
use crate::pack::Packs;
use crate::scope::{Part, Scope};
use crate::territory::Territory;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    authority: String,
    number: String,
    date: String,
    legal_basis: String,
    reason: Option<String>,
    route: Option<String>,
    territories: Vec<String>,
    work: Work,
    scope: Value,
    operation: Operation,
    card: Option<CardText>,
    cited: Option<Value>,
    looked: Option<String>,
    start: Option<String>,
    until: Option<String>,
    removal_due: Option<String>,
    report_due: Option<String>,
    #[serde(default)]
    attachments: Vec<Attachment>,
    #[serde(default)]
    margin: u32,
    case: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentScope {
    written: String,
    /// The same in the words that Phim reads, where it cannot read what was written.
    typed: Option<String>,
    parts: Option<Vec<Part>>,
}

impl Order {
    /// Reads an order from JSON. Every error names its field and what to do.
    ///
    /// Local times count in the one zone of the order's territories, as the packs know it.
    pub fn read(json: &str, packs: &Packs) -> Result<Order> {
        if json.len() > MAX_JSON {
            return Err(Error::unsupported(format!("an order of {} bytes", json.len()))
                .remedy(format!("Send at most {MAX_JSON} bytes; documents go by their digest")));
        }
        let sent: Sent = parse(&mut serde_json::Deserializer::from_str(json))?;
        let territories = territories(&sent.territories)?;
        let zone = packs.zone(&territories);
        let at = |field: &str, text: &Option<String>| {
            text.as_deref().map(|t| instant::read(t, zone)).transpose().map_err(|e| e.at(field))
        };
        let order = Order {
            authority: settled(&sent.authority),
            number: settled(&sent.number),
            date: date(&sent.date)?,
            legal_basis: sent.legal_basis,
            reason: sent.reason,
            route: sent.route,
            work: sent.work,
            scope: scope(sent.scope).map_err(|e| e.at("scope"))?,
            operation: sent.operation,
            card: sent.card,
            cited: sent.cited.map(scope).transpose().map_err(|e| e.at("cited"))?,
            looked: at("looked", &sent.looked)?,
            start: at("start", &sent.start)?,
            until: at("until", &sent.until)?,
            removal_due: at("removal_due", &sent.removal_due)?,
            report_due: at("report_due", &sent.report_due)?,
            attachments: sent.attachments,
            margin: sent.margin,
            case: sent.case,
            territories,
        };
        order.check()?;
        Ok(order)
    }
}

/// Deserialises with the field's path in the error.
pub(crate) fn parse<'de, T, D>(from: D) -> Result<T>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
    D::Error: std::fmt::Display,
{
    serde_path_to_error::deserialize(from).map_err(|e| {
        let (path, inner) = (e.path().to_string(), e.into_inner().to_string());
        let error = Error::invalid(inner).remedy("docs/ref/orders.md lists the fields and their forms");
        if path == "." { error } else { error.at(path) }
    })
}

fn territories(codes: &[String]) -> Result<Vec<Territory>> {
    let read = |(n, code): (usize, &String)| {
        Territory::parse(code.trim()).map_err(|e| e.at(format!("territories[{n}]")))
    };
    // Checked before sorting, so that twice the same is found as that.
    let mut territories = codes.iter().enumerate().map(read).collect::<Result<Vec<_>>>()?;
    territories.sort_unstable();
    Ok(territories)
}

fn date(text: &str) -> Result<jiff::civil::Date> {
    let well_formed = text.len() == 10;
    text.parse().ok().filter(|_| well_formed).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        Error::invalid(format!("{shown:?} is not a day"))
            .remedy("Write year-month-day, for example 2026-01-03")
            .at("date")
    })
}

fn scope(value: Value) -> Result<Scope> {
    if let Value::String(written) = &value {
        return Scope::read(written);
    }
    let sent: SentScope = parse(value)?;
    match (sent.typed, sent.parts) {
        (None, Some(parts)) => Scope::new(&sent.written, parts),
        (Some(typed), None) => {
            let read = Scope::read(&typed).map_err(|e| e.at("typed"))?;
            Scope::new(&sent.written, read.parts)
        }
        (None, None) => Scope::read(&sent.written).map_err(|e| e.at("written")),
        (Some(_), Some(_)) => {
            Err(Error::invalid("`typed` and `parts` both say what is meant").remedy("Leave one of them out"))
        }
    }
}
