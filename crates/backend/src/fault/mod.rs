//! Faults: what goes wrong on purpose, and how it acts on requests.

mod kinds;
mod quantity;

pub(crate) mod injection;
mod precise_timer;
mod slots;
mod token_bucket;

pub use kinds::{Fault, Leak, Stall};
