use expect_test::expect;
use m3u8_rs::{AlternativeMediaType, MediaPlaylistType};
use num_rational::Ratio;
use proptest::prelude::*;

use super::*;
use crate::digest::Digest;

fn rendition(n: usize, width: u32, height: u32, peak: u64, codec: &str) -> Rendition {
    Rendition {
        uri: format!("v{n}.m3u8"),
        codecs: vec![codec.into()],
        width,
        height,
        rate: Rate::new(24000, 1001).unwrap(),
        range: VideoRange::Sdr,
        bandwidth: Bandwidth { peak, average: peak / 2 },
        frames: Some(Frames {
            uri: format!("i{n}.m3u8"),
            bandwidth: Bandwidth { peak: peak / 5, average: peak / 9 },
        }),
    }
}

fn sound(n: usize, language: &str, label: &str, codec: &str, channels: u16) -> Sound {
    let bandwidth = Bandwidth { peak: 130_000 + 1000 * n as u64, average: 128_000 };
    Sound {
        uri: format!("a{n}.m3u8"),
        language: language.into(),
        label: label.into(),
        codecs: vec![codec.into()],
        channels,
        bandwidth,
    }
}

fn text(n: usize, language: &str, label: &str, forced: bool) -> Text {
    Text { uri: format!("t{n}.m3u8"), language: language.into(), label: label.into(), forced }
}

fn film() -> Multivariant {
    Multivariant {
        renditions: vec![
            rendition(0, 1920, 1080, 6_000_000, "avc1.640028"),
            rendition(1, 1280, 720, 3_000_000, "avc1.64001f"),
        ],
        sounds: vec![
            sound(0, "vi", "Tiếng Việt", "mp4a.40.2", 2),
            sound(1, "en", "English", "mp4a.40.2", 2),
            sound(2, "en", "English 5.1", "ec-3", 6),
        ],
        texts: vec![text(0, "ko", "한국어", false), text(1, "vi", "Tiếng Việt", true)],
    }
}

