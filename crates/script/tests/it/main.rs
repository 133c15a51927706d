//! The interpreter against recorded answers of the real engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod javascript;
mod limits;
mod objects;
mod oracle;
mod vectors;
