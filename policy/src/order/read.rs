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

/// An order of an authority, as Phim takes it. Instants are RFC 3339 with an offset, RFC 9557 with a zone
/// in brackets, or local to the territories where all of them share one zone.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Order"))]
#[serde(deny_unknown_fields)]
struct Sent {
    /// Who orders.
    #[cfg_attr(test, schemars(length(min = 1, max = 200)))]
    authority: String,
    /// The number that the order bears. Authority and number together name it: the same order sent
    /// again changes nothing, another text under the same name is refused.
    #[cfg_attr(test, schemars(length(min = 1, max = 100)))]
    number: String,
    /// The day that it bears: year-month-day.
    #[cfg_attr(test, schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$")))]
    date: String,
    /// The provision that it rests on.
    #[cfg_attr(test, schemars(length(min = 1, max = 2000)))]
    legal_basis: String,
    /// The reason that the authority states.
    #[cfg_attr(test, schemars(length(min = 1, max = 5000)))]
    reason: Option<String>,
    /// Which of the territory's clocks it goes by; left out: that of films.
    #[cfg_attr(test, schemars(length(min = 1, max = 100)))]
    route: Option<String>,
    /// ISO 3166-1 alpha-2, in capitals, each once.
    #[cfg_attr(test, schemars(length(min = 1), inner(regex(pattern = "^[A-Z]{2}$"))))]
    territories: Vec<String>,
    work: Work,
    /// What of the work, as the authority wrote it, or as an object that also says how it is understood.
    #[cfg_attr(test, schemars(with = "ScopeForms"))]
    scope: Value,
    operation: Operation,
    /// For `replace` only: what stands in the place.
    card: Option<CardText>,
    /// The places that the order quotes as its grounds. Nothing is done to them for that alone.
    #[cfg_attr(test, schemars(with = "Option<ScopeForms>"))]
    cited: Option<Value>,
    /// When the authority looked: times are read on the version that was live then.
    looked: Option<String>,
    /// From when it binds; left out: from when it is placed.
    start: Option<String>,
    /// Until when it binds; left out: until it is lifted.
    until: Option<String>,
    /// By when it must be done; left out: what the territory's law gives.
    removal_due: Option<String>,
    /// By when the authority must have its report; left out: what the territory's law gives.
    report_due: Option<String>,
    /// Documents that came with it.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 100)))]
    attachments: Vec<Attachment>,
    /// Frames that every range is widened by at each end.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(max = 1000)))]
    margin: u32,
    /// The case that it belongs to; left out: one of its own.
    #[cfg_attr(test, schemars(length(min = 1, max = 350)))]
    case: Option<String>,
}

/// What was written, and at most one of `typed` and `parts`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Scope"))]
#[serde(deny_unknown_fields)]
struct SentScope {
    /// Verbatim, in the authority's language.
    #[cfg_attr(test, schemars(length(min = 1, max = 20000)))]
    written: String,
    /// The same in words that Phim reads, where it cannot read what was written.
    typed: Option<String>,
    /// The same as data.
    parts: Option<Vec<Part>>,
}

/// The forms that a scope is taken in.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum ScopeForms {
    /// For example `S1E18 41:18-41:55, 43:02; S1E19`.
    Written(String),
    Understood(SentScope),
}

/// The JSON schema of what [`Order::read`] takes.
#[cfg(test)]
pub(super) fn schema() -> String {
    let schema = schemars::schema_for!(Sent);
    serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n"
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
    if codes.is_empty() {
        return Err(Error::invalid("none is named")
            .remedy("Name at least one, such as VN")
            .at("territories"));
    }
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
