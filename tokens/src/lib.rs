//! Common Access Tokens (CTA-5007): what the gate allowed, as signed claims that our own server and any
//! CDN can check on every request for media. Pure: no clock, randomness, network or disk; the caller
//! gives the instant, the facts of the request, fresh ids and whether an id was seen before.
//!
//! `claims` is what a token says, `key` who may say it and by which algorithm, `token` the bytes
//! (CWT in COSE) written and checked, `refusal` why one is not accepted, `seen` the memory that forbids
//! a second use. A `receipt` is what a viewer has paid for, sealed in the same way by the operator's billing.
//!
//! Sources: CTA-5007 for the claims; RFC 8392 (CWT); RFC 9052 and 9053 (COSE); RFC 8949 §4.2.1 for
//! deterministic bytes.

mod address;
mod claims;
mod key;
mod receipt;
mod refusal;
mod seen;
mod token;

pub use address::{Address, Match};
pub use claims::{Claims, MAX_LIFE, Renewal, RenewalKind, Replay};
pub use key::{Algorithm, Issuer, Key, Ring};
pub use receipt::{Receipt, Right};
pub use refusal::Refusal;
pub use seen::{Seen, Use};
pub use token::{MAX_TOKEN, Request, issue, verify};
