//! One error shape for the whole house.
//!
//! An error names what went wrong, where (file, box, line, byte), and, when there is one, what to do.
//! Refusals of policy are values elsewhere, never errors.

use std::fmt;

/// The few kinds of failure that a caller may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The input is malformed, lies about itself, or breaks a limit.
    Invalid,
    /// The input is well formed, but Phim does not handle it.
    Unsupported,
    /// A named thing does not exist.
    NotFound,
    /// The named thing exists already, or somebody else holds it.
    Conflict,
    /// Stored bytes are missing or differ from what was recorded.
    DataLoss,
    /// A resource is exhausted or out of reach for now: disk, memory, time, a child process.
    Unavailable,
    /// A mistake of ours.
    Internal,
}

/// What happened, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: Kind,
    /// What was found and what was expected, as a sentence without a full stop.
    pub message: String,
    /// Where: outermost place first (a file, then a box or line, then a byte). Empty when unknown.
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
    pub fn internal(message: impl Into<String>) -> Error {
        Error::new(Kind::Internal, message)
    }
    /// Adds an outer place, e.g. the file in which a box was wrong.
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
