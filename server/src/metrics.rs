//! `/metrics`: what the process did, in the OpenMetrics text form.
//!
//! The counters of every route are made at the start, so that counting a request takes no lock.

use std::time::Duration;

use hyper::StatusCode;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The kinds of request that are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    Segment,
    Init,
    Manifest,
    Text,
    Picture,
    Api,
    Page,
    Probe,
}

const ROUTES: [(Route, &str); 8] = [
    (Route::Segment, "segment"),
    (Route::Init, "init"),
    (Route::Manifest, "manifest"),
    (Route::Text, "text"),
    (Route::Picture, "picture"),
    (Route::Api, "api"),
    (Route::Page, "page"),
    (Route::Probe, "probe"),
];

/// Statuses that are told apart; another one counts as the last of its hundred.
const STATUSES: [u16; 14] = [200, 204, 206, 299, 304, 399, 400, 404, 405, 416, 422, 499, 503, 599];

struct OfRoute {
    statuses: Vec<Counter>,
    duration: Histogram,
}

pub struct Metrics {
    registry: Registry,
    routes: Vec<OfRoute>,
    pub bytes: Counter,
    pub compositions: Gauge,
    pub titles: Gauge,
    pub patches_made: Counter,
    pub patches_found: Counter,
    pub sandbox: Family<[(&'static str, String); 1], Gauge>,
}

impl Metrics {
    pub fn new() -> Metrics {
        let mut registry = Registry::with_prefix("phim");
        let requests: Family<[(&'static str, String); 2], Counter> = Family::default();
        let durations: Family<[(&'static str, &'static str); 1], Histogram> =
            Family::new_with_constructor(|| {
                Histogram::new([0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0])
            });
        let routes = ROUTES.map(|(_, route)| OfRoute {
            statuses: STATUSES
                .map(|s| requests.get_or_create(&[("route", route.into()), ("status", name_of(s))]).clone())
                .into(),
            duration: durations.get_or_create(&[("route", route)]).clone(),
        });
        registry.register("http_requests", "Requests answered, by route and status", requests);
        registry.register("http_seconds", "Seconds from a request's head to its answer's head", durations);
        let (bytes, compositions, titles) = (Counter::default(), Gauge::default(), Gauge::default());
        let (patches_made, patches_found) = (Counter::default(), Counter::default());
        registry.register("http_bytes", "Bytes of the bodies of answers, as announced", bytes.clone());
        registry.register(
            "sendfile_bytes",
            "Bytes that went from files to sockets in the kernel",
            crate::sendfile::SENT.clone(),
        );
        registry.register("titles", "Titles in the archive", titles.clone());
        registry.register("compositions", "Compositions that can be played", compositions.clone());
        registry.register("patches_made", "Patches and cards encoded", patches_made.clone());
        registry.register("patches_found", "Patches and cards found already made", patches_found.clone());
        let sandbox = Family::default();
        registry.register("sandbox", "What the kernel gives to hold ffmpeg in", sandbox.clone());
        Metrics {
            registry,
            routes: routes.into(),
            bytes,
            compositions,
            titles,
            patches_made,
            patches_found,
            sandbox,
        }
    }

    pub fn count(&self, route: Route, status: StatusCode, took: Duration) {
        let of = &self.routes[ROUTES.iter().position(|r| r.0 == route).unwrap_or(0)];
        let code = status.as_u16();
        let place = STATUSES
            .iter()
            .position(|s| *s == code)
            .or_else(|| STATUSES.iter().position(|s| *s == code / 100 * 100 + 99));
        if let Some(counter) = place.and_then(|p| of.statuses.get(p)) {
            counter.inc();
        }
        of.duration.observe(took.as_secs_f64());
    }

    pub fn text(&self) -> String {
        let mut out = String::new();
        let _ = encode(&mut out, &self.registry);
        out
    }
}

fn name_of(status: u16) -> String {
    if status % 100 == 99 { format!("{}xx", status / 100) } else { status.to_string() }
}
