//! Tokens of another implementation, and ours for it: `vectors.txt` holds one line for each, `tests/browser`
//! has that implementation check ours and make its own again, with the same secret, claims and instant.

use super::tests::{NOW, REQUEST, claims};
use super::{issue, verify};
use crate::claims::{Claims, Renewal, RenewalKind};
use crate::key::{Issuer, Ring};

fn vector(name: &str) -> &'static str {
    let lines = include_str!("vectors.txt").lines();
    let mut named = lines.filter_map(|line| line.split_once(' ')).filter(|(known, _)| *known == name);
    named.next().expect("a vector of that name").1
}

fn vouched() -> Claims {
    let cookie = Some("phim".into());
    Claims {
        renewal: Some(Renewal { kind: RenewalKind::Cookie, add: 600, deadline: Some(120), cookie }),
        ..claims()
    }
}

#[test]
fn a_token_of_the_other_implementation_is_accepted() {
    let house = Issuer::hs256(b"house-1", &[1; 32]).unwrap();
    let ring = Ring { issuer: "phim".into(), audience: "edge".into(), keys: vec![house.key()] };
    assert_eq!(verify(&ring, vector("theirs"), &REQUEST, NOW), Ok(vouched()));
}

#[test]
fn ours_are_those_that_it_was_shown() {
    let house = Issuer::hs256(b"house-1", &[1; 32]).unwrap();
    assert_eq!(issue(&house, &vouched()).unwrap(), vector("ours"));
    let edge = Issuer::es256(b"edge-1", &[2; 32]).unwrap();
    assert_eq!(issue(&edge, &vouched()).unwrap(), vector("ours-signed"));
}
