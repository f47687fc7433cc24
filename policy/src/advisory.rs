//! Advisories: where, when and how long a label and its warnings must be shown.
//!
//! A pack says it in a `Display`; a `Showing` is what that comes to for one film: the seconds on its
//! timeline, the place on the picture, the words.

use serde::{Deserialize, Serialize};

use crate::label::{Descriptor, Label, Names};

/// How a territory wants a label or warnings shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Display {
    pub shows: Vec<Shown>,
    pub place: Place,
    pub when: When,
    /// Labels for which it is not asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// How long each time, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_seconds: Option<u16>,
    /// How many seconds into the film it must have begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_seconds: Option<u16>,
    /// How often in the course of the film; once where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<Times>,
    /// The diagonal of its box as a share of the screen's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_diagonal: Option<Share>,
    /// How many descriptors at most: those that drove the label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_descriptors: Option<u8>,
    /// Words around it by language; `{label}`, `{name}` and `{descriptors}` are filled in.
    pub text: Names,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    Label,
    Descriptors,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The page on which a viewer chooses.
    Catalogue,
    /// The top left or top right corner of the picture, over no logo and no other symbol.
    TopCorner,
    /// In the picture, right below the label's symbol.
    BelowLabel,
    /// A box on the first picture that is shown.
    FirstScreen,
    /// Anywhere that a viewer sees: no source says more.
    Anywhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Before the viewer chooses.
    BeforeChoice,
    /// When the film was chosen, before its first frame.
    BeforeFilm,
    /// With the first frame.
    AtStart,
    /// From the first frame to the last.
    WholeFilm,
    /// In the course of the film.
    DuringFilm,
}

/// How often, for films of some length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// Films of at least so many minutes; shorter ones show it once.
    pub from_minutes: u16,
    pub at_least: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u8>,
}

/// A part of a whole, written `1/20`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Share {
    pub part: u16,
    pub whole: u16,
}

impl TryFrom<String> for Share {
    type Error = media::Error;
    fn try_from(text: String) -> media::Result<Share> {
        let number = |text: &str| text.parse::<u16>().ok().filter(|n| (1..=1000).contains(n));
        let share = text.split_once('/').and_then(|(part, whole)| Some((number(part)?, number(whole)?)));
        share.filter(|(part, whole)| part <= whole).map(|(part, whole)| Share { part, whole }).ok_or_else(
            || media::Error::invalid(format!("{text:?} is not a share")).remedy("Write it as \"1/20\""),
        )
    }
}

impl From<Share> for String {
    fn from(share: Share) -> String {
        format!("{}/{}", share.part, share.whole)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Share {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Share".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^\\d{1,4}/\\d{1,4}$" })
    }
}

/// What one rule comes to for one film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Showing {
    /// The rule that asks for it.
    pub rule: String,
    pub shows: Vec<Shown>,
    pub place: Place,
    pub when: When,
    /// Milliseconds on the film's timeline, in order. Empty where it is shown before the film.
    pub spans: Vec<Span>,
    /// How long it stands before the film, in milliseconds; 0 where it is not shown then.
    pub before: u64,
    /// Until when the first must have begun and how often it may be shown, to check what was shown by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_seconds: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u8>,
    pub label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// Codes of the descriptors that are shown, those that drove the label first.
    pub descriptors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_diagonal: Option<Share>,
    pub text: Names,
}

/// Milliseconds on a film's timeline, the end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    pub from: u64,
    pub to: u64,
}

/// What is shown: a label, and why it was given, what drove it first.
pub struct Rated<'a> {
    pub label: &'a Label,
    pub descriptors: Vec<&'a Descriptor>,
}

impl Display {
    /// What must be shown for a film of `length` milliseconds; none where it is not asked.
    pub fn showing(&self, rule: &str, rated: &Rated, length: u64) -> Option<Showing> {
        let without_reason = !self.shows.contains(&Shown::Label) && rated.descriptors.is_empty();
        if self.except.contains(&rated.label.code) || without_reason {
            return None;
        }
        let shown = self.descriptors(rated);
        Some(Showing {
            rule: rule.into(),
            shows: self.shows.clone(),
            place: self.place,
            when: self.when,
            spans: self.spans(length),
            before: if self.when == When::BeforeFilm { self.each() } else { 0 },
            within_seconds: self.within_seconds,
            at_most: self.times_of(length).and_then(|t| t.at_most),
            label: rated.label.code.clone(),
            colour: rated.label.colour.clone(),
            text: self
                .text
                .iter()
                .map(|(tag, text)| (tag.clone(), fill(text, tag, rated.label, &shown)))
                .collect(),
            descriptors: shown.iter().map(|d| d.code.clone()).collect(),
            min_diagonal: self.min_diagonal,
        })
    }

    fn descriptors<'a>(&self, rated: &Rated<'a>) -> Vec<&'a Descriptor> {
        let most = if self.shows.contains(&Shown::Descriptors) {
            self.max_descriptors.unwrap_or(u8::MAX)
        } else {
            0
        };
        rated.descriptors.iter().take(most.into()).copied().collect()
    }

    /// How long each time, in milliseconds.
    fn each(&self) -> u64 {
        u64::from(self.min_seconds.unwrap_or(0)) * 1000
    }

    fn times_of(&self, length: u64) -> Option<Times> {
        self.times.filter(|times| length >= u64::from(times.from_minutes) * 60_000)
    }

    fn spans(&self, length: u64) -> Vec<Span> {
        let short = |from: u64| Span { from, to: length.min(from + self.each()) };
        match self.when {
            When::BeforeChoice | When::BeforeFilm => Vec::new(),
            When::WholeFilm => vec![Span { from: 0, to: length }],
            When::AtStart => vec![short(0)],
            // The first with the first frame, which keeps every reading of "within so many seconds"; the
            // others as far from one another as they can be.
            When::DuringFilm => {
                let times = self.times_of(length).map_or(1, |t| u64::from(t.at_least.max(1)));
                (0..times).map(|n| short(length / times * n)).collect()
            }
        }
    }
}

fn fill(text: &str, language: &str, label: &Label, descriptors: &[&Descriptor]) -> String {
    let names: Vec<&str> = descriptors.iter().map(|d| crate::label::name(&d.names, language)).collect();
    text.replace("{label}", &label.code)
        .replace("{name}", label.name(language))
        .replace("{descriptors}", &names.join(", "))
}

#[cfg(test)]
mod tests;
