//! Readiness over HTTP, for the desk.

use axum::extract::{Path, Query};
use hyper::StatusCode;
use media::Error;
use policy::Territory;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Asked, ReadinessView, Territories, What};
use crate::desk::{Answered, DESK, Desk, Sent, answer, done};
use crate::error::{ErrorBody, Failure};

/// Every territory that has a pack: whether it is open, and how much is missing.
#[utoipa::path(get, operation_id = "list_territories", path = "/api/v1/territories",
    responses((status = 200, body = Territories), (status = 401, body = ErrorBody)))]
pub async fn list(Desk(house): Desk) -> Answered {
    Ok(answer(StatusCode::OK, &super::list(&house)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct When {
    /// As of this instant; now when left out.
    at: Option<String>,
    /// Who acts.
    by: Option<String>,
}

/// What a territory's pack asks of the house, and how each item stands.
#[utoipa::path(get, operation_id = "show_readiness", path = "/api/v1/territories/{territory}/readiness",
    params(("territory" = String, Path, description = "ISO 3166-1 code"), When),
    responses((status = 200, body = ReadinessView), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn show(Desk(house): Desk, territory: Path<String>, when: Query<When>) -> Answered {
    let territory = Territory::parse(&territory)?;
    let what = What::Show { at: when.0.at };
    let asked = Asked { territory, what, by: DESK.to_string() };
    Ok(answer(StatusCode::OK, &super::ask(&house, asked).await?))
}

/// Enters something about a territory: that it is declared, opens or closes; a position, a licence, evidence,
/// a risk, an override; or asks Phim to look or to rehearse.
#[utoipa::path(post, operation_id = "enter_readiness", path = "/api/v1/territories/{territory}/readiness",
    params(("territory" = String, Path, description = "ISO 3166-1 code"), When),
    request_body(content = Object, description = "`{\"add_evidence\": {\"name\": \"rating-mechanism\", \"document\": {\"text\": \"…\"}}}`; docs/ref/readiness.md names the others"),
    responses((status = 200, body = ReadinessView), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn enter(
    Desk(house): Desk,
    territory: Path<String>,
    when: Query<When>,
    Sent(what): Sent<What>,
) -> Answered {
    if what.names_file() {
        let error = Error::invalid("a document over HTTP is text; files go by the command line");
        return Err(Failure(error));
    }
    let territory = Territory::parse(&territory)?;
    let by = when.0.by.unwrap_or_else(|| DESK.to_string());
    done(StatusCode::OK, async move { super::ask(&house, Asked { territory, what, by }).await }).await
}
