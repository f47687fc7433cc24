//! Licences over HTTP. Each request asks the gate; nothing of an answer is kept by caches.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use keys::{TitleKeys, licence};
use media::Digest;
use media::error::{Error, Result};

use crate::error::{ErrorBody, Failure};
use crate::house::{House, blocking};
use crate::play::{Refused, refused};
use crate::protect::keys_of;
use crate::territory::Place;

const NO_STORE: (&str, &str) = ("cache-control", "no-store");

/// A licence of ClearKey (W3C Encrypted Media Extensions §9.1): the request names key ids.
#[utoipa::path(post, path = "/api/v1/licences/{composition}",
    params(("composition" = String, Path, description = "Digest of the composition")),
    request_body(content = String, content_type = "application/json"),
    responses((status = 200, description = "A JSON Web Key Set", content_type = "application/json"),
        (status = 400, body = ErrorBody), (status = 403, body = Refused), (status = 404, body = ErrorBody),
        (status = 451, body = Refused)))]
pub async fn licence(
    house: State<Arc<House>>,
    place: Extension<Place>,
    composition: Path<String>,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    let asked = licence::asked(&body)?;
    let answer = move |keys: &TitleKeys| {
        let text = licence::answer(keys, &asked)?;
        Ok(([NO_STORE, ("content-type", "application/json")], text).into_response())
    };
    admitted(house.0, place.0, composition.0, answer).await.map_err(Failure)
}

/// The sixteen bytes of one track's key, for players of HLS that want nothing else (`identity`).
#[utoipa::path(get, path = "/api/v1/licences/{composition}/{track}",
    params(("composition" = String, Path, description = "Digest of the composition"),
        ("track" = String, Path, description = "`v0`, `a0`…")),
    responses((status = 200, description = "The key", content_type = "application/octet-stream"),
        (status = 403, body = Refused), (status = 404, body = ErrorBody), (status = 451, body = Refused)))]
pub async fn key(
    house: State<Arc<House>>,
    place: Extension<Place>,
    address: Path<(String, String)>,
) -> std::result::Result<Response, Failure> {
    let Path((composition, track)) = address;
    let answer = move |keys: &TitleKeys| {
        let key = keys.of(&track).ok_or_else(|| Error::not_found("there is no such track"))?;
        let kind = ("content-type", "application/octet-stream");
        Ok(([NO_STORE, kind], key.key.to_vec()).into_response())
    };
    admitted(house.0, place.0, composition, answer).await.map_err(Failure)
}

/// Answers with the keys of a composition's title when the gate lets it play here, else with its refusals.
async fn admitted(
    house: Arc<House>,
    place: Place,
    composition: String,
    answer: impl FnOnce(&TitleKeys) -> Result<Response> + Send + 'static,
) -> Result<Response> {
    let nothing = || Error::not_found("there is no such composition");
    let digest: Digest = composition.parse().map_err(|_| nothing())?;
    blocking(move || {
        let snapshot = house.snapshot();
        let playable = snapshot.compositions.get(&digest).ok_or_else(nothing)?;
        let ruling = house.rule(&snapshot, place, playable)?;
        if !ruling.refusals.is_empty() {
            return Ok(refused(&ruling.refusals));
        }
        let keys = keys_of(&house, &playable.title)?;
        answer(&keys)
    })
    .await
}
