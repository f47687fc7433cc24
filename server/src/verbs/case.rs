//! `phim case …`: letters, questions and answers with one authority on one matter.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use media::error::Result;
use policy::{Party, Territory};

use super::absolute;
use crate::acts::Act;
use crate::case::{Entering, Opening};
use crate::order::Letter;

#[derive(Subcommand, Debug)]
pub enum Case {
    /// Open a case before there is an order; an order opens its case by itself
    #[command(
        after_help = "Example:\n  phim case open 'flight, map in episode 18' --authority 'Cục Điện ảnh' --territory VN"
    )]
    Open {
        #[arg(value_name = "CASE")]
        case: String,
        #[arg(long, value_name = "NAME")]
        authority: String,
        #[arg(long, required = true, value_name = "CC")]
        territory: Vec<String>,
        /// Who acts; the record holds a pseudonym
        #[arg(long, default_value = "desk", value_name = "NAME")]
        by: String,
    },
    /// List every case
    List,
    /// Show one case: who waits for whom, and everything that happened
    Show {
        #[arg(value_name = "CASE")]
        case: String,
    },
    /// Record a letter
    Letter {
        #[command(flatten)]
        said: Said,
        #[arg(long, value_enum, default_value_t = Side::Authority)]
        from: Side,
    },
    /// Record a question that one side asks the other
    #[command(
        after_help = "A local time counts in the zone of the case's territories.\n\nExample:\n  phim case question 12/QĐ --text 'Which versions show the map?' --due 2026-12-01T17:00"
    )]
    Question {
        #[command(flatten)]
        said: Said,
        #[arg(long, value_enum, default_value_t = Side::Authority)]
        from: Side,
        /// By when the other side must answer
        #[arg(long, value_name = "INSTANT")]
        due: Option<String>,
    },
    /// Record the answer to a question
    Answer {
        #[command(flatten)]
        said: Said,
        /// Which question, by its commitment, where several are open
        #[arg(long, value_name = "DIGEST")]
        question: Option<String>,
    },
    /// Record that the house applies for a licence or recognition
    #[command(
        after_help = "Example:\n  phim case apply 'tự phân loại' --grant self-rating-recognition --letter application.pdf"
    )]
    Apply {
        #[command(flatten)]
        said: Said,
        /// What the territory's pack calls it
        #[arg(long, value_name = "NAME")]
        grant: String,
    },
    /// Record what the authority decided about an application; phim licence add enters what was granted
    Decide {
        #[command(flatten)]
        said: Said,
        #[arg(long, value_name = "NAME")]
        grant: String,
        /// It was refused
        #[arg(long)]
        refused: bool,
    },
    /// Record that the matter is settled; whatever comes later opens the case again
    Close {
        #[command(flatten)]
        said: Said,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Side {
    Authority,
    House,
}

impl From<Side> for Party {
    fn from(side: Side) -> Party {
        match side {
            Side::Authority => Party::Authority,
            Side::House => Party::House,
        }
    }
}

#[derive(Args, Debug)]
pub struct Said {
    #[arg(value_name = "CASE")]
    case: String,
    /// What it says; the record holds a commitment to it
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    text: String,
    /// The letter as a file
    #[arg(long, value_name = "FILE")]
    letter: Option<PathBuf>,
    /// Who acts; the record holds a pseudonym
    #[arg(long, default_value = "desk", value_name = "NAME")]
    by: String,
}

impl Said {
    fn act(self, entry: impl FnOnce(Letter) -> Entering) -> Result<Act> {
        let file = self.letter.as_deref().map(absolute).transpose()?;
        let entry = Box::new(entry(Letter { text: self.text, file }));
        Ok(Act::CaseEnter { case: self.case, entry, by: self.by })
    }
}

impl Case {
    pub fn into_act(self) -> Result<Act> {
        match self {
            Case::Open { case, authority, territory, by } => {
                let territories =
                    territory.iter().map(|code| Territory::parse(code)).collect::<Result<_>>()?;
                Ok(Act::CaseOpen(Opening { case, authority, territories, by }))
            }
            Case::List => Ok(Act::CaseList),
            Case::Show { case } => Ok(Act::CaseShow { case }),
            Case::Letter { said, from } => said.act(|letter| Entering::Letter { from: from.into(), letter }),
            Case::Question { said, from, due } => {
                said.act(|letter| Entering::Question { from: from.into(), letter, due })
            }
            Case::Answer { said, question } => said.act(|letter| Entering::Answer { question, letter }),
            Case::Apply { said, grant } => said.act(|letter| Entering::Apply { grant, letter }),
            Case::Decide { said, grant, refused } => {
                said.act(|letter| Entering::Decide { grant, granted: !refused, letter })
            }
            Case::Close { said } => said.act(|letter| Entering::Close { letter }),
        }
    }
}
