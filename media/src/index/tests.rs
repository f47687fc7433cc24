use proptest::prelude::*;

use super::*;
use crate::track::UNIT_MATRIX;

pub fn track(codec: Codec) -> Track {
    let video = codec.kind() == TrackKind::Video;
    Track {
        codec,
        sample_entry: vec![7; 100],
        codec_string: "avc1.64001f".into(),
        timescale: 24000,
        unit_ticks: 1000,
        priming: 0,
        reorder: 0,
        width: if video { 1280 } else { 0 },
        height: if video { 720 } else { 0 },
        display_width: if video { 1280 } else { 0 },
        display_height: if video { 720 } else { 0 },
        matrix: UNIT_MATRIX,
        channels: if video { 0 } else { 2 },
        sample_rate: if video { 0 } else { 48000 },
    }
}

/// `I P b b` in decode order is shown as `I b b P`.
fn gop(sizes: &[u32]) -> Vec<Sample> {
    let n = sizes.len();
    sizes
        .iter()
        .enumerate()
        .map(|(i, size)| Sample {
            size: *size,
            shift: if n < 3 || i == 0 {
                0
            } else if i == 1 {
                n as i32 - 2
            } else {
                -1
            },
        })
        .collect()
}

proptest! {
    #[test]
    fn what_was_written_is_read(gops in prop::collection::vec((prop::collection::vec(0u32..5_000_000, 1..60), 0u16..9), 0..40)) {
        let mut w = IndexWriter::new(track(Codec::Avc));
        for (sizes, id) in &gops {
            w.push_block(&gop(sizes), *id).unwrap();
        }
        let (samples, bytes) = (w.samples(), w.blob_len());
        let index = Index::from_vec(w.finish().unwrap()).unwrap();
        prop_assert_eq!(index.samples(), samples);
        prop_assert_eq!(index.blob_len(), bytes);
        let (mut first, mut offset) = (0u32, 0u64);
        for (n, (sizes, id)) in gops.iter().enumerate() {
            let block = index.block(n).unwrap();
            prop_assert_eq!(&block, &Block { first, offset, samples: gop(sizes), idr_pic_id: *id });
            prop_assert!(index.is_sync(first));
            for s in first..first + sizes.len() as u32 {
                prop_assert_eq!(index.block_of(s), n);
            }
            first += sizes.len() as u32;
            offset += sizes.iter().map(|s| *s as u64).sum::<u64>();
        }
    }

    #[test]
    fn damage_is_noticed_and_never_panics(flip in 0usize..4000, bit in 0u8..8, cut in 0usize..4000) {
        let mut w = IndexWriter::new(track(Codec::Avc));
        for n in 1..30u32 {
            w.push_block(&gop(&[n * 900; 12]), 0).unwrap();
        }
        let good = w.finish().unwrap();
        let mut bad = good.clone();
        let at = flip % bad.len();
        bad[at] ^= 1 << bit;
        let whole = |bytes: Vec<u8>| Index::from_vec(bytes).and_then(|i| (0..i.blocks()).try_for_each(|n| i.block(n).map(drop)));
        prop_assert!(whole(bad).is_err(), "a flipped bit at byte {at} went unnoticed");
        prop_assert!(whole(good[..cut % good.len()].to_vec()).is_err());
    }
}

#[test]
fn an_open_group_is_refused() {
    let mut w = IndexWriter::new(track(Codec::Avc));
    let leading = [Sample { size: 1, shift: 1 }, Sample { size: 1, shift: -1 }];
    assert!(w.push_block(&leading, 0).unwrap_err().message.contains("open group"));
}

#[test]
fn the_prefix_that_may_be_copied_is_closed_in_both_orders() {
    // Decode order I P B b b, presentation I b B b P: nothing between I and the whole is closed.
    let shifts = [0, 3, 0, -2, -1];
    let block = Block {
        first: 0,
        offset: 0,
        samples: shifts.map(|shift| Sample { size: 1, shift }).to_vec(),
        idr_pic_id: 0,
    };
    assert_eq!([0, 1, 2, 3, 4, 5].map(|n| block.closed_prefix(n)), [0, 1, 1, 1, 1, 5]);
}

#[test]
fn a_two_hour_film_needs_about_four_bytes_a_frame() {
    let mut w = IndexWriter::new(track(Codec::Avc));
    for n in 0..3600u32 {
        let sizes: Vec<u32> =
            (0..48).map(|i| if i == 0 { 120_000 } else { 9_000 + (n * 31 + i * 977) % 20_000 }).collect();
        w.push_block(&gop(&sizes), (n % 2) as u16).unwrap();
    }
    let samples = w.samples() as usize;
    let bytes = w.finish().unwrap().len();
    assert!(bytes * 10 <= samples * 46, "{bytes} bytes for {samples} frames");
}
