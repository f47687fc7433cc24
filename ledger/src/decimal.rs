//! Numbers as the formats of a log spell them: ASCII decimal, no sign, no leading zero.

use crate::error::{Error, Result};
use crate::merkle::MAX_SIZE;

/// Reads a tree size or an index, at most [`MAX_SIZE`].
pub(crate) fn read(text: &str) -> Result<u64> {
    let number = text.parse::<u64>().ok().filter(|n| *n <= MAX_SIZE && n.to_string() == text);
    number.ok_or_else(|| {
        Error::invalid(format!("{text:?} is not a number of entries without sign and leading zeros"))
    })
}
