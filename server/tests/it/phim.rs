//! Runs the program.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;

pub struct Done {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

impl Done {
    pub fn json(&self) -> Value {
        assert!(self.status.success(), "{}", self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_phim"));
    command.arg("--data").arg(data);
    command
}

/// Runs one verb to its end.
pub fn run(data: &Path, args: &[&str]) -> Done {
    finish(command(data).args(args))
}

/// Lets the house serve where it has declared nothing, so that orders alone are asked.
pub fn hold_trial(data: &Path) {
    run(data, &["territory", "trial", "--text", "a test", "--json"]).json();
}

/// The same where programs are looked for on `path` only.
pub fn run_with_path(data: &Path, path: &str, args: &[&str]) -> Done {
    finish(command(data).args(args).env("PATH", path))
}

fn finish(command: &mut Command) -> Done {
    let done = command.output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Done { status: done.status, out: text(done.stdout), err: text(done.stderr) }
}

/// Starts a verb and does not wait for it.
pub fn start(data: &Path, args: &[&str]) -> Child {
    command(data).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs")
}

/// A server that ends with the value.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub url: String,
}

impl Server {
    pub fn start(data: &Path, args: &[&str]) -> Server {
        Server::start_with(data, args, &[])
    }
    /// The same with more in its environment.
    pub fn start_with(data: &Path, args: &[&str], environment: &[(&str, &Path)]) -> Server {
        let environment: Vec<_> = environment.iter().map(|(name, path)| (*name, path.into())).collect();
        Server::try_start(data, args, &environment).unwrap_or_else(|said| panic!("{said}"))
    }
    /// The same; answers what it said when it ended instead of getting ready.
    pub fn try_start(data: &Path, args: &[&str], environment: &[(&str, OsString)]) -> Result<Server, String> {
        let mut command = command(data);
        command.args(["serve", "--port", "0"]).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.envs(environment.iter().cloned()).spawn().expect("the program runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let mut errors = child.stderr.take().expect("its errors");
        // A line that breaks off is the last word of a process that is dead.
        let Some(url) = line.strip_suffix('\n').and_then(|line| line.strip_prefix("ready ")) else {
            let mut said = String::new();
            let _ = errors.read_to_string(&mut said);
            let _ = child.wait();
            return Err(line + &said);
        };
        // So that it never waits for somebody to read what it says.
        std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
        Ok(Server { url: url.to_string(), child })
    }
    /// Host and port.
    pub fn at(&self) -> &str {
        self.url.split_once("://").expect("a scheme").1
    }
    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }
    pub fn lives(&mut self) -> bool {
        self.child.try_wait().expect("the child is ours").is_none()
    }
    /// Ends it without a word.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
    /// Asks it to end and waits for that.
    pub fn end(mut self) -> ExitStatus {
        let _ = Command::new("kill").arg(self.pid().to_string()).status();
        self.child.wait().expect("the child is ours")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
