//! Puts a plan from elsewhere into the terms of our YAML plans, with the same meaning.
//!
//! JMeter's plans state what ours leave to defaults, and the other way round. Names of elements that
//! appear nowhere in results give way to those of the short forms.

use loadline_plan::{
    Config, Element, ElementKind, HttpRequest, Plan, PlanSource, PostProcessor, Sampler, Text,
    Timer,
};

use super::plan::target;
use super::quantity::{milliseconds, think};

/// `plan` in our terms; one of ours stays as it is. Result files of listeners are left out.
#[must_use]
pub fn in_our_terms(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    if plan.source == PlanSource::Yaml || has_our_defaults(&plan) {
        return plan;
    }
    plan.groups.sort_by_key(|group| group.stage);
    number_sets(&mut plan);
    each_list(&mut plan, &mut without_outputs);
    let outer = defaults_among(&plan.children);
    set_flags(&mut plan.children, outer);
    for group in &mut plan.groups {
        let inner = defaults_among(&group.children).or(outer);
        set_flags(&mut group.children, inner);
    }
    let stated = stated_defaults(&plan);
    each_request(&mut plan, &mut |request, _| settle(request, &stated));
    let mut own = HttpRequest {
        keep_alive: Some(true),
        follow_redirects: Some(true),
        ..HttpRequest::default()
    };
    take_server(&mut plan, &mut own);
    plan.children.insert(
        0,
        Element {
            name: Text::default(),
            kind: ElementKind::Config(Config::HttpDefaults(Box::new(own))),
            children: Vec::new(),
            location: loadline_plan::Location::default(),
        },
    );
    each_list(&mut plan, &mut |elements| short_names(elements));
    plan
}

/// Whether the plan begins with the defaults that the reader makes.
fn has_our_defaults(plan: &Plan) -> bool {
    plan.children.first().is_some_and(|first| {
        first.name.is_empty()
            && matches!(
                &first.kind,
                ElementKind::Config(Config::HttpDefaults(request))
                    if request.keep_alive == Some(true)
                        && request.follow_redirects == Some(true)
            )
    })
}

/// Numbers the sets of variables without gaps.
fn number_sets(plan: &mut Plan) {
    let mut sets: Vec<usize> = plan.variables.iter().map(|variable| variable.set).collect();
    sets.sort_unstable();
    sets.dedup();
    for variable in &mut plan.variables {
        variable.set = sets.partition_point(|set| *set < variable.set);
    }
}

/// Calls `change` with each list of elements, outer ones first.
fn each_list(plan: &mut Plan, change: &mut impl FnMut(&mut Vec<Element>)) {
    fn below(elements: &mut Vec<Element>, change: &mut impl FnMut(&mut Vec<Element>)) {
        change(elements);
        for element in elements {
            below(&mut element.children, change);
        }
    }
    below(&mut plan.children, change);
    for group in &mut plan.groups {
        below(&mut group.children, change);
    }
}

/// Calls `change` with each request and each set of defaults; whether it is the latter.
fn each_request(plan: &mut Plan, change: &mut impl FnMut(&mut HttpRequest, bool)) {
    each_list(plan, &mut |elements| {
        for element in elements {
            match &mut element.kind {
                ElementKind::Sampler(Sampler::Http(request)) => change(request, false),
                ElementKind::Config(Config::HttpDefaults(request)) => change(request, true),
                _ => {}
            }
        }
    });
}

fn without_outputs(elements: &mut Vec<Element>) {
    elements.retain(|element| !matches!(element.kind, ElementKind::Output(_)));
}

/// The flags that our plans have as defaults.
#[derive(Clone, Copy, Default)]
struct Flags {
    follow_redirects: Option<bool>,
    keep_alive: Option<bool>,
}

impl Flags {
    fn of(request: &HttpRequest) -> Self {
        Self {
            follow_redirects: request.follow_redirects,
            keep_alive: request.keep_alive,
        }
    }

    fn or(self, outer: Flags) -> Self {
        Self {
            follow_redirects: self.follow_redirects.or(outer.follow_redirects),
            keep_alive: self.keep_alive.or(outer.keep_alive),
        }
    }
}

fn defaults_among(elements: &[Element]) -> Flags {
    elements
        .iter()
        .filter_map(|element| match &element.kind {
            ElementKind::Config(Config::HttpDefaults(request)) => Some(Flags::of(request)),
            _ => None,
        })
        .fold(Flags::default(), Flags::or)
}

/// States the flags in requests, where they are not as in every plan of ours: on. JMeter's are off
/// unless they are stated.
fn set_flags(elements: &mut [Element], outer: Flags) {
    let stated = |flag: Option<bool>| (flag != Some(true)).then_some(false);
    for element in elements {
        let inner = defaults_among(&element.children).or(outer);
        match &mut element.kind {
            ElementKind::Sampler(Sampler::Http(request)) => {
                let flags = Flags::of(request).or(inner);
                request.follow_redirects = stated(flags.follow_redirects);
                request.keep_alive = stated(flags.keep_alive);
            }
            ElementKind::Config(Config::HttpDefaults(request)) => {
                request.follow_redirects = None;
                request.keep_alive = None;
            }
            _ => {}
        }
        set_flags(&mut element.children, inner);
    }
}

