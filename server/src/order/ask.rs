//! An order as the options of the command line give it, turned into the JSON that all others send.

use composition::position::parse_range;
use media::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::house::{Snapshot, WHOLE};

/// Options that stand for an order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ask {
    pub title: String,
    pub territories: Vec<String>,
    pub authority: String,
    pub number: String,
    pub date: Option<String>,
    pub basis: Option<String>,
    pub reason: Option<String>,
    pub route: Option<String>,
    /// As the authority wrote it.
    pub scope: Option<String>,
    /// `withdraw`, `cut`, `blur`, `mask`, `mute`, `drop-text` or `replace`.
    pub operation: String,
    /// `FROM-TO` or `FROM-TO@X,Y,W,H`, end-exclusive.
    pub ranges: Vec<String>,
    /// `LANG=TEXT`.
    pub card: Vec<String>,
    pub cited: Option<String>,
    pub looked: Option<String>,
    pub start: Option<String>,
    pub until: Option<String>,
    pub due: Option<String>,
    pub report_due: Option<String>,
    pub margin: u32,
    pub case: Option<String>,
}

impl Ask {
    /// The order as JSON. Fails on a range that cannot be read.
    pub fn json(&self, snapshot: &Snapshot) -> Result<Value> {
        let scope = match (&self.scope, self.ranges.is_empty()) {
            (Some(written), true) => json!(written),
            (None, true) => json!("whole"),
            (None, false) => {
                let ranges =
                    self.ranges.iter().map(|r| self.range(snapshot, r)).collect::<Result<Vec<_>>>()?;
                json!({ "written": self.ranges.join(", "), "parts": [{ "ranges": ranges }] })
            }
            (Some(_), false) => {
                return Err(Error::invalid("the scope is given twice")
                    .remedy("Give --scope as the authority wrote it, or ranges, not both"));
            }
        };
        let mut order = json!({
            "authority": self.authority,
            "number": self.number,
            "date": self.date.clone().unwrap_or_else(today),
            "legal_basis": self.basis.as_deref().unwrap_or("not stated"),
            "territories": self.territories,
            "work": { "title": self.title },
            "scope": scope,
            "operation": self.operation,
            "margin": self.margin,
        });
        let optional = [
            ("reason", &self.reason),
            ("route", &self.route),
            ("cited", &self.cited),
            ("looked", &self.looked),
            ("start", &self.start),
            ("until", &self.until),
            ("removal_due", &self.due),
            ("report_due", &self.report_due),
            ("case", &self.case),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                order[name] = json!(value);
            }
        }
        if !self.card.is_empty() {
            let lines = self.card.iter().map(|line| {
                let (language, text) = crate::version::language_and(line)?;
                Ok(json!({ "language": language, "text": text }))
            });
            order["card"] = json!({ "seconds": 4, "lines": lines.collect::<Result<Vec<_>>>()? });
        }
        Ok(order)
    }

    /// A range with its end excluded, as the range of frames with its end included that it covers.
    fn range(&self, snapshot: &Snapshot, text: &str) -> Result<Value> {
        let row = &snapshot.title(&self.title)?.row;
        // Positions are read on the whole; that ranges reach past the end of what was live is seen later.
        snapshot.version(&self.title, WHOLE)?;
        let (times, area) = text.split_once('@').map_or((text, None), |(times, area)| (times, Some(area)));
        let (from, to) = parse_range(times, row.rate, row.to - row.from)?;
        let path = area.map(read_area).transpose()?.map(|area| vec![area]).unwrap_or_default();
        Ok(json!({ "from": format!("{from}f"), "to": format!("{}f", to - 1), "path": path }))
    }
}

pub fn read_area(text: &str) -> Result<[u16; 4]> {
    let numbers = text.split(',').map(|n| n.trim().parse().ok()).collect::<Option<Vec<u16>>>();
    numbers.and_then(|n| <[u16; 4]>::try_from(n).ok()).ok_or_else(|| {
        Error::invalid(format!("{text:?} is not an area"))
            .remedy("Write X,Y,WIDTH,HEIGHT in thousandths of the picture, e.g. 100,100,250,200")
    })
}

fn today() -> String {
    jiff::Zoned::now().date().to_string()
}
