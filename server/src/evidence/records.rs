//! The records about an order, each with the proof that it stands in its log, and what they commit to.

use std::sync::Arc;

use archive::Document;
use ledger::{Note, ProofFile};
use media::Digest;
use media::error::{Error, Result};
use policy::{Act, OrderId};

use super::account::{Account, Entry, belongs};
use super::container::Files;
use crate::house::House;
use crate::ledgers::{HOUSE, Log, understood};

/// Where records stand in an evidence file, with their log and number in the name.
pub const RECORDS: &str = "records";
/// Where what they commit to stands.
pub const DOCUMENTS: &str = "documents";
/// Where files that came with orders and letters stand, by their digests.
pub const ATTACHMENTS: &str = "attachments";
/// Bytes of all files that came with an order and its letters at most.
const MAX_ATTACHED: u64 = 256 << 20;

/// An order's account, and the log that its records stand in.
pub async fn account(house: &Arc<House>, order: &OrderId) -> Result<(Account, Log)> {
    let published = house.published.load_full();
    let snapshot = house.snapshot();
    let standing = snapshot.state.order(order);
    let standing = standing.ok_or_else(|| Error::not_found(format!("there is no order {order}")))?;
    let case = standing.placed.case_id();
    // All decisions about an order and its case stand in one log.
    let territory = snapshot.state.log_of(&Act::OrderApproved { order: order.clone() });
    let name = territory.map_or(HOUSE.to_string(), |t| t.code().to_ascii_lowercase());
    let log = published.log(&name).cloned().ok_or_else(|| Error::internal("an order without a log"))?;
    let texts = house.archive().catalogue().records(&name, 0, log.tree.size()).await?;
    let mut entries = Vec::new();
    for (number, text) in (0u64..).zip(texts) {
        let decision = crate::decide::read(text.as_bytes())?;
        if belongs(&decision, order, &case) {
            entries.push(Entry { log: name.clone(), number, bytes: text.into_bytes(), decision });
        }
    }
    Ok((Account::of(order, entries)?, log))
}

/// The name of a record's file, without its ending.
pub fn name_of(entry: &Entry) -> String {
    format!("{RECORDS}/{}-{:06}", entry.log, entry.number)
}

/// Writes each record with its proof, the log's checkpoint and its key.
pub fn prove(house: &House, account: &Account, log: &Log, files: &mut Files) -> Result<()> {
    let checkpoint = Note::parse(log.checkpoint.as_bytes()).map_err(understood)?;
    for entry in &account.entries {
        let path = log.tree.prove_inclusion(entry.number, log.tree.size()).map_err(understood)?;
        let proof = ProofFile { extra: None, index: entry.number, path, checkpoint: checkpoint.clone() };
        files.insert(format!("{}.json", name_of(entry)), entry.bytes.clone());
        files.insert(format!("{}.tlog-proof", name_of(entry)), proof.to_string().into_bytes());
    }
    files.insert(format!("{RECORDS}/{}.checkpoint", log.name), log.checkpoint.as_bytes().to_vec());
    let key = format!("{}\n", house.keys.verifier(&log.name)?);
    files.insert(format!("{RECORDS}/{}.key", log.name), key.into_bytes());
    Ok(())
}

/// Writes what the records commit to, where it was not erased, and the files that came with it; answers
/// how many commitments are opened.
pub async fn open(house: &House, account: &Account, files: &mut Files) -> Result<usize> {
    let mut opened = 0;
    let mut attached = 0;
    for entry in &account.entries {
        let text = String::from_utf8_lossy(&entry.bytes);
        for document in house.archive().catalogue().documents(&entry.log, entry.number).await? {
            // What names an order's attachment is no commitment: the order itself names its digest.
            if text.contains(&format!("\"{}\"", document.commitment)) {
                put_opening(&document, files)?;
                opened += 1;
            }
            if let Some(blob) = document.blob {
                attached += house.archive().blobs().len_of(&blob)?.unwrap_or(0);
                if attached > MAX_ATTACHED {
                    return Err(Error::unsupported(format!(
                        "the files that came with the order have more than {MAX_ATTACHED} bytes"
                    )));
                }
                files.insert(format!("{ATTACHMENTS}/{blob}"), house.archive().blobs().read(&blob)?);
            }
        }
    }
    Ok(opened)
}

fn put_opening(document: &Document, files: &mut Files) -> Result<()> {
    let salt: Digest = document.salt.parse()?;
    files.insert(format!("{DOCUMENTS}/{}.salt", document.commitment), salt.0.to_vec());
    files.insert(
        format!("{DOCUMENTS}/{}.document", document.commitment),
        document.content.clone().into_bytes(),
    );
    Ok(())
}
