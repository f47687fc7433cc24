//! Tests the fuzzing: it must fail within seconds. Its six bytes are found one after the other only
//! if coverage leads the fuzzer; without it, it would take some 2^48 guesses.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let [b'p', b'h', b'i', b'm', b'!', b'?', ..] = bytes {
        panic!("the canary sings");
    }
});
