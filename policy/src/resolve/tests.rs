use std::sync::Arc;

use composition::{Card, Composition, Source};
use expect_test::{Expect, expect};
use media::Rate;
use proptest::prelude::*;

use super::*;
use crate::pack::Packs;

fn film() -> Film {
    Film::episode("flight", 1, 18, "flight-s1e18", Digest::of(b"film"))
}

/// Media of 2,000 frames, of which the first 100 are never presented.
fn source(rate: Rate) -> Arc<Source> {
    Arc::new(Source {
        title: film().title,
        digest: film().source,
        rate,
        from: 100,
        to: 2000,
        video: Vec::new(),
        holds: Vec::new(),
        sounds: Vec::new(),
        texts: Vec::new(),
        chapters: Vec::new(),
        thumbnails: None,
    })
}

/// Spans such as `100..500 card 600..2000`; a card has 50 frames.
fn composition(text: &str) -> Composition {
    Composition::new(text.split(' ').map(|word| match word.split_once("..") {
        Some((from, to)) => Span::Film {
            title: film().title,
            source: film().source,
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        },
        None => Span::Card {
            card: Card::plain([("vi".to_string(), "T13".to_string())]),
            title: film().title,
            source: film().source,
            units: 50,
        },
    }))
    .unwrap()
}

fn order(scope: &str, more: &str) -> Order {
    let json = format!(
        r#"{{"authority": "A", "number": "1", "date": "2026-01-03", "legal_basis": "L", "territories": ["VN"],
            "work": {{"title": "flight"}}, "scope": "{scope}", "operation": "blur"{more}}}"#
    );
    Order::read(&json, &Packs::built_in().unwrap()).unwrap()
}

fn resolved(order: &Order, spans: &str, rate: Rate) -> Result<Vec<Resolved>> {
    let (looked_at, source) = (composition(spans), source(rate));
    let axis = Timeline::new(&looked_at, &|_, _| Ok(source.clone()))?;
    resolve(order, &film(), looked_at.digest(), &axis)
}

fn check(scope: &str, more: &str, spans: &str, expect: Expect) {
    let ranges = resolved(&order(scope, more), spans, Rate::new(25, 1).unwrap()).unwrap();
    let show = |r: &Resolved| {
        let path: Vec<String> = r.path.iter().map(|s| format!(" @{} {:?}", s.frame, s.sides)).collect();
        format!("{}..{}{}", r.from, r.to, path.concat())
    };
    expect.assert_eq(&ranges.iter().map(show).collect::<Vec<_>>().join("; "));
}

#[test]
fn times_are_read_on_what_the_authority_saw() {
    check("S1E18 0:10-0:11", "", "100..2000", expect!["350..400"]);
    check("tập 18 0:10, 0:20", "", "100..2000", expect!["350..375; 600..625"]);
    // A card of two seconds in front.
    check("S1E18 0:10-0:11", "", "card 100..2000", expect!["300..350"]);
    // 100 frames were cut earlier, in the middle of what is ordered now.
    check("S1E18 0:10-0:11", "", "100..360 460..2000", expect!["350..360; 460..500"]);
    check("S1E18 0:10-0:11", ", \"margin\": 12", "100..2000", expect!["338..412"]);
    // No margin leaves the version.
    check("S1E18 0:00", ", \"margin\": 12", "100..2000", expect!["100..137"]);
    check("S1E18 0:10.01-0:10.02", "", "100..2000", expect!["350..351"]);
    check("S1E18 250f-251f", "", "100..2000", expect!["350..352"]);
    check("S1E18 00:00:10:05-00:00:10:06", "", "100..2000", expect!["355..357"]);
    // The whole episode, which is blurred rather than gone.
    check("S1E18", "", "card 100..2000", expect!["100..2000"]);
    // Another episode.
    check("S1E17 0:10", "", "100..2000", expect![""]);
}

