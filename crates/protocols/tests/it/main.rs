//! The HTTP sampler against little servers on loopback.

mod keep_alive;
mod server;
mod user;
