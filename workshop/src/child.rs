//! What our own program does when it is executed again as a child.
//!
//! The first argument is a verb, the second the policy as JSON:
//! `run POLICY -- PROGRAM ARGS…` confines itself and becomes the program; `report POLICY` confines
//! itself and prints what the kernel gave; `look POLICY FILE` and `read POLICY FILE FOLDER` confine
//! themselves and read a foreign file (see [`crate::read`]).

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::sandbox::{Policy, confine};

/// Exit code of a child that could not become the program it was to become.
const CANNOT_EXECUTE: u8 = 127;
/// Exit code of a child whose arguments make no sense.
const USAGE: u8 = 2;

/// Runs the hidden verb whose arguments are `args`. `phim` calls it before anything else: no thread
/// may have been started, because confinement holds for the calling thread and its children.
pub fn child_main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let Some((verb, policy, rest)) = parse(&args) else {
        eprintln!("this verb is for Phim itself");
        return ExitCode::from(USAGE);
    };
    match (verb, rest) {
        ("run", [dashes, program, args @ ..]) if dashes == "--" => {
            confine(&policy);
            let error = Command::new(program).args(args).exec();
            eprintln!("cannot execute {}: {error}", Path::new(program).display());
            ExitCode::from(CANNOT_EXECUTE)
        }
        ("report", []) => print(&confine(&policy)),
        ("look", [file]) => {
            confine(&policy);
            print(&crate::read::look_here(Path::new(file)))
        }
        ("read", [file, folder]) => {
            confine(&policy);
            print(&crate::read::read_here(Path::new(file), Path::new(folder)))
        }
        _ => {
            eprintln!("this verb is for Phim itself");
            ExitCode::from(USAGE)
        }
    }
}

fn parse(args: &[OsString]) -> Option<(&str, Policy, &[OsString])> {
    let [verb, policy, rest @ ..] = args else {
        return None;
    };
    Some((verb.to_str()?, serde_json::from_str(policy.to_str()?).ok()?, rest))
}

fn print(value: &impl serde::Serialize) -> ExitCode {
    let written = serde_json::to_vec(value)
        .map_err(std::io::Error::from)
        .and_then(|json| std::io::stdout().write_all(&json));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("cannot report: {e}");
            ExitCode::FAILURE
        }
    }
}
