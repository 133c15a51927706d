//! The corpus as the real JMeter 5.6.3 reads it (`tests/corpus-in-jmeter.tsv`, written by
//! `oracle/read-plans.sh`): each element that stays in a plan has the settings that JMeter gives it.

use std::collections::BTreeMap;

use loadline_jmx::read_jmx;
use loadline_plan::{
    Assertion, Config, Controller, Element, ElementKind, HttpRequest, IfCondition, Load, LoopCount,
    MatchRule, OnSampleError, Plan, PostProcessor, ResponseField, Sampler, Scope, ShareMode, Stage,
    Text, ThreadGroup, Timer,
};

use crate::corpus;

const IN_JMETER: &str = include_str!("../corpus-in-jmeter.tsv");

/// How often each line occurs.
type Lines = BTreeMap<String, usize>;

#[test]
fn what_stays_in_a_plan_has_the_settings_that_jmeter_reads() {
    let mut in_jmeter = BTreeMap::<&str, Lines>::new();
    for line in IN_JMETER.lines() {
        let (file, rest) = line.split_once('\t').unwrap();
        *in_jmeter
            .entry(file)
            .or_default()
            .entry(rest.to_owned())
            .or_default() += 1;
    }
    let mut left_out = BTreeMap::<String, usize>::new();
    let mut same = 0;
    for (name, text) in corpus::plans() {
        let mut expected = in_jmeter.remove(name.as_str()).unwrap();
        if expected.keys().any(|line| line.starts_with("not loaded")) {
            continue;
        }
        for line in lines_of(&read_jmx(&text, &name).plan.unwrap()) {
            match expected.get_mut(&line) {
                Some(count) if *count > 0 => *count -= 1,
                // The oracle reads plans as they stand: it has no copies of disabled targets.
                _ if line.starts_with("variable") && text.contains("<ModuleController") => continue,
                _ => panic!("{name}: JMeter does not read\n{line}\nbut {expected:#?}"),
            }
            same += 1;
        }
        for (line, count) in expected.into_iter().filter(|(_, count)| *count > 0) {
            let kind = line.split('\t').next().unwrap().to_owned();
            *left_out.entry(kind).or_default() += count;
        }
    }
    assert!(in_jmeter.is_empty(), "{in_jmeter:?}");
    // Left out: below refused samplers, outside of thread groups, or refused themselves.
    insta::assert_snapshot!(
        format!("same: {same}, left out: {left_out:?}"),
        @r#"same: 2230, left out: {"assertion": 4, "constant timer": 5, "request": 11}"#
    );
}

/// The settings of a plan in the form of the oracle.
fn lines_of(plan: &Plan) -> Vec<String> {
    let mut lines = vec![line(
        "plan",
        &plan.name,
        [
            plan.serialize_groups.to_string(),
            plan.tear_down_on_shutdown.to_string(),
        ],
    )];
    lines.extend(
        plan.variables
            .iter()
            .map(|variable| line("variable", &variable.name, [escaped(&variable.value)])),
    );
    plan.children
        .iter()
        .for_each(|child| describe_all(child, &mut lines));
    for group in &plan.groups {
        lines.extend(describe_group(group));
        group
            .children
            .iter()
            .for_each(|child| describe_all(child, &mut lines));
    }
    lines
}

fn describe_all(element: &Element, lines: &mut Vec<String>) {
    if let Some((kind, settings)) = describe(&element.kind) {
        lines.push(line(kind, element.name.as_str(), settings));
    }
    // What a Module Controller runs has its own place, where it is described.
    let own_path = &element.location.path;
    (element.children.iter())
        .filter(|child| child.location.path.starts_with(own_path))
        .for_each(|child| describe_all(child, lines));
}

fn line(kind: &str, name: &str, settings: impl IntoIterator<Item = String>) -> String {
    let mut fields = vec![kind.to_owned(), escaped(&name.into())];
    fields.extend(settings);
    fields.join("\t")
}

fn escaped(text: &Text) -> String {
    text.as_str()
        .replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\t', "\\t")
}

fn describe_group(group: &ThreadGroup) -> Option<String> {
    let Load::Threads {
        users,
        ramp_s,
        loops,
        scheduled,
        delayed_start,
    } = &group.load
    else {
        return None;
    };
    let class = match group.stage {
        Stage::SetUp => "SetupThreadGroup",
        Stage::Main => "ThreadGroup",
        Stage::TearDown => "PostThreadGroup",
    };
    let on_sample_error = match group.on_sample_error {
        OnSampleError::Continue => "continue",
        OnSampleError::StartNextLoop => "startnextloop",
        OnSampleError::StopThread => "stopthread",
        OnSampleError::StopTest => "stoptest",
        OnSampleError::StopTestNow => "stoptestnow",
    };
    let (delay, duration) = scheduled.as_ref().map_or(Default::default(), |schedule| {
        (escaped(&schedule.delay_s), escaped(&schedule.duration_s))
    });
    Some(line(
        "thread group",
        &group.name,
        [
            class.to_owned(),
            escaped(users),
            escaped(ramp_s),
            loops_of(loops),
            delay,
            duration,
            delayed_start.to_string(),
            on_sample_error.to_owned(),
            group.same_user_on_next_iteration.to_string(),
        ],
    ))
}