/// The optional settings of a request whose unset form is `false` or empty.
type FlagOf = fn(&mut HttpRequest) -> &mut Option<bool>;
type TextOf = fn(&mut HttpRequest) -> &mut Option<Text>;

const FLAGS: [FlagOf; 8] = [
    |request| &mut request.auto_redirects,
    |request| &mut request.raw_body,
    |request| &mut request.multipart,
    |request| &mut request.browser_multipart,
    |request| &mut request.embedded,
    |request| &mut request.embedded_concurrent,
    |request| &mut request.md5,
    |request| &mut request.java_client,
];

const TEXTS: [TextOf; 15] = [
    |request| &mut request.protocol,
    |request| &mut request.domain,
    |request| &mut request.port,
    |request| &mut request.path,
    |request| &mut request.content_encoding,
    |request| &mut request.connect_timeout_ms,
    |request| &mut request.response_timeout_ms,
    |request| &mut request.embedded_pool,
    |request| &mut request.embedded_include,
    |request| &mut request.embedded_exclude,
    |request| &mut request.source,
    |request| &mut request.proxy_host,
    |request| &mut request.proxy_port,
    |request| &mut request.proxy_user,
    |request| &mut request.unix_socket,
];

/// Which of [`FLAGS`] some defaults state, and whether any state what a source address is.
struct Stated {
    flags: [bool; FLAGS.len()],
    source_kind: bool,
}

fn stated_defaults(plan: &Plan) -> Stated {
    let mut stated = Stated {
        flags: [false; FLAGS.len()],
        source_kind: false,
    };
    each_request(&mut plan.clone(), &mut |request, is_defaults| {
        if !is_defaults {
            return;
        }
        stated.source_kind |= request.source_kind.is_some();
        for (flag, is_stated) in FLAGS.iter().zip(&mut stated.flags) {
            *is_stated |= flag(request).is_some();
        }
    });
    stated
}

/// Leaves out what says nothing.
fn settle(request: &mut HttpRequest, stated: &Stated) {
    for (flag, is_stated) in FLAGS.iter().zip(stated.flags) {
        let value = flag(request);
        if !is_stated && *value == Some(false) {
            *value = None;
        }
    }
    for text in TEXTS {
        let value = text(request);
        if value.as_ref().is_some_and(Text::is_empty) {
            *value = None;
        }
    }
    if request.proxy_password.as_ref().is_some_and(Text::is_empty) {
        request.proxy_password = None;
    }
    if !stated.source_kind && request.source_kind == Some(Default::default()) {
        request.source_kind = None;
    }
    if let (Some(true), [argument]) = (request.raw_body, request.arguments.as_mut_slice())
        && argument.name.is_empty()
    {
        // A body has no name that these would be about.
        argument.use_equals = true;
        argument.always_encode = false;
        argument.content_type = Text::default();
    }
}

/// Makes the server of the plan's defaults, or the one that all requests name, the plan's target.
fn take_server(plan: &mut Plan, own: &mut HttpRequest) {
    let mut has_nameless = false;
    each_list(plan, &mut |elements| {
        has_nameless |= elements.iter().any(|element| {
            matches!(element.kind, ElementKind::Sampler(Sampler::Http(_)))
                && element.name.is_empty()
        });
    });
    let is_defaults =
        |element: &Element| matches!(element.kind, ElementKind::Config(Config::HttpDefaults(_)));
    if let Some(index) = plan.children.iter().position(is_defaults) {
        let ElementKind::Config(Config::HttpDefaults(request)) = &plan.children[index].kind else {
            return;
        };
        let mut rest = (**request).clone();
        let server = Server::taken_from(&mut rest);
        let is_timeout = rest.connect_timeout_ms == rest.response_timeout_ms
            && (rest.connect_timeout_ms.as_ref())
                .is_none_or(|text| milliseconds(text).is_some_and(|duration| !duration.is_zero()));
        // A name of defaults is the label of requests that have none.
        if has_nameless || !is_timeout || !plan.children[index].children.is_empty() {
            return;
        }
        let timeout = rest.connect_timeout_ms.take();
        rest.response_timeout_ms = None;
        let is_server = server.is_none() || server.is_target();
        if rest == HttpRequest::default() && is_server {
            own.connect_timeout_ms.clone_from(&timeout);
            own.response_timeout_ms = timeout;
            server.put_into(own);
            plan.children.remove(index);
        }
        return;
    }
    let mut servers: Vec<Server> = Vec::new();
    let mut has_defaults = false;
    each_request(&mut plan.clone(), &mut |request, is_defaults| {
        has_defaults |= is_defaults;
        servers.push(Server::taken_from(request));
    });
    servers.dedup();
    if let [server] = servers.as_slice()
        && !has_defaults
        && server.is_target()
    {
        each_request(plan, &mut |request, _| {
            Server::taken_from(request);
        });
        servers.remove(0).put_into(own);
    }
}

