//! The transparency report: orders, refusals, appeals and how long things took, for each territory.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use media::error::{Error, Result};
use policy::report::transparency;
use policy::{Territory, instant};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::IntoParams;

use crate::house::House;

/// What is to be counted.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Span {
    /// Orders placed from then on: a day (UTC) or an instant; all when left out.
    #[serde(default)]
    pub from: Option<String>,
    /// Orders placed before then; until now when left out.
    #[serde(default)]
    pub to: Option<String>,
    /// ISO 3166-1; every territory that an order names when left out.
    #[serde(default)]
    pub territory: Option<String>,
}

/// Counts. Fails on instants that cannot be read.
pub fn report(house: &House, span: &Span) -> Result<Value> {
    let read = |text: &Option<String>, field: &str, otherwise: Timestamp| {
        text.as_deref().map_or(Ok(otherwise), |text| read(text).map_err(|e| e.at(field)))
    };
    let from = read(&span.from, "from", Timestamp::UNIX_EPOCH)?;
    let to = read(&span.to, "to", Timestamp::now())?;
    if to <= from {
        return Err(Error::invalid(format!("{to} is not after {from}")).at("to"));
    }
    let snapshot = house.snapshot();
    let territories: BTreeSet<Territory> = match &span.territory {
        Some(code) => [Territory::parse(code).map_err(|e| e.at("territory"))?].into(),
        None => snapshot.state.orders().flat_map(|s| s.order.territories.clone()).collect(),
    };
    let mut counted = Map::new();
    for territory in territories {
        let counts = transparency(&snapshot.state, territory, from, to);
        let counts = serde_json::to_value(counts).map_err(|e| Error::internal(e.to_string()))?;
        counted.insert(territory.to_string(), counts);
    }
    Ok(json!({ "from": from, "to": to, "territories": counted }))
}

fn read(text: &str) -> Result<Timestamp> {
    match text.parse::<Date>() {
        Ok(day) if text.len() == 10 => {
            let start = day.to_zoned(TimeZone::UTC).map_err(|e| Error::invalid(e.to_string()))?;
            Ok(start.timestamp())
        }
        _ => instant::read(text, Some("UTC")),
    }
}

/// The report as lines of text.
pub fn print(report: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    println!("Orders placed from {} to before {}", text(&report["from"]), text(&report["to"]));
    for (territory, counts) in report["territories"].as_object().into_iter().flatten() {
        println!("\n{territory}");
        print_counts(counts, 1);
    }
}

fn print_counts(counts: &Value, depth: usize) {
    for (name, value) in counts.as_object().into_iter().flatten() {
        let name = format!("{}{}", "  ".repeat(depth), name.replace('_', " "));
        match value {
            Value::Object(times) if times.contains_key("median") => println!(
                "{name:<24} {} orders: half within {}, nine of ten within {}, all within {} ms",
                times["count"], times["median"], times["most"], times["longest"]
            ),
            Value::Object(_) => {
                println!("{name}");
                print_counts(value, depth + 1);
            }
            other => println!("{name:<24} {other}"),
        }
    }
}
