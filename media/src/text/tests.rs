use proptest::prelude::*;

use super::*;

const SRT: &str = "1\n00:00:01,000 --> 00:00:02,000\nXin chào\n";
const VTT: &str = "WEBVTT\n\n00:01.000 --> 00:02.000\nXin chào\n";
const TTML: &str = "<?xml version='1.0'?><tt xmlns='http://www.w3.org/ns/ttml'><body><div>\
    <p begin='1s' end='2s'>Xin chào</p></div></body></tt>";

#[test]
fn the_format_is_told_by_content() {
    let expected = read_vtt(VTT.as_bytes()).unwrap();
    for text in [VTT, TTML, &format!("\u{FEFF}{VTT}"), &format!("\u{FEFF}{TTML}")] {
        assert_eq!(read(text.as_bytes(), "vi.txt").as_ref(), Ok(&expected));
    }
    let cues = read(SRT.as_bytes(), "vi.vtt.srt").unwrap();
    assert_eq!((cues.len(), cues[0].id.as_str()), (1, "1"));
}

#[test]
fn what_is_no_timed_text_is_refused_by_name() {
    let refusals = [
        ("", "empty.srt"),
        ("WEBVTT\n\nNOTE nothing\n", "vi.vtt"),
        (SRT, "vi.VTT"),
        ("[Script Info]\nTitle: x\n", "vi.ass"),
        ("<html></html>", "page.xml"),
        ("WEBVTT\n\n0:0 --> 1:0\nx\n", "vi.vtt"),
        ("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n", "seg1.vtt"),
    ]
    .map(|(text, name)| read(text.as_bytes(), name).unwrap_err().to_string());
    expect_test::expect![[r#"
        empty.srt: neither SubRip, WebVTT nor TTML. Convert the file to WebVTT, SubRip or IMSC text
        vi.vtt: the file shows no text. Leave it out
        vi.VTT: line 1: the file does not begin with `WEBVTT`. Add that line, or name the file .srt if it is SubRip
        vi.ass: neither SubRip, WebVTT nor TTML. Convert the file to WebVTT, SubRip or IMSC text
        page.xml: line 1: the document is not TTML
        vi.vtt: line 3: unreadable times; expected `minutes:seconds.milliseconds --> …`. Correct the cue or remove it: a browser would not show it
        seg1.vtt: a segment of an HLS stream, whose times count from elsewhere. Join the segments to one file first, e.g. with ffmpeg"#]].assert_eq(&refusals.join("\n"));
    let error = read(&vec![b' '; MAX_FILE + 1], "big.srt").unwrap_err();
    assert_eq!(error.to_string(), "big.srt: 16777217 bytes; at most 16777216 are read");
}

#[test]
fn what_would_be_too_long_to_read_again_is_refused() {
    let long = format!("1\n00:00:01,000 --> 00:00:02,000\n{}", "&".repeat(MAX_FILE / 5));
    let error = read(long.as_bytes(), "long.srt").unwrap_err();
    assert_eq!(error.to_string(), "long.srt: 16777256 bytes as WebVTT; at most 16777216 are kept");
}

/// Lines that stand as they are in a WebVTT cue.
fn payload() -> impl Strategy<Value = String> {
    let line = "[ -;=?-~àệ한国]{1,20}".prop_filter("no arrow", |line| !line.contains("-->"));
    proptest::collection::vec(line, 0..4).prop_map(|lines| lines.join("\n"))
}

fn any_cue() -> impl Strategy<Value = Cue> {
    let id = "[ -;=?-~]{0,12}".prop_filter("no arrow", |id| !id.contains("-->"));
    let settings = proptest::sample::select(vec![
        "",
        "vertical:rl",
        "line:-1",
        "line:12.5%,end position:33.333%,line-left size:50% align:start",
        "position:10%,center align:right",
    ]);
    (0..3_000_000_000_i64, 1..60_000_i64, id, settings, payload()).prop_map(
        |(start, length, id, settings, payload)| Cue {
            start: Seconds::new(start, 1000),
            end: Seconds::new(start + length, 1000),
            id,
            settings: settings.to_owned(),
            payload,
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_the_same(mut cues in proptest::collection::vec(any_cue(), 0..20)) {
        cues.sort_by_key(|cue| cue.start);
        prop_assert_eq!(read_vtt(write_vtt(&cues).as_bytes()).unwrap(), cues);
    }

    #[test]
    fn any_cue_can_be_written(
        (start, end) in (-10_000_000_i64..10_000_000, -10_000_000_i64..10_000_000),
        (id, settings, payload) in any::<(String, String, String)>(),
    ) {
        let (start, end) = (Seconds::new(start, 999), Seconds::new(end, 1001));
        let cue = Cue { start, end, id, settings, payload };
        prop_assert_eq!(read_vtt(write_vtt(&[cue]).as_bytes()).unwrap().len(), 1);
    }

    #[test]
    fn readers_take_any_bytes_and_keep_the_invariants(
        head in proptest::sample::select(vec!["", SRT, VTT, TTML]),
        cut in 0..200_usize,
        tail in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut bytes = head.as_bytes().to_vec();
        bytes.truncate(cut);
        bytes.extend(tail);
        for cues in [read_srt(&bytes), read_vtt(&bytes), read_ttml(&bytes), read(&bytes, "x")].into_iter().flatten() {
            prop_assert!(cues.iter().all(|cue| Seconds::ZERO <= cue.start && cue.start < cue.end));
            prop_assert!(cues.is_sorted_by_key(|cue| cue.start));
        }
    }
}
