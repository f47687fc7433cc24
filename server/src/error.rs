//! `media::Error` as people and programs see it: JSON, an HTTP status, an exit code. Here, once.

use axum::Json;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use media::{Error, error::Kind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong, where, and what to do about it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `invalid`, `unsupported`, `not_found`, `conflict`, `data_loss`, `unavailable` or `internal`.
    pub kind: String,
    pub message: String,
    /// Where, outermost place first.
    pub places: Vec<String>,
    /// What the person can do; empty when nothing sensible can be said.
    pub remedy: String,
}

/// The body of every answer that is an error.
#[derive(Serialize, ToSchema)]
pub struct ErrorBody {
    pub error: Problem,
}

const KINDS: [(Kind, &str, StatusCode, u8); 7] = [
    (Kind::Invalid, "invalid", StatusCode::BAD_REQUEST, 2),
    (Kind::Unsupported, "unsupported", StatusCode::UNPROCESSABLE_ENTITY, 3),
    (Kind::NotFound, "not_found", StatusCode::NOT_FOUND, 4),
    (Kind::Conflict, "conflict", StatusCode::CONFLICT, 5),
    (Kind::DataLoss, "data_loss", StatusCode::INTERNAL_SERVER_ERROR, 6),
    (Kind::Unavailable, "unavailable", StatusCode::SERVICE_UNAVAILABLE, 7),
    (Kind::Internal, "internal", StatusCode::INTERNAL_SERVER_ERROR, 1),
];

fn row(kind: Kind) -> (Kind, &'static str, StatusCode, u8) {
    KINDS.into_iter().find(|row| row.0 == kind).unwrap_or(KINDS[6])
}

pub fn status(kind: Kind) -> StatusCode {
    row(kind).2
}

/// What the program exits with, so that scripts can tell failures apart.
pub fn exit_code(kind: Kind) -> u8 {
    row(kind).3
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Problem {
        Problem {
            kind: row(error.kind).1.to_string(),
            message: error.message.clone(),
            places: error.places.clone(),
            remedy: error.remedy.clone(),
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Error {
        let kind = KINDS.into_iter().find(|row| row.1 == problem.kind).map_or(Kind::Internal, |row| row.0);
        Error { kind, message: problem.message, places: problem.places, remedy: problem.remedy }
    }
}

/// An error on its way out as an HTTP answer.
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if matches!(self.0.kind, Kind::Internal | Kind::DataLoss) {
            tracing::error!(error = %self.0, "a request failed");
        }
        problem(status(self.0.kind), &self.0)
    }
}

/// An error with a status of HTTP's own (405, 414, 416…).
pub fn problem(status: StatusCode, error: &Error) -> Response {
    let body = ErrorBody { error: error.into() };
    (status, [("cache-control", "no-store")], Json(body)).into_response()
}
