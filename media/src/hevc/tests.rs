use proptest::prelude::*;

use super::{Access, Config, access};
use crate::foreign::tests::forge::{hex, words};

fn sample(kinds: &[u8]) -> Vec<u8> {
    kinds.iter().flat_map(|kind| [&words(&[3])[..], &[kind << 1, 1, 0x80]].concat()).collect()
}

#[test]
fn codec_strings_follow_annex_e() {
    // x265, Main profile.
    let main = Config::read(&hex("0101600000009000000000003cf000fcfdf8f800000f04")).expect("hvcC");
    assert_eq!(main.codec_string("hvc1"), "hvc1.1.6.L60.90");
    assert_eq!((main.chroma, main.luma_depth, main.length_size), (1, 8, 4));
    // Main 10, high tier, profile space 1, several constraint bytes with a hole.
    let mut body = hex("0101600000009000000000003cf000fcfdfaf800000f07");
    body[1] = 0x40 | 0x20 | 2;
    body[2..6].copy_from_slice(&[0x20, 0, 0, 0]);
    body[6..12].copy_from_slice(&[0xb0, 0, 0x0f, 0, 0, 0]);
    body[12] = 153;
    let ten = Config::read(&body).expect("hvcC");
    assert_eq!(ten.codec_string("hev1"), "hev1.A2.4.H153.B0.0.F");
    assert_eq!(ten.luma_depth, 10);
}

#[test]
fn entries_into_the_stream() {
    assert_eq!(access(&sample(&[32, 33, 34, 39, 19])), Ok(Access::Idr));
    assert_eq!(access(&sample(&[20])), Ok(Access::Idr));
    assert_eq!(access(&sample(&[16])), Ok(Access::Broken));
    assert_eq!(access(&sample(&[21])), Ok(Access::Clean));
    assert_eq!(access(&sample(&[8])), Ok(Access::None));
    assert!(access(&sample(&[32, 33])).is_err());
    assert!(access(&[0, 0, 0, 9, 1]).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = (access(&bytes), Config::read(&bytes).map(|c| c.codec_string("hvc1")));
    }
}
