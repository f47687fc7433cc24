//! Records: appended durably, verified, and folded to the state again.

use std::time::Instant;

use archive::{Archive, Record};
use jiff::Timestamp;
use media::{Error, Result};
use policy::decision::DECISION_VERSION;
use policy::{Act, Decision, Due, Order, Packs, Staff, State};
use serde_json::json;

use super::outcome;
use crate::Asked;
use crate::measure::{Outcome, Side, failed};

/// Records that one transaction appends, as a busy writer would.
const SINGLE: usize = 300;
const MANY: usize = 100_000;

pub fn records(asked: &Asked) -> Result<Outcome> {
    let many = if asked.quick { 1_000 } else { MANY };
    let data = asked.work.join("order/records");
    let _ = std::fs::remove_dir_all(&data);
    let runtime = tokio::runtime::Runtime::new().map_err(failed("starting a runtime"))?;
    let (each, batch) = runtime.block_on(append(&data, many))?;
    let decisions = decisions(many)?;
    let entries = decisions.iter().map(entry).collect::<Result<Vec<_>>>()?;
    let began = Instant::now();
    let read = entries.iter().map(|text| understood(text)).collect::<Result<Vec<_>>>()?;
    let state = State::fold(&read)?;
    let fold = began.elapsed().as_secs_f64();
    if state.orders().count() != many {
        return Err(Error::internal("the state lost orders"));
    }
    let began = Instant::now();
    let tree: ledger::Tree = entries.iter().map(|text| ledger::leaf_hash(text.as_bytes())).collect();
    let size = tree.size();
    let root = tree.root(size).map_err(said)?;
    for index in (0..size).step_by(7) {
        let path = tree.prove_inclusion(index, size).map_err(said)?;
        let leaf = ledger::leaf_hash(entries[index as usize].as_bytes());
        ledger::merkle::verify_inclusion(&path, index, &leaf, size, &root).map_err(said)?;
    }
    let verified = began.elapsed().as_secs_f64();
    let ours = Side {
        name: format!("refold of {many} records"),
        wall_seconds: fold,
        more: [
            ("appended_one_by_one_per_second".into(), json!(each.round())),
            ("appended_in_hundreds_per_second".into(), json!(batch.round())),
            ("proved_and_verified_per_second".into(), json!((size as f64 / 7.0 / verified).round())),
        ]
        .into(),
        ..Side::default()
    };
    Ok(outcome(
        "order, records",
        ours,
        "wall seconds, read from bytes and folded",
        "stated",
        true,
        Vec::new(),
    ))
}

async fn append(data: &std::path::Path, many: usize) -> Result<(f64, f64)> {
    let archive = Archive::open(data).await?;
    let entries = decisions(SINGLE)?.iter().map(entry).collect::<Result<Vec<_>>>()?;
    let began = Instant::now();
    for (number, text) in entries.into_iter().enumerate() {
        let record = Record { log: "one".into(), number: number as u64, text };
        archive.catalogue().append(&[(record, Vec::new())], &[], 0).await?;
    }
    let each = SINGLE as f64 / began.elapsed().as_secs_f64();
    let began = Instant::now();
    enter(&archive, many).await?;
    let batch = many as f64 / began.elapsed().as_secs_f64();
    archive.close().await;
    Ok((each, batch))
}

/// Enters that many orders of the past, all lifted territories apart, a hundred a transaction.
pub async fn enter(archive: &Archive, count: usize) -> Result<()> {
    let entries = decisions(count)?.iter().map(entry).collect::<Result<Vec<_>>>()?;
    for (n, chunk) in entries.chunks(100).enumerate() {
        let record = |(m, text): (usize, &String)| {
            (Record { log: "vn".into(), number: (n * 100 + m) as u64, text: text.clone() }, Vec::new())
        };
        let records: Vec<_> = chunk.iter().enumerate().map(record).collect();
        archive.catalogue().append(&records, &[], 0).await?;
    }
    Ok(())
}

/// Orders of earlier years on titles that the house no longer has.
fn decisions(count: usize) -> Result<Vec<Decision>> {
    let packs = Packs::built_in()?;
    let by = Staff::new("bench")?;
    let order = |n: usize| {
        let json = json!({
            "authority": "bench", "number": format!("old-{n}"), "date": "2020-01-03", "legal_basis": "bench",
            "territories": ["VN"], "work": { "title": format!("gone-{n}") }, "scope": "whole", "operation": "withdraw",
        });
        let order = Order::read(&json.to_string(), &packs)?;
        let at = Timestamp::from_microsecond(1_500_000_000_000_000 + n as i64)
            .map_err(|e| Error::internal(e.to_string()))?;
        let act = Act::OrderPlaced {
            order: Box::new(order),
            due: Due::default(),
            second_person: false,
            resolved: Vec::new(),
        };
        Ok(Decision::new(at, by.clone(), act))
    };
    (0..count).map(order).collect()
}

fn entry(decision: &Decision) -> Result<String> {
    let at = decision.at.as_microsecond();
    let record =
        ledger::Record::new(decision.kind(), DECISION_VERSION, at, &decision.body()?).map_err(said)?;
    String::from_utf8(record.bytes().map_err(said)?).map_err(|e| Error::internal(e.to_string()))
}

fn understood(entry: &str) -> Result<Decision> {
    let record = ledger::Record::parse(entry.as_bytes()).map_err(said)?;
    Decision::read(&record.kind, record.version, record.at, &record.body)
}

fn said(error: ledger::Error) -> Error {
    Error::internal(error.to_string())
}
