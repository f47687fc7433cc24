//! Everything under `/c/C/`, and under `/e/C/` where it is encrypted: what a composition's players ask for.
//!
//! A segment is planned from the layout in memory, and its stored ranges go from files to the socket:
//! no SQL, no lock, no copy of what the film is made of.

use std::sync::Arc;

use axum::response::Response;
use composition::{Layout, SegmentPlan, Stream};
use hyper::Version;
use hyper::http::request::Parts;
use jiff::Timestamp;
use media::Digest;
use media::error::{Error, Result};

use crate::answer::{Cache, Entity, answer as send};
use crate::body::Piece;
use crate::follow;
use crate::forced;
use crate::house::{House, Playable, Snapshot};
use crate::http::PassEnds;
use crate::leash::{Carried, Leash};
use crate::paths::{Asset, Kind};
use crate::play::refused;
use crate::protect;
use crate::ruling::Ruling;
use crate::territory::{self, Place};
use crate::token::COOKIE_LIFE;

/// What an asset consists of.
#[derive(PartialEq)]
pub enum Content {
    Text(String),
    Bytes(Vec<u8>),
    Planned(SegmentPlan),
    /// A header and the samples behind it, encrypted.
    Encrypted {
        tag: Digest,
        header: Vec<u8>,
        payload: Vec<u8>,
    },
}

/// Answers GET or HEAD of an address under `/c/`.
///
/// `began`: when the session began, where a token says so.
///
/// What the gate refuses is answered with 451 or 403 and the reasons (RFC 7725); what it holds back is
/// black and silent.
pub async fn answer(
    house: &Arc<House>,
    parts: &Parts,
    direct: bool,
    (place, began): (Place, Option<Timestamp>),
    leash: &Leash,
) -> Result<Response> {
    let (named, path) = territory::of_path(parts.uri.path());
    let nothing = || Error::not_found("there is nothing at this address").at(path);
    let (encrypted, rest) = protect::of_path(path).ok_or_else(nothing)?;
    let (digest, name) = rest.split_once('/').ok_or_else(nothing)?;
    let digest: Digest = digest.parse().map_err(|_| nothing())?;
    let asset = Asset::parse(name).ok_or_else(nothing)?;
    // Before the snapshot is read, so that an order that comes between finds this answer.
    let at_once = parts.version > Version::HTTP_11;
    let number = leash.carry(Carried { place, composition: digest, asset }, at_once);
    let (snapshot, playable, ruling) = loop {
        let snapshot = house.snapshot();
        let playable = snapshot.compositions.get(&digest).ok_or_else(nothing)?.clone();
        let ruling = house.ruling(&snapshot, place, &playable).await?;
        let ruling = house.going_on(&snapshot, place, &playable, began, ruling)?;
        if leash.planned(number, &ruling) {
            break (snapshot, playable, ruling);
        }
    };
    if !ruling.refusals.is_empty() {
        return Ok(refused(&ruling.refusals));
    }
    let asked = Asked { path, encrypted, asset, place, elsewhere: named.unwrap_or(Place::Unknown) != place };
    let mut response = show(house, parts, direct, &snapshot, &playable, &ruling, &asked).await?;
    if house.tokens().is_some() {
        let ends = house.session_ends(&snapshot, place, &playable, began, &ruling, COOKIE_LIFE);
        response.extensions_mut().insert(PassEnds(ends));
    }
    Ok(response)
}

/// What an address says.
struct Asked<'a> {
    path: &'a str,
    encrypted: bool,
    asset: Asset,
    place: Place,
    /// It does not name the place that it is asked from.
    elsewhere: bool,
}

/// Answers with what a ruling lets through.
async fn show(
    house: &Arc<House>,
    parts: &Parts,
    direct: bool,
    snapshot: &Arc<Snapshot>,
    playable: &Arc<Playable>,
    ruling: &Ruling,
    asked: &Asked<'_>,
) -> Result<Response> {
    let Asked { path, encrypted, asset, place, elsewhere } = *asked;
    let guard = house.content.guard(playable, encrypted, asset).map_err(|e| e.at(path))?;
    let layout = match &ruling.layout {
        Some(layout) => layout.clone(),
        None => house.layout(snapshot, playable).await?,
    };
    let cache = match asset {
        // The keys of a protected title may be exchanged for a vendor's.
        Asset::Init { .. } if guard.is_none() => Cache::Immutable,
        // The same address means something else to a viewer elsewhere.
        _ if elsewhere => Cache::ShortPrivate,
        _ => Cache::Short,
    };
    let titles = playable.titles.clone();
    if asset.is_forced() {
        let text = forced::content(house, snapshot, place, playable, &layout, asset)?;
        return Entity::text(parts, asset.content_type(), cache, titles, text.into_bytes()).answer(parts);
    }
    let content_type = asset.content_type();
    let content = match &guard {
        Some(guard) => guard.content(house, &layout, asset),
        None => content(house, &layout, asset),
    };
    let content = content.map_err(|e| e.at(path))?;
    match content {
        Content::Text(text) => {
            return Entity::text(parts, content_type, cache, titles, text.into_bytes()).answer(parts);
        }
        // No plan of a held layout touches what it must not send; this is the last look.
        Content::Planned(ref plan) if layout.forbidden().touches(plan) => {
            return Err(Error::internal("a plan would send what an order forbids").at(path));
        }
        _ => {}
    }
    let (tag, pieces) = entity(house, content)?;
    send(parts, Entity { tag, content_type, cache, titles, pieces }, direct)
}

