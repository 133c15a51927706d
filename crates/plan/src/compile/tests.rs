//! Compiling small plans.

use std::time::Duration;

use super::*;
use crate::program::{LabelProgram, NodeKind, PassSource, SamplerKind, TimerProgram};
use crate::{
    Assertion, Config, Controller, CookieManager, CsvDataSet, Element, ElementKind, HttpArgument,
    HttpRequest, Load, LoopCount, MatchRule, OnSampleError, PostProcessor, RegexExtractor,
    ResponseAssertion, ResponseField, Sampler, Scope, ShareMode, Stage, ThreadGroup, Timer,
    Variable,
};

fn element(name: &str, kind: ElementKind, children: Vec<Element>) -> Element {
    Element {
        name: name.into(),
        kind,
        children,
        location: Location {
            path: name.to_owned(),
            ..Location::default()
        },
    }
}

fn request(name: &str, path: &str, children: Vec<Element>) -> Element {
    let request = HttpRequest {
        domain: Some("own".into()),
        path: Some(path.into()),
        ..HttpRequest::default()
    };
    element(
        name,
        ElementKind::Sampler(Sampler::Http(Box::new(request))),
        children,
    )
}

fn config(config: Config) -> Element {
    element("config", ElementKind::Config(config), Vec::new())
}

fn headers(headers: &[(&str, &str)]) -> Element {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    config(Config::Headers(headers.collect()))
}

fn defaults(edit: impl FnOnce(&mut HttpRequest)) -> Element {
    let mut request = HttpRequest::default();
    edit(&mut request);
    config(Config::HttpDefaults(Box::new(request)))
}

fn think(millis: u64) -> Element {
    let timer = Timer::constant(Duration::from_millis(millis));
    element("timer", ElementKind::Timer(timer), Vec::new())
}

fn extractor(variable: &str, field: ResponseField) -> Element {
    let regex = RegexExtractor {
        scope: Scope::Main,
        field,
        variable: variable.into(),
        regex: "(.)".into(),
        template: "$1$".into(),
        default: "".into(),
        default_empty: false,
        match_number: "1".into(),
    };
    let kind = ElementKind::PostProcessor(PostProcessor::Regex(regex));
    element(variable, kind, Vec::new())
}

fn assertion(pattern: &str) -> Element {
    let assertion = ResponseAssertion {
        scope: Scope::Main,
        field: ResponseField::Code,
        rule: MatchRule::Equals,
        not: false,
        any: false,
        patterns: vec![pattern.into()],
        assume_success: false,
        custom_message: "".into(),
    };
    let kind = ElementKind::Assertion(Assertion::Response(assertion));
    element(pattern, kind, Vec::new())
}

fn csv(variables: &str) -> Element {
    config(Config::Csv(CsvDataSet {
        random_order: false,
        file: variables.into(),
        encoding: "".into(),
        variables: variables.into(),
        delimiter: ",".into(),
        ignore_first_line: false,
        quoted: false,
        recycle: true,
        stop_thread: false,
        share: ShareMode::All,
    }))
}

fn controller(name: &str, children: Vec<Element>) -> Element {
    element(name, ElementKind::Controller(Controller::Simple), children)
}

fn group(children: Vec<Element>) -> ThreadGroup {
    ThreadGroup {
        name: "group".to_owned(),
        stage: Stage::Main,
        load: Load::Threads {
            users: "${__P(users,1)}".into(),
            ramp_s: "0".into(),
            loops: LoopCount::Forever,
            scheduled: None,
            delayed_start: false,
        },
        on_sample_error: OnSampleError::Continue,
        same_user_on_next_iteration: true,
        after: None,
        children,
        location: Location::default(),
    }
}

fn plan(children: Vec<Element>, groups: Vec<ThreadGroup>) -> Plan {
    Plan {
        name: "plan".to_owned(),
        source: PlanSource::Jmx,
        variables: Vec::new(),
        children,
        groups,
        serialize_groups: false,
        tear_down_on_shutdown: false,
        limits: Vec::new(),
        servers: Vec::new(),
    }
}

