use std::fmt::Write as _;

use expect_test::{Expect, expect};

use crate::film::House;
use crate::{Layout, SegmentPlan, Stream};

fn describe(house: &House, plan: &SegmentPlan) -> String {
    let name = |blob| {
        let known = house.sources.values().flat_map(|s| {
            s.video
                .iter()
                .map(|v| (v.blob, "picture"))
                .chain(s.sounds.iter().flat_map(|s| [(s.media.blob, "sound"), (s.silence.blob, "silence")]))
        });
        known.into_iter().find(|(b, _)| *b == blob).map_or("made", |(_, name)| name)
    };
    let mut out = format!("header {}", plan.header.len());
    for range in &plan.ranges {
        let _ = write!(out, ", {}[{}..{}]", name(range.blob), range.from, range.from + range.len);
    }
    out
}

fn check(films: &str, composition: &str, stream: Stream, expect: Expect) {
    let house = House::new(films);
    let layout = house.layout(&house.composition(composition));
    let plans: Vec<String> =
        (0..layout.segments.len()).map(|n| describe(&house, &layout.segment(stream, n).unwrap())).collect();
    expect.assert_eq(&plans.join("\n"));
}

#[test]
fn a_whole_segment_is_one_range() {
    check(
        "a 2 IbBbP IbBbP IbBbP",
        "a[0..15]",
        Stream::Video(0),
        expect![[r#"
        header 176, picture[0..190]
        header 176, picture[190..380]
        header 176, picture[380..570]"#]],
    );
    check(
        "a 2 IbBbP IbBbP IbBbP",
        "a[0..15]",
        Stream::Audio(0),
        expect![[r#"
        header 136, sound[0..3540]
        header 136, sound[3540..7050]
        header 136, sound[7050..10590]"#]],
    );
}

#[test]
fn a_seam_adds_ranges() {
    check(
        "a 2 IbBbPbBbP IbBbP",
        "a[0..2] a[6..14]",
        Stream::Video(0),
        expect![[r#"
        header 172, made[0..14], made[0..21]
        header 176, picture[280..470]"#]],
    );
}

fn layout() -> Layout {
    let house = House::new("a 2 IbBbP IbBbP IbBbP");
    house.layout(&house.composition("a[0..3] a[5..15]"))
}

#[test]
fn a_tag_names_the_bytes() {
    let layout = layout();
    let (one, two) =
        (layout.segment(Stream::Video(0), 0).unwrap(), layout.segment(Stream::Video(0), 1).unwrap());
    assert_eq!(one.tag(), layout.segment(Stream::Video(0), 0).unwrap().tag());
    assert_ne!(one.tag(), two.tag());
}

#[test]
fn what_is_not_there_is_not_found() {
    let layout = layout();
    assert!(layout.segment(Stream::Video(0), 99).is_err());
    assert!(layout.segment(Stream::Video(1), 0).is_err());
    assert!(layout.segment(Stream::Audio(1), 0).is_err());
    assert!(layout.init(Stream::Audio(0), 1).is_err());
    assert!(layout.i_frame(0, 99).is_err());
}

#[test]
fn the_measured_peak_is_no_more_than_what_is_announced() {
    let layout = layout();
    for stream in [Stream::Video(0), Stream::Audio(0)] {
        let rate = layout.bit_rate(stream).unwrap();
        for n in 0..layout.segments.len() {
            let bytes = layout.segment(stream, n).unwrap().len() as i64;
            let seconds = layout.segments[n].duration;
            if seconds >= num_rational::Ratio::from_integer(2) {
                assert!(
                    num_rational::Ratio::from_integer(bytes * 8) / seconds
                        <= num_rational::Ratio::from_integer(rate.peak as i64)
                );
            }
        }
        assert!(rate.average <= rate.peak);
    }
}

#[test]
fn i_frames_are_every_group_and_every_patch() {
    let layout = layout();
    let frames: Vec<String> =
        layout.i_frames(0).unwrap().iter().map(|f| format!("{}+{}", f.start, f.duration)).collect();
    expect!["0+3/2 3/2+5/2 4+5/2"].assert_eq(&frames.join(" "));
    assert_eq!(layout.i_frame(0, 1).unwrap().ranges.len(), 1);
}

#[test]
fn a_version_of_several_parts_has_no_edit_list_for_pictures() {
    let house = House::new("a 2 IbBbP IbBbP\nb 2 IbBbP");
    let has_edit_list = |composition: &str, stream| {
        let layout = house.layout(&house.composition(composition));
        layout.init(stream, 0).unwrap().windows(4).any(|w| w == b"elst")
    };
    assert!(has_edit_list("a[0..10]", Stream::Video(0)));
    assert!(!has_edit_list("a[0..10] b[0..5]", Stream::Video(0)));
    assert!(has_edit_list("a[0..10] b[0..5]", Stream::Audio(0)));
}
