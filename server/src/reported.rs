//! A viewer reports a title: what is wrong with it, in their own words.
//!
//! It becomes a letter in a case of the house for that title, which the desk shows. Nobody is asked who they
//! are, and nothing of who they are is kept. The words are sealed, as all letters are.
//!
//! Invariant: an address, and all addresses together, enter only so many reports in a time, because each is
//! a record for ever. Addresses are remembered in memory, for as long as they count.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use hyper::StatusCode;
use media::error::{Error, Kind, Result};
use policy::{Act, Party, Territory};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::decide::Proposal;
use crate::error::{ErrorBody, Failure};
use crate::house::{House, Snapshot};
use crate::order::Letter;
use crate::territory::Place;

/// Characters of a viewer's words.
const MOST_WORDS: usize = 1000;
/// Reports of one address, and of all, within [`WINDOW`].
const OF_ONE: usize = 5;
const OF_ALL: usize = 200;
const WINDOW: Duration = Duration::from_secs(600);
/// Who speaks in such a case.
const VIEWERS: &str = "viewers";

/// What is wrong with a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ReportKind)]
pub enum About {
    /// It breaks the law.
    Unlawful,
    /// Its label or its warnings are wrong.
    Label,
    /// It harms children.
    Children,
    /// It is somebody else's work.
    Rights,
    /// Picture, sound or text are broken.
    Broken,
    Other,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ViewerReport)]
pub struct Asked {
    /// Id of the title.
    pub title: String,
    /// Where in it, in seconds.
    #[serde(default)]
    pub at: Option<f64>,
    pub kind: About,
    /// At most 1,000 characters; may be empty.
    #[serde(default)]
    pub words: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ViewerReported)]
pub struct Taken {
    /// The case that it was entered into.
    pub case: String,
}

/// Where a request comes from, as far as it is known.
#[derive(Clone, Copy)]
pub struct From(pub Option<IpAddr>);

/// Takes a viewer's report of a title.
#[utoipa::path(post, operation_id = "report_title", path = "/api/v1/report", request_body = Asked,
    responses((status = 201, body = Taken), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub async fn take(
    house: State<Arc<House>>,
    place: Extension<Place>,
    from: Extension<From>,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    let asked: Asked = serde_json::from_slice(&body).map_err(|e| {
        Error::invalid(format!("the body is not what is expected: {e}"))
            .remedy(r#"Send {"title": "ID", "kind": "unlawful", "words": "…"}"#)
    })?;
    let letter = Letter { text: letter(&asked)?, file: None };
    let snapshot = house.snapshot();
    snapshot.title(&asked.title)?;
    let territories = territories(&snapshot, place.0)?;
    if !house.reports.enter(from.0.0, Instant::now()) {
        let error = Error::new(Kind::Unavailable, "too many reports came in a short time")
            .remedy("Try again in ten minutes");
        return Ok(crate::error::problem(StatusCode::TOO_MANY_REQUESTS, &error));
    }
    let case = case_of(&asked.title, &territories);
    let (sealed, document) = letter.seal(&house)?;
    let opened = Act::CaseOpened { case: case.clone(), authority: VIEWERS.into(), territories };
    let entered = Act::CaseLetter { case: case.clone(), from: Party::Authority, letter: sealed };
    house.decide(VIEWERS, opened.into()).await?;
    house.decide(VIEWERS, Proposal { act: entered, documents: vec![document], jobs: Vec::new() }).await?;
    Ok((StatusCode::CREATED, Json(Taken { case })).into_response())
}

/// What the case shows: kind and place first, then the words as they came.
fn letter(asked: &Asked) -> Result<String> {
    if asked.words.chars().count() > MOST_WORDS {
        return Err(Error::invalid(format!("the words are more than {MOST_WORDS} characters")));
    }
    if asked.words.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Error::invalid("the words hold control characters"));
    }
    let kind = serde_json::to_value(asked.kind).ok().and_then(|kind| kind.as_str().map(String::from));
    let mut head = format!("[{}]", kind.unwrap_or_default());
    if let Some(at) = asked.at {
        if !(0.0..360_000.0).contains(&at) {
            return Err(Error::invalid("no title is that long").at("at"));
        }
        let whole = at as u64;
        head.push_str(&format!(" {:02}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60));
    }
    Ok(format!("{head} {}", asked.words.trim()).trim_end().to_string())
}

/// The countries whose logs it goes to: the viewer's, or all that the house has declared.
fn territories(snapshot: &Snapshot, place: Place) -> Result<Vec<Territory>> {
    let mut own: Vec<Territory> = place.territories().collect();
    if own.is_empty() {
        let dossiers = snapshot.state.dossiers();
        own.extend(
            dossiers.filter(|(_, dossier)| dossier.declared.is_some()).map(|(territory, _)| territory),
        );
    }
    own.sort_unstable();
    own.dedup();
    match own.is_empty() {
        true => Err(Error::not_found("this house has opened no country that could take a report")
            .remedy("Declare a territory: phim territory declare")),
        false => Ok(own),
    }
}

fn case_of(title: &str, territories: &[Territory]) -> String {
    let codes: Vec<&str> = territories.iter().map(|territory| territory.code()).collect();
    format!("{VIEWERS}/{}/{title}", codes.join("-"))
}

/// Counts reports.
#[derive(Default)]
pub struct Reports(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    /// Every report of the window, the oldest first.
    all: VecDeque<(Instant, Option<IpAddr>)>,
    of: HashMap<Option<IpAddr>, usize>,
}

impl Reports {
    /// Counts one more. False: there were too many. Of addresses that are not known, all are one.
    pub fn enter(&self, from: Option<IpAddr>, now: Instant) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((at, from)) = counted.all.front().copied()
            && now.duration_since(at) >= WINDOW
        {
            counted.all.pop_front();
            if let Some(count) = counted.of.get_mut(&from) {
                *count -= 1;
            }
            counted.of.retain(|_, count| *count > 0);
        }
        let own = counted.of.get(&from).copied().unwrap_or(0);
        if own >= OF_ONE || counted.all.len() >= OF_ALL {
            return false;
        }
        counted.all.push_back((now, from));
        counted.of.insert(from, own + 1);
        true
    }
}

#[cfg(test)]
mod tests;
