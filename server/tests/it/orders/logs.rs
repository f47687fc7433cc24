//! The ledgers as outsiders see them, and what is found when a bit of them flips.

use ledger::{VerifierKey, verify};
use serde_json::json;

use super::{Cinema, VIETNAM, cut, of, serve};
use crate::client::ask;
use crate::phim::run;

/// Reads a whole log over HTTP and verifies it; answers its size and root, and the tree.
fn read_log(cinema: &Cinema, log: &str) -> (u64, ledger::Digest32, ledger::Tree) {
    let key = ask(cinema.server.at(), "GET", &format!("/ledger/{log}/key"), &[], "").text();
    let key: VerifierKey = key.trim().parse().expect("a key");
    let bearer = format!("Bearer {}", cinema.token);
    let read = |path: &str| {
        let answer = ask(
            cinema.server.at(),
            "GET",
            &format!("/ledger/{log}/{path}"),
            &[("authorization", &bearer)],
            "",
        );
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        Ok(answer.body)
    };
    let verified = verify(read, &[key], &[]).unwrap_or_else(|e| panic!("{e}"));
    (verified.checkpoint.size, verified.checkpoint.root, verified.tree)
}

#[test]
fn logs_verify_and_only_grow() {
    let cinema = Cinema::open(500);
    let mut before: Option<(u64, ledger::Digest32)> = None;
    for n in 0..6 {
        cinema.place(&cut(&n.to_string(), &["VN"], 60, 70));
        let (size, root, tree) = read_log(&cinema, "vn");
        if let Some((old, old_root)) = before {
            assert!(size > old);
            assert_eq!(tree.root(old).expect("a root"), old_root, "what was signed is no longer there");
            let proof = tree.prove_consistency(old, size).expect("a proof");
            assert!(proof.len() < 8);
        }
        before = Some((size, root));
        cinema.lift(&n.to_string());
    }
    cinema.place(&of("noise", "both", &["VN", "KR"], "mute", "100f-120f"));
    let (house, _, _) = read_log(&cinema, "house");
    assert!(house >= 1);
    assert_eq!(cinema.get(VIETNAM, "/ledger/kr/checkpoint").status, 404, "Korea decided nothing of its own");
    assert!(cinema.get(VIETNAM, "/ledger/checkpoint").text().starts_with("phim/"));
    // Hashes are for everybody, entries for those with the token.
    assert_eq!(cinema.get(VIETNAM, "/ledger/vn/tile/0/000.p/1").status, 200);
    assert_eq!(cinema.get(VIETNAM, "/ledger/vn/tile/entries/000.p/1").status, 401);
    assert_eq!(cinema.get(VIETNAM, "/ledger/vn/tile/0/999").status, 404);
    // A restart signs nothing that differs.
    let (size, root, _) = read_log(&cinema, "vn");
    let Cinema { dir, server, token } = cinema;
    server.end();
    let cinema = Cinema { server: serve(dir.path(), &[]), dir, token };
    let (again, _, tree) = read_log(&cinema, "vn");
    assert!(again >= size);
    assert_eq!(tree.root(size).expect("a root"), root);
}

/// Ends a server, and has all that it wrote moved from the journal into the catalogue.
fn settle(server: crate::phim::Server, dir: &std::path::Path) {
    assert!(server.end().success());
    super::put_in(dir, |_| Box::pin(async {}));
}

/// One flipped bit in a stored record, which leaves it as readable as before, is found and named.
#[test]
fn a_flipped_bit() {
    let cinema = Cinema::open(500);
    cinema.place(&cut("1", &["VN"], 60, 70));
    let mut order = cut("2", &["VN"], 60, 70);
    order["legal_basis"] = json!("Thirteenth Decree");
    cinema.place(&order);
    cinema.order_once("2", |order| order["failed"] != json!([]));
    let number = cinema.verb(&["check"])["records"].as_u64();
    assert!(number >= Some(4));
    let Cinema { dir, server, token: _ } = cinema;
    settle(server, dir.path());
    let path = dir.path().join("catalogue.sqlite");
    let mut bytes = std::fs::read(&path).expect("the catalogue");
    let at = bytes.windows(17).position(|w| w == b"Thirteenth Decree").expect("the record is stored as text");
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).expect("written");
    for verb in [&["check"][..], &["order", "list"], &["serve", "--port", "0"]] {
        let done = run(dir.path(), verb);
        assert_eq!(done.status.code(), Some(6), "{verb:?}: {}{}", done.out, done.err);
        assert!(done.err.contains("of log \"vn\" has changed"), "{verb:?}: {}", done.err);
    }
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).expect("written");
    assert_eq!(run(dir.path(), &["check", "--json"]).json()["faults"], json!([]));
}
