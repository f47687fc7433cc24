//! The child of the workshop as a program of its own, for tests; `phim` carries the same code under
//! a hidden verb.

fn main() -> std::process::ExitCode {
    workshop::child_main(std::env::args_os().skip(1))
}
