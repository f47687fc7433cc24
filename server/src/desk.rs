//! Orders over HTTP, for the desk and for programs: the same acts as the verbs.
//!
//! Every request shows the desk's token (`phim desk` prints it) as `Authorization: Bearer TOKEN`
//! (RFC 6750); a handler that takes a [`Desk`] is reached by nobody else. Placing is idempotent by
//! authority and number.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::header;
use hyper::http::request::Parts;
use media::error::{Error, Result};
use policy::OrderId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use utoipa::{IntoParams, ToSchema};

use crate::error::{ErrorBody, Failure, problem};
use crate::evidence;
use crate::house::{House, unbroken};
use crate::order::{self, Offer, OrderView, Orders, Place, Placed, Step, Stepped, Verdict};
use crate::transparency::{self, Span};

/// Who acts when a program does not say.
pub const DESK: &str = "desk";

/// The house, for whoever shows the desk's token. Others are answered with 401.
pub struct Desk(pub Arc<House>);

impl FromRequestParts<Arc<House>> for Desk {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        house: &Arc<House>,
    ) -> std::result::Result<Desk, Response> {
        let shown = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        let shown = shown.and_then(|v| v.strip_prefix("Bearer ")).unwrap_or_default();
        if shown.as_bytes().ct_eq(house.keys.desk_token().as_bytes()).into() {
            return Ok(Desk(house.clone()));
        }
        let error = Error::invalid("this is for the desk")
            .remedy("Send the token that `phim desk` prints as Authorization: Bearer TOKEN");
        let mut response = problem(StatusCode::UNAUTHORIZED, &error);
        let challenge = header::HeaderValue::from_static("Bearer realm=\"desk\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        Err(response)
    }
}

/// The body of a request, read as JSON.
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<House>> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, house: &Arc<House>) -> std::result::Result<Sent<T>, Response> {
        let body = Bytes::from_request(request, house).await.map_err(IntoResponse::into_response)?;
        serde_json::from_slice(&body).map(Sent).map_err(|e| {
            let error = Error::invalid(format!("the body is not what is expected: {e}"))
                .remedy("docs/ref/orders.md and docs/ref/http.md show the fields");
            Failure(error).into_response()
        })
    }
}

pub type Answered = std::result::Result<Response, Failure>;

/// An answer that nobody keeps.
pub fn answer(status: StatusCode, value: &impl Serialize) -> Response {
    (status, [("cache-control", "no-store")], Json(value)).into_response()
}

