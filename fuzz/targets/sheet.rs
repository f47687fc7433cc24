//! Proves: no JPEG makes the sheet's reader panic, and every tile it takes can head a sheet.
//! Proves not: that the sheet decodes; the sheet's own tests compare it in two decoders.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::sheet::{split, strip_header};

fuzz_target!(|jpeg: &[u8]| {
    let _ = strip_header(jpeg, 3);
    if let Ok(tile) = split(jpeg) {
        strip_header(&tile.header, 1).expect("a tile is a sheet of one");
    }
});
