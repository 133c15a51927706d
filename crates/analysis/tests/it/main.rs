//! Whole runs, simulated with a fixed seed, judged through the public API.

mod comparison;
mod limits;
mod recording;
mod robustness;
mod saturation;
mod search;
mod simulator;
mod starved;
