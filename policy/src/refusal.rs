//! Refusals: which rule, which order, and what would change the answer, in words for people.

use jiff::Timestamp;
use serde::Serialize;

use crate::order::OrderId;
use crate::state::Standing;

/// Why something may not be served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    pub rule: Rule,
    /// The order that asks for it; none: no order does.
    pub order: Option<OrderId>,
    /// The title that it is about, by its id; may be empty.
    pub title: String,
    /// Until when, where that is known.
    pub until: Option<Timestamp>,
    /// What happened.
    pub says: Words,
    /// What would change it.
    pub change: Words,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    UnknownTerritory,
    UnknownTitle,
    UnknownComposition,
    /// An order demands all of it.
    Withdrawn,
    /// An order is about places in it, and nobody has found them in these media yet.
    NotLocated,
    /// What an order asks for cannot be read.
    Unreadable,
    /// An authority's private link opens something else.
    OtherLink,
}

/// The same in each language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Words {
    pub vi: String,
    pub ko: String,
    pub en: String,
}

impl Rule {
    /// Whether the law is the reason: an answer of HTTP 451 (RFC 7725), where the others are 403.
    pub fn is_legal(self) -> bool {
        matches!(self, Rule::Withdrawn | Rule::NotLocated | Rule::Unreadable)
    }
}

impl Words {
    /// In the language of a tag such as `vi` or `ko-KR`; English where it is neither.
    pub fn get(&self, language: &str) -> &str {
        match language.split('-').next().unwrap_or_default() {
            "vi" => &self.vi,
            "ko" => &self.ko,
            _ => &self.en,
        }
    }
    fn of(words: [&str; 3], fill: &[(&str, &str)]) -> Words {
        let [vi, ko, en] = words
            .map(|text| fill.iter().fold(text.to_string(), |text, (name, value)| text.replace(name, value)));
        Words { vi, ko, en }
    }
}

impl Refusal {
    /// A refusal that no order asks for.
    pub(crate) fn plain(rule: Rule, title: &str) -> Refusal {
        Refusal::filled(rule, None, title, None, &[("{title}", title)])
    }

    /// A refusal that this order asks for.
    pub fn of(rule: Rule, standing: &Standing, title: &str) -> Refusal {
        let order = &standing.order;
        let date = order.date.to_string();
        let fill = [
            ("{title}", title),
            ("{authority}", order.authority.as_str()),
            ("{number}", order.number.as_str()),
            ("{date}", date.as_str()),
            ("{basis}", order.legal_basis.as_str()),
        ];
        Refusal::filled(rule, Some(order.id()), title, order.until, &fill)
    }

    pub(crate) fn of_link(order: &OrderId) -> Refusal {
        let fill = [("{authority}", order.authority.as_str()), ("{number}", order.number.as_str())];
        Refusal::filled(Rule::OtherLink, Some(order.clone()), "", None, &fill)
    }

    fn filled(
        rule: Rule,
        order: Option<OrderId>,
        title: &str,
        until: Option<Timestamp>,
        fill: &[(&str, &str)],
    ) -> Refusal {
        let (says, change) = words(rule);
        let mut change = Words::of(change, fill);
        if let Some(until) = until {
            change.vi.push_str(&format!(" Văn bản hết hiệu lực lúc {until}."));
            change.ko.push_str(&format!(" 이 명령은 {until}에 끝납니다."));
            change.en.push_str(&format!(" The order ends at {until}."));
        }
        Refusal { rule, order, title: title.into(), until, says: Words::of(says, fill), change }
    }
}

