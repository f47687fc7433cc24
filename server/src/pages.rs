//! The screens: files of `web/dist`, built into the program.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use media::{Digest, Error};
use rust_embed::Embed;

use crate::answer::{Cache, Entity, answer};
use crate::body::Piece;
use crate::compress::{Coding, compress, preferred};
use crate::error::{Failure, problem};

#[derive(Embed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Web;

/// Scripts and media only from here; styles also inline, because media-chrome sets them so.
const POLICY: &str = "default-src 'self'; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Shown where the program was built without its screens.
const UNBUILT: &str = "<!doctype html><meta charset=utf-8><title>Phim</title><p>This program was built without its screens. \
                       Run <code>npm ci && npm run build</code> in <code>web/</code> and build again; \
                       the API stands at <a href=/api/v1/titles>/api/v1/titles</a>.\n";

/// A file in one coding, once it has been asked for.
type Kept = OnceLock<(Digest, Bytes)>;

/// Each file in each coding, compressed when first asked for.
static FILES: LazyLock<HashMap<(String, Coding), Kept>> = LazyLock::new(|| {
    let names = Web::iter()
        .flat_map(|name| [Coding::Identity, Coding::Gzip, Coding::Brotli].map(|c| (name.to_string(), c)));
    names.map(|key| (key, OnceLock::new())).collect()
});

/// Whether a script of the pages holds this word.
pub fn say(word: &str) -> bool {
    let mut scripts = Web::iter().filter(|name| name.ends_with(".js")).filter_map(|name| Web::get(&name));
    scripts.any(|file| file.data.windows(word.len()).any(|at| at == word.as_bytes()))
}

/// Answers every path that no route takes: a file, or the page that finds its own way by the path.
pub async fn show(parts: Parts) -> Response {
    if parts.method != Method::GET && parts.method != Method::HEAD {
        return problem(StatusCode::METHOD_NOT_ALLOWED, &Error::invalid("pages are read with GET"));
    }
    let path = parts.uri.path().trim_start_matches('/');
    if let Some(response) = file(&parts, path) {
        return response;
    }
    if path.starts_with("api/") || path.starts_with("assets/") || !wants_page(&parts) {
        let error = Error::not_found("there is nothing at this address").at(parts.uri.path());
        return problem(StatusCode::NOT_FOUND, &error);
    }
    file(&parts, "index.html")
        .unwrap_or_else(|| ([(header::CONTENT_TYPE, "text/html")], UNBUILT).into_response())
}

fn file(parts: &Parts, name: &str) -> Option<Response> {
    let len = Web::get(name)?.data.len();
    let kind = content_type(name);
    let packed = kind.starts_with("image/") && kind != "image/svg+xml" || kind == "font/woff2";
    let coding =
        if packed { Coding::Identity } else { preferred(parts.headers.get(header::ACCEPT_ENCODING), len) };
    let make = || {
        let bytes = compress(coding, Web::get(name).map(|f| f.data.into_owned()).unwrap_or_default());
        (Digest::of(&bytes), Bytes::from(bytes))
    };
    let kept = FILES.get(&(name.to_string(), coding));
    let (tag, bytes) = kept.map_or_else(make, |kept| kept.get_or_init(make).clone());
    let cache = if name.starts_with("assets/") { Cache::Immutable } else { Cache::Revalidate };
    let entity = Entity { tag, content_type: kind, cache, titles: None, pieces: vec![Piece::Memory(bytes)] };
    let mut response = answer(parts, entity, false).unwrap_or_else(|error| Failure(error).into_response());
    let headers = response.headers_mut();
    if let Some(name) = coding.name() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if kind.starts_with("text/html") {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    Some(response)
}

/// A person's browser asks for a page by name; a script that follows a wrong address gets an error.
fn wants_page(parts: &Parts) -> bool {
    let accepts = parts.headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
    parts.uri.path() == "/" || accepts.contains("text/html")
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, kind)| kind) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
