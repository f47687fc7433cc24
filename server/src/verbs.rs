//! The command line: every verb, its options, its help.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};
use media::error::{Error, Result};

use crate::acts::Act;
use crate::as_of::told;
use crate::check::Depth;
use crate::protect::exchange;
use crate::serve::Listen;
use crate::{add, version};

pub mod case;
pub mod classify;
pub mod order;
pub mod readiness;
pub mod territory;
pub mod token;
pub mod webhook;
pub mod window;

#[derive(Parser, Debug)]
#[command(
    name = "phim",
    version,
    about = "Store a film once, stream every version of it",
    max_term_width = 100
)]
#[command(
    after_help = "Examples:\n  phim demo\n  phim add film.mp4 --title sintel --name en=Sintel --text vi=sintel.vi.srt\n  phim version make --title sintel --name short --cut 10.4-17.375\n  phim serve --host 0.0.0.0 --port 8080"
)]
pub struct Phim {
    /// Folder of the archive
    #[arg(long, global = true, default_value = "data", value_name = "DIR")]
    pub data: PathBuf,
    /// Print the answer as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing on the way
    #[arg(long, short, global = true)]
    pub quiet: bool,
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Serve the archive over HTTP
    #[command(
        after_help = "Prints `ready URL` when requests are answered. SIGTERM or Ctrl-C ends it after the answers under way.\n\nExamples:\n  phim serve\n  phim serve --host 0.0.0.0 --port 443 --tls-cert chain.pem --tls-key key.pem"
    )]
    Serve(Listen),
    /// Bring in the sample films, make their versions and serve them
    Demo(Demo),
    /// Bring a film into the archive, or tracks to a title
    #[command(after_help = ADD_HELP)]
    Add(Add),
    /// Titles: list, show, remove
    #[command(subcommand)]
    Title(Title),
    /// Versions: make, list, show, compare, remove
    #[command(subcommand)]
    Version(Version),
    /// Orders of authorities: place, follow, answer, lift
    #[command(subcommand)]
    Order(order::Order),
    /// Windows: what contracts license, where and when
    #[command(subcommand)]
    Window(window::Window),
    /// Classification: marks, votes, labels, certificates, and what authorities are told
    #[command(subcommand)]
    Classify(classify::Classify),
    /// Cases: letters, questions and answers with one authority on one matter
    #[command(subcommand)]
    Case(case::Case),
    /// Webhooks: programs of others that are told of decisions
    #[command(subcommand)]
    Webhook(webhook::Webhook),
    /// A territory's rules, and what this house needs before it opens there
    #[command(subcommand)]
    Territory(territory::Territory),
    /// Positions: how unclear rules are read, who said so, and until when
    #[command(subcommand)]
    Position(readiness::Position),
    /// Licences, recognitions and designations by authorities
    #[command(subcommand)]
    Licence(readiness::Licence),
    /// Dated documents that meet what a territory asks for
    #[command(subcommand)]
    Evidence(readiness::Evidence),
    /// The register of risks: enter, list, sign
    #[command(subcommand)]
    Risk(readiness::Risk),
    /// Rehearse an order from end to end without viewers noticing, and keep what was measured as evidence
    #[command(after_help = "Example:\n  phim drill VN --title sintel")]
    Drill(readiness::Drill),
    /// Logs of what was decided: verify
    #[command(subcommand)]
    Ledger(Ledger),
    /// Co-sign the logs of somebody else's house, as their witness
    #[command(
        after_help = "Prints `key KEY`, which the house gives to phim serve --witness, and `ready URL`. A checkpoint is co-signed\nonly when it continues the last one; what was co-signed is kept in the folder.\n\nExample:\n  phim witness --data witness --key-name witness.example --log 'phim/…/vn+…'"
    )]
    Witness(crate::witness::Witness),
    /// Access tokens: the keys that seal them, and tokens for play requests
    #[command(subcommand)]
    Token(token::Token),
    /// Print the token with which the desk's page and programs ask
    Desk,
    /// Print the addresses at which a version plays
    #[command(
        after_help = "Examples:\n  phim play-url sintel\n  phim play-url sintel/short --base https://films.example\n  phim play-url sintel --territory VN --as-of 2026-07-10T20:14+07:00"
    )]
    PlayUrl(PlayUrl),
    /// Write a version as static files for delivery by any web server
    #[command(
        after_help = "The folder holds hls.m3u8, dash.mpd and CMAF segments with relative addresses.\n\nExample:\n  phim export --version sintel/short ./sintel-short"
    )]
    Export(Export),
    /// Check that everything stored is there and whole
    #[command(after_help = "Examples:\n  phim check\n  phim check --level hashed --json")]
    Check(Check),
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  phim completions bash > /etc/bash_completion.d/phim")]
    Completions { shell: clap_complete::Shell },
}

