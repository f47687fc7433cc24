//! The evidence of an order: one file that shows what was ordered, what was done and when, and that
//! anybody verifies offline.
//!
//! It is made of what is known at one instant; made again from the same, it has the same bytes (but for
//! the PDF, which is Chromium's). What stands in it: docs/ref/evidence.md.

use std::path::PathBuf;
use std::sync::Arc;

use archive::from_io;
use jiff::tz::TimeZone;
use ledger::VerifierKey;
use media::Digest;
use media::error::{Error, Kind, Result};
use policy::reasons::{About, Category, statement};
use policy::{Act, OrderId, Work};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

mod account;
mod container;
mod manifest;
mod page;
mod paper;
mod records;
mod scenes;
mod verify;
mod versions;
mod words;

pub use container::{MAX_BYTES, is_one};
pub use verify::{print as print_verified, verify};

use account::Account;
use container::Files;
use page::Report;
use scenes::Scene;
use words::LANGUAGES;

use crate::decide::Proposal;
use crate::house::{House, Snapshot, blocking};
use crate::ledgers::{EVIDENCE, understood};
use crate::order::{self, Letter, OrderView};
use crate::patches::Scratch;

/// What the file holds, and where it was written.
#[derive(Serialize, Deserialize)]
pub struct Written {
    pub authority: String,
    pub number: String,
    pub file: PathBuf,
    pub bytes: u64,
    pub sha256: String,
    pub files: usize,
    pub records: usize,
    pub commitments_opened: usize,
    pub pictures: usize,
    /// Whether the report is there as PDF too: it needs a Chromium on the machine.
    pub pdf: bool,
    /// What its signatures are verified with.
    pub keys: Vec<String>,
}

/// An evidence file, and what there is to say of it.
pub struct Evidence {
    pub bytes: Vec<u8>,
    pub order: OrderId,
    files: usize,
    records: usize,
    opened: usize,
    pictures: usize,
    pdf: bool,
    keys: Vec<String>,
}

/// Makes the evidence of an order and writes it to `out`, which must not exist; to a file named for the
/// order in `folder` when left out.
pub async fn report(house: &Arc<House>, order: &OrderId, out: PathBuf, pdf: bool) -> Result<Written> {
    let evidence = make(house, order, pdf).await?;
    let out = if out.is_dir() { out.join(evidence.file_name()) } else { out };
    write_new(&out, &evidence.bytes)?;
    Ok(Written {
        authority: evidence.order.authority,
        number: evidence.order.number,
        file: out,
        bytes: evidence.bytes.len() as u64,
        sha256: Digest::of(&evidence.bytes).to_string(),
        files: evidence.files,
        records: evidence.records,
        commitments_opened: evidence.opened,
        pictures: evidence.pictures,
        pdf: evidence.pdf,
        keys: evidence.keys,
    })
}

fn write_new(path: &std::path::Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::File::create_new(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => Error::new(Kind::Conflict, "the file exists already")
            .at(path.display().to_string())
            .remedy("Name another with --out"),
        _ => from_io(path, e),
    })?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|e| from_io(path, e))
}

impl Evidence {
    /// A name for the file: the order's number without what file systems mind.
    pub fn file_name(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        format!("order-{}.zip", self.order.number.chars().map(plain).collect::<String>())
    }
}

/// Makes the evidence of an order from what is known now; with the report as PDF where that is wanted
/// and this machine can.
pub async fn make(house: &Arc<House>, order: &OrderId, pdf: bool) -> Result<Evidence> {
    let snapshot = house.snapshot();
    let order = order::find(&snapshot, order)?;
    let (account, log) = records::account(house, &order).await?;
    let mut files = Files::new();
    records::prove(house, &account, &log, &mut files)?;
    let opened = records::open(house, &account, &mut files).await?;
    for (name, told) in [
        ("order.json", account.order()),
        ("case.json", account.case()),
        ("timeline.json", account.timeline()),
    ] {
        files.insert(name.to_string(), json(&told)?);
    }
    let keys = [log.name.as_str(), EVIDENCE].map(|name| house.keys.verifier(name));
    let keys = keys.into_iter().collect::<Result<Vec<_>>>()?;
    let (here, verifier) = (house.clone(), keys.join("\n"));
    let (account, mut files, pictures) = blocking(move || {
        let pictures = show(&here, &snapshot, &account, &verifier, &mut files)?;
        Ok((account, files, pictures))
    })
    .await?;
    let pdf = pdf && print_pages(house, &mut files).await?;
    let (readme, script) = instructions(&account, pdf);
    files.insert("README.txt".to_string(), readme.into_bytes());
    files.insert("verify.sh".to_string(), script.into_bytes());
    manifest::seal(&house.keys, &order, &mut files)?;
    Ok(Evidence {
        bytes: container::write(&files)?,
        order,
        files: files.len(),
        records: account.entries.len(),
        opened,
        pictures,
        pdf,
        keys,
    })
}

