//! HTTP/1.1 requests, with and without TLS.
//!
//! In reading order: what may be loaded ([`TargetPolicy`]), how a request is written (`request`,
//! `body`), how an answer is read (`response`, `chunked`), how the two meet on a connection
//! (`exchange`), where connections come from (`connect`, `tls`), and the [`HttpSampler`] that ties
//! them together. Writing and reading are plain functions on bytes; only `exchange`, `connect` and
//! `sampler` wait.
//!
//! Not here: embedded resources, caches, proxies, HTTP/2.

mod body;
mod chunked;
mod connect;
mod connection;
mod content;
mod cookies;
mod encode;
mod exchange;
mod failure;
mod files;
mod options;
mod redirect;
mod request;
mod response;
mod sampler;
mod session;
mod target;
mod tls;
mod url_text;

pub use exchange::IoCounts;
pub use options::{HttpError, HttpOptions};
pub use sampler::HttpSampler;
pub use session::HttpSession;
pub use target::{TargetPolicy, TargetRefused};
