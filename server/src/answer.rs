//! One way to answer with bytes: entity tags, conditions, ranges, HEAD and compression (RFC 9110).
//!
//! Invariants:
//! - The entity tag is strong: it names the bytes sent, compressed ones included.
//! - Only what can never change is `immutable`; whatever shows or sounds the film must be asked for
//!   again after ten seconds.

use axum::response::Response;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use media::{Digest, Error, Result};

use crate::body::{self, AnyBody, Piece};
use crate::compress::{Coding, compress, preferred};
use crate::error::problem;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// Segments, playlists, subtitles, pictures: what an order may change.
    Short,
    /// The same where the address means something else to a viewer elsewhere.
    ShortPrivate,
    /// What is only offered.
    Never,
    /// Init segments and web assets named by their content.
    Immutable,
    /// Pages and API answers: asked for again each time, by entity tag.
    Revalidate,
    /// API answers that depend on where the viewer is: the same, and no shared cache keeps them.
    Private,
}

impl Cache {
    /// Whether an answer is one that must be asked for again after ten seconds.
    pub fn is_short(headers: &HeaderMap) -> bool {
        let value = headers.get(header::CACHE_CONTROL);
        [Cache::Short, Cache::ShortPrivate].iter().any(|short| value == Some(&short.value()))
    }
    pub fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Cache::Short => "max-age=10, must-revalidate",
            Cache::ShortPrivate => "private, max-age=10, must-revalidate",
            Cache::Never => "no-store",
            Cache::Immutable => "public, max-age=31536000, immutable",
            Cache::Revalidate => "no-cache",
            Cache::Private => "private, no-cache",
        })
    }
}

/// What a name stands for at this moment.
pub struct Entity {
    pub tag: Digest,
    pub content_type: &'static str,
    pub cache: Cache,
    /// Title ids, separated by spaces, so that a shared cache can drop all of a title at once.
    pub titles: Option<HeaderValue>,
    pub pieces: Vec<Piece>,
}

impl Entity {
    /// Generated text, compressed when the client takes it.
    pub fn text(
        parts: &Parts,
        content_type: &'static str,
        cache: Cache,
        titles: Option<HeaderValue>,
        bytes: Vec<u8>,
    ) -> Text {
        let coding = preferred(parts.headers.get(header::ACCEPT_ENCODING), bytes.len());
        let bytes = compress(coding, bytes);
        let tag = Digest::of(&bytes);
        Text {
            coding,
            entity: Entity { tag, content_type, cache, titles, pieces: vec![Piece::Memory(bytes.into())] },
        }
    }
}

/// An entity whose bytes depend on `Accept-Encoding`.
pub struct Text {
    coding: Coding,
    entity: Entity,
}

impl Text {
    pub fn answer(self, parts: &Parts) -> Result<Response> {
        let mut response = answer(parts, self.entity, false)?;
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(name) = self.coding.name() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        Ok(response)
    }
}

/// Answers a GET or HEAD. `direct`: see [`body::Pieces`]. Fails with `DataLoss` when a stored range is gone.
pub fn answer(parts: &Parts, entity: Entity, direct: bool) -> Result<Response> {
    let total = entity.pieces.iter().map(Piece::len).sum();
    let tag = format!("\"{}\"", &entity.tag.to_string()[..32]);
    let mut response = Response::new(AnyBody::empty());
    describe(response.headers_mut(), &entity, &tag);
    if lists(&parts.headers, header::IF_NONE_MATCH, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let range = match wanted(parts, &tag, total) {
        Wanted::All => None,
        Wanted::Part(from, len) => Some((from, len)),
        Wanted::Nothing => return Ok(unsatisfiable(total)),
    };
    let headers = response.headers_mut();
    let (from, len) = range.unwrap_or((0, total));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(len));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(entity.content_type));
    if range.is_some() {
        let value = format!("bytes {from}-{}/{total}", from + len - 1);
        headers.insert(header::CONTENT_RANGE, value.try_into().expect("digits are a header value"));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let pieces = if range.is_some() { body::cut(entity.pieces, from, len) } else { entity.pieces };
    let pieces = body::settle(pieces)?;
    if parts.method != Method::HEAD {
        *response.body_mut() = body::of(pieces, direct);
    }
    Ok(response)
}

fn describe(headers: &mut HeaderMap, entity: &Entity, tag: &str) {
    headers.insert(header::ETAG, tag.try_into().expect("a digest is a header value"));
    headers.insert(header::CACHE_CONTROL, entity.cache.value());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(titles) = &entity.titles {
        headers.insert("surrogate-key", titles.clone());
    }
}

/// Whether the list of entity tags in `name` has `tag` or `*` (weak comparison, §8.8.3.2).
fn lists(headers: &HeaderMap, name: header::HeaderName, tag: &str) -> bool {
    headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
    })
}

enum Wanted {
    All,
    Part(u64, u64),
    Nothing,
}

/// What `Range` asks for. Several ranges, another unit or nonsense: all of it, as §14.2 allows.
fn wanted(parts: &Parts, tag: &str, total: u64) -> Wanted {
    let text = |name| parts.headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    let Some(spec) = text(header::RANGE).and_then(|r| r.strip_prefix("bytes=")) else { return Wanted::All };
    if parts.method != Method::GET || text(header::IF_RANGE).is_some_and(|only| only != tag) {
        return Wanted::All;
    }
    let Some((from, to)) = spec.trim().split_once('-') else { return Wanted::All };
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if !digits(from) || !digits(to) || (from.is_empty() && to.is_empty()) {
        return Wanted::All;
    }
    // Numbers beyond 64 bits are beyond the end, whatever they are.
    let number = |t: &str| t.parse::<u64>().unwrap_or(u64::MAX);
    let (from, to) = match (from, to) {
        ("", last) => (total.saturating_sub(number(last)), if number(last) == 0 { 0 } else { total }),
        (from, "") => (number(from), total),
        (from, to) if number(from) > number(to) => return Wanted::All,
        (from, to) => (number(from), number(to).saturating_add(1).min(total)),
    };
    if from < to && from < total { Wanted::Part(from, to - from) } else { Wanted::Nothing }
}

fn unsatisfiable(total: u64) -> Response {
    let error = Error::invalid(format!("the range asked for lies outside the {total} bytes there are"));
    let mut response = problem(StatusCode::RANGE_NOT_SATISFIABLE, &error);
    response.headers_mut().insert(
        header::CONTENT_RANGE,
        format!("bytes */{total}").try_into().expect("digits are a header value"),
    );
    response
}

#[cfg(test)]
mod tests;
