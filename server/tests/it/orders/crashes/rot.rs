//! One flipped bit on the disk: found and named, and nothing forbidden is served because of it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Cinema, VIETNAM, as_owner, cut, leaked, once, ordered, put_in};
use super::NETWORKS;
use super::layer::Dice;
use crate::film;
use crate::phim::{Server, run};

/// Bits flipped, one after the other, in each file.
const FLIPS: u64 = 40;

/// An archive in which an order on frames 96 to 143 stands, and what shows of it.
struct Archive {
    dir: tempfile::TempDir,
    token: String,
    base: String,
    shown: Vec<Value>,
}

impl Archive {
    /// Closed in good order, so that everything lies in the database file; or killed, so that the last
    /// decisions lie in its write-ahead log.
    fn new(closed: bool) -> Archive {
        let dir = tempfile::tempdir().expect("a folder");
        put_in(dir.path(), |archive| Box::pin(film::put(archive, "noise", 400, 1)));
        let token =
            run(dir.path(), &["desk", "--json"]).json()["token"].as_str().expect("a token").to_string();
        let server = Server::start(dir.path(), &NETWORKS);
        let cinema = Cinema { dir, server, token };
        for (number, first) in [("1", 96), ("2", 288)] {
            cinema.place(&cut(number, &["VN"], first, first + 47));
            cinema.order_once(number, |order| order["frame_accurate"] != json!([]));
        }
        cinema.lift("2");
        settled(&cinema);
        let (base, shown) = (cinema.whole("noise"), shown(&cinema));
        let Cinema { dir, server, token } = cinema;
        if closed {
            server.end();
            // Whoever opens it next and closes it well leaves no log.
            as_owner(dir.path(), |_| Box::pin(async {}));
            assert!(!dir.path().join("catalogue.sqlite-wal").exists());
        }
        Archive { dir, token, base, shown }
    }

    fn copy(&self) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        let copied = Command::new("cp").arg("-a").arg(self.dir.path().join(".")).arg(dir.path()).status();
        assert!(copied.expect("cp runs").success());
        dir
    }

    /// Serves a copy with flipped bits of `file`; what the program said if it does not start.
    fn with_flipped(&self, file: &str, bits: &[u64]) -> Result<Cinema, String> {
        let dir = self.copy();
        flip(&dir.path().join(file), bits);
        let server = Server::try_start(dir.path(), &NETWORKS, &[])?;
        Ok(Cinema { dir, server, token: self.token.clone() })
    }

    /// No ordered sample is sent, at the address that was handed out or any that is handed out now.
    fn assert_held(&self, cinema: &Cinema, flipped: &str) {
        let ordered = ordered(1, 96, 144);
        for name in ["v0/1.m4s", "v1/1.m4s", "a0/1.m4s", "a1/1.m4s"] {
            let body = cinema.get(VIETNAM, &format!("{}/{name}", self.base)).body;
            assert_eq!(leaked(&body, &ordered), [], "{flipped}: {name}");
        }
        let (_, play) = cinema.play(VIETNAM, json!({"title": "noise"}));
        for n in 0..5 {
            let composition = play["composition"].as_str().unwrap_or("none");
            let body = cinema.get(VIETNAM, &format!("/c/{composition}/v0/{n}.m4s")).body;
            assert_eq!(leaked(&body, &ordered), [], "{flipped}: {n}");
        }
    }
}

/// Waits until no job has anything to add.
fn settled(cinema: &Cinema) {
    let list = || cinema.verb(&["order", "list"]);
    once(|| {
        let before = list();
        std::thread::sleep(Duration::from_millis(100));
        (list() == before).then_some(())
    });
}

fn flip(path: &Path, bits: &[u64]) {
    let mut bytes = std::fs::read(path).expect("the file");
    bits.iter().for_each(|bit| bytes[*bit as usize / 8] ^= 1 << (bit % 8));
    std::fs::remove_file(path).expect("the old one");
    std::fs::write(path, bytes).expect("written");
}

fn bits(path: &Path) -> u64 {
    std::fs::metadata(path).expect("the file").len() * 8
}

/// Everything that the verbs tell of films and orders.
fn shown(cinema: &Cinema) -> Vec<Value> {
    let verbs: [&[&str]; 4] =
        [&["order", "list"], &["title", "show", "noise"], &["version", "list"], &["desk"]];
    verbs.map(|verb| cinema.try_verb(verb)).into_iter().map(|done| json!([done.out, done.err])).collect()
}

fn faults(cinema: &Cinema) -> Value {
    let said = cinema.try_verb(&["check", "--level", "hashed"]).out;
    // What is wrong makes the verb fail, and an error follows what was found.
    let checked = serde_json::Deserializer::from_str(&said).into_iter::<Value>().next();
    let checked = checked.expect("an answer").expect("JSON");
    json!([checked["faults"], checked["losses"]])
}

