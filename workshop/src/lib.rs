//! ffmpeg as a sandboxed child: probe, ladder, patches, cards, thumbnails; verifies what it made.
//! The only place where foreign media is parsed.

pub mod child;
pub mod sandbox;

pub use child::child_main;
pub use sandbox::{Child, Job, Limits, Sandbox};
