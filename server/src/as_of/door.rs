//! What was, over HTTP, for the desk.

use axum::extract::Query;
use hyper::StatusCode;

use super::events::{self, LookBack, Which};
use super::told::{self, Asked, Told};
use crate::desk::{Answered, Desk, Sent, done};
use crate::error::ErrorBody;

/// What a viewer in a territory would have seen of a title at an instant, and why; where it played, with
/// addresses that play it for an hour.
#[utoipa::path(post, operation_id = "tell_then", path = "/api/v1/desk/then", request_body = Asked,
    responses((status = 200, body = Told), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub async fn then(Desk(house): Desk, Sent(asked): Sent<Asked>) -> Answered {
    done(StatusCode::OK, async move { told::tell(&house, &asked, "").await }).await
}

/// Everything that happened to a title in a territory, and what viewers got from each instant on.
#[utoipa::path(get, operation_id = "look_back", path = "/api/v1/desk/then", params(Which),
    responses((status = 200, body = LookBack), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn look_back(Desk(house): Desk, Query(which): Query<Which>) -> Answered {
    done(StatusCode::OK, async move { events::look_back(&house, which).await }).await
}