/// Records that the authority was given its report, which the record commits to.
pub async fn reported(house: &Arc<House>, order: &OrderId, letter: Letter, by: &str) -> Result<OrderView> {
    let order = order::find(&house.snapshot(), order)?;
    let (report, document) = letter.seal(house)?;
    let act = Act::Reported { order: order.clone(), report };
    house.decide(by, Proposal { act, documents: vec![document], jobs: Vec::new() }).await?;
    order::view(house, &order)
}

/// Adds what people look at: pictures, versions, the statement of reasons and the pages. Answers how
/// many pictures there are.
fn show(
    house: &House,
    snapshot: &Snapshot,
    account: &Account,
    verifier: &str,
    files: &mut Files,
) -> Result<usize> {
    let standing = &account.standing;
    let mut scenes = scenes::scenes(house, snapshot, standing);
    // Evidence without pictures is better than none, and it says what it lacks.
    let lacking = scenes::fill(house, snapshot, &mut scenes, files).err();
    if let Some(error) = &lacking {
        tracing::warn!(%error, order = %standing.order.id(), "the evidence has no pictures");
    }
    let pictures = files.keys().filter(|name| name.starts_with(scenes::PICTURES)).count();
    files.insert(
        format!("{}/manifest.json", scenes::PICTURES),
        json(&scenes::manifest(&scenes, lacking.is_some()))?,
    );
    files.insert("versions.json".to_string(), json(&versions::versions(house, snapshot, standing)?)?);
    files.insert("statement-of-reasons.json".to_string(), json(&reasons(snapshot, account, &scenes))?);
    let zone = house.packs.zone(&standing.order.territories);
    let zone = zone.and_then(|name| jiff::tz::TimeZoneDatabase::bundled().get(name).ok());
    let report = Report { account, scenes: &scenes, zone, verifier };
    for words in LANGUAGES {
        files.insert(format!("report.{}.html", words.tag), page::page(&report, words).into_bytes());
    }
    Ok(pictures)
}

/// A statement for each title that the order touches, and whether the EU's database would take it.
fn reasons(snapshot: &Snapshot, account: &Account, scenes: &[Scene]) -> Value {
    let standing = &account.standing;
    let mut titles: Vec<&str> = scenes.iter().map(|scene| scene.title.as_str()).collect();
    titles.dedup();
    if titles.is_empty() {
        titles.push(match &standing.order.work {
            Work::Title(id) => id,
            Work::Service => "service",
        });
    }
    let statements = titles.into_iter().map(|id| {
        let row = snapshot.titles.get(id).map(|title| &title.row);
        let name = row.and_then(|row| row.names.values().next()).map_or(id, String::as_str);
        let day = |row: &archive::Title| {
            let at = jiff::Timestamp::from_microsecond(row.created).ok()?;
            Some(at.to_zoned(TimeZone::UTC).date())
        };
        let published = row.and_then(day).unwrap_or(standing.order.date);
        let about = About { title: id, name, published, language: None, category: Category::default() };
        let statement = statement(standing, &about);
        let refused = statement.check_for_submission().err().map(|e| e.to_string());
        json!({ "statement": statement, "not_for_submission_because": refused })
    });
    json!({ "statements": statements.collect::<Vec<_>>() })
}

