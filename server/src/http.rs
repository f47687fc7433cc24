//! Which request goes where, and what every answer carries.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, StatusCode, Version};
use media::Error;
use policy::Territory;
use tokio::time::timeout;
use tower::util::ServiceExt as _;

use crate::answer::Cache;
use crate::error::{Failure, problem};
use crate::house::House;
use crate::leash::Leash;
use crate::metrics::Route;
use crate::territory::{self, Map, Place, Vantage};
use crate::token::carriage;
use crate::token::refused::Refused;
use crate::token::{Admitted, Bearer, Tokens};
use crate::{
    as_of, browse, burn, case, classify, desk, link, logs, news, openapi, pages, play, protect, readiness,
    reported, segment, token, webhook, window,
};

/// The connection under a request.
#[derive(Clone)]
pub struct Connection {
    /// Plain TCP behind a [`crate::sendfile::Wire`].
    pub direct: bool,
    pub peer: SocketAddr,
    pub leash: Arc<Leash>,
}

/// Who asks.
struct Viewer {
    /// Where they are, by their address.
    at: Option<Territory>,
    address: Option<IpAddr>,
    /// What stood in the path.
    token: Option<String>,
    /// What they get travels encrypted all the way.
    secure: Secure,
}

/// Whether a cookie given to this viewer may be kept to encrypted connections.
#[derive(Clone, Copy)]
pub struct Secure(pub bool);

/// When the pass ends under which an answer was planned.
#[derive(Clone, Copy)]
pub struct PassEnds(pub Option<jiff::Timestamp>);

/// The house, as seen over HTTP.
pub struct Site {
    house: Arc<House>,
    map: Map,
    router: Router,
}

/// Longer ones are nobody's.
const MAX_URI: usize = 4096;
/// An API request must be whole, and answered, within this; media answers go on while they are taken.
const ANSWER_TIME: Duration = Duration::from_secs(30);

