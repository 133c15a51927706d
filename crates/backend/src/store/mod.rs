//! The data: what the HTTP side asks for, the two profiles, and the two databases.
//!
//! A profile ([`naive`], [`tuned`]) decides which statements are run; a database ([`sqlite`],
//! [`postgres`]) runs them and decides who waits for whom.

mod contract;

mod naive;
mod sql;
mod tuned;

pub(crate) mod postgres;
mod schema;
mod seed;
pub(crate) mod sqlite;
mod work_queue;

pub(crate) use contract::{Command, PendingRecords, PoolUsage, Store, StoreError};
