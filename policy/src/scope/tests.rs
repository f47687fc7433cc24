use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

/// A scope in one short line: place, then ranges.
fn short(scope: &Scope) -> String {
    let part = |part: &Part| {
        let ranges = part.ranges.iter().map(|r| {
            let path: Vec<String> =
                r.path.iter().map(|a| format!("@{},{},{},{}", a.x(), a.y(), a.w(), a.h())).collect();
            r.text() + &path.concat()
        });
        let place = if part.place().is_empty() { "work".to_string() } else { part.place() };
        std::iter::once(place).chain(ranges).collect::<Vec<_>>().join(" ")
    };
    scope.parts.iter().map(part).collect::<Vec<_>>().join("; ")
}

fn reads(written: &str, expect: Expect) {
    expect.assert_eq(&short(&Scope::read(written).unwrap_or_else(|e| panic!("{written}: {e}"))));
}

fn refused(written: &str, expect: Expect) {
    expect.assert_eq(&Scope::read(written).unwrap_err().to_string());
}

#[test]
fn as_authorities_write() {
    reads("S1E18 41:18-41:55", expect!["S1E18 41:18-41:55"]);
    reads("S1E18 41:18-41:55, 43:02; S1E19", expect!["S1E18 41:18-41:55 43:02; S1E19"]);
    reads("s01e18 41:18–41:55, e19 00:10", expect!["S1E18 41:18-41:55; S1E19 00:10"]);
    reads("EP.18 at 41:18", expect!["E18 41:18"]);
    reads("whole", expect!["work"]);
    reads("41:18 – 1:02:03", expect!["work 41:18-1:02:03"]);
    reads("E18, 19, 21, 24-27, 30, 38", expect!["E18; E19; E21; E24; E25; E26; E27; E30; E38"]);
    reads("S1E18-E20; S2", expect!["S1E18; S1E19; S1E20; S2"]);
    reads(
        "Season 1 Episode 3: 58:01-58:22\nEpisode 8: 05:41-07:01",
        expect!["S1E3 58:01-58:22; S1E8 05:41-07:01"],
    );
    reads("00:41:18:12-00:41:55:00", expect!["work 00:41:18:12-00:41:55:00"]);
    reads("S1E2 01:02:03;12-01:02:04;00; E3", expect!["S1E2 01:02:03;12-01:02:04;00; S1E3"]);
    reads("250f-417f, 12.5", expect!["work 250f-417f 12.5"]);
}

#[test]
fn in_vietnamese() {
    reads("tập 18: từ 41:18 đến 41:55", expect!["E18 41:18-41:55"]);
    reads("Phần 1, tập 18, từ phút 41:18 đến phút 41:55 và 43:02", expect!["S1E18 41:18-41:55 43:02"]);
    reads("tập 18, 19 và 21", expect!["E18; E19; E21"]);
    reads("Tập 25 (32 phút 10 giây – 34 phút 3 giây)", expect!["E25 32:10-34:03"]);
    reads("từ tập 24 đến tập 27", expect!["E24; E25; E26; E27"]);
    reads("tập phim số 18 (41:18 – 41:55) và tập thứ 21 (12:00)", expect!["E18 41:18-41:55; E21 12:00"]);
    reads("toàn bộ phim", expect!["work"]);
    // The same words with combining marks.
    reads("ta\u{323}\u{302}p 18", expect!["E18"]);
}

#[test]
fn in_korean() {
    reads("18회 41분 18초부터 41분 55초까지", expect!["E18 41:18-41:55"]);
    reads("시즌 1 제18회 41:18~41:55", expect!["S1E18 41:18-41:55"]);
    reads("시즌1 3화, 8화", expect!["S1E3; S1E8"]);
    reads("18, 19회", expect!["E18; E19"]);
    reads("24화부터 27화까지", expect!["E24; E25; E26; E27"]);
    reads("1시간 2분 3초", expect!["work 1:02:03"]);
    reads("전체", expect!["work"]);
}

#[test]
fn regions() {
    reads("10.0-12.5@250,100,500,200", expect!["work 10.0-12.5@250,100,500,200"]);
    reads("S1E2 10:00 @25%,10%,50%,20%, 11:00", expect!["S1E2 10:00@250,100,500,200 11:00"]);
    reads("10:00@481,108,960,216/1920x1080", expect!["work 10:00@250,100,501,200"]);
    reads("10:00-10:09@0,0,100,100>900,900,100,100", expect!["work 10:00-10:09@0,0,100,100@900,900,100,100"]);
    refused(
        "10:00@900,0,200,100",
        expect![
            "the area 900,0,200,100 is empty or reaches outside the picture. Give left, top, width and height in thousandths of the picture; 0,0,1000,1000 is all of it"
        ],
    );
    refused(
        "10:00@0,0,0,100",
        expect![
            "the area 0,0,0,100 is empty or reaches outside the picture. Give left, top, width and height in thousandths of the picture; 0,0,1000,1000 is all of it"
        ],
    );
    refused(
        "10:00@1000,0,1000,100/1920x1080",
        expect!["the region 1000,0,1000,100 leaves a picture of 1920x1080. Give a box inside the picture"],
    );
    refused(
        "10:00@1,2,3",
        expect![[
            r#""1,2,3" is not a region. Write x,y,width,height in thousandths of the picture (250,100,500,200), in per cent (25%,10%,50%,20%) or in pixels with the picture's size (480,108,960,216/1920x1080)"#
        ]],
    );
}

