//! Reads the resources of the servers under test, from outside: the server knows nothing of it. The same of
//! the generator itself ([`GeneratorWatch`]).
//!
//! A [`ServerWatch`] finds the processes that are the server and gives a
//! [`Reading`](loadline_events::Reading) whenever it is asked. Linux is complete; what cannot be
//! read is named in [`ServerWatch::not_read`], never shown as zero.
//!
//! Not here: when to read (the conductor asks each second), what readings mean (the analysis).

mod cgroup;
mod generator_watch;
mod host;
mod listener;
mod netstat;
mod postgres_watch;
mod process;
mod process_watch;
mod source;
mod values;
mod watch;

pub use generator_watch::{GeneratorWatch, port_range};
pub use host::{MachineFacts, machine_facts};
pub use listener::{ListenerError, Place, listening_processes};
pub use source::{Source, SourceError, without_password};
pub use watch::{ServerWatch, WatchError};