fn describe(kind: &ElementKind) -> Option<(&'static str, Vec<String>)> {
    Some(match kind {
        ElementKind::Sampler(Sampler::Http(request)) => ("request", http(request)),
        ElementKind::Config(Config::HttpDefaults(request)) => ("defaults", http(request)),
        ElementKind::Config(Config::Headers(headers)) => (
            "headers",
            headers
                .iter()
                .map(|(name, value)| format!("{}: {}", escaped(name), escaped(value)))
                .collect(),
        ),
        ElementKind::Config(Config::Csv(data)) => (
            "data",
            vec![
                escaped(&data.file),
                escaped(&data.encoding),
                escaped(&data.variables),
                escaped(&data.delimiter),
                data.ignore_first_line.to_string(),
                data.quoted.to_string(),
                data.recycle.to_string(),
                data.stop_thread.to_string(),
                match &data.share {
                    ShareMode::All => "shareMode.all".to_owned(),
                    ShareMode::Group => "shareMode.group".to_owned(),
                    ShareMode::Thread => "shareMode.thread".to_owned(),
                    ShareMode::Key(key) => key.clone(),
                    // Of Random CSV Data Sets, which the oracle does not know.
                    ShareMode::Element => "element".to_owned(),
                },
            ],
        ),
        ElementKind::Timer(Timer::Constant { delay_ms }) => {
            ("constant timer", vec![escaped(delay_ms)])
        }
        ElementKind::Timer(Timer::Uniform {
            offset_ms,
            range_ms,
        }) => ("uniform timer", vec![escaped(offset_ms), escaped(range_ms)]),
        ElementKind::Timer(Timer::Gaussian {
            offset_ms,
            deviation_ms,
        }) => (
            "gaussian timer",
            vec![escaped(offset_ms), escaped(deviation_ms)],
        ),
        ElementKind::PostProcessor(PostProcessor::Regex(regex)) => (
            "regex",
            vec![
                scope(&regex.scope),
                field(regex.field).to_owned(),
                escaped(&regex.variable),
                escaped(&regex.regex),
                escaped(&regex.template),
                escaped(&regex.default),
                escaped(&regex.match_number),
                regex.default_empty.to_string(),
            ],
        ),
        ElementKind::PostProcessor(PostProcessor::Json(json)) => (
            "json",
            vec![
                scope(&json.scope),
                escaped(&json.variables),
                escaped(&json.paths),
                escaped(&json.defaults),
                escaped(&json.match_numbers),
                json.concatenate.to_string(),
            ],
        ),
        ElementKind::Assertion(Assertion::Response(assertion)) => {
            let rule = match assertion.rule {
                MatchRule::Contains => "contains",
                MatchRule::Matches => "matches",
                MatchRule::Equals => "equals",
                MatchRule::Substring => "substring",
            };
            let mut settings = vec![
                scope(&assertion.scope),
                field(assertion.field).to_owned(),
                rule.to_owned(),
                assertion.not.to_string(),
                assertion.any.to_string(),
                assertion.assume_success.to_string(),
                escaped(&assertion.custom_message),
            ];
            settings.extend(assertion.patterns.iter().map(escaped));
            ("assertion", settings)
        }
        ElementKind::Controller(Controller::Loop { count, restarts }) => {
            ("loop", vec![loops_of(count), restarts.to_string()])
        }
        ElementKind::Controller(Controller::Transaction {
            parent_sample,
            include_timers,
        }) => (
            "transaction",
            vec![parent_sample.to_string(), include_timers.to_string()],
        ),
        ElementKind::Controller(Controller::If {
            condition,
            evaluate_all,
        }) => {
            let (is_expression, text) = match condition {
                IfCondition::Expression(text) => (true, text),
                IfCondition::JavaScript(text) => (false, text),
            };
            (
                "if",
                vec![
                    is_expression.to_string(),
                    escaped(text),
                    evaluate_all.to_string(),
                ],
            )
        }
        _ => return None,
    })
}

fn http(request: &HttpRequest) -> Vec<String> {
    let texts = [
        &request.protocol,
        &request.domain,
        &request.port,
        &request.path,
        &request.method,
        &request.content_encoding,
        &request.connect_timeout_ms,
        &request.response_timeout_ms,
    ];
    let flags = [
        request.follow_redirects,
        request.auto_redirects,
        request.keep_alive,
        request.raw_body,
        request.multipart,
        request.browser_multipart,
    ];
    let arguments = request.arguments.iter().map(|argument| {
        let separator = if argument.use_equals { "=" } else { "" };
        [
            &escaped(&argument.name),
            separator,
            &escaped(&argument.value),
            &argument.always_encode.to_string(),
            &escaped(&argument.content_type),
        ]
        .join("|")
    });
    let files = request.files.iter().map(|file| {
        [&file.path, &file.parameter, &file.mime_type]
            .map(escaped)
            .join("|")
    });
    texts
        .into_iter()
        .map(|text| text.as_ref().map(escaped).unwrap_or_default())
        .chain(flags.map(|flag| flag.unwrap_or(false).to_string()))
        .chain(arguments)
        .chain(files)
        .collect()
}

fn loops_of(count: &LoopCount) -> String {
    match count {
        LoopCount::Forever => "-1".to_owned(),
        LoopCount::Times(text) => escaped(text),
    }
}

fn scope(scope: &Scope) -> String {
    match scope {
        Scope::Main => "parent".to_owned(),
        Scope::MainAndSub => "all".to_owned(),
        Scope::Sub => "children".to_owned(),
        Scope::Variable(name) => format!("variable {name}"),
    }
}

fn field(field: ResponseField) -> &'static str {
    match field {
        ResponseField::Body => "body",
        ResponseField::UnescapedBody => "unescaped body",
        ResponseField::ResponseHeaders => "response headers",
        ResponseField::RequestHeaders => "request headers",
        ResponseField::RequestData => "request data",
        ResponseField::Url => "url",
        ResponseField::Code => "code",
        ResponseField::Message => "message",
    }
}
