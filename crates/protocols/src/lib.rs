//! Samplers: what a plan's requests do on the wire.
//!
//! [`http`] speaks HTTP/1.1 and HTTP/2, with and without TLS, over TCP and Unix sockets. An engine thread owns one sampler, a virtual user
//! one session of it; nothing is shared between threads.

pub mod http;

pub use http::{HttpError, HttpOptions, HttpSampler, HttpSession, TargetPolicy, TargetRefused};
