use super::{Seen, Use};

#[test]
fn a_second_use_is_known_until_the_token_ends() {
    let mut seen = Seen::new(2);
    assert_eq!(seen.note(b"a", 100, 0), Use::First);
    assert_eq!(seen.note(b"a", 100, 99), Use::Again);
    assert_eq!(seen.note(b"b", 50, 10), Use::First);
    assert_eq!(seen.note(b"c", 90, 20), Use::Full);
    // The end of b makes room; a is still known.
    assert_eq!(seen.note(b"c", 90, 50), Use::First);
    assert_eq!(seen.note(b"a", 100, 51), Use::Again);
    assert_eq!(seen.note(b"d", 200, 100), Use::First);
    assert_eq!(seen.len(), 1);
}
