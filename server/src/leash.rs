//! Connections that can be cut while they carry something that may no longer be sent.
//!
//! Invariants:
//! - Bytes reach the kernel only under a leash's lock, while it is not cut. So when [`Leash::cut`] has
//!   returned, that connection hands nothing more to the kernel.
//! - A connection says what it is about to carry before the snapshot is read that the answer comes from.
//!   So an order, which swaps the snapshot first and then looks at every leash, finds every answer that
//!   was planned from an older snapshot.
//! - Once an answer is planned, the connection says under which ruling. What it carries is judged by that
//!   alone, so a connection that obeys already is left in peace. An answer that is not planned yet when an
//!   order looks is planned anew.
//! - What an earlier request of HTTP/1.1 got is let go of only once the kernel has all of it; a request of
//!   the desk then gets its answer on the connection on which its browser watched what it forbids.
//! - An answer under way is never forgotten. A connection of HTTP/2 that has carried half of what can be
//!   remembered takes no more requests, so its client opens another; one that yet carries more than can
//!   be remembered is cut whenever an order looks.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use media::Digest;
use tokio::sync::Notify;

use crate::paths::Asset;
use crate::ruling::Ruling;
use crate::territory::Place;

/// What an answer carries, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Carried {
    pub place: Place,
    pub composition: Digest,
    pub asset: Asset,
}

/// An answer that a connection carries.
pub struct Carrying {
    pub what: Carried,
    /// The ruling that it is planned under.
    pub under: Arc<Ruling>,
}

/// The same, from when it was asked for.
struct Begun {
    what: Carried,
    number: u64,
    /// None while it is not planned yet.
    under: Option<Arc<Ruling>>,
    /// An order has looked meanwhile: what it is planned under may be too old.
    stale: bool,
}

/// What a connection carries and has carried. An answer that was sent whole may still stand here; cutting
/// an idle connection costs its client a new one, no more.
#[derive(Default)]
struct Carries {
    begun: VecDeque<Begun>,
    next: u64,
    /// Something that may be under way was forgotten.
    lost: bool,
}

/// One connection's.
pub struct Leash {
    cut: Mutex<bool>,
    ended: Notify,
    full: Notify,
    carries: Mutex<Carries>,
    /// Nothing was to be written since the connection was last flushed.
    flushed: AtomicBool,
}

/// Answers of a connection that are remembered where one follows the other: more than a buffer holds.
const MOST_IN_TURN: usize = 64;
/// The same where several are under way at once, and one may go on while many others come and end.
const MOST_AT_ONCE: usize = 1024;

impl Leash {
    fn new() -> Leash {
        Leash {
            cut: Mutex::new(false),
            ended: Notify::new(),
            full: Notify::new(),
            carries: Mutex::default(),
            flushed: AtomicBool::new(true),
        }
    }

    /// Says what this connection is about to carry, and answers the number for [`Leash::planned`]. Called
    /// before the snapshot is read. `at_once`: other answers may be under way at the same time (HTTP/2).
    pub fn carry(&self, what: Carried, at_once: bool) -> u64 {
        let mut carries = lock(&self.carries);
        if carries.begun.len() >= if at_once { MOST_AT_ONCE } else { MOST_IN_TURN } {
            carries.begun.pop_front();
            carries.lost |= at_once;
        }
        if at_once && carries.begun.len() >= MOST_AT_ONCE / 2 {
            self.full.notify_one();
        }
        let number = carries.next;
        carries.next += 1;
        carries.begun.push_back(Begun { what, number, under: None, stale: false });
        number
    }

    /// Says under which ruling the answer of this number is planned. False: an order came between, so a
    /// snapshot must be read again and the answer planned anew.
    pub fn planned(&self, number: u64, ruling: &Arc<Ruling>) -> bool {
        let mut carries = lock(&self.carries);
        let Some(at) = carries.begun.iter().rposition(|begun| begun.number == number) else {
            // It was forgotten, and `lost` says so.
            return true;
        };
        if std::mem::take(&mut carries.begun[at].stale) {
            return false;
        }
        let what = carries.begun[at].what;
        let same = |begun: &Begun| {
            begun.what == what && begun.under.as_ref().is_some_and(|under| Arc::ptr_eq(under, ruling))
        };
        match carries.begun.iter().position(same) {
            // Remembered once, as the last.
            Some(before) => {
                carries.begun.remove(before);
                if let Some(last) = carries.begun.iter_mut().find(|begun| begun.number == number) {
                    last.under = Some(ruling.clone());
                }
            }
            None => carries.begun[at].under = Some(ruling.clone()),
        }
        true
    }

    /// Cuts the connection when it carries anything of which `forbidden` is true; answers whether it did.
    /// What is not planned yet will be planned anew.
    fn cut_where(&self, forbidden: &mut impl FnMut(&Carrying) -> bool) -> bool {
        let (planned, lost) = {
            let mut carries = lock(&self.carries);
            let mut planned = Vec::with_capacity(carries.begun.len());
            for begun in &mut carries.begun {
                match &begun.under {
                    Some(under) => planned.push(Carrying { what: begun.what, under: under.clone() }),
                    None => begun.stale = true,
                }
            }
            (planned, carries.lost)
        };
        let cuts = lost || planned.iter().any(forbidden);
        if cuts {
            self.cut();
        }
        cuts
    }

    /// Lets go of what earlier requests got, where the kernel has all of it. Called when a request begins
    /// on a connection whose answers follow each other (HTTP/1.1): its server flushes what it has written
    /// of one answer before it looks at the next request, so a flush that was done and no write since mean
    /// that nothing is left to be handed over.
    pub fn settle(&self) {
        if self.flushed.load(Ordering::Acquire) {
            lock(&self.carries).begun.clear();
        }
    }

    /// Says whether everything that was to be written so far has reached the kernel.
    pub fn flushed(&self, all: bool) {
        self.flushed.store(all, Ordering::Release);
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

    /// Done once the connection has carried so many answers that another should carry the next ones.
    pub async fn full(&self) {
        self.full.notified().await;
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
    pub fn cut_where(&self, mut forbidden: impl FnMut(&Carrying) -> bool) -> usize {
        let open: Vec<Arc<Leash>> = lock(&self.open).values().cloned().collect();
        open.iter().filter(|leash| leash.cut_where(&mut forbidden)).count()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        lock(&self.leashes.open).remove(&self.number);
    }
}

#[cfg(test)]
mod tests;
