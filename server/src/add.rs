//! `phim add`: a film, or tracks for a title that exists.
//!
//! Invariants:
//! - A title appears whole, in one transaction, or not at all.
//! - What is done is recorded as it is done, so an `add` that was killed goes on when it is started
//!   again with the same files; with other files it starts anew.
//! - An `add` that is refused leaves the archive as it was.

mod film;
mod inputs;
mod intake;
mod ladder;
mod tracks;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use archive::{Claim, from_io};
use composition::Composition;
use media::Digest;
use media::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};

use crate::browse::TitleView;
use crate::house::{House, WHOLE, now};
use crate::progress::Teller;
use crate::version;

/// What to add, with absolute paths.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Intake {
    pub title: String,
    pub kind: String,
    /// `LANG=TEXT`.
    pub names: Vec<String>,
    pub ready: bool,
    #[serde(default)]
    pub year: Option<u16>,
    #[serde(default)]
    pub credits: String,
    /// `SERIES:S1E18`.
    #[serde(default)]
    pub episode: Option<String>,
    /// Titles of which it is a trailer, a compilation or another cut.
    #[serde(default)]
    pub of: Vec<String>,
    /// Of sound that does not say its own.
    #[serde(default)]
    pub language: Option<String>,
    pub files: Vec<PathBuf>,
    pub audio: Vec<(String, PathBuf)>,
    pub text: Vec<(String, PathBuf)>,
    /// `LANG=TEXT`.
    pub labels: Vec<String>,
}

/// Below the archive: files of an `add` under way, kept when it is killed.
const WORK: &str = "work";
/// One process runs all attempts, and a new owner lets them go: no attempt needs to be outwaited.
const LEASE: i64 = i64::MAX / 4;

/// Adds a title, or tracks to one, and shows it.
pub async fn add(house: &Arc<House>, intake: Intake, teller: Teller) -> Result<TitleView> {
    if !composition::span::is_title_id(&intake.title) {
        return Err(Error::invalid(format!("{:?} is not a title id", intake.title))
            .remedy("Use 1 to 64 of a-z, 0-9, `-`, `_` and `.`"));
    }
    let attempt = Attempt::begin(house, &intake).await?;
    let looking = house.clone();
    tokio::task::spawn_blocking(move || looking.look_at_sandbox());
    let known = house.snapshot().title(&intake.title).is_ok();
    let done = if known {
        tracks::add(house, &intake, &attempt, teller).await
    } else {
        film::add(house, &intake, &attempt, teller).await
    };
    attempt.end(house, done.as_ref().err()).await;
    done?;
    crate::title::show(house, intake.title).await
}

pub fn print(title: &TitleView) {
    crate::title::print_title(title);
}

/// One run of an `add`, which alone may enter what it makes.
struct Attempt {
    claim: Claim,
    /// What earlier runs recorded.
    progress: serde_json::Value,
    /// A folder of its own that outlives the process.
    folder: PathBuf,
}

impl Attempt {
    async fn begin(house: &House, intake: &Intake) -> Result<Attempt> {
        let key = format!("add {}", intake.title);
        let input = inputs::identity(intake)?;
        let catalogue = house.archive().catalogue();
        let folder = house
            .archive()
            .dir()
            .join(WORK)
            .join(&Digest::of(format!("{key}\n{input}").as_bytes()).to_string()[..16]);
        let busy = || {
            Error::new(Kind::Conflict, format!("title {} is being added already", intake.title))
                .remedy("Wait until that is done")
        };
        let job = match catalogue.enter_job(&key, "add", &input, now()).await {
            // Left by a run that is gone, with other files: this one starts anew.
            Err(error)
                if error.kind == Kind::Conflict
                    && catalogue.job(&key).await?.state == archive::JobState::Waiting =>
            {
                catalogue.remove_job(&key).await?;
                catalogue.enter_job(&key, "add", &input, now()).await?
            }
            Err(error) if error.kind == Kind::Conflict => return Err(busy()),
            job => job?,
        };
        let claim = catalogue.claim_job(&key, now(), LEASE).await?.ok_or_else(busy)?;
        std::fs::create_dir_all(&folder).map_err(|e| from_io(&folder, e))?;
        Ok(Attempt { claim, progress: job.progress, folder })
    }

    async fn record(&self, house: &House, progress: &serde_json::Value, stored: &[Digest]) -> Result<()> {
        house.archive().catalogue().advance_job(&self.claim, progress, stored, now(), LEASE).await
    }

    /// Tidies up. What ran out of something may be tried again and keeps what it has; what is refused
    /// leaves nothing.
    async fn end(self, house: &House, error: Option<&Error>) {
        let catalogue = house.archive().catalogue();
        let tidied = match error {
            Some(error) if error.kind == Kind::Unavailable => {
                catalogue.fail_job(&self.claim, error, now()).await
            }
            Some(_) => {
                remove(&self.folder);
                let _changing = house.changing.lock().await;
                match catalogue.remove_job(&self.claim.key).await {
                    Ok(()) => house.sweep().await.map(drop),
                    failed => failed,
                }
            }
            None => {
                remove(&self.folder);
                Ok(())
            }
        };
        if let Err(error) = tidied {
            tracing::warn!(%error, "an add could not tidy up");
        }
    }
}

fn remove(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder) {
        tracing::warn!(%error, folder = %folder.display(), "a work folder cannot be removed");
    }
}

/// Enters a title and its whole as a version, and shows both to everybody.
async fn enter(house: &Arc<House>, row: archive::Title, attempt: &Attempt) -> Result<()> {
    let changing = house.changing.lock().await;
    house.archive().catalogue().put_title(&row, Some((&attempt.claim, now()))).await?;
    house.swap(|snapshot| snapshot.put_title(row.clone()));
    enter_whole(house, &row).await?;
    drop(changing);
    // Orders that waited for this title refuse it until what they are about is found in it.
    crate::order::meet(house, &row.id).await
}

/// Every title has a version that is all of it.
pub async fn enter_whole(house: &Arc<House>, row: &archive::Title) -> Result<()> {
    let labels = [("en", "Whole film"), ("vi", "Bản đầy đủ"), ("ko", "전체판")];
    let labels: BTreeMap<String, String> = labels.map(|(l, t)| (l.to_string(), t.to_string())).into();
    let composition = Composition::new([version::whole(row)])?;
    version::enter(house, &row.id, WHOLE, labels, composition, crate::progress::silent()).await
}
