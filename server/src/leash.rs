//! Connections that can be cut while they carry something that may no longer be sent.
//!
//! Invariants:
//! - Bytes reach the kernel only under a leash's lock, while it is not cut. So when [`Leash::cut`] has
//!   returned, that connection hands nothing more to the kernel.
//! - A connection says what it is about to carry before the snapshot is read that the answer comes from.
//!   So an order, which swaps the snapshot first and then looks at every leash, finds every answer that
//!   was planned from an older snapshot.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use media::Digest;
use tokio::sync::Notify;

use crate::paths::Asset;
use crate::territory::Place;

/// What an answer carries, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Carried {
    pub place: Place,
    pub composition: Digest,
    pub asset: Asset,
}

/// One connection's.
pub struct Leash {
    cut: Mutex<bool>,
    ended: Notify,
    /// The last answers. An answer that was sent whole may still stand here; cutting an idle connection
    /// costs its client a new one, no more.
    carries: Mutex<VecDeque<Carried>>,
}

/// Answers of one connection that may be under way at once: HTTP/2 streams, and those whose last bytes
/// wait in a buffer.
const MOST_CARRIED: usize = 160;

impl Leash {
    fn new() -> Leash {
        Leash { cut: Mutex::new(false), ended: Notify::new(), carries: Mutex::default() }
    }

    /// Says what this connection is about to carry. Called before the snapshot is read.
    pub fn carry(&self, what: Carried) {
        let mut carries = lock(&self.carries);
        if carries.back() == Some(&what) {
            return;
        }
        if carries.len() >= MOST_CARRIED {
            carries.pop_front();
        }
        carries.push_back(what);
    }

    /// Hands bytes to the kernel by `write`, which must not block. Fails when the connection was cut.
    pub fn write<T>(&self, write: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let cut = lock(&self.cut);
        if *cut {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the film was withdrawn meanwhile"));
        }
        write()
    }

    /// Ends the connection: when this returns, it hands nothing more to the kernel.
    pub fn cut(&self) {
        *lock(&self.cut) = true;
        self.ended.notify_one();
    }

    /// Done once the connection is cut.
    pub async fn ended(&self) {
        self.ended.notified().await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that runs under these locks can leave them half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The leashes of all open connections. Locked when a connection opens or closes and when an order
/// arrives, never by a request.
#[derive(Default)]
pub struct Leashes {
    open: Mutex<HashMap<u64, Arc<Leash>>>,
    next: AtomicU64,
}

/// A leash among the open ones for as long as this lives.
pub struct Held {
    pub leash: Arc<Leash>,
    leashes: Arc<Leashes>,
    number: u64,
}

impl Leashes {
    pub fn hold(self: &Arc<Leashes>) -> Held {
        let (leash, number) = (Arc::new(Leash::new()), self.next.fetch_add(1, Ordering::Relaxed));
        lock(&self.open).insert(number, leash.clone());
        Held { leash, leashes: self.clone(), number }
    }

    /// Cuts every connection that may carry something of which `forbidden` is true; answers how many.
    pub fn cut_where(&self, mut forbidden: impl FnMut(&Carried) -> bool) -> usize {
        let open: Vec<Arc<Leash>> = lock(&self.open).values().cloned().collect();
        let mut count = 0;
        for leash in open {
            let carries = lock(&leash.carries).clone();
            if carries.iter().any(&mut forbidden) {
                leash.cut();
                count += 1;
            }
        }
        count
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        lock(&self.leashes.open).remove(&self.number);
    }
}

#[cfg(test)]
mod tests;
