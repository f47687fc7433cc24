use expect_test::expect;

use super::*;

const GO: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

#[test]
fn the_id_of_a_published_key_is_found_again() {
    // The example of Go's golang.org/x/mod/sumdb/note.
    let key: VerifierKey = GO.parse().unwrap();
    assert_eq!((key.name(), key.id()), ("PeterNeumann", [0xc7, 0x4f, 0x20, 0xa3]));
    assert!(key.is_log());
    assert_eq!(key.to_string(), GO);
    // The key of Go's checksum database, sum.golang.org.
    let key = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    assert_eq!(key.parse::<VerifierKey>().unwrap().to_string(), key);
}

#[test]
fn one_seed_makes_two_keys_that_are_told_apart() {
    let log = LogKey::new("example.org/vn", &[7; 32]).unwrap().verifier();
    let witness = WitnessKey::new("example.org/vn", &[7; 32]).unwrap().verifier();
    assert_eq!(log.public_key(), witness.public_key());
    assert_ne!(log.id(), witness.id());
    assert_eq!(witness.to_string().parse::<VerifierKey>().unwrap(), witness);
    assert!(!witness.is_log());
}

#[test]
fn malformed_keys_are_refused() {
    let refused = |text: &str| text.parse::<VerifierKey>().unwrap_err().message;
    expect![[r#""PeterNeumann" is not a verifier key: it does not have three parts"#]]
        .assert_eq(&refused("PeterNeumann"));
    expect![[r#""PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW" is not a verifier key: the id is not that of the key"#]]
        .assert_eq(&refused(&GO.replace("a3", "a4")));
    expect![[r#""PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW" is not a verifier key: the id is not that of the key"#]]
        .assert_eq(&refused(&GO.replace("c74f20a3", "C74F20A3")));
    expect![[r#""PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW" is not a verifier key: the type is not known here"#]]
        .assert_eq(&refused(&GO.replace("+ARpc", "+Ahpc")));
    expect![[r#""a+00000000+AQ==" is not a verifier key: the key is not an Ed25519 key"#]]
        .assert_eq(&refused("a+00000000+AQ=="));
    expect![[r#""a+00000000+*" is not a verifier key: the key is not base64"#]]
        .assert_eq(&refused("a+00000000+*"));
    expect![[r#""" cannot name a key"#]].assert_eq(&refused("+00000000+AQ=="));
}

#[test]
fn names_have_no_spaces_and_no_plus() {
    for name in ["", " ", "a b", "a+b", "a\nb", "a\u{3000}b", "a\u{85}", "a\u{7f}", &"a".repeat(256)] {
        assert!(LogKey::new(name, &[1; 32]).is_err(), "{name:?}");
    }
    assert!(WitnessKey::new("phim.example/chứng-nhân", &[1; 32]).is_ok());
}
