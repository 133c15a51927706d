//! HTTP requests, with and without TLS: HTTP/1.1, and HTTP/2 (`http2`).
//!
//! In reading order: what may be loaded ([`TargetPolicy`]); how a request is written (`address`,
//! `body`, `head`, `request`, and `frame` where only the target varies); how an answer is read (`chunked`, `content`, `response`); how the two
//! meet on a connection (`exchange`); where connections come from (`tls`, `connect`); what a user
//! keeps (`cookies`, `cache`, `dns`, `session`); by which way requests go (`route`), with which names
//! (`authorization`); what pages name (`links`); and the [`HttpSampler`] that ties them together.
//! Writing and reading are plain functions on bytes; only `exchange`, `connect`, `transfer`,
//! `sampler`, `redirect` and `embedded` wait.
//!
//! Not here: NTLM, Kerberos.

mod target;

mod failure;
mod options;

mod address;
mod authorization;
mod body;
mod encode;
mod files;
mod frame;
mod head;
mod java_headers;
mod request;
mod route;
mod settings;
mod url_path;
mod url_text;
mod wire;

mod chunked;
mod content;
mod response;

mod connect;
mod connection;
mod exchange;
mod key_store;
mod name_server;
mod pkcs12;
mod stream;
mod tls;
mod tunnel;

mod cache;
mod cookies;
mod dns;
mod session;
mod set_cookie;

mod http2;

mod embedded;
mod links;
mod local_file;
mod redirect;
mod sampler;
mod step;
mod transfer;

#[cfg(test)]
mod test_user;

pub use exchange::IoCounts;
pub use options::{HttpError, HttpOptions};
pub use sampler::HttpSampler;
pub use session::HttpSession;
pub use target::{TargetPolicy, TargetRefused};
