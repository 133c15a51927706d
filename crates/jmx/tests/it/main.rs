//! Reads whole plans through the crate's public API.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod controllers;
mod corpus;
mod http_managers;
mod in_jmeter;
mod include;
mod loads;
mod meaning;
mod modifiers;
mod plans;
mod refusals;
mod robustness;
mod standings;
mod variable_sources;
