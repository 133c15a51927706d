//! The backend as its clients see it: over a socket, in both profiles.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod contract;
mod crud;
mod faults;
mod paging;
mod postgres;
mod server;
