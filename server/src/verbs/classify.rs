//! `phim classify …`: what films show, which label they have, and who was told.

use clap::{Args, Subcommand};
use media::error::{Error, Result};
use policy::Territory;
use policy::rating::MarkId;
use serde::de::DeserializeOwned;

use crate::acts::Act;
use crate::burn::Burning;
use crate::classify::{Notifying, On, Saying};

#[derive(Subcommand, Debug)]
pub enum Classify {
    /// Mark what a scene shows, or the title as a whole
    #[command(
        after_help = "A mark holds for every version of the title that shows the scene. A range starts at its first and ends\nbefore its second position.\n\nExamples:\n  phim classify mark flight --scene 41:18-41:56 --descriptor violence --strength medium --manner detailed\n  phim classify mark flight --descriptor theme --strength mild --territory VN"
    )]
    Mark(Mark),
    /// Take a mark back
    Unmark {
        #[arg(value_name = "TITLE")]
        title: String,
        /// As phim classify show lists it
        #[arg(value_name = "MARK")]
        mark: String,
        #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
        reason: String,
        #[arg(long, default_value = "desk", value_name = "NAME")]
        by: String,
    },
    /// Vote for a label, as one of a council of raters
    #[command(
        after_help = "Example:\n  phim classify vote flight --territory VN --label T16 --descriptor violence --by lan"
    )]
    Vote {
        #[command(flatten)]
        of: Of,
        #[arg(long, value_name = "LABEL")]
        label: String,
        /// Why, those that drove the label first
        #[arg(long, value_delimiter = ',', value_name = "CODE,…")]
        descriptor: Vec<String>,
        #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
        reason: String,
    },
    /// Decide the house's own label
    #[command(
        after_help = "Without --label it is the lowest that the marks allow. A label that the rules of today refuse is not\nrecorded.\n\nExamples:\n  phim classify decide flight --territory VN --how council --by minh\n  phim classify decide flight --territory KR --label 15 --how software"
    )]
    Decide {
        #[command(flatten)]
        of: Of,
        /// The lowest that the marks allow, when left out
        #[arg(long, value_name = "LABEL")]
        label: Option<String>,
        /// Why, those that drove the label first; those of the marks when left out
        #[arg(long, value_delimiter = ',', value_name = "CODE,…")]
        descriptor: Vec<String>,
        /// By which of the pack's ways: council, software…
        #[arg(long, default_value = "council", value_name = "WAY")]
        how: String,
        /// A mark that this version does not show, besides those whose scene is cut
        #[arg(long, value_name = "MARK")]
        without: Vec<String>,
        /// Needed where a vote says otherwise
        #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
        reason: String,
    },
    /// Record the regulator's label, which overrides the house's from its date on
    #[command(
        after_help = "Example:\n  phim classify regulator flight --territory VN --label T18 --authority \"Cục Điện ảnh\" --number 12/GP --date 2026-07-10"
    )]
    Regulator {
        #[command(flatten)]
        of: Of,
        #[arg(long, value_name = "LABEL")]
        label: String,
        #[arg(long, value_delimiter = ',', value_name = "CODE,…")]
        descriptor: Vec<String>,
        #[arg(long, value_name = "NAME")]
        authority: String,
        /// Of the certificate or decision
        #[arg(long, value_name = "NUMBER")]
        number: String,
        /// The first day on which it holds, where the territory is
        #[arg(long, value_name = "DAY")]
        date: String,
        /// What it says, in words; the record holds a commitment to them
        #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
        letter: String,
    },
    /// Take a label back: the regulator's by its number, else the house's own
    Revoke {
        #[command(flatten)]
        of: Of,
        #[arg(long, value_name = "NUMBER")]
        number: Option<String>,
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Put the label of a version into its pictures, for players that can show it in no other way
    #[command(
        after_help = "Without --yes it says what that costs on this machine and makes nothing. Started again after it was\nstopped, it goes on.\n\nExamples:\n  phim classify burn flight --territory VN\n  phim classify burn flight --territory VN --language en --yes"
    )]
    Burn {
        #[arg(value_name = "TITLE")]
        title: String,
        #[arg(long, value_name = "CC")]
        territory: String,
        /// The whole title when left out
        #[arg(long, value_name = "NAME")]
        version: Option<String>,
        /// Of the words; that of the territory when left out
        #[arg(long, value_name = "LANG")]
        language: Option<String>,
        /// Make it
        #[arg(long)]
        yes: bool,
    },
    /// Show marks, votes and labels of a title, and what is missing; of all titles the labels that hold
    Show {
        #[arg(value_name = "TITLE")]
        title: Option<String>,
        #[arg(long, value_name = "CC")]
        territory: Option<String>,
    },
    /// Show everything that was said about the labels of a title, in order
    History {
        #[arg(value_name = "TITLE")]
        title: String,
        #[arg(long, value_name = "CC")]
        territory: Option<String>,
    },
    /// List titles with the results of their rating, for an authority; with --sent-to record that it was sent
    #[command(
        after_help = "Examples:\n  phim classify notifications --territory VN --due --csv > films.csv\n  phim classify notifications --territory VN --sent-to MCST --receipt 118/PTH"
    )]
    Notifications(Notifications),
}

/// Which composition of which title, where.
#[derive(Args, Debug)]
pub struct Of {
    #[arg(value_name = "TITLE")]
    pub title: String,
    #[arg(long, value_name = "CC")]
    pub territory: String,
    /// A version, by its name or the beginning of its digest; the whole title when left out
    #[arg(long, value_name = "NAME")]
    pub version: Option<String>,
    /// Who acts; the record holds a pseudonym
    #[arg(long, default_value = "desk", value_name = "NAME")]
    pub by: String,
}

