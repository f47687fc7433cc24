//! Tokens: what `POST /api/v1/play` hands out, and what every request for media shows, where the house
//! has them switched on (`phim serve --tokens`; off where it is left out).
//!
//! A token is a pass of the gate as signed claims (Common Access Token, CTA-5007; the room `tokens`): one
//! composition in one place, until the pass ends, four hours at most. A player on our own pages carries it
//! in a cookie that is renewed while it plays; every other one carries it in the path, `/t/TOKEN/vn/c/C/…`,
//! for as long as the token is good, so that the relative addresses of playlists carry it along.
//!
//! Invariants:
//! - A token opens nothing that the gate refuses: the gate is asked as well, on every request.
//! - The bytes behind an address are the same whoever shows which token; so are their entity tags and
//!   `Cache-Control`. Only an answer that renews a cookie is kept by no shared cache.
//! - A request waits for no lock: a token is checked in memory, and a session whose count another
//!   request is changing goes uncounted that once ([`streams`]).
//! - What is for one use is used once, also when the server starts anew between: what was issued before
//!   it started is refused.
//! - Pictures of pages (posters, thumbnails and their sheets) need no token: pages show them before
//!   anybody plays. The gate is asked for them as for everything.

pub mod carriage;
pub mod door;
pub mod keyring;
pub mod refused;
pub mod streams;

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::http::request::Parts;
use jiff::Timestamp;
use media::Digest;
use media::error::{Error, Result};
use policy::Territory;
use tokens::{Address, Claims, MAX_LIFE, Match, Renewal, RenewalKind, Replay, Request, Seen, Use};

use crate::ledgers::random;
use crate::protect::licence_address;
use crate::token::carriage::COOKIE;
use crate::token::keyring::Keyring;
use crate::token::refused::Refused;
use crate::token::streams::Streams;

/// Seconds that a cookie's token is good, and from how many before its end it is renewed.
pub const COOKIE_LIFE: i64 = 15 * 60;
const COOKIE_DEADLINE: i64 = 10 * 60;
/// Seconds that a token for one use is good.
const ONCE_LIFE: i64 = 5 * 60;
/// Tokens for one use that are remembered at once.
const MAX_ONCE: usize = 100_000;
/// The address at which a token for a play request is good.
pub const PLAY: &str = "/api/v1/play";

/// The tokens of a house.
pub struct Tokens {
    /// `iss`: names the house.
    house: String,
    ring: ArcSwap<Keyring>,
    seen: Mutex<Seen>,
    streams: Streams,
    /// Seconds since 1970-01-01 UTC at which this process started to look.
    began: i64,
}

/// Who may watch from where: what a token is issued for.
#[derive(Clone, Debug, Default)]
pub struct Bearer {
    /// Where the request comes from; none: not known.
    pub at: Option<Territory>,
    /// The country that keeps the viewer's account, where a token said so.
    pub home: Option<Territory>,
    /// What stands in front of the addresses of media there: `/vn`, or nothing.
    pub prefix: String,
}

/// A token of a session.
pub struct Issued {
    pub token: String,
    /// What it opens: `/vn/c/C/`.
    pub path: String,
    /// Seconds from now to its end.
    pub life: i64,
    pub expires: Timestamp,
}

/// A request for media that showed a good token.
pub struct Admitted {
    claims: Claims,
    /// Whether it came as a cookie, so that it may be renewed.
    in_cookie: bool,
}

impl Admitted {
    /// When the session began, as this house signed it.
    pub fn began(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.claims.began()).ok()
    }
}

impl Tokens {
    /// `streams`: viewers' addresses at once with which one session plays.
    pub fn new(house: String, ring: Keyring, streams: usize) -> Tokens {
        Tokens {
            house,
            ring: ArcSwap::from_pointee(ring),
            seen: Mutex::new(Seen::new(MAX_ONCE)),
            streams: Streams::new(streams),
            began: now(),
        }
    }

    /// Takes the keys that hold from now on.
    pub fn turn(&self, ring: Keyring) {
        self.ring.store(ring.into());
    }

    /// A token for the media of one composition: `folder` is `/c/C/` or `/e/C/`, `until` the end of the
    /// pass where one is known.
    pub fn media(
        &self,
        bearer: &Bearer,
        folder: &str,
        until: Option<Timestamp>,
        in_cookie: bool,
    ) -> Result<Issued> {
        let path = format!("{}{folder}", bearer.prefix);
        let life = if in_cookie { COOKIE_LIFE } else { MAX_LIFE };
        let cookie = Some(COOKIE.to_string());
        let renewal =
            Renewal { kind: RenewalKind::Cookie, add: COOKIE_LIFE, deadline: Some(COOKIE_DEADLINE), cookie };
        let claims = Claims {
            subject: Some(URL_SAFE_NO_PAD.encode(fresh_id()?)),
            address: Address::below(&path)
                .ok_or_else(|| Error::internal(format!("no address of media: {path}")))?,
            methods: vec!["GET".into(), "HEAD".into()],
            renewal: in_cookie.then_some(renewal),
            ..self.claims(bearer, life, until)?
        };
        self.seal(claims, path)
    }

    /// A token for one request for the keys of a composition.
    pub fn licence(&self, bearer: &Bearer, composition: &Digest, until: Option<Timestamp>) -> Result<Issued> {
        // Digests have one length, so nothing but this composition begins so.
        self.once(bearer, Match::Prefix(licence_address(composition)), until)
    }

    /// A token for one play request of a viewer whose account is kept at `bearer.home`.
    pub fn play(&self, bearer: &Bearer) -> Result<Issued> {
        self.once(bearer, Match::Exact(PLAY.into()), None)
    }