impl Site {
    pub fn new(house: Arc<House>, map: Map) -> Arc<Site> {
        let router = Router::new()
            .route("/api/v1/titles", get(browse::list))
            .route("/api/v1/titles/{id}", get(browse::show))
            .route("/api/v1/play", post(play::play))
            .route("/api/v1/report", post(reported::take))
            .route("/api/v1/licences/{composition}", post(protect::door::licence))
            .route("/api/v1/licences/{composition}/{track}", get(protect::door::key))
            .route("/api/v1/tokens", post(token::door::hand_out))
            .route("/api/v1/news", get(news::follow))
            .route("/api/v1/desk", get(desk::hello))
            .route("/api/v1/desk/then", get(as_of::door::look_back).post(as_of::door::then))
            .route("/api/v1/links/{token}", get(link::show))
            .route("/api/v1/orders", get(desk::list).post(desk::place).layer(orders_limit()))
            .route("/api/v1/orders/{number}", get(desk::show))
            .route("/api/v1/orders/{number}/link", get(desk::private_link))
            .route("/api/v1/orders/{number}/steps", post(desk::step).layer(orders_limit()))
            .route("/api/v1/orders/{number}/proposals", post(desk::propose))
            .route("/api/v1/orders/{number}/verdicts", post(desk::verdict))
            .route("/api/v1/orders/{number}/report", get(desk::report))
            .route("/api/v1/orders/{number}/reports", post(desk::reported))
            .route("/api/v1/transparency", get(desk::transparency))
            .route("/api/v1/windows", get(window::door::list).post(window::door::add))
            .route("/api/v1/windows/conflicts", get(window::door::conflicts))
            .route("/api/v1/windows/explain", get(window::door::explain))
            .route("/api/v1/windows/consents", post(window::door::say))
            .route("/api/v1/windows/import", post(window::door::import).layer(file_limit()))
            .route("/api/v1/windows/{alid}", delete(window::door::remove))
            .route("/api/v1/webhooks", get(webhook::door::list).post(webhook::door::add))
            .route("/api/v1/webhooks/{id}", get(webhook::door::show).delete(webhook::door::remove))
            .route("/api/v1/webhooks/{id}/test", post(webhook::door::test))
            .route("/api/v1/webhooks/{id}/resume", post(webhook::door::resume))
            .route("/api/v1/cases", get(case::door::list).post(case::door::open))
            .route("/api/v1/cases/{case}", get(case::door::show))
            .route("/api/v1/territories", get(readiness::door::list))
            .route(
                "/api/v1/territories/{territory}/readiness",
                get(readiness::door::show).post(readiness::door::enter),
            )
            .route("/api/v1/cases/{case}/entries", post(case::door::enter))
            .route("/api/v1/ratings", get(classify::door::all))
            .route("/api/v1/ratings/{title}", get(classify::door::show).post(classify::door::say))
            .route("/api/v1/ratings/{title}/burn", post(burn::door::ask))
            .route("/api/v1/notifications", get(classify::door::list).post(classify::door::notify))
            .route("/ledger/checkpoint", get(logs::checkpoint))
            .route("/ledger/{log}/{*path}", get(logs::file))
            .route("/api/openapi.json", get(openapi::show))
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz))
            .route("/metrics", get(metrics))
            .fallback(pages::show)
            .method_not_allowed_fallback(wrong_method)
            .layer(axum::extract::DefaultBodyLimit::max(64 * 1024))
            .layer(axum::Extension::<Arc<[Vantage]>>(map.vantages.clone().into()))
            .with_state(house.clone());
        Arc::new(Site { house, map, router })
    }

    pub fn house(&self) -> &House {
        &self.house
    }

    pub async fn answer(&self, mut request: Request<Incoming>, connection: &Connection) -> Response {
        let began = Instant::now();
        let long = request.uri().path().len() + request.uri().query().map_or(0, str::len) > MAX_URI;
        // From here on the address is the one that it would be without the token.
        let token = if long { None } else { carriage::take(request.uri_mut()) };
        let viewer = self.viewer(request.headers(), connection, token);
        let (named, path) = territory::of_path(request.uri().path());
        let (route, shared) = route_of(path);
        let offered = link::of_path(path).map(|(token, rest)| (token.to_string(), rest.to_string()));
        let past = as_of::address::of_path(path).map(|(sealed, rest)| (sealed.to_string(), rest.to_string()));
        let media = protect::of_path(path).is_some() || offered.is_some() || past.is_some();
        let head = *request.method() == Method::HEAD;
        let mut response = if long {
            problem(
                StatusCode::URI_TOO_LONG,
                &Error::invalid(format!("an address of more than {MAX_URI} bytes")),
            )
        } else if shared && *request.method() == Method::OPTIONS {
            preflight()
        } else if media {
            let direct = connection.direct && request.version() <= Version::HTTP_11;
            let parts = request.into_parts().0;
            match (offered, past) {
                (Some(offered), _) => self.offered(&parts, offered, connection).await,
                (_, Some((sealed, path))) => self.past(&parts, &sealed, &path).await,
                _ => self.media(&parts, direct, named, &viewer, connection).await,
            }
        } else {
            self.routed(request, &viewer, connection).await
        };
        dress(response.headers_mut(), shared);
        self.house.metrics.count(route, response.status(), began.elapsed());
        if !head && let Some(bytes) = http_body::Body::size_hint(response.body()).exact() {
            self.house.metrics.bytes.inc_by(bytes);
        }
        response
    }

    fn viewer(&self, headers: &HeaderMap, connection: &Connection, token: Option<String>) -> Viewer {
        let address = self.map.viewer(connection.peer.ip(), headers);
        let at = address.and_then(|address| self.map.country(address));
        let secure = Secure(!connection.direct || self.map.came_encrypted(connection.peer.ip(), headers));
        Viewer { at, address, token, secure }
    }

    /// Pages and the API.
    async fn routed(&self, request: Request<Incoming>, viewer: &Viewer, connection: &Connection) -> Response {
        let (mut parts, body) = request.into_parts();
        let home = match self.shown_once(&parts, viewer) {
            Ok(home) => home,
            Err(refused) => return refused.answer(),
        };
        parts.extensions.insert(self.house.place(viewer.at, home));
        parts.extensions.insert(Bearer { at: viewer.at, home, ..Bearer::default() });
        parts.extensions.insert(viewer.secure);
        parts.extensions.insert(reported::From(viewer.address));
        if parts.version <= Version::HTTP_11 {
            connection.leash.settle();
        }
        let request = Request::from_parts(parts, axum::body::Body::new(body));
        let answer = self.router.clone().oneshot(request);
        timeout(ANSWER_TIME, answer).await.map_or_else(|_| too_slow(), IntoResponse::into_response)
    }

    /// Keys are for whoever shows a token for one use; a play request that shows one is checked too. Answers
    /// with the home that the token tells.
    fn shown_once(&self, parts: &Parts, viewer: &Viewer) -> Result<Option<Territory>, Refused> {
        let Some(tokens) = self.house.tokens() else { return Ok(None) };
        let shown = viewer.token.as_deref().or_else(|| carriage::header(&parts.headers));
        let path = parts.uri.path();
        if carriage::is_licence(path) || (carriage::is_play(path) && shown.is_some()) {
            return tokens.admit_once(parts, shown, viewer.at);
        }
        Ok(None)
    }

    /// Media behind an authority's private link.
    async fn offered(
        &self,
        parts: &Parts,
        (token, path): (String, String),
        connection: &Connection,
    ) -> Response {
        if parts.method != Method::GET && parts.method != Method::HEAD {
            return wrong_method().await;
        }
        let answer = link::media(&self.house, parts, &token, &path, &connection.leash).await;
        answer.unwrap_or_else(|error| Failure(error).into_response())
    }

    /// Media as it played at an instant, for the staff.
    async fn past(&self, parts: &Parts, sealed: &str, path: &str) -> Response {
        if parts.method != Method::GET && parts.method != Method::HEAD {
            return wrong_method().await;
        }
        let answer = as_of::address::media(&self.house, parts, sealed, path).await;
        answer.unwrap_or_else(|error| Failure(error).into_response())
    }

    async fn media(
        &self,
        parts: &Parts,
        direct: bool,
        named: Option<Place>,
        viewer: &Viewer,
        connection: &Connection,
    ) -> Response {
        if parts.method != Method::GET && parts.method != Method::HEAD {
            return wrong_method().await;
        }
        let admitted = match self.admit(parts, viewer) {
            Ok(admitted) => admitted,
            Err(refused) => return refused.answer(),
        };
        let place = match (named, &admitted) {
            // The token vouches for the place that the address names.
            (Some(named), Some(_)) => named,
            // The stricter rules need no voucher.
            (Some(Place::Away { at, home }), None) if Some(at) == viewer.at => Place::Away { at, home },
            _ => Place::of(viewer.at),
        };
        if let Some(named) = named
            && named != place
        {
            return elsewhere(named);
        }
        let began = admitted.as_ref().and_then(|(_, admitted)| admitted.began());
        let answer = segment::answer(&self.house, parts, direct, (place, began), &connection.leash).await;
        let mut response = answer.unwrap_or_else(|error| {
            if error.kind == media::Kind::DataLoss {
                self.house.reopen();
            }
            Failure(error).into_response()
        });
        if let Some((tokens, admitted)) = admitted {
            renew(tokens, admitted, &mut response, viewer.secure);
        }
        response
    }

    /// What a request for media shows, where the house asks for it; none for what needs no token.
    fn admit(&self, parts: &Parts, viewer: &Viewer) -> Result<Option<(&Tokens, Admitted)>, Refused> {
        let Some(tokens) = self.house.tokens() else { return Ok(None) };
        match tokens.admit(parts, viewer.token.as_deref(), viewer.at, viewer.address) {
            Ok(admitted) => Ok(Some((tokens, admitted))),
            Err(_) if carriage::is_free(parts.uri.path()) => Ok(None),
            Err(refused) => Err(refused),
        }
    }
}

