//! The program as its users meet it: one binary, real processes, real sockets.

#[path = "it/adding.rs"]
mod adding;
#[path = "it/client.rs"]
mod client;
#[path = "it/evidence.rs"]
mod evidence;
#[path = "it/film.rs"]
mod film;
#[path = "it/orders.rs"]
mod orders;
#[path = "it/phim.rs"]
mod phim;
#[path = "it/ratings.rs"]
mod ratings;
#[path = "it/scripts.rs"]
mod scripts;
#[path = "it/serving.rs"]
mod serving;
#[path = "it/territories.rs"]
mod territories;
#[path = "it/verbs.rs"]
mod verbs;
#[path = "it/windows.rs"]
mod windows;
