//! Exact rational time. No floating point anywhere.

use num_rational::Ratio;

use crate::error::{Error, Result};

/// An instant or a duration in seconds, exact.
pub type Seconds = Ratio<i64>;

/// Edit units (frames) per second, in lowest terms: 24/1, 24000/1001, 25/1 …
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    num: u32,
    den: u32,
}

impl Rate {
    /// Limits: from one unit in 100 seconds to 1,000 units a second, numerator and denominator at
    /// most 1,000,000. Ticks and timescales then fit 32 bits.
    pub fn new(num: u32, den: u32) -> Result<Rate> {
        if num == 0 || den == 0 {
            return Err(Error::invalid(format!("{num}/{den} is not a frame rate")));
        }
        let r = Ratio::new(num, den);
        let (num, den) = (*r.numer(), *r.denom());
        if num > 1_000_000 || den > 1_000_000 || num / den > 1000 {
            return Err(Error::unsupported(format!(
                "a rate of {num}/{den} a second is beyond 1000 a second"
            )));
        }
        if u64::from(num) * 100 < u64::from(den) {
            return Err(Error::unsupported(format!(
                "a rate of {num}/{den} a second is below one in 100 seconds"
            )));
        }
        Ok(Rate { num, den })
    }
    pub fn num(self) -> u32 {
        self.num
    }
    pub fn den(self) -> u32 {
        self.den
    }
    /// The timescale that Phim writes for video of this rate: a whole number of ticks a frame, at
    /// least 10,000 a second so that players which round to ticks lose nothing that matters.
    pub fn timescale(self) -> u32 {
        (u64::from(self.num) * u64::from(self.ticks_per_unit()) / u64::from(self.den)) as u32
    }
    /// Ticks of [`Rate::timescale`] in one edit unit.
    pub fn ticks_per_unit(self) -> u32 {
        let mut ticks = self.den;
        while self.num as u64 * ticks as u64 / (self.den as u64) < 10_000 {
            ticks *= 10;
        }
        ticks
    }
    /// The instant at which edit unit `unit` begins.
    pub fn seconds(self, unit: i64) -> Seconds {
        Ratio::new(unit * self.den as i64, self.num as i64)
    }
    /// The edit unit that is shown at `at` (rounded down).
    pub fn unit_at(self, at: Seconds) -> i64 {
        self.units(at).floor().to_integer() as i64
    }
    /// The first edit unit that begins at or after `at` (rounded up).
    pub fn unit_from(self, at: Seconds) -> i64 {
        self.units(at).ceil().to_integer() as i64
    }
    fn units(self, at: Seconds) -> Ratio<i128> {
        wide(at) * wide(self.ratio())
    }
    pub fn ratio(self) -> Ratio<i64> {
        Ratio::new(self.num as i64, self.den as i64)
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

/// `at` in ticks of `timescale`, rounded to the nearest tick, halves up.
pub fn ticks(at: Seconds, timescale: u32) -> i64 {
    (wide(at) * i128::from(timescale) + Ratio::new(1, 2)).floor().to_integer() as i64
}

/// An instant given to the nanosecond times a rate may need more than 64 bits.
fn wide(at: Seconds) -> Ratio<i128> {
    Ratio::new_raw((*at.numer()).into(), (*at.denom()).into())
}

#[cfg(test)]
mod tests;
