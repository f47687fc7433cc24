//! Readiness: what the house enters about a territory before it opens, and for as long as it is open.
//!
//! Everything is a record. Words, names and files are sealed: the record holds a commitment to them. Days
//! count where the territory is; a day that bounds something is its last, so what is recorded is the
//! instant at which the next day begins.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use media::error::{Error, Kind, Result};
use policy::pack::duty;
use policy::pack::{Pack, Position};
use policy::readiness::{
    Area, Declared, EvidenceEntered, EvidenceWithdrawn, Licence, LicenceEnded, OfRule, Opened, Overridden,
    PositionTaken, Reasoned, Risk, RiskDropped, RisksSigned,
};
use policy::state::Openness;
use policy::{Act, Sealed, Staff, Territory};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::decide::{Proposal, sealed};
use crate::house::House;
use crate::order::{Letter, imagined};

pub mod checks;
pub mod door;
mod drill;
mod print;
mod show;
mod shown;
pub mod trial;

pub use print::{print, print_list};
pub use show::{ReadinessView, Territories, list};

/// Something about the readiness of one territory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    pub territory: Territory,
    pub what: What,
    pub by: String,
}

/// What can be asked or entered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// Everything as it stands; at an instant where one is given.
    Show {
        #[serde(default)]
        at: Option<String>,
    },
    /// The house wants to offer works of these kinds there.
    Declare {
        kinds: Vec<duty::Kind>,
        /// Whether it is established there.
        #[serde(default)]
        domestic: bool,
    },
    Open {},
    Close {
        reason: Letter,
    },
    Suspend {
        reason: Letter,
    },
    Resume {
        reason: Letter,
    },
    /// A person answers for it that this item is missing.
    Override {
        rule: String,
        reason: Letter,
        #[serde(default)]
        until: Option<String>,
    },
    EndOverride {
        rule: String,
        reason: Letter,
    },
    /// An unclear rule is read so from now on.
    TakePosition {
        rule: String,
        reading: String,
        /// Who reads it so: an authority's officer, a lawyer.
        said_by: String,
        /// How that was said: a letter with its number, an opinion, a talk.
        basis: Letter,
        #[serde(default)]
        from: Option<Date>,
        #[serde(default)]
        until: Option<Date>,
    },
    WithdrawPosition {
        rule: String,
        reason: Letter,
    },
    AddLicence {
        grant: String,
        number: String,
        authority: String,
        /// The kinds of works that it covers; all that the house offers there when left out.
        #[serde(default)]
        kinds: Vec<duty::Kind>,
        #[serde(default)]
        from: Option<String>,
        #[serde(default)]
        until: Option<String>,
        document: Letter,
    },
    EndLicence {
        grant: String,
        number: String,
        reason: Letter,
    },
    AddEvidence {
        name: String,
        #[serde(default)]
        from: Option<String>,
        #[serde(default)]
        until: Option<String>,
        document: Letter,
    },
    WithdrawEvidence {
        name: String,
        reason: Letter,
    },
    AddRisk {
        id: String,
        area: Area,
        likelihood: u8,
        impact: u8,
        owner: String,
        /// The last day on which it must have been looked at again.
        review: String,
        /// What the risk is and what is done against it.
        mitigation: Letter,
    },
    DropRisk {
        id: String,
        reason: Letter,
    },
    /// Signs the register as it stands; with `register`, only if that still is its digest.
    SignRisks {
        #[serde(default)]
        register: Option<String>,
    },
    /// Phim looks by itself, now.
    Check {},
    /// Rehearses an order on a title.
    Drill {
        #[serde(default)]
        title: Option<String>,
    },
}

impl What {
    /// Whether it names a file of this machine.
    pub fn names_file(&self) -> bool {
        self.letter().is_some_and(|letter| letter.file.is_some())
    }

    fn letter(&self) -> Option<&Letter> {
        match self {
            What::Close { reason }
            | What::Suspend { reason }
            | What::Resume { reason }
            | What::Override { reason, .. }
            | What::EndOverride { reason, .. }
            | What::WithdrawPosition { reason, .. }
            | What::EndLicence { reason, .. }
            | What::WithdrawEvidence { reason, .. }
            | What::DropRisk { reason, .. } => Some(reason),
            What::TakePosition { basis, .. } => Some(basis),
            What::AddLicence { document, .. } | What::AddEvidence { document, .. } => Some(document),
            What::AddRisk { mitigation, .. } => Some(mitigation),
            What::Show { .. }
            | What::Declare { .. }
            | What::Open {}
            | What::SignRisks { .. }
            | What::Check {}
            | What::Drill { .. } => None,
        }
    }
}

/// Does what is asked, and answers how the territory stands then.
pub async fn ask(house: &Arc<House>, asked: Asked) -> Result<ReadinessView> {
    let Asked { territory, what, by } = asked;
    let pack = pack(house, territory)?;
    let mut at = None;
    match what {
        What::Show { at: when } => {
            let read = |text: String| policy::instant::read(&text, Some(&pack.zone));
            at = when.map(read).transpose().map_err(|e| e.at("at"))?;
        }
        What::Check {} => checks::run(house, territory, true).await?,
        What::Drill { title } => drill::hold(house, pack, title, &by).await?,
        What::Open {} => open(house, pack, &by).await?,
        what => {
            let proposal = enter(house, pack, what)?;
            house.decide(&by, proposal).await?;
        }
    }
    show::view(house, pack, at).await
}

