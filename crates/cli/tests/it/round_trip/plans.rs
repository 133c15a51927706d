//! Random plans: in JMeter's terms with everything in them, and of our own kind.

use std::time::Duration;

use loadline_plan::{
    ArrivalRow, ArrivalUsers, Config, Controller, Element, ElementKind, HttpArgument, HttpRequest,
    IfCondition, JsonExtractor, Load, LoadStage, Location, LoopCount, NativeLoad, OnSampleError,
    Plan, PlanSource, PostProcessor, Sampler, ScheduledThreads, Scope, ServerSource, Stage,
    ThreadGroup, Timer, UltimateRow, Variable, parse_limit,
};
use loadline_units::Rate;

use super::chance::Chance;
use super::elements::{scope, steps};

const LIMITS: &[&str] = &[
    "p95 < 5s at users <= 1000",
    "errors <= 10% then stop",
    "server backend alive",
    "p99 < 1s for \"GET /posts/\" over 10s",
];

/// A plan as JMeter can hold it.
pub(crate) fn of_jmeter(bytes: &[u8]) -> Plan {
    let chance = &mut Chance::new(bytes);
    let mut groups = chance.few(group_of_jmeter);
    groups.push(group_of_jmeter(chance));
    let mut variables = Vec::new();
    for set in 0..chance.below(4) {
        for name in ["a", "b c", "é"].iter().take(1 + chance.below(3)) {
            variables.push(Variable {
                name: (*name).to_owned(),
                value: chance.text(),
                set,
                location: Location::default(),
            });
        }
    }
    Plan {
        name: chance.string(),
        source: PlanSource::Jmx,
        variables,
        children: scope(chance),
        groups,
        serialize_groups: chance.flag(),
        tear_down_on_shutdown: chance.flag(),
        limits: chance.few(|chance| parse_limit(chance.pick(LIMITS)).unwrap()),
        servers: servers(chance),
    }
}

fn servers(chance: &mut Chance<'_>) -> Vec<ServerSource> {
    let names: &[&str] = if chance.flag() {
        &["backend", "db"]
    } else {
        &[]
    };
    names
        .iter()
        .map(|name| ServerSource {
            name: (*name).to_owned(),
            source: "local".to_owned(),
            location: Location::default(),
        })
        .collect()
}

fn group_of_jmeter(chance: &mut Chance<'_>) -> ThreadGroup {
    let load = load_of_jmeter(chance);
    let stage = match load {
        Load::Threads { .. } => chance.pick(&[Stage::Main, Stage::SetUp, Stage::TearDown]),
        _ => Stage::Main,
    };
    ThreadGroup {
        name: chance.string(),
        stage,
        load,
        on_sample_error: chance.pick(&[
            OnSampleError::Continue,
            OnSampleError::StartNextLoop,
            OnSampleError::StopThread,
            OnSampleError::StopTest,
            OnSampleError::StopTestNow,
        ]),
        same_user_on_next_iteration: chance.flag(),
        after: None,
        children: steps(chance, 2),
        location: Location::default(),
    }
}

fn load_of_jmeter(chance: &mut Chance<'_>) -> Load {
    let users = |chance: &mut Chance<'_>| ArrivalUsers {
        limit: chance.text(),
        iterations: chance.text(),
    };
    match chance.below(7) {
        0 => Load::Threads {
            users: chance.text(),
            ramp_s: chance.text(),
            loops: match chance.text() {
                text if text.as_str() == "-1" => LoopCount::Forever,
                text => LoopCount::Times(text),
            },
            scheduled: chance.maybe(|chance| ScheduledThreads {
                duration_s: chance.pick(&["5", "${__P(d,60)}"]).into(),
                delay_s: chance.pick(&["0", "7", "${__P(d,60)}"]).into(),
            }),
            delayed_start: chance.flag(),
        },
        1 => Load::OpenModel {
            schedule: chance.text(),
            random_seed: chance.text(),
        },
        2 => Load::Ultimate(chance.few(|chance| UltimateRow {
            users: chance.text(),
            initial_delay_s: chance.text(),
            startup_s: chance.text(),
            hold_s: chance.text(),
            shutdown_s: chance.text(),
        })),
        3 => Load::Stepping {
            users: chance.text(),
            initial_delay_s: chance.text(),
            start_count: chance.text(),
            start_burst: chance.text(),
            start_period_s: chance.text(),
            ramp_up_s: chance.text(),
            flight_time_s: chance.text(),
            stop_count: chance.text(),
            stop_period_s: chance.text(),
        },
        4 => Load::Concurrency {
            target: chance.text(),
            ramp_up: chance.text(),
            steps: chance.text(),
            hold: chance.text(),
            iterations: chance.text(),
            minutes: chance.flag(),
        },
        5 => Load::Arrivals {
            target: chance.text(),
            ramp_up: chance.text(),
            steps: chance.text(),
            hold: chance.text(),
            users: users(chance),
            minutes: chance.flag(),
        },
        _ => Load::FreeFormArrivals {
            rows: chance.few(|chance| ArrivalRow {
                start: chance.text(),
                end: chance.text(),
                duration: chance.text(),
            }),
            users: users(chance),
            minutes: chance.flag(),
        },
    }
}

