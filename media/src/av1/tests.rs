use proptest::prelude::*;

use super::Config;
use crate::entry::Colour;

const MAIN: [u8; 4] = [0x81, 0x04, 0x0c, 0];

#[test]
fn codec_strings_are_short_when_they_can_be() {
    let config = |bytes: &[u8]| Config::read(bytes).expect("av1C");
    let pq = Colour { primaries: 9, transfer: 16, matrix: 9, full_range: false };
    assert_eq!(config(&MAIN).codec_string(None), "av01.0.04M.08");
    assert_eq!(config(&[0x81, 0x09, 0x4e, 0]).codec_string(Some(pq)), "av01.0.09M.10.0.112.09.16.09.0");
    // Professional profile, high tier, 12 bits, 4:2:2; monochrome.
    assert_eq!(config(&[0x81, 0x4d, 0xe8, 0]).codec_string(None), "av01.2.13H.12.0.100.01.01.01.0");
    assert_eq!(config(&[0x81, 0x00, 0x1c, 0]).codec_string(None), "av01.0.00M.08.1.110.01.01.01.0");
    assert!(Config::read(&[0x80, 0, 0, 0]).is_err() && Config::read(&[0x81, 0]).is_err());
}

#[test]
fn key_frames_are_those_that_are_shown() {
    let config = Config::read(&MAIN).expect("av1C");
    let sample = |frame: u8| vec![0x12, 0, 0x32, 2, frame, 0xff];
    assert_eq!(config.is_key(&sample(0b0001_0000)), Ok(true));
    assert_eq!(config.is_key(&sample(0b0000_0000)), Ok(false), "a key frame for later");
    assert_eq!(config.is_key(&sample(0b0011_0000)), Ok(false), "an inter frame");
    assert_eq!(config.is_key(&sample(0b1001_0000)), Ok(false), "an earlier frame shown");
    // Without a size a unit reaches to the end of the sample; with an extension it starts later.
    assert_eq!(config.is_key(&[0x30, 0b0001_0000]), Ok(true));
    assert_eq!(config.is_key(&[0x36, 0, 1, 0b0001_0000]), Ok(true));
    assert!(config.is_key(&[0x12, 0]).is_err(), "no frame");
    assert!(config.is_key(&[0x32, 9, 0]).is_err(), "a size past the end");
    let stills = Config::read(&[&MAIN[..], &[0x0a, 1, 0b0001_1000]].concat()).expect("av1C");
    assert_eq!(stills.is_key(&sample(0b1000_0000)), Ok(true));
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let config = Config::read(&MAIN).expect("av1C");
        let _ = (config.is_key(&bytes), Config::read(&[&MAIN[..], &bytes].concat()));
    }
}
