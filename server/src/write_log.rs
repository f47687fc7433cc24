//! A log of what was handed to the kernel: one line for every write to a viewer's connection. Beside what
//! clients received, it shows that no ordered byte left this node after the order was in force here.
//!
//! Invariant: a line is written under the leash's lock, right after its bytes were handed over. So every
//! line of a connection that an order cut is older than the instant at which that order was in force.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

use jiff::Timestamp;
use media::error::{Error, Kind, Result};

pub struct WriteLog {
    /// Opened for appending, so that lines of several threads do not mix.
    file: File,
}

impl WriteLog {
    /// Opens the log for appending. Fails with `Unavailable` when the file cannot be written.
    pub fn open(path: &Path) -> Result<WriteLog> {
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(|e| {
            Error::new(Kind::Unavailable, format!("the log of writes cannot be opened: {e}"))
                .at(path.display().to_string())
                .remedy("Name a file in a folder that phim may write to, or leave --write-log out")
        })?;
        Ok(WriteLog { file })
    }

    /// Notes that `bytes` were handed to the kernel for `peer` just now. Whoever writes ends the connection
    /// when this fails: what cannot be shown later is not sent.
    pub fn note(&self, peer: SocketAddr, bytes: usize) -> io::Result<()> {
        (&self.file).write_all(format!("{:.9} {peer} {bytes}\n", Timestamp::now()).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_every_write_and_one_after_the_other() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("writes");
        for bytes in [7, 0, 4_000_000] {
            let log = WriteLog::open(&path).expect("opened");
            log.note("127.0.0.1:9".parse().expect("an address"), bytes).expect("noted");
        }
        let text = std::fs::read_to_string(&path).expect("written");
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(' ').collect()).collect();
        assert_eq!(
            lines.iter().map(|l| l[1..].join(" ")).collect::<Vec<_>>(),
            ["127.0.0.1:9 7", "127.0.0.1:9 0", "127.0.0.1:9 4000000"]
        );
        let instants: Vec<Timestamp> = lines.iter().map(|l| l[0].parse().expect("an instant")).collect();
        assert!(instants.is_sorted());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = WriteLog::open(Path::new("/nowhere/at/all")).err().expect("refused").to_string();
        assert!(error.contains("/nowhere/at/all") && error.contains("--write-log"), "{error}");
    }
}
