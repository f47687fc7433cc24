//! Where a token stands in a request: in the path, in a cookie, in a header.

use hyper::Uri;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::uri::PathAndQuery;

use crate::paths::Asset;
use crate::protect;
use crate::territory;
use crate::token::{Issued, PLAY};

/// The cookie and the header that carry a token (CTA-5007).
pub const COOKIE: &str = "CTA-Common-Access-Token";
const HEADER: &str = "cta-common-access-token";
/// What stands in front of a token in a path.
const IN_PATH: &str = "/t/";
const LICENCES: &str = "/api/v1/licences/";
/// Cookies of that name that are looked at: a browser sends those of longer paths first.
const MAX_COOKIES: usize = 4;

/// An address that carries a token in its path.
pub fn in_path(token: &str, address: &str) -> String {
    format!("{IN_PATH}{token}{address}")
}

/// Takes the token from an address such as `/t/TOKEN/vn/c/C/hls.m3u8`, which is then `/vn/c/C/hls.m3u8`.
/// Only media and licences are asked for so.
pub fn take(uri: &mut Uri) -> Option<String> {
    let whole = uri.path_and_query()?.as_str();
    let len = whole.strip_prefix(IN_PATH)?.find('/')?;
    let (token, rest) = (&whole[IN_PATH.len()..][..len], &whole[IN_PATH.len() + len..]);
    if !is_licence(rest) && protect::of_path(territory::of_path(rest).1).is_none() {
        return None;
    }
    let (token, rest) = (token.to_string(), PathAndQuery::try_from(rest).ok()?);
    let mut parts = std::mem::take(uri).into_parts();
    parts.path_and_query = Some(rest);
    *uri = Uri::from_parts(parts).ok()?;
    Some(token)
}

/// Whether an address is one of keys.
pub fn is_licence(path: &str) -> bool {
    path.starts_with(LICENCES)
}

/// Whether an address is the one of play requests.
pub fn is_play(path: &str) -> bool {
    path == PLAY
}

/// Whether an address of media is for everybody whom the gate lets: pictures that pages show.
pub fn is_free(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    matches!(Asset::parse(file), Some(Asset::Poster | Asset::Thumbnails | Asset::Sheet(_)))
}

/// The tokens among a request's cookies.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE).map(|(_, token)| token).take(MAX_COOKIES)
}

/// The token in the header of a request.
pub fn header(headers: &HeaderMap) -> Option<&str> {
    headers.get(HEADER).and_then(|token| token.to_str().ok())
}

/// Whether a browser says that a page of this very origin asks (Fetch metadata): only such a one sends
/// back the cookie it is given. Others get the token in the path.
pub fn keeps_cookies(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin")
}

/// The cookie that carries a token to what it opens, and nowhere else.
pub fn set_cookie(issued: &Issued, secure: bool) -> Option<HeaderValue> {
    let Issued { token, path, life, .. } = issued;
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={token}; Path={path}; Max-Age={life}; HttpOnly; SameSite=Lax{secure}");
    cookie.try_into().ok()
}
