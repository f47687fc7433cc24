//! The workshop with the real ffmpeg, in the real sandbox.

mod card;
mod hold;
mod ladder;
mod patch;
mod pictures;
mod read;
mod sandbox;
mod sign;
mod silence;
mod stage;
mod stuck;
mod veil;
