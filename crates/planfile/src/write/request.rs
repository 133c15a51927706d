//! Requests, in the short form as far as it goes.

use loadline_plan::{
    Assertion, Element, ElementKind, HttpArgument, HttpRequest, JsonExtractor, MatchRule,
    PostProcessor, RegexExtractor, ResponseAssertion, ResponseField, Scope, Text,
};

use super::quantity::{milliseconds, think, time};
use super::settings;
use super::yaml::Yaml;
use super::{Entries, Writer};
use crate::grammar::METHODS;
use crate::read::extract::has_group;
use crate::read::request::label;

impl Writer {
    /// A request as a step.
    pub(super) fn request(&mut self, element: &Element, request: &HttpRequest) -> Yaml {
        let Some((key, method, path)) = self.short_form(request) else {
            return self.named(element, "request");
        };
        let mut rest = request.clone();
        (rest.method, rest.path) = (None, None);
        let mut entries = vec![(key.to_owned(), Yaml::text(path))];
        if element.name.as_str() != label(method, path) {
            entries.push(("name".to_owned(), Yaml::text(element.name.as_str())));
        }
        let mut children = element.children.as_slice();
        if let Some(headers) = super::scope::headers(&mut children) {
            entries.push(("headers".to_owned(), headers));
        }
        entries.extend(body(method, &mut rest));
        if let Some(timeout) = timeout(&mut rest) {
            entries.push(("timeout".to_owned(), timeout));
        }
        if let Some(follow) = rest.follow_redirects.take() {
            entries.push(("follow_redirects".to_owned(), Yaml::plain(follow)));
        }
        if let Some(timer) = super::scope::think_time(&mut children) {
            entries.push(("think".to_owned(), timer));
        }
        let check = check(&mut children);
        if !check.is_empty() {
            entries.push(("check".to_owned(), Yaml::Map(check)));
        }
        let extract = extract(&mut children);
        if !extract.is_empty() {
            entries.push(("extract".to_owned(), Yaml::Map(extract)));
        }
        let settings = settings::of_request(&rest);
        if !settings.is_empty() {
            entries.push(("settings".to_owned(), Yaml::Map(settings)));
        }
        if !children.is_empty() {
            entries.push(("with".to_owned(), self.steps(children)));
        }
        Yaml::Map(entries)
    }

    /// Key, method and path of a request that the short form can say.
    fn short_form<'r>(
        &self,
        request: &'r HttpRequest,
    ) -> Option<(&'static str, &'static str, &'r str)> {
        let (method, path) = (request.method.as_ref()?, request.path.as_ref()?.as_str());
        let (key, method) = METHODS.iter().find(|(_, name)| *name == method.as_str())?;
        let is_whole = ["http://", "https://", "${"]
            .iter()
            .any(|start| path.starts_with(start));
        (is_whole || (self.has_target && path.starts_with('/'))).then_some((*key, *method, path))
    }
}

/// Both time-outs, if they are the same number of milliseconds.
pub(super) fn timeout(request: &mut HttpRequest) -> Option<Yaml> {
    let (connect, response) = (&request.connect_timeout_ms, &request.response_timeout_ms);
    if connect != response {
        return None;
    }
    let duration = milliseconds(connect.as_ref()?)?;
    if duration.is_zero() {
        return None;
    }
    (request.connect_timeout_ms, request.response_timeout_ms) = (None, None);
    Some(Yaml::plain(time(duration)))
}

/// `body` or `form`, whose arguments are then taken from `request`.
fn body(method: &str, request: &mut HttpRequest) -> Option<(String, Yaml)> {
    let is_empty = |text: &Text| text.is_empty();
    let is_raw = |argument: &HttpArgument| {
        is_empty(&argument.name)
            && is_empty(&argument.content_type)
            && argument.use_equals
            && !argument.always_encode
    };
    match (request.raw_body, request.arguments.as_slice()) {
        (Some(true), [argument]) if is_raw(argument) && !matches!(method, "HEAD" | "OPTIONS") => {
            let value = Yaml::text(argument.value.as_str());
            request.raw_body = None;
            request.arguments.clear();
            Some(("body".to_owned(), value))
        }
        (None, arguments)
            if !arguments.is_empty()
                && !matches!(method, "GET" | "HEAD" | "OPTIONS" | "DELETE")
                && arguments.iter().all(is_form) =>
        {
            let fields: Vec<(Text, Text)> = arguments
                .iter()
                .map(|argument| (argument.name.clone(), argument.value.clone()))
                .collect();
            if !settings::are_unique(&fields) {
                return None;
            }
            request.arguments.clear();
            Some(("form".to_owned(), settings::pairs(&fields)))
        }
        _ => None,
    }
}

fn is_form(argument: &HttpArgument) -> bool {
    argument.always_encode && argument.use_equals && argument.content_type.is_empty()
}

