//! An HTTP request as a plan states it, and how defaults complete it.

use crate::Text;
use crate::program::SourceKind;

/// The version of HTTP that requests are sent in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HttpVersion {
    /// HTTP/1.1.
    #[default]
    Http1,
    /// HTTP/2: agreed on in the handshake with a server of `https`, begun at once with others.
    Http2,
}

/// Who shares a connection of HTTP/2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HttpStreams {
    /// Each user has connections of its own, with one request at a time on each: the load of as many
    /// clients as there are users.
    #[default]
    One,
    /// The users of an engine thread share one to each server, with as many requests at a time as the
    /// server takes: the load of a few busy clients, such as proxies.
    Many,
}

impl HttpVersion {
    /// The versions with their names in plans and properties.
    pub const NAMES: [(&str, HttpVersion); 2] =
        [("1.1", HttpVersion::Http1), ("2", HttpVersion::Http2)];

    /// The version of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut names = Self::NAMES.iter();
        names.find(|known| known.0 == name).map(|known| known.1)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            HttpVersion::Http1 => "1.1",
            HttpVersion::Http2 => "2",
        }
    }
}

impl HttpStreams {
    /// The ways with their names in plans and properties.
    pub const NAMES: [(&str, HttpStreams); 2] =
        [("one", HttpStreams::One), ("many", HttpStreams::Many)];

    /// The way of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut names = Self::NAMES.iter();
        names.find(|known| known.0 == name).map(|known| known.1)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            HttpStreams::One => "one",
            HttpStreams::Many => "many",
        }
    }
}

/// The settings of an HTTP Request or of HTTP Request Defaults.
///
/// An absent value is completed by the defaults in scope; what no element sets has JMeter's
/// built-in default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HttpRequest {
    /// `http` or `https`; JMeter's default is `http`.
    pub protocol: Option<Text>,
    /// Host name or address, without port.
    pub domain: Option<Text>,
    /// Port; empty or 0 means the protocol's.
    pub port: Option<Text>,
    /// Path with optional query, or a whole `http://` URL.
    pub path: Option<Text>,
    /// Method; JMeter's default is `GET`.
    pub method: Option<Text>,
    /// Charset of query and body; JMeter's default is UTF-8.
    pub content_encoding: Option<Text>,
    /// Whether redirects are followed as sub-samples.
    pub follow_redirects: Option<bool>,
    /// Whether redirects are followed inside one sample.
    pub auto_redirects: Option<bool>,
    /// Whether the connection is kept open.
    pub keep_alive: Option<bool>,
    /// Whether the argument values, put together, are the body.
    pub raw_body: Option<bool>,
    /// Whether the body is `multipart/form-data`.
    pub multipart: Option<bool>,
    /// Whether multipart parts carry only what browsers send.
    pub browser_multipart: Option<bool>,
    /// Time to connect, in milliseconds; empty or 0 means no bound.
    pub connect_timeout_ms: Option<Text>,
    /// Greatest gap between two reads, in milliseconds; empty or 0 means no bound.
    pub response_timeout_ms: Option<Text>,
    /// Whether the resources of a page are fetched too.
    pub embedded: Option<bool>,
    /// Whether several of them are fetched at the same time.
    pub embedded_concurrent: Option<bool>,
    /// How many at the same time; JMeter's default is 6.
    pub embedded_pool: Option<Text>,
    /// Regular expression that their URLs match; empty for all.
    pub embedded_include: Option<Text>,
    /// Regular expression of URLs that are not fetched; empty for none.
    pub embedded_exclude: Option<Text>,
    /// Whether the MD5 sum of the body takes its place.
    pub md5: Option<bool>,
    /// Whether requests look like those of Java's own client, not of Apache HttpClient.
    pub java_client: Option<bool>,
    /// Source address, host name or network device.
    pub source: Option<Text>,
    /// What `source` is.
    pub source_kind: Option<SourceKind>,
    /// Host of a proxy; empty for none.
    pub proxy_host: Option<Text>,
    /// Port of the proxy; 0 for none.
    pub proxy_port: Option<Text>,
    /// User name for the proxy.
    pub proxy_user: Option<Text>,
    /// Password for the proxy.
    pub proxy_password: Option<Text>,
    /// File of the Unix socket that connections go to, whatever the URL's host is; empty for none.
    pub unix_socket: Option<Text>,
    /// Version of HTTP.
    pub http_version: Option<HttpVersion>,
    /// Who shares a connection of HTTP/2.
    pub streams: Option<HttpStreams>,
    /// Query, form or raw body arguments, in order.
    pub arguments: Vec<HttpArgument>,
    /// Files to send, in order.
    pub files: Vec<HttpFile>,
}