#[test]
fn what_is_wrong_or_could_mean_two_things_is_refused() {
    refused(
        "41:55-41:18",
        expect!["the range 41:55-41:18 ends before it starts. Did the order say 41:18-41:55?"],
    );
    refused(
        "250f-41:18",
        expect!["250f-41:18 mixes two ways of writing a position. Write both ends in the same way"],
    );
    refused(
        "S1E18 41:18; 43:02",
        expect![
            "43:02 stands without an episode. Name the episode again, or put a comma where the semicolon is"
        ],
    );
    refused(
        "E18, 19 41:18",
        expect![
            "times follow several episodes, and could belong to each or to the last. Write every episode with its own times, for example E18 41:18-41:55; E19 02:10"
        ],
    );
    refused(
        "18",
        expect![
            "18 is neither an episode nor a time. Write places and times, for example S1E18 41:18-41:55, 43:02; S1E19; or whole"
        ],
    );
    refused(
        "E27-24",
        expect![
            "the episodes 27-24 run backwards. Write places and times, for example S1E18 41:18-41:55, 43:02; S1E19; or whole"
        ],
    );
    refused(
        "the map",
        expect![[
            r#"the word "map" is not understood. Write places and times, for example S1E18 41:18-41:55, 43:02; S1E19; or whole"#
        ]],
    );
    refused(
        "S1E18 1:75",
        expect![[
            r#""1:75" is not a position. Write frames (250f), seconds (12.5), m:ss (41:18), h:mm:ss.mmm (1:02:03.250) or SMPTE timecode (01:02:03:12)"#
        ]],
    );
    refused(
        "",
        expect![
            "nothing is named. Write places and times, for example S1E18 41:18-41:55, 43:02; S1E19; or whole"
        ],
    );
    for text in [
        ";",
        "-",
        "41:18-",
        "-41:18",
        "@1,2,3,4",
        "S",
        "tập",
        "회",
        "E99999",
        "E1-99999",
        "41:18-회",
        "phút",
        "S1E18 whole 41:18",
        "E4294967296",
        "e1-e4294967295",
    ] {
        assert!(Scope::read(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_stored_scope_is_checked_when_it_is_read() {
    let read = |json: &str| serde_json::from_str::<Scope>(json).map_err(|e| e.to_string());
    let good = r#"{"written":"x","parts":[{"season":1,"episode":18,"ranges":[{"from":"41:18","to":"41:55","path":[[0,0,10,10]]}]}]}"#;
    let scope = read(good).unwrap();
    assert_eq!(serde_json::to_string(&scope).unwrap(), good);
    assert!(read(&good.replace("[0,0,10,10]", "[995,0,10,10]")).unwrap_err().contains("outside the picture"));
    assert!(read(&good.replace("\"41:18\"", "\"4118;02\"")).unwrap_err().contains("not a position"));
    assert!(read(&good.replace("written", "wrote")).unwrap_err().contains("unknown field `wrote`"));
    let reversed = read(&good.replace("41:55", "41:17")).unwrap();
    assert!(reversed.check().unwrap_err().to_string().starts_with("parts[0]: ranges[0]: "));
}

proptest! {
    #[test]
    fn what_is_written_in_the_short_form_is_read_back(
        parts in prop::collection::vec((0u32..5, 1u32..60, prop::collection::vec((0u32..5000, 0u32..200), 0..4)), 1..6)
    ) {
        let clock = |s: u32| format!("{}:{:02}", s / 60, s % 60);
        let text: Vec<String> = parts.iter().map(|(s, e, ranges)| {
            let ranges: Vec<String> = ranges.iter().map(|(from, len)| format!("{}-{}", clock(*from), clock(from + len))).collect();
            format!("S{s}E{e} {}", ranges.join(", "))
        }).collect();
        let scope = Scope::read(&text.join("; ")).unwrap();
        prop_assert_eq!(scope.parts.len(), parts.len());
        for (part, (s, e, ranges)) in scope.parts.iter().zip(&parts) {
            prop_assert_eq!((part.season, part.episode), (Some(*s), Some(*e)));
            let read: Vec<String> = part.ranges.iter().map(TimeRange::text).collect();
            let both = |from: u32, len: u32| if len == 0 { clock(from) } else { format!("{}-{}", clock(from), clock(from + len)) };
            let meant: Vec<String> = ranges.iter().map(|(from, len)| both(*from, *len)).collect();
            prop_assert_eq!(read, meant);
        }
    }

    #[test]
    fn no_text_makes_the_reader_fall(text in "[SE0-9tập회분초:;,@>%x/ .~–부터-]{0,60}|\\PC{0,40}") {
        if let Ok(scope) = Scope::read(&text) {
            scope.check().unwrap();
        }
    }
}
