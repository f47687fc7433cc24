//! Has outsiders co-sign the house's checkpoints (C2SP tlog-witness), so that a log which showed two
//! histories to two people could not satisfy both.
//!
//! A witness is asked after each checkpoint, beside everything else: no decision waits for it. What it
//! signs is verified, kept, and shown with the checkpoint from then on, also after a new start. A witness
//! that cannot be reached is asked again; one that speaks of a fork is an alarm.

use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use ledger::{AddCheckpoint, Note, Signature, VerifierKey};
use media::error::{Error, Kind, Result};

use crate::house::House;
use crate::ledgers::{Log, understood};
use crate::outward;

/// Bytes of a witness's answer at most.
const MAX_ANSWER: usize = 64 * 1024;
/// How long a witness that failed is left alone.
const AGAIN: Duration = Duration::from_secs(30);
/// Decisions that come together are co-signed together.
const GATHER: Duration = Duration::from_millis(50);

/// Somebody who co-signs, and where.
#[derive(Clone, Debug)]
pub struct Cosigner {
    /// Of its `add-checkpoint`.
    at: Uri,
    key: VerifierKey,
}

impl Cosigner {
    /// Reads `URL=KEY`.
    pub fn parse(text: &str) -> Result<Cosigner> {
        let wrong = |e: Error| e.at(format!("--witness {text}"));
        let parts = text.split_once('=').ok_or_else(|| Error::invalid("a witness has an address and a key"));
        let (url, key) = parts.map_err(|e| wrong(e.remedy("Write URL=KEY")))?;
        let key: VerifierKey = key.trim().parse().map_err(|e| wrong(understood(e)))?;
        if key.is_log() {
            return Err(wrong(Error::invalid("this is the key of a log, not of a witness")));
        }
        let at = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        let at: Uri = at.parse().map_err(|_| wrong(Error::invalid(format!("{url:?} is not an address"))))?;
        Ok(Cosigner { at, key })
    }

    fn has_signed(&self, note: &Note) -> bool {
        note.verify(std::slice::from_ref(&self.key)).is_ok()
    }
}

/// Keeps a witness up to date for as long as the house stands.
pub async fn keep(house: Arc<House>, cosigner: Cosigner) {
    let mut news = house.news.subscribe();
    loop {
        let wait = match ask_for_all(&house, &cosigner).await {
            Ok(()) => Duration::MAX,
            Err(error) => {
                let (witness, fork) = (cosigner.key.name(), error.kind == Kind::Conflict);
                match fork {
                    true => tracing::error!(%error, witness, "a witness does not accept a log's history"),
                    false => tracing::warn!(%error, witness, "a checkpoint is not co-signed yet"),
                }
                AGAIN
            }
        };
        tokio::select! {
            _ = news.recv() => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Has every checkpoint co-signed that is not yet. What a witness says of one log keeps no other from it;
/// fails with the first that it did not sign.
async fn ask_for_all(house: &Arc<House>, cosigner: &Cosigner) -> Result<()> {
    let published = house.published.load_full();
    let mut first = Ok(());
    for log in published.all() {
        first = first.and(ask_for(house, cosigner, log).await);
    }
    first
}

async fn ask_for(house: &Arc<House>, cosigner: &Cosigner, log: &Log) -> Result<()> {
    let note = Note::parse(log.checkpoint.as_bytes()).map_err(understood)?;
    if cosigner.has_signed(&note) {
        return Ok(());
    }
    let signature = ask(cosigner, log, &note).await.map_err(|e| e.at(format!("log {}", log.name)))?;
    // Decisions wait for this lock too, so no checkpoint is lost or comes back.
    let _ledgers = house.ledgers.lock().await;
    let cosigned = house.published.load().cosigned(log, signature)?;
    let cosigned = Arc::new(cosigned);
    house.published.store(cosigned.clone());
    cosigned.keep(house.archive().dir())
}

/// Asks for a signature on one log's checkpoint; verified when it is answered.
async fn ask(cosigner: &Cosigner, log: &Log, note: &Note) -> Result<Signature> {
    // What the witness signed last is only known to the witness, which answers with it.
    let mut old_size = log.tree.size();
    for _ in 0..3 {
        let proof = match old_size {
            0 => Vec::new(),
            old => log.tree.prove_consistency(old, log.tree.size()).map_err(understood)?,
        };
        let request = AddCheckpoint { old_size, proof, checkpoint: note.clone() };
        let reply = outward::post(outward::Post {
            to: &cosigner.at,
            headers: vec![("content-type", "text/plain; charset=utf-8".to_string())],
            body: request.to_string(),
            limit: Some(MAX_ANSWER),
            // The operator names a witness when it starts the server.
            reach: outward::Reach::Anywhere,
        });
        let outward::Reply { status, body, .. } = reply.await?;
        let text = String::from_utf8_lossy(&body).into_owned();
        match status {
            200 => return signature(cosigner, note, &text),
            409 => {
                let known = text.trim().parse().ok().filter(|known| *known != old_size);
                let known: u64 = known.ok_or_else(|| {
                    Error::new(Kind::Conflict, "the witness saw another history of the same length")
                })?;
                if known > log.tree.size() {
                    return Err(Error::new(
                        Kind::Conflict,
                        format!("the witness saw {known} records; the log has {}", log.tree.size()),
                    )
                    .remedy("Look whether an older copy of the archive was put back"));
                }
                old_size = known;
            }
            422 => {
                return Err(Error::new(Kind::Conflict, format!("the witness saw another history: {text}")));
            }
            other => {
                let said: String = text.trim().chars().filter(|c| !c.is_control()).take(200).collect();
                return Err(Error::new(Kind::Unavailable, format!("the witness answers {other}: {said}")));
            }
        }
    }
    Err(Error::new(Kind::Unavailable, "the witness moves on faster than it is asked"))
}

fn signature(cosigner: &Cosigner, note: &Note, text: &str) -> Result<Signature> {
    for signature in Signature::parse_lines(text).map_err(understood)? {
        let mut signed = note.clone();
        signed.add(signature.clone()).map_err(understood)?;
        if cosigner.has_signed(&signed) {
            return Ok(signature);
        }
    }
    Err(Error::invalid(format!("the answer is not signed by {}", cosigner.key.name())))
}
