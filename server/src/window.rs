//! Windows: what contracts license, brought in from workbooks and XML or entered by hand.
//!
//! Invariants:
//! - An import with errors changes nothing, unless the operator takes what is valid of it.
//! - What is brought in twice changes nothing the second time. All of an import stands in the log, or none.
//! - The document itself is kept, and its records commit to it.

use std::path::PathBuf;
use std::sync::Arc;

use avails::{Finding, Import};
use jiff::Timestamp;
use media::error::{Error, Result};
use policy::avail::{Conflict, Dealing, End, Explained, MayEdit, Spoken, TellBefore, Territories};
use policy::{Act, Avail, AvailId, Territory, Window};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::decide::{Proposal, Taken, sealed};
use crate::house::{House, Snapshot, blocking};
use crate::progress::{Step, Teller};

pub mod consent;
pub mod door;
mod told;

pub use consent::{SaidView, Saying};
pub use told::{print, verdict};

/// Bytes of avails in one record: a record holds 60,000, and its other members need some.
const MAX_PACKED: usize = 50_000;

/// A file to bring in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Importing {
    pub file: PathBuf,
    pub given: Given,
}

/// What is given with a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Leave out the lines with errors instead of changing nothing.
    pub accept_valid: bool,
    /// Say what would change, and change nothing.
    pub dry_run: bool,
    pub dealing: Dealing,
    pub by: String,
}

/// A window entered by hand.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddWindow)]
pub struct Adding {
    pub title: String,
    /// Codes; `ZZ` is the world.
    pub territories: Vec<String>,
    #[serde(default)]
    pub except: Vec<String>,
    /// A day, a local time, or an instant with its offset.
    pub start: String,
    /// The last day, a local time, an instant, or `open`.
    #[serde(default = "open")]
    pub end: String,
    /// EST, VOD, SVOD…
    pub licence: String,
    /// SD, HD, UHD…; any when left out.
    #[serde(default)]
    pub format: String,
    #[serde(default)]
    pub languages: Vec<String>,
    #[serde(default)]
    pub held_back: Vec<String>,
    #[serde(default)]
    pub exclusive: bool,
    #[serde(default)]
    pub contract: String,
    #[serde(default)]
    pub licensor: String,
    /// Named after the title where it is left out.
    #[serde(default)]
    pub alid: Option<String>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub dealing: Dealing,
    #[serde(default = "desk")]
    pub by: String,
}

fn open() -> String {
    "open".into()
}

fn desk() -> String {
    crate::desk::DESK.into()
}

/// What a verb about windows answers.
#[derive(Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    Imported(Imported),
    Listed { avails: Vec<Listed>, more: usize },
    Conflicts { conflicts: Vec<serde_json::Value> },
    Explained(Explanation),
    Changed { taken: Taken },
}

/// What became of a file.
#[derive(Serialize, Deserialize)]
pub struct Imported {
    pub form: String,
    pub lines: u32,
    /// Whether anything was recorded.
    pub changed: bool,
    /// Avails that are new or differ, that are gone, and that stood as they are.
    pub entered: usize,
    pub removed: usize,
    pub unchanged: usize,
    pub windows: usize,
    pub errors: u32,
    pub warnings: u32,
    pub findings: Vec<Finding>,
    /// Errors kept it from changing anything.
    pub refused: bool,
}

/// An avail, and which titles of the house it is found for.
#[derive(Serialize, Deserialize)]
pub struct Listed {
    #[serde(flatten)]
    pub avail: Avail,
    pub titles: Vec<String>,
    /// What was said of edits, the latest first.
    pub said: Vec<SaidView>,
}

/// Whether a title is licensed in a territory at an instant, and why.
#[derive(Serialize, Deserialize)]
pub struct Explanation {
    pub title: String,
    pub territory: Territory,
    pub at: Timestamp,
    pub open: bool,
    /// What may be edited under the windows in force.
    pub may_edit: MayEdit,
    /// When the next window opens or shuts.
    pub next_change: Option<Timestamp>,
    /// Every name by which windows are found.
    pub names: Vec<String>,
    /// Each with what its contract says of edits, and what was said of them so far.
    pub windows: Vec<serde_json::Value>,
}

