//! Reads whole plans through the crate's public API.

mod corpus;
mod plans;
mod robustness;
