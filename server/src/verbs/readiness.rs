//! `phim territory readiness|declare|open…`, `phim position|licence|evidence|risk|drill`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use media::error::{Error, Result};
use policy::pack::duty;
use policy::readiness::Area;
use policy::{Packs, Territory};

use super::absolute;
use crate::acts::Act;
use crate::order::Letter;
use crate::readiness::{Asked, What};

/// What the house does about a territory.
#[derive(Subcommand, Debug)]
pub enum Opening {
    /// Show what a territory's rules ask of this house, and how each item stands; every territory when none is named
    #[command(
        after_help = "Examples:\n  phim territory readiness\n  phim territory readiness VN\n  phim territory readiness VN --at 2026-12-01T00:00 --json"
    )]
    Readiness {
        #[arg(value_name = "CC")]
        territory: Option<String>,
        /// As of this instant; now when left out
        #[arg(long, value_name = "WHEN")]
        at: Option<String>,
    },
    /// Say what the house wants to offer in a territory; from then on the territory's rules judge it
    #[command(after_help = "Example:\n  phim territory declare VN --kind film --domestic --by an.tran")]
    Declare {
        #[arg(value_name = "CC")]
        territory: String,
        /// What is offered there
        #[arg(long, value_enum, required = true, value_name = "KIND")]
        kind: Vec<Kind>,
        /// The house is established there
        #[arg(long)]
        domestic: bool,
        #[command(flatten)]
        by: By,
    },
    /// Open a territory in which nothing is missing
    Open {
        #[arg(value_name = "CC")]
        territory: String,
        #[command(flatten)]
        by: By,
    },
    /// Close a territory
    Close {
        #[arg(value_name = "CC")]
        territory: String,
        #[command(flatten)]
        said: Said,
    },
    /// Stop the whole service in a territory
    Suspend {
        #[arg(value_name = "CC")]
        territory: String,
        #[command(flatten)]
        said: Said,
    },
    /// Bring a suspended service back
    Resume {
        #[arg(value_name = "CC")]
        territory: String,
        #[command(flatten)]
        said: Said,
    },
    /// Answer in person for an item that is missing
    #[command(
        after_help = "A day is the last; it counts where the territory is.\n\nExample:\n  phim territory override VN vn.open.drill --until 2026-12-31 --text 'The first drill is on 30 December' --by an.tran"
    )]
    Override {
        #[arg(value_name = "CC")]
        territory: String,
        #[arg(value_name = "RULE")]
        rule: String,
        #[arg(long, value_name = "WHEN")]
        until: Option<String>,
        #[command(flatten)]
        said: Said,
    },
    /// Answer for it no longer
    EndOverride {
        #[arg(value_name = "CC")]
        territory: String,
        #[arg(value_name = "RULE")]
        rule: String,
        #[command(flatten)]
        said: Said,
    },
    /// Have Phim look at what it can find out by itself, now
    Check {
        #[arg(value_name = "CC")]
        territory: String,
    },
}

/// How unclear rules are read.
#[derive(Subcommand, Debug)]
pub enum Position {
    /// Read an unclear rule otherwise than the pack does
    #[command(
        after_help = "phim territory explain RULE names the readings that there are.\n\nExample:\n  phim position take vn.open.vod-licence-film --reading films-are-exempt --said-by 'an officer of the authority' \\\n    --text 'A meeting in April 2023; nothing in writing' --until 2026-12-31 --by an.tran"
    )]
    Take {
        #[arg(value_name = "RULE")]
        rule: String,
        #[arg(long, value_name = "NAME")]
        reading: String,
        /// Who reads it so
        #[arg(long, value_name = "WHO")]
        said_by: String,
        /// The first day; today when left out
        #[arg(long, value_name = "DAY")]
        from: Option<Date>,
        /// The last day
        #[arg(long, value_name = "DAY")]
        until: Option<Date>,
        #[command(flatten)]
        said: Said,
    },
    /// Read a rule as the pack does again
    Withdraw {
        #[arg(value_name = "RULE")]
        rule: String,
        #[command(flatten)]
        said: Said,
    },
    /// List the positions on a territory's rules
    List {
        #[arg(value_name = "CC")]
        territory: String,
    },
}

