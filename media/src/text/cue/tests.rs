use super::*;

fn cue(start: (i64, i64), end: (i64, i64), payload: &str) -> Cue {
    Cue {
        start: Seconds::new(start.0, start.1),
        end: Seconds::new(end.0, end.1),
        id: String::new(),
        settings: String::new(),
        payload: payload.to_owned(),
    }
}

#[test]
fn a_file() {
    let mut first = cue((0, 1), (5, 2), "Xin chào\n<i>Seoul</i>");
    first.id = "1".to_owned();
    first.settings = "align:start line:0".to_owned();
    let second = cue((1001 * 90, 30), (360_000, 1), "안녕");
    expect_test::expect![[r#"
        WEBVTT

        1
        00:00:00.000 --> 00:00:02.500 line:0 align:start
        Xin chào
        <i>Seoul</i>

        00:50:03.000 --> 100:00:00.000
        안녕
    "#]]
    .assert_eq(&write_vtt(&[first, second]));
}

#[test]
fn nothing_in_a_cue_can_break_the_file() {
    let mut hostile = cue((1, 1), (2, 1), "a\n\n\r\n00:00 --> 00:01\r\0b");
    hostile.id = "x\n00:00.000 --> 00:01.000".to_owned();
    hostile.settings = "line:0\n\nWEBVTT".to_owned();
    expect_test::expect![[r#"
        WEBVTT

        x 00:00.000 -- 00:01.000
        00:00:01.000 --> 00:00:02.000 line:0
        a
        00:00 --&gt; 00:01
        �b
    "#]]
    .assert_eq(&write_vtt(&[hostile]));
}

#[test]
fn times_are_rounded_half_up_and_no_cue_vanishes() {
    let short = cue((10_005, 10_000), (10_006, 10_000), "a");
    let frame = cue((1001, 24_000), (2002, 24_000), "b");
    expect_test::expect![[r#"
        WEBVTT

        00:00:01.001 --> 00:00:01.002
        a

        00:00:00.042 --> 00:00:00.083
        b
    "#]]
    .assert_eq(&write_vtt(&[short, frame]));
}

#[test]
fn a_segment_holds_every_cue_that_touches_it() {
    let cues = [
        cue((0, 1), (4, 1), "ends where it starts"),
        cue((3, 1), (5, 1), "reaches in"),
        cue((7, 1), (9, 1), "reaches out"),
        cue((8, 1), (9, 1), "starts where it ends"),
    ];
    let (from, to) = (Seconds::from_integer(4), Seconds::from_integer(8));
    expect_test::expect![[r#"
        WEBVTT
        X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0

        00:00:03.000 --> 00:00:05.000
        reaches in

        00:00:07.000 --> 00:00:09.000
        reaches out
    "#]]
    .assert_eq(&segment_vtt(&cues, from, to, true));
    assert_eq!(segment_vtt(&cues[..1], from, to, false), "WEBVTT\n");
}