/// A plan of our own, as the reader makes it.
pub(crate) fn of_ours(bytes: &[u8]) -> Plan {
    let chance = &mut Chance::new(bytes);
    let mut request = HttpRequest {
        keep_alive: Some(true),
        follow_redirects: Some(true),
        protocol: Some(chance.pick(&["http", "https"]).into()),
        domain: Some(chance.pick(&["h", "::1", "${host}"]).into()),
        port: Some(chance.pick(&["", "80", "${port}"]).into()),
        ..HttpRequest::default()
    };
    request.connect_timeout_ms = Some(chance.pick(&["5000", "60000", "1"]).into());
    request
        .response_timeout_ms
        .clone_from(&request.connect_timeout_ms);
    let mut children = vec![element(
        "target",
        ElementKind::Config(Config::HttpDefaults(Box::new(request))),
    )];
    children.extend(short_scope(chance));
    let mut groups: Vec<ThreadGroup> = Vec::new();
    for (index, name) in ["Readers", "Writers", "x: y"].into_iter().enumerate() {
        if index > chance.below(3) {
            break;
        }
        let after = (index > 0 && chance.below(4) == 3).then(|| groups[index - 1].name.clone());
        let mut children = short_scope(chance);
        if chance.flag() {
            children.push(element("think", ElementKind::Timer(think(chance))));
        }
        children.extend(own_steps(chance, 2));
        groups.push(ThreadGroup {
            name: name.to_owned(),
            stage: Stage::Main,
            load: own_load(chance),
            on_sample_error: chance.pick(&[OnSampleError::Continue, OnSampleError::StopThread]),
            same_user_on_next_iteration: true,
            after,
            children,
            location: Location::default(),
        });
    }
    Plan {
        name: chance.word().0,
        source: PlanSource::Yaml,
        variables: ["host", "port", "é"]
            .iter()
            .enumerate()
            .map(|(set, name)| Variable {
                name: (*name).to_owned(),
                value: chance.text(),
                set,
                location: Location::default(),
            })
            .collect(),
        children,
        groups,
        serialize_groups: false,
        tear_down_on_shutdown: true,
        limits: chance.few(|chance| parse_limit(chance.pick(LIMITS)).unwrap()),
        servers: vec![ServerSource {
            name: "backend".to_owned(),
            source: "local".to_owned(),
            location: Location::default(),
        }],
    }
}

fn element(name: &str, kind: ElementKind) -> Element {
    Element {
        name: name.into(),
        kind,
        children: Vec::new(),
        location: Location::default(),
    }
}

fn short_scope(chance: &mut Chance<'_>) -> Vec<Element> {
    let mut elements = Vec::new();
    if chance.flag() {
        let cookies = Config::Cookies(loadline_plan::CookieManager::default());
        elements.push(element("cookies", ElementKind::Config(cookies)));
    }
    if chance.flag() {
        let headers = vec![
            ("Accept".into(), chance.text()),
            ("X: y".into(), chance.text()),
        ];
        let headers = Config::Headers(headers);
        elements.push(element("headers", ElementKind::Config(headers)));
    }
    elements
}

fn think(chance: &mut Chance<'_>) -> Timer {
    match chance.below(3) {
        0 => Timer::Constant {
            delay_ms: chance.pick(&["0", "10", "1000", "60000"]).into(),
        },
        1 => Timer::Constant {
            delay_ms: "${pause}".into(),
        },
        _ => Timer::Uniform {
            offset_ms: chance.pick(&["0", "500"]).into(),
            range_ms: chance.pick(&["1", "1000"]).into(),
        },
    }
}

fn own_steps(chance: &mut Chance<'_>, depth: usize) -> Vec<Element> {
    let mut elements = chance.few(|chance| own_step(chance, depth));
    elements.push(own_request(chance));
    elements
}

