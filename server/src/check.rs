//! `phim check`: is everything that is stored there, and whole?

use archive::{Found, Level};
use media::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};

use crate::house::House;
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
    Ok(Checked {
        level,
        blobs: report.blobs,
        bytes: report.bytes,
        losses: losses.collect(),
        unreferenced_bytes: report.unreferenced.iter().map(|(_, len)| len).sum(),
    })
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
    for loss in &checked.losses {
        println!("LOST {}: {} (needed by {})", loss.blob, loss.found, loss.needed_by.join(", "));
    }
    verdict(checked)
}

/// Losses make the verb fail, in words and by its exit code.
pub fn verdict(checked: &Checked) -> Result<()> {
    match checked.losses.len() {
        0 => Ok(()),
        n => Err(Error::new(Kind::DataLoss, format!("{n} of {} blobs are lost or damaged", checked.blobs))
            .remedy("Restore them from a backup, or remove the titles named and add them again")),
    }
}