/// Gives the viewer's cookie more time, where that is due and what it is for may still play.
fn renew(tokens: &Tokens, admitted: Admitted, response: &mut Response, secure: Secure) {
    let ends = response.extensions().get::<PassEnds>().copied();
    // What may be kept for long is asked for too seldom to carry a cookie.
    let Some(PassEnds(until)) = ends.filter(|_| Cache::is_short(response.headers())) else { return };
    let issued = tokens.renew(admitted, until);
    if let Some(cookie) = issued.and_then(|issued| carriage::set_cookie(&issued, secure.0)) {
        let headers = response.headers_mut();
        headers.insert(header::SET_COOKIE, cookie);
        headers.insert(header::CACHE_CONTROL, Cache::ShortPrivate.value());
    }
}

/// An order may be long.
fn orders_limit() -> axum::extract::DefaultBodyLimit {
    axum::extract::DefaultBodyLimit::max(policy::order::MAX_JSON)
}

/// A workbook or XML of avails.
fn file_limit() -> axum::extract::DefaultBodyLimit {
    axum::extract::DefaultBodyLimit::max(avails::MAX_FILE)
}

/// How a request is counted, and whether pages of other origins may ask.
fn route_of(path: &str) -> (Route, bool) {
    let past = as_of::address::of_path(path).is_some();
    if protect::of_path(path).is_some() || link::of_path(path).is_some() || past {
        let route = match path.rsplit_once('.').map(|(_, kind)| kind) {
            Some("m4s") => Route::Segment,
            Some("mp4") => Route::Init,
            Some("vtt") => Route::Text,
            Some("jpg") => Route::Picture,
            _ => Route::Manifest,
        };
        return (route, !past);
    }
    match path {
        "/healthz" | "/readyz" | "/metrics" => (Route::Probe, false),
        _ if path.starts_with("/api/") || path.starts_with("/ledger/") => (Route::Api, true),
        _ => (Route::Page, false),
    }
}

