//! The sample films and their versions, as they would be made by hand.

use std::path::{Path, PathBuf};

use media::error::{Error, Kind, Result};

use crate::add;
use crate::version::Make;

/// The film that has its premiere at a midnight of each country that is still to come.
pub const PREMIERE: &str = "midnight";

/// The films, as they would be added by hand.
pub fn films(folder: &Path) -> Result<Vec<add::Intake>> {
    let file = |name: &str| -> Result<PathBuf> {
        let path = std::path::absolute(folder.join(name)).map_err(|e| archive::from_io(folder, e))?;
        if path.exists() {
            return Ok(path);
        }
        Err(Error::new(Kind::NotFound, "the sample film is not there")
            .at(path.display().to_string())
            .remedy("Run phim demo in the source folder, or name the folder of the films with --films DIR"))
    };
    let text =
        |language: &str, name: &str| -> Result<(String, PathBuf)> { Ok((language.to_string(), file(name)?)) };
    let words = |all: &[&str]| all.iter().map(|s| s.to_string()).collect();
    let sintel = add::Intake {
        title: "sintel".to_string(),
        kind: "film".to_string(),
        names: words(&["en=Sintel", "vi=Sintel", "ko=신텔"]),
        year: Some(2010),
        credits: "© Blender Foundation, durian.blender.org, CC BY 3.0".to_string(),
        language: Some("en".to_string()),
        files: vec![file("sintel-trailer.mp4")?],
        text: vec![
            text("vi", "sintel-trailer.vi.srt")?,
            text("ko", "sintel-trailer.ko.vtt")?,
            text("en", "sintel-trailer.en.ttml")?,
        ],
        labels: words(&["vi=Tiếng Việt", "ko=한국어", "en=English"]),
        ..add::Intake::default()
    };
    let bunny = add::Intake {
        title: "bunny".to_string(),
        kind: "film".to_string(),
        names: words(&["en=Big Buck Bunny", "vi=Chú thỏ Big Buck", "ko=빅 벅 버니"]),
        year: Some(2008),
        credits: "© Blender Foundation, bigbuckbunny.org, CC BY 3.0".to_string(),
        files: vec![file("big-buck-bunny-clip.mp4")?],
        ..add::Intake::default()
    };
    let midnight = add::Intake {
        title: PREMIERE.to_string(),
        kind: "film".to_string(),
        names: words(&["en=Midnight", "vi=Nửa đêm", "ko=자정"]),
        year: Some(2026),
        credits: "A night sky computed for Phim, CC0".to_string(),
        files: vec![file("midnight.mp4")?],
        ..add::Intake::default()
    };
    Ok(vec![sintel, bunny, midnight])
}

/// One version of each kind: scenes left out (one cut off a sync sample at both ends, one inside a
/// single group of pictures), a card in front, two films strung together.
pub fn versions() -> Vec<Make> {
    let words = |all: &[&str]| all.iter().map(|s| s.to_string()).collect();
    let of = |name: &str, label: &[&str]| Make {
        title: "sintel".to_string(),
        name: name.to_string(),
        label: words(label),
        card_seconds: "4".to_string(),
        ..Make::default()
    };
    vec![
        Make {
            cut: words(&["250f-417f", "700f-715f"]),
            ..of("two-scenes-removed", &["en=Two scenes removed", "vi=Bỏ hai cảnh", "ko=두 장면 삭제판"])
        },
        Make {
            card: words(&["vi=Phim dành cho khán giả từ 13 tuổi trở lên", "ko=13세 이상 관람가"]),
            ..of("rating-card", &["en=With a rating card", "vi=Có thẻ phân loại", "ko=등급 안내판"])
        },
        Make {
            span: words(&["sintel:2-14", "bunny:0.5-4.5", "sintel:30-40"]),
            ..of("festival-reel", &["en=Festival reel", "vi=Bản giới thiệu liên hoan", "ko=영화제 소개 영상"])
        },
    ]
}