#[test]
fn multivariant_of_a_film() {
    expect![[r##"
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-INDEPENDENT-SEGMENTS
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio0",LANGUAGE="vi",NAME="Tiếng Việt",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="a0.m3u8"
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio0",LANGUAGE="en",NAME="English",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="2",URI="a1.m3u8"
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio1",LANGUAGE="en",NAME="English 5.1",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="6",URI="a2.m3u8"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",LANGUAGE="ko",NAME="한국어",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="t0.m3u8"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",LANGUAGE="vi",NAME="Tiếng Việt",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,URI="t1.m3u8"
        #EXT-X-STREAM-INF:BANDWIDTH=6131000,AVERAGE-BANDWIDTH=3128000,CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1920x1080,FRAME-RATE=23.976,VIDEO-RANGE=SDR,AUDIO="audio0",SUBTITLES="text",CLOSED-CAPTIONS=NONE
        v0.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=6132000,AVERAGE-BANDWIDTH=3128000,CODECS="avc1.640028,ec-3",RESOLUTION=1920x1080,FRAME-RATE=23.976,VIDEO-RANGE=SDR,AUDIO="audio1",SUBTITLES="text",CLOSED-CAPTIONS=NONE
        v0.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=3131000,AVERAGE-BANDWIDTH=1628000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=23.976,VIDEO-RANGE=SDR,AUDIO="audio0",SUBTITLES="text",CLOSED-CAPTIONS=NONE
        v1.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=3132000,AVERAGE-BANDWIDTH=1628000,CODECS="avc1.64001f,ec-3",RESOLUTION=1280x720,FRAME-RATE=23.976,VIDEO-RANGE=SDR,AUDIO="audio1",SUBTITLES="text",CLOSED-CAPTIONS=NONE
        v1.m3u8
        #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1200000,AVERAGE-BANDWIDTH=666666,CODECS="avc1.640028",RESOLUTION=1920x1080,VIDEO-RANGE=SDR,URI="i0.m3u8"
        #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=600000,AVERAGE-BANDWIDTH=333333,CODECS="avc1.64001f",RESOLUTION=1280x720,VIDEO-RANGE=SDR,URI="i1.m3u8"
    "##]].assert_eq(&multivariant(&film()));
}

#[test]
fn multivariant_of_silent_high_dynamic_range() {
    let mut only = rendition(0, 3840, 2160, 0, "hvc1.2.4.L153.B0");
    only.range = VideoRange::Pq;
    only.frames = None;
    only.codecs = ["hvc1.2.4.L153.B0", "hvc1.2.4.L150.B0", "hvc1.2.4.L153.B0"].map(String::from).to_vec();
    expect![[r##"
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-INDEPENDENT-SEGMENTS
        #EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1,CODECS="hvc1.2.4.L153.B0,hvc1.2.4.L150.B0",RESOLUTION=3840x2160,FRAME-RATE=23.976,VIDEO-RANGE=PQ,CLOSED-CAPTIONS=NONE
        v0.m3u8
    "##]]
        .assert_eq(&multivariant(&Multivariant { renditions: vec![only], ..Multivariant::default() }));
}

/// Segments whose ends are these frames, at 24000/1001 frames a second.
fn segments(folder: &str, first: usize, frames: &[i64]) -> Vec<Segment> {
    let rate = Rate::new(24000, 1001).unwrap();
    let pairs = frames.windows(2).enumerate();
    pairs
        .map(|(n, w)| Segment {
            uri: format!("{folder}/{}.m4s", first + n),
            from: rate.seconds(w[0]),
            to: rate.seconds(w[1]),
        })
        .collect()
}

#[test]
fn media_playlist_of_two_parts() {
    let parts = vec![
        Part { map: Some("v0/init-0.mp4".into()), segments: segments("v0", 0, &[0, 96, 192, 211]) },
        Part { map: Some("v0/init-1.mp4".into()), segments: segments("v0", 3, &[211, 307]) },
    ];
    expect![[r##"
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-TARGETDURATION:4
        #EXT-X-MEDIA-SEQUENCE:0
        #EXT-X-PLAYLIST-TYPE:VOD
        #EXT-X-MAP:URI="v0/init-0.mp4"
        #EXTINF:4.004000,
        v0/0.m4s
        #EXTINF:4.004000,
        v0/1.m4s
        #EXTINF:0.792458,
        v0/2.m4s
        #EXT-X-DISCONTINUITY
        #EXT-X-MAP:URI="v0/init-1.mp4"
        #EXTINF:4.004000,
        v0/3.m4s
        #EXT-X-ENDLIST
    "##]]
    .assert_eq(&media(&Playlist { frames_only: false, key: None, parts }));
}

#[test]
fn frames_only_playlist() {
    let parts =
        vec![Part { map: Some("v0/init-0.mp4".into()), segments: segments("i0", 0, &[0, 48, 96, 97]) }];
    expect![[r##"
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-TARGETDURATION:2
        #EXT-X-MEDIA-SEQUENCE:0
        #EXT-X-PLAYLIST-TYPE:VOD
        #EXT-X-I-FRAMES-ONLY
        #EXT-X-MAP:URI="v0/init-0.mp4"
        #EXTINF:2.002000,
        i0/0.m4s
        #EXTINF:2.002000,
        i0/1.m4s
        #EXTINF:0.041708,
        i0/2.m4s
        #EXT-X-ENDLIST
    "##]]
    .assert_eq(&media(&Playlist { frames_only: true, key: None, parts }));
}

#[test]
fn playlists_of_nothing() {
    expect![[r#"
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-TARGETDURATION:1
        #EXT-X-MEDIA-SEQUENCE:0
        #EXT-X-PLAYLIST-TYPE:VOD
        #EXT-X-ENDLIST
    "#]]
    .assert_eq(&media(&Playlist { frames_only: false, key: None, parts: vec![] }));
}

#[test]
fn quotation_marks_and_line_breaks_cannot_leave_a_name() {
    let mut list = film();
    list.sounds = vec![
        sound(0, "", "", "mp4a.40.2", 2),
        sound(1, "en", "a\",URI=\"x\"\n#EXT-X-ENDLIST\r\u{2028}\u{85}", "mp4a.40.2", 2),
    ];
    list.texts = vec![
        text(0, "en", "same", false),
        text(1, "en", "same", false),
        text(2, "en", "same (2)", false),
        text(3, "en", "  ", false),
    ];
    let written = multivariant(&list);
    let names: Vec<&str> = written.lines().filter(|l| l.starts_with("#EXT-X-MEDIA:")).collect();
    expect![[r##"
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio0",NAME="—",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="a0.m3u8"
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio0",LANGUAGE="en",NAME="a',URI='x' #EXT-X-ENDLIST",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="2",URI="a1.m3u8"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",LANGUAGE="en",NAME="same",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="t0.m3u8"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",LANGUAGE="en",NAME="same (2)",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="t1.m3u8"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",LANGUAGE="en",NAME="same (2) (2)",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="t2.m3u8"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",LANGUAGE="en",NAME="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="t3.m3u8""##]].assert_eq(&names.join("\n"));
}

/// A change of these digests changes bytes that caches rely on: raise `FORMAT_VERSION` with them.
#[test]
fn golden_digests() {
    let parts =
        vec![Part { map: Some("v0/init-0.mp4".into()), segments: segments("v0", 0, &[0, 96, 192, 211]) }];
    let written = [multivariant(&film()), media(&Playlist { frames_only: false, key: None, parts })];
    let digests = written.map(|text| Digest::of(text.as_bytes()).to_string());
    expect![[r#"
        format 1
        490fca17b86da3c9fcb6da12937543d429e1e937b82dc173f1f8a90af2b53e06
        6531731fa7120f98145a655b2d4efe16e45d8843171fa590d66d914e533dc94b
    "#]]
    .assert_eq(&format!("format {}\n{}\n", crate::FORMAT_VERSION, digests.join("\n")));
}

#[test]
fn another_parser_reads_the_multivariant_playlist() {
    let list = film();
    let (rest, read) =
        m3u8_rs::parse_master_playlist(multivariant(&list).as_bytes()).map(|(r, p)| (r.len(), p)).unwrap();
    assert_eq!(rest, 0);
    assert_eq!((read.version, read.independent_segments, read.unknown_tags.len()), (Some(7), true, 0));
    let (frames, variants): (Vec<_>, Vec<_>) = read.variants.into_iter().partition(|v| v.is_i_frame);
    let variants: Vec<_> = variants
        .iter()
        .map(|v| (v.uri.as_str(), v.audio.as_deref().unwrap(), v.bandwidth, v.codecs.as_deref().unwrap()))
        .collect();
    assert_eq!(
        variants,
        [
            ("v0.m3u8", "audio0", 6_131_000, "avc1.640028,mp4a.40.2"),
            ("v0.m3u8", "audio1", 6_132_000, "avc1.640028,ec-3"),
            ("v1.m3u8", "audio0", 3_131_000, "avc1.64001f,mp4a.40.2"),
            ("v1.m3u8", "audio1", 3_132_000, "avc1.64001f,ec-3"),
        ]
    );
    assert_eq!(frames.iter().map(|f| f.uri.as_str()).collect::<Vec<_>>(), ["i0.m3u8", "i1.m3u8"]);
    let of_kind = |kind| {
        read.alternatives
            .iter()
            .filter(|a| a.media_type == kind)
            .map(|a| (a.name.as_str(), a.default, a.forced))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of_kind(AlternativeMediaType::Audio),
        [("Tiếng Việt", true, false), ("English", false, false), ("English 5.1", true, false)]
    );
    assert_eq!(
        of_kind(AlternativeMediaType::Subtitles),
        [("한국어", false, false), ("Tiếng Việt", false, true)]
    );
}

/// Parts of a version: a rate each, and the lengths of its segments in frames.
fn parts() -> impl Strategy<Value = Vec<(Rate, Vec<i64>)>> {
    let rates = [(24, 1), (24000, 1001), (25, 1), (30000, 1001), (60000, 1001), (44100, 1024)]
        .map(|(n, d)| Rate::new(n, d).unwrap());
    proptest::collection::vec(
        (proptest::sample::select(rates.to_vec()), proptest::collection::vec(1..400i64, 1..200)),
        1..4,
    )
}

proptest! {
    #[test]
    fn durations_never_drift(parts in parts()) {
        let mut at = Seconds::from_integer(0);
        let mut exact = Vec::new();
        let playlist = Playlist {
            frames_only: false,
            key: None,
            parts: parts.iter().enumerate().map(|(p, (rate, lengths))| Part {
                map: Some(format!("init-{p}.mp4")),
                segments: lengths.iter().map(|frames| {
                    let from = at;
                    at += rate.seconds(*frames);
                    exact.push(at);
                    Segment { uri: "s".into(), from, to: at }
                }).collect(),
            }).collect(),
        };
        let written = media(&playlist);
        let (_, read) = m3u8_rs::parse_media_playlist(written.as_bytes()).unwrap();
        prop_assert_eq!((read.end_list, read.playlist_type), (true, Some(MediaPlaylistType::Vod)));
        prop_assert_eq!(read.segments.iter().filter(|s| s.discontinuity).count(), parts.len() - 1);
        prop_assert_eq!(read.segments.iter().filter(|s| s.map.is_some()).count(), parts.len());

        let micros = written.lines().filter_map(|l| l.strip_prefix("#EXTINF:")).map(|l| l.trim_end_matches(',').replace('.', "").parse::<i64>().unwrap());
        let mut sum = 0;
        let mut count = 0;
        for (n, micros) in micros.enumerate() {
            prop_assert!(micros > 0 && micros + 500_000 < (read.target_duration as i64 + 1) * 1_000_000);
            sum += micros;
            count += 1;
            // Nowhere is the written timeline further from the exact one than half a microsecond.
            let error = (Ratio::new(sum, 1_000_000) - exact[n]) * 2_000_000;
            prop_assert!(error <= Ratio::from_integer(1) && error >= Ratio::from_integer(-1));
        }
        prop_assert_eq!(count, exact.len());
    }

    #[test]
    fn any_label_stays_one_attribute(labels in proptest::collection::vec(any::<String>(), 1..5)) {
        let list = Multivariant { texts: labels.iter().enumerate().map(|(n, l)| text(n, "en", l, false)).collect(), ..film() };
        let written = multivariant(&list);
        let (_, read) = m3u8_rs::parse_master_playlist(written.as_bytes()).unwrap();
        let names: BTreeSet<_> = read.alternatives.iter().filter(|a| a.media_type == AlternativeMediaType::Subtitles).map(|a| &a.name).collect();
        prop_assert_eq!(names.len(), labels.len());
        prop_assert_eq!(written.lines().count(), multivariant(&film()).lines().count() - 2 + labels.len());
    }
}

#[test]
fn an_encrypted_playlist_names_its_key() {
    let key = Key { uri: "/licence/v0".into(), iv: [0xab; 16] };
    let segment =
        Segment { uri: "0.m4s".into(), from: Seconds::from_integer(0), to: Seconds::from_integer(4) };
    let part = Part { map: Some("init.mp4".into()), segments: vec![segment] };
    let playlist = Playlist { frames_only: false, key: Some(key), parts: vec![part] };
    expect![[r##"
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-TARGETDURATION:4
        #EXT-X-MEDIA-SEQUENCE:0
        #EXT-X-PLAYLIST-TYPE:VOD
        #EXT-X-KEY:METHOD=SAMPLE-AES,URI="/licence/v0",IV=0xabababababababababababababababab,KEYFORMAT="identity",KEYFORMATVERSIONS="1"
        #EXT-X-MAP:URI="init.mp4"
        #EXTINF:4.000000,
        0.m4s
        #EXT-X-ENDLIST
    "##]].assert_eq(&media(&playlist));
}
