//! HTTP Request and HTTP Request Defaults: both write the same properties.

use loadline_plan::program::SourceKind;
use loadline_plan::{HttpArgument, HttpFile, HttpRequest, HttpStreams, HttpVersion};

use crate::judgement::{Judgement, WITHOUT_SETTING};
use crate::properties::Properties;

/// Properties of ours in requests and defaults.
pub(crate) const UNIX_SOCKET: &str = "loadline.unix_socket";
pub(crate) const HTTP_VERSION: &str = "loadline.http_version";
pub(crate) const HTTP_STREAMS: &str = "loadline.http_streams";

/// Reads an HTTP Request of any age: an old tag stands for today's and says nothing of the client.
pub(crate) fn read_sampler(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> HttpRequest {
    read_settings(properties, judgement)
}

/// Reads HTTP Request Defaults.
pub(crate) fn read_defaults(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> HttpRequest {
    read_settings(properties, judgement)
}

const JAVA_CLIENT: &str = "with implementation `Java` each user has connections of its own; in JMeter all users share them";

fn read_settings(properties: Properties<'_, '_>, judgement: &mut Judgement) -> HttpRequest {
    let java_client = read_client(properties, judgement);
    let source_kind = read_source_kind(properties, judgement);
    let mut flag = |name| properties.flag(name, judgement);
    HttpRequest {
        protocol: properties.template("HTTPSampler.protocol"),
        domain: properties.template("HTTPSampler.domain"),
        port: properties.template("HTTPSampler.port"),
        path: properties.template("HTTPSampler.path"),
        method: properties.template("HTTPSampler.method"),
        content_encoding: properties.template("HTTPSampler.contentEncoding"),
        follow_redirects: flag("HTTPSampler.follow_redirects"),
        auto_redirects: flag("HTTPSampler.auto_redirects"),
        keep_alive: flag("HTTPSampler.use_keepalive"),
        raw_body: flag("HTTPSampler.postBodyRaw"),
        multipart: flag("HTTPSampler.DO_MULTIPART_POST"),
        browser_multipart: flag("HTTPSampler.BROWSER_COMPATIBLE_MULTIPART"),
        connect_timeout_ms: properties.template("HTTPSampler.connect_timeout"),
        response_timeout_ms: properties.template("HTTPSampler.response_timeout"),
        embedded: flag("HTTPSampler.image_parser"),
        embedded_concurrent: flag("HTTPSampler.concurrentDwn"),
        embedded_pool: properties.template("HTTPSampler.concurrentPool"),
        embedded_include: properties.template("HTTPSampler.embedded_url_re"),
        embedded_exclude: properties.template("HTTPSampler.embedded_url_exclude_re"),
        md5: flag("HTTPSampler.md5"),
        java_client,
        source: properties.template("HTTPSampler.ipSource"),
        source_kind,
        proxy_host: properties.template("HTTPSampler.proxyHost"),
        proxy_port: properties.template("HTTPSampler.proxyPort"),
        proxy_user: properties.template("HTTPSampler.proxyUser"),
        proxy_password: properties.template("HTTPSampler.proxyPass"),
        unix_socket: properties.template(UNIX_SOCKET),
        http_version: word(properties, HTTP_VERSION, HttpVersion::named, judgement),
        streams: word(properties, HTTP_STREAMS, HttpStreams::named, judgement),
        arguments: read_arguments(properties, judgement),
        files: read_files(properties),
    }
}

/// What the property `name` of ours says, in one of the words that `named` knows.
fn word<T>(
    properties: Properties<'_, '_>,
    name: &str,
    named: fn(&str) -> Option<T>,
    judgement: &mut Judgement,
) -> Option<T> {
    let given = properties.text(name)?;
    let found = named(given.trim());
    if found.is_none() {
        judgement.refuse(
            format!("property `{name}` has no value `{given}`"),
            WITHOUT_SETTING,
        );
    }
    found
}

/// Which client JMeter would use: `None` leaves it to the defaults.
fn read_client(properties: Properties<'_, '_>, judgement: &mut Judgement) -> Option<bool> {
    let scheme = properties.text("HTTPSampler.proxyScheme");
    if scheme.is_some_and(|scheme| !matches!(scheme.as_str(), "" | "http")) {
        judgement.refuse("a proxy is spoken to in the clear only", WITHOUT_SETTING);
    }
    let client = properties.text("HTTPSampler.implementation")?;
    match client.as_str() {
        "Java" | "HTTPSampler" => {
            judgement.approximate(JAVA_CLIENT);
            Some(true)
        }
        "HttpClient4" | "HttpClient3.1" => Some(false),
        name if name.trim().is_empty() => None,
        // What it is, is known during the run; nearly always it is the usual one.
        name if name.contains("${") => Some(false),
        name => {
            judgement.refuse(
                format!("implementation `{name}` is not known, and JMeter fails all its samples"),
                "name `HttpClient4` or `Java`, or none",
            );
            Some(false)
        }
    }
}

/// What the source address of a request names.
fn read_source_kind(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<SourceKind> {
    let kind = properties.number("HTTPSampler.ipSourceType", judgement)?;
    Some(match kind {
        1 => SourceKind::Device,
        2 => SourceKind::DeviceV4,
        3 => SourceKind::DeviceV6,
        _ => SourceKind::Host,
    })
}

fn read_arguments(properties: Properties<'_, '_>, judgement: &mut Judgement) -> Vec<HttpArgument> {
    let Some(list) = properties.element("HTTPsampler.Arguments") else {
        return Vec::new();
    };
    list.items("Arguments.arguments")
        .into_iter()
        .map(|argument| {
            let name = argument.text_or("Argument.name", "");
            let value = argument.text_or("Argument.value", "");
            // JMeter writes this text between name and value in a query; its window writes `=`.
            let separator = argument.text("Argument.metadata").unwrap_or_default();
            if separator != "=" && !name.is_empty() && !value.is_empty() {
                judgement.approximate(format!(
                    "argument `{}` has `=` before its value; JMeter would write `{separator}` in a query",
                    name.as_str()
                ));
            }
            HttpArgument {
                name,
                value,
                always_encode: argument
                    .flag("HTTPArgument.always_encode", judgement)
                    .unwrap_or(false),
                use_equals: separator == "=",
                content_type: argument.text_or("HTTPArgument.content_type", ""),
            }
        })
        .collect()
}

fn read_files(properties: Properties<'_, '_>) -> Vec<HttpFile> {
    // Files of before 2.4 stand in three properties of the sampler and become the first file.
    let old = HttpFile {
        path: properties.text_or("HTTPSampler.FILE_NAME", ""),
        parameter: properties.text_or("HTTPSampler.FILE_FIELD", ""),
        mime_type: properties.text_or("HTTPSampler.mimetype", ""),
    };
    let listed = properties
        .element("HTTPsampler.Files")
        .map(|list| list.items("HTTPFileArgs.files"))
        .unwrap_or_default()
        .into_iter()
        .map(|file| HttpFile {
            path: file.text_or("File.path", ""),
            parameter: file.text_or("File.paramname", ""),
            mime_type: file.text_or("File.mimetype", ""),
        });
    std::iter::once(old)
        .chain(listed)
        .filter(|file| *file != HttpFile::default())
        .collect()
}
