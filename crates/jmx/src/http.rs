//! HTTP Request and HTTP Request Defaults: both write the same properties.

use loadline_plan::{HttpArgument, HttpFile, HttpRequest};

use crate::judgement::{Judgement, LEFT_OUT, WITHOUT_SETTING};
use crate::properties::Properties;

/// Reads an HTTP Request of any age; `class` is its tag. `None` when it cannot be sent at all.
pub(crate) fn read_sampler(
    class: &str,
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<HttpRequest> {
    // The upgrade of the old tag sets the implementation, whatever the file says.
    if class.ends_with("HTTPSampler") {
        judgement.approximate(JAVA_CLIENT);
    }
    let request = read_settings(properties, judgement);
    let by_file = request
        .protocol
        .as_ref()
        .is_some_and(|protocol| protocol.as_str().eq_ignore_ascii_case("file"));
    if by_file {
        judgement.refuse("the protocol `file` is not read", LEFT_OUT);
        return None;
    }
    if proxy_is_set(properties) {
        judgement.refuse("requests are not sent through its proxy", LEFT_OUT);
        return None;
    }
    Some(request)
}

/// Reads HTTP Request Defaults.
pub(crate) fn read_defaults(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> HttpRequest {
    if proxy_is_set(properties) {
        judgement.refuse("requests are not sent through its proxy", WITHOUT_SETTING);
    }
    read_settings(properties, judgement)
}

const JAVA_CLIENT: &str =
    "implementation `Java` runs as `HttpClient4`, with connections of each user's own";

fn read_settings(properties: Properties<'_, '_>, judgement: &mut Judgement) -> HttpRequest {
    judge_client(properties, judgement);
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
        arguments: read_arguments(properties, judgement),
        files: read_files(properties),
    }
}

/// Judges the settings that no request of ours carries.
fn judge_client(properties: Properties<'_, '_>, judgement: &mut Judgement) {
    if properties.flag("HTTPSampler.image_parser", judgement) == Some(true) {
        judgement.refuse(
            "embedded resources are not fetched, so fewer requests would be sent than JMeter sends",
            WITHOUT_SETTING,
        );
    }
    if properties.flag("HTTPSampler.md5", judgement) == Some(true) {
        judgement.refuse(
            "responses are not replaced by their MD5 sum, which assertions and extractors would see",
            WITHOUT_SETTING,
        );
    }
    let is_set = |name| properties.text(name).is_some_and(|value| !value.is_empty());
    if is_set("HTTPSampler.ipSource") {
        judgement.refuse(
            "requests are not sent from a source address of its choice",
            WITHOUT_SETTING,
        );
    }
    if properties.text("HTTPSampler.implementation").as_deref() == Some("Java") {
        judgement.approximate(JAVA_CLIENT);
    }
}

/// A proxy counts when it has a host and a port other than 0.
fn proxy_is_set(properties: Properties<'_, '_>) -> bool {
    let host = properties.text("HTTPSampler.proxyHost").unwrap_or_default();
    let port = properties.text("HTTPSampler.proxyPort").unwrap_or_default();
    let port_may_count = port.contains("${") || port.parse::<i32>().is_ok_and(|port| port > 0);
    !host.is_empty() && port_may_count
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
