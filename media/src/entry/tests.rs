use proptest::prelude::*;

use super::{Colour, read};
use crate::codec_string;
use crate::foreign::tests::forge::{
    aac_entry, atom, audio_fields, avc_entry, esds, full, video_entry, words,
};
use crate::track::{Codec, TrackKind};

#[test]
fn quicktime_entries_become_plain_ones() {
    let wave = atom(b"wave", &[&atom(b"frma", &[b"mp4a"]), &esds(&[0x11, 0x90]), &[0, 0, 0, 8, 0, 0, 0, 0]]);
    let long = atom(b"mp4a", &[&audio_fields(1), &wave]);
    let parts = read(&long, TrackKind::Audio).expect("read");
    assert_eq!((parts.channels, parts.sample_rate), (2, 48000));
    assert_eq!(parts.plain(), aac_entry());
    // ISO's own version 1 has no longer fields, and stays as it is.
    let iso = atom(
        b"mp4a",
        &[&[&audio_fields(0)[..9], &[1], &audio_fields(0)[10..]].concat(), &esds(&[0x11, 0x90])],
    );
    let parts = read(&iso, TrackKind::Audio).expect("read");
    assert!(parts.config(b"esds").is_ok());
    assert_eq!(parts.plain(), iso);
}

#[test]
fn aspect_and_colour() {
    let colour = atom(b"colr", &[b"nclx", &[0, 9, 0, 16, 0, 9, 0x80]]);
    let icc = atom(b"colr", &[b"prof", &[1, 2, 3]]);
    let entry = video_entry(b"hvc1", &[&icc, &colour, &atom(b"pasp", &[&words(&[4, 3])])]);
    let parts = read(&entry, TrackKind::Video).expect("read");
    assert_eq!((parts.width, parts.height), (320, 180));
    assert_eq!(parts.pixel_aspect(), Ok(Some((4, 3))));
    assert_eq!(parts.colour(), Some(Colour { primaries: 9, transfer: 16, matrix: 9, full_range: true }));
    assert_eq!(parts.config(b"hvcC").expect_err("missing").message, "the hvc1 sample entry has no hvcC box");
    let none = video_entry(b"hvc1", &[&atom(b"pasp", &[&words(&[0, 3])])]);
    assert_eq!(read(&none, TrackKind::Video).expect("read").pixel_aspect(), Ok(None));
}

#[test]
fn the_whole_slice_is_one_entry() {
    assert!(read(&[avc_entry(), vec![0]].concat(), TrackKind::Video).is_err());
    assert!(read(&avc_entry()[..60], TrackKind::Video).is_err());
    assert!(read(&atom(b"avc1", &[&[0; 70]]), TrackKind::Video).is_err());
    assert!(read(&atom(b"mp4a", &[&[0; 20]]), TrackKind::Audio).is_err());
    assert!(read(b"", TrackKind::Audio).is_err());
}

#[test]
fn a_protection_may_leave_things_out() {
    let bare = video_entry(b"encv", &[&atom(b"sinf", &[&atom(b"frma", &[b"hvc1"])])]);
    let protection = read(&bare, TrackKind::Video).expect("read").protection.expect("protected");
    assert_eq!((&protection.original, &protection.scheme, protection.key_id), (b"hvc1", &[0; 4], None));
}

#[test]
fn codec_strings_by_coding() {
    let opus = atom(b"Opus", &[&audio_fields(0), &atom(b"dOps", &[&[0, 2, 1, 56, 0, 0, 0, 0, 0, 0, 0]])]);
    assert_eq!(codec_string::of(Codec::Opus, &opus).as_deref(), Ok("opus"));
    assert_eq!(codec_string::of(Codec::Aac, &aac_entry()).as_deref(), Ok("mp4a.40.2"));
    assert_eq!(codec_string::of(Codec::Avc, &avc_entry()).as_deref(), Ok("avc1.64000c"));
    assert_eq!(codec_string::of(Codec::Ac3, &opus).as_deref(), Ok("ac-3"));
    assert_eq!(codec_string::of(Codec::Eac3, &opus).as_deref(), Ok("ec-3"));
    assert!(codec_string::of(Codec::Hevc, &avc_entry()).is_err());
    let config = full(b"av1C", 0x81, 0x040c00, &[]);
    assert_eq!(
        codec_string::of(Codec::Av1, &video_entry(b"av01", &[&config])).as_deref(),
        Ok("av01.0.04M.08")
    );
}

proptest! {
    #[test]
    fn damaged_entries_are_answered(at in 0usize..170, byte: u8, cut in 0usize..170) {
        for entry in [avc_entry(), aac_entry()] {
            let mut bytes = entry.clone();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            bytes.truncate(cut.max(8));
            for kind in [TrackKind::Video, TrackKind::Audio] {
                if let Ok(parts) = read(&bytes, kind) {
                    let _ = (parts.plain(), parts.colour(), parts.pixel_aspect());
                }
            }
            for codec in Codec::ALL {
                let _ = codec_string::of(codec, &bytes);
            }
        }
    }
}
