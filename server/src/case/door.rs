//! Cases over HTTP, for the desk.

use axum::extract::{Path, Query};
use hyper::StatusCode;
use media::Error;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{CaseView, Cases, Entering, Opening};
use crate::desk::{Answered, DESK, Desk, Sent, answer, done};
use crate::error::{ErrorBody, Failure};

/// Every case, and who waits for whom in it.
#[utoipa::path(get, operation_id = "list_cases", path = "/api/v1/cases",
    responses((status = 200, body = Cases), (status = 401, body = ErrorBody)))]
pub async fn list(Desk(house): Desk) -> Answered {
    Ok(answer(StatusCode::OK, &super::list(&house)))
}

/// Opens a case without an order.
#[utoipa::path(post, operation_id = "open_case", path = "/api/v1/cases", request_body = Opening,
    responses((status = 200, body = CaseView), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn open(Desk(house): Desk, Sent(opening): Sent<Opening>) -> Answered {
    done(StatusCode::OK, async move { super::open(&house, opening).await }).await
}

/// One case with everything that happened in it.
#[utoipa::path(get, operation_id = "show_case", path = "/api/v1/cases/{case}",
    params(("case" = String, Path, description = "What the case is called")),
    responses((status = 200, body = CaseView), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn show(Desk(house): Desk, case: Path<String>) -> Answered {
    Ok(answer(StatusCode::OK, &super::show(&house, &case).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Who {
    /// Who acts.
    by: Option<String>,
}

/// Enters a letter, a question, an answer, or that the matter is settled.
#[utoipa::path(post, operation_id = "enter_case", path = "/api/v1/cases/{case}/entries",
    params(("case" = String, Path, description = "What the case is called"), Who),
    request_body(content = Object, description = "`{\"question\": {\"from\": \"authority\", \"letter\": {\"text\": \"…\"}, \"due\": \"…\"}}`; or `letter`, `answer`, `close`"),
    responses((status = 200, body = CaseView), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn enter(
    Desk(house): Desk,
    case: Path<String>,
    who: Query<Who>,
    Sent(entering): Sent<Entering>,
) -> Answered {
    if entering.names_file() {
        let error = Error::invalid("a letter over HTTP is text; files go by the command line");
        return Err(Failure(error));
    }
    done(StatusCode::OK, async move {
        super::enter(&house, &case, entering, who.by.as_deref().unwrap_or(DESK)).await
    })
    .await
}
