//! Has the workshop make what compositions need and nobody has made yet.

use std::sync::Arc;

use composition::Need;
use media::error::{Error, Result};

use crate::house::House;
use crate::progress::Teller;

/// Makes what is missing and enters it. What exists already is found, not made again.
pub async fn make(house: &Arc<House>, needs: &[Need], _teller: Teller) -> Result<()> {
    let snapshot = house.snapshot();
    let missing: Vec<&Need> = needs.iter().filter(|need| !snapshot.has_made(&need.key())).collect();
    house.metrics.patches_found.inc_by((needs.len() - missing.len()) as u64);
    if missing.is_empty() { Ok(()) } else { Err(Error::unsupported("patches cannot be made yet")) }
}
