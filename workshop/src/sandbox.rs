//! Children in a sandbox: the only way in which this room runs a program or reads a foreign file.
//!
//! The child is our own program, executed again under a hidden verb: it gives up its rights
//! ([`confine`]) and then becomes ffmpeg, or parses a foreign file itself.
//!
//! Invariants:
//! - A child never outlives the call that started it: timeout, error, panic and our own death kill its
//!   whole process group.
//! - Everything a child says is bounded: standard output by the job's limit, standard error to its tail.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use media::{Error, Kind, Result};
use rustix::pipe::fcntl_setpipe_size;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

pub use confine::{Ceilings, Gained, Policy, confine};

mod confine;
mod syscalls;

/// How our own program is executed again as a child: `program args… run POLICY -- …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    pub program: PathBuf,
    pub args: Vec<String>,
}

/// Runs children. Cheap to share by reference; any number of threads may run jobs at once.
pub struct Sandbox {
    child: Child,
    path: OsString,
    ffmpeg: OnceLock<PathBuf>,
    ffprobe: OnceLock<PathBuf>,
    gained: OnceLock<Gained>,
    /// What no job may exceed, whatever its own limit is.
    wall: Duration,
}

/// One run of a program.
pub struct Job<'a> {
    /// What is being done, for errors: "the ladder", "a patch of rendition 0".
    pub step: &'a str,
    pub args: Vec<OsString>,
    /// Files that the program may read.
    pub reads: Vec<PathBuf>,
    /// The folder that it may read and write; also its working directory.
    pub folder: Option<&'a Path>,
    pub limits: Limits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long the program may run by the clock on the wall.
    pub wall: Duration,
    /// Bytes of standard output at most.
    pub output: u64,
    pub ceilings: Ceilings,
}

impl Default for Limits {
    /// For short work: ten minutes, 256 MiB of output.
    fn default() -> Limits {
        Limits { wall: Duration::from_secs(600), output: 256 << 20, ceilings: Ceilings::default() }
    }
}

/// Bytes of the pipe for standard output: what Linux grants to everybody is four times that.
const PIPE: usize = 256 << 10;
/// Bytes of standard error that are kept, from its end.
const TAIL: usize = 64 << 10;
/// Bytes of it that an error quotes at most.
const QUOTE: usize = 800;

impl Sandbox {
    /// `child` executes our own program again; `path` is the search path on which ffmpeg is looked for.
    pub fn new(child: Child, path: impl Into<OsString>) -> Sandbox {
        Sandbox {
            child,
            path: path.into(),
            ffmpeg: OnceLock::new(),
            ffprobe: OnceLock::new(),
            gained: OnceLock::new(),
            wall: Duration::MAX,
        }
    }

    /// The same sandbox, in which no job runs longer than `wall`, whatever its own limit is.
    pub fn within(self, wall: Duration) -> Sandbox {
        Sandbox { wall, ..self }
    }

    /// What the kernel gives to children here. Measured once, by a child that confines itself.
    pub fn gained(&self) -> Result<&Gained> {
        if let Some(gained) = self.gained.get() {
            return Ok(gained);
        }
        let mut out = Vec::new();
        let job = Job::new("a look at what the kernel gives", Vec::new());
        self.ourselves("report", job, &mut |bytes| {
            out.extend_from_slice(bytes);
            Ok(())
        })?;
        let gained = serde_json::from_slice(&out)
            .map_err(|e| Error::internal(format!("the child's report cannot be read: {e}")))?;
        Ok(self.gained.get_or_init(|| gained))
    }

    /// The same in words, one sentence, for people.
    pub fn report(&self) -> String {
        match self.gained() {
            Ok(gained) => gained.to_string(),
            Err(e) => format!("ffmpeg cannot be run in a sandbox: {e}"),
        }
    }

    /// Where ffmpeg stands. `Unavailable` with the remedy when it is missing.
    pub fn ffmpeg(&self) -> Result<&Path> {
        self.tool("ffmpeg", &self.ffmpeg)
    }
    /// Where ffprobe stands. `Unavailable` with the remedy when it is missing.
    pub fn ffprobe(&self) -> Result<&Path> {
        self.tool("ffprobe", &self.ffprobe)
    }

