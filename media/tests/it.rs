//! All integration tests of the room in one binary, which links once.

mod cases_decode;
mod cases_mp4;
mod cases_text;
mod film;
mod protected;
