//! The engine in virtual time: small plans, a sampler that answers as a script says, and what was
//! recorded.

#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod allocations;
mod arrival_groups;
mod auto_stop;
mod closed;
mod control_flow;
mod controllers;
mod data;
mod debug_sampler;
mod demand;
mod listening;
mod modifiers;
mod open;
mod pacing;
mod parallel;
mod plain;
mod plan;
mod plugin_elements;
mod poisson;
mod preparation;
mod processing;
mod queues;
mod schedules;
mod scripts;
mod stage;
mod stop;
mod threads;
mod timing;
mod variable_sources;
mod world;
