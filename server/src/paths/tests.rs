use super::*;

#[test]
fn every_name_is_read_back_as_written() {
    let (v, a, i) = (Kind::Video, Kind::Audio, Kind::IFrames);
    let all = [
        Asset::Hls,
        Asset::Dash,
        Asset::ForcedHls,
        Asset::ForcedDash,
        Asset::Playlist(Kind::Forced, 2),
        Asset::ForcedSegment { language: 1, number: 9 },
        Asset::ForcedPart { language: 0, part: 1 },
        Asset::Playlist(v, 0),
        Asset::Playlist(Kind::Text, 12),
        Asset::Init { kind: v, stream: 3, part: 0 },
        Asset::Segment { kind: a, stream: 0, number: 1799 },
        Asset::Segment { kind: i, stream: 1, number: 7 },
        Asset::TextSegment { stream: 0, number: 9 },
        Asset::TextPart { stream: 0, part: 1 },
        Asset::Thumbnails,
        Asset::Sheet(4),
        Asset::Chapters,
        Asset::Poster,
    ];
    for asset in all {
        assert_eq!(Asset::parse(&asset.to_string()), Some(asset));
    }
}

#[test]
fn a_name_has_one_spelling() {
    let wrong = [
        "",
        "v.m3u8",
        "v00.m3u8",
        "v01/1.m4s",
        "v0/01.m4s",
        "v0/+1.m4s",
        "v0/1.m4s/",
        "v0//1.m4s",
        "x0.m3u8",
        "t0/1.m4s",
        "v0/1.vtt",
        "sheet-.jpg",
        "sheet-1.png",
        "i0/init-0.mp4",
        "v0/init-.mp4",
        "../v0.m3u8",
        "v0/9999999999.m4s",
        "é0.m3u8",
        "HLS.m3u8",
    ];
    for name in wrong {
        assert_eq!(Asset::parse(name), None, "{name}");
    }
}
