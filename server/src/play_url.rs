//! The addresses at which a version plays.

use media::error::Result;
use policy::Territory;
use serde::{Deserialize, Serialize};

use crate::house::{House, Playable};
use crate::territory::prefix;
use crate::token::{Bearer, carriage};

#[derive(Serialize, Deserialize)]
pub struct Addresses {
    pub title: String,
    pub version: String,
    /// The page with its player.
    pub page: String,
    pub hls: String,
    pub dash: String,
    /// When the addresses stop to play, where they carry a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// The addresses of a version for viewers in `territory`; without one, for whoever asks. Where the house
/// asks for tokens, they carry one.
pub fn show(house: &House, version: &str, base: &str, territory: Option<Territory>) -> Result<Addresses> {
    let snapshot = house.snapshot();
    let version = snapshot.find(version)?;
    let row = &version.row;
    let (front, expires) = front(house, &version.plays, territory)?;
    let base = base.trim_end_matches('/');
    let address = |name: &str| format!("{base}{front}{}", house.content.address(&version.plays, name));
    Ok(Addresses {
        title: row.title.clone(),
        version: row.name.clone(),
        page: format!("{base}/watch/{}?version={}", row.title, row.name),
        hls: address("hls.m3u8"),
        dash: address("dash.mpd"),
        expires,
    })
}

/// What stands before `/c/` in an address, and when that ends.
fn front(
    house: &House,
    playable: &Playable,
    territory: Option<Territory>,
) -> Result<(String, Option<String>)> {
    let prefix = prefix(territory);
    let Some(tokens) = house.tokens() else { return Ok((prefix, None)) };
    let bearer = Bearer { at: territory, prefix: &prefix, home: None };
    let folder = house.content.address(playable, "");
    let until = house.snapshot().state.next_change(jiff::Timestamp::now());
    let issued = tokens.media(&bearer, &folder, until, false)?;
    Ok((carriage::in_path(&issued.token, &prefix), Some(issued.expires.to_string())))
}

pub fn print(addresses: &Addresses) {
    println!("{}\n{}\n{}", addresses.page, addresses.hls, addresses.dash);
}