/// Reads a file and enters what it says.
pub async fn import(house: &Arc<House>, importing: Importing, teller: Teller) -> Result<Answer> {
    let name = importing.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let path = importing.file;
    let bytes = blocking(move || {
        let length = std::fs::metadata(&path).map_err(|e| archive::from_io(&path, e))?.len();
        if length > avails::MAX_FILE as u64 {
            return Err(Error::unsupported(format!(
                "a file of {length} bytes; at most {}",
                avails::MAX_FILE
            ))
            .at(path.display().to_string())
            .remedy("Split it into several files"));
        }
        std::fs::read(&path).map_err(|e| archive::from_io(&path, e))
    })
    .await?;
    take(house, bytes, name, importing.given, teller).await
}

/// Reads the bytes of a file and enters what they say.
pub async fn take(
    house: &Arc<House>,
    bytes: Vec<u8>,
    name: String,
    given: Given,
    teller: Teller,
) -> Result<Answer> {
    let (bytes, read) = blocking({
        let (dealing, name) = (given.dealing.clone(), name.clone());
        move || {
            let step = format!("reading {name}");
            let mut progress = |lines| teller(Step::new(step.as_str(), u64::from(lines), 0));
            let import = avails::read(&bytes, avails::Terms { dealing, progress: &mut progress });
            import.map(|import| (bytes, import)).map_err(|e| e.at(name))
        }
    })
    .await?;
    enter(house, &bytes, read, &name, &given).await.map(Answer::Imported)
}

async fn enter(
    house: &Arc<House>,
    bytes: &[u8],
    import: Import,
    name: &str,
    given: &Given,
) -> Result<Imported> {
    let snapshot = house.snapshot();
    let rights = snapshot.state.rights();
    let windows = import.entered.iter().map(|avail| avail.windows.len()).sum();
    let known = |avail: &Avail| rights.avail(&avail.id).is_some_and(|known| **known == *avail);
    let (same, new): (Vec<Avail>, Vec<Avail>) = import.entered.into_iter().partition(known);
    let gone: Vec<AvailId> = import.removed.into_iter().filter(|id| rights.avail(id).is_some()).collect();
    let refused = import.errors > 0 && !given.accept_valid;
    let mut imported = Imported {
        form: import.form,
        lines: import.lines,
        changed: false,
        entered: new.len(),
        removed: gone.len(),
        unchanged: same.len(),
        windows,
        errors: import.errors,
        warnings: import.warnings,
        findings: import.findings,
        refused,
    };
    if refused || given.dry_run || (new.is_empty() && gone.is_empty()) {
        return Ok(imported);
    }
    let blob = house.archive().blobs().put(bytes)?;
    let content = json!({ "file": name, "form": imported.form, "blob": blob.to_string() });
    let (document, kept) = sealed(&content, Some(blob))?;
    let document = Some(document);
    let mut proposals: Vec<Proposal> =
        packed(new)?.into_iter().map(|avails| Act::AvailsEntered { document, avails }.into()).collect();
    let removals = gone.chunks(100).map(|some| Act::AvailsRemoved { document, avails: some.to_vec() }.into());
    proposals.extend(removals);
    if let Some(first) = proposals.first_mut() {
        first.documents.push(kept);
    }
    imported.changed = house.decide_all(&given.by, proposals).await?.changed;
    Ok(imported)
}

/// Avails in lots that one record holds each.
fn packed(avails: Vec<Avail>) -> Result<Vec<Vec<Avail>>> {
    let (mut lots, mut left) = (Vec::<Vec<Avail>>::new(), 0);
    for avail in avails {
        let bytes = serde_json::to_vec(&avail).map_err(|e| Error::internal(e.to_string()))?.len() + 1;
        if bytes > MAX_PACKED {
            let windows = avail.windows.len();
            let message = format!("{windows} windows make {bytes} bytes; a record holds {MAX_PACKED}");
            return Err(Error::unsupported(message)
                .at(avail.id.to_string())
                .remedy("Split the avail into several ALIDs"));
        }
        match lots.last_mut().filter(|_| bytes <= left) {
            Some(lot) => lot.push(avail),
            None => {
                lots.push(vec![avail]);
                left = MAX_PACKED;
            }
        }
        left -= bytes;
    }
    Ok(lots)
}

