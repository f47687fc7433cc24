//! `phim demo`: three sample films, their versions, two open countries, a premiere, one story of an order, a
//! server. Done twice, the second time finds it all done.
//!
//! Everything goes the way that it goes for a house: the same records, the same gate. What a demonstration
//! cannot have, such as a recognition by a ministry, is overridden with that as the reason.

use std::path::Path;

use media::error::Result;

use crate::house::House;
use crate::progress::Teller;
use crate::territory::{Map, Vantage};
use crate::verbs::Demo;
use crate::{add, serve, version};

mod countries;
mod films;
mod story;

/// Who acts in the demonstration.
const BY: &str = "demo";

pub async fn demo(dir: &Path, demo: &Demo, teller: Teller) -> Result<()> {
    // What a pass binds a player to is kept only where media asks for what the pass became.
    let listen = serve::Listen { tokens: true, ..demo.listen.clone() };
    let map = map(listen.clone())?;
    let house = House::open(dir).await?;
    let door = serve::Door::open(&listen).await?;
    for film in films::films(&demo.films)? {
        if house.snapshot().title(&film.title).is_err() {
            eprintln!("adding {}", film.title);
            add::add(&house, film, teller.clone()).await?;
        }
    }
    for make in films::versions() {
        if house.snapshot().version(&make.title, &make.name).is_err() {
            eprintln!("making {}/{}", make.title, make.name);
            version::make(&house, make, teller.clone()).await?;
        }
    }
    countries::open(&house).await?;
    countries::license(&house).await?;
    countries::notify(&house).await?;
    countries::rate(&house).await?;
    story::tell(&house).await?;
    listen.ask_viewers(&house)?;
    listen.cosign(&house)?;
    serve::welcome(house, door, map).await
}

/// Addresses kept for documentation (RFC 5737) that stand for viewers in the demonstration.
const VANTAGES: [(&str, &str, &str); 3] = [
    ("203.0.113.0/24", "203.0.113.1", "VN"),
    ("198.51.100.0/24", "198.51.100.1", "KR"),
    ("192.0.2.0/24", "192.0.2.1", "US"),
];
/// Where this machine itself is taken to be, unless it is said otherwise.
const HERE: [&str; 2] = ["127.0.0.0/8=VN", "::1/128=VN"];

/// Loopback is believed when it says where a request comes from, so that one machine can be anywhere.
fn map(mut listen: serve::Listen) -> Result<Map> {
    listen.networks.extend(VANTAGES.map(|(network, _, place)| format!("{network}={place}")));
    listen.networks.extend(HERE.map(String::from));
    listen.proxies.extend(["127.0.0.0/8".to_string(), "::1".to_string()]);
    let vantages = VANTAGES
        .map(|(_, address, place)| Vantage { territory: place.to_string(), address: address.to_string() });
    let mut map = listen.map()?;
    map.vantages = vantages.to_vec();
    Ok(map)
}
