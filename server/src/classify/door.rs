//! Classification over HTTP, for the desk.

use axum::extract::{Path, Query};
use axum::response::IntoResponse;
use hyper::StatusCode;
use policy::Territory;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Listing, Notifying, RatingView, Ratings, Saying, list::csv};
use crate::desk::{Answered, DESK, Desk, Sent, answer, done};
use crate::error::ErrorBody;
use crate::house::blocking;

/// Every title and the label that holds for it in each territory.
#[utoipa::path(get, operation_id = "list_ratings", path = "/api/v1/ratings",
    responses((status = 200, body = Ratings), (status = 401, body = ErrorBody)))]
pub async fn all(Desk(house): Desk) -> Answered {
    done(StatusCode::OK, async move { blocking(move || super::all(&house)).await }).await
}

/// Where.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Where {
    /// Of this territory; of all that have labels when left out.
    #[param(value_type = Option<String>)]
    territory: Option<Territory>,
}

/// Marks, votes, labels and history of a title.
#[utoipa::path(get, operation_id = "show_rating", path = "/api/v1/ratings/{title}",
    params(("title" = String, Path, description = "Id of the title"), Where),
    responses((status = 200, body = RatingView), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn show(Desk(house): Desk, title: Path<String>, Query(place): Query<Where>) -> Answered {
    Ok(answer(StatusCode::OK, &super::show(&house, &title, place.territory)?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Who {
    /// Who acts.
    by: Option<String>,
}

/// Marks a scene, votes, decides, records the regulator's label, or revokes one. The same said again
/// changes nothing.
#[utoipa::path(post, operation_id = "say_rating", path = "/api/v1/ratings/{title}",
    params(("title" = String, Path, description = "Id of the title"), Who),
    request_body(content = Object, description = "`{\"mark\": {\"scene\": \"41:18-41:56\", \"descriptor\": \"violence\", \"strength\": \"medium\"}}`; or `unmark`, `vote`, `decide`, `regulator`, `revoke`, as docs/ref/ratings.md has them"),
    responses((status = 200, body = RatingView), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn say(
    Desk(house): Desk,
    title: Path<String>,
    who: Query<Who>,
    Sent(saying): Sent<Saying>,
) -> Answered {
    let by = who.0.by.unwrap_or_else(|| DESK.into());
    done(StatusCode::OK, async move { super::say(&house, &title, saying, &by).await }).await
}

/// Which list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    #[param(value_type = String)]
    territory: Territory,
    /// Only what somebody must still be told.
    #[serde(default)]
    due: bool,
    /// `json` or `csv`.
    format: Option<String>,
}

/// The list of titles and the results of their rating, for an authority.
#[utoipa::path(get, operation_id = "list_notifications", path = "/api/v1/notifications", params(Which),
    responses((status = 200, body = Listing), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn list(Desk(house): Desk, Query(which): Query<Which>) -> Answered {
    let csv_wanted = which.format.as_deref() == Some("csv");
    let listing = blocking(move || super::list(&house, which.territory, which.due)).await?;
    if !csv_wanted {
        return Ok(answer(StatusCode::OK, &listing));
    }
    let headers = [
        ("content-type", "text/csv; charset=utf-8".to_string()),
        ("content-disposition", format!("attachment; filename=\"titles-{}.csv\"", listing.territory)),
        ("cache-control", "no-store".to_string()),
    ];
    // The mark of byte order: without it a common programme for tables reads another encoding.
    Ok((headers, format!("\u{feff}{}", csv(&listing.lines))).into_response())
}

/// Records that a list was sent.
#[utoipa::path(post, operation_id = "record_notification", path = "/api/v1/notifications", request_body = Notifying,
    responses((status = 200, body = super::list::Sent), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn notify(Desk(house): Desk, Sent(notifying): Sent<Notifying>) -> Answered {
    done(StatusCode::OK, async move { super::notify(&house, notifying).await }).await
}
