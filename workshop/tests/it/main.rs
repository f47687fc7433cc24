//! The workshop with the real ffmpeg, in the real sandbox.

mod card;
mod patch;
mod sandbox;
mod silence;
mod stage;
