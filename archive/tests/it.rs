//! The room's tests on real files: one binary, a module per subject.

#[path = "it/blobs.rs"]
mod blobs;
#[path = "it/check.rs"]
mod check;
#[path = "it/crash.rs"]
mod crash;
#[path = "it/film.rs"]
mod film;
#[path = "it/full_disk.rs"]
mod full_disk;
#[path = "it/jobs.rs"]
mod jobs;
#[path = "it/load.rs"]
mod load;
#[path = "it/owner.rs"]
mod owner;
#[path = "it/records.rs"]
mod records;
#[path = "it/titles.rs"]
mod titles;
#[path = "it/versions.rs"]
mod versions;
