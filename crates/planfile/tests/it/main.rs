//! Plans through the crate's public API.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod golden;
mod http;
mod outline;
mod schema;
mod script;
mod wrong;