/// Licences, recognitions and designations.
#[derive(Subcommand, Debug)]
pub enum Licence {
    /// Enter a licence; the same number again stands in its place
    #[command(
        after_help = "Days count where the territory is; the last is included.\n\nExample:\n  phim licence add VN self-rating-recognition --number 12/QĐ --authority 'Cục Điện ảnh' --until 2030-12-31 --document qd.pdf"
    )]
    Add {
        #[arg(value_name = "CC")]
        territory: String,
        /// What the pack calls it
        #[arg(value_name = "GRANT")]
        grant: String,
        #[arg(long, value_name = "TEXT")]
        number: String,
        #[arg(long, value_name = "NAME")]
        authority: String,
        /// What it covers; everything that the house offers there when left out
        #[arg(long, value_enum, value_name = "KIND")]
        kind: Vec<Kind>,
        #[command(flatten)]
        holds: Holds,
        #[command(flatten)]
        said: Said,
    },
    /// Record that a licence was taken back or given up
    End {
        #[arg(value_name = "CC")]
        territory: String,
        #[arg(value_name = "GRANT")]
        grant: String,
        #[arg(long, value_name = "TEXT")]
        number: String,
        #[command(flatten)]
        said: Said,
    },
    /// List the licences of a territory
    List {
        #[arg(value_name = "CC")]
        territory: String,
    },
}

/// Documents of the house.
#[derive(Subcommand, Debug)]
pub enum Evidence {
    /// Enter a dated document that meets an item
    #[command(
        after_help = "Example:\n  phim evidence add VN rating-mechanism --from 2026-11-01 --until 2027-10-31 --document mechanism.pdf --by an.tran"
    )]
    Add {
        #[arg(value_name = "CC")]
        territory: String,
        /// What the pack calls it
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        holds: Holds,
        #[command(flatten)]
        said: Said,
    },
    /// Let the documents of a name count no longer
    Withdraw {
        #[arg(value_name = "CC")]
        territory: String,
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        said: Said,
    },
    /// List the documents of a territory
    List {
        #[arg(value_name = "CC")]
        territory: String,
    },
}

/// The register of risks.
#[derive(Subcommand, Debug)]
pub enum Risk {
    /// Enter a risk, or another text of one; signatures end with it
    #[command(
        after_help = "Example:\n  phim risk add VN maps --area political --likelihood 3 --impact 5 --owner an.tran --review 2027-03-31 \\\n    --text 'Maps in the background. Every map is marked and looked at by two raters.'"
    )]
    Add {
        #[arg(value_name = "CC")]
        territory: String,
        /// A short name
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_enum)]
        area: RiskArea,
        /// 1 to 5
        #[arg(long, value_name = "N")]
        likelihood: u8,
        /// 1 to 5
        #[arg(long, value_name = "N")]
        impact: u8,
        /// Who answers for it; the record holds a pseudonym
        #[arg(long, value_name = "NAME")]
        owner: String,
        /// The last day on which it must have been looked at again
        #[arg(long, value_name = "DAY")]
        review: String,
        #[command(flatten)]
        said: Said,
    },
    /// Take a risk out of the register
    Drop {
        #[arg(value_name = "CC")]
        territory: String,
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        said: Said,
    },
    /// Sign the register as it stands: every owner does, and two people at least
    Sign {
        #[arg(value_name = "CC")]
        territory: String,
        /// Sign only what was read: the register's digest, as phim risk list shows it
        #[arg(long, value_name = "DIGEST")]
        register: Option<String>,
        #[command(flatten)]
        by: By,
    },
    /// Show the register of a territory
    List {
        #[arg(value_name = "CC")]
        territory: String,
    },
}

