//! The backend as its clients see it: over a socket, in both profiles.

mod client;
mod contract;
mod crud;
mod faults;
mod paging;
mod postgres;
mod server;