/// Where requests go.
#[derive(PartialEq)]
struct Server {
    protocol: Option<Text>,
    domain: Option<Text>,
    port: Option<Text>,
}

impl Server {
    fn taken_from(request: &mut HttpRequest) -> Self {
        Self {
            protocol: request.protocol.take(),
            domain: request.domain.take(),
            port: request.port.take(),
        }
    }

    fn put_into(self, request: &mut HttpRequest) {
        if self.is_none() {
            return;
        }
        // JMeter's default.
        request.protocol = self.protocol.or_else(|| Some("http".into()));
        request.domain = self.domain;
        request.port = self.port.or_else(|| Some(Text::default()));
    }

    fn is_none(&self) -> bool {
        self.domain.is_none() && self.protocol.is_none() && self.port.is_none()
    }

    /// Whether a `target` can say it.
    fn is_target(&self) -> bool {
        if self.domain.is_none() {
            return false;
        }
        let mut request = HttpRequest::default();
        let own = Server {
            protocol: self.protocol.clone(),
            domain: self.domain.clone(),
            port: self.port.clone(),
        };
        own.put_into(&mut request);
        target(&request).is_some()
    }
}

/// Gives elements the names of their short forms, where names appear nowhere, and puts those that have
/// one first, in the order of the short forms. Nothing is moved past another of its kind.
fn short_names(elements: &mut [Element]) {
    for element in elements.iter_mut() {
        let name = match &element.kind {
            ElementKind::Config(Config::Headers(_)) => Some("headers".into()),
            ElementKind::Config(Config::Cookies(_)) => Some("cookies".into()),
            ElementKind::Config(Config::Csv(csv)) => Some(csv.file.clone()),
            ElementKind::Timer(timer @ (Timer::Constant { .. } | Timer::Uniform { .. }))
            | ElementKind::Sampler(Sampler::Pause(timer)) => think(timer).map(|_| "think".into()),
            ElementKind::PostProcessor(PostProcessor::Regex(own)) => Some(own.variable.clone()),
            ElementKind::PostProcessor(PostProcessor::Json(own)) => Some(own.variables.clone()),
            _ => None,
        };
        if let Some(name) = name {
            element.name = name;
        }
    }
    // Data sets, counters and the like take their turns in file order.
    let sources = elements.iter().filter(|element| {
        matches!(
            element.kind,
            ElementKind::Config(Config::Csv(_) | Config::Counter(_) | Config::Random(_))
                | ElementKind::PreProcessor(_)
        )
    });
    let only_data = sources
        .clone()
        .all(|element| matches!(element.kind, ElementKind::Config(Config::Csv(_))));
    let last = 9;
    let rank = |element: &Element| match &element.kind {
        ElementKind::Config(Config::HttpDefaults(_)) if element.name.is_empty() => 0,
        ElementKind::Config(Config::Cookies(_)) => 1,
        ElementKind::Config(Config::Headers(_)) => 2,
        ElementKind::Config(Config::Csv(_)) if only_data => 3,
        ElementKind::Timer(Timer::Constant { .. } | Timer::Uniform { .. }) => 4,
        ElementKind::Assertion(_) => 5,
        ElementKind::PostProcessor(PostProcessor::Regex(_) | PostProcessor::Json(_)) => 6,
        _ => last,
    };
    // Timers and post-processors of other kinds keep their places among those of their own.
    let ranks: Vec<usize> = elements.iter().map(rank).collect();
    let is_mixed = |kind: fn(&ElementKind) -> bool| {
        let own = elements
            .iter()
            .zip(&ranks)
            .filter(|(element, _)| kind(&element.kind));
        let mut own = own.map(|(_, rank)| *rank);
        let first = own.next();
        own.any(|rank| Some(rank) != first)
    };
    let mixed_timers = is_mixed(|kind| {
        matches!(kind, ElementKind::Timer(_))
            || matches!(kind, ElementKind::Script(script) if script.role == loadline_plan::ScriptRole::Timer)
    });
    let mixed_extractors = is_mixed(|kind| {
        matches!(kind, ElementKind::PostProcessor(_))
            || matches!(kind, ElementKind::Script(script) if script.role == loadline_plan::ScriptRole::PostProcessor)
    });
    let mixed_assertions = is_mixed(|kind| {
        matches!(kind, ElementKind::Assertion(_))
            || matches!(kind, ElementKind::Script(script) if script.role == loadline_plan::ScriptRole::Assertion)
    });
    elements.sort_by_key(|element| match rank(element) {
        4 if mixed_timers => last,
        5 if mixed_assertions => last,
        6 if mixed_extractors => last,
        rank => rank,
    });
}