/// One argument of an HTTP request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpArgument {
    /// Name; empty for a raw body.
    pub name: Text,
    /// Value.
    pub value: Text,
    /// Whether name and value are percent-encoded.
    pub always_encode: bool,
    /// Whether `=` stands between name and value even when the value is empty.
    pub use_equals: bool,
    /// Content type in a multipart body.
    pub content_type: Text,
}

/// One file of an HTTP request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpFile {
    /// Path, relative to the plan.
    pub path: Text,
    /// Name of the form field; empty when the file is the whole body.
    pub parameter: Text,
    /// MIME type.
    pub mime_type: Text,
}

impl HttpRequest {
    /// Completes the request with `defaults`: a value that is absent, or an empty text, takes the
    /// default's; arguments and files of the defaults are appended.
    ///
    /// Source: JMeter's merging of HTTP Request Defaults into a sampler.
    pub fn complete_with(&mut self, defaults: &HttpRequest) {
        fn text(own: &mut Option<Text>, default: &Option<Text>) {
            if own.as_ref().is_none_or(Text::is_empty) && default.is_some() {
                own.clone_from(default);
            }
        }
        fn flag(own: &mut Option<bool>, default: Option<bool>) {
            *own = own.or(default);
        }
        text(&mut self.protocol, &defaults.protocol);
        text(&mut self.domain, &defaults.domain);
        text(&mut self.port, &defaults.port);
        text(&mut self.path, &defaults.path);
        text(&mut self.method, &defaults.method);
        text(&mut self.content_encoding, &defaults.content_encoding);
        text(&mut self.connect_timeout_ms, &defaults.connect_timeout_ms);
        text(&mut self.response_timeout_ms, &defaults.response_timeout_ms);
        text(&mut self.embedded_pool, &defaults.embedded_pool);
        text(&mut self.embedded_include, &defaults.embedded_include);
        text(&mut self.embedded_exclude, &defaults.embedded_exclude);
        text(&mut self.source, &defaults.source);
        text(&mut self.proxy_host, &defaults.proxy_host);
        text(&mut self.proxy_port, &defaults.proxy_port);
        text(&mut self.proxy_user, &defaults.proxy_user);
        text(&mut self.proxy_password, &defaults.proxy_password);
        text(&mut self.unix_socket, &defaults.unix_socket);
        self.http_version = self.http_version.or(defaults.http_version);
        self.streams = self.streams.or(defaults.streams);
        self.source_kind = self.source_kind.or(defaults.source_kind);
        flag(&mut self.embedded, defaults.embedded);
        flag(&mut self.embedded_concurrent, defaults.embedded_concurrent);
        flag(&mut self.md5, defaults.md5);
        flag(&mut self.java_client, defaults.java_client);
        flag(&mut self.follow_redirects, defaults.follow_redirects);
        flag(&mut self.auto_redirects, defaults.auto_redirects);
        flag(&mut self.keep_alive, defaults.keep_alive);
        flag(&mut self.raw_body, defaults.raw_body);
        flag(&mut self.multipart, defaults.multipart);
        flag(&mut self.browser_multipart, defaults.browser_multipart);
        self.arguments.extend(defaults.arguments.iter().cloned());
        self.files.extend(defaults.files.iter().cloned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_values_win_and_arguments_are_appended() {
        let argument = |name: &str| HttpArgument {
            name: name.into(),
            ..HttpArgument::default()
        };
        let mut request = HttpRequest {
            domain: Some("own".into()),
            port: Some("".into()),
            keep_alive: Some(false),
            arguments: vec![argument("a")],
            ..HttpRequest::default()
        };
        request.complete_with(&HttpRequest {
            domain: Some("default".into()),
            port: Some("8000".into()),
            keep_alive: Some(true),
            arguments: vec![argument("b")],
            ..HttpRequest::default()
        });
        assert_eq!(request.domain, Some("own".into()));
        assert_eq!(request.port, Some("8000".into()));
        assert_eq!(request.keep_alive, Some(false));
        assert_eq!(request.arguments, [argument("a"), argument("b")]);
    }
}
