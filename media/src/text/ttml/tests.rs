use std::collections::BTreeSet;
use std::path::Path;

use super::timing::{Set, What};
use super::*;
use crate::Seconds;
use crate::text::write_vtt;

const HEAD: &str = "<tt xmlns='http://www.w3.org/ns/ttml' \
    xmlns:ttp='http://www.w3.org/ns/ttml#parameter' xmlns:tts='http://www.w3.org/ns/ttml#styling' \
    xmlns:itts='http://www.w3.org/ns/ttml/profile/imsc1#styling'";

/// A document with parameters, a head, and the contents of a body.
fn document(parameters: &str, head: &str, body: &str) -> String {
    format!("{HEAD} {parameters}>\n<head>{head}</head>\n<body><div>{body}</div></body></tt>")
}

fn read(text: &str) -> String {
    read_ttml(text.as_bytes()).map_or_else(|error| error.to_string(), |cues| write_vtt(&cues))
}

/// The only cue of a document: its settings and its payload.
fn only(head: &str, body: &str) -> (String, String) {
    let mut cues = read_ttml(document("", head, body).as_bytes()).unwrap();
    assert_eq!(cues.len(), 1, "{body}");
    let cue = cues.remove(0);
    (cue.settings, cue.payload)
}

#[test]
fn white_space_and_breaks() {
    for (body, payload) in [
        ("<p end='1s'>\n  a\t b \n<br/>\n c  </p>", "a b\nc"),
        ("<p end='1s'>a <span> b</span><span>c </span> d</p>", "a bc d"),
        ("<p end='1s'>a<br/><br/>  <br/>b<br/></p>", "a\nb"),
        ("<p end='1s' xml:space='preserve'> a  b\n c</p>", "a  b\nc"),
        ("<p end='1s'>a&amp;b &lt;i&gt; --&gt;<![CDATA[<c>]]></p>", "a&amp;b &lt;i&gt; --&gt;&lt;c&gt;"),
    ] {
        assert_eq!(only("", body).1, payload, "{body}");
    }
}

#[test]
fn looks() {
    let head = "<styling><style xml:id='a' tts:fontStyle='italic'/>\
        <style xml:id='b' style='a' tts:color='yellow'/></styling>";
    for (body, payload) in [
        ("<p end='1s' style='a'>x<span tts:fontStyle='normal'>y</span></p>", "<i>x</i>y"),
        ("<p end='1s' style='b'>x</p>", "<c.yellow><i>x</i></c>"),
        ("<p end='1s' tts:color='#ff0000ff'>x<span tts:color='white'>y</span></p>", "<c.red>x</c>y"),
        (
            "<p end='1s'>x<span tts:fontWeight='bold' tts:textDecoration='underline'>y</span></p>",
            "x<b><u>y</u></b>",
        ),
        ("<p end='1s'>x<span tts:display='none'>y</span><span tts:visibility='hidden'>z</span></p>", "x"),
        ("<p end='1s' itts:forcedDisplay='true' tts:color='cyan'>x</p>", "<c.forced.cyan>x</c>"),
    ] {
        assert_eq!(only(head, body).1, payload, "{body}");
    }
}

#[test]
fn ruby() {
    let grouped = "<p end='1s'>A<span tts:ruby='container'>\n\
        <span tts:ruby='baseContainer'><span tts:ruby='base'>b1</span> <span tts:ruby='base'>b2</span></span>\n\
        <span tts:ruby='textContainer'><span tts:ruby='text'>t1</span> <span tts:ruby='text'>t2</span></span>\n\
        </span> Z</p>";
    assert_eq!(only("", grouped).1, "A<ruby>b1<rt>t1</rt>b2<rt>t2</rt></ruby> Z");
    let simple = "<p end='1s'><span tts:ruby='container'><span tts:ruby='base'>漢字</span>\
        <span tts:ruby='delimiter'>(</span><span tts:ruby='text'>かんじ</span></span></p>";
    assert_eq!(only("", simple).1, "<ruby>漢字<rt>かんじ</rt></ruby>");
}

