//! Proves: no XML panics the reader of avails or takes it long, and every avail that it gives is one that the
//! log can hold.
//! Proves not: that the windows are those of the contract.
#![no_main]

use avails::{Terms, read};
use libfuzzer_sys::fuzz_target;
use policy::avail::Dealing;

fuzz_target!(|bytes: &[u8]| {
    let Ok(import) = read(bytes, Terms { dealing: Dealing::default(), progress: &mut |_| {} }) else {
        return;
    };
    for avail in &import.entered {
        avail.check().expect("an avail keeps its limits");
    }
});
