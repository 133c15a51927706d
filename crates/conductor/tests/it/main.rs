//! Calibration: whole runs against servers of known truth on loopback.
//!
//! A server that writes down when it read each request and when it answered says what the run must
//! have measured, percentile by percentile. Where the truth is a schedule or a capacity, it is
//! arithmetic. What the machine itself adds is watched beside each run (see [`noise`]).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod expectation;
mod measured;
mod noise;
mod server;

mod errors;
mod generator;
mod record;
mod service_time;
mod stall;
mod throughput;
