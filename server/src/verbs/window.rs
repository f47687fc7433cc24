//! `phim window …`: what contracts license, where and when.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use media::error::Result;

use super::absolute;
use crate::acts::Act;
use crate::order::Letter;
use crate::window::consent::Form;
use crate::window::{Adding, Given, Importing, Saying, dealing};

#[derive(Subcommand, Debug)]
pub enum Window {
    /// Bring in avails from a workbook (MovieLabs Avails 1.7 to 1.9) or XML (2.2 to 2.7)
    #[command(
        after_help = "Every error names its cell or line. With errors nothing is changed, unless --accept-valid is given. The\nsame file brought in again changes nothing.\n\nExamples:\n  phim window import avails.xlsx --dry-run\n  phim window import avails.xml --may-edit on-order --tell rights@studio.example --tell-before P3D"
    )]
    Import(Import),
    /// Enter a window by hand
    #[command(
        after_help = "A day or a time without an offset counts by each territory's own clocks; the last day is included.\n\nExamples:\n  phim window add --title flight --territory VN,KR --start 2026-12-24 --licence SVOD\n  phim window add --title flight --territory VN --start 2026-12-24T20:00:00+07:00 --end 2027-01-31 --licence VOD --may-edit on-order"
    )]
    Add(Box<Add>),
    /// Record that a licensor consented to an edit
    #[command(
        after_help = "Without --version it is about whatever an authority orders. A day counts where all named territories have one\nclock; else write an instant with its offset.\n\nExamples:\n  phim window consent --title flight --version tv-cut --territory VN --until 2027-12-31 --letter consent.pdf --by an.tran\n  phim window consent --title flight --text 'Mail of 3 January: whatever the ministry orders' --by an.tran"
    )]
    Consent {
        #[command(flatten)]
        of: Box<OfEdit>,
        /// The first day, or an instant; now when left out
        #[arg(long, value_name = "WHEN")]
        from: Option<String>,
        /// The last day, or an instant
        #[arg(long, value_name = "WHEN")]
        until: Option<String>,
    },
    /// Record that a licensor was told of an edit
    #[command(
        after_help = "Example:\n  phim window notice --title flight --version tv-cut --sent 2027-01-03T10:00+07:00 --letter notice.eml --by an.tran"
    )]
    Notice {
        #[command(flatten)]
        of: Box<OfEdit>,
        /// When it was sent; now when left out
        #[arg(long, value_name = "WHEN")]
        sent: Option<String>,
    },
    /// Record that consent to an edit was taken back, or that a notice was none
    #[command(
        after_help = "What plays under it stops. It may be given again.\n\nExample:\n  phim window unsay --title flight --version tv-cut --text 'Letter of 9 May' --by an.tran"
    )]
    Unsay {
        #[command(flatten)]
        of: Box<OfEdit>,
    },
    /// List avails and their windows, and what was said of edits
    List {
        #[arg(long, value_name = "ID")]
        title: Option<String>,
        /// Avails at most
        #[arg(long, default_value_t = 1_000, value_name = "N")]
        limit: usize,
    },
    /// Say where windows contradict each other or themselves
    Conflicts {
        #[arg(long, value_name = "ID")]
        title: Option<String>,
    },
    /// Say whether a title is licensed somewhere at an instant, and what every window says about it
    #[command(
        after_help = "Examples:\n  phim window explain --title flight --territory VN\n  phim window explain --title flight --territory VN --at 2026-12-24T00:00:00"
    )]
    Explain {
        #[arg(long, value_name = "ID")]
        title: String,
        #[arg(long, value_name = "CC")]
        territory: String,
        /// An instant; now when left out
        #[arg(long, value_name = "WHEN")]
        at: Option<String>,
    },
    /// Say under which names contracts speak of a title: content ids, EIDRs; without any, under none
    #[command(
        after_help = "Example:\n  phim window name flight md:cid:studio.example:flight 10.5240/8FF3-1C20-84F5-F247-8BCD-E"
    )]
    Name {
        #[arg(value_name = "TITLE")]
        title: String,
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        #[arg(long, default_value = "desk", value_name = "NAME")]
        by: String,
    },
    /// Remove an avail and its windows
    Remove {
        #[arg(value_name = "ALID")]
        alid: String,
        /// Its licensor, where several use the ALID
        #[arg(long, value_name = "NAME")]
        licensor: Option<String>,
        #[arg(long, default_value = "desk", value_name = "NAME")]
        by: String,
    },
}

/// What contracts say that files do not.
#[derive(Args, Debug)]
pub struct Deal {
    /// What becomes of those who watch when a window shuts
    #[arg(long, default_value = "stop", value_parser = ["stop", "finish"])]
    pub expiry: String,
    /// What may be edited
    #[arg(long, default_value = "nothing", value_parser = ["nothing", "on-order", "with-notice", "with-consent"])]
    pub may_edit: String,
    /// Whom to tell of an edit: an office, not a person
    #[arg(long, default_value = "", hide_default_value = true, value_name = "OFFICE")]
    pub tell: String,
    /// How long before (ISO 8601: P3D)
    #[arg(long, value_name = "LENGTH")]
    pub tell_before: Option<String>,
    /// Who acts; the record holds a pseudonym
    #[arg(long, default_value = "desk", value_name = "NAME")]
    pub by: String,
}

