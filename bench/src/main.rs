//! Benchmarks of the program `phim`, each beside its peer on the same work in the same run.
//!
//! Absolute times of a shared machine mean little, so what counts is the ratio of both sides, and CPU
//! seconds stand beside wall seconds. Films are synthesised once and kept in the work folder; no two
//! of their groups of pictures are equal (a burnt-in frame number and noise). Archives start empty.

mod add;
mod avails;
mod browse;
mod film;
mod gate;
mod lawful;
mod measure;
mod open;
mod order;
mod peers;
mod program;
mod serve;
mod version;

use std::path::PathBuf;
use std::process::ExitCode;

use measure::Outcome;
use media::{Error, Result};

const NAMES: [&str; 10] = [
    "serve",
    "serve-version",
    "serve-encrypted",
    "version",
    "add",
    "open",
    "order",
    "avails",
    "gate",
    "browse",
];

/// What the command line asks for.
pub struct Asked {
    names: Vec<String>,
    json: bool,
    /// Smaller films and fewer requests, to see that the benchmarks work. Its figures mean nothing.
    quick: bool,
    work: PathBuf,
    phim: PathBuf,
}

fn asked() -> Result<Asked> {
    let folder = std::env::var_os("PHIM_BENCH").map_or_else(|| PathBuf::from("target/bench"), PathBuf::from);
    let phim = std::env::var_os("PHIM").map_or_else(|| PathBuf::from("target/release/phim"), PathBuf::from);
    let mut asked = Asked { names: Vec::new(), json: false, quick: false, work: folder, phim };
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "--json" => asked.json = true,
            "--quick" => asked.quick = true,
            name if NAMES.contains(&name) => asked.names.push(word),
            _ => {
                return Err(Error::invalid(format!("no benchmark named {word}"))
                    .remedy(format!("There are {}, and the switches --json and --quick", NAMES.join(", "))));
            }
        }
    }
    if asked.names.is_empty() {
        asked.names = NAMES.map(String::from).to_vec();
    }
    std::fs::create_dir_all(&asked.work).map_err(measure::failed("making the work folder"))?;
    asked.work = asked.work.canonicalize().map_err(measure::failed("finding the work folder"))?;
    asked.phim = asked.phim.canonicalize().map_err(measure::failed("finding the program phim"))?;
    Ok(asked)
}

fn run(asked: &Asked, name: &str) -> Result<Vec<Outcome>> {
    match name {
        "serve" => serve::serve(asked),
        "serve-version" => serve::serve_version(asked),
        "serve-encrypted" => serve::serve_encrypted(asked),
        "version" => version::version(asked),
        "add" => add::add(asked),
        "order" => order::order(asked),
        "avails" => avails::avails(asked),
        "gate" => gate::gate(asked),
        "browse" => browse::browse(asked),
        _ => open::open(asked),
    }
}

fn main() -> ExitCode {
    let asked = match asked() {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let mut all = Vec::new();
    let mut failed = false;
    for name in &asked.names {
        match run(&asked, name) {
            Ok(outcomes) => {
                if !asked.json {
                    outcomes.iter().for_each(|o| print!("{o}"));
                }
                all.extend(outcomes);
            }
            Err(error) => {
                eprintln!("error: {name}: {error}");
                failed = true;
            }
        }
    }
    if asked.json {
        println!("{}", serde_json::to_string_pretty(&all).expect("outcomes are plain data"));
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
