use expect_test::expect;
use mp4_atom::DecodeMaybe;
use proptest::prelude::*;
use shiguredo_mp4::demux::Fmp4SegmentDemuxer;

use super::language::pack;
use super::*;
use crate::digest::Digest;
use crate::track::{Codec, UNIT_MATRIX};

/// Sample entries of the trailer of Sintel, as its file has them.
const AVC1: &str = "0000008861766331000000000000000100000000000000000000000000000000050002d0004800000048000000000000\
    000100000000000000000000000000000000000000000000000000000000000000000018ffff00000032617663430164001fffe1001967640\
    01fac34e6014016e840000003004000000c03c60c668001000668e9784cb22c";
const MP4A: &str = "0000004b6d703461000000000000000100000000000000000002001000000000bb80000000000027657364730000000003190\
    00200041140150000000001f4000000000005021190060102";

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn video() -> Track {
    Track {
        codec: Codec::Avc,
        sample_entry: bytes_of(AVC1),
        codec_string: "avc1.64001f".into(),
        timescale: 24_000,
        unit_ticks: 1000,
        priming: 0,
        reorder: 2,
        width: 1280,
        height: 720,
        display_width: 1280,
        display_height: 720,
        matrix: UNIT_MATRIX,
        channels: 0,
        sample_rate: 0,
    }
}

fn sound() -> Track {
    Track {
        codec: Codec::Aac,
        sample_entry: bytes_of(MP4A),
        codec_string: "mp4a.40.2".into(),
        timescale: 48_000,
        unit_ticks: 1024,
        priming: 1024,
        reorder: 0,
        width: 0,
        height: 0,
        display_width: 0,
        display_height: 0,
        channels: 2,
        sample_rate: 48_000,
        ..video()
    }
}