/// Enters a window by hand, beside those that its avail has.
pub async fn add(house: &Arc<House>, adding: Adding) -> Result<Answer> {
    let snapshot = house.snapshot();
    let title = adding.title.clone();
    if !snapshot.titles.contains_key(&title) {
        return Err(
            Error::not_found(format!("there is no title {title:?}")).remedy("phim title list shows them")
        );
    }
    let alid = adding.alid.clone().unwrap_or_else(|| format!("house:{title}"));
    let id = AvailId::new(&adding.licensor, &alid);
    let by = adding.by.clone();
    let window = adding.window()?;
    let mut avail = match snapshot.state.rights().avail(&id) {
        Some(known) => (**known).clone(),
        None => Avail { id, names: Vec::new(), parents: Vec::new(), bundle: Vec::new(), windows: Vec::new() },
    };
    if let Err(at) = avail.names.binary_search(&title) {
        avail.names.insert(at, title);
    }
    if !avail.windows.contains(&window) {
        avail.windows.push(window);
    }
    avail.check()?;
    let act = Act::AvailsEntered { document: None, avails: vec![avail] };
    Ok(Answer::Changed { taken: house.decide(&by, act.into()).await? })
}

impl Adding {
    fn window(self) -> Result<Window> {
        let languages = |texts: &[String]| -> Result<Vec<Spoken>> {
            let mut all: Vec<Spoken> =
                texts.iter().map(|text| avails::language(text)).collect::<Result<_>>()?;
            all.sort();
            all.dedup();
            Ok(all)
        };
        let codes =
            |texts: &[String]| texts.iter().map(|text| Territory::parse(text)).collect::<Result<Vec<_>>>();
        let except = codes(&self.except).map_err(|e| e.at("--except"))?;
        let territories = match &self.territories[..] {
            [world] if world == "ZZ" => Territories::world(except),
            some => Territories::new(codes(some).map_err(|e| e.at("--territory"))?, except)?,
        };
        let window = Window {
            territories,
            start: avails::start(&self.start).map_err(|e| e.at("--start"))?,
            end: match self.end.as_str() {
                "open" => End::Open,
                end => avails::end(end).map_err(|e| e.at("--end"))?,
            },
            latest_end: None,
            licence: self.licence,
            format: self.format,
            languages: policy::avail::Languages {
                asset: Vec::new(),
                allowed: languages(&self.languages).map_err(|e| e.at("--language"))?,
                held_back: languages(&self.held_back).map_err(|e| e.at("--hold-back"))?,
            },
            exclusive: self.exclusive,
            licensee: String::new(),
            transaction: String::new(),
            contract: self.contract,
            dealing: self.dealing,
            place: String::new(),
        };
        window.check().map(|()| window)
    }
}

/// Removes an avail. The licensor may be left out where only one uses the ALID.
pub async fn remove(house: &Arc<House>, alid: &str, licensor: Option<&str>, by: &str) -> Result<Answer> {
    let snapshot = house.snapshot();
    let fits = |id: &AvailId| id.alid == alid && licensor.is_none_or(|licensor| id.licensor == licensor);
    let ids: Vec<AvailId> =
        snapshot.state.rights().avails().map(|avail| avail.id.clone()).filter(fits).collect();
    let [id] = &ids[..] else {
        let message = match ids.len() {
            0 => format!("there is no avail {alid:?}"),
            _ => format!("{} licensors use the ALID {alid:?}", ids.len()),
        };
        return Err(Error::not_found(message)
            .remedy("phim window list shows the avails; --licensor tells them apart"));
    };
    let act = Act::AvailsRemoved { document: None, avails: vec![id.clone()] };
    Ok(Answer::Changed { taken: house.decide(by, act.into()).await? })
}

/// Says under which names contracts speak of a title.
pub async fn name(house: &Arc<House>, title: &str, names: &[String], by: &str) -> Result<Answer> {
    if !house.snapshot().titles.contains_key(title) {
        return Err(
            Error::not_found(format!("there is no title {title:?}")).remedy("phim title list shows them")
        );
    }
    let mut names: Vec<String> = names.iter().map(|name| policy::avail::identifier::name(name)).collect();
    names.sort();
    names.dedup();
    let act = Act::TitleNamed { title: title.into(), names };
    Ok(Answer::Changed { taken: house.decide(by, act.into()).await? })
}

