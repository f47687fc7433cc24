use super::*;

#[test]
fn a_commitment_is_the_hash_of_salt_and_document() {
    let salt = [3; 32];
    let both = [salt.as_slice(), b"a letter"].concat();
    let commitment = commit(&salt, b"a letter");
    assert_eq!(commitment, Digest32::of(&both));
    assert!(opens(&commitment, &salt, b"a letter"));
    assert!(!opens(&commitment, &salt, b"a letter "));
    assert!(!opens(&commitment, &[4; 32], b"a letter"));
}

#[test]
fn a_pseudonym_is_hmac() {
    // RFC 4231 section 4.3 with its key filled up with zeros to 32 bytes, which HMAC does as well.
    let mut key = [0; 32];
    key[..4].copy_from_slice(b"Jefe");
    assert_eq!(pseudonym(&key, "what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c7");
    assert_ne!(pseudonym(&key, "Lan"), pseudonym(&[1; 32], "Lan"));
    assert_ne!(pseudonym(&key, "Lan"), pseudonym(&key, "lan"));
}

#[test]
fn keys_for_two_purposes_are_two_keys() {
    let mut secret = [0; 32];
    secret[..4].copy_from_slice(b"Jefe");
    // RFC 4231 section 4.3, as above.
    let key = Digest32(derive_key(&secret, "what do ya want for nothing?"));
    assert_eq!(key.to_string(), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_ne!(derive_key(&secret, "the log vn"), derive_key(&secret, "the log kr"));
}
