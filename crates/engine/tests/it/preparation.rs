//! What is found before any user starts.

use loadline_plan::{
    Config, Controller, DnsCacheManager, Element, ElementKind, HttpRequest, IfCondition,
    PlanSource, Sampler,
};

use crate::plan::*;
use crate::world::*;

fn javascript(condition: &str) -> Element {
    let kind = Controller::If {
        condition: IfCondition::JavaScript(condition.into()),
        evaluate_all: false,
    };
    controller("if", kind, vec![get("a")])
}

/// Codes and messages of all errors.
fn errors(test: loadline_plan::Plan) -> Vec<String> {
    let errors = World::new(test).try_prepared().unwrap_err();
    errors
        .iter()
        .map(|error| format!("{}: {}", error.code, error.message))
        .collect()
}

#[test]
fn conditions_beyond_comparisons_are_refused() {
    let body = vec![
        javascript("\"${__P(a)}\" == \"1\" && ${__threadNum} < 3"),
        javascript("while (true) {}"),
    ];
    let mut test = plan(vec![group(threads(1, 0, 1), body)]);
    test.source = PlanSource::Yaml;
    assert_eq!(
        errors(test),
        ["unsupported-condition: condition `while (true) {}`: `{` is not supported"]
    );
}

#[test]
fn conditions_of_jmeter_name_what_is_not_there() {
    let body = vec![
        javascript("while (true) {}"),
        javascript("new java.net.Socket('${__P(a)}', 1) != null"),
    ];
    assert_eq!(
        errors(plan(vec![group(threads(1, 0, 1), body)])),
        [
            "unsupported-script: condition `new java.net.Socket('1', 1) != null`, script line 1, \
          column 5: class java.net.Socket is not supported (network)"
        ]
    );
}

#[test]
fn a_plan_without_users_is_refused() {
    let mut nobody = plan(vec![group(threads(0, 0, 1), vec![get("a")])]);
    nobody.source = PlanSource::Yaml;
    assert_eq!(errors(nobody), ["no-users: no thread group has a user"]);
    let mut no_group = plan(Vec::new());
    no_group.source = PlanSource::Yaml;
    assert_eq!(errors(no_group), ["no-users: the plan has no thread group"]);
}

#[test]
fn a_plan_of_jmeter_without_users_is_run_with_a_warning() {
    let nobody = plan(vec![group(threads(0, 0, 1), vec![get("a")])]);
    let prepared = World::new(nobody).prepared();
    let said: Vec<_> = (prepared.warnings().iter())
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(said, ["no thread group has a user: nothing will be run"]);
    assert_eq!(prepared.max_users(), 0);
}

#[test]
fn loads_that_cannot_run_name_their_group() {
    let found = errors(plan(vec![group(users_for(0, 60), vec![get("a")])]));
    let expected = "empty-load: thread group `group`: the number of users is never greater than 0";
    assert_eq!(found, [expected]);
}

/// What is known of where a request to `host` goes under a DNS Cache Manager with these hosts and servers: host
/// and what it stands for, if anything.
fn target_of(
    host: &str,
    hosts: &[(&str, &str)],
    servers: &[&str],
) -> Option<(String, Option<Vec<String>>)> {
    let request = HttpRequest {
        domain: Some(host.into()),
        ..HttpRequest::default()
    };
    let manager = DnsCacheManager {
        servers: servers.iter().map(|server| (*server).into()).collect(),
        hosts: (hosts.iter())
            .map(|(name, addresses)| ((*name).into(), (*addresses).into()))
            .collect(),
        clear_each_iteration: false,
    };
    let manager = ElementKind::Config(Config::Dns(manager));
    let request = ElementKind::Sampler(Sampler::Http(Box::new(request)));
    let body = vec![
        element("names", manager, Vec::new()),
        element("a", request, Vec::new()),
    ];
    let prepared = World::new(plan(vec![group(threads(1, 0, 1), body)])).prepared();
    let [target] = prepared.targets() else {
        assert_eq!(prepared.targets(), []);
        return None;
    };
    Some((target.host.clone(), target.stands_for.clone()))
}

#[test]
fn what_a_plans_own_names_stand_for_is_known() {
    let check = |host: &str, servers: &[&str], expected: Option<&[&str]>| {
        let hosts = [("shop", "192.0.2.1, shop.test"), ("near", "127.0.0.1")];
        let found = target_of(host, &hosts, servers);
        let expected = expected.map(|names| names.iter().map(ToString::to_string).collect());
        assert_eq!(
            found,
            Some((host.to_owned(), expected)),
            "{host} {servers:?}"
        );
    };
    check("shop", &[], Some(&["192.0.2.1", "shop.test"]));
    // As in JMeter.
    check("SHOP", &[], Some(&[]));
    check("other", &[], None);
    check("127.0.0.1", &["192.0.2.9"], None);
    // What a name server of the plan says of `shop.test` is not known.
    check("shop", &["192.0.2.9"], Some(&["192.0.2.1"]));
    assert_eq!(target_of("other", &[], &["192.0.2.9"]), None);
    assert_eq!(target_of("a", &[("a", "b.test")], &["192.0.2.9:53"]), None);
}