/// Does what was asked, to its end even when whoever asked goes away, and answers with it.
pub async fn done<T: Serialize + Send + 'static>(
    status: StatusCode,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Answered {
    Ok(answer(status, &unbroken(work).await?))
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
    (status = 201, body = Placed), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn place(Desk(house): Desk, asked: Query<Asked>, Sent(order): Sent<Value>) -> Answered {
    let asked = asked.0;
    let place = Place {
        order,
        version: asked.version,
        attach: Vec::new(),
        dry_run: asked.dry_run,
        by: asked.by.unwrap_or_else(|| DESK.to_string()),
    };
    let placed = unbroken(async move { order::place(&house, place).await }).await?;
    let new = placed.taken.as_ref().is_some_and(|taken| taken.changed);
    Ok(answer(if new { StatusCode::CREATED } else { StatusCode::OK }, &placed))
}

/// Orders, those that press first.
#[utoipa::path(get, operation_id = "list_orders", path = "/api/v1/orders", params(order::Which),
    responses((status = 200, body = Orders), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn list(Desk(house): Desk, Query(which): Query<order::Which>) -> Answered {
    done(StatusCode::OK, async move { crate::house::blocking(move || Ok(order::list(&house, &which))).await })
        .await
}

/// One order, by its number; `?authority=` where several have it.
#[utoipa::path(get, operation_id = "show_order", path = "/api/v1/orders/{number}",
    params(("number" = String, Path, description = "Number of the order"), Named),
    responses((status = 200, body = OrderView), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn show(Desk(house): Desk, number: Path<String>, query: Query<Named>) -> Answered {
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
    request_body = Object, responses((status = 200, body = Stepped), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn step(
    Desk(house): Desk,
    number: Path<String>,
    query: Query<Named>,
    Sent(step): Sent<Step>,
) -> Answered {
    if step.names_file() {
        return Ok(problem(
            StatusCode::BAD_REQUEST,
            &Error::invalid("a letter over HTTP is text; files go by the command line"),
        ));
    }
    let id = query.id(&number);
    done(StatusCode::OK, async move { order::step(&house, &id, step, query.by()).await }).await
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
    request_body = Edits, responses((status = 201, body = Stepped), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn propose(
    Desk(house): Desk,
    number: Path<String>,
    query: Query<Named>,
    Sent(Edits { title, version, edits }): Sent<Edits>,
) -> Answered {
    let offer = Offer { order: query.id(&number), title, version, edits, by: query.by().to_string() };
    done(StatusCode::CREATED, async move { order::propose(&house, offer).await }).await
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
    request_body = Said, responses((status = 200, body = Stepped), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn verdict(
    Desk(house): Desk,
    number: Path<String>,
    query: Query<Named>,
    Sent(Said { verdict, composition, letter }): Sent<Said>,
) -> Answered {
    let letter = order::Letter { text: letter, file: None };
    let id = query.id(&number);
    done(StatusCode::OK, async move {
        order::answer_offer(&house, &id, composition.as_deref(), verdict, letter, query.by()).await
    })
    .await
}

#[derive(Serialize, ToSchema)]
pub struct PrivateLink {
    /// Path of the page on this server.
    path: String,
}

/// The private link of an order, for its authority: it opens what is offered in answer, and nothing else.
#[utoipa::path(get, operation_id = "link_order", path = "/api/v1/orders/{number}/link",
    params(("number" = String, Path, description = "Number of the order"), Named),
    responses((status = 200, body = PrivateLink), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn private_link(Desk(house): Desk, number: Path<String>, query: Query<Named>) -> Answered {
    let id = order::find(&house.snapshot(), &query.id(&number))?;
    Ok(answer(StatusCode::OK, &PrivateLink { path: format!("/link/{}", house.keys.link(&id)) }))
}

/// Whether the token is the desk's; the page asks before it shows anything.
#[utoipa::path(get, operation_id = "greet_desk", path = "/api/v1/desk",
    responses((status = 200, body = String), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn hello(_: Desk) -> Answered {
    Ok(answer(StatusCode::OK, &Value::from("desk")))
}

/// The evidence of an order: a ZIP archive that anybody verifies offline (docs/ref/evidence.md).
#[utoipa::path(get, operation_id = "report_order", path = "/api/v1/orders/{number}/report",
    params(("number" = String, Path, description = "Number of the order"), Named),
    responses((status = 200, content_type = "application/zip"), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn report(Desk(house): Desk, number: Path<String>, query: Query<Named>) -> Answered {
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
    request_body = Given, responses((status = 200, body = OrderView), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn reported(
    Desk(house): Desk,
    number: Path<String>,
    query: Query<Named>,
    Sent(Given { letter }): Sent<Given>,
) -> Answered {
    let letter = order::Letter { text: letter, file: None };
    let id = query.id(&number);
    done(StatusCode::OK, async move { evidence::reported(&house, &id, letter, query.by()).await }).await
}

/// Counts of orders, refusals, appeals and times, by territory.
#[utoipa::path(get, operation_id = "show_transparency", path = "/api/v1/transparency", params(Span),
    responses((status = 200, body = Object), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn transparency(Desk(house): Desk, span: Query<Span>) -> Answered {
    Ok(answer(StatusCode::OK, &transparency::report(&house, &span)?))
}
