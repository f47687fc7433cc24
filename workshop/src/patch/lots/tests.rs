use media::index::Sample;
use media::time::Rate;
use media::{Codec, IndexWriter};

use super::*;
use crate::stored::Stored;

/// A rendition of ten groups of 48 frames.
fn index(width: u16, height: u16) -> Index {
    let mut writer = IndexWriter::new(Track {
        codec: Codec::Avc,
        sample_entry: vec![0; 16],
        codec_string: "avc1.64001f".into(),
        timescale: 24,
        unit_ticks: 1,
        priming: 0,
        reorder: 0,
        width,
        height,
        display_width: width,
        display_height: height,
        matrix: media::track::UNIT_MATRIX,
        channels: 0,
        sample_rate: 0,
    });
    (0..10).for_each(|_| writer.push_block(&[Sample { size: 1, shift: 0 }; 48], 0).unwrap());
    Index::from_vec(writer.finish().unwrap()).unwrap()
}

/// The lots of wishes for one rendition, each as the frames that its patches begin with.
fn lots(index: &Index, share: u64, wishes: &[(u32, u32)]) -> Vec<Vec<u32>> {
    let wishes = wishes.iter().map(|(from, to)| Wish {
        from: *from,
        to: *to,
        idr: 0,
        veils: Vec::new(),
        signs: Vec::new(),
    });
    let read = |_, _| Ok(Vec::new());
    let request = Request { track: Stored { index, read: &read }, wishes: wishes.collect(), like: None };
    let track = index.track();
    let look = Look::of_rung(track.width.into(), track.height.into(), Rate::new(24, 1).unwrap(), None);
    let lots = of_one(&request, &look, share).unwrap();
    lots.iter().map(|(lot, _)| lot.iter().map(|(_, wish)| wish.from).collect()).collect()
}

#[test]
fn seams_share_a_lot_and_long_patches_do_not() {
    let full = index(1920, 1080);
    assert_eq!(lots(&full, LEAST, &[(82, 96), (9, 10)]), [[9, 82]]);
    assert_eq!(lots(&full, LEAST, &[(48, 96), (0, 48), (96, 144)]), [[0], [48], [96]]);
    assert_eq!(lots(&full, MOST, &[(48, 96), (0, 48), (96, 144), (144, 192)]), [vec![0, 48, 96], vec![144]]);
    // A small rung costs less.
    assert_eq!(lots(&index(640, 360), LEAST / 3, &[(48, 96), (0, 48), (96, 144)]), [vec![0, 48], vec![96]]);
}

#[test]
fn patches_that_overlap_are_made_apart() {
    assert_eq!(lots(&index(640, 360), MOST, &[(10, 30), (20, 25), (40, 48)]), [vec![10, 40], vec![20]]);
}

#[test]
fn what_leads_to_a_patch_costs_too() {
    let index = index(16, 16);
    let cost =
        |from, to| cost(&index, &Wish { from, to, idr: 0, veils: Vec::new(), signs: Vec::new() }) / 256;
    assert_eq!([cost(48, 49), cost(49, 50), cost(95, 96), cost(48, 96)], [4, 5, 51, 192]);
}
