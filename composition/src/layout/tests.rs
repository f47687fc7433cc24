use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::film::House;
use crate::needs;
use crate::position::decimal;

/// Films, then one composition; prints parts, segments and pieces.
fn check(films: &str, composition: &str, expect: Expect) {
    let house = House::new(films);
    let composition = house.composition(composition);
    expect.assert_eq(&describe(&house.layout(&composition)));
}

fn describe(layout: &Layout) -> String {
    let mut out = String::new();
    for part in &layout.parts {
        let _ = writeln!(out, "part at {} of {} frames", decimal(part.start), part.units);
        let segments: Vec<String> =
            layout.segments[part.segments.clone()].iter().map(|s| format!("{}..{}", s.from, s.to)).collect();
        let _ = writeln!(out, "  segments {}", segments.join(" "));
        for (n, lane) in part.video.iter().enumerate() {
            let _ = writeln!(out, "  v{n} {}", pieces(lane));
        }
        for (n, lane) in part.audio.iter().enumerate() {
            let _ = writeln!(out, "  a{n} {}..{} {}", lane.first, lane.end, pieces(lane));
        }
    }
    out
}

fn pieces(lane: &Lane) -> String {
    let one = |p: &Piece| match (p.repeated, p.media.index.blocks()) {
        (true, _) => format!("{}:silence*{}", p.at, p.count),
        (_, 1)
            if p.first == 0
                && p.media.index.samples() == p.count
                && p.media.index.block(0).is_ok_and(|b| b.samples[0].size == 7) =>
        {
            format!("{}:made*{}(idr {})", p.at, p.count, p.media.index.block(0).map_or(9, |b| b.idr_pic_id))
        }
        _ => format!("{}:[{}..{}]", p.at, p.first, p.first + p.count),
    };
    lane.pieces.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_whole_film_is_copied() {
    check(
        "a 2 IbBbP IbBbP IbBbP IbBbP",
        "a[0..20]",
        expect![[r#"
            part at 0.000 of 20 frames
              segments 0..5 5..10 10..15 15..20
              v0 0:[0..20]
              a0 0..470 0:[0..470]
        "#]],
    );
}

#[test]
fn an_in_point_off_a_sync_sample_is_made_up_to_the_next() {
    check(
        "a 2 IbBbP IbBbP IbBbP",
        "a[3..15]",
        expect![[r#"
            part at 0.000 of 12 frames
              segments 0..7 7..12
              v0 0:made*2(idr 0) 2:[5..15]
              a0 0..283 0:[70..353]
        "#]],
    );
}

#[test]
fn an_out_point_keeps_what_is_closed_in_both_orders() {
    // Decode order of a group: I P B b b P b b …; after I P B b b comes frame 5's anchor.
    check(
        "a 2 IbBbPbBbP IbBbP",
        "a[0..7]",
        expect![[r#"
            part at 0.000 of 7 frames
              segments 0..7
              v0 0:[0..5] 5:made*2(idr 0)
              a0 0..166 0:[0..166]
        "#]],
    );
    check(
        "a 2 IbBbPbBbP IbBbP",
        "a[0..5]",
        expect![[r#"
            part at 0.000 of 5 frames
              segments 0..5
              v0 0:[0..5]
              a0 0..119 0:[0..119]
        "#]],
    );
}

#[test]
fn one_frame_patches_never_repeat_their_neighbours_idr_pic_id() {
    // Groups have ids 0, 1, 0; the last frame of the first group is a patch of one before id 1,
    // and the last frame of the second a patch of one before id 0.
    check(
        "a 2 IPPPP IPPPP IPPPP",
        "a[4..15] a[9..15]",
        expect![[r#"
            part at 0.000 of 17 frames
              segments 0..6 6..12 12..17
              v0 0:made*1(idr 0) 1:[5..15] 11:made*1(idr 1) 12:[10..15]
              a0 0..400 0:[94..353] 259:[212..353]
        "#]],
    );
}

#[test]
fn a_cut_inside_one_group() {
    check(
        "a 2 IbBbPbBbP IbBbP",
        "a[0..2] a[6..14]",
        expect![[r#"
            part at 0.000 of 10 frames
              segments 0..5 5..10
              v0 0:made*2(idr 0) 2:made*3(idr 0) 5:[9..14]
              a0 0..236 0:[0..48] 48:[142..330]
        "#]],
    );
}

#[test]
fn films_that_share_parameter_sets_share_a_part_and_others_do_not() {
    check(
        "a 2 IPPP IPPP\nab 2 IPPP IPPP\nb 2 IPPP",
        "a[0..4] ab[4..8] card:2@ab b[0..4]",
        expect![[r#"
            part at 0.000 of 10 frames
              segments 0..8 8..10
              v0 0:[0..4] 4:[4..8] 8:made*2(idr 0)
              a0 0..236 0:[0..95] 95:[95..189] 189:silence*47
            part at 5.000 of 4 frames
              segments 0..4
              v0 0:[0..4]
              a0 1..95 1:[1..95]
        "#]],
    );
}

#[test]
fn a_missing_patch_says_what_to_do() {
    let house = House::new("a 2 IPPP IPPP");
    let composition = house.composition("a[1..8]");
    let error = Layout::new(&composition, &|t, d| house.find(t, d), &|_| None).unwrap_err();
    assert_eq!(
        (error.kind, error.remedy.as_str()),
        (Kind::NotFound, "Make the version again: phim version make")
    );
}

const RATES: [&str; 6] = ["24000/1001", "24", "25", "30000/1001", "60000/1001", "12"];
const GROUPS: [&str; 7] =
    ["I", "IP", "IbBbP", "IbPbP", "IbBbPbBbP", "IPPPPPPPPPPPPPPPPPPPPPPP", "IbBbPbBbPbBbPbBbPbBbPbBbPbBbP"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn every_cut_film_adds_up(
        rate in prop::sample::select(&RATES[..]),
        groups in prop::collection::vec(prop::sample::select(&GROUPS[..]), 1..20),
        cuts in prop::collection::vec((0u32..400, 1u32..60), 0..12),
    ) {
        let house = House::new(&format!("a*+ {rate} {}", groups.join(" ")));
        let source = house.source("a");
        let edits: Vec<crate::Edit> = cuts.iter().map(|(f, n)| crate::Edit::Cut { source: source.digest, from: *f, to: f + n }).collect();
        let base = house.composition(&format!("a[0..{}]", source.to));
        let Ok(composition) = crate::evaluate(&base, &edits) else { return Ok(()) };
        let layout = house.layout(&composition);
        let frames: Vec<u32> = composition.spans().iter().flat_map(|s| match s {
            Span::Film { from, to, .. } => *from..*to,
            Span::Card { .. } => 0..0,
        }).collect();
        let part = &layout.parts[0];
        prop_assert_eq!(part.units as usize, frames.len());
        prop_assert_eq!(layout.segments.iter().map(|s| s.duration).sum::<Seconds>(), source.rate.seconds(frames.len() as i64));
        // Cost: less than a group for each in-point, and the made frames of an out-point stay in one group.
        for need in needs(&composition, &|t, d| house.find(t, d)).unwrap() {
            let Need::Patch { from, to, .. } = need else { unreachable!() };
            let index = &source.video[0].index;
            prop_assert_eq!(index.block_of(from), index.block_of(to - 1), "a patch stays within one group");
        }
        for lane in &part.video {
            let mut at = 0;
            for piece in &lane.pieces {
                prop_assert_eq!(piece.at, at);
                if piece.media.blob == source.video[0].blob {
                    prop_assert_eq!(&frames[at as usize..(at + piece.count) as usize], &(piece.first..piece.first + piece.count).collect::<Vec<_>>()[..]);
                    prop_assert!(piece.media.index.is_sync(piece.first));
                }
                at += piece.count;
            }
            prop_assert_eq!(at, part.units);
            // Directly adjacent IDR pictures differ in idr_pic_id, unless the source itself has them so.
            let units: Vec<(u16, usize, bool)> = lane.pieces.iter().flat_map(|p| {
                let index = &p.media.index;
                let made = p.media.blob != source.video[0].blob && p.media.blob != source.video[1].blob;
                (index.block_of(p.first)..index.blocks()).map(|b| index.block(b).unwrap())
                    .take_while(|b| b.first < p.first + p.count)
                    .map(|b| (b.idr_pic_id, b.samples.len().min((p.first + p.count - b.first) as usize), made)).collect::<Vec<_>>()
            }).collect();
            for pair in units.windows(2) {
                if pair[0].1 == 1 && (pair[0].2 || pair[1].2) && !(groups.contains(&"I")) {
                    prop_assert_ne!(pair[0].0, pair[1].0);
                }
            }
        }
        for lane in &part.audio {
            let mut at = lane.first;
            for piece in &lane.pieces {
                prop_assert_eq!(piece.at, at);
                at += piece.count;
                prop_assert!(piece.repeated || piece.first + piece.count <= piece.media.index.samples());
            }
            prop_assert_eq!(at, lane.end);
            // Sound covers the picture to its end, and no more than one sample beyond.
            let ends = Ratio::new(lane.end as i64 * 1024 - 1024, 48000);
            prop_assert!(ends >= part.duration() && ends < part.duration() + Ratio::new(1024, 48000));
        }
        for (n, segment) in layout.segments.iter().enumerate() {
            prop_assert!(segment.to > segment.from);
            for r in 0..2 {
                let plan = layout.segment(Stream::Video(r), n).unwrap();
                prop_assert!(!plan.ranges.is_empty());
            }
        }
        // Sound stays within half a sample of its picture, however many cuts there are.
        let mut at = 0u32;
        for span in composition.spans() {
            let Span::Film { from, to, .. } = span else { unreachable!() };
            for piece in part.audio[0].pieces.iter().filter(|p| !p.repeated) {
                let begins = Ratio::new(piece.at as i64 * 1024 - 1024, 48000);
                let (a, b) = (source.rate.seconds(at as i64), source.rate.seconds((at + to - from) as i64));
                let half = Ratio::new(512, 48000);
                if begins >= a + half && begins < b - half {
                    let plays = Ratio::new(piece.first as i64 * 1024 - 1024, 48000);
                    let wanted = source.rate.seconds(*from as i64) + begins - a;
                    let error = if plays > wanted { plays - wanted } else { wanted - plays };
                    prop_assert!(error <= half);
                }
            }
            at += to - from;
        }
    }
}
