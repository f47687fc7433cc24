//! The addresses at which a version plays.

use media::error::Result;
use serde::{Deserialize, Serialize};

use crate::house::House;

#[derive(Serialize, Deserialize)]
pub struct Addresses {
    pub title: String,
    pub version: String,
    /// The page with its player.
    pub page: String,
    pub hls: String,
    pub dash: String,
}

pub fn show(house: &House, version: &str, base: &str) -> Result<Addresses> {
    let snapshot = house.snapshot();
    let version = snapshot.find(version)?;
    let row = &version.row;
    let base = base.trim_end_matches('/');
    Ok(Addresses {
        title: row.title.clone(),
        version: row.name.clone(),
        page: format!("{base}/watch/{}?version={}", row.title, row.name),
        hls: format!("{base}{}", house.content.address(&version.plays, "hls.m3u8")),
        dash: format!("{base}{}", house.content.address(&version.plays, "dash.mpd")),
    })
}

pub fn print(addresses: &Addresses) {
    println!("{}\n{}\n{}", addresses.page, addresses.hls, addresses.dash);
}
