//! HTTP requests.

use std::time::Duration;

use loadline_plan::{
    Config, Element, ElementKind, HttpArgument, HttpRequest, Sampler, ScriptRole, Text,
};

use super::{Fields, Reader};
use crate::grammar;
use crate::json_text;
use crate::node::Node;
use crate::reference::{self, Part};
use crate::target::Target;

/// Keys that give a request a body; at most one may stand.
const BODIES: [&str; 3] = ["json", "body", "form"];

impl Reader<'_> {
    pub(super) fn request(
        &mut self,
        node: &Node,
        method: &str,
        target: Option<&Target>,
    ) -> Option<Element> {
        let fields = self.fields(node, &grammar::REQUEST)?;
        let key = method.to_ascii_lowercase();
        let path = self.text_of(&fields, &key);
        let name = match (&path, fields.find("name")) {
            (_, Some(_)) => self.name_of(&fields, "name"),
            (Some(path), None) => Some(label(method, path)),
            (None, None) => None,
        };
        let place = node.place;
        let within = name.clone().unwrap_or_else(|| method.to_owned());
        let (request, children) = self.within(within, |reader| {
            let mut request = HttpRequest {
                method: Some(method.into()),
                ..HttpRequest::default()
            };
            request.path = path.and_then(|path| {
                let place = fields.find(&key).map_or(place, |node| node.place);
                let path = reader.whole_path(path, place, target)?;
                Some(reader.with_query(&fields, path).into())
            });
            if let Some(timeout) = reader.duration_of(&fields, "timeout") {
                set_timeout(&mut request, timeout);
            }
            request.follow_redirects = reader.flag_of(&fields, "follow_redirects");
            let content_type = reader.body(&fields, method, &mut request);
            if let Some(node) = fields.find("settings") {
                reader.complete(&mut request, node);
            }
            let mut children = reader.request_children(&fields, content_type);
            if let Some(node) = fields.find("with") {
                children.extend(reader.steps(node, target));
            }
            (request, children)
        });
        request.path.as_ref()?;
        let kind = ElementKind::Sampler(Sampler::Http(Box::new(request)));
        let mut element = self.element(name?, kind, place);
        element.children = children;
        Some(element)
    }

    /// Adds JMeter's own settings; none may be stated in two ways.
    fn complete(&mut self, request: &mut HttpRequest, node: &Node) {
        let Some(settings) = self.request_settings(node) else {
            return;
        };
        let twice = [
            ("method", settings.method.is_some()),
            ("path", settings.path.is_some()),
            (
                "follow_redirects",
                settings.follow_redirects.is_some() && request.follow_redirects.is_some(),
            ),
            (
                "connect_timeout_ms",
                settings.connect_timeout_ms.is_some() && request.connect_timeout_ms.is_some(),
            ),
            (
                "response_timeout_ms",
                settings.response_timeout_ms.is_some() && request.response_timeout_ms.is_some(),
            ),
            (
                "arguments",
                !settings.arguments.is_empty() && !request.arguments.is_empty(),
            ),
            (
                "raw_body",
                settings.raw_body.is_some() && request.raw_body.is_some(),
            ),
        ];
        for (key, is_twice) in twice {
            if is_twice {
                let message = format!("`{key}` is stated in two ways");
                self.error("conflicting-keys", node.place, message, "keep one of them");
            }
        }
        request.complete_with(&settings);
    }

    /// The path as the sampler takes it: below the target's own path, unless it is a whole URL.
    fn whole_path(
        &mut self,
        path: String,
        place: crate::node::Place,
        target: Option<&Target>,
    ) -> Option<String> {
        let is_whole = path.starts_with("http://") || path.starts_with("https://");
        if is_whole || path.starts_with("${") {
            return Some(path);
        }
        let Some(target) = target else {
            // Once is enough: all requests lack the same line.
            if self
                .diagnostics
                .iter()
                .any(|found| found.code == "missing-target")
            {
                return None;
            }
            let message = format!("`{path}` has no server");
            let help = "add `target: http://host:port` to the plan, or write a whole URL";
            self.error("missing-target", place, message, help);
            return None;
        };
        let slash = if path.starts_with('/') { "" } else { "/" };
        Some(format!("{}{slash}{path}", target.prefix))
    }

    fn with_query(&mut self, fields: &Fields<'_>, path: String) -> String {
        let Some(node) = fields.find("query") else {
            return path;
        };
        let mut sign = if path.contains('?') { '&' } else { '?' };
        let mut path = path;
        for (name, value) in self.named_texts(node, "query parameters") {
            path.push(sign);
            path.push_str(&reference::query_encoded(name.as_str()));
            path.push('=');
            path.push_str(&reference::query_encoded(value.as_str()));
            sign = '&';
        }
        path
    }

    /// Sets the body; returns the content type it asks for, if any.
    fn body(
        &mut self,
        fields: &Fields<'_>,
        method: &str,
        request: &mut HttpRequest,
    ) -> Option<&'static str> {
        let given = BODIES.into_iter().find(|key| fields.find(key).is_some())?;
        let others: Vec<&str> = BODIES.into_iter().filter(|key| *key != given).collect();
        self.exclude(
            fields,
            &others,
            &format!("`{given}`: a request has one body"),
        );
        let node = fields.find(given)?;
        // JMeter's rules, which the sampler follows, give these methods no such body.
        let has_no_body = match given {
            "form" => matches!(method, "GET" | "HEAD" | "OPTIONS" | "DELETE"),
            _ => matches!(method, "HEAD" | "OPTIONS"),
        };
        if has_no_body {
            let message = format!("a {method} request has no `{given}`");
            let help = if given == "form" {
                "use `query` for parameters in the URL, or `post`"
            } else {
                "remove it, or use `post`"
            };
            self.error("conflicting-keys", node.place, message, help);
            return None;
        }
        let mut raw = |value: String| {
            request.raw_body = Some(true);
            request.arguments = vec![HttpArgument {
                value: value.into(),
                // As JMeter writes it; a raw body has no name that it would stand behind.
                use_equals: true,
                ..HttpArgument::default()
            }];
        };
        match given {
            "json" => {
                raw(json_text::as_plan_text(json_text::json_text(node)));
                return Some("application/json");
            }
            "body" => {
                if let Some(body) = self.text(node) {
                    raw(body);
                }
            }
            _ => {
                request.arguments = self
                    .named_texts(node, "form fields")
                    .into_iter()
                    .map(|(name, value)| HttpArgument {
                        name,
                        value,
                        always_encode: true,
                        use_equals: true,
                        content_type: Text::default(),
                    })
                    .collect();
            }
        }
        None
    }

    /// What is in scope of this request alone.
    fn request_children(
        &mut self,
        fields: &Fields<'_>,
        content_type: Option<&'static str>,
    ) -> Vec<Element> {
        let mut children = Vec::new();
        let mut headers = match fields.find("headers") {
            Some(node) => self.named_texts(node, "headers"),
            None => Vec::new(),
        };
        let sets_type =
            |(name, _): &(Text, Text)| name.as_str().eq_ignore_ascii_case("content-type");
        if let Some(content_type) = content_type
            && !headers.iter().any(sets_type)
        {
            headers.push(("Content-Type".into(), content_type.into()));
        }
        if !headers.is_empty() {
            let place = fields
                .find("headers")
                .map_or(fields.place, |node| node.place);
            let kind = ElementKind::Config(Config::Headers(headers));
            children.push(self.element("headers", kind, place));
        }
        if let Some(node) = fields.find("think") {
            let timer = self.think(node);
            children.extend(
                timer.map(|timer| self.element("think", ElementKind::Timer(timer), node.place)),
            );
        }
        if let Some(node) = fields.find("check") {
            children.extend(self.check(node));
        }
        if let Some(node) = fields.find("extract") {
            children.extend(self.extract(node));
        }
        if let Some(node) = fields.find("before") {
            children.extend(self.script(node, ScriptRole::PreProcessor, node.place));
        }
        if let Some(node) = fields.find("after") {
            children.extend(self.script(node, ScriptRole::PostProcessor, node.place));
        }
        children
    }
}

