//! What requests of our plans leave unsaid, said as JMeter says it.

use loadline_plan::{
    Config, Element, ElementKind, HttpRequest, HttpVersion, Location, Plan, Sampler, Text,
};

use super::Terms;

/// Time-out of our own plans that set none, in milliseconds; JMeter has none.
const DEFAULT_TIMEOUT_MS: &str = "60000";

/// The name of HTTP Request Defaults in JMeter's menus.
const DEFAULTS: &str = "HTTP Request Defaults";

/// The two flags that our plans have for all requests and JMeter's have in each.
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

impl Terms {
    pub(super) fn requests(&mut self, plan: &mut Plan) {
        let outer = defaults_among(&plan.children);
        set_flags(&mut plan.children, outer, self.own_rules);
        for group in &mut plan.groups {
            let inner = defaults_among(&group.children).or(outer);
            set_flags(&mut group.children, inner, self.own_rules);
        }
        name_defaults(plan);
        if let Some(location) = only_ours(plan) {
            self.note(
                &location,
                "JMeter sends HTTP/1.1 and knows no Unix sockets",
                "in JMeter, the requests go to the host and port of their URLs",
            );
        }
        if !self.own_rules {
            return;
        }
        set_timeouts(plan);
        if speaks_tls(plan) {
            let place = plan.children.first();
            let location = place.map(|element| element.location.clone());
            self.note(
                &location.unwrap_or_default(),
                "JMeter does not check the certificates of servers",
                "nothing in a plan changes that",
            );
        }
    }
}

/// The flags that defaults among `elements` set; the first in the file counts.
fn defaults_among(elements: &[Element]) -> Flags {
    elements
        .iter()
        .filter_map(|element| match &element.kind {
            ElementKind::Config(Config::HttpDefaults(request)) => Some(Flags::of(request)),
            _ => None,
        })
        .fold(Flags::default(), Flags::or)
}

/// Moves the flags from defaults into requests: JMeter's window of defaults does not have them.
fn set_flags(elements: &mut [Element], outer: Flags, own_rules: bool) {
    for element in elements {
        let inner = defaults_among(&element.children).or(outer);
        match &mut element.kind {
            ElementKind::Sampler(Sampler::Http(request)) => {
                let flags = Flags::of(request).or(inner);
                request.follow_redirects = flags.follow_redirects;
                request.keep_alive = flags.keep_alive;
                if !own_rules {
                    // What is left unsaid is off in JMeter too.
                    set_flags(&mut element.children, inner, own_rules);
                    continue;
                }
                request.follow_redirects.get_or_insert(false);
                request.keep_alive.get_or_insert(true);
                if request.method.as_ref().is_none_or(Text::is_empty) {
                    request.method = Some("GET".into());
                }
            }
            ElementKind::Config(Config::HttpDefaults(request)) => {
                request.follow_redirects = None;
                request.keep_alive = None;
            }
            _ => {}
        }
        set_flags(&mut element.children, inner, own_rules);
    }
}

/// Gives the defaults that every plan of ours has JMeter's name, unless a request without a name would
/// take it.
fn name_defaults(plan: &mut Plan) {
    fn has_nameless(elements: &[Element]) -> bool {
        elements.iter().any(|element| {
            let is_nameless = element.name.is_empty()
                && matches!(element.kind, ElementKind::Sampler(Sampler::Http(_)));
            is_nameless || has_nameless(&element.children)
        })
    }
    if plan
        .groups
        .iter()
        .any(|group| has_nameless(&group.children))
    {
        return;
    }
    if let Some(first) = plan.children.first_mut()
        && matches!(first.kind, ElementKind::Config(Config::HttpDefaults(_)))
        && matches!(first.name.as_str(), "" | "target")
    {
        first.name = DEFAULTS.into();
    }
}

/// States the time-outs that our plans have by default, where the plan's own defaults stand.
fn set_timeouts(plan: &mut Plan) {
    let defaults = plan
        .children
        .iter_mut()
        .find_map(|element| match &mut element.kind {
            ElementKind::Config(Config::HttpDefaults(request)) => Some(request),
            _ => None,
        });
    let set = |timeout_ms: &mut Option<Text>| {
        timeout_ms.get_or_insert_with(|| DEFAULT_TIMEOUT_MS.into());
    };
    match defaults {
        Some(request) => {
            set(&mut request.connect_timeout_ms);
            set(&mut request.response_timeout_ms);
        }
        None => {
            let mut request = HttpRequest::default();
            set(&mut request.connect_timeout_ms);
            set(&mut request.response_timeout_ms);
            plan.children.insert(
                0,
                Element {
                    name: DEFAULTS.into(),
                    kind: ElementKind::Config(Config::HttpDefaults(Box::new(request))),
                    children: Vec::new(),
                    location: plan
                        .groups
                        .first()
                        .map_or_else(Default::default, |group| group.location.clone()),
                },
            );
        }
    }
}

/// Where a request or defaults first ask for what JMeter cannot do.
fn only_ours(plan: &Plan) -> Option<Location> {
    fn first(elements: &[Element]) -> Option<Location> {
        elements.iter().find_map(|element| {
            let is_it = match &element.kind {
                ElementKind::Sampler(Sampler::Http(request))
                | ElementKind::Config(Config::HttpDefaults(request)) => {
                    request.http_version == Some(HttpVersion::Http2)
                        || request
                            .unix_socket
                            .as_ref()
                            .is_some_and(|file| !file.is_empty())
                }
                _ => false,
            };
            is_it
                .then(|| element.location.clone())
                .or_else(|| first(&element.children))
        })
    }
    first(&plan.children).or_else(|| plan.groups.iter().find_map(|group| first(&group.children)))
}

fn speaks_tls(plan: &Plan) -> bool {
    fn is_tls(request: &HttpRequest) -> bool {
        let begins = |text: &Option<Text>| {
            text.as_ref()
                .is_some_and(|text| text.as_str().to_ascii_lowercase().starts_with("https"))
        };
        begins(&request.protocol) || begins(&request.path)
    }
    fn any(elements: &[Element]) -> bool {
        elements.iter().any(|element| {
            let own = match &element.kind {
                ElementKind::Sampler(Sampler::Http(request))
                | ElementKind::Config(Config::HttpDefaults(request)) => is_tls(request),
                _ => false,
            };
            own || any(&element.children)
        })
    }
    any(&plan.children) || plan.groups.iter().any(|group| any(&group.children))
}
