//! The program under test: its verbs as commands, its server as a process that ends with us.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use media::{Error, Result};
use serde_json::Value;

use crate::measure::{Run, failed, run};

/// The program with an archive of its own.
pub struct Program<'a> {
    pub phim: &'a Path,
    pub data: PathBuf,
}

impl Program<'_> {
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.phim);
        command.arg("--data").arg(&self.data).arg("--quiet").args(words);
        command
    }
    /// Runs a verb and reads its answer.
    pub fn verb(&self, words: &[&str]) -> Result<(Run, Value)> {
        let done = run(self.command(words).arg("--json"))?;
        let answer = serde_json::from_str(&done.stdout)
            .map_err(|e| Error::invalid(format!("the answer of {words:?} is not JSON: {e}")))?;
        Ok((done, answer))
    }
    /// Lets everybody be served everywhere: what is measured is not the law.
    pub fn hold_trial(&self) -> Result<()> {
        self.verb(&["territory", "trial", "--text", "a measurement"]).map(drop)
    }
    /// Starts the server on a free port and waits until it is ready.
    pub fn serve(&self, pinned: Option<u32>, more: &[&str]) -> Result<Server> {
        let mut command = match pinned {
            Some(cpu) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &cpu.to_string()]).arg(self.phim).arg("--data").arg(&self.data);
                command
            }
            None => self.command(&[]),
        };
        command.args(["serve", "--port", "0"]).args(more);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed("starting phim serve"))?;
        let stdout = child.stdout.take().ok_or_else(|| Error::internal("no stdout"))?;
        let mut lines = BufReader::new(stdout);
        let mut line = String::new();
        while lines.read_line(&mut line).map_err(failed("reading from phim serve"))? > 0 {
            if let Some(url) = line.trim().strip_prefix("ready ") {
                return Ok(Server { url: url.into(), child, _stdout: lines });
            }
            line.clear();
        }
        Err(Error::internal("phim serve ended before it was ready"))
    }
}

/// A running server; ends when dropped.
pub struct Server {
    pub url: String,
    pub child: Child,
    _stdout: BufReader<std::process::ChildStdout>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Fetches a path through curl, so that no HTTP client of ours is measured or trusted.
pub fn fetch(url: &str) -> Result<Vec<u8>> {
    let output = Command::new("curl").args(["-sSfk", url]).output().map_err(failed("running curl"))?;
    if !output.status.success() {
        return Err(Error::invalid(format!("{url}: {}", String::from_utf8_lossy(&output.stderr).trim())));
    }
    Ok(output.stdout)
}
