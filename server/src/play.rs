//! A player asks to play: what, and it gets told where from.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use media::error::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::browse::{SpanView, address, spans};
use crate::error::{ErrorBody, Failure};
use crate::house::{House, Snapshot, WHOLE};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlayRequest {
    /// Id of the title.
    pub title: String,
    /// Name of the version; the whole title when left out.
    #[serde(default)]
    pub version: Option<String>,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Play {
    /// Address of the HLS multivariant playlist.
    pub hls: String,
    /// Address of the DASH presentation.
    pub dash: String,
    /// Digest of the composition.
    pub composition: String,
    pub seconds: f64,
    pub poster: String,
    pub thumbnails: String,
    pub chapters: String,
    /// What the player must show; none yet.
    pub obligations: Vec<String>,
    /// When these addresses must be asked for again (RFC 3339).
    pub expires: String,
    /// Where the version differs from the whole title.
    pub edits: Vec<EditView>,
}

/// One place where something was left out, put in, or joined.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Edit)]
pub struct EditView {
    /// Seconds from the version's start.
    pub at: f64,
    /// `cut`, `card` or `join`.
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_seconds: Option<f64>,
}

/// How long addresses hold.
const HOLDS_SECONDS: i64 = 24 * 3600;

/// Where a version plays from.
#[utoipa::path(post, path = "/api/v1/play", request_body = PlayRequest,
    responses((status = 200, body = Play), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn play(house: State<Arc<House>>, body: Bytes) -> std::result::Result<Response, Failure> {
    let request: PlayRequest = serde_json::from_slice(&body).map_err(|e| {
        Error::invalid(format!("the body is not what is expected: {e}"))
            .remedy(r#"Send {"title": "ID", "version": "NAME"}"#)
    })?;
    let play = answer(&house.snapshot(), &request)?;
    Ok(([("cache-control", "no-store")], Json(play)).into_response())
}

fn answer(snapshot: &Snapshot, request: &PlayRequest) -> Result<Play> {
    let version = snapshot.version(&request.title, request.version.as_deref().unwrap_or(WHOLE))?;
    let composition = version.row.composition;
    let title = &snapshot.title(&request.title)?.row;
    let spans = spans(snapshot, &version.plays.composition)?;
    let expires = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() + HOLDS_SECONDS);
    Ok(Play {
        hls: address(&composition, "hls.m3u8"),
        dash: address(&composition, "dash.mpd"),
        composition: composition.to_string(),
        seconds: spans.last().map_or(0.0, |s| s.at + s.seconds),
        poster: address(&composition, "poster.jpg"),
        thumbnails: address(&composition, "thumbnails.vtt"),
        chapters: address(&composition, "chapters.vtt"),
        obligations: Vec::new(),
        expires: expires.map(|t| t.to_string()).unwrap_or_default(),
        edits: edits(&spans, title.to - title.from),
    })
}

/// The edits that lead from whole titles to these spans. `units` is the length of the title.
fn edits(spans: &[SpanView], units: u32) -> Vec<EditView> {
    let mut out = Vec::new();
    let mut before: Option<&SpanView> = None;
    for span in spans {
        let from = span.from_unit.unwrap_or(0);
        let last_end = before.map_or(0, |last| last.from_unit.unwrap_or(0) + last.units);
        let goes_on = before.is_none_or(|last| last.title == span.title && last_end <= from);
        if span.kind == "card" {
            out.push(edit("card", span.at, None));
            continue;
        } else if !goes_on {
            out.push(edit("join", span.at, None));
        } else if from > last_end {
            out.push(edit("cut", span.at, Some((span, from - last_end))));
        }
        before = Some(span);
    }
    if let Some(last) = before {
        let end = last.from_unit.unwrap_or(0) + last.units;
        if end < units {
            out.push(edit("cut", last.at + last.seconds, Some((last, units - end))));
        }
    }
    out
}

/// An edit at a place; what it removed is counted in units of the span beside it.
fn edit(kind: &str, at: f64, removed: Option<(&SpanView, u32)>) -> EditView {
    let seconds = removed.map(|(beside, units)| units as f64 * beside.seconds / beside.units as f64);
    EditView { at, kind: kind.to_string(), removed_seconds: seconds }
}

#[cfg(test)]
mod tests;
