//! Proves: any bytes read as SubRip without a panic, and every cue survives as WebVTT that the
//! strict reader takes.
//! Proves not: that dirt is read as its author meant it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::text::{read, read_srt, write_vtt};

fuzz_target!(|bytes: &[u8]| {
    let Ok(cues) = read_srt(bytes) else { return };
    if !cues.is_empty() {
        let again = read(write_vtt(&cues).as_bytes(), "fuzz").expect("what is written reads");
        assert_eq!(again.len(), cues.len());
        let text = |cues: &[media::text::Cue]| cues.iter().map(|cue| cue.payload.clone()).collect::<Vec<_>>();
        assert_eq!(text(&again), text(&cues));
    }
});
