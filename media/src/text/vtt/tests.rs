use super::*;
use crate::text::write_vtt;

fn read(text: &str) -> String {
    read_vtt(text.as_bytes()).map_or_else(|error| error.to_string(), |cues| write_vtt(&cues))
}

#[test]
fn headers_comments_styles_and_regions() {
    expect_test::expect![[r#"
        WEBVTT

        00:00:01.000 --> 00:00:02.000 line:90%,end position:30%,center size:40%
        in the region

        two lines
        00:00:03.000 --> 00:00:04.000 line:0 align:start
        of its own

        NOTE
        00:00:05.000 --> 00:00:06.000
        a comment that has times is a cue
    "#]]
    .assert_eq(&read(
        "WEBVTT - a film\r\nLanguage: vi\r\n\r\nNOTE\r\na comment\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\n\
         REGION\r\nid:left width:40%\r\nlines:2 regionanchor:0%,100%\r\nviewportanchor:10%,90%\r\n\r\n\
         00:01.000 --> 00:02.000 region:left\r\nin the region\r\n\r\n\
         two lines\r\n00:03.000 --> 00:04.000 region:left align:start line:0\r\nof its own\r\n\r\n\
         NOTE\r\n00:05.000 --> 00:06.000\r\na comment that has times is a cue\r\n",
    ));
}

#[test]
fn regions_count_only_before_the_first_cue() {
    expect_test::expect![[r#"
        WEBVTT

        00:00:01.000 --> 00:00:02.000
        a

        00:00:03.000 --> 00:00:04.000
        b
    "#]]
    .assert_eq(&read(
        "WEBVTT\n\n00:01.000 --> 00:02.000\na\n\nREGION\nid:late\n\n00:03.000 --> 00:04.000 region:late\nb",
    ));
}

#[test]
fn what_a_browser_drops_is_dropped_or_refused_when_read_strictly() {
    let text = "WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n00:05.000 --> 00:04.000\nb\n\n0:6 --> 0:7\nc\n";
    assert_eq!(read_vtt(text.as_bytes()).unwrap().len(), 1);
    expect_test::expect!["line 6: a cue that ends before it starts (1 more like it). Correct the cue or remove it: a browser would not show it"]
        .assert_eq(&read_strictly(text.as_bytes()).unwrap_err().to_string());
}

#[test]
fn timestamps() {
    for (text, millis) in [
        ("00:00.000", Some(0)),
        ("59:59.999", Some(3_599_999)),
        ("1:00:00.001", Some(3_600_001)),
        ("001:00:00.000", Some(3_600_000)),
        ("60:00.000", None),
        ("00:60.000", None),
        ("00:60:00.000", None),
        ("1:00.000", None),
        ("00:00.00", None),
        ("00:00,000", None),
        ("99999999999999999999:00:00.000", None),
        ("1000:00:00.000", Some(3_600_000_000)),
        ("1000:00:00.001", None),
        ("", None),
    ] {
        let read = timestamp(text).map(|(at, _)| crate::time::ticks(at, 1000));
        assert_eq!(read, millis, "{text}");
    }
}