#[derive(Args, Debug)]
pub struct Drill {
    #[arg(value_name = "CC")]
    territory: String,
    /// The title that is rehearsed with; the first one when left out
    #[arg(long, value_name = "ID")]
    title: Option<String>,
    #[command(flatten)]
    by: By,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    Film,
    Programme,
    News,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RiskArea {
    Security,
    Political,
    UserData,
    SensitiveContent,
}

#[derive(Args, Debug)]
pub struct By {
    /// Who acts; the record holds a pseudonym
    #[arg(long, default_value = "desk", value_name = "NAME")]
    by: String,
}

#[derive(Args, Debug)]
pub struct Holds {
    /// The first day, or an instant; now when left out
    #[arg(long, value_name = "WHEN")]
    from: Option<String>,
    /// The last day, or the instant at which it ends
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
}

#[derive(Args, Debug)]
pub struct Said {
    /// What it says; the record holds a commitment to it
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    text: String,
    /// The same as a file
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    #[command(flatten)]
    by: By,
}

impl Said {
    fn letter(self) -> Result<(Letter, String)> {
        let file = self.document.as_deref().map(absolute).transpose()?;
        Ok((Letter { text: self.text, file }, self.by.by))
    }
}

impl From<Kind> for duty::Kind {
    fn from(kind: Kind) -> duty::Kind {
        match kind {
            Kind::Film => duty::Kind::Film,
            Kind::Programme => duty::Kind::Programme,
            Kind::News => duty::Kind::News,
        }
    }
}

impl From<RiskArea> for Area {
    fn from(area: RiskArea) -> Area {
        match area {
            RiskArea::Security => Area::Security,
            RiskArea::Political => Area::Political,
            RiskArea::UserData => Area::UserData,
            RiskArea::SensitiveContent => Area::SensitiveContent,
        }
    }
}

fn asked(territory: &str, what: What, by: String) -> Result<Act> {
    Ok(Act::Readiness(Box::new(Asked { territory: Territory::parse(territory)?, what, by })))
}

fn shown(territory: &str) -> Result<Act> {
    asked(territory, What::Show { at: None }, String::new())
}

/// The same with words or a file that say why.
fn said(territory: &str, said: Said, what: impl FnOnce(Letter) -> What) -> Result<Act> {
    let (letter, by) = said.letter()?;
    asked(territory, what(letter), by)
}

/// The territory whose pack has this rule.
fn of_rule(rule: &str) -> Result<String> {
    let packs = Packs::built_in()?;
    Ok(packs.explain(rule)?.0.territory.to_string())
}

fn kinds(kinds: Vec<Kind>) -> Vec<duty::Kind> {
    kinds.into_iter().map(duty::Kind::from).collect()
}

impl Opening {
    pub fn into_act(self) -> Result<Act> {
        match self {
            Opening::Readiness { territory: None, at: None } => Ok(Act::TerritoryList),
            Opening::Readiness { territory: None, .. } => {
                Err(Error::invalid("--at is for one territory").remedy("Name the territory, for example VN"))
            }
            Opening::Readiness { territory: Some(territory), at } => {
                asked(&territory, What::Show { at }, String::new())
            }
            Opening::Declare { territory, kind, domestic, by } => {
                asked(&territory, What::Declare { kinds: kinds(kind), domestic }, by.by)
            }
            Opening::Open { territory, by } => asked(&territory, What::Open {}, by.by),
            Opening::Close { territory, said: s } => said(&territory, s, |reason| What::Close { reason }),
            Opening::Suspend { territory, said: s } => said(&territory, s, |reason| What::Suspend { reason }),
            Opening::Resume { territory, said: s } => said(&territory, s, |reason| What::Resume { reason }),
            Opening::Override { territory, rule, until, said: s } => {
                said(&territory, s, |reason| What::Override { rule, reason, until })
            }
            Opening::EndOverride { territory, rule, said: s } => {
                said(&territory, s, |reason| What::EndOverride { rule, reason })
            }
            Opening::Check { territory } => asked(&territory, What::Check {}, String::new()),
        }
    }
}

impl Position {
    pub fn into_act(self) -> Result<Act> {
        match self {
            Position::Take { rule, reading, said_by, from, until, said: s } => {
                let of = of_rule(&rule)?;
                said(&of, s, |basis| What::TakePosition { rule, reading, said_by, basis, from, until })
            }
            Position::Withdraw { rule, said: s } => {
                let of = of_rule(&rule)?;
                said(&of, s, |reason| What::WithdrawPosition { rule, reason })
            }
            Position::List { territory } => shown(&territory),
        }
    }
}

impl Licence {
    pub fn into_act(self) -> Result<Act> {
        match self {
            Licence::Add {
                territory,
                grant,
                number,
                authority,
                kind,
                holds: Holds { from, until },
                said: s,
            } => {
                let kinds = kinds(kind);
                said(&territory, s, |document| What::AddLicence {
                    grant,
                    number,
                    authority,
                    kinds,
                    from,
                    until,
                    document,
                })
            }
            Licence::End { territory, grant, number, said: s } => {
                said(&territory, s, |reason| What::EndLicence { grant, number, reason })
            }
            Licence::List { territory } => shown(&territory),
        }
    }
}

impl Evidence {
    pub fn into_act(self) -> Result<Act> {
        match self {
            Evidence::Add { territory, name, holds: Holds { from, until }, said: s } => {
                said(&territory, s, |document| What::AddEvidence { name, from, until, document })
            }
            Evidence::Withdraw { territory, name, said: s } => {
                said(&territory, s, |reason| What::WithdrawEvidence { name, reason })
            }
            Evidence::List { territory } => shown(&territory),
        }
    }
}

impl Risk {
    pub fn into_act(self) -> Result<Act> {
        match self {
            Risk::Add { territory, id, area, likelihood, impact, owner, review, said: s } => {
                let area = area.into();
                said(&territory, s, |mitigation| What::AddRisk {
                    id,
                    area,
                    likelihood,
                    impact,
                    owner,
                    review,
                    mitigation,
                })
            }
            Risk::Drop { territory, id, said: s } => {
                said(&territory, s, |reason| What::DropRisk { id, reason })
            }
            Risk::Sign { territory, register, by } => asked(&territory, What::SignRisks { register }, by.by),
            Risk::List { territory } => shown(&territory),
        }
    }
}

impl Drill {
    pub fn into_act(self) -> Result<Act> {
        asked(&self.territory, What::Drill { title: self.title }, self.by.by)
    }
}
