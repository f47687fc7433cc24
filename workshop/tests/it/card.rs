use composition::{Card, CardLine};
use workshop::card::{CardRequest, card_all, card_png};

use crate::stage::{film, first_track, make_film, sandbox};

pub fn notice() -> Card {
    let line = |language: &str, percent: u16, text: &str| CardLine {
        language: language.into(),
        text: text.into(),
        percent,
    };
    let mut card = Card::plain([]);
    card.lines = vec![
        line("vi", 140, "Phim dành cho khán giả từ 16 tuổi trở lên"),
        line(
            "vi",
            80,
            "Bộ phim có cảnh bạo lực, ngôn ngữ thô tục và những nội dung có thể không phù hợp với trẻ em. Cần cân nhắc trước khi xem.",
        ),
        line("ko", 140, "16세 이상 관람가"),
        line(
            "ko",
            80,
            "이 영화에는 폭력적인 장면과 청소년에게 부적절한 내용이 포함되어 있습니다. 시청에 주의하시기 바랍니다.",
        ),
        line("en", 80, "Rated for viewers aged 16 and above {not markup} C:\\new"),
    ];
    card
}

#[test]
fn a_card_looks_like_the_rendition() {
    let sandbox = sandbox();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    let tagged = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"];
    make_film(&path, "640x360", "24000/1001", 3, &[super::patch::PHIM, &tagged].concat());
    let ours = first_track(&sandbox, &path);
    let theirs = first_track(&sandbox, &film("sintel-trailer.mp4"));
    let card = notice();
    let requests =
        [&ours, &theirs].map(|held| CardRequest { like: held.index.track(), card: &card, units: 100 });
    let made = card_all(&sandbox, &requests, folder.path(), &|| ()).unwrap();
    let index = media::Index::from_vec(made[0].index.clone()).unwrap();
    assert_eq!((index.samples(), index.blocks(), index.block(0).unwrap().idr_pic_id), (100, 3, 0));
    assert_eq!(index.track().sample_entry, ours.index.track().sample_entry);
    let index = media::Index::from_vec(made[1].index.clone()).unwrap();
    assert_eq!((index.samples(), index.track().width), (100, 1280));
}

#[test]
fn a_card_is_drawn_in_the_fonts_of_its_languages() {
    let folder = tempfile::tempdir().unwrap();
    let png = card_png(&sandbox(), &notice(), 1280, 720, folder.path()).unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    if let Some(keep) = std::env::var_os("PHIM_KEEP_CARD") {
        std::fs::write(keep, png).unwrap();
    }
}

#[test]
fn a_letter_that_no_font_has_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let card = Card::plain([("vi".to_string(), "Phim \u{f8ff}".to_string())]);
    let error = card_png(&sandbox(), &card, 640, 360, folder.path()).unwrap_err();
    assert_eq!(error.kind, media::Kind::Unavailable);
    assert!(error.remedy.contains("fonts-noto"), "{error}");
}
