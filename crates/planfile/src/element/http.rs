//! The settings of HTTP Requests and HTTP Request Defaults.

use loadline_plan::program::SourceKind;
use loadline_plan::{HttpArgument, HttpFile, HttpRequest, HttpStreams, HttpVersion, Text};

use super::Settings;

const SOURCE_KINDS: &[(&str, Option<SourceKind>)] = &[
    ("unset", None),
    ("host", Some(SourceKind::Host)),
    ("device", Some(SourceKind::Device)),
    ("device_v4", Some(SourceKind::DeviceV4)),
    ("device_v6", Some(SourceKind::DeviceV6)),
];

const VERSIONS: &[(&str, Option<HttpVersion>)] = &[
    ("unset", None),
    ("1.1", Some(HttpVersion::Http1)),
    ("2", Some(HttpVersion::Http2)),
];

const STREAMS: &[(&str, Option<HttpStreams>)] = &[
    ("unset", None),
    ("one", Some(HttpStreams::One)),
    ("many", Some(HttpStreams::Many)),
];

/// All settings; what is absent is left to the defaults in scope.
pub(crate) fn http<S: Settings>(request: &mut HttpRequest, s: &mut S) {
    let r = request;
    s.optional("method", "Method.", &mut r.method);
    s.optional("protocol", "`http` or `https`.", &mut r.protocol);
    s.optional("domain", "Host name or address.", &mut r.domain);
    s.optional("port", "Port.", &mut r.port);
    s.optional("path", "Path, or a whole URL.", &mut r.path);
    s.optional(
        "encoding",
        "Charset of query and body.",
        &mut r.content_encoding,
    );
    s.optional_flag(
        "follow_redirects",
        "Whether redirects are followed as samples of their own.",
        &mut r.follow_redirects,
    );
    s.optional_flag(
        "auto_redirects",
        "Whether redirects are followed inside one sample.",
        &mut r.auto_redirects,
    );
    s.optional_flag(
        "keep_alive",
        "Whether the connection is kept open.",
        &mut r.keep_alive,
    );
    s.optional_flag(
        "raw_body",
        "Whether the values of the arguments, put together, are the body.",
        &mut r.raw_body,
    );
    s.optional_flag(
        "multipart",
        "Whether the body is multipart/form-data.",
        &mut r.multipart,
    );
    s.optional_flag(
        "browser_multipart",
        "Whether its parts carry only what browsers send.",
        &mut r.browser_multipart,
    );
    s.optional(
        "connect_timeout_ms",
        "Time to connect, in milliseconds; 0 is without end.",
        &mut r.connect_timeout_ms,
    );
    s.optional(
        "response_timeout_ms",
        "Greatest gap between two reads, in milliseconds; 0 is without end.",
        &mut r.response_timeout_ms,
    );
    s.optional_flag(
        "embedded",
        "Whether the resources of a page are fetched too.",
        &mut r.embedded,
    );
    s.optional_flag(
        "embedded_concurrent",
        "Whether several at the same time.",
        &mut r.embedded_concurrent,
    );
    s.optional("embedded_pool", "How many.", &mut r.embedded_pool);
    s.optional(
        "embedded_include",
        "Regular expression that their URLs match.",
        &mut r.embedded_include,
    );
    s.optional(
        "embedded_exclude",
        "Regular expression of URLs that are not fetched.",
        &mut r.embedded_exclude,
    );
    s.optional_flag(
        "md5",
        "Whether the MD5 sum of the body takes its place.",
        &mut r.md5,
    );
    s.optional_flag(
        "java_client",
        "Whether requests look like those of Java's own client.",
        &mut r.java_client,
    );
    s.optional("source", "Source address or device.", &mut r.source);
    s.word(
        "source_kind",
        "What `source` is.",
        SOURCE_KINDS,
        &mut r.source_kind,
    );
    s.optional("proxy_host", "Host of a proxy.", &mut r.proxy_host);
    s.optional("proxy_port", "Port of the proxy.", &mut r.proxy_port);
    s.optional("proxy_user", "User name for the proxy.", &mut r.proxy_user);
    s.optional(
        "proxy_password",
        "Password for the proxy.",
        &mut r.proxy_password,
    );
    s.optional(
        "unix_socket",
        "File of the Unix socket that connections go to.",
        &mut r.unix_socket,
    );
    s.word(
        "http_version",
        "Version of HTTP.",
        VERSIONS,
        &mut r.http_version,
    );
    s.word(
        "streams",
        "Who shares a connection of HTTP/2.",
        STREAMS,
        &mut r.streams,
    );
    s.rows(
        "arguments",
        "Query, form or raw body arguments.",
        &mut r.arguments,
        argument,
    );
    s.rows("files", "Files to send.", &mut r.files, file);
}

fn argument<S: Settings>(s: &mut S, argument: &mut HttpArgument) {
    s.text("name", "Name.", "", &mut argument.name);
    s.text("value", "Value.", "", &mut argument.value);
    s.flag(
        "encode",
        "Whether name and value are percent-encoded.",
        false,
        &mut argument.always_encode,
    );
    s.flag(
        "equals",
        "Whether `=` stands between them even when the value is empty.",
        true,
        &mut argument.use_equals,
    );
    s.text(
        "content_type",
        "Content type in a multipart body.",
        "",
        &mut argument.content_type,
    );
}

fn file<S: Settings>(s: &mut S, file: &mut HttpFile) {
    let texts: [(&'static str, &'static str, &mut Text); 3] = [
        ("path", "Path, relative to the plan.", &mut file.path),
        ("parameter", "Name of the form field.", &mut file.parameter),
        ("mime_type", "MIME type.", &mut file.mime_type),
    ];
    for (key, about, text) in texts {
        s.text(key, about, "", text);
    }
}
