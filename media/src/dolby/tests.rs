use proptest::prelude::*;

use super::{Config, eac3_periods, read_dac3, read_dec3};
use crate::foreign::tests::forge::hex;

/// A frame of `size` bytes: stream type, substream, blocks code.
fn frame(kind: u8, substream: u8, size: usize, blocks: u8) -> Vec<u8> {
    let words = size / 2 - 1;
    let mut frame =
        vec![0x0b, 0x77, kind << 6 | substream << 3 | (words >> 8) as u8, words as u8, blocks << 4];
    frame.resize(size, 0);
    frame
}

#[test]
fn configurations() {
    // 5.1 at 48 kHz.
    assert_eq!(read_dac3(&hex("103dc0")), Ok(Config { sample_rate: 48000, channels: 6 }));
    assert_eq!(read_dec3(&hex("0c00200f00")), Ok(Config { sample_rate: 48000, channels: 6 }));
    // 7.1: one dependent substream with the pair Lrs/Rrs.
    assert_eq!(read_dec3(&hex("0c00200f0202")).map(|c| c.channels), Ok(8));
    assert!(read_dac3(&[]).is_err() && read_dec3(&[0x0c]).is_err() && read_dac3(&hex("d03dc0")).is_err());
}

#[test]
fn blocks_of_the_first_substream_make_the_length() {
    assert_eq!(eac3_periods(&frame(0, 0, 64, 3)), Ok(1536));
    assert_eq!(eac3_periods(&frame(0, 0, 64, 0).repeat(6)), Ok(1536));
    let with_dependent = [frame(0, 0, 64, 3), frame(1, 0, 32, 3), frame(0, 1, 32, 3)].concat();
    assert_eq!(eac3_periods(&with_dependent), Ok(1536));
    assert!(eac3_periods(&frame(1, 0, 32, 3)).is_err());
    assert!(eac3_periods(&frame(0, 0, 64, 3)[..60]).is_err() && eac3_periods(b"no sync word").is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = (read_dac3(&bytes), read_dec3(&bytes), eac3_periods(&[&[0x0b, 0x77][..], &bytes].concat()));
    }
}
