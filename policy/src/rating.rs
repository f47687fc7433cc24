//! Classification as records: what a film shows, what raters vote and decide, what a regulator says.
//!
//! Invariants:
//! - A label, a certificate and a notification are about one composition, by its digest. What another
//!   composition of the title changed is recorded as a value, so that nobody here has to guess it.
//! - Marks stand on the source timeline of the film's own media, so they hold for every composition of it.
//! - Raters are opaque ids of staff; notes, reasons and letters are commitments.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use media::{Digest, Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::criteria::{Manner, Mark};
use crate::decision::{Sealed, check_title};
use crate::pack::duty::{Change, Kind};
use crate::territory::Territory;
use crate::text;

/// Marks in one record, titles in one notification, and descriptors of one label, at most.
pub const MAX_MARKS: usize = 100;
pub const MAX_NOTIFIED: usize = 200;
pub const MAX_DESCRIPTORS: usize = 20;
/// Characters of a label, a descriptor, a certificate number or an authority at most.
pub const MAX_NAME: usize = 200;
/// How many raters a council has at least.
pub const COUNCIL: usize = 2;

/// Names a mark by what it says: the first 8 bytes of a digest, as 16 hexadecimal digits. The same said
/// again of the same place is the same mark.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MarkId(String);

/// Frames of a title's own media, end-exclusive, on its source timeline in edit units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frames {
    #[serde(with = "text::digest")]
    pub source: Digest,
    pub from: u32,
    pub to: u32,
}

/// What somebody who watched noted of a scene, or of the whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marked {
    /// None: of the title as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene: Option<Frames>,
    pub mark: Mark,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Sealed>,
}

/// Marks on a title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenesMarked {
    pub title: String,
    /// Where they count; none: everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<Territory>,
    pub marks: Vec<Marked>,
}

/// A label for one composition of a title in one territory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    pub title: String,
    pub territory: Territory,
    #[serde(with = "text::digest")]
    pub composition: Digest,
    /// As the pack spells it.
    pub label: String,
    /// Codes of the pack's descriptors, those that drove the label first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descriptors: Vec<String>,
}

/// What one rater would give. A later vote of the same rater stands in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelVoted {
    pub given: Given,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Sealed>,
}

/// The house's own label. Whoever decides it is `by` of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelDecided {
    pub given: Given,
    /// What kind of work it is: the pack says of which kinds a house may give labels.
    pub work: Kind,
    /// By which of the pack's ways: `council`, `software`…
    pub how: String,
    /// Marks that this composition does not show, because an edit took them away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<MarkId>,
    /// Other titles whose film it shows, and whose marks count with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<String>,
    /// Needed where a vote says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Sealed>,
}

/// The regulator's label. It overrides the house's from its date on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelOfRegulator {
    pub given: Given,
    pub work: Kind,
    pub authority: String,
    /// Of the certificate or decision.
    pub number: String,
    /// The first day on which it holds, where the territory is.
    pub date: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<Sealed>,
}

/// A label no longer holds. A label of the house that it stood over does not come back by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelRevoked {
    pub title: String,
    pub territory: Territory,
    #[serde(with = "text::digest")]
    pub composition: Digest,
    /// The number of the regulator's certificate; none: the house's own label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    pub reason: Sealed,
}

/// One composition of a title was made from another by these changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositionChanged {
    pub title: String,
    #[serde(with = "text::digest")]
    pub composition: Digest,
    #[serde(with = "text::digest")]
    pub from: Digest,
    /// Each kind once, in their order. Never empty.
    pub changes: Vec<Change>,
}

/// An authority was told of titles and their labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TitlesNotified {
    pub territory: Territory,
    /// Whom, as the pack names it: `MCST`.
    pub to: String,
    pub sent: Timestamp,
    /// The list as it was sent.
    pub list: Sealed,
    /// Under which it was received; none: nobody gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    pub titles: Vec<Notified>,
}

/// One line of such a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notified {
    pub title: String,
    #[serde(with = "text::digest")]
    pub composition: Digest,
    pub label: String,
}

