//! Completes an HTTP request with what is in scope: defaults, headers, cookie manager.

use crate::program::{
    EmbeddedProgram, HeaderManagers, HttpProgram, Identity, KeptParts, ProgramArgument,
    ProgramFile, ProxyProgram, SourceProgram, Template,
};
use crate::{Diagnostic, HttpRequest, Location, Text};

use super::Compiler;
use super::level::{HeaderProgram, Level};
use super::names::soften;

impl Compiler {
    /// Compiles `request` in the scope of `levels`, innermost first. `keep` is what processors read.
    pub(super) fn http(
        &mut self,
        request: &HttpRequest,
        levels: &[&Level],
        keep: KeptParts,
        location: &Location,
    ) -> HttpProgram {
        let mut merged = request.clone();
        for defaults in levels.iter().flat_map(|level| &level.defaults) {
            merged.complete_with(defaults);
        }
        self.check_host(&merged, location);
        let mut text = |text: &Option<Text>| match text {
            Some(text) => self.template(text, location),
            None => Template::default(),
        };
        let protocol = text(&merged.protocol);
        let domain = text(&merged.domain);
        let port = text(&merged.port);
        let path = text(&merged.path);
        // An empty method of JMeter's is none.
        let method = match &merged.method {
            Some(method) if self.lenient || !method.is_empty() => self.template(method, location),
            _ => Template::literal("GET"),
        };
        let mut text = |text: &Option<Text>| match text {
            Some(text) => self.template(text, location),
            None => Template::default(),
        };
        let content_encoding = text(&merged.content_encoding);
        let connect_timeout_ms = text(&merged.connect_timeout_ms);
        let response_timeout_ms = text(&merged.response_timeout_ms);
        let embedded = (merged.embedded == Some(true)).then(|| {
            Box::new(EmbeddedProgram {
                concurrent: merged.embedded_concurrent.unwrap_or(false),
                pool_size: text(&merged.embedded_pool),
                include: text(&merged.embedded_include),
                exclude: text(&merged.embedded_exclude),
            })
        });
        let is_set = |text: &Option<Text>| text.as_ref().is_some_and(|text| !text.is_empty());
        let proxy = is_set(&merged.proxy_host).then(|| {
            Box::new(ProxyProgram {
                host: text(&merged.proxy_host),
                port: text(&merged.proxy_port),
                user: text(&merged.proxy_user),
                password: text(&merged.proxy_password),
            })
        });
        let source = is_set(&merged.source).then(|| {
            Box::new(SourceProgram {
                address: text(&merged.source),
                kind: merged.source_kind.unwrap_or_default(),
            })
        });
        let unix_socket = is_set(&merged.unix_socket).then(|| Box::new(text(&merged.unix_socket)));
        if unix_socket.is_some() && proxy.is_some() {
            self.socket_and_proxy(location);
        }
        HttpProgram {
            identity: Identity::default(),
            protocol,
            domain,
            port,
            path,
            method,
            content_encoding,
            follow_redirects: merged.follow_redirects.unwrap_or(false),
            auto_redirects: merged.auto_redirects.unwrap_or(false),
            keep_alive: merged.keep_alive.unwrap_or(!self.lenient),
            raw_body: merged.raw_body.unwrap_or(false),
            multipart: merged.multipart.unwrap_or(false),
            browser_multipart: merged.browser_multipart.unwrap_or(false),
            connect_timeout_ms,
            response_timeout_ms,
            arguments: merged
                .arguments
                .iter()
                .map(|argument| ProgramArgument {
                    name: self.template(&argument.name, location),
                    value: self.template(&argument.value, location),
                    always_encode: argument.always_encode,
                    use_equals: argument.use_equals,
                    content_type: self.template(&argument.content_type, location),
                })
                .collect(),
            files: merged
                .files
                .iter()
                .map(|file| ProgramFile {
                    path: self.template(&file.path, location),
                    parameter: self.template(&file.parameter, location),
                    mime_type: self.template(&file.mime_type, location),
                })
                .collect(),
            headers: merged_headers(levels),
            header_managers: header_managers(levels, self.lenient),
            // The outermost wins.
            cookies: levels.iter().rev().find_map(|level| level.cookies.clone()),
            cache: levels.iter().rev().find_map(|level| level.cache.clone()),
            authorization: levels
                .iter()
                .rev()
                .find_map(|level| level.authorization.clone()),
            dns: levels.iter().rev().find_map(|level| level.dns.clone()),
            keystore: levels.iter().rev().find_map(|level| level.keystore.clone()),
            embedded,
            proxy,
            source,
            unix_socket,
            http_version: merged.http_version,
            streams: merged.streams,
            md5: merged.md5.unwrap_or(false),
            java_client: merged.java_client.unwrap_or(false),
            empty_is_get: !self.lenient,
            skips_interim: !self.lenient,
            keep,
            verify_tls: self.verify_tls,
        }
    }

