//! Proves: any bytes read as WebVTT without a panic, and what was read, written and read again is
//! the same, to the byte.
//! Proves not: that browsers show the same; the cases of the standard's parser tests do.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::text::{read_vtt, write_vtt};

fuzz_target!(|bytes: &[u8]| {
    let _ = media::text::read(bytes, "fuzz.vtt");
    let Ok(cues) = read_vtt(bytes) else { return };
    let written = write_vtt(&cues);
    assert_eq!(read_vtt(written.as_bytes()).as_ref(), Ok(&cues));
});