/// The boxes as an indented list; the contents of leaves in hexadecimal.
fn tree(bytes: &[u8]) -> String {
    fn walk(out: &mut String, mut bytes: &[u8], depth: usize) {
        const CONTAINERS: [&[u8]; 9] =
            [b"moov", b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl", b"mvex", b"moof"];
        while let Some(head) = bytes.first_chunk::<8>() {
            let size = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
            let kind = &head[4..];
            *out += &"  ".repeat(depth);
            *out += std::str::from_utf8(kind).unwrap();
            let end = size.min(bytes.len());
            if CONTAINERS.contains(&kind) || kind == b"traf" {
                *out += "\n";
                walk(out, &bytes[8..end], depth + 1);
            } else if kind == b"mdat" {
                *out += &format!(" size {size} {}\n", hex(&bytes[8..]));
                return;
            } else {
                *out += &format!(" {}\n", hex(&bytes[8..end]));
            }
            bytes = &bytes[end..];
        }
    }
    let mut out = String::new();
    walk(&mut out, bytes, 0);
    out
}

fn hex(bytes: &[u8]) -> String {
    let words = bytes.chunks(4).map(|word| word.iter().map(|b| format!("{b:02x}")).collect::<String>());
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn init_of_video() {
    expect![[r#"
        ftyp 69736f36 00000000 69736f36 636d6663
        moov
          mvhd 00000000 00000000 00000000 00005dc0 00000000 00010000 01000000 00000000 00000000 00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000 00000000 00000000 00000000 00000000 00000000 00000000 00000002
          trak
            tkhd 00000003 00000000 00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000 05000000 02d00000
            edts
              elst 00000000 00000001 00000000 000007d0 00010000
            mdia
              mdhd 00000000 00000000 00000000 00005dc0 00000000 55c40000
              hdlr 00000000 00000000 76696465 00000000 00000000 00000000 76696465 6f00
              minf
                vmhd 00000001 00000000 00000000
                dinf
                  dref 00000000 00000001 0000000c 75726c20 00000001
                stbl
                  stsd 00000000 00000001 00000088 61766331 00000000 00000001 00000000 00000000 00000000 00000000 050002d0 00480000 00480000 00000000 00010000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000018 ffff0000 00326176 63430164 001fffe1 00196764 001fac34 e6014016 e8400000 03004000 000c03c6 0c668001 000668e9 784cb22c
                  stts 00000000 00000000
                  stsc 00000000 00000000
                  stsz 00000000 00000000 00000000
                  stco 00000000 00000000
          mvex
            trex 00000000 00000001 00000001 000003e8 00000000 01010000
    "#]].assert_eq(&tree(&init(&video(), 2000, "")));
}

#[test]
fn init_of_sound_in_vietnamese() {
    expect![[r#"
        ftyp 69736f36 00000000 69736f36 636d6663
        moov
          mvhd 00000000 00000000 00000000 0000bb80 00000000 00010000 01000000 00000000 00000000 00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000 00000000 00000000 00000000 00000000 00000000 00000000 00000002
          trak
            tkhd 00000003 00000000 00000000 00000001 00000000 00000000 00000000 00000000 00000000 01000000 00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000 00000000 00000000
            edts
              elst 00000000 00000001 00000000 00000400 00010000
            mdia
              mdhd 00000000 00000000 00000000 0000bb80 00000000 59250000
              hdlr 00000000 00000000 736f756e 00000000 00000000 00000000 736f756e 6400
              elng 00000000 76692d56 4e00
              minf
                smhd 00000000 00000000
                dinf
                  dref 00000000 00000001 0000000c 75726c20 00000001
                stbl
                  stsd 00000000 00000001 0000004b 6d703461 00000000 00000001 00000000 00000000 00020010 00000000 bb800000 00000027 65736473 00000000 03190002 00041140 15000000 0001f400 00000000 05021190 060102
                  stts 00000000 00000000
                  stsc 00000000 00000000
                  stsz 00000000 00000000 00000000
                  stco 00000000 00000000
          mvex
            trex 00000000 00000001 00000001 00000400 00000000 02000000
    "#]].assert_eq(&tree(&init(&sound(), 1024, "vi-VN")));
}

#[test]
fn without_delay_there_is_no_edit_list() {
    assert!(!tree(&init(&video(), 0, "")).contains("edts"));
    // Beyond 31 bits the entry is of version 1.
    expect!["      elst 01000000 00000001 00000000 00000000 00000000 80000001 00010000"]
        .assert_eq(tree(&init(&video(), 0x8000_0001, "")).lines().find(|l| l.contains("elst")).unwrap());
}

fn sample(size: u32, offset: u32, sync: bool) -> Sample {
    Sample { size, duration: 1000, offset, sync }
}

#[test]
fn fragments_leave_out_what_is_common() {
    let group = [sample(500, 2000, true), sample(60, 4000, false), sample(20, 1000, false)];
    expect![[r#"
        styp 6d736468 00000000 6d736468 636d6673 636d6666
        moof
          mfhd 00000000 00000007
          traf
            tfhd 00020028 00000001 000003e8 01010000
            tfdt 01000000 00000001 00000000
            trun 00000a05 00000003 00000084 02000000 000001f4 000007d0 0000003c 00000fa0 00000014 000003e8
        mdat size 588 
    "#]]
    .assert_eq(&tree(&fragment_header(7, 0x1_0000_0000, &group)));

    let equal = [sample(9, 0, true); 4];
    expect![[r#"
        styp 6d736468 00000000 6d736468 636d6673 636d6666
        moof
          mfhd 00000000 00000001
          traf
            tfhd 00020038 00000001 000003e8 00000009 02000000
            tfdt 01000000 00000000 00000000
            trun 00000001 00000004 0000006c
        mdat size 44 
    "#]]
    .assert_eq(&tree(&fragment_header(1, 0, &equal)));

    let mut groups = [group, group].concat();
    groups[5].duration = 900;
    expect![[r#"
        styp 6d736468 00000000 6d736468 636d6673 636d6666
        moof
          mfhd 00000000 00000002
          traf
            tfhd 00020000 00000001
            tfdt 01000000 00000000 00000bb8
            trun 00000f01 00000006 000000c0 000003e8 000001f4 02000000 000007d0 000003e8 0000003c 01010000 00000fa0 000003e8 00000014 01010000 000003e8 000003e8 000001f4 02000000 000007d0 000003e8 0000003c 01010000 00000fa0 00000384 00000014 01010000 000003e8
        mdat size 1168 
    "#]].assert_eq(&tree(&fragment_header(2, 3000, &groups)));

    expect![[r#"
        styp 6d736468 00000000 6d736468 636d6673 636d6666
        moof
          mfhd 00000000 00000003
          traf
            tfhd 00020038 00000001 000003e8 000001f4 02000000
            tfdt 01000000 00000000 00000bb8
            trun 00000801 00000001 00000070 000007d0
        mdat size 508 
    "#]]
    .assert_eq(&tree(&fragment_header(3, 3000, &group[..1])));
    expect![[r#"
        styp 6d736468 00000000 6d736468 636d6673 636d6666
        moof
          mfhd 00000000 00000004
          traf
            tfhd 00020020 00000001 02000000
            tfdt 01000000 00000000 00000bb8
            trun 00000301 00000000 00000064
        mdat size 8 
    "#]]
    .assert_eq(&tree(&fragment_header(4, 3000, &[])));
}

#[test]
fn without_delay_offsets_are_signed() {
    let group = [sample(500, 2000, true), sample(60, 5000, false), sample(20, 1000, false)];
    expect![[r#"
        styp 6d736468 00000000 6d736468 636d6673 636d6666
        moof
          mfhd 00000000 00000007
          traf
            tfhd 00020028 00000001 000003e8 01010000
            tfdt 01000000 00000000 00000000
            trun 01000a05 00000003 00000084 02000000 000001f4 00000000 0000003c 00000bb8 00000014 fffffc18
        mdat size 588 
    "#]]
    .assert_eq(&tree(&undelayed_fragment_header(7, 0, 2000, &group)));
    // One I-frame is presented when it is decoded.
    expect![[r#"
        styp 6d736468 00000000 6d736468 636d6673 636d6666
        moof
          mfhd 00000000 00000007
          traf
            tfhd 00020038 00000001 000003e8 000001f4 02000000
            tfdt 01000000 00000000 00000000
            trun 00000001 00000001 0000006c
        mdat size 508 
    "#]]
    .assert_eq(&tree(&undelayed_fragment_header(7, 0, 2000, &group[..1])));
}

#[test]
fn more_than_four_gigabytes_have_a_long_header() {
    let length = |size| {
        let header = fragment_header(1, 0, &[sample(size, 0, true), sample(0x8000_0000, 0, false)]);
        let at = header.windows(4).position(|w| w == b"mdat").unwrap();
        (hex(&header[at - 4..]), header.len())
    };
    let (short, short_len) = length(0x7fff_fff7);
    let (long, long_len) = length(0x7fff_fff8);
    assert_eq!(short, "ffffffff 6d646174");
    assert_eq!(long, "00000001 6d646174 00000001 00000008");
    assert_eq!(long_len, short_len + 8);
}

/// A change of these digests changes bytes that caches and signatures rely on: raise
/// `FORMAT_VERSION` with them.
#[test]
fn golden_digests() {
    let group: Vec<Sample> = (0..96).map(|n| sample(1000 + n * 7 % 31, n % 4 * 1000, n % 48 == 0)).collect();
    let digests = [
        init(&video(), 2000, ""),
        init(&sound(), 1024, "ko"),
        fragment_header(1, 0, &group[..48]),
        fragment_header(2, 48_000, &group),
    ];
    let digests = digests.map(|bytes| Digest::of(&bytes).to_string());
    expect![[r#"
        format 1
        1a959a3e57086a2a057954a4f4897a3100efdaf2a44f0fdd3989008dbeedac2e
        e5bb46f4e8ae3054e9525115f6059c38ed328a0d26b006a36ba90ed0e45891a8
        3f622810650585de8fa8b2aa8397f43d6d4a65c8bfc741f4a9be60c19afd2d25
        b505abe6c511ab69d2d455221f2e055c76bdf6ef47d6f88a9fb84ee9865d324c
    "#]]
    .assert_eq(&format!("format {}\n{}\n", crate::FORMAT_VERSION, digests.join("\n")));
}

#[test]
fn languages_in_fifteen_bits() {
    let unpack =
        |n: u16| [10, 5, 0].map(|shift| ((n >> shift & 31) as u8 + 0x60) as char).iter().collect::<String>();
    let cases = [
        ("vi", "vie"),
        ("ko-KR", "kor"),
        ("DE", "deu"),
        ("zh-Hant-TW", "zho"),
        ("yue", "yue"),
        ("zu", "zul"),
        ("aa", "aar"),
        ("", "und"),
        ("xx", "und"),
        ("x-private", "und"),
        ("é", "und"),
        ("i-klingon", "und"),
        ("abcd", "und"),
    ];
    for (tag, letters) in cases {
        assert_eq!(unpack(pack(tag)), letters, "{tag}");
    }
}

/// What mp4-atom reads: base decode time, data offset from the start of `moof`, and the samples.
fn read_by_mp4_atom(segment: &[u8], delay: u32) -> (u64, usize, Vec<Sample>) {
    let mut rest = segment;
    loop {
        let before = rest.len();
        let Some(mp4_atom::Any::Moof(moof)) = mp4_atom::Any::decode_maybe(&mut rest).unwrap() else {
            continue;
        };
        let start = segment.len() - before;
        let traf = &moof.traf[0];
        let (run, head) = (&traf.trun[0], &traf.tfhd);
        let samples = run.samples.iter().map(|s| Sample {
            size: s.size.or(head.default_sample_size).unwrap(),
            duration: s.duration.or(head.default_sample_duration).unwrap(),
            offset: s.cts.unwrap_or(0).wrapping_add_unsigned(delay.into()) as u32,
            sync: s.flags.or(head.default_sample_flags).unwrap() == SYNC,
        });
        let time = traf.tfdt.as_ref().unwrap().base_media_decode_time;
        return (time, start + run.data_offset.unwrap() as usize, samples.collect());
    }
}

fn few(values: &[u32]) -> impl Strategy<Value = u32> + Clone + use<> {
    proptest::sample::select(values.to_vec())
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let one = (
        few(&[0, 1, 7, 300]),
        few(&[1000, 1000, 1000, 999]),
        few(&[0, 0, 2000]),
        proptest::bool::weighted(0.2),
    );
    let uniform = (one.clone(), 1..40usize).prop_map(|(s, n)| vec![s; n]);
    prop_oneof![proptest::collection::vec(one, 1..40), uniform].prop_map(|all| {
        all.into_iter()
            .map(|(size, duration, offset, sync)| Sample { size, duration, offset, sync })
            .collect()
    })
}

proptest! {
    /// Two parsers that are not ours read back what was written, and find the payload where it is.
    #[test]
    fn two_parsers_agree(samples in samples(), sequence: u32, time in 0..u64::MAX / 4, delay in few(&[0, 2000])) {
        let mut segment = undelayed_fragment_header(sequence, time, delay, &samples);
        let payload = segment.len();
        segment.resize(payload + samples.iter().map(|s| s.size as usize).sum::<usize>(), 0xaa);

        prop_assert_eq!(read_by_mp4_atom(&segment, delay), (time, payload, samples.clone()));

        let mut demuxer = Fmp4SegmentDemuxer::new();
        demuxer.handle_init_segment(&init(&video(), 2000, "vi")).unwrap();
        // It does not know `styp`.
        let styp = segment.windows(4).position(|w| w == b"moof").unwrap() - 4;
        let read = demuxer.handle_media_segment(&segment[styp..]).unwrap();
        let (mut at, mut clock) = ((payload - styp) as u64, time);
        prop_assert_eq!(read.len(), samples.len());
        for (theirs, ours) in read.iter().zip(&samples) {
            prop_assert_eq!((theirs.data_offset, theirs.data_size as u32), (at, ours.size));
            prop_assert_eq!((theirs.timestamp, theirs.duration), (clock, ours.duration));
            prop_assert_eq!(theirs.composition_time_offset.unwrap_or(0), i64::from(ours.offset) - i64::from(delay));
            prop_assert_eq!(theirs.keyframe, ours.sync);
            at += u64::from(ours.size);
            clock += u64::from(ours.duration);
        }
    }
}

#[test]
fn mp4_atom_reads_the_init() {
    for (track, handler) in [(video(), "vide"), (sound(), "soun")] {
        let bytes = init(&track, 1024, "ko-KR");
        let mut rest = bytes.as_slice();
        let _ = mp4_atom::Any::decode_maybe(&mut rest).unwrap();
        let Some(mp4_atom::Any::Moov(moov)) = mp4_atom::Any::decode_maybe(&mut rest).unwrap() else {
            panic!("no moov")
        };
        assert!(rest.is_empty());
        let trak = &moov.trak[0];
        assert_eq!(trak.mdia.hdlr.handler.to_string(), handler);
        assert_eq!(trak.mdia.mdhd.timescale, track.timescale);
        assert_eq!(trak.mdia.mdhd.language, "kor");
        assert_eq!(trak.edts.as_ref().unwrap().elst.as_ref().unwrap().entries[0].media_time, Some(1024));
        assert_eq!(moov.mvex.unwrap().trex[0].default_sample_duration, track.unit_ticks);
    }
}
