//! The workshop with the real ffmpeg, in the real sandbox.

mod sandbox;
mod stage;
