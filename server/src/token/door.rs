//! Tokens for play requests, handed out to whoever knows the viewers: the operator's own site.
//!
//! Until viewers have accounts here, such a token is how the house learns where a viewer's account is kept.

use axum::response::Response;
use hyper::StatusCode;
use media::error::{Error, Kind, Result};
use policy::Territory;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::desk::{Answered, Desk, Sent, answer};
use crate::error::ErrorBody;
use crate::house::House;
use crate::token::Bearer;

/// For whom a token for one play request is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = TokenWish)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Where the request will come from (ISO 3166-1 alpha-2); left out: from where the house does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub territory: Option<Territory>,
    /// The country that keeps the viewer's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub home: Option<Territory>,
}

/// A token for one play request.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = PlayToken)]
pub struct Handed {
    /// To be sent as `CTA-Common-Access-Token` with `POST /api/v1/play`, once.
    pub token: String,
    pub expires: String,
}

pub fn issue(house: &House, wish: &Wish) -> Result<Handed> {
    let tokens = house.tokens().ok_or_else(|| {
        Error::new(Kind::Conflict, "nobody asks for tokens here").remedy("Start phim serve with --tokens")
    })?;
    let issued = tokens.play(&Bearer { at: wish.territory, prefix: "", home: wish.home })?;
    Ok(Handed { token: issued.token, expires: issued.expires.to_string() })
}

/// A token for one play request of one viewer.
#[utoipa::path(post, operation_id = "issue_token", path = "/api/v1/tokens", request_body = Wish,
    responses((status = 201, body = Handed), (status = 401, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn hand_out(desk: Desk, wish: Sent<Wish>) -> Answered {
    let handed = issue(&desk.0, &wish.0)?;
    Ok::<Response, _>(answer(StatusCode::CREATED, &handed))
}
