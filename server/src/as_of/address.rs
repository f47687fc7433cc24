//! Addresses at which the staff play what a viewer saw at an instant: `/then/SEALED/c/C/…`.
//!
//! Invariants:
//! - An address names its instant, territory, title and version, and when it ends: an hour after it was
//!   made, at the latest. All of it is sealed with a key of the house's secret, so nobody makes one but the
//!   verbs of the owner's socket and the desk.
//! - It opens what the gate of then let a viewer there play, and nothing else of the house. No cache keeps
//!   any of it, and pages of other origins cannot read it.
//! - What was decided since does not cut it: it shows the past to those who answer for it.

use std::sync::Arc;

use axum::response::Response;
use hyper::StatusCode;
use hyper::http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use media::Digest;
use media::error::{Error, Result};
use policy::{Refusal, Territory};
use subtle::ConstantTimeEq as _;

use crate::answer::{Cache, Entity, answer};
use crate::error::problem;
use crate::house::{House, Playable, Snapshot, blocking};
use crate::ledgers::Keys;
use crate::paths::Asset;
use crate::play::{admitted, refused};
use crate::ruling::Ruling;
use crate::segment::{self, Content};
use crate::territory::Place;

/// What stands before what is sealed.
const FRONT: &str = "/then/";
/// How long an address plays.
pub const LIFE: SignedDuration = SignedDuration::from_hours(1);

/// What an address is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    pub instant: Timestamp,
    pub territory: Territory,
    pub title: String,
    pub version: String,
    /// When the address ends.
    pub ends: Timestamp,
}

/// What played there then, and what the gate said of it; or every refusal.
pub type Ruled = std::result::Result<(Arc<Playable>, Arc<Ruling>), Vec<Refusal>>;

impl Moment {
    /// The text that stands in its addresses.
    pub fn sealed(&self, keys: &Keys) -> String {
        let says = self.says();
        let seal = keys.past(&says);
        format!("{says}~{seal}")
    }

    /// No part holds a `~`.
    fn says(&self) -> String {
        let (at, ends) = (self.instant.as_microsecond(), self.ends.as_second());
        format!("{at}~{ends}~{}~{}~{}", self.territory, self.title, self.version)
    }

    /// Reads what this house sealed; none: it did not.
    pub fn open(keys: &Keys, sealed: &str) -> Option<Moment> {
        let (says, seal) = sealed.rsplit_once('~')?;
        if !bool::from(keys.past(says).as_bytes().ct_eq(seal.as_bytes())) {
            return None;
        }
        let mut parts = says.split('~');
        let mut next = || parts.next();
        let moment = Moment {
            instant: Timestamp::from_microsecond(next()?.parse().ok()?).ok()?,
            ends: Timestamp::from_second(next()?.parse().ok()?).ok()?,
            territory: Territory::parse(next()?).ok()?,
            title: next()?.into(),
            version: next()?.into(),
        };
        (moment.says() == says).then_some(moment)
    }

    /// What viewers there were given for this version, by the house of then.
    pub fn ruled(&self, house: &House, then: &Snapshot) -> Result<Ruled> {
        let place = Place::In(self.territory);
        let version = then.version(&self.title, &self.version)?;
        Ok(match admitted(house, then, place, &version.plays)? {
            Ok(playable) => {
                let ruling = house.rule(then, place, &playable)?;
                Ok((playable, ruling))
            }
            Err(refusals) => Err(refusals),
        })
    }
}

/// The address of one asset of a composition.
pub fn of_asset(sealed: &str, composition: &Digest, asset: Asset) -> String {
    format!("{FRONT}{sealed}/c/{composition}/{asset}")
}

/// Splits `/then/SEALED/c/…`.
pub fn of_path(path: &str) -> Option<(&str, &str)> {
    let (sealed, _) = path.strip_prefix(FRONT)?.split_once('/')?;
    let rest = &path[FRONT.len() + sealed.len()..];
    rest.starts_with("/c/").then_some((sealed, rest))
}

/// Media at an address of the past.
pub async fn media(house: &Arc<House>, parts: &Parts, sealed: &str, path: &str) -> Result<Response> {
    let nothing = || Error::not_found("there is nothing at this address");
    let moment = Moment::open(&house.keys, sealed).ok_or_else(nothing)?;
    if moment.ends <= Timestamp::now() {
        let error = Error::invalid("this address of the past has ended")
            .remedy("Ask for another, at the desk or with phim play-url --as-of");
        return Ok(problem(StatusCode::FORBIDDEN, &error));
    }
    let (digest, name) =
        path.strip_prefix("/c/").and_then(|rest| rest.split_once('/')).ok_or_else(nothing)?;
    let digest: Digest = digest.parse().map_err(|_| nothing())?;
    let asset = Asset::parse(name).ok_or_else(nothing)?;
    let then = house.as_of(moment.instant).await?;
    let (here, known) = (house.clone(), then.clone());
    let (playable, ruling) = match blocking(move || moment.ruled(&here, &known)).await? {
        Ok(ruled) if ruled.0.digest == digest => ruled,
        Ok(_) => return Err(nothing()),
        Err(refusals) => return Ok(refused(&refusals)),
    };
    let layout = match &ruling.layout {
        Some(layout) => layout.clone(),
        None => house.layout(&then, &playable).await?,
    };
    let content = segment::content(house, &layout, asset)?;
    // The same last look as for viewers.
    if let Content::Planned(plan) = &content
        && layout.forbidden().touches(plan)
    {
        return Err(Error::internal("a plan would send what an order forbade then").at(path));
    }
    let (tag, pieces) = segment::entity(house, content)?;
    let content_type = asset.content_type();
    answer(parts, Entity { tag, content_type, cache: Cache::Never, titles: None, pieces }, false)
}

#[cfg(test)]
mod tests;
