//! Verbs reach the process that owns an archive over a UNIX socket in its folder.
//!
//! A request is one line of JSON (an [`Act`]); answers are lines of JSON: any number of `progress`,
//! then one `done` or `error`. Who may open the socket may change the archive: it is made for its
//! owner alone (mode 0600).

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use media::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;

use crate::acts::{Act, perform};
use crate::error::Problem;
use crate::house::House;
use crate::progress::{Step, Teller};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Progress(Step),
    Done(Value),
    Error(Problem),
}

/// Bytes of one line at most.
const MAX_LINE: u64 = 64 << 20;

/// Starts to listen; a socket that a dead owner left is replaced, which the archive's lock makes safe.
pub fn listen(path: &Path) -> Result<UnixListener> {
    let wrong = |e: std::io::Error| {
        Error::new(Kind::Unavailable, format!("cannot listen for verbs: {e}")).at(path.display().to_string())
    };
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(wrong(e)),
        _ => {}
    }
    let address = Address::of(path).map_err(wrong)?;
    let listener = UnixListener::bind(&address.path).map_err(wrong)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(wrong)?;
    Ok(listener)
}

/// A path under which the kernel takes a socket: the system's structure has room for 107 bytes, so in a
/// folder with a long name the socket is reached through the folder's descriptor.
struct Address {
    path: PathBuf,
    _folder: Option<File>,
}

const MAX_ADDRESS: usize = 107;

impl Address {
    fn of(path: &Path) -> std::io::Result<Address> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(Address { path: path.to_path_buf(), _folder: None });
        };
        if path.as_os_str().len() <= MAX_ADDRESS {
            return Ok(Address { path: path.to_path_buf(), _folder: None });
        }
        let folder = File::open(folder)?;
        let path = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name);
        Ok(Address { path, _folder: Some(folder) })
    }
}

/// Answers verbs for as long as the house stands.
pub async fn answer_all(listener: UnixListener, house: Arc<House>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let house = house.clone();
                tokio::spawn(async move {
                    if let Err(error) = answer(stream, house).await {
                        tracing::debug!(%error, "a verb's sender went away");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a verb");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer(stream: UnixStream, house: Arc<House>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut text = String::new();
    BufReader::new(read.take(MAX_LINE)).read_line(&mut text).await?;
    let (tell, mut told) = mpsc::unbounded_channel();
    let teller: Teller = Arc::new(move |step| drop(tell.send(step)));
    let act = async {
        let act: Act = serde_json::from_str(&text).map_err(|e| {
            Error::invalid(format!("the owner of this archive does not know this verb: {e}"))
                .remedy("Use the same release of phim for both")
        })?;
        perform(&house, act, teller).await
    };
    tokio::pin!(act);
    let last = loop {
        // Progress first, so that nothing is told after the end.
        tokio::select! {
            biased;
            Some(step) = told.recv() => send(&mut write, &Line::Progress(step)).await?,
            done = &mut act => break done,
        }
    };
    while let Ok(step) = told.try_recv() {
        send(&mut write, &Line::Progress(step)).await?;
    }
    let last = last.map_or_else(|error| Line::Error((&error).into()), Line::Done);
    send(&mut write, &last).await
}

async fn send(to: &mut (impl tokio::io::AsyncWrite + Unpin), line: &Line) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    to.write_all(&text).await
}

/// Sends a verb to the owner; none when there is no owner.
pub async fn ask(path: &Path, act: &Act, teller: &Teller) -> Option<Result<Value>> {
    let address = Address::of(path).ok()?;
    let stream = UnixStream::connect(&address.path).await.ok()?;
    Some(converse(stream, act, teller).await)
}

async fn converse(stream: UnixStream, act: &Act, teller: &Teller) -> Result<Value> {
    let gone = |e: &dyn std::fmt::Display| {
        Error::new(Kind::Unavailable, format!("the owner of the archive went away: {e}"))
            .remedy("Look at its log, then try again")
    };
    let (read, mut write) = stream.into_split();
    let mut text = serde_json::to_vec(act).map_err(|e| Error::internal(e.to_string()))?;
    text.push(b'\n');
    write.write_all(&text).await.map_err(|e| gone(&e))?;
    let mut lines = BufReader::new(read).lines();
    while let Some(line) = lines.next_line().await.map_err(|e| gone(&e))? {
        match serde_json::from_str(&line).map_err(|e| gone(&e))? {
            Line::Progress(step) => teller(step),
            Line::Done(value) => return Ok(value),
            Line::Error(problem) => return Err(problem.into()),
        }
    }
    Err(gone(&"it said nothing more"))
}
