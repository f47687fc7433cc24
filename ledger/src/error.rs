//! The one error shape of this room; the same as in the other rooms, which this one may not use.
//!
//! An error names what went wrong, where (resource, entry, line, byte), and, when there is one, what to do.

use std::fmt;

/// The few kinds of failure that a caller may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The input is malformed, lies about itself, or breaks a limit.
    Invalid,
    /// The input is well formed, but is not handled.
    Unsupported,
    /// A named thing does not exist, or no key is known for it.
    NotFound,
    /// A signature is wrong or missing.
    Unsigned,
    /// Stored bytes are missing or differ from what was signed.
    DataLoss,
}

/// What happened, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: Kind,
    /// What was found and what was expected, as a sentence without a full stop.
    pub message: String,
    /// Where: outermost place first (a resource, then an entry or line, then a byte). Empty when unknown.
    pub places: Vec<String>,
    /// What the person can do. Empty when nothing sensible can be said.
    pub remedy: String,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), places: Vec::new(), remedy: String::new() }
    }
    pub fn invalid(message: impl Into<String>) -> Error {
        Error::new(Kind::Invalid, message)
    }
    pub fn unsupported(message: impl Into<String>) -> Error {
        Error::new(Kind::Unsupported, message)
    }
    pub fn not_found(message: impl Into<String>) -> Error {
        Error::new(Kind::NotFound, message)
    }
    pub fn unsigned(message: impl Into<String>) -> Error {
        Error::new(Kind::Unsigned, message)
    }
    pub fn lost(message: impl Into<String>) -> Error {
        Error::new(Kind::DataLoss, message)
    }
    /// Adds an outer place, e.g. the bundle in which an entry was wrong.
    pub fn at(mut self, place: impl Into<String>) -> Error {
        self.places.insert(0, place.into());
        self
    }
    /// Says what the person can do.
    pub fn remedy(mut self, remedy: impl Into<String>) -> Error {
        self.remedy = remedy.into();
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in &self.places {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)?;
        if !self.remedy.is_empty() {
            write!(f, ". {}", self.remedy)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