/// The pack of a territory. Fails where there is none: without rules nothing can be judged.
pub fn pack(house: &House, territory: Territory) -> Result<&Pack> {
    house.packs.get(territory).ok_or_else(|| {
        let known: Vec<&str> = house.packs.iter().map(|pack| pack.territory.code()).collect();
        Error::not_found(format!("{territory} has no pack"))
            .remedy(format!("There are packs of {}", known.join(", ")))
    })
}

/// Opens a territory in which nothing is missing.
async fn open(house: &Arc<House>, pack: &Pack, by: &str) -> Result<()> {
    let territory = pack.territory;
    checks::run(house, territory, true).await?;
    let act = Act::TerritoryOpened(Opened { territory });
    let (state, now) = (imagined(house, &act)?, Timestamp::now());
    if let Openness::Closed { missing, .. } = state.openness(pack, now) {
        let mandatory = missing.iter().filter(|item| item.mandatory);
        let rules: Vec<&str> = mandatory.map(|item| item.rule.as_str()).collect();
        let said = format!("{territory} cannot open while this is missing: {}", rules.join(", "));
        return Err(Error::new(Kind::Conflict, said).remedy(format!(
            "phim territory readiness {territory} says what meets each; a named person can override one with a reason"
        )));
    }
    house.decide(by, act.into()).await.map(drop)
}

/// The act that enters this, with the documents that it commits to.
fn enter(house: &House, pack: &Pack, what: What) -> Result<Proposal> {
    let territory = pack.territory;
    let mut documents = Vec::new();
    if let What::TakePosition { rule, reading, said_by, basis, from, until } = what {
        return take_position(house, pack, rule, reading, &said_by, &basis, (from, until));
    }
    let seal = |letter: &Letter| letter.seal(house);
    let reason = match what.letter().map(seal).transpose()? {
        Some((sealed, document)) => {
            documents.push(document);
            sealed
        }
        None => Sealed(media::Digest([0; 32])),
    };
    let of_rule = |rule: String| asked_for(pack, &rule).map(|()| OfRule { territory, rule, reason });
    let act = match what {
        What::Declare { mut kinds, domestic } => {
            kinds.sort_unstable();
            kinds.dedup();
            Act::TerritoryDeclared(Declared { territory, domestic, kinds })
        }
        What::Close { .. } => Act::TerritoryClosed(Reasoned { territory, reason }),
        What::Suspend { .. } => Act::TerritorySuspended(Reasoned { territory, reason }),
        What::Resume { .. } => Act::TerritoryResumed(Reasoned { territory, reason }),
        What::Override { rule, until, .. } => {
            asked_for(pack, &rule)?;
            let until = until.map(|text| last(pack, "until", &text)).transpose()?;
            Act::ItemOverridden(Overridden { territory, rule, reason, until })
        }
        What::EndOverride { rule, .. } => Act::OverrideEnded(of_rule(rule)?),
        What::WithdrawPosition { rule, .. } => Act::PositionWithdrawn(OfRule { territory, rule, reason }),
        What::AddLicence { grant, number, authority, kinds, from, until, .. } => {
            named(pack, "grant", &grant)?;
            let kinds = or_offered(house, territory, kinds);
            let (from, until) = bounds(pack, from, until)?;
            let document = reason;
            let licence = Licence { territory, grant, number, authority, kinds, from, until, document };
            Act::LicenceEntered(Box::new(licence))
        }
        What::EndLicence { grant, number, .. } => {
            Act::LicenceEnded(LicenceEnded { territory, grant, number, reason })
        }
        What::AddEvidence { name, from, until, .. } => {
            named(pack, "document", &name)?;
            let (from, until) = bounds(pack, from, until)?;
            Act::EvidenceEntered(EvidenceEntered { territory, name, from, until, document: reason })
        }
        What::WithdrawEvidence { name, .. } => {
            Act::EvidenceWithdrawn(EvidenceWithdrawn { territory, name, reason })
        }
        What::AddRisk { id, area, likelihood, impact, owner, review, .. } => {
            let owner = Staff::new(&house.keys.pseudonym(&owner))?;
            let (review, mitigation) = (last(pack, "review", &review)?, reason);
            Act::RiskEntered(Risk { territory, id, area, likelihood, impact, owner, review, mitigation })
        }
        What::DropRisk { id, .. } => Act::RiskDropped(RiskDropped { territory, id, reason }),
        What::SignRisks { register } => {
            let snapshot = house.snapshot();
            let stands = snapshot.state.dossier(territory).map(|d| d.register.digest());
            let read = register.map(|text| text.parse().map_err(|e: Error| e.at("register"))).transpose()?;
            let register =
                read.or(stands).ok_or_else(|| Error::not_found("there is no register of risks"))?;
            Act::RisksSigned(RisksSigned { territory, register })
        }
        What::Show { .. }
        | What::TakePosition { .. }
        | What::Open {}
        | What::Check {}
        | What::Drill { .. } => {
            return Err(Error::internal("this is entered elsewhere"));
        }
    };
    Ok(Proposal { act, documents, jobs: Vec::new() })
}

