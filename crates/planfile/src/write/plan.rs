//! The plan itself and its groups.

use loadline_plan::{
    Config, Element, ElementKind, HttpRequest, OnSampleError, Plan, PlanSource, Stage, Text,
    ThreadGroup, Variable,
};

use super::load::load;
use super::request::timeout;
use super::yaml::Yaml;
use super::{Entries, Writer, scope};
use crate::grammar::VERSION;
use crate::read::group::ON_ERROR;
use crate::target::Target;

impl Writer {
    /// The entries of the document.
    pub(super) fn plan(&mut self, plan: &Plan) -> Entries {
        let mut entries = Entries::new();
        let mut push = |key: &str, value: Yaml| entries.push((key.to_owned(), value));
        push("loadline", Yaml::plain(VERSION));
        push("name", Yaml::text(plan.name.as_str()));
        if plan.source == PlanSource::Jmx {
            push("rules", Yaml::plain("jmeter"));
        }
        let mut children = plan.children.as_slice();
        let defaults = take_defaults(&mut children).unwrap_or_default();
        let mut request = defaults.clone();
        let timeout = timeout(&mut request);
        if let Some(target) = target(&defaults) {
            self.has_target = true;
            push("target", Yaml::text(target));
        }
        if let Some(timeout) = timeout {
            push("timeout", timeout);
        }
        if !plan.servers.is_empty() {
            let servers = plan
                .servers
                .iter()
                .map(|server| (server.name.clone(), Yaml::text(server.source.as_str())));
            push("servers", Yaml::Map(servers.collect()));
        }
        if !plan.variables.is_empty() {
            push("variables", variables(&plan.variables));
        }
        if let Some(http) = scope::http(&mut children) {
            push("http", http);
        }
        if scope::cookies(&mut children) {
            push("cookies", Yaml::plain(true));
        }
        if let Some(headers) = scope::headers(&mut children) {
            push("headers", headers);
        }
        if plan.serialize_groups {
            push("consecutive", Yaml::plain(true));
        }
        if !plan.tear_down_on_shutdown {
            push("teardown_when_stopped", Yaml::plain(false));
        }
        if !children.is_empty() {
            push("with", self.steps(children));
        }
        for (key, stage) in [
            ("setup", Stage::SetUp),
            ("groups", Stage::Main),
            ("teardown", Stage::TearDown),
        ] {
            let own = plan.groups.iter().filter(|group| group.stage == stage);
            let own: Vec<Yaml> = own.map(|group| self.group(group)).collect();
            if !own.is_empty() || stage == Stage::Main {
                push(key, Yaml::Lines(own));
            }
        }
        if !plan.limits.is_empty() {
            let limits = plan.limits.iter();
            let limits = limits.map(|limit| Yaml::text(limit.text.as_str()));
            push("limits", Yaml::Lines(limits.collect()));
        }
        entries
    }

    fn group(&mut self, group: &ThreadGroup) -> Yaml {
        let mut entries = Entries::new();
        let mut push = |key: &str, value: Yaml| entries.push((key.to_owned(), value));
        push("name", Yaml::text(group.name.as_str()));
        push("load", load(&group.load));
        if let Some(after) = &group.after {
            push("after", Yaml::text(after.as_str()));
        }
        if group.on_sample_error != OnSampleError::Continue
            && let Some((word, _)) = ON_ERROR
                .iter()
                .find(|(_, action)| *action == group.on_sample_error)
        {
            push("on_error", Yaml::plain(word));
        }
        if !group.same_user_on_next_iteration {
            push("same_user", Yaml::plain(false));
        }
        let mut children = group.children.as_slice();
        if let Some(http) = scope::http(&mut children) {
            push("http", http);
        }
        if scope::cookies(&mut children) {
            push("cookies", Yaml::plain(true));
        }
        if let Some(headers) = scope::headers(&mut children) {
            push("headers", headers);
        }
        let data = scope::data(&mut children);
        if !data.is_empty() {
            push("data", Yaml::Map(data));
        }
        if let Some(think) = scope::think_time(&mut children) {
            push("think", think);
        }
        push("do", self.steps(children));
        Yaml::Map(entries)
    }
}

/// Takes the defaults that the reader makes for every plan from the front of `children`.
fn take_defaults(children: &mut &[Element]) -> Option<HttpRequest> {
    let (first, rest) = children.split_first()?;
    let ElementKind::Config(Config::HttpDefaults(request)) = &first.kind else {
        return None;
    };
    *children = rest;
    Some((**request).clone())
}

/// The URL of the server that defaults name, if they name one.
pub(super) fn target(defaults: &HttpRequest) -> Option<String> {
    let text = |text: &Option<Text>| text.as_ref().map_or("", Text::as_str).to_owned();
    let target = Target {
        protocol: text(&defaults.protocol),
        host: text(&defaults.domain),
        port: text(&defaults.port),
        prefix: String::new(),
    };
    let host = match target.host.contains(':') && !target.host.contains("${") {
        true => format!("[{}]", target.host),
        false => target.host.clone(),
    };
    let colon = if target.port.is_empty() { "" } else { ":" };
    let url = format!("{}://{host}{colon}{}", target.protocol, target.port);
    (Target::parse(&url).as_ref() == Ok(&target)).then_some(url)
}

/// A mapping if each variable is a set of its own, else a list of the sets.
fn variables(variables: &[Variable]) -> Yaml {
    let entry = |variable: &Variable| (variable.name.clone(), Yaml::text(variable.value.as_str()));
    let are_alone = variables
        .iter()
        .enumerate()
        .all(|(index, variable)| variable.set == index);
    let mut seen = std::collections::HashSet::new();
    let are_unique = variables.iter().all(|variable| seen.insert(&variable.name));
    if are_alone && are_unique {
        return Yaml::Map(variables.iter().map(entry).collect());
    }
    let mut sets: Vec<(usize, Entries)> = Vec::new();
    for variable in variables {
        match sets.last_mut() {
            Some((set, entries)) if *set == variable.set => entries.push(entry(variable)),
            _ => sets.push((variable.set, vec![entry(variable)])),
        }
    }
    Yaml::Lines(sets.into_iter().map(|(_, set)| Yaml::Map(set)).collect())
}