/// Both timeouts of a request or of the defaults.
pub(super) fn set_timeout(request: &mut HttpRequest, timeout: Duration) {
    // 0 would mean no bound, so a shorter time than a millisecond is one.
    let timeout_ms = Text(timeout.as_millis().max(1).to_string());
    request.connect_timeout_ms = Some(timeout_ms.clone());
    request.response_timeout_ms = Some(timeout_ms);
}

/// The label of a request without a name: `GET /users/{user_id}/`. One label for all values of its
/// variables, so that its samples stay together.
pub(crate) fn label(method: &str, path: &str) -> String {
    let mut label = format!("{method} ");
    for part in reference::parts(path) {
        match part {
            Part::Literal(literal) => label.push_str(literal),
            Part::Reference(reference) => {
                let inner = reference::inner(reference);
                let name = inner
                    .split('(')
                    .next()
                    .unwrap_or(inner)
                    .trim_start_matches('_');
                label.push('{');
                label.push_str(name.trim());
                label.push('}');
            }
        }
    }
    label
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn labels_name_their_variables() {
        assert_eq!(label("GET", "/users/${user_id}/"), "GET /users/{user_id}/");
        assert_eq!(
            label("GET", "/r/${__Random(1,9)}?q=1"),
            "GET /r/{Random}?q=1"
        );
    }
}