/// Flips bits of a file as the dice fall. Each is refused at the start with its place and what to do; or
/// the order holds, and either `phim check` finds the bit or nothing that anybody sees depends on it.
fn flip_bits_of(file: &str, archive: &Archive, seed: u64) -> (u32, u32, u32) {
    let (mut refused, mut found, mut idle) = (0, 0, 0);
    let mut dice = Dice::new(seed);
    let bits = bits(&archive.dir.path().join(file));
    for _ in 0..FLIPS {
        let bit = dice.below(bits);
        let flipped = format!("bit {bit} of {file}");
        match archive.with_flipped(file, &[bit]) {
            Err(said) => {
                assert!(said.contains("catalogue") && said.contains("Put back"), "{flipped}: {said}");
                refused += 1;
            }
            Ok(cinema) => {
                archive.assert_held(&cinema, &flipped);
                if faults(&cinema) != json!([[], []]) {
                    found += 1;
                } else {
                    for (is, was) in shown(&cinema).iter().zip(&archive.shown) {
                        assert_eq!(is, was, "{flipped}");
                    }
                    idle += 1;
                }
            }
        }
    }
    println!("{file}: {refused} refused at the start, {found} found by the check, {idle} of no account");
    (refused, found, idle)
}

#[test]
fn the_catalogue() {
    let archive = Archive::new(true);
    let (refused, found, _) = flip_bits_of("catalogue.sqlite", &archive, 12);
    assert!(refused > 0 && found > 0);
}

/// SQLite passes over what stands behind a damaged place of its log; the house does not.
#[test]
fn the_write_ahead_log() {
    let archive = Archive::new(false);
    let (refused, ..) = flip_bits_of("catalogue.sqlite-wal", &archive, 2);
    assert!(refused > 0);
    // Without the file that says where the logs end, such a bit would undo an order in silence.
    std::fs::remove_file(archive.dir.path().join("log-ends")).expect("removed");
    let bits = bits(&archive.dir.path().join("catalogue.sqlite-wal"));
    let undone = (0..8).filter(|eighth| {
        let cinema = archive.with_flipped("catalogue.sqlite-wal", &[(2 * eighth + 1) * bits / 16]);
        cinema.is_ok_and(|cinema| shown(&cinema)[0] != archive.shown[0])
    });
    assert!(undone.count() > 0);
}

/// Where `text` stands in a file, also in pages that are free now: bits in the middle of it.
fn places_of(path: &Path, text: &str) -> Vec<u64> {
    let bytes = std::fs::read(path).expect("the file");
    let windows = bytes.windows(text.len()).enumerate();
    let places = windows.filter(|(_, window)| *window == text.as_bytes());
    places.map(|(at, _)| (at + text.len() / 2) as u64 * 8).collect()
}

#[test]
fn a_record_a_title_and_a_document() {
    let archive = Archive::new(true);
    let catalogue = archive.dir.path().join("catalogue.sqlite");
    let said = archive
        .with_flipped("catalogue.sqlite", &places_of(&catalogue, "Decree 131"))
        .err()
        .expect("refused");
    assert!(said.contains("of log \"vn\" has changed on the disk"), "{said}");
    let said =
        archive.with_flipped("catalogue.sqlite", &places_of(&catalogue, "© nobody")).err().expect("refused");
    assert!(said.contains("the title \"noise\" has changed on the disk"), "{said}");
    let cinema =
        archive.with_flipped("catalogue.sqlite", &places_of(&catalogue, "settled")).expect("it starts");
    let faults = faults(&cinema).to_string();
    assert!(faults.contains("a document of record") && faults.contains("of log vn has changed"), "{faults}");
    archive.assert_held(&cinema, "a document");
}

#[test]
fn a_blob() {
    let archive = Archive::new(true);
    let blobs = archive.dir.path().join("blobs");
    let folders = std::fs::read_dir(&blobs).expect("blobs").map(|folder| folder.expect("a folder").path());
    let files: Vec<PathBuf> = folders
        .flat_map(|folder| {
            std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path())
        })
        .collect();
    let mut dice = Dice::new(3);
    for path in files {
        let name = path.strip_prefix(archive.dir.path()).expect("below").to_str().expect("a name");
        let bit = dice.below(bits(&path));
        let cinema = archive.with_flipped(name, &[bit]).expect("it starts");
        let digest = name.trim_start_matches("blobs/").replace('/', "");
        assert!(faults(&cinema).to_string().contains(&digest), "{name}");
        archive.assert_held(&cinema, name);
    }
}
