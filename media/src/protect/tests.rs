use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use expect_test::expect;
use mp4_atom::DecodeMaybe;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::foreign::tests::forge::{avc_entry, picture};
use crate::track::UNIT_MATRIX;

const KEY: [u8; 16] = *b"a key of sixteen";
const IV: [u8; 16] = *b"an iv of sixteen";

fn video() -> Track {
    Track {
        codec: Codec::Avc,
        sample_entry: avc_entry(),
        codec_string: "avc1.64000c".into(),
        timescale: 24_000,
        unit_ticks: 1000,
        priming: 0,
        reorder: 2,
        width: 320,
        height: 180,
        display_width: 320,
        display_height: 180,
        matrix: UNIT_MATRIX,
        channels: 0,
        sample_rate: 0,
    }
}

fn sound() -> Track {
    let entry = crate::foreign::tests::forge::atom(b"ac-3", &[&[0; 28]]);
    let track = Track { codec: Codec::Ac3, sample_entry: entry, codec_string: "ac-3".into(), ..video() };
    Track { channels: 2, sample_rate: 48_000, timescale: 48_000, unit_ticks: 1536, ..track }
}

fn protection() -> Protection {
    Protection { key_id: *b"an id of sixteen", iv: IV, systems: vec![pssh(&[5; 16], &[], b"theirs")] }
}

fn samples(sizes: &[usize]) -> Vec<Sample> {
    let sample = |size: &usize| Sample { size: *size as u32, duration: 1000, offset: 2000, sync: true };
    sizes.iter().map(sample).collect()
}

/// A sample: a picture whose slice goes on with `data`, behind a message of `message` bytes. Ones end
/// the header, in which every further field is the shortest code.
fn sample(message: usize, data: &[u8]) -> Vec<u8> {
    let slice = [&picture(Some(0))[..], &[0xff; 6]].concat();
    let mut out = ((message + 1) as u32).to_be_bytes().to_vec();
    out.push(6);
    out.extend(std::iter::repeat_n(0x55, message));
    out.extend(((slice.len() - 4 + data.len()) as u32).to_be_bytes());
    out.extend(&slice[4..]);
    out.extend(data);
    out
}

/// CBC by hand, block by block: the second implementation.
fn chained(bytes: &mut [u8], chosen: impl Fn(usize) -> bool) {
    let aes = Aes128::new(&KEY.into());
    let mut last = IV;
    for (n, block) in bytes.chunks_exact_mut(16).enumerate().filter(|(n, _)| chosen(*n)) {
        let _ = n;
        let mut mixed: [u8; 16] = std::array::from_fn(|k| block[k] ^ last[k]);
        aes.encrypt_block((&mut mixed).into());
        block.copy_from_slice(&mixed);
        last = mixed;
    }
}

