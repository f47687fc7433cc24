//! Orders over HTTP, for the desk and for programs: the same acts as the verbs.
//!
//! Every request shows the desk's token (`phim desk` prints it) as `Authorization: Bearer TOKEN`.
//! Placing is idempotent by authority and number.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::http::request::Parts;
use media::error::{Error, Result};
use policy::OrderId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::error::{ErrorBody, Failure, problem};
use crate::evidence;
use crate::house::{House, unbroken};
use crate::order::{self, Offer, OrderView, Orders, Place, Placed, Step, Stepped, Verdict};
use crate::transparency::{self, Span};

/// Who acts when a program does not say.
const DESK: &str = "desk";

/// Fails unless the request shows the desk's token.
pub fn admit(house: &House, parts: &Parts) -> std::result::Result<(), Failure> {
    let shown = parts.headers.get("authorization").and_then(|v| v.to_str().ok());
    let shown = shown.and_then(|v| v.strip_prefix("Bearer ")).unwrap_or_default();
    if same(shown.as_bytes(), house.keys.desk_token().as_bytes()) {
        return Ok(());
    }
    Err(Failure(
        Error::new(media::Kind::NotFound, "this is for the desk")
            .remedy("Send the token that `phim desk` prints as Authorization: Bearer TOKEN"),
    ))
}

/// Compares in a time that does not depend on where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|e| {
        Error::invalid(format!("the body is not what is expected: {e}"))
            .remedy("docs/ref/orders.md shows the fields")
    })
}

fn answer(status: StatusCode, value: &impl serde::Serialize) -> Response {
    (status, [("cache-control", "no-store")], Json(value)).into_response()
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Say what would change, and change nothing.
    #[serde(default)]
    dry_run: bool,
    /// The version that the authority looked at; the whole title when left out.
    version: Option<String>,
    /// Who acts.
    by: Option<String>,
}

/// Places the order in the body, or says what it would change.
#[utoipa::path(post, operation_id = "place_order", path = "/api/v1/orders",
    params(Asked), request_body(content = Object,
    description = "The order, as docs/ref/order.schema.json has it"), responses((status = 200, body = Placed),
    (status = 201, body = Placed), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn place(
    house: State<Arc<House>>,
    asked: Query<Asked>,
    parts: Parts,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    admit(&house, &parts)?;
    let asked = asked.0;
    let place = Place {
        order: read(&body)?,
        version: asked.version,
        attach: Vec::new(),
        dry_run: asked.dry_run,
        by: asked.by.unwrap_or_else(|| DESK.to_string()),
    };
    let here = house.0.clone();
    let placed = unbroken(async move { order::place(&here, place).await }).await?;
    let new = placed.taken.as_ref().is_some_and(|taken| taken.changed);
    Ok(answer(if new { StatusCode::CREATED } else { StatusCode::OK }, &placed))
}

/// Every order that was ever placed.
#[utoipa::path(get, operation_id = "list_orders", path = "/api/v1/orders",
    responses((status = 200, body = Orders), (status = 404, body = ErrorBody)))]
pub async fn list(house: State<Arc<House>>, parts: Parts) -> std::result::Result<Response, Failure> {
    admit(&house, &parts)?;
    Ok(answer(StatusCode::OK, &order::list(&house)))
}

/// One order, by its number; `?authority=` where several have it.
#[utoipa::path(get, operation_id = "show_order", path = "/api/v1/orders/{number}",
    params(("number" = String, Path, description = "Number of the order"), Named),
    responses((status = 200, body = OrderView), (status = 404, body = ErrorBody)))]
