//! The program as a user has it: run as a process, against servers of known behaviour.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is its failure")]

mod architecture;
mod bad_plans;
mod bad_targets;
mod conformance;
mod convert;
mod docs;
mod few_files;
mod find;
mod folders;
mod health;
mod jmeter;
mod program;
mod round_trip;
mod runs;
mod script_files;
mod server;
mod signals;
mod time_zone;
mod ways;
