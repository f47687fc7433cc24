//! Versions of films: edits become a composition, a composition becomes a plan of byte ranges.
//!
//! Pure: no disk, clock, network or randomness; time is exact and rational.
//! `span` is the list that a version is, `overlay` what lies over its sources; `edit` turns edits into
//! such a list; `need` says which few frames must be encoded for it; `layout` lays it out as parts,
//! segments and pieces; `held` keeps back at once what an order names, and `forbidden` checks
//! that; `plan` answers with the bytes of one segment, `protected` when they are encrypted; `manifest` writes HLS and DASH; `follow` moves subtitles, chapters and thumbnails along;
//! `position` reads positions as people type them.

pub mod card;
pub mod edit;
pub mod follow;
pub mod forbidden;
pub mod held;
pub mod layout;
pub mod manifest;
pub mod need;
pub mod overlay;
pub mod pieces;
pub mod plan;
pub mod position;
pub mod protected;
pub mod ranges;
pub mod sign;
pub mod sound;
pub mod source;
pub mod span;
pub mod timeline;
pub mod veil;

pub use card::{Card, CardLine};
pub use edit::{Edit, evaluate, evaluate_bound};
pub use forbidden::Forbidden;
pub use held::{Held, Holding, Withheld};
pub use layout::{Layout, Part, Segment, Stream};
pub use need::{Need, holds, needs};
pub use overlay::{Overlay, Overlays};
pub use plan::{Fragment, Range, SegmentPlan};
pub use protected::{Signal, Signals};
pub use ranges::Ranges;
pub use sign::Sign;
pub use source::{Chapter, Media, Sound, Source, Sources, Text, Thumbnails, Tile};
pub use span::{Composition, Span};
pub use timeline::{SourceRange, Timeline};
pub use veil::{Area, Path, Veil, VeilKind};

#[cfg(test)]
mod film;
