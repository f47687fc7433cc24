use expect_test::expect;
use proptest::prelude::*;

use super::{
    Avcc, ParameterSets, codec_string, free_sps_id, idr_pic_id, inspect, is_idr, merge, nals, read_pps,
    read_sps,
};
use crate::entry;
use crate::foreign::boxes::only;
use crate::foreign::tests::forge::{AVCC, atom, avc_entry, hex, picture, video_entry, words};
use crate::track::TrackKind;

/// Sets of other encodes of the same size: preset medium, id 0 and id 1; two lines more, id 1.
const MEDIUM: &str =
    "0164000cffe100186764000cacd941419f9f011000003e90000bb800f142996001000668ebe3cb22c0fdf8f800";
const ID_1: &str =
    "0164000cffe100186764000c4b36505067e7c04400000fa40002ee003c50a658010006684abe3cb22cfdf8f800";
const TALLER: &str =
    "0164000cffe100186764000c4b36505067e6c04400000fa40002ee003c50a658010006684abe3cb22cfdf8f800";
/// Fields, with level 2.1.
const INTERLACED: &str =
    "01640015ffe1001867640015acd941433f26022000007d2000177003e28532c001000468fe8fcbfdf8f800";

fn entry_of(avcc: &str) -> Vec<u8> {
    video_entry(b"avc1", &[&atom(b"avcC", &[&hex(avcc)]), &atom(b"pasp", &[&words(&[1, 1])])])
}

fn sets(avcc: &str) -> ParameterSets {
    ParameterSets::of(&Avcc::read(&hex(avcc)).expect("avcC")).expect("sets")
}

#[test]
fn parameter_sets_are_read() {
    expect![[r#"
        Sps {
            id: 0,
            profile: 100,
            constraints: 0,
            level: 12,
            chroma: 1,
            separate_planes: false,
            luma_depth: 8,
            chroma_depth: 8,
            width: 320,
            height: 180,
            interlaced: false,
            frame_num_bits: 4,
            order_count: Bits(
                6,
            ),
            pixel_aspect: Some(
                (
                    1,
                    1,
                ),
            ),
            colour: None,
            timing: Some(
                (
                    1001,
                    48000,
                ),
            ),
            reorder: Some(
                2,
            ),
        }
    "#]]
    .assert_debug_eq(&sets(AVCC).sps()[0]);
    let fields = sets(INTERLACED).sps()[0].clone();
    assert!(fields.interlaced);
    assert_eq!((fields.width, fields.height), (320, 180), "rows of fields count twice");
    assert_eq!((sets(TALLER).sps()[0].id, sets(TALLER).sps()[0].height), (1, 182));
}

#[test]
fn avcc_survives_reading_and_writing() {
    for text in [AVCC, MEDIUM, ID_1, INTERLACED] {
        assert_eq!(Avcc::read(&hex(text)).expect("read").write().expect("written"), hex(text));
    }
    assert_eq!(codec_string(&avc_entry()).expect("codec string"), "avc1.64000c");
}

#[test]
fn a_free_id_is_found_and_both_sets_fit_one_entry() {
    assert_eq!(free_sps_id(&entry_of(AVCC)).expect("free"), 1);
    let both = merge(&entry_of(AVCC), &entry_of(ID_1)).expect("merged");
    let avcc = Avcc::of_entry(&both).expect("avcC");
    assert_eq!((avcc.sps.len(), avcc.pps.len(), avcc.level), (2, 2, 0x0c));
    assert_eq!(free_sps_id(&both).expect("free"), 2);
    let parts = entry::read(&both, TrackKind::Video).expect("still an entry");
    assert!(only(&parts.children, b"pasp").expect("one").is_some(), "the other boxes stay");
    assert_eq!(parts.width, 320);
    assert_eq!(merge(&entry_of(AVCC), &entry_of(AVCC)).expect("equal"), entry_of(AVCC));
    assert_eq!(merge(&both, &entry_of(ID_1)).expect("already listed"), both);
}

#[test]
fn sets_that_clash_are_not_merged() {
    let why = |other: &str| merge(&entry_of(AVCC), &entry_of(other)).expect_err("apart").to_string();
    expect!["the two differ in the content of parameter set 0, so they cannot share an init segment"]
        .assert_eq(&why(MEDIUM));
    expect!["the two differ in size, profile, chroma format, depth or interlacing, so they cannot share an init segment"].assert_eq(&why(TALLER));
    expect!["the two differ in size, profile, chroma format, depth or interlacing, so they cannot share an init segment"].assert_eq(&why(INTERLACED));
}

#[test]
fn idr_pictures_and_their_ids() {
    let sets = sets(AVCC);
    for id in [0, 1, 2, 77, 65535] {
        assert_eq!(idr_pic_id(&picture(Some(id)), &sets).expect("an IDR picture"), id as u16);
    }
    assert!(idr_pic_id(&picture(Some(65536)), &sets).is_err());
    assert!(idr_pic_id(&picture(None), &sets).is_err());
    assert!(is_idr(&picture(Some(3))).expect("read") && !is_idr(&picture(None)).expect("read"));
    // An access unit delimiter and a message before the slice change nothing.
    let mut sample = [&words(&[2])[..], &[9, 0x10], &words(&[3]), &[6, 5, 0]].concat();
    sample.extend(picture(Some(4)));
    assert_eq!(inspect(&sample, &sets).expect("read").idr_pic_id, 4);
    assert_eq!(nals(&sample).count(), 3);
}

#[test]
fn parameter_sets_inside_samples_must_be_listed() {
    let with = |avcc: &str| {
        let avcc = Avcc::read(&hex(avcc)).expect("avcC");
        let nal = &avcc.sps[0];
        [&words(&[nal.len() as u32])[..], nal, &picture(Some(0))].concat()
    };
    assert!(inspect(&with(AVCC), &sets(AVCC)).is_ok());
    expect!["the sample carries a parameter set that its sample entry does not list. Add the film as a single file, so that Phim encodes its own ladder"].assert_eq(&inspect(&with(ID_1), &sets(AVCC)).expect_err("unknown").to_string());
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let sets = sets(AVCC);
        let _ = (read_sps(&bytes), read_pps(&bytes), Avcc::read(&bytes), is_idr(&bytes), inspect(&bytes, &sets));
        let _ = (codec_string(&bytes), free_sps_id(&bytes), merge(&avc_entry(), &bytes));
    }

    #[test]
    fn damaged_sets_are_answered(at in 0usize..40, byte: u8) {
        let mut avcc = hex(AVCC);
        avcc[at] = byte;
        if let Ok(avcc) = Avcc::read(&avcc) {
            let _ = ParameterSets::of(&avcc).map(|sets| inspect(&picture(Some(0)), &sets));
        }
    }
}