/// Takes the assertions that `check` makes from the front of `children`, in its order.
fn check(children: &mut &[Element]) -> Entries {
    let mut entries = Entries::new();
    for (key, rule, not) in [
        ("status", MatchRule::Equals, false),
        ("contains", MatchRule::Substring, false),
        ("not_contains", MatchRule::Substring, true),
        ("matches", MatchRule::Contains, false),
    ] {
        let Some((first, rest)) = children.split_first() else {
            break;
        };
        let ElementKind::Assertion(Assertion::Response(assertion)) = &first.kind else {
            break;
        };
        let is_status = key == "status";
        let codes = if is_status { codes(assertion) } else { None };
        let patterns = assertion.patterns.as_slice();
        let expected = ResponseAssertion {
            scope: Scope::Main,
            field: if is_status {
                ResponseField::Code
            } else {
                ResponseField::Body
            },
            rule,
            not,
            any: is_status && patterns.len() > 1,
            patterns: assertion.patterns.clone(),
            assume_success: codes
                .as_ref()
                .is_some_and(|codes| codes.iter().any(|code| !(200..400).contains(code))),
            custom_message: Text::default(),
        };
        let is_sayable = if is_status {
            codes.is_some()
        } else {
            !patterns.is_empty() && patterns.iter().all(|pattern| !pattern.is_empty())
        };
        let is_named = first.name.as_str().strip_prefix("check ") == Some(key);
        if !(is_named && is_sayable && first.children.is_empty() && *assertion == expected) {
            continue;
        }
        let one = |pattern: &Text| {
            if is_status {
                Yaml::plain(pattern.as_str())
            } else {
                Yaml::text(pattern.as_str())
            }
        };
        let value = match patterns {
            [only] => one(only),
            _ => Yaml::List(patterns.iter().map(one).collect()),
        };
        entries.push((key.to_owned(), value));
        *children = rest;
    }
    if let Some((first, rest)) = children.split_first()
        && let ElementKind::Assertion(Assertion::Duration(assertion)) = &first.kind
        && first.name.as_str() == "check max_time"
        && first.children.is_empty()
        && assertion.scope == Scope::Main
        && let Some(longest) = milliseconds(&assertion.longest_ms)
        && !longest.is_zero()
    {
        entries.push(("max_time".to_owned(), Yaml::plain(time(longest))));
        *children = rest;
    }
    entries
}

/// The status codes that an assertion names, if they are all codes.
fn codes(assertion: &ResponseAssertion) -> Option<Vec<u64>> {
    let codes = assertion.patterns.iter().map(|pattern| {
        let code: u64 = pattern.as_str().parse().ok()?;
        ((100..600).contains(&code) && code.to_string() == pattern.as_str()).then_some(code)
    });
    let codes: Vec<u64> = codes.collect::<Option<_>>()?;
    (!codes.is_empty()).then_some(codes)
}

/// Takes the extractors that `extract` makes from the front of `children`.
fn extract(children: &mut &[Element]) -> Entries {
    let mut entries = Entries::new();
    while let Some((first, rest)) = children.split_first() {
        let name = first.name.as_str();
        let value = match &first.kind {
            ElementKind::PostProcessor(PostProcessor::Json(own)) => json(name, own),
            ElementKind::PostProcessor(PostProcessor::Regex(own)) => regex(name, own),
            _ => None,
        };
        let is_known = entries.iter().any(|(known, _)| known == name);
        let Some(value) = value.filter(|_| !is_known && first.children.is_empty()) else {
            break;
        };
        entries.push((name.to_owned(), value));
        *children = rest;
    }
    entries
}

fn json(name: &str, own: &JsonExtractor) -> Option<Yaml> {
    let expected = JsonExtractor {
        scope: Scope::Main,
        variables: name.into(),
        paths: own.paths.clone(),
        defaults: own.defaults.clone(),
        match_numbers: "1".into(),
        concatenate: false,
    };
    let (path, default) = (own.paths.as_str(), own.defaults.as_str());
    if *own != expected || path.contains(';') || default.contains(';') {
        return None;
    }
    if default.is_empty() && path.starts_with('$') {
        return Some(Yaml::text(path));
    }
    let mut entries = vec![("json".to_owned(), Yaml::text(path))];
    if !default.is_empty() {
        entries.push(("default".to_owned(), Yaml::text(default)));
    }
    Some(Yaml::Map(entries))
}

fn regex(name: &str, own: &RegexExtractor) -> Option<Yaml> {
    let group = own.template.as_str();
    let group: u64 = group.strip_prefix('$')?.strip_suffix('$')?.parse().ok()?;
    let expected = RegexExtractor {
        scope: Scope::Main,
        field: ResponseField::Body,
        variable: name.into(),
        regex: own.regex.clone(),
        template: Text(format!("${group}$")),
        default: own.default.clone(),
        default_empty: true,
        match_number: "1".into(),
    };
    if *own != expected {
        return None;
    }
    let mut entries = vec![("regex".to_owned(), Yaml::text(own.regex.as_str()))];
    if group != u64::from(has_group(own.regex.as_str())) {
        entries.push(("group".to_owned(), Yaml::plain(group)));
    }
    if !own.default.is_empty() {
        entries.push(("default".to_owned(), Yaml::text(own.default.as_str())));
    }
    Some(Yaml::Map(entries))
}

/// A think time that is a step of its own.
pub(super) fn pause(name: &str, timer: &loadline_plan::Timer) -> Option<Yaml> {
    let text = think(timer).filter(|_| name == "think")?;
    Some(Yaml::Map(vec![("think".to_owned(), Yaml::text(text))]))
}
