//! The plan itself: its settings, its groups and their order, its limits.

use loadline_plan::{
    Config, Diagnostic, Element, ElementKind, HttpRequest, Limit, Plan, PlanSource, ServerSource,
    Stage, Text, Variable, parse_limit,
};

use super::group::ReadGroup;
use super::request::set_timeout;
use super::{Fields, Reader};
use crate::grammar;
use crate::node::{Node, Value};
use crate::similar::similar;
use crate::target::Target;

impl Reader<'_> {
    /// The plan, unless something it cannot do without is missing; findings decide the rest.
    pub(super) fn plan(&mut self, node: &Node) -> Option<Plan> {
        if node.value == Value::Null {
            let help = "begin with `loadline: 1`, `target:` and `groups:`";
            self.error("empty-plan", node.place, "the plan is empty", help);
            return None;
        }
        if !self.is_known_version(node) {
            return None;
        }
        let fields = self.fields(node, &grammar::PLAN)?;
        let rules = fields
            .find("rules")
            .and_then(|node| self.word(node, &["loadline", "jmeter"]));
        self.has_jmeters_rules = rules == Some("jmeter");
        let name = self
            .name_of(&fields, "name")
            .unwrap_or_else(|| stem(self.file));
        let target = self.target(&fields);
        let mut children = vec![self.defaults(&fields, target.as_ref())];
        children.extend(self.scope(&fields));
        if let Some(node) = fields.find("with") {
            children.extend(self.within_scope(node));
        }
        let servers = self.servers(&fields);
        let variables = self.variables(&fields);
        let mut groups = Vec::new();
        for (key, stage) in [
            ("setup", Stage::SetUp),
            ("groups", Stage::Main),
            ("teardown", Stage::TearDown),
        ] {
            let Some(node) = fields.find(key) else {
                continue;
            };
            let items = self.list(node, "groups");
            if stage == Stage::Main
                && !self.has_jmeters_rules
                && matches!(&node.value, Value::List(list) if list.is_empty())
            {
                let help = "add a group with `name`, `load` and `do`";
                self.error("empty-plan", node.place, "there are no groups", help);
            }
            for item in items {
                groups.extend(self.group(item, stage, target.as_ref()));
            }
        }
        self.check_group_names(&groups);
        let limits = self.limits(&fields, &servers);
        Some(Plan {
            name,
            source: if self.has_jmeters_rules {
                PlanSource::Jmx
            } else {
                PlanSource::Yaml
            },
            variables,
            children,
            groups: groups.into_iter().map(|read| read.group).collect(),
            serialize_groups: self.flag_of(&fields, "consecutive").unwrap_or(false),
            tear_down_on_shutdown: self
                .flag_of(&fields, "teardown_when_stopped")
                .unwrap_or(true),
            limits,
            servers,
        })
    }

    /// Another version is the only finding then: its keys may mean something else.
    fn is_known_version(&mut self, node: &Node) -> bool {
        let Value::Map(entries) = &node.value else {
            return true;
        };
        let Some((_, version)) = entries.iter().find(|(key, _)| key.text == "loadline") else {
            return true;
        };
        if matches!(&version.value, Value::Scalar(scalar) if scalar.text == grammar::VERSION.to_string())
            || version.value == Value::Null
        {
            return true;
        }
        let found = match &version.value {
            Value::Scalar(scalar) => format!("`{}`", scalar.text),
            other => other.describe().to_owned(),
        };
        let message = format!("this program does not know version {found} of the plan format");
        let help = format!(
            "write `loadline: {}`, or use a newer program",
            grammar::VERSION
        );
        self.error("unsupported-version", version.place, message, help);
        false
    }

    fn target(&mut self, fields: &Fields<'_>) -> Option<Target> {
        let node = fields.find("target")?;
        match Target::parse(&self.text(node)?) {
            Ok(target) => Some(target),
            Err(message) => {
                let help = "write a URL such as `http://127.0.0.1:8000`";
                self.error("invalid-url", node.place, message, help);
                // Requests are then not blamed for having no server.
                Some(Target::default())
            }
        }
    }

    /// What every request of an own plan has unless it says otherwise.
    fn defaults(&mut self, fields: &Fields<'_>, target: Option<&Target>) -> Element {
        let mut request = HttpRequest {
            keep_alive: Some(true),
            follow_redirects: Some(true),
            ..HttpRequest::default()
        };
        if let Some(target) = target.filter(|target| !target.host.is_empty()) {
            request.protocol = Some(Text(target.protocol.clone()));
            request.domain = Some(Text(target.host.clone()));
            request.port = Some(Text(target.port.clone()));
        }
        if let Some(timeout) = self.duration_of(fields, "timeout") {
            set_timeout(&mut request, timeout);
        }
        let place = fields
            .find("target")
            .map_or(fields.place, |node| node.place);
        let kind = ElementKind::Config(Config::HttpDefaults(Box::new(request)));
        // A request of JMeter's without a name takes that of its defaults.
        let name = if self.has_jmeters_rules { "" } else { "target" };
        self.element(name, kind, place)
    }

    fn servers(&mut self, fields: &Fields<'_>) -> Vec<ServerSource> {
        let mut servers = Vec::new();
        if let Some(node) = fields.find("servers") {
            for (key, value) in self.entries(node, "servers") {
                if let Some(source) = self.text(value) {
                    servers.push(ServerSource {
                        name: key.text.clone(),
                        source,
                        location: self.location(key.place),
                    });
                }
            }
        }
        servers
    }

    /// Each variable of a mapping is a set of its own, so that it may refer to those above it; of a
    /// list, each mapping is a set.
    fn variables(&mut self, fields: &Fields<'_>) -> Vec<Variable> {
        let Some(node) = fields.find("variables") else {
            return Vec::new();
        };
        let mut variables = Vec::new();
        if let Value::List(sets) = &node.value {
            for (set, node) in sets.iter().enumerate() {
                self.variable_set(node, Some(set), &mut variables);
            }
        } else {
            self.variable_set(node, None, &mut variables);
        }
        variables
    }

    fn variable_set(&mut self, node: &Node, set: Option<usize>, variables: &mut Vec<Variable>) {
        for (key, value) in self.entries(node, "variables") {
            if let Some(text) = self.text(value) {
                variables.push(Variable {
                    name: key.text.clone(),
                    value: text.into(),
                    set: set.unwrap_or(variables.len()),
                    location: self.location(key.place),
                });
            }
        }
    }

    /// Elements in scope of all groups.
    fn within_scope(&mut self, node: &Node) -> Vec<Element> {
        let mut elements = self.steps(node, None);
        elements.retain(|element| {
            let runs = matches!(
                element.kind,
                ElementKind::Controller(_) | ElementKind::Sampler(_)
            );
            if runs {
                let message = format!("`{}` stands outside of all groups", element.name.as_str());
                let help = "put it below the `do` of a group";
                let finding =
                    Diagnostic::error("outside-of-groups", element.location.clone(), message);
                self.diagnostics.push(finding.with_help(help));
            }
            !runs
        });
        elements
    }

    /// Names are unique, and `after` names another group of the same stage, without a circle.
    fn check_group_names(&mut self, groups: &[ReadGroup]) {
        for (index, read) in groups.iter().enumerate() {
            let name = &read.group.name;
            if !self.has_jmeters_rules
                && groups[..index]
                    .iter()
                    .any(|other| other.group.name == *name)
            {
                let message = format!("there is another group called `{name}`");
                self.error(
                    "duplicate-name",
                    read.name_place,
                    message,
                    "give each its own name",
                );
            }
            let Some(after) = &read.group.after else {
                continue;
            };
            let same_stage = || {
                groups
                    .iter()
                    .filter(|other| other.group.stage == read.group.stage)
            };
            let names = || same_stage().map(|other| other.group.name.as_str());
            if !names().any(|other| other == after) {
                let message = format!("`after` names no group of the same stage: `{after}`");
                let help = match similar(after, names().filter(|other| other != name)) {
                    Some(other) => format!("did you mean `{other}`?"),
                    None => "name a group that stands beside this one".to_owned(),
                };
                self.error("unknown-group", read.after_place, message, help);
                continue;
            }
            // Followed as many times as there are groups, a chain without an end is a circle.
            let mut at = after;
            for _ in groups {
                let next = same_stage().find(|other| other.group.name == *at);
                match next.and_then(|next| next.group.after.as_ref()) {
                    Some(next) if at != name => at = next,
                    _ => break,
                }
            }
            if at == name {
                let message = format!("`{name}` would run behind itself");
                self.error(
                    "group-circle",
                    read.after_place,
                    message,
                    "remove one `after`",
                );
            }
        }
    }

    fn limits(&mut self, fields: &Fields<'_>, servers: &[ServerSource]) -> Vec<Limit> {
        let Some(node) = fields.find("limits") else {
            return Vec::new();
        };
        let mut limits = Vec::new();
        for item in self.list(node, "limits") {
            let Some(text) = self.text(item) else {
                continue;
            };
            let limit = match parse_limit(&text) {
                Ok(limit) => Limit {
                    location: self.location(item.place),
                    ..limit
                },
                Err(error) => {
                    self.error("invalid-limit", item.place, error.to_string(), error.help);
                    continue;
                }
            };
            let names = || servers.iter().map(|server| server.name.as_str());
            // A plan without servers may be given some on the command line.
            if let Some(server) = &limit.server
                && !servers.is_empty()
                && !names().any(|name| name == server)
            {
                let message = format!("the limit `{text}` names an unknown server `{server}`");
                let help = match similar(server, names()) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => format!("add `{server}: local` below `servers`"),
                };
                self.error("unknown-server", item.place, message, help);
            }
            limits.push(limit);
        }
        limits
    }
}

/// The name of a file without folders and extension.
fn stem(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if stem.is_empty() {
        "plan".to_owned()
    } else {
        stem.to_owned()
    }
}
