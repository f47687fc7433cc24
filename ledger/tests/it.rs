//! All integration tests of the room in one binary, which links once.

mod cases_merkle;
mod recipe;
