//! Samplers and the defaults of requests.

use loadline_plan::program::SourceKind;
use loadline_plan::{
    Config, ElementKind, HttpArgument, HttpFile, HttpRequest, HttpStreams, HttpVersion, Sampler,
    Timer,
};

use super::check;
use crate::plans::{element, flags, read_one, strings, with_gui};

#[test]
fn a_bare_request_leaves_everything_to_the_defaults() {
    check(
        &element("HTTPSamplerProxy", "Request", "", ""),
        ElementKind::Sampler(Sampler::Http(Box::default())),
    );
}

fn settings() -> String {
    let list = "<elementProp name=\"HTTPsampler.Arguments\" elementType=\"Arguments\">\
                <collectionProp name=\"Arguments.arguments\">\
                <elementProp name=\"q\" elementType=\"HTTPArgument\">\
                <boolProp name=\"HTTPArgument.always_encode\">true</boolProp>\
                <stringProp name=\"Argument.value\">a&#xd;\nb</stringProp>\
                <stringProp name=\"Argument.metadata\">=</stringProp>\
                <boolProp name=\"HTTPArgument.use_equals\">true</boolProp>\
                <stringProp name=\"Argument.name\">q</stringProp>\
                <stringProp name=\"HTTPArgument.content_type\">text/csv</stringProp>\
                </elementProp></collectionProp></elementProp>\
                <elementProp name=\"HTTPsampler.Files\" elementType=\"HTTPFileArgs\">\
                <collectionProp name=\"HTTPFileArgs.files\">\
                <elementProp name=\"a.png\" elementType=\"HTTPFileArg\">\
                <stringProp name=\"File.mimetype\">image/png</stringProp>\
                <stringProp name=\"File.path\">a.png</stringProp>\
                <stringProp name=\"File.paramname\">picture</stringProp>\
                </elementProp></collectionProp></elementProp>";
    list.to_owned()
        + &strings(&[
            ("HTTPSampler.domain", "${host}"),
            ("HTTPSampler.port", ""),
            ("HTTPSampler.protocol", "https"),
            ("HTTPSampler.path", "/posts"),
            ("HTTPSampler.method", "POST"),
            ("HTTPSampler.contentEncoding", "ISO-8859-1"),
            ("HTTPSampler.connect_timeout", "1000"),
            ("HTTPSampler.response_timeout", "2000"),
            ("HTTPSampler.implementation", "HttpClient3.1"),
            ("HTTPSampler.image_parser", "true"),
            ("HTTPSampler.concurrentDwn", "true"),
            ("HTTPSampler.concurrentPool", "4"),
            ("HTTPSampler.embedded_url_re", ".*png"),
            ("HTTPSampler.embedded_url_exclude_re", ".*gif"),
            ("HTTPSampler.proxyHost", "proxy"),
            ("HTTPSampler.proxyPort", "3128"),
            ("HTTPSampler.proxyUser", "ann"),
            ("HTTPSampler.proxyPass", "s3cret"),
            ("HTTPSampler.ipSource", "eth0"),
            ("HTTPSampler.ipSourceType", "2"),
            ("loadline.unix_socket", "/run/app.sock"),
            ("loadline.http_version", "2"),
            ("loadline.http_streams", "many"),
        ])
        + &flags(&[
            ("HTTPSampler.follow_redirects", true),
            ("HTTPSampler.auto_redirects", false),
            ("HTTPSampler.use_keepalive", true),
            ("HTTPSampler.postBodyRaw", false),
            ("HTTPSampler.DO_MULTIPART_POST", true),
            ("HTTPSampler.BROWSER_COMPATIBLE_MULTIPART", false),
            ("HTTPSampler.md5", false),
        ])
}

fn settings_as_request() -> Box<HttpRequest> {
    Box::new(HttpRequest {
        protocol: Some("https".into()),
        domain: Some("${host}".into()),
        port: Some("".into()),
        path: Some("/posts".into()),
        method: Some("POST".into()),
        content_encoding: Some("ISO-8859-1".into()),
        follow_redirects: Some(true),
        auto_redirects: Some(false),
        keep_alive: Some(true),
        raw_body: Some(false),
        multipart: Some(true),
        browser_multipart: Some(false),
        connect_timeout_ms: Some("1000".into()),
        response_timeout_ms: Some("2000".into()),
        embedded: Some(true),
        embedded_concurrent: Some(true),
        embedded_pool: Some("4".into()),
        embedded_include: Some(".*png".into()),
        embedded_exclude: Some(".*gif".into()),
        md5: Some(false),
        java_client: Some(false),
        source: Some("eth0".into()),
        source_kind: Some(SourceKind::DeviceV4),
        proxy_host: Some("proxy".into()),
        proxy_port: Some("3128".into()),
        proxy_user: Some("ann".into()),
        proxy_password: Some("s3cret".into()),
        unix_socket: Some("/run/app.sock".into()),
        http_version: Some(HttpVersion::Http2),
        streams: Some(HttpStreams::Many),
        arguments: vec![HttpArgument {
            name: "q".into(),
            value: "a\r\nb".into(),
            always_encode: true,
            use_equals: true,
            content_type: "text/csv".into(),
        }],
        files: vec![HttpFile {
            path: "a.png".into(),
            parameter: "picture".into(),
            mime_type: "image/png".into(),
        }],
    })
}

#[test]
fn a_request_keeps_all_its_settings() {
    check(
        &element("HTTPSamplerProxy", "Request", &settings(), ""),
        ElementKind::Sampler(Sampler::Http(settings_as_request())),
    );
}

#[test]
fn defaults_are_told_by_their_gui_class() {
    for gui_class in [
        "HttpDefaultsGui",
        "UrlConfigGui",
        "org.apache.jmeter.protocol.http.config.gui.HttpDefaultsGui",
    ] {
        check(
            &with_gui("ConfigTestElement", gui_class, "Defaults", &settings(), ""),
            ElementKind::Config(Config::HttpDefaults(settings_as_request())),
        );
    }
}

#[test]
fn a_file_of_the_old_form_comes_first() {
    let properties = settings()
        + &strings(&[
            ("HTTPSampler.FILE_NAME", "old.txt"),
            ("HTTPSampler.FILE_FIELD", "upload"),
            ("HTTPSampler.mimetype", "text/plain"),
        ]);
    let (kind, _) = read_one(&element("HTTPSamplerProxy", "Request", &properties, ""));
    let Some(ElementKind::Sampler(Sampler::Http(request))) = kind else {
        panic!("{kind:?}");
    };
    let paths: Vec<_> = request
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(paths, ["old.txt", "a.png"]);
}

#[test]
fn a_pause_is_a_sampler_without_sample() {
    let properties = |action, target| {
        strings(&[
            ("ActionProcessor.action", action),
            ("ActionProcessor.target", target),
            ("ActionProcessor.duration", "${pause}"),
        ])
    };
    check(
        &element("TestAction", "Pause", &properties("1", "0"), ""),
        ElementKind::Sampler(Sampler::Pause(Timer::Constant {
            delay_ms: "${pause}".into(),
        })),
    );
    // JMeter does nothing when an old file tells a thread group to stop.
    check(
        &element("TestAction", "Stop", &properties("0", "1"), ""),
        ElementKind::Sampler(Sampler::Pause(Timer::Constant {
            delay_ms: "0".into(),
        })),
    );
}