/// Media of one country asked for from another; a shared cache must not mix them up.
fn elsewhere(named: Place) -> Response {
    let named: Vec<String> = named.territories().map(|territory| territory.to_string()).collect();
    let error = Error::invalid(format!("this address is for viewers in {}", named.join(" at home in ")))
        .remedy("POST /api/v1/play answers with the addresses for where you are");
    problem(StatusCode::FORBIDDEN, &error)
}

fn too_slow() -> Response {
    problem(StatusCode::REQUEST_TIMEOUT, &Error::invalid("the request was not whole in time"))
}

async fn wrong_method() -> Response {
    let error = Error::invalid("this address does not take that method")
        .remedy("GET /api/openapi.json lists what each address takes");
    problem(StatusCode::METHOD_NOT_ALLOWED, &error)
}

const ANY: HeaderValue = HeaderValue::from_static("*");

/// Players on pages of other origins may play (Fetch standard, CORS protocol). No credentials are used.
fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, DELETE, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "range, if-range, if-none-match, content-type, authorization, cta-common-access-token",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

const NOSNIFF: (HeaderName, HeaderValue) =
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
const EXPOSED: HeaderValue =
    HeaderValue::from_static("etag, content-length, content-range, accept-ranges, date");

/// Headers of every answer.
fn dress(headers: &mut HeaderMap, shared: bool) {
    headers.insert(NOSNIFF.0, NOSNIFF.1);
    if shared {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    }
}

async fn healthz() -> &'static str {
    "alive\n"
}

/// The door opens after the archive is loaded, so whoever gets an answer gets this one.
async fn readyz(house: axum::extract::State<Arc<House>>) -> String {
    format!("ready: {} titles\n", house.snapshot().titles.len())
}

async fn metrics(house: axum::extract::State<Arc<House>>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")],
        house.metrics.text(),
    )
}
