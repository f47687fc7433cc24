//! What every test needs: a sandbox around the real tools, and the films of the repository.

use std::path::PathBuf;

use workshop::{Child, Sandbox};

pub fn sandbox() -> Sandbox {
    let child = Child {
        program: env!("CARGO_BIN_EXE_workshop-child").into(),
        args: Vec::new(),
    };
    Sandbox::new(child, std::env::var_os("PATH").unwrap_or_default())
}

pub fn film(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../films")
        .join(name)
        .canonicalize()
        .expect("the films stand in the repository")
}
