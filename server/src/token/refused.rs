//! Why a request is not admitted by its token, in three languages.

use axum::Json;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::header::{HeaderValue, WWW_AUTHENTICATE};
use tokens::Refusal;

use crate::play::WordsView;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It shows no token.
    None,
    Token(Refusal),
    /// Too many play with the same one.
    Streams,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        Refused::Token(refusal)
    }
}

/// The reason in words, and what would change it.
struct Words {
    says: [&'static str; 3],
    change: [&'static str; 3],
}

const AGAIN: [&str; 3] = [
    "Hãy mở lại phim để nhận mã mới.",
    "작품을 다시 열어 새 토큰을 받으십시오.",
    "Open the film again (POST /api/v1/play) for a fresh one.",
];

impl Refused {
    /// A short name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Refused::None => "token-missing",
            Refused::Token(refusal) => refusal.code(),
            Refused::Streams => "token-streams",
        }
    }

    /// 401 where another token would do, 403 where this request is not what it was given for, 429 where
    /// others play with it.
    pub fn status(&self) -> StatusCode {
        use Refusal::*;
        match self {
            Refused::Streams => StatusCode::TOO_MANY_REQUESTS,
            Refused::Token(OtherTerritory | OtherAddress | OtherMethod | OtherHouse | Replayed) => {
                StatusCode::FORBIDDEN
            }
            Refused::None | Refused::Token(_) => StatusCode::UNAUTHORIZED,
        }
    }

    fn words(&self) -> Words {
        let says = match self {
            Refused::None => [
                "Địa chỉ này cần mã truy cập.",
                "이 주소에는 접근 토큰이 필요합니다.",
                "This address needs an access token.",
            ],
            Refused::Streams => {
                return Words {
                    says: [
                        "Quá nhiều thiết bị đang xem bằng cùng một mã truy cập.",
                        "같은 접근 토큰으로 너무 많은 곳에서 보고 있습니다.",
                        "Too many viewers play with the same access token.",
                    ],
                    change: [
                        "Hãy dừng ở thiết bị khác và chờ một phút.",
                        "다른 기기에서 재생을 멈추고 1분 뒤에 다시 시도하십시오.",
                        "Stop another player and wait a minute.",
                    ],
                };
            }
            Refused::Token(Refusal::Expired) => {
                ["Mã truy cập đã hết hạn.", "접근 토큰이 만료되었습니다.", "The access token has expired."]
            }
            Refused::Token(Refusal::OtherTerritory) => [
                "Mã truy cập được cấp cho lãnh thổ khác.",
                "접근 토큰이 다른 지역에서 발급되었습니다.",
                "The access token is for another territory.",
            ],
            Refused::Token(Refusal::OtherAddress | Refusal::OtherMethod) => [
                "Mã truy cập được cấp cho phim hoặc phiên bản khác.",
                "접근 토큰이 다른 작품이나 버전에 대한 것입니다.",
                "The access token is for another film or version.",
            ],
            Refused::Token(Refusal::Replayed) => [
                "Mã truy cập chỉ dùng được một lần và đã được dùng.",
                "한 번만 쓸 수 있는 접근 토큰이 이미 사용되었습니다.",
                "The access token is for one use and was used before.",
            ],
            Refused::Token(_) => [
                "Mã truy cập không hợp lệ.",
                "접근 토큰이 올바르지 않습니다.",
                "The access token is not valid.",
            ],
        };
        Words { says, change: AGAIN }
    }

    pub fn answer(&self) -> Response {
        let view = |[vi, ko, en]: [&str; 3]| WordsView { vi: vi.into(), ko: ko.into(), en: en.into() };
        let words = self.words();
        let mut says = view(words.says);
        if let Refused::Token(refusal) = self {
            // What exactly is wrong is for whoever writes players and edges.
            says.en = format!("{} ({refusal})", says.en);
        }
        let reason = serde_json::json!({
            "rule": self.code(), "title": "", "says": says, "change": view(words.change),
        });
        let body = Json(serde_json::json!({ "reasons": [reason] }));
        let mut response = (self.status(), [("cache-control", "no-store")], body).into_response();
        if self.status() == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("CTA-Common-Access-Token");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
