//! What encryption and tokens cost, beside the same film in the clear for everybody.

use media::{Error, Result};

use super::{CLEAR, Shelf, Stand, add_up, load_ours, make_versions, notes, path, per_cpu, rounds, stand};
use super::{QUICK, start, whole_groups};
use crate::Asked;
use crate::measure::{Outcome, Side, median};
use crate::program::{Server, fetch};

const GUARDED: Shelf = Shelf { title: "guarded", folder: "e" };
/// What encrypted segments must reach of what clear ones do.
const REACH: f64 = 0.7;

pub fn serve_encrypted(asked: &Asked) -> Result<Vec<Outcome>> {
    let stand = stand(asked, QUICK)?;
    // The same bytes are stored once, whatever titles have them.
    stand.program.verb(&["add", "--ready", "--title", GUARDED.title, path(&stand.film)])?;
    stand.program.verb(&["title", "protect", GUARDED.title])?;
    let cuts = |k: u32| vec![whole_groups(k, stand.groups)];
    let clear = make_versions(&stand, &CLEAR, "whole", cuts)?;
    let encrypted = make_versions(&stand, &GUARDED, "whole", cuts)?;
    Ok(vec![beside_clear(&stand, &clear, &encrypted)?, with_tokens(&stand, &clear)?])
}

fn beside_clear(stand: &Stand, clear: &[Vec<String>], encrypted: &[Vec<String>]) -> Result<Outcome> {
    let server = start(stand, &[])?;
    differ(&server, &clear[0][1], &encrypted[0][1])?;
    let (ours, theirs, ratio) = compare(stand, &server, &server, encrypted, clear)?;
    Ok(Outcome {
        name: "serve-encrypted".into(),
        ours: Side { name: "encrypted (cbcs)".into(), ..ours },
        peer: Some(Side { name: "in the clear".into(), ..theirs }),
        measure: "bytes per CPU second, median of the rounds".into(),
        ratio: Some(ratio),
        reach: format!(">= {REACH}"),
        reached: ratio >= REACH,
        notes: notes(stand),
    })
}

/// The same addresses with and without a token in each.
fn with_tokens(stand: &Stand, clear: &[Vec<String>]) -> Result<Outcome> {
    let open = start(stand, &[])?;
    let paths: Vec<Vec<String>> = clear.to_vec();
    let (plain, plain_requests) = one_side(stand, &open, &paths)?;
    drop(open);
    let asking = start(stand, &["--tokens"])?;
    let mut tokened = Vec::new();
    for (k, version) in clear.iter().enumerate() {
        let (_, told) =
            stand.program.verb(&["play-url", &format!("{}/whole-{k}", CLEAR.title), "--base", ""])?;
        let front = told["hls"].as_str().and_then(|hls| hls.split_once("/c/"));
        let (front, _) = front.ok_or_else(|| Error::invalid("play-url without an address"))?;
        tokened.push(version.iter().map(|segment| format!("{front}{segment}")).collect::<Vec<_>>());
    }
    let (with, requests) = one_side(stand, &asking, &tokened)?;
    let micros = |side: &Side, requests: u64| side.cpu_seconds * 1e6 / requests as f64;
    let ratio = per_cpu(&with) / per_cpu(&plain);
    let mut notes = notes(stand);
    notes.push(format!(
        "{:.1} us CPU a request with a token, {:.1} us without",
        micros(&with, requests),
        micros(&plain, plain_requests)
    ));
    Ok(Outcome {
        name: "serve-tokens".into(),
        ours: Side { name: "each request with a token".into(), ..with },
        peer: Some(Side { name: "no tokens asked for".into(), ..plain }),
        measure: "bytes per CPU second".into(),
        ratio: Some(ratio),
        reach: "stated".into(),
        reached: true,
        notes,
    })
}

/// Both sides in turn, round by round.
fn compare(
    stand: &Stand,
    our_server: &Server,
    their_server: &Server,
    ours: &[Vec<String>],
    theirs: &[Vec<String>],
) -> Result<(Side, Side, f64)> {
    let (mut a, mut b, mut ratios) = (Side::default(), Side::default(), Vec::new());
    for (one, two) in rounds(ours, stand.rounds).iter().zip(&rounds(theirs, stand.rounds)) {
        let one = load_ours(stand, our_server, one)?;
        let two = load_ours(stand, their_server, two)?;
        ratios.push(per_cpu(&one) / per_cpu(&two));
        add_up(&mut a, &one);
        add_up(&mut b, &two);
    }
    Ok((a, b, median(ratios)))
}

fn one_side(stand: &Stand, server: &Server, paths: &[Vec<String>]) -> Result<(Side, u64)> {
    let mut total = Side::default();
    for round in rounds(paths, stand.rounds) {
        add_up(&mut total, &load_ours(stand, server, &round)?);
    }
    let requests = total.more.get("requests").and_then(|n| n.as_u64()).unwrap_or(1);
    Ok((total, requests))
}

/// The two are of one length but for their headers, and are not the same.
fn differ(server: &Server, clear: &str, encrypted: &str) -> Result<()> {
    let clear = fetch(&format!("{}{clear}", server.url))?;
    let encrypted = fetch(&format!("{}{encrypted}", server.url))?;
    if encrypted.len() < clear.len()
        || clear[clear.len() / 2..] == encrypted[encrypted.len() - clear.len() / 2..]
    {
        return Err(Error::internal("the protected title is not served encrypted"));
    }
    Ok(())
}