#[test]
fn boxes_move_with_the_film() {
    check("S1E18 0:10-0:11@100,100,200,200", "", "100..2000", expect!["350..400 @350 [100, 100, 200, 200]"]);
    let moving = "S1E18 0:10-0:11@0,0,100,100>200,0,100,100>200,400,100,100";
    check(
        moving,
        "",
        "100..2000",
        expect!["350..400 @350 [0, 0, 100, 100] @375 [200, 0, 100, 100] @400 [200, 400, 100, 100]"],
    );
    // Cut in between: each piece knows the stations that lie outside it.
    check(
        moving,
        "",
        "100..360 460..2000",
        expect![
            "350..360 @350 [0, 0, 100, 100] @375 [200, 0, 100, 100] @400 [200, 400, 100, 100]; 460..500 @450 [0, 0, 100, 100] @475 [200, 0, 100, 100] @500 [200, 400, 100, 100]"
        ],
    );
}

#[test]
fn what_cannot_be_found_is_refused() {
    let said = |scope: &str, spans: &str| {
        resolved(&order(scope, ""), spans, Rate::new(25, 1).unwrap()).unwrap_err().to_string()
    };
    expect![
        "scope: parts[0]: ranges[0]: the range 1:20 reaches beyond the version. The version ends at 76.000 s"
    ]
    .assert_eq(&said("S1E18 1:20", "100..2000"));
    expect!["scope: parts[1]: ranges[0]: the range 1:10-1:20 reaches beyond the version. The version ends at 76.000 s"].assert_eq(&said("S1E18 0:10; E18 1:10-1:20", "100..2000"));
    expect!["scope: parts[0]: ranges[0]: frame 25 in a timecode of 25 frames a second. The title has 25/1 frames a second; convert the timecode, or write h:mm:ss.mmm"].assert_eq(&said("S1E18 00:00:10:25", "100..2000"));
    expect!["scope: parts[0]: ranges[0]: a drop-frame timecode for 25/1 frames a second. Drop-frame (;) counts at 29.97 and 59.94 only: write hh:mm:ss:ff at the title's rate, or h:mm:ss.mmm"].assert_eq(&said("S1E18 00:00:10;05", "100..2000"));
    expect!["scope: parts[0]: ranges[0]: 0:00-0:01 shows a card and no film. Ask the authority which version it saw"].assert_eq(&said("S1E18 0:00-0:01", "card 100..2000"));
    // Drop-frame counts at its own rate.
    let ntsc = Rate::new(30_000, 1001).unwrap();
    assert_eq!(resolved(&order("S1E18 00:00:10;05", ""), "100..2000", ntsc).unwrap()[0].from, 405);
}

proptest! {
    #[test]
    fn every_frame_that_is_shown_in_the_range_is_in_it(
        num in prop::sample::select(vec![(24u32, 1u32), (25, 1), (30_000, 1001), (24_000, 1001)]),
        cut in 120u32..700, len in 1u32..200, from in 0i64..20, seconds in 0i64..10
    ) {
        let rate = Rate::new(num.0, num.1).unwrap();
        let spans = format!("100..{cut} {}..2000", cut + len);
        let scope = format!("S1E18 0:{from:02}-0:{:02}", from + seconds);
        let ranges = resolved(&order(&scope, ""), &spans, rate).unwrap();
        // The slow way: every frame of the version, and when it begins and ends.
        let frames: Vec<u32> = (100..cut).chain(cut + len..2000).collect();
        let (start, end) = (Seconds::from_integer(from), Seconds::from_integer(from + seconds + 1));
        for (n, frame) in frames.iter().enumerate() {
            let shown = rate.seconds(n as i64) < end && start < rate.seconds(n as i64 + 1);
            let taken = ranges.iter().any(|r| (r.from..r.to).contains(frame));
            prop_assert_eq!(shown, taken, "frame {}", frame);
        }
    }
}
