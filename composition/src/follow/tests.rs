use std::sync::Arc;

use expect_test::expect;
use media::Seconds;
use media::text::Cue;
use num_rational::Ratio;

use super::*;
use crate::film::House;
use crate::position::decimal;
use crate::source::Thumbnails;

fn seconds(n: i64) -> Seconds {
    Ratio::from_integer(n)
}

fn cue(from: i64, to: i64, payload: &str) -> Cue {
    Cue {
        start: seconds(from),
        end: seconds(to),
        id: String::new(),
        settings: String::new(),
        payload: payload.into(),
    }
}

/// Ten seconds of film with a cue, a chapter and a thumbnail here and there.
fn house() -> House {
    let mut house = House::new("a 2 IPPPPPPPPPPPPPPPPPPP");
    let mut source = (*house.source("a")).clone();
    let cues = vec![cue(0, 2, "one"), cue(3, 7, "two"), cue(8, 9, "three")];
    source.texts =
        vec![Text { language: "vi".into(), label: String::new(), forced: false, cues: Arc::new(cues) }];
    source.chapters = [(0, "A"), (4, "B"), (6, "C")]
        .map(|(at, name)| Chapter { at: seconds(at), name: name.into() })
        .into();
    let tiles = (0..5).map(|n| Tile { frame: n * 4, offset: n as u64 * 100, len: 100 }).collect();
    source.thumbnails = Some(Thumbnails { blob: media::Digest::of(b"t"), width: 256, height: 144, tiles });
    house.sources.insert("a".into(), Arc::new(source));
    house
}

fn timeline(house: &House, text: &str) -> Timeline {
    Timeline::new(&house.composition(text), &|t, d| house.find(t, d)).unwrap()
}

fn show(house: &House, text: &str) -> String {
    let line = timeline(house, text);
    let cues: Vec<String> = cues(&line, &house.source("a").texts[0])
        .iter()
        .map(|c| format!("{}-{} {}", decimal(c.start), decimal(c.end), c.payload))
        .collect();
    let chapters: Vec<String> =
        chapters(&line).iter().map(|c| format!("{} {}", decimal(c.at), c.name)).collect();
    let tiles: Vec<String> = thumbnails(&line)
        .iter()
        .map(|t| format!("{}-{} frame {}", decimal(t.start), decimal(t.end), t.tile.frame))
        .collect();
    format!("cues {}\nchapters {}\nthumbnails {}", cues.join(", "), chapters.join(", "), tiles.join(", "))
}

#[test]
fn everything_follows_a_cut() {
    let house = house();
    expect![[r#"
        cues 0.000-2.000 one, 3.000-7.000 two, 8.000-9.000 three
        chapters 0.000 A, 4.000 B, 6.000 C
        thumbnails 0.000-2.000 frame 0, 2.000-4.000 frame 4, 4.000-6.000 frame 8, 6.000-8.000 frame 12, 8.000-10.000 frame 16"#]].assert_eq(&show(&house, "a[0..20]"));
    expect![[r#"
        cues 0.000-2.000 one, 3.000-6.000 two, 7.000-8.000 three
        chapters 0.000 A, 4.000 B, 5.000 C
        thumbnails 0.000-2.000 frame 0, 2.000-5.000 frame 4, 5.000-7.000 frame 12, 7.000-9.000 frame 16"#]]
    .assert_eq(&show(&house, "a[0..8] a[10..20]"));
    expect![[r#"
        cues 2.000-5.500 two, 6.500-7.500 three
        chapters 2.000 A, 2.500 B, 4.500 C
        thumbnails 0.000-4.500 frame 8, 4.500-6.500 frame 12, 6.500-7.500 frame 16"#]]
    .assert_eq(&show(&house, "card:4@a a[7..18]"));
    expect![[r#"
        cues 0.000-1.500 two
        chapters 0.000 B
        thumbnails "#]]
    .assert_eq(&show(&house, "a[9..12]"));
}

#[test]
fn a_cut_does_not_leave_a_thumbnail_of_what_was_removed() {
    let house = house();
    let line = timeline(&house, "a[0..7] a[9..20]");
    assert!(thumbnails(&line).iter().all(|t| t.tile.frame != 8));
    assert_eq!(sheets(&line).len(), 1);
}

fn edited(house: &House, edits: &[crate::Edit]) -> Timeline {
    let composition = crate::evaluate_bound(&house.composition("a[0..20]"), edits).unwrap();
    Timeline::new(&composition, &|t, d| house.find(t, d)).unwrap()
}

#[test]
fn cues_that_touch_a_mute_or_a_text_drop_are_gone() {
    let house = house();
    let source = house.source("a").digest;
    let left = |edit| {
        let line = edited(&house, &[edit]);
        cues(&line, &house.source("a").texts[0])
            .iter()
            .map(|c| c.payload.clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    // "two" is shown from 3 s to 7 s: frames 6 to 14.
    assert_eq!(left(crate::Edit::DropText { source, from: 13, to: 16 }), "one three");
    assert_eq!(left(crate::Edit::DropText { source, from: 14, to: 16 }), "one two three");
    assert_eq!(left(crate::Edit::Mute { source, from: 4, to: 7 }), "one three");
    // A cut of an order: what is left of a cue would still say it.
    let cut = [crate::Edit::Cut { source, from: 8, to: 10 }, crate::Edit::Mute { source, from: 8, to: 10 }];
    let line = edited(&house, &cut);
    assert_eq!(cues(&line, &house.source("a").texts[0]).len(), 2);
}

#[test]
fn a_veiled_frame_has_the_thumbnail_before_it() {
    let house = house();
    let source = house.source("a").digest;
    let path = crate::Path::still(crate::Area::new(0, 0, 100, 100).unwrap());
    let tiles = |from, to| {
        let line = edited(&house, &[crate::Edit::Blur { source, from, to, path: path.clone() }]);
        let all = thumbnails(&line);
        assert!(all.iter().all(|t| shows(&line, source, t.tile.frame)));
        assert!(!shows(&line, source, from) && !shows(&line, source, 20));
        all.iter().map(|t| format!("{}:{}", decimal(t.start), t.tile.frame)).collect::<Vec<_>>().join(" ")
    };
    expect!["0.000:0 2.000:4 4.000:4 6.000:4 8.000:16"].assert_eq(&tiles(8, 13));
    expect!["0.000:4 2.000:4 4.000:8 6.000:12 8.000:16"].assert_eq(&tiles(0, 1));
    expect![""].assert_eq(&tiles(0, 20));
}
