//! Private links: what is offered in answer to an order, playable by the authority that gave it, and
//! by the desk, before it is open to anybody.
//!
//! A link is `/link/TOKEN`. The token is a key of the house's secret for this one order, so nothing is
//! stored, and whoever holds it sees the proposals of that order and nothing else (`policy::gate`).

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use hyper::Version;
use hyper::http::request::Parts;
use jiff::Timestamp;
use media::Digest;
use media::error::{Error, Result};
use policy::{Answer, OrderId, Question, Refusal, Territory, Who, decide};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Cache, Entity};
use crate::browse::{address, float};
use crate::error::{ErrorBody, Failure};
use crate::house::{House, Playable, Snapshot, blocking};
use crate::leash::{Carried, Leash};
use crate::order::ProposalView;
use crate::paths::Asset;
use crate::play::refused;
use crate::ruling::{Ruling, films};
use crate::segment;

/// The orders of a state by their tokens.
pub type Links = HashMap<String, OrderId>;

pub fn links(house: &House, snapshot: &Snapshot) -> Links {
    let ids = snapshot.state.orders().map(|standing| standing.order.id());
    ids.map(|id| (house.keys.link(&id), id)).collect()
}

/// What a link opens.
#[derive(Serialize, ToSchema)]
pub struct Opened {
    pub authority: String,
    pub number: String,
    /// The order as it stands.
    #[schema(value_type = Object)]
    pub order: serde_json::Value,
    pub offered: Vec<Offered>,
}

/// A corrected version that can be watched through the link.
#[derive(Serialize, ToSchema)]
pub struct Offered {
    pub title: String,
    pub composition: String,
    /// `made`, `sent`, `accepted`, `overridden`, `refused` or `stale`.
    pub status: String,
    pub seconds: f64,
    pub hls: String,
    pub dash: String,
    pub thumbnails: String,
    pub poster: String,
}

/// What is offered in answer to the order of a private link.
#[utoipa::path(get, path = "/api/v1/links/{token}", params(("token" = String, Path, description = "The link's token")),
    responses((status = 200, body = Opened), (status = 404, body = ErrorBody)))]
pub async fn show(house: State<Arc<House>>, token: Path<String>) -> std::result::Result<Response, Failure> {
    let (house, token) = (house.0.clone(), token.0);
    let opened = blocking(move || open(&house, &token)).await?;
    Ok(([("cache-control", "no-store")], Json(opened)).into_response())
}

fn open(house: &House, token: &str) -> Result<Opened> {
    let snapshot = house.snapshot();
    let id = order_of(house, &snapshot, token)?;
    let standing = snapshot.state.order(&id).ok_or_else(nothing)?;
    let view = crate::order::of_standing(standing);
    let mut offered = Vec::new();
    for ProposalView { title, composition, status } in view.proposals {
        let Some(digest) = composition.parse::<Digest>().ok() else { continue };
        let Some(playable) = snapshot.compositions.get(&digest) else { continue };
        let Some(territory) = standing.order.territories.first() else { continue };
        if admitted(house, &snapshot, &id, *territory, playable).is_err() {
            continue;
        }
        let place = |name: &str| format!("/link/{token}{}", address(&digest, name));
        offered.push(Offered {
            seconds: float(house.lay_out(&snapshot, playable)?.duration()),
            hls: place("hls.m3u8"),
            dash: place("dash.mpd"),
            thumbnails: place("thumbnails.vtt"),
            poster: place("poster.jpg"),
            title,
            composition,
            status,
        });
    }
    Ok(Opened { authority: view.authority, number: view.number, order: view.order, offered })
}

fn nothing() -> Error {
    Error::not_found("there is nothing at this address")
}

fn order_of(house: &House, snapshot: &Snapshot, token: &str) -> Result<OrderId> {
    snapshot.links.get_or_init(|| links(house, snapshot)).get(token).cloned().ok_or_else(nothing)
}

/// Whether the link of an order opens a composition.
pub fn opens(house: &House, snapshot: &Snapshot, order: &OrderId, playable: &Playable) -> bool {
    let territory = snapshot.state.order(order).and_then(|standing| standing.order.territories.first());
    territory.is_some_and(|territory| admitted(house, snapshot, order, *territory, playable).is_ok())
}

/// Whether the gate lets the authority of an order see this composition.
fn admitted(
    house: &House,
    snapshot: &Snapshot,
    order: &OrderId,
    territory: Territory,
    playable: &Playable,
) -> std::result::Result<(), Vec<Refusal>> {
    let question = Question {
        territory: Some(territory),
        title: &playable.title,
        composition: Some(&playable.composition),
        made_from: None,
        films: &films(snapshot, &playable.title, &playable.composition),
        now: Timestamp::now(),
        who: Who::Authority(order.clone()),
        viewer: None,
    };
    match decide(&snapshot.state, &house.packs, &question) {
        Answer::Pass(_) => Ok(()),
        Answer::Refused(refusals) => Err(refusals),
    }
}

/// Splits `/link/TOKEN/c/…`.
pub fn of_path(path: &str) -> Option<(&str, &str)> {
    let (token, _) = path.strip_prefix("/link/")?.split_once('/')?;
    let rest = &path["/link/".len() + token.len()..];
    rest.starts_with("/c/").then_some((token, rest))
}

/// Media of an offered version. Nothing of it is kept by any cache, and what is under way ends when the
/// link opens it no more.
pub async fn media(
    house: &Arc<House>,
    parts: &Parts,
    token: &str,
    path: &str,
    leash: &Leash,
) -> Result<Response> {
    let (digest, name) =
        path.strip_prefix("/c/").and_then(|rest| rest.split_once('/')).ok_or_else(nothing)?;
    let digest: Digest = digest.parse().map_err(|_| nothing())?;
    let asset = Asset::parse(name).ok_or_else(nothing)?;
    let order = order_of(house, &house.snapshot(), token)?;
    // Before the snapshot is read, so that a decision that comes between finds this answer.
    let carried = Carried { place: None, composition: digest, asset };
    let number = leash.carry(carried, parts.version > Version::HTTP_11);
    let ruling = Arc::new(Ruling::of_link(order.clone()));
    let (snapshot, playable) = loop {
        let snapshot = house.snapshot();
        let playable = snapshot.compositions.get(&digest).ok_or_else(nothing)?.clone();
        let standing = snapshot.state.order(&order).ok_or_else(nothing)?;
        let territory = standing.order.territories.first().ok_or_else(nothing)?;
        if let Err(refusals) = admitted(house, &snapshot, &order, *territory, &playable) {
            return Ok(refused(&refusals));
        }
        if leash.planned(number, &ruling) {
            break (snapshot, playable);
        }
    };
    let layout = house.layout(&snapshot, &playable).await?;
    let content = segment::content(house, &layout, asset)?;
    let (tag, pieces) = segment::entity(house, content)?;
    let content_type = asset.content_type();
    let entity = Entity { tag, content_type, cache: Cache::Never, titles: None, pieces };
    crate::answer::answer(parts, entity, false)
}
