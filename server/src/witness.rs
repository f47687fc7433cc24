//! `phim witness`: co-signs the checkpoints of somebody else's logs, each only when it continues the last
//! (C2SP tlog-witness).
//!
//! Invariants:
//! - A head is durable before the signature over it is handed out. Where it cannot be made durable,
//!   nothing is handed out, and the heads are read from the disk again before the next answer.
//! - One process answers for a folder, one request at a time.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use archive::{from_io, write_durably};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use clap::Args;
use hyper::StatusCode;
use ledger::witness::{Head, MAX_REQUEST};
use ledger::{AddCheckpoint, Digest32, Refusal, VerifierKey, WitnessKey};
use media::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};

use crate::ledgers::{secret, understood};
use crate::serve::asked_to_end;

const KEY_FILE: &str = "witness.key";
const HEADS_FILE: &str = "heads.json";
const LOCK_FILE: &str = "witness.lock";

#[derive(Args, Clone, Debug)]
pub struct Witness {
    /// Name of the witness's key, by which others know it; a domain of its own, without spaces
    #[arg(long, value_name = "NAME")]
    pub key_name: String,
    /// Verifier key of a log to follow, as GET /ledger/LOG/key answers it
    #[arg(long, required = true, value_name = "KEY")]
    pub log: Vec<String>,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1", value_name = "IP")]
    pub host: IpAddr,
    /// Port to listen on; 0 picks a free one
    #[arg(long, default_value_t = 8090, value_name = "N")]
    pub port: u16,
}

/// The heads as they are kept, by origin.
type Heads = BTreeMap<String, Kept>;

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    size: u64,
    /// In base64.
    root: String,
}

/// The witness and where it keeps what it signed.
struct Booth {
    dir: PathBuf,
    name: String,
    logs: Vec<VerifierKey>,
    /// None: what is kept must be read again.
    witness: Mutex<Option<ledger::Witness>>,
    key: VerifierKey,
}

/// Answers until the process is asked to end. `dir` is the witness's own folder.
pub async fn witness(dir: &Path, asked: &Witness) -> Result<()> {
    std::fs::create_dir_all(dir).map_err(|e| from_io(dir, e))?;
    if dir.join("archive-format").exists() {
        return Err(Error::new(Kind::Conflict, "this folder is an archive")
            .at(dir.display().to_string())
            .remedy("Give the witness a folder of its own with --data; better, have somebody else run it"));
    }
    let _lock = lock(dir)?;
    let logs = asked.log.iter().map(|text| text.trim().parse().map_err(|e| understood(e).at("--log")));
    let logs: Vec<VerifierKey> = logs.collect::<Result<_>>()?;
    let key = key(dir, &asked.key_name)?.verifier();
    let booth =
        Booth { dir: dir.to_path_buf(), name: asked.key_name.clone(), logs, witness: Mutex::new(None), key };
    *booth.held() = Some(booth.read()?);
    let at = SocketAddr::new(asked.host, asked.port);
    let wrong = |e: std::io::Error| Error::new(Kind::Unavailable, format!("cannot listen on {at}: {e}"));
    let listener = tokio::net::TcpListener::bind(at).await.map_err(wrong)?;
    println!("key {}", booth.key);
    println!("ready http://{}", listener.local_addr().map_err(wrong)?);
    let router = Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/key", get(show_key))
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .with_state(Arc::new(booth));
    axum::serve(listener, router).with_graceful_shutdown(asked_to_end()).await.map_err(wrong)
}

/// Held as long as the witness answers.
fn lock(dir: &Path) -> Result<std::fs::File> {
    let path = dir.join(LOCK_FILE);
    let file = std::fs::File::create(&path).map_err(|e| from_io(&path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(Error::new(Kind::Conflict, "another witness answers for this folder")
            .at(path.display().to_string())),
    }
}

fn key(dir: &Path, name: &str) -> Result<WitnessKey> {
    WitnessKey::new(name, &secret(&dir.join(KEY_FILE))?).map_err(|e| understood(e).at("--key-name"))
}

impl Booth {
    fn held(&self) -> std::sync::MutexGuard<'_, Option<ledger::Witness>> {
        self.witness.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The witness as it was kept.
    fn read(&self) -> Result<ledger::Witness> {
        let heads = self.heads()?;
        let mut witness = ledger::Witness::new(key(&self.dir, &self.name)?);
        for log in &self.logs {
            let head = match heads.get(log.name()) {
                Some(kept) => {
                    let root = Digest32::from_base64(&kept.root).map_err(|e| understood(e).at(HEADS_FILE))?;
                    Head { size: kept.size, root }
                }
                None => Head::EMPTY,
            };
            witness.follow(log.clone(), head).map_err(|e| understood(e).at("--log"))?;
        }
        Ok(witness)
    }

    fn heads(&self) -> Result<Heads> {
        let path = self.dir.join(HEADS_FILE);
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| {
                Error::new(Kind::DataLoss, format!("the heads cannot be read: {e}"))
                    .at(path.display().to_string())
                    .remedy("Put the file back; without it this witness would sign another history")
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Heads::new()),
            Err(e) => Err(from_io(&path, e)),
        }
    }

    /// Keeps a head, durably. Heads of logs that are not followed any more stay.
    fn keep(&self, origin: &str, head: Head) -> Result<()> {
        let mut heads = self.heads()?;
        heads.insert(origin.to_string(), Kept { size: head.size, root: head.root.base64() });
        let bytes = serde_json::to_vec_pretty(&heads).map_err(|e| Error::internal(e.to_string()))?;
        write_durably(&self.dir.join(HEADS_FILE), &bytes)
    }

    /// Answers one request with a status, a type and a body.
    fn answer(&self, request: &[u8], now: u64) -> Result<std::result::Result<String, Refusal>> {
        let request = match AddCheckpoint::parse(request) {
            Ok(request) => request,
            Err(error) => return Ok(Err(Refusal::Malformed(error))),
        };
        let mut held = self.held();
        let mut witness = match held.take() {
            Some(witness) => witness,
            None => self.read()?,
        };
        let cosigned = match witness.add_checkpoint(&request, now) {
            Ok(cosigned) => cosigned,
            Err(refusal) => {
                *held = Some(witness);
                return Ok(Err(refusal));
            }
        };
        // When this fails the witness stays away, and is read again for the next request.
        self.keep(&cosigned.origin, cosigned.head)?;
        *held = Some(witness);
        Ok(Ok(cosigned.signature.to_string()))
    }
}

async fn add_checkpoint(booth: State<Arc<Booth>>, body: Bytes) -> Response {
    let booth = booth.0.clone();
    let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default();
    let answer = tokio::task::spawn_blocking(move || booth.answer(&body, now)).await;
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "a head could not be kept; nothing was signed");
        (StatusCode::SERVICE_UNAVAILABLE, "the head could not be kept\n").into_response()
    };
    match answer {
        Ok(Ok(Ok(line))) => ([("content-type", "text/plain; charset=utf-8")], line).into_response(),
        Ok(Ok(Err(refusal))) => {
            if matches!(refusal, Refusal::Fork { .. } | Refusal::Inconsistent(_)) {
                tracing::error!(%refusal, "a checkpoint was not co-signed");
            }
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            (status, [("content-type", refusal.content_type())], refusal.body()).into_response()
        }
        Ok(Err(error)) => failed(&error),
        Err(error) => failed(&error),
    }
}

async fn show_key(booth: State<Arc<Booth>>) -> String {
    format!("{}\n", booth.key)
}

#[cfg(test)]
mod tests;
