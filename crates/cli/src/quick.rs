//! Quick mode: a plan from a URL and flags, as in curl.

use std::time::Duration;

use loadline_plan::{
    Config, Element, ElementKind, HttpArgument, HttpRequest, Load, Location, OnSampleError, Plan,
    PlanSource, Sampler, Stage, Text, ThreadGroup,
};

/// What quick mode sends.
#[derive(Clone, Debug, Default)]
pub(crate) struct QuickRequest {
    /// The URL, `http://` or `https://`.
    pub(crate) url: String,
    /// Method; by default GET, or POST with a body.
    pub(crate) method: Option<String>,
    /// Headers as `Name: value`.
    pub(crate) headers: Vec<String>,
    /// Body.
    pub(crate) body: Option<String>,
    /// Time to connect and greatest gap between reads.
    pub(crate) timeout: Option<Duration>,
}

/// Time-out where none is asked for: long enough for a server under stress, short enough to end.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// Whether `plan` names a URL rather than a file.
pub(crate) fn is_url(plan: &str) -> bool {
    plan.starts_with("http://") || plan.starts_with("https://")
}

impl QuickRequest {
    /// The plan that sends it under `load`.
    ///
    /// # Errors
    ///
    /// When the URL has no host or a header has no name.
    pub(crate) fn plan(&self, load: Load) -> Result<Plan, String> {
        let (protocol, rest) = self.url.split_once("://").unwrap_or(("http", &self.url));
        let (authority, path) = match rest.find(['/', '?', '#']) {
            Some(at) if rest[at..].starts_with('/') => (&rest[..at], rest[at..].to_owned()),
            Some(at) => (&rest[..at], format!("/{}", &rest[at..])),
            None => (rest, "/".to_owned()),
        };
        let (domain, port) = split_authority(authority)?;
        let mut headers = Vec::new();
        for header in &self.headers {
            let (name, value) = header
                .split_once(':')
                .filter(|(name, _)| !name.trim().is_empty())
                .ok_or_else(|| format!("header `{header}` is not of the form `Name: value`"))?;
            headers.push((Text::from(name.trim()), Text::from(value.trim())));
        }
        let method = self.method.clone().unwrap_or_else(|| {
            if self.body.is_some() {
                "POST".to_owned()
            } else {
                "GET".to_owned()
            }
        });
        let timeout = self
            .timeout
            .unwrap_or(DEFAULT_TIMEOUT)
            .as_millis()
            .to_string();
        let request = HttpRequest {
            protocol: Some(protocol.into()),
            domain: Some(domain.into()),
            port: Some(port.into()),
            path: Some(path.clone().into()),
            method: Some(method.clone().into()),
            follow_redirects: Some(true),
            keep_alive: Some(true),
            raw_body: Some(self.body.is_some()),
            connect_timeout_ms: Some(timeout.clone().into()),
            response_timeout_ms: Some(timeout.into()),
            arguments: self.body.iter().map(|body| raw_body(body)).collect(),
            ..HttpRequest::default()
        };
        let path_only = path.split(['?', '#']).next().unwrap_or("/");
        let sampler = element(
            format!("{method} {path_only}"),
            ElementKind::Sampler(Sampler::Http(Box::new(request))),
        );
        let mut children = Vec::new();
        if !headers.is_empty() {
            children.push(element(
                "Headers".to_owned(),
                ElementKind::Config(Config::Headers(headers)),
            ));
        }
        children.push(sampler);
        Ok(Plan {
            name: crate::replay::hide_query(&self.url),
            source: PlanSource::Quick,
            variables: Vec::new(),
            children: Vec::new(),
            groups: vec![ThreadGroup {
                name: "Users".to_owned(),
                stage: Stage::Main,
                load,
                on_sample_error: OnSampleError::Continue,
                same_user_on_next_iteration: true,
                after: None,
                children,
                location: Location::default(),
            }],
            serialize_groups: false,
            tear_down_on_shutdown: false,
            limits: Vec::new(),
            servers: Vec::new(),
        })
    }
}

/// Host without brackets, and port or nothing.
fn split_authority(authority: &str) -> Result<(&str, &str), String> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest
                .split_once(']')
                .ok_or("an IPv6 address lacks its `]`")?;
            (host, after.strip_prefix(':').unwrap_or(""))
        }
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    if host.is_empty() {
        return Err("the URL has no host".to_owned());
    }
    if authority.contains('@') {
        return Err("a user name in the URL is not supported; use a header".to_owned());
    }
    if !port.is_empty() && port.parse::<u16>().is_err() {
        return Err(format!("`{port}` is not a port"));
    }
    Ok((host, port))
}

fn raw_body(body: &str) -> HttpArgument {
    HttpArgument {
        value: body.into(),
        ..HttpArgument::default()
    }
}

fn element(name: String, kind: ElementKind) -> Element {
    Element {
        name: name.into(),
        kind,
        children: Vec::new(),
        location: Location::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str) -> Result<HttpRequest, String> {
        let load = Load::Ultimate(Vec::new());
        let plan = QuickRequest {
            url: url.to_owned(),
            ..QuickRequest::default()
        }
        .plan(load)?;
        match plan.groups[0].children[0].kind.clone() {
            ElementKind::Sampler(Sampler::Http(request)) => Ok(*request),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn urls_are_taken_apart() {
        let parts = |url: &str| {
            let request = request(url).unwrap();
            [request.domain, request.port, request.path].map(|text| text.unwrap().0)
        };
        assert_eq!(
            parts("http://127.0.0.1:8000/posts/?a=1"),
            ["127.0.0.1", "8000", "/posts/?a=1"]
        );
        assert_eq!(parts("https://[::1]:8443"), ["::1", "8443", "/"]);
        assert_eq!(parts("http://localhost?x"), ["localhost", "", "/?x"]);
    }

    #[test]
    fn wrong_urls_say_what_is_wrong() {
        for (url, error) in [
            ("http://", "the URL has no host"),
            ("http://a:b/", "`b` is not a port"),
            (
                "http://u:p@a/",
                "a user name in the URL is not supported; use a header",
            ),
        ] {
            assert_eq!(request(url).unwrap_err(), error);
        }
    }
}