#[test]
fn boxes_say_what_is_encrypted() {
    let (first, second) = (sample(3, &[0xaa; 400]), sample(70_000, &[0xaa; 50]));
    let mut payload = [first.clone(), second.clone()].concat();
    let protector = Protector::new(&video(), &KEY, &IV).unwrap();
    let list = samples(&[first.len(), second.len()]);
    let header = protector.fragment(1, 0, 0, &list, &mut payload).unwrap();
    assert_eq!(payload.len(), first.len() + second.len());
    let styp = u32::from_be_bytes(header[..4].try_into().unwrap()) as usize;
    let mut rest = &header[styp..];
    let Some(mp4_atom::Any::Moof(moof)) = mp4_atom::Any::decode_maybe(&mut rest).unwrap() else { panic!() };
    let traf = &moof.traf[0];
    expect![[r#"
        (
            [
                Saiz {
                    aux_info: None,
                    default_sample_info_size: 0,
                    sample_count: 2,
                    sample_info_size: [
                        8,
                        14,
                    ],
                },
            ],
            [
                Saio {
                    aux_info: None,
                    offsets: [
                        167,
                    ],
                },
            ],
            Some(
                Senc {
                    version: V0,
                    use_subsamples: true,
                    data: [
                        0,
                        0,
                        0,
                        2,
                        0,
                        1,
                        0,
                        17,
                        0,
                        0,
                        1,
                        149,
                        0,
                        2,
                        255,
                        255,
                        0,
                        0,
                        0,
                        0,
                        17,
                        127,
                        0,
                        0,
                        0,
                        55,
                    ],
                },
            ),
        )
    "#]]
    .assert_debug_eq(&(&traf.saiz, &traf.saio, &traf.senc));
    let saio = header.windows(4).position(|w| w == b"saio").unwrap();
    let offset = u32::from_be_bytes(header[saio + 12..saio + 16].try_into().unwrap()) as usize;
    let senc = header.windows(4).position(|w| w == b"senc").unwrap();
    assert_eq!(styp + offset, senc + 12, "the first map follows the count");
    let bare = cmaf::undelayed_fragment_header(1, 0, 0, &list);
    assert!(header.len() > bare.len());
}

#[test]
fn an_init_segment_names_the_key() {
    for (track, kind, original) in [(video(), b"encv", b"avc1"), (sound(), b"enca", b"ac-3")] {
        let init = init(&track, 0, "vi", &protection()).unwrap();
        let movie = crate::foreign::read(&init).unwrap();
        let found = movie.tracks[0].protection.clone().unwrap();
        assert_eq!(movie.tracks[0].coding(), *kind);
        assert_eq!((&found.original, &found.scheme), (original, b"cbcs"));
        assert_eq!(found.key_id, Some(protection().key_id));
        let systems: Vec<_> = movie.key_systems.iter().map(|s| (s.system, s.keys.clone())).collect();
        assert_eq!(systems, [(COMMON_SYSTEM, vec![protection().key_id]), ([5; 16], vec![])]);
        let pattern = init.windows(4).position(|w| w == b"tenc").unwrap() + 9;
        assert_eq!(
            init[pattern..pattern + 3],
            [if track.kind() == TrackKind::Video { 0x19 } else { 0 }, 1, 0]
        );
        let encrypted = Track { sample_entry: movie.tracks[0].entries[0].clone(), ..track };
        assert!(super::init(&encrypted, 0, "vi", &protection()).is_err(), "not twice");
    }
}

#[test]
fn what_must_not_pass_in_the_clear_is_refused() {
    let protector = Protector::new(&video(), &KEY, &IV).unwrap();
    let encrypt = |sample: &mut [u8]| protector.fragment(1, 0, 0, &samples(&[sample.len()]), sample);
    for kind in [2u8, 3, 4, 19, 20, 21] {
        assert!(encrypt(&mut [&[0, 0, 0, 3, kind, 0x88, 0x88][..]].concat()).is_err(), "{kind}");
    }
    let many: Vec<u8> = (0..43).flat_map(|_| sample(1, &[1; 32])).collect();
    assert!(encrypt(&mut many.clone()).is_err(), "more slices than a map can say");
    let mut cut_off = sample(1, &[1; 32]);
    cut_off.truncate(20);
    assert!(encrypt(&mut cut_off).is_err());
    let mut whole = sample(1, &[1; 32]);
    let short = protector.fragment(1, 0, 0, &samples(&[whole.len() + 1]), &mut whole.clone());
    assert!(short.is_err());
    assert!(protector.fragment(1, 0, 0, &samples(&[whole.len() - 1]), &mut whole).is_err());
}

proptest! {
    #[test]
    fn one_block_in_ten_of_each_slice(parts in vec((0usize..40, vec(any::<u8>(), 0..900)), 1..5)) {
        let protector = Protector::new(&video(), &KEY, &IV).unwrap();
        let mut clear = Vec::new();
        let mut expected = Vec::new();
        for (message, data) in &parts {
            let bytes = sample(*message, data);
            let map = protector.slices.as_ref().unwrap().subsamples(&bytes).unwrap();
            prop_assert_eq!(map.iter().map(|r| r.clear as usize + r.protected as usize).sum::<usize>(), bytes.len());
            let mut encrypted = bytes.clone();
            let start = bytes.len() - map.last().unwrap().protected as usize;
            prop_assert!(start <= bytes.len() - data.len());
            chained(&mut encrypted[start..], |n| n % 10 == 0);
            clear.extend(bytes);
            expected.extend(encrypted);
        }
        let size = clear.len();
        let mut found = clear;
        protector.fragment(1, 0, 0, &samples(&[size]), &mut found).unwrap();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn every_block_of_sound(sizes in vec(0usize..200, 1..6), fill in any::<u8>()) {
        let protector = Protector::new(&sound(), &KEY, &IV).unwrap();
        let mut payload = vec![fill; sizes.iter().sum()];
        let mut expected = payload.clone();
        let mut rest = expected.as_mut_slice();
        for size in &sizes {
            let (one, tail) = rest.split_at_mut(*size);
            chained(one, |_| true);
            rest = tail;
        }
        let header = protector.fragment(1, 0, 0, &samples(&sizes), &mut payload).unwrap();
        prop_assert_eq!(payload, expected);
        prop_assert_eq!(header, cmaf::fragment_header(1, 0, &samples(&sizes)), "nothing to say of samples");
    }

    #[test]
    fn any_bytes_are_answered(mut bytes in vec(any::<u8>(), 0..300)) {
        let protector = Protector::new(&video(), &KEY, &IV).unwrap();
        let size = bytes.len();
        let _ = protector.fragment(1, 0, 0, &samples(&[size]), &mut bytes);
    }

    #[test]
    fn damaged_pictures_are_answered(at in 0usize..60, byte: u8, data in vec(any::<u8>(), 0..80)) {
        let protector = Protector::new(&video(), &KEY, &IV).unwrap();
        let mut bytes = sample(4, &data);
        let size = bytes.len();
        bytes[at % size] = byte;
        let _ = protector.fragment(1, 0, 0, &samples(&[size]), &mut bytes);
    }
}
