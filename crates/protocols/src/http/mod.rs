//! HTTP/1.1 requests, with and without TLS.
//!
//! In reading order: what may be loaded ([`TargetPolicy`]); how a request is written (`address`,
//! `body`, `head`, `request`); how an answer is read (`chunked`, `content`, `response`); how the two
//! meet on a connection (`exchange`); where connections come from (`tls`, `connect`); what a user
//! keeps (`cookies`, `session`); and the [`HttpSampler`] that ties them together. Writing and
//! reading are plain functions on bytes; only `exchange`, `connect`, `sampler` and `redirect` wait.
//!
//! Not here: embedded resources, caches, proxies, HTTP/2.

mod target;

mod failure;
mod options;

mod address;
mod body;
mod encode;
mod files;
mod head;
mod request;
mod url_text;
mod wire;

mod chunked;
mod content;
mod response;

mod connect;
mod connection;
mod exchange;
mod tls;

mod cookies;
mod session;

mod redirect;
mod sampler;
mod step;

#[cfg(test)]
mod test_user;

pub use exchange::IoCounts;
pub use options::{HttpError, HttpOptions};
pub use sampler::HttpSampler;
pub use session::HttpSession;
pub use target::{TargetPolicy, TargetRefused};
