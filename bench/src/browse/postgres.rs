//! A PostgreSQL of our own, in a folder of its own, for as long as it is asked.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use media::{Error, Kind, Result};

use crate::measure::{failed, run};

pub struct Postgres {
    folder: tempfile::TempDir,
    programs: PathBuf,
    child: Child,
}

impl Postgres {
    /// Makes a database cluster and starts it on a socket in its folder. All tables fit its memory.
    pub fn start() -> Result<Postgres> {
        let programs = programs()?;
        let folder = tempfile::tempdir().map_err(failed("making a folder"))?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data).map_err(failed("making a folder"))?;
        give(folder.path())?;
        let initdb = programs.join("initdb");
        run(as_owner(&initdb).args(["--auth=trust", "--username=phim", "--no-sync", "--pgdata"]).arg(&data))?;
        let socket = folder.path().to_string_lossy().into_owned();
        let child = as_owner(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args([
                "-k",
                &socket,
                "-c",
                "listen_addresses=",
                "-c",
                "shared_buffers=512MB",
                "-c",
                "work_mem=256MB",
            ])
            .args(["-c", "fsync=off", "-c", "jit=off"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed("starting PostgreSQL"))?;
        let postgres = Postgres { folder, programs, child };
        let began = Instant::now();
        while let Err(error) = postgres.run("SELECT 1;") {
            if began.elapsed() > Duration::from_secs(30) {
                return Err(error);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(postgres)
    }

    /// What psql prints of a script, without headings.
    pub fn run(&self, script: &str) -> Result<String> {
        let mut command = Command::new(self.programs.join("psql"));
        let mut child = command
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "phim", "-d", "postgres", "-h"])
            .arg(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed("starting psql"))?;
        let mut stdin = child.stdin.take().ok_or_else(|| Error::internal("no stdin"))?;
        let script = script.to_string();
        // psql answers while it reads: whoever waits for the one before the other waits for ever.
        let writer = std::thread::spawn(move || stdin.write_all(script.as_bytes()));
        let output = child.wait_with_output().map_err(failed("running psql"))?;
        let _ = writer.join();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::new(Kind::Unavailable, format!("psql: {}", said.trim())));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT ends it without waiting for whoever is connected, and takes its children along.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// Where its programs stand: on the path, or where Debian puts them; the newest version.
fn programs() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    found.sort();
    let all = found.into_iter().rev().chain(std::env::split_paths(&path));
    let mut complete =
        all.filter(|folder| ["initdb", "postgres", "psql"].iter().all(|p| folder.join(p).is_file()));
    complete.next().ok_or_else(|| {
        Error::not_found("PostgreSQL is not installed").remedy("Install Debian's package postgresql")
    })
}

/// PostgreSQL does not run as root: then it runs as nobody.
fn as_owner(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
    command
}

fn give(folder: &Path) -> Result<()> {
    if is_root() {
        run(Command::new("chown").args(["-R", "nobody:nogroup"]).arg(folder))?;
    }
    Ok(())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}