fn take_position(
    house: &House,
    pack: &Pack,
    rule: String,
    reading: String,
    said_by: &str,
    basis: &Letter,
    (from, until): (Option<Date>, Option<Date>),
) -> Result<Proposal> {
    if said_by.trim().is_empty() || said_by.len() > 2_000 {
        return Err(Error::invalid("expected 1 to 2000 bytes").at("said_by"));
    }
    let (_, letter) = basis.seal(house)?;
    let words = json!({ "said_by": said_by, "text": basis.text, "file": letter.blob.map(|b| b.to_string()) });
    let (basis, document) = sealed(&words, letter.blob)?;
    let from = from.unwrap_or_else(|| pack.day(Timestamp::now()));
    let position = Position { rule, reading, basis, from, until };
    position.check(&house.packs)?;
    if !pack.rules().iter().any(|rule| rule.id == position.rule) {
        return Err(Error::invalid(format!("{} is a rule of another territory", position.rule)).at("rule"));
    }
    let act = Act::PositionTaken(PositionTaken { territory: pack.territory, position });
    Ok(Proposal { act, documents: vec![document], jobs: Vec::new() })
}

/// The kinds that are named, in order; without any, what the house offers there.
fn or_offered(house: &House, territory: Territory, mut kinds: Vec<duty::Kind>) -> Vec<duty::Kind> {
    let snapshot = house.snapshot();
    let offered = snapshot.state.dossier(territory).and_then(|d| d.declared.as_ref());
    if let (true, Some(offered)) = (kinds.is_empty(), offered) {
        kinds.clone_from(&offered.kinds);
    }
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// From when until when: a day or an instant each; from now on when left out.
fn bounds(
    pack: &Pack,
    from: Option<String>,
    until: Option<String>,
) -> Result<(Timestamp, Option<Timestamp>)> {
    let from = from.map(|text| first(pack, "from", &text)).transpose()?.unwrap_or_else(Timestamp::now);
    let from = Timestamp::from_second(from.as_second()).unwrap_or(from);
    Ok((from, until.map(|text| last(pack, "until", &text)).transpose()?))
}

/// The instant at which a day begins, or the instant itself.
fn first(pack: &Pack, field: &str, text: &str) -> Result<Timestamp> {
    let day = text.parse::<Date>().ok().filter(|_| !text.contains('T'));
    match day {
        Some(day) => pack.begins(day).ok_or_else(|| Error::invalid("that day is out of range").at(field)),
        None => policy::instant::read(text, Some(&pack.zone)).map_err(|e| e.at(field)),
    }
}

/// The instant at which the day after this one begins, or the instant itself.
fn last(pack: &Pack, field: &str, text: &str) -> Result<Timestamp> {
    let day = text.parse::<Date>().ok().filter(|_| !text.contains('T'));
    match day.map(Date::tomorrow) {
        Some(next) => {
            let begins = next.ok().and_then(|day| pack.begins(day));
            begins.ok_or_else(|| Error::invalid("that day is out of range").at(field))
        }
        None => policy::instant::read(text, Some(&pack.zone)).map_err(|e| e.at(field)),
    }
}

/// Every item of readiness that the pack ever asks for.
fn items(pack: &Pack) -> impl Iterator<Item = (&str, &duty::Readiness)> {
    pack.rules().iter().filter_map(|rule| match &rule.is {
        policy::pack::Body::Readiness(item) => Some((rule.id.as_str(), item)),
        _ => None,
    })
}

/// Fails unless the pack has this item of readiness.
fn asked_for(pack: &Pack, rule: &str) -> Result<()> {
    if items(pack).any(|(id, _)| id == rule) {
        return Ok(());
    }
    let shown: String = rule.chars().take(100).collect();
    Err(Error::not_found(format!("{} asks for nothing named {shown:?}", pack.territory))
        .remedy(format!("phim territory readiness {} lists the rules", pack.territory)))
}

/// Fails unless a licence or document of this name meets an item of the pack.
fn named(pack: &Pack, field: &str, name: &str) -> Result<()> {
    let mut known: Vec<&str> = items(pack)
        .flat_map(|(_, item)| &item.met_by)
        .filter_map(|by| match by {
            duty::Evidence::Grant(name) if field == "grant" => Some(name.as_str()),
            duty::Evidence::Document(name) if field == "document" => Some(name.as_str()),
            _ => None,
        })
        .collect();
    known.sort_unstable();
    known.dedup();
    if known.contains(&name) {
        return Ok(());
    }
    let shown: String = name.chars().take(60).collect();
    let wrong = Error::invalid(format!("the pack of {} asks for no {field} {shown:?}", pack.territory));
    Err(wrong.at(field).remedy(match known.is_empty() {
        true => format!("The pack names no {field}"),
        false => format!("Use one of {}", known.join(", ")),
    }))
}
