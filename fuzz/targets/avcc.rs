//! Proves: no `avcC` box and no parameter set or slice in it makes the H.264 readers panic, and
//! what is read is written back the same.
//! Proves not: that the numbers read are right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::h264::{Avcc, ParameterSets, idr_pic_id, inspect, is_idr};

fuzz_target!(|input: (&[u8], &[u8])| {
    let (body, sample) = input;
    let _ = is_idr(sample);
    let Ok(avcc) = Avcc::read(body) else { return };
    let written = avcc.write().expect("what was read can be written");
    assert_eq!(Avcc::read(&written), Ok(avcc.clone()));
    if let Ok(sets) = ParameterSets::of(&avcc) {
        let _ = inspect(sample, &sets);
        let _ = idr_pic_id(sample, &sets);
    }
});
