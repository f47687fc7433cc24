//! Decisions as records: what was decided, when, and by whom.
//!
//! A decision goes into a ledger as the four members of its record: `kind`, `version`, `at` in
//! microseconds, and `body`, a JSON object. The ledger gives that its one sequence of bytes.
//!
//! Invariants:
//! - Reading accepts exactly what writing makes: no other member, no other spelling of an instant.
//! - A decision names staff by opaque ids, and letters, reasons and reports by commitments
//!   (SHA-256 of salt and document). So erasing a salt erases the link.

use composition::{Area, Edit, Path};
use jiff::Timestamp;
use media::{Digest, Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::avail::consent::{ConsentGiven, ConsentWithdrawn, NoticeGiven};
use crate::avail::{Avail, AvailId};
use crate::order::{Due, Operation, Order, OrderId};
use crate::rating::{
    CompositionChanged, LabelDecided, LabelOfRegulator, LabelRevoked, LabelVoted, MarkId, ScenesMarked,
    TitlesNotified,
};
use crate::readiness;
use crate::territory::Territory;
use crate::text;

mod act;
mod located;

/// Version of the form of every kind of decision.
pub const DECISION_VERSION: u32 = 1;
/// Bytes of a body at most: a ledger's entry holds no more than 65,535.
pub const MAX_BODY: usize = 60_000;
/// Ranges of source frames in one decision at most.
pub const MAX_RESOLVED: usize = 2_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When it was recorded, in whole microseconds.
    pub at: Timestamp,
    pub by: Staff,
    pub act: Act,
}

/// An opaque id of somebody on the staff, or of the house itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Staff(String);

/// A commitment to a document: SHA-256 of its salt and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(#[serde(with = "text::digest")] pub Digest);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Act {
    /// An order is entered. With `second_person` it waits for one before it binds.
    OrderPlaced {
        order: Box<Order>,
        due: Due,
        second_person: bool,
        #[serde(with = "located")]
        resolved: Vec<Resolved>,
    },
    /// Frames of media that came later, or that the order did not reach before.
    OrderResolved {
        order: OrderId,
        #[serde(with = "located")]
        resolved: Vec<Resolved>,
    },
    /// Another text stands in its place. Acceptances of proposals end: they answered the earlier one.
    OrderAmended {
        order: Box<Order>,
        due: Due,
        #[serde(with = "located")]
        resolved: Vec<Resolved>,
        reason: Sealed,
    },
    /// The same, and it demands more.
    OrderEscalated {
        order: Box<Order>,
        due: Due,
        #[serde(with = "located")]
        resolved: Vec<Resolved>,
        reason: Sealed,
    },
    /// A second person lets it bind; also how a refused order is obeyed after all.
    OrderApproved {
        order: OrderId,
    },
    /// The house does not obey.
    OrderRefused {
        order: OrderId,
        reason: Sealed,
    },
    OrderLifted {
        order: OrderId,
        letter: Option<Sealed>,
        reason: Sealed,
    },
    OrderAppealed {
        order: OrderId,
        letter: Sealed,
    },
    /// What became of the appeal. The order binds on until it is lifted or amended.
    AppealAnswered {
        order: OrderId,
        outcome: Outcome,
        letter: Sealed,
    },
    /// The authority was given its report.
    Reported {
        order: OrderId,
        report: Sealed,
    },

    /// A corrected version of a title is offered.
    ProposalMade {
        order: OrderId,
        proposal: Proposed,
        edits: Vec<Edited>,
    },
    ProposalSent {
        order: OrderId,
        proposal: Proposed,
        letter: Sealed,
    },
    /// The authority accepts it: it opens.
    ProposalAccepted {
        order: OrderId,
        proposal: Proposed,
        letter: Sealed,
    },
    /// The decider opens it without that, by name and with a reason.
    ProposalOverridden {
        order: OrderId,
        proposal: Proposed,
        reason: Sealed,
    },
    /// The authority does not accept it, or no longer: it is closed.
    ProposalRefused {
        order: OrderId,
        proposal: Proposed,
        letter: Sealed,
    },

    /// A case that begins without an order.
    CaseOpened {
        case: String,
        authority: String,
        territories: Vec<Territory>,
    },
    CaseLetter {
        case: String,
        from: Party,
        letter: Sealed,
    },
    /// One side asks the other; the authority, where it is not said.
    CaseQuestion {
        case: String,
        #[serde(default, skip_serializing_if = "Party::is_authority")]
        from: Party,
        question: Sealed,
        due: Option<Timestamp>,
    },
    CaseAnswer {
        case: String,
        question: Sealed,
        answer: Sealed,
    },
    /// The matter is settled. Whatever is entered after that opens it again.
    CaseClosed {
        case: String,
        reason: Sealed,
    },

    /// The house asks an authority for a licence or recognition.
    ApplicationSent(readiness::ApplicationSent),
    ApplicationAnswered(readiness::ApplicationAnswered),

    /// The house begins a trial: where it has declared no territory, orders alone are asked.
    TrialBegan(readiness::TrialBegan),
    TrialEnded {
        reason: Sealed,
    },
    /// From here on the territory's pack judges what the house does there.
    TerritoryDeclared(readiness::Declared),
    TerritoryOpened(readiness::Opened),
    TerritoryClosed(readiness::Reasoned),
    /// The whole service stops there.
    TerritorySuspended(readiness::Reasoned),
    TerritoryResumed(readiness::Reasoned),
    PositionTaken(readiness::PositionTaken),
    PositionWithdrawn(readiness::OfRule),
    LicenceEntered(Box<readiness::Licence>),
    LicenceEnded(readiness::LicenceEnded),
    EvidenceEntered(readiness::EvidenceEntered),
    EvidenceWithdrawn(readiness::EvidenceWithdrawn),
    CheckRan(readiness::CheckRan),
    DrillHeld(readiness::DrillHeld),
    ItemOverridden(readiness::Overridden),
    OverrideEnded(readiness::OfRule),
    RiskEntered(readiness::Risk),
    RiskDropped(readiness::RiskDropped),
    RisksSigned(readiness::RisksSigned),

    /// What contracts license. Each avail stands in the place of what was known under its name.
    AvailsEntered {
        /// The workbook or XML that says so; none: somebody entered them.
        document: Option<Sealed>,
        avails: Vec<Avail>,
    },
    AvailsRemoved {
        document: Option<Sealed>,
        avails: Vec<AvailId>,
    },
    /// The names that contracts use for a title, in place of what they were.
    TitleNamed {
        title: String,
        names: Vec<String>,
    },
    ConsentGiven(ConsentGiven),
    NoticeGiven(NoticeGiven),
    ConsentWithdrawn(ConsentWithdrawn),

    ScenesMarked(ScenesMarked),
    /// A mark no longer counts.
    MarkWithdrawn {
        title: String,
        territory: Option<Territory>,
        mark: MarkId,
        reason: Option<Sealed>,
    },
    LabelVoted(LabelVoted),
    LabelDecided(LabelDecided),
    LabelOfRegulator(LabelOfRegulator),
    LabelRevoked(LabelRevoked),
    CompositionChanged(CompositionChanged),
    TitlesNotified(TitlesNotified),

    /// At `took` the node had what is in force after this order's last decision.
    TookEffect {
        order: OrderId,
        node: String,
        took: Timestamp,
    },
    /// The version that obeys it frame by frame is made and verified.
    FrameAccurate {
        order: OrderId,
        title: String,
        #[serde(with = "text::digest")]
        composition: Digest,
    },
    /// It could not be made; the safe step stands.
    PatchFailed {
        order: OrderId,
        title: String,
        why: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Upheld,
    Overturned,
    Partly,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    #[default]
    Authority,
    House,
}