/// The tag and the bytes of some content.
pub fn entity(house: &House, content: Content) -> Result<(Digest, Vec<Piece>)> {
    let memory = |bytes: Vec<u8>| (Digest::of(&bytes), vec![Piece::Memory(bytes.into())]);
    Ok(match content {
        Content::Text(text) => memory(text.into_bytes()),
        Content::Bytes(bytes) => memory(bytes),
        Content::Planned(plan) => (plan.tag(), pieces(house, plan)?),
        Content::Encrypted { tag, header, payload } => {
            (tag, vec![Piece::Memory(header.into()), Piece::Memory(payload.into())])
        }
    })
}

/// The content of an asset. `NotFound` when the composition has none of that number.
pub fn content(house: &House, layout: &Layout, asset: Asset) -> Result<Content> {
    Ok(match asset {
        Asset::Hls => Content::Text(layout.hls()?),
        Asset::Dash => Content::Text(layout.dash()?),
        Asset::Playlist(Kind::IFrames, n) => Content::Text(layout.hls_i_frames(n as usize)?),
        Asset::Playlist(Kind::Text, n) => Content::Text(layout.hls_text(n as usize)?),
        Asset::ForcedHls
        | Asset::ForcedDash
        | Asset::ForcedSegment { .. }
        | Asset::ForcedPart { .. }
        | Asset::Playlist(Kind::Forced, _) => {
            return Err(Error::not_found("what a label obliges is no part of a layout"));
        }
        Asset::Playlist(kind, n) => Content::Text(layout.hls_media(stream(kind, n)?)?),
        Asset::Init { kind, stream: n, part } => {
            Content::Bytes(layout.init(stream(kind, n)?, part as usize)?)
        }
        Asset::Segment { kind: Kind::IFrames, stream, number } => {
            Content::Planned(layout.i_frame(stream as usize, number as usize)?)
        }
        Asset::Segment { kind, stream: n, number } => {
            Content::Planned(layout.segment(stream(kind, n)?, number as usize)?)
        }
        Asset::TextSegment { stream, number } => {
            Content::Text(follow::text_segment(layout, stream as usize, number as usize)?)
        }
        Asset::TextPart { stream, part } => {
            Content::Text(follow::text_part(layout, stream as usize, part as usize)?)
        }
        Asset::Thumbnails => Content::Text(follow::thumbnails(layout)),
        Asset::Sheet(n) => Content::Bytes(follow::sheet(house, layout, n as usize)?),
        Asset::Chapters => Content::Text(follow::chapters(layout)),
        Asset::Poster => Content::Bytes(follow::poster(house, layout)?),
    })
}

pub fn stream(kind: Kind, n: u32) -> Result<Stream> {
    match kind {
        Kind::Video => Ok(Stream::Video(n as usize)),
        Kind::Audio => Ok(Stream::Audio(n as usize)),
        Kind::IFrames | Kind::Text | Kind::Forced => Err(Error::internal("not a stream of samples")),
    }
}

/// The pieces of a planned segment.
pub fn pieces(house: &House, plan: SegmentPlan) -> Result<Vec<Piece>> {
    let mut pieces = Vec::with_capacity(1 + plan.ranges.len());
    pieces.push(Piece::Memory(plan.header.into()));
    for range in plan.ranges {
        pieces.push(Piece::Stored { blob: house.blob(&range.blob)?, from: range.from, len: range.len });
    }
    Ok(pieces)
}

/// Every asset that a composition has, for those who want them all.
pub fn assets(layout: &Layout) -> Result<Vec<Asset>> {
    let mut all = vec![Asset::Hls, Asset::Dash, Asset::Thumbnails, Asset::Chapters, Asset::Poster];
    let numbers = |n: usize| 0..n as u32;
    let streams = numbers(layout.renditions())
        .map(|n| (Kind::Video, n))
        .chain(numbers(layout.sounds.len()).map(|n| (Kind::Audio, n)));
    for (kind, stream) in streams {
        all.push(Asset::Playlist(kind, stream));
        all.extend(numbers(layout.parts.len()).map(|part| Asset::Init { kind, stream, part }));
        all.extend(numbers(layout.segments.len()).map(|number| Asset::Segment { kind, stream, number }));
    }
    for stream in numbers(layout.renditions()) {
        let kind = Kind::IFrames;
        all.push(Asset::Playlist(kind, stream));
        all.extend(numbers(layout.i_frames(stream as usize)?.len()).map(|number| Asset::Segment {
            kind,
            stream,
            number,
        }));
    }
    for stream in numbers(layout.main.texts.len()) {
        all.push(Asset::Playlist(Kind::Text, stream));
        all.extend(numbers(layout.segments.len()).map(|number| Asset::TextSegment { stream, number }));
        all.extend(numbers(layout.parts.len()).map(|part| Asset::TextPart { stream, part }));
    }
    all.extend(numbers(composition::follow::sheets(&layout.timeline).len()).map(Asset::Sheet));
    Ok(all)
}
