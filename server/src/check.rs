//! `phim check`: is everything that is stored there, and whole, and does what was decided still lead to
//! what is in force?

use std::collections::BTreeMap;

use archive::{Document, Found, Level};
use media::Digest;
use media::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};

use crate::house::House;
use crate::ledgers::Log;
use crate::progress::{Step, Teller};

/// How deep to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Every blob is there
    Present,
    /// It has its length, and its index opens
    Sized,
    /// Its bytes have the digest that is its name
    Hashed,
}

#[derive(Serialize, Deserialize)]
pub struct Checked {
    pub level: Depth,
    pub blobs: u64,
    pub bytes: u64,
    pub losses: Vec<LossView>,
    /// Records of the ledgers that were read and folded again.
    pub records: u64,
    /// What is wrong with them.
    pub faults: Vec<String>,
    /// Stored bytes that nothing names; the next removal frees them.
    pub unreferenced_bytes: u64,
}

#[derive(Serialize, Deserialize)]
pub struct LossView {
    pub blob: String,
    pub found: String,
    /// What needs it.
    pub needed_by: Vec<String>,
}

pub async fn check(house: &House, level: Depth, teller: Teller) -> Result<Checked> {
    let depth = match level {
        Depth::Present => Level::Present,
        Depth::Sized => Level::Sized,
        Depth::Hashed => Level::Hashed,
    };
    let tell = move |p: archive::Progress| {
        let (done, total) =
            if level == Depth::Hashed { (p.bytes, p.bytes_total) } else { (p.blobs, p.blobs_total) };
        teller(Step::new("checking", done, total));
    };
    let report = house.archive().check(depth, tell).await?;
    let losses = report.losses.iter().map(|loss| LossView {
        blob: loss.blob.to_string(),
        found: words(&loss.found),
        needed_by: loss
            .references
            .iter()
            .map(|r| format!("{}{}", r.title.as_ref().map(|t| format!("{t}: ")).unwrap_or_default(), r.what))
            .collect(),
    });
    let (records, mut faults) = ledgers(house).await;
    faults.extend(documents(house).await);
    match house.archive().catalogue().faults().await {
        Ok(found) => faults.extend(found.into_iter().map(|fault| format!("catalogue.sqlite: {fault}"))),
        Err(error) => faults.push(error.to_string()),
    }
    Ok(Checked {
        records,
        faults,
        level,
        blobs: report.blobs,
        bytes: report.bytes,
        losses: losses.collect(),
        unreferenced_bytes: report.unreferenced.iter().map(|(_, len)| len).sum(),
    })
}

/// How many records there are, and what is wrong: every record is read and folded again, which must lead
/// to the state in force and to the trees of the signed checkpoints.
async fn ledgers(house: &House) -> (u64, Vec<String>) {
    // No decision comes between what is stored and what is in force.
    let _deciding = house.ledgers.lock().await;
    let records = match house.archive().catalogue().load().await {
        Ok(contents) => contents.records,
        Err(error) => return (0, vec![error.to_string()]),
    };
    let mut faults = Vec::new();
    match crate::decide::refold(&records) {
        Ok((state, _)) if state == house.snapshot().state => {}
        Ok(_) => faults.push("the records fold to another state than the one in force".to_string()),
        Err(error) => faults.push(error.to_string()),
    }
    let mut trees: BTreeMap<&str, ledger::Tree> = BTreeMap::new();
    for record in &records {
        trees.entry(&record.log).or_default().append(ledger::leaf_hash(record.text.as_bytes()));
    }
    let published = house.published.load();
    let stored = |log: &Log| {
        let size = log.tree.size();
        trees
            .get(log.name.as_str())
            .is_some_and(|tree| tree.size() == size && tree.root(size) == log.tree.root(size))
    };
    let wrong = published.all().filter(|log| !stored(log));
    faults
        .extend(wrong.map(|log| format!("the records of log {} are not those of its checkpoint", log.name)));
    (records.len() as u64, faults)
}

/// The documents that are not what their records commit to.
async fn documents(house: &House) -> Vec<String> {
    let all = match house.archive().catalogue().all_documents().await {
        Ok(all) => all,
        Err(error) => return vec![error.to_string()],
    };
    let opens = |document: &Document| {
        let salt: Option<Digest> = document.salt.parse().ok();
        salt.is_some_and(|salt| {
            ledger::commit(&salt.0, document.content.as_bytes()).0 == document.commitment.0
        })
    };
    let wrong = all.into_iter().filter(|(_, _, document)| !opens(document));
    wrong.map(|(log, number, _)| format!("a document of record {number} of log {log} has changed")).collect()
}

fn words(found: &Found) -> String {
    match found {
        Found::Missing => "it is missing".to_string(),
        Found::Length { bytes, expected } => format!("it has {bytes} bytes; expected {expected}"),
        Found::Content { digest } => format!("its bytes have changed: their digest is {digest} now"),
        Found::Index(error) => format!("its index is damaged: {error}"),
        Found::Unreadable(error) => format!("it cannot be read: {error}"),
    }
}

/// Prints what was found; an error when anything is lost.
pub fn print(checked: &Checked) -> Result<()> {
    println!(
        "{} blobs, {} bytes; {} bytes that nothing needs",
        checked.blobs, checked.bytes, checked.unreferenced_bytes
    );
    println!("{} records", checked.records);
    for fault in &checked.faults {
        println!("WRONG {fault}");
    }
    for loss in &checked.losses {
        println!("LOST {}: {} (needed by {})", loss.blob, loss.found, loss.needed_by.join(", "));
    }
    verdict(checked)
}

/// Losses make the verb fail, in words and by its exit code.
pub fn verdict(checked: &Checked) -> Result<()> {
    match checked.losses.len() {
        0 if checked.faults.is_empty() => Ok(()),
        0 => Err(Error::new(Kind::DataLoss, checked.faults.join("; "))
            .remedy("Put back the last copy of catalogue.sqlite")),
        n => Err(Error::new(Kind::DataLoss, format!("{n} of {} blobs are lost or damaged", checked.blobs))
            .remedy("Restore them from a backup, or remove the titles named and add them again")),
    }
}
