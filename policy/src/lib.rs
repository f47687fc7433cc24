//! What may play where. So far: orders, cases, proposals, and the gate as far as they go.
//!
//! Pure: no disk, clock, network or randomness; the caller gives the instant.
//! An authority writes an `order` about a `scope` of a work; `resolve` finds the frames that it means;
//! a `decision` is the record of every act about it; `state` is what decisions fold to; `bites` says
//! what is live for a title; `gate` answers with a pass or with refusals. `pack` holds a territory's
//! rules: its labels and whom they admit (`label`, `age`), the `criteria` that lead to them, the
//! `advisory` that must be shown, the hours that the law gives; `rating` is how a title comes by its label. `clocks` says what is due, `report` counts
//! for the public, `reasons` states them as the EU's database asks.

pub mod advisory;
pub mod age;
pub mod avail;
pub mod bites;
pub mod browse;
pub mod clocks;
pub mod criteria;
pub mod decision;
pub mod film;
pub mod gate;
pub mod instant;
pub mod label;
pub mod order;
pub mod pack;
pub mod rating;
pub mod readiness;
pub mod reasons;
pub mod refusal;
pub mod report;
pub mod resolve;
pub mod scope;
pub mod state;
pub mod territory;
mod text;
pub mod timeline;

pub use avail::{Avail, AvailId, Licensed, Window};
pub use bites::{Bites, Bound, Live};
pub use decision::{Act, Decision, Edited, Outcome, Party, Proposed, Resolved, Sealed, Staff, Station};
pub use film::{Film, Place};
pub use gate::{Answer, Day, Device, Gate, Pass, Question, Viewer, Who, decide, explain};
pub use order::{Attachment, Due, Operation, Order, OrderId, Work};
pub use pack::{Deadline, Pack, Packs};
pub use refusal::{Refusal, Rule, Words};
pub use resolve::resolve;
pub use scope::{Part, Scope, TimeRange};
pub use state::{Applied, State};
pub use territory::Territory;
