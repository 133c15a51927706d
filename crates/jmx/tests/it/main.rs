//! Reads whole plans through the crate's public API.

mod corpus;
mod meaning;
mod plans;
mod refusals;
mod robustness;
mod standings;
