//! What refusals say, and what would change them: Vietnamese, Korean, English.

use super::Rule;

type Three = [&'static str; 3];

/// What happened, and what would change it: Vietnamese, Korean, English.
pub(super) fn of(rule: Rule) -> (Three, Three) {
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
        Rule::NoPack => (
            [
                "Chưa có bộ quy tắc của {territory}.",
                "{territory}의 규칙 모음이 없습니다.",
                "There is no pack of rules of {territory}.",
            ],
            [
                "Phim phát được khi đơn vị vận hành có bộ quy tắc của nước này.",
                "운영자가 이 나라의 규칙 모음을 갖추면 재생됩니다.",
                "It plays once the operator has a pack of this territory's rules.",
            ],
        ),
        Rule::Closed => (
            [
                "Dịch vụ chưa mở tại {territory}; còn thiếu: {what_vi}. Căn cứ: {law}.",
                "{territory}에서는 서비스가 열려 있지 않습니다. 부족한 것: {what_ko}. 근거: {law}.",
                "The service is not open in {territory}; missing: {what_en}. Basis: {law}.",
            ],
            [
                "Phim phát được khi điều kiện này được đáp ứng.",
                "이 요건이 충족되면 재생됩니다.",
                "It plays once that is met.",
            ],
        ),
        Rule::NotOpened => (
            [
                "Dịch vụ chưa mở tại {territory}.",
                "{territory}에서는 서비스가 열려 있지 않습니다.",
                "The service is not open in {territory}.",
            ],
            [
                "Phim phát được khi đơn vị vận hành mở dịch vụ tại đây.",
                "운영자가 이곳에서 서비스를 열면 재생됩니다.",
                "It plays once the operator opens the territory.",
            ],
        ),
        Rule::Suspended => (
            [
                "Dịch vụ tại {territory} tạm ngừng từ {when}.",
                "{territory}의 서비스는 {when}부터 중단되어 있습니다.",
                "The service in {territory} is suspended since {when}.",
            ],
            [
                "Phim phát được khi đơn vị vận hành mở lại dịch vụ.",
                "운영자가 서비스를 다시 열면 재생됩니다.",
                "It plays once the operator resumes the service.",
            ],
        ),
        Rule::Unrated => (
            [
                "Phiên bản này của phim \u{201c}{title}\u{201d} chưa được phân loại tại {territory}.",
                "\u{2018}{title}\u{2019} 작품의 이 버전은 {territory}에서 아직 등급이 없습니다.",
                "This version of \u{201c}{title}\u{201d} is not rated in {territory}.",
            ],
            [
                "Phim phát được khi phiên bản này được phân loại.",
                "이 버전의 등급이 결정되면 재생됩니다.",
                "It plays once this version is rated.",
            ],
        ),
        Rule::StaleLabel => (
            [
                "Kết quả phân loại của phim \u{201c}{title}\u{201d} không còn giá trị đối với phiên bản này: {what}.",
                "\u{2018}{title}\u{2019} 작품의 등급은 이 버전에 더 이상 유효하지 않습니다: {what}.",
                "The label of \u{201c}{title}\u{201d} no longer counts for this version: {what}.",
            ],
            [
                "Phim phát được khi phiên bản này được phân loại lại.",
                "이 버전의 등급이 다시 결정되면 재생됩니다.",
                "It plays once this version is rated again.",
            ],
        ),
        Rule::UnknownLabel => (
            [
                "{territory} không có mức phân loại hoặc cảnh báo {label} của phim \u{201c}{title}\u{201d}.",
                "{territory}에는 \u{2018}{title}\u{2019} 작품의 등급 또는 내용정보 {label}이(가) 없습니다.",
                "{territory} has no label or descriptor {label}, which \u{201c}{title}\u{201d} bears.",
            ],
            [
                "Phim phát được khi được phân loại theo các mức hiện hành.",
                "현행 등급으로 다시 분류되면 재생됩니다.",
                "It plays once it is rated with the labels of today.",
            ],
        ),
        Rule::LabelTooLow => (
            [
                "Phim \u{201c}{title}\u{201d} được phân loại {label}, nhưng nội dung đã đánh dấu đòi hỏi ít nhất {lowest}.",
                "\u{2018}{title}\u{2019} 작품의 등급은 {label}이지만, 표시된 내용에는 {lowest} 이상이 필요합니다.",
                "\u{201c}{title}\u{201d} is rated {label}, and what is marked in it asks for {lowest} at least.",
            ],
            [
                "Phim phát được khi được phân loại ít nhất ở mức đó.",
                "그 이상의 등급이 결정되면 재생됩니다.",
                "It plays once it is rated at least so.",
            ],
        ),
        Rule::NeedsRegulator => (
            [
                "Phim \u{201c}{title}\u{201d} phải được cơ quan có thẩm quyền tại {territory} phân loại: {what}.",
                "\u{2018}{title}\u{2019} 작품은 {territory}의 등급분류 기관이 등급을 정해야 합니다: {what}.",
                "\u{201c}{title}\u{201d} must be rated by the regulator of {territory}: {what}.",
            ],
            [
                "Phim phát được khi có quyết định phân loại của cơ quan đó.",
                "기관의 등급 결정이 기록되면 재생됩니다.",
                "It plays once the regulator's label is recorded.",
            ],
        ),
        Rule::OtherKind => (
            [
                "Phim \u{201c}{title}\u{201d} thuộc loại {kind}, loại này chưa được đơn vị vận hành đăng ký tại {territory}.",
                "\u{2018}{title}\u{2019} 작품의 종류({kind})는 운영자가 {territory}에서 제공한다고 밝히지 않았습니다.",
                "\u{201c}{title}\u{201d} is of a kind ({kind}) that the operator has not declared for {territory}.",
            ],
            [
                "Phim phát được khi loại này được đăng ký và các điều kiện của nó được đáp ứng.",
                "이 종류를 등록하고 그 요건을 갖추면 재생됩니다.",
                "It plays once the kind is declared and what it needs is there.",
            ],
        ),
        Rule::NotNotified => (
            [
                "Cơ quan {authority} chưa được thông báo về phim \u{201c}{title}\u{201d} và kết quả phân loại.",
                "\u{2018}{title}\u{2019} 작품과 그 등급이 {authority}에 아직 통보되지 않았습니다.",
                "{authority} was not yet told of \u{201c}{title}\u{201d} and its label.",
            ],
            [
                "Phim phát được khi việc thông báo được ghi nhận.",
                "통보가 기록되면 재생됩니다.",
                "It plays once the notification is recorded.",
            ],
        ),
        Rule::Banned => (
            [
                "Phim \u{201c}{title}\u{201d} được phân loại {label}: không được phép phổ biến tại {territory}.",
                "\u{2018}{title}\u{2019} 작품의 등급은 {label}입니다: {territory}에서 누구에게도 보일 수 없습니다.",
                "\u{201c}{title}\u{201d} is rated {label}: it may be shown to nobody in {territory}.",
            ],
            [
                "Phim phát được khi có phiên bản được phân loại khác.",
                "다른 등급을 받은 버전이 있으면 재생됩니다.",
                "A version with another label could play.",
            ],
        ),
        Rule::NotLicensed => (
            [
                "Không có hợp đồng cho phép phát phim \u{201c}{title}\u{201d} tại {territory}.",
                "\u{2018}{title}\u{2019} 작품을 {territory}에서 제공할 권리가 없습니다.",
                "No contract licenses \u{201c}{title}\u{201d} in {territory}.",
            ],
            [
                "Phim phát được khi có quyền phát tại đây.",
                "이곳의 권리를 얻으면 재생됩니다.",
                "It plays once there is a window for it here.",
            ],
        ),
        Rule::NotYetLicensed => (
            [
                "Phim \u{201c}{title}\u{201d} chưa đến thời hạn được phát tại {territory}.",
                "\u{2018}{title}\u{2019} 작품은 {territory}에서 아직 제공 기간이 아닙니다.",
                "The window of \u{201c}{title}\u{201d} in {territory} is not open yet.",
            ],
            ["Phim phát được từ {when}.", "{when}부터 재생됩니다.", "It plays from {when}."],
        ),
        Rule::LicenceOver => (
            [
                "Thời hạn được phát phim \u{201c}{title}\u{201d} tại {territory} đã hết.",
                "\u{2018}{title}\u{2019} 작품의 {territory} 제공 기간이 끝났습니다.",
                "The windows of \u{201c}{title}\u{201d} in {territory} are over.",
            ],
            [
                "Phim phát được khi có thời hạn mới.",
                "새 제공 기간이 생기면 재생됩니다.",
                "It plays once there is a new window.",
            ],
        ),
        Rule::EditNotLicensed => (
            [
                "Hợp đồng không cho phép phát phiên bản đã chỉnh sửa của phim \u{201c}{title}\u{201d} tại {territory}.",
                "계약상 {territory}에서 \u{2018}{title}\u{2019} 작품의 편집된 버전을 제공할 수 없습니다.",
                "The contract does not allow an edited version of \u{201c}{title}\u{201d} in {territory}.",
            ],
            [
                "Phim phát được khi bên cấp quyền đồng ý, hoặc khi không còn phải chỉnh sửa.",
                "권리자가 동의하거나 편집이 필요 없게 되면 재생됩니다.",
                "It plays once the licensor allows it, or nothing has to be edited.",
            ],
        ),
        Rule::ConsentMissing => (
            [
                "Hợp đồng chỉ cho phép phát phiên bản đã chỉnh sửa của phim \u{201c}{title}\u{201d} tại {territory} khi bên cấp quyền đồng ý, và chưa có sự đồng ý nào được ghi nhận cho phiên bản này.",
                "계약상 {territory}에서 \u{2018}{title}\u{2019} 작품의 편집된 버전은 권리자의 동의가 있어야 제공할 수 있으며, 이 버전에 대한 동의가 기록되어 있지 않습니다.",
                "The contract allows an edited version of \u{201c}{title}\u{201d} in {territory} only with the licensor's consent, and none is recorded for this version.",
            ],
            [
                "Phim phát được khi sự đồng ý của {whom_vi} cho phiên bản này được ghi nhận, hoặc khi không còn phải chỉnh sửa.",
                "이 버전에 대한 {whom_ko}의 동의가 기록되거나 편집이 필요 없게 되면 재생됩니다.",
                "It plays once the consent of {whom_en} to this version is recorded, or nothing has to be edited.",
            ],
        ),
        Rule::NoticeMissing => (
            [
                "Hợp đồng chỉ cho phép phát phiên bản đã chỉnh sửa của phim \u{201c}{title}\u{201d} tại {territory} sau khi báo cho bên cấp quyền đúng thời hạn, và chưa có thông báo nào như vậy cho phiên bản này.",
                "계약상 {territory}에서 \u{2018}{title}\u{2019} 작품의 편집된 버전은 기한에 맞게 권리자에게 통지한 뒤에 제공할 수 있으며, 이 버전에 대해 그러한 통지가 없습니다.",
                "The contract allows an edited version of \u{201c}{title}\u{201d} in {territory} only once the licensor was told in time, and there is no such notice of this version.",
            ],
            [
                "Phim phát được khi {whom_vi} đã được báo về phiên bản này và thời hạn báo trước đã qua, hoặc khi không còn phải chỉnh sửa.",
                "{whom_ko}에게 이 버전을 통지하고 통지 기간이 지나거나 편집이 필요 없게 되면 재생됩니다.",
                "It plays once {whom_en} was told of this version and the time of notice has passed, or nothing has to be edited.",
            ],
        ),
        Rule::LanguageNotLicensed => (
            [
                "Hợp đồng không cho phép phát phim \u{201c}{title}\u{201d} bằng ngôn ngữ {language} tại {territory}.",
                "계약상 {territory}에서 \u{2018}{title}\u{2019} 작품을 {language} 언어로 제공할 수 없습니다.",
                "The contract does not allow \u{201c}{title}\u{201d} in the language {language} in {territory}.",
            ],
            ["Hãy chọn một ngôn ngữ khác.", "다른 언어를 선택하십시오.", "Choose another language."],
        ),
        Rule::NotPaid => (
            [
                "Tài khoản này chưa có quyền xem phim \u{201c}{title}\u{201d} (hình thức: {licence}).",
                "이 계정에는 \u{2018}{title}\u{2019} 작품을 볼 이용권이 없습니다({licence}).",
                "This account has no right to \u{201c}{title}\u{201d} ({licence}).",
            ],
            [
                "Phim phát được khi quyền xem được xác nhận.",
                "이용권이 확인되면 재생됩니다.",
                "It plays once the account holds one of these.",
            ],
        ),
        Rule::TooYoung => (
            [
                "Phim \u{201c}{title}\u{201d} được phân loại {label}: người xem chưa đủ tuổi.",
                "\u{2018}{title}\u{2019} 작품은 {label} 등급입니다: 시청자의 나이가 모자랍니다.",
                "\u{201c}{title}\u{201d} is rated {label}: the viewer is not old enough.",
            ],
            [
                "Phim phát được khi người xem đủ tuổi.",
                "시청자가 그 나이가 되면 재생됩니다.",
                "It plays once the viewer is old enough.",
            ],
        ),
        Rule::AgeUnknown => (
            [
                "Phim \u{201c}{title}\u{201d} được phân loại {label}, và tuổi của người xem chưa được biết.",
                "\u{2018}{title}\u{2019} 작품은 {label} 등급이며, 시청자의 나이를 알 수 없습니다.",
                "\u{201c}{title}\u{201d} is rated {label}, and the viewer's age is not known.",
            ],
            [
                "Hãy cho biết ngày sinh trong tài khoản.",
                "계정에 생년월일을 입력하십시오.",
                "Enter the day of birth in the account.",
            ],
        ),
        Rule::Locked => (
            [
                "Phim \u{201c}{title}\u{201d} đã bị cha mẹ hoặc người giám hộ khóa đối với hồ sơ này.",
                "보호자가 이 프로필에서 \u{2018}{title}\u{2019} 작품을 잠갔습니다.",
                "A parent or guardian locked \u{201c}{title}\u{201d} for this profile.",
            ],
            [
                "Cha mẹ hoặc người giám hộ có thể mở khóa.",
                "보호자가 잠금을 풀 수 있습니다.",
                "A parent or guardian can unlock it.",
            ],
        ),
        Rule::NeedsPin => (
            [
                "Phim \u{201c}{title}\u{201d} được phân loại {label}: cần mã số của chủ tài khoản.",
                "\u{2018}{title}\u{2019} 작품은 {label} 등급입니다: 계정 소유자의 비밀번호가 필요합니다.",
                "\u{201c}{title}\u{201d} is rated {label}: the account holder's PIN is needed.",
            ],
            ["Hãy nhập mã số.", "비밀번호를 입력하십시오.", "Enter the PIN."],
        ),
        Rule::NeedsAgeProof => (
            [
                "Phim \u{201c}{title}\u{201d} được phân loại {label}: tuổi của người xem phải được xác minh.",
                "\u{2018}{title}\u{2019} 작품은 {label} 등급입니다: 시청자의 나이를 확인해야 합니다.",
                "\u{201c}{title}\u{201d} is rated {label}: the viewer's age must be shown by more than saying so.",
            ],
            [
                "Phim phát được khi tuổi được xác minh.",
                "나이가 확인되면 재생됩니다.",
                "It plays once the age is shown.",
            ],
        ),
        Rule::NeedsParentalControl => (
            [
                "Phim \u{201c}{title}\u{201d} được phân loại {label}, và thiết bị này không cho phép cha mẹ kiểm soát.",
                "\u{2018}{title}\u{2019} 작품은 {label} 등급이며, 이 기기에는 보호자 통제 기능이 없습니다.",
                "\u{201c}{title}\u{201d} is rated {label}, and parents cannot control what plays on this device.",
            ],
            [
                "Hãy dùng thiết bị hoặc ứng dụng có chức năng kiểm soát dành cho cha mẹ.",
                "보호자 통제 기능이 있는 기기나 앱을 사용하십시오.",
                "Use a device or an application with parental controls.",
            ],
        ),
        Rule::CannotShow => (
            [
                "Thiết bị này không hiển thị được nội dung bắt buộc khi phát phim \u{201c}{title}\u{201d}: {says}",
                "이 기기는 \u{2018}{title}\u{2019} 작품을 재생할 때 반드시 표시해야 하는 것을 표시할 수 없습니다: {says}",
                "This device cannot show what must be shown with \u{201c}{title}\u{201d}: {says}",
            ],
            [
                "Hãy dùng một trình phát khác, hoặc bản đã in sẵn nội dung đó.",
                "다른 플레이어를 사용하거나, 표시가 들어간 영상을 사용하십시오.",
                "Use another player, or a version that has it in its pictures.",
            ],
        ),
    }
}