#[test]
fn regions_become_settings() {
    for (region, settings) in [
        ("", ""),
        ("tts:textAlign='center'", ""),
        ("tts:textAlign='end'", "align:end"),
        (
            "tts:origin='10% 80%' tts:extent='80% 15%' tts:displayAlign='after' tts:textAlign='center'",
            "size:80%",
        ),
        ("tts:origin='10% 5%' tts:extent='80% 15%' tts:textAlign='center'", "line:0 size:80%"),
        ("tts:origin='10% 40%' tts:extent='30% 20%'", "line:40% position:10%,line-left size:30% align:start"),
        (
            "tts:origin='10% 40%' tts:extent='30% 20%' tts:displayAlign='center'",
            "line:50%,center position:10%,line-left size:30% align:start",
        ),
        (
            "tts:origin='10% 40%' tts:extent='30% 20%' tts:displayAlign='after' tts:textAlign='right'",
            "line:60%,end position:40%,line-right size:30% align:right",
        ),
        (
            "tts:origin='8c 0c' tts:extent='16c 15c' tts:displayAlign='after' tts:textAlign='center'",
            "size:50%",
        ),
        (
            "tts:position='center bottom' tts:extent='40% 40%' tts:displayAlign='after' tts:textAlign='center'",
            "size:40%",
        ),
        ("tts:writingMode='tbrl' tts:origin='10% 40%'", "vertical:rl"),
        ("tts:origin='10px 10px'", ""),
    ] {
        let head = format!("<layout><region xml:id='r' {region}/></layout>");
        assert_eq!(only(&head, "<p region='r' end='1s'>x</p>").0, settings, "{region}");
    }
}

#[test]
fn time_expressions() {
    let frames =
        "ttp:frameRate='30' ttp:frameRateMultiplier='1000 1001' ttp:subFrameRate='2' ttp:tickRate='10000000'";
    let media = document(frames, "", "<p begin='00:00:01:15.1' end='30000000t'>x</p>");
    let smpte = |drop: &str| {
        let parameters = format!("{frames} ttp:timeBase='smpte' ttp:dropMode='{drop}'");
        document(&parameters, "", "<p begin='00:01:00:02' end='01:00:00:00'>x</p>")
    };
    let times = |text: String| {
        let cues = read_ttml(text.as_bytes()).unwrap();
        (cues[0].start.to_string(), cues[0].end.to_string())
    };
    // 15.5 frames of 1001/30000 s.
    assert_eq!(times(media), ("91031/60000".to_owned(), "3".to_owned()));
    // Address 1:00:02 is frame 1,802, or 1,800 where two numbers were left out.
    assert_eq!(times(smpte("nonDrop")), ("901901/15000".to_owned(), "18018/5".to_owned()));
    assert_eq!(times(smpte("dropNTSC")), ("3003/50".to_owned(), "8999991/2500".to_owned()));
}

