//! The territories of a window: some, or all except some.

use std::sync::Arc;

use media::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::territory::Territory;

/// A set of territories, as contracts write it. Equal texts are equal sets of the same form; the codes
/// stand sorted, each once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Territories {
    Only(Codes),
    /// The whole world without these; none: the whole world.
    AllExcept(Codes),
}

/// Sorted codes, each once. Windows of one avail share them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Territory>", into = "Vec<Territory>")]
pub struct Codes(Arc<[Territory]>);

impl Territories {
    /// These without those. Fails when nothing is left.
    pub fn new(
        included: impl IntoIterator<Item = Territory>,
        excluded: impl IntoIterator<Item = Territory>,
    ) -> Result<Territories> {
        let excluded = Codes::new(excluded);
        let left = Codes::new(included.into_iter().filter(|t| !excluded.contains(*t)));
        if left.0.is_empty() {
            return Err(Error::invalid("a window for no territory")
                .remedy("Name a territory that is not excluded again"));
        }
        Ok(Territories::Only(left))
    }

    /// The whole world without some.
    pub fn world(excluded: impl IntoIterator<Item = Territory>) -> Territories {
        Territories::AllExcept(Codes::new(excluded))
    }

    pub fn contains(&self, territory: Territory) -> bool {
        match self {
            Territories::Only(codes) => codes.contains(territory),
            Territories::AllExcept(codes) => !codes.contains(territory),
        }
    }

    /// The single territory that it is, where it is one.
    pub fn one(&self) -> Option<Territory> {
        match self {
            Territories::Only(codes) if codes.0.len() == 1 => codes.0.first().copied(),
            _ => None,
        }
    }

    /// Every territory in it, sorted.
    pub fn each(&self) -> Vec<Territory> {
        match self {
            Territories::Only(codes) => codes.0.to_vec(),
            Territories::AllExcept(_) => Territory::all().filter(|t| self.contains(*t)).collect(),
        }
    }

    /// What both hold.
    pub fn shared(&self, other: &Territories) -> Vec<Territory> {
        match (self, other) {
            (Territories::AllExcept(_), Territories::Only(codes)) => {
                codes.0.iter().copied().filter(|t| self.contains(*t)).collect()
            }
            _ => self.each().into_iter().filter(|t| other.contains(*t)).collect(),
        }
    }

    /// Both together.
    pub fn joined(&self, other: &Territories) -> Territories {
        match (self, other) {
            (Territories::Only(a), Territories::Only(b)) => {
                Territories::Only(Codes::new(a.0.iter().chain(b.0.iter()).copied()))
            }
            (Territories::AllExcept(a), b) | (b, Territories::AllExcept(a)) => {
                Territories::AllExcept(Codes::new(a.0.iter().copied().filter(|t| !b.contains(*t))))
            }
        }
    }
}

impl Codes {
    fn new(codes: impl IntoIterator<Item = Territory>) -> Codes {
        let mut codes: Vec<Territory> = codes.into_iter().collect();
        codes.sort_unstable();
        codes.dedup();
        Codes(codes.into())
    }
    fn contains(&self, territory: Territory) -> bool {
        self.0.binary_search(&territory).is_ok()
    }
}

impl TryFrom<Vec<Territory>> for Codes {
    type Error = Error;
    fn try_from(codes: Vec<Territory>) -> Result<Codes> {
        let sorted = Codes::new(codes.iter().copied());
        if *sorted.0 == *codes {
            return Ok(sorted);
        }
        Err(Error::invalid("territories that are not sorted, each once"))
    }
}

impl From<Codes> for Vec<Territory> {
    fn from(codes: Codes) -> Vec<Territory> {
        codes.0.to_vec()
    }
}

impl std::fmt::Display for Territories {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |codes: &Codes| codes.0.iter().map(Territory::code).collect::<Vec<_>>().join(", ");
        match self {
            Territories::Only(codes) => f.write_str(&list(codes)),
            Territories::AllExcept(codes) if codes.0.is_empty() => f.write_str("the world"),
            Territories::AllExcept(codes) => write!(f, "the world except {}", list(codes)),
        }
    }
}
