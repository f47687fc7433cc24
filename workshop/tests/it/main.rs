//! The workshop with the real ffmpeg, in the real sandbox.

mod patch;
mod sandbox;
mod stage;