#[derive(Args, Debug)]
pub struct Demo {
    #[command(flatten)]
    pub listen: Listen,
    /// Folder of the sample films
    #[arg(long, default_value = "films", value_name = "DIR")]
    pub films: PathBuf,
}

const ADD_HELP: &str = "\
One film file becomes a ladder. Several film files, or --ready, are a ladder already: nothing is encoded
again. Audio and subtitle files carry their language in front, or in their name: film.vi.srt.
A title that exists gets the sound and subtitles named; its picture stays. A killed add goes on when it is
started again with the same files.

Examples:
  phim add film.mkv --title sintel --name en=Sintel --name ko=신텔
  phim add 1080p.mp4 720p.mp4 480p.mp4 --title sintel
  phim add film.mp4 --title sintel --audio ko=korean.m4a --text vi=sub.srt sub.ko.vtt
  phim add --title sintel --text en=late.ttml";

#[derive(Args, Debug)]
pub struct Add {
    /// Film files, and subtitle files named NAME.LANG.srt|vtt|ttml
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Id of the title: a-z, 0-9, `-`, `_`, `.`
    #[arg(long, value_name = "ID")]
    pub title: String,
    /// Name of the title in a language
    #[arg(long, value_name = "LANG=TEXT")]
    pub name: Vec<String>,
    /// What the work is
    #[arg(long, default_value = "film", value_parser = ["film", "programme", "news"])]
    pub kind: String,
    /// Year of its first showing
    #[arg(long, value_name = "YEAR")]
    pub year: Option<u16>,
    /// Whose work it is, as its licence asks to be said
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    pub credits: String,
    /// The series that it is an episode of
    #[arg(long, value_name = "SERIES:S1E18")]
    pub episode: Option<String>,
    /// A title of which it is a trailer, a compilation or another cut: orders on that bind it
    #[arg(long, value_name = "ID")]
    pub of: Vec<String>,
    /// The one film file is a ladder already: store it as it is
    #[arg(long)]
    pub ready: bool,
    /// Language of sound in film files that do not say it
    #[arg(long, value_name = "LANG")]
    pub language: Option<String>,
    /// Sound of its own file, with its language
    #[arg(long, value_name = "LANG=FILE")]
    pub audio: Vec<String>,
    /// Subtitles (SRT, WebVTT, TTML/IMSC), with their language
    #[arg(long, value_name = "LANG=FILE")]
    pub text: Vec<String>,
    /// What viewers read in the menu for a language of --audio or --text
    #[arg(long, value_name = "LANG=TEXT")]
    pub label: Vec<String>,
}

#[derive(Subcommand, Debug)]
pub enum Title {
    /// List the titles
    List,
    /// Show one title: ladder, sound, subtitles, versions
    Show { id: String },
    /// Remove a title, its versions and what only they use
    Remove { id: String },
    /// Serve a title encrypted from now on; makes the keys that its tracks lack
    Protect { id: String },
    /// Print the content keys of a title as CPIX, for a vendor of DRM
    Keys {
        id: String,
        /// Certificate of somebody who may open them (PEM or DER)
        #[arg(long = "for", value_name = "FILE", required_unless_present = "clear")]
        certificates: Vec<PathBuf>,
        /// In the clear, for a channel that is secret itself
        #[arg(long, conflicts_with = "certificates")]
        clear: bool,
    },
    /// Take the content keys of a title from a vendor's CPIX document
    TakeKeys {
        id: String,
        /// The document
        document: PathBuf,
        /// The private key that opens it (PKCS#8, PEM or DER)
        #[arg(long, value_name = "FILE")]
        private_key: Option<PathBuf>,
    },
}

