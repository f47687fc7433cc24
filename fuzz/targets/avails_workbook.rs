//! Proves: no bytes panic the reader of workbooks, whatever they say of their parts and sizes.
//! Proves not: much about cells, which stand behind compression; properties in `avails/tests` try those.
#![no_main]

use avails::{Terms, read};
use libfuzzer_sys::fuzz_target;
use policy::avail::Dealing;

fuzz_target!(|bytes: &[u8]| {
    let mut book = b"PK\x03\x04".to_vec();
    book.extend_from_slice(bytes.strip_prefix(b"PK\x03\x04").unwrap_or(bytes));
    let Ok(import) = read(&book, Terms { dealing: Dealing::default(), progress: &mut |_| {} }) else {
        return;
    };
    for avail in &import.entered {
        avail.check().expect("an avail keeps its limits");
    }
});