#[track_caller]
fn compiled(plan: &Plan) -> Program {
    let (program, diagnostics) = compile(plan, &CompileInputs::default());
    program.unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

/// The first HTTP request of the first group.
fn first_http(program: &Program) -> &crate::program::HttpProgram {
    match &program.groups[0].samplers[0].kind {
        SamplerKind::Http(request) => request,
        other => panic!("a request comes first, not {other:?}"),
    }
}

/// Findings as `severity code: message (help)`.
#[track_caller]
fn check_findings(plan: &Plan, expected: &[&str]) {
    let (program, diagnostics) = compile(plan, &CompileInputs::default());
    let shown: Vec<String> = diagnostics
        .iter()
        .map(|finding| {
            let Diagnostic {
                code,
                severity,
                message,
                help,
                ..
            } = finding;
            format!("{} {code}: {message} ({help})", severity.word())
        })
        .collect();
    assert_eq!(shown, expected);
    assert_eq!(
        program.is_none(),
        diagnostics.iter().any(Diagnostic::is_error)
    );
}

#[test]
fn the_innermost_defaults_win_value_by_value_and_arguments_add_up() {
    let argument = |name: &str| HttpArgument {
        name: name.into(),
        ..HttpArgument::default()
    };
    let port = |port: &'static str, name: &'static str| {
        defaults(move |request| {
            request.port = Some(port.into());
            request.arguments = vec![argument(name)];
        })
    };
    let in_plan = defaults(|request| {
        request.domain = Some("of-the-plan".into());
        request.protocol = Some("https".into());
        request.arguments = vec![argument("plan")];
    });
    let inner = controller("c", vec![port("2", "inner"), request("r", "/", Vec::new())]);
    let program = compiled(&plan(
        vec![in_plan],
        vec![group(vec![port("1", "group"), inner])],
    ));
    let http = first_http(&program);
    assert_eq!(http.port.as_literal(), Some("2"));
    assert_eq!(http.domain.as_literal(), Some("own"));
    assert_eq!(http.protocol.as_literal(), Some("https"));
    assert_eq!(http.method.as_literal(), Some("GET"));
    let names: Vec<_> = http
        .arguments
        .iter()
        .map(|a| a.name.as_literal().unwrap())
        .collect();
    assert_eq!(names, ["inner", "group", "plan"]);
    assert!(!http.verify_tls, "as JMeter");
}

#[test]
fn headers_merge_by_name_and_inner_ones_win() {
    let own = headers(&[("Accept", "own"), ("accept", "twice")]);
    let outer = headers(&[("ACCEPT", "group"), ("X-Group", "1")]);
    let body = vec![outer, request("r", "/", vec![own])];
    let program = compiled(&plan(
        vec![headers(&[("x-group", "plan")])],
        vec![group(body)],
    ));
    let merged: Vec<_> = first_http(&program)
        .headers
        .iter()
        .map(|(name, value)| (name.as_literal().unwrap(), value.as_literal().unwrap()))
        .collect();
    let expected = [("Accept", "own"), ("accept", "twice"), ("X-Group", "1")];
    assert_eq!(merged, expected);
}

#[test]
fn the_outermost_cookie_manager_wins() {
    let manager = |clear_each_iteration| {
        config(Config::Cookies(CookieManager {
            clear_each_iteration,
            ..CookieManager::default()
        }))
    };
    let body = vec![manager(false), request("r", "/", Vec::new())];
    let program = compiled(&plan(vec![manager(true)], vec![group(body)]));
    let cookies = first_http(&program).cookies.as_ref().unwrap();
    assert!(cookies.clear_each_iteration);
}

#[test]
fn processors_run_outermost_first_with_the_plans_behind_the_groups() {
    let inner = controller(
        "c",
        vec![
            assertion("inner"),
            think(3),
            request("r", "/", vec![assertion("own"), think(4)]),
        ],
    );
    let body = vec![assertion("group"), think(2), inner];
    let program = compiled(&plan(vec![assertion("plan"), think(1)], vec![group(body)]));
    let sampler = &program.groups[0].samplers[0];
    let patterns: Vec<_> = sampler
        .assertions
        .iter()
        .map(|assertion| match &assertion.program {
            crate::program::AssertionProgram::Response(response) => {
                response.patterns[0].as_literal().unwrap()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(patterns, ["group", "plan", "inner", "own"]);
    let fixed = |delay_ms| TimerProgram::Constant {
        delay_ms: crate::program::Number::Fixed(delay_ms),
    };
    assert_eq!(
        sampler.timers,
        [fixed(4.0), fixed(3.0), fixed(2.0), fixed(1.0)]
    );
}

#[test]
fn listeners_are_in_scope_of_samplers_and_parents_and_passed_over_unless_wanted() {
    let listener = |file: &str| {
        let output = crate::OutputFile {
            file: file.into(),
            errors_only: false,
            successes_only: false,
            settings: None,
        };
        element(file, ElementKind::Output(output), Vec::new())
    };
    let transaction = |parent_sample, children| {
        let kind = Controller::Transaction {
            parent_sample,
            include_timers: true,
        };
        element("t", ElementKind::Controller(kind), children)
    };
    let inner = vec![
        listener("c"),
        request("r", "/", vec![listener("${x}")]),
        request("s", "/", Vec::new()),
    ];
    let body = vec![
        transaction(true, inner),
        transaction(false, Vec::new()),
        listener("b"),
    ];
    let test = plan(vec![listener("a")], vec![group(body)]);
    let inputs = CompileInputs {
        outputs: true,
        ..CompileInputs::default()
    };
    let (program, findings) = compile(&test, &inputs);
    let program = program.unwrap_or_else(|| panic!("{findings:#?}"));
    let names = |ids: &[crate::program::OutputId]| -> Vec<String> {
        let outputs = ids.iter().map(|id| &program.outputs[id.0 as usize]);
        outputs.map(|output| output.location.path.clone()).collect()
    };
    let group = &program.groups[0];
    assert_eq!(names(&group.samplers[0].outputs), ["b", "a", "c", "${x}"]);
    assert_eq!(names(&group.samplers[1].outputs), ["b", "a", "c"]);
    assert_eq!(names(&group.transactions[0].outputs), ["b", "a", "c"]);
    assert_eq!(names(&group.transactions[1].outputs), [""; 0]);
    // Else they do not count, not even what is wrong with them.
    let (program, findings) = compile(&test, &CompileInputs::default());
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(program.map(|program| program.outputs.len()), Some(0));
}

#[test]
fn only_what_processors_read_is_kept() {
    let body = vec![
        request("plain", "/", Vec::new()),
        request("read", "/", vec![extractor("x", ResponseField::Body)]),
    ];
    let program = compiled(&plan(Vec::new(), vec![group(body)]));
    let keeps = |index: usize| match &program.groups[0].samplers[index].kind {
        SamplerKind::Http(request) => request.keep.body,
        other => panic!("requests only, not {other:?}"),
    };
    assert_eq!((keeps(0), keeps(1)), (false, true));
}

#[test]
fn data_sets_read_at_their_controller_the_last_one_first() {
    let inner = controller(
        "c",
        vec![csv("d"), csv("e"), request("r", "/", vec![csv("f")])],
    );
    let body = vec![csv("b"), csv("c"), inner];
    let program = compiled(&plan(vec![csv("a")], vec![group(body)]));
    let names = |node: usize| -> Vec<&str> {
        let sources = program.groups[0].nodes[node].sources.iter();
        sources
            .map(|source| match source {
                PassSource::Csv(id) => program.csv[id.0 as usize].variables.as_literal().unwrap(),
                PassSource::Setter(_) | PassSource::Comparison(_) => panic!("data sets only"),
            })
            .collect()
    };
    assert_eq!(names(0), ["a", "c", "b"]);
    assert_eq!(names(1), ["f", "e", "d"]);
}

#[test]
fn nodes_follow_the_tree_and_labels_are_shared() {
    let body = vec![
        request("same", "/", Vec::new()),
        controller("c", vec![request("same", "/", Vec::new())]),
        request("user ${__threadNum}", "/", Vec::new()),
    ];
    let program = compiled(&plan(Vec::new(), vec![group(body)]));
    let nodes = &program.groups[0].nodes;
    let children: Vec<u32> = nodes[0].children.iter().map(|id| id.0).collect();
    assert_eq!(children, [1, 2, 4]);
    assert!(matches!(nodes[2].kind, NodeKind::Simple));
    assert_eq!(program.labels, ["same".into()]);
    let samplers = &program.groups[0].samplers;
    assert_eq!(samplers[1].label, LabelProgram::Static(0));
    assert!(matches!(samplers[2].label, LabelProgram::Dynamic(_)));
    assert_eq!(program.groups[0].load_texts.len(), 1);
}

#[test]
fn the_users_variables_replace_the_plans_in_their_place() {
    let mut test = plan(
        Vec::new(),
        vec![group(vec![request("r", "/${a}${b}", Vec::new())])],
    );
    test.variables = vec![Variable {
        name: "a".to_owned(),
        value: "of the plan".into(),
        set: 0,
        location: Location::default(),
    }];
    let inputs = CompileInputs {
        variables: [("a", "1"), ("b", "2")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        verify_tls: None,
        outputs: false,
    };
    let (program, findings) = compile(&test, &inputs);
    assert_eq!(findings, []);
    let program = program.unwrap();
    let values: Vec<_> = program
        .variables
        .iter()
        .map(|variable| {
            let name = &*program.slots[variable.slot.0 as usize];
            (name, variable.value.as_literal().unwrap(), variable.set)
        })
        .collect();
    assert_eq!(values, [("b", "2", 0), ("a", "1", 1)]);
}

#[test]
fn a_variable_that_nothing_sets_is_told_with_similar_names() {
    let body = vec![
        csv("user_id"),
        request(
            "r",
            "/${userid}/${nothing}/${JMeterThread.last_sample_ok}",
            Vec::new(),
        ),
    ];
    let mut test = plan(Vec::new(), vec![group(body)]);
    check_findings(
        &test,
        &[
            "warning undefined-variable: variable `userid` is read, but nothing sets it (did you \
             mean `user_id`? otherwise the text `${userid}` itself is used)",
            "warning undefined-variable: variable `nothing` is read, but nothing sets it (the \
             text `${nothing}` itself is used, as in JMeter)",
        ],
    );
    test.source = PlanSource::Yaml;
    let (program, findings) = compile(&test, &CompileInputs::default());
    assert!(program.is_none() && findings.iter().all(Diagnostic::is_error));
}

#[test]
fn extractors_and_functions_set_variables() {
    let own = vec![extractor("x", ResponseField::Body)];
    let texts = "/${x}${x_g1}${x_matchNr}${__Random(1,2,r)}${r}${__split(a,s)}${s_1}";
    check_findings(
        &plan(Vec::new(), vec![group(vec![request("r", texts, own)])]),
        &[],
    );
}

#[test]
fn names_that_only_the_run_tells_silence_the_finding() {
    let body = vec![csv(""), request("r", "/${anything}", Vec::new())];
    check_findings(&plan(Vec::new(), vec![group(body)]), &[]);
}

#[test]
fn functions_that_are_unknown_or_malformed_are_told() {
    let body = vec![
        request("a", "/${__Randon(1,2)}", Vec::new()),
        request("c", "/${__UUID(1)}", Vec::new()),
        request("d", "/${__UUID()x}", Vec::new()),
    ];
    check_findings(
        &plan(Vec::new(), vec![group(body)]),
        &[
            "warning unknown-function: unknown function `__Randon` (did you mean `__Random`? otherwise the \
             text itself is used, as in JMeter without a plugin that has it)",
            "error malformed-reference: __UUID takes 0 parameters, not 1, in `/${__UUID(1)}` \
             (JMeter runs nothing of a plan with such a text)",
            "error malformed-reference: call of __UUID is not closed: `}` expected after `)`, in \
             `/${__UUID()x}` (JMeter runs nothing of a plan with such a text)",
        ],
    );
}

#[test]
fn an_empty_method_is_get_in_own_plans_only() {
    let method_of = |source| {
        let empty = HttpRequest {
            domain: Some("own".into()),
            method: Some("".into()),
            ..HttpRequest::default()
        };
        let kind = ElementKind::Sampler(Sampler::Http(Box::new(empty)));
        let body = vec![element("r", kind, Vec::new())];
        let mut test = plan(Vec::new(), vec![group(body)]);
        test.source = source;
        let program = compiled(&test);
        first_http(&program).method.as_literal().map(str::to_owned)
    };
    assert_eq!(method_of(PlanSource::Jmx).as_deref(), Some(""));
    assert_eq!(method_of(PlanSource::Yaml).as_deref(), Some("GET"));
}

#[test]
fn header_letters_that_are_lost_are_told_in_own_plans_only() {
    let body = || {
        vec![request(
            "r",
            "/",
            vec![headers(&[("A", "café"), ("B", "5 €")])],
        )]
    };
    let mut test = plan(Vec::new(), vec![group(body())]);
    check_findings(&test, &[]);
    test.source = PlanSource::Yaml;
    check_findings(
        &test,
        &[
            "warning header-letters: the letter `€` of header `B` is sent as `?` (headers have the \
             letters of ISO-8859-1 alone: escape it as the server expects it)",
        ],
    );
}

#[test]
fn headers_of_an_outer_manager_are_added_once_for_each_name() {
    let outer = headers(&[("A", "1"), ("A", "2")]);
    let sent = |children| {
        let body = vec![request("r", "/", children)];
        let program = compiled(&plan(
            Vec::new(),
            vec![group([vec![outer.clone()], body].concat())],
        ));
        let all = first_http(&program).headers.iter();
        let values = all.filter_map(|(_, value)| value.as_literal().map(str::to_owned));
        values.collect::<Vec<_>>()
    };
    assert_eq!(sent(Vec::new()), ["1", "2"]);
    let inner = headers(&[("B", "3"), ("B", "4")]);
    assert_eq!(sent(vec![inner]), ["3", "4", "1"]);
}

#[test]
fn requests_without_host_and_groups_without_samplers_are_told() {
    let hostless = HttpRequest {
        path: Some("/".into()),
        ..HttpRequest::default()
    };
    let whole_url = HttpRequest {
        path: Some("HTTP://server/".into()),
        ..HttpRequest::default()
    };
    let sampler = |request| {
        let kind = ElementKind::Sampler(Sampler::Http(Box::new(request)));
        element("r", kind, Vec::new())
    };
    let body = vec![sampler(hostless), sampler(whole_url)];
    check_findings(
        &plan(Vec::new(), vec![group(body), group(Vec::new())]),
        &[
            "warning missing-host: the request names no host, and no defaults in scope do (set \
             Server Name in the request or in HTTP Request Defaults; its samples fail, as in JMeter)",
            "warning empty-group: thread group `group` has no sampler: its users end at once (add \
             a request, or remove the group)",
        ],
    );
}

#[test]
fn the_order_of_groups_must_name_one_other_group_and_go_in_no_circle() {
    let named = |name: &str, after: Option<&str>| ThreadGroup {
        name: name.to_owned(),
        after: after.map(str::to_owned),
        ..group(vec![request("r", "/", Vec::new())])
    };
    let mut found = Vec::new();
    for groups in [
        vec![named("a", Some("none"))],
        vec![named("a", None), named("a", None), named("b", Some("a"))],
        vec![named("a", Some("b")), named("b", Some("a"))],
    ] {
        let (program, findings) = compile(&plan(Vec::new(), groups), &CompileInputs::default());
        assert!(program.is_none());
        found.extend(findings.into_iter().map(|finding| finding.message));
    }
    assert_eq!(
        found,
        [
            "`after: none` names no other group of the same stage",
            "`after: a` is ambiguous: 2 groups have this name",
            "thread group `a` waits for itself by `after:`",
            "thread group `b` waits for itself by `after:`",
        ]
    );
}

#[test]
fn numbers_that_are_none_are_told() {
    let timer = Timer::Constant {
        delay_ms: "soon".into(),
    };
    let timer = element("t", ElementKind::Timer(timer), Vec::new());
    check_findings(
        &plan(
            vec![timer],
            vec![group(vec![request("r", "/", Vec::new())])],
        ),
        &[
            "warning not-a-number: `soon` is not a number of milliseconds (it counts as 0, as in JMeter)",
        ],
    );
}
