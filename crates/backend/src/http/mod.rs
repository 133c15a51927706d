//! The HTTP side: from an accepted connection to an answer.
//!
//! Not here: where the data is (see [`crate::store`]) and what goes wrong on purpose (see
//! [`crate::fault`]).

pub(crate) mod routes;
pub(crate) mod validation;

pub(crate) mod connection;
pub(crate) mod metrics;
mod openapi;
pub(crate) mod problem;
