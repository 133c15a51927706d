//! The reference REST backend with known capacity, bottlenecks and faults.
//!
//! Three collections (posts, users, books) over SQLite or PostgreSQL, served by HTTP/1.1. It is the
//! ground truth for everything that judges a server: its [`Profile`] decides which mistakes it
//! makes, its [`Fault`]s inject what a measurement has to find. It runs as a process of its own, so
//! that its CPU and memory are its own too.
//!
//! Not here: anything of Loadline. The crate knows no other crate of the workspace, so a mistake
//! there cannot hide behind the same mistake here.

mod options;
mod server;

mod collection;
mod record;
mod timestamp;

mod fault;
mod http;
mod store;

pub use fault::{Fault, Leak, Stall};
pub use options::{BackendOptions, Database, OptionError, Profile};
pub use server::{Backend, BackendError, RunningBackend, ShutdownHandle};