#[derive(Args, Debug)]
pub struct Mark {
    #[arg(value_name = "TITLE")]
    pub title: String,
    /// The whole title when left out
    #[arg(long, value_name = "FROM-TO")]
    pub scene: Option<String>,
    /// What it is: violence, sex, drugs…
    #[arg(long, value_name = "CODE")]
    pub descriptor: String,
    #[arg(long, value_parser = ["none", "mild", "medium", "strong", "excessive"])]
    pub strength: String,
    /// How it is shown: detailed, frequent, long, continuous, close-up, sexual, trade, harassing, condemned, reassuring
    #[arg(long, value_delimiter = ',', value_name = "WORD,…")]
    pub manner: Vec<String>,
    /// Where it counts; everywhere when left out
    #[arg(long, value_name = "CC")]
    pub territory: Option<String>,
    /// In words; the record holds a commitment to them
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    pub note: String,
    #[arg(long, default_value = "desk", value_name = "NAME")]
    pub by: String,
}

#[derive(Args, Debug)]
pub struct Notifications {
    #[arg(long, value_name = "CC")]
    pub territory: String,
    /// Only what somebody must still be told
    #[arg(long)]
    pub due: bool,
    /// Print the list as CSV
    #[arg(long, conflicts_with = "sent_to")]
    pub csv: bool,
    /// Record that the list was sent, to whom as the pack names them
    #[arg(long, value_name = "NAME", conflicts_with = "due")]
    pub sent_to: Option<String>,
    /// Titles on it; all of which they were not told when left out
    #[arg(long, value_name = "ID", requires = "sent_to")]
    pub title: Vec<String>,
    /// When it was sent; now when left out
    #[arg(long, value_name = "WHEN", requires = "sent_to")]
    pub sent: Option<String>,
    /// Under which number it was received
    #[arg(long, value_name = "NUMBER", requires = "sent_to")]
    pub receipt: Option<String>,
    #[arg(long, default_value = "desk", value_name = "NAME")]
    pub by: String,
}

fn place(code: &str) -> Result<Territory> {
    Territory::parse(code).map_err(|e| e.at("--territory"))
}

/// A word of a record from the word on the command line.
fn word<T: DeserializeOwned>(option: &str, text: &str) -> Result<T> {
    serde_json::from_value(text.into())
        .map_err(|e| Error::invalid(format!("{text:?} is not one of the words: {e}")).at(option.to_string()))
}

impl Of {
    fn on(&self) -> Result<On> {
        Ok(On { territory: place(&self.territory)?, version: self.version.clone() })
    }
}

impl Mark {
    fn saying(self) -> Result<Saying> {
        Ok(Saying::Mark {
            scene: self.scene,
            descriptor: self.descriptor,
            strength: word("--strength", &self.strength)?,
            manner: self.manner.iter().map(|manner| word("--manner", manner)).collect::<Result<_>>()?,
            territory: self.territory.as_deref().map(place).transpose()?,
            note: self.note,
        })
    }
}

fn marks(texts: &[String]) -> Result<Vec<MarkId>> {
    texts.iter().map(|text| MarkId::parse(text)).collect()
}

fn say(title: String, saying: Saying, by: String) -> Act {
    Act::ClassifySay { title, saying: Box::new(saying), by }
}

impl Classify {
    pub fn into_act(self) -> Result<Act> {
        Ok(match self {
            Classify::Mark(mark) => {
                let (title, by) = (mark.title.clone(), mark.by.clone());
                say(title, mark.saying()?, by)
            }
            Classify::Unmark { title, mark, reason, by } => {
                say(title, Saying::Unmark { mark: MarkId::parse(&mark)?, reason }, by)
            }
            Classify::Vote { of, label, descriptor, reason } => {
                let saying = Saying::Vote { on: of.on()?, label, descriptors: descriptor, reason };
                say(of.title, saying, of.by)
            }
            Classify::Decide { of, label, descriptor, how, without, reason } => {
                let (on, without) = (of.on()?, marks(&without)?);
                let saying = Saying::Decide { on, label, descriptors: descriptor, how, without, reason };
                say(of.title, saying, of.by)
            }
            Classify::Regulator { of, label, descriptor, authority, number, date, letter } => {
                let date = date.parse().map_err(|_| {
                    Error::invalid(format!("{date:?} is not a day")).at("--date").remedy("Write 2026-07-10")
                })?;
                let (on, descriptors) = (of.on()?, descriptor);
                let saying = Saying::Regulator { on, label, descriptors, authority, number, date, letter };
                say(of.title, saying, of.by)
            }
            Classify::Revoke { of, number, reason } => {
                say(of.title.clone(), Saying::Revoke { on: of.on()?, number, reason }, of.by)
            }
            Classify::Burn { title, territory, version, language, yes } => {
                let territory = place(&territory)?;
                Act::ClassifyBurn { title, burning: Burning { territory, version, language, yes } }
            }
            Classify::Show { title, territory } => Act::ClassifyShow { title, territory: some(territory)? },
            Classify::History { title, territory } => {
                Act::ClassifyShow { title: Some(title), territory: some(territory)? }
            }
            Classify::Notifications(list) => list.into_act()?,
        })
    }
}

fn some(territory: Option<String>) -> Result<Option<Territory>> {
    territory.as_deref().map(place).transpose()
}

impl Notifications {
    fn into_act(self) -> Result<Act> {
        let territory = place(&self.territory)?;
        let Some(to) = self.sent_to else {
            return Ok(Act::ClassifyList { territory, due: self.due });
        };
        let (titles, sent, receipt, by) = (self.title, self.sent, self.receipt, self.by);
        Ok(Act::ClassifyNotified(Notifying { territory, to, titles, sent, receipt, by }))
    }
}
