//! Proves: no file makes the MP4 reader panic, overflow, hang or exhaust memory, and its sample
//! tables can be walked to the end they claim.
//! Proves not: that what it reads is right. Files above the length limit of the run are not tried.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let Ok(movie) = media::foreign::read(file) else { return };
    for track in &movie.tracks {
        let counted = track.samples().take(1 << 20).count() as u64;
        assert_eq!(counted, track.sample_count().min(1 << 20));
    }
});