    fn once(&self, bearer: &Bearer, path: Match, until: Option<Timestamp>) -> Result<Issued> {
        let claims = Claims {
            address: Address { path: vec![path], ..Address::default() },
            replay: Replay::Forbidden,
            home: bearer.home.map(|home| home.to_string()),
            ..self.claims(bearer, ONCE_LIFE, until)?
        };
        self.seal(claims, String::new())
    }

    fn claims(&self, bearer: &Bearer, life: i64, until: Option<Timestamp>) -> Result<Claims> {
        let issued = now();
        Ok(Claims {
            issuer: self.house.clone(),
            subject: None,
            audience: Vec::new(),
            id: fresh_id()?.to_vec(),
            issued,
            not_before: None,
            expires: end(issued + life, until),
            territories: vec![code(&bearer.at).to_string()],
            address: Address::default(),
            methods: Vec::new(),
            replay: Replay::Allowed,
            renewal: None,
            home: None,
            began: None,
        })
    }

    fn seal(&self, claims: Claims, path: String) -> Result<Issued> {
        let ring = self.ring.load();
        let token = tokens::issue(&ring.issuer, &claims)
            .map_err(|refusal| Error::internal(format!("a token cannot be issued: {refusal}")))?;
        let expires = Timestamp::from_second(claims.expires)
            .map_err(|e| Error::internal(format!("a token without an end: {e}")))?;
        Ok(Issued { token, path, life: claims.expires - claims.issued, expires })
    }

    /// Checks what a request for media shows: the token of its path, else its cookies.
    pub fn admit(
        &self,
        parts: &Parts,
        in_path: Option<&str>,
        at: Option<Territory>,
        viewer: Option<IpAddr>,
    ) -> std::result::Result<Admitted, Refused> {
        let (claims, in_cookie) = match in_path {
            Some(token) => (self.check(parts, token, at)?, false),
            None => (self.check_cookies(parts, at)?, true),
        };
        let session = claims.subject.as_deref().unwrap_or_default();
        if !self.streams.enter(session, viewer, now()) {
            return Err(Refused::Streams);
        }
        Ok(Admitted { claims, in_cookie })
    }

    /// The first cookie that is good; else why the last one is not.
    fn check_cookies(&self, parts: &Parts, at: Option<Territory>) -> std::result::Result<Claims, Refused> {
        let mut refused = Refused::None;
        for token in carriage::cookies(&parts.headers) {
            match self.check(parts, token, at) {
                Ok(claims) => return Ok(claims),
                Err(why) => refused = why,
            }
        }
        Err(refused)
    }

    /// Checks a token that is for one use, and notes the use; answers with the viewer's home.
    pub fn admit_once(
        &self,
        parts: &Parts,
        token: Option<&str>,
        at: Option<Territory>,
    ) -> std::result::Result<Option<Territory>, Refused> {
        let token = token.ok_or(Refused::None)?;
        let claims = self.check(parts, token, at)?;
        if claims.replay == Replay::Forbidden && claims.issued < self.began {
            return Err(tokens::Refusal::Replayed.into());
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever may use it again may not use it here.
        let first =
            claims.replay == Replay::Forbidden && seen.note(&claims.id, claims.expires, now()) == Use::First;
        drop(seen);
        if !first {
            return Err(tokens::Refusal::Replayed.into());
        }
        Ok(claims.home.and_then(|home| Territory::parse(&home).ok()))
    }

    fn check(
        &self,
        parts: &Parts,
        token: &str,
        at: Option<Territory>,
    ) -> std::result::Result<Claims, Refused> {
        let request = Request {
            // Phim's own tokens bind neither; whoever's do, reach them by one name only.
            scheme: parts.uri.scheme_str().unwrap_or("http"),
            host: host(parts),
            path: parts.uri.path(),
            method: parts.method.as_str(),
            territory: code(&at),
            // Asked of the memory afterwards, for those that it matters for.
            used_before: false,
        };
        Ok(tokens::verify(&self.ring.load().ring, token, &request, now())?)
    }

    /// The cookie that follows the one of `admitted`, where that is due; `until` is the end of the pass.
    pub fn renew(&self, admitted: Admitted, until: Option<Timestamp>) -> Option<Issued> {
        let Admitted { claims, in_cookie } = admitted;
        let next = claims.renewed(now(), fresh_id().ok()?.to_vec()).filter(|_| in_cookie)?;
        let path = next.address.path.iter().find_map(|path| match path {
            Match::Prefix(path) => Some(path.clone()),
            _ => None,
        })?;
        self.seal(Claims { expires: end(next.expires, until), ..next }, path).ok()
    }
}

/// How a place stands in tokens: its code, or what CLDR writes where none is known (ISO 3166-1 leaves it
/// to users).
fn code(at: &Option<Territory>) -> &str {
    at.as_ref().map_or("ZZ", Territory::code)
}

/// The end of a token: that of its pass where it comes before.
fn end(life: i64, until: Option<Timestamp>) -> i64 {
    until.map_or(life, |until| life.min(until.as_second()))
}

fn host(parts: &Parts) -> &str {
    let named = parts.headers.get(hyper::header::HOST).and_then(|v| v.to_str().ok());
    let host = parts.uri.host().or(named).unwrap_or_default();
    host.rsplit_once(':').map_or(host, |(host, _)| host)
}

fn fresh_id() -> Result<[u8; 16]> {
    let bytes = random()?;
    Ok(std::array::from_fn(|n| bytes[n]))
}

fn now() -> i64 {
    Timestamp::now().as_second()
}

#[cfg(test)]
mod tests;
