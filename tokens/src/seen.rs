//! The ids of tokens that must not be used twice, remembered until the tokens end.

use std::collections::{BTreeSet, HashSet};

/// A bounded memory. When it is full it remembers what it has and says so: the caller refuses.
#[derive(Debug)]
pub struct Seen {
    capacity: usize,
    ids: HashSet<Vec<u8>>,
    ends: BTreeSet<(i64, Vec<u8>)>,
}

/// What the memory knows of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    First,
    Again,
    /// No room for another id: too many tokens are under way.
    Full,
}

impl Seen {
    /// Remembers at most `capacity` ids.
    pub fn new(capacity: usize) -> Seen {
        Seen { capacity, ids: HashSet::new(), ends: BTreeSet::new() }
    }
    /// Notes the use at `now` of a token that ends at `expires`, and forgets those that have ended.
    pub fn note(&mut self, id: &[u8], expires: i64, now: i64) -> Use {
        while let Some((end, old)) = self.ends.pop_first() {
            if end > now {
                self.ends.insert((end, old));
                break;
            }
            self.ids.remove(&old);
        }
        if self.ids.contains(id) {
            return Use::Again;
        }
        if self.ids.len() >= self.capacity {
            return Use::Full;
        }
        self.ids.insert(id.to_vec());
        self.ends.insert((expires, id.to_vec()));
        Use::First
    }
    /// How many ids it holds.
    pub fn len(&self) -> usize {
        self.ids.len()
    }
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

#[cfg(test)]
mod tests;
