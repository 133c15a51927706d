//! The HTTP sampler against little servers on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod certificates;
mod cookies;
mod embedded;
mod failures;
mod http2;
mod http2_server;
mod keep_alive;
mod managers;
mod redirects;
mod remembered;
mod routes;
mod server;
mod size;
mod thread;
mod tls;
mod unix;
mod user;
