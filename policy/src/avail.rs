//! Avails: what contracts license, where, when and how (MovieLabs' sense).
//!
//! An avail is named by its licensor and its ALID, names one work, and holds windows. The avails of a
//! title are found by every name that the work has ([`identifier::name`]).
//!
//! Invariants:
//! - A window fails closed: what hangs on an event that nobody has dated is in force nowhere.
//! - A window is in force from its start until just before its end, in each territory by that
//!   territory's own clocks ([`zones`]).
//! - Where a contract is silent, nothing may be edited and playing stops when the window shuts.

use media::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::territory::Territory;

pub mod conflict;
pub mod consent;
pub mod identifier;
pub mod licensed;
pub mod moment;
pub mod territories;
pub mod zones;

pub use conflict::{Conflict, Rule as ConflictRule};
pub use licensed::{Explained, InForce, Licensed, Why};
pub use moment::{End, Lag, Moment};
pub use territories::Territories;
pub use zones::Side;

/// Windows of one avail at most.
pub const MAX_WINDOWS: usize = 2_000;
/// Names, parents or bundled ALIDs of one avail at most.
pub const MAX_NAMES: usize = 200;
/// Bytes of a name, a word or a place at most.
pub const MAX_TEXT: usize = 300;

/// What one licensor makes available of one work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Avail {
    pub id: AvailId,
    /// Every name of the work: content id, EIDRs, or a title id of the house. Sorted, each once.
    pub names: Vec<String>,
    /// Names of the season, series or volume that holds it: what is licensed of those covers it too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<String>,
    /// ALIDs that a bundle holds: its windows cover them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bundle: Vec<String>,
    pub windows: Vec<Window>,
}

/// Names an avail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AvailId {
    pub licensor: String,
    pub alid: String,
}

/// One window: what may be done with the work, where and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub territories: Territories,
    pub start: Moment,
    pub end: End,
    /// It shuts then at the latest, where its end hangs on something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_end: Option<Moment>,
    /// How it may be offered, as MovieLabs writes it: EST, VOD, SVOD, POEST…
    pub licence: String,
    /// SD, HD, UHD, 3D…; empty: in any.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub format: String,
    #[serde(default, skip_serializing_if = "Languages::is_silent")]
    pub languages: Languages,
    /// Nobody else may offer it there meanwhile.
    #[serde(default, skip_serializing_if = "is_false")]
    pub exclusive: bool,
    /// To whom it is licensed; empty: to the house.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub licensee: String,
    /// The licensor's name of this window (AvailID, TransactionID); may be empty, may be used twice.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub transaction: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contract: String,
    #[serde(default, skip_serializing_if = "Dealing::is_silent")]
    pub dealing: Dealing,
    /// Where it stands in its document: `AllAvails row 4`, `line 41`; empty when entered by hand.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
}

/// Languages that a window speaks of; all are allowed where it names none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Languages {
    /// The language of the asset that the window is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asset: Vec<Spoken>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<Spoken>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_back: Vec<Spoken>,
}

/// A language as sound, as text, or as both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spoken {
    /// BCP 47, in its usual case.
    pub language: String,
    #[serde(default, skip_serializing_if = "Heard::is_any")]
    pub heard: Heard,
}

/// Whether a language is meant as sound or as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heard {
    #[default]
    Any,
    Audio,
    Subtitle,
    Dub,
    SubtitleAndDub,
}

/// What the contract says about the house's own acts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dealing {
    #[serde(default)]
    pub expiry: Expiry,
    #[serde(default)]
    pub may_edit: MayEdit,
    /// Whom to tell of an edit: an opaque id or an office, not a person.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tell: String,
    /// So long before the edit plays; a negative length: so long after it at the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tell_before: Option<TellBefore>,
}

/// A length of time, as ISO 8601.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TellBefore(pub Lag);

/// What becomes of those who are watching when the window shuts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expiry {
    #[default]
    Stop,
    /// Whoever began may see it to its end.
    Finish,
}