    fn tool<'a>(&self, name: &str, place: &'a OnceLock<PathBuf>) -> Result<&'a Path> {
        if let Some(path) = place.get() {
            return Ok(path);
        }
        let found =
            std::env::split_paths(&self.path).map(|folder| folder.join(name)).find(|file| file.is_file());
        let found = found.and_then(|file| file.canonicalize().ok()).ok_or_else(|| {
            Error::new(Kind::Unavailable, format!("{name} is not on the search path"))
                .remedy("Install it, on Debian or Ubuntu with: apt-get install ffmpeg")
        })?;
        Ok(place.get_or_init(|| found))
    }

    /// Runs ffmpeg; `output` is called with the bytes of its standard output as they come. Gives back the
    /// end of what it said on standard error.
    pub fn run_ffmpeg(&self, job: Job, output: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<String> {
        let program = self.ffmpeg()?.to_path_buf();
        self.become_program(program, job, output)
    }

    /// Runs ffprobe in the same way.
    pub fn run_ffprobe(&self, job: Job, output: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<String> {
        let program = self.ffprobe()?.to_path_buf();
        self.become_program(program, job, output)
    }

    fn become_program(
        &self,
        program: PathBuf,
        job: Job,
        output: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<String> {
        let policy = job.policy(Some(program.clone()))?;
        let mut args: Vec<OsString> = vec!["run".into(), policy.into(), "--".into(), program.into()];
        args.extend(job.args.iter().cloned());
        self.run(args, job, output)
    }

    /// Runs our own program under the hidden verb `verb`; it confines itself before it works.
    pub(crate) fn ourselves(
        &self,
        verb: &str,
        job: Job,
        output: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<String> {
        let mut args: Vec<OsString> = vec![verb.into(), job.policy(None)?.into()];
        args.extend(job.args.iter().cloned());
        self.run(args, job, output)
    }

    fn run(
        &self,
        args: Vec<OsString>,
        job: Job,
        output: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<String> {
        let mut command = Command::new(&self.child.program);
        command.args(&self.child.args).args(args);
        // Nothing of our environment is the child's business; fontconfig wants a home for its cache.
        command
            .env_clear()
            .env("LANG", "C.UTF-8")
            .env("HOME", job.folder.unwrap_or(Path::new("/nonexistent")));
        command.current_dir(job.folder.unwrap_or(Path::new("/"))).process_group(0);
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|e| {
            Error::new(Kind::Unavailable, format!("cannot start a child for {}: {e}", job.step)).at(self
                .child
                .program
                .display()
                .to_string())
        })?;
        let wall = job.limits.wall.min(self.wall);
        watch(child, &Job { limits: Limits { wall, ..job.limits }, ..job }, output)
    }
}

impl<'a> Job<'a> {
    pub fn new(step: &'a str, args: Vec<OsString>) -> Job<'a> {
        Job { step, args, reads: Vec::new(), folder: None, limits: Limits::default() }
    }

    /// The file that the job is about, for errors.
    fn place(&self) -> String {
        self.reads.first().map_or_else(|| "ffmpeg".to_string(), |file| file.display().to_string())
    }

    fn policy(&self, program: Option<PathBuf>) -> Result<String> {
        let policy = Policy {
            program,
            reads: self.reads.clone(),
            folder: self.folder.map(Path::to_path_buf),
            ceilings: self.limits.ceilings,
        };
        serde_json::to_string(&policy).map_err(|_| {
            Error::unsupported("a file name that is not UTF-8")
                .at(self.reads.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().join(", "))
                .remedy("Rename the file")
        })
    }
}

impl std::fmt::Display for Gained {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        if let Some(abi) = self.landlock {
            let network = if abi >= 4 { " and TCP" } else { "" };
            parts.push(format!("Landlock {abi} (files{network})"));
        }
        if self.seccomp {
            parts.push("seccomp (no sockets, no new processes)".to_string());
        }
        if self.limits {
            parts.push("resource limits".to_string());
        }
        let have = if parts.is_empty() { "nothing".to_string() } else { parts.join(", ") };
        write!(f, "children are held by {have}")?;
        if !self.lacking.is_empty() {
            write!(f, "; missing: {}", self.lacking.join("; "))?;
        }
        Ok(())
    }
}

/// The process group of a child, until the child is reaped: after that its number may be another's.
struct Group(Mutex<Option<Pid>>);

impl Group {
    fn kill(&self) {
        if let Some(pid) = *self.0.lock().unwrap_or_else(|e| e.into_inner()) {
            // It may have ended by itself; there is nothing else to do about a failure.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }

    /// Kills the group when `alive` has not been dropped after `wall`. True when it came to that.
    fn kill_after(&self, wall: Duration, alive: Receiver<()>) -> bool {
        let late = matches!(alive.recv_timeout(wall), Err(RecvTimeoutError::Timeout));
        if late {
            self.kill();
        }
        late
    }
}

/// A child that is running. Dropping it kills its process group and reaps it.
struct Running<'a> {
    child: std::process::Child,
    group: &'a Group,
}

impl Running<'_> {
    fn reap(&mut self) -> std::io::Result<ExitStatus> {
        // The number is given back to the system by `wait`; forget it before, but not before the end.
        if let Some(pid) = Pid::from_raw(self.child.id() as i32) {
            let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        }
        *self.group.0.lock().unwrap_or_else(|e| e.into_inner()) = None;
        self.child.wait()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.group.kill();
        let _ = self.reap();
    }
}

fn watch(
    mut child: std::process::Child,
    job: &Job,
    output: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<String> {
    let group = Group(Mutex::new(Pid::from_raw(child.id() as i32)));
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        // Both are dropped when this closure ends early, so that every thread below ends too.
        let mut running = Running { child, group: &group };
        let (alive, watched): (Sender<()>, Receiver<()>) = channel();
        let tail = scope.spawn(move || stderr.map(tail_of).unwrap_or_default());
        let clock = scope.spawn(|| group.kill_after(job.limits.wall, watched));
        let copied = stdout.map_or(Ok(()), |pipe| copy(pipe, job, output));
        if copied.is_err() {
            group.kill();
        }
        let status = running.reap();
        drop(alive);
        let late = clock.join().unwrap_or(false);
        let tail = tail.join().unwrap_or_default();
        if late {
            return Err(out_of_time(job));
        }
        copied?;
        let status = status.map_err(|e| Error::internal(format!("cannot wait for the child: {e}")))?;
        verdict(status, &tail, job).map(|()| tail)
    })
}

/// Hands the child's output on, up to the job's limit.
fn copy(mut pipe: ChildStdout, job: &Job, output: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut buffer = vec![0; PIPE];
    // A wider pipe lets both sides work longer at a time. Where it is refused, a narrow one will do.
    let _ = fcntl_setpipe_size(&pipe, PIPE);
    let mut total = 0u64;
    loop {
        let n = pipe
            .read(&mut buffer)
            .map_err(|e| Error::internal(format!("cannot read from the child: {e}")))?;
        if n == 0 {
            return Ok(());
        }
        total += n as u64;
        if total > job.limits.output {
            return Err(Error::invalid(format!(
                "{} wrote more than {} bytes and was stopped",
                job.step, job.limits.output
            ))
            .at(job.place()));
        }
        output(&buffer[..n])?;
    }
}

/// The end of what the child says on standard error.
fn tail_of(mut pipe: ChildStderr) -> String {
    let mut tail = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(n) = pipe.read(&mut buffer) {
        if n == 0 {
            break;
        }
        tail.extend_from_slice(&buffer[..n]);
        if tail.len() > 2 * TAIL {
            tail.drain(..tail.len() - TAIL);
        }
    }
    tail.drain(..tail.len().saturating_sub(TAIL));
    String::from_utf8_lossy(&tail).trim().to_string()
}

fn out_of_time(job: &Job) -> Error {
    let seconds = job.limits.wall.as_secs();
    Error::new(Kind::Unavailable, format!("{} took longer than {seconds} s and was stopped", job.step))
        .at(job.place())
        .remedy("Run it again when the machine is less busy; finished steps are kept")
}

/// The last whole lines of what a child said, as many as an error quotes.
fn last_lines(tail: &str) -> &str {
    let starts = tail.match_indices('\n').map(|(at, _)| at + 1);
    let whole = std::iter::once(0).chain(starts).find(|at| tail.len() - at <= QUOTE);
    whole.map_or("", |at| &tail[at..])
}

/// What the end of a child means.
fn verdict(status: ExitStatus, tail: &str, job: &Job) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    let tail = last_lines(tail);
    let said = if tail.is_empty() { String::new() } else { format!("; it said: {tail}") };
    let error = match status.signal() {
        Some(signal) => {
            let why = match Signal::from_named_raw(signal) {
                Some(Signal::XCPU) => "used up its processor time".to_string(),
                Some(Signal::XFSZ) => "wrote a file larger than its limit".to_string(),
                _ => format!("was killed by signal {signal}"),
            };
            Error::new(Kind::Unavailable, format!("{}: the child {why}{said}", job.step))
                .remedy("Check memory and disk space, then run it again; finished steps are kept")
        }
        None if tail.contains("No space left on device") => {
            Error::new(Kind::Unavailable, format!("{}: the disk is full", job.step))
                .remedy("Free some space, then run it again; finished steps are kept")
        }
        None if tail.contains("Cannot allocate memory") => {
            Error::new(Kind::Unavailable, format!("{}: out of memory{said}", job.step))
                .remedy("Run it on a machine with more memory")
        }
        None => Error::invalid(format!(
            "{} failed with exit code {}{said}",
            job.step,
            status.code().unwrap_or(-1)
        )),
    };
    Err(error.at(job.place()))
}