/// What happened, and what would change it: Vietnamese, Korean, English.
fn words(rule: Rule) -> ([&'static str; 3], [&'static str; 3]) {
    match rule {
        Rule::UnknownTerritory => (
            [
                "Không xác định được quốc gia của kết nối này.",
                "이 연결이 어느 나라에서 온 것인지 확인할 수 없습니다.",
                "It is not known from which country this connection comes.",
            ],
            [
                "Phim phát được khi xác định được quốc gia.",
                "나라가 확인되면 재생됩니다.",
                "It plays once the country is known.",
            ],
        ),
        Rule::UnknownTitle => (
            [
                "Ở đây không có phim \u{201c}{title}\u{201d}.",
                "\u{2018}{title}\u{2019} 작품은 이곳에 없습니다.",
                "There is no title \u{201c}{title}\u{201d} here.",
            ],
            [
                "Hãy chọn một phim có trong danh mục.",
                "목록에 있는 작품을 선택하십시오.",
                "Choose a title from the catalogue.",
            ],
        ),
        Rule::UnknownComposition => (
            [
                "Ở đây không có phiên bản này của phim \u{201c}{title}\u{201d}.",
                "\u{2018}{title}\u{2019} 작품의 이 버전은 이곳에 없습니다.",
                "There is no such version of \u{201c}{title}\u{201d} here.",
            ],
            [
                "Hãy chọn một phiên bản có trong danh mục.",
                "목록에 있는 버전을 선택하십시오.",
                "Choose a version from the catalogue.",
            ],
        ),
        Rule::Withdrawn => (
            [
                "Phim \u{201c}{title}\u{201d} đã được gỡ theo văn bản số {number} ngày {date} của {authority}. Căn cứ: {basis}.",
                "\u{2018}{title}\u{2019} 작품은 {authority}의 {date}자 명령({number})에 따라 내려졌습니다. 근거: {basis}.",
                "\u{201c}{title}\u{201d} is withdrawn by order {number} of {date} of {authority}. Basis: {basis}.",
            ],
            [
                "Phim trở lại khi văn bản được thu hồi hoặc khi bản chỉnh sửa được chấp thuận.",
                "명령이 해제되거나 수정된 버전이 승인되면 다시 제공됩니다.",
                "It returns when the order is lifted or a corrected version is accepted.",
            ],
        ),
        Rule::NotLocated => (
            [
                "Văn bản số {number} ngày {date} của {authority} yêu cầu xử lý một số đoạn của phim \u{201c}{title}\u{201d}; vị trí các đoạn đó trong bản này chưa được xác định.",
                "{authority}의 {date}자 명령({number})은 \u{2018}{title}\u{2019} 작품의 일부 장면에 관한 것이며, 이 영상에서 그 위치가 아직 확인되지 않았습니다.",
                "Order {number} of {date} of {authority} is about places in \u{201c}{title}\u{201d}, and where they are in these media is not known yet.",
            ],
            [
                "Phim trở lại khi các đoạn đó được xác định.",
                "위치가 확인되면 다시 제공됩니다.",
                "It returns when the places are found.",
            ],
        ),
        Rule::Unreadable => (
            [
                "Không đọc được yêu cầu của văn bản số {number} của {authority} đối với phim \u{201c}{title}\u{201d}.",
                "\u{2018}{title}\u{2019} 작품에 대한 {authority}의 명령({number}) 내용을 읽을 수 없습니다.",
                "What order {number} of {authority} asks of \u{201c}{title}\u{201d} cannot be read.",
            ],
            [
                "Phim trở lại khi đơn vị vận hành sửa bản ghi của văn bản.",
                "운영자가 명령의 기록을 바로잡으면 다시 제공됩니다.",
                "It returns when the operator has repaired the order's record.",
            ],
        ),
        Rule::OtherLink => (
            [
                "Liên kết này chỉ mở các phiên bản đã gửi để trả lời văn bản số {number} của {authority}.",
                "이 링크로는 {authority}의 명령({number})에 대한 답으로 보낸 버전만 볼 수 있습니다.",
                "This link opens only the versions that were sent in answer to order {number} of {authority}.",
            ],
            [
                "Hãy yêu cầu đơn vị vận hành gửi liên kết của phiên bản này.",
                "이 버전의 링크를 운영자에게 요청하십시오.",
                "Ask the operator for the link of this version.",
            ],
        ),
    }
}
