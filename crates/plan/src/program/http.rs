//! An HTTP sampler, compiled: the request with its defaults, headers and cookie manager merged.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{
    AuthorizationProgram, CacheProgram, DnsProgram, EmbeddedProgram, ProxyProgram, SourceProgram,
    Template,
};
use crate::{CookieManager, HttpStreams, HttpVersion, KeystoreConfig};

/// A compiled HTTP request. Absent settings have JMeter's built-in defaults here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HttpProgram {
    /// Tells it from every other.
    pub identity: Identity,
    /// `http` or `https`, in any case; empty means `http`.
    pub protocol: Template,
    /// Host name or address.
    pub domain: Template,
    /// Port; empty, 0 or no number means the protocol's.
    pub port: Template,
    /// Path with optional query, or a whole URL that begins with `http://` or `https://`.
    pub path: Template,
    /// Method, upper case as a rule.
    pub method: Template,
    /// Charset of query and body; empty means UTF-8.
    pub content_encoding: Template,
    /// Whether redirects are followed as sub-samples.
    pub follow_redirects: bool,
    /// Whether redirects are followed inside one sample.
    pub auto_redirects: bool,
    /// Whether the connection is kept open.
    pub keep_alive: bool,
    /// Whether the argument values, put together, are the body.
    pub raw_body: bool,
    /// Whether the body is `multipart/form-data`.
    pub multipart: bool,
    /// Whether multipart parts carry only what browsers send.
    pub browser_multipart: bool,
    /// Time to connect in milliseconds; empty or 0 means no bound.
    pub connect_timeout_ms: Template,
    /// Greatest gap between two reads in milliseconds; empty or 0 means no bound.
    pub response_timeout_ms: Template,
    /// Arguments, own first, then those of the defaults.
    pub arguments: Vec<ProgramArgument>,
    /// Files, own first, then those of the defaults.
    pub files: Vec<ProgramFile>,
    /// Headers of all header managers in scope, merged innermost first; name and value.
    pub headers: Vec<(Template, Template)>,
    /// Whose headers these are.
    pub header_managers: HeaderManagers,
    /// The cookie manager in scope, if any, shared by all samplers in its scope.
    pub cookies: Option<Arc<CookieManager>>,
    /// The cache manager in scope, if any.
    pub cache: Option<Arc<CacheProgram>>,
    /// The rows of the authorization manager in scope, if any.
    pub authorization: Option<Arc<[AuthorizationProgram]>>,
    /// The DNS cache manager in scope, if any.
    pub dns: Option<Arc<DnsProgram>>,
    /// The keystore configuration in scope, if any.
    pub keystore: Option<Arc<KeystoreConfig>>,
    /// How the resources of a page are fetched; `None` when they are not.
    pub embedded: Option<Box<EmbeddedProgram>>,
    /// The proxy, if any.
    pub proxy: Option<Box<ProxyProgram>>,
    /// The source address, if it is the plan's choice.
    pub source: Option<Box<SourceProgram>>,
    /// File of the Unix socket that connections go to; `None` where the plan says nothing of one.
    pub unix_socket: Option<Box<Template>>,
    /// Version of HTTP, if it is the plan's choice.
    pub http_version: Option<HttpVersion>,
    /// Who shares a connection of HTTP/2, if it is the plan's choice.
    pub streams: Option<HttpStreams>,
    /// Whether the MD5 sum of the body takes its place.
    pub md5: bool,
    /// Whether the request looks like one of Java's own client, not of Apache HttpClient.
    pub java_client: bool,
    /// Whether an empty method is `GET`; in JMeter it is none.
    pub empty_is_get: bool,
    /// Whether interim answers other than 100 are skipped while the body waits for that; in JMeter they
    /// are failures.
    pub skips_interim: bool,
    /// What of the response later elements read.
    pub keep: KeptParts,
    /// Whether certificates and host names are checked; JMeter does not, own plans do.
    pub verify_tls: bool,
}

impl HttpProgram {
    /// Whether a header whose text is fixed ends the connection behind the answer, over HTTP/1.
    #[must_use]
    pub fn always_closes(&self) -> bool {
        self.headers.iter().any(|(name, value)| {
            let (name, value) = (name.as_literal(), value.as_literal());
            name.is_some_and(|name| name.eq_ignore_ascii_case("connection"))
                && value.is_some_and(|value| says_close(value.as_bytes()))
        })
    }
}

/// Whether `value`, that of a header `Connection`, ends the connection behind the answer (RFC 9112, 9.6).
#[must_use]
pub fn says_close(value: &[u8]) -> bool {
    let mut tokens = value.split(|&byte| byte == b',');
    tokens.any(|token| token.trim_ascii().eq_ignore_ascii_case(b"close"))
}

/// The header managers in scope of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeaderManagers {
    /// There is none.
    #[default]
    None,
    /// The one with that number in the plan. JMeter gives it to the request as it is, so what a script changes in it stays
    /// for the thread.
    One(u32),
    /// Several, merged into one for each sample.
    Merged,
}

/// Tells a program from every other one of the process, so that what was made of it can be found
/// again without comparing it. A copy has none: it is made to be changed.
pub struct Identity(u64);

impl Identity {
    /// The number; `None` for a copy's.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        (self.0 > 0).then_some(self.0)
    }
}

impl Default for Identity {
    fn default() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl Clone for Identity {
    fn clone(&self) -> Self {
        Self(0)
    }
}

/// Equal programs may be two.
impl PartialEq for Identity {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The number differs from run to run.
impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Identity")
    }
}

/// A compiled argument; see [`crate::HttpArgument`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramArgument {
    /// Name; empty for a raw body.
    pub name: Template,
    /// Value.
    pub value: Template,
    /// Whether name and value are percent-encoded.
    pub always_encode: bool,
    /// Whether `=` stands between name and value even when the value is empty.
    pub use_equals: bool,
    /// Content type in a multipart body.
    pub content_type: Template,
}

/// A compiled file; see [`crate::HttpFile`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramFile {
    /// Path, relative to the plan.
    pub path: Template,
    /// Name of the form field.
    pub parameter: Template,
    /// MIME type.
    pub mime_type: Template,
}

/// Parts of a result that extractors, assertions or outputs read. What nobody reads is counted and
/// dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptParts {
    /// The response body, decoded from gzip, deflate or br.
    pub body: bool,
    /// The status line and headers of the response.
    pub response_headers: bool,
    /// Method, URL, headers and body of the request.
    pub request: bool,
}

impl KeptParts {
    /// What either reads.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            body: self.body || other.body,
            response_headers: self.response_headers || other.response_headers,
            request: self.request || other.request,
        }
    }
}
