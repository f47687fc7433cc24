//! What a rule that was asked came to, in a sentence.

use policy::gate::Concern;

use crate::play::WordsView;

/// The sentence for one step of the gate; `source` names the record or rule that it rests on.
pub fn of(concern: Concern, allows: bool, source: &str) -> WordsView {
    // Only a trial lets a territory pass that nothing is recorded about.
    let [vi, ko, en] = match (concern, source.is_empty()) {
        (Concern::Territory, true) => TRIAL,
        _ => sentence(concern, allows),
    };
    let fill = |text: &str| text.replace("{source}", source);
    WordsView { vi: fill(vi), ko: fill(ko), en: fill(en) }
}

const TRIAL: [&str; 3] = [
    "Nhà phát hành đang chạy thử: chỉ các văn bản được xét.",
    "시험 운영 중이어서 명령만 확인했습니다.",
    "The house held a trial: only orders were asked.",
];

fn sentence(concern: Concern, allows: bool) -> [&'static str; 3] {
    match (concern, allows) {
        (Concern::Territory, true) => [
            "Dịch vụ mở tại {source}.",
            "{source}에서 서비스가 열려 있었습니다.",
            "The service was open in {source}.",
        ],
        (Concern::Territory, false) => [
            "Dịch vụ không mở tại {source}.",
            "{source}에서 서비스가 열려 있지 않았습니다.",
            "The service was not open in {source}.",
        ],
        (Concern::Order, true) => [
            "Văn bản {source} không buộc gỡ toàn bộ phim.",
            "명령 {source}은(는) 작품 전체를 내리게 하지 않았습니다.",
            "Order {source} did not withdraw the whole.",
        ],
        (Concern::Order, false) => [
            "Văn bản {source} buộc gỡ toàn bộ phim.",
            "명령 {source}에 따라 작품 전체가 내려졌습니다.",
            "Order {source} withdrew the whole.",
        ],
        (Concern::Window, true) => [
            "Hợp đồng {source} cho phép chiếu lúc đó.",
            "계약 {source}의 기간이 열려 있었습니다.",
            "Contract {source} had an open window.",
        ],
        (Concern::Window, false) => [
            "Hợp đồng {source} không cho phép chiếu lúc đó.",
            "계약 {source}의 기간이 열려 있지 않았습니다.",
            "Contract {source} had no open window.",
        ],
        (Concern::Label, true) => [
            "Phiên bản này có nhãn được chấp nhận ({source}).",
            "이 버전에는 유효한 등급이 있었습니다({source}).",
            "This version had a label that counted ({source}).",
        ],
        (Concern::Label, false) => [
            "Phiên bản này không có nhãn được chấp nhận ({source}).",
            "이 버전에는 유효한 등급이 없었습니다({source}).",
            "This version had no label that counted ({source}).",
        ],
        (_, true) => [
            "Người xem đáp ứng điều kiện ({source}).",
            "시청자가 조건을 충족했습니다({source}).",
            "The viewer met {source}.",
        ],
        (_, false) => [
            "Người xem không đáp ứng điều kiện ({source}).",
            "시청자가 조건을 충족하지 않았습니다({source}).",
            "The viewer did not meet {source}.",
        ],
    }
}
