//! The statement of reasons for an order, in the form of the EU's DSA transparency database.
//!
//! Source: Regulation (EU) 2022/2065, Articles 17 and 24(5); the fields, codes and limits are those of
//! the database's API documentation for submissions from 1 July 2025. The database takes statements
//! for territories of the European Economic Area only; elsewhere the form is used because it is the one
//! that is public and machine-readable.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use media::{Digest, Error, Result};
use serde::Serialize;

use crate::order::Operation;
use crate::scope::Scope;
use crate::state::Standing;

/// A statement, with the names that the database uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    pub decision_visibility: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_visibility_other: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date_visibility_restriction: Option<Date>,
    pub decision_ground: &'static str,
    pub illegal_content_legal_ground: String,
    pub illegal_content_explanation: String,
    pub content_type: Vec<&'static str>,
    pub category: Category,
    pub territorial_scope: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    pub content_date: Date,
    pub application_date: Date,
    pub decision_facts: String,
    pub source_type: &'static str,
    pub source_identity: String,
    pub automated_detection: &'static str,
    pub automated_decision: &'static str,
    pub puid: String,
}

/// What the content is said to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Category {
    #[serde(rename = "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH")]
    IllegalSpeech,
    #[serde(rename = "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS")]
    CivicDiscourse,
    #[serde(rename = "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS")]
    IntellectualProperty,
    #[serde(rename = "STATEMENT_CATEGORY_PROTECTION_OF_MINORS")]
    ProtectionOfMinors,
    #[serde(rename = "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY")]
    PublicSecurity,
    #[serde(rename = "STATEMENT_CATEGORY_VIOLENCE")]
    Violence,
    /// The order names none of the database's categories.
    #[default]
    #[serde(rename = "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE")]
    NotSpecified,
}

/// What the order itself does not say of the title.
pub struct About<'a> {
    /// The title's id and its name.
    pub title: &'a str,
    pub name: &'a str,
    /// When it was first offered.
    pub published: Date,
    /// BCP 47.
    pub language: Option<&'a str>,
    pub category: Category,
}

/// The European Economic Area.
const EEA: &str = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO";

/// The statement for what an order does to one title.
pub fn statement(standing: &Standing, about: &About) -> Statement {
    let order = &standing.order;
    let day = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).date();
    let (visibility, other) = visibility(order.operation, &order.scope);
    let reason = order.reason.as_deref().unwrap_or("The order states no reason beyond its legal basis.");
    let facts = format!(
        "Order {} of {} by {} was placed on {}. It concerns {} ({}), as the authority wrote: {}. {}",
        order.number,
        order.date,
        order.authority,
        day(standing.placed_at),
        about.name,
        about.title,
        order.scope.written,
        order.cited.as_ref().map_or(String::new(), |cited| format!("Places quoted: {}.", cited.written)),
    );
    Statement {
        decision_visibility: vec![visibility],
        decision_visibility_other: other.map(|text| limited(&text, 500)),
        end_date_visibility_restriction: standing.lifted_at.or(order.until).map(day),
        decision_ground: "DECISION_GROUND_ILLEGAL_CONTENT",
        illegal_content_legal_ground: limited(&order.legal_basis, 500),
        illegal_content_explanation: limited(reason, 2_000),
        content_type: content_type(order.operation),
        category: about.category,
        territorial_scope: order.territories.iter().map(|t| t.code().to_string()).collect(),
        content_language: about.language.and_then(two_letters),
        content_date: about.published,
        application_date: day(standing.start()),
        decision_facts: limited(facts.trim_end(), 5_000),
        source_type: "SOURCE_TYPE_OTHER_NOTIFICATION",
        source_identity: limited(&order.authority, 500),
        automated_detection: "No",
        automated_decision: "AUTOMATED_DECISION_NOT_AUTOMATED",
        puid: puid(standing, about.title),
    }
}

impl Statement {
    /// Fails with what the database would refuse.
    pub fn check_for_submission(&self) -> Result<()> {
        if let Some(outside) = self.territorial_scope.iter().find(|code| !EEA.split(' ').any(|c| c == *code))
        {
            return Err(Error::unsupported(format!("{outside} is not in the European Economic Area"))
                .remedy("The EU's database takes no statement for it; keep it with the evidence")
                .at("territorial_scope"));
        }
        let after = |date: Date, year: i16| date.year() >= year;
        if !after(self.content_date, 2000) || !after(self.application_date, 2020) {
            return Err(Error::invalid("the database takes content from 2000 and decisions from 2020 on"));
        }
        Ok(())
    }
}

fn visibility(operation: Operation, scope: &Scope) -> (&'static str, Option<String>) {
    let whole = crate::state::leaves_nothing(operation) && !scope.has_ranges();
    if whole {
        return ("DECISION_VISIBILITY_CONTENT_DISABLED", None);
    }
    let done = match operation {
        Operation::Withdraw | Operation::Cut => "Scenes are cut",
        Operation::Replace => "Scenes are replaced by a card",
        Operation::Mask => "A region of the picture is masked",
        Operation::Blur => "A region of the picture is blurred",
        Operation::Mute => "Sound is muted",
        Operation::DropText => "Subtitles are left out",
    };
    ("DECISION_VISIBILITY_OTHER", Some(format!("{done}: {}", scope.written)))
}

fn content_type(operation: Operation) -> Vec<&'static str> {
    match operation {
        Operation::Mute => vec!["CONTENT_TYPE_AUDIO"],
        Operation::DropText => vec!["CONTENT_TYPE_TEXT"],
        _ => vec!["CONTENT_TYPE_VIDEO"],
    }
}

/// The database takes two-letter codes in capitals.
fn two_letters(tag: &str) -> Option<String> {
    let primary = tag.split('-').next()?;
    (primary.len() == 2).then(|| primary.to_ascii_uppercase())
}

/// Unique for order and title, and the same whenever it is asked for.
fn puid(standing: &Standing, title: &str) -> String {
    let id = standing.order.id();
    let name = format!("{}\n{}\n{title}", id.authority, id.number);
    format!("phim-{}", &Digest::of(name.as_bytes()).to_string()[..32])
}

fn limited(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
