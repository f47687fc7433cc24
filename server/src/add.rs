//! `phim add`: a film, or tracks for a title that exists.

use std::path::PathBuf;
use std::sync::Arc;

use media::error::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::browse::TitleView;
use crate::house::House;
use crate::progress::Teller;

/// What to add, with absolute paths.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Order {
    pub title: String,
    pub kind: String,
    /// `LANG=TEXT`.
    pub names: Vec<String>,
    pub ready: bool,
    pub files: Vec<PathBuf>,
    pub audio: Vec<(String, PathBuf)>,
    pub text: Vec<(String, PathBuf)>,
    /// `LANG=TEXT`.
    pub labels: Vec<String>,
}

pub async fn add(_house: &Arc<House>, _order: Order, _teller: Teller) -> Result<TitleView> {
    Err(Error::unsupported("nothing can be added yet"))
}

pub fn print(title: &TitleView) {
    crate::title::print_title(title);
}