/// What may be edited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MayEdit {
    #[default]
    Nothing,
    /// Only with the licensor's recorded consent ([`consent`]).
    WithConsent,
    /// What an authority orders, and nothing else.
    OnOrder,
    /// Anything, once the licensor was told ([`consent`]).
    WithNotice,
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl Languages {
    fn is_silent(&self) -> bool {
        *self == Languages::default()
    }
}

impl Heard {
    fn is_any(&self) -> bool {
        *self == Heard::Any
    }
    /// Whether both can mean one thing.
    pub(crate) fn meets(self, other: Heard) -> bool {
        let sound = |h| matches!(h, Heard::Any | Heard::Audio | Heard::Dub | Heard::SubtitleAndDub);
        let text = |h| matches!(h, Heard::Any | Heard::Subtitle | Heard::SubtitleAndDub);
        (sound(self) && sound(other)) || (text(self) && text(other))
    }
}

impl Dealing {
    fn is_silent(&self) -> bool {
        *self == Dealing::default()
    }
}

impl TryFrom<String> for TellBefore {
    type Error = Error;
    fn try_from(text: String) -> Result<TellBefore> {
        Lag::read(&text).map(TellBefore)
    }
}

impl From<TellBefore> for String {
    fn from(lag: TellBefore) -> String {
        lag.0.to_string()
    }
}

impl AvailId {
    pub fn new(licensor: &str, alid: &str) -> AvailId {
        AvailId { licensor: licensor.into(), alid: alid.into() }
    }
    fn check(&self) -> Result<()> {
        text("licensor", &self.licensor, 0)?;
        text("alid", &self.alid, 1)
    }
}

impl std::fmt::Display for AvailId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.licensor.as_str() {
            "" => f.write_str(&self.alid),
            licensor => write!(f, "{} of {licensor}", self.alid),
        }
    }
}

impl Avail {
    /// Whether it keeps every limit and invariant of this file.
    pub fn check(&self) -> Result<()> {
        self.id.check()?;
        check_names("names", &self.names)?;
        check_names("parents", &self.parents)?;
        check_names("bundle", &self.bundle)?;
        if self.names.is_empty() {
            return Err(Error::invalid("an avail of no work").remedy("Name the work"));
        }
        if self.windows.is_empty() || self.windows.len() > MAX_WINDOWS {
            let windows = self.windows.len();
            return Err(Error::invalid(format!("{windows} windows; expected 1 to {MAX_WINDOWS}")));
        }
        self.windows
            .iter()
            .enumerate()
            .try_for_each(|(n, w)| w.check().map_err(|e| e.at(format!("windows[{n}]"))))
    }

    /// From when until before when a window of this avail is open in a territory; the end is none while
    /// it is open. Fails with the event that nobody has dated.
    pub fn times(&self, window: &Window, territory: Territory) -> std::result::Result<Times, Undated> {
        let open = self.opening(&window.start, territory, Side::Start)?;
        let end = match &window.end {
            End::Open => None,
            End::At(moment) => Some(self.opening(moment, territory, Side::End)?),
            End::After(lag) => {
                let shut = window.start.later(*lag).ok_or_else(|| Undated(window.end.to_string()))?;
                Some(self.opening(&shut, territory, Side::End)?)
            }
        };
        let latest = window.latest_end.as_ref().map(|m| self.opening(m, territory, Side::End)).transpose()?;
        Ok(Times { open, end: [end, latest].into_iter().flatten().min() })
    }

    fn opening(
        &self,
        moment: &Moment,
        territory: Territory,
        side: Side,
    ) -> std::result::Result<jiff::Timestamp, Undated> {
        let undated = || Undated(moment.to_string());
        let Moment::Event { event, lag } = moment else {
            return moment.reached(territory, side).ok_or_else(undated);
        };
        let licence = event.strip_suffix("Start").ok_or_else(undated)?;
        let starts =
            self.windows.iter().filter(|w| w.licence == licence && w.territories.contains(territory));
        let start = |w: &Window| w.start.later(*lag)?.reached(territory, side);
        starts
            .filter(|w| !matches!(w.start, Moment::Event { .. }))
            .filter_map(start)
            .min()
            .ok_or_else(undated)
    }
}