/// The avails, of one title or all, the first `limit`.
pub fn list(house: &House, title: Option<&str>, limit: usize) -> Answer {
    let snapshot = house.snapshot();
    let rights = snapshot.state.rights();
    let titles = titles(&snapshot);
    let of_title = |avail: &Avail| {
        title.is_none_or(|title| {
            titles(avail).iter().any(|known| known == title) || avail.names.iter().any(|n| n == title)
        })
    };
    let mut all = rights.avails().filter(|avail| of_title(avail));
    let avails = all
        .by_ref()
        .take(limit)
        .map(|avail| Listed {
            titles: titles(avail),
            said: consent::said(rights, &avail.id, None),
            avail: (**avail).clone(),
        })
        .collect();
    Answer::Listed { avails, more: all.count() }
}

/// Which titles of the house an avail names.
fn titles(snapshot: &Snapshot) -> impl Fn(&Avail) -> Vec<String> {
    let mut by_name = std::collections::HashMap::<&str, Vec<&str>>::new();
    for (title, names) in snapshot.state.rights().named_titles() {
        names.iter().for_each(|name| by_name.entry(name).or_default().push(title));
    }
    move |avail: &Avail| {
        let own = avail.names.iter().map(String::as_str).filter(|name| snapshot.titles.contains_key(*name));
        let named = avail.names.iter().filter_map(|name| by_name.get(name.as_str())).flatten().copied();
        let mut titles: Vec<String> = own.chain(named).map(str::to_string).collect();
        titles.sort();
        titles.dedup();
        titles
    }
}

/// Where windows contradict each other, of one title or of everything that is licensed.
pub fn conflicts(house: &House, title: Option<&str>) -> Result<Answer> {
    let snapshot = house.snapshot();
    let rights = snapshot.state.rights();
    let works: Vec<String> = match title {
        Some(title) => vec![title.to_string()],
        None => {
            let first = rights.avails().filter_map(|avail| avail.names.first().cloned());
            let mut works: Vec<String> = first.chain(snapshot.titles.keys().cloned()).collect();
            works.sort();
            works.dedup();
            works
        }
    };
    let mut conflicts: Vec<Conflict> = Vec::new();
    for conflict in works.iter().flat_map(|work| rights.conflicts(work)) {
        if !conflicts.contains(&conflict) && conflicts.len() < MAX_CONFLICTS {
            conflicts.push(conflict);
        }
    }
    let told: Result<Vec<_>> = conflicts.iter().map(plain).collect();
    Ok(Answer::Conflicts { conflicts: told? })
}

/// Conflicts in one answer at most.
const MAX_CONFLICTS: usize = 1_000;

fn plain(value: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(|e| Error::internal(e.to_string()))
}

/// What the windows of a title say about a territory at an instant.
pub fn explain(house: &House, title: &str, territory: Territory, at: Option<&str>) -> Result<Answer> {
    let snapshot = house.snapshot();
    let zone = house.packs.zone(&[territory]);
    let at = at.map(|text| policy::instant::read(text, zone)).transpose()?.unwrap_or_else(Timestamp::now);
    let rights = snapshot.state.rights();
    let licensed = rights.licensed(title);
    let in_force = licensed.in_force(territory, at);
    let window = |explained: &Explained| {
        let mut window = plain(explained)?;
        window["said"] = plain(&consent::said(rights, &explained.avail, Some(title)))?;
        Ok(window)
    };
    let windows: Result<Vec<_>> = licensed.explain(territory, at).iter().map(window).collect();
    let names = std::iter::once(title.to_string()).chain(rights.names_of(title).iter().cloned());
    Ok(Answer::Explained(Explanation {
        title: title.to_string(),
        territory,
        at,
        open: !in_force.is_empty(),
        may_edit: policy::avail::licensed::may_edit(&in_force),
        next_change: licensed.next_change(territory, at),
        names: names.collect(),
        windows: windows?,
    }))
}

/// What a contract says about edits and expiry, from options.
pub fn dealing(expiry: &str, may_edit: &str, tell: &str, tell_before: Option<&str>) -> Result<Dealing> {
    let word = |text: &str| serde_json::Value::String(text.into());
    let wrong = |member: &'static str| move |_| Error::invalid("not one of the words").at(member);
    Ok(Dealing {
        expiry: serde_json::from_value(word(expiry)).map_err(wrong("--expiry"))?,
        may_edit: serde_json::from_value(word(may_edit)).map_err(wrong("--may-edit"))?,
        tell: tell.into(),
        tell_before: match tell_before {
            Some(text) => {
                Some(TellBefore(policy::avail::Lag::read(text).map_err(|e| e.at("--tell-before"))?))
            }
            None => None,
        },
    })
}