/// Prints every page, where a Chromium is there; answers whether all were printed.
async fn print_pages(house: &House, files: &mut Files) -> Result<bool> {
    let Some(printer) = paper::printer() else { return Ok(false) };
    let mut printing = tokio::task::JoinSet::new();
    for words in LANGUAGES {
        let folder = Scratch::new(house.archive().dir())?;
        let page = String::from_utf8_lossy(file(files, &format!("report.{}.html", words.tag))?).into_owned();
        let printer = printer.clone();
        printing.spawn(async move {
            let pdf = paper::print(&printer, &page, &folder.0).await?;
            Ok::<_, Error>((format!("report.{}.pdf", words.tag), pdf))
        });
    }
    let mut printed = Files::new();
    while let Some(done) = printing.join_next().await {
        match done.unwrap_or_else(|e| Err(Error::internal(e.to_string()))) {
            Ok((name, pdf)) => drop(printed.insert(name, pdf)),
            Err(error) => {
                tracing::warn!(%error, "the evidence has its report as HTML only");
                return Ok(false);
            }
        }
    }
    files.extend(printed);
    Ok(true)
}

/// `README.txt` and `verify.sh`: how to verify with public tools.
fn instructions(account: &Account, pdf: bool) -> (String, String) {
    const REFERENCE: &str = include_str!("../../docs/ref/ledger.md");
    let script = REFERENCE.split_once("```bash\n").and_then(|(_, rest)| rest.split_once("\n```"));
    let script = script.map_or(String::new(), |(script, _)| format!("{script}\n"));
    let first = account.entries.first().map(records::name_of).unwrap_or_default();
    let log = account.entries.first().map(|entry| entry.log.clone()).unwrap_or_default();
    let paper = match pdf {
        true => "report.*.html, .pdf        the report for the authority, in Vietnamese, Korean and English",
        false => {
            "report.*.html              the report for the authority, in Vietnamese, Korean and English (to print)"
        }
    };
    let readme = format!(
        "Evidence about the order {}\n\n\
         {paper}\n\
         order.json                 the order as it was placed and as it stands\n\
         case.json                  the case that it belongs to\n\
         timeline.json              what was done, and when; when each node had it in force\n\
         records/                   every record about it, with the proof that it stands in the signed log\n\
         documents/                 letters and reasons that the records commit to, with their salts\n\
         attachments/               files that came with them, named by their SHA-256\n\
         pictures/                  frames before and after; what was said there\n\
         versions.json              the versions made, and the ones that they were made of\n\
         statement-of-reasons.json  in the form of the EU's DSA transparency database\n\
         manifest.json              the SHA-256 of every file; manifest.note is the house's signature over it\n\n\
         To verify all of it offline:\n\n    phim ledger verify FILE.zip --key LOG-KEY --key EVIDENCE-KEY\n\n\
         The keys are published by the operator, at /ledger/{log}/key and /ledger/evidence/key of its server; compare\n\
         them with records/{log}.key and manifest.key.\n\n\
         Or with bash, coreutils and OpenSSL 3. That a record stands in the log:\n\n    \
         bash verify.sh {first}.json {first}.tlog-proof \"$(cat records/{log}.key)\"\n\n\
         That a document is the one that a record commits to, by the name of its file:\n\n    \
         cat documents/NAME.salt documents/NAME.document | sha256sum\n\n\
         That the files are those of the manifest:\n\n    \
         python3 -c 'import json,hashlib;[print(n,\"ok\" if hashlib.sha256(open(n,\"rb\").read()).hexdigest()==d else \"CHANGED\") \
         for n,d in json.load(open(\"manifest.json\"))[\"files\"].items()]'\n",
        account.standing.order.id()
    );
    (readme, script)
}

/// JSON as it stands in an evidence file.
fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|e| Error::internal(e.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A file that must be there.
fn file<'f>(files: &'f Files, name: &str) -> Result<&'f Vec<u8>> {
    files.get(name).ok_or_else(|| Error::new(Kind::DataLoss, "the file is missing").at(name.to_string()))
}

/// The verifier key in a file.
fn key(files: &Files, name: &str) -> Result<VerifierKey> {
    let text = String::from_utf8_lossy(file(files, name)?).into_owned();
    text.trim().parse().map_err(|e| understood(e).at(name.to_string()))
}

pub fn print(written: &Written) {
    println!(
        "{}: {} files, {} bytes; {} records, {} commitments opened, {} pictures{}",
        written.file.display(),
        written.files,
        written.bytes,
        written.records,
        written.commitments_opened,
        written.pictures,
        if written.pdf {
            ""
        } else {
            "; the report as HTML only (PDF needs chromium, fonts-noto and fonts-noto-cjk)"
        }
    );
    println!("SHA-256 {}", written.sha256);
    for key in &written.keys {
        println!("key {key}");
    }
}
