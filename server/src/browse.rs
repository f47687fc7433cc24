//! What there is to watch: titles and their versions, as the API tells them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use composition::{Composition, Span};
use hyper::http::request::Parts;
use media::error::{Error, Result};
use media::{Digest, Rate, Seconds};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::{Cache, Entity};
use crate::error::{ErrorBody, Failure};
use crate::house::{House, Snapshot, Title, Version, WHOLE, blocking};

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Titles {
    pub titles: Vec<TitleView>,
}

/// A work that can be watched.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Title)]
pub struct TitleView {
    pub id: String,
    /// BCP-47 tag to name.
    pub name: BTreeMap<String, String>,
    /// `film`, `programme` or `news`.
    pub kind: String,
    pub seconds: f64,
    /// Edit units (frames) of the whole.
    pub units: u32,
    /// Pixels of the highest rendition, as shown.
    pub width: u16,
    pub height: u16,
    /// Frames a second: `24`, `24000/1001`.
    pub rate: String,
    /// Address of a picture.
    pub poster: String,
    /// Year of its first showing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Whose work it is, as its licence asks to be said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub credits: String,
    pub audio: Vec<StreamView>,
    pub text: Vec<StreamView>,
    pub versions: Vec<VersionView>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Stream)]
pub struct StreamView {
    /// BCP-47.
    pub lang: String,
    /// What a person reads in the menu; may be empty.
    pub label: String,
}

/// One version of a title.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Version)]
pub struct VersionView {
    pub name: String,
    /// BCP-47 tag to what a person reads.
    pub label: BTreeMap<String, String>,
    /// Digest of the composition.
    pub composition: String,
    pub seconds: f64,
    pub spans: Vec<SpanView>,
    /// Bytes stored for this version beside the films it is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_added: Option<u64>,
    /// Bytes of the films that it plays as they are stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_shared: Option<u64>,
}

/// A run of a version that comes from one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Span)]
pub struct SpanView {
    /// `film` or `card`.
    pub kind: String,
    /// Seconds from the version's start.
    pub at: f64,
    pub seconds: f64,
    /// Edit units from the version's start, when all of it has one rate.
    pub at_unit: u64,
    pub units: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Seconds from the title's start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// Edit units from the title's start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_unit: Option<u32>,
}

/// What can be watched.
#[utoipa::path(get, path = "/api/v1/titles", responses((status = 200, body = Titles)))]
pub async fn list(house: State<Arc<House>>, parts: Parts) -> std::result::Result<Response, Failure> {
    let house = house.0.clone();
    json(&parts, &blocking(move || titles(&house)).await?)
}

/// One title.
#[utoipa::path(get, path = "/api/v1/titles/{id}", params(("id" = String, Path, description = "Id of the title")),
    responses((status = 200, body = TitleView), (status = 404, body = ErrorBody)))]
pub async fn show(
    house: State<Arc<House>>,
    id: Path<String>,
    parts: Parts,
) -> std::result::Result<Response, Failure> {
    let (house, id) = (house.0.clone(), id.0);
    json(&parts, &blocking(move || title(&house, &id)).await?)
}

/// Answers JSON that caches may keep and must ask about.
pub fn json(parts: &Parts, value: &impl Serialize) -> std::result::Result<Response, Failure> {
    let text = serde_json::to_vec(value)
        .map_err(|e| Error::internal(format!("an answer cannot be written: {e}")))?;
    Ok(Entity::text(parts, "application/json", Cache::Revalidate, None, text).answer(parts)?)
}

/// Every title. Blocks on the disk the first time.
pub fn titles(house: &House) -> Result<Titles> {
    let snapshot = house.snapshot();
    let all = snapshot.titles.values().map(|title| {
        let versions =
            snapshot.versions_of(&title.row.id).map(|v| version_view(&snapshot, v)).collect::<Result<_>>()?;
        Ok(title_view(house, &snapshot, title, versions))
    });
    Ok(Titles { titles: all.collect::<Result<_>>()? })
}

/// One title, and what its versions cost. Blocks on the disk the first time.
pub fn title(house: &House, id: &str) -> Result<TitleView> {
    let snapshot = house.snapshot();
    let title = snapshot.title(id)?;
    let mut versions = Vec::new();
    for version in snapshot.versions_of(id) {
        let (added, shared) = crate::version::bytes(house, &snapshot, version)?;
        let view = version_view(&snapshot, version)?;
        versions.push(VersionView { bytes_added: Some(added), bytes_shared: Some(shared), ..view });
    }
    Ok(title_view(house, &snapshot, title, versions))
}

fn title_view(house: &House, snapshot: &Snapshot, title: &Title, versions: Vec<VersionView>) -> TitleView {
    let row = &title.row;
    let whole = snapshot.version(&row.id, WHOLE).ok();
    let stream = |lang: &str, label: &str| StreamView { lang: lang.to_string(), label: label.to_string() };
    // A title whose index is lost is still listed; playing it says what is wrong.
    let (width, height) = house.size(title).unwrap_or_default();
    TitleView {
        id: row.id.clone(),
        name: row.names.clone(),
        kind: row.kind.name().to_string(),
        seconds: float(row.rate.seconds((row.to - row.from) as i64)),
        units: row.to - row.from,
        width,
        height,
        rate: rate_text(row.rate),
        poster: whole.map(|v| format!("/c/{}/poster.jpg", v.row.composition)).unwrap_or_default(),
        year: row.year,
        credits: row.credits.clone(),
        audio: row.sounds.iter().map(|s| stream(&s.language, &s.label)).collect(),
        text: row.texts.iter().map(|t| stream(&t.language, &t.label)).collect(),
        versions,
    }
}

pub fn version_view(snapshot: &Snapshot, version: &Version) -> Result<VersionView> {
    let spans = spans(snapshot, &version.plays.composition)?;
    Ok(VersionView {
        name: version.row.name.clone(),
        label: version.row.labels.clone(),
        composition: version.row.composition.to_string(),
        seconds: spans.last().map_or(0.0, |s| s.at + s.seconds),
        spans,
        bytes_added: None,
        bytes_shared: None,
    })
}

/// The spans of a composition at their places in time.
pub fn spans(snapshot: &Snapshot, composition: &Composition) -> Result<Vec<SpanView>> {
    let mut at = Seconds::from_integer(0);
    let mut at_unit = 0;
    let mut out = Vec::with_capacity(composition.spans().len());
    for span in composition.spans() {
        let row = &snapshot.title(span.source().0)?.row;
        let length = row.rate.seconds(span.units() as i64);
        let (kind, title, from_unit) = match span {
            Span::Film { title, from, .. } => {
                ("film", Some(title.clone()), Some(from.saturating_sub(row.from)))
            }
            Span::Card { .. } => ("card", None, None),
        };
        out.push(SpanView {
            kind: kind.to_string(),
            at: float(at),
            seconds: float(length),
            at_unit,
            units: span.units(),
            title,
            from: from_unit.map(|unit| float(row.rate.seconds(unit as i64))),
            from_unit,
        });
        at += length;
        at_unit += span.units() as u64;
    }
    Ok(out)
}

/// JSON has no fractions. Nothing computes with the number that comes out.
pub fn float(at: Seconds) -> f64 {
    *at.numer() as f64 / *at.denom() as f64
}

fn rate_text(rate: Rate) -> String {
    if rate.den() == 1 { rate.num().to_string() } else { rate.to_string() }
}

/// The addresses of a composition's parts.
pub fn address(composition: &Digest, file: &str) -> String {
    format!("/c/{composition}/{file}")
}
