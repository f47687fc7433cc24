//! The HTTP API described by itself; clients are generated from it.

use axum::response::Response;
use hyper::http::request::Parts;
use utoipa::OpenApi;

use crate::error::Failure;
use crate::{
    as_of, browse, burn, case, classify, desk, error, link, news, play, protect, readiness, reported, token,
    webhook, window,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Phim", description = "Store a film once, stream every version of it.", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    servers((url = "/")),
    paths(
        browse::list, browse::show, play::play, reported::take, protect::door::licence,
        protect::door::key, token::door::hand_out, news::follow, link::show, desk::hello, desk::list, desk::place,
        desk::show, desk::step, desk::propose, desk::verdict, desk::private_link, desk::report, desk::reported,
        desk::transparency, as_of::door::then, as_of::door::look_back,
        case::door::list, case::door::open, case::door::show, case::door::enter,
        readiness::door::list, readiness::door::show, readiness::door::enter,
        classify::door::all, classify::door::show, classify::door::say, burn::door::ask, classify::door::list, classify::door::notify,
        webhook::door::list, webhook::door::add, webhook::door::show, webhook::door::remove, webhook::door::test,
        webhook::door::resume, window::door::list, window::door::add, window::door::conflicts, window::door::explain,
        window::door::import, window::door::remove, window::door::say
    ),
    components(schemas(error::ErrorBody, error::Problem))
)]
struct Api;

pub async fn show(parts: Parts) -> std::result::Result<Response, Failure> {
    browse::json(&parts, &Api::openapi())
}
