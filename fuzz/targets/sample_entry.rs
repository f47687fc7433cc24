//! Proves: no sample entry of any coding makes its readers panic, and what two entries merge to is
//! an entry again, with a free parameter set id or an error.
//! Proves not: that a decoder takes the merged entry; the tests with ffmpeg and browsers do.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::{Codec, TrackKind, codec_string, entry, h264};

fuzz_target!(|input: (&[u8], &[u8])| {
    let (one, other) = input;
    for kind in [TrackKind::Video, TrackKind::Audio] {
        if let Ok(entry) = entry::read(one, kind) {
            let _ = (entry.pixel_aspect(), entry.colour());
            entry::read(&entry.plain(), kind).expect("a plain entry is an entry");
        }
    }
    for codec in Codec::ALL {
        let _ = codec_string::of(codec, one);
    }
    let _ = h264::free_sps_id(one);
    if let Ok(merged) = h264::merge(one, other) {
        h264::Avcc::of_entry(&merged).expect("a merged entry reads");
    }
});
