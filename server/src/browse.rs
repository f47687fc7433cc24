//! What there is to watch: titles and their versions, as the API tells them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
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
use crate::label::{LabelView, Labels};
use crate::play::{WordsView, admitted};
use crate::territory::{Place, Vantage};

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Titles {
    pub titles: Vec<TitleView>,
    /// The territory whose rules hold for whoever asks; none when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// A demonstration: the places that a page may ask from, as if its viewer were there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub demo: Vec<Vantage>,
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
    /// Why nothing of it may be played by whoever asks; none when something may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<WordsView>,
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
    /// The label that it bears in each territory whose rules hold for whoever asks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelView>,
    /// Why it may not be played by whoever asks; none when it may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<WordsView>,
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

/// What can be watched, as it is where the viewer is.
#[utoipa::path(get, operation_id = "list_titles", path = "/api/v1/titles", responses((status = 200, body = Titles)))]
pub async fn list(
    house: State<Arc<House>>,
    place: Extension<Place>,
    vantages: Extension<Arc<[Vantage]>>,
    parts: Parts,
) -> std::result::Result<Response, Failure> {
    let (house, place) = (house.0.clone(), place.0);
    let mut all = blocking(move || {
        let mut all = titles(&house)?;
        let snapshot = house.snapshot();
        let labels = Labels::of(&snapshot, &house.packs, place, snapshot.now());
        all.titles.iter_mut().try_for_each(|title| rule(&house, &snapshot, (place, &labels), title))?;
        Ok(all)
    })
    .await?;
    all.territory = place.named().map(|territory| territory.to_string());
    all.demo = vantages.to_vec();
    written(&parts, Cache::Private, &all)
}

/// One title, as it is where the viewer is.
#[utoipa::path(get, operation_id = "show_title", path = "/api/v1/titles/{id}",
    params(("id" = String, Path, description = "Id of the title")),
    responses((status = 200, body = TitleView), (status = 404, body = ErrorBody)))]
pub async fn show(
    house: State<Arc<House>>,
    place: Extension<Place>,
    id: Path<String>,
    parts: Parts,
) -> std::result::Result<Response, Failure> {
    let (house, place, id) = (house.0.clone(), place.0, id.0);
    let title = blocking(move || {
        let mut title = title(&house, &id)?;
        let snapshot = house.snapshot();
        let labels = Labels::of(&snapshot, &house.packs, place, snapshot.now());
        rule(&house, &snapshot, (place, &labels), &mut title)?;
        Ok(title)
    })
    .await?;
    written(&parts, Cache::Private, &title)
}

/// Says of a title and its versions what a viewer in `place` gets: what stands in for them, or why not.
fn rule(
    house: &House,
    snapshot: &Snapshot,
    (place, labels): (Place, &Labels),
    title: &mut TitleView,
) -> Result<()> {
    for version in &mut title.versions {
        // Gone since it was listed; whoever asks to play it is told so.
        let Ok(asked) = snapshot.version(&title.id, &version.name) else { continue };
        let admitted = admitted(house, snapshot, place, &asked.plays)?;
        let shown = admitted.as_ref().unwrap_or(&asked.plays);
        version.labels = labels.told(snapshot, &title.id, &shown.digest);
        match admitted {
            Err(refusals) => version.refused = refusals.first().map(|refusal| (&refusal.says()).into()),
            Ok(plays) if plays.digest == asked.plays.digest => {}
            Ok(plays) => {
                version.composition = plays.digest.to_string();
                version.spans = spans(snapshot, &plays.composition)?;
                version.seconds = length(&version.spans);
            }
        }
        if version.name == WHOLE {
            title.poster = format!("/c/{}/poster.jpg", version.composition);
        }
    }
    if title.versions.iter().all(|version| version.refused.is_some()) {
        title.refused = title.versions.first().and_then(|version| version.refused.clone());
    }
    Ok(())
}

/// Seconds from the start of the first span to the end of the last.
fn length(spans: &[SpanView]) -> f64 {
    spans.last().map_or(0.0, |last| last.at + last.seconds)
}

/// Answers JSON that caches may keep and must ask about.
pub fn json(parts: &Parts, value: &impl Serialize) -> std::result::Result<Response, Failure> {
    written(parts, Cache::Revalidate, value)
}

fn written(parts: &Parts, cache: Cache, value: &impl Serialize) -> std::result::Result<Response, Failure> {
    let text = serde_json::to_vec(value)
        .map_err(|e| Error::internal(format!("an answer cannot be written: {e}")))?;
    Ok(Entity::text(parts, "application/json", cache, None, text).answer(parts)?)
}

/// Every title. Blocks on the disk the first time.
pub fn titles(house: &House) -> Result<Titles> {
    let snapshot = house.snapshot();
    let all = snapshot.titles.values().map(|title| {
        let versions =
            snapshot.versions_of(&title.row.id).map(|v| version_view(&snapshot, v)).collect::<Result<_>>()?;
        Ok(title_view(house, &snapshot, title, versions))
    });
    Ok(Titles { titles: all.collect::<Result<_>>()?, territory: None, demo: Vec::new() })
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
        refused: None,
    }
}

pub fn version_view(snapshot: &Snapshot, version: &Version) -> Result<VersionView> {
    let spans = spans(snapshot, &version.plays.composition)?;
    Ok(VersionView {
        name: version.row.name.clone(),
        label: version.row.labels.clone(),
        composition: version.row.composition.to_string(),
        seconds: length(&spans),
        spans,
        bytes_added: None,
        bytes_shared: None,
        labels: Vec::new(),
        refused: None,
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
