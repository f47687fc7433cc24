use proptest::prelude::*;

use super::*;

/// A sample of one slice: a reference or not, told from all others by `mark`.
fn slice(reference: bool, mark: u8) -> Vec<u8> {
    let nal = if reference { 0x41 } else { 0x01 };
    [&[0, 0, 0, 2, nal][..], &[mark]].concat()
}

/// I0 P4 B2 b1 b3, twice, as in a pyramid: frames are shown in the order of their numbers.
fn group() -> (Block, Vec<u8>) {
    let order = [0u32, 4, 2, 1, 3, 8, 6, 5, 7];
    let samples = order.iter().enumerate();
    let samples = samples.map(|(n, frame)| Sample { size: 6, shift: *frame as i32 - n as i32 });
    let payload = order.iter().flat_map(|frame| slice(frame % 2 == 0, *frame as u8)).collect();
    (Block { first: 100, offset: 0, samples: samples.collect(), idr_pic_id: 0 }, payload)
}

#[test]
fn pictures_that_nobody_sees_or_needs_are_left_out() {
    let (block, payload) = group();
    let kept = Kept::of(&block, 9, &payload, &[(106, 109)]);
    assert_eq!(kept.frames, [100, 102, 104, 106, 107, 108]);
    // In decode order: 0, 4, 2, 8, 6, 7.
    let shifts: Vec<i32> = kept.samples.iter().map(|sample| sample.shift).collect();
    assert_eq!(shifts, [0, 1, -1, 2, -1, -1]);
    let marks: Vec<u8> = kept.payload.chunks_exact(6).map(|sample| sample[5]).collect();
    assert_eq!(marks, [0, 4, 2, 8, 6, 7]);
}

#[test]
fn what_is_shown_is_fed_whole() {
    let (block, payload) = group();
    let kept = Kept::of(&block, 9, &payload, &[(100, 109)]);
    assert_eq!((kept.frames, kept.payload), ((100..109).collect(), payload));
    assert_eq!(kept.samples, block.samples);
}

#[test]
fn a_sample_that_cannot_be_read_is_fed() {
    let (block, mut payload) = group();
    payload[6 * 3] = 0xff;
    assert!(Kept::of(&block, 9, &payload, &[]).frames.contains(&101));
}

proptest! {
    #[test]
    fn merged_ranges_hold_the_same_frames(ranges in prop::collection::vec((0u32..60, 1u32..9), 0..8)) {
        let ranges: Vec<(u32, u32)> = ranges.into_iter().map(|(from, len)| (from, from + len)).collect();
        let merged = merged(ranges.clone());
        let holds = |all: &[(u32, u32)], frame: u32| all.iter().any(|(a, b)| (*a..*b).contains(&frame));
        for frame in 0..80 {
            prop_assert_eq!(holds(&merged, frame), holds(&ranges, frame));
        }
        prop_assert!(merged.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }
}
