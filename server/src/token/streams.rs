//! How many play with one session's token at once.
//!
//! A stream is counted by the network address of its viewer: whoever asked within the last minute plays.
//! An IPv6 address counts by its network of 64 bits, because one machine has many addresses in it.
//!
//! Invariants:
//! - A request never waits: where another one counts in the same shard, this one goes uncounted.
//! - Memory is bounded; where it is full of sessions that play, another one is refused.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, TryLockError};

/// Seconds for which an address counts after it asked.
const WINDOW: i64 = 60;
const SHARDS: usize = 64;
/// Sessions in a shard of a house.
const MAX_SESSIONS: usize = 4096;

/// Who played with a session's token, and when last.
type Session = Vec<(Option<IpAddr>, i64)>;

pub struct Streams {
    most: usize,
    /// Sessions in a shard at most.
    room: usize,
    hasher: RandomState,
    shards: Vec<Mutex<HashMap<String, Session>>>,
}

impl Streams {
    /// `most`: addresses that may play with one token at once.
    pub fn new(most: usize) -> Streams {
        Streams::with_room(most, MAX_SESSIONS)
    }

    fn with_room(most: usize, room: usize) -> Streams {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Streams { most, room, hasher: RandomState::new(), shards }
    }

    /// Counts a request at `now` (seconds). False: too many others play with this token.
    pub fn enter(&self, session: &str, viewer: Option<IpAddr>, now: i64) -> bool {
        let shard = self.hasher.hash_one(session) as usize % SHARDS;
        let mut sessions = match self.shards[shard].try_lock() {
            Ok(sessions) => sessions,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return true,
        };
        if !sessions.contains_key(session) {
            if sessions.len() >= self.room {
                sessions.retain(|_, viewers| viewers.iter().any(|(_, last)| now - last < WINDOW));
            }
            if sessions.len() >= self.room {
                return false;
            }
            sessions.insert(session.to_string(), Session::new());
        }
        sessions.get_mut(session).is_some_and(|viewers| play(viewers, viewer.map(network), now, self.most))
    }
}

fn play(viewers: &mut Session, viewer: Option<IpAddr>, now: i64, most: usize) -> bool {
    if let Some(known) = viewers.iter_mut().find(|(address, _)| *address == viewer) {
        known.1 = now;
        return true;
    }
    viewers.retain(|(_, last)| now - last < WINDOW);
    let room = viewers.len() < most;
    if room {
        viewers.push((viewer, now));
    }
    room
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests;
