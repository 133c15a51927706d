//! HTTP Requests and HTTP Request Defaults: both write the same properties.

use loadline_plan::program::SourceKind;
use loadline_plan::{HttpRequest, Text};

use super::Writer;
use crate::http::{HTTP_STREAMS, HTTP_VERSION, UNIX_SOCKET};

impl Writer {
    /// The settings that `request` has; others are left to defaults.
    pub(super) fn http(&mut self, request: &HttpRequest) {
        self.http_arguments(request);
        self.http_files(request);
        let texts: [(&str, &Option<Text>); 16] = [
            ("HTTPSampler.domain", &request.domain),
            ("HTTPSampler.port", &request.port),
            ("HTTPSampler.protocol", &request.protocol),
            ("HTTPSampler.contentEncoding", &request.content_encoding),
            ("HTTPSampler.path", &request.path),
            ("HTTPSampler.method", &request.method),
            ("HTTPSampler.connect_timeout", &request.connect_timeout_ms),
            ("HTTPSampler.response_timeout", &request.response_timeout_ms),
            ("HTTPSampler.concurrentPool", &request.embedded_pool),
            ("HTTPSampler.embedded_url_re", &request.embedded_include),
            (
                "HTTPSampler.embedded_url_exclude_re",
                &request.embedded_exclude,
            ),
            ("HTTPSampler.ipSource", &request.source),
            ("HTTPSampler.proxyHost", &request.proxy_host),
            ("HTTPSampler.proxyPort", &request.proxy_port),
            ("HTTPSampler.proxyUser", &request.proxy_user),
            ("HTTPSampler.proxyPass", &request.proxy_password),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                self.xml.string(name, text.as_str());
            }
        }
        let flags = [
            ("HTTPSampler.follow_redirects", request.follow_redirects),
            ("HTTPSampler.auto_redirects", request.auto_redirects),
            ("HTTPSampler.use_keepalive", request.keep_alive),
            ("HTTPSampler.postBodyRaw", request.raw_body),
            ("HTTPSampler.DO_MULTIPART_POST", request.multipart),
            (
                "HTTPSampler.BROWSER_COMPATIBLE_MULTIPART",
                request.browser_multipart,
            ),
            ("HTTPSampler.image_parser", request.embedded),
            ("HTTPSampler.concurrentDwn", request.embedded_concurrent),
            ("HTTPSampler.md5", request.md5),
        ];
        for (name, flag) in flags {
            if let Some(flag) = flag {
                self.xml.flag(name, flag);
            }
        }
        if let Some(java_client) = request.java_client {
            let client = if java_client { "Java" } else { "HttpClient4" };
            self.xml.string("HTTPSampler.implementation", client);
        }
        if let Some(kind) = request.source_kind {
            let number = match kind {
                SourceKind::Host => 0,
                SourceKind::Device => 1,
                SourceKind::DeviceV4 => 2,
                SourceKind::DeviceV6 => 3,
            };
            self.xml.number("HTTPSampler.ipSourceType", number);
        }
        // What JMeter does not have; it passes over properties that it does not know.
        if let Some(file) = &request.unix_socket {
            self.xml.string(UNIX_SOCKET, file.as_str());
        }
        if let Some(version) = request.http_version {
            self.xml.string(HTTP_VERSION, version.name());
        }
        if let Some(streams) = request.streams {
            self.xml.string(HTTP_STREAMS, streams.name());
        }
    }

    fn http_arguments(&mut self, request: &HttpRequest) {
        let attributes = [
            ("name", "HTTPsampler.Arguments"),
            ("elementType", "Arguments"),
            ("guiclass", "HTTPArgumentsPanel"),
            ("testclass", "Arguments"),
            ("testname", "User Defined Variables"),
            ("enabled", "true"),
        ];
        self.xml.open("elementProp", &attributes);
        self.xml.collection("Arguments.arguments", |xml| {
            for argument in &request.arguments {
                xml.item(argument.name.as_str(), "HTTPArgument", |xml| {
                    xml.flag("HTTPArgument.always_encode", argument.always_encode);
                    xml.string("Argument.value", argument.value.as_str());
                    let equals = if argument.use_equals { "=" } else { "" };
                    xml.string("Argument.metadata", equals);
                    if !argument.name.is_empty() {
                        xml.flag("HTTPArgument.use_equals", argument.use_equals);
                        xml.string("Argument.name", argument.name.as_str());
                    }
                    if !argument.content_type.is_empty() {
                        let content_type = argument.content_type.as_str();
                        xml.string("HTTPArgument.content_type", content_type);
                    }
                });
            }
        });
        self.xml.close("elementProp");
    }

    fn http_files(&mut self, request: &HttpRequest) {
        if request.files.is_empty() {
            return;
        }
        self.xml.item("HTTPsampler.Files", "HTTPFileArgs", |xml| {
            xml.collection("HTTPFileArgs.files", |xml| {
                for file in &request.files {
                    xml.item(file.path.as_str(), "HTTPFileArg", |xml| {
                        xml.string("File.mimetype", file.mime_type.as_str());
                        xml.string("File.path", file.path.as_str());
                        xml.string("File.paramname", file.parameter.as_str());
                    });
                }
            });
        });
    }
}