/// When a window is open in one territory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Times {
    pub open: jiff::Timestamp,
    /// It is shut from then on; none: nobody has said.
    pub end: Option<jiff::Timestamp>,
}

/// The event on which a window hangs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undated(pub String);

impl Times {
    pub fn contains(&self, now: jiff::Timestamp) -> bool {
        self.open <= now && self.end.is_none_or(|end| now < end)
    }
    pub fn overlap(&self, other: &Times) -> bool {
        self.end.is_none_or(|end| other.open < end) && other.end.is_none_or(|end| self.open < end)
    }
    /// Whether the other lies within this.
    pub fn covers(&self, other: &Times) -> bool {
        self.open <= other.open
            && match (self.end, other.end) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(a), Some(b)) => b <= a,
            }
    }
}

impl Window {
    pub fn check(&self) -> Result<()> {
        let words = [
            ("licence", &self.licence, 1),
            ("format", &self.format, 0),
            ("licensee", &self.licensee, 0),
            ("transaction", &self.transaction, 0),
            ("contract", &self.contract, 0),
            ("place", &self.place, 0),
            ("tell", &self.dealing.tell, 0),
        ];
        words.into_iter().try_for_each(|(member, value, least)| text(member, value, least))?;
        let languages = &self.languages;
        let all = languages.asset.iter().chain(&languages.allowed).chain(&languages.held_back);
        all.clone().try_for_each(|spoken| text("language", &spoken.language, 1))?;
        if all.count() > MAX_NAMES {
            return Err(Error::unsupported(format!("more than {MAX_NAMES} languages")));
        }
        if self.is_empty() {
            return Err(Error::invalid(format!(
                "it shuts at {} before it opens at {}",
                self.end, self.start
            ))
            .remedy("Exchange the two, or correct the year"));
        }
        Ok(())
    }

    /// Whether it shuts before it opens, as far as that is known without a territory.
    pub fn is_empty(&self) -> bool {
        match (&self.start, &self.end) {
            (Moment::Local(start), End::At(Moment::Local(end))) => end <= start,
            (Moment::Instant(start), End::At(Moment::Instant(end))) => end <= start,
            (_, End::After(lag)) => lag.is_negative() || lag.is_none(),
            _ => false,
        }
    }
}

/// Whether names are sorted, each once, and within the limits.
pub(crate) fn check_names(member: &str, names: &[String]) -> Result<()> {
    if names.len() > MAX_NAMES {
        return Err(Error::unsupported(format!("{} {member}; at most {MAX_NAMES}", names.len())));
    }
    if !names.is_sorted_by(|a, b| a < b) {
        return Err(Error::invalid(format!("{member} that are not sorted, each once")));
    }
    names.iter().try_for_each(|name| text(member, name, 1))
}

/// What one decision may enter: avails of different names.
pub(crate) fn check_entered(avails: &[Avail]) -> Result<()> {
    let ids: Vec<AvailId> = avails.iter().map(|avail| avail.id.clone()).collect();
    check_named(&ids)?;
    avails.iter().try_for_each(|avail| avail.check().map_err(|e| e.at(avail.id.to_string())))
}

/// What one decision may remove: each once.
pub(crate) fn check_named(avails: &[AvailId]) -> Result<()> {
    if avails.is_empty() {
        return Err(Error::invalid("no avail").at("avails"));
    }
    let mut seen = std::collections::BTreeSet::new();
    match avails.iter().find(|id| !seen.insert(*id)) {
        Some(twice) => Err(Error::invalid(format!("{twice} stands twice in one decision")).at("avails")),
        None => avails.iter().try_for_each(AvailId::check),
    }
}

fn text(member: &str, value: &str, least: usize) -> Result<()> {
    if (least..=MAX_TEXT).contains(&value.len()) && !value.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "{} bytes of text; expected {least} to {MAX_TEXT} without control characters",
        value.len()
    ))
    .at(member))
}

#[cfg(test)]
mod tests;
