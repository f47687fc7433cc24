use std::collections::BTreeSet;

use expect_test::expect;
use media::Seconds;
use proptest::prelude::*;

use super::*;
use crate::edit::evaluate_bound;
use crate::film::House;
use crate::follow;
use crate::layout::Stream;
use crate::overlay::tests::any_edit;
use crate::plan::{Range, SegmentPlan};
use crate::source::{Text, Thumbnails, Tile};

fn held(house: &House, ranges: &[(u32, u32, Holding)]) -> Held {
    let source = house.source("a").digest;
    Held::new(ranges.iter().map(|(from, to, holding)| (source, *from, *to, *holding)))
}

fn pieces(layout: &Layout, stream: Stream) -> String {
    let one = |p: &Piece| match (p.repeated, p.media.index.block(0).is_ok_and(|b| b.samples[0].size == 3)) {
        (true, _) => format!("{}:silence*{}", p.at, p.count),
        (_, true) => format!("{}:black*{}", p.at, p.count),
        _ => format!("{}:[{}..{}]", p.at, p.first, p.first + p.count),
    };
    layout.lane(stream, 0).unwrap().pieces.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn whole_groups_are_black_and_silent() {
    let house = House::new("a 2 IbBbP IbBbP IbBbP IbBbP");
    let plain = Arc::new(house.layout(&house.composition("a[0..20]")));
    let layout = plain.held(&held(&house, &[(7, 11, Holding::All)])).unwrap();
    expect!["0:[0..5] 5:black*5 10:black*5 15:[15..20]"].assert_eq(&pieces(&layout, Stream::Video(0)));
    expect!["0:[0..117] 117:silence*236 353:[353..470]"].assert_eq(&pieces(&layout, Stream::Audio(0)));
    let layout = plain.held(&held(&house, &[(7, 8, Holding::Sound)])).unwrap();
    expect!["0:[0..20]"].assert_eq(&pieces(&layout, Stream::Video(0)));
    expect!["0:[0..164] 164:silence*25 189:[189..470]"].assert_eq(&pieces(&layout, Stream::Audio(0)));
    let layout = plain.held(&held(&house, &[(7, 8, Holding::Text)])).unwrap();
    expect!["0:[0..470]"].assert_eq(&pieces(&layout, Stream::Audio(0)));
}

#[test]
fn a_group_is_black_as_far_as_a_span_shows_it() {
    let house = House::new("a 2 IbBbP IbBbP IbBbP IbBbP");
    let plain = Arc::new(house.layout(&house.composition("a[2..8] card:2@a a[9..20]")));
    let show = |ranges: &[(u32, u32, Holding)]| {
        pieces(&plain.held(&held(&house, ranges)).unwrap(), Stream::Video(0))
    };
    expect!["0:[0..3] 3:[0..3] 6:[0..2] 8:[0..1] 9:[10..20]"].assert_eq(&show(&[]));
    // Frame 4 lies in the patch at the in-point.
    expect!["0:black*3 3:[0..3] 6:[0..2] 8:[0..1] 9:[10..20]"].assert_eq(&show(&[(4, 5, Holding::All)]));
    expect!["0:[0..3] 3:black*3 6:[0..2] 8:[0..1] 9:[10..20]"].assert_eq(&show(&[(7, 9, Holding::All)]));
    // Frame 8 is not shown, nor is what lies outside the film.
    expect!["0:[0..3] 3:[0..3] 6:[0..2] 8:[0..1] 9:[10..20]"]
        .assert_eq(&show(&[(8, 9, Holding::All), (90, 99, Holding::All)]));
}

#[test]
fn what_cannot_be_held_says_so() {
    let mut house = House::new("a 2 IbBbP IbBbP");
    let order = held(&house, &[(2, 3, Holding::All)]);
    let mut source = (*house.source("a")).clone();
    let refuse = |house: &House| {
        Arc::new(house.layout(&house.composition("a[0..10]"))).held(&order).unwrap_err().to_string()
    };
    source.holds = vec![None];
    house.sources.insert("a".into(), Arc::new(source.clone()));
    expect!["a scene of a cannot be held: of its black pictures, none was made. Withdraw the title until its versions are made without the scene"].assert_eq(&refuse(&house));
    source.holds = House::new("b 2 IbBbP").source("b").holds.clone();
    house.sources.insert("a".into(), Arc::new(source.clone()));
    expect!["a scene of a cannot be held: of its black pictures, its parameter sets are not those of the version. Withdraw the title until its versions are made without the scene"].assert_eq(&refuse(&house));
    source.holds = House::new("a 2 IP").source("a").holds.clone();
    house.sources.insert("a".into(), Arc::new(source));
    expect!["a scene of a cannot be held: of its black pictures, it is shorter than a group of pictures. Withdraw the title until its versions are made without the scene"].assert_eq(&refuse(&house));
    // A mute needs no picture.
    let layout = Arc::new(house.layout(&house.composition("a[0..10]")));
    let mute = Held::new([(house.source("a").digest, 2, 3, Holding::Sound)]);
    assert!(layout.held(&mute).is_ok());
}

#[test]
fn an_order_says_what_it_holds() {
    let house = House::new("a 2 IbBbP IbBbP");
    let source = house.source("a").digest;
    let order = Held::of(&[
        Edit::Mute { source, from: 1, to: 3 },
        Edit::Cut { source, from: 5, to: 6 },
        Edit::DropText { source, from: 8, to: 9 },
    ]);
    let withheld = order.source(source).unwrap();
    let show =
        |ranges: &Ranges| ranges.iter().map(|(a, b)| format!("{a}..{b}")).collect::<Vec<_>>().join(" ");
    assert_eq!(
        [show(&withheld.picture), show(&withheld.sound), show(&withheld.text)],
        ["5..6", "1..3 5..6", "1..3 5..6 8..9"]
    );
    assert!(order.bites(&house.composition("a[0..10]")));
    assert!(!order.bites(&house.composition("card:4@a")));
    assert!(
        !Held::of(&[Edit::Cut { source: Digest::of(b"other"), from: 0, to: 9 }])
            .bites(&house.composition("a[0..10]"))
    );
    assert!(Held::new([(source, 4, 4, Holding::All)]).is_empty());
}

/// A film with cues and thumbnails on it.
fn dressed(rate: &str, groups: &[&str]) -> House {
    let mut house = House::new(&format!("a*+ {rate} {}\nb*+ {rate} IbBbP IbBbP", groups.join(" ")));
    let mut source = (*house.source("a")).clone();
    let second = |frame: u32| source.rate.seconds(frame.into());
    let cue = |n: u32| media::text::Cue {
        start: second(n * 5),
        end: second(n * 5 + 7),
        id: String::new(),
        settings: String::new(),
        payload: n.to_string(),
    };
    let cues = (0..source.to / 5).map(cue).collect();
    source.texts =
        vec![Text { language: "vi".into(), label: String::new(), forced: false, cues: Arc::new(cues) }];
    let tiles =
        (0..source.to / 4).map(|n| Tile { frame: n * 4, offset: u64::from(n) * 100, len: 100 }).collect();
    source.thumbnails = Some(Thumbnails { blob: Digest::of(b"tiles"), width: 256, height: 144, tiles });
    house.sources.insert("a".into(), Arc::new(source));
    house
}

const GROUPS: [&str; 5] = ["IP", "IbBbP", "IbPbP", "IbBbPbBbP", "IPPPPPPPPPPPPPPPPPPPPPPP"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_ordered_sample_is_ever_planned_and_nothing_else_changes(
        rate in prop::sample::select(&["24000/1001", "25", "60000/1001"][..]),
        groups in prop::collection::vec(prop::sample::select(&GROUPS[..]), 1..20),
        edits in prop::collection::vec(any_edit(Digest::of(b"a")), 0..6),
        orders in prop::collection::vec((0u32..140, 1u32..30, prop::sample::select(&[Holding::All, Holding::All, Holding::Sound, Holding::Text][..])), 0..4),
    ) {
        let house = dressed(rate, &groups);
        let source = house.source("a");
        let order = held(&house, &orders.iter().map(|(f, n, h)| (*f, f + n, *h)).collect::<Vec<_>>());
        let base = house.composition(&format!("a[0..{}] b[2..7] card:9@a a[0..1]", source.to));
        let Ok(composition) = evaluate_bound(&base, &edits) else { return Ok(()) };
        let plain = Arc::new(house.layout(&composition));
        let layout = plain.held(&order).unwrap();

        // Manifests and init segments.
        let streams: Vec<Stream> = (0..2).flat_map(|n| [Stream::Video(n), Stream::Audio(n)]).filter(|s| plain.lane(*s, 0).is_ok()).collect();
        prop_assert_eq!(layout.hls().unwrap(), plain.hls().unwrap());
        prop_assert_eq!(layout.dash().unwrap(), plain.dash().unwrap());
        for stream in &streams {
            prop_assert_eq!(layout.hls_media(*stream).unwrap(), plain.hls_media(*stream).unwrap());
            for part in 0..plain.parts.len() {
                prop_assert_eq!(layout.init(*stream, part).unwrap(), plain.init(*stream, part).unwrap());
            }
        }
        for r in 0..plain.renditions() {
            prop_assert_eq!(layout.hls_i_frames(r).unwrap(), plain.hls_i_frames(r).unwrap());
        }

        // The ordered samples, found from the indexes one by one.
        let withheld = order.source(source.digest).cloned().unwrap_or_default();
        let mut ordered: BTreeMap<Digest, Vec<(u64, u64)>> = BTreeMap::new();
        let mut order_sample = |media: &Media, n: u32| {
            let place = (media.index.offset_of(n).unwrap(), media.index.offset_of(n + 1).unwrap());
            ordered.entry(media.blob).or_default().push(place);
        };
        for media in &source.video {
            for block in (0..media.index.blocks()).map(|n| media.index.block(n).unwrap()) {
                for (n, sample) in block.samples.iter().enumerate() {
                    if withheld.picture.contains((block.first as i64 + n as i64 + sample.shift as i64) as u32) {
                        order_sample(media, block.first + n as u32);
                    }
                }
            }
        }
        for sound in &source.sounds {
            for m in 0..sound.media.index.samples() {
                let start = num_rational::Ratio::new((m as i64 - 1) * 1024, 48000);
                let end = start + num_rational::Ratio::new(2048, 48000);
                if withheld.sound.iter().any(|(a, b)| start < source.seconds(b) && source.seconds(a) < end) {
                    order_sample(&sound.media, m);
                }
            }
        }
        let innocent = |plan: &SegmentPlan| plan.ranges.iter().all(|range| {
            let places = ordered.get(&range.blob).map_or(&[][..], Vec::as_slice);
            places.iter().all(|(from, to)| *to <= range.from || range.from + range.len <= *from)
        });
        // Patches that show an ordered frame.
        let made: BTreeSet<Digest> = crate::needs(&composition, &|t, d| house.find(t, d)).unwrap().iter().filter(|need| {
            matches!(need, crate::Need::Patch { track, from, to, .. } if source.video.iter().any(|v| v.blob == *track) && withheld.picture.touches(*from, *to))
        }).map(crate::Need::key).collect();
        let mut plans = Vec::new();
        for n in 0..plain.segments.len() {
            for stream in &streams {
                let (ours, before) = (layout.segment(*stream, n).unwrap(), plain.segment(*stream, n).unwrap());
                let (from, to) = plain.sample_range(*stream, n).unwrap();
                prop_assert_eq!(layout.sample_range(*stream, n).unwrap(), (from, to));
                let same = match stream {
                    Stream::Video(_) => !before.ranges.iter().any(|r| made.contains(&r.blob)) && innocent(&before),
                    Stream::Audio(_) => ours.ranges == before.ranges,
                };
                // Groups shown without their ordered frames stay as they are, so an untouched segment does.
                if same && !plain.forbidden().touches(&before) && !order_reaches(&plain, &order, *stream, n) {
                    prop_assert_eq!(&ours, &before);
                }
                plans.push((before, ours));
            }
        }
        for r in 0..plain.renditions() {
            for n in 0..plain.i_frames(r).unwrap().len() {
                plans.push((plain.i_frame(r, n).unwrap(), layout.i_frame(r, n).unwrap()));
            }
        }
        for (before, plan) in &plans {
            prop_assert!(innocent(plan));
            prop_assert!(plan.ranges.iter().all(|r| !made.contains(&r.blob)));
            prop_assert!(!layout.forbidden().touches(plan));
            // The last check finds what the plain layout would have sent.
            prop_assert_eq!(layout.forbidden().touches(before), !innocent(before) || before.ranges.iter().any(|r| made.contains(&r.blob)));
        }
        // Cues and thumbnails.
        let before = follow::thumbnails(&plain.timeline);
        let after = follow::thumbnails(&layout.timeline);
        for shown in &after {
            prop_assert!(!withheld.picture.contains(shown.tile.frame));
        }
        if !after.is_empty() && before.iter().all(|s| plain.timeline.stretches[s.stretch].source.digest == source.digest) {
            let places = |all: &[follow::Shown]| all.iter().map(|s| (s.start, s.end)).collect::<Vec<_>>();
            prop_assert_eq!(places(&before), places(&after));
            prop_assert_eq!(follow::sheets(&plain.timeline).len(), follow::sheets(&layout.timeline).len());
        }
        if layout.main.digest == source.digest {
            for cue in layout.cues(0).unwrap() {
                let n: u32 = cue.payload.parse().unwrap();
                prop_assert!(!withheld.text.touches(n * 5, n * 5 + 7));
            }
        }
        // Nothing held, nothing changed.
        if !order.bites(&composition) {
            prop_assert!(plans.iter().all(|(a, b)| a == b));
        }
        // Held twice is held together.
        let again = Arc::new(layout).held(&held(&house, &[(3, 9, Holding::All)])).unwrap();
        let mut both: Vec<_> = orders.iter().map(|(f, n, h)| (*f, f + n, *h)).collect();
        both.push((3, 9, Holding::All));
        let together = plain.held(&held(&house, &both)).unwrap();
        for n in 0..plain.segments.len() {
            for stream in &streams {
                prop_assert_eq!(again.segment(*stream, n).unwrap(), together.segment(*stream, n).unwrap());
            }
        }
        prop_assert_eq!(again.forbidden(), together.forbidden());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// The frame-accurate version of an order, by the same last check.
    #[test]
    fn a_version_made_for_an_order_plays_nothing_of_it(
        rate in prop::sample::select(&["24000/1001", "25", "60000/1001"][..]),
        groups in prop::collection::vec(prop::sample::select(&GROUPS[..]), 1..20),
        before in prop::collection::vec(any_edit(Digest::of(b"a")), 0..3),
        edits in prop::collection::vec(any_edit(Digest::of(b"a")), 1..5),
    ) {
        let house = dressed(rate, &groups);
        let source = house.source("a");
        let base = house.composition(&format!("a[0..{}] b[2..7] card:9@a a[0..1]", source.to));
        let made = evaluate_bound(&base, &before).and_then(|base| evaluate_bound(&base, &edits));
        let Ok(made) = made else { return Ok(()) };
        let layout = house.layout(&made);
        let forbidden = Forbidden::stored(&layout.timeline, &Held::once_made(&edits)).unwrap();
        for n in 0..layout.segments.len() {
            for stream in [Stream::Video(0), Stream::Video(1), Stream::Audio(0)] {
                prop_assert!(!forbidden.touches(&layout.segment(stream, n).unwrap()));
            }
        }
        for n in 0..layout.i_frames(0).unwrap().len() {
            prop_assert!(!forbidden.touches(&layout.i_frame(0, n).unwrap()));
        }
        for shown in follow::thumbnails(&layout.timeline) {
            let (from, len) = (shown.tile.offset, shown.tile.len.into());
            let range = Range { blob: Digest::of(b"tiles"), from, len };
            prop_assert!(!forbidden.touches_range(&range));
        }
        let ends: Seconds = layout.segments.iter().map(|s| s.duration).sum();
        prop_assert_eq!(ends, layout.duration());
    }
}

/// Whether a held group lies in segment `n`: then the segment may change although it shows no ordered
/// frame itself.
fn order_reaches(plain: &Layout, order: &Held, stream: Stream, n: usize) -> bool {
    let segment = &plain.segments[n];
    let part = &plain.parts[segment.part];
    let mut start = 0;
    plain.timeline.stretches[part.stretches.clone()].iter().any(|stretch| {
        let begins = start;
        start += stretch.span.units();
        let (Span::Film { from, to, .. }, Some(withheld)) =
            (&stretch.span, order.source(stretch.source.digest))
        else {
            return false;
        };
        let black = groups(&stretch.source, &withheld.picture, *from, *to);
        let (a, b) = (segment.from.max(begins), segment.to.min(start));
        matches!(stream, Stream::Video(_)) && a < b && black.touches(from + a - begins, from + b - begins)
    })
}