const MAKE_HELP: &str = "\
Positions are frames (250f), seconds (12.5), m:ss (41:18), h:mm:ss.mmm or SMPTE timecode (hh:mm:ss:ff), on
the title's own timeline. Ranges start at the first and end before the second position, and are rounded
outward to frames; an empty end means the end of the film.

Examples:
  phim version make --title sintel --name short --cut 250f-417f --cut 0:29.166-0:29.292
  phim version make --title sintel --name rated --card \"vi=Phim dành cho khán giả từ 13 tuổi\" --card \"ko=13세 이상 관람가\"
  phim version make --title sintel --name reel --span sintel:2-14 --span bunny:0.5-4.5 --span sintel:30-40";

#[derive(Args, Debug)]
#[command(after_help = MAKE_HELP)]
pub struct Make {
    /// The title that the version belongs to
    #[arg(long, value_name = "ID")]
    pub title: String,
    /// Name of the version: a-z, 0-9, `-`, `_`, `.`
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Leave this range out
    #[arg(long, value_name = "FROM-TO")]
    pub cut: Vec<String>,
    /// Start with a card: a line of text and its language; several make one card
    #[arg(long, value_name = "LANG=TEXT")]
    pub card: Vec<String>,
    /// How long the card stands
    #[arg(long, default_value = "4", value_name = "SECONDS", requires = "card")]
    pub card_seconds: String,
    /// Ranges of films, one after the other, instead of the whole title
    #[arg(long, value_name = "TITLE:FROM-TO")]
    pub span: Vec<String>,
    /// What viewers read for the version in a language
    #[arg(long, value_name = "LANG=TEXT")]
    pub label: Vec<String>,
}

#[derive(Subcommand, Debug)]
pub enum Version {
    /// Make a version by leaving out, putting in front, or stringing together
    Make(Make),
    /// List versions
    List {
        #[arg(long, value_name = "ID")]
        title: Option<String>,
    },
    /// Show a version: its spans, seams and what it cost
    Show {
        #[arg(value_name = "TITLE/NAME")]
        version: String,
    },
    /// Say what one version has that the other has not
    Diff {
        #[arg(value_name = "TITLE/NAME")]
        from: String,
        #[arg(value_name = "TITLE/NAME")]
        to: String,
    },
    /// Remove a version; the film stays
    Remove {
        #[arg(value_name = "TITLE/NAME")]
        version: String,
    },
}

#[derive(Subcommand, Debug)]
pub enum Ledger {
    /// Verify a proof, or everything in an evidence file, without the archive
    #[command(
        after_help = "Examples:\n  phim ledger verify evidence.zip\n  phim ledger verify record.tlog-proof --record record.json --key 'phim/…+…'"
    )]
    Verify(LedgerVerify),
}

#[derive(Args, Debug)]
pub struct LedgerVerify {
    /// An evidence file, or a proof (C2SP tlog-proof)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The record that a proof proves
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// A verifier key that you trust, as GET /ledger/LOG/key and /ledger/evidence/key answer it
    #[arg(long, value_name = "KEY")]
    pub key: Vec<String>,
    /// The verifier key of a witness that you trust
    #[arg(long, value_name = "KEY")]
    pub witness: Vec<String>,
}

#[derive(Args, Debug)]
pub struct PlayUrl {
    /// A title, or one of its versions
    #[arg(value_name = "TITLE[/NAME]")]
    pub version: String,
    /// Where the server is reached
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub base: String,
    /// For viewers in this country; without it, for whoever asks
    #[arg(long, value_name = "CC", value_parser = policy::Territory::parse)]
    pub territory: Option<policy::Territory>,
    /// As it was at this instant, for the staff, and why; what it prints plays for an hour
    #[arg(long, value_name = "INSTANT", requires = "territory")]
    pub as_of: Option<String>,
}

impl PlayUrl {
    fn into_act(self) -> Act {
        match (self.as_of, self.territory) {
            (Some(at), Some(territory)) => {
                let (title, version) = match self.version.split_once('/') {
                    Some((title, version)) => (title.to_string(), Some(version.to_string())),
                    None => (self.version, None),
                };
                Act::Then { asked: told::Asked { title, version, territory, at }, base: self.base }
            }
            (_, territory) => Act::PlayUrl { version: self.version, base: self.base, territory },
        }
    }
}