#[test]
fn times_of_parents_and_regions_clip() {
    let head = "<layout><region xml:id='r' begin='2s' end='9s'/></layout>";
    let body = "<div begin='1s' end='8s'><p region='r'>always</p>\
        <p begin='1s'>a<span begin='1s' dur='1s'>b</span></p><p begin='9s'>never</p></div>";
    expect_test::expect![[r#"
        WEBVTT

        00:00:02.000 --> 00:00:08.000
        always

        00:00:02.000 --> 00:00:03.000
        a

        00:00:03.000 --> 00:00:04.000
        ab

        00:00:04.000 --> 00:00:08.000
        a
    "#]]
    .assert_eq(&read(&document("", head, body)));
}

#[test]
fn text_without_an_end_stays() {
    let cues = read_ttml(document("", "", "<p begin='1s'>x</p>").as_bytes()).unwrap();
    assert_eq!(cues[0].end, Seconds::from_integer(crate::text::MAX_SECONDS));
    assert_eq!(crate::text::read(write_vtt(&cues).as_bytes(), "x").unwrap(), cues);
}

#[test]
fn drafts_and_encodings() {
    let draft = "<tt xmlns='http://www.w3.org/2006/10/ttaf1' \
        xmlns:s='http://www.w3.org/2006/10/ttaf1#style'><body><div>\
        <p begin='1s' end='2s' s:fontStyle='italic'>한국</p></div></body></tt>";
    let utf16: Vec<u8> = format!("\u{FEFF}{draft}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cues = read_ttml(draft.as_bytes()).unwrap();
    assert_eq!(cues[0].payload, "<i>한국</i>");
    assert_eq!(read_ttml(&utf16).unwrap(), cues);
}

#[test]
fn refusals_name_the_line() {
    let deep = format!("{}{}", "<span>".repeat(70), "</span>".repeat(70));
    let huge = format!("<p {}/>", "x='' ".repeat(MAX_ATTRIBUTES + 1));
    let spans: String = (0..3000).map(|n| format!("<span begin='{n}s'>x</span>")).collect();
    let intricate = format!("<p>{spans}</p>");
    let refusals = [
        document("", "", "<p begin='1'>x</p>"),
        document("", "", "<p begin='1x'>x</p>"),
        document("", "", "<p begin='00:00:01:30'>x</p>"),
        document("", "", "<p begin='wallclock(now)'>x</p>"),
        document("", "", "<p end='3000h'>x</p>"),
        document("ttp:frameRate='0'", "", ""),
        document("ttp:timeBase='clock'", "", ""),
        document("ttp:timeBase='smpte' ttp:dropMode='dropPAL'", "", ""),
        document("ttp:timeBase='smpte' ttp:markerMode='discontinuous'", "", ""),
        document("", "<styling><style xml:id='a' style='b'/><style xml:id='b' style='a'/></styling>", ""),
        document("", "", "<image src='1.png'/>"),
        document("", "", "<p>x</div>"),
        "<!DOCTYPE tt [<!ENTITY a 'a'>]><tt/>".to_owned(),
        "<tt xmlns='http://example.org/'/>".to_owned(),
        String::new(),
        document("", "", &deep),
        document("", "", &huge),
        document("", "", &"<p xmlns:x='x'/>".repeat(MAX_NAMESPACES)),
        document("", "", &intricate),
    ]
    .map(|text| read(&text));
    expect_test::expect![[r#"
        line 3: begin="1" is not a time, or beyond 1,000 hours. Write e.g. `00:01:02.500` or `62.5s`
        line 3: begin="1x" is not a time, or beyond 1,000 hours. Write e.g. `00:01:02.500` or `62.5s`
        line 3: begin="00:00:01:30" is not a time, or beyond 1,000 hours. Write e.g. `00:01:02.500` or `62.5s`
        line 3: begin="wallclock(now)" is not a time, or beyond 1,000 hours. Write e.g. `00:01:02.500` or `62.5s`
        line 3: end="3000h" is not a time, or beyond 1,000 hours. Write e.g. `00:01:02.500` or `62.5s`
        line 1: unreadable frameRate "0"
        line 1: the time base "clock". Convert the document to the time base `media`
        line 1: the drop mode "dropPAL". Convert the document to the time base `media`
        line 1: the discontinuous SMPTE time base. Convert the document to the time base `media`
        line 2: a chain of more than 16 styles, or a ring of them
        line 3: subtitles that are pictures. Ask for the document in a text profile
        line 3: not well-formed XML: expected 'p' tag, not 'div' at 3:16
        line 1: a document type is not read
        line 1: the document is not TTML
        line 1: not well-formed XML: the document does not have a root node
        elements nested more than 64 deep
        a tag of more than 100 attributes
        more than 1000 namespaces
        the times in the document are too intricate"#]].assert_eq(&refusals.join("\n"));
}

/// Every instant at which an element begins or ends, as the upstream renderer counts them: parents
/// do not clip there, and what takes no time counts not at all.
fn starts(timed: &Timed, all: &mut BTreeSet<Seconds>) {
    let mut add = |begin: Seconds, end: Option<Seconds>| {
        if end.is_none_or(|end| begin < end) {
            all.extend([Some(begin), end].into_iter().flatten());
        }
    };
    add(timed.begin, timed.end);
    timed.sets.iter().for_each(|Set { begin, end, .. }| add(*begin, *end));
    for child in timed.children.iter().filter(|child| child.what != What::Break) {
        starts(child, all);
    }
}

/// Six significant digits, as the README writes them.
fn six_digits(at: Seconds) -> String {
    let at = *at.numer() as f64 / *at.denom() as f64;
    let whole = format!("{at:.0}").len();
    let text = format!("{at:.*}", 6_usize.saturating_sub(whole));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[test]
fn intermediate_documents_start_where_the_cases_say() {
    let cases = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases"));
    let Ok(readme) = std::fs::read_to_string(cases.join("README.md")) else {
        println!("skipped: there are no cases in {}", cases.display());
        return;
    };
    let mut compared = 0;
    for row in readme.lines().filter(|row| row.starts_with("| `imsc/")) {
        let file = row.split('`').nth(1).unwrap();
        let listed = row.split_once("upstream renderer: ").unwrap().1.split(" |").next().unwrap();
        let text = std::fs::read_to_string(cases.join("timedtext").join(file)).unwrap();
        let document = parse(&text).unwrap();
        let scene = Scene::read(&document).unwrap().unwrap();
        let mut all = BTreeSet::from([Seconds::ZERO]);
        starts(&scene.body, &mut all);
        scene.regions.values().for_each(|region| starts(region, &mut all));
        let found: Vec<String> = all.into_iter().map(six_digits).collect();
        assert_eq!(found.join(", "), listed, "{file}");
        compared += 1;
    }
    assert_eq!(compared, 21);
}