fn own_step(chance: &mut Chance<'_>, depth: usize) -> Element {
    let (name, controller) = match chance.below(6) {
        0 if depth > 0 => (
            "repeat",
            Controller::Loop {
                count: LoopCount::Times(chance.pick(&["3", "0", "${n}"]).into()),
                restarts: true,
            },
        ),
        1 if depth > 0 => (
            "transaction's",
            Controller::Transaction {
                parent_sample: false,
                include_timers: false,
            },
        ),
        2 if depth > 0 => (
            "if",
            Controller::If {
                condition: match chance.flag() {
                    true => IfCondition::Expression("${flag}".into()),
                    false => IfCondition::JavaScript("${n} < 3 && \"${a}\" != 'b'".into()),
                },
                evaluate_all: false,
            },
        ),
        3 if depth > 0 => ("once", Controller::OnceOnly),
        4 => {
            let pause = Sampler::Pause(think(chance));
            return element("think", ElementKind::Sampler(pause));
        }
        _ => return own_request(chance),
    };
    let mut element = element(name, ElementKind::Controller(controller));
    element.children = own_steps(chance, depth - 1);
    element
}

fn own_request(chance: &mut Chance<'_>) -> Element {
    let mut request = HttpRequest {
        method: Some(chance.pick(&["GET", "POST", "PUT", "DELETE"]).into()),
        path: Some(
            chance
                .pick(&["/", "/users/${id}/?a=b", "http://h/x"])
                .into(),
        ),
        ..HttpRequest::default()
    };
    match chance.below(4) {
        0 => {
            request.raw_body = Some(true);
            request.arguments = vec![HttpArgument {
                value: chance.text(),
                use_equals: true,
                ..HttpArgument::default()
            }];
        }
        1 => {
            request.method = Some("POST".into());
            request.arguments = ["a", "b c"]
                .map(|name| HttpArgument {
                    name: name.into(),
                    value: chance.text(),
                    always_encode: true,
                    use_equals: true,
                    ..HttpArgument::default()
                })
                .into();
        }
        2 => request.follow_redirects = Some(false),
        _ => {}
    }
    let name = chance.word();
    let kind = ElementKind::Sampler(Sampler::Http(Box::new(request)));
    let mut element = Element {
        name,
        ..element("", kind)
    };
    if chance.flag() {
        let extractor = JsonExtractor {
            scope: Scope::Main,
            variables: "id".into(),
            paths: "$.id".into(),
            defaults: chance.pick(&["", "none"]).into(),
            match_numbers: "1".into(),
            concatenate: false,
        };
        let kind = ElementKind::PostProcessor(PostProcessor::Json(extractor));
        element.children.push(self::element("id", kind));
    }
    element
}

/// A load of our own; most of its times are whole seconds.
pub(crate) fn own_load(chance: &mut Chance<'_>) -> Load {
    let time = |chance: &mut Chance<'_>| {
        Duration::from_millis(chance.pick(&[0, 1000, 2000, 5000, 60_000, 7000]))
    };
    let some = |chance: &mut Chance<'_>| {
        Duration::from_millis(chance.pick(&[1000, 2000, 5000, 60_000, 90_000]))
    };
    let count = |chance: &mut Chance<'_>| 1 + chance.below(50) as u32;
    let rate = |chance: &mut Chance<'_>| {
        Rate::per_second(chance.pick(&[0.0, 0.5, 1.0, 12.25, 100.0])).unwrap()
    };
    let start = time(chance);
    match chance.below(5) {
        0 => {
            let mut stages = chance.few(|chance| LoadStage {
                target: count(chance),
                duration: time(chance),
            });
            stages.push(LoadStage {
                target: count(chance),
                duration: some(chance),
            });
            Load::Native(NativeLoad::UserStages {
                from: chance.below(3) as u32,
                stages,
                start,
                pacing: None,
            })
        }
        1 => {
            let (first, by) = (count(chance), count(chance));
            let levels = 1 + chance.below(4) as u32;
            Load::Native(NativeLoad::UserSteps {
                levels: (0..levels).map(|step| first + step * by).collect(),
                ramp: time(chance),
                hold: some(chance),
                start,
                pacing: None,
            })
        }
        2 => Load::Native(NativeLoad::UserIterations {
            users: count(chance),
            iterations: u64::from(count(chance)),
            each: chance.below(4) > 0,
            ramp: time(chance),
            start,
            pacing: None,
        }),
        3 => {
            let mut stages = chance.few(|chance| LoadStage {
                target: rate(chance),
                duration: time(chance),
            });
            stages.push(LoadStage {
                target: rate(chance),
                duration: some(chance),
            });
            Load::Native(NativeLoad::RateStages {
                from: rate(chance),
                stages,
                poisson: chance.flag(),
                max_users: count(chance),
                start,
            })
        }
        _ => {
            let levels = 1 + chance.below(4) as u32;
            let level = |step: u32| Rate::per_second(5.0 + 2.5 * f64::from(step)).unwrap();
            Load::Native(NativeLoad::RateSteps {
                levels: (0..levels).map(level).collect(),
                ramp: time(chance),
                hold: some(chance),
                poisson: chance.flag(),
                max_users: count(chance),
                start,
            })
        }
    }
}
