//! Proves: no scope that somebody types panics or overflows the reader, and one that is read keeps its
//! own rules.
//! Proves not: that it means what was meant.
#![no_main]

use libfuzzer_sys::fuzz_target;
use policy::Scope;

fuzz_target!(|text: &str| {
    let Ok(scope) = Scope::read(text) else { return };
    let again = Scope::new(&scope.written, scope.parts.clone()).expect("it keeps its own rules");
    assert_eq!(again, scope);
});
