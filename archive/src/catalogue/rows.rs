//! What the catalogue holds, as values.

use std::collections::BTreeMap;

use media::{Digest, Error, Rate, Result, Seconds};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A stored track: the blob of its samples and the blob of its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoredTrack {
    pub blob: Digest,
    pub index: Digest,
}

/// The file that something was taken from, for those who have to prove it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    pub digest: Digest,
    /// Its name without folders.
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TitleKind {
    Film,
    Programme,
    News,
}

/// A work and its media. Positions are frames of the stored tracks; texts, chapters and offsets
/// count in seconds from frame `from`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    pub id: String,
    pub kind: TitleKind,
    /// BCP-47 tag to name.
    pub names: BTreeMap<String, String>,
    pub rate: Rate,
    /// The first frame that is presented.
    pub from: u32,
    /// One past the last frame that is presented.
    pub to: u32,
    /// Names this very media in compositions.
    pub source: Digest,
    pub poster: Option<Digest>,
    /// The frame of the stored tracks that the poster shows.
    pub poster_frame: Option<u32>,
    /// Of the first showing.
    pub year: Option<u16>,
    /// Whose work it is, as its licence asks to be said.
    pub credits: String,
    /// Where it stands in a series.
    pub place: Option<Place>,
    /// Titles of which this is a trailer, a compilation or another cut with files of its own.
    pub derived_from: Vec<String>,
    pub chapters: Vec<Chapter>,
    pub created: i64,
    /// Highest first.
    pub renditions: Vec<Rendition>,
    pub sounds: Vec<Sound>,
    pub texts: Vec<Text>,
    pub thumbnails: Option<Thumbnails>,
}

/// An episode's place in a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Id of the series.
    pub series: String,
    pub season: Option<u32>,
    pub episode: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    pub at: Seconds,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendition {
    pub track: StoredTrack,
    /// A closed group of black pictures of the same configuration, where one could be made.
    pub hold: Option<StoredTrack>,
    pub original: Original,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// BCP-47.
    pub language: String,
    pub label: String,
    pub default: bool,
    pub track: StoredTrack,
    /// One silent sample of the same configuration.
    pub silence: StoredTrack,
    /// When its first heard tick sounds.
    pub offset: Seconds,
    pub loudness: Option<Loudness>,
    pub original: Original,
}

/// Loudness by EBU R 128, in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loudness {
    /// Of the whole programme, in hundredths of a LUFS.
    pub integrated: i32,
    /// In hundredths of a LU.
    pub range: i32,
    /// True peak, in hundredths of a dBTP.
    pub peak: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// BCP-47.
    pub language: String,
    pub label: String,
    pub forced: bool,
    /// WebVTT as Phim writes it.
    pub blob: Digest,
    pub original: Original,
}

/// Small pictures of the film, one JPEG after the other in one blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnails {
    pub blob: Digest,
    /// Pixels.
    pub width: u16,
    pub height: u16,
    pub tiles: Vec<Tile>,
}

/// One small picture: the frame it shows and where its JPEG file lies in the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    pub frame: u32,
    pub offset: u64,
    pub len: u32,
}

/// A named composition of a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub title: String,
    /// Unique within the title.
    pub name: String,
    /// BCP-47 tag to what a person reads.
    pub labels: BTreeMap<String, String>,
    /// The composition's canonical text.
    pub spans: String,
    pub composition: Digest,
    /// The titles whose media it shows. None of them can be removed before this version.
    pub shows: Vec<String>,
    /// Keys of the made media that it needs.
    pub made: Vec<Digest>,
    pub created: i64,
}

/// A version that stood once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    pub title: String,
    pub name: String,
    /// The composition's canonical text.
    pub spans: String,
    pub composition: Digest,
    pub created: i64,
    /// When it was removed.
    pub removed: i64,
}

/// Media that a composition needed and the workshop made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Digest of the need.
    pub key: Digest,
    pub track: StoredTrack,
    /// The need in words.
    pub what: String,
    pub created: i64,
}

/// Everything that a server serves from, read in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// By id.
    pub titles: Vec<Title>,
    /// By title and name.
    pub versions: Vec<Version>,
    /// In the order in which they were removed.
    pub removed: Vec<Removed>,
    pub made: Vec<Made>,
    /// By log and number.
    pub records: Vec<Record>,
}

/// One entry of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// A territory in lower case, or `house`.
    pub log: String,
    /// Counted from 0 within the log.
    pub number: u64,
    /// The record's canonical bytes.
    pub text: String,
}

/// What a record commits to without showing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// SHA-256 of the salt and the content.
    pub commitment: Digest,
    /// 32 bytes in hexadecimal.
    pub salt: String,
    pub content: String,
    /// The file that the content names, such as an order's scan.
    pub blob: Option<Digest>,
}

/// A job to be entered together with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    pub key: String,
    pub kind: String,
    pub input: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Nobody works on it.
    Waiting,
    /// An attempt is under way.
    Running,
    Done,
    Failed,
}

/// Work that survives the process that does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Unique; for an `add` it names the title and what goes into it.
    pub key: String,
    pub kind: String,
    pub state: JobState,
    /// What was asked.
    pub input: Value,
    /// What is done already and need not be done again.
    pub progress: Value,
    /// Why it failed.
    pub error: Option<String>,
    /// Times that it was begun.
    pub attempts: i64,
    pub created: i64,
    pub updated: i64,
}

/// The right to write to a job, until another attempt begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub key: String,
    /// When the job was entered; tells it from an earlier one of the same key.
    pub created: i64,
    pub attempt: i64,
}

/// Something in the catalogue that names a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub blob: Digest,
    /// The length that it must have.
    pub bytes: u64,
    /// The title that it belongs to, if it belongs to one.
    pub title: Option<String>,
    /// What names it, in words: `rendition 0`, `index of sound 1`.
    pub what: String,
    /// Where `blob` is an index: the blob of the samples.
    pub index_of: Option<Digest>,
}

/// What a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub blobs: u64,
    pub bytes: u64,
    pub made: u64,
}

/// A fixed set of words in a column.
pub(super) trait Word: Sized + Copy + PartialEq + 'static {
    const WORDS: &'static [(Self, &'static str)];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(value, _)| *value == self).map(|(_, word)| *word).unwrap_or_default()
    }
    fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, w)| *w == word).map(|(value, _)| *value)
    }
}

impl Word for TitleKind {
    const WORDS: &'static [(Self, &'static str)] =
        &[(TitleKind::Film, "film"), (TitleKind::Programme, "programme"), (TitleKind::News, "news")];
}

impl Word for JobState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (JobState::Waiting, "waiting"),
        (JobState::Running, "running"),
        (JobState::Done, "done"),
        (JobState::Failed, "failed"),
    ];
}

impl TitleKind {
    /// `film`, `programme` or `news`.
    pub fn name(self) -> &'static str {
        self.word()
    }
}

impl std::str::FromStr for TitleKind {
    type Err = Error;
    fn from_str(word: &str) -> Result<TitleKind> {
        Self::of(word).ok_or_else(|| Error::invalid(format!("{word:?} is not film, programme or news")))
    }
}

impl JobState {
    /// `waiting`, `running`, `done` or `failed`.
    pub fn name(self) -> &'static str {
        self.word()
    }
}