impl Party {
    fn is_authority(&self) -> bool {
        *self == Party::Authority
    }
    pub fn other(self) -> Party {
        match self {
            Party::Authority => Party::House,
            Party::House => Party::Authority,
        }
    }
}

/// A composition offered for a title.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposed {
    pub title: String,
    #[serde(with = "text::digest")]
    pub composition: Digest,
}

/// Frames `from` to `to`, end-exclusive, of a source's stored tracks that an order's range came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    pub title: String,
    pub source: Digest,
    pub from: u32,
    pub to: u32,
    /// Key frames of the box, in the same frames; none: the whole picture.
    pub path: Vec<Station>,
    /// Edit units that a card in their place lasts.
    pub card: Option<u32>,
    /// The media of the title that the order names; where its version shows another title's film,
    /// `source` is that one's.
    pub named: Digest,
    /// The composition on whose axis the times were read.
    pub read_on: Digest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Station {
    pub frame: u32,
    #[serde(rename = "box")]
    pub sides: [u16; 4],
}

/// One edit of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edited {
    pub operation: Operation,
    #[serde(with = "text::digest")]
    pub source: Digest,
    pub from: u32,
    pub to: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<Station>,
}

impl Staff {
    /// Fails on what is not 1 to 64 of a-z, 0-9, `-` and `_`: a name would not be opaque.
    pub fn new(id: &str) -> Result<Staff> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        if (1..=64).contains(&id.len()) && id.bytes().all(fits) {
            return Ok(Staff(id.into()));
        }
        Err(Error::invalid("not an opaque id of staff").remedy("Use 1 to 64 of a-z, 0-9, `-` and `_`"))
    }
    pub fn id(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Staff {
    type Error = Error;
    fn try_from(id: String) -> Result<Staff> {
        Staff::new(&id)
    }
}

impl From<Staff> for String {
    fn from(staff: Staff) -> String {
        staff.0
    }
}

impl Resolved {
    /// The box over these frames.
    pub fn path(&self) -> Result<Path> {
        path(&self.path)
    }
    pub(crate) fn check(&self) -> Result<()> {
        check_title(&self.title)?;
        if self.from >= self.to {
            return Err(Error::invalid(format!("frames {} to {} are none", self.from, self.to)));
        }
        if self.card.is_some_and(|units| units == 0 || units > composition::span::MAX_CARD_UNITS) {
            return Err(Error::invalid("a card of that length cannot be").at("card"));
        }
        self.path().map(|_| ())
    }
}

impl Edited {
    /// The edit; none for a withdrawal, and for a card, whose text the composition itself holds.
    pub fn edit(&self) -> Result<Option<Edit>> {
        let (source, from, to) = (self.source, self.from, self.to);
        Ok(match self.operation {
            Operation::Withdraw | Operation::Replace => None,
            Operation::Cut => Some(Edit::Cut { source, from, to }),
            Operation::Mask => Some(Edit::Mask { source, from, to, path: path(&self.path)? }),
            Operation::Blur => Some(Edit::Blur { source, from, to, path: path(&self.path)? }),
            Operation::Mute => Some(Edit::Mute { source, from, to }),
            Operation::DropText => Some(Edit::DropText { source, from, to }),
        })
    }
}

fn path(stations: &[Station]) -> Result<Path> {
    if stations.is_empty() {
        return Ok(Path::still(Area::new(0, 0, 1000, 1000)?));
    }
    let key = |s: &Station| Area::new(s.sides[0], s.sides[1], s.sides[2], s.sides[3]).map(|a| (s.frame, a));
    Path::new(stations.iter().map(key).collect::<Result<_>>()?)
}

impl Decision {
    /// A decision at this instant, rounded down to microseconds.
    pub fn new(at: Timestamp, by: Staff, act: Act) -> Decision {
        let at = Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
        Decision { at, by, act }
    }

    /// The word for what was decided: `order-placed`, `proposal-accepted`…
    pub fn kind(&self) -> &'static str {
        self.act.kind()
    }

    /// The body of its record. Fails when the decision breaks a limit, so that nothing is recorded which
    /// could not be read again.
    pub fn body(&self) -> Result<Map<String, Value>> {
        self.check()?;
        let act = serde_json::to_value(&self.act).map_err(|e| Error::internal(e.to_string()))?;
        let Value::Object(mut body) = act else { return Err(Error::internal("an act without members")) };
        body.remove("kind");
        body.insert("by".into(), Value::String(self.by.0.clone()));
        let bytes = Value::Object(body.clone()).to_string().len();
        if bytes > MAX_BODY {
            return Err(Error::unsupported(format!("a decision of {bytes} bytes"))
                .remedy(format!("Split the order; a record holds {MAX_BODY} bytes")));
        }
        Ok(body)
    }

    /// Reads the members of a record. `at` is in microseconds since 1970.
    pub fn read(kind: &str, version: u32, at: i64, body: &Map<String, Value>) -> Result<Decision> {
        if version != DECISION_VERSION {
            return Err(Error::unsupported(format!(
                "{kind} of version {version}; this Phim reads {DECISION_VERSION}"
            ))
            .remedy("Use the newer Phim that wrote it"));
        }
        let wrong = |what: &str| Error::invalid(what).at(kind);
        let mut act = body.clone();
        let by = act.remove("by").ok_or_else(|| wrong("it does not say who decided"))?;
        if act.insert("kind".into(), Value::String(kind.into())).is_some() {
            return Err(wrong("a member `kind` stands in the body"));
        }
        let decision = Decision {
            at: Timestamp::from_microsecond(at).map_err(|_| wrong("its instant is none"))?,
            by: Staff::new(by.as_str().unwrap_or_default())?,
            act: crate::order::parse(Value::Object(act)).map_err(|e| e.remedy("").at(kind))?,
        };
        if decision.body()? != *body {
            return Err(wrong("it is not spelt as it is written"));
        }
        Ok(decision)
    }

    fn check(&self) -> Result<()> {
        let ranges = match &self.act {
            Act::OrderPlaced { order, resolved, .. }
            | Act::OrderAmended { order, resolved, .. }
            | Act::OrderEscalated { order, resolved, .. } => {
                order.check().map_err(|e| e.at("order"))?;
                resolved
            }
            Act::OrderResolved { resolved, .. } => resolved,
            other => return other.check_texts(),
        };
        if ranges.len() > MAX_RESOLVED {
            return Err(Error::unsupported(format!("{} ranges in one decision", ranges.len())));
        }
        ranges.iter().enumerate().try_for_each(|(n, r)| r.check().map_err(|e| e.at(format!("resolved[{n}]"))))
    }
}

pub(crate) fn check_title(title: &str) -> Result<()> {
    if composition::span::is_title_id(title) {
        return Ok(());
    }
    Err(Error::invalid(format!("{title:?} is not a title id")))
}

#[cfg(test)]
mod tests;
