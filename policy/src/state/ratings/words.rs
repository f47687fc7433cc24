//! Why a composition has no label, in words for people: Vietnamese, Korean, English.

use super::{Barred, Unrated};
use crate::pack::duty::{Change, Paper};
use crate::refusal::Words;

impl Unrated {
    pub fn words(&self) -> Words {
        match self {
            Unrated::Never => words(
                "Phiên bản này chưa được phân loại.",
                "이 버전은 아직 등급분류를 받지 않았습니다.",
                "This version has not been given a label.",
            ),
            Unrated::Stale { paper, change, .. } => stale(*paper, *change),
            Unrated::UnknownLabel { label } => words(
                &format!("Bộ quy tắc không có mức phân loại {label}."),
                &format!("규칙에 {label} 등급이 없습니다."),
                &format!("The pack has no label {label}."),
            ),
            Unrated::UnknownDescriptor { descriptor } => words(
                &format!("Bộ quy tắc không có tiêu chí {descriptor}."),
                &format!("규칙에 {descriptor} 내용정보가 없습니다."),
                &format!("The pack has no descriptor {descriptor}."),
            ),
            Unrated::TooLow { label, lowest, because } => {
                let descriptor = &because.descriptor;
                words(
                    &format!(
                        "Cảnh đã ghi nhận ({descriptor}) đòi hỏi ít nhất mức {lowest}; đã quyết định {label}."
                    ),
                    &format!(
                        "표시된 장면({descriptor})은 최소 {lowest} 등급이 필요하나 {label}(으)로 결정되었습니다."
                    ),
                    &format!(
                        "What is marked ({descriptor}) asks for {lowest} at least; {label} was decided."
                    ),
                )
            }
            Unrated::Unjudged { .. } => words(
                "Không thể đánh giá các cảnh đã ghi nhận theo tiêu chí của bộ quy tắc.",
                "표시된 장면을 규칙의 기준으로 판단할 수 없습니다.",
                "What is marked cannot be judged by the pack's criteria.",
            ),
            Unrated::NeedsRegulator { barred, by, .. } => needs(barred, by.as_deref()),
        }
    }
}

fn words(vi: &str, ko: &str, en: &str) -> Words {
    Words { vi: vi.into(), ko: ko.into(), en: en.into() }
}

fn stale(paper: Paper, change: Change) -> Words {
    let [vi, ko, en] = match paper {
        Paper::Label => ["Mức phân loại", "등급", "The label"],
        Paper::Certificate => ["Giấy phép phân loại", "등급분류 증명", "The certificate"],
        Paper::Notification => ["Thông báo", "통보", "The notification"],
    };
    let [by_vi, by_ko, by_en] = match change {
        Change::Cut => ["cắt cảnh", "장면 삭제", "a cut"],
        Change::Blur => ["làm mờ", "흐림 처리", "a blur"],
        Change::Mask => ["che hình", "가림 처리", "a mask"],
        Change::Mute => ["tắt tiếng", "음소거", "a mute"],
        Change::Card => ["chèn bảng chữ", "자막판 삽입", "a card"],
        Change::TextDrop => ["bỏ phụ đề", "자막 삭제", "dropped subtitles"],
        Change::Track => ["thêm âm thanh hoặc phụ đề", "음성 또는 자막 추가", "more sound or subtitles"],
    };
    words(
        &format!("{vi} hết hiệu lực vì phiên bản đã thay đổi ({by_vi}); cần phân loại lại."),
        &format!("{ko}의 효력이 버전 변경({by_ko})으로 끝났습니다. 다시 등급분류가 필요합니다."),
        &format!("{en} ended when the version changed ({by_en}); it must be rated again."),
    )
}

fn needs(barred: &Barred, by: Option<&str>) -> Words {
    let who = by.unwrap_or_default();
    let [vi, ko, en] = match barred {
        Barred::Kind { .. } => [
            "Loại tác phẩm này không được tự phân loại".to_string(),
            "이 종류의 작품은 자체 등급분류를 할 수 없습니다".to_string(),
            "Works of this kind may not be rated by the house itself".to_string(),
        ],
        Barred::Label { label } => [
            format!("Đơn vị không được tự quyết định mức {label}"),
            format!("{label} 등급은 자체적으로 결정할 수 없습니다"),
            format!("The house may not give {label} itself"),
        ],
        Barred::How { how } => [
            format!("Không được phân loại theo cách này ({how})"),
            format!("이 방식({how})으로는 등급을 결정할 수 없습니다"),
            format!("Labels may not be decided in this way ({how})"),
        ],
        Barred::Overruled { label, number } => [
            format!("Cơ quan quản lý đã xếp mức {label} theo văn bản số {number}"),
            format!("규제기관이 {number}호로 {label} 등급을 결정했습니다"),
            format!("The regulator gave {label} by {number}"),
        ],
    };
    let decides = |text: &str| if who.is_empty() { String::new() } else { format!(" {text} {who}.") };
    words(
        &format!("{vi}.{}", decides("Cơ quan quyết định:")),
        &format!("{ko}.{}", decides("결정 기관:")),
        &format!("{en}.{}", decides("It is decided by")),
    )
}
