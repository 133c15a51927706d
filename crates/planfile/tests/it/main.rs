//! Plans through the crate's public API.

mod golden;
mod outline;
mod schema;
mod wrong;