pub async fn show(
    house: State<Arc<House>>,
    number: Path<String>,
    query: Query<Named>,
    parts: Parts,
) -> std::result::Result<Response, Failure> {
    admit(&house, &parts)?;
    let id = order::find(&house.snapshot(), &query.id(&number))?;
    Ok(answer(StatusCode::OK, &order::view(&house, &id)?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Named {
    /// Needed where several authorities have an order of this number.
    #[serde(default)]
    authority: String,
    /// Who acts.
    by: Option<String>,
}

impl Named {
    fn id(&self, number: &str) -> OrderId {
        OrderId { authority: self.authority.clone(), number: number.to_string() }
    }
    fn by(&self) -> &str {
        self.by.as_deref().unwrap_or(DESK)
    }
}

/// A step with an order: `{"approve": null}`, `{"lift": {"reason": "…"}}` and so on.
#[utoipa::path(post, operation_id = "step_order", path = "/api/v1/orders/{number}/steps",
    params(("number" = String, Path, description = "Number of the order"), Named),
    request_body = Object, responses((status = 200, body = Stepped), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn step(
    house: State<Arc<House>>,
    number: Path<String>,
    query: Query<Named>,
    parts: Parts,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    admit(&house, &parts)?;
    let step: Step = read(&body)?;
    if step.names_file() {
        return Ok(problem(
            StatusCode::BAD_REQUEST,
            &Error::invalid("a letter over HTTP is text; files go by the command line"),
        ));
    }
    let (here, id, by) = (house.0.clone(), query.id(&number), query.by().to_string());
    let stepped = unbroken(async move { order::step(&here, &id, step, &by).await }).await?;
    Ok(answer(StatusCode::OK, &stepped))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Edits {
    title: Option<String>,
    version: Option<String>,
    /// `[["cut", "41:18-41:56"]]`
    #[schema(value_type = Vec<Vec<String>>)]
    edits: Vec<(String, String)>,
}

/// Makes a corrected version and records it as offered.
#[utoipa::path(post, operation_id = "propose_version", path = "/api/v1/orders/{number}/proposals",
    params(("number" = String, Path, description = "Number of the order"), Named),
    request_body = Edits, responses((status = 201, body = Stepped), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn propose(
    house: State<Arc<House>>,
    number: Path<String>,
    query: Query<Named>,
    parts: Parts,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    admit(&house, &parts)?;
    let Edits { title, version, edits } = read(&body)?;
    let offer = Offer { order: query.id(&number), title, version, edits, by: query.by().to_string() };
    let here = house.0.clone();
    Ok(answer(StatusCode::CREATED, &unbroken(async move { order::propose(&here, offer).await }).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Said {
    verdict: Verdict,
    /// The beginning of its digest, where the order has several.
    composition: Option<String>,
    letter: String,
}

/// What became of a proposal.
#[utoipa::path(post, operation_id = "answer_proposal", path = "/api/v1/orders/{number}/verdicts",
    params(("number" = String, Path, description = "Number of the order"), Named),
    request_body = Said, responses((status = 200, body = Stepped), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn verdict(
    house: State<Arc<House>>,
    number: Path<String>,
    query: Query<Named>,
    parts: Parts,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    admit(&house, &parts)?;
    let said: Said = read(&body)?;
    let letter = order::Letter { text: said.letter, file: None };
    let composition = said.composition.as_deref();
    let id = query.id(&number);
    Ok(answer(
        StatusCode::OK,
        &order::answer_offer(&house, &id, composition, said.verdict, letter, query.by()).await?,
    ))
}

#[derive(Serialize, ToSchema)]
pub struct PrivateLink {
    /// Path of the page on this server.
    path: String,
}

/// The private link of an order, for its authority: it opens what is offered in answer, and nothing else.
#[utoipa::path(get, operation_id = "link_order", path = "/api/v1/orders/{number}/link",
    params(("number" = String, Path, description = "Number of the order"), Named),
    responses((status = 200, body = PrivateLink), (status = 404, body = ErrorBody)))]
pub async fn private_link(
    house: State<Arc<House>>,
    number: Path<String>,
    query: Query<Named>,
    parts: Parts,
) -> std::result::Result<Response, Failure> {
    admit(&house, &parts)?;
    let id = order::find(&house.snapshot(), &query.id(&number))?;
    Ok(answer(StatusCode::OK, &PrivateLink { path: format!("/link/{}", house.keys.link(&id)) }))
}

/// Whether the token is the desk's; the page asks before it shows anything.
#[utoipa::path(get, operation_id = "greet_desk", path = "/api/v1/desk",
    responses((status = 200, body = String), (status = 404, body = ErrorBody)))]
pub async fn hello(house: State<Arc<House>>, parts: Parts) -> std::result::Result<Response, Failure> {
    admit(&house, &parts)?;
    Ok(answer(StatusCode::OK, &Value::from("desk")))
}

/// The evidence of an order: a ZIP archive that anybody verifies offline (docs/ref/evidence.md).
#[utoipa::path(get, operation_id = "report_order", path = "/api/v1/orders/{number}/report",
    params(("number" = String, Path, description = "Number of the order"), Named),
    responses((status = 200, content_type = "application/zip"), (status = 404, body = ErrorBody)))]
pub async fn report(
    house: State<Arc<House>>,
    number: Path<String>,
    query: Query<Named>,
    parts: Parts,
) -> std::result::Result<Response, Failure> {
    admit(&house, &parts)?;
    let evidence = evidence::make(&house, &query.id(&number), true).await?;
    let headers = [
        ("content-type", "application/zip".to_string()),
        ("content-disposition", format!("attachment; filename=\"{}\"", evidence.file_name())),
        ("cache-control", "no-store".to_string()),
    ];
    Ok((headers, evidence.bytes).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// What was given to the authority, in words; the record holds a commitment to it.
    letter: String,
}

/// Records that the authority was given its report.
#[utoipa::path(post, operation_id = "record_report", path = "/api/v1/orders/{number}/reports",
    params(("number" = String, Path, description = "Number of the order"), Named),
    request_body = Given, responses((status = 200, body = OrderView), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn reported(
    house: State<Arc<House>>,
    number: Path<String>,
    query: Query<Named>,
    parts: Parts,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    admit(&house, &parts)?;
    let given: Given = read(&body)?;
    let letter = order::Letter { text: given.letter, file: None };
    let reported = evidence::reported(&house, &query.id(&number), letter, query.by()).await?;
    Ok(answer(StatusCode::OK, &reported))
}

/// Counts of orders, refusals, appeals and times, by territory.
#[utoipa::path(get, operation_id = "show_transparency", path = "/api/v1/transparency", params(Span),
    responses((status = 200, body = Object), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn transparency(
    house: State<Arc<House>>,
    span: Query<Span>,
    parts: Parts,
) -> std::result::Result<Response, Failure> {
    admit(&house, &parts)?;
    Ok(answer(StatusCode::OK, &transparency::report(&house, &span)?))
}
