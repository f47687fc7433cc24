//! Where a request comes from: the country of its network address, never what a client merely claims.
//!
//! The address is that of the connection, or, behind a proxy that the operator trusts, the last one in
//! `X-Forwarded-For` that is no such proxy's. Its country comes from networks that the operator has
//! named, else from a database in MaxMind's format. A viewer whose country is not known is bound by the
//! orders of every territory.

use std::net::IpAddr;
use std::path::Path;

use hyper::header::HeaderMap;
use ipnet::IpNet;
use media::error::{Error, Kind, Result};
use policy::Territory;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The territory of a viewer; none when it is not known.
pub type Place = Option<Territory>;

/// What stands in front of the addresses of media for this place, `/vn`; nothing for an unknown one.
pub fn prefix(place: Place) -> String {
    place.map(|territory| format!("/{}", territory.code().to_ascii_lowercase())).unwrap_or_default()
}

/// Splits `/vn/c/…` into the territory and `/c/…` (or `/e/…`); a path without one is returned whole.
pub fn of_path(path: &str) -> (Place, &str) {
    let named = path.get(1..3).filter(|code| code.bytes().all(|b| b.is_ascii_lowercase()));
    if let (Some(code), Some(rest)) = (named, path.get(3..))
        && crate::protect::of_path(rest).is_some()
        && let Ok(territory) = Territory::parse(&code.to_ascii_uppercase())
    {
        return (Some(territory), rest);
    }
    (None, path)
}

/// An address that stands for a viewer somewhere, for a demonstration.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Vantage {
    /// ISO 3166-1 alpha-2.
    pub territory: String,
    /// What to send as `X-Forwarded-For`.
    pub address: String,
}

/// How places are found.
#[derive(Default)]
pub struct Map {
    /// Places that pages may ask from; none outside of a demonstration.
    pub vantages: Vec<Vantage>,
    networks: Vec<(IpNet, Territory)>,
    proxies: Vec<IpNet>,
    database: Option<maxminddb::Reader<Vec<u8>>>,
}

impl Map {
    /// `networks` are written `CIDR=CC`, `proxies` as addresses or CIDR; `database` is a file in MaxMind's
    /// format with the countries of addresses.
    pub fn new(networks: &[String], proxies: &[String], database: Option<&Path>) -> Result<Map> {
        let mut map = Map::default();
        for text in networks {
            let (network, place) = text.split_once('=').ok_or_else(|| {
                Error::invalid(format!("{text:?} names no country"))
                    .remedy("Write CIDR=CC, e.g. 10.1.0.0/16=VN")
            })?;
            map.networks.push((read_network(network)?, Territory::parse(place)?));
        }
        // The narrowest network that holds an address counts.
        map.networks.sort_by_key(|(network, _)| std::cmp::Reverse(network.prefix_len()));
        map.proxies = proxies.iter().map(|text| read_network(text)).collect::<Result<_>>()?;
        map.database = database.map(open_database).transpose()?;
        Ok(map)
    }

    /// Whether a trusted proxy says that its client's connection is encrypted.
    pub fn came_encrypted(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        let peer = peer.to_canonical();
        self.proxies.iter().any(|proxy| proxy.contains(&peer))
            && headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https")
    }

    /// The viewer's address; none when a trusted proxy does not say a readable one.
    pub fn viewer(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let mut at = peer.to_canonical();
        let lines: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().map(|v| v.to_str().unwrap_or("?")).collect();
        let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        while self.proxies.iter().any(|proxy| proxy.contains(&at)) {
            match hops.next() {
                Some(hop) => at = hop.trim().parse::<IpAddr>().ok()?.to_canonical(),
                None => break,
            }
        }
        Some(at)
    }

    /// Where an address is.
    pub fn country(&self, ip: IpAddr) -> Place {
        if let Some((_, territory)) = self.networks.iter().find(|(network, _)| network.contains(&ip)) {
            return Some(*territory);
        }
        self.database.as_ref().and_then(|db| {
            let record = db.lookup(ip).ok()?;
            // The CC0 databases keep the code at the top, MaxMind's in a country record.
            let plain: Option<String> =
                record.decode_path(&[maxminddb::PathElement::Key("country_code")]).ok()?;
            let nested = || {
                use maxminddb::PathElement::Key;
                record.decode_path::<String>(&[Key("country"), Key("iso_code")]).ok().flatten()
            };
            Territory::parse(&plain.or_else(nested)?.to_ascii_uppercase()).ok()
        })
    }
}

fn read_network(text: &str) -> Result<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
        Error::invalid(format!("{text:?} is not a network"))
            .remedy("Write an address or CIDR, e.g. 10.1.0.0/16")
    })
}

fn open_database(path: &Path) -> Result<maxminddb::Reader<Vec<u8>>> {
    maxminddb::Reader::open_readfile(path).map_err(|e| {
        Error::new(Kind::Invalid, format!("the database of countries cannot be read: {e}"))
            .at(path.display().to_string())
            .remedy("Give a file in MaxMind's format (.mmdb)")
    })
}

#[cfg(test)]
mod tests;
