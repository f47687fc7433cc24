//! The house's logs over HTTP, as C2SP tlog-tiles lays them out: `/ledger/LOG/checkpoint`,
//! `/ledger/LOG/tile/…`. `/ledger/checkpoint` is that of the house's own log.
//!
//! Hashes are open to everybody, for a proof needs them. The entries themselves name authorities and
//! works, and need the desk's token unless the operator publishes them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use ledger::{Level, Tile, write_bundle};
use media::error::{Error, Result};

use crate::desk::Desk;
use crate::error::Failure;
use crate::house::House;
use crate::ledgers::{EVIDENCE, HOUSE, Log, understood};

/// The signed checkpoint of the house's own log.
pub async fn checkpoint(house: State<Arc<House>>) -> std::result::Result<Response, Failure> {
    Ok(text(&find(&house, HOUSE)?.checkpoint))
}

/// A file of one log.
pub async fn file(
    house: State<Arc<House>>,
    Path((log, path)): Path<(String, String)>,
    desk: std::result::Result<Desk, Response>,
) -> std::result::Result<Response, Failure> {
    // `/ledger/tile/…` is the house's own log.
    let (log, path) = if log == "tile" { (HOUSE.to_string(), format!("tile/{path}")) } else { (log, path) };
    if log == EVIDENCE && path == "key" {
        return Ok(text(&format!("{}\n", house.keys.verifier(EVIDENCE)?)));
    }
    let log = find(&house, &log)?;
    if path == "checkpoint" {
        return Ok(text(&log.checkpoint));
    }
    if path == "key" {
        return Ok(text(&format!("{}\n", house.keys.verifier(&log.name)?)));
    }
    let tile: Tile = path.parse().map_err(understood)?;
    let bytes = match tile.level {
        Level::Hashes(_) => log.tree.tile(&tile).map_err(understood)?,
        Level::Entries => {
            if let Err(refused) = desk {
                return Ok(refused);
            }
            entries(&house, &log, &tile).await?
        }
    };
    // A full tile never changes; a partial one is named by its width, so it does not either.
    let headers = [
        ("content-type", "application/octet-stream"),
        ("cache-control", "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}

fn find(house: &House, name: &str) -> Result<Log> {
    let published = house.published.load();
    published.log(name).cloned().ok_or_else(|| {
        let names: Vec<&str> = published.all().map(|log| log.name.as_str()).collect();
        Error::not_found(format!("there is no log {name:?}")).remedy(if names.is_empty() {
            "Nothing was decided yet".to_string()
        } else {
            format!("There are {}", names.join(", "))
        })
    })
}

async fn entries(house: &House, log: &Log, tile: &Tile) -> Result<Vec<u8>> {
    let (from, to) = (tile.first(), tile.first() + u64::from(tile.width));
    if to > log.tree.size() {
        return Err(Error::not_found(format!("the log has {} entries", log.tree.size())));
    }
    let records = house.archive().catalogue().records(&log.name, from, to).await?;
    write_bundle(records.iter().map(|record| record.as_bytes())).map_err(understood)
}

fn text(text: &str) -> Response {
    let headers = [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-cache")];
    (headers, text.to_string()).into_response()
}
