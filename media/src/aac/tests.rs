use proptest::prelude::*;

use super::{Config, MPEG4_AUDIO};

fn config(bits: &str) -> Config {
    let padded = format!("{bits:0<64}");
    let bytes: Vec<u8> =
        padded.as_bytes().chunks(8).map(|b| b.iter().fold(0, |n, c| n << 1 | (c - b'0'))).collect();
    Config::read(MPEG4_AUDIO, &bytes).expect("a configuration")
}

#[test]
fn low_complexity_and_high_efficiency() {
    let lc = config("00010 0011 0010 000".replace(' ', "").as_str());
    assert_eq!((lc.core_rate, lc.sample_rate, lc.frame_length, lc.channels), (48000, 48000, 1024, Some(2)));
    assert_eq!(lc.codec_string(), "mp4a.40.2");
    let short = config("00010 0100 0110 100".replace(' ', "").as_str());
    assert_eq!((short.core_rate, short.frame_length, short.channels), (44100, 960, Some(6)));
    let sbr = config("00101 0110 0010 0011 00010 000".replace(' ', "").as_str());
    assert_eq!((sbr.core_rate, sbr.sample_rate, sbr.channels), (24000, 48000, Some(2)));
    assert_eq!(sbr.codec_string(), "mp4a.40.5");
    let ps = config("11101 0111 0001 0100 00010 000".replace(' ', "").as_str());
    assert_eq!((ps.core_rate, ps.sample_rate, ps.channels), (22050, 44100, Some(2)));
    assert_eq!(ps.codec_string(), "mp4a.40.29");
    let odd = config("00010 1111 000000001011101110000000 0000 000".replace(' ', "").as_str());
    assert_eq!((odd.core_rate, odd.channels), (48000, None));
}

#[test]
fn other_sound_is_refused() {
    assert!(Config::read(MPEG4_AUDIO, &[0x0a, 0x10]).is_err(), "AAC Main");
    assert!(Config::read(MPEG4_AUDIO, &[0x16, 0x90]).is_err(), "a reserved rate");
    let mp3 = [&[0; 4][..], &[3, 18, 0, 1, 0, 4, 13, 0x6b, 0x15], &[0; 11]].concat();
    assert!(Config::of_esds(&mp3).expect_err("MP3").to_string().contains("object type 0x6b"));
}

#[test]
fn descriptors_may_have_options_and_long_lengths() {
    let decoder = [&[4, 0x80, 0x80, 17, 0x40, 0x15][..], &[0; 11], &[5, 2, 0x11, 0x90]].concat();
    let options = [&[0, 1, 0xe0, 0, 2, 3][..], b"url", &[0, 4]].concat();
    let esds = [&[0; 4][..], &[3, (options.len() + decoder.len()) as u8], &options, &decoder].concat();
    assert_eq!(Config::of_esds(&esds).expect("read").core_rate, 48000);
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = (Config::read(MPEG4_AUDIO, &bytes), Config::of_esds(&bytes));
    }
}
