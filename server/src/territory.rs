//! Where a request comes from: the country of its network address, never what a client merely claims.
//!
//! The address is that of the connection, or, behind a proxy that the operator trusts, the last one in
//! `X-Forwarded-For` that is no such proxy's. Its country comes from networks that the operator has
//! named, else from a database in MaxMind's format. A viewer whose country is not known is refused; in a
//! trial, bound by the rules of every territory.
//!
//! Whose account is kept in another country is away from home. Whose rules hold then is for the packs of
//! both countries to say ([`Place::of_traveller`]); where they differ, or one says nothing, those of both
//! hold. Until accounts exist here, where one is kept is known only from a signed token of the operator's.
//! Whoever shows none has no home, and is under the rules of the country where they are.

use std::net::IpAddr;
use std::path::Path;

use hyper::header::HeaderMap;
use ipnet::IpNet;
use jiff::Timestamp;
use media::error::{Error, Kind, Result};
use policy::pack::duty::Travel;
use policy::pack::position::Position;
use policy::{Packs, Territory};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a viewer is taken to be: whose rules hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Not known: refused, or in a trial under the rules of all territories at once.
    Unknown,
    In(Territory),
    /// Away from home, under the rules of both.
    Away {
        at: Territory,
        home: Territory,
    },
}

impl Place {
    /// Of a viewer of whose account nothing is known.
    pub fn of(at: Option<Territory>) -> Place {
        at.map_or(Place::Unknown, Place::In)
    }

    /// Of a viewer who is at `at` and whose account is kept at `home`.
    ///
    /// The rules of one country alone hold only where the packs of both say so on that day, as the house
    /// reads them. Where it is not known where the viewer is, everybody's hold.
    pub fn of_traveller(
        at: Option<Territory>,
        home: Option<Territory>,
        travel: impl Fn(Territory) -> Travel,
    ) -> Place {
        match (at, home) {
            (Some(at), Some(home)) if at != home => match (travel(at), travel(home)) {
                (Travel::Place, Travel::Place) => Place::In(at),
                (Travel::Home, Travel::Home) => Place::In(home),
                _ => Place::Away { at, home },
            },
            _ => Place::of(at),
        }
    }

    /// The territories whose rules hold; none where it is not known which.
    pub fn territories(self) -> impl Iterator<Item = Territory> + Clone {
        let (first, second) = match self {
            Place::Unknown => (None, None),
            Place::In(territory) => (Some(territory), None),
            Place::Away { at, home } => (Some(at), Some(home)),
        };
        first.into_iter().chain(second)
    }

    /// The territory that is named to the viewer: where they are, or whose rules alone hold.
    pub fn named(self) -> Option<Territory> {
        self.territories().next()
    }
}

/// What the pack of a territory says of travellers on the day of `now`; without one, the stricter.
pub fn travel(packs: &Packs, positions: &[Position], territory: Territory, now: Timestamp) -> Travel {
    let Some(pack) = packs.get(territory) else { return Travel::Both };
    pack.at_with(pack.day(now), positions).travel()
}

/// What stands in front of the addresses of media for this place: `/vn`, for a traveller `/vn-kr`; nothing
/// for an unknown one.
pub fn prefix(place: Place) -> String {
    let codes: Vec<String> = place.territories().map(|t| t.code().to_ascii_lowercase()).collect();
    if codes.is_empty() { String::new() } else { format!("/{}", codes.join("-")) }
}

/// Splits `/vn/c/…` into the place and `/c/…` (or `/e/…`); a path without one is returned whole.
pub fn of_path(path: &str) -> (Option<Place>, &str) {
    let codes = path.strip_prefix('/').and_then(|rest| Some(&rest[..rest.find('/')?]));
    if let Some(codes) = codes
        && let Some(place) = read_codes(codes)
        && crate::protect::of_path(&path[1 + codes.len()..]).is_some()
    {
        return (Some(place), &path[1 + codes.len()..]);
    }
    (None, path)
}

fn read_codes(text: &str) -> Option<Place> {
    let code = |text: &str| {
        let small = text.len() == 2 && text.bytes().all(|b| b.is_ascii_lowercase());
        small.then(|| Territory::parse(&text.to_ascii_uppercase()).ok())?
    };
    match text.split_once('-') {
        None => code(text).map(Place::In),
        Some((at, home)) => match (code(at)?, code(home)?) {
            (at, home) if at == home => None,
            (at, home) => Some(Place::Away { at, home }),
        },
    }
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
    pub fn country(&self, ip: IpAddr) -> Option<Territory> {
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
