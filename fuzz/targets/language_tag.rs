//! Proves: no text panics as a language tag, canonical tags stay as they are, and the code for MP4
//! has three letters.
//! Proves not: that the language exists.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::text::{from_mp4, language_tag, to_mp4};

fuzz_target!(|text: &str| {
    if let Ok(tag) = language_tag(text) {
        assert_eq!(language_tag(&tag).as_ref(), Ok(&tag));
        assert_eq!(to_mp4(&tag).len(), 3);
    }
    language_tag(&from_mp4(text)).expect("what MP4 gives is a tag");
    assert_eq!(to_mp4(text).len(), 3);
});
