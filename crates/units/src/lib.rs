//! Rates, quantiles, byte counts, run time and the clock they are read from.
//!
//! Everything here is a value: nothing reads a clock, a file or the environment. The one trait,
//! [`Clock`], is how time enters the crates that wait.

mod clock;
mod parse;
mod quantity;

pub use clock::{Clock, RunTime};
pub use parse::{UnitError, parse_bytes, parse_duration, parse_rate, parse_ratio};
pub use quantity::{ByteCount, Quantile, Rate};
