//! The side of the sandbox that runs inside the child: it gives up rights, then works or execs.
//!
//! Invariants:
//! - Rights only shrink: nothing here grants what the parent did not have.
//! - What the kernel lacks is left out and reported ([`Gained`]), never silently assumed.
//! - After [`confine`] the process reads system libraries, fonts and the named paths, writes below the
//!   named folder, starts no other program than the named one, and has no sockets.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, set_parent_process_death_signal, setrlimit};
use serde::{Deserialize, Serialize};

use super::syscalls;

/// What one child may do. It travels as JSON in the child's arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The program to be executed; none when the child itself does the work.
    pub program: Option<PathBuf>,
    /// Files and folders that may be read.
    pub reads: Vec<PathBuf>,
    /// The one folder that may be written.
    pub folder: Option<PathBuf>,
    pub ceilings: Ceilings,
}

/// Limits that the kernel holds (setrlimit(2)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceilings {
    /// Bytes of memory that the child may write to.
    pub memory: u64,
    /// Seconds of processor time, all threads together.
    pub cpu_seconds: u64,
    /// Bytes of one written file.
    pub file: u64,
}

impl Default for Ceilings {
    fn default() -> Ceilings {
        Ceilings { memory: 8 << 30, cpu_seconds: 3600, file: 4 << 30 }
    }
}

/// What the kernel gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gained {
    /// The version of Landlock that holds, or none.
    pub landlock: Option<u8>,
    pub seccomp: bool,
    pub limits: bool,
    /// What failed and why, in words.
    pub lacking: Vec<String>,
}

/// Open files of a child at most; ffmpeg needs a few dozen for a ladder.
const OPEN_FILES: u64 = 256;
/// Bytes of address space beyond the memory: files that are mapped, and what allocators reserve for
/// each thread and never touch.
const ADDRESSES: u64 = 64 << 30;
/// Threads and processes of the *user* at most. The kernel counts everything the user runs, so this
/// stops a thread bomb without failing beside a busy server.
const TASKS: u64 = 8192;

/// Where system libraries, fonts and their settings stand. What does not exist is skipped.
const SYSTEM: &[&str] = &[
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/lib",
    "/lib64",
    "/nix/store",
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/etc/fonts",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/fontconfig",
    "/var/cache/fontconfig",
    "/usr/share/ffmpeg",
    "/dev/urandom",
    "/dev/null",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
];

/// Programs that load dynamically linked programs; the kernel opens them when it executes one.
const LOADERS: &[&str] = &[
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-linux-riscv64-lp64d.so.1",
];

/// Gives up every right that `policy` does not name. Never fails: what could not be had is reported.
pub fn confine(policy: &Policy) -> Gained {
    let mut gained = Gained::default();
    // The child must not outlive the thread that waits for it.
    if let Err(e) = set_parent_process_death_signal(Some(Signal::KILL)) {
        gained.lacking.push(format!("the child may outlive Phim: {e}"));
    }
    match limit(&policy.ceilings) {
        Ok(()) => gained.limits = true,
        Err(e) => gained.lacking.push(format!("limits: {e}")),
    }
    match restrict_files(policy) {
        Ok(Ok(abi)) => gained.landlock = Some(abi),
        Ok(Err(why)) => gained.lacking.push(format!("landlock: {why}")),
        Err(e) => gained.lacking.push(format!("landlock: {e}")),
    }
    match syscalls::restrict() {
        Ok(()) => gained.seccomp = true,
        Err(why) => gained.lacking.push(format!("seccomp: {why}")),
    }
    gained
}

fn limit(ceilings: &Ceilings) -> rustix::io::Result<()> {
    let wanted = [
        (Resource::Core, 0),
        (Resource::Data, ceilings.memory),
        (Resource::As, ceilings.memory.saturating_add(ADDRESSES)),
        (Resource::Cpu, ceilings.cpu_seconds),
        (Resource::Fsize, ceilings.file),
        (Resource::Nofile, OPEN_FILES),
        (Resource::Nproc, TASKS),
    ];
    for (resource, value) in wanted {
        let hard = getrlimit(resource).maximum;
        let value = hard.map_or(value, |hard| hard.min(value));
        setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?;
    }
    Ok(())
}

/// The version of Landlock that is enforced, or why none is.
fn restrict_files(policy: &Policy) -> Result<Result<u8, String>, RulesetError> {
    let abi = ABI::V7;
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let write = (AccessFs::from_all(abi) & !AccessFs::Execute) & !special_files();
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?;
    for path in SYSTEM {
        rules = allow(rules, Path::new(path), read)?;
    }
    for path in &policy.reads {
        rules = allow(rules, path, read)?;
    }
    rules = allow(rules, Path::new("/dev/null"), AccessFs::WriteFile.into())?;
    if let Some(folder) = &policy.folder {
        rules = allow(rules, folder, write)?;
    }
    if let Some(program) = &policy.program {
        for path in LOADERS.iter().map(Path::new).chain([program.as_path()]) {
            rules = allow(rules, path, AccessFs::Execute | AccessFs::ReadFile)?;
        }
    }
    let status = rules.restrict_self()?;
    Ok(match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, LandlockStatus::NotEnabled) => {
            Err("switched off in this kernel".to_string())
        }
        (RulesetStatus::NotEnforced, _) => Err("this kernel has none".to_string()),
        (_, LandlockStatus::Available { effective_abi, .. }) => Ok(effective_abi as u8),
        _ => Ok(1),
    })
}

fn special_files() -> BitFlags<AccessFs> {
    AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::MakeSock | AccessFs::MakeFifo | AccessFs::IoctlDev
}

/// Allows `access` beneath `path`; a path that does not exist needs no rule.
fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(fd) = PathFd::new(path) else {
        return Ok(rules);
    };
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(ABI::V7) };
    rules.add_rule(PathBeneath::new(fd, access))
}