impl MarkId {
    /// Fails on what is not 16 hexadecimal digits.
    pub fn parse(text: &str) -> Result<MarkId> {
        let fits = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == 16 && text.bytes().all(fits) {
            return Ok(MarkId(text.into()));
        }
        Err(Error::invalid("not the id of a mark").remedy("phim classify show lists the marks of a title"))
    }
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MarkId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for MarkId {
    type Error = Error;
    fn try_from(text: String) -> Result<MarkId> {
        MarkId::parse(&text)
    }
}

impl From<MarkId> for String {
    fn from(id: MarkId) -> String {
        id.0
    }
}

impl Marked {
    /// Its id among the marks of a title. The note does not count: it says the same in other words.
    pub fn id(&self, title: &str, territory: Option<Territory>) -> MarkId {
        let mut manner: Vec<Manner> = self.mark.manner.clone();
        manner.sort();
        let (descriptor, strength) = (&self.mark.descriptor, self.mark.strength);
        let said = json!([title, territory, self.scene, descriptor, strength, manner]).to_string();
        MarkId(Digest::of(said.as_bytes()).to_string().chars().take(16).collect())
    }

    fn check(&self) -> Result<()> {
        if let Some(scene) = self.scene
            && scene.from >= scene.to
        {
            return Err(Error::invalid(format!("frames {} to {} are none", scene.from, scene.to)));
        }
        if self.mark.manner.len() > 10 {
            return Err(Error::unsupported(format!("{} manners of one mark", self.mark.manner.len())));
        }
        check_name("descriptor", &self.mark.descriptor)
    }
}

impl ScenesMarked {
    pub(crate) fn check(&self) -> Result<()> {
        check_title(&self.title)?;
        check_count("marks", self.marks.len(), 1, MAX_MARKS)?;
        self.marks
            .iter()
            .enumerate()
            .try_for_each(|(n, m)| m.check().map_err(|e| e.at(format!("marks[{n}]"))))
    }
}

impl Given {
    fn check(&self) -> Result<()> {
        check_title(&self.title)?;
        check_name("label", &self.label)?;
        check_count("descriptors", self.descriptors.len(), 0, MAX_DESCRIPTORS)?;
        self.descriptors.iter().try_for_each(|descriptor| check_name("descriptors", descriptor))
    }
}

impl LabelVoted {
    pub(crate) fn check(&self) -> Result<()> {
        self.given.check()
    }
}

impl LabelDecided {
    pub(crate) fn check(&self) -> Result<()> {
        self.given.check()?;
        check_name("how", &self.how)?;
        check_count("without", self.without.len(), 0, 1_000)?;
        check_count("shows", self.shows.len(), 0, 100)?;
        self.shows.iter().try_for_each(|title| check_title(title))
    }
}

impl LabelOfRegulator {
    pub(crate) fn check(&self) -> Result<()> {
        self.given.check()?;
        check_name("authority", &self.authority)?;
        check_name("number", &self.number)
    }
}

impl LabelRevoked {
    pub(crate) fn check(&self) -> Result<()> {
        check_title(&self.title)?;
        self.number.as_ref().map_or(Ok(()), |number| check_name("number", number))
    }
}

impl CompositionChanged {
    pub(crate) fn check(&self) -> Result<()> {
        check_title(&self.title)?;
        if self.changes.is_empty() || !self.changes.is_sorted_by(|a, b| a < b) {
            return Err(Error::invalid("expected each kind of change once, in their order").at("changes"));
        }
        if self.composition == self.from {
            return Err(Error::invalid("a composition is not made from itself").at("from"));
        }
        Ok(())
    }
}

impl TitlesNotified {
    pub(crate) fn check(&self) -> Result<()> {
        check_name("to", &self.to)?;
        self.receipt.as_ref().map_or(Ok(()), |receipt| check_name("receipt", receipt))?;
        check_count("titles", self.titles.len(), 1, MAX_NOTIFIED)?;
        self.titles.iter().try_for_each(|line| {
            check_title(&line.title)?;
            check_name("label", &line.label)
        })
    }
}

fn check_name(field: &str, text: &str) -> Result<()> {
    let count = text.chars().count();
    if (1..=MAX_NAME).contains(&count) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::invalid(format!("expected 1 to {MAX_NAME} characters")).at(field))
}

fn check_count(field: &str, count: usize, least: usize, most: usize) -> Result<()> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    Err(Error::unsupported(format!("{count} entries; expected {least} to {most}")).at(field))
}

#[cfg(test)]
mod tests;
