//! `order`: how soon an order is in force as another client sees it, and how soon the frame-accurate
//! version is there; beside ffmpeg encoding exactly the same frames, and beside `smartcut`.

use media::Result;
use serde_json::json;

use crate::Asked;
use crate::measure::{Outcome, Side};

mod accurate;
mod audience;
mod force;
mod records;
mod stock;

pub const TITLES: usize = 200;
/// Networks of documentation stand for a country, and the loopback's client says where it is.
const PLACES: [&str; 4] = ["--network", "203.0.113.0/24=VN", "--proxy", "127.0.0.1"];
pub const VIEWER: &str = "203.0.113.5";

pub fn order(asked: &Asked) -> Result<Vec<Outcome>> {
    let stock = stock::stock(asked)?;
    // First, because afterwards the versions of two hundred orders are being made.
    let mut outcomes = accurate::accurate(asked, &stock)?;
    outcomes.push(force::in_force(asked, &stock)?);
    outcomes.push(records::records(asked)?);
    Ok(outcomes)
}

/// What one number of a JSON answer says.
pub fn outcome(
    name: &str,
    ours: Side,
    measure: &str,
    reach: &str,
    reached: bool,
    notes: Vec<String>,
) -> Outcome {
    let more = json!(TITLES);
    let ours = Side { more: [("titles".to_string(), more)].into_iter().chain(ours.more).collect(), ..ours };
    Outcome {
        name: name.into(),
        ours,
        peer: None,
        measure: measure.into(),
        ratio: None,
        reach: reach.into(),
        reached,
        notes,
    }
}
