//! Content keys. Pure: randomness, files and the network are the caller's.
//!
//! `content` is the keys of one title as the archive keeps them, wrapped; `licence` tells keys to ClearKey
//! (W3C Encrypted Media Extensions); `cpix` exchanges them with vendors of DRM (DASH-IF CPIX), whose
//! documents `signature` checks.
//!
//! Invariant: a key in the clear stands only in memory, in the answer of a licence, and in a document that
//! is asked for in the clear; never in a record, a log or a `Debug` text.

mod content;
pub mod cpix;
pub mod licence;

pub use rsa::rand_core;

pub use content::{ContentKey, TitleKeys, key_id_text, parse_key_id};
