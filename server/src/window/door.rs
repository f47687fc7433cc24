//! Windows over HTTP, for the desk.

use axum::body::Bytes;
use axum::extract::{Path, Query};
use hyper::StatusCode;
use media::error::Error;
use policy::Territory;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Adding, Given, Saying, dealing};
use crate::desk::{Answered, DESK, Desk, Sent, answer, done};
use crate::error::{ErrorBody, Failure};
use crate::progress::silent;

/// Which avails.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Of this title; of all when left out.
    title: Option<String>,
    /// Avails at most.
    limit: Option<usize>,
}

/// Avails and their windows.
#[utoipa::path(get, operation_id = "list_windows", path = "/api/v1/windows", params(Which),
    responses((status = 200, body = Object, description = "As docs/ref/avails.md has it"), (status = 401, body = ErrorBody)))]
pub async fn list(Desk(house): Desk, Query(which): Query<Which>) -> Answered {
    Ok(answer(
        StatusCode::OK,
        &super::list(&house, which.title.as_deref(), which.limit.unwrap_or(100).min(1_000)),
    ))
}

/// Where windows contradict each other or themselves.
#[utoipa::path(get, operation_id = "window_conflicts", path = "/api/v1/windows/conflicts", params(Which),
    responses((status = 200, body = Object), (status = 401, body = ErrorBody)))]
pub async fn conflicts(Desk(house): Desk, Query(which): Query<Which>) -> Answered {
    done(StatusCode::OK, async move {
        crate::house::blocking(move || super::conflicts(&house, which.title.as_deref())).await
    })
    .await
}

/// What is asked about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    title: String,
    #[param(value_type = String)]
    territory: Territory,
    /// An instant; now when left out.
    at: Option<String>,
}

/// Whether a title is licensed somewhere at an instant, and what every window says about it.
#[utoipa::path(get, operation_id = "explain_windows", path = "/api/v1/windows/explain", params(Asked),
    responses((status = 200, body = Object), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub async fn explain(Desk(house): Desk, Query(asked): Query<Asked>) -> Answered {
    Ok(answer(StatusCode::OK, &super::explain(&house, &asked.title, asked.territory, asked.at.as_deref())?))
}

/// Enters a window.
#[utoipa::path(post, operation_id = "add_window", path = "/api/v1/windows", request_body = Adding,
    responses((status = 200, body = Object), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn add(Desk(house): Desk, Sent(adding): Sent<Adding>) -> Answered {
    done(StatusCode::OK, async move { super::add(&house, adding).await }).await
}

/// Enters a licensor's consent to an edit, a notice of one, or that neither counts any longer.
#[utoipa::path(post, operation_id = "say_of_edit", path = "/api/v1/windows/consents", request_body = Saying,
    responses((status = 200, body = Object), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn say(Desk(house): Desk, Sent(saying): Sent<Saying>) -> Answered {
    if saying.letter.file.is_some() {
        let error = Error::invalid("a letter over HTTP is text; files go by the command line").at("letter");
        return Err(Failure(error));
    }
    done(StatusCode::OK, async move { super::consent::say(&house, saying).await }).await
}

/// How a file is taken.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// Name of the file.
    file: String,
    /// Leave out the lines with errors.
    #[serde(default)]
    accept_valid: bool,
    /// Say what would change, and change nothing.
    #[serde(default)]
    dry_run: bool,
    /// `stop` or `finish`.
    expiry: Option<String>,
    /// `nothing`, `on-order`, `with-notice` or `with-consent`.
    may_edit: Option<String>,
    /// Who acts.
    by: Option<String>,
}

/// Brings in a workbook or an XML, which is the body.
#[utoipa::path(post, operation_id = "import_windows", path = "/api/v1/windows/import", params(How),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Object, description = "What became of it, with every finding"), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub async fn import(Desk(house): Desk, Query(how): Query<How>, body: Bytes) -> Answered {
    let expiry = how.expiry.as_deref().unwrap_or("stop");
    let may_edit = how.may_edit.as_deref().unwrap_or("nothing");
    let given = Given {
        accept_valid: how.accept_valid,
        dry_run: how.dry_run,
        dealing: dealing(expiry, may_edit, "", None)?,
        by: how.by.unwrap_or_else(|| DESK.into()),
    };
    done(StatusCode::OK, async move { super::take(&house, body.to_vec(), how.file, given, silent()).await })
        .await
}

/// Whose avail it is.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Whose {
    /// The licensor, where several use the ALID.
    licensor: Option<String>,
    /// Who acts.
    by: Option<String>,
}

/// Removes an avail and its windows.
#[utoipa::path(delete, operation_id = "remove_windows", path = "/api/v1/windows/{alid}", params(Whose,
    ("alid" = String, Path, description = "The avail's ALID")),
    responses((status = 200, body = Object), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn remove(Desk(house): Desk, Path(alid): Path<String>, Query(whose): Query<Whose>) -> Answered {
    let by = whose.by.unwrap_or_else(|| DESK.into());
    done(StatusCode::OK, async move { super::remove(&house, &alid, whose.licensor.as_deref(), &by).await })
        .await
}
