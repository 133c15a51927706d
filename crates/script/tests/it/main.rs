//! The interpreter against recorded answers of the real engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod javascript;
mod json;
mod limits;
mod limits_of_languages;
mod objects;
mod oracle;
mod refusals;
mod vectors;
