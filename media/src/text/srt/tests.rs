use super::*;
use crate::text::write_vtt;

fn read(text: &str) -> String {
    read_srt(text.as_bytes()).map_or_else(|error| error.to_string(), |cues| write_vtt(&cues))
}

#[test]
fn common_dirt_is_read() {
    let dirty = "\u{FEFF}1\r\n00:00:01,000 --> 00:00:02,000\r\nMột\r\n\r\nhai\r\n\r\n\r\n\
        7\r\n0:0:3.5 -->00:00:04,25  X1:100 X2:200 Y1:10 Y2:20\r\n<I>ba</i> \r\n\
        8\r\n00:05 --> 00:06\r\n1984\r\n\r\n\
        00:00:07,000 --> 00:00:08,000\r\nno index\r\n\r\n\r\n\
        10\r\n00:00:09,000 --> 00:00:10,000\r\n\r\n";
    expect_test::expect![[r#"
        WEBVTT

        1
        00:00:01.000 --> 00:00:02.000
        Một
        hai

        7
        00:00:03.500 --> 00:00:04.250
        <i>ba</i>

        8
        00:00:05.000 --> 00:00:06.000
        1984

        00:00:07.000 --> 00:00:08.000
        no index
    "#]]
    .assert_eq(&read(dirty));
}

#[test]
fn empty_lines_everywhere() {
    expect_test::expect![[r#"
        WEBVTT

        1
        00:00:01.000 --> 00:00:02.000
        a

        2
        00:00:03.000 --> 00:00:04.000
        b
    "#]]
    .assert_eq(&read("\n1\n\n00:00:01,000 --> 00:00:02,000\n\na\n\n2\n\n00:00:03,000 --> 00:00:04,000\n\nb"));
}

#[test]
fn both_orders_of_utf16() {
    let text = "\u{FEFF}1\n00:00:01,000 --> 00:00:02,000\n서울 🎬\n";
    for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
        let cues = read_srt(&bytes).unwrap();
        assert_eq!(cues[0].payload, "서울 🎬");
        assert!(read_srt(&bytes[..bytes.len() - 1]).is_err());
    }
}

#[test]
fn markup() {
    for (body, settings, payload) in [
        ("<i>a</i> <b>b</B> <u>c</u>", "", "<i>a</i> <b>b</b> <u>c</u>"),
        ("<i>never closed", "", "<i>never closed</i>"),
        ("never opened</i>", "", "never opened"),
        ("<b>x<i>y</b>z</i>", "", "<b>x</b><b><i>y</i></b>z"),
        ("<font color=\"#FFFF00\">a</font>b", "", "<c.yellow>a</c>b"),
        ("<font face='x' color=pink>a</font>", "", "a"),
        ("{\\an8}top", "line:0", "top"),
        ("{\\fad(1,2)\\an7\\i1}top left", "line:0 align:left", "top left"),
        ("{\\pos(1,2)}a {braces}", "", "a {braces}"),
        ("1 < 2 & 3 > 2 <3 <foo> --> x", "", "1 &lt; 2 &amp; 3 &gt; 2 &lt;3 &lt;foo&gt; --&gt; x"),
        ("Tom &amp; Jerry &hearts;", "", "Tom &amp; Jerry &amp;hearts;"),
        ("<i>\na\n</i>\nb", "", "<i>a\n</i>b"),
        ("<i></i>", "", ""),
    ] {
        assert_eq!(convert(body), (settings, payload.to_owned()), "{body:?}");
    }
}

#[test]
fn a_broken_cue_is_refused_with_its_line() {
    let head = "1\n00:00:01,000 --> 00:00:02,000\na\n\n";
    let refusals = [
        "2\n00:00:03,000 -> 00:00:04,000\nb",
        "2\n00:00:03,000 --> 00:00:0x,000\nb",
        "2\n00:00:0x,000 --> 00:00:04,000\nb",
        "2\n00:61:03,000 --> 00:62:04,000\nb",
        "2\n00:00:03,000 --> 00:00:03,000\nb",
        "2\n00:00:05,000 --> 00:00:03,000\nb",
        "2\n-00:00:05,000 --> 00:00:03,000\nb",
        "2\nb\n\n3\n00:00:05,000 --> 00:00:06,000\nc",
        "2\n99999:00:00,000 --> 99999:00:01,000\nb",
    ]
    .map(|tail| read(&format!("{head}{tail}")));
    expect_test::expect![[r#"
        line 6: unreadable times. Write e.g. `00:01:02,500 --> 00:01:04,000`
        line 6: unreadable times. Write e.g. `00:01:02,500 --> 00:01:04,000`
        line 6: unreadable times. Write e.g. `00:01:02,500 --> 00:01:04,000`
        line 6: unreadable times. Write e.g. `00:01:02,500 --> 00:01:04,000`
        line 6: the cue does not end after its start. Correct the times, or remove the cue
        line 6: the cue does not end after its start. Correct the times, or remove the cue
        line 6: unreadable times. Write e.g. `00:01:02,500 --> 00:01:04,000`
        line 6: no times below the number of a cue. Put `hours:minutes:seconds,milliseconds --> …` below it
        line 6: unreadable times. Write e.g. `00:01:02,500 --> 00:01:04,000`"#]]
    .assert_eq(&refusals.join("\n"));
    let refusals = ["Hello\n1\n00:00:01,000 --> 00:00:02,000\na", "1\n2\n", "a"].map(read);
    expect_test::expect![[r#"
        line 1: text before the first times. Remove it, or put `hours:minutes:seconds,milliseconds --> …` above it
        line 1: text before the first times. Remove it, or put `hours:minutes:seconds,milliseconds --> …` above it
        line 1: text before the first times. Remove it, or put `hours:minutes:seconds,milliseconds --> …` above it"#]].assert_eq(&refusals.join("\n"));
    let error = read_srt(b"1\n00:00:01,000 --> 00:00:02,000\nTi\xEA\xBFng").unwrap_err();
    assert_eq!(error.to_string(), "line 3: the text is not UTF-8. Save the file as UTF-8");
}
