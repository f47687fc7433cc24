//! Webhooks over HTTP, for the desk. Subscriptions made here reach public addresses only.

use axum::extract::Path;
use hyper::StatusCode;

use super::{Attempt, Opened, Webhook, Webhooks, Wish};
use crate::desk::{Answered, Desk, Sent, answer, done};
use crate::error::ErrorBody;

/// Every subscription, and how it stands.
#[utoipa::path(get, operation_id = "list_webhooks", path = "/api/v1/webhooks",
    responses((status = 200, body = Webhooks), (status = 401, body = ErrorBody)))]
pub async fn list(Desk(house): Desk) -> Answered {
    Ok(answer(StatusCode::OK, &super::list(&house).await?))
}

/// Subscribes to decisions that are taken from now on.
#[utoipa::path(post, operation_id = "add_webhook", path = "/api/v1/webhooks", request_body = Wish,
    responses((status = 201, body = Opened), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn add(Desk(house): Desk, Sent(wish): Sent<Wish>) -> Answered {
    done(StatusCode::CREATED, async move { super::add(&house, wish, false).await }).await
}

/// One subscription, with what its messages are verified with.
#[utoipa::path(get, operation_id = "show_webhook", path = "/api/v1/webhooks/{id}",
    params(("id" = String, Path, description = "The subscription's id")),
    responses((status = 200, body = Opened), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn show(Desk(house): Desk, id: Path<String>) -> Answered {
    Ok(answer(StatusCode::OK, &super::show(&house, &id).await?))
}

/// Ends a subscription.
#[utoipa::path(delete, operation_id = "remove_webhook", path = "/api/v1/webhooks/{id}",
    params(("id" = String, Path, description = "The subscription's id")),
    responses((status = 200, body = Webhook), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn remove(Desk(house): Desk, id: Path<String>) -> Answered {
    done(StatusCode::OK, async move { super::remove(&house, &id).await }).await
}

/// Sends a message that means nothing, once.
#[utoipa::path(post, operation_id = "test_webhook", path = "/api/v1/webhooks/{id}/test",
    params(("id" = String, Path, description = "The subscription's id")),
    responses((status = 200, body = Attempt), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn test(Desk(house): Desk, id: Path<String>) -> Answered {
    Ok(answer(StatusCode::OK, &super::test(&house, &id).await?))
}

/// Goes on with a subscription that was given up, or tries one that fails again now.
#[utoipa::path(post, operation_id = "resume_webhook", path = "/api/v1/webhooks/{id}/resume",
    params(("id" = String, Path, description = "The subscription's id")),
    responses((status = 200, body = Webhook), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn resume(Desk(house): Desk, id: Path<String>) -> Answered {
    done(StatusCode::OK, async move { super::resume(&house, &id).await }).await
}
