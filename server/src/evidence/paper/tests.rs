use super::*;

#[test]
fn dates_are_replaced_and_nothing_moves() {
    let mut pdf =
        b"1 0 obj<</CreationDate (D:20261122010203+00'00')/ModDate (D:20261122010203+00'00')>>x/ModDate (D:2"
            .to_vec();
    undate(&mut pdf);
    let text = String::from_utf8(pdf).expect("text");
    assert_eq!(
        text,
        "1 0 obj<</CreationDate (D:20000101000000+00'00')/ModDate (D:20000101000000+00'00')>>x/ModDate (D:2"
    );
}
