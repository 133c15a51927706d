//! Requests over HTTP/2.
//!
//! The `h2` crate speaks the protocol; here is what a load generator adds. In reading order: whose
//! the bytes on the wire are (`frame_meter`, `metered`); a request as HTTP/2 has it (`head`); a
//! connection (`connection`); those that the users of a thread share (`shared`); one request and its
//! answer on either (`exchange`); why it failed (`failure`); what becomes of a sample (`transfer`).
//!
//! A connection of one user's is driven by that user's own future, as one of HTTP/1.1 is: nothing
//! stands between the bytes and their instants. A shared one is driven by a task of its own, since
//! no user waits for all of it.
//!
//! Not here: server push, which is switched off; trailers, which are read and dropped; priorities.

mod connection;
mod exchange;
mod failure;
mod frame_meter;
pub(crate) mod head;
mod metered;
mod shared;
mod transfer;

pub(crate) use connection::{Http2Connection, begin};
pub(crate) use failure::{check_agreed, not_agreed};
pub(crate) use shared::SharedConnections;