/// The edit that a licensor was asked about, or told of.
#[derive(Args, Debug)]
pub struct OfEdit {
    #[arg(long, value_name = "ID")]
    pub title: String,
    /// The version, by its name or the beginning of its digest; whatever is ordered when left out
    #[arg(long, value_name = "NAME")]
    pub version: Option<String>,
    /// The avail, where several contracts about the title ask for it
    #[arg(long, value_name = "ALID")]
    pub avail: Option<String>,
    /// Its licensor, where several use the ALID
    #[arg(long, value_name = "NAME")]
    pub licensor: Option<String>,
    /// Where it counts; wherever the avail's windows are when left out
    #[arg(long, value_delimiter = ',', value_name = "CC,…")]
    pub territory: Vec<String>,
    /// The letter
    #[arg(long, value_name = "FILE")]
    pub letter: Option<PathBuf>,
    /// What was said, or why
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    pub text: String,
    /// Who acts; the record holds a pseudonym
    #[arg(long, default_value = "desk", value_name = "NAME")]
    pub by: String,
}

impl OfEdit {
    fn act(self, what: Form, from: Option<String>, until: Option<String>) -> Result<Act> {
        let file = self.letter.as_deref().map(absolute).transpose()?;
        Ok(Act::WindowSay(Box::new(Saying {
            what,
            title: self.title,
            version: self.version,
            avail: self.avail,
            licensor: self.licensor,
            territories: self.territory,
            from,
            until,
            letter: Letter { text: self.text, file },
            by: self.by,
        })))
    }
}

#[derive(Args, Debug)]
pub struct Import {
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Take the lines without errors and leave out the others
    #[arg(long)]
    pub accept_valid: bool,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub deal: Deal,
}

#[derive(Args, Debug)]
pub struct Add {
    #[arg(long, value_name = "ID")]
    pub title: String,
    /// Where it may play; ZZ is the world
    #[arg(long, required = true, value_delimiter = ',', value_name = "CC,…")]
    pub territory: Vec<String>,
    /// Where it may not, of those
    #[arg(long, value_delimiter = ',', value_name = "CC,…")]
    pub except: Vec<String>,
    /// The first day, a local time, or an instant with its offset
    #[arg(long, value_name = "WHEN")]
    pub start: String,
    /// The last day, a local time, or an instant with its offset
    #[arg(long, default_value = "open", value_name = "WHEN")]
    pub end: String,
    /// How it may be offered: EST, VOD, SVOD…
    #[arg(long, value_name = "WORD")]
    pub licence: String,
    /// SD, HD, UHD…; any when left out
    #[arg(long, default_value = "", hide_default_value = true, value_name = "WORD")]
    pub format: String,
    /// Languages that are allowed, such as vi:dub; all when left out
    #[arg(long, value_delimiter = ',', value_name = "LANG,…")]
    pub language: Vec<String>,
    /// Languages that are held back
    #[arg(long, value_delimiter = ',', value_name = "LANG,…")]
    pub hold_back: Vec<String>,
    /// Nobody else may offer it there meanwhile
    #[arg(long)]
    pub exclusive: bool,
    /// The contract's number
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    pub contract: String,
    /// Who licenses it
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NAME")]
    pub licensor: String,
    /// The avail to which it belongs; one of the title's own when left out
    #[arg(long, value_name = "ALID")]
    pub alid: Option<String>,
    #[command(flatten)]
    pub deal: Deal,
}

impl Deal {
    fn read(&self) -> Result<policy::avail::Dealing> {
        dealing(&self.expiry, &self.may_edit, &self.tell, self.tell_before.as_deref())
    }
}

impl Window {
    pub fn into_act(self) -> Result<Act> {
        Ok(match self {
            Window::Import(import) => Act::WindowImport(Importing {
                file: absolute(&import.file)?,
                given: Given {
                    dealing: import.deal.read()?,
                    accept_valid: import.accept_valid,
                    dry_run: import.dry_run,
                    by: import.deal.by,
                },
            }),
            Window::Add(add) => Act::WindowAdd(Box::new(Adding {
                dealing: add.deal.read()?,
                title: add.title,
                territories: add.territory,
                except: add.except,
                start: add.start,
                end: add.end,
                licence: add.licence,
                format: add.format,
                languages: add.language,
                held_back: add.hold_back,
                exclusive: add.exclusive,
                contract: add.contract,
                licensor: add.licensor,
                alid: add.alid,
                by: add.deal.by,
            })),
            Window::Consent { of, from, until } => of.act(Form::Consent, from, until)?,
            Window::Notice { of, sent } => of.act(Form::Notice, sent, None)?,
            Window::Unsay { of } => of.act(Form::Withdrawal, None, None)?,
            Window::List { title, limit } => Act::WindowList { title, limit },
            Window::Conflicts { title } => Act::WindowConflicts { title },
            Window::Explain { title, territory, at } => Act::WindowExplain {
                title,
                territory: policy::Territory::parse(&territory).map_err(|e| e.at("--territory"))?,
                at,
            },
            Window::Name { title, names, by } => Act::WindowName { title, names, by },
            Window::Remove { alid, licensor, by } => Act::WindowRemove { alid, licensor, by },
        })
    }
}
