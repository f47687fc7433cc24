//! Proves: any bytes read as TTML without a panic, an overflow or much time, and every cue survives
//! as WebVTT that the strict reader takes.
//! Proves not: that times and places are those of the standard; the IMSC cases do.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::text::{read, read_ttml, write_vtt};

fuzz_target!(|bytes: &[u8]| {
    let Ok(cues) = read_ttml(bytes) else { return };
    if !cues.is_empty() {
        let again = read(write_vtt(&cues).as_bytes(), "fuzz").expect("what is written reads");
        assert_eq!(again.len(), cues.len());
    }
});