    fn socket_and_proxy(&mut self, location: &Location) {
        let message = "the request has a Unix socket and a proxy, and can go one way only";
        self.diagnostics.push(
            Diagnostic::error("conflicting-ways", location.clone(), message)
                .with_help("remove `unix_socket` or the proxy, here or in the defaults in scope"),
        );
    }

    /// In a plan of ours nobody expects JMeter's question marks.
    pub(super) fn check_header_letters(&mut self, name: &Text, value: &Text, location: &Location) {
        let mut letters = name.as_str().chars().chain(value.as_str().chars());
        let lost = letters.find(|letter| *letter > '\u{ff}');
        if let (Some(letter), false) = (lost, self.lenient) {
            let name = name.as_str();
            let message = format!("the letter `{letter}` of header `{name}` is sent as `?`");
            self.diagnostics.push(
                Diagnostic::warning("header-letters", location.clone(), message).with_help(
                    "headers have the letters of ISO-8859-1 alone: escape it as the server expects it",
                ),
            );
        }
    }

    fn check_host(&mut self, request: &HttpRequest, location: &Location) {
        let is_empty = |text: &Option<Text>| text.as_ref().is_none_or(Text::is_empty);
        let path = request
            .path
            .as_ref()
            .map_or("", Text::as_str)
            .to_lowercase();
        let whole_url = ["http://", "https://", "${"]
            .iter()
            .any(|start| path.starts_with(start));
        if is_empty(&request.domain) && !whole_url {
            let finding = Diagnostic::error(
                "missing-host",
                location.clone(),
                "the request names no host, and no defaults in scope do",
            );
            // Each of its samples fails, as in JMeter.
            self.diagnostics
                .push(soften(finding, self.lenient).with_help(if self.lenient {
                    "set Server Name in the request or in HTTP Request Defaults; its samples fail, as in JMeter"
                } else {
                    "set `target:` at the top of the plan"
                }));
        }
    }
}

/// The header managers of all levels. A plan of ours has none that a script could change for good.
fn header_managers(levels: &[&Level], is_of_jmeter: bool) -> HeaderManagers {
    let mut all = levels.iter().flat_map(|level| &level.header_managers);
    match (all.next(), all.next()) {
        (None, _) => HeaderManagers::None,
        (Some(only), None) if is_of_jmeter => HeaderManagers::One(*only),
        _ => HeaderManagers::Merged,
    }
}

/// Headers of all levels, innermost first. A header manager behind the innermost adds only names that are
/// not there yet, each once. Of one level, the first manager in the file counts as the inner one.
fn merged_headers(levels: &[&Level]) -> Vec<(Template, Template)> {
    let innermost = (levels.iter()).position(|level| !level.header_managers.is_empty());
    let mut merged: Vec<&HeaderProgram> = Vec::new();
    for (depth, level) in levels.iter().enumerate() {
        for header in &level.headers {
            let is_innermost = Some(depth) == innermost && header.manager == 0;
            if is_innermost || !merged.iter().any(|other| other.key == header.key) {
                merged.push(header);
            }
        }
    }
    merged
        .into_iter()
        .map(|header| (header.name.clone(), header.value.clone()))
        .collect()
}