#[derive(Args, Debug)]
pub struct Export {
    #[arg(long, value_name = "TITLE[/NAME]")]
    pub version: String,
    /// New or empty folder
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

#[derive(Args, Debug)]
pub struct Check {
    /// How deep to look: is it there, has it the right size, has it the right bytes
    #[arg(long, value_enum, default_value_t = Depth::Sized)]
    pub level: Depth,
}

impl Verb {
    /// What the verb asks of a house. Paths are made absolute: the owner may stand elsewhere.
    pub fn into_act(self) -> Result<Act> {
        Ok(match self {
            Verb::Add(add) => Act::Add(add.intake()?),
            Verb::Title(Title::List) => Act::TitleList,
            Verb::Title(Title::Show { id }) => Act::TitleShow { id },
            Verb::Title(Title::Remove { id }) => Act::TitleRemove { id },
            Verb::Title(Title::Protect { id }) => Act::TitleProtect { id },
            Verb::Title(Title::Keys { id, certificates, .. }) => {
                let certificates = certificates.iter().map(|path| exchange::certificate(path));
                Act::TitleKeys { id, certificates: certificates.collect::<Result<_>>()? }
            }
            Verb::Title(Title::TakeKeys { id, document, private_key }) => Act::TitleTakeKeys {
                id,
                document: exchange::document(&document)?,
                private_key: private_key.as_deref().map(exchange::private_key).transpose()?,
            },
            Verb::Version(Version::Make(m)) => Act::VersionMake(version::Make {
                title: m.title,
                name: m.name,
                cut: m.cut,
                card: m.card,
                card_seconds: m.card_seconds,
                span: m.span,
                label: m.label,
            }),
            Verb::Version(Version::List { title }) => Act::VersionList { title },
            Verb::Version(Version::Show { version }) => Act::VersionShow { version },
            Verb::Version(Version::Diff { from, to }) => Act::VersionDiff { from, to },
            Verb::Version(Version::Remove { version }) => Act::VersionRemove { version },
            Verb::Order(order) => order.into_act()?,
            Verb::Window(window) => window.into_act()?,
            Verb::Classify(classify) => classify.into_act()?,
            Verb::Case(case) => case.into_act()?,
            Verb::Territory(territory) => territory.into_act()?,
            Verb::Position(position) => position.into_act()?,
            Verb::Licence(licence) => licence.into_act()?,
            Verb::Evidence(evidence) => evidence.into_act()?,
            Verb::Risk(risk) => risk.into_act()?,
            Verb::Drill(drill) => drill.into_act()?,
            Verb::Webhook(webhook) => webhook.into_act(),
            Verb::Token(token) => token.into_act(),
            Verb::Desk => Act::Desk,
            Verb::PlayUrl(p) => p.into_act(),
            Verb::Export(e) => Act::Export { version: e.version, folder: absolute(&e.folder)? },
            Verb::Check(c) => Act::Check { level: c.level },
            Verb::Serve(_)
            | Verb::Demo(_)
            | Verb::Ledger(_)
            | Verb::Witness(_)
            | Verb::Completions { .. } => {
                return Err(Error::internal("this verb is no act of a house"));
            }
        })
    }
}

impl Add {
    fn intake(self) -> Result<add::Intake> {
        let files = self.files.iter().map(|f| absolute(f)).collect::<Result<_>>()?;
        Ok(add::Intake {
            title: self.title,
            kind: self.kind,
            names: self.name,
            year: self.year,
            credits: self.credits,
            episode: self.episode,
            of: self.of,
            ready: self.ready,
            language: self.language,
            files,
            audio: with_languages(&self.audio)?,
            text: with_languages(&self.text)?,
            labels: self.label,
        })
    }
}

/// Reads `LANG=FILE`, several times.
fn with_languages(texts: &[String]) -> Result<Vec<(String, PathBuf)>> {
    let read = |text: &String| {
        let (language, file) = version::language_and(text).map_err(|e| e.at(text.clone()))?;
        Ok((language, absolute(Path::new(&file))?))
    };
    texts.iter().map(read).collect()
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|e| archive::from_io(path, e))
}
